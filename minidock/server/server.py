"""A server: some addresses, one thread that accepts, a thread for each client.

```
tcp://127.0.0.1:2375 ─┐
unix:///tmp/d.sock ───┼─ accept ──▶ Connection.run, in a thread of its own
                      │     └─ too many: 503 and close
 close() ─────────────┘
```

Invariant: after ``close`` no thread of the server's runs and nothing is listened on.
"""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence

from minidock.errors import Refusal
from minidock.server import rendering
from minidock.server.connection import Connection
from minidock.server.frontdesk import FrontDesk
from minidock.server.listener import Host, Listener, listen, parse_host
from minidock.server.plain import PlainWire

TYPE_CHECKING = False  # as a type checker sees it: True; without importing typing
if TYPE_CHECKING:
    from minidock.server.roles import Wire

__all__ = ["MOST", "Secure", "Server", "names_of"]

MOST = 4000
"""Connections at the same time."""
_STACK = 1024 * 1024
_BUSY = 0.05
"""Seconds to wait where the process has no files left to accept with."""

Secure = Callable[[socket.socket], "Wire"]
"""Makes a TCP connection a TLS one; may raise OSError."""


def names_of(hosts: Sequence[str]) -> frozenset[str]:
    """The names by which these addresses are called, for the door.

    >>> sorted(names_of(["tcp://docker.example:2375", "unix:///tmp/d.sock"]))
    ['docker.example']
    """
    return frozenset(
        host.name.lower() for host in map(parse_host, hosts) if not host.path
    )


class Server:
    """What listens; :func:`minidock.server.serving.serve` makes one with an engine."""

    def __init__(
        self,
        desk: FrontDesk,
        hosts: Sequence[str],
        *,
        remote: bool = False,
        secure: Secure | None = None,
        most: int = MOST,
    ) -> None:
        self._desk = desk
        self._secure = secure
        self._most = most
        self._connections: dict[Connection, threading.Thread] = {}
        self._lock = threading.Lock()
        self._closing = False
        parsed = [parse_host(host, tls=secure is not None) for host in hosts]
        self._listeners: list[Listener] = []
        try:
            for host in parsed:
                self._listeners.append(listen(host, remote=remote))
        except Refusal:
            self._stop_listening()
            raise
        self._wake, self._woken = socket.socketpair()
        self._acceptor = threading.Thread(
            target=self._accept, name="minidock-accept", daemon=True
        )
        self._acceptor.start()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it listens, as ``DOCKER_HOST`` has it."""
        return tuple(listener.address for listener in self._listeners)

    @property
    def connections(self) -> int:
        """How many clients there are."""
        return len(self._connections)

    def _accept(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._woken, selectors.EVENT_READ, None)
            for listener in self._listeners:
                listener.socket.setblocking(False)
                ready.register(listener.socket, selectors.EVENT_READ, listener)
            while not self._closing:
                for key, _ in ready.select():
                    if isinstance(key.data, Listener):
                        self._welcome(key.data)

    def _welcome(self, listener: Listener) -> None:
        try:
            sock, _ = listener.socket.accept()
        except (BlockingIOError, ConnectionError, InterruptedError):
            return
        except OSError:
            time.sleep(_BUSY)  # no file or memory is left; somebody will go
            return
        sock.setblocking(True)
        if len(self._connections) >= self._most:
            self._turn_away(sock)
            return
        try:
            self._start(sock, listener.host)
        except (OSError, RuntimeError):
            sock.close()  # no thread can be started

    def _turn_away(self, sock: socket.socket) -> None:
        body = b'{"message":"too many connections"}\n'
        headers = {"Content-Type": "application/json"}
        data = rendering.head(
            503, headers, now=self._desk.date(), length=len(body), close=True
        )
        with sock, contextlib.suppress(OSError):
            sock.send(data + body, socket.MSG_DONTWAIT)

    def _start(self, sock: socket.socket, host: Host) -> None:
        if not host.path:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in _KEEPALIVE:
                sock.setsockopt(socket.IPPROTO_TCP, option, value)
        thread = threading.Thread(
            target=self._run, args=(sock, host), name="minidock-client", daemon=True
        )
        with _stacks:
            before = threading.stack_size(_STACK)
            try:
                thread.start()
            finally:
                threading.stack_size(before)

    def _run(self, sock: socket.socket, host: Host) -> None:
        try:
            wire = self._wire(sock, host)
        except (OSError, ValueError):
            sock.close()  # no TLS, or not with this certificate
            return
        trusted = bool(host.path) or self._secure is not None
        connection = Connection(wire, self._desk, trusted=trusted)
        with self._lock:
            if self._closing:
                wire.close()
                return
            self._connections[connection] = threading.current_thread()
        try:
            connection.run()
        finally:
            with self._lock:
                self._connections.pop(connection, None)

    def _wire(self, sock: socket.socket, host: Host) -> "Wire":
        if self._secure is None or host.path:
            return PlainWire(sock)
        return self._secure(sock)

    def _stop_listening(self) -> None:
        for listener in self._listeners:
            listener.close()

    def close(self) -> None:
        """Stop listening, end every connection, wait for the threads."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
            threads = list(self._connections.values())
            for connection in self._connections:
                connection.close()
        self._wake.send(b"x")
        self._acceptor.join(timeout=5)
        self._stop_listening()
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(timeout=5)
        self._wake.close()
        self._woken.close()


_stacks = threading.Lock()
"""The size of a new thread's stack is the whole process's: one at a time."""

_KEEPALIVE = tuple(
    (getattr(socket, name), value)
    for name, value in (
        ("TCP_KEEPIDLE", 30),
        ("TCP_KEEPINTVL", 10),
        ("TCP_KEEPCNT", 3),
    )
    if hasattr(socket, name)
)
