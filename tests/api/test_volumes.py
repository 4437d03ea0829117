"""Volumes: names, filters, who uses them, and the files that outlive containers."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.commands.leaving import files_left, files_seen
from minidock.engine import Engine


@pytest.fixture
def docker():
    return Engine()


def names(response):
    return [volume["Name"] for volume in response.body["Volumes"]]


def listed(docker, **filters):
    return names(docker.api("GET", f"/volumes?filters={json.dumps(filters)}"))


def test_a_file_in_a_named_volume_is_seen_by_the_next_container(docker):
    docker("docker run --rm -v data:/d alpine sh -c 'echo hi > /d/f'")
    assert docker("docker run --rm -v data:/other alpine cat /other/f").stdout == "hi\n"


def test_two_running_containers_share_a_volume(docker):
    docker("docker run -d --name one -v data:/d alpine sleep 1000")
    docker("docker run -d --name two -v data:/d alpine sleep 1000")
    docker("docker exec one sh -c 'echo 1 > /d/f'")
    assert docker("docker exec two cat /d/f").stdout == "1\n"
    docker("docker exec two rm /d/f")
    assert not docker("docker exec one cat /d/f").ok


def test_a_file_beside_the_mount_stays_in_its_container(docker):
    docker("docker run -d --name one -v data:/d alpine sleep 1000")
    docker("docker exec one sh -c 'echo 1 > /df; echo 2 > /d/f'")
    [one] = docker.world.containers.values()
    assert one.files == (("/df", "1\n"),)
    assert docker.world.volumes["data"].files == (("/f", "2\n"),)


def test_a_read_only_mount_cannot_be_written(docker):
    output = docker("docker run --rm -v data:/d:ro alpine sh -c 'echo hi > /d/f'")
    assert "Read-only file system" in output.stderr


def test_containers_that_bind_one_folder_of_the_host_share_it(docker):
    docker("docker run --rm -v /srv/x:/d alpine touch /d/shared")
    assert docker("docker run --rm -v /srv/x:/e alpine ls /e").stdout == "shared\n"


def test_volumes_from_mounts_what_the_other_container_mounts(docker):
    docker("docker run --name one -v data:/d alpine sh -c 'echo hi > /d/f'")
    body = {
        "Image": "alpine",
        "Cmd": ["cat", "/d/f"],
        "HostConfig": {"VolumesFrom": ["one"]},
    }
    docker.api("POST", "/containers/create?name=two", body)
    docker.api("POST", "/containers/two/start")
    assert docker("docker logs two").stdout == "hi\n"


@given(
    files=st.dictionaries(
        st.sampled_from(["/d/a", "/d/b/c", "/dd", "/etc/x", "/h/y", "/d/b/"]),
        st.text(max_size=4),
    )
)
@settings(max_examples=60, deadline=None)
def test_files_that_a_program_left_are_the_files_that_are_seen(files):
    docker = Engine()
    docker("docker create --name one -v data:/d -v /srv:/h nginx")
    [one] = docker.world.containers.values()
    world, one = files_left(docker.world, one, tuple(files.items()))
    assert files_seen(world, one) == files


def test_a_name_is_checked(docker):
    short = docker.api("POST", "/volumes/create", {"Name": "x"})
    assert short.status == 400
    assert short.message.startswith("create x: volume name is too short")
    bad = docker.api("POST", "/volumes/create", {"Name": "a/b"})
    assert bad.status == 400
    assert bad.message == (
        'create a/b: "a/b" includes invalid characters for a local volume name, only '
        '"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host '
        "directory, use absolute path"
    )


def test_an_unknown_driver_is_not_found(docker):
    answer = docker.api("POST", "/volumes/create", {"Name": "v1", "Driver": "nfs"})
    assert answer.status == 404
    assert answer.message == (
        'create v1: error looking up volume plugin nfs: plugin "nfs" not found'
    )


def test_an_unknown_option_is_refused(docker):
    body = {"Name": "v1", "DriverOpts": {"colour": "red"}}
    answer = docker.api("POST", "/volumes/create", body)
    assert (answer.status, answer.message) == (
        400,
        'create v1: invalid option: "colour"',
    )


def test_filters_narrow_the_list(docker):
    docker.api("POST", "/volumes/create", {"Name": "blue", "Labels": {"env": "dev"}})
    docker.api("POST", "/volumes/create", {"Name": "green"})
    docker("docker create -v green:/d nginx")
    assert listed(docker, dangling=["true"]) == ["blue"]
    assert listed(docker, dangling=["false"]) == ["green"]
    assert listed(docker, label=["env=dev"]) == ["blue"]
    assert listed(docker, name=["re"]) == ["green"]
    assert listed(docker, driver=["nfs"]) == []
    assert docker.api("GET", '/volumes?filters={"x":["y"]}').status == 400


def test_removing_twice_is_not_found_unless_forced(docker):
    docker.api("POST", "/volumes/create", {"Name": "data"})
    assert docker.api("DELETE", "/volumes/data").status == 204
    again = docker.api("DELETE", "/volumes/data")
    assert (again.status, again.message) == (404, "get data: no such volume")
    assert docker.api("DELETE", "/volumes/data?force=1").status == 204


def test_a_volume_in_use_is_not_removed_even_by_force(docker):
    docker("docker create --name web -v data:/d nginx")
    [web] = docker.world.containers
    answer = docker.api("DELETE", "/volumes/data?force=1")
    assert answer.status == 409
    assert answer.message == f"remove data: volume is in use - [{web}]"


def test_prune_takes_anonymous_volumes_and_all_of_them_on_demand(docker):
    docker.api("POST", "/volumes/create", {"Name": "named"})
    unnamed = docker.api("POST", "/volumes/create", {}).body["Name"]
    assert docker.api("POST", "/volumes/prune").body["VolumesDeleted"] == [unnamed]
    answer = docker.api("POST", '/volumes/prune?filters={"all":["true"]}')
    assert answer.body["VolumesDeleted"] == ["named"]


def test_before_1_42_prune_takes_all(docker):
    docker.api("POST", "/volumes/create", {"Name": "named"})
    answer = docker.api("POST", "/v1.41/volumes/prune")
    assert answer.body["VolumesDeleted"] == ["named"]


def test_prune_says_how_much_was_freed(docker):
    docker("docker run --rm -v data:/d alpine sh -c 'printf 12345 > /d/f'")
    answer = docker.api("POST", '/volumes/prune?filters={"all":["1"]}')
    assert answer.body == {"VolumesDeleted": ["data"], "SpaceReclaimed": 5}


def test_a_volume_tells_of_its_life(docker):
    docker("docker run --rm -v data:/d alpine true")
    docker("docker volume rm data")
    told = [str(e) for e in docker.events if e.type == "volume"]
    assert told == [
        "volume create data",
        "volume mount data",
        "volume unmount data",
        "volume destroy data",
    ]


def test_an_anonymous_volume_that_another_container_mounts_survives_rm_v(docker):
    docker("docker run -d --name one -v /d alpine sleep 1000")
    [volume] = docker.world.volumes
    body = {"Image": "alpine", "Cmd": ["ls"], "HostConfig": {"VolumesFrom": ["one"]}}
    docker.api("POST", "/containers/create?name=two", body)
    docker.api("DELETE", "/containers/one?force=1&v=1")
    assert volume in docker.world.volumes
    docker.api("DELETE", "/containers/two?v=1")
    assert volume not in docker.world.volumes
