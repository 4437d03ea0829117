"""docker save, load, import, export, commit, cp, diff, push, and what cleans up."""

import pytest

from minidock.engine import Engine
from minidock.model.archive import Entry, bytes_of, content, members, text_of, write


class Desk:
    """An engine, and somebody's files beside it."""

    def __init__(self, era="28"):
        self.engine, self.files = Engine(era), {}

    def __call__(self, line, stdin=None):
        return self.engine.command_line(
            line,
            stdin=stdin,
            read_file=lambda name: text_of(self._read(name)),
            write_file=self.files.__setitem__,
        )

    def _read(self, name):
        if name not in self.files:
            raise FileNotFoundError(2, "No such file or directory", name)
        return self.files[name]


@pytest.fixture(params=["28", "20.10"])
def desk(request):
    desk = Desk(request.param)
    desk("run --name box alpine sh -c 'mkdir /srv/d; echo hi > /srv/d/f'")
    return desk


def test_what_was_saved_is_loaded_through_a_file_or_a_pipe(desk):
    desk("save -o all.tar alpine")
    piped = desk("save alpine")
    assert bytes_of(piped.stdout) == desk.files["all.tar"]
    other = Desk()
    other.files = desk.files
    assert other("load -i all.tar").stdout == "Loaded image: alpine:latest\n"
    third = Desk()("load", stdin=desk.files["all.tar"])
    assert third.stdout == "Loaded image: alpine:latest\n"


def test_a_commit_is_imported_and_exported_again(desk):
    made = desk("commit -m why -a me -c 'CMD cat /srv/d/f' box kept:1")
    assert made.stdout.startswith("sha256:")
    assert desk("run --rm kept:1").stdout == "hi\n"
    desk("export -o box.tar box")
    assert desk("import -c 'CMD cat /srv/d/f' box.tar copy:1").ok
    assert desk("run --rm copy:1").stdout == "hi\n"


def test_a_file_goes_in_and_comes_back(desk):
    desk.files["f.bin"] = b"\xff\x00\n"
    assert desk("cp f.bin box:/srv").ok
    assert desk("cp f.bin box:/srv/g").ok
    assert desk("cp box:/srv/g back.bin").ok
    assert desk.files["back.bin"] == b"\xff\x00\n"
    assert desk("cp box:/srv/f.bin .").ok
    assert desk.files["./f.bin"] == b"\xff\x00\n"
    assert desk("diff box").stdout.splitlines() == [
        "C /srv",
        "A /srv/d",
        "A /srv/d/f",
        "A /srv/f.bin",
        "A /srv/g",
    ]


def test_a_folder_goes_as_a_tar(desk):
    tar = bytes_of(desk("cp box:/srv/d -").stdout)
    assert [content(tar, item) for item in members(tar)] == [b"", b"hi\n"]
    refused = desk("cp box:/srv/d here")
    assert "only as a tar" in refused.stderr
    assert desk("cp - box:/tmp", stdin=write([Entry(path="x", data=b"1")])).ok
    assert desk("diff box").stdout.splitlines()[-1] == "A /tmp/x"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("import nosuch.tar x", "open nosuch.tar: no such file or directory"),
        ("load", "requested load from stdin, but stdin is empty"),
        ("save nosuch:1", "reference does not exist"),
        ("commit nosuch", "No such container: nosuch"),
        ("cp box:/nosuch x", "Could not find the file /nosuch in container box"),
        ("cp a b", "must specify at least one container source"),
        ("push nosuch:1", "An image does not exist locally with the tag: nosuch"),
    ],
)
def test_what_is_refused_says_why(desk, line, text):
    output = desk(line)
    assert output.code == 1
    assert text in output.stderr


def test_a_terminal_takes_no_archive(desk):
    output = desk.engine.command_line("save alpine", piped=False)
    assert output.stderr.startswith("cowardly refusing to save to a terminal")


def test_system_df_and_prune_count_what_is_there(desk):
    desk("volume create data")
    lines = desk("system df").stdout.splitlines()
    assert lines[0].split() == ["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"]
    assert lines[1].split()[:5] == ["Images", "1", "1", "7.34MB", "0B"]
    assert lines[2].split() == ["Containers", "1", "0", "3B", "3B", "(100%)"]
    assert lines[3].split() == ["Local", "Volumes", "1", "0", "0B", "0B"]
    output = desk("system prune --force --all")
    assert "Deleted Containers:\n" in output.stdout
    assert "untagged: alpine:latest\n" in output.stdout
    assert not desk.engine.world.containers
    assert not desk.engine.world.images
    assert list(desk.engine.world.volumes) == ["data"]


def test_volume_prune_leaves_named_ones_unless_all_are_meant():
    desk = Desk()
    desk("volume create data")
    assert desk("volume prune -f").stdout == "Total reclaimed space: 0B\n"
    assert desk("volume prune -f --all").stdout.splitlines()[:2] == [
        "Deleted Volumes:",
        "data",
    ]
