"""One connection: requests are read, answered in order, and perhaps taken over.

```
bytes in ──▶ head ──▶ admitted? ──▶ body ──▶ backend.reply ──▶ bytes out ──▶ next
                                                  │
                                                  ├─ a pump: what goes on is sent
                                                  └─ hijacked: a second thread carries
                                                     what is typed to the program
```

Docker's source: moby, ``api/server/httputils`` and ``container/stream/attach``.

Invariants: every wait has an end, so a silent client costs a thread only for a while;
what is kept of a request is never more than its limits; nothing raised in here leaves
the thread.
"""

import contextlib
import threading
import time

from minidock.server.rendering import go_error
from minidock.server.wire import (
    HEAD_LIMIT,
    BadRequest,
    Chunks,
    Head,
    head_end,
    parse_head,
)

TYPE_CHECKING = False  # as a type checker sees it: True; without importing typing
if TYPE_CHECKING:
    from minidock.server.roles import Backend, Pump, Wire

__all__ = ["Connection"]

JSON_LIMIT = 16 * 1024 * 1024
TAR_LIMIT = 512 * 1024 * 1024

IDLE = 300.0
"""Seconds that a connection may rest between requests."""
HEAD_TIME = 30.0
"""Seconds from the first byte of a head to its last."""
BODY_PAUSE = 30.0
"""Seconds that a body may pause."""
WRITE_PAUSE = 60.0
"""Seconds that a client may take to accept a part of an answer."""
READER_PAUSE = 900.0
"""Seconds that a client may stop reading what goes on, such as logs in a pager."""
HEAD_ALONE = 0.05
"""Seconds that a client may take to read the head before a hijacked stream begins."""
LINGER = 2.0
"""Seconds after the end of a hijacked stream in which the client may close first."""
_LOOK = 0.5
"""Seconds after which a stream looks whether its client is still there."""

_PIECE = 64 * 1024
_HEADS = 8
"""Heads that are remembered: most clients ask the same again and again."""


class Connection:
    """One client, for as long as it stays; ``run`` is its thread.

    Args:
        wire: the socket.
        backend: who answers.
        trusted: whether nobody asks who it is: no browser can get here.
    """

    def __init__(
        self, wire: "Wire", backend: "Backend", *, trusted: bool = False
    ) -> None:
        self._wire = wire
        self._backend = backend
        self._trusted = trusted
        self._buffer = bytearray()
        self._heads: dict[bytes, Head] = {}

    def run(self) -> None:
        """Answer until one of both has had enough."""
        try:
            while self._one():
                pass
        except BadRequest as error:
            self._say(go_error(error.status, error.reason))
        except OSError:
            pass  # the client went away, or was too slow
        finally:
            self._wire.close()

    def close(self) -> None:
        """End it from another thread; its own thread gives the socket back."""
        self._wire.end()

    def _say(self, data: bytes) -> None:
        """The last words to somebody who may still be sending."""
        with contextlib.suppress(OSError):
            self._send(data)
            self._wire.finish()
            self._drain(LINGER)

    def _drain(self, seconds: float) -> None:
        """Take what still comes; closing before would take back what was sent."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._wire.settimeout(left)
            if not self._wire.recv(_PIECE):
                return

    def _send(self, data: bytes) -> None:
        self._wire.settimeout(WRITE_PAUSE)
        if len(data) <= _PIECE:
            self._wire.sendall(data)
            return
        view = memoryview(data)
        for start in range(0, len(data), _PIECE):
            self._wire.sendall(bytes(view[start : start + _PIECE]))

    def _one(self) -> bool:
        """Read one request and answer it; whether another one may follow."""
        head = self._head()
        if head is None:
            return False
        refused = None if self._trusted else self._backend.refusal(head)
        if refused is not None:
            self._say(refused)
            return False
        body = self._body(head) if head.chunked or head.length else b""
        reply = self._backend.reply(head, body)
        if reply.pump is None:
            self._send(reply.data)
            return reply.stays
        if reply.pump.hijacked:
            self._taken_over(reply.data, reply.pump)
            return False
        return self._go_on(reply.data, reply.pump) and reply.stays

    def _head(self) -> Head | None:
        """The next request's head; None where the client is done."""
        if not self._buffer:
            self._wire.settimeout(IDLE)
            more = self._wire.recv(_PIECE)
            if not more:
                return None
            self._buffer += more
        end = head_end(self._buffer)
        deadline = time.monotonic() + HEAD_TIME if end < 0 else 0.0
        while end < 0:
            if len(self._buffer) > HEAD_LIMIT:
                raise BadRequest(431)
            before = max(0, len(self._buffer) - 2)
            if not self._more(deadline - time.monotonic()):
                return None
            end = head_end(self._buffer, before)
        if end > HEAD_LIMIT:
            raise BadRequest(431)
        raw = bytes(self._buffer[:end])
        del self._buffer[:end]
        head = self._heads.get(raw)
        if head is None:
            if len(self._heads) >= _HEADS:
                self._heads.clear()
            head = self._heads[raw] = parse_head(raw)
        return head

    def _more(self, seconds: float) -> bool:
        if seconds <= 0:
            raise TimeoutError
        self._wire.settimeout(seconds)
        more = self._wire.recv(_PIECE)
        self._buffer += more
        return bool(more)

    def _body(self, head: Head) -> bytes:
        limit = TAR_LIMIT if _is_tar(head) else JSON_LIMIT
        if head.length > limit:
            raise BadRequest(413)
        if head.continues and head.minor and not self._buffer:
            self._send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if head.chunked:
            return self._chunks(limit)
        while len(self._buffer) < head.length:
            if not self._more(BODY_PAUSE):
                raise ConnectionError
        body = bytes(self._buffer[: head.length])
        del self._buffer[: head.length]
        return body

    def _chunks(self, limit: int) -> bytes:
        chunks = Chunks(limit)
        chunks.feed(bytes(self._buffer))
        self._buffer.clear()
        while not chunks.over:
            if not self._more(BODY_PAUSE):
                raise ConnectionError
            chunks.feed(bytes(self._buffer))
            self._buffer.clear()
        self._buffer += chunks.rest
        return bytes(chunks.data)

    def _go_on(self, data: bytes, pump: "Pump") -> bool:
        """Send what goes on until it is over; whether the client saw its end."""
        data += pump.read()
        while not pump.over:
            if data:
                self._wire.settimeout(READER_PAUSE)
                self._wire.sendall(data)
            pump.wait(_LOOK)
            if self._wire.gone():
                return False
            data = pump.read()
        self._send(data)
        return True

    def _taken_over(self, data: bytes, pump: "Pump") -> None:
        """The program's output goes out here, its input comes in by another thread."""
        typed = bytes(self._buffer)
        self._buffer.clear()
        typist = threading.Thread(
            target=self._typing, args=(pump, typed), name="minidock-input", daemon=True
        )
        try:
            self._wire.settimeout(READER_PAUSE)
            self._wire.sendall(data)
            typist.start()
            data = pump.read()
            if data:
                # Who reads the head with a buffer loses what comes in the same piece
                # when he goes on with the bare socket: docker-py does.
                self._wire.rest(HEAD_ALONE)
                self._wire.sendall(data)
            while not pump.over and not self._wire.dead():
                pump.wait(_LOOK)
                data = pump.read()
                if data:
                    self._wire.sendall(data)
            self._wire.finish()
            if typist.is_alive():
                typist.join(LINGER)
        finally:
            pump.over = True
            self._wire.end()
            if typist.is_alive():
                typist.join()

    def _typing(self, pump: "Pump", typed: bytes) -> None:
        """Carry what is typed to the program, to the end of it."""
        while True:
            if typed:
                pump.type_in(typed)
            try:
                typed = self._wire.recv(_PIECE)
            except TimeoutError:
                typed = b""  # nobody has typed for a while: that is no end
                continue
            except OSError:
                break  # the connection is over, and with it what is typed
            if not typed:
                break
        pump.type_in(b"", closed=True)


def _is_tar(head: Head) -> bool:
    return head.path.endswith(("/archive", "/load", "/images/create", "/build"))
