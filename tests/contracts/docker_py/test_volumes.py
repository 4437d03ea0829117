"""Volumes: made, listed, shared, kept while in use, and thrown away."""

import pytest
from docker.errors import APIError, NotFound

from tests.contracts.docker_py.conftest import status_of


def test_a_volume_is_made_with_what_was_asked(api):
    made = api.create_volume("store", driver="local", labels={"tier": "back"})
    assert (made["Name"], made["Driver"], made["Scope"]) == ("store", "local", "local")
    assert made["Labels"] == {"tier": "back"}
    assert made["Mountpoint"].endswith("/store/_data")
    assert api.inspect_volume("store")["Name"] == "store"


def test_a_volume_without_a_name_gets_one(client):
    made = client.volumes.create()
    assert len(made.name) == 64
    assert client.volumes.list() == [made]


def test_making_a_volume_twice_gives_the_first(client):
    first = client.volumes.create("store", labels={"a": "1"})
    assert client.volumes.create("store").attrs["Labels"] == {"a": "1"}
    assert client.volumes.list() == [first]


@pytest.mark.parametrize(
    ("name", "more"), [("no/name", {}), ("store", {"driver": "nosuch"})]
)
def test_a_volume_that_cannot_be_is_refused(api, name, more):
    with pytest.raises(APIError) as failure:
        api.create_volume(name, **more)
    assert status_of(failure) in {400, 404}
    assert not api.volumes()["Volumes"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"name": "app"}, {"app"}),
        ({"label": "tier"}, {"app", "db"}),
        ({"label": "tier=back"}, {"db"}),
        ({"driver": "local"}, {"app", "db", "used"}),
        ({"dangling": True}, {"app", "db"}),
        ({"dangling": False}, {"used"}),
    ],
)
def test_a_list_of_volumes_is_filtered(client, filters, found):
    client.volumes.create("app", labels={"tier": "front"})
    client.volumes.create("db", labels={"tier": "back"})
    client.containers.create("alpine", "true", volumes=["used:/data"])
    listed = client.volumes.list(filters=filters)
    assert {volume.name for volume in listed} == found


def test_a_volume_in_use_is_kept(client):
    made = client.containers.create("alpine", "true", volumes=["store:/data"])
    volume = client.volumes.get("store")
    with pytest.raises(APIError, match="volume is in use") as failure:
        volume.remove()
    assert status_of(failure) == 409
    made.remove()
    volume.remove()
    with pytest.raises(NotFound, match="store"):
        client.volumes.get("store")
    with pytest.raises(NotFound, match="store"):
        volume.remove()


def test_containers_share_what_they_write(client):
    write = ["sh", "-c", "echo shared > /data/note"]
    client.containers.run("alpine", write, volumes=["store:/data"], remove=True)
    read = client.containers.run(
        "alpine", "cat /in/note", volumes={"store": {"bind": "/in", "mode": "ro"}}
    )
    assert read == b"shared\n"


def test_volumes_are_taken_over_from_another_container(client):
    client.containers.create("alpine", "true", name="owner", volumes=["/data"])
    made = client.containers.create("alpine", "true", volumes_from=["owner"])
    assert made.attrs["HostConfig"]["VolumesFrom"] == ["owner"]
    assert [mount["Destination"] for mount in made.attrs["Mounts"]] == ["/data"]


def test_pruning_takes_what_nobody_named_unless_all_are_meant(client, way):
    client.volumes.create("named")
    unnamed = client.volumes.create()
    gone = client.volumes.prune()["VolumesDeleted"]
    if way.version < (1, 42):  # older versions took all
        assert set(gone) == {"named", unnamed.name}
        return
    assert gone == [unnamed.name]
    assert client.volumes.prune(filters={"all": True})["VolumesDeleted"] == ["named"]
