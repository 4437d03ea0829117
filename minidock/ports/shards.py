"""A map with any keys that never changes; the port table's shelves.

A table may know thousands of host addresses, and a claim touches one. Copying one dict
of all of them would make a claim cost more the more there are; 32 small dicts
(*shards*) keep it flat:

```
Shards ──▶ (shard 0, shard 1, ... shard 31)       hash(key) % 32 picks the shard
               │
               └──▶ {key: value, ...}              shared by every map that kept it
```

Cost: a look-up is O(1), a change O(32 + n/32).

Invariant: no shard is changed after its map exists. Only keys with the same hash in
every process are used (numbers, addresses, tuples of them), so the order is stable.
"""

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

__all__ = ["Shards"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Hashable)

_COUNT = 32


class Shards(Generic[K, V]):
    """A frozen map.

    >>> first = Shards().set(80, "web")
    >>> first.get(80), first.get(81), len(first.delete(80)), len(first)
    ('web', None, 0, 1)
    >>> first.delete(81)
    Traceback (most recent call last):
    ...
    KeyError: 81
    """

    __slots__ = ("_shards",)

    def __init__(self, shards: tuple[dict[K, V], ...] = ({},) * _COUNT) -> None:
        self._shards = shards

    def get(self, key: K) -> V | None:
        """The value of this key, or None."""
        return self._shards[hash(key) % _COUNT].get(key)

    def set(self, key: K, value: V) -> "Shards[K, V]":
        """A map with this entry added or replaced."""
        index = hash(key) % _COUNT
        return self._replaced(index, {**self._shards[index], key: value})

    def delete(self, key: K) -> "Shards[K, V]":
        """A map without this key; KeyError if it is not there."""
        index = hash(key) % _COUNT
        shard = dict(self._shards[index])
        del shard[key]
        return self._replaced(index, shard)

    def _replaced(self, index: int, shard: dict[K, V]) -> "Shards[K, V]":
        shards = list(self._shards)
        shards[index] = shard
        return Shards(tuple(shards))

    def items(self) -> Iterator[tuple[K, V]]:
        """All entries, by shard."""
        for shard in self._shards:
            yield from shard.items()

    def __len__(self) -> int:
        return sum(map(len, self._shards))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shards) and self._shards == other._shards

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        return f"Shards({dict(self.items())!r})"
