"""What lies at a bind mount's source, read within bounds; the reader on a real disk."""

import os

import pytest

from k8s_bridge.compose.reader import InMemory
from k8s_bridge.sources.disk import Disk
from k8s_bridge.sources.host_files import HostFiles
from minidock.errors import Exhausted, InvalidParameter, NotFound

MIB = 1 << 20


def _at(path: str, files: dict[str, bytes]):
    return HostFiles(InMemory(files)).at(path)


def test_a_file_is_read_as_the_one_that_it_is():
    content = _at("/srv/x.conf", {"/srv/x.conf": b"1"})
    assert [(f.path, f.data) for f in content.files] == [("", b"1")]
    assert (content.directory, content.missing, content.complete) == (
        False,
        False,
        True,
    )


def test_a_folder_is_read_with_all_below_it_sorted():
    content = _at("/srv", {"/srv/z": b"1", "/srv/a/b/c": b"2", "/srv/a.x": b"3"})
    assert [f.path for f in content.files] == ["a.x", "a/b/c", "z"]
    assert content.directory
    assert content.complete


def test_nothing_is_missing_and_not_empty():
    content = _at("/nosuch", {})
    assert content.missing
    assert not content.directory


def test_more_than_a_mebibyte_is_not_read():
    assert _at("/big", {"/big": b"x" * MIB}).complete
    assert not _at("/big", {"/big": b"x" * (MIB + 1)}).complete
    files = {f"/srv/{number}": b"x" * (MIB // 2) for number in range(3)}
    content = _at("/srv", files)
    assert not content.complete
    assert content.size == MIB


def test_more_than_500_files_are_not_read():
    files = {f"/srv/{number:04}": b"" for number in range(501)}
    content = _at("/srv", files)
    assert (len(content.files), content.complete) == (500, False)


def test_a_path_is_read_once():
    class Counting(InMemory):
        reads = 0

        def read(self, path):
            Counting.reads += 1
            return super().read(path)

    files = HostFiles(Counting({"/srv/x": b"1"}))
    assert files.at("/srv") is files.at("/srv")
    assert Counting.reads == 1


def test_one_application_keeps_32_mebibytes_at_most():
    files = HostFiles(InMemory({f"/{n}": b"x" * MIB for n in range(40)}))
    assert sum(files.at(f"/{n}").complete for n in range(40)) == 32


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path):
    folder = tmp_path / "conf"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"hunter2")
    (folder / "inside").write_bytes(b"1")
    (folder / "again").symlink_to("inside")
    (folder / "out").symlink_to("../secret")
    (folder / "up").symlink_to("..")
    (folder / "loop").symlink_to("loop")
    content = HostFiles(Disk()).at(str(folder))
    assert [f.path for f in content.files] == ["again", "inside"]
    assert not content.complete


def test_a_link_to_the_folder_itself_ends(tmp_path):
    (tmp_path / "x").write_bytes(b"1")
    (tmp_path / "me").symlink_to(".")
    content = HostFiles(Disk()).at(str(tmp_path))
    assert "x" in [f.path for f in content.files]
    assert not content.complete


def test_the_mount_itself_may_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").write_bytes(b"1")
    (tmp_path / "link").symlink_to("real")
    content = HostFiles(Disk()).at(str(tmp_path / "link"))
    assert [f.path for f in content.files] == ["x"]
    assert content.complete


def test_a_link_out_of_the_project_is_not_followed(tmp_path):
    home = tmp_path / "shop"
    home.mkdir()
    (tmp_path / "key").write_bytes(b"hunter2")
    (home / "key").symlink_to("../key")
    (home / "all").symlink_to("..")
    (home / "own").write_bytes(b"1")
    (home / "same").symlink_to("own")
    files = HostFiles(Disk(), str(home))
    assert files.file(str(home / "key")) is None
    assert files.at(str(home / "key")).files == ()
    assert files.at(str(home / "all")).files == ()
    assert files.file(str(home / "same")) == b"1"
    # What is named itself is what was meant, as for Docker.
    assert files.file(str(tmp_path / "key")) == b"hunter2"


def test_the_project_may_lie_behind_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x").write_bytes(b"1")
    (tmp_path / "shop").symlink_to("real")
    files = HostFiles(Disk(), str(tmp_path / "shop"))
    assert files.file(str(tmp_path / "shop" / "x")) == b"1"


def test_a_file_keeps_its_permission_bits(tmp_path):
    script = tmp_path / "run.sh"
    script.write_bytes(b"#!/bin/sh\n")
    script.chmod(0o755)
    [file] = HostFiles(Disk()).at(str(script)).files
    assert file.mode == 0o755


def test_what_is_no_plain_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "x").write_bytes(b"1")
    content = HostFiles(Disk()).at(str(tmp_path))
    assert [f.path for f in content.files] == ["x"]
    assert not content.complete
    alone = HostFiles(Disk()).at(str(tmp_path / "pipe"))
    assert (alone.missing, alone.complete, alone.files) == (False, False, ())


def test_the_disk_refuses_in_the_words_of_the_system(tmp_path):
    with pytest.raises(NotFound, match="/nosuch: no such file or directory"):
        Disk().read(str(tmp_path / "nosuch"))
    with pytest.raises(InvalidParameter, match="is a directory"):
        Disk().read(str(tmp_path))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidParameter, match="not a plain file"):
        Disk().read(str(tmp_path / "pipe"))
    with pytest.raises(InvalidParameter):
        Disk().read("a\0b")


def test_the_disk_reads_no_more_than_16_mebibytes(tmp_path):
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(16 * MIB + 1)
    with pytest.raises(Exhausted, match="too large"):
        Disk().read(str(large))


def test_the_disk_lists_names_in_order(tmp_path):
    for name in ("b", "a"):
        (tmp_path / name).write_bytes(b"")
    assert Disk().names(str(tmp_path)) == ("a", "b")
    assert Disk().names(str(tmp_path / "nosuch")) == ()
    assert Disk().is_file(str(tmp_path / "a"))
    assert not Disk().is_file(str(tmp_path))
    assert Disk().is_folder(str(tmp_path))
