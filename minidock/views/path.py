"""The way of a packet through a drawing: what it touches, and the lines it follows.

```
 outside ══ card ══╗ route            ══  highlighted
                   ║
                   ╚══ network ══ cable ══ container        everything else is faded
```

Between two networks the way leads through the column in which the host forwards, also
where no line is drawn there since one of them is internal. The parcels of an overlay
network take it, too. From host to host the way leads between the hosts' walls and the
world outside, and below all hosts.

Invariants: what is on the way is not faded; the points of the way are within the scene.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from minidock.packet.trace import Trace
from minidock.views.canvas import Edge, EdgeKind, Node, NodeKind, Point, Scene
from minidock.views.furniture import HEAD
from minidock.views.stops import Stop

__all__ = ["Way", "crossing", "way"]

_FADING = frozenset({NodeKind.NETWORK, NodeKind.CONTAINER, NodeKind.PORT})
_COLUMN = 28  # from the column of routes to that of networks
_LANE = 8  # from the hosts to the wire below them


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
        overlays = {n.key for n in scene.outline.nets if n.driver == "overlay"}
        for net in nets:
            if net.id in overlays:
                yield _to_card(net, scene, spots)
    elif nets and (len(nets) > 1 or _leaves(spots)):
        yield from _between(nets)


def _card(spots: Iterable[str], scene: Scene) -> Node:
    """The card on the way, or the first one; the host itself if it has none."""
    cards = [node for node in scene.nodes if node.kind is NodeKind.CARD]
    return next((c for c in cards if c.id in spots), (*cards, scene.node("host"))[0])


def _level(card: Node, scene: Scene) -> int:
    """How high a card is plugged into the world outside."""
    return next((e.points[-1].y for e in scene.edges if e.kind is EdgeKind.UPLINK
                 and e.target == card.id), card.centre.y)  # fmt: skip


def _to_card(net: Node, scene: Scene, spots: Iterable[str]) -> tuple[Point, ...]:
    card = _card(spots, scene)
    column, end = net.x - _COLUMN, Point(net.x, net.y + HEAD // 2)
    start = Point(min(card.right, column), _level(card, scene))
    return (start, Point(column, start.y), Point(column, end.y), end)


def crossing(
    hosts: Sequence[tuple[int, Scene, Way]], bottom: int
) -> tuple[tuple[Point, ...], ...]:
    """The wires between hosts that stand side by side, each so far from the left.

    Args:
        hosts: the distance from the left, the drawing, and the way within.
        bottom: the lower edge of all drawings, below which the wires lead.
    """
    ends = []
    for left, scene, taken in hosts:
        card, outside = _card(taken.boxes, scene), scene.node("outside")
        middle = left + (outside.right + card.x) // 2
        ends.append((Point(left + card.x, _level(card, scene)), middle))
    lane = bottom + _LANE
    return tuple(
        (
            start,
            Point(down, start.y),
            Point(down, lane),
            Point(up, lane),
            Point(up, end.y),
            end,
        )
        for (start, down), (end, up) in pairwise(ends)
    )


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
