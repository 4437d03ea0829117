"""The numbered bubbles of a trace, and the room that they need in the drawing.

```
   (1-3)  (14)               bubbles sit on the upper edge of their box ...
 ┌────────────────────┐
 │ web          nginx │
┌┴───┐                │
│eth0│ 172.18.0.2/16  │      ... or on their line, before the name of the veth:
└┬───┘                │      ──(4)(13)── veth1a2b3c4 ─[eth0]
```

A box with more bubbles than fit beside one another gets more rows, upwards; the layout
is told beforehand how much room that takes (:class:`minidock.views.layout.Room`).

Invariants: bubbles overlap neither each other nor a text of the scene, and none is
outside of it; each stop has one bubble.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from minidock.views.canvas import Node, Point, Scene
from minidock.views.layout import Room
from minidock.views.measure import pixels
from minidock.views.stops import Stop

__all__ = ["HEIGHT", "Bubble", "bubbles", "room", "width"]

HEIGHT = 16
_FONT = 11
_GAP = 4
_PITCH = HEIGHT + 2
_INSET = 8  # of the first bubble, from the box's left edge
_NARROWEST = 80  # a row may be longer than a box that is narrower than that


class Bubble(NamedTuple):
    """A stop with its place: the left end, and the middle of its height."""

    stop: Stop
    at: Point

    @property
    def text(self) -> str:
        """What is written in it."""
        return _text(self.stop)

    @property
    def width(self) -> int:
        """How long it is; one digit makes a circle, or nearly."""
        return width(self.text)

    @property
    def right(self) -> int:
        """The x of its right end."""
        return self.at.x + self.width


def _text(stop: Stop) -> str:
    return f"{stop.text} ×" if stop.ended else stop.text


def width(text: str) -> int:
    """How long a bubble with this text is.

    >>> width("3") < width("10-12")
    True
    """
    return max(pixels(text, _FONT, bold=True) + 10, HEIGHT + 4)


def room(found: Iterable[Stop], scene: Scene) -> Room:
    """What the layout must keep free so that these bubbles fit."""
    spots = _by_spot(found)
    boxes = {node.id: node for node in scene.nodes}
    lines = {name: _length(row) + _GAP for name, row in spots.items() if _on_line(name)}
    ports = [size for name, size in lines.items() if name in boxes]
    cables = [size for name, size in lines.items() if name not in boxes]
    above = {
        name: 6 + _PITCH * (len(_rows(row, boxes[name])) - 1)
        for name, row in spots.items()
        if not _on_line(name)
    }
    return Room(above, max(ports, default=0), max(cables, default=0))


def bubbles(found: Iterable[Stop], scene: Scene) -> Iterator[Bubble]:
    """The bubbles of the stops, in a scene that has the room for them."""
    boxes = {node.id: node for node in scene.nodes}
    spots = _by_spot(found)
    for name, row in spots.items():
        if name in boxes and not _on_line(name):
            yield from _on_edge(row, boxes[name])
        elif name in boxes:
            door = boxes[name]
            yield from _row(row, Point(door.right + 6, door.centre.y))
    for edge in scene.edges:
        if edge.id in spots:
            end = edge.points[-1]
            veth = edge.label.width if edge.label else 0
            start = end.x - 10 - veth - _GAP - _length(spots[edge.id])
            yield from _row(spots[edge.id], Point(start, end.y))


def _by_spot(found: Iterable[Stop]) -> Mapping[str, list[Stop]]:
    spots: defaultdict[str, list[Stop]] = defaultdict(list)
    for stop in found:
        spots[stop.spot].append(stop)
    return spots


def _on_line(name: str) -> bool:
    return name.startswith(("cable:", "port:"))


def _length(row: Sequence[Stop]) -> int:
    return sum(width(_text(stop)) + _GAP for stop in row)


def _on_edge(found: list[Stop], node: Node) -> Iterator[Bubble]:
    """Rows above one another; the lowest sits on the box's upper edge."""
    start = _start(node)
    rows = _rows(found, node)
    for number, row in enumerate(reversed(rows)):
        yield from _row(row, Point(start, node.y - 2 - _PITCH * number))


def _start(node: Node) -> int:
    # The host's own are above its name; its left wall is full of doors.
    return node.labels[0].at.x if node.id == "host" else node.x + _INSET


def _rows(found: list[Stop], node: Node) -> list[list[Stop]]:
    """As many in a row as its box is wide."""
    space = max(node.right - _start(node) - _INSET, _NARROWEST)
    rows: list[list[Stop]] = [[]]
    for stop in found:
        if rows[-1] and _length([*rows[-1], stop]) - _GAP > space:
            rows.append([])
        rows[-1].append(stop)
    return rows


def _row(row: list[Stop], start: Point) -> Iterator[Bubble]:
    x = start.x
    for stop in row:
        yield Bubble(stop, Point(x, start.y))
        x += width(_text(stop)) + _GAP
