"""The rules of bridge networks as engine 28 writes them.

```
 arriving ──▶ raw PREROUTING   to a container's own address, not from its bridge: DROP
                 │
 forwarded ─▶ FORWARD ─▶ DOCKER-USER       yours; empty
                      └▶ DOCKER-FORWARD
                           ├▶ DOCKER-CT                 answers            ACCEPT
                           ├▶ DOCKER-ISOLATION-STAGE-1  ─▶ STAGE-2         DROP
                           ├▶ DOCKER-BRIDGE  ─▶ DOCKER  open ports         ACCEPT
                           │                            the rest, per net  DROP
                           └▶ per network, the oldest first: out of it     ACCEPT
```

So ports that nobody published are closed even where the host forwards everything, and
a neighbour on the LAN cannot walk around the published ports by routing to a
container's address, as it could before 28.

Invariants: FORWARD holds two jumps and nothing else of Docker's; a network's last rule
in DOCKER stands below all ACCEPTs for its ports.

Docker calls the part that writes them the *iptabler*.
"""

from collections.abc import Iterator

from minidock.drivers.bridge_rules import (
    Bridge,
    GatewayMode,
    Wall,
    dnat,
    forward_policy,
    host,
    link_pair,
    masquerading,
    nat_jumps,
    open_port,
    related,
    self_reach,
)
from minidock.firewall.rule import (
    ConnectionState,
    Destination,
    DestinationPort,
    InInterface,
    Jump,
    Match,
    Protocol,
    Source,
    Verdict,
    rule,
)
from minidock.firewall.steps import NewChain, Place, Put, Step
from minidock.model.container import LinkOpening
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix
from minidock.ports.mapping import PortMapping

__all__ = [
    "daemon_steps",
    "endpoint_steps",
    "link_steps",
    "network_steps",
    "port_steps",
    "raise_steps",
]

_FORWARD, _BRIDGE, _CT = "DOCKER-FORWARD", "DOCKER-BRIDGE", "DOCKER-CT"
_FIRST, _SECOND = "DOCKER-ISOLATION-STAGE-1", "DOCKER-ISOLATION-STAGE-2"
_CHAINS = ("DOCKER", _FORWARD, _BRIDGE, _CT, _FIRST, _SECOND)
_LINK_LOCAL = Source(Prefix.parse("fe80::/10"), negated=True)
_MIRROR = InInterface("loopback0")
_ICMP = {V4: Protocol("icmp"), V6: Protocol("ipv6-icmp")}


def daemon_steps(wall: Wall) -> Iterator[Step]:
    """The chains and the jumps between them, before there is any network."""
    yield NewChain("nat", "DOCKER")
    for chain in _CHAINS:
        yield NewChain("filter", chain)
    yield from nat_jumps(wall)
    yield from forward_policy(wall)
    yield Put(rule("filter", "FORWARD", target=Jump(_FORWARD)), Place.RAISE)
    for chain in (_BRIDGE, _FIRST, _CT):
        yield Put(rule("filter", _FORWARD, target=Jump(chain)), Place.RAISE)
    if wall.mirrored and wall.proxy and wall.family == V4:
        # Windows' own loopback traffic is for the proxy, not for nat.
        loopback = Destination(Prefix.parse("127.0.0.0/8"))
        skip = rule("nat", "DOCKER", loopback, _MIRROR, target=Verdict.RETURN)
        yield Put(skip, Place.INSERT)
    yield NewChain("filter", "DOCKER-USER")
    yield Put(rule("filter", "FORWARD", target=Jump("DOCKER-USER")), Place.RAISE)


def network_steps(wall: Wall, bridge: Bridge) -> Iterator[Step]:
    """A network's own rules; most go below those of older networks."""
    if bridge.subnet is None:
        return
    if bridge.internal:
        yield from _keep_inside(bridge, bridge.subnet)
        return
    yield from masquerading(wall, bridge, bridge.subnet)
    yield from _outgoing(bridge)
    yield from _closing(wall, bridge)
    yield Put(related(_CT, bridge))
    yield Put(rule("filter", _BRIDGE, bridge.outs, target=Jump("DOCKER")))
    yield from _isolation(bridge)


def raise_steps(wall: Wall) -> Iterator[Step]:  # noqa: ARG001 # the layout's interface
    """Nothing: this engine puts its jumps in place when it starts, and never again."""
    yield from ()


def endpoint_steps(bridge: Bridge, address: Address) -> Iterator[Step]:
    """Nobody outside the host reaches the container by its own address.

    >>> from minidock.firewall.render import commands
    >>> mine = Bridge(name="br-1", subnet=Prefix.parse("10.1.0.0/24"))
    >>> commands(endpoint_steps(mine, Address.parse("10.1.0.2")))
    ('iptables -t raw -A PREROUTING -d 10.1.0.2/32 ! -i br-1 -j DROP',)
    """
    if bridge.internal or bridge.mode is not GatewayMode.NAT:
        return
    here = Destination(host(address))
    for name in bridge.trusted:
        accept = Verdict.ACCEPT
        yield Put(rule("raw", "PREROUTING", here, InInterface(name), target=accept))
    yield Put(rule("raw", "PREROUTING", here, bridge.not_ins, target=Verdict.DROP))


def port_steps(wall: Wall, bridge: Bridge, mapping: PortMapping) -> Iterator[Step]:
    """A published port: newest on top where it opens, newest last where it leads in.

    A mapping with host port 0 (a routed network) opens the port and leads nowhere.
    """
    if bridge.internal:
        return
    if mapping.host_port:
        yield from _loopback_only(wall, mapping)
    if mapping.host_ip.family != mapping.container_address.family:
        return
    if mapping.host_port:
        extra = (_LINK_LOCAL,) if wall.family == V6 else ()
        yield Put(dnat(wall, bridge, mapping, *extra))
        if not wall.proxy:
            yield Put(self_reach(mapping))
    if bridge.mode is not GatewayMode.NAT_UNPROTECTED:
        yield Put(open_port(bridge, mapping), Place.INSERT)


def link_steps(opening: LinkOpening) -> Iterator[Step]:
    """A link's two rules, at the bottom of DOCKER."""
    for opened in link_pair(opening):
        yield Put(opened)


def _outgoing(bridge: Bridge) -> Iterator[Step]:
    accept = Verdict.ACCEPT
    if bridge.icc:
        yield Put(rule("filter", _FORWARD, bridge.ins, target=accept))
    else:
        within = (bridge.ins, bridge.outs)
        yield Put(rule("filter", _FORWARD, *within, target=Verdict.DROP))
        leaving = (bridge.ins, bridge.not_outs)
        yield Put(rule("filter", _FORWARD, *leaving, target=accept))


def _closing(wall: Wall, bridge: Bridge) -> Iterator[Step]:
    if bridge.mode is GatewayMode.ROUTED:
        ping = (bridge.outs, _ICMP[wall.family])
        yield Put(rule("filter", "DOCKER", *ping, target=Verdict.ACCEPT))
    unprotected = bridge.mode is GatewayMode.NAT_UNPROTECTED
    verdict = Verdict.ACCEPT if unprotected else Verdict.DROP
    yield Put(rule("filter", "DOCKER", bridge.not_ins, bridge.outs, target=verdict))


def _isolation(bridge: Bridge) -> Iterator[Step]:
    # Odd: the first stage is written from the top down, the second upside down.
    away = (bridge.ins, bridge.not_outs)
    yield Put(rule("filter", _FIRST, *away, target=Jump(_SECOND)))
    enter = rule("filter", _SECOND, bridge.outs, target=Verdict.DROP)
    yield Put(enter, Place.INSERT)
    if bridge.mode is GatewayMode.ROUTED:
        # Other networks may come in, and their answers may go out.
        welcome = rule("filter", _FIRST, bridge.outs, target=Verdict.RETURN)
        yield Put(welcome, Place.INSERT)
        answers = (bridge.ins, ConnectionState(("RELATED", "ESTABLISHED")))
        accept = rule("filter", _FIRST, *answers, target=Verdict.ACCEPT)
        yield Put(accept, Place.INSERT)


def _keep_inside(bridge: Bridge, subnet: Prefix) -> Iterator[Step]:
    # IPv6 neighbours also talk under addresses outside the subnet (fe80::/10), so what
    # stays on the bridge is let through whatever its addresses are.
    six = subnet.family == V6
    leaves: list[Match] = [Destination(subnet, negated=True), bridge.ins]
    enters: list[Match] = [Source(subnet, negated=True), bridge.outs]
    leaves += [bridge.not_outs] if six else []
    enters += [bridge.not_ins] if six else []
    drop = Verdict.DROP
    yield Put(rule("filter", _FIRST, *leaves, target=drop), Place.INSERT)
    yield Put(rule("filter", _FIRST, *enters, target=drop), Place.INSERT)
    verdict = Verdict.ACCEPT if bridge.icc else Verdict.DROP
    yield Put(rule("filter", _FORWARD, bridge.ins, bridge.outs, target=verdict))


def _loopback_only(wall: Wall, mapping: PortMapping) -> Iterator[Step]:
    address = mapping.host_ip
    if not address.is_loopback or address.family != V4:
        return  # no router forwards ::1, but many once forwarded 127.0.0.1
    port = (
        Destination(host(address)),
        Protocol(mapping.protocol),
        DestinationPort(mapping.host_port),
    )
    if wall.mirrored:
        accept = rule("raw", "PREROUTING", *port, _MIRROR, target=Verdict.ACCEPT)
        yield Put(accept)
    outside = InInterface("lo", negated=True)
    yield Put(rule("raw", "PREROUTING", *port, outside, target=Verdict.DROP))
