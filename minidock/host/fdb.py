"""The forwarding database of the host: behind which port a MAC lives.

```
02:42:ac:11:00:02 dev veth1a2b3c4 master docker0             learned from a frame
1a:50:56:91:c5:f8 dev veth1a2b3c4 master docker0 permanent   the port's own MAC
c2:30:2a:02:79:57 dev vxlan0 master br0 permanent            a vxlan has no groups
33:33:00:00:00:01 dev veth1a2b3c4 self permanent             a group it listens to
02:42:c0:00:02:4d dev eth0 self permanent                    the MAC of a macvlan on it
```

A bridge learns a MAC from the first frame that comes out of a port. Nobody has sent
anything yet in a Machine, with one exception: a container with IPv6 announces itself
(RFC 4861), so its MAC is known at once.

Invariant: the groups follow from the addresses, in the order in which Linux lists them
(observed on kernel 6).
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from minidock.net.address import V6
from minidock.net.mac import MAC
from minidock.topology.interface import Interface, InterfaceKind
from minidock.topology.namespace import FdbEntry

__all__ = ["forwarding_database"]

_ALL_NODES = MAC.parse("33:33:00:00:00:01")
_ALL_ROUTERS = MAC.parse("33:33:00:00:00:02")
_ALL_HOSTS = MAC.parse("01:00:5e:00:00:01")
_SNOOPERS = MAC.parse("01:00:5e:00:00:6a")
_SNOOPERS6 = MAC.parse("33:33:00:00:00:6a")
_SOLICITED = 0x3333_FF00_0000
"""ff02::1:ff00:0 on Ethernet, plus the last 24 bits of an address (RFC 4291, 2.7.1)."""


def forwarding_database(
    interfaces: tuple[Interface, ...],
    *,
    router6: bool,
    learned: Mapping[str, MAC],
    children: Mapping[str, Sequence[MAC]] = MappingProxyType({}),
) -> tuple[FdbEntry, ...]:
    """Every entry, in the order in which `bridge fdb` shows them; O(n).

    Args:
        interfaces: those of the namespace, by index.
        router6: whether the host forwards IPv6, and so listens to "all routers".
        learned: the MAC that was seen behind a port, by the port's name.
        children: the MACs of the macvlan interfaces on an interface, by its name.
    """
    entries: list[FdbEntry] = []
    for item in interfaces:
        if item.kind is InterfaceKind.LOOPBACK:
            continue
        entries += [FdbEntry(mac, item.name) for mac in children.get(item.name, ())]
        if item.kind is InterfaceKind.BRIDGE:
            entries += _groups(item, _bridge_groups(item, router6))
            entries.append(FdbEntry(item.mac, item.name, item.name))
        elif item.master:
            if item.name in learned:
                mac = learned[item.name]
                entries.append(FdbEntry(mac, item.name, item.master, permanent=False))
            entries.append(FdbEntry(item.mac, item.name, item.master))
            if item.kind is not InterfaceKind.VXLAN:
                entries += _groups(item, _port_groups(item, router6))
        else:
            entries += _groups(item, _card_groups(item, router6))
    return tuple(entries)


def _groups(item: Interface, macs: Iterator[MAC]) -> list[FdbEntry]:
    return [FdbEntry(mac, item.name) for mac in dict.fromkeys(macs)]


def _bridge_groups(item: Interface, router6: bool) -> Iterator[MAC]:
    yield _ALL_NODES
    own, given = _solicited(item)
    yield from given
    if router6:
        yield _ALL_ROUTERS
    yield from (_SNOOPERS, _SNOOPERS6, _ALL_HOSTS, *own)


def _port_groups(item: Interface, router6: bool) -> Iterator[MAC]:
    yield _ALL_NODES
    if router6:
        yield _ALL_ROUTERS
    yield _ALL_HOSTS
    own, given = _solicited(item)
    yield from (*own, *given)


def _card_groups(item: Interface, router6: bool) -> Iterator[MAC]:
    own, given = _solicited(item)
    yield from (_ALL_NODES, _ALL_HOSTS, *own, *given)
    if router6:
        # A router also answers for the subnet itself (RFC 4291, 2.6.1).
        yield from (_ALL_ROUTERS, MAC(_SOLICITED))


def _solicited(item: Interface) -> tuple[list[MAC], list[MAC]]:
    """The groups of the address made from the MAC, and of the others."""
    own: list[MAC] = []
    given: list[MAC] = []
    for address in item.of_family(V6):
        low = address.address.value & 0xFFFFFF
        same = low == item.mac.value & 0xFFFFFF
        (own if same else given).append(MAC(_SOLICITED | low))
    return own, given
