"""A trace as SVG: the topology with the way highlighted and a bubble for each stop.

```
 filled bubble    hops of the request        hollow bubble   hops of the answer
 dark, with ×     where it failed            thick band      the way that it took
```

Numbers, not colours, tell the order; filled, hollow and dark also differ in grey. The
picture brings its own background, as every picture here does.

Each bubble has ``data-hops`` with its numbers and ``data-spot`` with the id of the box
or line that it belongs to, after the place of another host and a slash if it is there;
the numbers in the list have only ``data-hops``. The verdict
and the list are one group, ``caption``, from ``data-top`` down: a page that says them
itself can leave it out.

Invariant: the output is well-formed XML, whatever a container is called.
"""

from collections.abc import Iterable, Iterator, Sequence

from minidock.model.world import World
from minidock.packet.trace import Trace
from minidock.views import pen
from minidock.views.bubbles import HEIGHT, Bubble
from minidock.views.canvas import Edge, EdgeKind, Node, NodeKind
from minidock.views.furniture import DOOR
from minidock.views.geometry import Frame, Label, Point
from minidock.views.palette import AMBER, BAD, EDGE, GOOD, HOST, SOFT, TEXT, WHITE
from minidock.views.parcels import Parcel
from minidock.views.shapes import box, entry, text, wire
from minidock.views.trace_scene import Stage, TraceScene, trace_scene
from minidock.views.trail import heading, hop_line, seen_by

__all__ = ["trace_picture", "trace_svg"]

_VEIL = 0.62
_BEHIND = frozenset({NodeKind.OUTSIDE, NodeKind.HOST})
_BENEATH = frozenset({EdgeKind.PUBLISH, EdgeKind.REQUEST})


def trace_svg(world: World, trace: Trace, others: Sequence[World] = ()) -> str:
    """The picture of a trace in its World; O(n log n).

    Args:
        world: the host that was asked.
        trace: the journey.
        others: other hosts of the journey, in full.

    >>> from minidock.engine import Engine
    >>> from minidock.packet.trace import Outcome
    >>> lost = Trace(source="web", target="db", protocol="icmp", why="No such name.",
    ...              outcome=Outcome.UNREACHABLE)
    >>> trace_svg(Engine().world, lost).splitlines()[1]
    '<title>web to db (icmp): unreachable</title>'
    """
    return trace_picture(trace_scene(world, trace, others))


def trace_picture(drawn: TraceScene, over: Iterable[str] = (), mark: str = "") -> str:
    """The picture of a scene; ``over`` is drawn last, ``mark`` one class more."""
    return pen.document(
        (drawn.width, drawn.height),
        (*_lines(drawn), *over),
        title=f"{heading(drawn.trace)}: {drawn.trace.outcome}",
        description=_spoken(drawn),
        kind=f"minidock trace {mark}".rstrip(),
    )


def _lines(drawn: TraceScene) -> Iterator[str]:
    yield from _highlight(drawn.wires)
    for stage in drawn.stages:
        yield from _stage(stage)
    yield from map(_parcel, drawn.parcels)
    yield from _caption(drawn)


def _spoken(drawn: TraceScene) -> str:
    trace = drawn.trace
    said = [f"Outcome: {trace.outcome}.", trace.why]
    said += [f"What would work: {trace.remedy}."] if trace.remedy else []
    said += [f"{seen_by(trace)}."] if seen_by(trace) else []
    said += [f"{hop_line(hop)}." for hop in trace.hops]
    return " ".join([*said, *(stage.scene.description for stage in drawn.stages)])


# --- the topology ---------------------------------------------------------------------


def _stage(stage: Stage) -> Iterator[str]:
    yield pen.group(
        *_topology(stage),
        *(_bubble(bubble, stage.place) for bubble in stage.bubbles),
        class_="stage",
        data_host=stage.place,
        transform=f"translate({stage.left},0)",
    )


def _topology(drawn: Stage) -> Iterator[str]:
    scene, way = drawn.scene, drawn.way
    edges = sorted(scene.edges, key=lambda edge: edge.kind not in _BENEATH)
    yield from (box(node) for node in scene.nodes if node.kind in _BEHIND)
    yield from (_glow(node) for node in scene.nodes if node.id in way.boxes)
    yield from (_line(edge, drawn) for edge in edges if edge.id in way.faded)
    yield from _highlight(way.lines)
    yield from (_line(edge, drawn) for edge in edges if edge.id not in way.faded)
    for node in scene.nodes:
        if node.kind not in _BEHIND:
            yield box(node)
    yield from (_veil(node) for node in scene.nodes if node.id in way.faded)
    yield from map(entry, scene.legend)


def _line(edge: Edge, drawn: Stage) -> str:
    if edge.id not in drawn.way.faded:
        on_way = edge.points in drawn.way.lines or edge.target in drawn.way.boxes
        return wire(edge, halo=not on_way)
    return pen.group(wire(edge), class_="aside", opacity=round(1 - _VEIL, 2))


def _veil(node: Node) -> str:
    """Half a sheet of paper over a box: through a faded box one would see lines."""
    left = node.x - (DOOR if node.kind is NodeKind.CONTAINER else 0)
    frame = Frame(left - 1, node.y - 1, node.right - left + 2, node.height + 2)
    return pen.box(frame, HOST, class_="aside", opacity=_VEIL)


def _glow(node: Node) -> str:
    frame = Frame(node.x - 4, node.y - 4, node.width + 8, node.height + 8)
    return pen.box(frame, AMBER, EDGE, width=1, round_=11, class_="way")


def _highlight(lines: tuple[tuple[Point, ...], ...]) -> Iterator[str]:
    """A band with an edge: all edges first, so that bands melt into one another."""
    for colour, width in ((EDGE, 10), (AMBER, 8)):
        for points in lines:
            yield pen.polyline(points, colour, width, class_="way")


# --- bubbles --------------------------------------------------------------------------


def _bubble(bubble: Bubble, place: str = "") -> str:
    stop = bubble.stop
    spot = f"{place}/{stop.spot}" if place else stop.spot
    kind = "ended" if stop.ended else "answer" if stop.reply else "request"
    return pen.group(
        _pill(bubble),
        class_=f"bubble {kind}",
        data_spot=spot if stop.spot else None,
        data_hops=stop.text,
    )


def _pill(bubble: Bubble) -> str:
    stop = bubble.stop
    ended, hollow = stop.ended, stop.reply and not stop.ended
    fill = BAD if ended else WHITE if hollow else AMBER
    frame = Frame(bubble.at.x, bubble.at.y - HEIGHT // 2, bubble.width, HEIGHT)
    return pen.pill(frame, bubble.text, fill, WHITE if ended else TEXT)


# --- parcels --------------------------------------------------------------------------


def _parcel(parcel: Parcel) -> str:
    parts = [_bubble(parcel.number)]
    parts += [text(label, colour=_colour(label)) for label in parcel.labels]
    for part in parcel.parts:
        parts.append(pen.box(part.frame, AMBER if part.inside else WHITE, EDGE))
        parts += [text(label, colour=TEXT) for label in part.labels]
    return pen.group(*parts, class_="parcel")


# --- below ----------------------------------------------------------------------------


def _caption(drawn: TraceScene) -> Iterator[str]:
    below, trace = drawn.caption, drawn.trace
    colour = GOOD if trace.delivered else BAD
    yield pen.group(
        pen.box(below.band, WHITE, colour, round_=8),
        pen.box(below.badge, colour, colour, round_=8),
        text(below.verdict, colour=WHITE),
        *(pen.line(start, end, SOFT, 1) for start, end in below.rules),
        *map(_bubble, below.numbers),
        *(text(label, colour=_colour(label)) for label in below.labels),
        class_="caption",
        data_top=drawn.top,
    )


def _colour(label: Label) -> str:
    return SOFT if label.role.mono else TEXT
