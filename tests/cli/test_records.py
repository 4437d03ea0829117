"""What was made is noted, and told apart from what only has its name or number."""

import os
import subprocess
import threading
from pathlib import Path

import pytest

from minidock.cli import records
from minidock.cli.records import Record, RecordedProcess, end, recorded, still_there


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(records, "_RECORDS", tmp_path / "records")
    monkeypatch.setattr(records, "NETNS", tmp_path / "netns")
    (tmp_path / "netns").mkdir()
    return tmp_path


def test_what_was_written_is_read() -> None:
    me = RecordedProcess.of(os.getpid())
    record = Record(prefix="x", spaces={"x": 7, "x-web": 8}, server=me)
    assert record.write() == record
    assert recorded("x") == record
    assert recorded("y") is None


def test_a_file_that_is_no_record_is_none(folder: Path) -> None:
    Record(prefix="x").write().path.write_text("{not json")
    assert recorded("x") is None


def test_a_record_is_written_even_if_its_folder_goes_at_any_moment(
    folder: Path,
) -> None:
    """The last of another run's records takes the folder with it."""
    over = threading.Event()

    def removing() -> None:
        while not over.wait(0.0002):
            try:
                (folder / "records").rmdir()
            except OSError:
                continue

    thread = threading.Thread(target=removing)
    thread.start()
    try:
        for number in range(300):
            record = Record(prefix="x", spaces={"x": number}).write()
            assert recorded("x") == record
            record.path.unlink()
    finally:
        over.set()
        thread.join()


def test_where_no_folder_can_be_nothing_is_noted(folder: Path) -> None:
    (folder / "records").write_text("somebody's file")
    with pytest.raises(NotADirectoryError):
        Record(prefix="x").write()


def test_a_process_is_known_by_when_it_started() -> None:
    me = RecordedProcess.of(os.getpid())
    assert me.runs
    assert not RecordedProcess(pid=me.pid, started=me.started - 1).runs
    assert not RecordedProcess(pid=0, started=0).runs


def test_a_process_that_ends_is_gone_and_buried() -> None:
    process = subprocess.Popen(["sleep", "60"])
    known = RecordedProcess.of(process.pid)
    assert known.runs
    end(known)
    assert not known.runs
    assert process.wait() != 60


def test_a_process_that_does_not_listen_is_made_to_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records, "_PATIENCE", 0.2)
    deaf = "trap '' TERM; echo ready; while :; do sleep 1; done"
    process = subprocess.Popen(["sh", "-c", deaf], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    known = RecordedProcess.of(process.pid)
    end(known)
    assert not known.runs
    process.communicate()


def test_a_name_counts_while_it_leads_to_what_was_noted(folder: Path) -> None:
    for name in ("x", "x-web", "x-db"):
        (folder / "netns" / name).write_text("")
    spaces = records.numbers_of(["x", "x-web", "x-db", "x-none"])
    assert set(spaces) == {"x", "x-web", "x-db"}
    record = Record(prefix="x", spaces=spaces)
    (folder / "netns" / "x-db").unlink()
    (folder / "netns" / "new").write_text("")  # takes the number, perhaps
    (folder / "netns" / "x-web").rename(folder / "netns" / "moved")
    (folder / "netns" / "moved-too").write_text("")
    (folder / "netns" / "moved-too").rename(folder / "netns" / "x-web")
    assert set(still_there(record)) == {"x"}
