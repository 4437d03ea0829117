"""The plugin at its socket: bytes in, an answer out, and the state saved in between.

```
POST /IpamDriver.RequestAddress ──▶ read ──▶ service.answer ──▶ save ──▶ reply
                                    one after the other, behind one lock
```

This is a shell: the only module of the plugin's server with a socket. What it answers
is :mod:`minidock.plugin.service`'s; where the socket is made, the caller says.

Invariant: an answer is given only after the store has what it promises. If the store
does not take it, the caller hears an error and nothing has changed.
"""

import json
import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import BaseServer, ThreadingMixIn
from threading import Lock

from minidock.errors import Refusal
from minidock.model.document import Json
from minidock.plugin.fields import Malformed, read
from minidock.plugin.kept import difference
from minidock.plugin.messages import CONTENT_TYPE, error_field
from minidock.plugin.service import State, answer
from minidock.registry.store import BatchStore

__all__ = ["Desk", "PluginServer"]

_LONGEST = 1 << 20
"""A longer body is refused unread, octets."""
_PATIENCE = 60.0
"""Seconds that a silent connection is kept."""


class Desk:
    """The state, behind one lock; it is saved before an answer leaves.

    Args:
        state: what is known at first.
        store: where it is kept; None for nowhere.
        witness: hears each method, request and reply, in order; for recordings.
    """

    def __init__(
        self,
        state: State,
        store: BatchStore | None = None,
        witness: Callable[[str, bytes, Json], None] | None = None,
    ) -> None:
        self._state = state
        self._store = store
        self._witness = witness
        self._lock = Lock()

    @property
    def state(self) -> State:
        """What is known now."""
        return self._state

    def call(self, method: str, data: bytes) -> dict[str, Json] | None:
        """The reply to a call; None if there is no such method."""
        with self._lock:
            reply = self._call(method, data)
            if self._witness is not None:
                self._witness(method, data, reply)
            return reply

    def _call(self, method: str, data: bytes) -> dict[str, Json] | None:
        try:
            request = read(data)
            state, reply = answer(self._state, method, request)
            self._save(state)
        except Refusal as refusal:
            return {error_field(method): refusal.text}
        self._state = state
        return reply

    def _save(self, state: State) -> None:
        if self._store is not None and state is not self._state:
            changes = difference(self._state, state)
            if changes:
                self._store.write(changes)


class PluginServer(ThreadingMixIn, BaseServer):
    """Answers at a socket that listens already.

    Args:
        listening: the socket; the server closes it.
        desk: who answers.
    """

    daemon_threads = True

    def __init__(self, listening: socket.socket, desk: Desk) -> None:
        self.desk = desk
        self.socket = listening
        super().__init__(listening.getsockname(), _Handler)

    def fileno(self) -> int:
        """The listening socket's, for the selector."""
        return self.socket.fileno()

    def get_request(self) -> tuple[socket.socket, object]:
        """The next connection."""
        return self.socket.accept()

    def shutdown_request(self, request: object) -> None:
        """End a connection."""
        if isinstance(request, socket.socket):
            request.close()

    def server_close(self) -> None:
        """Listen no more."""
        self.socket.close()


class _Handler(BaseHTTPRequestHandler):
    """One connection: HTTP 1.1, one POST after the other."""

    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE
    server: PluginServer

    def do_POST(self) -> None:
        try:
            data = self._body()
        except (Malformed, ValueError):
            self.close_connection = True
            self._reply(400, {"Err": "the body cannot be read"})
            return
        reply = self.server.desk.call(self.path.strip("/"), data)
        if reply is None:
            self._reply(404, {"Err": f"no such method: {self.path.strip('/')}"})
        else:
            self._reply(200, reply)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            length = int(self.headers.get("Content-Length") or 0)
            if not 0 <= length <= _LONGEST:
                raise ValueError(length)
            return self.rfile.read(length)
        found = b""
        while size := int(self.rfile.readline(1024).partition(b";")[0], 16):
            if len(found) + size > _LONGEST:
                raise ValueError(size)
            found += self.rfile.read(size)
            self.rfile.readline(1024)
        while self.rfile.readline(1024).strip():
            pass
        return found

    def _reply(self, status: int, value: Json) -> None:
        data = json.dumps(value).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def address_string(self) -> str:
        """Nobody's: a Unix socket's callers have no address."""
        return ""

    def log_message(self, *_: object) -> None:
        """Write no log."""
