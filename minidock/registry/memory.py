"""A store in memory: the simplest one, and the model for the others.

```
{"engine/head": Entry("...", 3), ...}
```
"""

from collections.abc import Mapping

from minidock.registry.store import Entry

__all__ = ["MemoryStore"]


class MemoryStore:
    """A dictionary with versions.

    >>> store = MemoryStore()
    >>> store.create("a/b", "1"), store.create("a/b", "2")
    (True, False)
    >>> store.compare_and_swap("a/b", "3", version=1)
    True
    >>> store.get("a/b")
    Entry(value='3', version=2)
    """

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def get(self, key: str) -> Entry | None:
        """The entry under a key, or None."""
        return self._entries.get(key)

    def put(self, key: str, value: str) -> int:
        """Set a key whatever it holds; the new version."""
        old = self._entries.get(key)
        entry = Entry(value, old.version + 1 if old else 1)
        self._entries[key] = entry
        return entry.version

    def create(self, key: str, value: str) -> bool:
        """Set a key that is not there; False, and no change, if it is."""
        if key in self._entries:
            return False
        self._entries[key] = Entry(value, 1)
        return True

    def compare_and_swap(self, key: str, value: str, version: int) -> bool:
        """Set a key that still has this version; False, and no change, otherwise."""
        old = self._entries.get(key)
        if old is None or old.version != version:
            return False
        self._entries[key] = Entry(value, version + 1)
        return True

    def delete(self, key: str, version: int | None = None) -> bool:
        """Remove a key (that still has this version); False if there was nothing."""
        old = self._entries.get(key)
        if old is None or version not in {None, old.version}:
            return False
        del self._entries[key]
        return True

    def write(self, entries: Mapping[str, str | None]) -> None:
        """Set several keys at once, or remove those with None: all of it or nothing."""
        for key, value in entries.items():
            if value is None:
                self.delete(key)
            else:
                self.put(key, value)

    def list(self, prefix: str, after: str = "") -> "list[tuple[str, Entry]]":
        """The entries below a path that come after a key, sorted by key."""
        start = prefix + "/"
        return sorted(
            (key, entry)
            for key, entry in self._entries.items()
            if key.startswith(start) and key > after
        )

    def close(self) -> None:
        """Nothing is held open."""
