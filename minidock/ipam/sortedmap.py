"""A map from whole numbers to values, in order, that never changes.

Setting a key gives a new map. To keep that copy small the entries are cut into
*chunks*, and a change copies one chunk and the tuple of chunks; all the rest is shared:

```
separators  (-1,                   40,              97)
               │                    │                │
chunks      ((3, 8, 21), (..))  ((40, 56), (..))  ((97, 120, 300), (..))   keys, values
```

The chunk of a key is the last one whose separator is not above it.

Cost: finding is O(log n), changing O(sqrt n) with a tiny factor.

Invariants, which :meth:`SortedMap.invariants` checks by name:

* ``ascending``: keys ascend strictly;
* ``paired``: a chunk has as many values as keys;
* ``separated``: each chunk's keys lie between its separator and the next.

Docker has a sorted list of subnets in this place, inserted into by moving the rest
(moby, ``libnetwork/ipams/defaultipam``).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import chain
from typing import Generic, TypeAlias, TypeVar

__all__ = ["SortedMap"]

V = TypeVar("V")
_Chunk: TypeAlias = tuple[tuple[int, ...], tuple[V, ...]]

_CHUNK = 256  # entries in a chunk before it is cut in two

_new = object.__new__


class SortedMap(Generic[V]):
    """A frozen map whose keys are whole numbers from 0 up, in ascending order.

    >>> words = SortedMap().set(30, "thirty").set(7, "seven")
    >>> words, words.get(30), words.get(31)
    (SortedMap((7, 'seven'), (30, 'thirty')), 'thirty', None)
    >>> words.delete(7)
    SortedMap((30, 'thirty'))
    >>> words.delete(8)
    Traceback (most recent call last):
    ...
    KeyError: 8
    """

    __slots__ = ("_chunks", "_separators")

    _separators: tuple[int, ...]
    _chunks: tuple[_Chunk[V], ...]

    def __init__(self) -> None:
        self._separators = (-1,)
        self._chunks = (((), ()),)

    def __len__(self) -> int:
        return sum(len(keys) for keys, _ in self._chunks)

    def __iter__(self) -> Iterator[tuple[int, V]]:
        for keys, values in self._chunks:
            yield from zip(keys, values, strict=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SortedMap):
            return NotImplemented
        return self._chunks == other._chunks or tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"SortedMap({', '.join(map(str, self))})"

    def get(self, key: int) -> V | None:
        """The value of this key, None if it is not there; O(log n)."""
        keys, values = self._chunks[bisect_right(self._separators, key) - 1]
        index = bisect_left(keys, key)
        found = index < len(keys) and keys[index] == key
        return values[index] if found else None

    def at_or_above(self, key: int) -> Iterator[tuple[int, V]]:
        """The entries from this key upwards, in order; O(log n) to the first.

        >>> list(SortedMap().set(3, "a").set(9, "b").at_or_above(4))
        [(9, 'b')]
        """
        place = bisect_right(self._separators, key)
        keys, values = self._chunks[place - 1]
        index = bisect_left(keys, key)
        yield from zip(keys[index:], values[index:], strict=True)
        for keys, values in self._chunks[place:]:
            yield from zip(keys, values, strict=True)

    def at_or_below(self, key: int) -> tuple[int, V] | None:
        """The entry with the highest key not above this one, if any; O(log n).

        >>> SortedMap().set(3, "a").set(9, "b").at_or_below(8)
        (3, 'a')
        """
        place = bisect_right(self._separators, key)
        # A chunk may have lost its lowest keys; but none is empty, save a lone one.
        for keys, values in self._chunks[max(place - 2, 0) : place][::-1]:
            index = bisect_right(keys, key)
            if index:
                return keys[index - 1], values[index - 1]
        return None

    def set(self, key: int, value: V) -> "SortedMap[V]":
        """The map with this entry added or replaced; O(sqrt n)."""
        place = bisect_right(self._separators, key) - 1
        keys, values = self._chunks[place]
        index = bisect_left(keys, key)
        there = index < len(keys) and keys[index] == key
        if not there:
            keys = (*keys[:index], key, *keys[index:])
        values = (*values[:index], value, *values[index + there :])
        if len(keys) <= _CHUNK:
            return self._with(place, ((keys, values),), self._separators)
        # Keys that come in ascending order fill their chunks to the brim.
        half = len(keys) - 1 if index == len(keys) - 1 else len(keys) // 2
        before, after = self._separators[: place + 1], self._separators[place + 1 :]
        halves = (keys[:half], values[:half]), (keys[half:], values[half:])
        return self._with(place, halves, (*before, keys[half], *after))

    def delete(self, key: int) -> "SortedMap[V]":
        """The map without this key, KeyError if it is not there; O(sqrt n)."""
        place = bisect_right(self._separators, key) - 1
        keys, values = self._chunks[place]
        index = bisect_left(keys, key)
        if index == len(keys) or keys[index] != key:
            raise KeyError(key)
        keys = keys[:index] + keys[index + 1 :]
        values = values[:index] + values[index + 1 :]
        if keys or len(self._chunks) == 1:
            return self._with(place, ((keys, values),), self._separators)
        # An empty chunk goes; the span of a neighbour grows over its place.
        gone = max(place, 1)
        separators = self._separators[:gone] + self._separators[gone + 1 :]
        return self._with(place, (), separators)

    def _with(
        self, place: int, chunks: tuple[_Chunk[V], ...], separators: tuple[int, ...]
    ) -> "SortedMap[V]":
        """The map with these chunks in the place of one."""
        new: SortedMap[V] = _new(SortedMap)
        new._separators = separators
        new._chunks = self._chunks[:place] + chunks + self._chunks[place + 1 :]
        return new

    def invariants(self) -> list[str]:
        """The names of the invariants that do not hold; O(n)."""
        ordered = list(chain.from_iterable(keys for keys, _ in self._chunks))
        spans = zip(self._separators, (*self._separators[1:], None), strict=True)
        checks = {
            "ascending": ordered == sorted(set(ordered)),
            "paired": all(len(keys) == len(values) for keys, values in self._chunks),
            "separated": all(
                low <= key and (high is None or key < high)
                for (low, high), (keys, _) in zip(spans, self._chunks, strict=True)
                for key in keys
            ),
        }
        return [name for name, holds in checks.items() if not holds]
