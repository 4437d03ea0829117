"""Where everything goes: an outline becomes a scene, in columns from left to right.

```
outside │ doors of the host │ route │ networks │ trunks │ veths │ containers
        │ cards, ports      │       │          │        │       │
```

A network and its containers make a *group*; groups stand one below the other. A
container is drawn once, in the group of its home. Each of its interfaces and published
ports has a row of its own, so no two horizontal lines ever share a height. Networks
with cables into other groups get a *trunk*, a vertical line in a lane of its own: it is
the bridge, made longer.

Invariants: see :mod:`minidock.views.canvas`. The height grows with the containers and
the width does not, so that a hundred containers are a long picture, not a wide one.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from minidock.views import furniture
from minidock.views.canvas import NEUTRAL, Node, Point, Role, Scene
from minidock.views.furniture import DOOR, Frame
from minidock.views.measure import pixels
from minidock.views.outline import Guest, Net, Outline
from minidock.views.spoken import spoken
from minidock.views.wiring import Columns, Group, Spot, edges, legend, trunks

__all__ = ["NO_ROOM", "Room", "place"]

_MARGIN = 20
_GAP = 12
_GROUP_GAP = 28
_INDENT = 22
_LANE = 14
_NARROWEST, _WIDEST = 180, 440  # of containers


class Room(NamedTuple):
    """Free space for marks, such as the bubbles of a trace."""

    above: Mapping[str, int]
    """Above boxes, by their ids: outside, the host, cards, networks, containers."""
    ports: int = 0
    """To the right of every published port's door."""
    cables: int = 0
    """On every cable, before the name of its veth."""


NO_ROOM = Room(MappingProxyType({}))


def place(outline: Outline, room: Room = NO_ROOM) -> Scene:
    """The scene of an outline; O(n log n) in containers and networks."""
    columns = _columns(outline, room)
    top = _MARGIN + max(room.above.get(name, 0) for name in ("outside", "host"))
    cards = list(_cards(outline, columns, room, top))
    start = max([top + 58, *(card.bottom for card in cards)]) + 26
    groups = list(_groups(outline, room, start))
    bottom = max((group.y + group.height for group in groups), default=start) + 22
    frame = _frame(outline, columns, cards, _Stretch(top, bottom))
    nodes = [*frame, *_contents(columns, groups)]
    wires = tuple(edges(outline, columns, groups, nodes))
    samples = tuple(legend(wires, Point(columns.host, bottom + 26), columns.host_right))
    return Scene(
        width=columns.host_right + _MARGIN,
        height=max([bottom, *(sample.at.y for sample in samples)]) + _MARGIN,
        title=f"Docker host {outline.host}",
        description=spoken(outline),
        nodes=tuple(nodes),
        edges=wires,
        legend=samples,
        outline=outline,
    )


class _Stretch(NamedTuple):
    """From which height down to which."""

    top: int
    bottom: int


# --- columns --------------------------------------------------------------------------


def _columns(outline: Outline, room: Room) -> Columns:
    outside_width = furniture.outside_width(outline)
    host = _MARGIN + outside_width + 64
    route = host + _doors_width(outline) + room.ports + 22
    net = route + 28
    net_width = max((furniture.net_width(net) for net in outline.nets), default=120)
    trunk = net + net_width + 20
    lanes = trunk + _LANE * len(trunks(outline))
    guest = lanes + room.cables + _wires_width(outline) + DOOR + 22
    widths = (furniture.guest_width(item) for item in outline.guests())
    guest_width = min(max([*widths, _NARROWEST]), _WIDEST)
    return Columns(
        outside=_MARGIN,
        outside_width=outside_width,
        host=host,
        route=route,
        net=net,
        net_width=net_width,
        trunk=trunk,
        lane=_LANE,
        guest=guest,
        guest_width=guest_width,
        host_right=guest + guest_width + _INDENT + _MARGIN,
    )


def _doors_width(outline: Outline) -> int:
    """How far cards and published ports reach into the host."""
    cards = [furniture.card(item, Point(0, 0)).width - DOOR for item in outline.cards]
    doors = [
        furniture.door_width(furniture.port_text(port)) + _door_x(port.local)
        for guest in outline.guests()
        for port in guest.ports
    ]
    return max([*cards, *doors, 60])


def _door_x(local: bool) -> int:
    """Where a port's door is, seen from the host's wall; a local one is within."""
    return 16 if local else -DOOR


def _wires_width(outline: Outline) -> int:
    names = {plug.veth for guest in outline.guests() for plug in guest.plugs}
    widths = (pixels(name, Role.WIRE.size, mono=Role.WIRE.mono) for name in names)
    return max(widths, default=20)


# --- groups ---------------------------------------------------------------------------


def _groups(outline: Outline, room: Room, start: int) -> Iterator[Group]:
    y, colour = start, 0
    for net in outline.nets:
        y += room.above.get(net.key, 0)
        spots = tuple(_spots(net, room, y))
        lowest = max((spot.y + spot.height for spot in spots), default=y)
        height = max(furniture.net_height(net), lowest - y)
        coloured = bool(net.device or net.parent)
        own = colour if coloured else NEUTRAL
        yield Group(net=net, colour=own, y=y, height=height, spots=spots)
        y += height + _GROUP_GAP
        colour += coloured


def _spots(net: Net, room: Room, y: int) -> Iterator[Spot]:
    for guest in net.guests:
        for item in (guest, *guest.guests):
            y += room.above.get(item.key, 0)
            height = furniture.guest_height(item)
            indent = 0 if item is guest else _INDENT
            yield Spot(guest=item, y=y, height=height, indent=indent)
            y += height + (_GAP if item is (guest, *guest.guests)[-1] else _GAP // 2)


# --- boxes ----------------------------------------------------------------------------


def _cards(outline: Outline, columns: Columns, room: Room, top: int) -> Iterator[Node]:
    y = top + 20
    for item in outline.cards:
        y += room.above.get(item.key, 0)
        node = furniture.card(item, Point(columns.host - DOOR, y))
        yield node
        y = node.bottom + _GAP


def _frame(
    outline: Outline, columns: Columns, cards: list[Node], stretch: _Stretch
) -> Iterator[Node]:
    top, height = stretch.top, stretch.bottom - stretch.top
    outside = Frame(columns.outside, top, columns.outside_width, height)
    host = Frame(columns.host, top, columns.host_right - columns.host, height)
    yield furniture.outside(outline, cards, outside)
    yield furniture.host(outline, host, columns.net)
    yield from cards


def _contents(columns: Columns, groups: list[Group]) -> Iterator[Node]:
    colours = {group.net.key: group.colour for group in groups}
    for group in groups:
        frame = Frame(columns.net, group.y, columns.net_width, group.height)
        yield from furniture.net_nodes(group.net, group.colour, frame)
        for spot in group.spots:
            x, width = columns.guest + spot.indent, columns.guest_width
            box = Frame(x, spot.y, width, spot.height)
            yield from furniture.guest_nodes(spot.guest, colours, box)
            yield from _port_doors(spot.guest, columns, spot.y)


def _port_doors(guest: Guest, columns: Columns, y: int) -> Iterator[Node]:
    for number, row in enumerate(furniture.rows(guest)):
        if row.port is not None:
            x = columns.host + _door_x(row.port.local)
            at = Point(x, y + furniture.row_middle(number))
            yield furniture.port_door(row.port, at)
