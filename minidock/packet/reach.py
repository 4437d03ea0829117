"""Who reaches whom: every pair of a host's containers, the host, and the world outside.

```
 from / to    web:80/tcp   db:6379/tcp   back        host        outside
 web          delivered    delivered     delivered   delivered   delivered
 db           delivered    delivered     dropped     ...
```

Containers of other hosts of the cluster are targets, too, as far as this host knows
them. A target is each port that a container listens on, or, where it listens on none, a
ping. Addresses are used, not names: of the networks that both are on the first one's,
else the target's first address.

Invariants: every source is paired with every target, itself included; an outcome is
that of the journey between the same two ends; the order is that in which containers
were made.

Cost: O(sources x targets), some 50 us for a pair; the journey of a pair is told when
somebody asks for it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from minidock.errors import NotFound
from minidock.host.attachments import sandbox_name
from minidock.host.peers import OtherHost, other_hosts
from minidock.model.container import Container
from minidock.model.world import World
from minidock.net.address import Address
from minidock.packet.conversation import converse, request, source_for
from minidock.packet.ends import HOST, stack_of
from minidock.packet.fabric import Fabric
from minidock.packet.journey import journey, paused
from minidock.packet.notes import Notes
from minidock.packet.places import addresses_of
from minidock.packet.site import fabric_of
from minidock.packet.stack import Stack
from minidock.packet.trace import OUTSIDE, Outcome, Trace

__all__ = ["Reachability", "reachability"]


class _Source(NamedTuple):
    """Somebody who asks."""

    name: str
    stack: Stack
    address: Address | None = None


class _Target(NamedTuple):
    """A port, or a stack to ping."""

    name: str
    addresses: tuple[Address, ...]
    protocol: str = "icmp"
    port: int = 0


class Reachability:
    """The matrix of a World; see the module's picture.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> _ = docker("run -d --name web nginx"), docker("run -d --name db redis")
    >>> matrix = reachability(docker.world)
    >>> matrix.outcome("web", "db:6379/tcp")
    <Outcome.DELIVERED: 'delivered'>
    >>> matrix.outcome("web", "nobody")
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: the matrix has no pair web, nobody
    """

    def __init__(self, world: World, others: Sequence[World] = ()) -> None:
        self._world = world
        self._others = tuple(others)
        fabric = fabric_of(world, self._others)
        sources = tuple(_sources(world, fabric, self._others))
        targets = tuple(_targets(world, fabric))
        self.sources = tuple(source.name for source in sources)
        self.targets = tuple(target.name for target in targets)
        self._targets = {target.name: target for target in targets}
        self._ends: dict[tuple[str, str], Address] = {}
        self._outcomes: dict[tuple[str, str], Outcome] = {}
        frozen = paused(world)
        for source in sources:
            for target in targets:
                pair = (source.name, target.name)
                address = _shared(source.stack, target.addresses)
                self._ends[pair] = address
                self._outcomes[pair] = _outcome(fabric, source, target, address, frozen)

    def outcome(self, source: str, target: str) -> Outcome:
        """How a journey from a source to a target ends; O(1)."""
        found = self._outcomes.get((source, target))
        if found is None:
            raise NotFound(
                f"the matrix has no pair {source}, {target}",
                asked=f"who reaches whom, from {source} to {target}",
                rule="a pair is a source and a target of the matrix",
                remedy="matrix.sources and matrix.targets list the names",
            )
        return found

    def pairs(self) -> Iterator[tuple[str, str, Outcome]]:
        """Every pair with its outcome, source by source."""
        for (source, target), outcome in self._outcomes.items():
            yield source, target, outcome

    def trace(self, source: str, target: str) -> Trace:
        """The journey behind one outcome."""
        self.outcome(source, target)
        wanted, address = self._targets[target], self._ends[source, target]
        text = str(address)
        if wanted.port:
            name = f"[{text}]" if address.family == 6 else text
            text = f"{name}:{wanted.port}/{wanted.protocol}"
        return journey(self._world, source, text, others=self._others)

    def __len__(self) -> int:
        return len(self._outcomes)


def reachability(world: World, others: Sequence[World] = ()) -> Reachability:
    """Who reaches whom in a World; see :class:`Reachability`.

    ``others`` are other hosts of its cluster, in full: their containers ask, too.
    """
    return Reachability(world, others)


def _outcome(
    fabric: Fabric,
    source: _Source,
    target: _Target,
    address: Address,
    frozen: frozenset[str],
) -> Outcome:
    own = source.address or source_for(source.stack, address)
    if own is None:
        return Outcome.UNREACHABLE
    packet = request(target.protocol, own, address, target.port)
    notes = Notes(silent=True)
    return converse(fabric, source.stack, packet, notes, paused=frozen).outcome


def _running(world: World) -> Iterator[Container]:
    return (c for c in world.containers_in_order() if c.state.running)


def _sources(
    world: World, fabric: Fabric, others: Sequence[World]
) -> Iterator[_Source]:
    for container in _running(world):
        stack = stack_of(world, fabric, container)
        if stack is not None:
            yield _Source(container.name, stack)
    there = {item.cluster.advertise for item in others if item.cluster}
    for host in other_hosts(world):
        if host.advertise in there:
            for name, stack in _peers(host, fabric).items():
                yield _Source(name, stack)
    yield _Source(HOST, fabric.host)
    router = fabric.outside.any_address()
    if router is not None:
        yield _Source(OUTSIDE, fabric.outside, router)


def _peers(host: OtherHost, fabric: Fabric) -> dict[str, Stack]:
    """The containers of another host by name, in the order of their addresses."""
    stacks = {stack.space.owner: stack for stack in fabric.stacks.values()}
    return {p.name: stacks[p.name] for p in host.peers if p.name in stacks}


def _targets(world: World, fabric: Fabric) -> Iterator[_Target]:
    for container in _running(world):
        stack = fabric.stacks.get(sandbox_name(container))
        addresses = tuple(addresses_of(container))
        if stack is None or not addresses:
            continue
        ports = {
            (socket.port, socket.protocol)
            for socket in stack.space.sockets
            if socket.owner != "dockerd"
        }
        for port, protocol in sorted(ports):
            name = f"{container.name}:{port}/{protocol}"
            yield _Target(name, addresses, protocol, port)
        if not ports:
            yield _Target(container.name, addresses)
    yield from _far_targets(world)
    own = fabric.host.any_address()
    if own is not None:
        yield _Target(HOST, (own,))
        published = {
            (socket.port, socket.protocol)
            for socket in fabric.host.space.sockets
            if socket.address is None or not socket.address.is_loopback
        }
        for port, protocol in sorted(published):
            yield _Target(f"{HOST}:{port}/{protocol}", (own,), protocol, port)
    router = fabric.outside.any_address()
    if router is not None:
        yield _Target(OUTSIDE, (router,))


def _far_targets(world: World) -> Iterator[_Target]:
    for host in other_hosts(world):
        for name in dict.fromkeys(peer.name for peer in host.peers):
            own = [peer for peer in host.peers if peer.name == name]
            addresses = tuple(peer.address for peer in own)
            for protocol, port in own[0].listening:
                yield _Target(f"{name}:{port}/{protocol}", addresses, protocol, port)
            if not own[0].listening:
                yield _Target(name, addresses)


def _shared(stack: Stack, addresses: tuple[Address, ...]) -> Address:
    """The address on a network that the asking stack is on, else the first."""
    for address in addresses:
        route = stack.routes[address.family].best(address)
        if route is not None and route.gateway is None:
            return address
    return addresses[0]
