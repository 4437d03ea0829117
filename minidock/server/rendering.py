"""Answers as bytes: the status line, Docker's headers in Docker's order, the body.

```
HTTP/1.1 404 Not Found                what Go's server writes:
Api-Version: 1.51                     the handler's headers, sorted
Content-Type: application/json
...
Date: Tue, 24 Nov 2026 18:57:45 GMT   then its own, in this order
Content-Length: 39
Connection: close

{"message":"network nosuch not found"}
```

Pure but for the date, which is passed in. Odd on purpose: what no route knows is
answered without the headers that say which engine this is.

Invariant: a header's value holds no control character, whoever chose it.
"""

import re
from collections.abc import Mapping

from minidock.server.wire import Head

__all__ = [
    "chunk",
    "date",
    "go_error",
    "head",
    "whole",
]

_BUFFER = 2048
"""Go's server sends a body that is longer than this in chunks."""

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_REASONS = {
    100: "Continue",
    101: "Switching Protocols",
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "No Content",
    301: "Moved Permanently",
    304: "Not Modified",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Request Entity Too Large",
    414: "Request URI Too Long",
    415: "Unsupported Media Type",
    417: "Expectation Failed",
    418: "I'm a teapot",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
}
"""As Go writes them; the table of ``http`` takes too long to load."""
_LAST = ("Date", "Content-Length", "Content-Type", "Connection", "Transfer-Encoding")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_DAY = 86_400


def date(seconds: int) -> str:
    """A moment as HTTP writes it; seconds since 1970.

    >>> date(1_700_000_000)
    'Tue, 14 Nov 2023 22:13:20 GMT'
    """
    days, rest = divmod(seconds, _DAY)
    # Days since 0000-03-01, so that a leap day is the last of its year.
    era, day_of_era = divmod(days + 719_468, 146_097)
    year = (day_of_era - day_of_era // 1460 + day_of_era // 36_524) - (
        day_of_era // 146_096
    )
    year //= 365
    day_of_year = day_of_era - (365 * year + year // 4 - year // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    shown = year + era * 400 + (month >= 10)
    clock = f"{rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}"
    name = _MONTHS[(month + 2) % 12]
    return f"{_DAYS[(days + 3) % 7]}, {day:02} {name} {shown} {clock} GMT"


def head(
    status: int,
    headers: Mapping[str, str],
    *,
    now: str,
    length: int | None = None,
    close: bool = False,
    minor: int = 1,
    sniffed: str = "",
) -> bytes:
    r"""The status line and all headers, to the empty line.

    Args:
        status: such as 200.
        headers: the handler's own, written in the order of their names.
        now: the date as text; "" leaves the header out.
        length: the body's bytes; None where they are not known yet.
        close: whether the connection ends with this answer.
        minor: 0 answers an HTTP/1.0 client.
        sniffed: a content type that Go's server finds by itself and writes last.

    >>> head(204, {"Ostype": "linux"}, now="Tue").split(b"\r\n")
    [b'HTTP/1.1 204 No Content', b'Ostype: linux', b'Date: Tue', b'', b'']
    """
    reason = _REASONS.get(status, f"status code {status}")
    lines = [f"HTTP/1.{minor} {status} {reason}"]
    lines += [f"{name}: {clean(headers[name])}" for name in sorted(headers)]
    if now:
        lines.append(f"Date: {now}")
    bodiless = status in {204, 304} or status < 200
    if length is not None and not bodiless:
        lines.append(f"Content-Length: {length}")
    if sniffed:
        lines.append(f"Content-Type: {sniffed}")
    if close and minor:
        lines.append("Connection: close")
    elif not close and not minor:
        lines.append("Connection: keep-alive")
    if length is None and not bodiless and minor and not close_delimited(headers):
        lines.append("Transfer-Encoding: chunked")
    lines.append("\r\n")
    return "\r\n".join(lines).encode("latin-1", "replace")


def whole(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    asked: Head,
    *,
    now: str,
    sniffed: str = "",
    cut: bool = False,
) -> bytes:
    """A whole answer: with its length, or in one chunk where Go would cut it.

    Args:
        status: such as 200.
        headers: the handler's own.
        body: all of it.
        asked: the request's head.
        now: the date as text.
        sniffed: a content type that Go's server finds by itself.
        cut: in chunks even where it is short.
    """
    bodiless = asked.method == "HEAD" or status in {204, 304}
    long = cut or len(body) > _BUFFER
    chunked = long and asked.minor == 1 and not bodiless
    written = head(
        status,
        headers,
        now=now,
        length=None if chunked else len(body),
        close=not asked.stays,
        minor=asked.minor,
        sniffed=sniffed,
    )
    if bodiless:
        return written
    return written + (chunk(body) + b"0\r\n\r\n" if chunked else body)


def close_delimited(headers: Mapping[str, str]) -> bool:
    """Whether the body ends where the connection does, as raw streams' bodies do."""
    return headers.get("Content-Type", "").startswith("application/vnd.docker.raw-s")


def clean(value: str) -> str:
    r"""A header's value without what would end its line.

    >>> clean("a\r\nSet-Cookie: b")
    'a  Set-Cookie: b'
    """
    return _CONTROL.sub(" ", value)


def chunk(data: bytes) -> bytes:
    r"""One chunk of a chunked body; an empty one would end it and is nothing.

    >>> chunk(b"hello"), chunk(b"")
    (b'5\r\nhello\r\n', b'')
    """
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def go_error(status: int, reason: str = "") -> bytes:
    r"""What Go's server writes where it could not read the request.

    >>> go_error(400).splitlines()[-1]
    b'400 Bad Request'
    """
    text = f"{status} {_REASONS[status]}" + (f": {reason}" if reason else "")
    return (
        f"HTTP/1.1 {text}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Connection: close\r\n\r\n{text}"
    ).encode()
