"""A store in ZooKeeper, version 3.5 or later, spoken to by kazoo.

```
/site/docker/network/v1.0/network/4f5e=   a value; ephemeral if it is under a lease
/site/=guards/a7                          grows whenever a key of its 1/256 is made

create              transaction: guard + 1, make the node           one round trip
put, swap           transaction: guard is still 12, set the node    one, if the node's
                    that is at count 3                              count is known
put without lease   transaction: guard is still 12 and + 1, remove  one change
on a leased key     the ephemeral node, make it again
lease               a session of its own (zookeeper_session.py)
```

Where keys stand is in :mod:`minidock.registry.zookeeper_paths`. A key's version is the
number of the transaction that changed it last (``mzxid``), which the whole ensemble
counts, so it grows and never comes again. A listing's revision is the number of the
last transaction before it.

**Why a swap is safe.** ZooKeeper sets a node under a condition on the node's own count,
and that begins at 0 again when a node is made again: a node that was removed, made, and
set three times looks as it did. But whoever makes a node adds one to the guard of its
key in the same transaction. Say that the guard was read as 12, and *then* the node had
this version at count 3. If the transaction finds the guard at 12, nobody has made that
node in between; so it is the same node, and its count tells whether it was set. Guards
are never removed. Of two keys that share a guard, one may make the other look again,
and no more.

**Lost replies.** Who has lost one looks at the node: it holds the value that was sent,
or it is as before, and then the same is sent again; if the first one comes after all,
its condition does not hold any more. What still cannot be told is ``Unavailable``.

**Freshness.** A server of an ensemble may be behind. Each look that decides whether
somebody else was faster, and each listing, first lets it catch up (``sync``); a plain
``get`` does not.

Source: ZooKeeper's Programmer's Guide; libkv for the keys.
"""

import threading
from collections import OrderedDict
from contextlib import suppress
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING

from minidock.registry.address import StoreAddress
from minidock.registry.errors import NotFound, forgotten, no_key
from minidock.registry.handle import LeaseHandle
from minidock.registry.store import Entry, Lease, Listing
from minidock.registry.zookeeper_client import Keeper
from minidock.registry.zookeeper_nodes import ANYTHING, NOTHING, Nodes
from minidock.registry.zookeeper_paths import Paths
from minidock.registry.zookeeper_session import Session
from minidock.registry.zookeeper_tree import read_entry, read_tree, read_values
from minidock.registry.zookeeper_watch import ZooKeeperWatch

if TYPE_CHECKING:
    from kazoo.client import KazooClient

__all__ = ["ZooKeeperStore", "open_url"]

_LIMIT = 1_000_000
"""Bytes in a value; a server takes requests of 1,048,575 (``jute.maxbuffer``)."""
_LISTINGS, _LISTED = 64, 200_000
"""How many listings are remembered for watches, and how many keys in them."""


def open_url(address: StoreAddress) -> "ZooKeeperStore":
    """The store at an address; no host is asked yet."""
    return ZooKeeperStore(address)


class ZooKeeperStore:
    """Keys in ZooKeeper; threads may share it.

    Each verb ends within the address's time-out, a listing within one for each level
    and for each 1,000 entries. A lease's ``ttl`` is what the server grants: with its
    usual settings, from 4 to 40 seconds. A watch may begin at one of the last listings
    that this store gave.

    Args:
        address: with the options ``tls``, ``ca``, ``cert`` and ``key``. With a user and
            a password (ZooKeeper's digest), what is made here belongs to them alone.
    """

    def __init__(self, address: StoreAddress) -> None:
        self._keeper = Keeper(address)
        self._paths = Paths(address.path)
        self._nodes = Nodes(self._keeper, self._paths)
        self._listings: OrderedDict[tuple[str, int], frozenset[str]] = OrderedDict()
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> Entry:
        """The entry under a key."""
        node = self._nodes.read(key)
        if node is None:
            raise no_key(key)
        return read_entry(self._keeper, key, node.data, node.version)

    def put(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key whatever it holds; the new version."""
        return self._set(key, value, ANYTHING, lease)

    def create(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key that is not there; its version."""
        return self._set(key, value, NOTHING, lease)

    def compare_and_swap(
        self, key: str, value: str, version: int, lease: Lease | None = None
    ) -> int:
        """Set a key that still has this version; the new version."""
        return self._set(key, value, max(version, 0), lease)

    def delete(self, key: str) -> None:
        """Remove a key."""
        self._nodes.remove(key)

    def compare_and_delete(self, key: str, version: int) -> None:
        """Remove a key that still has this version."""
        self._nodes.change(key, None, max(version, 0))

    def list(self, prefix: str, after: str = "") -> Listing:
        """The entries below a path that come after a key.

        Entries that are changed meanwhile may be of a later moment; a watch from the
        listing's revision tells of them again.
        """
        top = self._paths.directory(prefix)

        def ask(
            client: "KazooClient", deadline: float
        ) -> tuple[int, frozenset[str], dict[str, Entry]]:
            self._keeper.answer(client.sync_async(top), deadline)
            revision = client.last_zxid
            tree = read_tree(self._keeper, client, [(top, prefix)])
            for path in tree.empty:
                self._nodes.sweep(client, path)
            wanted = [path for path, key in tree.leaves.items() if key > after]
            values = read_values(self._keeper, client, wanted, None)
            entries = {}
            for path, (data, stat) in values.items():
                key = tree.leaves[path]
                entries[key] = read_entry(self._keeper, key, data, stat.mzxid)
            return revision, frozenset(tree.leaves.values()), entries

        revision, keys, entries = self._nodes.again(ask)
        self._remember(prefix, revision, keys)
        return Listing(tuple(sorted(entries.items())), revision)

    def watch(self, prefix: str, revision: int) -> ZooKeeperWatch:
        """Watch everything below a path, from a listing's revision on."""
        known = self._remembered(prefix, revision)
        if known is None:
            raise forgotten(prefix, revision)
        return ZooKeeperWatch(
            self._keeper,
            top=self._paths.directory(prefix),
            prefix=prefix,
            known=known,
            since=revision,
        )

    def lease(self, ttl: float) -> LeaseHandle:
        """A new lease."""
        session = Session(self._keeper, ceil(ttl * 1000))
        session.open(self._deadline())
        self._sessions[session.id] = session
        return self._handle(session.id, session.ttl / 1000)

    def resume_lease(self, lease_id: str) -> LeaseHandle:
        """The lease of an owner that was restarted, renewed."""
        return self._handle(lease_id, self._renew(lease_id))

    def close(self) -> None:
        """End the connections; leases run on."""
        with self._lock:
            sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            session.close()
        self._keeper.close()

    def _deadline(self) -> float:
        return monotonic() + self._keeper.timeout

    def _set(self, key: str, value: str, wanted: int, lease: Lease | None) -> int:
        data = value.encode()
        if len(data) > _LIMIT:
            raise self._keeper.unavailable(
                f"the value of {key} has {len(data):,} bytes,"
                f" and ZooKeeper takes {_LIMIT:,}"
            )
        session = None if lease is None else self._session(lease.id)
        return self._nodes.change(key, data, wanted, session)

    def _remember(self, prefix: str, revision: int, keys: frozenset[str]) -> None:
        with self._lock:
            self._listings[prefix, revision] = keys
            self._listings.move_to_end((prefix, revision))
            listed = sum(map(len, self._listings.values()))
            while len(self._listings) > 1 and (
                len(self._listings) > _LISTINGS or listed > _LISTED
            ):
                listed -= len(self._listings.popitem(last=False)[1])

    def _remembered(self, prefix: str, revision: int) -> set[str] | None:
        """The keys below a path at a revision, from a listing of it or above it."""
        place = prefix
        with self._lock:
            while (keys := self._listings.get((place, revision))) is None:
                if not place:
                    return None
                place = place.rpartition("/")[0]
        start = f"{prefix}/" if prefix else ""
        return {key for key in keys if key.startswith(start)}

    def _handle(self, lease_id: str, ttl: float) -> LeaseHandle:
        return LeaseHandle(lease_id, ttl, self._renew, self._revoke)

    def _session(self, lease_id: str) -> Session:
        with self._lock:
            if lease_id not in self._sessions:
                self._sessions[lease_id] = Session.named(self._keeper, lease_id)
            return self._sessions[lease_id]

    def _renew(self, lease_id: str) -> float:
        session = self._session(lease_id)
        try:
            session.open(self._deadline())
        except NotFound:
            self._sessions.pop(lease_id, None)
            raise
        return session.ttl / 1000

    def _revoke(self, lease_id: str) -> None:
        with suppress(NotFound):
            self._session(lease_id).end(self._deadline())
        self._sessions.pop(lease_id, None)
