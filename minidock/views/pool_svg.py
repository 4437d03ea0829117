"""A pool as a bitmap: one cell for each address, or for each block of them.

```
 app: 172.28.0.0/29               up to 32 addresses: each with its name
 5 of 6 addresses are held         up to 256: each with its last number
 ┌────┬────┬────┬────┬─            more: 256 blocks, each with how many are held,
 │.0  │.1  │.2  │.3  │             and one block opened
 └────┴────┴────┴────┴─
 172.28.0.1  docker0  ...          who holds what, as text
```

Kinds of cells differ in brightness and in their marks (a cross, a corner, dashes), so
they can be told apart in grey; every cell says by a title what it is.

Invariants: cells neither overlap nor stand outside; every text fits; every address is
in exactly one cell of the map.
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from minidock.ipam.pool import Pool
from minidock.net.address import V4, Address
from minidock.net.prefix import Prefix
from minidock.views import pen
from minidock.views.geometry import Frame, Label, Point, Role, fitted, middled
from minidock.views.palette import AMBER, CELLS, FRAME, SOFT, Ink
from minidock.views.pool_map import Block, PoolMap, Use, blocks

__all__ = ["Cell", "PoolScene", "pool_scene", "pool_svg"]

_MARGIN = 24
_TITLE = 34
_GAP = 26
_LISTED = 32
"""So many owners are listed below the map; of more it says how many there are."""
_LIST_WIDTH = 300
_MOST = 256
_NAMED = 32
_OPENED = 6
"""2**6 addresses of a large pool are opened."""
_SHORT = {Use.FREE: "", Use.ON_REQUEST: "on request"}
_INKS = dict(zip(Use, CELLS, strict=True))


class Cell(NamedTuple):
    """An address or a block of them; ``part`` of it, from 0 to 1, is held."""

    frame: Frame
    use: Use
    labels: tuple[Label, ...]
    title: str
    first: str
    part: float | None = None
    """None for a single address."""


class PoolScene(NamedTuple):
    """The picture as data: the map, the cells of an opened block, and the texts."""

    width: int
    height: int
    title: str
    description: str
    cells: tuple[Cell, ...]
    opened: tuple[Cell, ...]
    labels: tuple[Label, ...]
    legend: tuple[Cell, ...]


class _Grid(NamedTuple):
    """Cells in rows, from a point; each row has a text before it."""

    cells: tuple[Cell, ...]
    labels: tuple[Label, ...]
    right: int
    bottom: int


def pool_svg(pool: Pool | PoolMap) -> str:
    """The bitmap of a pool as a self-contained picture; O(what is held).

    >>> from minidock.net.prefix import Prefix
    >>> small = Pool.open(Prefix.parse("10.5.0.0/29")).allocate()[0]
    >>> pool_svg(small).splitlines()[1]
    '<title>10.5.0.0/29: 1 of 6 addresses is held; next: 10.5.0.2</title>'
    """
    scene = pool_scene(pool)
    return pen.document(
        (scene.width, scene.height),
        _drawn(scene),
        title=scene.title,
        description=scene.description,
        kind="minidock pool",
    )


def pool_scene(pool: Pool | PoolMap) -> PoolScene:
    """Where everything stands; O(what is held)."""
    shown = pool if isinstance(pool, PoolMap) else PoolMap(pool)
    subnet = shown.pool.subnet
    at = Point(_MARGIN, _TITLE + 44)
    notes: tuple[tuple[str, Point, Role], ...] = ()
    if subnet.size <= _MOST:
        grid, opened = _addresses(shown, subnet, at), None
    else:
        at = Point(at.x, at.y + 18)
        grid, part = _blocks(shown, at), _interesting(shown)
        note = Point(_MARGIN, grid.bottom + _GAP + 4)
        left = grid.cells[0].frame.x
        opened = _addresses(shown, part, Point(_MARGIN, note.y + 12), left)
        notes = (
            (f"{part.first} to {part.last}, opened: a cell for each", note, Role.NAME),
            (_scale(subnet), Point(_MARGIN, _TITLE + 42), Role.NOTE),
        )
    bottom = opened.bottom if opened else grid.bottom
    right = max(grid.right, opened.right if opened else 0, 560)
    uses = [cell.use for cell in (*grid.cells, *(opened.cells if opened else ()))]
    legend = tuple(_legend(uses, Point(_MARGIN, bottom + _GAP), right))
    bottom = legend[-1].frame.bottom + _GAP
    room = right - _MARGIN
    labels = [
        fitted(shown.title, Point(_MARGIN, _TITLE), Role.TITLE, room),
        fitted(shown.summary, Point(_MARGIN, _TITLE + 22), Role.BODY, room),
        *(fitted(text, point, role, room) for text, point, role in notes),
        *grid.labels,
        *(opened.labels if opened else ()),
        *_owners(shown, Frame(_MARGIN, bottom, room, 0)),
    ]
    bottom = max(label.at.y for label in (*labels, *legend[-1].labels))
    return PoolScene(
        width=right + _MARGIN,
        height=bottom + _MARGIN,
        title=f"{shown.title}: {shown.summary}",
        description=_spoken(shown),
        cells=grid.cells,
        opened=opened.cells if opened else (),
        labels=tuple(labels),
        legend=legend,
    )


def _scale(subnet: Prefix) -> str:
    each = subnet.size // _MOST
    return f"A cell is a block of {each:,} addresses; its number says how many are held"


def _spoken(shown: PoolMap) -> str:
    """What a screen reader says: what is reserved, and who holds what."""
    subnet = shown.pool.subnet
    said = [f"Addresses {subnet.first} to {subnet.last}. {shown.summary}."]
    both = dict.fromkeys((subnet.first, subnet.last))
    ends = [end for end in both if shown.use(end) is Use.RESERVED]
    if ends:
        said.append(f"Reserved: {', '.join(map(str, ends))}.")
    for address, (use, who) in islice(shown.held(), _MOST):
        said.append(f"{address}: {use}{', ' if who else ''}{who}.")
    rest = shown.pool.taken - _MOST
    said += [f"And {rest:,} more."] if rest > 0 else []
    return " ".join(said)


# --- grids ----------------------------------------------------------------------------


def _addresses(shown: PoolMap, part: Prefix, at: Point, left: int = 0) -> _Grid:
    """A cell for each address of the subnet, or of a part of it."""
    if part.size <= _NAMED:
        return _laid(list(_named(shown, part)), at, (8, 118, 46))
    return _laid(list(_numbered(shown, part)), at, (16, 40, 26), left)


def _named(shown: PoolMap, part: Prefix) -> Iterator[Cell]:
    for address in part.addresses():
        use = shown.use(address)
        said = shown.who(address) or _SHORT.get(use, use.value)
        yield _cell(shown, address, (str(address), said))


def _numbered(shown: PoolMap, part: Prefix) -> Iterator[Cell]:
    for address in part.addresses():
        last = address.value & 0xFF
        text = str(last) if address.family == V4 else f"{address.value & 0xFFFF:x}"
        yield _cell(shown, address, (text,))


def _cell(shown: PoolMap, address: Address, texts: tuple[str, ...]) -> Cell:
    use, who = shown.use(address), shown.who(address)
    title = f"{address}: {use}{', ' if who else ''}{who}"
    labels = tuple(Label(text, Point(0, 0), Role.CHIP) for text in texts)
    return Cell(Frame(0, 0, 0, 0), use, labels, title, str(address))


def _blocks(shown: PoolMap, at: Point) -> _Grid:
    found = [_block(block) for block in blocks(shown, _MOST)]
    return _laid(found, at, (16, 40, 26))


def _block(block: Block) -> Cell:
    last = block.first + (block.size - 1)
    title = f"{block.first} to {last}: {block.held:,} held"
    text = "" if not block.held else str(block.held)
    labels = (Label(text, Point(0, 0), Role.CHIP),)
    part = block.held / block.size
    use = Use.TAKEN if block.held == block.size else Use.FREE
    return Cell(Frame(0, 0, 0, 0), use, labels, title, str(block.first), part)


def _interesting(shown: PoolMap) -> Prefix:
    """The addresses that are opened: those around the first that is held."""
    subnet = shown.pool.subnet
    first = next(iter(shown.pool), subnet.first)
    return Prefix.of(first, max(subnet.length, subnet.bits - _OPENED))


def _laid(
    cells: list[Cell], at: Point, form: tuple[int, int, int], left: int = 0
) -> _Grid:
    """Cells in rows of so many columns, each so wide and high.

    Rows of many cells begin with the first address, and so at ``left`` or behind it.
    """
    columns, width, height = form
    firsts = [cell.first for cell in cells[::columns]] if columns > 8 else []
    ends = [at.x + Label(first, at, Role.CHIP).width + 10 for first in firsts]
    left = max([left, at.x, *ends])
    placed = []
    for number, cell in enumerate(cells):
        row, column = divmod(number, columns)
        x, y = left + column * width, at.y + row * height
        placed.append(_placed(cell, Frame(x, y, width - 2, height - 2)))
    labels = tuple(
        Label(first, Point(left - 10, at.y + row * height + 16), Role.CHIP, ends=True)
        for row, first in enumerate(firsts)
    )
    right = max(cell.frame.right for cell in placed)
    return _Grid(tuple(placed), labels, right, placed[-1].frame.bottom)


def _placed(cell: Cell, frame: Frame) -> Cell:
    """The cell in its place, its texts below one another in its middle."""
    said = [label for label in cell.labels if label.text]
    each = frame.height // max(len(said), 1)
    labels = tuple(
        middled(
            label.text,
            Frame(frame.x + 2, frame.y + number * each, frame.width - 4, each),
            label.role,
        )
        for number, label in enumerate(said)
    )
    return cell._replace(frame=frame, labels=labels)


# --- below ----------------------------------------------------------------------------


def _legend(uses: list[Use], at: Point, right: int) -> Iterator[Cell]:
    x, y = at.x, at.y
    for use in Use:
        if use in uses or use in {Use.FREE, Use.TAKEN}:
            label = Label(use.value, Point(x + 34, y + 13), Role.NOTE)
            if label.left + label.width > right and x > at.x:
                x, y = at.x, y + 26
                label = label._replace(at=Point(x + 34, y + 13))
            yield Cell(Frame(x, y, 26, 18), use, (label,), use.value, "")
            x = label.left + label.width + 22


def _owners(shown: PoolMap, frame: Frame) -> Iterator[Label]:
    """Who holds what, in columns; of many only the first."""
    columns = max(frame.width // _LIST_WIDTH, 1)
    each = frame.width // columns
    held = list(islice(shown.held(), _LISTED))
    rows = -(-len(held) // columns)
    for number, (address, (use, who)) in enumerate(held):
        column, row = divmod(number, rows)
        at = Point(frame.x + column * each, frame.y + 18 + row * 18)
        said = f"{address} {who}" if use is Use.TAKEN and who else ""
        said = said or f"{address} {use}{': ' if who else ''}{who}"
        yield fitted(said, at, Role.CHIP, each - 12)
    rest = shown.pool.taken - len(held)
    if rest > 0:
        at = Point(frame.x, frame.y + 18 + rows * 18)
        yield Label(f"and {rest:,} more", at, Role.NOTE)


# --- drawing --------------------------------------------------------------------------


def _drawn(scene: PoolScene) -> Iterator[str]:
    for cell in (*scene.cells, *scene.opened):
        texts = "".join(pen.words(label, _ink(cell).line) for label in cell.labels)
        yield pen.group(
            _shape(cell),
            texts,
            title=cell.title,
            class_="cell",
            data_address=cell.first,
            data_use=cell.use.value,
        )
    yield from (
        pen.group(_shape(item), *map(pen.words, item.labels), class_="legend")
        for item in scene.legend
    )
    for label in scene.labels:
        loud = label.role in {Role.TITLE, Role.NAME}
        yield pen.words(label, "" if loud else SOFT)


def _ink(cell: Cell) -> Ink:
    return _INKS[cell.use]


def _shape(cell: Cell) -> str:
    """The cell's ground and its mark: what is told without colours."""
    frame, ink = cell.frame, _ink(cell)
    dashes = "3 3" if cell.use is Use.ON_REQUEST else ""
    parts = [pen.box(frame, ink.paper, FRAME, width=1, round_=3, dashes=dashes)]
    x, y, right, bottom = frame.x, frame.y, frame.right, frame.bottom
    if cell.use is Use.RESERVED:
        ends = (Point(x + 2, bottom - 2), Point(x + 7, bottom - 7))
        parts.append(pen.polyline(ends, ink.line))
        ends = (Point(x + 2, bottom - 7), Point(x + 7, bottom - 2))
        parts.append(pen.polyline(ends, ink.line))
    if cell.use in {Use.GATEWAY, Use.KEPT}:
        corner = (Point(right - 9, y), Point(right, y), Point(right, y + 9))
        fill = AMBER if cell.use is Use.GATEWAY else ink.line
        parts.append(pen.polygon(corner, fill))
    if cell.part is not None and 0 < cell.part < 1:
        high = max(round((frame.height - 2) * cell.part), 2)
        parts.append(
            pen.box(Frame(x + 1, bottom - high - 1, 5, high), _INKS[Use.TAKEN].paper)
        )
    return "".join(parts)
