"""Where in a drawing a trace's hops happen, and which of them share a place.

```
hops   1 2 3    4        5           6 7          8          9
       web      cable    network     the host     card       outside
stops  1-3      4        5           6-7          8          9
```

Hops that follow one another at one place, on one trip, make one *stop*: that is what a
bubble stands for. The hop at which a journey failed is a stop of its own. A decision of
a bridge is shown at its network; what the host decides at one of its cards is shown
there, and what a published port does at its door.

Invariants: every hop is in exactly one stop; stops are in the order of their hops; the
spot of every stop is the id of a box or a line of the drawing, whatever the trace says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from minidock.host.attachments import sandbox_name
from minidock.model.world import World
from minidock.naming.hosts import sandbox_owner
from minidock.packet.trace import OUTSIDE, Hop, Layer, Trace
from minidock.views.canvas import Scene
from minidock.views.published import published
from minidock.views.trail import decisive

__all__ = ["Stop", "stops"]

_AT_DOORS = frozenset({Layer.NAT, Layer.PROXY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Hops that follow one another at one place."""

    spot: str
    """The id of a box or a line; see :mod:`minidock.views.canvas`."""
    first: int
    last: int
    reply: bool = False
    ended: bool = False
    """Whether it is the hop at which the journey failed."""

    @property
    def text(self) -> str:
        """Its numbers, as people write them."""
        if self.first == self.last:
            return str(self.first)
        return f"{self.first}-{self.last}"


def stops(world: World, trace: Trace, scene: Scene) -> tuple[Stop, ...]:
    """Where the hops happen in this drawing of the World; O(World and trace)."""
    atlas = _atlas(world, scene)
    failed = decisive(trace)
    found: list[Stop] = []
    for hop in trace.hops:
        spot, last = atlas.spot(hop), found[-1] if found else None
        first = hop.number
        ended = hop is failed
        if last and not ended and (last.spot, last.reply) == (spot, hop.reply):
            first = found.pop().first
        found.append(
            Stop(spot=spot, first=first, last=hop.number, reply=hop.reply, ended=ended)
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Atlas:
    """How the places of hops are called in a drawing."""

    containers: Mapping[str, str]  # by the names of their namespaces
    cables: Mapping[tuple[str, str], str]  # by container and interface
    veths: Mapping[str, str]  # the same, by the host's end
    cards: Mapping[str, str]
    bridges: Mapping[str, str]  # networks, by the name of their bridge or a port of it
    doors: Mapping[tuple[str, int], str]  # published ports, by protocol and number

    def spot(self, hop: Hop) -> str:
        """The id of the box or the line for a hop."""
        if hop.space == OUTSIDE:
            return "outside"
        inside = self.containers.get(hop.space) if hop.space else None
        if inside is not None:
            cable = self.cables.get((inside, hop.device))
            return cable if cable and hop.layer is Layer.LINK else inside
        return self._on_host(hop) or "host"

    def _on_host(self, hop: Hop) -> str | None:
        if hop.layer is Layer.LINK and hop.device in self.veths:
            return self.veths[hop.device]
        if hop.layer in {Layer.BRIDGE, Layer.LINK} and hop.device in self.bridges:
            return self.bridges[hop.device]
        door = self.doors.get(_asked(hop)) if hop.layer in _AT_DOORS else None
        return door or self.cards.get(hop.device)


def _asked(hop: Hop) -> tuple[str, int]:
    """The published port that a hop leads from, or back to; 0 if it is no such hop.

    Masquerading changes the other end, whose port may be the number of any door.
    """
    old, new = hop.before, hop.after
    if old is None:
        return "", 0
    if hop.reply and new is not None and new.source != old.source:
        return new.protocol, new.source_port
    if hop.reply or (new is not None and new.target == old.target):
        return "", 0
    return old.protocol, old.target_port


def _atlas(world: World, scene: Scene) -> _Atlas:
    ids = {node.id for node in scene.nodes} | {edge.id for edge in scene.edges}
    plugs = [plug for guest in scene.outline.guests() for plug in guest.plugs]
    lines = {edge.target: edge.id for edge in scene.edges if edge.id[:6] == "cable:"}
    bridges = {net.device: net.key for net in scene.outline.nets if net.device}
    return _Atlas(
        containers={name: key for name, key in _containers(world) if key in ids},
        cables={
            (f"container:{name}", interface): lines[key]
            for key in lines
            for name, _, interface in [key.removeprefix("interface:").rpartition("/")]
        },
        veths={p.veth: lines[p.key] for p in plugs if p.veth and p.key in lines},
        cards={card.name: card.key for card in scene.outline.cards},
        bridges={**{p.veth: p.net for p in plugs if p.veth}, **bridges},
        doors={place: door for place, door in _doors(world) if door in ids},
    )


def _containers(world: World) -> Iterator[tuple[str, str]]:
    """By sandbox; who shares one is drawn apart, but decides nothing of its own."""
    for container in world.containers.values():
        if sandbox_owner(world, container).id == container.id:
            yield sandbox_name(container), f"container:{container.name}"


def _doors(world: World) -> Iterator[tuple[tuple[str, int], str]]:
    for container in world.containers.values():
        for port in published(container):
            protocol = port.key.partition("/")[0]
            span = port.sockets[0].rpartition(":")[2].partition("-")
            for number in range(int(span[0]), int(span[2] or span[0]) + 1):
                yield (protocol, number), f"port:{port.key}"
