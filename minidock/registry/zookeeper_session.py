"""A lease in ZooKeeper: a session that nobody keeps alive but its owner.

```
open ─▶ id, password ─▶ ping ... ping ─▶ close         its nodes go at once
            │             └─ none in time ─▶           its nodes go with it
            └─▶ taken over by who was restarted
```

Kazoo's client pings in the background for as long as its process lives, and ends its
session when it stops; a lease does neither. So the session has a connection of its own
without a thread, on which kazoo's own words (``kazoo.protocol.serialization``) are sent
one at a time. When it breaks, the session goes on, and the next word opens another.

Invariant: each word that is answered renews the lease.

Source: ZooKeeper's ``zookeeper.jute``, and "ZooKeeper Sessions" in its Programmer's
Guide.
"""

import socket
import struct
import threading
from time import monotonic
from typing import Any

from minidock.registry.errors import no_lease
from minidock.registry.zookeeper_client import Keeper, Lost

__all__ = ["Session"]

_PING, _CLOSE, _AUTH, _MULTI = 11, -11, 100, 14
_PING_NUMBER, _AUTH_NUMBER = -2, -4
_EXPIRED = -112


class Session:
    """A session, by the id that its lease has; not yet opened.

    Args:
        keeper: the hosts, and how to speak to them.
        ttl: how long it lasts, milliseconds; the server bounds it.
        number: its id, or 0 for a new one.
        password: what makes it one's own.

    Invariant: ``number`` is signed, as in a node's ``ephemeralOwner``.
    """

    def __init__(
        self, keeper: Keeper, ttl: int, number: int = 0, password: bytes = bytes(16)
    ) -> None:
        self._keeper = keeper
        self.ttl = ttl
        self.number = number
        self._password = password
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._sent = 0

    @classmethod
    def named(cls, keeper: Keeper, lease_id: str) -> "Session":
        """The session of a lease.

        Raises:
            NotFound: no lease has such an id.
        """
        try:
            ttl, number, password = lease_id.split("-")
            raw = int(number, 16).to_bytes(8, "big")
            return cls(
                keeper,
                min(int(ttl), 2**31 - 1),
                int.from_bytes(raw, "big", signed=True),
                bytes.fromhex(password),
            )
        except (ValueError, OverflowError):
            raise no_lease(lease_id) from None

    @property
    def id(self) -> str:
        """What the lease is called; who knows it, owns the lease."""
        return f"{self.ttl}-{self.number % 2**64:016x}-{self._password.hex()}"

    def open(self, deadline: float) -> None:
        """Begin it, or renew it.

        Raises:
            NotFound: it has run out.
            Unavailable: no host answers.
        """
        self._repeat(lambda: self._ask(_PING, b"", deadline), deadline)

    def commit(self, operations: list[Any], deadline: float) -> list[Any]:
        """What a transaction of kazoo's operations comes to, for each of them.

        Raises:
            NotFound: the session has run out.
            Lost: the connection broke.
            Unavailable: no host answers.
        """
        from kazoo.protocol.serialization import (  # noqa: PLC0415 - an extra
            Transaction,
        )

        body = bytes(Transaction(operations).serialize())
        with self._held(deadline):
            reply = self._ask(_MULTI, body, deadline)
        results: list[Any] = Transaction.deserialize(reply, 0)
        return results

    def end(self, deadline: float) -> None:
        """End it, and its nodes with it.

        Raises:
            NotFound: it has run out.
            Unavailable: no host answers.
        """
        self._repeat(lambda: self._ask(_CLOSE, b"", deadline), deadline)
        self.close()

    def close(self) -> None:
        """Let go of the connection; the session goes on."""
        opened, self._socket = self._socket, None
        if opened is not None:
            opened.close()

    def _repeat(self, word: Any, deadline: float) -> None:  # noqa: ANN401 - a call
        """What does no harm when it is done twice, until it is answered."""
        pause = threading.Event()
        while True:
            try:
                with self._held(deadline):
                    word()
            except Lost as lost:
                if monotonic() + 0.05 > deadline:
                    raise self._keeper.unavailable(lost) from lost
                pause.wait(0.05)
            else:
                return

    def _held(self, deadline: float) -> "_Held":
        if not self._lock.acquire(timeout=max(deadline - monotonic(), 0)):
            raise self._keeper.unavailable("no answer in time")
        return _Held(self._lock)

    def _ask(self, kind: int, body: bytes, deadline: float) -> bytes:
        """Send one word, and the answer to it, without its header."""
        connection = self._socket or self._connect(deadline)
        if kind == _PING:
            number = _PING_NUMBER
        else:
            self._sent = number = self._sent % (2**31 - 1) + 1
        return self._exchange(connection, number, kind, body, deadline)

    def _exchange(
        self,
        connection: socket.socket,
        number: int,
        kind: int,
        body: bytes,
        deadline: float,
    ) -> bytes:
        try:
            _send(connection, struct.pack("!ii", number, kind) + body, deadline)
            while True:
                frame = _receive(connection, deadline)
                answered, _, error = struct.unpack_from("!iqi", frame)
                if answered == number:
                    break
        except (OSError, struct.error) as why:
            self.close()
            raise Lost(_why(why)) from why
        if error == _EXPIRED:
            self.close()
            raise no_lease(self.id)
        return frame[16:]

    def _connect(self, deadline: float) -> socket.socket:
        """A connection to the first host that answers, with this session on it."""
        why: Exception = Lost("it has no host")
        for place, (name, port) in enumerate(self._keeper.hosts):
            left = (deadline - monotonic()) / (len(self._keeper.hosts) - place)
            try:
                return self._greet(name, port, monotonic() + max(left, 0.01))
            except (OSError, struct.error) as error:
                why = error
        raise Lost(_why(why)) from why

    def _greet(self, name: str, port: int, deadline: float) -> socket.socket:
        from kazoo.handlers.utils import (  # noqa: PLC0415 - an extra
            create_tcp_connection,
        )
        from kazoo.protocol.serialization import Auth, Connect  # noqa: PLC0415 - too

        opened: socket.socket = create_tcp_connection(
            socket,
            (name, port),
            hostname=name,
            timeout=max(deadline - monotonic(), 0.01),
            **self._keeper.tls,
        )
        try:
            hello = Connect(
                0, 0, self.ttl, self.number, self._password, read_only=False
            )
            _send(opened, bytes(hello.serialize()), deadline)
            welcome, _ = Connect.deserialize(_receive(opened, deadline), 0)
            if welcome.time_out <= 0:
                raise no_lease(self.id)  # noqa: TRY301 - the socket is closed for it
            self.ttl, self.number = welcome.time_out, welcome.session_id
            self._password = bytes(welcome.passwd)
            self._socket = opened
            if self._keeper.login:
                word = Auth(0, "digest", ":".join(self._keeper.login)).serialize()
                self._exchange(opened, _AUTH_NUMBER, _AUTH, bytes(word), deadline)
        except BaseException:
            self._socket = None
            opened.close()
            raise
        return opened


class _Held:
    """A lock that is held already, until the end of a block."""

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock

    def __enter__(self) -> None:
        """It is held."""

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _send(connection: socket.socket, body: bytes, deadline: float) -> None:
    connection.settimeout(max(deadline - monotonic(), 0.001))
    connection.sendall(struct.pack("!i", len(body)) + body)


def _receive(connection: socket.socket, deadline: float) -> bytes:
    (length,) = struct.unpack("!i", _read(connection, 4, deadline))
    return _read(connection, length, deadline)


def _read(connection: socket.socket, length: int, deadline: float) -> bytes:
    found = bytearray()
    while len(found) < length:
        connection.settimeout(max(deadline - monotonic(), 0.001))
        piece = connection.recv(length - len(found))
        if not piece:
            raise ConnectionResetError("the connection broke")
        found += piece
    return bytes(found)


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
