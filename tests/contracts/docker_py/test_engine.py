"""The engine as a whole: what it is, what happens in it, and how it refuses."""

import gc
import threading
import time

import docker
import pytest
from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from tests.contracts.docker_py.conftest import eventually, status_of

NEWEST = {"20.10": "1.41", "28": "1.51"}


def test_an_engine_answers_a_ping_and_its_version(client, way):
    assert client.ping() is True
    shown = client.version()
    assert shown["ApiVersion"] == NEWEST[way.era]
    assert shown["Version"].startswith(way.era.split(".")[0])
    assert {part["Name"] for part in shown["Components"]} >= {"Engine", "containerd"}


def test_info_counts_what_is_there(client, sleeper):
    client.containers.create("alpine", "true")
    paused = client.containers.run("alpine", "sleep 9", detach=True)
    paused.pause()
    shown = client.info()
    counts = [
        shown[f"Containers{kind}"] for kind in ("", "Running", "Paused", "Stopped")
    ]
    assert counts == [3, 1, 1, 1]
    assert shown["Images"] == 2
    assert shown["Swarm"]["LocalNodeState"] == "inactive"
    assert {"bridge", "host", "null"} <= set(shown["Plugins"]["Network"])


def test_the_room_that_things_take_is_shown(client, sleeper):
    client.volumes.create("store")
    sleeper.exec_run(["sh", "-c", "echo 12345 > /file"])
    shown = client.df()
    assert [item["Names"] for item in shown["Containers"]] == [["/sleeper"]]
    assert shown["Containers"][0]["SizeRw"] == 6
    assert shown["Volumes"][0]["UsageData"] == {"RefCount": 0, "Size": 0}
    assert shown["LayersSize"] == sum(image["Size"] for image in shown["Images"])


def test_the_version_is_found_out_where_none_is_asked(url, way):
    client = docker.APIClient(base_url=url, version="auto")
    assert client.api_version == NEWEST[way.era]
    assert client.ping()
    client.close()


def test_a_version_that_is_too_new_is_refused(url):
    client = docker.APIClient(base_url=url, version="1.99")
    with pytest.raises(APIError, match=r"version 1[.]99 is too new") as failure:
        client.version()
    assert status_of(failure) == 400
    client.close()


# --- events ---------------------------------------------------------------------------


def happened(client, begun, **more):
    """What happened until now, as (type, action) pairs."""
    until = int(time.time()) + 1
    found = client.events(since=begun, until=until, decode=True, **more)
    return [(event["Type"], event["Action"]) for event in found]


def test_events_of_the_past_are_told(client):
    begun = int(time.time()) - 1
    made = client.containers.run("alpine", "sh -c 'exit 3'", detach=True, name="job")
    made.wait()
    made.remove()
    client.networks.create("app").remove()
    told = happened(client, begun)
    assert [action for kind, action in told if kind == "container"] == [
        "create",
        "start",
        "die",
        "destroy",
    ]
    assert ("network", "connect") in told
    assert told[-2:] == [("network", "create"), ("network", "destroy")]


@pytest.mark.parametrize(
    ("filters", "actions"),
    [
        ({"type": "volume"}, ["create"]),
        ({"event": ["start", "die"]}, ["start", "die"]),
        ({"container": "job", "event": "create"}, ["create"]),
        ({"label": "tier=back", "event": "die"}, ["die"]),
        ({"image": "alpine", "event": "start"}, ["start"]),
        ({"network": "app", "event": "create"}, ["create"]),
        ({"volume": "store"}, ["create"]),
        ({"container": "nobody"}, []),
    ],
)
def test_events_are_filtered(client, filters, actions):
    begun = int(time.time()) - 1
    client.volumes.create("store")
    client.networks.create("app")
    client.containers.run(
        "alpine", "true", name="job", labels={"tier": "back"}, detach=True
    ).wait()
    told = happened(client, begun, filters=filters)
    assert [action for _, action in told] == actions


def test_an_event_says_who_and_when(client):
    begun = time.time()
    client.containers.run(
        "alpine", "sh -c 'exit 3'", name="job", labels={"tier": "back"}, detach=True
    ).wait()
    until = int(time.time()) + 1
    (died,) = client.events(
        since=int(begun), until=until, filters={"event": "die"}, decode=True
    )
    about = died["Actor"]["Attributes"]
    assert (about["name"], about["image"], about["tier"]) == ("job", "alpine", "back")
    assert about["exitCode"] == "3"
    assert abs(died["time"] - begun) < 60
    assert died["timeNano"] // 10**9 == died["time"]


def test_events_are_told_as_they_happen(client):
    told = []
    stream = client.events(decode=True, filters={"type": "network"})
    reader = threading.Thread(target=lambda: told.extend(stream))
    reader.start()
    client.networks.create("app").remove()
    eventually(lambda: [event["Action"] for event in told] == ["create", "destroy"])
    stream.close()
    reader.join(10)
    assert not reader.is_alive()


def test_a_filter_of_events_that_is_none_filters_nothing(client):
    begun = int(time.time()) - 1
    client.networks.create("app")
    told = happened(client, begun, filters={"colour": "red"})
    assert ("network", "create") in told


# --- refusals as docker-py's errors ---------------------------------------------------


def test_each_refusal_becomes_the_error_that_docker_py_has_for_it(client, sleeper):
    with pytest.raises(NotFound) as missing:
        client.containers.get("ghost")
    assert missing.value.is_client_error()
    assert missing.value.explanation == "No such container: ghost"
    with pytest.raises(ImageNotFound):
        client.images.get("ghost")
    with pytest.raises(APIError) as conflict:
        client.containers.create("alpine", name="sleeper")
    assert (conflict.value.status_code, conflict.value.is_error()) == (409, True)
    with pytest.raises(APIError) as wrong:
        client.networks.create("app", driver="host")
    assert wrong.value.status_code == 403


def test_injected_failures_are_server_errors(api, double):
    double.fail_next("GET /networks", status=500, message="disk on fire")
    with pytest.raises(APIError, match="disk on fire") as failure:
        api.networks()
    assert failure.value.is_server_error()
    assert len(api.networks()) == 3


def test_what_needs_a_swarm_is_refused_as_without_one(client):
    for call in (client.nodes.list, client.services.list, client.secrets.list):
        with pytest.raises(APIError) as failure:
            call()
        assert status_of(failure) == 503
    with pytest.raises(APIError):
        client.swarm.leave()


def test_a_swarm_of_one_begins_and_ends(client):
    node = client.swarm.init(advertise_addr="192.0.2.2")
    assert [item.id for item in client.nodes.list()] == [node]
    made = client.networks.create("ov", driver="overlay", attachable=True)
    assert made.attrs["Scope"] == "swarm"
    made.remove()
    with pytest.raises(APIError):
        client.swarm.init()
    assert client.swarm.leave(force=True)
    with pytest.raises(APIError) as failure:
        client.nodes.list()
    assert status_of(failure) == 503


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_engine_that_is_not_there_is_no_engine(tmp_path):
    with pytest.raises(DockerException):
        docker.DockerClient(base_url=f"unix://{tmp_path}/none.sock", version="auto")
    gc.collect()  # docker-py leaves the socket that did not connect


def test_two_clients_see_the_same_engine(client, url, way):
    other = docker.DockerClient(base_url=url, version=way.api)
    client.networks.create("app")
    assert other.networks.list(names=["app"])
    other.networks.get("app").remove()
    assert not client.networks.list(names=["app"])
    other.close()


def test_many_clients_ask_at_once_and_each_gets_its_own(url, way):
    def work(number):
        client = docker.DockerClient(base_url=url, version=way.api)
        made = client.networks.create(f"net-{number}")
        made.reload()
        found.append((number, made.name, made.attrs["IPAM"]["Config"][0]["Subnet"]))
        client.close()

    found = []
    workers = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert sorted((n, name) for n, name, _ in found) == [
        (n, f"net-{n}") for n in range(8)
    ]
    assert len({subnet for _, _, subnet in found}) == 8
