"""The boxes of a scene, one by one: how large each is, and which texts it holds.

```
 ┌ network ────────┐      ┌ container ───────────────┐
 │ app             │     ┌┴───┐ web           nginx   │   the head
 │ 172.18.0.0/16   │     │eth0│ 172.18.0.2/16         │   a row per address,
 │ ┌─────────────┐ │     └┬───┘                       │   its door sticks out
 │ │ br-... .0.1 │ │     ┌┴─────┐                     │
 │ └─────────────┘ │     │80/tcp│                     │   a row per published port
 └─────────────────┘     └┬─────┘                     │
```

Invariant: a box is as large as :mod:`minidock.views.layout` was told by the functions
here that measure it, and every text in it is cut to fit.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from minidock.views.canvas import NEUTRAL, Node, NodeKind
from minidock.views.geometry import Frame, Label, Point, Role, fitted
from minidock.views.measure import pixels
from minidock.views.outline import Card, Guest, Net, Outline, Plug
from minidock.views.published import Port

__all__ = [
    "DOOR",
    "HEAD",
    "Frame",
    "Row",
    "card",
    "door_width",
    "guest_height",
    "guest_nodes",
    "guest_width",
    "host",
    "net_height",
    "net_nodes",
    "net_width",
    "outside",
    "outside_width",
    "port_door",
    "port_text",
    "row_middle",
    "rows",
]

HEAD = 34
"""The height of a container's head, and of a network's."""

DOOR = 10
"""How far a door (an interface, a port) sticks out of its box."""

_ROW = 24
_CHIP = 18
_LINE = 17
_PAD = 10
_INSET = 7
_WIDEST_CHIP = 240


def _node(
    name: str,
    kind: NodeKind,
    frame: Frame,
    *,
    title: str,
    labels: Iterable[Label],
    parent: str = "",
    colour: int = NEUTRAL,
    faded: bool = False,
) -> Node:
    return Node(
        id=name,
        kind=kind,
        **frame._asdict(),
        title=title,
        labels=tuple(labels),
        parent=parent,
        colour=colour,
        faded=faded,
    )


def _wide(text: str, role: Role, limit: int) -> int:
    return min(pixels(text, role.size, mono=role.mono, bold=role.bold), limit)


def _column(
    start: Point, room: int, texts: Iterable[tuple[str, Role]]
) -> Iterator[Label]:
    """Texts below one another, from the first baseline."""
    for number, (text, role) in enumerate(texts):
        at = Point(start.x, start.y + number * _LINE)
        yield fitted(text, at, role, room)


# --- outside, and the host ------------------------------------------------------------


def outside_width(outline: Outline) -> int:
    """How wide the world outside must be for the addresses of the routers."""
    routers = (router for item in outline.cards for router in item.routers)
    texts = [_wide(router, Role.CHIP, _WIDEST_CHIP) for router in routers]
    return max([*texts, 76]) + 2 * _PAD


def outside(outline: Outline, cards: Iterable[Node], frame: Frame) -> Node:
    """The world outside; each router stands level with the card that leads to it."""
    x, room = frame.x + _PAD, frame.width - 2 * _PAD
    labels = [fitted("outside", Point(x, frame.y + 26), Role.NAME, room)]
    for node, item in zip(cards, outline.cards, strict=True):
        routers = [(router, Role.CHIP) for router in item.routers]
        labels += _column(Point(x, node.y + 37), room, routers)
    return _node(
        "outside",
        NodeKind.OUTSIDE,
        frame,
        title="the world outside the host",
        labels=tuple(labels),
    )


def host(outline: Outline, frame: Frame, text_x: int) -> Node:
    """The Docker host, which holds everything else."""
    room = frame.x + frame.width - text_x - _PAD
    name, era = Point(text_x, frame.y + 32), Point(text_x, frame.y + 50)
    return _node(
        "host",
        NodeKind.HOST,
        frame,
        title=f"Docker host {outline.host}",
        labels=(
            fitted(outline.host, name, Role.TITLE, room),
            fitted(f"as Docker {outline.era}", era, Role.NOTE, room),
        ),
    )


def card(item: Card, at: Point) -> Node:
    """One of the host's own interfaces, in the host's wall."""
    texts = [(item.name, Role.NAME), *((text, Role.CODE) for text in item.addresses)]
    width = max(_wide(text, role, 320) for text, role in texts) + 2 * _PAD
    height = 34 + _LINE * max(len(item.addresses), len(item.routers))
    return _node(
        item.key,
        NodeKind.CARD,
        Frame(at.x, at.y, width, height),
        title=f"interface {item.name} of the host {' '.join(item.addresses)}".strip(),
        labels=_column(Point(at.x + _PAD, at.y + 20), width - 2 * _PAD, texts),
        parent="host",
    )


# --- doors: ports of the host, interfaces and ports of containers ---------------------


def door_width(text: str) -> int:
    """How wide an interface or a port is drawn."""
    return _wide(text, Role.CHIP, _WIDEST_CHIP) + 14


def door(name: str, kind: NodeKind, text: str, at: Point) -> Node:
    """A small box; its left end and middle are at a point."""
    width = door_width(text)
    base = Point(at.x + 7, at.y + 4)
    return _node(
        name,
        kind,
        Frame(at.x, at.y - _CHIP // 2, width, _CHIP),
        title=text,
        labels=(fitted(text, base, Role.CHIP, width - 12),),
    )


def port_text(port: Port) -> str:
    """The host's sockets of a published port."""
    return ", ".join(port.sockets)


def port_door(port: Port, at: Point) -> Node:
    """A published port, in the host's wall; one for the host alone is within."""
    node = door(f"port:{port.key}", NodeKind.PORT, port_text(port), at)
    title = f"{', '.join(port.sockets)} leads to {port.target}"
    return replace(node, title=title, parent="host")


# --- networks -------------------------------------------------------------------------


def _net_texts(net: Net) -> list[tuple[str, Role]]:
    return [(net.name, Role.NAME), *((text, Role.CODE) for text in net.subnets)]


def _bridge_texts(net: Net) -> list[tuple[str, Role]]:
    if not net.device:
        return []
    return [(text, Role.CHIP) for text in (net.device, *net.gateways)]


def _net_notes(net: Net) -> list[tuple[str, Role]]:
    ways = {"masquerade": ("out: masquerade",), "routed": ("out: routed, no NAT",)}
    kinds = () if net.driver in {"", "bridge", "host", "null"} else (net.driver,)
    texts = (*kinds, *ways.get(net.way_out, ()), *net.notes)
    return [(text, Role.NOTE) for text in texts]


def net_width(net: Net) -> int:
    """How wide a network's box must be."""
    texts = [_wide(*item, 200) for item in _net_texts(net) + _net_notes(net)]
    bridge = [_wide(*item, 200) + 2 * _INSET for item in _bridge_texts(net)]
    return max(texts + bridge) + 2 * _PAD


def net_height(net: Net) -> int:
    """How high a network's box must be for its texts."""
    bridge = len(_bridge_texts(net))
    lines = len(_net_texts(net)) + len(_net_notes(net)) + bridge
    return 18 + _LINE * lines + (20 if bridge else 0)


def net_nodes(net: Net, colour: int, frame: Frame) -> Iterator[Node]:
    """A network, and in it its bridge; the bridge stands for both where they meet."""
    x, room = frame.x + _PAD, frame.width - 2 * _PAD
    texts, bridge, notes = _net_texts(net), _bridge_texts(net), _net_notes(net)
    inner = Frame(x, frame.y + 16 + _LINE * len(texts), room, 10 + _LINE * len(bridge))
    below = (
        frame.y + 22 + _LINE * len(texts) + (_LINE * len(bridge) + 20 if bridge else 0)
    )
    yield _node(
        net.key,
        NodeKind.NETWORK,
        frame,
        title=f"network {net.name}",
        labels=(
            *_column(Point(x, frame.y + 22), room, texts),
            *_column(Point(x, below), room, notes),
        ),
        parent="host",
        colour=colour,
    )
    if bridge:
        start = Point(inner.x + _INSET, inner.y + _LINE)
        yield _node(
            f"bridge:{net.device}",
            NodeKind.BRIDGE,
            inner,
            title=f"bridge {net.device} of network {net.name}",
            labels=_column(start, room - 2 * _INSET, bridge),
            parent=net.key,
            colour=colour,
        )


# --- containers -----------------------------------------------------------------------


class Row(NamedTuple):
    """A row of a container's box: a door with a text beside it, or only a text."""

    text: str = ""
    plug: Plug | None = None
    port: Port | None = None


def rows(guest: Guest) -> list[Row]:
    """What a container's box shows below its head, from the top."""
    found = [Row(", ".join(guest.remarks))] if guest.remarks else []
    for plug in guest.plugs:
        if plug.attached:
            first, *more = plug.addresses or ("",)
            found += [Row(first, plug=plug), *(Row(text) for text in more)]
    return found + [Row(port=port) for port in guest.ports]


def row_middle(number: int) -> int:
    """How far below the box's upper edge the middle of a row is."""
    return HEAD + _ROW * number + _ROW // 2 - 2


def guest_height(guest: Guest) -> int:
    """How high a container's box is."""
    count = len(rows(guest))
    return HEAD + (_ROW * count + 6 if count else 0)


def guest_width(guest: Guest) -> int:
    """How wide a container's box should be; the layout makes all equally wide."""
    head = _wide(guest.name, Role.NAME, 220) + _wide(guest.image, Role.NOTE, 130) + 16
    return max([head, *(_row_width(row) for row in rows(guest))]) + 2 * _PAD


def _row_width(row: Row) -> int:
    text = row.plug.interface if row.plug else row.port.target if row.port else ""
    role = _row_role(row)
    return (door_width(text) if text else 0) + _wide(row.text, role, 330)


def _row_role(row: Row) -> Role:
    # Only addresses contain a slash: what is said of a state is in words.
    return Role.CODE if "/" in row.text else Role.NOTE


def guest_nodes(
    guest: Guest, colours: Mapping[str, int], frame: Frame
) -> Iterator[Node]:
    """A container, and its doors."""
    yield _node(
        guest.key,
        NodeKind.CONTAINER,
        frame,
        title=f"container {guest.name} ({guest.image}), {guest.status}",
        labels=(*_head(guest, frame), *_row_labels(guest, frame)),
        parent="host",
        faded=not guest.running,
    )
    for number, row in enumerate(rows(guest)):
        at = Point(frame.x - DOOR, frame.y + row_middle(number))
        if row.plug is not None:
            node = door(row.plug.key, NodeKind.INTERFACE, row.plug.interface, at)
            colour = colours.get(row.plug.net, NEUTRAL)
            title = (
                f"{row.plug.interface} of {guest.name} on network {row.plug.network}"
            )
            yield replace(node, parent=guest.key, colour=colour, title=title)
        elif row.port is not None:
            name = f"target:{row.port.key}"
            node = door(name, NodeKind.TARGET, row.port.target, at)
            yield replace(node, parent=guest.key)


def _head(guest: Guest, frame: Frame) -> Iterator[Label]:
    room = frame.width - 2 * _PAD
    image = _wide(guest.image, Role.NOTE, 130)
    name = fitted(
        guest.name, Point(frame.x + _PAD, frame.y + 22), Role.NAME, room - image - 12
    )
    yield name
    right = Point(frame.x + frame.width - _PAD, frame.y + 22)
    rest = fitted(guest.image, right, Role.NOTE, room - name.width - 12)
    yield rest._replace(ends=True)


def _row_labels(guest: Guest, frame: Frame) -> Iterator[Label]:
    indent = _PAD
    for number, row in enumerate(rows(guest)):
        if row.plug is not None:
            indent = door_width(row.plug.interface) - DOOR + 8
        elif row.port is not None:
            continue
        x = frame.x + indent
        room = frame.x + frame.width - _PAD - x
        at = Point(x, frame.y + row_middle(number) + 4)
        yield fitted(row.text, at, _row_role(row), room)
