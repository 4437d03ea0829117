"""A watch in ZooKeeper: a node says that it changed once, and is read again.

```
event ─▶ dirty nodes ─▶ read them, to be told again ─▶ compare ─▶ changes()
connection lost ──────▶ read everything ──────────────▶    │
                                                  what its owner knows
```

ZooKeeper's watches tell where something happened, not what. A node is read again in the
same breath in which its next change is asked for, so none is missed; several changes
between two readings are one. What its owner knows is kept, key and version, so a
reading gives the difference, also after a restart of the server.

Invariants: each key's changes come in order; those of several keys by ZooKeeper's own
clock, where a removal counts as the last one of its directory.

Source: ZooKeeper's Programmer's Guide, "ZooKeeper Watches".
"""

import threading
from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from minidock.registry.errors import Unavailable
from minidock.registry.store import Change
from minidock.registry.zookeeper_client import Keeper, Lost
from minidock.registry.zookeeper_paths import decode
from minidock.registry.zookeeper_tree import (
    Tree,
    read_entry,
    read_tree,
    read_values,
)

if TYPE_CHECKING:
    from kazoo.client import KazooClient

__all__ = ["ZooKeeperWatch"]


class ZooKeeperWatch:
    """Changes below a path.

    Cost: at first, and after each loss of the connection, one listing; then one reading
    for each change. ZooKeeper keeps a flag for each node below the path.

    Args:
        keeper: the connection.
        top: the node of the path.
        prefix: the path.
        known: the keys that its owner knows.
        since: the moment as of which it knows them.
    """

    def __init__(
        self, keeper: Keeper, *, top: str, prefix: str, known: set[str], since: int
    ) -> None:
        self._keeper = keeper
        self._top = top
        self._prefix = prefix
        self._since = since
        self._versions: dict[str, int] = dict.fromkeys(known, 0)
        self._leaves: dict[str, str] = {}
        self._directories: dict[str, str] = {}
        self._pending: deque[Change | Unavailable] = deque()
        self._news = threading.Condition()
        self._dirty: set[str] = set()
        self._stale = True
        self._closed = False

    def changes(self, timeout: float) -> Sequence[Change]:
        """What changed since the last call, in order."""
        end = monotonic() + timeout
        while True:
            with self._news:
                self._news.wait_for(self._is_ready, max(end - monotonic(), 0))
                if self._closed:
                    return []
                stale, dirty = self._stale, self._dirty
                self._stale, self._dirty = False, set()
            if stale or dirty:
                self._look(end, dirty, stale=stale)
            if self._pending or monotonic() >= end:
                return self._told()

    def close(self) -> None:
        """Stop watching."""
        with self._news:
            self._closed = True
            self._news.notify_all()

    def _is_ready(self) -> bool:
        return bool(self._closed or self._stale or self._dirty or self._pending)

    def _told(self) -> list[Change]:
        told: list[Change] = []
        while self._pending:
            first = self._pending[0]
            if isinstance(first, Unavailable):
                if told:
                    break
                self._pending.popleft()
                raise first
            told.append(first)
            self._pending.popleft()
        return told

    def _hear(self, event: Any) -> None:  # noqa: ANN401 - kazoo's WatchedEvent
        """Called by kazoo's thread."""
        with self._news:
            if event.path is None:  # the connection broke, and all watches are gone
                self._stale = True
            else:
                self._dirty.add(event.path)
            self._news.notify_all()

    def _look(self, end: float, dirty: set[str], *, stale: bool) -> None:
        """Read what may have changed, and note the difference."""
        try:
            client = self._keeper.client(min(end, monotonic() + self._keeper.timeout))
            if stale:
                self._read_everything(client)
            else:
                self._read_again(client, dirty)
        except Lost as lost:
            self._stale = True
            raise self._keeper.unavailable(lost) from lost
        except Unavailable:
            self._stale = True
            raise

    def _read_everything(self, client: "KazooClient") -> None:
        tree = self._tree(client, [(self._top, self._prefix)])
        self._directories = dict.fromkeys(tree.directories, "")
        self._leaves = tree.leaves
        values = read_values(self._keeper, client, list(tree.leaves), self._hear)
        here = {tree.leaves[path] for path in values}
        at = max(tree.directories.values(), default=0)
        self._note(values, dict.fromkeys(self._versions.keys() - here, at))
        self._since = 0

    def _read_again(self, client: "KazooClient", dirty: set[str]) -> None:
        places = {path for path in dirty if not path.endswith("=")}
        tops = [(path, self._key(path)) for path in sorted(places)]
        tree = self._tree(client, tops, self._directories.keys() - places)
        for path in places - tree.directories.keys():
            self._directories.pop(path, None)
        self._directories.update(dict.fromkeys(tree.directories, ""))
        fresh = tree.leaves.keys() - self._leaves.keys()
        self._leaves.update(tree.leaves)
        asked = [path for path in {*dirty, *fresh} if path in self._leaves]
        values = read_values(self._keeper, client, asked, self._hear)
        gone: dict[str, int] = {}
        for path in asked:
            if path not in values:
                key = self._leaves.pop(path)
                where = path.rpartition("/")[0] or "/"
                gone[key] = tree.directories.get(where, client.last_zxid)
        self._note(values, gone)

    def _key(self, path: str) -> str:
        """The path that a directory stands for, which is known from its own name."""
        rest = path[len(self._top.rstrip("/")) + 1 :]
        parts = [str(decode(name)) for name in rest.split("/") if name]
        return "/".join([self._prefix, *parts] if self._prefix else parts)

    def _tree(
        self,
        client: "KazooClient",
        tops: list[tuple[str, str]],
        known: set[str] | None = None,
    ) -> Tree:
        """Directories, with what is below; the top is waited for if it is not there."""
        while True:
            tree = read_tree(self._keeper, client, tops, self._hear, known or ())
            if self._top in tree.directories or self._top not in dict(tops):
                return tree
            waits = client.exists_async(self._top, self._hear)
            end = monotonic() + self._keeper.timeout
            if self._keeper.answer(waits, end) is None:
                return tree

    def _note(self, values: dict[str, tuple[bytes, Any]], gone: dict[str, int]) -> None:
        """Compare with what is known; what is new is told by its moment."""
        found: list[tuple[int, Change | Unavailable]] = []
        for key, moment in gone.items():
            if self._versions.pop(key, None) is not None:
                found.append((moment, Change(key, None)))
        for path, (data, stat) in values.items():
            key = self._leaves[path]
            known = self._versions.get(key)
            self._versions[key] = stat.mzxid
            if known == stat.mzxid or (known == 0 and stat.mzxid <= self._since):
                continue
            try:
                entry = read_entry(self._keeper, key, data, stat.mzxid)
            except Unavailable as error:  # no text: told once, and passed over
                found.append((stat.mzxid, error))
            else:
                found.append((stat.mzxid, Change(key, entry)))
        self._pending.extend(
            item for _, item in sorted(found, key=lambda pair: pair[0])
        )
