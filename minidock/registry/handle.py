"""A lease as its owner holds it: a number, and the store that knows the rest.

```
owner ── LeaseHandle ── renew(id), end(id) ──▶ the store that granted it
```

Several handles may name one lease: a restarted owner has a new one.
"""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["LeaseHandle"]


@dataclass(frozen=True, slots=True)
class LeaseHandle:
    """The :class:`~minidock.registry.store.Lease` of a store that has two functions."""

    id: str
    ttl: float
    renew: Callable[[str], object]
    end: Callable[[str], object]

    def keep_alive(self) -> None:
        """Renew it."""
        self.renew(self.id)

    def revoke(self) -> None:
        """End it now, and with it its keys."""
        self.end(self.id)
