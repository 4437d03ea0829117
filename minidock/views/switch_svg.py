"""A switch that listens: each frame, by which ports it left, and what is known then.

```
 1. A for everybody            2. B for A
 ┌───────┐                     ┌───────┐
 │ port1 │◀─ in    A           │ port1 │─▶ out   A
 │ port2 │─▶ out               │ port2 │◀─ in    B
 │ port3 │─▶ out               │ port3 │
 │ br0   │─▶ out   the host    │ br0   │         the host
 └───────┘                     └───────┘
```

Printed it is a table with a line for each frame. In a notebook it is the picture above:
whoever stands to the right of a port is known to live there.

Invariants, held by laws: frames stand in their order; nothing overlaps and nothing is
outside the picture; a port of the picture is marked exactly if the frame passed it.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from minidock.net.mac import MAC
from minidock.topology.switch import BROADCAST, Frame, Switch
from minidock.views import pen
from minidock.views.geometry import Frame as Box
from minidock.views.geometry import Label, Point, Role, fitted
from minidock.views.measure import cells, plain
from minidock.views.palette import AMBER, EDGE, FRAME, GOOD, SOFT, WHITE
from minidock.views.picture import Picture

__all__ = ["Heard", "PortRow", "listened", "panels", "talk"]

_MARGIN, _HEAD, _ROW, _PAD = 20, 44, 26, 8
_SWITCH, _WAY, _KNOWN = 120, 84, 156
_PANEL = _SWITCH + _WAY + _KNOWN
_COLUMNS = 2
_TOP = 58
_LEGEND = "beside a port: who is known to live there, afterwards"
_NAMES: Mapping[MAC, str] = MappingProxyType({})


class Heard(NamedTuple):
    """One frame, and what a switch did with it."""

    number: int
    frame: Frame
    port: str
    out: tuple[str, ...]
    switch: Switch
    """The switch afterwards."""


class PortRow(NamedTuple):
    """A port in a panel of the picture."""

    frame: Box
    port: str
    way: str
    """``in``, ``out``, or "" where the frame did not pass."""
    labels: tuple[Label, ...]


class Panel(NamedTuple):
    """One frame in the picture."""

    heard: Heard
    heading: Label
    box: Box
    rows: tuple[PortRow, ...]


def talk(
    switch: Switch,
    said: Sequence[tuple[MAC, MAC, str]],
    names: Mapping[MAC, str] = _NAMES,
) -> Picture:
    """What a switch hears and learns, frame by frame; O(frames * ports).

    Args:
        switch: as it is before the first frame.
        said: who sends, for whom, and at which port it comes in; one each second.
        names: what to call whom; without a name a MAC is written out.

    Raises:
        NotFound: the switch has no such port.

    >>> anna, bert = MAC(0x020000000001), MAC(0x020000000002)
    >>> switch = Switch(name="br0", ports=("port1", "port2"))
    >>> heard = [(anna, BROADCAST, "port1"), (bert, anna, "port2")]
    >>> print(talk(switch, heard, {anna: "Anna", bert: "Bert"}))
    #  from  for        in     out         known then
    1  Anna  everybody  port1  port2, br0  Anna at port1
    2  Bert  Anna       port2  port1       Anna at port1, Bert at port2
    >>> talk(switch, [(anna, bert, "port9")])
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: br0 has no port port9
    """
    heard = listened(switch, said)
    return Picture(
        f"{switch.name} hears {len(heard)} frames",
        lambda: _table(heard, names),
        lambda: _svg(switch, heard, names),
    )


def listened(switch: Switch, said: Sequence[tuple[MAC, MAC, str]]) -> tuple[Heard, ...]:
    """Each frame with what became of it; O(frames * table).

    >>> listened(Switch(name="br0", ports=("veth1",)), [])
    ()
    """
    heard = []
    for number, (source, target, port) in enumerate(said, 1):
        frame = Frame(source, target)
        switch, out = switch.hear(frame, port, now=number)
        heard.append(Heard(number, frame, port, out, switch))
    return tuple(heard)


def _called(mac: MAC, names: Mapping[MAC, str]) -> str:
    if mac == BROADCAST and mac not in names:
        return "everybody"
    return plain(names.get(mac, str(mac)))


# --- text -----------------------------------------------------------------------------


def _table(heard: Sequence[Heard], names: Mapping[MAC, str]) -> str:
    lines: list[tuple[str, ...]] = [("#", "from", "for", "in", "out", "known then")]
    for one in heard:
        known = [f"{_called(e.mac, names)} at {e.port}" for e in one.switch.table]
        ends = [_called(mac, names) for mac in one.frame]
        out = ", ".join(one.out) or "nowhere"
        lines.append((str(one.number), *ends, one.port, out, ", ".join(known)))
    wide = [max(map(cells, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            w + " " * (n - cells(w)) for w, n in zip(line, wide, strict=True)
        ).rstrip()
        for line in lines
    )


# --- picture --------------------------------------------------------------------------


def panels(heard: Sequence[Heard], names: Mapping[MAC, str] = _NAMES) -> list[Panel]:
    """Where everything stands: panels side by side, then below each other.

    >>> anna = MAC(0x020000000001)
    >>> switch = Switch(name="br0", ports=("veth1",))
    >>> panel, = panels(listened(switch, [(anna, BROADCAST, "veth1")]))
    >>> [(row.port, row.way) for row in panel.rows]
    [('veth1', 'in'), ('br0', 'out')]
    """
    found = []
    for at, one in enumerate(heard):
        rows = len(one.switch.ports) + 1
        x = _MARGIN + at % _COLUMNS * (_PANEL + _MARGIN)
        y = _TOP + at // _COLUMNS * (_HEAD + rows * _ROW + _MARGIN)
        ends = " for ".join(_called(mac, names) for mac in one.frame)
        heading = fitted(f"{one.number}. {ends}", Point(x, y + 22), Role.NAME, _PANEL)
        box = Box(x, y + 32, _SWITCH, rows * _ROW)
        found.append(Panel(one, heading, box, tuple(_rows(one, box, names))))
    return found


def _rows(one: Heard, box: Box, names: Mapping[MAC, str]) -> Iterator[PortRow]:
    for at, port in enumerate((*one.switch.ports, one.switch.name)):
        frame = Box(box.x, box.y + at * _ROW, _PANEL, _ROW)
        way = "in" if port == one.port else "out" if port in one.out else ""
        homes = [_called(e.mac, names) for e in one.switch.table if e.port == port]
        if port == one.switch.name:
            homes = ["the host"]
        base = frame.y + 17
        room = _SWITCH - 2 * _PAD
        labels = [fitted(plain(port), Point(box.x + _PAD, base), Role.CODE, room)]
        if way:
            at_x = box.right + _WAY // 2 + 8
            labels.append(Label(way, Point(at_x, base), Role.NOTE))
        if homes:
            start = Point(box.right + _WAY, base)
            labels.append(fitted(", ".join(homes), start, Role.BODY, _KNOWN))
        yield PortRow(frame, port, way, tuple(labels))


def _svg(switch: Switch, heard: Sequence[Heard], names: Mapping[MAC, str]) -> str:
    placed = panels(heard, names)
    columns = min(max(len(placed), 1), _COLUMNS)
    bottom = placed[-1].box.bottom if placed else _TOP
    title = f"What {plain(switch.name)} hears, and learns"
    heading = fitted(title, Point(_MARGIN, 36), Role.TITLE, _PANEL)
    legend = fitted(_LEGEND, Point(_MARGIN, 56), Role.NOTE, _PANEL)
    return pen.document(
        (_MARGIN + columns * (_PANEL + _MARGIN), bottom + _MARGIN),
        [pen.words(heading), pen.words(legend, SOFT), *map(_panel, placed)],
        title=title,
        description=" ".join(_spoken(one, names) for one in heard) or "Nothing yet.",
        kind="minidock switch",
    )


def _spoken(one: Heard, names: Mapping[MAC, str]) -> str:
    source, target = (_called(mac, names) for mac in one.frame)
    out = "leaves by " + plain(", ".join(one.out)) if one.out else "leaves by no port"
    return (
        f"{one.number}: a frame from {source} for {target} comes in at "
        f"{plain(one.port)} and {out}."
    )


def _panel(panel: Panel) -> str:
    return pen.group(
        pen.words(panel.heading),
        *(_band(row) for row in panel.rows if row.way),
        pen.box(panel.box, WHITE, FRAME, round_=6),
        *(_drawn(row, panel.box) for row in panel.rows),
        class_="panel",
        data_frame=panel.heard.number,
    )


def _band(row: PortRow) -> str:
    """The way of the frame: in is filled, out is not, so that grey tells them apart."""
    band = Box(row.frame.x + _SWITCH, row.frame.y + 4, _WAY - 10, _ROW - 8)
    return pen.box(band, AMBER if row.way == "in" else WHITE, EDGE, width=1)


def _drawn(row: PortRow, box: Box) -> str:
    middle = row.frame.y + _ROW // 2
    left, right = Point(box.right + 10, middle), Point(box.right + 34, middle)
    inks = ["", *(["", SOFT] if row.way else [SOFT])]
    shapes = [
        pen.words(label, ink) for label, ink in zip(row.labels, inks, strict=False)
    ]
    if row.way == "in":
        tip = (left, Point(left.x + 9, middle - 5), Point(left.x + 9, middle + 5))
        shapes += [pen.polyline([left, right], EDGE), pen.polygon(tip, EDGE)]
    elif row.way:
        shapes += [pen.polyline([left, right], GOOD), pen.arrow(right, GOOD)]
    return pen.group(*shapes, data_port=row.port, data_way=row.way or None)
