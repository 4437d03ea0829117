"""A bundle on disk: twice is once, and a cut anywhere is made good."""

import contextlib
import os

import pytest

from k8s_bridge.bundle import writer
from k8s_bridge.bundle.files import script, secret, text
from k8s_bridge.bundle.writer import keep, write
from minidock.errors import Conflict, InvalidParameter

FILES = {
    "README.md": text("hello"),
    "shop/docker.sh": script("#!/bin/sh"),
    "shop/secrets/db.env": secret("A='x'"),
}
OTHERS = {"README.md": text("hello again"), "blog/docker.sh": script("#!/bin/sh\n:")}


def _tree(folder):
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        data = path.read_bytes() if path.is_file() else None
        found[name] = (oct(path.stat().st_mode & 0o777), data)
    return found


def test_files_have_their_content_and_mode(tmp_path):
    write(tmp_path / "b", FILES)
    found = _tree(tmp_path / "b")
    assert found["README.md"] == ("0o644", b"hello")
    assert found["shop/docker.sh"] == ("0o755", b"#!/bin/sh")
    assert found["shop/secrets"] == ("0o700", None)
    assert found["shop/secrets/db.env"] == ("0o600", b"A='x'")


def test_a_narrow_or_wide_umask_changes_nothing(tmp_path):
    trees = []
    for mask in (0, 0o077):
        old = os.umask(mask)
        try:
            write(tmp_path / str(mask), FILES)
        finally:
            os.umask(old)
        files = _tree(tmp_path / str(mask)).items()
        trees.append({n: found for n, found in files if found[1] is not None})
    assert trees[0] == trees[1]


def test_twice_is_once(tmp_path):
    write(tmp_path, FILES)
    before = _tree(tmp_path), (tmp_path / "README.md").stat().st_mtime_ns
    write(tmp_path, FILES)
    assert (_tree(tmp_path), (tmp_path / "README.md").stat().st_mtime_ns) == before


def test_what_is_no_more_part_of_it_goes(tmp_path):
    write(tmp_path / "a", FILES)
    write(tmp_path / "a", OTHERS)
    write(tmp_path / "b", OTHERS)
    assert _tree(tmp_path / "a") == _tree(tmp_path / "b")


def test_what_others_made_or_changed_stays(tmp_path):
    write(tmp_path, FILES)
    (tmp_path / "shop" / "mine").write_text("mine")
    (tmp_path / "shop" / "docker.sh").write_text("changed")
    write(tmp_path, OTHERS)
    assert (tmp_path / "shop" / "mine").read_text() == "mine"
    assert (tmp_path / "shop" / "docker.sh").read_text() == "changed"
    assert not (tmp_path / "shop" / "secrets").exists()


@pytest.mark.parametrize("name", ["README.md", "shop/docker.sh"])
def test_what_others_made_or_changed_is_not_written_over(tmp_path, name):
    write(tmp_path, FILES)
    (tmp_path / name).write_text("changed")
    before = _tree(tmp_path)
    with pytest.raises(Conflict, match=name):
        write(tmp_path, FILES)
    assert _tree(tmp_path) == before


def test_a_folder_of_somebody_is_no_obstacle_but_its_files_are(tmp_path):
    (tmp_path / "notes").write_text("mine")
    write(tmp_path, FILES)
    assert (tmp_path / "notes").read_text() == "mine"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "README.md").write_text("mine")
    with pytest.raises(Conflict):
        write(tmp_path / "other", FILES)
    assert _tree(tmp_path / "other") == {"README.md": ("0o644", b"mine")}


@pytest.mark.parametrize("text_there", ["", "[]", '{"made by": "me"}', "{"])
def test_a_list_that_is_not_ours_is_not_trusted(tmp_path, text_there):
    (tmp_path / "bundle.json").write_text(text_there)
    with pytest.raises(Conflict):
        write(tmp_path, FILES)


def test_links_are_not_followed(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "shop").symlink_to(tmp_path / "etc")
    with pytest.raises(Conflict, match="is no folder"):
        write(tmp_path / "b", FILES)
    (tmp_path / "b" / "shop").unlink()
    (tmp_path / "b" / "README.md").symlink_to(tmp_path / "etc" / "x")
    with pytest.raises(Conflict):
        write(tmp_path / "b", FILES)
    assert list((tmp_path / "etc").iterdir()) == []


class Cut(BaseException):
    """The power is gone."""


def _cut_at(monkeypatch, count):
    """Makes the n-th of all calls that reach the disk the last one."""
    left = [count]

    def cutting(real):
        def call(*arguments, **named):
            left[0] -= 1
            if left[0] < 0:
                raise Cut
            return real(*arguments, **named)

        return call

    for name in ("open", "fsync", "fchmod"):
        monkeypatch.setattr(writer.os, name, cutting(getattr(os, name)))
    for name in ("replace", "mkdir", "unlink", "rmdir"):
        monkeypatch.setattr(writer.Path, name, cutting(getattr(writer.Path, name)))
    return left


@pytest.mark.parametrize("before", [{}, FILES])
def test_wherever_it_is_cut_running_it_again_ends_the_same(
    tmp_path, monkeypatch, before
):
    wanted = OTHERS if before else FILES
    write(tmp_path / "whole", wanted)
    whole = _tree(tmp_path / "whole")
    for at in range(200):
        folder = tmp_path / f"cut{at}"
        if before:
            write(folder, before)
        with monkeypatch.context() as patch:
            left = _cut_at(patch, at)
            with contextlib.suppress(Cut):
                write(folder, wanted)
            done = left[0] >= 0
        write(folder, wanted)
        assert _tree(folder) == whole, at
        if done:
            assert at > 15
            return
    raise AssertionError("it never ends")


def test_an_archive_is_saved_once_and_whole(tmp_path):
    write(tmp_path, FILES)

    def breaking():
        yield b"half"
        raise Cut

    with pytest.raises(Cut):
        keep(tmp_path, "volumes/data.tar", breaking())
    assert not (tmp_path / "volumes" / "data.tar").exists()
    assert keep(tmp_path, "volumes/data.tar", iter([b"a", b"b"]))
    assert not keep(tmp_path, "volumes/data.tar", iter([b"other"]))
    assert (tmp_path / "volumes" / "data.tar").read_bytes() == b"ab"
    assert [p.name for p in (tmp_path / "volumes").iterdir()] == ["data.tar"]
    write(tmp_path, FILES)
    assert (tmp_path / "volumes" / "data.tar").exists()


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidParameter, match="cannot write to"):
        write(tmp_path / "file" / "b", FILES)
