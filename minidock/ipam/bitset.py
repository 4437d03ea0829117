"""A set of numbers as bits: which addresses of a subnet are taken.

Taken addresses are a set of numbers from 0 (the network's own) to the size of the
subnet, and a set of small numbers is a row of bits. Everybody's first idea is to keep
that row in **one big number**, and for a /24 it is a good one:

```
taken .0 .1 .2 .5        bits 0b100111       lowest free: bits ^ (bits + 1) ends in
                                             as many ones as there are taken + 1
```

Why it fails: a Python number never changes, so setting one bit copies them all. In a
/16 every address costs a copy of 8 kB (fifty times the time of a /24), in a /8 one of 2
MB, and no machine holds an IPv6 /64. Docker fails in another way: its bit map is a
linked list of (32 bits, how many times), walked from its head at every step, short
while the pool is empty or full and 2,048 nodes long once a busy /16 has holes at random
places.

Here the row is cut up, and a change copies only the way to its bit:

```
number  172.17.9.5 in 172.17.0.0/16 = 0x0905
        ┌──────────────────┬─────────┐
        │       leaf       │   bit   │
        ├─────────┬────────┤         │
        │ place 0 │ index 1│  0x105  │
        └────┬────┴────┬───┴────┬────┘
             │         │        └ 2,048 bits, a number: copying 256 bytes is cheap
             │         └───────── 32 leaves share a row of marks: which are full?
             └─────────────────── the shard, a dict {leaf: bits, ~place: marks}
```

Leaves without a member and rows of marks without a mark are left out. A pool of up to
65,536 addresses is one shard; a larger one has 509 of them, picked by the place, so a
/8 or a /64 costs only what is used in it. The places that are full are a
:class:`~minidock.ipam.runs.Runs`. So the search for a free bit never walks over full
leaves: it looks at one leaf, one row of marks and one list of runs, which is why the
cost stays flat however the holes lie. (It does grow with the leaves in a shard: slowly,
and only after tens of thousands of leaves are in use.)

Invariants, which :meth:`BitSet.invariants` checks by name:

* ``no-empty-leaf``: nothing is kept for nothing, so equal sets have equal parts;
* ``marks``: the marks name exactly the full leaves;
* ``full-places``: the runs list exactly the places of a large set that are all full;
* ``at-home``: each leaf lies in the shard that its place says.

Docker calls it ``bitseq`` (to 20.10) or ``bitmap`` (moby, ``libnetwork/bitmap``); there
bit 0 is the most significant one of the first block, here the least significant.
"""
# ruff: noqa: SLF001  # values of this wing read each other's slots: a property costs 5x

from collections.abc import Iterator
from typing import TypeAlias

from minidock.ipam.runs import Runs

__all__ = ["BitSet"]

_LEAF_BITS = 11
_LEAF = 1 << _LEAF_BITS  # numbers in a leaf
_BIT = _LEAF - 1
_FULL_LEAF = (1 << _LEAF) - 1
_PLACE_BITS = 5  # leaves in a place, so that it stands for 2**16 numbers
_INDEX = (1 << _PLACE_BITS) - 1
_FULL_PLACE = (1 << (1 << _PLACE_BITS)) - 1
_SHARDS = 509  # a prime, so that members at regular distances spread over them

_Shard: TypeAlias = dict[int, int]
_Tree: TypeAlias = tuple[tuple[tuple[_Shard, ...], ...], ...]  # 8 x 8 x 8 shards

_NO_TREE: _Tree = ()
_EMPTY_TREE: _Tree = ((({},) * 8,) * 8,) * 8
_NO_SHARD: _Shard = {}
_NOTHING_FULL = Runs()

_new = object.__new__


class BitSet:
    """A frozen set of the numbers from 0 to ``size`` (excluded).

    No shard is ever changed once its set exists.

    >>> taken = BitSet(256).including(0).including(1).including(5)
    >>> list(taken), taken.next_absent(0), taken.next_absent(5)
    ([0, 1, 5], 2, 6)
    >>> taken.excluding(5) == BitSet(256).including(1).including(0)
    True
    >>> taken.excluding(7)
    Traceback (most recent call last):
    ...
    KeyError: 7
    """

    __slots__ = ("_full", "_shard", "_tree")

    _shard: _Shard  # all of a small set
    _tree: _Tree  # the shards of a large one; of a small one none
    _full: Runs  # the places of a large one whose every number is a member

    def __init__(self, size: int) -> None:
        small = size <= 1 << _LEAF_BITS + _PLACE_BITS
        self._shard = _NO_SHARD
        self._tree = _NO_TREE if small else _EMPTY_TREE
        self._full = _NOTHING_FULL

    def _home(self, leaf: int) -> _Shard:
        """The shard that a leaf lies in, or would; spelled out where speed counts."""
        tree = self._tree
        if not tree:
            return self._shard
        slot = (leaf >> _PLACE_BITS) % _SHARDS
        return tree[slot >> 6][slot >> 3 & 7][slot & 7]

    def __contains__(self, number: int) -> bool:
        leaf = number >> _LEAF_BITS
        return self._home(leaf).get(leaf, 0) >> (number & _BIT) & 1 == 1

    def __iter__(self) -> Iterator[int]:
        for leaf, bits in self._leaves():
            yield from _members(bits, leaf << _LEAF_BITS)

    def __len__(self) -> int:
        return sum(bits.bit_count() for _, bits in self._leaves())

    def _leaves(self) -> list[tuple[int, int]]:
        """The leaves that have a member, in order."""
        items = (item for shard in self._shards() for item in shard.items())
        return sorted((leaf, bits) for leaf, bits in items if leaf >= 0)

    def _shards(self) -> Iterator[_Shard]:
        yield self._shard
        for rows in self._tree:
            for row in rows:
                yield from row

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BitSet):
            return NotImplemented
        return self._shard == other._shard and self._tree == other._tree

    def __hash__(self) -> int:
        return hash(tuple(self._leaves()))

    def __repr__(self) -> str:
        return f"<BitSet of {len(self)}>"

    def next_absent(self, number: int) -> int:
        """The lowest number not below this one that is no member; O(log n), flat.

        The answer may lie beyond the set's size: the caller knows where to stop.
        """
        return self._room(number)[0]

    def including_next(self, low: int, high: int) -> tuple["BitSet", int]:
        """The set with the lowest absent number from ``low`` to ``high``, and it.

        If there is none, the set itself and a number above ``high``.

        >>> taken, number = BitSet(16).including(1).including_next(1, 14)
        >>> list(taken), number
        ([1, 2], 2)
        >>> taken.including_next(1, 2)[1]
        3
        """
        number, before, shard = self._room(low)
        if number > high:
            return self, number
        bits = before | 1 << (number & _BIT)
        leaf = number >> _LEAF_BITS
        return self._with_leaf(leaf, bits, shard, bits == _FULL_LEAF), number

    def _room(self, number: int) -> tuple[int, int, _Shard]:
        """The next absent number, its leaf, and the shard that this lies in."""
        leaf = number >> _LEAF_BITS
        tree = self._tree
        slot = (leaf >> _PLACE_BITS) % _SHARDS
        shard = tree[slot >> 6][slot >> 3 & 7][slot & 7] if tree else self._shard
        bits = shard.get(leaf, 0)
        if bits != _FULL_LEAF:
            later = bits >> (number & _BIT)
            # x ^ (x + 1) is as many ones as x has at its end, and one more.
            free = number + (later ^ (later + 1)).bit_length() - 1
            if free >> _LEAF_BITS == leaf:
                return free, bits, shard
        leaf = self._next_not_full(leaf, shard)
        shard = self._home(leaf)
        bits = shard.get(leaf, 0)
        free = (leaf << _LEAF_BITS) + (bits ^ (bits + 1)).bit_length() - 1
        return free, bits, shard

    def _next_not_full(self, leaf: int, shard: _Shard) -> int:
        """The lowest leaf above this one that has room; it lies in this shard."""
        place = leaf >> _PLACE_BITS
        index = leaf & _INDEX
        later = shard.get(~place, 0) >> index + 1
        index += (later ^ (later + 1)).bit_length()
        if index <= _INDEX:
            return (place << _PLACE_BITS) + index
        place = self._full.next_absent(place + 1)
        marks = self._home(place << _PLACE_BITS).get(~place, 0)
        index = (marks ^ (marks + 1)).bit_length() - 1
        return (place << _PLACE_BITS) + index

    def including(self, number: int) -> "BitSet":
        """The set with this number, KeyError if it is a member already; flat.

        Costs the copy of one leaf and one shard.
        """
        leaf = number >> _LEAF_BITS
        tree = self._tree
        slot = (leaf >> _PLACE_BITS) % _SHARDS
        shard = tree[slot >> 6][slot >> 3 & 7][slot & 7] if tree else self._shard
        before = shard.get(leaf, 0)
        bits = before ^ 1 << (number & _BIT)
        if bits < before:
            raise KeyError(number)
        return self._with_leaf(leaf, bits, shard, bits == _FULL_LEAF)

    def excluding(self, number: int) -> "BitSet":
        """The set without this number, KeyError if it is no member; flat."""
        leaf = number >> _LEAF_BITS
        tree = self._tree
        slot = (leaf >> _PLACE_BITS) % _SHARDS
        shard = tree[slot >> 6][slot >> 3 & 7][slot & 7] if tree else self._shard
        before = shard.get(leaf, 0)
        bits = before ^ 1 << (number & _BIT)
        if bits > before:
            raise KeyError(number)
        return self._with_leaf(leaf, bits, shard, before == _FULL_LEAF)

    def including_lowest(
        self, count: int, low: int, high: int
    ) -> tuple["BitSet", list[int]]:
        """The set with the lowest ``count`` absent numbers from ``low`` to ``high``.

        Fewer than ``count`` if there are no more. Much cheaper than one by one: each
        leaf is copied once.

        >>> taken, numbers = BitSet(16).including(2).including_lowest(3, 1, 14)
        >>> numbers, list(taken)
        ([1, 3, 4], [1, 2, 3, 4])
        """
        found: list[int] = []
        grown = self
        while len(found) < count and (low := grown.next_absent(low)) <= high:
            leaf = low >> _LEAF_BITS
            start = leaf << _LEAF_BITS
            shard = grown._home(leaf)
            before = shard.get(leaf, 0)
            upto = (1 << min(high - start + 1, _LEAF)) - 1
            absent = ~before & upto & -1 << (low - start)
            numbers = _members(absent, start)[: count - len(found)]
            bits = before | absent & (1 << numbers[-1] - start + 1) - 1
            grown = grown._with_leaf(leaf, bits, shard, bits == _FULL_LEAF)
            found += numbers
            low = start + _LEAF
        return grown, found

    def _with_leaf(self, leaf: int, bits: int, shard: _Shard, flips: bool) -> "BitSet":
        """The set with other bits in a leaf of this shard.

        ``flips`` says whether the leaf becomes full by it, or ceases to be.
        """
        shard = shard.copy()
        if bits:
            shard[leaf] = bits
        else:
            del shard[leaf]
        new = _new(BitSet)
        new._full = self._flipped(leaf, shard) if flips else self._full
        tree = self._tree
        if not tree:
            new._shard = shard
            new._tree = tree
            return new
        new._shard = _NO_SHARD
        slot = (leaf >> _PLACE_BITS) % _SHARDS
        high, middle = slot >> 6, slot >> 3 & 7
        top = [*tree]
        rows = [*top[high]]
        row = [*rows[middle]]
        row[slot & 7] = shard
        rows[middle] = tuple(row)
        top[high] = tuple(rows)
        new._tree = tuple(top)
        return new

    def _flipped(self, leaf: int, shard: _Shard) -> Runs:
        """Flips the mark of a leaf in a shard not yet published; the full places."""
        place = leaf >> _PLACE_BITS
        before = shard.get(~place, 0)
        marks = before ^ 1 << (leaf & _INDEX)
        if marks:
            shard[~place] = marks
        else:
            del shard[~place]
        if not self._tree:
            return self._full
        if marks == _FULL_PLACE:
            return self._full.including(place, place + 1)
        if before == _FULL_PLACE:
            return self._full.excluding(place, place + 1)
        return self._full

    def invariants(self) -> list[str]:
        """The names of the invariants that do not hold; O(n)."""
        leaves = self._leaves()
        marks: dict[int, int] = {}
        for leaf, bits in leaves:
            if bits == _FULL_LEAF:
                place = leaf >> _PLACE_BITS
                marks[~place] = marks.get(~place, 0) | 1 << (leaf & _INDEX)
        kept = [item for shard in self._shards() for item in shard.items()]
        full = {~key for key, mark in marks.items() if mark == _FULL_PLACE}
        listed = {place for run in self._full for place in range(*run)}
        checks = {
            "no-empty-leaf": all(0 < bits <= _FULL_LEAF for _, bits in kept),
            "marks": marks == {key: mark for key, mark in kept if key < 0},
            "full-places": listed == (full if self._tree else set())
            and not self._full.invariants(),
            "at-home": all(leaf in self._home(leaf) for leaf, _ in leaves),
        }
        return [name for name, holds in checks.items() if not holds]


def _members(bits: int, start: int) -> list[int]:
    """The places of the ones in a row of bits, counted from ``start``."""
    if not bits:
        return []
    return [start + at for at, digit in enumerate(f"{bits:b}"[::-1]) if digit == "1"]
