"""A World as text: the same World again, and nothing that is executed."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock import Engine, life, snapshot
from minidock.api.http import Request
from minidock.commands.invariants import broken
from minidock.errors import InvalidParameter
from minidock.registry.memory import MemoryStore
from minidock.registry.store import find

LINES = st.sampled_from(
    [
        "run -d --name web -p 8080:80 -p 90-95:90-95/udp --restart always nginx",
        "run -d --name db --link web:w --health-cmd true --health-interval 1s redis",
        "run -dit --name sh busybox sh",
        "run -d --name loop busybox sh -c 'for i in 1 2 3; do echo $i; sleep 2; done'",
        "run -d --name pipe busybox sh -c 'while true; do date; sleep 1; done | cat'",
        "exec -d web sh -c '(sleep 3; echo x > /f) & wait; wget -qO- http://db'",
        "network create --subnet 10.9.0.0/16 --aux-address a=10.9.0.7 mynet",
        "network create -d macvlan lan",
        "network connect mynet web",
        "volume create data",
        "pause db",
        "stop web",
        "rm -f loop",
    ]
)


@given(
    lines=st.lists(LINES, max_size=8),
    era=st.sampled_from(["17.12", "20.10", "28"]),
    seconds=st.floats(0, 5),
)
@settings(max_examples=40, deadline=None)
def test_a_world_that_is_read_goes_on_as_the_one_that_was_written(lines, era, seconds):
    docker = Engine(era)
    for line in lines:
        docker(line)
    text = snapshot.write(docker.world)
    again = snapshot.read(text)
    assert snapshot.write(again) == text
    assert broken(again) == []
    assert again.containers.keys() == docker.world.containers.keys()
    assert (again.space, again.ports) == (docker.world.space, docker.world.ports)
    assert again.networks == docker.world.networks
    now = docker.now + int(seconds * 1e9)
    from minidock.runtime.turning import turn

    assert snapshot.write(turn(again, now).world) == snapshot.write(
        turn(docker.world, now).world
    )


def test_what_is_shared_is_shared_again():
    docker = Engine()
    for number in range(20):
        docker(f"run -d --name web{number} nginx")
    one = snapshot.write(docker.world)
    again = snapshot.read(one)
    shared = {id(c.config.get("Entrypoint")) for c in docker.world.containers.values()}
    there = {id(c.config.get("Entrypoint")) for c in again.containers.values()}
    assert len(there) == len(shared)


@pytest.mark.parametrize(
    ("types", "objects"),
    [
        ([["os:system", []]], [[0, "true"]]),
        ([["function", []]], [[0, "os:system"]]),
        ([["function", []]], [[0, "minidock.cli.main:main"]]),
        ([["function", []]], [[0, "minidock.model.document:freeze"]]),
        ([["minidock.registry.sqlite:SqliteStore", ["_path"]]], [[0, "x"]]),
        ([["minidock.runtime.turning:replace", []]], [[0]]),
        ([["minidock.net.mac:MAC", ["other"]]], [[0, 1]]),
        ([["minidock.net.mac:MAC", ["value"]]], [[0, 1]]),
        ([["builtins:eval", []]], [[0, "1"]]),
        ([["tuple", []]], [[0, [5]]]),
        ([["tuple", []]], [[7]]),
        ([["partial", []]], [[0, 1, 2, 3]]),
        ([], []),
        (1, 2),
    ],
)
def test_anything_but_a_world_of_our_own_types_is_refused(types, objects):
    text = json.dumps({"format": 1, "types": types, "objects": objects})
    with pytest.raises(InvalidParameter, match="cannot be used") as refused:
        snapshot.read(text)
    assert refused.value.explain().count("\n") == 2


@given(st.text(max_size=30) | st.binary(max_size=10).map(repr))
def test_any_text_that_is_no_snapshot_is_refused(text):
    with pytest.raises(InvalidParameter, match="cannot be used"):
        snapshot.read(text)


def test_a_server_begins_from_its_snapshot_and_reads_the_records_after_it(monkeypatch):
    monkeypatch.setattr(life, "_OFTEN", 5)
    store = MemoryStore()

    def open_engine() -> Engine:
        return Engine("20.10", store=store, alone=True, keep=4)

    docker = open_engine()
    for number in range(6):
        body = {"Name": f"net{number}"}
        docker.send(Request(method="POST", path="/networks/create", body=body))
    assert find(store, "engine/snapshot") is None
    assert open_engine().world == docker.world
    assert store.get("engine/snapshot").value.startswith("6 ")
    docker.send(Request(method="DELETE", path="/networks/net1"))
    store.delete("engine/journal/00000001")  # so that it shows who reads it
    assert open_engine().world == docker.world
    docker.stop_daemon()
    assert store.get("engine/snapshot").value.startswith("8 ")


def test_a_snapshot_of_another_version_is_passed_over():
    store = MemoryStore()
    docker = Engine(store=store, alone=True, keep=4)
    docker("network create mynet")
    docker.stop_daemon()
    kept = store.get("engine/snapshot").value
    store.put("engine/snapshot", kept.replace('"format": 1', '"format": 0'))
    assert Engine(store=store, alone=True, keep=4).world == docker.world


def test_going_back_forgets_the_snapshot():
    store = MemoryStore()
    docker = Engine(store=store, alone=True, keep=4)
    docker("network create mynet")
    docker.stop_daemon()
    other = Engine(store=store)
    other.back(2)
    other("network create other")
    later = Engine(store=store, alone=True, keep=4)
    assert {n.name for n in later.world.networks.values()} == {
        *("bridge", "host", "none", "other")
    }
