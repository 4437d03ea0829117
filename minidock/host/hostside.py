"""The host's own interfaces: its cards, a bridge per network, a port per endpoint.

```
eth0 (card)     docker0 (bridge) ── veth1a2b3c4 (port) ══▶ a container's eth0
                br-1f2e3d4c5b6a  ── ...
eth0.50, dm-1f2e3d4c5b6a (made for macvlan and ipvlan networks without a card)
```

A macvlan or ipvlan network puts nothing on the host but such a parent, and only where
there was none.

Invariants: a bridge has a carrier exactly while it has a port; it takes its mtu from
its ports and has 1500 without any; it keeps its link-local address once it has had one.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from minidock.host.attachments import (
    DEFAULT_MTU,
    Attachment,
    attachments,
    loopback,
    made_from,
    mtu_of,
    sandbox_name,
)
from minidock.model.host import HostInterface
from minidock.model.network import BridgeSettings, MadeLink, Network
from minidock.model.world import World
from minidock.net.address import V6, Address
from minidock.net.mac import MAC
from minidock.topology.interface import Interface, InterfaceAddress, InterfaceKind

__all__ = ["OUTSIDE", "host_devices", "host_interfaces"]

OUTSIDE = "outside"
"""The name of the namespace that the other end of a host card is in."""

_FIXED_LINK_LOCAL = Address((0xFE80 << 112) | 1, V6)


def host_interfaces(world: World, attached: list[Attachment]) -> tuple[Interface, ...]:
    """Every interface of the host's namespace, by index; O(n log n)."""
    found = (
        loopback(ipv6=True),
        *(_card(world, card) for card in world.host.interfaces),
        *_bridges(world, {item.bridge.name for item in attached if item.bridge}),
        *_ports(world, attached),
    )
    first = _first_children(attached)
    devices = {item.name: _as_parent(item, first.get(item.name)) for item in found}
    made = (_as_parent(item, first.get(item.name)) for item in _made(world, devices))
    return tuple(sorted((*devices.values(), *made), key=lambda item: item.index))


def host_devices(world: World) -> dict[str, Interface]:
    """What a child can hang on, by name: all but the ports of bridges."""
    attached = attachments(world, world.containers.values())
    return {item.name: item for item in host_interfaces(world, attached)}


def _first_children(attached: list[Attachment]) -> dict[str, Attachment]:
    """The oldest child of each parent, by the parent's name."""
    found: dict[str, Attachment] = {}
    for item in attached:
        if item.network.parent is not None:
            found.setdefault(item.network.parent.name, item)
    return found


def _as_parent(item: Interface, child: Attachment | None) -> Interface:
    """The interface as its children leave it.

    It takes frames for the MACs of macvlan children, too. In mode passthru it takes
    over its child's MAC; the link-local address made from the old one stays.
    """
    parent = child.network.parent if child else None
    if child is None or parent is None or parent.kind is not InterfaceKind.MACVLAN:
        return item
    mac = child.endpoint.mac if parent.mode == "passthru" else None
    return replace(item, watches=True, mac=mac or item.mac)


def _made(world: World, devices: Mapping[str, Interface]) -> Iterator[Interface]:
    """The parents that Docker made; networks may share one."""
    found = {
        network.parent.name: network.parent.made
        for network in world.networks.values()
        if network.parent and network.parent.made
    }
    for name, made in found.items():
        below = devices.get(made.below)
        if below is not None:
            yield _vlan(name, made, below)
        elif not made.tag:
            yield _dummy(name, made)


def _dummy(name: str, made: MadeLink) -> Interface:
    mac = made.mac or MAC(0)
    return Interface(
        name=name,
        index=made.index,
        kind=InterfaceKind.DUMMY,
        mac=mac,
        queue_length=1000,
        # Nobody could answer: there is no check for duplicates.
        addresses=(made_from(mac, tentative=False),),
    )


def _vlan(name: str, made: MadeLink, below: Interface) -> Interface:
    return Interface(
        name=name,
        index=made.index,
        kind=InterfaceKind.VLAN,
        mac=below.mac,
        mtu=below.mtu,
        carrier=below.carrier,
        queue_length=1000,
        addresses=(made_from(below.mac, tentative=True),) if below.carrier else (),
        parent=below.name,
        parent_index=below.index,
        parent_namespace="",
        tag=made.tag,
    )


def _card(world: World, card: HostInterface) -> Interface:
    fresh = not any(n.bridge and n.bridge.had_ports for n in world.networks.values())
    given = tuple(InterfaceAddress(address=a, length=n) for a, n in card.addresses)
    own = (made_from(card.mac, tentative=fresh),)
    cable = card.peer.startswith("if") and card.peer[2:].isdecimal()
    return Interface(
        name=card.name,
        index=card.index,
        kind=InterfaceKind.VETH if cable else InterfaceKind.PHYSICAL,
        mac=card.mac,
        mtu=card.mtu,
        queue_length=1000,
        addresses=given + (() if any(a.scope == "link" for a in given) else own),
        peer_index=int(card.peer[2:]) if cable else 0,
        peer_namespace=OUTSIDE if cable else None,
    )


def _bridges(world: World, in_use: set[str]) -> Iterator[Interface]:
    for network in world.networks.values():
        bridge = network.bridge
        if bridge is None:
            continue
        busy = bridge.name in in_use
        yield Interface(
            name=bridge.name,
            index=bridge.index,
            kind=InterfaceKind.BRIDGE,
            mac=bridge.mac,
            mtu=mtu_of(world, bridge) if busy else DEFAULT_MTU,
            carrier=busy,
            had_ports=busy or bridge.had_ports,
            addresses=tuple(_bridge_addresses(network, bridge, busy=busy)),
        )


def _bridge_addresses(
    network: Network, bridge: BridgeSettings, *, busy: bool
) -> Iterator[InterfaceAddress]:
    """Its gateways and link-local addresses, in the kernel's order: wide scopes first.

    The check for duplicates needs a carrier: it goes on while the bridge is in use, is
    over where the bridge was in use, and never began where it was not.
    """
    was_up = busy or bridge.had_ports
    tentative = busy or not was_up
    pool, pool6 = network.pool, network.pool6
    hidden = bridge.inhibit_ipv4 or bridge.gateway_mode_ipv4 == "isolated"
    if pool and pool.gateway and not hidden:
        yield InterfaceAddress.with_broadcast(pool.gateway, pool.subnet.length)
    ipv6 = network.enable_ipv6 and pool6 is not None
    if ipv6 and pool6 and pool6.gateway and bridge.gateway_mode_ipv6 != "isolated":
        yield InterfaceAddress(
            address=pool6.gateway, length=pool6.subnet.length, tentative=tentative
        )
    if was_up:
        yield made_from(bridge.mac, tentative=tentative)
    if ipv6:
        yield InterfaceAddress(
            address=_FIXED_LINK_LOCAL, length=64, tentative=tentative
        )


def _ports(world: World, attached: list[Attachment]) -> Iterator[Interface]:
    numbers: defaultdict[str, int] = defaultdict(int)
    for item in sorted(attached, key=lambda item: item.endpoint.sequence):
        endpoint, bridge = item.endpoint, item.bridge
        if bridge is None:
            continue
        numbers[bridge.name] += 1
        yield Interface(
            name=endpoint.host_interface,
            index=endpoint.host_index,
            kind=InterfaceKind.VETH,
            mac=item.host_mac,
            mtu=mtu_of(world, bridge),
            addresses=(made_from(item.host_mac, tentative=True),),
            master=bridge.name,
            port=numbers[bridge.name],
            # Without the proxy a container reaches its own published port this way.
            hairpin=not world.daemon.userland_proxy,
            peer_index=endpoint.index,
            peer_namespace=sandbox_name(item.container),
        )
