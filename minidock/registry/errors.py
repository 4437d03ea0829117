"""The three ways in which a registry says no, and there is no fourth.

```
NotFound      there is no such key, or no such lease any more
Modified      the key is not as the caller thought: somebody was faster
Unavailable   the store cannot be asked: nobody knows whether it did anything
```

They are refusals like all others, so one that nobody catches still says what was asked,
which rule refused and what would work.

Docker's library for this, libkv, called them ``ErrKeyNotFound``, ``ErrKeyModified`` and
``ErrNotReachable``.
"""

import minidock.errors as refusals

__all__ = [
    "Modified",
    "NotFound",
    "Unavailable",
    "forgotten",
    "key_exists",
    "no_key",
    "no_lease",
    "other_version",
    "unavailable",
]


class NotFound(refusals.NotFound):
    """There is no such key in the store, or the lease has run out."""


class Modified(refusals.Conflict):
    """The key has another version than the caller thought, or exists already."""


class Unavailable(refusals.Unclassified):
    """The store gives no answer in time; a change may or may not have been made."""


def no_key(key: str) -> NotFound:
    """The refusal of every verb that wants a key that is not there.

    >>> str(no_key("a/b"))
    'no key a/b in the store'
    """
    return NotFound(
        f"no key {key} in the store",
        asked=f"find the key {key}",
        rule="the store has no such key, or its lease has run out",
        remedy="create it, or look again which keys there are",
    )


def no_lease(lease_id: str) -> NotFound:
    """The refusal of a lease that has run out."""
    return NotFound(
        f"no lease {lease_id} in the store",
        asked=f"use the lease {lease_id}",
        rule="a lease that is not renewed in time is gone, and its keys with it",
        remedy="take a new lease, and write its keys again",
    )


def key_exists(key: str) -> Modified:
    """The refusal to create a key that is there."""
    return Modified(
        f"the key {key} is in the store already",
        asked=f"create the key {key}",
        rule="of those who create one key, only the first one does",
        remedy="read what is there, and decide again",
    )


def other_version(key: str, version: int) -> Modified:
    """The refusal to change a key that somebody else has changed."""
    return Modified(
        f"the key {key} has another version than {version}",
        asked=f"change the key {key} as it was at version {version}",
        rule="of those who change one version of a key, only the first one does",
        remedy="read what is there now, and decide again",
    )


def forgotten(prefix: str, revision: int) -> Modified:
    """The refusal to watch from a moment that the store does not remember."""
    return Modified(
        f"the store has forgotten what happened since revision {revision}",
        asked=f"watch {prefix or 'everything'} from revision {revision} on",
        rule="a store remembers its last changes only",
        remedy="list again, and watch from that listing on",
    )


def unavailable(store: str, why: str) -> Unavailable:
    """The refusal of every verb whose store gives no answer, or none that helps."""
    return Unavailable(
        f"cannot use the store {store}: {why}",
        asked=f"an answer from the store {store}",
        rule="what hosts share is decided by the store, and by nobody else",
        remedy="once the store can be reached, the same again",
    )
