"""An engine behind a socket: requests as values go out, responses come back.

```
unix:///var/run/docker.sock  ─┐           ┌─ call       Request ─▶ Response
tcp://127.0.0.1:2375         ─┴▶ Dialed ──┼─ download   a tar, part by part
                                          └─ upload     a tar, part by part
```

This is a shell: it opens sockets. An engine can do no more than make a call fail: an
answer that is kept in memory has a longest size, and silence a longest time. Only this
machine is dialled: over a network without TLS, everybody on the way reads secrets.

Docker's name: the API client (``client``), ``DOCKER_HOST``.
"""

import contextlib
import io
import json
import socket
from collections.abc import Iterable, Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import TypeAlias
from urllib.parse import quote, urlencode

from minidock.api.http import Request, Response
from minidock.errors import InvalidParameter, Refusal, Unclassified
from minidock.model.document import Json

__all__ = ["DEFAULT_HOST", "Dialed", "Parts", "Query"]

Query: TypeAlias = Mapping[str, str] | tuple[tuple[str, str], ...]
"""A query; as pairs where a name comes more than once."""

DEFAULT_HOST = "unix:///var/run/docker.sock"
"""Where Docker listens if nobody says otherwise."""

_LONGEST = 256 << 20
"""The most bytes of an answer that is no download."""
_PART = 1 << 16
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class Dialed:
    """The engine at an address; calling it sends a request.

    Args:
        url: what ``DOCKER_HOST`` takes, on this machine.
        timeout: the longest silence, seconds.

    >>> Dialed("unix:///run/docker.sock").url
    'unix:///run/docker.sock'
    >>> Dialed("tcp://example.org:2375")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: tcp://example.org:2375 is not on this machine
    """

    def __init__(self, url: str = DEFAULT_HOST, timeout: float = 300.0) -> None:
        self.url = url
        self._timeout = timeout
        kind, _, where = url.partition("://")
        host, _, port = where.rpartition(":")
        self._path = where if kind == "unix" else ""
        self._host, self._port = host, port
        tcp = kind == "tcp" and host in _LOOPBACK and port.isdecimal()
        if not (self._path or tcp):
            raise InvalidParameter(
                f"{url} is not on this machine",
                asked=f"talk to an engine at {url}",
                rule="an engine is at a Unix socket, or at a port of this machine",
                remedy="unix:///var/run/docker.sock, or a tunnel: "
                "ssh -NL /tmp/far.sock:/var/run/docker.sock HOST",
            )

    def __call__(self, request: Request) -> Response:
        """What the engine answers; the whole answer is in memory."""
        query = request.pairs or tuple(request.query.items())
        data: bytes | None = request.data or None
        headers = dict(request.headers)
        if request.body is not None:
            data = json.dumps(request.body).encode()
            headers["Content-Type"] = "application/json"
        elif data:
            headers["Content-Type"] = "application/x-tar"
        target = _target(request.path, query)
        return self._exchange(request.method, target, data, headers)

    def download(self, path: str, query: Query = ()) -> Iterator[bytes]:
        """The parts of what a GET answers, as they come.

        Raises:
            Refusal: the engine refused, or fell silent.
        """
        target = _target(path, _pairs(query))
        connection = self._connection()
        try:
            connection.request("GET", target)
            response = connection.getresponse()
            if response.status >= 400:
                raise _refused(f"GET {path}", _read(response))
            while part := response.read(_PART):
                yield part
        except (OSError, HTTPException) as error:
            raise self._unreachable(f"GET {path}", error) from error
        finally:
            connection.close()

    def upload(
        self,
        method: str,
        path: str,
        parts: Iterable[bytes],
        query: Query = (),
    ) -> Response:
        """Sends parts as they come, and gives the answer."""
        headers = {"Content-Type": "application/x-tar"}
        target = _target(path, _pairs(query))
        return self._exchange(method, target, iter(parts), headers)

    def _exchange(
        self,
        method: str,
        target: str,
        body: bytes | Iterator[bytes] | None,
        headers: Mapping[str, str],
    ) -> Response:
        connection = self._connection()
        streamed = not (body is None or isinstance(body, bytes))
        try:
            # it may be refused before all was sent: the answer says why
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(
                    method, target, body, dict(headers), encode_chunked=streamed
                )
            return _read(connection.getresponse())
        except (OSError, HTTPException) as error:
            asked = f"{method} {target.partition('?')[0]}"
            raise self._unreachable(asked, error) from error
        finally:
            connection.close()

    def _connection(self) -> HTTPConnection:
        if self._path:
            return _UnixConnection(self._path, self._timeout)
        host = self._host.strip("[]")
        return HTTPConnection(host, int(self._port), timeout=self._timeout)

    def _unreachable(self, asked: str, error: Exception) -> Refusal:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        return Unclassified(
            f"no engine answers at {self.url}: {why or type(error).__name__}",
            asked=asked,
            rule="an engine must listen there, and let us in",
            remedy=f"docker -H {self.url} version shows whether one does",
        )


class Parts(io.RawIOBase):
    """Parts as the file that they are pieces of, to be read once.

    >>> io.BufferedReader(Parts(iter([b"ab", b"cd"]))).read(3)
    b'abc'
    """

    def __init__(self, parts: Iterator[bytes]) -> None:
        super().__init__()
        self._parts = parts
        self._rest = b""

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # the type Buffer comes with 3.12
        """Fill some of a buffer; 0 at the end."""
        view = memoryview(buffer).cast("B")
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._rest = part
        size = min(len(view), len(self._rest))
        view[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


class _UnixConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("docker", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket's file."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _pairs(query: Query) -> tuple[tuple[str, str], ...]:
    return tuple(query.items()) if isinstance(query, Mapping) else query


def _target(path: str, query: tuple[tuple[str, str], ...]) -> str:
    words = urlencode(query, quote_via=quote)
    return quote(path, safe="/:@%") + (f"?{words}" if words else "")


def _read(response: HTTPResponse) -> Response:
    data = response.read(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise HTTPException(f"the answer has more than {_LONGEST} bytes")
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    headers = dict(response.headers.items())
    status = response.status
    if kind == "application/json":
        values = _values(data)
        if len(values) == 1:
            return Response(status=status, body=values[0], headers=headers)
        return Response(status=status, lines=tuple(values), headers=headers)
    if kind.startswith("text/"):
        text = data.decode("utf-8", "replace")
        return Response(status=status, text=text, headers=headers)
    return Response(status=status, data=data, headers=headers)


def _values(data: bytes) -> list[Json]:
    """The JSON values of a body: one, or many that progress wrote one a line."""
    text = data.decode("utf-8", "replace").strip()
    decoder, place, values = json.JSONDecoder(), 0, []
    try:
        while place < len(text):
            value, place = decoder.raw_decode(text, place)
            values.append(value)
            while place < len(text) and text[place].isspace():
                place += 1
    except ValueError as error:
        raise HTTPException("the answer is no JSON") from error
    return values


def _refused(asked: str, response: Response) -> Refusal:
    return Unclassified(
        response.message or f"status {response.status}",
        asked=asked,
        rule="the engine refused it",
        remedy="what its message says",
    )
