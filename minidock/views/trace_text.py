"""A trace for terminals: one line a hop, the packet below it where it changed.

```
web to outside:443 (tcp)
 #  where               layer      decision
 7  docker-host [eth0]  nat        gets the card's own address
      by -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
      tcp «192.0.2.2:40000» > 203.0.113.9:443 SYN
      source 172.17.0.2:40000 ─▶ 192.0.2.2:40000
answer:
 9  docker-host [eth0]  nat        the answer is for 172.17.0.2
 ...
DELIVERED: outside answers on 443/tcp
outside saw the request come from 192.0.2.2
```

What changed stands between ``«`` and ``»``; in plain ASCII ``^^^`` stand below it.
Colours only repeat what the characters say.

Invariants: no line is wider than asked; every hop shown has its number; ``predict``
shows neither decisions, entries, changes nor the outcome.
"""

from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from minidock.packet.trace import Hop, Trace
from minidock.views.changes import NOTHING, Change, Word, changes, words
from minidock.views.flow import flow
from minidock.views.measure import cells
from minidock.views.sheet import BAD, GOOD, Sheet, padded
from minidock.views.trail import brief_hops, heading, hop_line, seen_by, where

__all__ = ["hop_line", "trace_text"]

_UNKNOWN = "?"
_LAYER = 9  # the longest word, neighbour
_COLUMNS_FROM = 60  # columns of a terminal: below that a table is no help


def trace_text(
    trace: Trace,
    width: int = 80,
    *,
    ascii_only: bool = False,
    colour: bool = False,
    brief: bool = False,
    predict: bool = False,
) -> str:
    """The trace for a terminal of so many columns; O(its size).

    Args:
        trace: what to show.
        width: how many columns a line may have.
        ascii_only: nothing but ASCII comes out.
        colour: with the codes of a terminal; they take no columns.
        brief: only routes, rules and proxies, and what decided.
        predict: decisions, entries and the outcome are left for the reader to guess.

    >>> from minidock.packet.trace import Layer, Outcome
    >>> asks = Hop(number=1, space="1a2b", place="web", layer=Layer.NAME,
    ...            decision="nobody is called bd", entry="the DNS server of app")
    >>> failed = Trace(source="web", target="bd:6379", protocol="tcp", hops=(asks,),
    ...                outcome=Outcome.UNREACHABLE, why="The name bd is unknown.",
    ...                remedy="web reaches db on app")
    >>> print(trace_text(failed))
    web to bd:6379 (tcp)
    #  where  layer      decision
    1  web    name       nobody is called bd
         by the DNS server of app
    <BLANKLINE>
    UNREACHABLE: The name bd is unknown.
    what would work: web reaches db on app
    >>> print(trace_text(failed, predict=True))
    web to bd:6379 (tcp)
    #  where  layer      decision
    1  web    name       ?
    <BLANKLINE>
    ?: what will happen, and why?
    """
    sheet = Sheet(max(width, 1), ascii_only, colour)
    hops = brief_hops(trace) if brief and not predict else trace.hops
    lines = [*sheet.paragraph(heading(trace)), *_table(hops, sheet, predict), ""]
    return "\n".join([*lines, *(_riddle(sheet) if predict else _verdict(trace, sheet))])


# --- hops -----------------------------------------------------------------------------


class _Columns(NamedTuple):
    """How wide numbers and places are; places take 0 where there is no table."""

    number: int
    where: int

    @property
    def below(self) -> int:
        """How far what belongs to a hop stands to the right."""
        return self.number + 4


def _table(hops: tuple[Hop, ...], sheet: Sheet, predict: bool) -> Iterator[str]:
    if not hops:
        return
    columns = _columns(hops, sheet)
    if columns.where:
        yield _row(("#", "where", "layer", "decision"), columns)
    begun: set[bool] = set()  # the trips whose packet was shown: there, and back
    answering = False
    for hop in hops:
        if hop.reply and not answering:
            answering = True
            yield from sheet.paragraph("answer:")
        yield from _hop(hop, sheet, columns, predict)
        if not predict:
            yield from _packet(hop, sheet, columns, hop.reply not in begun)
        begun |= {hop.reply} if hop.after else set()


def _columns(hops: tuple[Hop, ...], sheet: Sheet) -> _Columns:
    number = max(len(str(hop.number)) for hop in hops)
    if sheet.width < _COLUMNS_FROM:
        return _Columns(number, 0)
    texts = [sheet.clean(where(hop)) for hop in hops]
    longest = max(cells(word) for text in texts for word in text.split(" "))
    wanted = max(longest, min(max(map(cells, texts)), 20), len("where"))
    return _Columns(number, min(wanted, sheet.width * 3 // 8))


def _hop(hop: Hop, sheet: Sheet, columns: _Columns, predict: bool) -> Iterator[str]:
    decision = _UNKNOWN if predict else hop.decision
    if columns.where:
        yield from _rows(hop, decision, sheet, columns)
    else:
        number = padded(str(hop.number), columns.number, right=True)
        text = f"{number} {where(hop)} {hop.layer}: {decision}"
        yield from sheet.paragraph(text, below=columns.number + 1)
    if hop.entry and not predict:
        yield from sheet.rule(f"by {hop.entry}", columns.below)


def _rows(hop: Hop, decision: str, sheet: Sheet, columns: _Columns) -> Iterator[str]:
    """The cells of a hop beside each other, each in as many lines as it needs."""
    room = sheet.width - cells(_row(("", "", "", "."), columns)) + 1
    places = flow(sheet.clean(where(hop)), columns.where)
    said = flow(sheet.clean(decision), room)
    number, layer = str(hop.number), str(hop.layer)
    for place, part in zip_longest(places, said, fillvalue=""):
        yield _row((number, place, layer, part), columns)
        number = layer = ""


def _row(texts: tuple[str, str, str, str], columns: _Columns) -> str:
    number, place, layer, decision = texts
    row = (
        padded(number, columns.number, right=True),
        padded(place, columns.where),
        padded(layer, _LAYER),
        decision,
    )
    return "  ".join(row).rstrip()


# --- packets --------------------------------------------------------------------------


def _packet(hop: Hop, sheet: Sheet, columns: _Columns, first: bool) -> Iterator[str]:
    """The packet where a trip begins, and where its text changed; then what changed."""
    if hop.after is None:
        return
    # An answer is a packet of its own: it did not become different on the way.
    changed = () if first and hop.reply else changes(hop.before, hop.after)
    said = words(hop.after, changed)
    in_words = any(word.marked for word in said)
    if first or in_words:
        yield from sheet.marked(said, columns.below)
    for change in changed:
        listed = _changed(change, sheet, not in_words)
        yield from sheet.marked(listed, columns.below)


def _changed(change: Change, sheet: Sheet, mark: bool) -> Iterator[Word]:
    arrow = "->" if sheet.ascii_only else "─▶"
    was = f" {change.before} {arrow}" if change.before != NOTHING else ""
    yield Word(f"{change.field}{was}")
    yield Word(change.after, mark)


# --- the end --------------------------------------------------------------------------


def _verdict(trace: Trace, sheet: Sheet) -> Iterator[str]:
    word = Word(f"{trace.outcome.upper()}:", marked=True)
    code = GOOD if trace.delivered else BAD
    yield from sheet.marked([word, Word(trace.why)], code=code, signs=False)
    if trace.remedy:
        yield from sheet.paragraph(f"what would work: {trace.remedy}")
    if seen_by(trace):
        yield from sheet.paragraph(seen_by(trace))


def _riddle(sheet: Sheet) -> Iterator[str]:
    return sheet.paragraph(f"{_UNKNOWN}: what will happen, and why?")
