"""What bridge networks need from the firewall: the facts, and the rules in common.

```
           facts, once per family                     steps, in Docker's order
 daemon   ──▶ Wall     userland proxy? ...     ──┐
 network  ──▶ Bridge   name, subnet, icc ...   ──┼──▶ a layout ──▶ iptables -I ...
 endpoint ──▶ PortMapping, LinkOpening ...     ──┘
```

A *layout* is a module of six functions (:class:`Layout`), one per moment at which
Docker writes rules: the daemon starts, a network is made (its own rules, and what every
new one raises again), a container is attached, its ports are published, a link opens a
port. Which layout an engine has is a fact of its
era, ``Era.firewall_layout``.

Invariants: a step names interfaces and addresses of its own network only; taking steps
twice changes nothing; IPv4 and IPv6 get their rules separately.

Docker's names: the driver's ``setup_ip_tables`` (to 27) and its *iptabler* (28).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol as Interface

from minidock.firewall.rule import (
    ConnectionState,
    Destination,
    DestinationPort,
    DestinationType,
    Dnat,
    InInterface,
    Jump,
    Masquerade,
    Match,
    OutInterface,
    Protocol,
    Rule,
    Snat,
    Source,
    SourcePort,
    SourceType,
    Verdict,
    rule,
)
from minidock.firewall.steps import Place, Put, SetPolicy, Step
from minidock.model.container import LinkOpening
from minidock.net.address import V4, Address
from minidock.net.prefix import Prefix
from minidock.ports.mapping import PortMapping

__all__ = [
    "Bridge",
    "GatewayMode",
    "Layout",
    "Wall",
    "dnat",
    "forward_policy",
    "host",
    "link_pair",
    "masquerading",
    "nat_jumps",
    "open_port",
    "related",
    "self_reach",
]

_LOOPBACK = {4: Prefix.parse("127.0.0.0/8"), 6: Prefix.parse("::1/128")}


class GatewayMode(StrEnum):
    """How a bridge network meets the world (``...bridge.gateway_mode_ipv4``, ``6``)."""

    NAT = "nat"  # behind the host's address; only published ports are reachable
    NAT_UNPROTECTED = "nat-unprotected"  # behind it too, but no port is closed
    ROUTED = "routed"  # under its own addresses; published ports are open, not mapped
    ISOLATED = "isolated"  # internal, and the bridge itself has no address


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """What holds for all bridge networks of one family."""

    family: int = V4
    proxy: bool = True
    """A docker-proxy process serves connections that never meet the nat table."""
    drop_forwarded: bool = True
    """Docker switched forwarding on, and so makes the host forward nothing else."""
    mirrored: bool = False
    """Windows' mirrored networking: loopback0 carries the traffic of its loopback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """One bridge network, seen from one family; no subnet: none of that family."""

    name: str
    subnet: Prefix | None
    internal: bool = False
    icc: bool = True
    masquerade: bool = True
    mode: GatewayMode = GatewayMode.NAT
    snat: Address | None = None
    """The host's address that packets leave with (``com.docker.network.host_ipv4``)."""
    trusted: tuple[str, ...] = ()
    """Host interfaces from which containers may be reached directly."""

    @property
    def ins(self) -> InInterface:
        """Comes from this network."""
        return InInterface(self.name)

    @property
    def not_ins(self) -> InInterface:
        """Comes from anywhere else."""
        return InInterface(self.name, negated=True)

    @property
    def outs(self) -> OutInterface:
        """Goes into this network."""
        return OutInterface(self.name)

    @property
    def not_outs(self) -> OutInterface:
        """Goes anywhere else."""
        return OutInterface(self.name, negated=True)


class Layout(Interface):
    """The moments at which Docker writes rules; a module per layout has them."""

    def daemon_steps(self, wall: Wall) -> Iterator[Step]:
        """When dockerd starts."""

    def network_steps(self, wall: Wall, bridge: Bridge) -> Iterator[Step]:
        """When a bridge network is made."""

    def raise_steps(self, wall: Wall) -> Iterator[Step]:
        """What every new network raises to its place, and what stays when it goes."""

    def endpoint_steps(self, bridge: Bridge, address: Address) -> Iterator[Step]:
        """When a container is attached."""

    def port_steps(
        self, wall: Wall, bridge: Bridge, mapping: PortMapping
    ) -> Iterator[Step]:
        """When a port is published."""

    def link_steps(self, opening: LinkOpening) -> Iterator[Step]:
        """When a link opens a port although containers may not talk (icc off)."""


def host(address: Address) -> Prefix:
    """The prefix that holds this one address.

    >>> str(host(Address.parse("172.17.0.2")))
    '172.17.0.2/32'
    """
    return Prefix.of(address, address.bits)


def forward_policy(wall: Wall) -> Iterator[Step]:
    """What the host forwards besides Docker's packets: nothing, or as it was before."""
    if wall.drop_forwarded:
        yield SetPolicy(table="filter", chain="FORWARD", policy=Verdict.DROP)


def nat_jumps(wall: Wall) -> Iterator[Step]:
    """The ways into nat's DOCKER chain: for what arrives, and for what starts here.

    With a userland proxy the host's own loopback is left to it.
    """
    local, docker = DestinationType("LOCAL"), Jump("DOCKER")
    yield Put(rule("nat", "PREROUTING", local, target=docker))
    loopback = Destination(_LOOPBACK[wall.family], negated=True)
    matches = (loopback, local) if wall.proxy else (local,)
    yield Put(rule("nat", "OUTPUT", *matches, target=docker))


def masquerading(wall: Wall, bridge: Bridge, subnet: Prefix) -> Iterator[Step]:
    """How packets of a network leave the host under the host's address.

    Without a proxy, what the host sends to its own published ports comes back through
    the bridge ("hairpin") and must be given an address that the container can answer.
    """
    target = Masquerade() if bridge.snat is None else Snat(bridge.snat)
    if bridge.masquerade and bridge.mode is not GatewayMode.ROUTED:
        leaving = (Source(subnet), bridge.not_outs)
        yield Put(rule("nat", "POSTROUTING", *leaving, target=target), Place.INSERT)
    # Odd: a routed network, which has no DNAT rules to skip, skips them all the same.
    if bridge.masquerade and wall.proxy:
        skip = rule("nat", "DOCKER", bridge.ins, target=Verdict.RETURN)
        yield Put(skip, Place.INSERT)
    if not wall.proxy:
        own = (bridge.outs, SourceType("LOCAL"))
        yield Put(rule("nat", "POSTROUTING", *own, target=target), Place.INSERT)


def related(chain: str, bridge: Bridge) -> Rule:
    """Answers to what the network's containers began come in."""
    answers = ConnectionState(("RELATED", "ESTABLISHED"))
    return rule("filter", chain, bridge.outs, answers, target=Verdict.ACCEPT)


def dnat(wall: Wall, bridge: Bridge, mapping: PortMapping, *extra: Source) -> Rule:
    """The host port leads to the container."""
    matches: list[Match] = [
        *extra,
        Protocol(mapping.protocol),
        DestinationPort(mapping.host_port),
    ]
    if not mapping.host_ip.is_unspecified:
        matches.append(Destination(host(mapping.host_ip)))
    if wall.proxy:
        matches.append(bridge.not_ins)
    target = Dnat(mapping.container_address, mapping.container_port)
    return rule("nat", "DOCKER", *matches, target=target)


def open_port(bridge: Bridge, mapping: PortMapping) -> Rule:
    """The container's port may be reached from outside its network."""
    return rule(
        "filter",
        "DOCKER",
        Destination(host(mapping.container_address)),
        bridge.not_ins,
        bridge.outs,
        Protocol(mapping.protocol),
        DestinationPort(mapping.container_port),
        target=Verdict.ACCEPT,
    )


def self_reach(mapping: PortMapping) -> Rule:
    """A container that reaches itself by its published port sees the host asking.

    Otherwise it would get packets from its own address over the wire, and drop them.
    """
    own = host(mapping.container_address)
    return rule(
        "nat",
        "POSTROUTING",
        Source(own),
        Destination(own),
        Protocol(mapping.protocol),
        DestinationPort(mapping.container_port),
        target=Masquerade(),
    )


def link_pair(opening: LinkOpening) -> tuple[Rule, Rule]:
    """There to the linked port, and back from it."""
    parent, child = host(opening.parent), host(opening.child)
    inside = (InInterface(opening.bridge), OutInterface(opening.bridge))
    protocol, port = Protocol(opening.protocol), opening.port
    there = (Source(parent), Destination(child), protocol, DestinationPort(port))
    back = (Source(child), Destination(parent), protocol, SourcePort(port))
    return (
        rule("filter", "DOCKER", *inside, *there, target=Verdict.ACCEPT),
        rule("filter", "DOCKER", *inside, *back, target=Verdict.ACCEPT),
    )
