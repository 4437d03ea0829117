"""The way of a packet through a drawing: what it touches, and the lines it follows.

```
 outside ══ card ══╗ route            ══  highlighted
                   ║
                   ╚══ network ══ cable ══ container        everything else is faded
```

Between two networks the way leads through the column in which the host forwards, also
where no line is drawn there since one of them is internal.

Invariants: what is on the way is not faded; the points of the way are within the scene.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from minidock.packet.trace import Trace
from minidock.views.canvas import Edge, EdgeKind, Node, NodeKind, Point, Scene
from minidock.views.furniture import HEAD
from minidock.views.stops import Stop

__all__ = ["Way", "way"]

_FADING = frozenset({NodeKind.NETWORK, NodeKind.CONTAINER, NodeKind.PORT})
_COLUMN = 28  # from the column of routes to that of networks


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What of a scene is on a packet's way, and what has nothing to do with it."""

    lines: tuple[tuple[Point, ...], ...]
    boxes: frozenset[str]
    faded: frozenset[str]
    """The boxes and lines that stand back."""


def way(trace: Trace, found: Sequence[Stop], scene: Scene) -> Way:
    """The way of a trace that stops at these places; O(scene and trace)."""
    spots = {stop.spot for stop in found}
    lines = {edge.id: edge for edge in scene.edges}
    boxes = {node.id: node for node in scene.nodes}
    spots |= {lines[spot].target for spot in spots if spot in lines}  # interfaces
    spots |= {boxes[spot].parent for spot in spots if spot.startswith("interface:")}
    named = spots | set(_named(trace, scene))
    return Way(
        lines=tuple(_lines(spots, scene)),
        boxes=frozenset(spots & set(boxes)) - {"host", "outside"},
        faded=frozenset(_faded(named, scene)) if found else frozenset(),
    )


def _named(trace: Trace, scene: Scene) -> Iterator[str]:
    """The containers that were asked about, whether or not the packet came so far."""
    texts = (trace.source, trace.target, trace.server)
    for guest in scene.outline.guests():
        address = {text.partition("/")[0] for p in guest.plugs for text in p.addresses}
        for text in texts:
            bare = text.partition("/")[0]
            name, _, port = bare.rpartition(":")
            if {bare, name if port.isdigit() else bare} & {guest.name, *address}:
                yield guest.key


def _faded(spots: set[str], scene: Scene) -> Iterator[str]:
    aside = {n.id for n in scene.nodes if n.kind in _FADING and n.id not in spots}
    yield from aside
    for edge in scene.edges:
        if edge.id not in spots and _is_aside(edge, aside, spots):
            yield edge.id


def _is_aside(edge: Edge, aside: set[str], spots: set[str]) -> bool:
    if edge.kind is EdgeKind.UPLINK:
        return False
    if edge.kind in {EdgeKind.REQUEST, EdgeKind.PUBLISH}:
        return f"port:{edge.id.partition(':')[2]}" in aside
    if edge.kind is EdgeKind.CABLE:
        return True  # the packet did not take it
    return bool({edge.source, edge.target} & aside) and edge.target not in spots


# --- lines ----------------------------------------------------------------------------


def _lines(spots: set[str], scene: Scene) -> Iterator[tuple[Point, ...]]:
    for edge in scene.edges:
        door = f"port:{edge.id.partition(':')[2]}"
        taken = {
            EdgeKind.CABLE: edge.id in spots,
            EdgeKind.UPLINK: {"outside", edge.target} <= spots,
            EdgeKind.REQUEST: {"outside", door} <= spots,
        }
        if taken.get(edge.kind):
            yield edge.points
    yield from _within(spots, scene)


def _within(spots: set[str], scene: Scene) -> Iterator[tuple[Point, ...]]:
    """Through the host: between its cards and networks, or networks only."""
    nets = [n for n in scene.nodes if n.kind is NodeKind.NETWORK and n.id in spots]
    beyond = "outside" in spots
    if beyond or any(spot.startswith("card:") for spot in spots):
        ids = {net.id for net in nets}
        routes = (edge for edge in scene.edges if edge.kind is EdgeKind.ROUTE)
        yield from (edge.points for edge in routes if edge.target in ids)
    elif nets and (len(nets) > 1 or _leaves(spots)):
        yield from _between(nets)


def _leaves(spots: set[str]) -> bool:
    return "host" in spots or any(spot.startswith("port:") for spot in spots)


def _between(nets: list[Node]) -> Iterator[tuple[Point, ...]]:
    column = min(net.x for net in nets) - _COLUMN
    ends = [Point(net.x, net.y + HEAD // 2) for net in nets]
    if len(ends) == 1:
        yield (Point(column, ends[0].y), ends[0])
    for end in ends[1:]:
        turns = (Point(column, ends[0].y), Point(column, end.y))
        yield (ends[0], *turns, end)
