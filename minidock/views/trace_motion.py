"""A trace as a moving picture: SVG alone, without a script.

```
 0 s      a dot at the first bubble        bubbles ahead are faint
 1 s      it has moved to the second one   each comes out when the dot gets there
 ...
 the end  the dot goes, and the picture is the still one
```

The motion is laid over the still picture by one style sheet, which holds nothing but
numbers and names of ours. Whoever asks for less motion (``prefers-reduced-motion``),
or shows pictures without style sheets, sees the still picture. A pointer that rests on
the picture holds the motion. Every rule is for this picture alone, by a class that
follows from what it shows, so a page may hold many.

Invariants: without the style sheet and the dot it is the still picture; each bubble is
out when the dot is there, and all are at the end.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from minidock.model.world import World
from minidock.packet.trace import Trace
from minidock.views import pen
from minidock.views.bubbles import Bubble
from minidock.views.geometry import Point
from minidock.views.palette import AMBER, TEXT
from minidock.views.trace_scene import TraceScene, trace_scene
from minidock.views.trace_svg import trace_picture

__all__ = ["Beat", "animated_svg", "beats"]

_REST, _MOVE = 0.55, 0.45
"""Seconds at a bubble, and from one to the next."""
_FAINT = 0.15


class Beat(NamedTuple):
    """When the dot is where: it comes at ``start`` seconds, and rests for a while."""

    start: float
    at: Point
    hops: tuple[int, ...]
    """The hops that come out now."""


def animated_svg(world: World, trace: Trace, others: Sequence[World] = ()) -> str:
    """The moving picture of a trace; O(n log n).

    Args:
        world: the host that was asked.
        trace: the journey.
        others: other hosts of the journey, in full.

    >>> from minidock.engine import Engine
    >>> from minidock.packet.trace import Outcome
    >>> lost = Trace(source="web", target="db", protocol="icmp", why="No such name.",
    ...              outcome=Outcome.UNREACHABLE)
    >>> "<style>" in animated_svg(Engine().world, lost)  # it goes nowhere
    False
    """
    scene = trace_scene(world, trace, others)
    found = beats(scene)
    if not found:
        return trace_picture(scene)
    mark = "moves-" + sha256(trace_picture(scene).encode()).hexdigest()[:8]
    motion = (pen.element("style", _sheet(mark, found)), _dot())
    return trace_picture(scene, motion, mark=mark)


def beats(scene: TraceScene) -> tuple[Beat, ...]:
    """When the dot comes to each bubble, in the order of the hops.

    >>> from minidock.engine import Engine
    >>> from minidock.packet.journey import journey
    >>> docker = Engine()
    >>> docker("run -d --name web nginx").ok
    True
    >>> trace = journey(docker.world, "web", "host")
    >>> first, second, *_ = beats(trace_scene(docker.world, trace))
    >>> first.start, first.hops, second.start
    (0.0, (1, 2, 3, 4), 1.0)
    """
    placed = [
        (bubble, stage.left) for stage in scene.stages for bubble in stage.bubbles
    ]
    placed.sort(key=lambda pair: pair[0].stop.first)
    pitch = _REST + _MOVE
    return tuple(
        Beat(
            round(number * pitch, 2),
            _middle(bubble, left),
            tuple(range(bubble.stop.first, bubble.stop.last + 1)),
        )
        for number, (bubble, left) in enumerate(placed)
    )


def _middle(bubble: Bubble, left: int) -> Point:
    return Point(left + bubble.at.x + bubble.width // 2, bubble.at.y)


# --- the style sheet ------------------------------------------------------------------


def _sheet(mark: str, found: Sequence[Beat]) -> str:
    """All rules are numbers and our own names: nothing of a World gets in here."""
    return "".join(
        [
            f"@keyframes {mark}-in{{from{{opacity:{_FAINT}}}to{{opacity:1}}}}",
            f"@keyframes {mark}-go{{{''.join(_frames(found))}}}",
            "@media (prefers-reduced-motion:no-preference){",
            f".{mark} .bubble{{animation:{mark}-in .25s linear both}}",
            *_delays(mark, found),
            f".{mark} .packet{{animation:{mark}-go {_whole(found):g}s linear both}}",
            f".{mark}:hover .bubble,.{mark}:hover .packet",
            "{animation-play-state:paused}}",
        ]
    )


def _whole(found: Sequence[Beat]) -> float:
    return round(found[-1].start + _REST, 2)


def _delays(mark: str, found: Sequence[Beat]) -> Iterator[str]:
    """When each bubble comes out: the one at its place, and those in the list."""
    for beat in found:
        first, last = beat.hops[0], beat.hops[-1]
        names = {f"{first}-{last}" if first != last else f"{first}"}
        names |= {f"{number}" for number in beat.hops}
        for name in sorted(names, key=lambda text: (len(text), text)):
            yield (
                f'.{mark} .bubble[data-hops="{name}"]'
                f"{{animation-delay:{beat.start:g}s}}"
            )


def _frames(found: Sequence[Beat]) -> Iterator[str]:
    """Where the dot is at which part of the whole time."""
    whole = _whole(found)
    for beat in found:
        here = f"transform:translate({beat.at.x}px,{beat.at.y}px)"
        yield f"{beat.start / whole:.3%}{{{here};opacity:1}}"
        if beat is found[-1]:
            yield f"99.9%{{{here};opacity:1}}100%{{{here};opacity:0}}"
        else:
            yield f"{(beat.start + _REST) / whole:.3%}{{{here};opacity:1}}"


def _dot() -> str:
    """The packet; it cannot be seen where nothing moves it."""
    ring = pen.circle(Point(0, 0), 13, TEXT)
    inside = pen.circle(Point(0, 0), 10, AMBER)
    core = pen.circle(Point(0, 0), 4, TEXT)
    return pen.group(ring, inside, core, class_="packet", opacity=0)
