"""World -> fabric: the stacks, cables and rules that a packet meets.

```
 World ─────────────▶ this host          ┐
 other Worlds ──────▶ hosts in full      ├──▶ one fabric, joined by the wire outside
 World.cluster.peers ▶ hosts as far as   │
                      they are known     ┘
```

Invariant: a fabric depends on the Worlds alone. The last one is kept, since many
packets walk through one World; it is found again by the Worlds' identity.
"""

from collections.abc import Sequence
from dataclasses import replace

from minidock.host.machine import machine
from minidock.host.peers import OtherHost, other_hosts
from minidock.host.routes import ways_back
from minidock.host.rules import container_rules, rules
from minidock.model.world import World
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix
from minidock.packet.fabric import Fabric, fabric
from minidock.packet.parts import Site
from minidock.topology.interface import InterfaceAddress, InterfaceKind
from minidock.topology.machine import Machine
from minidock.topology.namespace import Route

__all__ = ["fabric_of", "hosts_beside", "site_of"]

_last: list[tuple[tuple[World, ...], Fabric]] = []
"""The Worlds that were asked about last and their fabric; a cache, and nothing else."""


def site_of(world: World) -> Site:
    """One host as a fabric takes it; O(n log n)."""
    built = machine(world)
    rulesets = {("", family): rules(world, family) for family in (V4, V6)}
    for space in built.sandboxes:
        container = world.containers.get(world.names.get(space.owner, ""))
        if container is not None:
            rulesets[space.name, V4] = container_rules(world, container)
    return Site(
        machine=_grounded(built, world.cluster.vtep) if world.cluster else built,
        rulesets=rulesets,
        place=world.host.hostname,
        careful_proxy=world.era.proxy_answers_where_asked,
        ways_back=ways_back(world),
    )


def _grounded(built: Machine, vtep: Address) -> Machine:
    """The machine with its VTEP on its first card, if the host's facts do not have it.

    An engine may advertise any address. Here it takes the place of the card's, since
    several engines of one program are often given the same facts.
    """
    host = built.host
    known = {own.address for item in host.interfaces for own in item.addresses}
    cards = [
        item for item in host.interfaces if item.kind in _CARDS and not item.master
    ]
    if vtep in known or vtep.is_loopback or not cards:
        return built
    card = cards[0]
    length = next((own.length for own in card.of_family(vtep.family)), 24)
    own = InterfaceAddress.with_broadcast(vtep, length)
    subnet = Prefix.of(vtep, length)
    route = Route(destination=subnet, device=card.name, source=vtep, kernel=True)
    kept = tuple(a for a in card.addresses if a.address.family != vtep.family)
    more = replace(card, addresses=(own, *kept))
    interfaces = tuple(more if item is card else item for item in host.interfaces)
    gone = {a.address for a in card.addresses}
    left = (r for r in host.routes if r.source not in gone or r.source is None)
    routes = (*left, route)
    return replace(built, host=replace(host, interfaces=interfaces, routes=routes))


_CARDS = {InterfaceKind.PHYSICAL, InterfaceKind.VETH}


def fabric_of(world: World, others: Sequence[World] = ()) -> Fabric:
    """The fabric of a host and those it knows; O(n log n) once, then O(1) for the same.

    Args:
        world: the host whose stacks go by their own names.
        others: other hosts of its cluster, in full; the rest is read off its peers.

    >>> from minidock.engine import Engine
    >>> world = Engine().world
    >>> fabric_of(world) is fabric_of(world)
    True
    """
    asked = (world, *others)
    for known, found in _last:
        if len(known) == len(asked) and all(map(_same, known, asked)):
            return found
    made = fabric(_sites(world, others))
    _last[:] = [(asked, made)]
    return made


def _same(one: World, other: World) -> bool:
    return one is other


def hosts_beside(
    world: World, others: Sequence[World] = ()
) -> dict[str, World | OtherHost]:
    """The other hosts of a fabric by their places in it; O(peers log peers).

    Args:
        world: the host whose stacks go by their own names.
        others: other hosts of its cluster, in full; the rest is read off its peers.
    """
    found: dict[str, World | OtherHost] = {}
    full = {item.cluster.advertise for item in others if item.cluster}
    for other in others:
        cluster, place = other.cluster, other.host.hostname
        if place in {world.host.hostname, *found} and cluster is not None:
            place = f"{place} {cluster.advertise}"
        found[place] = other
    for host in other_hosts(world):
        if host.advertise not in full:
            place = f"{host.name} {host.advertise}" if host.name in found else host.name
            found[place] = host
    return found


def _sites(world: World, others: Sequence[World]) -> list[Site]:
    here = replace(site_of(world), at_home=True)
    beside = hosts_beside(world, others)
    return [here, *(_site_at(place, host) for place, host in beside.items())]


def _site_at(place: str, host: World | OtherHost) -> Site:
    if isinstance(host, World):
        return replace(site_of(host), place=place)
    return Site(machine=host.machine, place=place)
