"""Where the pairs stand in a picture: boxes, lines, texts.

```
 Docker               Kubernetes
 ┌────────────┐       ┌────────────┐
 │ container  ├──┬───▶│ Deployment │
 └────────────┘  │    └────────────┘
                 │    ┌────────────┐
                 └───▶│ Pod        │
                      └────────────┘
```

Invariants: no two boxes overlap, every text fits into its box, nothing is outside the
canvas. All lengths are pixels.
"""

from collections.abc import Iterable
from typing import NamedTuple

from k8s_bridge.explain.things import Pair, Thing, Topic
from minidock.views.geometry import Role
from minidock.views.measure import fit

__all__ = ["Box", "Drawing", "Heading", "Link", "drawing"]

_WIDTH, _MARGIN, _BOX = 980, 30, 400
_RIGHT = _WIDTH - _MARGIN - _BOX
_PAD, _TITLE, _LINE, _GAP = 12, 20, 17, 12
_HEAD, _TOPIC = 64, 54


class Box(NamedTuple):
    """A thing in its place; ``topic`` counts from 0 and chooses the colour."""

    x: int
    y: int
    width: int
    height: int
    title: str
    lines: tuple[str, ...]
    topic: int

    @property
    def middle(self) -> int:
        """The y of its middle."""
        return self.y + self.height // 2

    @property
    def right(self) -> int:
        """The x of its right edge."""
        return self.x + self.width


class Link(NamedTuple):
    """A line from a left box around a corner to a right one."""

    start: tuple[int, int]
    bend: int
    end: tuple[int, int]
    topic: int


class Heading(NamedTuple):
    """The title of a topic, and its sentence."""

    y: int
    title: str
    sentence: str
    topic: int


class Drawing(NamedTuple):
    """Everything with its coordinates; ``links`` lead from left boxes to right ones."""

    width: int
    height: int
    headings: tuple[Heading, ...]
    boxes: tuple[Box, ...]
    links: tuple["Link", ...]
    right: int
    left: int


def drawing(topics: Iterable[Topic]) -> Drawing:
    """Lays out the pairs from top to bottom; O(things)."""
    y = _HEAD
    headings: list[Heading] = []
    boxes: list[Box] = []
    links: list[Link] = []
    for number, topic in enumerate(topics):
        headings.append(Heading(y + 20, topic.title, topic.sentence, number))
        y += _TOPIC
        for pair in topic.pairs:
            left, right = _pair(pair, y, number)
            links += [_link(one, other, right[0]) for one in left for other in right]
            boxes += [*left, *right]
            y = max(box.y + box.height for box in (*left, *right)) + _GAP
    return Drawing(
        width=_WIDTH,
        height=y + _MARGIN - _GAP,
        headings=tuple(headings),
        boxes=tuple(boxes),
        links=tuple(links),
        right=_RIGHT,
        left=_MARGIN,
    )


def _link(one: Box, other: Box, first: Box) -> Link:
    """All lines of a box start together, level with the first that they lead to."""
    level = min(first.middle, one.y + one.height - _PAD)
    bend = (one.right + other.x) // 2
    return Link((one.right, level), bend, (other.x, other.middle), one.topic)


def _pair(pair: Pair, y: int, topic: int) -> tuple[list[Box], list[Box]]:
    left = [_box(pair.docker, _MARGIN, y, topic)] if pair.docker else []
    right: list[Box] = []
    for thing in pair.kubernetes:
        right.append(_box(thing, _RIGHT, y, topic))
        y += right[-1].height + _GAP // 2
    return left, right


def _box(thing: Thing, x: int, y: int, topic: int) -> Box:
    room = _BOX - 2 * _PAD
    return Box(
        x=x,
        y=y,
        width=_BOX,
        height=2 * _PAD + _TITLE + _LINE * len(thing.lines) - 4,
        title=fit(thing.title, room, Role.NAME.size, bold=True),
        lines=tuple(fit(line, room, Role.BODY.size) for line in thing.lines),
        topic=topic,
    )
