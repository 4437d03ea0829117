"""A map that never changes: setting a key gives a new map.

A World holds maps with up to a hundred thousand entries, and every command makes a new
World. Copying a whole dict per command would make command n cost O(n); here a map is
256 small dicts (*shards*), and a change copies one shard and the tuple of shards:

```
Map ──▶ (shard 0, shard 1, ... shard 255)       crc32(key) % 256 picks the shard
              │
              └──▶ {key: value, ...}             shared by every map that did not
                                                 change it
```

Cost: a lookup is O(1); a change is O(256 + n/256), 4 us at 10,000 entries and 7 us at
100,000. Iteration is by shard, which is stable between runs but means nothing: whoever
prints sorts.

Invariant: no shard is ever mutated after its map exists.
"""

from collections.abc import ItemsView, Iterable, Iterator, Mapping, ValuesView
from typing import Generic, TypeVar
from zlib import crc32

__all__ = ["Map"]

V = TypeVar("V")

_SHARDS = 256
_EMPTY: tuple[dict[str, object], ...] = tuple({} for _ in range(_SHARDS))


def _shard_of(key: str) -> int:
    # A key may hold half a pair of UTF-16: who asks for it shall not find it.
    return crc32(key.encode("utf-8", "surrogatepass")) % _SHARDS


class Map(Mapping[str, V], Generic[V]):
    """A frozen mapping from text to values.

    >>> first = Map({"a": 1})
    >>> second = first.set("b", 2)
    >>> sorted(second.items()), dict(first)
    ([('a', 1), ('b', 2)], {'a': 1})
    >>> first.delete("b")
    Traceback (most recent call last):
    ...
    KeyError: 'b'
    """

    __slots__ = ("_length", "_shards")

    _shards: tuple[dict[str, V], ...]
    _length: int

    def __init__(self, entries: Mapping[str, V] | Iterable[tuple[str, V]] = ()) -> None:
        pairs = dict(entries)
        self._shards = _EMPTY  # type: ignore[assignment]  # empty dicts fit any V
        self._length = len(pairs)
        if pairs:
            shards: list[dict[str, V]] = [{} for _ in range(_SHARDS)]
            for key, value in pairs.items():
                shards[_shard_of(key)][key] = value
            self._shards = tuple(shards)

    def __getitem__(self, key: str) -> V:
        return self._shards[_shard_of(key)][key]

    def __iter__(self) -> Iterator[str]:
        for shard in filter(None, self._shards):
            yield from shard

    def values(self) -> ValuesView[V]:
        """The values, by shard."""
        return _Values(self)

    def items(self) -> ItemsView[str, V]:
        """The keys and values, by shard."""
        return _Items(self)

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"Map({dict(sorted(self.items()))!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Map):
            return NotImplemented
        return self._shards is other._shards or self._shards == other._shards

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def set(self, key: str, value: V) -> "Map[V]":
        """A map with this entry added or replaced; one shard is copied."""
        index = _shard_of(key)
        old = self._shards[index]
        return self._replaced(
            index, {**old, key: value}, self._length + (key not in old)
        )

    def delete(self, key: str) -> "Map[V]":
        """A map without this key; KeyError if it is not there."""
        index = _shard_of(key)
        shard = dict(self._shards[index])
        del shard[key]
        return self._replaced(index, shard, self._length - 1)

    def changed(self, before: "Map[V]") -> list[str]:
        """The keys that were added, removed or set since another map, sorted.

        Cost: O(256), and the size of the shards that are not shared.

        >>> first = Map({"a": 1, "b": 2})
        >>> first.set("a", 3).delete("b").set("c", 4).changed(first)
        ['a', 'b', 'c']
        >>> first.changed(first)
        []
        """
        found: list[str] = []
        others = before._shards  # noqa: SLF001 - its own kind
        for old, new in zip(others, self._shards, strict=True):
            if old is not new:
                keys = old.keys() | new.keys()
                found += (
                    key
                    for key in keys
                    if (key in old) != (key in new) or old[key] is not new[key]
                )
        return sorted(found)

    def _replaced(self, index: int, shard: dict[str, V], length: int) -> "Map[V]":
        new: Map[V] = Map.__new__(Map)
        new._shards = (*self._shards[:index], shard, *self._shards[index + 1 :])
        new._length = length
        return new


class _Values(ValuesView[V]):
    """The values without a look-up for each."""

    _mapping: Map[V]

    def __iter__(self) -> Iterator[V]:
        for shard in filter(None, self._mapping._shards):  # noqa: SLF001 - its own view
            yield from shard.values()


class _Items(ItemsView[str, V]):
    """The same for keys and values."""

    _mapping: Map[V]

    def __iter__(self) -> Iterator[tuple[str, V]]:
        for shard in filter(None, self._mapping._shards):  # noqa: SLF001 - its own view
            yield from shard.items()
