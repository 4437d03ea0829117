"""A request and a response as values: what goes over Docker's socket, without a socket.

```
Request ── method, path, query      Response ── status, headers
        ├─ body: JSON                        ├─ body: JSON      or lines: one JSON value
        ├─ raw:  text that is no JSON        │                  a line (progress)
        ├─ data: bytes, such as a tar        ├─ text            or data: bytes
        └─ headers                           └─ stream: what goes on (api/streams.py)
```

Bodies are plain JSON values; who writes them to a wire serialises them. A body that was
not JSON is carried as ``raw`` text, so that the refusal of bad JSON can be tested too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from minidock.api.streams import Stream
from minidock.errors import Refusal
from minidock.model.document import Json

__all__ = ["Request", "Response"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call of the Engine API; the path carries neither host nor query.

    >>> Request(method="GET", path="/v1.51/networks").method
    'GET'
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    """The last value of each name."""
    body: Json = None
    raw: str | None = None
    """The body's text where it is no valid JSON."""
    content_type: str = "application/json"
    data: bytes = b""
    """A body that is no text: a tar, or what somebody typed."""
    pairs: tuple[tuple[str, str], ...] = ()
    """The whole query in order, where a name comes more than once."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Other headers that a call reads, their names in lower case."""

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a name in the query.

        >>> Request(method="GET", path="/", query={"names": "a"}).values("names")
        ('a',)
        """
        if self.pairs:
            return tuple(value for key, value in self.pairs if key == name)
        return (self.query[name],) if name in self.query else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The answer: at most one of body, lines, text and data; then perhaps a stream."""

    status: int = 200
    body: Json = None
    lines: tuple[Json, ...] | None = None
    """JSON values that are written one a line, as progress is."""
    text: str | None = None
    stderr: str = ""
    data: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: Stream | None = None
    """What follows for as long as the connection lives."""
    framed: bool = False
    """Whether the stream's chunks go in frames that name stdout and stderr."""
    upgrade: bool = False
    """Whether the client may take the connection over (``101 UPGRADED``)."""
    bare: bool = False
    """Whether its head is its own headers alone: the handler had the connection."""
    input: str = ""
    """The path to which what is typed goes as ``INPUT`` requests; "" for nowhere."""
    refusal: Refusal | None = field(default=None, compare=False)
    """Why it was refused, in full; a wire carries only the message."""

    @property
    def message(self) -> str:
        """The text of a refusal, or "" where it is none."""
        if isinstance(self.body, dict):
            message = self.body.get("message")
            return message if isinstance(message, str) else ""
        return (self.text or "").strip() if self.status >= 400 else ""
