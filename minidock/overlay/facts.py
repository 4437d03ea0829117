"""What is learned from the registry: entries as they stand, and news about it.

```
docker/network/v1.0/endpoint/4f5e/9a8b   {"name": "web", ...}     an entry
docker/network/v1.0/endpoint/4f5e/9a8b   None                     it is gone
@unreachable                             "connection refused"     news of the store
```

A fact is journaled as it is, so reading a journal back needs no registry.
"""

from typing import NamedTuple

__all__ = ["JOINED", "LEFT", "REACHABLE", "SPENT", "UNREACHABLE", "Fact", "spent"]

REACHABLE = "@reachable"
UNREACHABLE = "@unreachable"
"""The store does not answer; the value says why."""
JOINED = "@joined"
"""From now on this host follows a network's endpoints and addresses; the value is the
network's id."""
LEFT = "@left"
"""It follows them no more, and forgets what it knows of them."""

SPENT = "@spent"
"""The next identifiers may be known to the registry already, from a command that was
never written down here; the value says why."""


class Fact(NamedTuple):
    """A key and the text under it; None: the key is gone."""

    key: str
    value: str | None


def spent(why: str) -> tuple[Fact]:
    """Other identifiers from now on than those of a World that was not written down.

    Its last command may be in the registry: a network, under an id that the present
    World would give to whatever it makes next.

    >>> spent("another life")
    (Fact(key='@spent', value='another life'),)
    """
    return (Fact(SPENT, why),)
