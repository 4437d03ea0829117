"""The protocol of a key-value store: eight verbs that every registry understands.

```
put ──▶ version 1 ──▶ put ──▶ version 2        every change makes a new version
create: only if the key is not there           compare_and_swap: only if the version
delete: only if the version is as given        is as given
```

Keys are paths without a slash at either end (``engine/journal/00000001``); values are
texts. Docker's name for this role was libkv; Consul, etcd and ZooKeeper speak it.

Invariants: a version grows with every change of its key; ``create``,
``compare_and_swap``, ``delete`` and ``write`` either do all of it or nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

__all__ = ["Entry", "Store"]


class Entry(NamedTuple):
    """A value and the version it has."""

    value: str
    version: int


class Store(Protocol):
    """A key-value store; each verb is atomic."""

    def get(self, key: str) -> Entry | None:
        """The entry under a key, or None."""

    def put(self, key: str, value: str) -> int:
        """Set a key whatever it holds; the new version."""

    def create(self, key: str, value: str) -> bool:
        """Set a key that is not there; False, and no change, if it is."""

    def compare_and_swap(self, key: str, value: str, version: int) -> bool:
        """Set a key that still has this version; False, and no change, otherwise."""

    def delete(self, key: str, version: int | None = None) -> bool:
        """Remove a key (that still has this version); False if there was nothing."""

    def write(self, entries: Mapping[str, str | None]) -> None:
        """Set several keys at once, or remove those with None: all of it or nothing."""

    def list(self, prefix: str, after: str = "") -> "list[tuple[str, Entry]]":
        """The entries below a path that come after a key, sorted by key."""

    def close(self) -> None:
        """Give up what the store holds open."""
