"""The registry fails at each step of each command, before or after what it did.

A command asks the registry a handful of questions. Here each of them fails once, in two
ways: it never arrived, or it was done and the answer was lost. Whatever happens, the
command is done or refused, and the next one works.
"""

from itertools import count

import pytest

from minidock import Engine
from minidock.cluster.checks import Registry, at_rest, left_over, together, told
from minidock.errors import Conflict
from minidock.overlay import keys
from minidock.registry.errors import Unavailable
from minidock.registry.memory import MemoryStore

NGINX = "docker pull -q nginx"
CHANGES = {"put", "create", "compare_and_swap", "delete", "compare_and_delete"}


class Failing:
    """A store whose n-th question fails, and those behind it while it is down."""

    def __init__(self, store):
        self._store = store
        self.asked = 0
        self.fails_at = None
        self.done_first = False
        self.stays_down = False

    def arm(self, number, *, done_first, stays_down):
        self.asked = 0
        self.fails_at = number
        self.done_first = done_first
        self.stays_down = stays_down

    def heal(self):
        self.fails_at = None

    def _ask(self, verb, *words):
        self.asked += 1
        now = self.fails_at is not None and (
            self.asked == self.fails_at
            or (self.stays_down and self.asked > self.fails_at)
        )
        first = self.asked == self.fails_at and self.done_first
        if now and not first:
            raise Unavailable("connection refused")
        answer = getattr(self._store, verb)(*words)
        if now:
            raise Unavailable("the answer was lost")
        return answer

    def get(self, key):
        return self._ask("get", key)

    def put(self, key, value, lease=None):
        return self._ask("put", key, value, lease)

    def create(self, key, value, lease=None):
        return self._ask("create", key, value, lease)

    def compare_and_swap(self, key, value, version, lease=None):
        return self._ask("compare_and_swap", key, value, version, lease)

    def delete(self, key):
        return self._ask("delete", key)

    def compare_and_delete(self, key, version):
        return self._ask("compare_and_delete", key, version)

    def list(self, prefix, after=""):
        return self._ask("list", prefix, after)

    def watch(self, prefix, revision):
        return self._store.watch(prefix, revision)

    def lease(self, ttl):
        return self._ask("lease", ttl)

    def resume_lease(self, lease_id):
        return self._ask("resume_lease", lease_id)

    def close(self):
        pass


class Pair:
    """Two hosts: the store fails for the first one only."""

    def __init__(self):
        self.store = MemoryStore()
        self.failing = Failing(self.store)
        self.one = Engine(registry=self.failing, advertise="192.0.2.11:2376")
        self.two = Engine(registry=self.store, advertise="192.0.2.12:2376")
        for engine in (self.one, self.two):
            assert engine("pull -q nginx").ok
        self.settle()

    def settle(self):
        for _ in range(3):
            for engine in (self.one, self.two):
                engine.hear()

    def check(self):
        self.settle()
        registry = Registry.read(self.store.list("docker"))
        worlds = {"one": self.one.world, "two": self.two.world}
        found = [*at_rest(registry), *together(worlds)]
        for engine in (self.one, self.two):
            where = engine.world.cluster.advertise
            found += told(where, engine.world, registry)
        assert not found, found

    def check_empty(self):
        for engine in (self.one, self.two):
            for name in engine("ps -aq").stdout.split():
                assert engine(f"rm -f {name}").ok
        for engine in (self.one, self.two):
            for name in engine("network ls -q --filter driver=overlay").stdout.split():
                assert engine(f"network rm {name}").ok
        self.settle()
        left = list(left_over(Registry.read(self.store.list("docker"))))
        assert not left, left


SETUPS = {
    "a network is created": ([], "network create -d overlay ov"),
    "a network with two subnets is created": (
        [],
        "network create -d overlay --subnet 10.9.0.0/24 --subnet 10.8.0.0/24 ov",
    ),
    "a network is removed": (["1 network create -d overlay ov"], "network rm ov"),
    "the first container joins": (
        ["1 network create -d overlay ov"],
        "run -d --name aa --network ov nginx",
    ),
    "a container joins another host's network": (
        ["2 network create -d overlay ov", "2 run -d --name bb --network ov nginx"],
        "run -d --name aa --network ov nginx",
    ),
    "a container leaves": (
        ["2 network create -d overlay ov", "1 run -d --name aa --network ov nginx"],
        "rm -f aa",
    ),
    "a container is restarted": (
        ["1 network create -d overlay ov", "1 run -d --name aa --network ov nginx"],
        "restart aa",
    ),
    "a container is renamed": (["1 create --name aa nginx"], "rename aa cc"),
}


@pytest.mark.parametrize("story", SETUPS)
@pytest.mark.parametrize("stays_down", [False, True], ids=["once", "for a while"])
@pytest.mark.parametrize("done_first", [False, True], ids=["request", "reply"])
def test_whatever_the_store_does_not_answer_the_next_command_works(
    story, done_first, stays_down
):
    before, command = SETUPS[story]
    for number in count(1):
        pair = Pair()
        for line in before:
            host, _, words = line.partition(" ")
            assert (pair.one if host == "1" else pair.two)(words).ok
        pair.settle()
        pair.failing.arm(number, done_first=done_first, stays_down=stays_down)
        output = pair.one(command)
        asked = pair.failing.asked
        pair.failing.heal()
        if not output.ok:
            assert "connection refused" in output.stderr or "lost" in output.stderr, (
                number,
                output,
            )
        pair.check()
        again = pair.one(command)
        works = again.ok or "already" in again.stderr or "not found" in again.stderr
        works = works or "No such container" in again.stderr
        assert works, (number, output, again)
        pair.check()
        pair.check_empty()
        if asked < number:
            assert output.ok
            assert number > 1, "the command asked nothing of the store"
            return


def test_a_second_host_cannot_advertise_the_address_of_the_first():
    store = MemoryStore()
    first = Engine(registry=store, advertise="192.0.2.11:2376")
    with pytest.raises(Conflict, match="another host of the cluster advertises"):
        Engine(registry=store, advertise="192.0.2.11:2376", seed="another")
    first.close()
    Engine(registry=store, advertise="192.0.2.11:2376", seed="another")


def test_a_host_starts_without_its_store_and_joins_once_that_is_there():
    store = MemoryStore()
    failing = Failing(store)
    failing.arm(1, done_first=False, stays_down=True)
    docker = Engine(registry=failing, advertise="192.0.2.11:2376")
    refused = docker("network create -d overlay ov")
    assert not refused.ok
    assert "connection refused" in refused.stderr
    refused = docker("create --name web busybox")
    assert not refused.ok
    assert "connection refused" in refused.stderr
    failing.heal()
    assert docker("network create -d overlay ov").ok
    assert docker("run -d --name web nginx").ok
    assert store.get(keys.container("web"))


def test_an_entry_of_another_program_is_told_and_does_no_harm():
    store = MemoryStore()
    store.put(keys.network("f" * 64), "\x00 no JSON")
    store.put(keys.address("GlobalDefault/10.0.0.0/24", "10.0.0.2"), "[]")
    docker = Engine(registry=store, advertise="192.0.2.11:2376")
    assert docker("network create -d overlay ov").ok
    assert docker("run -d --name web --network ov nginx").ok


def test_who_is_away_longer_than_its_lease_loses_what_others_took():
    time = [0.0]
    store = MemoryStore(clock=lambda: time[0])
    failing = Failing(store)

    def host(number, registry):
        engine = Engine(
            registry=registry,
            advertise=f"192.0.2.{number}:2376",
            clock=lambda: time[0],
            ttl=20,
        )
        assert engine("pull -q nginx").ok
        return engine

    one, two = host(11, failing), host(12, store)
    assert one("network create -d overlay ov").ok
    assert one("run -d --name aa --network ov nginx").ok
    failing.arm(1, done_first=False, stays_down=True)  # it is cut off
    for _ in range(6):
        time[0] += 5
        two.membership.session.beat()
    assert two("run -d --name bb --network ov nginx").ok
    shown = two("inspect -f '{{.NetworkSettings.Networks.ov.IPAddress}}' bb").stdout
    assert shown == "10.0.0.2\n"  # the lowest one, which was a's
    assert not one.membership.session.valid
    failing.heal()
    time[0] += 2
    one.hear()
    one.hear()
    shown = one("inspect -f '{{json .NetworkSettings.Networks}}' aa").stdout
    assert "10.0.0.2" not in shown
    registry = Registry.read(store.list("docker"))
    assert not list(at_rest(registry))
    assert not list(together({"one": one.world, "two": two.world}))
