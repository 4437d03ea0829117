"""The firewall that stands on the Docker host and in its containers, read off a World.

```
 World ── networks (sequence) ──┐  sorted by the turn  steps
       ── endpoints (sequence) ─┼─▶ at which somebody ───────▶ rules(world, V4 or V6)
       ── ports, links (mapped) ┤  wrote them
       ── host.firewall (turn) ─┘

 Container on a user-defined network ── its DNS server's ports ──▶ container_rules(...)
```

Nothing about rules is stored. What was made last stands on top (or at the bottom) only
because Docker wrote it last, so the reading takes Docker's steps again, in the order of
the World's turns, for all that is still there. What has been taken away leaves no
trace, as deleting a rule does not move the others; only the jumps that every new
network raises stay where the last one put them. What people changed in the firewall
themselves is taken in between, in the turn in which they did it.

Invariants: the result is sound (:func:`minidock.firewall.invariants.broken`
finds nothing); it depends on the World alone; with ``--iptables=false`` it has only
what others than Docker wrote.
"""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

from minidock.drivers import bridge_rules_docker_forward, bridge_rules_isolation_stages
from minidock.drivers.bridge_rules import Bridge, GatewayMode, Layout, Wall, host
from minidock.eras import FirewallLayout
from minidock.firewall.command import read_call, steps_for
from minidock.firewall.rule import (
    Destination,
    DestinationPort,
    Dnat,
    Jump,
    Protocol,
    Snat,
    Source,
    SourcePort,
    rule,
)
from minidock.firewall.ruleset import Ruleset
from minidock.firewall.steps import Add, NewChain, Place, Put, Step, Take
from minidock.firewall.words import read_rule
from minidock.model.container import Container, Endpoint
from minidock.model.host import FirewallChange
from minidock.model.network import Network
from minidock.model.world import World
from minidock.naming.hosts import sandbox_owner
from minidock.net.address import V4, V6, Address

__all__ = ["container_rules", "container_steps", "resolver_ports", "rules", "steps"]

_LAYOUTS: dict[FirewallLayout, Layout] = {
    FirewallLayout.ISOLATION_STAGES: bridge_rules_isolation_stages,
    FirewallLayout.DOCKER_FORWARD: bridge_rules_docker_forward,
}
_RESOLVER = Address.parse("127.0.0.11")
_EPHEMERAL = (32768, 60999)  # where the kernel takes a port nobody asked for


class _Turn(NamedTuple):
    """What Docker wrote in one turn; the kind orders what shares a turn."""

    sequence: int
    kind: int
    steps: tuple[Step, ...]


def rules(world: World, family: int = V4) -> Ruleset:
    """What ``iptables-save`` (``ip6tables-save``) shows on the host; O(n log n)."""
    # Docker passes over what it cannot write because somebody took its chains away.
    mine = any(change.family == family for change in world.host.firewall)
    return Ruleset(family=family).program(steps(world, family), forgiving=mine)


def steps(world: World, family: int = V4) -> Iterator[Step]:
    """The ``iptables`` runs for all that stands, in the order they were made."""
    turns = list(_changes(world, family))
    if _enabled(world, family):
        layout = _LAYOUTS[world.era.firewall_layout]
        wall = _wall(world, family)
        turns.append(_Turn(0, -2, tuple(layout.daemon_steps(wall))))
        turns += _turns(world, layout, wall)
    turns.sort(key=lambda turn: turn[:2])
    for turn in turns:
        yield from turn.steps


def _changes(world: World, family: int) -> Iterator[_Turn]:
    """What people changed: before whatever Docker does in the turn that comes next."""
    for change in world.host.firewall:
        if change.family == family:
            yield _Turn(change.turn, -1, tuple(_steps_of(change)))


def _steps_of(change: FirewallChange) -> Iterator[Step]:
    for step in steps_for(read_call(change.words, change.family)):
        match step:
            case Add(rule=rule) if change.above:
                above = tuple(
                    read_rule(rule.table, rule.chain, words, change.family)
                    for words in change.above
                )
                yield replace(step, above=above)
            case Take():
                yield replace(step, which=change.which)
            case _:
                yield step


def container_rules(world: World, container: Container, family: int = V4) -> Ruleset:
    """What ``iptables-save`` shows in a container's network namespace.

    Containers that share a namespace (``--network container:other``, ``host``) see the
    same rules, since rules belong to namespaces.
    """
    owner = sandbox_owner(world, container)
    if any(endpoint.network == "host" for endpoint in owner.endpoints):
        return rules(world, family)
    if family == V6:  # Docker's DNS server has an IPv4 address only
        return Ruleset(family=V6)
    return Ruleset().program(container_steps(world, owner))


def container_steps(world: World, container: Container) -> Iterator[Step]:
    """How Docker's DNS server gets port 53 of 127.0.0.11 although it listens elsewhere.

    The container may itself serve port 53, so the server listens on two ports that the
    kernel picked, and only packets for 127.0.0.11 are led there and back.
    """
    if not any(_resolves(world, endpoint) for endpoint in container.endpoints):
        return
    here = host(_RESOLVER)
    yield NewChain("nat", "DOCKER_OUTPUT")
    yield NewChain("nat", "DOCKER_POSTROUTING")
    for chain in ("OUTPUT", "POSTROUTING"):
        yield Put(rule("nat", chain, Destination(here), target=Jump(f"DOCKER_{chain}")))
    for protocol, port in zip(("udp", "tcp"), resolver_ports(container), strict=True):
        asked = (Destination(here), Protocol(protocol), DestinationPort(53))
        there = rule("nat", "DOCKER_OUTPUT", *asked, target=Dnat(_RESOLVER, port))
        sent = (Source(here), Protocol(protocol), SourcePort(port))
        back = rule("nat", "DOCKER_POSTROUTING", *sent, target=Snat(None, 53))
        yield Put(there, Place.INSERT)
        yield Put(back, Place.INSERT)


def resolver_ports(container: Container) -> tuple[int, int]:
    """The UDP and the TCP port on which the container's DNS server listens.

    A real kernel picks any free ports; here the sandbox's id picks them, so that a
    lesson prints the same digits each time.
    """
    digest = sha256((container.sandbox or container.id).encode()).digest()
    low, high = _EPHEMERAL
    size = high - low + 1
    udp, tcp = (int.from_bytes(digest[at : at + 4]) % size for at in (0, 4))
    return low + udp, low + tcp


def _enabled(world: World, family: int) -> bool:
    daemon = world.daemon
    if family == V4:
        return daemon.iptables
    # Each family has its own switch: --iptables=false leaves the IPv6 rules.
    return world.era.ip6tables if daemon.ip6tables is None else daemon.ip6tables


def _wall(world: World, family: int) -> Wall:
    return Wall(
        family=family,
        proxy=world.daemon.userland_proxy,
        drop_forwarded=world.daemon.ip_forward and _forwards(world, family),
    )


def _forwards(world: World, family: int) -> bool:
    # 28 switches forwarding on with the first network of the family, older engines at
    # their start (and drop what IPv6 forwards even if it was on before).
    if world.era.firewall_layout is FirewallLayout.ISOLATION_STAGES:
        return True
    return any(
        network.enable_ipv4 if family == V4 else network.enable_ipv6
        for network in world.networks.values()
        if network.bridge is not None
    )


def _turns(world: World, layout: Layout, wall: Wall) -> Iterator[_Turn]:
    bridges: dict[str, Bridge] = {}
    for network in world.networks.values():
        bridge = _bridge(network, wall.family)
        if bridge is not None:
            bridges[network.id] = bridge
            made = tuple(layout.network_steps(wall, bridge))
            yield _Turn(network.sequence, 0, made)
    if world.last_bridge >= 0:
        yield _Turn(world.last_bridge, 1, tuple(layout.raise_steps(wall)))
    for container in world.containers.values():
        for endpoint in container.endpoints:
            if endpoint.attached and endpoint.network_id in bridges:
                bridge = bridges[endpoint.network_id]
                if not world.daemon.allow_direct_routing:
                    yield from _closing_turns(layout, wall, bridge, endpoint)
                yield from _endpoint_turns(layout, wall, bridge, endpoint)


def _bridge(network: Network, family: int) -> Bridge | None:
    settings = network.bridge
    if settings is None or network.config_only:
        return None
    four = family == V4
    pool = network.pool if four else network.pool6
    there = network.enable_ipv4 if four else network.enable_ipv6
    mode = settings.gateway_mode_ipv4 if four else settings.gateway_mode_ipv6
    snat = settings.host_ipv4 if four else settings.host_ipv6
    return Bridge(
        name=settings.name,
        subnet=pool.subnet if pool is not None and there else None,
        internal=network.internal,
        icc=settings.icc,
        masquerade=settings.masquerade,
        mode=GatewayMode(mode),
        snat=Address.parse(snat) if snat else None,
        trusted=settings.trusted_interfaces,
    )


def _closing_turns(
    layout: Layout, wall: Wall, bridge: Bridge, endpoint: Endpoint
) -> Iterator[_Turn]:
    address = endpoint.address if wall.family == V4 else endpoint.address6
    if address is not None:
        attached = tuple(layout.endpoint_steps(bridge, address))
        yield _Turn(endpoint.sequence, 1, attached)


def _endpoint_turns(
    layout: Layout, wall: Wall, bridge: Bridge, endpoint: Endpoint
) -> Iterator[_Turn]:
    published: list[Step] = []
    for mapping in endpoint.mappings:
        if mapping.container_address.family == wall.family:
            published += layout.port_steps(wall, bridge, mapping)
    for opening in endpoint.openings:
        if opening.parent.family == wall.family:
            published += layout.link_steps(opening)
    if published:
        turn = endpoint.mapped or endpoint.sequence
        yield _Turn(turn, 2, tuple(published))


def _resolves(world: World, endpoint: Endpoint) -> bool:
    # Only networks that a user made have names; the default bridge has links instead.
    network = world.networks.get(endpoint.network_id)
    if not endpoint.attached or network is None:
        return False
    return not network.predefined
