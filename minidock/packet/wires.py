"""The wires outside: which cards are on one, and the router that is on each.

```
 eth0 192.0.2.2/24    of one host     ┐
 eth0 192.0.2.3/24    of another one  ├─ wire eth0 ── outside 192.0.2.1, a router
 eth0 198.51.100.2/24 of a third one  ──  wire2    ── outside 198.51.100.1
```

Cards with a common subnet share a wire, which is called like its first card if no other
wire is; two cards of one name on different wires stay apart.

Invariants: every card is on one wire; no two wires have one name.
"""

from collections.abc import Iterable, Iterator, Sequence

from minidock.net.address import V4, Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.packet.parts import End
from minidock.topology.interface import Interface, InterfaceAddress, InterfaceKind

__all__ = ["is_card", "router", "subnets", "wires"]

_ROUTER_MAC = 0x0200_5E00_0001
"""The outside router's MAC on the first wire; the next wires count up."""


def is_card(device: Interface) -> bool:
    """Whether it may be plugged into a wire outside."""
    return device.kind not in {InterfaceKind.LOOPBACK, InterfaceKind.BRIDGE} and (
        not device.master
    )


def _share(one: End, two: End) -> bool:
    """Whether two cards are on one wire: they have a subnet in common.

    Two VLANs are one where their tags are the same and their cards are on one wire.
    """
    if InterfaceKind.VLAN in {one.device.kind, two.device.kind}:
        first = one.stack.devices.get(one.device.parent)
        second = two.stack.devices.get(two.device.parent)
        if first is None or second is None or one.device.tag != two.device.tag:
            return False
        return _share(End(one.stack, first), End(two.stack, second))
    return bool(subnets(one.device) & subnets(two.device))


def subnets(device: Interface) -> set[Prefix]:
    """The subnets that a device says are on its wire."""
    return {
        Prefix.of(item.address, item.length)
        for item in device.addresses
        if item.scope == "global"
    }


def wires(cards: Sequence[End]) -> dict[str, list[End]]:
    """The cards of each wire, which is called like its first card if that is free."""
    found: dict[str, list[End]] = {}
    names: dict[End, str] = {}
    for card in cards:
        first = next(c for c in cards if c is card or _share(c, card))
        if first not in names:
            name = first.device.name
            names[first] = f"wire{len(found) + 1}" if name in found else name
        found.setdefault(names[first], []).append(card)
    return found


def router(
    name: str,
    number: int,
    members: Sequence[End],
    children: Iterable[Sequence[End]],
) -> Interface:
    """The outside's end of a wire: it has the addresses of the hosts' routers.

    It has those of the children's routers, too, where their subnet is not the card's.
    """
    addresses: dict[Address, InterfaceAddress] = {}
    for host, card in members:
        for route in host.space.routes:
            gateway = route.gateway
            if route.device != card.name or gateway is None:
                continue
            length = next(
                (
                    a.length
                    for a in card.addresses
                    if a.address.family == gateway.family and a.scope == "global"
                ),
                gateway.bits if gateway.family == V4 else 64,
            )
            addresses[gateway] = InterfaceAddress(address=gateway, length=length)
    for member, own in zip(members, children, strict=True):
        for gateway in _strange_routers(own, subnets(member.device)):
            alone = InterfaceAddress(address=gateway, length=gateway.bits)
            addresses.setdefault(gateway, alone)
    return Interface(
        name=name,
        index=number + 1,
        kind=InterfaceKind.PHYSICAL,
        mac=MAC(_ROUTER_MAC + number),
        mtu=members[0].device.mtu,
        addresses=tuple(addresses.values()),
    )


def _strange_routers(children: Sequence[End], known: set[Prefix]) -> Iterator[Address]:
    """The routers of a card's children that are in none of the card's subnets."""
    for stack, child in children:
        for route in stack.space.routes:
            gateway = route.gateway
            if gateway is None or route.device != child.name:
                continue
            if not any(gateway in subnet for subnet in known):
                yield gateway
