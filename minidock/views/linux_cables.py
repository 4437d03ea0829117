"""How the interfaces of a container are made: one cable, or one child of a card, each.

```
                 host                                    sandbox
 veth     create a pair, attach one end to a bridge ══ move, rename ─▶ eth0
 macvlan  create a child of a card                  ── move, rename ─▶ eth0
                                                       then addresses and routes
```

Invariants: the host's commands come before those of the sandbox that need them; what
stands after the short steps is what stands after the long ones.
"""

import shlex
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from minidock.net.address import V4
from minidock.topology.interface import Interface, InterfaceAddress, InterfaceKind
from minidock.topology.machine import Machine
from minidock.topology.namespace import Namespace, Route
from minidock.views.linux_command import Command
from minidock.views.linux_settings import late_settings

__all__ = [
    "Cable",
    "Named",
    "cables_of",
    "given_addresses",
    "long_steps",
    "quoted",
    "route_added",
    "short_steps",
    "shown",
    "written",
]

Named = tuple[str, Command]
"""A command and the name of the step that it belongs to."""

_CREATE = "create a veth pair"
_ATTACH = "attach one end to the bridge"
_MOVE = "move the other end into the sandbox and rename it"
_CHILD = "create a {} on the card"
_MOVE_CHILD = "move it into the sandbox and rename it"
_GIVE = "give it its addresses and routes"
_CHILDREN = {InterfaceKind.MACVLAN, InterfaceKind.IPVLAN}


class Cable(NamedTuple):
    """An interface of a sandbox, and the port of a bridge at its other end, if any."""

    space: Namespace
    item: Interface
    port: Interface | None = None
    home: str = ""
    """The namespace that the port is in: the host's, or an overlay network's."""

    def near(self, prefix: str) -> str:
        """What the port's namespace is called under a prefix."""
        return f"{prefix}-{self.home}" if self.home else prefix


def cables_of(machine: Machine) -> Iterator[Cable]:
    """Every interface that Docker makes in a sandbox, with its other end; O(n)."""
    for here, port, space, item in machine.pairs():
        yield Cable(space, item, port, here.name)
    for space in machine.sandboxes:
        for item in space.interfaces:
            if item.kind in _CHILDREN:
                yield Cable(space, item)


def long_steps(cable: Cable, prefix: str, there: str) -> Iterator[Named]:
    """As Docker makes it, in named steps; without a prefix on the host itself."""
    port, item, prefix = cable.port, cable.item, cable.near(prefix)
    if port is None:
        # Until it has moved it needs a name that is free on the host.
        other = f"tmp{item.index}"
        yield _step(_CHILD.format(item.kind), prefix, _child(item, other, prefix))
        move = _MOVE_CHILD
    else:
        other = f"{port.name}p"
        yield from _pair(port, item, other, prefix)
        move = _MOVE
    yield _step(move, prefix, f"link set {quoted(other)} netns {there}")
    yield _step(move, there, f"link set {quoted(other)} name {quoted(item.name)}")
    yield from _own_side(cable, there)


def _pair(port: Interface, item: Interface, other: str, prefix: str) -> Iterator[Named]:
    mtu = f" mtu {port.mtu}" if port.mtu != 1500 else ""
    # On a real host the kernel chooses indices; somebody may have ours already.
    mine = f" index {port.index} address {port.mac}" if prefix else ""
    theirs = f" index {item.index}" if prefix else ""
    yield _step(
        _CREATE,
        prefix,
        f"link add {quoted(port.name)}{mine}{mtu} "
        f"type veth peer name {quoted(other)}{theirs} address {item.mac}{mtu}",
    )
    attach = f"link set {quoted(port.name)} master {quoted(port.master)}"
    yield _step(_ATTACH, prefix, attach)
    yield from _hairpin(port, prefix)
    yield _step(_ATTACH, prefix, f"link set {quoted(port.name)} up")


def _hairpin(port: Interface, prefix: str) -> Iterator[Named]:
    if port.hairpin:
        line = f"link set {quoted(port.name)} type bridge_slave hairpin on"
        yield _step(_ATTACH, prefix, line)


def _child(item: Interface, name: str, prefix: str, there: str = "") -> str:
    index = f" index {item.index}" if prefix else ""
    mac = f" address {item.mac}" if item.kind is InterfaceKind.MACVLAN else ""
    mtu = f" mtu {item.mtu}" if item.mtu != 1500 else ""
    place = f" netns {there}" if there else ""
    mode = " ".join(filter(None, (item.mode, item.flag)))
    return (
        f"link add link {quoted(item.parent)} name {quoted(name)}{index}{mac}{mtu}"
        f"{place} type {item.kind} mode {mode}"
    )


def short_steps(cable: Cable, prefix: str, there: str) -> Iterator[Named]:
    """The same, made where it belongs at once; only with a prefix.

    To move an interface takes the kernel ten times as long as all the rest.
    """
    port, item, prefix = cable.port, cable.item, cable.near(prefix)
    if port is None:
        line = _child(item, item.name, prefix, there)
        yield _step(_CHILD.format(item.kind), prefix, line)
    else:
        mtu = f" mtu {port.mtu}" if port.mtu != 1500 else ""
        yield _step(
            _CREATE,
            prefix,
            f"link add {quoted(port.name)} index {port.index} address {port.mac}{mtu} "
            f"master {quoted(port.master)} up type veth peer name {quoted(item.name)} "
            f"index {item.index} address {item.mac}{mtu} netns {there}",
        )
        yield from _hairpin(port, prefix)
    yield from _own_side(cable, there)


def _own_side(cable: Cable, there: str) -> Iterator[Named]:
    space, item = cable.space, cable.item
    for command in (
        *written(there, late_settings(space, item.name)),
        *given_addresses(item, there),
        Command(there, "ip", f"link set {quoted(item.name)} up"),
        *(
            route_added(there, route)
            for route in space.routes
            if route.device == item.name and not route.kernel
        ),
    ):
        yield _GIVE, command


def _step(name: str, netns: str, line: str) -> Named:
    return name, Command(netns, "ip", line)


# --- words ----------------------------------------------------------------------------


def quoted(text: str) -> str:
    """A name that users choose, such as a bridge's, as one word for any shell.

    >>> quoted("docker0"), quoted("a;reboot")
    ('docker0', "'a;reboot'")
    """
    return shlex.quote(text)


def written(netns: str, settings: Iterable[tuple[str, str]]) -> Iterator[Command]:
    """The commands that write these kernel settings."""
    for key, value in settings:
        yield Command(netns, "sysctl", f"-qw {quoted(f'{key}={value}')}")


def given_addresses(item: Interface, netns: str) -> Iterator[Command]:
    """The commands for all addresses, but for the one that the kernel makes itself."""
    for address in item.addresses:
        if address.address != item.mac.link_local:
            line = f"addr add {shown(address)} dev {quoted(item.name)}"
            yield Command(netns, "ip", line)


def shown(address: InterfaceAddress) -> str:
    """An address with what Docker says about it: its broadcast address, or nodad."""
    if address.address.family == V4:
        return f"{address} broadcast +" if address.broadcast else str(address)
    return f"{address} nodad" if address.nodad else str(address)


def route_added(netns: str, route: Route) -> Command:
    """The command that adds a route.

    Inside a batch there is no ``-6``: the words themselves have to tell the family.
    """
    told = route.gateway is not None or route.family == V4
    target = "default" if route.is_default and told else str(route.destination)
    via = f"via {route.gateway} " if route.gateway else ""
    device = quoted(route.device)
    return Command(netns, "ip", f"route add {target} {via}dev {device}")
