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

from collections.abc import Iterator, Sequence

from minidock.model.world import World
from minidock.packet.trace import Trace
from minidock.views.bubbles import HEIGHT, Bubble
from minidock.views.canvas import Edge, EdgeKind, Label, Node, NodeKind, Point
from minidock.views.furniture import DOOR, Frame
from minidock.views.parcels import Parcel
from minidock.views.shapes import (
    HOST,
    PAPER,
    SANS,
    SOFT,
    TEXT,
    WHITE,
    box,
    entry,
    path,
    safe,
    text,
    wire,
)
from minidock.views.trace_scene import Stage, TraceScene, trace_scene
from minidock.views.trail import heading, hop_line, seen_by

__all__ = ["trace_svg"]

AMBER, EDGE, GOOD, BAD = "#ffc94d", "#8a5200", "#13694a", "#9b1c2e"
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
    return "\n".join(_lines(trace_scene(world, trace, others))) + "\n"


def _lines(drawn: TraceScene) -> Iterator[str]:
    size = f'width="{drawn.width}" height="{drawn.height}"'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {drawn.width} {drawn.height}" role="img" '
        f'class="minidock trace" font-family="{SANS}" fill="{TEXT}">'
    )
    title = f"{heading(drawn.trace)}: {drawn.trace.outcome}"
    yield f"<title>{safe(title)}</title>"
    yield f"<desc>{safe(_spoken(drawn))}</desc>"
    yield f'<rect {size} rx="14" fill="{PAPER}"/>'
    yield from _highlight(drawn.wires)
    for stage in drawn.stages:
        yield from _stage(stage)
    yield from (line for item in drawn.parcels for line in _parcel(item))
    yield from _caption(drawn)
    yield "</svg>"


def _spoken(drawn: TraceScene) -> str:
    trace = drawn.trace
    said = [f"Outcome: {trace.outcome}.", trace.why]
    said += [f"What would work: {trace.remedy}."] if trace.remedy else []
    said += [f"{seen_by(trace)}."] if seen_by(trace) else []
    said += [f"{hop_line(hop)}." for hop in trace.hops]
    return " ".join([*said, *(stage.scene.description for stage in drawn.stages)])


# --- the topology ---------------------------------------------------------------------


def _stage(stage: Stage) -> Iterator[str]:
    yield (
        f'<g class="stage" data-host="{safe(stage.place)}" '
        f'transform="translate({stage.left},0)">'
    )
    yield from _topology(stage)
    yield from (_bubble(bubble, stage.place) for bubble in stage.bubbles)
    yield "</g>"


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
    return f'<g class="aside" opacity="{1 - _VEIL:.2f}">{wire(edge)}</g>'


def _veil(node: Node) -> str:
    """Half a sheet of paper over a box: through a faded box one would see lines."""
    left = node.x - (DOOR if node.kind is NodeKind.CONTAINER else 0)
    return (
        f'<rect class="aside" x="{left - 1}" y="{node.y - 1}" '
        f'width="{node.right - left + 2}" height="{node.height + 2}" '
        f'fill="{HOST}" opacity="{_VEIL}"/>'
    )


def _glow(node: Node) -> str:
    return (
        f'<rect class="way" x="{node.x - 4}" y="{node.y - 4}" '
        f'width="{node.width + 8}" height="{node.height + 8}" rx="11" '
        f'fill="{AMBER}" stroke="{EDGE}" stroke-width="1"/>'
    )


def _highlight(lines: tuple[tuple[Point, ...], ...]) -> Iterator[str]:
    """A band with an edge: all edges first, so that bands melt into one another."""
    for colour, width in ((EDGE, 10), (AMBER, 8)):
        for points in lines:
            yield (
                f'<polyline class="way" points="{path(points)}" fill="none" '
                f'stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"/>'
            )


# --- bubbles --------------------------------------------------------------------------


def _bubble(bubble: Bubble, place: str = "") -> str:
    stop = bubble.stop
    spot = f"{place}/{stop.spot}" if place else stop.spot
    kind = "ended" if stop.ended else "answer" if stop.reply else "request"
    where = f'data-spot="{safe(spot)}" ' if stop.spot else ""
    return (
        f'<g class="bubble {kind}" {where}data-hops="{stop.text}">{_pill(bubble)}</g>'
    )


def _pill(bubble: Bubble) -> str:
    stop = bubble.stop
    ended, hollow = stop.ended, stop.reply and not stop.ended
    fill = BAD if ended else WHITE if hollow else AMBER
    ink = WHITE if ended else TEXT
    middle = bubble.at.x + bubble.width / 2
    return (
        f'<rect x="{bubble.at.x}" y="{bubble.at.y - HEIGHT // 2}" '
        f'width="{bubble.width}" height="{HEIGHT}" rx="{HEIGHT // 2}" fill="{fill}" '
        f'stroke="{TEXT}" stroke-width="1.5"/>'
        f'<text x="{middle:g}" y="{bubble.at.y + 4}" font-size="11" '
        f'font-weight="700" text-anchor="middle" fill="{ink}">{bubble.text}</text>'
    )


# --- parcels --------------------------------------------------------------------------


def _parcel(parcel: Parcel) -> Iterator[str]:
    yield '<g class="parcel">'
    yield _bubble(parcel.number)
    yield from (text(label, colour=_colour(label)) for label in parcel.labels)
    for part in parcel.parts:
        frame = part.frame
        yield (
            f'<rect x="{frame.x}" y="{frame.y}" width="{frame.width}" '
            f'height="{frame.height}" fill="{AMBER if part.inside else WHITE}" '
            f'stroke="{EDGE}" stroke-width="1.5"/>'
        )
        yield from (text(label, colour=TEXT) for label in part.labels)
    yield "</g>"


# --- below ----------------------------------------------------------------------------


def _caption(drawn: TraceScene) -> Iterator[str]:
    below, trace = drawn.caption, drawn.trace
    colour = GOOD if trace.delivered else BAD
    yield f'<g class="caption" data-top="{drawn.top}">'
    yield _frame(below.band, WHITE, colour)
    yield _frame(below.badge, colour, colour)
    yield text(below.verdict, colour=WHITE)
    for start, end in below.rules:
        yield (
            f'<line x1="{start.x}" y1="{start.y}" x2="{end.x}" y2="{end.y}" '
            f'stroke="{SOFT}" stroke-width="1"/>'
        )
    yield from map(_bubble, below.numbers)
    yield from (text(label, colour=_colour(label)) for label in below.labels)
    yield "</g>"


def _frame(frame: Frame, fill: str, stroke: str) -> str:
    return (
        f'<rect x="{frame.x}" y="{frame.y}" width="{frame.width}" '
        f'height="{frame.height}" rx="8" fill="{fill}" stroke="{stroke}" '
        f'stroke-width="1.5"/>'
    )


def _colour(label: Label) -> str:
    return SOFT if label.role.mono else TEXT
