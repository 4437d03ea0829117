"""What the last listings of a store held, for a server that remembers no past.

```
list("w") ─▶ index 7: {w/a: 3, w/b: 7}   kept
watch("w", 7) ─▶ {w/a: 3, w/b: 7} ─▶ compared with what is there now
```

Invariants: what is given back is what a listing at that index held below the path; of
the listings, the oldest go first, and the last one stays.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from threading import Lock

from minidock.registry.errors import forgotten

__all__ = ["Past"]

_LISTINGS = 4_000
_KEYS = 200_000


class Past:
    """The versions of the keys below a path, at an index.

    Cost: a listing is kept in one step; the memory is bounded by the numbers above.

    >>> past = Past()
    >>> past.remember("", 7, {"w/a": 3, "x": 7})
    >>> past.at("w", 7), past.at("w", 8)
    ({'w/a': 3}, None)
    """

    def __init__(self) -> None:
        self._listings: OrderedDict[tuple[str, int], Mapping[str, int] | None] = (
            OrderedDict()
        )
        self._keys = 0
        self._lock = Lock()

    def remember(self, prefix: str, index: int, versions: Mapping[str, int]) -> None:
        """Keep a listing."""
        where = (prefix, index)
        with self._lock:
            known = where in self._listings
            old = self._listings.pop(where, None)
            self._keys -= len(old or ())
            # Consul forgets deletions, and then gives one index to two listings
            kept = versions if not known or old == versions else None
            self._listings[where] = kept
            self._keys += len(kept or ())
            while len(self._listings) > 1 and (
                self._keys > _KEYS or len(self._listings) > _LISTINGS
            ):
                _, oldest = self._listings.popitem(last=False)
                self._keys -= len(oldest or ())

    def at(self, prefix: str, index: int) -> Mapping[str, int] | None:
        """What was below a path at an index; None if no listing says.

        Raises:
            Modified: two listings contradict each other.
        """
        for path in _upwards(prefix):
            with self._lock:
                known = (path, index) in self._listings
                versions = self._listings.get((path, index))
            if known and versions is None:
                raise forgotten(prefix, index)
            if versions is not None:
                start = f"{prefix}/"
                return (
                    versions
                    if path == prefix
                    else {k: v for k, v in versions.items() if k.startswith(start)}
                )
        return None


def _upwards(path: str) -> Iterator[str]:
    """A path and those above it, up to the one of everything.

    >>> list(_upwards("a/b"))
    ['a/b', 'a', '']
    """
    while path:
        yield path
        path = path.rpartition("/")[0]
    yield ""
