"""A store in one SQLite file: what is acknowledged is on the disk.

```
entries(key TEXT PRIMARY KEY, value TEXT, version INTEGER)     one row a key
```

SQLite commits a transaction before the verb returns (``synchronous = FULL``), and
several processes may use one file: a writer waits for the other. A ``kill -9`` loses at
most the verb that had not returned.
"""

import sqlite3
import weakref
from pathlib import Path

from minidock.errors import InvalidParameter
from minidock.registry.store import Entry

__all__ = ["SqliteStore"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, version INTEGER NOT NULL
) WITHOUT ROWID
"""
_WAIT_SECONDS = 10.0


class SqliteStore:
    """A store in a file, or in memory for ``:memory:``.

    The file is given back by ``close``, or when nobody holds the store any more.

    Raises:
        InvalidParameter: the file cannot be opened or is no SQLite database.

    >>> store = SqliteStore(":memory:")
    >>> store.put("a", "1"), store.get("a")
    (1, Entry(value='1', version=1))
    >>> store.delete("a", version=7)
    False
    >>> store.close()
    """

    def __init__(self, path: str | Path) -> None:
        try:
            self._database = sqlite3.connect(
                path,
                timeout=_WAIT_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            # a store that is dropped without a close gives its file back, too, in
            # whichever thread somebody collects the garbage
            weakref.finalize(self, self._database.close)
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute(_SCHEMA)
        except sqlite3.Error as error:
            raise InvalidParameter(
                f"cannot use {path} as a state file: {error}",
                asked=f"keep the state in {path}",
                rule="the state is one SQLite database",
                remedy="another file, in a folder that exists and can be written",
            ) from error

    def get(self, key: str) -> Entry | None:
        """The entry under a key, or None."""
        found = self._database.execute(
            "SELECT value, version FROM entries WHERE key = ?", (key,)
        ).fetchone()
        return None if found is None else Entry(*found)

    def put(self, key: str, value: str) -> int:
        """Set a key whatever it holds; the new version."""
        row = self._database.execute(
            "INSERT INTO entries VALUES (?, ?, 1) ON CONFLICT (key) DO UPDATE "
            "SET value = excluded.value, version = version + 1 RETURNING version",
            (key, value),
        ).fetchone()
        return int(row[0])

    def _changed(self, statement: str, values: tuple[str | int, ...]) -> bool:
        return self._database.execute(statement, values).rowcount == 1

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

    def list(self, prefix: str) -> "list[tuple[str, Entry]]":
        """The entries below a path, sorted by key."""
        rows = self._database.execute(
            "SELECT key, value, version FROM entries WHERE key >= ? AND key < ? "
            "ORDER BY key",
            (prefix + "/", prefix + "0"),  # "0" follows "/" in ASCII
        ).fetchall()
        return [(key, Entry(value, version)) for key, value, version in rows]

    def close(self) -> None:
        """Close the file."""
        self._database.close()
