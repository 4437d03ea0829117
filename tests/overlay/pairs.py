"""Two hosts on one store, which fails for the first of them when it is told to.

```
one ── Failing ──▶ MemoryStore ◀── two
```
"""

from minidock import Engine
from minidock.cluster.checks import Registry, at_rest, left_over, together, told
from minidock.registry.memory import MemoryStore
from tests.overlay.failing import Failing

__all__ = ["SETUPS", "Pair"]


class Pair:
    """Two hosts: the store fails for the first one only.

    Args:
        lines: what happened before: the host (1 or 2) and its command.
        store: the registry; a new one if there is none.
        timed: time passes as ``live`` says; else it stands still, and a store that did
            not answer is asked again at once.
    """

    def __init__(self, lines=(), store=None, *, timed=False):
        self.time = 0.0
        self.timed = timed
        self.store = store or MemoryStore(clock=self.clock)
        self.failing = Failing(self.store)
        self.one = self._host(11, self.failing)
        self.two = self._host(12, self.store)
        for engine in (self.one, self.two):
            assert engine("pull -q nginx").ok
        self.settle()
        for line in lines:
            host, _, words = line.partition(" ")
            assert (self.one if host == "1" else self.two)(words).ok
        self.settle()

    def clock(self):
        return self.time

    def _host(self, number, registry):
        advertise = f"192.0.2.{number}:2376"
        clock = self.clock if self.timed else None
        return Engine(registry=registry, advertise=advertise, clock=clock, ttl=20)

    def live(self, seconds):
        """Let time pass."""
        for _ in range(0, seconds, 5):
            self.time += 5
            for engine in (self.one, self.two):
                engine.membership.session.beat()
                engine.hear()

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
    "a running container joins": (
        ["1 network create -d overlay ov", "1 run -d --name aa nginx"],
        "network connect ov aa",
    ),
    "a container is connected": (
        ["2 network create -d overlay ov", "1 run -d --name aa nginx"],
        "network connect ov aa",
    ),
    "a container is renamed": (["1 create --name aa nginx"], "rename aa cc"),
    "a container on a network is renamed": (
        ["2 network create -d overlay ov", "1 run -d --name aa --network ov nginx"],
        "rename aa cc",
    ),
}
