r"""HTTP/1.1 as bytes: what a request's head says, and how its body is cut.

```
GET /v1.51/networks?x=1 HTTP/1.1\r\n   ──▶ Head: method, path, query, headers,
Host: docker\r\n                                how long the body is, whether the
\r\n                                            connection stays
5\r\nhello\r\n0\r\n\r\n             ──▶ Chunks: b"hello"
```

Pure: bytes in, values out. Go's own server decides what is well formed, and in which
words it says that something is not (recorded: facts about 20.10, API versions).

Invariant: nothing that is taken from a head holds a control character, so nothing that
is written from it can end a line.
"""

import re

__all__ = ["HEAD_LIMIT", "BadRequest", "Chunks", "Head", "head_end", "parse_head"]

HEAD_LIMIT = 64 * 1024
"""How long a request's line and headers may be together, in bytes."""

_LINE_LIMIT = 16 * 1024
_END = re.compile(rb"\n\r?\n")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_LINE = re.compile(r"(\S+) (\S+) HTTP/1\.([01])")
_HEADER = re.compile(
    r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)"
)
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_ABSOLUTE = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?")


class BadRequest(Exception):
    """What makes no sense as HTTP: a status, and Go's words after it."""

    def __init__(self, status: int = 400, reason: str = "") -> None:
        super().__init__(f"{status} {reason}".strip())
        self.status = status
        self.reason = reason


class Head:
    """A request without its body; nobody changes it.

    Args:
        method: such as GET.
        path: decoded, and without the query.
        query: as it was sent, without the question mark.
        headers: names in lower case; values of one name are joined by commas.
        minor: 0 for HTTP/1.0.
        length: the body's bytes, where they are said.
        chunked: whether the body comes in chunks instead.
    """

    # No dataclass: they take longer to load than the first answer takes.
    __slots__ = ("chunked", "headers", "length", "method", "minor", "path", "query")

    def __init__(
        self,
        *,
        method: str,
        path: str,
        query: str,
        headers: dict[str, str],
        minor: int = 1,
        length: int = 0,
        chunked: bool = False,
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.minor = minor
        self.length = length
        self.chunked = chunked

    def at(self, method: str, path: str) -> "Head":
        """The same for another call."""
        return Head(
            method=method,
            path=path,
            query=self.query,
            headers=self.headers,
            minor=self.minor,
        )

    @property
    def target(self) -> str:
        """Path and query, which together name what is asked for."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def stays(self) -> bool:
        """Whether the client wants to use the connection again."""
        words = self.headers.get("connection", "").lower()
        return "keep-alive" in words if self.minor == 0 else "close" not in words

    @property
    def upgrades(self) -> bool:
        """Whether the client wants to take the connection over."""
        return "upgrade" in self.headers.get("connection", "").lower()

    @property
    def continues(self) -> bool:
        """Whether the client sends its body only when it is told to."""
        return self.headers.get("expect", "").lower() == "100-continue"


def head_end(buffer: bytes | bytearray, start: int = 0) -> int:
    r"""Where the head ends, or -1: the place after its empty line.

    >>> head_end(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nrest")
    27
    """
    found = _END.search(buffer, start)
    return found.end() if found else -1


def parse_head(raw: bytes) -> Head:
    r"""The head of a request; its bytes reach to the empty line.

    >>> head = parse_head(b"GET /networks/a%2Fb?x=1 HTTP/1.1\r\nHost: docker\r\n\r\n")
    >>> head.method, head.path, head.query, head.stays
    ('GET', '/networks/a/b', 'x=1', True)
    >>> parse_head(b"GARBAGE\r\n\r\n")
    Traceback (most recent call last):
    ...
    minidock.server.wire.BadRequest: 400
    """
    # Bytes above 127 may stand in a target; they are decoded with it.
    lines = raw.decode("latin-1").rstrip("\r\n").split("\n")
    first = lines[0].removesuffix("\r")
    if len(first) > _LINE_LIMIT:
        raise BadRequest(414)
    found = _LINE.fullmatch(first)
    if found is None or not _TOKEN.fullmatch(found.group(1)):
        raise BadRequest
    method, target, minor = found.groups()
    path, query = _split_target(method, target)
    headers = _headers(lines[1:])
    if minor == "1" and "host" not in headers:
        raise BadRequest(400, "missing required Host header")
    length, chunked = _body(headers)
    return Head(
        method=method,
        path=path,
        query=query,
        headers=headers,
        minor=int(minor),
        length=length,
        chunked=chunked,
    )


def _split_target(method: str, target: str) -> tuple[str, str]:
    if _CONTROL.search(target) or _BAD_ESCAPE.search(target.partition("?")[0]):
        raise BadRequest
    if not target.startswith("/"):
        if method == "OPTIONS" and target == "*":
            return "*", ""
        found = _ABSOLUTE.match(target)
        if found is None:
            raise BadRequest
        target = target[found.end() :]
        target = target if target.startswith("/") else "/" + target
    path, _, query = target.partition("#")[0].partition("?")
    return _decoded(path), query


def _decoded(path: str) -> str:
    if path.isascii() and "%" not in path:
        return path
    # Not urllib's: that takes longer to load than the first answer takes.
    octets = _ESCAPE.sub(_octet, path.encode("latin-1"))
    return octets.decode("utf-8", "replace")


def _octet(escape: re.Match[bytes]) -> bytes:
    return bytes((int(escape.group(1), 16),))


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        found = _HEADER.fullmatch(line.removesuffix("\r"))
        if found is None:
            raise BadRequest
        name, value = found.group(1).lower(), found.group(2).rstrip(" \t")
        if name not in headers:
            headers[name] = value
        elif name == "host":
            raise BadRequest(400, "too many Host headers")
        elif name != "content-length":
            headers[name] = f"{headers[name]},{value}"
        elif headers[name] != value:
            raise BadRequest
    return headers


def _body(headers: dict[str, str]) -> tuple[int, bool]:
    """How long the body is, and whether it comes in chunks instead."""
    encoding = headers.get("transfer-encoding", "").strip().lower()
    if encoding:
        # Go answers 501; we say that it is the client who has to change.
        if encoding != "chunked":
            raise BadRequest(400, "unsupported transfer encoding")
        return 0, True
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit() and len(length) < 19):
        raise BadRequest
    return int(length), False


class Chunks:
    r"""A body in chunks, put together while its bytes come in.

    Invariant: ``data`` is no longer than ``limit``.

    >>> chunks = Chunks(limit=100)
    >>> chunks.feed(b"5\r\nhel"), chunks.feed(b"lo\r\n0\r\n\r\nGET"), chunks.over
    (None, None, True)
    >>> bytes(chunks.data), bytes(chunks.rest)
    (b'hello', b'GET')
    >>> Chunks(limit=3).feed(b"5\r\n")
    Traceback (most recent call last):
    ...
    minidock.server.wire.BadRequest: 413
    """

    def __init__(self, limit: int) -> None:
        self.data = bytearray()
        self.rest = bytearray()
        """What came and is not used yet; after the end, the next request's."""
        self.over = False
        self._limit = limit
        self._left = 0
        self._trailers = -1
        """Bytes of trailers so far, once the last chunk has come."""

    def feed(self, more: bytes) -> None:
        """Take what came.

        Raises:
            BadRequest: it is not cut as a chunked body is, or too long.
        """
        self.rest += more
        while not self.over and self._step():
            pass

    def _step(self) -> bool:
        """Use a part of what came; False where more must come first."""
        if self._left > 2:
            taken = self.rest[: self._left - 2]
            self.data += taken
            del self.rest[: len(taken)]
            self._left -= len(taken)
            return bool(taken)
        end = self.rest.find(b"\n")
        if end < 0:
            if len(self.rest) > _LINE_LIMIT:
                raise BadRequest
            return False
        line = bytes(self.rest[:end]).removesuffix(b"\r")
        del self.rest[: end + 1]
        self._line(line)
        return True

    def _line(self, line: bytes) -> None:
        if self._trailers >= 0:
            self._trailers += len(line)
            if self._trailers > _LINE_LIMIT:
                raise BadRequest
            self.over = not line
        elif self._left:  # the line end after a chunk's data
            if line:
                raise BadRequest
            self._left = 0
        else:
            found = _SIZE.fullmatch(line)
            if found is None:
                raise BadRequest
            size = int(found.group(1), 16)
            if len(self.data) + size > self._limit:
                raise BadRequest(413)
            self._left = size + 2 if size else 0
            self._trailers = -1 if size else 0
