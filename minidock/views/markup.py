"""Plain data as HTML and Markdown, for pages and notebooks.

```
table("difference", "What changed", heads, rows)    a table that says what it is
plain_markdown("*web*")                             &#42;web&#42;
fenced("+ web", "diff")                             a block of code
```

Invariant: whatever a text says, it is shown as text; nothing in it becomes an element,
a link or a script.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape

from minidock.views.measure import plain

__all__ = ["fenced", "plain_markdown", "safe", "table"]


def safe(text: str) -> str:
    """A text within HTML, in an element or in an attribute.

    >>> safe("<b>")
    '&lt;b&gt;'
    """
    return escape(plain(text))


def table(
    kind: str, caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]
) -> str:
    """A table whose cells know their headings; the first cell of a row is its heading.

    >>> print(table("difference", "What changed", ("in", "what"), [("a", "<b>")]))
    <table class="minidock difference">
    <caption>What changed</caption>
    <thead><tr><th scope="col">in</th><th scope="col">what</th></tr></thead>
    <tbody>
    <tr><th scope="row">a</th><td>&lt;b&gt;</td></tr>
    </tbody>
    </table>
    <BLANKLINE>
    """
    titles = "".join(f'<th scope="col">{safe(head)}</th>' for head in heads)
    body = "".join(f"<tr>{_cells(row)}</tr>\n" for row in rows)
    return (
        f'<table class="minidock {safe(kind)}">\n'
        f"<caption>{safe(caption)}</caption>\n"
        f"<thead><tr>{titles}</tr></thead>\n"
        f"<tbody>\n{body}</tbody>\n</table>\n"
    )


def _cells(row: Sequence[str]) -> str:
    first, *others = map(safe, row)
    rest = "".join(f"<td>{cell}</td>" for cell in others)
    return f'<th scope="row">{first}</th>{rest}'


def plain_markdown(text: str) -> str:
    """A text without meaning for Markdown: signs become entities, spaces stay.

    >>> plain_markdown("[web](x)")
    '&#91;web&#93;&#40;x&#41;'
    """
    return "".join(
        c if c.isalnum() or c in " .:/-," else f"&#{ord(c)};" for c in plain(text)
    )


def fenced(text: str, language: str = "") -> str:
    """A block of code, whose fence is longer than any in the text.

    >>> print(fenced("+ web", "diff"))
    ```diff
    + web
    ```
    <BLANKLINE>
    """
    lines = [plain(line) for line in text.split("\n")]
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(longest + 1, 3)
    return "\n".join([f"{fence}{language}", *lines, fence]) + "\n"
