r"""Docker's tables: elastic columns, and the ``--format`` of every listing.

```
NETWORK ID\tNAME\tDRIVER          NETWORK ID     NAME      DRIVER
6a9b57db7e79\tbridge\tbridge  ──▶ 6a9b57db7e79   bridge    bridge
             │
   a column is as wide as its widest cell and 3 spaces, at least 10;
   what follows the last tab of a line is never padded
```

Invariants: a cell's width is its number of characters; a column's width is shared by
neighbouring lines that have this column, so a shorter line ends a block.

Docker calls it: ``tabwriter.NewWriter(out, 10, 1, 3, ' ', 0)`` and the formatter's
``table`` formats.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from minidock.views.gotemplate import Record, Template

__all__ = ["align", "listing"]

_MINIMUM = 10
_PADDING = 3
_TABLE = "table"


def align(text: str, *, minimum: int = _MINIMUM) -> str:
    r"""The text with tabs turned into spaces so that columns stand below each other.

    O(length). A last line without a line end stays without one.

    >>> print(align("ID\tNAME\tSCOPE\n4711\ta-longer-name\tlocal"))
    ID        NAME            SCOPE
    4711      a-longer-name   local
    """
    lines = [line.split("\t") for line in text.split("\n")]
    widths: list[list[int]] = [[] for _ in lines]
    deepest = max(len(cells) for cells in lines) - 1
    for column in range(deepest):
        for first, last in _blocks(lines, column):
            block = lines[first:last]
            width = max(len(cells[column]) for cells in block) + _PADDING
            for number in range(first, last):
                widths[number].append(max(width, minimum))
    return "\n".join(map(_padded, lines, widths))


def _blocks(lines: list[list[str]], column: int) -> list[tuple[int, int]]:
    """The runs of lines in which a tab ends the cell of this column."""
    has = [False, *(len(cells) - 1 > column for cells in lines), False]
    edges = [at for at, (before, now) in enumerate(pairwise(has)) if before != now]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _padded(cells: list[str], widths: list[int]) -> str:
    *padded, last = cells
    return "".join(map(str.ljust, padded, widths)) + last


def listing(
    form: str,
    rows: Sequence[Mapping[str, object]],
    headers: Mapping[str, str],
    *,
    kind: str = "",
    json_word: bool = True,
    minimum: int = _MINIMUM,
) -> str:
    r"""What a listing command prints for ``--format form``.

    ``form`` is a template, ``table`` and a template, or ``json`` (a word that a CLI
    before 23.0 does not know: ``json_word=False`` makes it plain text). ``headers``
    names the column of each field; a row's functions are methods, such as ``.Label``;
    ``kind`` is the type that Docker's text names when
    a field does not exist. ``minimum`` is the least width of a column: 10 characters
    from 19.03 on, 20 before.

    >>> headers = {"Name": "NAME", "ID": "NETWORK ID"}
    >>> rows = [{"Name": "bridge", "ID": "6a9b57db7e79"}]
    >>> print(listing(r"table {{.ID}}\t{{.Name}}", rows, headers), end="")
    NETWORK ID     NAME
    6a9b57db7e79   bridge
    >>> listing("{{.Name}}!", rows, headers)
    'bridge!\n'
    >>> listing("json", rows, headers)
    '{"ID":"6a9b57db7e79","Name":"bridge"}\n'
    >>> listing("{{.Nam}}", rows, headers, kind="*c")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    minidock.views.gotemplate.TemplateError: ...can't evaluate field Nam in type *c
    """
    in_columns = form.startswith(_TABLE)
    pattern = form.removeprefix(_TABLE).strip(" ") if in_columns else form.strip(" ")
    if form == "json" and json_word:
        pattern = "{{json .}}"
    pattern = pattern.replace(r"\t", "\t").replace(r"\n", "\n")
    template = Template(pattern)
    lines = [template.render(_row(row, kind)) + "\n" for row in rows]
    if not in_columns:
        return "".join(lines)
    titles = Record(headers, members={**headers, "Label": _label_title})
    title = template.render(titles, header=True) + "\n"
    return align(title + "".join(lines), minimum=minimum)


def _row(row: Mapping[str, object], kind: str) -> Record:
    # `{{json .}}` goes through a Go map there, so the fields come out sorted.
    fields = {key: row[key] for key in sorted(row) if not callable(row[key])}
    return Record(fields, members=row, kind=kind, escape_html=True)


def _label_title(name: str) -> str:
    """The heading of a label's column: its last part, in words."""
    return name.rpartition(".")[2].replace("-", " ").replace("_", " ")
