"""The table of keys and flags, as a page and for a terminal.

```
 rows ─┬─ as_markdown   docs/reference/fields.md
       └─ as_text       k8s-bridge fields [WORD]
```
"""

import textwrap
from collections.abc import Iterator

from k8s_bridge.fieldtable.rows import Row, compose_rows, run_rows
from k8s_bridge.report import Outcome
from minidock.errors import NotFound

__all__ = ["as_markdown", "as_text"]

_HEAD = """\
# What becomes of every key and every flag

Each was tried by translating one use of it with the options left alone, and this is
what the report said: *kept*, *changed* (how) or *lost* (why). Another value, or another
key beside it, may have another outcome: the report of your own translation says what
holds for you. `k8s-bridge fields` prints the same, and `k8s-bridge fields health` what
is about a word. This page is generated:
`k8s-bridge fields --markdown > docs/reference/fields.md`.
"""
_NOTHING = "decides nothing about a container"


def as_markdown() -> str:
    """The reference page; it takes some seconds."""
    parts = [_HEAD]
    for title, rows in _tables():
        parts += [f"## {title}\n", _counts(rows), "", "| key | outcome | how |"]
        parts += ["|---|---|---|", *map(_line, rows), ""]
    return "\n".join(parts)


def _tables() -> Iterator[tuple[str, tuple[Row, ...]]]:
    for title, rows in compose_rows():
        yield f"Compose: {title[0].lower()}{title[1:]}", rows
    yield "docker run", tuple(run_rows())


def _counts(rows: tuple[Row, ...]) -> str:
    """How many rows there are of each outcome; a row of several counts as its worst."""
    worst = [max((o for o, _ in row.told), key=_RANK.index) for row in rows if row.told]
    counts = [f"{worst.count(outcome)} {outcome}" for outcome in _RANK]
    return f"{len(rows)} in all: " + ", ".join(counts) + "."


_RANK = tuple(Outcome)  # from the best to the worst


def _line(row: Row) -> str:
    outcomes = ", ".join(dict.fromkeys(str(outcome) for outcome, _ in row.told))
    how = "; ".join(how for _, how in row.told) or _NOTHING
    return f"| `{row.key}` | {outcomes} | {_cell(how)} |"


def _cell(text: str) -> str:
    """A text that ends no cell and is no HTML."""
    escaped = text.replace("\\", "\\\\").replace("|", "\\|").replace("_", "\\_")
    return escaped.replace("*", "\\*").replace("<", "&lt;")


def as_text(word: str = "", width: int = 80) -> str:
    """The rows that a word is in, "" for all, in so many columns.

    It takes some seconds. Refuses a word that is nowhere: NotFound.
    """
    lines: list[str] = []
    for title, rows in _tables():
        wanted = [row for row in rows if _has(row, word)]
        lines += ([""] if lines else []) + [title] if wanted else []
        lines += [line for row in wanted for line in _block(row, width)]
    if not lines:
        raise NotFound(
            f"no key or flag has {word} in it",
            asked=f"what becomes of {word}",
            rule="the word must be in a key, a flag, or what becomes of it",
            remedy="k8s-bridge fields for all of them",
        )
    return "\n".join(lines) + "\n"


def _has(row: Row, word: str) -> bool:
    texts = (row.key, *(how for _, how in row.told))
    return any(word.lower() in text.lower() for text in texts)


def _block(row: Row, width: int) -> Iterator[str]:
    yield f"  {row.key}"
    indent = " " * 15
    for outcome, how in row.told or (("", _NOTHING),):
        head = f"      {outcome:<9}"
        yield from textwrap.wrap(
            how, width, initial_indent=head, subsequent_indent=indent
        )
