"""A sheet for a terminal: how wide it is, which characters it knows, how it marks.

```
Sheet(80)                     source 172.17.0.2:40000 ─▶ «192.0.2.2:40000»
Sheet(80, ascii_only=True)    source 172.17.0.2:40000 -> 192.0.2.2:40000
                                                         ^^^^^^^^^^^^^^^
```

Invariants: no line is wider than the sheet (codes of colours take no columns); in plain
ASCII no other character comes out; without colours what is marked can be seen as well.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from minidock.views.changes import Word
from minidock.views.flow import flow_words, units
from minidock.views.measure import cells, plain

__all__ = ["BAD", "GOOD", "MARK", "Sheet", "padded"]

MARK, GOOD, BAD = "1;33", "1;32", "1;31"
"""A terminal's codes for what is marked, for success and for failure."""

_ASCII = str.maketrans(
    {"→": "->", "▶": ">", "─": "-", "…": "~", "–": "-", "«": "<", "»": ">"}
)


class Sheet(NamedTuple):
    """How a text comes out; see the module's picture."""

    width: int
    ascii_only: bool = False
    colour: bool = False

    def clean(self, text: str) -> str:
        """The text with nothing in it that cannot be shown here."""
        text = plain(text)
        if not self.ascii_only:
            return text
        return text.translate(_ASCII).encode("ascii", "replace").decode()

    def paragraph(self, text: str, indent: int = 0, below: int = 3) -> Iterator[str]:
        """A text; its second line and all others are moved ``below`` to the right."""
        return self.marked([Word(text)], indent, below)

    def marked(
        self,
        said: Iterable[Word],
        indent: int = 0,
        below: int = 3,
        *,
        code: str = MARK,
        signs: bool = True,
    ) -> Iterator[str]:
        """The same for words of which some are marked, by ``signs`` and in a colour."""
        around = signs and not self.ascii_only
        clean = (piece for word in said for piece in self._split(word, around))
        for lead, line in self._lines(clean, indent, below):
            yield (lead + " ".join(self._shown(word, code) for word in line)).rstrip()
            if signs and self.ascii_only and any(word.marked for word in line):
                yield (lead + " ".join(map(_underline, line))).rstrip()

    def rule(self, text: str, indent: int = 0, below: int = 3) -> Iterator[str]:
        """A rule: a text in which an option and its value stay together."""
        for lead, line in self._lines(units(self.clean(text)), indent, below):
            yield lead + " ".join(word.text for word in line)

    def _lines(
        self, said: Iterable[Word], indent: int, below: int
    ) -> Iterator[tuple[str, list[Word]]]:
        """Lines of words, each with the spaces before it."""
        start, further = self._indent(indent), self._indent(indent + below)
        room, first = self.width - further, self.width - start
        for number, line in enumerate(flow_words(said, room, first=first)):
            yield " " * (further if number else start), line

    def _indent(self, columns: int) -> int:
        """So many columns, or fewer where there is little room."""
        return min(columns, self.width // 4)

    def _split(self, word: Word, signs: bool) -> Iterator[Word]:
        text = self.clean(word.text)
        text = f"«{text}»" if signs and word.marked else text
        return (Word(part, word.marked) for part in text.split(" "))

    def _shown(self, word: Word, code: str) -> str:
        coloured = self.colour and word.marked
        return f"\x1b[{code}m{word.text}\x1b[0m" if coloured else word.text


def _underline(word: Word) -> str:
    return ("^" if word.marked else " ") * cells(word.text)


def padded(text: str, columns: int, *, right: bool = False) -> str:
    """The text with spaces to so many columns, after it or before it.

    >>> padded("db", 4), padded("db", 4, right=True)
    ('db  ', '  db')
    """
    space = " " * (columns - cells(text))
    return space + text if right else text + space
