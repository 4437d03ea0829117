"""A firewall as drawn tables: a box for each chain, a row for each rule.

```
 filter
 ┌ FORWARD ──────────────────────────────────────── policy DROP ┐
 │ 1 (8)  every packet                           → DOCKER-USER  │
 │ 2      every packet                           → DOCKER-FORW… │
 └──────────────────────────────────────────────────────────────┘
    ┌ DOCKER-USER ────────────────────── asked by FORWARD 1 ┐
```

A chain that others ask is moved to the right, below the first one that asks it. With a
journey the rules that it met stand in a yellow band, with the numbers of its hops.

Invariants: boxes neither overlap nor stand outside; every text fits, as long matches go
on in the next line; the output is well-formed, whatever a comment in a rule says.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple, Self

from minidock.firewall.ruleset import Ruleset
from minidock.net.address import V4
from minidock.packet.trace import Trace
from minidock.views import pen
from minidock.views.bubbles import HEIGHT, width
from minidock.views.flow import flow_words, units
from minidock.views.geometry import Frame, Label, Point, Role, fitted
from minidock.views.measure import pixels, plain
from minidock.views.palette import AMBER, BAD, EDGE, FRAME, GOOD, HOST, TEXT, WHITE
from minidock.views.rule_table import ChainTable, Row, marks, rule_tables
from minidock.views.trail import heading

__all__ = ["ChainBox", "RuleScene", "Rules", "rule_scene", "rules_svg"]

_MARGIN = 24
_WIDTH = 900
_INDENT = 20
_HEAD = 30
_LINE = 17
_PAD = 12
_NUMBER = 30
_TARGET = 216
_GAP = 14


class _Band(NamedTuple):
    """A row in its place, and the numbers of the hops that met it."""

    frame: Frame
    row: Row | None
    """None for the line that says how many rules are not shown."""
    labels: tuple[Label, ...]
    does: tuple[Label, ...] = ()
    """The target."""
    bubble: Frame | None = None


class ChainBox(NamedTuple):
    """A chain in its place."""

    frame: Frame
    chain: ChainTable
    labels: tuple[Label, ...]
    bands: tuple[_Band, ...]
    bubble: Frame | None = None
    """The hops at which its policy decided."""


class RuleScene(NamedTuple):
    """The picture as data."""

    width: int
    height: int
    title: str
    description: str
    labels: tuple[Label, ...]
    boxes: tuple[ChainBox, ...]


class Rules(str):
    r"""The rules as ``iptables-save`` prints them, which a notebook draws as tables.

    >>> from minidock.firewall.render import parse, save
    >>> wall = parse("*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n")
    >>> shown = Rules(save(wall), wall)
    >>> shown.splitlines()[0], shown.svg[:4]
    ('*filter', '<svg')
    """

    __slots__ = ("_ruleset", "_trace")

    _ruleset: Ruleset
    _trace: Trace | None

    def __new__(
        cls, text: str, ruleset: Ruleset | None = None, trace: Trace | None = None
    ) -> Self:
        """The text, and what it says; ``trace`` is a journey to be shown in it."""
        made = super().__new__(cls, text)
        made._ruleset = Ruleset() if ruleset is None else ruleset
        made._trace = trace
        return made

    @property
    def svg(self) -> str:
        """A self-contained picture; O(rules)."""
        return rules_svg(self._ruleset, self._trace)

    def _repr_svg_(self) -> str:
        return self.svg


def rules_svg(ruleset: Ruleset, trace: Trace | None = None) -> str:
    r"""The rules as a self-contained picture, with a journey's way; O(rules).

    Args:
        ruleset: what stands in the host's firewall.
        trace: a journey on that host; then only chains that it met are drawn.

    >>> from minidock.firewall.render import parse
    >>> wall = parse("*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n")
    >>> rules_svg(wall).splitlines()[1]
    '<title>IPv4 firewall: 1 rule in 1 chain</title>'
    """
    scene = rule_scene(ruleset, trace)
    return pen.document(
        (scene.width, scene.height),
        _drawn(scene),
        title=scene.title,
        description=scene.description,
        kind="minidock rules",
    )


def rule_scene(ruleset: Ruleset, trace: Trace | None = None) -> RuleScene:
    """Where everything stands; O(rules)."""
    chains = rule_tables(ruleset, None if trace is None else marks(trace))
    title = _title(ruleset, chains, trace)
    room = _WIDTH - 2 * _MARGIN
    labels = [fitted(title, Point(_MARGIN, 36), Role.TITLE, room)]
    boxes: list[ChainBox] = []
    y, table = 52, ""
    for chain in chains:
        if chain.table != table:
            table = chain.table
            labels.append(Label(f"table {table}", Point(_MARGIN, y + 18), Role.NAME))
            y += 30
        boxes.append(_box(chain, y))
        y = boxes[-1].frame.bottom + _GAP
    if not chains:
        none = "No rule of this host was asked." if trace else "No rules stand here."
        labels.append(Label(none, Point(_MARGIN, y + 18), Role.BODY))
        y += 30
    return RuleScene(
        width=_WIDTH,
        height=y - _GAP + _MARGIN,
        title=title,
        description=" ".join(map(_spoken, chains)) or labels[-1].text,
        labels=tuple(labels),
        boxes=tuple(boxes),
    )


def _title(ruleset: Ruleset, chains: Sequence[ChainTable], trace: Trace | None) -> str:
    family = "IPv4" if ruleset.family == V4 else "IPv6"
    if trace is not None:
        return f"{family} rules on the way from {plain(heading(trace))}"
    rules = sum(len(chain.rows) + chain.left_out for chain in chains)
    counted = f"{rules:,} rule{'' if rules == 1 else 's'}"
    return f"{family} firewall: {counted} in {len(chains)} chain{_s(chains)}"


def _s(items: Sequence[object]) -> str:
    return "" if len(items) == 1 else "s"


def _spoken(chain: ChainTable) -> str:
    said = [f"Chain {chain.name} of table {chain.table}, {chain.note}."]
    for row in chain.rows:
        hops = f", met at hop {_hops(row.hops)}" if row.hops else ""
        said.append(f"{row.number}: {plain(row.matches)}, {plain(row.target)}{hops}.")
    said += [f"{chain.left_out:,} rules are not shown."] if chain.left_out else []
    decided = f"Its policy decided at hop {_hops(chain.hops)}."
    return " ".join([*said, decided] if chain.hops else said)


def _hops(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


# --- boxes ----------------------------------------------------------------------------


def _box(chain: ChainTable, y: int) -> ChainBox:
    x = _MARGIN + chain.depth * _INDENT
    wide = _WIDTH - _MARGIN - x
    bands = tuple(_bands(chain, Frame(x, y + _HEAD, wide, 0)))
    bottom = bands[-1].frame.bottom if bands else y + _HEAD
    bubble = None
    half = wide // 2
    name = fitted(chain.name, Point(x + _PAD, y + 20), Role.NAME, half - _PAD)
    note = fitted(plain(chain.note), Point(0, y + 20), Role.NOTE, half - 2 * _PAD)
    note = note._replace(at=Point(x + wide - _PAD, y + 20), ends=True)
    if chain.hops:
        long = width(_hops(chain.hops))
        bubble = Frame(note.left - long - 8, y + 7, long, HEIGHT)
    frame = Frame(x, y, wide, bottom - y + (8 if bands else 0))
    return ChainBox(frame, chain, (name, note), bands, bubble)


def _bands(chain: ChainTable, frame: Frame) -> Iterator[_Band]:
    y, before = frame.y, 0
    bubbles = max((width(_hops(r.hops)) for r in chain.rows if r.hops), default=0)
    start = frame.x + _PAD + _NUMBER + (bubbles + 8 if bubbles else 0)
    for row in chain.rows:
        if row.number > before + 1:
            yield _skipped(row.number - before - 1, frame, y)
            y += _LINE + 6
        band = _band(row, Frame(frame.x, y, frame.width, 0), start)
        yield band
        y, before = band.frame.bottom, row.number
    rest = chain.left_out - _gaps(chain)
    if rest > 0:
        yield _skipped(rest, frame, y)
    elif not chain.rows:
        said = Label("no rules", Point(frame.x + _PAD, y + 12), Role.NOTE)
        yield _Band(Frame(frame.x, y, frame.width, _LINE), None, (said,))


def _gaps(chain: ChainTable) -> int:
    """How many rules are left out above the last one that is shown."""
    return chain.rows[-1].number - len(chain.rows) if chain.rows else 0


def _skipped(count: int, frame: Frame, y: int) -> _Band:
    text = f"… {count:,} more rule{'' if count == 1 else 's'}"
    said = Label(text, Point(frame.x + _PAD, y + 15), Role.NOTE)
    return _Band(Frame(frame.x, y, frame.width, _LINE + 6), None, (said,))


def _band(row: Row, frame: Frame, start: int) -> _Band:
    base = frame.y + 16
    target_x = frame.x + frame.width - _PAD - _TARGET
    arrow = "→ " if row.jump else ""
    labels = [Label(str(row.number), Point(frame.x + _PAD, base), Role.CHIP)]
    labels += _flowed(row.matches, Point(start, base), target_x - start - _PAD)
    does = tuple(_flowed(arrow + row.target, Point(target_x, base), _TARGET))
    high = max(label.at.y for label in (*labels, *does)) - frame.y + 8
    bubble = None
    if row.hops:
        x, long = frame.x + _PAD + _NUMBER - 4, width(_hops(row.hops))
        bubble = Frame(x, frame.y + (24 - HEIGHT) // 2, long, HEIGHT)
    return _Band(frame._replace(height=high), row, tuple(labels), does, bubble)


def _flowed(text: str, at: Point, room: int) -> Iterator[Label]:
    """A rule's words in as many lines as they need; an option keeps its value."""
    role = Role.CHIP
    wide = partial(pixels, size=role.size, mono=role.mono, bold=role.bold)
    for number, line in enumerate(flow_words(units(plain(text)), room, wide)):
        said = " ".join(word.text for word in line)
        yield Label(said, Point(at.x, at.y + number * _LINE), role)


# --- drawing --------------------------------------------------------------------------


def _drawn(scene: RuleScene) -> Iterator[str]:
    yield from map(pen.words, scene.labels)
    for box in scene.boxes:
        yield pen.group(
            pen.box(box.frame, WHITE, FRAME, round_=8),
            *(_row(band) for band in box.bands),
            *map(pen.words, box.labels),
            _bubble(box.bubble, box.chain.hops),
            title=f"{box.chain.table} {box.chain.name}: {box.chain.note}",
            class_="chain",
            data_chain=f"{box.chain.table}/{box.chain.name}",
        )


def _row(band: _Band) -> str:
    row = band.row
    if row is None:
        return "".join(map(pen.words, band.labels))
    ground = ""
    if row.hops:
        frame = band.frame
        inner = Frame(frame.x + 5, frame.y + 1, frame.width - 10, frame.height - 2)
        ground = pen.box(inner, AMBER, EDGE, width=1, round_=5)
    return pen.group(
        ground,
        *(pen.words(label, TEXT) for label in band.labels),
        *(pen.words(label, _colour(row)) for label in band.does),
        _bubble(band.bubble, row.hops),
        class_="rule met" if row.hops else "rule",
        data_rule=row.number,
        data_hops=_hops(row.hops).replace(" ", "") or None,
    )


def _colour(row: Row) -> str:
    verdict = row.target.partition(" ")[0]
    if row.hops:
        return TEXT
    return {"ACCEPT": GOOD, "DROP": BAD, "REJECT": BAD}.get(verdict, TEXT)


def _bubble(frame: Frame | None, hops: Sequence[int]) -> str:
    return "" if frame is None else pen.pill(frame, _hops(hops), HOST, TEXT)
