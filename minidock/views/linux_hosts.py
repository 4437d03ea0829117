"""Two and more Docker hosts on one Linux: each in namespaces, joined by a wire.

```
 minidock1 = the first host ── eth0 ══ host1 ─┐
 minidock1-c2 ...                             ├─ wire (bridge), the routers' addresses
 minidock2 = the second host ─ eth0 ══ host2 ─┘    in minidock+outside
```

A host is built as if it were alone (:mod:`minidock.views.linux`), but for its card,
which is plugged into a common wire. So VXLAN crosses from host to host as it does
between computers.

Invariants: every host has one card with addresses; hosts are numbered from 1.
"""

import shlex
from collections.abc import Iterator, Sequence

from minidock.host.machine import machine
from minidock.model.world import World
from minidock.topology.interface import Interface
from minidock.topology.machine import Machine
from minidock.topology.namespace import Namespace
from minidock.views.linux import (
    FAR_AWAY,
    PREFIX,
    cards,
    firewall,
    netns_name,
    outside_name,
    stages,
)
from minidock.views.linux_cables import route_added, shown, written
from minidock.views.linux_command import Command, batched, chains
from minidock.views.linux_plan import Plan, at_once, in_waves, often
from minidock.views.linux_servers import OUTSIDE_PORTS, Server, Task, servers
from minidock.views.linux_settings import early_settings

__all__ = ["build_hosts", "host_prefix", "hosts_plan"]

_WIRE = "wire"


def host_prefix(number: int, prefix: str = PREFIX) -> str:
    """What the namespaces of a host begin with; hosts count from 0.

    >>> host_prefix(0)
    'minidock1'
    """
    return f"{prefix}{number + 1}"


def build_hosts(worlds: Sequence[World], prefix: str = PREFIX) -> list[Command]:
    """The commands that build the hosts and their wire, one after the other."""
    made = hosts_plan(worlds, prefix)
    flat = [command for wave in made.waves for chain in wave for command in chain]
    return [made.names_command, *flat]


def hosts_plan(
    worlds: Sequence[World], prefix: str = PREFIX, *, probed: bool = False
) -> Plan:
    """The plan of a few hosts, which ``standing`` builds; O(their sizes).

    ``probed`` as for :func:`minidock.views.linux_plan.plan`.
    """
    outside = outside_name(prefix)
    machines = [machine(world) for world in worlds]
    names = [outside]
    early = list(written(outside, early_settings(Namespace(name=""))))
    wire = [*_wire(machines, outside)]
    plugged: list[Command] = []
    waves: list[list[list[list[Command]]]] = []
    for number, (world, built) in enumerate(zip(worlds, machines, strict=True)):
        own = host_prefix(number, prefix)
        _, settings, cables, rules = stages(
            built, firewall(world), own, quick=True, alone=False
        )
        names += [netns_name(space, own) for space in built.namespaces]
        cards_first = list(_cards(built, own, number, outside))
        plugged.append(
            Command(outside, "ip", f"link set host{number + 1} master {_WIRE} up")
        )
        early += [*settings, *rules]
        if probed:
            early += often(built, own, alone=False)
            cables += at_once(built, own, alone=False)
        waves.append(in_waves(built, own, [*cards_first, *cables]))
    depth = max((len(own) for own in waves), default=0)
    together = [
        [chain for own in waves if place < len(own) for chain in own[place]]
        for place in range(depth)
    ]
    all_waves = [chains(early), chains(wire), *together, chains(plugged)]
    return Plan(
        prefix=prefix,
        names=tuple(names),
        names_command=batched(Command("", "ip", f"netns add {n}") for n in names)[0],
        waves=tuple(tuple(tuple(chain) for chain in wave) for wave in all_waves),
        servers=tuple(_servers(worlds, machines, prefix)),
        removal=batched(Command("", "ip", f"netns delete {n}") for n in names)[0],
    )


def _wire(machines: Sequence[Machine], outside: str) -> Iterator[Command]:
    yield Command(outside, "ip", "link set lo up")
    yield Command(outside, "ip", f"link add {_WIRE} type bridge")
    yield Command(outside, "ip", f"link set {_WIRE} up")
    yield Command(outside, "ip", f"addr add {FAR_AWAY}/32 dev lo")
    routers = {
        f"{route.gateway}/{length}": None
        for built in machines
        for card in cards(built)
        for route in built.host.routes
        if route.gateway is not None and route.device == card.name
        for length in _lengths(card, route.gateway.family)
    }
    for router in routers:
        yield Command(outside, "ip", f"addr add {router} dev {_WIRE}")


def _lengths(card: Interface, family: int) -> list[int]:
    return [own.length for own in card.of_family(family) if own.scope == "global"][:1]


def _cards(built: Machine, own: str, number: int, outside: str) -> Iterator[Command]:
    """The host's card, whose cable ends at the wire."""
    for card in cards(built)[:1]:
        device = shlex.quote(card.name)
        yield Command(
            own,
            "ip",
            f"link add {device} index {card.index} address {card.mac} mtu {card.mtu} "
            f"type veth peer name host{number + 1} mtu {card.mtu} netns {outside}",
        )
        yield Command(own, "ip", f"link set {device} up")
        for address in card.addresses:
            if address.scope == "global":
                yield Command(own, "ip", f"addr add {shown(address)} dev {device}")
        for route in built.host.routes:
            if route.device == card.name and not route.kernel:
                yield route_added(own, route)


def _servers(
    worlds: Sequence[World], machines: Sequence[Machine], prefix: str
) -> Iterator[Server]:
    alone = {outside_name(host_prefix(n, prefix)) for n in range(len(worlds))}
    for number, (world, built) in enumerate(zip(worlds, machines, strict=True)):
        for server in servers(world, built, host_prefix(number, prefix)):
            if server.netns not in alone:
                yield server
    for protocol, port in OUTSIDE_PORTS:
        yield Server(outside_name(prefix), protocol, "", port, Task.ANSWER, "outside")
