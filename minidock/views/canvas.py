"""A scene: boxes, lines and texts with coordinates, ready to be drawn.

```
  outside │  host's edge               networks             containers
 ┌──────┐ ┌┴───────────────────────────────────────────────────────────┐
 │      ├─[eth0]─ ─ ─ ─ ─ ─ ─ ─┌─────────────┐         ┌────────────┐  │
 │      │ │                     │ app         ├── veth ─[eth0]  web  │  │
 │      ├▶[0.0.0.0:8080]────────│─ ─ ─ ─ ─ ─ ─│────────▶[80/tcp]     │  │
 └──────┘ └────────────────────────────────────────────────────────────┘
```

Invariants (a test proves them for any World): boxes that are not inside one another do
not overlap; every text fits into its box; every line begins and ends at the edge of the
box it names; ids are unique. A scene is a value: the same World gives the same scene.

Ids say what a box stands for: ``outside``, ``host``, ``card:eth0``,
``port:tcp/0.0.0.0:8080``, ``network:app``, ``bridge:docker0``, ``container:web``,
``interface:web/eth0``, ``target:tcp/0.0.0.0:8080``; lines likewise: ``cable:<veth>``,
``uplink:eth0``, ``route:app``, ``request:`` and ``publish:tcp/0.0.0.0:8080``,
``share:side``, ``stack:monitor``.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from minidock.errors import NotFound
from minidock.views.geometry import Label, Point, Role
from minidock.views.outline import Outline

__all__ = [
    "NEUTRAL",
    "Edge",
    "EdgeKind",
    "Label",
    "Node",
    "NodeKind",
    "Point",
    "Role",
    "Sample",
    "Scene",
]

NEUTRAL = -1
"""The colour of what belongs to no bridge network; networks count from 0."""


class NodeKind(StrEnum):
    """What a box stands for."""

    OUTSIDE = "outside"
    HOST = "host"
    CARD = "card"
    PORT = "port"
    NETWORK = "network"
    BRIDGE = "bridge"
    CONTAINER = "container"
    INTERFACE = "interface"
    TARGET = "target"


class EdgeKind(StrEnum):
    """What a line stands for."""

    UPLINK = "uplink"
    """The host's card, plugged into the world outside."""
    ROUTE = "route"
    """The host forwards between its card and a bridge."""
    REQUEST = "request"
    """Somebody outside asks for a published port."""
    PUBLISH = "publish"
    """The host leads a published port to the container's."""
    CABLE = "cable"
    """A veth pair: one end is a port of the bridge, the other the container's eth0."""
    CHILD = "child"
    """A macvlan or ipvlan interface: it uses the wire of the host's card."""
    SHARE = "share"
    """``--network container:other``: two containers, one network namespace."""
    STACK = "stack"
    """``--network host``: the container uses the host's network namespace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A box with its texts; ``title`` says in full what the texts may shorten."""

    id: str
    kind: NodeKind
    x: int
    y: int
    width: int
    height: int
    title: str = ""
    labels: tuple[Label, ...] = ()
    colour: int = NEUTRAL
    faded: bool = False
    parent: str = ""

    @property
    def right(self) -> int:
        """The x of its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The y of its lower edge."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """Its middle."""
        return Point(self.x + self.width // 2, self.y + self.height // 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A line of horizontal and vertical pieces from one box to another."""

    id: str
    kind: EdgeKind
    source: str
    target: str
    points: tuple[Point, ...]
    title: str = ""
    label: Label | None = None
    colour: int = NEUTRAL
    tap: bool = False
    """Whether it leaves a trunk that goes on: the corner before its last piece."""

    @property
    def middle(self) -> Point:
        """The middle of its last piece that is horizontal, which nothing shares."""
        first, last = self.points[-2:]
        return Point((first.x + last.x) // 2, (first.y + last.y) // 2)


class Sample(NamedTuple):
    """An entry of the legend: a short line of a kind from ``at``, and what it means."""

    kind: EdgeKind
    at: Point
    label: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A drawing as data; see the module's picture."""

    width: int
    height: int
    title: str
    description: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    legend: tuple[Sample, ...]
    outline: Outline

    def anchor(self, name: str) -> Point:
        """Where a mark for a box or a line belongs: its middle; O(n).

        >>> from minidock.engine import Engine
        >>> from minidock.views.scene import scene
        >>> picture = scene(Engine().world)
        >>> picture.anchor("card:eth0") == picture.node("card:eth0").centre
        True
        >>> picture.anchor("container:nosuch")
        Traceback (most recent call last):
        ...
        minidock.errors.NotFound: the drawing has no container:nosuch
        """
        for edge in self.edges:
            if edge.id == name:
                return edge.middle
        return self.node(name).centre

    def node(self, name: str) -> Node:
        """The box with this id; O(n)."""
        for node in self.nodes:
            if node.id == name:
                return node
        raise NotFound(
            f"the drawing has no {name}",
            asked=f"find {name} in the drawing",
            rule="a drawing has the ids of its boxes and lines only",
            remedy="scene.nodes and scene.edges list the ids",
        )
