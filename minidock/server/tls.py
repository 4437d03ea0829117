"""TLS as dockerd speaks it: ``--tlsverify --tlscacert --tlscert --tlskey``.

```
client ──bytes──▶ socket ──▶ incoming ┌─────────────┐
                                      │ TLS machine │ ──▶ plain bytes to the connection
client ◀──bytes── socket ◀── outgoing └─────────────┘ ◀── plain bytes to send
```

A hijacked connection is read by one thread and written by another, and a TLS machine
may be touched by one at a time. So the machine works on memory under a lock, and nobody
holds that lock while waiting for the network.

Invariant: with ``verify`` nobody gets a byte through who shows no certificate that the
given authority has signed.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

from minidock.errors import InvalidParameter
from minidock.server.plain import PlainWire

__all__ = ["TlsWire", "secured"]

_HANDSHAKE = 10.0
"""Seconds in which a client must have said who it is."""
_PIECE = 64 * 1024


def secured(
    cert: str, key: str, authority: str = "", *, verify: bool = True
) -> Callable[[socket.socket], "TlsWire"]:
    """What makes a TCP connection a TLS one.

    Args:
        cert: the file with the server's certificate.
        key: the file with its key.
        authority: the file with the certificates that sign clients' certificates.
        verify: whether clients must show one.

    Raises:
        InvalidParameter: a file is not there, or is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    wanted = (cert, key, authority) if verify else (cert, key)
    for file in wanted:
        if not Path(file).is_file():
            raise _unusable(file, "there is no such file")
    try:
        context.load_cert_chain(cert, key)
        if verify:
            context.load_verify_locations(authority)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ValueError) as error:
        raise _unusable(", ".join(wanted), str(error)) from error
    return lambda sock: TlsWire(sock, context)


def _unusable(file: str, why: str) -> InvalidParameter:
    return InvalidParameter(
        f"cannot speak TLS with {file}: {why}",
        asked="listen with TLS",
        rule="TLS needs a certificate and its key, and an authority to check clients",
        remedy="--tlscacert ca.pem --tlscert cert.pem --tlskey key.pem",
    )


class TlsWire:
    """A TLS connection; made once the client has said who it is.

    Raises:
        OSError: it speaks no TLS, or its certificate is not good enough.
    """

    def __init__(self, sock: socket.socket, context: ssl.SSLContext) -> None:
        self._plain = PlainWire(sock)
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        sock.settimeout(_HANDSHAKE)
        self._handshake()

    def _handshake(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                self._fill()
            except ssl.SSLError:
                self._flush()  # the alert that says why
                raise
            else:
                self._flush()
                return

    def _fill(self) -> None:
        """Wait for bytes of the network."""
        data = self._plain.recv(_PIECE)
        with self._lock:
            if data:
                self._incoming.write(data)
            else:
                self._incoming.write_eof()

    def _flush(self) -> None:
        """Send what the machine has for the network, in its order."""
        with self._sending:
            with self._lock:
                data = self._outgoing.read()
            if data:
                self._plain.sendall(data)

    def recv(self, size: int, /) -> bytes:
        """Some bytes, or none at the end."""
        while True:
            try:
                with self._lock:
                    data = self._tls.read(size)
            except ssl.SSLWantReadError:
                self._flush()
                self._fill()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""
            else:
                self._flush()
                return data

    def sendall(self, data: bytes, /) -> None:
        """Send everything."""
        with self._lock:
            self._tls.write(data)
        self._flush()

    def settimeout(self, seconds: float, /) -> None:
        """How long one call may wait."""
        self._plain.settimeout(seconds)

    def gone(self) -> bool:
        """Whether the other side has closed."""
        return self._plain.gone()

    def dead(self) -> bool:
        """Whether the other side can neither send nor read any more."""
        return self._plain.dead()

    def rest(self, seconds: float, /) -> None:
        """Wait until the other side has read what was sent, at most so long."""
        self._plain.rest(seconds)

    def finish(self) -> None:
        """Nothing more will be sent."""
        with contextlib.suppress(OSError):
            with self._lock, contextlib.suppress(ssl.SSLError):
                self._tls.unwrap()
            self._flush()
        self._plain.finish()

    def end(self) -> None:
        """Wake whoever waits for it."""
        self._plain.end()

    def close(self) -> None:
        """Give it back."""
        self._plain.close()
