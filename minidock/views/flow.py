"""Text that flows: words broken into lines, whatever a column or a letter measures.

```
"a text of many words"  ──▶  ["a text of", "many words"]       room for 10 columns
```

The same function breaks lines for terminals (columns, :func:`measure.cells`) and for
pictures (pixels, :func:`measure.pixels`).

An option and its value belong together (:func:`units`), so that rules can be read:

```
-A DOCKER-CT -o docker0 -m conntrack          not ... -m
--ctstate RELATED,ESTABLISHED -j ACCEPT           conntrack ...
```

Invariants: no line is wider than its room, if one character fits into it; no character
but the spaces between words gets lost; a word is only cut where it alone is too wide.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from minidock.views.changes import Word
from minidock.views.measure import cells

__all__ = ["flow", "flow_words", "units"]

Measure: TypeAlias = Callable[[str], int]

_UNIT = re.compile(r"(?:! )?--?[A-Za-z][^ ]* (?![-! ])[^ ]+|→ [^ ]+|[^ ]+")


def flow(text: str, room: int, measure: Measure = cells) -> list[str]:
    """The text in lines that fit into the room; O(n) measurements of a line.

    >>> flow("a text of many words", 10)
    ['a text of', 'many words']
    >>> flow("-A DOCKER-ISOLATION-STAGE-1", 12)
    ['-A', 'DOCKER-ISOLA', 'TION-STAGE-1']
    """
    broken = flow_words((Word(word) for word in text.split(" ")), room, measure)
    return [" ".join(word.text for word in line) for line in broken]


def flow_words(
    words: Iterable[Word], room: int, measure: Measure = cells, first: int = 0
) -> Iterator[list[Word]]:
    """The words in lines; a piece of a marked word is marked, too.

    The first line may have room for more than all others (``first``).
    """
    line: list[Word] = []
    now = max(first, room)
    for word in words:
        for piece in _pieces(word, room, measure):
            if line and measure(_joined([*line, piece])) > now:
                yield line
                line, now = [], room
            line.append(piece)
    yield line


def units(text: str) -> list[Word]:
    """The words of a text; an option of a rule and its value are one.

    >>> [word.text for word in units("-A FORWARD ! -i docker0 -j DROP")]
    ['-A FORWARD', '! -i docker0', '-j DROP']
    """
    return [Word(found) for found in _UNIT.findall(text)]


def _joined(line: list[Word]) -> str:
    return " ".join(word.text for word in line)


def _pieces(word: Word, room: int, measure: Measure) -> Iterator[Word]:
    """The word, or as much of it as fits, again and again."""
    if measure(word.text) > room and " " in word.text:
        for part in word.text.split(" "):
            yield from _pieces(word._replace(text=part), room, measure)
        return
    text = word.text
    while len(text) > 1 and measure(text) > room:
        size = max(_fitting(text, room, measure), 1)
        yield word._replace(text=text[:size])
        text = text[size:]
    yield word._replace(text=text)


def _fitting(text: str, room: int, measure: Measure) -> int:
    """How many of its characters fit; the width grows with every character."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle]) <= room:
            low = middle
        else:
            high = middle - 1
    return low
