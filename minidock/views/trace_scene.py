"""The scene of a trace: a World's drawing, with bubbles, and words below.

```
 ┌ the drawing of the World ───────────┐   ┌ another host, if the ┐
 │  (1-3) web ══(4)══ network ...      │   │ packet came there    │
 └─────────────────────────────────────┘   └──────────────────────┘
      ╚═══════════════════════════════════════╝   the wire between them, and parcels
 │ DELIVERED │ who asked whom, and why │    the verdict
   (1) web  ...        (9) db  ...          the hops, there and back
```

The way is highlighted, all else faded. Another host is drawn in full if its World is at
hand, or else as far as its peers are known.

Invariant: the same World and trace give the same scene; nothing in it overlaps and all
of it is inside (tests prove it for any World).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from minidock.host.peers import OtherHost
from minidock.model.world import World
from minidock.packet.site import hosts_beside
from minidock.packet.trace import Trace
from minidock.views.bubbles import Bubble, bubbles, room
from minidock.views.canvas import Point, Scene
from minidock.views.captions import Caption, caption
from minidock.views.hosts import known_outline
from minidock.views.layout import place
from minidock.views.measure import plain
from minidock.views.outline import Outline, outline
from minidock.views.parcels import Parcel, parcels
from minidock.views.path import Way, crossing, way
from minidock.views.stops import Beside, Stop, stops

__all__ = ["Stage", "TraceScene", "trace_scene"]

_MARGIN = 20
_NARROWEST = 860
_GAP = 24
_LANE = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One host in the drawing, so many pixels from the left."""

    place: str
    left: int
    scene: Scene
    way: Way
    bubbles: tuple[Bubble, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceScene:
    """A trace's drawing as data; see the module's picture."""

    width: int
    height: int
    trace: Trace
    stages: tuple[Stage, ...]
    """The asking host, and those that the packet came to."""
    wires: tuple[tuple[Point, ...], ...]
    """From host to host."""
    parcels: tuple[Parcel, ...]
    top: int
    """Where the words begin."""
    caption: Caption

    @property
    def scene(self) -> Scene:
        """The asking host's drawing."""
        return self.stages[0].scene

    @property
    def way(self) -> Way:
        """The way through the asking host."""
        return self.stages[0].way

    @property
    def bubbles(self) -> tuple[Bubble, ...]:
        """The bubbles at the asking host."""
        return self.stages[0].bubbles


def trace_scene(world: World, trace: Trace, others: Sequence[World] = ()) -> TraceScene:
    """The layout of a trace's drawing; O(n log n) in the Worlds, O(n) in the trace."""
    hosts = _visited(trace, hosts_beside(world, others))
    plans = [outline(world), *(_outline(world, *item) for item in hosts.items())]
    bare = [place(plan) for plan in plans]
    beside = list(map(Beside, hosts, hosts.values(), bare[1:]))
    found = stops(world, trace, bare[0], beside)
    stages = _stages(trace, ["", *hosts], plans, bare, found)
    top = max(stage.scene.height for stage in stages)
    wires = crossing([(s.left, s.scene, s.way) for s in stages], top)
    top += _LANE if wires else 0
    shown = parcels(trace, Point(_MARGIN, top)) if wires else ()
    top = max([top, *(item.bottom + _MARGIN for item in shown)])
    right = stages[-1].left + stages[-1].scene.width
    width = max([right, _NARROWEST, *(item.right + _MARGIN for item in shown)])
    below = caption(trace, Point(_MARGIN, top), width - 2 * _MARGIN)
    return TraceScene(
        width=width,
        height=below.bottom + _MARGIN,
        trace=trace,
        stages=stages,
        wires=wires,
        parcels=shown,
        top=top,
        caption=below,
    )


def _visited(
    trace: Trace, hosts: dict[str, World | OtherHost]
) -> dict[str, World | OtherHost]:
    """The hosts that a packet came to, in that order."""
    places = (hop.space.rpartition("/")[0] for hop in trace.hops)
    return {name: hosts[name] for name in dict.fromkeys(places) if name in hosts}


def _outline(world: World, name: str, host: World | OtherHost) -> Outline:
    """What there is of another host, called as the hops call it."""
    if isinstance(host, World):
        return replace(outline(host), host=plain(name))
    return replace(known_outline(world, host), host=plain(name))


def _stages(
    trace: Trace,
    places: Sequence[str],
    plans: Sequence[Outline],
    bare: Sequence[Scene],
    found: Sequence[Stop],
) -> tuple[Stage, ...]:
    """Side by side, each with the room for its own bubbles."""
    stages: list[Stage] = []
    left = 0
    for side, name in enumerate(places):
        own = [stop for stop in found if stop.side == side]
        scene = place(plans[side], room(own, bare[side]))
        stages.append(
            Stage(
                place=name,
                left=left,
                scene=scene,
                way=way(trace, own, scene),
                bubbles=tuple(bubbles(own, scene)),
            )
        )
        left += scene.width + _GAP
    return tuple(stages)
