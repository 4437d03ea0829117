from minidock import Engine


def mounts(docker, name):
    shown = docker.containers.get(name).attrs["Mounts"]
    return {mount["Destination"]: mount for mount in shown}


def test_a_bind_a_named_and_an_anonymous_volume_are_told_apart():
    docker = Engine()
    docker("run -d --name web -v /src:/bind:ro -v data:/named -v /anon nginx")
    shown = mounts(docker, "web")
    assert (shown["/bind"]["Type"], shown["/bind"]["RW"]) == ("bind", False)
    assert shown["/named"]["Name"] == "data"
    assert shown["/named"]["Source"] == "/var/lib/docker/volumes/data/_data"
    assert len(shown["/anon"]["Name"]) == 64


def test_a_named_volume_outlives_its_container_and_an_anonymous_one_may_not():
    docker = Engine()
    docker("run -d --name web -v data:/named -v /anon nginx")
    assert len(docker.volumes.list()) == 2
    docker("rm -f -v web")
    assert [volume.name for volume in docker.volumes.list()] == ["data"]


def test_two_containers_share_a_named_volume():
    docker = Engine()
    docker("run -d --name one -v data:/a nginx")
    docker("run -d --name two -v data:/b nginx")
    assert [volume.name for volume in docker.volumes.list()] == ["data"]
    refused = docker("volume rm data")
    assert "volume is in use" in refused.stderr


def test_mount_spells_the_same_out():
    docker = Engine()
    docker("run -d --name web --mount type=volume,src=data,dst=/x,readonly nginx")
    shown = mounts(docker, "web")["/x"]
    assert (shown["Type"], shown["Name"], shown["RW"]) == ("volume", "data", False)
