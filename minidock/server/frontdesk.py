"""Who answers a connection: the door first, then /_ping, then the engine.

```
head ──▶ let in? ──▶ /_ping while the engine is still coming: answered here
              403          all else waits for it
```

An engine takes a moment to load; whoever waits for it to come up asks /_ping. That one
answer needs no more than the era's table, so it is there before the engine is.

Invariant: what is answered early is what the engine would have answered.
"""

import threading
import time
from collections.abc import Callable

from minidock.releases import Release
from minidock.server import rendering
from minidock.server.door import refusal
from minidock.server.wire import Head

TYPE_CHECKING = False  # as a type checker sees it: True; without importing typing
if TYPE_CHECKING:
    from minidock.server.roles import Answering, Reply

__all__ = ["Clock", "FrontDesk"]


class Clock:
    """The date as HTTP writes it, made once a second."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._shown = (0, "")

    def __call__(self) -> str:
        """The date now."""
        now = int(self._clock())
        if self._shown[0] != now:
            self._shown = (now, rendering.date(now))
        return self._shown[1]


class _Pong:
    """The answer to a ping."""

    pump = None

    def __init__(self, data: bytes, *, stays: bool) -> None:
        self.data = data
        self.stays = stays


class FrontDesk:
    """Answers for one server.

    Args:
        names: host names that were given as listening addresses.
        early: the engine's version, where it is known before the engine is there.
        experimental: what dockerd's flag of that name says.
    """

    def __init__(
        self,
        *,
        names: frozenset[str] = frozenset(),
        early: Release | None = None,
        experimental: bool = False,
    ) -> None:
        self._names = names
        self._early = early
        self._experimental = experimental
        self._ready = threading.Event()
        self._answers: Answering | None = None
        self._trouble = ""
        self.asked = threading.Event()
        """Set when the first request that is no ping has come."""
        self.date = Clock()

    def open(self, answers: "Answering") -> None:
        """The engine is there."""
        self._answers = answers
        self._ready.set()

    def fail(self, trouble: str) -> None:
        """The engine will never be there."""
        self._trouble = trouble
        self._ready.set()

    def refusal(self, head: Head) -> bytes | None:
        """Why this request is not let in, as a whole answer."""
        why = refusal(head, self._names)
        return self._message(403, why) if why else None

    def _message(self, status: int, message: str) -> bytes:
        import json  # noqa: PLC0415 - the first answer needs none

        text = json.dumps({"message": message}, separators=(",", ":")) + "\n"
        body = text.encode()
        headers = {"Content-Type": "application/json"}
        written = rendering.head(
            status, headers, now=self.date(), length=len(body), close=True
        )
        return written + body

    def reply(self, head: Head, body: bytes) -> "Reply":
        """The engine's answer, as soon as there is an engine."""
        if self._answers is None:
            pinged = head.path == "/_ping" and head.method in {"GET", "HEAD"}
            if pinged and self._early is not None:
                return self._pong(head, self._early)
            self.asked.set()
            self._ready.wait()
        if self._answers is None:
            return _Pong(self._message(500, self._trouble), stays=False)
        return self._answers.reply(head, body)

    def _pong(self, head: Head, era: Release) -> "Reply":
        headers = {
            "Api-Version": era.api_version,
            "Cache-Control": "no-cache, no-store, must-revalidate",
            "Docker-Experimental": str(self._experimental).lower(),
            "Ostype": "linux",
            "Pragma": "no-cache",
            "Server": f"Docker/{era.engine_version} (linux)",
        }
        if era.builder_version:
            headers["Builder-Version"] = era.builder_version
        if era.swarm_in_ping:
            headers["Swarm"] = "inactive"
        # Go finds the type of a body by itself, and writes it last.
        body, sniffed = b"OK", "text/plain; charset=utf-8"
        if head.method == "HEAD":
            headers["Content-Type"] = sniffed
            body, sniffed = b"", ""
        data = rendering.whole(
            200, headers, body, head, now=self.date(), sniffed=sniffed
        )
        return _Pong(data, stays=head.stays)
