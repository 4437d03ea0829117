"""The texts of `ip link` and `ip addr`: one interface after the other, by index.

```
5: veth1a2b3c4@if4: <BROADCAST,...> mtu 1500 qdisc noqueue master docker0 state UP ...
│  │           │     └ flags                               └ its bridge
│  │           └ the index of the other end, which is in another namespace
│  └ name
└ index
```

The layout is iproute2's (observed on 6.1), trailing spaces included.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from minidock.net.address import V4, V6
from minidock.topology.interface import Interface, InterfaceAddress, InterfaceKind
from minidock.topology.namespace import Namespace, NetnsId
from minidock.views.linkdetails import (
    Detail,
    Value,
    as_json,
    compact,
    head,
    kind_details,
    port_details,
    tail,
)

__all__ = ["LinkStyle", "links_json", "links_text"]

_FOREVER = 4294967295
_VIRTUAL = frozenset(InterfaceKind) - {InterfaceKind.LOOPBACK, InterfaceKind.PHYSICAL}
_LIFETIMES = "       valid_lft forever preferred_lft forever"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStyle:
    """How to show interfaces: the options of `ip`, and whether it is `ip addr`."""

    addresses: bool = False
    details: bool = False
    brief: bool = False
    oneline: bool = False
    family: int = 0
    """4, 6, or 0 for everything."""


def links_text(space: Namespace, items: Iterable[Interface], style: LinkStyle) -> str:
    """The interfaces as text."""
    shown = [item for item in items if _is_shown(item, style)]
    if style.brief:
        return "".join(_brief(item, style) for item in shown)
    if style.oneline and style.addresses:
        return "".join(line for item in shown for line in _address_lines(item, style))
    around = _around(space)
    return "".join(_full(around, item, style) for item in shown)


def links_json(space: Namespace, items: Iterable[Interface], style: LinkStyle) -> str:
    """The interfaces as `ip -j` prints them."""
    shown = [item for item in items if _is_shown(item, style)]
    one = _brief_json if style.brief else _full_json
    around = _around(space)
    return compact([one(around, item, style) for item in shown]) + "\n"


class _Around(NamedTuple):
    """What an interface's text says about others: looked up once, for speed."""

    bridges: dict[str, Interface]
    netnsids: dict[str | None, NetnsId]


def _around(space: Namespace) -> _Around:
    bridges = {item.name: item for item in space.interfaces if not item.master}
    return _Around(bridges, {item.namespace: item for item in space.netnsids})


def _is_shown(item: Interface, style: LinkStyle) -> bool:
    """With a family, `ip addr` leaves out interfaces without an address of it."""
    return not (style.addresses and style.family) or bool(_addresses(item, style))


def _addresses(item: Interface, style: LinkStyle) -> tuple[InterfaceAddress, ...]:
    if not style.addresses:
        return ()
    return item.of_family(style.family) if style.family else item.addresses


def _has_other_end(item: Interface, style: LinkStyle) -> bool:
    # The kernel's IPv6 part leaves out a peer index that equals the own one.
    same = style.family == V6 and item.link_index == item.index
    return item.link_index > 0 and not same


def _shown_name(item: Interface, style: LinkStyle) -> str:
    if not _has_other_end(item, style):
        return item.name
    # A VLAN and what it is on are in one namespace: ip can look up the name.
    here = item.kind is InterfaceKind.VLAN
    return f"{item.name}@{item.parent if here else f'if{item.link_index}'}"


def _queueing(item: Interface) -> str:
    """Only a real card needs a queue; fq_codel is what distributions set."""
    return "fq_codel" if item.kind is InterfaceKind.PHYSICAL else "noqueue"


# --- text -----------------------------------------------------------------------------


def _brief(item: Interface, style: LinkStyle) -> str:
    line = f"{_shown_name(item, style):<16} {item.operstate:<14} "
    if style.addresses:
        return line + "".join(f"{a} " for a in _addresses(item, style)) + "\n"
    return f"{line}{item.mac} <{','.join(item.flags)}> \n"


def _full(around: _Around, item: Interface, style: LinkStyle) -> str:
    lines = [_first_line(around, item, style)]
    if not style.family:
        lines += _second_lines(around, item, style)
    for address in _addresses(item, style):
        lines += [f"    {_address(item, address)}", _LIFETIMES]
    return ("\\" if style.oneline else "\n").join(lines) + "\n"


def _first_line(around: _Around, item: Interface, style: LinkStyle) -> str:
    start = f"{item.index}: {_shown_name(item, style)}: <{','.join(item.flags)}>"
    queue = f"qlen {item.queue_length}" if item.queue_length else ""
    if style.family == V6:
        return f"{start} mtu {item.mtu} state {item.operstate} {queue}"
    master = f"master {item.master} " if item.master else ""
    mode = "" if style.addresses else "mode DEFAULT "
    netns = _netns(around, item) if style.family == V4 else ""
    return (
        f"{start} mtu {item.mtu} qdisc {_queueing(item)} {master}"
        f"state {item.operstate} {mode}group default {queue}{netns}"
    )


def _netns(around: _Around, item: Interface) -> str:
    found = around.netnsids.get(item.link_namespace)
    return f" {found}" if found else ""


def _second_lines(around: _Around, item: Interface, style: LinkStyle) -> Iterator[str]:
    loopback = item.kind is InterfaceKind.LOOPBACK
    medium, broadcast = (
        ("loopback", "00:00:00:00:00:00")
        if loopback
        else ("ether", "ff:ff:ff:ff:ff:ff")
    )
    line = f"    link/{medium} {item.mac} brd {broadcast}{_netns(around, item)}"
    if not style.details:
        yield line
        return
    line += " " + _joined(head(item))
    if item.kind in _VIRTUAL:
        yield line
        line = f"    {item.kind} {_joined(kind_details(item))}"
    port = _port(around, item)
    if port:
        yield line
        line = f"    bridge_slave {_joined(port)}"
    yield line + _joined(tail(item, generation=not style.addresses))


def _port(around: _Around, item: Interface) -> list[Detail]:
    bridge = around.bridges.get(item.master)
    return port_details(bridge, item) if bridge else []


def _joined(details: Iterable[Detail]) -> str:
    return "".join(map(str, details))


def _address_lines(item: Interface, style: LinkStyle) -> Iterator[str]:
    for address in _addresses(item, style):
        text = _address(item, address)
        yield f"{item.index}: {item.name}    {text}\\{_LIFETIMES}\n"


def _address(item: Interface, address: InterfaceAddress) -> str:
    broadcast = f"brd {address.broadcast} " if address.broadcast else ""
    if address.address.family == V4:
        return f"inet {address} {broadcast}scope {address.scope} {item.name}"
    flags = "".join(f"{flag} " for flag in _flags(address))
    return f"inet6 {address} scope {address.scope} {flags}"


def _flags(address: InterfaceAddress) -> list[str]:
    found = {"nodad": address.nodad, "tentative": address.tentative}
    return [name for name, truth in found.items() if truth]


# --- JSON -----------------------------------------------------------------------------


def _brief_json(_around: _Around, item: Interface, style: LinkStyle) -> Value:
    link = _link_index(item, style)
    start = {**link, "ifname": item.name, "operstate": item.operstate}
    if style.addresses:
        short: list[Value] = [
            {"local": str(a.address), "prefixlen": a.length}
            for a in _addresses(item, style)
        ]
        return {**start, "addr_info": short}
    return {**start, "address": str(item.mac), "flags": [*item.flags]}


def _link_index(item: Interface, style: LinkStyle) -> dict[str, Value]:
    if not _has_other_end(item, style):
        return {}
    # Without the namespace's number ip cannot tell that the index is not one of ours.
    if item.kind is InterfaceKind.VLAN:
        return {"link": item.parent}
    if style.family == V6:
        return {"link": f"if{item.link_index}"}
    return {"link_index": item.link_index}


def _full_json(around: _Around, item: Interface, style: LinkStyle) -> Value:
    found: dict[str, Value] = {
        "ifindex": item.index,
        **_link_index(item, style),
        "ifname": item.name,
        "flags": [*item.flags],
        "mtu": item.mtu,
        **({} if style.family == V6 else {"qdisc": _queueing(item)}),
        **({"master": item.master} if item.master and style.family != V6 else {}),
        "operstate": item.operstate,
        **({} if style.addresses else {"linkmode": "DEFAULT"}),
        **({} if style.family == V6 else {"group": "default"}),
        **({"txqlen": item.queue_length} if item.queue_length else {}),
    }
    if not style.family:
        found |= _medium_json(item)
    netnsid = around.netnsids.get(item.link_namespace)
    if netnsid and style.family != V6:
        found["link_netnsid"] = netnsid.id
    if style.details:
        found |= _details_json(around, item, style)
    if style.addresses:
        found["addr_info"] = [_address_json(item, a) for a in _addresses(item, style)]
    return found


def _medium_json(item: Interface) -> dict[str, Value]:
    loopback = item.kind is InterfaceKind.LOOPBACK
    return {
        "link_type": "loopback" if loopback else "ether",
        "address": str(item.mac),
        "broadcast": "00:00:00:00:00:00" if loopback else "ff:ff:ff:ff:ff:ff",
    }


def _details_json(
    around: _Around, item: Interface, style: LinkStyle
) -> dict[str, Value]:
    info: dict[str, Value] = {"info_kind": str(item.kind)}
    if own := kind_details(item):
        info["info_data"] = as_json(own)
    if port := _port(around, item):
        info |= {"info_slave_kind": "bridge", "info_slave_data": as_json(port)}
    virtual = item.kind in _VIRTUAL
    return {
        **as_json(head(item)),
        **({"linkinfo": info} if virtual else {}),
        **as_json(tail(item, generation=not style.addresses)),
    }


def _address_json(item: Interface, address: InterfaceAddress) -> Value:
    v4 = address.address.family == V4
    return {
        "family": "inet" if v4 else "inet6",
        "local": str(address.address),
        "prefixlen": address.length,
        **({"broadcast": str(address.broadcast)} if address.broadcast else {}),
        "scope": address.scope,
        **({"label": item.name} if v4 else {}),
        **dict.fromkeys(_flags(address), True),
        "valid_life_time": _FOREVER,
        "preferred_life_time": _FOREVER,
    }
