"""Where an engine listens: ``-H tcp://127.0.0.1:2375 -H unix:///tmp/docker.sock``.

```
-H text ──Host.parse──▶ Host ──listen──▶ a listening socket, and its address as text
```

A Unix socket's file is replaced only where nobody answers behind it, and taken away at
the end. An address that others on the network can reach is refused unless they must
show a certificate, or somebody insists: whoever reaches the port is root on a real
engine.

Docker's names: ``dockerd --host``, ``--tlsverify``.
"""

import contextlib
import os
import socket
import stat

from minidock.errors import Forbidden, InvalidParameter

__all__ = ["Host", "Listener", "listen", "parse_host"]

_BACKLOG = 1024
_PORT, _TLS_PORT = 2375, 2376
_REMEDY = "-H tcp://127.0.0.1:2375 or -H unix:///tmp/docker.sock"


class Host:
    """One place to listen: a path, or a name or address with a port."""

    # No dataclass: see wire.Head.
    __slots__ = ("name", "path", "port")

    def __init__(self, *, path: str = "", name: str = "", port: int = 0) -> None:
        self.path = path
        self.name = name
        self.port = port

    def __str__(self) -> str:
        if self.path:
            return f"unix://{self.path}"
        shown = f"[{self.name}]" if ":" in self.name else self.name
        return f"tcp://{shown}:{self.port}"


def parse_host(text: str, *, tls: bool = False) -> Host:
    """Read what ``-H`` was given, as dockerd reads it.

    >>> str(parse_host("tcp://127.0.0.1")), str(parse_host("127.0.0.1:0"))
    ('tcp://127.0.0.1:2375', 'tcp://127.0.0.1:0')
    >>> parse_host("unix://var/run/docker.sock").path
    'var/run/docker.sock'
    >>> parse_host("fd://")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: cannot listen on fd://: no socket was handed over
    """
    scheme, separator, rest = text.strip().partition("://")
    if not separator:
        scheme, rest = "tcp", text.strip()
    if scheme == "unix":
        return Host(path=rest or "/var/run/docker.sock")
    if scheme == "fd":
        raise InvalidParameter(
            f"cannot listen on {text}: no socket was handed over",
            asked=f"listen on {text}",
            rule="fd:// takes over a socket of systemd's, and minidock is no service",
            remedy=_REMEDY,
        )
    if scheme != "tcp":
        raise _unreadable(text, "an address is tcp://HOST:PORT or unix://PATH")
    return _tcp(text, rest.rstrip("/"), tls=tls)


def _tcp(text: str, rest: str, *, tls: bool) -> Host:
    if rest.startswith("["):
        name, bracket, port = rest[1:].partition("]")
        if not bracket:
            raise _unreadable(text, "an IPv6 address stands in [ and ]")
        port = port.removeprefix(":")
    else:
        name, _, port = rest.rpartition(":") if ":" in rest else (rest, "", "")
    port = port or str(_TLS_PORT if tls else _PORT)
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise _unreadable(text, f"a port is a number up to 65535, and {port!r} is not")
    if "/" in name or any(letter.isspace() for letter in name):
        raise _unreadable(text, "a host is a name or an address")
    return Host(name=name or "127.0.0.1", port=int(port))


def _unreadable(text: str, rule: str) -> InvalidParameter:
    return InvalidParameter(
        f'invalid bind address "{text}"',
        asked=f"listen on {text}",
        rule=rule,
        remedy=_REMEDY,
    )


class Listener:
    """A listening socket and what has to be cleaned up after it."""

    def __init__(self, sock: socket.socket, host: Host) -> None:
        self.socket = sock
        self.host = host
        self._file = os.stat(host.path) if host.path else None

    @property
    def address(self) -> str:
        """For ``DOCKER_HOST``."""
        return str(self.host)

    def close(self) -> None:
        """Stop listening; the socket's file goes if it is still ours."""
        self.socket.close()
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            found = os.stat(self.host.path)
            if (found.st_dev, found.st_ino) == (self._file.st_dev, self._file.st_ino):
                os.unlink(self.host.path)


def listen(host: Host, *, remote: bool = False) -> Listener:
    """Start to listen.

    Args:
        host: where.
        remote: whether others on the network may reach it.

    Raises:
        Forbidden: others could reach it, and nobody said that they may.
        InvalidParameter: the address cannot be had.
    """
    try:
        return _unix(host) if host.path else _inet(host, remote=remote)
    except OSError as error:
        raise InvalidParameter(
            f"cannot listen on {host}: {error.strerror or error}",
            asked=f"listen on {host}",
            rule="an address must be of this machine, and free",
            remedy="another address, or port 0 for any free one",
        ) from error


def _inet(host: Host, *, remote: bool) -> Listener:
    found = socket.getaddrinfo(
        host.name, host.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    family, kind, protocol, _, address = found[0]
    if not remote and not _is_loopback(str(address[0])):
        raise Forbidden(
            f"{host} can be reached from other machines",
            asked=f"listen on {host}",
            rule="whoever reaches an engine without TLS may do everything with it",
            remedy="-H tcp://127.0.0.1:2375, --tlsverify with certificates, or "
            "--insecure-allow-remote",
        )
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    return Listener(sock, Host(name=host.name, port=sock.getsockname()[1]))


def _is_loopback(address: str) -> bool:
    return address.startswith("127.") or address == "::1"


def _unix(host: Host) -> Listener:
    _remove_stale(host.path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Made without rights for others from the start, not only afterwards.
        before = os.umask(0o117)
        try:
            sock.bind(host.path)
        finally:
            os.umask(before)
        sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    return Listener(sock, host)


def _remove_stale(path: str) -> None:
    """A socket file that nobody answers behind is left from a program that died."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise OSError(0, f"{path} is there and is no socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            return
    raise OSError(0, f"somebody answers on {path}")
