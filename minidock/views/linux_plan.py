"""Everything that is needed to build a World for real, as data: the plan of `--apply`.

```
 names    ip -batch                        all namespaces
 wave 1   each namespace: sysctl, iptables-restore, ip6tables-restore
 wave 2   the host: ip -batch              bridges, and cables into the sandboxes
 wave 3   overlay networks: ip -batch      bridges, tunnels, cables into the sandboxes
 wave 4   the sandboxes: ip -batch         addresses and routes
```

The chains of one wave do not need each other and may run at the same time; the
commands of a chain run one after the other.

Invariants: a namespace's rules stand before its first cable; the plan's namespaces are
those that its first command makes, and what it removes.
"""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from minidock.host.routes import ways_back
from minidock.model.world import World
from minidock.topology.interface import InterfaceKind
from minidock.topology.machine import Machine
from minidock.topology.namespace import Route
from minidock.views.linux import (
    PREFIX,
    cards,
    firewall,
    netns_name,
    netns_names,
    outside_name,
    remove,
    stages,
)
from minidock.views.linux_command import Command, batched, chains
from minidock.views.linux_servers import Server, servers

__all__ = ["Plan", "at_once", "in_waves", "often", "plan"]

Wave = tuple[tuple[Command, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to build a machine, who listens in it, and how to remove it."""

    prefix: str
    names: tuple[str, ...]
    """Its namespaces, as `ip netns` calls them."""
    names_command: Command
    waves: tuple[Wave, ...]
    servers: tuple[Server, ...]
    removal: Command


def plan(
    world: World,
    machine: Machine,
    prefix: str = PREFIX,
    *,
    probed: bool = False,
    more_ways_back: Iterable[Route] = (),
) -> Plan:
    """The plan of a World and its machine; O(their size).

    ``more_ways_back`` are routes of machines outside besides those that the World has.

    A machine that is ``probed`` complains at once and as often as it is asked: by
    itself, Linux takes three seconds to miss a neighbour, and sends few ICMP errors.
    """
    back = (*ways_back(world), *more_ways_back)
    names, early, cables, rules = stages(
        machine, firewall(world), prefix, quick=True, ways_back=back
    )
    if probed:
        early += often(machine, prefix)
        cables += at_once(machine, prefix)
    waves = (chains([*early, *rules]), *in_waves(machine, prefix, cables))
    return Plan(
        prefix=prefix,
        names=tuple(netns_names(machine, prefix)),
        names_command=batched(names)[0],
        waves=tuple(tuple(tuple(chain) for chain in wave) for wave in waves),
        servers=tuple(servers(world, machine, prefix)),
        removal=batched(remove(machine, prefix))[0],
    )


def in_waves(
    machine: Machine, prefix: str, cables: Iterable[Command]
) -> list[list[list[Command]]]:
    """The chains of a host's cables: the host's, those of its networks, the rest."""
    host, *others = chains(cables)
    networks = {netns_name(space, prefix) for space in machine.overlays}
    between = [chain for chain in others if chain[0].netns in networks]
    rest = [chain for chain in others if chain not in between]
    return [wave for wave in ([host], between, rest) if wave]


_LIMITS = (
    "net.ipv4.icmp_ratelimit=0",
    "net.ipv4.icmp_msgs_per_sec=1000000",
    "net.ipv4.icmp_msgs_burst=10000",
    "net.ipv6.icmp.ratelimit=0",
)


def often(machine: Machine, prefix: str, *, alone: bool = True) -> list[Command]:
    """The settings with which a kernel complains as often as it is asked."""
    # "-e": older kernels do not have all of them in every namespace.
    return [
        Command(name, "sysctl", f"-eqw {setting}")
        for name in netns_names(machine, prefix)
        if alone or name != outside_name(prefix)
        for setting in _LIMITS
    ]


def at_once(machine: Machine, prefix: str, *, alone: bool = True) -> list[Command]:
    """The settings with which it misses a neighbour at once."""
    devices = [
        (netns_name(space, prefix), item.name)
        for space in machine.namespaces
        for item in space.interfaces
        if item.kind is not InterfaceKind.LOOPBACK and not item.master
    ]
    outside = outside_name(prefix)
    if alone and outside in netns_names(machine, prefix):
        devices += [(outside, item.name) for item in cards(machine)]
    return [
        Command(
            name,
            "ip",
            f"ntable change name {table} dev {shlex.quote(device)} retrans 100",
        )
        for name, device in devices
        for table in ("arp_cache", "ndisc_cache")
    ]
