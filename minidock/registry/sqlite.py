"""A store in one SQLite file: what is acknowledged is on the disk.

```
entries(key TEXT PRIMARY KEY, value TEXT, version INTEGER)     one row a key

shared   ──▶ lock, change, sync, unlock      several processes take turns
alone    ──▶ lock ... change, sync ...       a server holds the file while it lives
             FILE-wal: one sync a commit     (a write-ahead log)
```

SQLite commits a transaction before the verb returns (``synchronous = FULL``). A
``kill -9`` loses at most the verb that had not returned, and frees the lock.

Invariant: while a store that is alone is open, no other one on its file is.
"""

import sqlite3
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from minidock.errors import Conflict, InvalidParameter, Unclassified
from minidock.registry.store import Entry

__all__ = ["SqliteStore"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, version INTEGER NOT NULL
) WITHOUT ROWID
"""
_PUT = (
    "INSERT INTO entries VALUES (?, ?, 1) ON CONFLICT (key) DO UPDATE "
    "SET value = excluded.value, version = version + 1 RETURNING version"
)
_WAIT_SECONDS = 5.0
"""How long a verb waits for another process; the longest verb takes milliseconds."""


class SqliteStore:
    """A store in a file, or in memory for ``:memory:``.

    The file is given back by ``close``, or when nobody holds the store any more.

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
    >>> store.delete("a", version=7)
    False
    >>> store.close()
    """

    def __init__(
        self, path: str | Path, *, alone: bool = False, wait: float = _WAIT_SECONDS
    ) -> None:
        self._path = path
        try:
            self._database = sqlite3.connect(
                path, timeout=wait, isolation_level=None, check_same_thread=False
            )
            # a store that is dropped without a close gives its file back, too, in
            # whichever thread somebody collects the garbage
            self._closing = weakref.finalize(self, self._database.close)
            self._open(alone=alone)
        except sqlite3.Error as error:
            if _is_lock(error):
                raise _in_use(path) from error
            raise InvalidParameter(
                f"cannot use {path} as a state file: {error}",
                asked=f"keep the state in {path}",
                rule="the state is one SQLite database",
                remedy="another file, in a folder that exists and can be written",
            ) from error

    def _open(self, *, alone: bool) -> None:
        run = self._database.execute
        if alone:  # before the log is opened: then it needs no memory to share
            run("PRAGMA locking_mode = EXCLUSIVE")
            run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        if alone:
            run("BEGIN EXCLUSIVE")
        run(_SCHEMA)
        if alone:  # the lock stays
            run("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[sqlite3.Connection]:
        """SQLite's own errors, as refusals."""
        try:
            yield self._database
        except sqlite3.OperationalError as error:
            if _is_lock(error):
                raise _in_use(self._path) from error
            raise Unclassified(
                f"cannot save to {self._path}: {error}",
                asked="keep a change in the state file",
                rule="a change is acknowledged once it is on the disk",
                remedy="room on the disk, and a file that can be written",
            ) from error

    def get(self, key: str) -> Entry | None:
        """The entry under a key, or None."""
        with self._told() as database:
            found = database.execute(
                "SELECT value, version FROM entries WHERE key = ?", (key,)
            ).fetchone()
        return None if found is None else Entry(*found)

    def put(self, key: str, value: str) -> int:
        """Set a key whatever it holds; the new version."""
        with self._told() as database:
            row = database.execute(_PUT, (key, value)).fetchone()
        return int(row[0])

    def _changed(self, statement: str, values: tuple[str | int, ...]) -> bool:
        with self._told() as database:
            return database.execute(statement, values).rowcount == 1

    def create(self, key: str, value: str) -> bool:
        """Set a key that is not there; False, and no change, if it is."""
        return self._changed(
            "INSERT OR IGNORE INTO entries VALUES (?, ?, 1)", (key, value)
        )

    def compare_and_swap(self, key: str, value: str, version: int) -> bool:
        """Set a key that still has this version; False, and no change, otherwise."""
        return self._changed(
            "UPDATE entries SET value = ?, version = version + 1 "
            "WHERE key = ? AND version = ?",
            (value, key, version),
        )

    def delete(self, key: str, version: int | None = None) -> bool:
        """Remove a key (that still has this version); False if there was nothing."""
        if version is None:
            return self._changed("DELETE FROM entries WHERE key = ?", (key,))
        return self._changed(
            "DELETE FROM entries WHERE key = ? AND version = ?", (key, version)
        )

    def write(self, entries: Mapping[str, str | None]) -> None:
        """Set several keys at once, or remove those with None: all of it or nothing.

        Cost: one sync of the disk, however many keys.
        """
        with self._told() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                for key, value in entries.items():
                    if value is None:
                        database.execute("DELETE FROM entries WHERE key = ?", (key,))
                    else:
                        database.execute(_PUT, (key, value)).fetchone()
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:  # a full disk has rolled back already
                    database.execute("ROLLBACK")
                raise

    def list(self, prefix: str, after: str = "") -> "list[tuple[str, Entry]]":
        """The entries below a path that come after a key, sorted by key."""
        with self._told() as database:
            rows = database.execute(
                "SELECT key, value, version FROM entries WHERE key > ? AND key < ? "
                "ORDER BY key",
                (max(prefix + "/", after), prefix + "0"),  # "0" follows "/" in ASCII
            ).fetchall()
        return [(key, Entry(value, version)) for key, value, version in rows]

    def close(self) -> None:
        """Close the file."""
        self._closing()


def _is_lock(error: sqlite3.Error) -> bool:
    return "locked" in str(error)


def _in_use(path: str | Path) -> Conflict:
    return Conflict(
        f"the state file {path} is held by another program",
        asked=f"work with the state in {path}",
        rule="while a server keeps its state in a file, nobody else uses the file",
        remedy="ask the server with DOCKER_HOST, stop it, or name another file",
    )
