"""The rules of bridge networks as engines 17.12 and 20.10 write them.

```
 forwarded ─▶ FORWARD ─▶ DOCKER-USER               yours; Docker only makes it
 packet               ├▶ DOCKER-ISOLATION-STAGE-1  leaves a bridge? ─▶ STAGE-2
                      │                             enters another? ─▶ DROP
                      └▶ per network, the newest first:
                           into it, RELATED,ESTABLISHED    ACCEPT
                           into it                         DOCKER: open ports
                           out of it                       ACCEPT
                           within it                       ACCEPT  (icc)
                         and at the very end:
                           within it                       DROP    (no icc)
```

Invariants: DOCKER-USER and then STAGE-1 are FORWARD's first two rules; both stage
chains end in RETURN.

Docker calls the two chains *isolation stages* because one chain with a rule for each
pair of networks, as older engines had, grew with their square.
"""

from collections.abc import Iterator

from minidock.drivers.bridge_rules import (
    Bridge,
    Wall,
    dnat,
    forward_policy,
    link_pair,
    masquerading,
    nat_jumps,
    open_port,
    related,
    self_reach,
)
from minidock.firewall.rule import (
    ChecksumFill,
    Destination,
    Jump,
    Protocol,
    Source,
    SourcePort,
    Verdict,
    rule,
)
from minidock.firewall.steps import NewChain, Place, Put, Step
from minidock.model.container import LinkOpening
from minidock.net.address import V4, Address
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

_STAGES = ("DOCKER-ISOLATION-STAGE-1", "DOCKER-ISOLATION-STAGE-2")
_FIRST, _SECOND = _STAGES
_ISOLATE = rule("filter", "FORWARD", target=Jump(_FIRST))
_USER = rule("filter", "FORWARD", target=Jump("DOCKER-USER"))


def daemon_steps(wall: Wall) -> Iterator[Step]:
    """The chains, and what leads to them before there is any network."""
    yield NewChain("nat", "DOCKER")
    yield NewChain("filter", "DOCKER")
    for stage in _STAGES:
        yield NewChain("filter", stage)
        yield Put(rule("filter", stage, target=Verdict.RETURN))
    yield from forward_policy(wall)
    # Odd: DOCKER-USER is for IPv4 only, so IPv6 has no place for rules of one's own.
    if wall.family == V4:
        yield NewChain("filter", "DOCKER-USER")
        yield Put(rule("filter", "DOCKER-USER", target=Verdict.RETURN))
        yield Put(_USER, Place.RAISE)


def network_steps(wall: Wall, bridge: Bridge) -> Iterator[Step]:
    """A network's own rules, above those of older networks.

    >>> from minidock.firewall.render import commands
    >>> mine = Bridge(name="br-1", subnet=Prefix.parse("10.1.0.0/24"), internal=True)
    >>> commands(network_steps(Wall(), mine))[0]
    'iptables -I DOCKER-ISOLATION-STAGE-1 ! -d 10.1.0.0/24 -i br-1 -j DROP'
    """
    if bridge.subnet is not None:
        if bridge.internal:
            yield from _keep_inside(bridge, bridge.subnet)
        else:
            yield from masquerading(wall, bridge, bridge.subnet)
            yield from _forwarding(bridge)
            yield from nat_jumps(wall)
        yield Put(_ISOLATE, Place.RAISE)
    # Odd: the isolation is written for IPv6 even where the network has none.
    if not bridge.internal:
        away = rule("filter", _FIRST, bridge.ins, bridge.not_outs, target=Jump(_SECOND))
        enter = rule("filter", _SECOND, bridge.outs, target=Verdict.DROP)
        yield Put(away, Place.INSERT)
        yield Put(enter, Place.INSERT)
    if wall.family == V4:
        yield Put(_USER, Place.RAISE)


def raise_steps(wall: Wall) -> Iterator[Step]:
    """FORWARD's first two rules, above what others have put there in the meantime."""
    yield Put(_ISOLATE, Place.RAISE)
    if wall.family == V4:
        yield Put(_USER, Place.RAISE)


def endpoint_steps(bridge: Bridge, address: Address) -> Iterator[Step]:  # noqa: ARG001 # the layout's interface
    """Nothing: here a container without ports adds no rule."""
    yield from ()


def port_steps(wall: Wall, bridge: Bridge, mapping: PortMapping) -> Iterator[Step]:
    """A published port, below those that were published before.

    A port of the host's IPv6 address in front of an IPv4 container has no rule: only
    the userland proxy can carry it over.
    """
    if bridge.internal or mapping.host_ip.family != mapping.container_address.family:
        return
    yield Put(dnat(wall, bridge, mapping))
    yield Put(open_port(bridge, mapping))
    yield Put(self_reach(mapping))
    if mapping.protocol == "sctp":
        # Before Linux 4.10 a veth left SCTP's checksum to a card that may not know it.
        fill = (Protocol("sctp"), SourcePort(mapping.container_port))
        yield Put(rule("mangle", "POSTROUTING", *fill, target=ChecksumFill()))


def link_steps(opening: LinkOpening) -> Iterator[Step]:
    """A link's two rules, after the ports of the container that asked for it."""
    for opened in link_pair(opening):
        yield Put(opened)


def _forwarding(bridge: Bridge) -> Iterator[Step]:
    # Each goes in at the top, so the chain shows them upside down.
    yield _icc(bridge)
    for found in (
        rule("filter", "FORWARD", bridge.ins, bridge.not_outs, target=Verdict.ACCEPT),
        rule("filter", "FORWARD", bridge.outs, target=Jump("DOCKER")),
        related("FORWARD", bridge),
    ):
        yield Put(found, Place.INSERT)


def _icc(bridge: Bridge) -> Step:
    # Odd: the DROP goes to the bottom of FORWARD, below every network made so far, so
    # that a rule of one's own in between decides before it.
    verdict = Verdict.ACCEPT if bridge.icc else Verdict.DROP
    within = rule("filter", "FORWARD", bridge.ins, bridge.outs, target=verdict)
    return Put(within, Place.INSERT if bridge.icc else Place.APPEND)


def _keep_inside(bridge: Bridge, subnet: Prefix) -> Iterator[Step]:
    leaves = (Destination(subnet, negated=True), bridge.ins)
    enters = (Source(subnet, negated=True), bridge.outs)
    yield Put(rule("filter", _FIRST, *leaves, target=Verdict.DROP), Place.INSERT)
    yield Put(rule("filter", _FIRST, *enters, target=Verdict.DROP), Place.INSERT)
    yield _icc(bridge)
