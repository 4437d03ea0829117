"""The protocol of a registry: what every key-value store understands.

```
put ──▶ version 3 ──▶ put ──▶ version 8        every change makes a higher version
create: only if the key is not there           compare_and_swap: only if the version
compare_and_delete: only if the version is     is as given
        as given
watch:  every change below a path, from a      lease: keys that go when their owner
        revision on, none lost, in order       does not renew it in time
```

Docker's name for this role was libkv; Consul, etcd and ZooKeeper speak it.

**Keys** are paths without a slash at either end, of parts that are not empty
(``docker/network/v1.0/network/4f5e``); **values** are texts. A key may have a value and
keys below it. What a store keeps may look different (etcd and Consul show each key with
the slash at its end that libnetwork gave it; ZooKeeper has the parents as nodes without
a value), but what comes back here does not.

**Versions** are integers; they grow with each change of a key, and a key that was
deleted and made again has none of its earlier versions. Nothing else may be read into
them.

**Revisions** say where a watch stands; only the store that gave one understands it.

**A lost reply.** If a change raises ``Unavailable``, it may have been made. Each verb
looks again by itself, as long as its time-out allows, where that can tell: a value that
carries its writer's own token (no two writes have the same text) answers whether it was
this one. So the callers' values carry one.

Invariants: ``create``, ``compare_and_swap``, ``compare_and_delete`` and ``write`` do
all of it or nothing; the only errors are those of :mod:`minidock.registry.errors`;
every verb ends within the store's time-out; one store may be used by several threads.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from minidock.registry.errors import NotFound

__all__ = [
    "BatchStore",
    "Change",
    "Entry",
    "Lease",
    "Listing",
    "Store",
    "Watch",
    "find",
]


class Entry(NamedTuple):
    """A value and the version it has."""

    value: str
    version: int


class Change(NamedTuple):
    """One change of a key; no entry means that it was deleted."""

    key: str
    entry: Entry | None


class Listing(NamedTuple):
    """The entries below a path, sorted by key, and the moment at which they were read.

    A watch that starts at ``revision`` misses nothing that came later.
    """

    entries: tuple[tuple[str, Entry], ...]
    revision: int


class Watch(Protocol):
    """Changes below a path as they come; ended by ``close``."""

    def changes(self, timeout: float) -> Sequence[Change]:
        """What changed since the last call, in order; empty if nothing did in time.

        A store may leave out a change that another one of the same key has overtaken.
        A watch survives a restart of the server. Where the store has forgotten what
        happened meanwhile, the watch reads the path again and gives the difference.

        Args:
            timeout: how long to wait for a first change, seconds; 0 only looks.

        Raises:
            Unavailable: the store cannot be reached; call again to go on.
        """

    def close(self) -> None:
        """Stop watching; a call of ``changes`` under way returns what it has."""


class Lease(Protocol):
    """The right to keep keys in the store, as long as it is renewed.

    When it runs out, the store removes every key that was written under it.
    """

    @property
    def id(self) -> str:
        """What a restarted owner gives to ``resume_lease``."""

    @property
    def ttl(self) -> float:
        """How long it lasts after each renewal, seconds; the store may round it up."""

    def keep_alive(self) -> None:
        """Renew it.

        Raises:
            NotFound: it has run out: its keys are gone, or will be at once.
            Unavailable: the store cannot be reached; it goes on running out.
        """

    def revoke(self) -> None:
        """End it now, and with it its keys; one that is gone already is no error."""


class Store(Protocol):
    """A key-value store; each verb is atomic."""

    def get(self, key: str) -> Entry:
        """The entry under a key.

        Raises:
            NotFound: there is none.
        """

    def put(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key whatever it holds; the new version.

        A put without a lease takes the key out of the lease that it was under; so
        does a compare-and-swap.

        Raises:
            NotFound: the lease has run out. So do ``create`` and ``compare_and_swap``.
        """

    def create(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key that is not there; its version.

        Raises:
            Modified: it is there.
        """

    def compare_and_swap(
        self, key: str, value: str, version: int, lease: Lease | None = None
    ) -> int:
        """Set a key that still has this version; the new version.

        Raises:
            Modified: it has another version.
            NotFound: it is not there.
        """

    def delete(self, key: str) -> None:
        """Remove a key.

        Raises:
            NotFound: it is not there.
        """

    def compare_and_delete(self, key: str, version: int) -> None:
        """Remove a key that still has this version.

        Raises:
            Modified: it has another version.
            NotFound: it is not there.
        """

    def list(self, prefix: str, after: str = "") -> Listing:
        """The entries below a path that come after a key; none is no error.

        ``list("a/b")`` has ``a/b/c`` and ``a/b/c/d``, but neither ``a/b`` nor ``a/bc``.
        ``list("")`` has everything.
        """

    def watch(self, prefix: str, revision: int) -> Watch:
        """Watch everything below a path, from a listing's revision on.

        Raises:
            Modified: the store has forgotten what happened since then: list again. A
                revision is remembered for some thousand changes at least.
        """

    def lease(self, ttl: float) -> Lease:
        """A new lease.

        Args:
            ttl: how long it lasts without being renewed, seconds, from 1 on. The store
                may round it up (etcd to whole seconds, Consul to at least 10).
        """

    def resume_lease(self, lease_id: str) -> Lease:
        """The lease of an owner that was restarted, renewed.

        Raises:
            NotFound: it has run out.
        """

    def close(self) -> None:
        """Give up what the store holds open; leases run on."""


class BatchStore(Store, Protocol):
    """A store that can also change several keys at once; a state file is one."""

    def write(self, entries: Mapping[str, str | None]) -> None:
        """Set several keys at once, or remove those with None: all of it or nothing."""


def find(store: Store, key: str) -> Entry | None:
    """The entry under a key, or None where that is no surprise."""
    try:
        return store.get(key)
    except NotFound:
        return None
