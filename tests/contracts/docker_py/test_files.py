"""Files of containers: copied in and out, compared with the image, exported."""

import io
import tarfile

import pytest
from docker.errors import APIError, NotFound

from tests.contracts.docker_py.conftest import status_of, tar_of


def read(stream, name):
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        return tar.extractfile(name).read()


def test_a_file_is_copied_in_and_read_by_a_program(client):
    made = client.containers.create("alpine", "cat /srv/note", working_dir="/srv")
    assert made.put_archive("/srv", tar_of(note=b"from outside\n")) is True
    made.start()
    made.wait()
    assert made.logs() == b"from outside\n"


def test_folders_are_copied_in(client):
    made = client.containers.create("alpine", "ls -p /data", volumes=["/data"])
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name in ("one", "two"):
            member = tarfile.TarInfo(name)
            member.type = tarfile.DIRTYPE
            tar.addfile(member)
        tar.addfile(tarfile.TarInfo("a.py"))
    made.put_archive("/data", data.getvalue())
    made.start()
    made.wait()
    assert made.logs().split() == [b"a.py", b"one/", b"two/"]


def test_a_file_is_copied_out_with_what_is_known_of_it(client):
    made = client.containers.run("alpine", "sh -c 'echo text > /note'", detach=True)
    made.wait()
    stream, stat = made.get_archive("/note")
    assert read(stream, "note") == b"text\n"
    assert (stat["name"], stat["size"]) == ("note", 5)
    assert stat["mode"] & 0o777 == 0o644


def test_what_is_not_there_is_not_copied(client):
    made = client.containers.create("alpine", "true")
    with pytest.raises(NotFound):
        made.get_archive("/nothing")
    with pytest.raises(NotFound):
        made.put_archive("/no/such/folder", tar_of(note=b"x"))
    with pytest.raises(APIError) as failure:
        made.put_archive("/etc/hostname", tar_of(note=b"x"))
    assert status_of(failure) == 400


def test_changes_are_told_from_the_image(client):
    script = "touch /new; echo x >> /etc/passwd"
    made = client.containers.run("alpine", ["sh", "-c", script], detach=True)
    made.wait()
    kinds = {item["Path"]: item["Kind"] for item in made.diff()}
    assert kinds["/new"] == 1
    assert kinds["/etc"] == 0
    untouched = client.containers.create("alpine", "true")
    assert not untouched.diff()


def test_an_export_holds_what_was_written(client):
    made = client.containers.run("alpine", "sh -c 'echo text > /note'", detach=True)
    made.wait()
    assert read(made.export(), "note") == b"text\n"


def test_a_name_that_leaves_the_folder_is_refused(client):
    made = client.containers.create("alpine", "true", working_dir="/srv")
    with pytest.raises(APIError) as failure:
        made.put_archive("/srv", tar_of(**{"../../escape": b"x"}))
    assert status_of(failure) == 400
    assert not made.diff()
