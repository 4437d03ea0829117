"""The lines of a scene: cables, routes and published ports, in right angles.

```
 [card]─┐                    ┌ net ┐          home cable
        ├───────────────────▶│     ├────────────────────────[eth0]
        │ route              │     ├──┐ trunk
        │                    └─────┘  │
        │                    ┌ net ┐  └───────────────────[eth1]   cable into another
        └───────────────────▶│     │                                group
```

Invariants: a line ends at the edges of the boxes that it names; lines share a piece
only where they are one trunk, or one route's way down.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from minidock.views.canvas import (
    Edge,
    EdgeKind,
    Label,
    Node,
    Point,
    Role,
    Sample,
)
from minidock.views.furniture import DOOR, HEAD
from minidock.views.outline import Guest, Net, Outline, Plug
from minidock.views.published import Port

__all__ = ["Columns", "Group", "Spot", "edges", "legend", "trunks"]

MEANINGS = {
    EdgeKind.CABLE: "veth pair: a cable with two ends",
    EdgeKind.ROUTE: "the host forwards",
    EdgeKind.PUBLISH: "published port",
    EdgeKind.CHILD: "macvlan, ipvlan: the card's own wire",
    EdgeKind.SHARE: "shares a network stack",
}
_LEGEND_ROW = 22


class Columns(NamedTuple):
    """The x of each column, from left to right; widths where boxes share one."""

    outside: int
    outside_width: int
    host: int
    route: int
    net: int
    net_width: int
    trunk: int
    lane: int
    guest: int
    guest_width: int
    host_right: int


class Spot(NamedTuple):
    """Where a container goes; one that shares a stack is moved to the right."""

    guest: Guest
    y: int
    height: int
    indent: int


class Group(NamedTuple):
    """A network and its containers, and where they begin."""

    net: Net
    colour: int
    y: int
    height: int
    spots: tuple[Spot, ...]

    @property
    def join(self) -> int:
        """The height at which trunks and routes meet the network."""
        return self.y + HEAD // 2


def trunks(outline: Outline) -> tuple[str, ...]:
    """The networks with containers that are at home elsewhere, in order."""
    away = {
        plug.net
        for net in outline.nets
        for guest in net.everyone()
        for plug in guest.plugs
        if plug.attached and plug.net != net.key
    }
    return tuple(net.key for net in outline.nets if net.key in away)


def edges(
    outline: Outline, columns: Columns, groups: Sequence[Group], nodes: Sequence[Node]
) -> Iterator[Edge]:
    """Every line; those that others cross come first."""
    boxes = {node.id: node for node in nodes}
    yield from _published(groups, boxes)
    yield from _uplinks(outline, boxes)
    yield from _on_trunks(_routes(outline, columns, groups, boxes))
    yield from _on_trunks(_wires(outline, columns, groups, boxes))
    yield from _stacks(groups, boxes)
    yield from _on_trunks(_cables(outline, columns, groups, boxes))
    yield from _shares(groups, boxes)


def _on_trunks(lines: Iterable[Edge]) -> list[Edge]:
    """The longest first, so that none hides a tap; those that are taps are marked."""
    lines = sorted(lines, key=_down, reverse=True)
    reach: dict[tuple[Point | bool, ...], int] = {}
    for edge in lines:
        if len(edge.points) == 4:
            reach.setdefault(_trunk(edge), _down(edge))
    return [
        replace(edge, tap=_down(edge) < reach.get(_trunk(edge), 0)) for edge in lines
    ]


def _down(edge: Edge) -> int:
    """How far from its beginning the line goes up or down."""
    return abs(edge.points[-1].y - edge.points[0].y)


def _trunk(edge: Edge) -> tuple[Point | bool, ...]:
    """What lines on one trunk have in common: where it begins, and its direction."""
    return (*edge.points[:2], edge.points[-1].y > edge.points[0].y)


# --- from outside ---------------------------------------------------------------------


def _uplinks(outline: Outline, boxes: Mapping[str, Node]) -> Iterator[Edge]:
    for card in outline.cards:
        node = boxes[card.key]
        yield _straight(
            EdgeKind.UPLINK,
            card.name,
            boxes["outside"],
            node,
            node.y + 16,
            title=f"{card.name} is plugged into the world outside",
        )


def _published(groups: Sequence[Group], boxes: Mapping[str, Node]) -> Iterator[Edge]:
    for port in _ports(groups):
        door, target = boxes[f"port:{port.key}"], boxes[f"target:{port.key}"]
        y = door.centre.y
        if not port.local:
            outside = boxes["outside"]
            title = f"anybody may ask for {port.sockets[0]}"
            yield _straight(EdgeKind.REQUEST, port.key, outside, door, y, title=title)
        title = f"{', '.join(port.sockets)} leads to {port.target}"
        yield _straight(EdgeKind.PUBLISH, port.key, door, target, y, title=title)


def _ports(groups: Sequence[Group]) -> Iterator[Port]:
    for group in groups:
        for spot in group.spots:
            yield from spot.guest.ports


def _straight(
    kind: EdgeKind, name: str, source: Node, target: Node, y: int, *, title: str
) -> Edge:
    return Edge(
        id=f"{kind}:{name}",
        kind=kind,
        source=source.id,
        target=target.id,
        points=(Point(source.right, y), Point(target.x, y)),
        title=title,
    )


# --- within the host ------------------------------------------------------------------


def _routes(
    outline: Outline,
    columns: Columns,
    groups: Sequence[Group],
    boxes: Mapping[str, Node],
) -> Iterator[Edge]:
    """From the card that leads outside to every network that has a way out."""
    leading = [card for card in outline.cards if card.routers] or outline.cards
    if not leading:
        return
    card = boxes[leading[0].key]
    for group in groups:
        if group.net.way_out and not group.net.parent:
            net = boxes[group.net.key]
            yield Edge(
                id=f"route:{group.net.key.removeprefix('network:')}",
                kind=EdgeKind.ROUTE,
                source=card.id,
                target=net.id,
                points=_down_to(group, card, net, Point(columns.route, card.y + 16)),
                title=f"{group.net.name} and outside: {group.net.way_out}",
            )


def _wires(
    outline: Outline,
    columns: Columns,
    groups: Sequence[Group],
    boxes: Mapping[str, Node],
) -> Iterator[Edge]:
    """From a card to every network whose containers use its wire; beside the routes."""
    lanes = {item.key: 8 + 4 * number for number, item in enumerate(outline.cards)}
    for group in groups:
        card = boxes.get(group.net.card)
        if card is not None:
            net = boxes[group.net.key]
            corner = Point(columns.route + lanes[card.id], card.y + 30)
            yield Edge(
                id=f"child:{group.net.key.removeprefix('network:')}",
                kind=EdgeKind.CHILD,
                source=card.id,
                target=net.id,
                points=_down_to(group, card, net, corner),
                title=f"{group.net.name} is on the wire of {group.net.parent}",
                colour=group.colour,
            )


def _down_to(group: Group, card: Node, net: Node, corner: Point) -> tuple[Point, ...]:
    """From a card to a network, with the corners at one place."""
    return (
        Point(card.right, corner.y),
        corner,
        Point(corner.x, group.join),
        Point(net.x, group.join),
    )


def _stacks(groups: Sequence[Group], boxes: Mapping[str, Node]) -> Iterator[Edge]:
    for group in groups:
        for spot in group.spots:
            if group.net.driver == "host" and spot.guest.running and not spot.indent:
                yield _straight(
                    EdgeKind.STACK,
                    spot.guest.name,
                    boxes[group.net.key],
                    boxes[spot.guest.key],
                    spot.y + HEAD // 2,
                    title=f"{spot.guest.name} uses the host's own network stack",
                )


def _cables(
    outline: Outline,
    columns: Columns,
    groups: Sequence[Group],
    boxes: Mapping[str, Node],
) -> Iterator[Edge]:
    by_key = {group.net.key: group for group in groups}
    lanes = {
        key: columns.trunk + number * columns.lane
        for number, key in enumerate(trunks(outline))
    }
    for home in groups:
        for spot in home.spots:
            for plug in spot.guest.plugs:
                group = by_key.get(plug.net)
                if plug.attached and group is not None:
                    lane = None if group is home else lanes[plug.net]
                    yield _cable(plug, group, lane, boxes)


def _cable(
    plug: Plug, group: Group, lane: int | None, boxes: Mapping[str, Node]
) -> Edge:
    net, door = boxes[group.net.key], boxes[plug.key]
    end = Point(door.x, door.centre.y)
    points: tuple[Point, ...] = (Point(net.right, end.y), end)
    if lane is not None:
        down = (Point(lane, group.join), Point(lane, end.y))
        points = (Point(net.right, group.join), *down, end)
    at = Point(door.x - 8, end.y - 6)
    if group.net.parent:
        return _child(plug, group, points, door)
    return Edge(
        id=f"cable:{plug.veth or plug.key.partition(':')[2]}",
        kind=EdgeKind.CABLE,
        source=f"bridge:{group.net.device}" if group.net.device else net.id,
        target=door.id,
        points=points,
        title=f"{plug.veth}, a port of {group.net.device}, is the other end of "
        f"{plug.key.partition(':')[2]}",
        label=Label(plug.veth, at, Role.WIRE, ends=True) if plug.veth else None,
        colour=group.colour,
    )


def _child(plug: Plug, group: Group, points: tuple[Point, ...], door: Node) -> Edge:
    name = plug.key.partition(":")[2]
    return Edge(
        id=f"cable:{name}",
        kind=EdgeKind.CHILD,
        source=group.net.key,
        target=door.id,
        points=points,
        title=f"{name} is a {group.net.driver} on {group.net.parent}",
        colour=group.colour,
    )


def _shares(groups: Sequence[Group], boxes: Mapping[str, Node]) -> Iterator[Edge]:
    for group in groups:
        for owner in group.net.guests:
            for guest in owner.guests:
                above, below = boxes[owner.key], boxes[guest.key]
                x = above.x + DOOR
                yield Edge(
                    id=f"share:{guest.name}",
                    kind=EdgeKind.SHARE,
                    source=above.id,
                    target=below.id,
                    points=(
                        Point(x, above.bottom),
                        Point(x, below.y + HEAD // 2),
                        Point(below.x, below.y + HEAD // 2),
                    ),
                    title=f"{guest.name} uses the network stack of {owner.name}",
                )


# --- legend ---------------------------------------------------------------------------


def legend(wires: Sequence[Edge], start: Point, right: int) -> Iterator[Sample]:
    """What the kinds of lines mean that the scene has, in as many rows as needed."""
    there = {edge.kind for edge in wires}
    at = start
    for kind, meaning in MEANINGS.items():
        if kind not in there:
            continue
        sample = _sample(kind, meaning, at)
        end = sample.label.at.x + sample.label.width
        if end > right and at.x > start.x:
            sample = _sample(kind, meaning, Point(start.x, at.y + _LEGEND_ROW))
            end = sample.label.at.x + sample.label.width
        yield sample
        at = Point(end + 24, sample.at.y)


def _sample(kind: EdgeKind, meaning: str, at: Point) -> Sample:
    return Sample(kind, at, Label(meaning, Point(at.x + 42, at.y + 4), Role.NOTE))
