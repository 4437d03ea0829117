"""What is learned from the registry: entries as they stand, and news about it.

```
docker/network/v1.0/endpoint/4f5e/9a8b   {"name": "web", ...}     an entry
docker/network/v1.0/endpoint/4f5e/9a8b   None                     it is gone
@unreachable                             "connection refused"     news of the store
```

A fact is journaled as it is, so reading a journal back needs no registry.
"""

from typing import NamedTuple

__all__ = ["JOINED", "LEFT", "REACHABLE", "UNREACHABLE", "Fact"]

REACHABLE = "@reachable"
UNREACHABLE = "@unreachable"
"""The store does not answer; the value says why."""
JOINED = "@joined"
"""From now on this host follows a network's endpoints and addresses; the value is the
network's id."""
LEFT = "@left"
"""It follows them no more, and forgets what it knows of them."""


class Fact(NamedTuple):
    """A key and the text under it; None: the key is gone."""

    key: str
    value: str | None
