"""What stands below the picture of a trace: the verdict in words, and its hops.

```
┌───────────┬──────────────────────────────────────────────────────────────┐
│ DELIVERED │ web to db:6379 (tcp)                                         │
│           │ db answers on 6379/tcp.          db saw 172.18.0.2           │
└───────────┴──────────────────────────────────────────────────────────────┘
 The request                           The answer
 (1) web        db is 172.18.0.3       (9) db         the program answers
     name                                  socket
```

Hops stand in two columns, there and back, or in one if nothing came back.

Invariants: no text is wider than its room; every hop has one number; nothing overlaps.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

from minidock.packet.trace import Hop, Layer, Outcome, Trace
from minidock.views.bubbles import Bubble
from minidock.views.canvas import Label, Point, Role
from minidock.views.changes import changes
from minidock.views.flow import flow_words, units
from minidock.views.furniture import Frame
from minidock.views.measure import pixels, plain
from minidock.views.stops import Stop
from minidock.views.trail import decisive, heading, seen_by

__all__ = ["Caption", "caption"]

_PAD = 14
_LINE = {Role.NAME: 18, Role.BODY: 18, Role.CHIP: 16, Role.NOTE: 16}
_TELLING = frozenset({Layer.FIREWALL, Layer.NAT, Layer.PROXY})
"""The layers whose deciding entry is written in full; a picture has little room."""


class Caption(NamedTuple):
    """The band of the verdict, and the list of hops below it."""

    band: Frame
    badge: Frame
    labels: tuple[Label, ...]
    verdict: Label
    """The outcome, in the badge."""
    numbers: tuple[Bubble, ...]
    rules: tuple[tuple[Point, Point], ...]
    """Lines below the headings of the list."""
    bottom: int


def caption(trace: Trace, at: Point, room: int) -> Caption:
    """The caption from a point downwards, so many pixels wide; O(trace)."""
    verdict, badge_width = str(trace.outcome).upper(), _wide(_longest(), Role.NAME) + 28
    x = at.x + badge_width + _PAD
    labels = list(_verdict(trace, Point(x, at.y + 24), at.x + room - _PAD - x))
    height = labels[-1].at.y + 12 - at.y
    word = Label(
        verdict,
        Point(
            at.x + (badge_width - _wide(verdict, Role.NAME)) // 2,
            at.y + height // 2 + 5,
        ),
        Role.NAME,
    )
    trips = list(_trips(trace, Point(at.x, at.y + height + 30), room))
    return Caption(
        band=Frame(at.x, at.y, room, height),
        badge=Frame(at.x, at.y, badge_width, height),
        labels=(*labels, *(label for trip in trips for label in trip.labels)),
        verdict=word,
        numbers=tuple(number for trip in trips for number in trip.numbers),
        rules=tuple(trip.rule for trip in trips),
        bottom=max([at.y + height, *(trip.bottom for trip in trips)]),
    )


def _longest() -> str:
    return max((str(outcome).upper() for outcome in Outcome), key=len)


def _wide(text: str, role: Role) -> int:
    return pixels(text, role.size, mono=role.mono, bold=role.bold)


def _flowed(text: str, at: Point, role: Role, room: int) -> Iterator[Label]:
    """A text in as many lines as it needs, from its first baseline."""
    words = units(plain(text))
    lines = flow_words(words, room, partial(_wide, role=role))
    for number, line in enumerate(lines):
        said = " ".join(word.text for word in line)
        yield Label(said, Point(at.x, at.y + number * _LINE[role]), role)


def _stacked(
    texts: Iterable[tuple[str, Role]], at: Point, room: int
) -> Iterator[Label]:
    """Texts below one another."""
    y, before = at.y, None
    for text, role in texts:
        y += _LINE[role] if before else 0
        for label in _flowed(text, Point(at.x, y), role, room):
            yield label
            y = label.at.y
        before = role


def _verdict(trace: Trace, at: Point, room: int) -> Iterator[Label]:
    texts = [(heading(trace), Role.NAME), (trace.why, Role.BODY)]
    if trace.remedy:
        texts.append((f"What would work: {trace.remedy}", Role.BODY))
    if seen_by(trace):
        texts.append((seen_by(trace), Role.BODY))
    return _stacked([item for item in texts if item[0]], at, room)


# --- hops -----------------------------------------------------------------------------


class _Trip(NamedTuple):
    """A column of hops, there or back."""

    labels: tuple[Label, ...]
    numbers: tuple[Bubble, ...]
    rule: tuple[Point, Point]
    bottom: int


def _trips(trace: Trace, at: Point, room: int) -> Iterator[_Trip]:
    there = [hop for hop in trace.hops if not hop.reply]
    back = [hop for hop in trace.hops if hop.reply]
    gap = 2 * _PAD
    each = (room - gap) // 2 if there and back else room
    titles = ("The request, on its way there", "The answer, on its way back")
    for hops, title in zip((there, back), titles, strict=True):
        if hops:
            yield _trip(trace, hops, title, Frame(at.x, at.y, each, 0))
            at = Point(at.x + each + gap, at.y)


def _trip(trace: Trace, hops: list[Hop], title: str, frame: Frame) -> _Trip:
    labels = [Label(title, Point(frame.x, frame.y), Role.NAME)]
    rule = (Point(frame.x, frame.y + 8), Point(frame.x + frame.width, frame.y + 8))
    failed, y = decisive(trace), frame.y + 30
    numbers = [_number(hop, frame.x, ended=hop is failed) for hop in hops]
    first = max(number.width for number in numbers) + 10
    place = min(_widest(hops), frame.width * 2 // 5)
    said = first + place + 12
    for row, hop in enumerate(hops):
        numbers[row] = numbers[row]._replace(at=Point(frame.x, y - 5))
        full = hop is failed or hop.layer in _TELLING
        cells = (
            *_stacked(_where(hop), Point(frame.x + first, y), place),
            *_stacked(
                _said(hop, full=full), Point(frame.x + said, y), frame.width - said
            ),
        )
        labels += cells
        y = max(label.at.y for label in cells) + 24
    return _Trip(tuple(labels), tuple(numbers), rule, y - 12)


def _number(hop: Hop, x: int, *, ended: bool) -> Bubble:
    n = hop.number
    stop = Stop(spot="", first=n, last=n, reply=hop.reply, ended=ended)
    return Bubble(stop, Point(x, 0))


def _widest(hops: list[Hop]) -> int:
    cells = (cell for hop in hops for cell in _where(hop))
    return max(_wide(plain(text), role) for text, role in cells)


def _where(hop: Hop) -> Iterator[tuple[str, Role]]:
    yield hop.place or "-", Role.NAME
    yield f"{hop.layer} {hop.device}".rstrip(), Role.CHIP


def _said(hop: Hop, *, full: bool) -> Iterator[tuple[str, Role]]:
    yield hop.decision, Role.BODY
    for change in changes(hop.before, hop.after):
        if change.field in {"source", "target"} and full:
            yield f"{change.field} {change.before} → {change.after}", Role.CHIP
    if hop.entry and full:
        yield hop.entry, Role.CHIP
