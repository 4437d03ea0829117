"""An address bit by bit: which ones its prefix fixes, and which ones are the host's.

```
 172.17.0.0/16     172        17      │   0          0
                   10101100   00010001│   00000000   00000000
 172.18.0.2        172        18      │   0          2
   not in it       10101100   000100▣▣│   00000000   00000010
```

Bits of the network are dark, those of the host white, and a bit in which an address
differs from its network is yellow with a thick edge: three grounds that differ in grey.
IPv4 has its 32 bits in one row, IPv6 its 128 in four.

Invariants: every bit is drawn once; cells do not overlap; an address is in the prefix
exactly if none of its bits is marked.
"""

from collections.abc import Iterator
from typing import NamedTuple

from minidock.errors import InvalidParameter
from minidock.net.address import V4, Address
from minidock.net.prefix import Prefix
from minidock.views import pen
from minidock.views.geometry import Frame, Label, Point, Role, middled
from minidock.views.palette import AMBER, BAD, CELLS, EDGE, FRAME, TEXT, WHITE
from minidock.views.picture import Picture

__all__ = [
    "Bit",
    "BitScene",
    "Word",
    "bit_scene",
    "prefix_bits",
    "prefix_svg",
    "prefix_text",
]

_MARGIN = 24
_CELL, _HIGH = 20, 26
_GAP = 10
_ROW = 32
"""Bits in a row."""
_NETWORK = CELLS[4]


class Word(NamedTuple):
    """A number whose bits are shown, and what there is to say about it."""

    address: Address
    name: str
    note: str
    differing: int = 0
    """The bits that are not as the prefix has them, as a number."""


class Bit(NamedTuple):
    """One bit, and whose it is."""

    frame: Frame
    value: int
    fixed: bool
    """Whether the prefix fixes it: it is the network's."""
    differs: bool


class BitScene(NamedTuple):
    """The picture as data; a border stands where the host's bits begin."""

    width: int
    height: int
    title: str
    description: str
    bits: tuple[Bit, ...]
    labels: tuple[Label, ...]
    borders: tuple[tuple[Point, Point], ...]


def prefix_bits(prefix: str, *addresses: str, mask: bool = False) -> Picture:
    """The bits as text when printed, as a picture in a notebook.

    >>> print(prefix_bits("10.0.0.0/8", "10.0.0.5"))
    10.0.0.0/8: 8 bits of the network, 24 of the host
      00001010|00000000 00000000 00000000
    10.0.0.5: in it, number 5
      00001010|00000000 00000000 00000101
    """
    whole, members = Prefix.parse(prefix), tuple(map(Address.parse, addresses))
    return Picture(
        f"bits of {whole}",
        lambda: prefix_text(whole, *members, mask=mask),
        lambda: prefix_svg(whole, *members, mask=mask),
    )


def prefix_svg(prefix: Prefix, *addresses: Address, mask: bool = False) -> str:
    """The bits of a prefix, and of addresses that may be in it, as a picture.

    Args:
        prefix: its first bits are the network's.
        addresses: of the same family; each stands in a row of its own.
        mask: whether the netmask has a row, too.

    >>> picture = prefix_svg(Prefix.parse("10.0.0.0/8"), Address.parse("10.0.0.5"))
    >>> picture.splitlines()[1]
    '<title>10.0.0.0/8: 8 bits of the network, 24 of the host</title>'
    >>> prefix_svg(Prefix.parse("10.0.0.0/8"), Address.parse("::1"))
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: ::1 has no bits of 10.0.0.0/8
    """
    scene = bit_scene(prefix, *addresses, mask=mask)
    return pen.document(
        (scene.width, scene.height),
        _drawn(scene),
        title=scene.title,
        description=scene.description,
        kind="minidock bits",
    )


def prefix_text(prefix: Prefix, *addresses: Address, mask: bool = False) -> str:
    """The same for a terminal: ``|`` before the host's bits, ``^`` below what differs.

    >>> print(prefix_text(Prefix.parse("10.0.0.0/8"), Address.parse("11.0.0.5")))
    10.0.0.0/8: 8 bits of the network, 24 of the host
      00001010|00000000 00000000 00000000
    11.0.0.5: not in it, 1 bit differs
      00001011|00000000 00000000 00000101
             ^
    """
    lines: list[str] = []
    for word in _words(prefix, addresses, mask=mask):
        lines.append(f"{word.name}: {word.note}")
        lines += _rows(prefix, word)
    return "\n".join(lines)


def _rows(prefix: Prefix, word: Word) -> Iterator[str]:
    """The bits in rows; below each what differs in it."""
    group = _group(prefix)
    values = list(enumerate(_values(prefix, word)))
    for start in range(0, prefix.bits, _ROW):
        said, below = " ", " "
        for number, (value, differs) in values[start : start + _ROW]:
            border = number == prefix.length and number
            space = "|" if border else " " if number % group == 0 else ""
            said += f"{space}{value}"
            below += " " * len(space) + ("^" if differs else " ")
        yield said
        if below.strip():
            yield below.rstrip()


# --- numbers --------------------------------------------------------------------------


def _words(prefix: Prefix, addresses: tuple[Address, ...], *, mask: bool) -> list[Word]:
    host = prefix.bits - prefix.length
    bits = "bit" if prefix.length == 1 else "bits"
    note = f"{prefix.length} {bits} of the network, {host} of the host"
    words = [Word(prefix.first, str(prefix), note)]
    if mask:
        said = "the mask, 1 for each bit of the network"
        words.append(Word(prefix.netmask, str(prefix.netmask), said))
    return words + [_word(prefix, address) for address in addresses]


def _word(prefix: Prefix, address: Address) -> Word:
    if address.family != prefix.family:
        raise InvalidParameter(
            f"{address} has no bits of {prefix}",
            asked=f"compare the bits of {address} with {prefix}",
            rule="IPv4 addresses have 32 bits, IPv6 addresses 128",
            remedy="an address of the prefix's family",
        )
    host = prefix.bits - prefix.length
    differing = (address.value ^ prefix.network) >> host << host
    count = differing.bit_count()
    if count:
        note = f"not in it, {count} {'bit differs' if count == 1 else 'bits differ'}"
    else:
        number = address - prefix.first
        # A larger one nobody can read; its digits are those of the address.
        note = "in it" if number >> 32 else f"in it, number {number:,}"
    return Word(address, str(address), note, differing)


def _values(prefix: Prefix, word: Word) -> Iterator[tuple[int, bool]]:
    """Each bit from the first to the last, and whether it differs."""
    for place in range(prefix.bits - 1, -1, -1):
        yield word.address.value >> place & 1, bool(word.differing >> place & 1)


def _group(prefix: Prefix) -> int:
    """How many bits are written as one number: an octet, or four hexadecimal digits."""
    return 8 if prefix.family == V4 else 16


# --- places ---------------------------------------------------------------------------


def bit_scene(prefix: Prefix, *addresses: Address, mask: bool = False) -> BitScene:
    """Where everything stands; O(bits)."""
    words = _words(prefix, addresses, mask=mask)
    names = [Label(word.name, Point(0, 0), Role.CODE).width for word in words]
    notes = [Label(word.note, Point(0, 0), Role.NOTE).width for word in words[1:]]
    left = _MARGIN + max([*names, *notes]) + 20
    bits: list[Bit] = []
    labels = list(_heading(prefix, words[0]))
    borders: list[tuple[Point, Point]] = []
    y = 66
    for number, word in enumerate(words):
        labels.append(Label(word.name, Point(_MARGIN, y + 30), Role.CODE))
        if number:
            labels.append(Label(word.note, Point(_MARGIN, y + 46), Role.NOTE))
        for at, (value, differs) in enumerate(_values(prefix, word)):
            frame = _frame(prefix, at, Point(left, y + 16))
            bits.append(Bit(frame, value, at < prefix.length, differs))
            if at == prefix.length and at:
                borders.append(_border(prefix, frame, at))
            if at % _group(prefix) == 0:
                labels.append(_number(prefix, word, at, frame))
        y = bits[-1].frame.bottom + 18
    width = max(bit.frame.right for bit in bits) + _MARGIN
    labels += _legend(Point(left, y + 6), any(bit.differs for bit in bits))
    ends = [label.left + label.width for label in labels]
    said = (f"{word.name}: {word.note}." for word in words)
    return BitScene(
        width=max(width, *(end + _MARGIN for end in ends)),
        height=y + 30,
        title=f"{prefix}: {words[0].note}",
        description=" ".join(said),
        bits=tuple(bits),
        labels=tuple(labels),
        borders=tuple(borders),
    )


def _heading(prefix: Prefix, first: Word) -> Iterator[Label]:
    yield Label(str(prefix), Point(_MARGIN, 34), Role.TITLE)
    count = f"{prefix.size:,} address{'' if prefix.size == 1 else 'es'}"
    span = f"{prefix.first} to {prefix.last}"
    yield Label(f"{first.note}: {count}, {span}", Point(_MARGIN, 54), Role.NOTE)


def _frame(prefix: Prefix, at: int, corner: Point) -> Frame:
    """Where a bit stands, counted from the first one of its number."""
    row, column = divmod(at, _ROW)
    x = corner.x + column * _CELL + column // _group(prefix) * _GAP
    return Frame(x, corner.y + row * (_HIGH + 24), _CELL - 1, _HIGH)


def _border(prefix: Prefix, frame: Frame, at: int) -> tuple[Point, Point]:
    apart = _GAP if at % _group(prefix) == 0 else 0
    x = frame.x - 1 - apart // 2
    return Point(x, frame.y - 8), Point(x, frame.bottom + 8)


def _number(prefix: Prefix, word: Word, at: int, frame: Frame) -> Label:
    """The octet, or the four digits, above its bits."""
    group = _group(prefix)
    value = word.address.value >> (prefix.bits - at - group) & (1 << group) - 1
    text = str(value) if prefix.family == V4 else f"{value:x}"
    above = Frame(frame.x, frame.y - 18, group * _CELL, 16)
    return middled(text, above, Role.CHIP)


def _legend(at: Point, differs: bool) -> Iterator[Label]:
    said = "dark: the network's bits; white: the host's"
    said += "; yellow: not as the prefix says" if differs else ""
    yield Label(said, Point(at.x, at.y + 4), Role.NOTE)


# --- drawing --------------------------------------------------------------------------


def _drawn(scene: BitScene) -> Iterator[str]:
    for bit in scene.bits:
        fill, ink = (
            (AMBER, TEXT)
            if bit.differs
            else (_NETWORK.paper, _NETWORK.line)
            if bit.fixed
            else (WHITE, TEXT)
        )
        edge, width = (EDGE, 3) if bit.differs else (FRAME, 1)
        kind = "differs" if bit.differs else "network" if bit.fixed else "host"
        yield pen.group(
            pen.box(bit.frame, fill, edge, width=width),
            pen.words(middled(str(bit.value), bit.frame, Role.CHIP), ink),
            class_=f"bit {kind}",
        )
    for border in scene.borders:
        yield pen.polyline(border, BAD, 3)
    yield from map(pen.words, scene.labels)
