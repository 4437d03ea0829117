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
from html import escape
from types import MappingProxyType
from typing import NamedTuple

from minidock.views.canvas import (
    NEUTRAL,
    Edge,
    EdgeKind,
    Label,
    Node,
    NodeKind,
    Point,
    Role,
    Sample,
)
from minidock.views.measure import plain

__all__ = [
    "GREY",
    "HOST",
    "NETWORKS",
    "PAPER",
    "SANS",
    "SOFT",
    "TEXT",
    "WHITE",
    "Ink",
    "box",
    "entry",
    "path",
    "safe",
    "text",
    "wire",
]


class Ink(NamedTuple):
    """The colours of a network: its lines, and the paper within its boxes."""

    line: str
    paper: str


# Lines and texts have at least 4.5:1 contrast with every paper. In grey the networks
# look alike: there the name of the veth, the taps and the trunks tell lines apart.
NETWORKS = (
    Ink("#1f5fa8", "#e3edf9"),
    Ink("#a34a00", "#fcebdd"),
    Ink("#13694a", "#ddf2e8"),
    Ink("#7a3b9a", "#f2e6f8"),
    Ink("#a01c3c", "#fbe4e9"),
    Ink("#00696f", "#dcf1f2"),
    Ink("#6a5b00", "#f6f0d3"),
    Ink("#3f4a9e", "#e7e9f8"),
)
GREY = Ink("#5b6570", "#eceff2")
_FADED = Ink("#737d88", "#f3f4f6")
TEXT, SOFT, PAPER, HOST, WHITE = (
    "#1c232b",
    "#4a545f",
    "#f6f7f9",
    "#fdfdfe",
    "#ffffff",
)
SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
_MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"


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


def safe(text: str) -> str:
    """A text within XML, which knows no control characters."""
    return escape(plain(text))


# --- boxes ----------------------------------------------------------------------------


def box(node: Node) -> str:
    """A box with its texts; ``data-node`` says what it stands for."""
    faded = " faded" if node.faded else ""
    inside = "".join(text(label, node) for label in node.labels)
    return (
        f'<g class="node {node.kind}{faded}" data-node="{safe(node.id)}">'
        f"<title>{safe(node.title)}</title>{_SHAPES[node.kind](node)}{inside}</g>"
    )


def _ink(colour: int) -> Ink:
    return GREY if colour == NEUTRAL else NETWORKS[colour % len(NETWORKS)]


def _rect(node: Node, ink: Ink, *, round_: int, width: float, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<rect x="{node.x}" y="{node.y}" width="{node.width}" height="{node.height}" '
        f'rx="{round_}" fill="{ink.paper}" stroke="{ink.line}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


def _outside(node: Node) -> str:
    return _rect(node, Ink("#9aa4af", "#e6eaee"), round_=10, width=1)


def _host(node: Node) -> str:
    return _rect(node, Ink("#3c4650", HOST), round_=10, width=2)


def _network(node: Node) -> str:
    return _rect(node, _ink(node.colour), round_=8, width=1.5)


def _bridge(node: Node) -> str:
    return _rect(node, Ink(_ink(node.colour).line, WHITE), round_=4, width=1.5)


def _container(node: Node) -> str:
    if node.faded:
        return _rect(node, _FADED, round_=8, width=1.2, dashes="5 4")
    return _rect(node, Ink("#3c4650", WHITE), round_=8, width=1.5)


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
    role = label.role
    font = f' font-family="{_MONO}"' if role.mono else ""
    weight = ' font-weight="600"' if role.bold else ""
    end = ' text-anchor="end"' if label.ends else ""
    fill = f' fill="{colour}"' if colour else ""
    return (
        f'<text x="{label.at.x}" y="{label.at.y}" font-size="{role.size}"'
        f"{font}{weight}{end}{fill}>{safe(label.text)}</text>"
    )


# --- lines ----------------------------------------------------------------------------


def wire(edge: Edge, *, halo: bool = True) -> str:
    """A line with its text; ``data-edge`` says what it stands for.

    The halo keeps it apart from lines below it, where those are no part of it.
    """
    stroke = _STROKES[edge.kind]
    colour = stroke.colour or _ink(edge.colour).line
    parts = [_halo(edge.points) if halo else "", _line(edge.points, stroke, colour)]
    if stroke.arrow:
        parts.append(_arrow(edge.points[-1], colour))
    if edge.tap:
        x, y = edge.points[2]
        parts.append(f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>')
    if edge.label is not None:
        parts.append(text(edge.label, colour=SOFT))
    return (
        f'<g class="edge {edge.kind}" data-edge="{safe(edge.id)}" '
        f'data-source="{safe(edge.source)}" data-target="{safe(edge.target)}">'
        f"<title>{safe(edge.title)}</title>{''.join(parts)}</g>"
    )


def path(points: tuple[Point, ...]) -> str:
    """Points as SVG writes them."""
    return " ".join(f"{x},{y}" for x, y in points)


def _halo(points: tuple[Point, ...]) -> str:
    """Room around a line, so that one can see which of two crossing lines goes on."""
    first, *_, last = points
    if first.y == last.y:
        # Nothing is beneath a straight line but those that it must not cut off.
        return ""
    return (
        f'<polyline points="{path(points[1:])}" fill="none" '
        f'stroke="{HOST}" stroke-width="7"/>'
    )


def _line(points: tuple[Point, ...], stroke: Stroke, colour: str) -> str:
    dashes = f' stroke-dasharray="{stroke.dashes}"' if stroke.dashes else ""
    return (
        f'<polyline points="{path(points)}" fill="none" stroke="{colour}" '
        f'stroke-width="{stroke.width:g}" stroke-linejoin="round"{dashes}/>'
    )


def _arrow(tip: Point, colour: str) -> str:
    x, y = tip
    return (
        f'<polygon points="{x},{y} {x - 9},{y - 5} {x - 9},{y + 5}" fill="{colour}"/>'
    )


def entry(sample: Sample) -> str:
    """An entry of the legend."""
    stroke = _STROKES[sample.kind]
    colour = stroke.colour or NETWORKS[0].line
    end = Point(sample.at.x + 34, sample.at.y)
    arrow = _arrow(end, colour) if stroke.arrow else ""
    line = _line((sample.at, end), stroke, colour)
    return f'<g class="legend {sample.kind}">{line}{arrow}{text(sample.label)}</g>'
