"""A set of numbers, kept as the places where it begins and ends.

```
members                .0 .1 .2          .5 .6                           .255
boundaries            (0,       3,      5,    7,                         255, 256)
                       begins   ends    begins ends                      begins ends
```

A number is a member when an odd number of boundaries is not above it: by then the set
has begun once more often than it has ended. Adding a stretch is: forget the boundaries
in it, then put back the outer two, where they still change anything. So a full /8 is
two numbers, and neighbours melt into one run by themselves.

A set never changes; a new one is made of the old one's parts. To keep that copy small
the boundaries are cut into *chunks*, and a change copies one chunk and the tuple of
chunks:

```
separators  (-1,            300,           9000)
               │              │              │
chunks      ((0, 3, 5, 7), (300, 301, ..), (9000, 9100, ..))
```

Best for sets of few and long runs: the subnets taken in an address space. For single
numbers scattered at random see :mod:`minidock.ipam.bitset`.

Cost, for n boundaries: finding is O(log n), changing O(sqrt n) with a tiny factor.

Invariants, which :meth:`Runs.invariants` checks by name:

* ``ascending``: boundaries ascend strictly, so two runs never touch;
* ``whole-runs``: every chunk holds an even number of them, so that odd and even can be
  told from the chunk alone;
* ``separated``: each chunk's boundaries lie between its separator and the next.

Docker keeps the subnets themselves in a list and walks it from the start (moby,
``libnetwork/ipams/defaultipam``).
"""
# ruff: noqa: SLF001  # values of this wing read each other's slots: a property costs 5x

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import chain

__all__ = ["Runs"]

_CHUNK = 256  # boundaries in a chunk before it is cut in two; a multiple of four

_new = object.__new__


class Runs:
    """A frozen set of whole numbers from 0 up, best when it consists of few runs.

    >>> taken = Runs().including(0, 3).including(5, 7)
    >>> taken
    Runs((0, 3), (5, 7))
    >>> 2 in taken, 3 in taken, taken.next_absent(0), taken.next_present(3)
    (True, False, 3, 5)
    >>> taken.including(3, 5) == Runs().including(0, 7)
    True
    """

    __slots__ = ("_chunks", "_separators")

    _separators: tuple[int, ...]
    _chunks: tuple[tuple[int, ...], ...]

    def __init__(self, runs: Iterable[tuple[int, int]] = ()) -> None:
        bounds: list[int] = []
        for begin, end in sorted(runs):
            if not bounds or begin > bounds[-1]:
                bounds += (begin, end)
            elif end > bounds[-1]:
                bounds[-1] = end
        self._chunks = _cut(tuple(bounds))
        self._separators = (-1, *(chunk[0] for chunk in self._chunks[1:]))

    def __contains__(self, number: int) -> bool:
        chunk = self._chunks[bisect_right(self._separators, number) - 1]
        return bisect_right(chunk, number) & 1 == 1

    def __iter__(self) -> Iterator[tuple[int, int]]:
        bounds = chain.from_iterable(self._chunks)
        return zip(bounds, bounds, strict=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Runs):
            return NotImplemented
        return self._chunks == other._chunks or tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Runs({', '.join(map(str, self))})"

    def next_absent(self, number: int) -> int:
        """The lowest number not below this one that is no member; O(log n).

        >>> Runs([(0, 3)]).next_absent(1)
        3
        """
        chunk = self._chunks[bisect_right(self._separators, number) - 1]
        index = bisect_right(chunk, number)
        return chunk[index] if index & 1 else number

    def next_present(self, number: int) -> int | None:
        """The lowest number not below this one that is a member; O(log n).

        >>> Runs([(5, 7)]).next_present(0), Runs([(5, 7)]).next_present(7)
        (5, None)
        """
        place = bisect_right(self._separators, number)
        chunk = self._chunks[place - 1]
        index = bisect_right(chunk, number)
        if index & 1:
            return number
        if index < len(chunk):
            return chunk[index]
        return self._chunks[place][0] if place < len(self._chunks) else None

    def touches(self, begin: int, end: int) -> bool:
        """Whether a number from ``begin`` to ``end`` (excluded) is a member; O(log n).

        >>> Runs([(5, 7)]).touches(0, 5), Runs([(5, 7)]).touches(6, 9)
        (False, True)
        """
        present = self.next_present(begin)
        return present is not None and present < end

    def including(self, begin: int, end: int) -> "Runs":
        """The set with every number from ``begin`` to ``end`` (excluded); O(sqrt n).

        >>> Runs([(0, 3), (5, 7)]).including(3, 4)
        Runs((0, 4), (5, 7))
        """
        return self._uniform(begin, end, 0)

    def excluding(self, begin: int, end: int) -> "Runs":
        """The set without any number from ``begin`` to ``end`` (excluded); O(sqrt n).

        >>> Runs([(0, 3), (5, 7)]).excluding(1, 6)
        Runs((0, 1), (6, 7))
        """
        return self._uniform(begin, end, 1)

    def _uniform(self, begin: int, end: int, parity: int) -> "Runs":
        """The stretch included as a whole (parity 0) or excluded (parity 1)."""
        separators, chunks = self._separators, self._chunks
        first = bisect_right(separators, begin) - 1
        last = bisect_right(separators, end, first) - 1
        head, tail = chunks[first], chunks[last]
        left = bisect_left(head, begin)
        right = bisect_right(tail, end)
        # A bound goes in only where it changes something: including begins a run where
        # none is open (an even place), excluding ends one where one is (an odd place).
        low = (begin,) if left & 1 == parity else ()
        high = (end,) if right & 1 == parity else ()
        chunk = head[:left] + low + high + tail[right:]
        if first == last and 0 < len(chunk) <= _CHUNK:
            pieces = (*chunks[:first], chunk, *chunks[last + 1 :])
            return _make(separators, pieces)
        return self._rebuilt(first, last, chunk)

    def _rebuilt(self, first: int, last: int, chunk: tuple[int, ...]) -> "Runs":
        """The set in which this chunk stands for the chunks ``first`` to ``last``.

        The uncommon case: the chunk has grown too long, or spans several, or is empty.
        """
        before, after = self._chunks[:first], self._chunks[last + 1 :]
        kept, later = self._separators[: first + 1], self._separators[last + 1 :]
        if chunk or not (before or after):
            pieces = _cut(chunk)
            begins = tuple(piece[0] for piece in pieces[1:])
            return _make(kept + begins + later, before + pieces + after)
        # An empty chunk goes; the span of a neighbour grows over its place.
        return _make(kept[:-1] + later if before else kept + later[1:], before + after)

    def invariants(self) -> list[str]:
        """The names of the invariants that do not hold; O(n)."""
        bounds = list(chain.from_iterable(self._chunks))
        spans = zip(self._separators, (*self._separators[1:], None), strict=True)
        checks = {
            "ascending": bounds == sorted(set(bounds)),
            "whole-runs": all(len(chunk) % 2 == 0 for chunk in self._chunks),
            "separated": all(
                low <= bound and (high is None or bound < high)
                for (low, high), chunk in zip(spans, self._chunks, strict=True)
                for bound in chunk
            ),
        }
        return [name for name, holds in checks.items() if not holds]


def _make(separators: tuple[int, ...], chunks: tuple[tuple[int, ...], ...]) -> Runs:
    """A set whose parts are known to be right."""
    runs = _new(Runs)
    runs._separators = separators
    runs._chunks = chunks
    return runs


def _cut(bounds: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """The chunks of these boundaries: one, or several half-full ones of whole runs."""
    if len(bounds) <= _CHUNK:
        return (bounds,)
    half = _CHUNK // 2
    return tuple(bounds[at : at + half] for at in range(0, len(bounds), half))
