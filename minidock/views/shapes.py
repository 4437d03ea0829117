"""The shapes of a picture: how each kind of box, line and text of a scene is drawn.

```
 network   coloured paper, coloured edge      door    small, in its network's colour
 bridge    white paper within it              port    dark, with round ends
 container white, or dashed if it is stopped  cable   a thick line in that colour
```

Shapes carry their colours themselves, so a picture looks the same on a white page, on
a dark one, in slides and in print. Nothing is told by colour alone: lines of different
kinds differ in width and dashes, and every box is named.

Invariant: what comes out is well-formed XML, whatever a container is called.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import NamedTuple

from minidock.views import pen
from minidock.views.canvas import NEUTRAL, Edge, EdgeKind, Node, NodeKind, Sample
from minidock.views.geometry import Frame, Label, Point, Role
from minidock.views.palette import (
    FADED,
    FRAME,
    GREY,
    HOST,
    NETWORKS,
    OUTSIDE,
    SOFT,
    TEXT,
    WHITE,
    Ink,
)

__all__ = ["box", "entry", "text", "wire"]


class Stroke(NamedTuple):
    """How a kind of line is drawn."""

    width: float
    dashes: str = ""
    arrow: bool = False
    colour: str = ""
    """"" for the colour of its network."""


_STROKES = MappingProxyType(
    {
        EdgeKind.UPLINK: Stroke(2.5, colour=GREY.line),
        EdgeKind.ROUTE: Stroke(1.5, "6 4", colour=GREY.line),
        EdgeKind.REQUEST: Stroke(2, arrow=True, colour=TEXT),
        EdgeKind.PUBLISH: Stroke(2, arrow=True, colour=TEXT),
        EdgeKind.CABLE: Stroke(2.5),
        EdgeKind.CHILD: Stroke(2.5, "9 3"),
        EdgeKind.SHARE: Stroke(2, "1 4", colour=GREY.line),
        EdgeKind.STACK: Stroke(2.5, colour=GREY.line),
    }
)


# --- boxes ----------------------------------------------------------------------------


def box(node: Node) -> str:
    """A box with its texts; ``data-node`` says what it stands for."""
    return pen.group(
        _SHAPES[node.kind](node),
        *(text(label, node) for label in node.labels),
        title=node.title,
        class_=f"node {node.kind}{' faded' if node.faded else ''}",
        data_node=node.id,
    )


def _ink(colour: int) -> Ink:
    return GREY if colour == NEUTRAL else NETWORKS[colour % len(NETWORKS)]


def _rect(node: Node, ink: Ink, *, round_: int, width: float, dashes: str = "") -> str:
    frame = Frame(node.x, node.y, node.width, node.height)
    return pen.box(
        frame, ink.paper, ink.line, width=width, round_=round_, dashes=dashes
    )


def _outside(node: Node) -> str:
    return _rect(node, OUTSIDE, round_=10, width=1)


def _host(node: Node) -> str:
    return _rect(node, Ink(FRAME, HOST), round_=10, width=2)


def _network(node: Node) -> str:
    return _rect(node, _ink(node.colour), round_=8, width=1.5)


def _bridge(node: Node) -> str:
    return _rect(node, Ink(_ink(node.colour).line, WHITE), round_=4, width=1.5)


def _container(node: Node) -> str:
    if node.faded:
        return _rect(node, FADED, round_=8, width=1.2, dashes="5 4")
    return _rect(node, Ink(FRAME, WHITE), round_=8, width=1.5)


def _door(node: Node) -> str:
    return _rect(node, _ink(node.colour), round_=4, width=1.5)


def _dark_door(node: Node) -> str:
    return _rect(node, Ink(TEXT, TEXT), round_=9, width=1)


_SHAPES: MappingProxyType[NodeKind, Callable[[Node], str]] = MappingProxyType(
    {
        NodeKind.OUTSIDE: _outside,
        NodeKind.HOST: _host,
        NodeKind.CARD: _door,
        NodeKind.PORT: _dark_door,
        NodeKind.NETWORK: _network,
        NodeKind.BRIDGE: _bridge,
        NodeKind.CONTAINER: _container,
        NodeKind.INTERFACE: _door,
        NodeKind.TARGET: _dark_door,
    }
)


def text(label: Label, node: Node | None = None, colour: str = "") -> str:
    """A text that can be selected; its colour follows from its box, if not given."""
    if not colour and node is not None:
        dark = node.kind in {NodeKind.PORT, NodeKind.TARGET}
        soft = label.role is Role.NOTE or node.faded
        colour = WHITE if dark else SOFT if soft else ""
    return pen.words(label, colour)


# --- lines ----------------------------------------------------------------------------


def wire(edge: Edge, *, halo: bool = True) -> str:
    """A line with its text; ``data-edge`` says what it stands for.

    The halo keeps it apart from lines below it, where those are no part of it.
    """
    stroke = _STROKES[edge.kind]
    colour = stroke.colour or _ink(edge.colour).line
    parts = [_halo(edge.points) if halo else "", _line(edge.points, stroke, colour)]
    if stroke.arrow:
        parts.append(pen.arrow(edge.points[-1], colour))
    if edge.tap:
        parts.append(pen.circle(edge.points[2], 3.5, colour))
    if edge.label is not None:
        parts.append(text(edge.label, colour=SOFT))
    return pen.group(
        *parts,
        title=edge.title,
        class_=f"edge {edge.kind}",
        data_edge=edge.id,
        data_source=edge.source,
        data_target=edge.target,
    )


def _halo(points: tuple[Point, ...]) -> str:
    """Room around a line, so that one can see which of two crossing lines goes on."""
    first, *_, last = points
    if first.y == last.y:
        # Nothing is beneath a straight line but those that it must not cut off.
        return ""
    return pen.polyline(points[1:], HOST, 7, joined=False)


def _line(points: tuple[Point, ...], stroke: Stroke, colour: str) -> str:
    return pen.polyline(points, colour, stroke.width, dashes=stroke.dashes)


def entry(sample: Sample) -> str:
    """An entry of the legend."""
    stroke = _STROKES[sample.kind]
    colour = stroke.colour or NETWORKS[0].line
    end = Point(sample.at.x + 34, sample.at.y)
    return pen.group(
        _line((sample.at, end), stroke, colour),
        pen.arrow(end, colour) if stroke.arrow else "",
        text(sample.label),
        class_=f"legend {sample.kind}",
    )
