"""A store in one SQLite file: what is acknowledged is on the disk.

```
put ─▶ BEGIN ─▶ leases that ran out go ─▶ revision + 1 ─▶ the row ─▶ COMMIT, synced
watch ─▶ look 20 times a second whether the revision has moved ─▶ rows above it
```

The file and its tables are :mod:`minidock.registry.sqlite_file`'s. Leases run out by
the clock of the day, which all processes on a host share: one that jumps ahead ends
them early, and their owners hear ``NotFound`` when they renew.

Invariant: a key whose lease has run out is never seen; whoever looks first removes it.
"""

import os
import sqlite3
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic, time

from minidock.registry.errors import (
    forgotten,
    key_exists,
    no_key,
    no_lease,
    other_version,
)
from minidock.registry.handle import LeaseHandle
from minidock.registry.sqlite_file import SqliteFile
from minidock.registry.store import Change, Entry, Lease, Listing

__all__ = ["SqliteStore"]

_PUT = (
    "INSERT INTO entries VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE "
    "SET value = excluded.value, version = excluded.version"
)
_LAST = "\U0010ffff" * 8
"""Greater than every key."""
_WAIT_SECONDS = 5.0
"""How long a verb waits for another process; the longest verb takes milliseconds."""
_REMEMBERED = 10_000
"""How many removals a watch may look back."""
_FORGET_EVERY = 1000
"""After how many removals the older ones are forgotten, and after the first."""
_LOOK_SECONDS = 0.05
"""How often a watch looks for the changes of other processes."""


class SqliteStore:
    """A store in a file, or in memory for ``:memory:``.

    Threads and processes may share it. The file is given back by ``close``, or when
    nobody holds the store any more. Cost: a change is one sync of the disk, whatever
    the size of the file; a listing is what it gives.

    Args:
        path: the file; its folder must exist.
        alone: keep everybody else out while this store is open.
        wait: seconds to wait for another process that uses the file.

    Raises:
        InvalidParameter: the file cannot be opened or is no SQLite database.
        Conflict: another process holds the file.

    >>> store = SqliteStore(":memory:")
    >>> store.put("a", "1"), store.get("a")
    (1, Entry(value='1', version=1))
    >>> store.compare_and_delete("a", version=7)
    Traceback (most recent call last):
    minidock.registry.errors.Modified: the key a has another version than 7
    >>> store.close()
    """

    def __init__(
        self, path: str | Path, *, alone: bool = False, wait: float = _WAIT_SECONDS
    ) -> None:
        self._file = SqliteFile(path, alone=alone, wait=wait)
        # a store that is dropped without a close gives its file back, too, in
        # whichever thread somebody collects the garbage
        self._closing = weakref.finalize(self, self._file.database.close)
        self._removals = 0
        self._may_have_leases = True
        if alone:  # nobody else can add one
            with self._file.reading() as database:
                self._may_have_leases = _any(database, "SELECT 1 FROM leases")

    def get(self, key: str) -> Entry:
        """The entry under a key."""
        self._sweep()
        with self._file.reading() as database:
            return _entry(database, key)

    def put(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key whatever it holds; the new version."""
        with self._file.changing() as database:
            self._remove_expired(database)
            return self._set(database, key, value, lease)

    def create(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key that is not there; its version."""
        with self._file.changing() as database:
            self._remove_expired(database)
            if _any(database, "SELECT 1 FROM entries WHERE key = ?", key):
                raise key_exists(key)
            return self._set(database, key, value, lease)

    def compare_and_swap(
        self, key: str, value: str, version: int, lease: Lease | None = None
    ) -> int:
        """Set a key that still has this version; the new version."""
        with self._file.changing() as database:
            self._remove_expired(database)
            if _entry(database, key).version != version:
                raise other_version(key, version)
            return self._set(database, key, value, lease)

    def delete(self, key: str) -> None:
        """Remove a key."""
        with self._file.changing() as database:
            self._remove_expired(database)
            if not self._remove(database, key):
                raise no_key(key)

    def compare_and_delete(self, key: str, version: int) -> None:
        """Remove a key that still has this version."""
        with self._file.changing() as database:
            self._remove_expired(database)
            if _entry(database, key).version != version:
                raise other_version(key, version)
            self._remove(database, key)

    def write(self, entries: Mapping[str, str | None]) -> None:
        """Set several keys at once, or remove those with None: all of it or nothing.

        Cost: one sync of the disk, however many keys.
        """
        with self._file.changing() as database:
            self._remove_expired(database)
            for key, value in entries.items():
                if value is None:
                    self._remove(database, key)
                else:
                    self._set(database, key, value, None)

    def list(self, prefix: str, after: str = "") -> Listing:
        """The entries below a path that come after a key."""
        self._sweep()
        above, below = _range(prefix)
        with self._file.reading() as database:
            rows = database.execute(
                "SELECT key, value, version FROM entries WHERE key > ? AND key < ? "
                "ORDER BY key",
                (max(above, after), below),
            ).fetchall()
            revision = self._file.revision()
        entries = tuple((key, Entry(value, version)) for key, value, version in rows)
        return Listing(entries, revision)

    def watch(self, prefix: str, revision: int) -> "_SqliteWatch":
        """Watch everything below a path, from a listing's revision on.

        Cost: the first watch on a file makes an index of its entries.
        """
        with self._file.changing() as database:
            database.execute(
                "CREATE INDEX IF NOT EXISTS entries_by_version ON entries (version)"
            )
        return _SqliteWatch(self._file, self._sweep, prefix, revision)

    def lease(self, ttl: float) -> LeaseHandle:
        """A new lease."""
        lease_id = os.urandom(8).hex()
        with self._file.changing() as database:
            self._may_have_leases = True
            database.execute(
                "INSERT INTO leases VALUES (?, ?, ?)", (lease_id, ttl, time() + ttl)
            )
        return LeaseHandle(lease_id, ttl, self._renew, self._revoke)

    def resume_lease(self, lease_id: str) -> LeaseHandle:
        """The lease of an owner that was restarted, renewed."""
        ttl = self._renew(lease_id)
        return LeaseHandle(lease_id, ttl, self._renew, self._revoke)

    def close(self) -> None:
        """Close the file."""
        self._closing()

    def _set(
        self, database: sqlite3.Connection, key: str, value: str, lease: Lease | None
    ) -> int:
        version = self._file.next_revision()
        database.execute(_PUT, (key, value, version))
        if lease is not None:
            if not _any(database, "SELECT 1 FROM leases WHERE id = ?", lease.id):
                raise no_lease(lease.id)
            database.execute("REPLACE INTO leased VALUES (?, ?)", (key, lease.id))
        elif self._may_have_leases:
            database.execute("DELETE FROM leased WHERE key = ?", (key,))
        return version

    def _remove(self, database: sqlite3.Connection, key: str) -> bool:
        if not database.execute("DELETE FROM entries WHERE key = ?", (key,)).rowcount:
            return False
        database.execute("DELETE FROM leased WHERE key = ?", (key,))
        database.execute(
            "INSERT INTO gone VALUES (?, ?)", (self._file.next_revision(), key)
        )
        if self._removals % _FORGET_EVERY == 0:
            self._forget(database)
        self._removals += 1
        return True

    def _forget(self, database: sqlite3.Connection) -> None:
        """Forget all but the last removals."""
        last = database.execute(
            "SELECT revision FROM gone ORDER BY revision DESC LIMIT 1 OFFSET ?",
            (_REMEMBERED,),
        ).fetchall()
        if last:
            database.execute("DELETE FROM gone WHERE revision <= ?", last[0])
            database.execute("UPDATE meta SET forgotten = ?", last[0])

    def _sweep(self) -> None:
        """Remove the leases that have run out, if there are any: readers look first."""
        if not self._may_have_leases:
            return
        with self._file.reading() as database:
            due = _any(database, "SELECT 1 FROM leases WHERE deadline <= ?", time())
        if due:
            with self._file.changing() as database:
                self._remove_expired(database)

    def _remove_expired(self, database: sqlite3.Connection) -> None:
        if not self._may_have_leases:
            return
        due = database.execute("SELECT id FROM leases WHERE deadline <= ?", (time(),))
        for (lease_id,) in due.fetchall():
            self._end(database, lease_id)

    def _end(self, database: sqlite3.Connection, lease_id: str) -> None:
        keys = database.execute(
            "SELECT key FROM leased WHERE lease = ? ORDER BY key", (lease_id,)
        ).fetchall()
        for (key,) in keys:
            self._remove(database, key)
        database.execute("DELETE FROM leases WHERE id = ?", (lease_id,))

    def _renew(self, lease_id: str) -> float:
        with self._file.changing() as database:
            self._remove_expired(database)
            rows = database.execute(
                "UPDATE leases SET deadline = ? + ttl WHERE id = ? RETURNING ttl",
                (time(), lease_id),
            ).fetchall()
        if not rows:
            raise no_lease(lease_id)
        return float(rows[0][0])

    def _revoke(self, lease_id: str) -> None:
        with self._file.changing() as database:
            self._end(database, lease_id)


class _SqliteWatch:
    """The rows above a revision, whenever it has moved."""

    def __init__(
        self, file: SqliteFile, sweep: Callable[[], None], prefix: str, revision: int
    ) -> None:
        self._file = file
        self._sweep = sweep
        self._range = _range(prefix)
        self._at = revision
        self._closed = False
        with self._file.reading() as database:
            since = _forgotten(database)
            if not since <= revision <= self._file.revision():
                raise forgotten(prefix, revision)
            self._known = {
                str(key)
                for (key,) in database.execute(
                    "SELECT key FROM entries WHERE key > ? AND key < ? "
                    "AND version <= ? UNION "
                    "SELECT key FROM gone WHERE key > ? AND key < ? AND revision > ?",
                    (*self._range, revision, *self._range, revision),
                )
            }

    def changes(self, timeout: float) -> Sequence[Change]:
        """What changed since the last call, in order."""
        deadline = monotonic() + timeout
        with self._file.news:
            while not self._closed:
                self._sweep()
                left = deadline - monotonic()
                if (found := self._look()) or left <= 0:
                    return found
                self._file.news.wait(min(left, _LOOK_SECONDS))
        return ()

    def _look(self) -> Sequence[Change]:
        with self._file.reading() as database:
            now = self._file.revision()
            if now == self._at:
                return ()
            rows = database.execute(
                "SELECT version, key, value FROM entries INDEXED BY entries_by_version "
                "WHERE version > ? AND key > ? AND key < ?",
                (self._at, *self._range),
            ).fetchall()
            rows += self._removed(database)
        self._at = now
        found = [
            Change(key, None if value is None else Entry(value, version))
            for version, key, value in sorted(rows)
        ]
        self._known.update(change.key for change in found if change.entry)
        self._known.difference_update(c.key for c in found if c.entry is None)
        return found

    def _removed(
        self, database: sqlite3.Connection
    ) -> Sequence[tuple[int, str, str | None]]:
        """What is not there any more; if its removal is forgotten, by comparing."""
        if _forgotten(database) > self._at:
            there = database.execute(
                "SELECT key FROM entries WHERE key > ? AND key < ?", self._range
            )
            missing = self._known.difference(key for (key,) in there)
            return [(self._at, key, None) for key in missing]
        return database.execute(
            "SELECT max(revision), key, NULL FROM gone WHERE revision > ? AND key > ? "
            "AND key < ? AND key NOT IN (SELECT key FROM entries) GROUP BY key",
            (self._at, *self._range),
        ).fetchall()

    def close(self) -> None:
        """Stop watching."""
        with self._file.news:
            self._closed = True
            self._file.news.notify_all()


def _any(database: sqlite3.Connection, query: str, *values: str | float) -> bool:
    return database.execute(query, values).fetchone() is not None


def _entry(database: sqlite3.Connection, key: str) -> Entry:
    found = database.execute(
        "SELECT value, version FROM entries WHERE key = ?", (key,)
    ).fetchone()
    if found is None:
        raise no_key(key)
    return Entry(*found)


def _forgotten(database: sqlite3.Connection) -> int:
    return int(database.execute("SELECT forgotten FROM meta").fetchone()[0])


def _range(prefix: str) -> tuple[str, str]:
    """Above which key and below which one a listing is; "0" follows "/" in Unicode."""
    return (prefix + "/", prefix + "0") if prefix else ("", _LAST)
