"""The scene of a trace: a World's drawing, with bubbles, and words below.

```
 ┌ the drawing of the World ───────────┐
 │  (1-3) web ══(4)══ network ...      │    the way highlighted, all else faded
 └─────────────────────────────────────┘
 │ DELIVERED │ who asked whom, and why │    the verdict
   (1) web  ...        (9) db  ...          the hops, there and back
```

Invariant: the same World and trace give the same scene; nothing in it overlaps and all
of it is inside (tests prove it for any World).
"""

from dataclasses import dataclass

from minidock.model.world import World
from minidock.packet.trace import Trace
from minidock.views.bubbles import Bubble, bubbles, room
from minidock.views.canvas import Point, Scene
from minidock.views.captions import Caption, caption
from minidock.views.layout import place
from minidock.views.outline import outline
from minidock.views.path import Way, way
from minidock.views.stops import stops

__all__ = ["TraceScene", "trace_scene"]

_MARGIN = 20
_NARROWEST = 860


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceScene:
    """A trace's drawing as data; see the module's picture."""

    width: int
    height: int
    trace: Trace
    scene: Scene
    way: Way
    bubbles: tuple[Bubble, ...]
    caption: Caption


def trace_scene(world: World, trace: Trace) -> TraceScene:
    """The layout of a trace's drawing; O(n log n) in the World, O(n) in the trace."""
    plan = outline(world)
    plain = place(plan)
    found = stops(world, trace, plain)
    scene = place(plan, room(found, plain))
    width = max(scene.width, _NARROWEST)
    below = caption(trace, Point(_MARGIN, scene.height), width - 2 * _MARGIN)
    return TraceScene(
        width=width,
        height=below.bottom + _MARGIN,
        trace=trace,
        scene=scene,
        way=way(trace, found, scene),
        bubbles=tuple(bubbles(found, scene)),
        caption=below,
    )
