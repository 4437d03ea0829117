r"""Who reaches whom, as a table: for terminals, notebooks, Markdown pages, programs.

```
from \ to   web:80/tcp   db:6379/tcp   outside
web         ok           ok            ok          one word for each outcome;
db          drop         ok            unr         what it means stands below
```

Columns get numbers where their names are too wide, and come in several blocks where
even those are.

Invariants: every pair is asked for once and shown once; no line of the text is wider
than asked; nothing is told by colours alone.

The idea is that of mininet's ``pingall``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Protocol

from minidock.model.document import Json
from minidock.packet.trace import Outcome, Trace
from minidock.views.markup import plain_markdown, safe
from minidock.views.measure import cells, clip
from minidock.views.sheet import Sheet, padded
from minidock.views.trail import PLAIN_WORDS

__all__ = [
    "LETTERS",
    "Matrix",
    "Reaches",
    "matrix_html",
    "matrix_json",
    "matrix_markdown",
    "matrix_text",
]

LETTERS = MappingProxyType(
    {
        Outcome.DELIVERED: "ok",
        Outcome.REFUSED: "ref",
        Outcome.DROPPED: "drop",
        Outcome.UNREACHABLE: "unr",
        Outcome.TOO_BIG: "big",
    }
)
"""What a cell says."""

_CORNER = "from \\ to"
_CELL = max(map(len, LETTERS.values()))
_GAP = "  "


class Reaches(Protocol):
    """What a matrix asks: sources, targets, and how each pair fares."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Who asks, in order."""

    @property
    def targets(self) -> tuple[str, ...]:
        """Who is asked, such as ``db:6379/tcp``, or ``web`` for a ping."""

    def outcome(self, source: str, target: str) -> Outcome:
        """How the journey of one pair ends."""

    def trace(self, source: str, target: str) -> Trace:
        """The whole journey of one pair."""


Row = tuple[str, tuple[Outcome, ...]]
"""A source, and how it fares with every target."""


def _rows(reach: Reaches) -> tuple[Row, ...]:
    return tuple(
        (source, tuple(reach.outcome(source, target) for target in reach.targets))
        for source in reach.sources
    )


def _score(rows: tuple[Row, ...]) -> tuple[int, int]:
    every = [outcome for _, outcomes in rows for outcome in outcomes]
    return sum(item is Outcome.DELIVERED for item in every), len(every)


def _summary(rows: tuple[Row, ...]) -> str:
    return "{} of {} are delivered".format(*_score(rows))


def _meanings(rows: tuple[Row, ...]) -> Iterator[tuple[str, Outcome]]:
    """The words that occur, in a fixed order."""
    there = {outcome for _, outcomes in rows for outcome in outcomes}
    return ((word, outcome) for outcome, word in LETTERS.items() if outcome in there)


# --- text -----------------------------------------------------------------------------


def matrix_text(reach: Reaches, width: int = 80, *, ascii_only: bool = False) -> str:
    r"""The table for a terminal of so many columns; O(pairs), each asked for once.

    >>> class Two:
    ...     sources, targets = ("web", "db"), ("web:80/tcp", "db:6379/tcp")
    ...     def outcome(self, source, target):
    ...         return Outcome.DROPPED if source == "db" else Outcome.DELIVERED
    ...     def trace(self, source, target):
    ...         raise NotImplementedError
    >>> print(matrix_text(Two()))
    from \ to  web:80/tcp  db:6379/tcp
    web        ok          ok
    db         drop        drop
    <BLANKLINE>
    2 of 4 are delivered
    ok: delivered, the program at the other end answered
    drop: dropped, silence: the sender waits until it gives up
    """
    sheet = Sheet(max(width, 1), ascii_only)
    rows = _rows(reach)
    lines = [*_blocks(reach, rows, sheet), "", *sheet.paragraph(_summary(rows))]
    for word, outcome in _meanings(rows):
        lines += sheet.paragraph(f"{word}: {outcome}, {PLAIN_WORDS[outcome]}")
    return "\n".join(lines)


def _blocks(reach: Reaches, rows: tuple[Row, ...], sheet: Sheet) -> Iterator[str]:
    names = [sheet.clean(source) for source, _ in rows]
    first = min(max(map(cells, [_CORNER, *names])), max(sheet.width // 2, 1))
    titles = [sheet.clean(target) for target in reach.targets]
    room = sheet.width - first
    numbered = sum(cells(title) + len(_GAP) for title in titles) > room
    if numbered:
        for number, title in enumerate(titles, 1):
            yield from sheet.paragraph(f"{number} = {title}")
        yield ""
        titles = [str(number + 1) for number in range(len(titles))]
    widths = [max(cells(title), _CELL) for title in titles]
    for number, (start, stop) in enumerate(_pages(widths, room)):
        if number:
            yield ""
        span = slice(start, stop)
        head = [_CORNER, *titles[span]]
        yield _row(head, [first, *widths[span]], sheet)
        for name, (_, outcomes) in zip(names, rows, strict=True):
            said = [LETTERS[outcome] for outcome in outcomes[span]]
            yield _row([name, *said], [first, *widths[span]], sheet)


def _pages(widths: list[int], room: int) -> Iterator[tuple[int, int]]:
    """Which columns stand in one block: from one to before another."""
    start, used = 0, 0
    for number, size in enumerate(widths):
        if number > start and used + size + len(_GAP) > room:
            yield start, number
            start, used = number, 0
        used += size + len(_GAP)
    yield start, len(widths)


def _row(texts: list[str], widths: list[int], sheet: Sheet) -> str:
    mark = "~" if sheet.ascii_only else "…"
    short = [clip(t, size, mark) for t, size in zip(texts, widths, strict=True)]
    row = _GAP.join(padded(t, size) for t, size in zip(short, widths, strict=True))
    return clip(row.rstrip(), sheet.width, mark)


# --- for programs, pages and notebooks ------------------------------------------------


def matrix_json(reach: Reaches) -> dict[str, Json]:
    """Plain data: ``outcomes[source][target]``, and how many are delivered."""
    rows = _rows(reach)
    delivered, pairs = _score(rows)
    outcomes: dict[str, Json] = {
        source: dict(zip(reach.targets, map(str, said), strict=True))
        for source, said in rows
    }
    return {
        "sources": list(reach.sources),
        "targets": list(reach.targets),
        "outcomes": outcomes,
        "delivered": delivered,
        "pairs": pairs,
    }


def matrix_html(reach: Reaches) -> str:
    """A table whose cells know their headings; an outcome is a word in it."""
    rows = _rows(reach)
    titles = "".join(f'<th scope="col">{safe(t)}</th>' for t in reach.targets)
    body = "\n".join(
        f'<tr><th scope="row">{safe(source)}</th>{"".join(map(_cell, said))}</tr>'
        for source, said in rows
    )
    return (
        '<table class="minidock reachability">\n'
        f"<caption>Who reaches whom: {_summary(rows)}</caption>\n"
        f'<thead><tr><th scope="col">{_CORNER}</th>{titles}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table>\n"
    )


def _cell(outcome: Outcome) -> str:
    word = LETTERS[outcome]
    weight = "" if outcome is Outcome.DELIVERED else ' style="font-weight:bold"'
    meaning = f"{outcome}: {PLAIN_WORDS[outcome]}"
    return (
        f'<td data-outcome="{outcome}"{weight}>'
        f'<abbr title="{safe(meaning)}">{word}</abbr></td>'
    )


def matrix_markdown(reach: Reaches) -> str:
    """A table for Markdown pages, and below it what its words mean."""
    rows = _rows(reach)
    lines = [_line([_CORNER, *reach.targets]), "|" + "---|" * (len(reach.targets) + 1)]
    lines += [
        _line([source, *(LETTERS[outcome] for outcome in said)])
        for source, said in rows
    ]
    meanings = "; ".join(f"{word}: {o}" for word, o in _meanings(rows))
    return "\n".join([*lines, "", f"{_summary(rows)}. {meanings}".rstrip()]) + "\n"


def _line(texts: list[str]) -> str:
    return "| " + " | ".join(map(plain_markdown, texts)) + " |"


@dataclass(frozen=True)  # without slots: cached_property keeps what was made
class Matrix:
    """A matrix to hold: text when printed, a table in a notebook; true if all works."""

    reach: Reaches

    @property
    def sources(self) -> tuple[str, ...]:
        """Who asks."""
        return self.reach.sources

    @property
    def targets(self) -> tuple[str, ...]:
        """Who is asked."""
        return self.reach.targets

    def outcome(self, source: str, target: str) -> Outcome:
        """How the journey of one pair ends."""
        return self.reach.outcome(source, target)

    def trace(self, source: str, target: str) -> Trace:
        """The whole journey of one pair."""
        return self.reach.trace(source, target)

    @cached_property
    def text(self) -> str:
        """For a terminal of 80 columns."""
        return matrix_text(self.reach)

    @property
    def json(self) -> dict[str, Json]:
        """Plain data, made anew for whoever asks."""
        return matrix_json(self.reach)

    @cached_property
    def html(self) -> str:
        """A table for a page."""
        return matrix_html(self.reach)

    @cached_property
    def markdown(self) -> str:
        """A table for Markdown."""
        return matrix_markdown(self.reach)

    def _repr_html_(self) -> str:
        return self.html

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        size = f"{len(self.sources)} to {len(self.targets)}"
        delivered, pairs = self._found
        return f"<Matrix {size}: {delivered} of {pairs} are delivered>"

    def __bool__(self) -> bool:
        delivered, pairs = self._found
        return delivered == pairs

    @cached_property
    def _found(self) -> tuple[int, int]:
        return _score(_rows(self.reach))
