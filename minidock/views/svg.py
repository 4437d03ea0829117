"""A scene as SVG: one self-contained picture, without scripts, styles or fonts.

```
<svg role="img">  title, desc         what a screen reader says
  card                                the paper: the picture brings its background
  <g class="node host" data-node="host"> ...
  <g class="edge cable" data-edge="cable:veth1a2b3c4"> ...
  legend
</svg>
```

Shapes carry their colours themselves, so the picture looks the same on a white page, on
a dark one, in slides and in print. Nothing is told by colour alone: lines of different
kinds differ in width and dashes, and every box is named. Texts are texts: they can be
selected, and searched for.

``data-node`` and ``data-edge`` hold the ids of :mod:`minidock.views.canvas`. There are
no ``id`` attributes, since one page may hold many pictures.

Invariant: the output is well-formed XML, whatever a container is called.
"""

from collections.abc import Callable, Iterator
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
    Scene,
)
from minidock.views.measure import plain

__all__ = ["svg"]


class Ink(NamedTuple):
    """The colours of a network: its lines, and the paper within its boxes."""

    line: str
    paper: str


# Lines and texts have at least 4.5:1 contrast with every paper. In grey the networks
# look alike: there the name of the veth, the taps and the trunks tell lines apart.
_NETWORKS = (
    Ink("#1f5fa8", "#e3edf9"),
    Ink("#a34a00", "#fcebdd"),
    Ink("#13694a", "#ddf2e8"),
    Ink("#7a3b9a", "#f2e6f8"),
    Ink("#a01c3c", "#fbe4e9"),
    Ink("#00696f", "#dcf1f2"),
    Ink("#6a5b00", "#f6f0d3"),
    Ink("#3f4a9e", "#e7e9f8"),
)
_GREY = Ink("#5b6570", "#eceff2")
_FADED = Ink("#737d88", "#f3f4f6")
_TEXT, _SOFT, _PAPER, _HOST, _WHITE = (
    "#1c232b",
    "#4a545f",
    "#f6f7f9",
    "#fdfdfe",
    "#ffffff",
)
_SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
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
        EdgeKind.UPLINK: Stroke(2.5, colour=_GREY.line),
        EdgeKind.ROUTE: Stroke(1.5, "6 4", colour=_GREY.line),
        EdgeKind.REQUEST: Stroke(2, arrow=True, colour=_TEXT),
        EdgeKind.PUBLISH: Stroke(2, arrow=True, colour=_TEXT),
        EdgeKind.CABLE: Stroke(2.5),
        EdgeKind.SHARE: Stroke(2, "1 4", colour=_GREY.line),
        EdgeKind.STACK: Stroke(2.5, colour=_GREY.line),
    }
)


def svg(scene: Scene) -> str:
    """The picture of a scene; O(its size).

    >>> from minidock.engine import Engine
    >>> from minidock.views.scene import scene
    >>> svg(scene(Engine().world)).splitlines()[1]
    '<title>Docker host docker-host</title>'
    """
    return "\n".join(_lines(scene)) + "\n"


def _lines(scene: Scene) -> Iterator[str]:
    size = f'width="{scene.width}" height="{scene.height}"'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {scene.width} {scene.height}" role="img" '
        f'class="minidock" font-family="{_SANS}" fill="{_TEXT}">'
    )
    yield f"<title>{_safe(scene.title)}</title>"
    yield f"<desc>{_safe(scene.description)}</desc>"
    yield f'<rect {size} rx="14" fill="{_PAPER}"/>'
    behind = {NodeKind.OUTSIDE, NodeKind.HOST}
    beneath = {EdgeKind.PUBLISH, EdgeKind.REQUEST}
    yield from (_node(node) for node in scene.nodes if node.kind in behind)
    # A published port leads through the bridge: its line passes behind the network.
    yield from (_edge(edge) for edge in scene.edges if edge.kind in beneath)
    yield from (_edge(edge) for edge in scene.edges if edge.kind not in beneath)
    yield from (_node(node) for node in scene.nodes if node.kind not in behind)
    yield from (_sample(sample) for sample in scene.legend)
    yield "</svg>"


def _safe(text: str) -> str:
    """A text within XML, which knows no control characters."""
    return escape(plain(text))


# --- boxes ----------------------------------------------------------------------------


def _node(node: Node) -> str:
    faded = " faded" if node.faded else ""
    inside = "".join(_label(label, node) for label in node.labels)
    return (
        f'<g class="node {node.kind}{faded}" data-node="{_safe(node.id)}">'
        f"<title>{_safe(node.title)}</title>{_SHAPES[node.kind](node)}{inside}</g>"
    )


def _ink(colour: int) -> Ink:
    return _GREY if colour == NEUTRAL else _NETWORKS[colour % len(_NETWORKS)]


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
    return _rect(node, Ink("#3c4650", _HOST), round_=10, width=2)


def _network(node: Node) -> str:
    return _rect(node, _ink(node.colour), round_=8, width=1.5)


def _bridge(node: Node) -> str:
    return _rect(node, Ink(_ink(node.colour).line, _WHITE), round_=4, width=1.5)


def _container(node: Node) -> str:
    if node.faded:
        return _rect(node, _FADED, round_=8, width=1.2, dashes="5 4")
    return _rect(node, Ink("#3c4650", _WHITE), round_=8, width=1.5)


def _door(node: Node) -> str:
    return _rect(node, _ink(node.colour), round_=4, width=1.5)


def _dark_door(node: Node) -> str:
    return _rect(node, Ink(_TEXT, _TEXT), round_=9, width=1)


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


def _label(label: Label, node: Node | None = None, colour: str = "") -> str:
    if not colour and node is not None:
        dark = node.kind in {NodeKind.PORT, NodeKind.TARGET}
        soft = label.role is Role.NOTE or node.faded
        colour = _WHITE if dark else _SOFT if soft else ""
    role = label.role
    font = f' font-family="{_MONO}"' if role.mono else ""
    weight = ' font-weight="600"' if role.bold else ""
    end = ' text-anchor="end"' if label.ends else ""
    fill = f' fill="{colour}"' if colour else ""
    return (
        f'<text x="{label.at.x}" y="{label.at.y}" font-size="{role.size}"'
        f"{font}{weight}{end}{fill}>{_safe(label.text)}</text>"
    )


# --- lines ----------------------------------------------------------------------------


def _edge(edge: Edge) -> str:
    stroke = _STROKES[edge.kind]
    colour = stroke.colour or _ink(edge.colour).line
    parts = [_halo(edge.points), _line(edge.points, stroke, colour)]
    if stroke.arrow:
        parts.append(_arrow(edge.points[-1], colour))
    if edge.tap:
        x, y = edge.points[2]
        parts.append(f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>')
    if edge.label is not None:
        parts.append(_label(edge.label, colour=_SOFT))
    return (
        f'<g class="edge {edge.kind}" data-edge="{_safe(edge.id)}" '
        f'data-source="{_safe(edge.source)}" data-target="{_safe(edge.target)}">'
        f"<title>{_safe(edge.title)}</title>{''.join(parts)}</g>"
    )


def _path(points: tuple[Point, ...]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def _halo(points: tuple[Point, ...]) -> str:
    """Room around a line, so that one can see which of two crossing lines goes on."""
    first, *_, last = points
    if first.y == last.y:
        # Nothing is beneath a straight line but those that it must not cut off.
        return ""
    return (
        f'<polyline points="{_path(points[1:])}" fill="none" '
        f'stroke="{_HOST}" stroke-width="7"/>'
    )


def _line(points: tuple[Point, ...], stroke: Stroke, colour: str) -> str:
    dashes = f' stroke-dasharray="{stroke.dashes}"' if stroke.dashes else ""
    return (
        f'<polyline points="{_path(points)}" fill="none" stroke="{colour}" '
        f'stroke-width="{stroke.width:g}" stroke-linejoin="round"{dashes}/>'
    )


def _arrow(tip: Point, colour: str) -> str:
    x, y = tip
    return (
        f'<polygon points="{x},{y} {x - 9},{y - 5} {x - 9},{y + 5}" fill="{colour}"/>'
    )


def _sample(sample: Sample) -> str:
    stroke = _STROKES[sample.kind]
    colour = stroke.colour or _NETWORKS[0].line
    end = Point(sample.at.x + 34, sample.at.y)
    arrow = _arrow(end, colour) if stroke.arrow else ""
    line = _line((sample.at, end), stroke, colour)
    return f'<g class="legend {sample.kind}">{line}{arrow}{_label(sample.label)}</g>'
