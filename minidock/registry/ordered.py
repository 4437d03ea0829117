"""Keys in order: a sorted list in chunks, so that a change moves few of them.

```
[a b c d] [e f g] [h i j k]      bisect finds the chunk, then the place in it
```

Invariants: every chunk is sorted and has 1 to 2 x 512 keys; the last key of a chunk is
below the first one of the next. The source of the idea is ``sortedcontainers``.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator

__all__ = ["SortedKeys"]

_CHUNK = 512


class SortedKeys:
    """A sorted set of texts; adding, removing and finding cost O(sqrt n) at most.

    >>> keys = SortedKeys()
    >>> for key in ["b", "a", "c"]:
    ...     keys.add(key)
    >>> list(keys.between("a", "c"))
    ['b']
    """

    def __init__(self) -> None:
        self._chunks: list[list[str]] = []
        self._lasts: list[str] = []

    def add(self, key: str) -> None:
        """Take in a key that is not there."""
        if not self._chunks:
            self._chunks.append([key])
            self._lasts.append(key)
            return
        place = min(bisect_left(self._lasts, key), len(self._chunks) - 1)
        chunk = self._chunks[place]
        insort(chunk, key)
        if len(chunk) > 2 * _CHUNK:
            self._chunks.insert(place + 1, chunk[_CHUNK:])
            self._lasts.insert(place + 1, chunk[-1])
            del chunk[_CHUNK:]
        self._lasts[place] = chunk[-1]

    def remove(self, key: str) -> None:
        """Take out a key that is there."""
        place = bisect_left(self._lasts, key)
        chunk = self._chunks[place]
        del chunk[bisect_left(chunk, key)]
        if chunk:
            self._lasts[place] = chunk[-1]
        else:
            del self._chunks[place], self._lasts[place]

    def between(self, above: str, below: str | None) -> Iterator[str]:
        """The keys that are greater than one text and less than another, in order."""
        place = bisect_right(self._lasts, above)
        while place < len(self._chunks):
            chunk = self._chunks[place]
            start = bisect_right(chunk, above)
            if below is not None and chunk[-1] >= below:
                yield from chunk[start : bisect_left(chunk, below)]
                return
            yield from chunk[start:]
            place += 1
