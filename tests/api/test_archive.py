"""Files into and out of containers: what was put is got back, and diff lists it."""

import base64
import io
import json
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.api.http import Request
from minidock.engine import Engine
from minidock.model.archive import Entry, content, members, write


@pytest.fixture
def docker():
    docker = Engine()
    docker("run -d --name web alpine sleep 1000")
    return docker


def put(docker, tar, path="/srv", name="web", **query):
    return docker.send(
        Request(
            method="PUT",
            path=f"/containers/{name}/archive",
            query={"path": path, **query},
            data=tar,
        )
    )


def got(docker, path, name="web"):
    answer = docker.send(
        Request(method="GET", path=f"/containers/{name}/archive", query={"path": path})
    )
    assert answer.status == 200, answer.message
    return {item.path: content(answer.data, item) for item in members(answer.data)}


def changes(docker, name="web"):
    answer = docker.api("GET", f"/containers/{name}/changes")
    return [(item["Kind"], item["Path"]) for item in answer.body or []]


NAMES = st.sampled_from(["a", "b", "x y", "é", "c.txt"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@given(
    files=st.dictionaries(PATHS, st.binary(max_size=30), min_size=1, max_size=6).filter(
        lambda files: (
            not any(
                f"{one}/" in f"{other}/" and one != other
                for one in files
                for other in files
            )
        )
    )
)
@settings(max_examples=60, deadline=None)
def test_files_that_were_put_are_got_back_and_are_all_that_diff_lists(files):
    docker = Engine()
    docker("create --name web alpine")
    tar = write(Entry(path=path, data=data) for path, data in files.items())
    assert put(docker, tar).status == 200
    back = got(docker, "/srv/.")
    assert {path[1:]: back[path] for path in back if path[1:] in files} == files
    added = {f"/srv/{path}" for path in files}
    folders = {path.rsplit("/", n)[0] for path in added for n in (1, 2)} - {"", "/srv"}
    folders = {folder for folder in folders if folder.startswith("/srv/")}
    assert changes(docker) == sorted(
        [(0, "/srv"), *((1, path) for path in added | folders)],
        key=lambda item: item[1],
    )


def test_a_file_is_got_by_its_name_and_described_first(docker):
    docker("exec web sh -c 'printf hello > /srv/f'")
    for method in ("GET", "HEAD"):
        answer = docker.api(method, "/containers/web/archive?path=/srv/f")
        stat = json.loads(
            base64.b64decode(answer.headers["X-Docker-Container-Path-Stat"])
        )
        assert (stat["name"], stat["size"], stat["linkTarget"]) == ("f", 5, "")
        assert stat["mode"] == 0o644
    assert got(docker, "/srv/f") == {"/f": b"hello"}


def test_a_folder_comes_with_its_name_or_without_it(docker):
    docker("exec web sh -c 'mkdir /srv/d; echo 1 > /srv/d/f'")
    assert got(docker, "/srv/d") == {"/d": b"", "/d/f": b"1\n"}
    assert got(docker, "/srv/d/.") == {"/": b"", "/f": b"1\n"}


def test_what_is_copied_in_is_what_programs_read(docker):
    put(docker, write([Entry(path="conf/app.ini", data=b"a=1\n")]))
    assert docker("exec web cat /srv/conf/app.ini").stdout == "a=1\n"
    assert docker("exec web ls /srv/conf").stdout == "app.ini\n"


def test_a_file_is_there_before_the_container_starts(docker):
    docker("create --name box -v /vol1 alpine cat /vol1/f")
    put(docker, write([Entry(path="f", data=b"hi\n")]), "/vol1", "box")
    docker("start box")
    assert docker("logs box").stdout == "hi\n"


def test_what_is_not_there_is_not_found(docker):
    for method, path in (("GET", "/nosuch"), ("PUT", "/nosuch"), ("HEAD", "/nosuch")):
        answer = docker.api(method, f"/containers/web/archive?path={path}")
        assert answer.status == 404
        if method != "HEAD":
            text = f"Could not find the file {path} in container web"
            assert answer.message == text
    assert docker.api("GET", "/containers/nosuch/archive?path=/").status == 404
    assert docker.api("GET", "/containers/web/archive").status == 400


def test_a_tar_is_unpacked_in_a_folder_only(docker):
    answer = put(docker, write([]), "/etc/passwd")
    assert (answer.status, answer.message) == (
        400,
        "extraction point is not a directory",
    )


def test_a_folder_takes_no_files_place_unless_it_may(docker):
    put(docker, write([Entry(path="x", data=b"1")]))
    folder = write([Entry(path="x"), Entry(path="x/y", data=b"2")])
    answer = put(docker, folder, noOverwriteDirNonDir="1")
    assert answer.status == 400
    assert 'cannot overwrite non-directory "/srv/x"' in answer.message
    assert put(docker, folder).status == 200
    assert got(docker, "/srv/x") == {"/x": b"", "/x/y": b"2"}
    back = write([Entry(path="x", data=b"3")])
    assert put(docker, back, noOverwriteDirNonDir="1").status == 400
    assert put(docker, back).status == 200
    assert got(docker, "/srv/x") == {"/x": b"3"}


def raw_tar(*infos):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, kind, target in infos:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            tar.addfile(info, io.BytesIO())
    return buffer.getvalue()


def test_names_devices_and_broken_tars_are_refused_and_change_nothing(docker):
    before = docker.world
    for data in (
        raw_tar(("../../etc/passwd", tarfile.REGTYPE, "")),
        raw_tar(("null", tarfile.CHRTYPE, "")),
        write([Entry(path="x", data=b"1" * 1000)])[:900],
        b"\x1f\x8b nonsense",
        b"garbage" * 100,
    ):
        assert put(docker, data).status == 400
    assert docker.world.containers == before.containers


def test_a_link_becomes_a_copy_of_what_it_leads_to(docker):
    tar = write([Entry(path="f", data=b"1"), Entry(path="l", target="f")])
    put(docker, tar)
    assert got(docker, "/srv/l") == {"/l": b"1"}
    put(docker, raw_tar(("m", tarfile.SYMTYPE, "/etc/hostname"),
                        ("nowhere", tarfile.SYMTYPE, "../../../x")))  # fmt: skip
    assert docker("exec web cat /srv/m").stdout == docker("exec web hostname").stdout
    assert not docker("exec web cat /srv/nowhere").ok


def test_what_is_read_only_stays_as_it_is(docker):
    docker("run -d --name ro -v data:/d:ro alpine sleep 1000")
    answer = put(docker, write([]), "/d", "ro")
    assert (answer.status, answer.message) == (
        403,
        "mounted volume is marked read-only",
    )
    docker("run -d --name rootfs --read-only alpine sleep 1000")
    assert put(docker, write([]), "/srv", "rootfs").status == 403


def test_a_file_in_a_volume_is_copied_to_the_volume(docker):
    docker("run -d --name box -v data:/d alpine sleep 1000")
    put(docker, write([Entry(path="f", data=b"1")]), "/d", "box")
    assert docker.world.volumes["data"].files == (("/f", "1"),)
    assert changes(docker, "box") == []


def test_diff_tells_changed_added_and_deleted_apart(docker):
    assert docker.api("GET", "/containers/web/changes").text == "null\n"
    docker("exec web sh -c 'echo x >> /etc/passwd; rm /etc/group; mkdir -p /srv/a/b'")
    docker("exec web sh -c 'echo 1 > /tmp/gone; rm /tmp/gone'")
    assert changes(docker) == [
        (0, "/etc"),
        (2, "/etc/group"),
        (0, "/etc/passwd"),
        (0, "/srv"),
        (1, "/srv/a"),
        (1, "/srv/a/b"),
    ]


def test_an_export_can_be_imported_again(docker):
    docker("exec web sh -c 'echo 1 > /srv/f'")
    tar = docker.api("GET", "/containers/web/export").data
    names = {item.path for item in members(tar)}
    assert {"/srv/f", "/etc/passwd", "/etc/hosts"} <= names
    answer = docker.api("POST", "/images/create?fromSrc=-&repo=copy&tag=1", tar)
    assert answer.status == 200
    assert docker("run --rm copy:1 cat /srv/f").stdout == "1\n"
    shown = docker.api("GET", "/images/copy:1/json").body
    assert shown["Size"] == sum(item.size for item in members(tar))


def test_what_the_engine_keeps_is_not_overwritten(docker):
    answer = put(docker, write([Entry(path="hosts", data=b"x")]), "/etc")
    assert answer.status == 400
    assert "kept by the engine" in answer.message
