"""A machine for terminals: every namespace with its interfaces, addresses and routes.

```
host
├─ docker0 172.17.0.1/16 (bridge)
│  └─ veth1a2b3c4 ══ web eth0            the two ends of one cable
└─ routes
   └─ default via 192.0.2.1 dev eth0
web (namespace 1a2b3c4d5e6f)
├─ eth0 172.17.0.2/16, MAC 02:42:ac:11:00:02 ══ veth1a2b3c4 on docker0
```

Invariants: every interface and every route is there once (but for IPv6's link-local
ones, unless asked); no line is wider than asked.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from minidock.net.address import V4, Address
from minidock.topology.interface import Interface, InterfaceKind
from minidock.topology.machine import Machine
from minidock.topology.namespace import Namespace, Route
from minidock.views.tree import ASCII, LINES, Branch, Glyphs, forest

__all__ = ["interface_texts", "machine_text", "route_text"]

_USUAL_MTU = 1500


def machine_text(
    machine: Machine,
    width: int = 100,
    *,
    ascii_only: bool = False,
    link_local: bool = False,
) -> str:
    """A machine as a tree; O(n log n) in its interfaces.

    Args:
        machine: what stands on a host.
        width: the columns of the terminal.
        ascii_only: draw with characters that every terminal has.
        link_local: show the addresses that the kernel made from MACs, and their routes.

    >>> from minidock.engine import Engine
    >>> print(machine_text(Engine().machine()))
    host
    ├─ lo 127.0.0.1/8 ::1/128
    ├─ eth0 192.0.2.2/24, MAC 52:54:00:00:02:02
    ├─ docker0 172.17.0.1/16 (bridge, DOWN), MAC 02:42:67:ed:e5:4c
    └─ routes
       ├─ default via 192.0.2.1 dev eth0
       ├─ 172.17.0.0/16 dev docker0
       └─ 192.0.2.0/24 dev eth0
    """
    glyphs = ASCII if ascii_only else LINES
    view = _View(_ends(machine), glyphs, link_local=link_local)
    roots = (_namespace(space, view) for space in machine.namespaces)
    return "\n".join(forest(roots, width, glyphs))


class _End(NamedTuple):
    """The other end of a cable, as it is called from here."""

    where: str
    interface: Interface


class _View(NamedTuple):
    """How a machine is looked at."""

    ends: Mapping[tuple[str, int], _End]
    glyphs: Glyphs
    link_local: bool

    def shows(self, address: Address) -> bool:
        """Whether an address is worth a place."""
        return self.link_local or address.family == V4 or not address.is_link_local


def _ends(machine: Machine) -> dict[tuple[str, int], _End]:
    """For each end of a cable, the other one."""
    found = {}
    for here, port, there, inner in machine.pairs():
        found[here.name, port.index] = _End(there.owner, inner)
        found[there.name, inner.index] = _End("", port)
    return found


def _namespace(space: Namespace, view: _View) -> Branch:
    name = f"{space.owner} (namespace {space.name})" if space.name else "host"
    inside = [
        Branch(_interface(space, item, view), tuple(_ports(space, item, view)))
        for item in space.interfaces
        if not item.master
    ]
    routes = tuple(
        Branch(route_text(route))
        for route in space.routes
        if view.shows(route.destination.first)
    )
    return Branch(name, (*inside, *([Branch("routes", routes)] if routes else [])))


def _ports(space: Namespace, bridge: Interface, view: _View) -> Iterator[Branch]:
    if bridge.kind is InterfaceKind.BRIDGE:
        for item in space.ports(bridge.name):
            yield Branch(_interface(space, item, view))


def _interface(space: Namespace, item: Interface, view: _View) -> str:
    addresses = (str(a) for a in item.addresses if view.shows(a.address))
    words = [item.name, *addresses, *_kind(item)]
    end = view.ends.get((space.name, item.index))
    if end is not None:
        words += [view.glyphs.cable, f"{end.where} {end.interface.name}".strip()]
        words += ["on", end.interface.master] if end.interface.master else []
    parts = [" ".join(words)]
    if item.kind is not InterfaceKind.LOOPBACK:
        parts.append(f"MAC {item.mac}")
        parts += [f"mtu {item.mtu}"] if item.mtu != _USUAL_MTU else []
    return ", ".join(parts)


def _kind(item: Interface) -> Iterator[str]:
    named = {InterfaceKind.BRIDGE, InterfaceKind.DUMMY}
    words = [str(item.kind)] if item.kind in named else []
    words += [f"{item.kind} on the host's {item.parent}"] if item.parent else []
    words += [f"its other end is with the plugin {item.plugin}"] if item.plugin else []
    words += ["DOWN"] if item.operstate == "DOWN" else []
    if words:
        yield f"({', '.join(words)})"


def interface_texts(machine: Machine) -> Iterator[tuple[str, str, str]]:
    """Every interface: the namespace it is in, its name, and its line of the tree.

    >>> from minidock.engine import Engine
    >>> [(where, name) for where, name, _ in interface_texts(Engine().machine())]
    [('host', 'lo'), ('host', 'eth0'), ('host', 'docker0')]
    """
    view = _View(_ends(machine), ASCII, link_local=False)
    for space in machine.namespaces:
        for item in space.interfaces:
            yield space.owner or "host", item.name, _interface(space, item, view)


def route_text(route: Route) -> str:
    """A route in the words of `ip route`, with what it adds of its own.

    >>> from minidock.net.address import Address
    >>> from minidock.net.prefix import Prefix
    >>> route_text(Route(destination=Prefix.parse("10.0.0.0/8"), device="eth0"))
    '10.0.0.0/8 dev eth0'
    """
    words = ["default" if route.is_default else str(route.destination)]
    words += ["via", str(route.gateway)] if route.gateway else []
    words += ["dev", route.device]
    return " ".join(words)
