"""Every question of who reaches whom on a machine: its containers, host and outside.

```
 from               to                                by
 each namespace     each container's addresses        tcp, udp: where it listens, and 9
 the host           each address of the host          tcp, udp: what is published, and 9
 outside            the router outside, somebody far  ping
                    oneself, at 127.0.0.1 and ::1
```

Port 9, on which nobody listens, tells a host that refuses from one that is silent.

Invariants: no question is asked twice; containers that share a namespace ask once.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from minidock.model.world import World
from minidock.net.address import V4, Address
from minidock.packet.trace import OUTSIDE
from minidock.topology.interface import InterfaceKind
from minidock.topology.machine import Machine
from minidock.topology.namespace import Namespace, Socket
from minidock.views.linux import FAR_AWAY, cards
from minidock.views.linux_servers import OUTSIDE_PORTS

__all__ = ["CLOSED_PORT", "PING", "Question", "questions"]

CLOSED_PORT = 9  # discard (RFC 863), which nobody serves any more
PING = "icmp"

_LOOPBACK = (Address.parse("127.0.0.1"), Address.parse("::1"))


class Question(NamedTuple):
    """Whether somebody gets an answer from an address; see the module's picture."""

    source: str
    """A container's name, the host's name, or ``outside``."""
    space: str
    """The namespace of who asks: "" for the host, or ``outside``."""
    protocol: str
    address: Address
    port: int
    owner: str
    """Whose address it is."""

    @property
    def target(self) -> str:
        """The address as `minidock trace` reads it.

        >>> web = Address.parse("fd00::2")
        >>> Question("db", "1f", "tcp", web, 80, "web").target
        '[fd00::2]:80/tcp'
        >>> Question("db", "1f", "icmp", web, 0, "web").target
        'fd00::2'
        """
        if self.protocol == PING:
            return str(self.address)
        four = self.address.family == V4
        host = str(self.address) if four else f"[{self.address}]"
        return f"{host}:{self.port}/{self.protocol}"


class _Place(NamedTuple):
    """An address at which one may ask, and the ports worth asking for."""

    owner: str
    address: Address
    ports: tuple[tuple[str, int], ...]


def questions(world: World, machine: Machine) -> list[Question]:
    """All questions of a machine; O(namespaces x addresses x ports)."""
    places = list(_places(world, machine))
    asked: dict[Question, None] = {}
    for name, space, own in _askers(world, machine):
        for place in (*own, *places):
            for protocol, port in (*place.ports, (PING, 0)):
                address, owner = place.address, place.owner
                if name == OUTSIDE and address == FAR_AWAY:
                    continue  # the router would ask itself
                asked[Question(name, space, protocol, address, port, owner)] = None
    return list(asked)


def _askers(world: World, machine: Machine) -> Iterator[tuple[str, str, list[_Place]]]:
    for space in (machine.host, *machine.sandboxes):
        name = space.owner or world.host.hostname
        yield name, space.name, list(_own_places(name, space))
    if cards(machine):
        yield OUTSIDE, OUTSIDE, []


def _own_places(name: str, space: Namespace) -> Iterator[_Place]:
    for address in _LOOPBACK:
        yield _Place(name, address, _ports(space.sockets))


def _places(world: World, machine: Machine) -> Iterator[_Place]:
    for space in (machine.host, *machine.sandboxes):
        name = space.owner or world.host.hostname
        ports = _ports(space.sockets)
        for item in space.interfaces:
            if item.kind is not InterfaceKind.LOOPBACK:
                for own in item.addresses:
                    if own.scope == "global":
                        yield _Place(name, own.address, ports)
    if cards(machine):
        for address in (*_routers(machine), FAR_AWAY):
            yield _Place(OUTSIDE, address, OUTSIDE_PORTS)


def _routers(machine: Machine) -> Iterable[Address]:
    devices = {item.name for item in cards(machine)}
    return dict.fromkeys(
        route.gateway
        for route in machine.host.routes
        if route.gateway is not None and route.device in devices
    )


def _ports(sockets: Iterable[Socket]) -> tuple[tuple[str, int], ...]:
    """What listens, and port 9; but for Docker's DNS server, which plays no part."""
    found = {
        (socket.protocol, socket.port)
        for socket in sockets
        if socket.protocol != "sctp" and str(socket.address) != "127.0.0.11"
    }
    closed = {("tcp", CLOSED_PORT), ("udp", CLOSED_PORT)}
    return tuple(sorted(found | closed))
