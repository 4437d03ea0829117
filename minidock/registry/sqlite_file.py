"""One SQLite file, its tables, and who may change it when.

```
entries   key, value, version        a row each key; the version is the revision that
                                     made it
gone      revision, key              the last 10,000 removals, for those who watch
meta      revision, forgotten        the last change, and since when "gone" is whole
leases    id, ttl, deadline          deadlines by the clock of the day
leased    key, lease                 what goes with which lease

shared   ──▶ lock, change, sync, unlock      several processes take turns
alone    ──▶ lock ... change, sync ...       a server holds the file while it lives
             FILE-wal: one sync a commit     (a write-ahead log)
```

What a watch needs costs a state file, which nobody watches, nothing: a change is known
by the version of its row, and the index that finds such rows is made by the first
watch. Who is alone takes 2**32 revisions at once and counts them in memory, so that
its commits touch no row but the keys' own; what is left of them is never used.

SQLite commits a transaction before the verb returns (``synchronous = FULL``). A
``kill -9`` loses at most the verb that had not returned, and frees the lock.

Invariants: while a file that is used alone is open, no other one on it is; revisions
only grow, whoever counts them. A file of before there were leases has the entries only,
and gets the other tables when it is opened.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, RLock
from time import monotonic, sleep, time_ns

from minidock.errors import Conflict, InvalidParameter
from minidock.registry.errors import Unavailable

__all__ = ["SqliteFile"]

_TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, version INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS gone (revision INTEGER PRIMARY KEY, key TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS meta (revision INTEGER NOT NULL, forgotten INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS leases (
    id TEXT PRIMARY KEY, ttl REAL NOT NULL, deadline REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leased (
    key TEXT PRIMARY KEY, lease TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS leased_by_lease ON leased (lease);
INSERT INTO meta SELECT revision, revision FROM
    (SELECT coalesce(max(version), 0) AS revision FROM entries)
    WHERE NOT EXISTS (SELECT 1 FROM meta)
"""
_LAYOUT = 2
_BLOCK = 2**32
"""The revisions of one life alone; 2**31 lives fit into SQLite's integers."""

_LEAST_PAUSE, _PAUSE_STEP = 0.0005, 0.000002
"""Before another attempt to write: 0.5 to 2.5 ms, by chance."""


class SqliteFile:
    """An open file: one connection, which threads use in turn.

    Raises:
        InvalidParameter: the file cannot be opened or is no SQLite database.
        Conflict: another process holds the file.
    """

    def __init__(self, path: str | Path, *, alone: bool, wait: float) -> None:
        self._path = path
        self._alone = alone
        self._wait = wait
        self._counted: int | None = None
        self.lock = RLock()
        self.news = Condition(self.lock)
        """Told of every change that is made here."""
        try:
            self.database = sqlite3.connect(
                path, timeout=wait, isolation_level=None, check_same_thread=False
            )
            self._open(wait)
        except sqlite3.Error as error:
            if _is_lock(error):
                raise Conflict(*_in_use(path), **_WHO_HOLDS_IT) from error
            raise InvalidParameter(
                f"cannot use {path} as a state file: {error}",
                asked=f"keep the state in {path}",
                rule="the state is one SQLite database",
                remedy="another file, in a folder that exists and can be written",
            ) from error

    def _open(self, wait: float) -> None:
        run = self.database.execute
        if self._alone:  # before the log is opened: then it needs no memory to share
            run("PRAGMA locking_mode = EXCLUSIVE")
        self._log_ahead(monotonic() + wait)
        run("PRAGMA synchronous = FULL")
        if self._alone:
            run("BEGIN EXCLUSIVE")
            run("COMMIT")  # the lock stays
        if run("PRAGMA user_version").fetchone()[0] < _LAYOUT:
            run("BEGIN IMMEDIATE")
            for statement in _TABLES.split(";"):
                run(statement)
            run(f"PRAGMA user_version = {_LAYOUT}")
            run("COMMIT")

    def _log_ahead(self, deadline: float) -> None:
        """Use a write-ahead log; SQLite does not wait by itself for those who open."""
        while True:
            try:
                self.database.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if not _is_lock(error) or monotonic() > deadline:
                    raise
                sleep(0.005)
            else:
                return

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One moment of the file."""
        with self.lock, self._told("read") as database:
            database.execute("BEGIN")
            try:
                yield database
            finally:
                if database.in_transaction:
                    database.execute("COMMIT")

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """All of a change, synced to the disk, or nothing of it."""
        with self.lock, self._told("save to") as database:
            counted = self._counted
            self._begin()
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                self._counted = counted
                if database.in_transaction:  # a full disk has rolled back already
                    database.execute("ROLLBACK")
                raise
            self.news.notify_all()

    def _begin(self) -> None:
        """Take the right to write, when nobody else has it.

        SQLite's own way of waiting sleeps longer each time, up to a tenth of a second:
        whoever has waited loses against who comes now.
        """
        run = self.database.execute
        deadline = monotonic() + self._wait
        run("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    run("BEGIN IMMEDIATE")
                except sqlite3.OperationalError as error:
                    if not _is_lock(error) or monotonic() > deadline:
                        raise
                else:
                    return
                sleep(_LEAST_PAUSE + time_ns() % 1000 * _PAUSE_STEP)
        finally:
            run(f"PRAGMA busy_timeout = {int(self._wait * 1000)}")

    @contextmanager
    def _told(self, verb: str) -> Iterator[sqlite3.Connection]:
        """SQLite's own errors, as refusals."""
        try:
            yield self.database
        except sqlite3.Error as error:
            if _is_lock(error):
                raise Unavailable(*_in_use(self._path), **_WHO_HOLDS_IT) from error
            raise Unavailable(
                f"cannot {verb} {self._path}: {error}",
                asked=f"{verb} the state file",
                rule="a change is acknowledged once it is on the disk",
                remedy="room on the disk, and a file that can be written",
            ) from error

    def revision(self) -> int:
        """The revision of the last change; call it while reading or changing."""
        if self._counted is not None:
            return self._counted
        found = self.database.execute("SELECT revision FROM meta").fetchone()
        return int(found[0])

    def next_revision(self) -> int:
        """The revision of one more change; call it while changing."""
        if self._counted is not None:
            self._counted += 1
            return self._counted
        step = _BLOCK if self._alone else 1
        found = self.database.execute(
            "UPDATE meta SET revision = revision + ? RETURNING revision", (step,)
        ).fetchall()
        number = int(found[0][0]) - step + 1
        if self._alone:
            self._counted = number
        return number


def _is_lock(error: sqlite3.Error) -> bool:
    return "locked" in str(error) or "locking protocol" in str(error)


def _in_use(path: str | Path) -> tuple[str]:
    return (f"the state file {path} is held by another program",)


_WHO_HOLDS_IT = {
    "asked": "work with the state in a file",
    "rule": "while a server keeps its state in a file, nobody else uses the file",
    "remedy": "ask the server with DOCKER_HOST, stop it, or name another file",
}
