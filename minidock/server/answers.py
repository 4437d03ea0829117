"""From a request's bytes to an answer's bytes, with the engine between them.

```
Head, body ──▶ Request ──Live.send──▶ Response ──▶ Reply ── data: head and body
                                                         └─ pump: what goes on
```

Who owns the connection writes a reply's bytes at once and then reads its stream. This
is where it is decided how a body is cut: by its length, in chunks, or by the end of
the connection.

Invariant: whatever goes wrong inside, the client gets a status and a message.
"""

import json
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from minidock.api.frames import frame
from minidock.api.gojson import well_formed
from minidock.api.http import Request, Response
from minidock.api.streams import STDERR, STDOUT, Chunk
from minidock.api.versions import split_version
from minidock.errors import InvalidParameter
from minidock.model.archive import bytes_of
from minidock.model.document import Json
from minidock.server import rendering
from minidock.server.kept import Kept, encoded
from minidock.server.live import Live
from minidock.server.pump import StreamPump
from minidock.server.wire import Head

__all__ = ["Answers", "Reply", "request_of"]

_TARS = ("/archive", "/images/load", "/images/create", "/build", "/commit")
_INTERNAL = frozenset({"Exit-Code"})
"""Headers that are meant for clients in the same process only."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_READ = (
    "connection",
    "if-none-match",
    "upgrade",
    "x-registry-auth",
    "x-registry-config",
)

PLAIN = "text/plain; charset=utf-8"
RAW = "application/vnd.docker.raw-stream"
MULTIPLEXED = "application/vnd.docker.multiplexed-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to write at once, and what goes on."""

    data: bytes
    """Head and body, or the first part of the body."""
    stays: bool
    """Whether the connection can be used again."""
    pump: StreamPump | None = None


def request_of(head: Head, body: bytes) -> Request:
    r"""The request that a head and a body are.

    >>> from minidock.server.wire import parse_head
    >>> head = parse_head(b"POST /x?a=1&a=2 HTTP/1.1\r\nHost: x\r\n\r\n")
    >>> request_of(head, b'{"b": 1}').body, request_of(head, b"{").raw
    ({'b': 1}, '{')
    >>> request_of(head, b"").pairs
    (('a', '1'), ('a', '2'))
    """
    pairs = _pairs(head.query)
    query = dict(pairs)
    content_type = head.headers.get("content-type", "" if body else "application/json")
    if not body:
        return Request(
            method=head.method,
            path=head.path,
            query=query,
            pairs=pairs,
            content_type=content_type,
            headers=_read(head),
        )
    value, raw = None, None
    if not head.path.endswith(_TARS) and "tar" not in content_type:
        value, raw = _json(body)
    return Request(
        method=head.method,
        path=head.path,
        query=query,
        pairs=pairs,
        content_type=content_type,
        headers=_read(head),
        body=value,
        raw=raw,
        data=body,
    )


def _read(head: Head) -> dict[str, str]:
    """The headers that a call reads; the others are nobody's business."""
    return {name: head.headers[name] for name in _READ if name in head.headers}


def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    if not query:
        return ()
    text = query.encode("latin-1").decode("utf-8", "replace")
    return tuple(parse_qsl(text, keep_blank_values=True, errors="replace"))


def _json(body: bytes) -> tuple[Json, str | None]:
    """The value, or the text of what is no value; null counts as text, too.

    Who reads a request tells no body from a body that says null by this.
    """
    try:
        value = well_formed(json.loads(body), body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None, body.decode("utf-8", "replace")
    return value, "null" if value is None else None


class Answers:
    """Answers over one engine."""

    def __init__(self, live: Live, clock: Callable[[], str]) -> None:
        self._live = live
        self._date = clock
        self._kept = Kept()

    @property
    def live(self) -> Live:
        """The engine that answers."""
        return self._live

    def reply(self, head: Head, body: bytes) -> Reply:
        """Ask the engine; whatever happens, there is an answer."""
        if head.method not in _METHODS:  # INPUT is ours and comes from no client
            head = head.at("POST", "/")
        alone = self._live.keeps and head.method == "GET" and not body
        world, date = self._live.world, self._date()
        if alone and (kept := self._kept.find(world, head, self._live.now(), date)):
            return Reply(data=kept, stays=head.stays)
        try:
            request = request_of(head, body)
            response = self._page(request) or self._live.send(request)
            reply = self._written(head, response)
            if alone and self._live.world is world:
                self._kept.keep(world, head, response, reply.data, date)
        except Exception as error:  # noqa: BLE001 - the client gets a message
            traceback.print_exc(file=sys.stderr)
            message = f"fault in minidock: {type(error).__name__}: {error}"
            fault = Response(status=500, body={"message": message})
            return self._written(head, fault)
        return reply

    def _page(self, request: Request) -> Response | None:
        """The page's answer, if it is asked; clients of the API never load its code."""
        if not request.path.startswith("/ui"):
            return None
        from minidock.server.ui import answer  # noqa: PLC0415 - loads journeys, drawings

        return answer(self._live.moment(), request)

    def _headers(self, response: Response) -> dict[str, str]:
        return {k: v for k, v in response.headers.items() if k not in _INTERNAL}

    def _written(self, head: Head, response: Response) -> Reply:
        headers = self._headers(response)
        if response.upgrade:
            return self._taken_over(head, response, headers)
        if response.stream is not None:
            return self._streamed(head, response, headers)
        body, sniffed = self._body(response, headers)
        data = rendering.whole(
            response.status,
            headers,
            body or b"",
            head,
            now=self._date(),
            sniffed=sniffed,
            cut=response.lines is not None,
        )
        return Reply(data=data, stays=head.stays)

    def _body(
        self, response: Response, headers: dict[str, str]
    ) -> tuple[bytes | None, str]:
        """The body, and the content type where it is one that Go finds by itself."""
        if response.status in {204, 304}:
            return None, ""
        if response.data is not None:
            return response.data, ""
        if response.lines is not None:
            return b"".join(_encoded(line) for line in response.lines), ""
        if response.text is not None:
            text = response.text + response.stderr
            # Go finds a plain text's type by itself, and then writes it last.
            plain = headers.get("Content-Type", PLAIN) == PLAIN
            if response.status == 200 and plain:
                headers.pop("Content-Type", None)
            sniffed = "" if "Content-Type" in headers else PLAIN
            return bytes_of(text), sniffed
        if response.body is None:
            return None, ""
        return _encoded(response.body), ""

    def _streamed(
        self, head: Head, response: Response, headers: dict[str, str]
    ) -> Reply:
        """What goes on; it has all from its start, a body is for callers without."""
        chunked = head.minor == 1 and not rendering.close_delimited(headers)
        stays = head.stays and chunked
        written = rendering.head(
            response.status,
            headers,
            now=self._date(),
            close=not stays,
            minor=head.minor,
        )
        return Reply(
            data=written,
            stays=stays,
            pump=StreamPump(
                self._live, response.stream, framed=response.framed, chunked=chunked
            ),
        )

    def _taken_over(
        self, head: Head, response: Response, headers: dict[str, str]
    ) -> Reply:
        """101 for who asked for it; for others the connection's end ends the body."""
        content_type = headers.pop("Content-Type", "")
        if not content_type:
            newer = self._version(head) >= (1, 42)
            content_type = MULTIPLEXED if response.framed and newer else RAW
        # Odd on purpose: these lines come first, in this order, and without a date.
        lines = ["HTTP/1.1 200 OK", f"Content-Type: {content_type}"]
        if head.upgrades:
            lines[0] = "HTTP/1.1 101 UPGRADED"
            lines += ["Connection: Upgrade", "Upgrade: tcp"]
        lines += [
            f"{name}: {rendering.clean(headers[name])}" for name in sorted(headers)
        ]
        data = "\r\n".join(lines).encode() + b"\r\n\r\n"
        if response.stream is None:
            data += b"".join(
                frame(part) if response.framed else part.data
                for part in _parts(response)
            )
        return Reply(
            data=data,
            stays=False,
            pump=StreamPump(
                self._live,
                response.stream,
                framed=response.framed,
                hijacked=True,
                input=response.input,
            ),
        )

    def _version(self, head: Head) -> tuple[int, int]:
        try:
            return split_version(head.path, self._live.world.era)[0]
        except InvalidParameter:
            return (1, 0)


def _parts(response: Response) -> list[Chunk]:
    """The texts of an answer that does not go on."""
    texts = (STDOUT, response.text or ""), (STDERR, response.stderr)
    parts = [Chunk(output, bytes_of(text)) for output, text in texts]
    return [part for part in parts if part.data]


def _encoded(value: Json) -> bytes:
    return encoded(value) + b"\n"
