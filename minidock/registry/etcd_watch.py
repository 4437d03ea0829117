"""A watch in etcd: a stream of events that one thread reads.

```
stream ─▶ events ─▶ pending ─▶ changes()
   │ broken            ▲
   └─▶ again from the last revision ── compacted, or the server's memory is older
                       │                            │
                       └── the difference ◀── read the path again
```

The thread keeps the keys that its owner knows, with their versions: what a listing does
not have any more was deleted.

Invariants: each event is told once, in etcd's order; after ``close`` the thread ends.
"""

import json
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from minidock.registry.errors import Unavailable
from minidock.registry.etcd_gateway import EtcdRefusal, Gateway, Lost
from minidock.registry.store import Change, Entry

if TYPE_CHECKING:
    import requests

__all__ = ["EtcdWatch"]

_SILENCE = 60.0
"""After how many seconds without a word a stream is asked for anew."""
_PAUSE = 0.1
"""Between two attempts to reach the server, seconds."""
_CHUNK = 65536
"""At most so many bytes of a stream at once; fewer, if no more are there."""


class EtcdWatch:
    """Changes below a path.

    Args:
        gateway: who to ask.
        span: the range of stored keys.
        at: the revision up to which everything is known.
        known: the keys that were there, and their versions.
        key_of: the key under a stored name, or None.
        entry_of: the entry that an item holds.
        read: the path as it is now, and the revision of that.
    """

    def __init__(
        self,
        gateway: Gateway,
        *,
        span: Mapping[str, str],
        at: int,
        known: dict[str, int],
        key_of: Callable[[str], str | None],
        entry_of: Callable[[str, Mapping[str, Any]], Entry],
        read: Callable[[], tuple[int, dict[str, dict[str, Any]]]],
    ) -> None:
        self._gateway = gateway
        self._span = span
        self._at = at
        self._known = known
        self._key_of = key_of
        self._entry_of = entry_of
        self._read = read
        self._news = threading.Condition()
        self._pending: deque[Change | Unavailable] = deque()
        self._down: Unavailable | None = None
        self._closed = False
        self._stream: requests.Response | None = None
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
        self._thread.join(self._gateway.timeout)

    def _run(self) -> None:
        while not self._closed:
            try:
                self._listen()
            except Unavailable as error:
                self._down = error
            except (Lost, EtcdRefusal) as error:
                self._down = self._gateway.unavailable(error)
            with self._news:
                if not self._closed:
                    self._news.wait(_PAUSE)

    def _listen(self) -> None:
        """One stream, until it breaks or another one is needed."""
        wanted = {**self._span, "start_revision": self._at + 1}
        stream = self._gateway.follow("/watch", {"create_request": wanted}, _SILENCE)
        with self._news:
            self._stream = stream
            if self._closed:
                self._cut()
        # a stream that breaks or falls silent is asked for again, and that says
        # whether the server is there
        with stream, suppress(OSError):
            for line in stream.iter_lines(chunk_size=_CHUNK):
                if line and not self._take(json.loads(line)):
                    break

    def _take(self, message: dict[str, Any]) -> bool:
        """What the stream says; False if another stream is needed."""
        if "result" not in message:
            self._gateway.refuse(message)
        result = message["result"]
        if result.get("canceled") and "compact_revision" not in result:
            raise Lost(result.get("cancel_reason", "no watch is granted"), unsent=True)
        with self._news:
            self._down = None
        if result.get("canceled") or int(result["header"]["revision"]) < self._at:
            self._compare()
            return False
        with self._news:
            for event in result.get("events", ()):
                self._note(event)
            self._news.notify_all()
        return True

    def _note(self, event: Mapping[str, Any]) -> None:
        item = event["kv"]
        self._at = int(item["mod_revision"])
        key = self._key_of(item["key"])
        if key is None:
            return
        if event.get("type") == "DELETE":
            self._known.pop(key, None)
            self._pending.append(Change(key, None))
            return
        self._known[key] = self._at
        self._tell(key, item)

    def _tell(self, key: str, item: Mapping[str, Any]) -> None:
        try:
            self._pending.append(Change(key, self._entry_of(key, item)))
        except Unavailable as error:  # no text: told once, and passed over
            self._pending.append(error)

    def _compare(self) -> None:
        """Read the path again, and tell the difference to what is known."""
        revision, found = self._read()
        versions = {key: int(item["mod_revision"]) for key, item in found.items()}
        with self._news:
            for key in sorted(self._known.keys() - versions.keys()):
                self._pending.append(Change(key, None))
            for key in sorted(versions, key=lambda k: versions[k]):
                if self._known.get(key) != versions[key]:
                    self._tell(key, found[key])
            self._known = versions
            self._at = revision
            self._news.notify_all()

    def _cut(self) -> None:
        """Break the stream, so that the thread that reads it wakes up."""
        with suppress(OSError, ValueError, AttributeError):
            number = self._stream.raw.fileno() if self._stream else -1
            with socket.fromfd(number, socket.AF_INET, socket.SOCK_STREAM) as copy:
                copy.shutdown(socket.SHUT_RDWR)
