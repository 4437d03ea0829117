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

Where several hosts are drawn, each has such places of its own, and a stop tells on
which side of the drawing it is: 0 for the asking host. What happens outside is shown at
the host that the packet came from, as is what a host decides that is not drawn.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from minidock.host.attachments import sandbox_name
from minidock.host.overlays import overlay_name
from minidock.host.peers import OtherHost
from minidock.model.world import World
from minidock.naming.hosts import sandbox_owner
from minidock.packet.trace import OUTSIDE, Hop, Layer, Trace
from minidock.views.canvas import Scene
from minidock.views.published import published
from minidock.views.trail import decisive

__all__ = ["Beside", "Stop", "stops"]

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
    side: int = 0
    """The host in the drawing, from the left."""

    @property
    def text(self) -> str:
        """Its numbers, as people write them."""
        if self.first == self.last:
            return str(self.first)
        return f"{self.first}-{self.last}"


class Beside(NamedTuple):
    """Another host in the drawing: its place in the hops, who it is, and its scene."""

    place: str
    host: World | OtherHost
    scene: Scene


def stops(
    world: World, trace: Trace, scene: Scene, beside: Sequence[Beside] = ()
) -> tuple[Stop, ...]:
    """Where the hops happen in this drawing of the World; O(World and trace)."""
    atlases = [_atlas(world, scene), *(_beside(world, other) for other in beside)]
    sides = {"": 0, **{other.place: n for n, other in enumerate(beside, 1)}}
    failed, side = decisive(trace), 0
    found: list[Stop] = []
    for hop in trace.hops:
        place, _, space = hop.space.rpartition("/")
        drawn = place in sides and space != OUTSIDE
        side = sides[place] if drawn else side
        spot = atlases[side].spot(hop, space) if drawn else "outside"
        last, first, ended = found[-1] if found else None, hop.number, hop is failed
        here = (spot, hop.reply, side)
        if last and not ended and (last.spot, last.reply, last.side) == here:
            first = found.pop().first
        found.append(
            Stop(
                spot=spot,
                first=first,
                last=hop.number,
                reply=hop.reply,
                ended=ended,
                side=side,
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Atlas:
    """How the places of hops are called in a drawing."""

    containers: Mapping[str, str]  # by the names of their namespaces
    overlays: Mapping[str, str]  # networks, by the names of their namespaces
    cables: Mapping[tuple[str, str], str]  # by container and interface
    veths: Mapping[str, str]  # the same, by the host's end
    cards: Mapping[str, str]
    bridges: Mapping[str, str]  # networks, by the name of their bridge or a port of it
    doors: Mapping[tuple[str, int], str]  # published ports, by protocol and number

    def spot(self, hop: Hop, space: str) -> str:
        """The id of the box or the line for a hop in a namespace of this host."""
        if space in self.overlays:
            return self.overlays[space]
        inside = self.containers.get(space) if space else None
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


def _beside(world: World, other: Beside) -> _Atlas:
    host = other.host
    if isinstance(host, World):
        return _atlas(host, other.scene)
    guests = {p.container_id[:12]: f"container:{p.name}" for p in host.peers}
    return _charted(guests, dict(_overlays(world)), {}, other.scene)


def _atlas(world: World, scene: Scene) -> _Atlas:
    return _charted(
        dict(_containers(world)), dict(_overlays(world)), dict(_doors(world)), scene
    )


def _charted(
    containers: Mapping[str, str],
    overlays: Mapping[str, str],
    doors: Mapping[tuple[str, int], str],
    scene: Scene,
) -> _Atlas:
    ids = {node.id for node in scene.nodes} | {edge.id for edge in scene.edges}
    plugs = [plug for guest in scene.outline.guests() for plug in guest.plugs]
    lines = {edge.target: edge.id for edge in scene.edges if edge.id[:6] == "cable:"}
    bridges = {net.device: net.key for net in scene.outline.nets if net.device}
    return _Atlas(
        containers={name: key for name, key in containers.items() if key in ids},
        overlays={name: key for name, key in overlays.items() if key in ids},
        cables={
            (f"container:{name}", interface): lines[key]
            for key in lines
            for name, _, interface in [key.removeprefix("interface:").rpartition("/")]
        },
        veths={p.veth: lines[p.key] for p in plugs if p.veth and p.key in lines},
        cards={card.name: card.key for card in scene.outline.cards},
        bridges={**{p.veth: p.net for p in plugs if p.veth}, **bridges},
        doors={place: door for place, door in doors.items() if door in ids},
    )


def _containers(world: World) -> Iterator[tuple[str, str]]:
    """By sandbox; who shares one is drawn apart, but decides nothing of its own."""
    for container in world.containers.values():
        if sandbox_owner(world, container).id == container.id:
            yield sandbox_name(container), f"container:{container.name}"


def _overlays(world: World) -> Iterator[tuple[str, str]]:
    for network in world.networks.values():
        if network.overlay is not None:
            yield overlay_name(network), f"network:{network.name}"


def _doors(world: World) -> Iterator[tuple[tuple[str, int], str]]:
    for container in world.containers.values():
        for port in published(container):
            protocol = port.key.partition("/")[0]
            span = port.sockets[0].rpartition(":")[2].partition("-")
            for number in range(int(span[0]), int(span[2] or span[0]) + 1):
                yield (protocol, number), f"port:{port.key}"
