r"""On which line of a TOML text each key stands.

```
 1  title = "a"            ("",       0, "title")   -> 1
 2  [setup]                ("setup",  0, "")        -> 2
 3  hosts = ["one"]        ("setup",  0, "hosts")   -> 3
 4  [[expect]]             ("expect", 0, "")        -> 4
 5  that = "b"             ("expect", 0, "that")    -> 5
 6  [[expect]]             ("expect", 1, "")        -> 6
```

``tomllib`` gives values without their places, and a person who mends a file needs the
place. Only what stands at the start of a line outside texts and lists is looked at.

Invariant: for a text that ``tomllib`` reads, each of its keys that stands on a line of
its own has a place, and that line begins with it.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

__all__ = ["Places", "places"]

Places = dict[tuple[str, int, str], int]
"""Table, its number among those of this name from 0, and key ("" the table itself)."""

_KEY = r"[A-Za-z0-9_-]+|\"[^\"\n]*\"|'[^'\n]*'"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_KEY})\s*\]")
_ASSIGNED = re.compile(rf"\s*({_KEY})\s*[=.]")
_SKIPPED = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?!")|' + r"'''.*?'''(?!')|"
    r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'|#[^\n]*|[\[\]{}\n]",
    re.DOTALL,
)
_OPENING, _CLOSING = set("[{"), set("]}")


def places(text: str) -> Places:
    r"""Where each table and key of a TOML text stands; O(length).

    >>> places("a = '''\nb = 1\n'''\n[[t]]\nc = [\n1]\n")
    {('', 0, 'a'): 1, ('t', 0, ''): 4, ('t', 0, 'c'): 5}
    """
    found: Places = {}
    table, number = "", 0
    counts: dict[str, int] = {}
    for line, words in _statements(text):
        header = _HEADER.match(words)
        if header is not None:
            table = header[2].strip("\"'")
            number = counts.get(table, 0)
            counts[table] = number + 1
            found.setdefault((table, number, ""), line)
        elif (assigned := _ASSIGNED.match(words)) is not None:
            found.setdefault((table, number, assigned[1].strip("\"'")), line)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """The lines outside texts and lists, each with its number."""
    line = 1
    for start, end in pairwise([0, *_ends(text), len(text)]):
        yield line, text[start:end]
        line += text.count("\n", start, end)


def _ends(text: str) -> Iterator[int]:
    """Where a statement is over: behind a line's end outside texts and lists."""
    depth = 0
    for match in _SKIPPED.finditer(text):
        mark = match[0]
        if mark in _OPENING:
            depth += 1
        elif mark in _CLOSING:
            depth -= 1
        elif mark == "\n" and depth <= 0:
            yield match.end()
