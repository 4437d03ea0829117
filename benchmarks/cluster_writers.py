"""One host of the throughput benchmark, as a process: it allocates until told to stop.

```
stdin   {"url": ..., "number": 3, "level": "engine"}    answered by {"ready": true}
        {"work": "warm", "what": "addresses"}           answered by {"ready": true}
        {"work": "addresses", "seconds": 5}             answered by what came of it
        {"work": "release"}                             answered by {"ready": true}
```

Two levels. ``engine`` is what a user does: docker run, rm, network create and rm, with
all that a request costs in Python. ``registry`` is ``Session.commit`` alone, on Worlds
that were made beforehand, so the store is what is measured. Both learn what they are
told and choose the lowest free number, as every host does.
"""

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

from minidock.engine import Engine
from minidock.model.container import Container
from minidock.model.maps import Map
from minidock.model.network import Network, OverlaySettings, OverlaySubnet
from minidock.model.world import World
from minidock.net.address import V4, Address
from minidock.net.prefix import Prefix
from minidock.overlay import keys
from minidock.overlay.facts import UNREACHABLE, Fact
from minidock.overlay.records import load_holdings
from minidock.overlay.session import Session

SHARED = "shared"
SUBNET = "10.200.0.0/16"
HELD = 8
"""How many addresses a host holds at a time."""
_LINE = "run -d --name {name} --network {network} busybox sleep 9d"

Given = tuple[str, float, float]
"""What was allocated, and from when to when it was surely this host's, seconds."""


class Held:
    """What is held now, and all that was."""

    def __init__(self) -> None:
        self.now: deque[tuple[str, float, Callable[[], None]]] = deque()
        self.past: list[Given] = []

    def add(self, what: str, give: Callable[[], None]) -> None:
        """It was acknowledged just now."""
        self.now.append((what, time.monotonic(), give))

    def give_first(self) -> None:
        """Give back what is held longest."""
        what, since, give = self.now.popleft()
        self.past.append((what, since, time.monotonic()))
        give()


class EngineHost:
    """Allocates by docker commands."""

    def __init__(self, engine: Engine, number: int) -> None:
        self._engine = engine
        self._names = (f"w{number}x{n}" for n in count())

    def _do(self, line: str) -> None:
        result = self._engine(line)
        if not result.ok:
            raise AssertionError(f"{line}: {result.stderr}")

    def _container(self, name: str) -> Container:
        world = self._engine.world
        return world.containers[world.names[name]]

    def addresses(self, held: Held) -> None:
        """One more container on the shared network."""
        name = next(self._names)
        self._do(_LINE.format(name=name, network=SHARED))
        held.add(
            str(self._container(name).endpoints[0].address),
            lambda: self._do(f"rm -f {name}"),
        )

    def networks(self, held: Held) -> None:
        """One more network; its first container takes the VNI."""
        name = next(self._names)
        self._do(f"network create -d overlay {name}")
        self._do(_LINE.format(name=f"{name}c", network=name))
        place = self._container(f"{name}c").endpoints[0]
        overlay = self._engine.world.networks[place.network_id].overlay
        assert overlay is not None

        def give() -> None:
            self._do(f"rm -f {name}c")
            self._do(f"network rm {name}")

        held.add(f"{overlay.subnets[0].subnet} {overlay.subnets[0].vni}", give)


class RegistryHost:
    """Allocates by ``Session.commit``, on Worlds made of one container's copies."""

    def __init__(self, engine: Engine, number: int) -> None:
        assert engine.membership is not None
        self._session: Session = engine.membership.session
        engine(_LINE.format(name=f"model{number}", network=SHARED))
        made = engine.world
        self._model = made.containers[made.names[f"model{number}"]]
        engine(f"rm -f model{number}")
        self._world: World = engine.world
        self._shared = next(
            n for n in self._world.networks.values() if n.name == SHARED
        )
        self._ids = (f"{number:08x}{n:056x}" for n in count())
        self._others: set[int] = set()
        self._mine: set[int] = set()
        self._subnets: set[str] = set()
        self._vnis: set[str] = set()
        self._vni = 0

    # --- what a host does -------------------------------------------------------------

    def _learn(self, facts: tuple[Fact, ...]) -> None:
        for fact in facts:
            key, value = fact
            kind = keys.read(key)
            if key == UNREACHABLE:
                raise AssertionError(f"the store does not answer: {value}")
            if kind.kind is keys.Kind.ADDRESS:
                taken = self._others.add if value is not None else self._others.discard
                taken(Address.parse(kind.second).value)
            elif kind.kind is keys.Kind.SUBNETS and value is not None:
                self._subnets = set(load_holdings(key, value).held)
            elif kind.kind is keys.Kind.VNIS and value is not None:
                self._vnis = set(load_holdings(key, value).held)

    def _commit(self, change: Callable[[World], World]) -> None:
        """As ``Life`` does it: learn, decide, and decide again while others win."""
        self._learn(self._session.news(self._world))
        while True:
            after = change(self._world)
            facts = self._session.commit(self._world, after)
            if facts is None:
                self._world = after
                return
            self._learn(facts)

    # --- addresses --------------------------------------------------------------------

    def addresses(self, held: Held) -> None:
        """One more endpoint on the shared network."""
        endpoint_id, number = next(self._ids), 0

        def join(world: World) -> World:
            nonlocal number
            number = next(n for n in self._free() if n not in self._mine)
            return self._with(world, endpoint_id, number)

        self._commit(join)
        mine = number
        self._mine.add(mine)

        def give() -> None:
            self._commit(lambda world: self._without(world, endpoint_id))
            self._mine.discard(mine)

        held.add(str(Address(mine, V4)), give)

    def _free(self) -> Iterator[int]:
        first = Prefix.parse(SUBNET).network + 2
        return (n for n in count(first) if n not in self._others)

    def _with(self, world: World, endpoint_id: str, number: int) -> World:
        place = replace(
            self._model.endpoints[0], id=endpoint_id, address=Address(number, V4)
        )
        container = replace(self._model, id=endpoint_id, endpoints=(place,))
        members = world.members.get(self._shared.id) or Map[str]()
        return replace(
            world,
            containers=world.containers.set(endpoint_id, container),
            members=world.members.set(
                self._shared.id, members.set(endpoint_id, endpoint_id)
            ),
        )

    def _without(self, world: World, endpoint_id: str) -> World:
        members = world.members[self._shared.id].delete(endpoint_id)
        return replace(
            world,
            containers=world.containers.delete(endpoint_id),
            members=world.members.set(self._shared.id, members),
        )

    # --- networks ---------------------------------------------------------------------

    def networks(self, held: Held) -> None:
        """One more network, with its subnet and its VNI."""
        network_id, name = next(self._ids), ""

        def create(world: World) -> World:
            nonlocal name
            network = self._network(network_id)
            assert network.overlay is not None
            name = f"{network.overlay.subnets[0].subnet} {self._vni}"
            return replace(world, networks=world.networks.set(network_id, network))

        def remove(world: World) -> World:
            return replace(world, networks=world.networks.delete(network_id))

        self._commit(create)
        held.add(name, lambda: self._commit(remove))

    def _network(self, network_id: str) -> Network:
        every = (f"10.0.{n}.0/24" for n in range(256))
        subnet = Prefix.parse(next(s for s in every if s not in self._subnets))
        self._vni = next(n for n in count(256) if str(n) not in self._vnis)
        gateway = Address(subnet.network + 1, V4)
        assert self._shared.pool is not None
        return replace(
            self._shared,
            id=network_id,
            name=network_id,
            pool=replace(self._shared.pool, subnet=subnet, gateway=gateway),
            overlay=OverlaySettings(
                subnets=(OverlaySubnet(subnet, gateway, self._vni),)
            ),
            made_here=True,
        )


LEVELS: dict[str, type[EngineHost | RegistryHost]] = {
    "registry": RegistryHost,
    "engine": EngineHost,
}


class Writer:
    """The process: one engine, and what it was told to do."""

    def __init__(self, url: str, number: int, level: str) -> None:
        self.engine = Engine(
            "20.10", registry=url, advertise=f"192.0.2.{number + 1}:2376", keep=4
        )
        self.engine("pull busybox")
        self._host = LEVELS[level](self.engine, number)
        self._held = Held()

    def _verb(self, what: str) -> Callable[[Held], None]:
        return self._host.addresses if what == "addresses" else self._host.networks

    def warm(self, what: str) -> dict[str, Any]:
        """Allocate once, uncounted: so it follows what it needs, and is connected."""
        self._held = Held()
        self._verb(what)(self._held)
        return {"ready": True}

    def work(self, what: str, seconds: float) -> dict[str, Any]:
        """Allocate for a while; what came of it."""
        verb = self._verb(what)
        assert self.engine.membership is not None
        session = self.engine.membership.session
        held = self._held
        keeps = HELD if what == "addresses" else 1
        done, before, start = 0, session.retries, time.monotonic()
        busy = time.process_time()
        while time.monotonic() < start + seconds:
            verb(held)
            done += 1
            if len(held.now) > keeps:
                held.give_first()
        return {
            "done": done,
            "seconds": time.monotonic() - start,
            "busy": time.process_time() - busy,
            "retries": session.retries - before,
            "past": held.past,
            "now": [(name, since) for name, since, _ in held.now],
        }

    def release(self) -> dict[str, Any]:
        """Give back all that is held."""
        while self._held.now:
            self._held.give_first()
        return {"ready": True}


def main() -> None:
    """Serve until standard input ends."""
    order = json.loads(sys.stdin.readline())
    writer = Writer(order["url"], order["number"], order["level"])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if order["work"] == "release":
            reply = writer.release()
        elif order["work"] == "warm":
            reply = writer.warm(order["what"])
        else:
            reply = writer.work(order["work"], order["seconds"])
        print(json.dumps(reply), flush=True)
    writer.engine.close()


if __name__ == "__main__":
    main()
