"""Trees for terminals: nested texts with lines before them, never wider than asked.

```
docker-host
├─ eth0                       |- in plain ASCII
│  └─ 192.0.2.2/24            |  `-
└─ a long text goes on
   below itself
```

Invariants: no line has more columns than the width; words are only cut where one alone
is too wide; in plain ASCII no other character comes out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from minidock.views.measure import cells, clip, plain

__all__ = ["ASCII", "LINES", "Branch", "Glyphs", "forest"]


class Glyphs(NamedTuple):
    """The characters that a tree is drawn with."""

    branch: str
    last: str
    down: str
    cable: str
    arrow: str
    mark: str


LINES = Glyphs("├─ ", "└─ ", "│  ", "══", "◀──", "…")
ASCII = Glyphs("|- ", "`- ", "|  ", "==", "<--", "~")


@dataclass(frozen=True, slots=True)
class Branch:
    """A text and what hangs below it."""

    text: str
    branches: tuple["Branch", ...] = ()


def forest(
    roots: Iterable[Branch], width: int = 80, glyphs: Glyphs = LINES
) -> Iterator[str]:
    r"""The lines of some trees; O(their size).

    >>> leaves = (Branch("eth0"), Branch("a text of many words"))
    >>> print("\n".join(forest([Branch("web", leaves)], width=16)))
    web
    ├─ eth0
    └─ a text of
          many words
    """
    for root in roots:
        yield from _lines(root, ("", ""), width, glyphs)


def _lines(
    branch: Branch, lead: tuple[str, str], width: int, glyphs: Glyphs
) -> Iterator[str]:
    """``lead`` stands before the first line of a branch, and before all others."""
    first, below = lead
    text = plain(branch.text)
    if glyphs is ASCII:
        text = text.encode("ascii", "replace").decode()
    further = below + (glyphs.down if branch.branches else "   ")
    before = first
    for piece in _wrapped(text, width - cells(first), width - cells(further)):
        yield clip(before + piece, width, glyphs.mark).rstrip()
        before = further
    for item in branch.branches:
        last = item is branch.branches[-1]
        leads = (
            below + (glyphs.last if last else glyphs.branch),
            below + ("   " if last else glyphs.down),
        )
        yield from _lines(item, leads, width, glyphs)


def _wrapped(text: str, room: int, further: int) -> Iterator[str]:
    """The text in lines that break between words: the first, then all others."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and cells(longer) > room:
            yield line
            longer, room = word, further
        line = longer
    yield line
