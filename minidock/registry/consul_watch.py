"""A watch in Consul: a thread that asks, waits, and compares.

```
read the path, and its index ─▶ the difference to what is known ─▶ changes()
      ▲                                                   │
      └──── "answer once the index is higher" ◀───────────┘
```

Consul tells that something below a path changed, not what: so each answer holds the
whole path, and the difference by ModifyIndex is told. What came and went between two
answers is left out.

An index that is lower than the last one (the server came back with an older memory, or
forgot which keys were deleted) means nothing: the watch reads anew, as Consul's
documentation asks. It does so also after each connection that broke.

Invariants: what is told, applied in order to what was known, gives the path as it was
read last; after ``close`` the thread ends.
"""

import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from minidock.registry.consul_agents import Agents, Lost, Reply
from minidock.registry.errors import Unavailable
from minidock.registry.store import Change, Entry

__all__ = ["ConsulWatch"]

_WAIT = 30.0
"""How long a query may block, seconds."""
_PAUSE = 0.1
"""Between two attempts to reach the server, seconds."""
_REST = 1.0
"""At most so long does a watch rest after an answer that took as long, seconds."""


class ConsulWatch:
    """Changes below a path.

    Cost: the whole path is read for each change, or for many that come together.

    Args:
        agents: who to ask.
        path: of the request that reads it all.
        query: what this request says.
        index: the index up to which everything is known; 0 to read at once.
        known: the keys that were there, and their versions.
        items_of: the keys and items that a reply holds.
        entry_of: the entry that an item holds.
    """

    def __init__(
        self,
        agents: Agents,
        *,
        path: str,
        query: tuple[tuple[str, str | int], ...],
        index: int,
        known: Mapping[str, int],
        items_of: Callable[[Reply], Mapping[str, Mapping[str, Any]]],
        entry_of: Callable[[str, Mapping[str, Any]], Entry],
    ) -> None:
        self._path = path
        self._query = query
        self._index = index
        self._known = dict(known)
        self._items_of = items_of
        self._entry_of = entry_of
        self._news = threading.Condition()
        self._pending: deque[Change | Unavailable] = deque()
        self._down: Unavailable | None = None
        self._closed = False
        self._socket: socket.socket | None = None
        self._agents = agents.separate(self._connected)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def changes(self, timeout: float) -> Sequence[Change]:
        """What changed since the last call, in order."""
        with self._news:
            self._news.wait_for(lambda: self._pending or self._closed, timeout)
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
            if self._down is not None and not told and not self._closed:
                raise self._down
            return told

    def close(self) -> None:
        """Stop watching."""
        with self._news:
            self._closed = True
            self._news.notify_all()
            self._cut()
        self._thread.join(self._agents.timeout)

    def _run(self) -> None:
        while not self._closed:
            began = monotonic()
            pause = _PAUSE
            try:
                blocked = self._index > 0
                self._compare(self._read())
                if self._index:  # a long path is read half of the time at most
                    pause = 0.0 if blocked else min(monotonic() - began, _REST)
            except Unavailable as error:
                self._down, self._index = error, 0
            except Lost:  # whether the agent is there is asked at once
                self._index, pause = 0, 0.0
            with self._news:
                self._news.wait_for(lambda: self._closed, pause)
        self._agents.close()

    def _read(self) -> Reply:
        if not self._index:
            return self._agents.ask("GET", self._path, self._query)
        query = (*self._query, ("index", self._index))
        return self._agents.wait(self._path, query, _WAIT)

    def _compare(self, reply: Reply) -> None:
        """Tell the difference between a reply and what is known."""
        items = self._items_of(reply)
        versions = {key: int(item["ModifyIndex"]) for key, item in items.items()}
        with self._news:
            self._down = None
            self._index = 0 if reply.index < self._index else reply.index
            if versions == self._known:
                return
            for key in sorted(self._known.keys() - versions.keys()):
                self._pending.append(Change(key, None))
            for key in sorted(versions, key=lambda key: versions[key]):
                if self._known.get(key) != versions[key]:
                    self._tell(key, items[key])
            self._known = versions
            self._news.notify_all()

    def _tell(self, key: str, item: Mapping[str, Any]) -> None:
        try:
            self._pending.append(Change(key, self._entry_of(key, item)))
        except Unavailable as error:  # no text: told once, and passed over
            self._pending.append(error)

    def _connected(self, connection: Any) -> None:  # noqa: ANN401 - urllib3's
        """Keep the connection that the thread waits on, so that it can be broken."""
        with self._news:
            self._socket = connection.sock
            if self._closed:
                self._cut()

    def _cut(self) -> None:
        """Break the connection, so that the thread that waits on it wakes up."""
        with suppress(OSError, ValueError):
            number = self._socket.fileno() if self._socket else -1
            with socket.fromfd(number, socket.AF_INET, socket.SOCK_STREAM) as copy:
                copy.shutdown(socket.SHUT_RDWR)
