"""A stream on its way to one client: read at every change, cut as its body is.

```
Live ──moment──▶ Stream.read ──chunks──▶ frames? ──▶ chunked? ──▶ bytes to send
  └──────wait until the next change, or until the stream is due
```
"""

from minidock.api.frames import frame
from minidock.api.http import Request
from minidock.api.streams import Chunk, Stream
from minidock.server.live import Live
from minidock.server.rendering import chunk

__all__ = ["StreamPump"]

_LOOK = 500_000_000
"""Nanoseconds after which who types looks whether anybody still listens."""


class StreamPump:
    """What goes on, for one client.

    Args:
        live: the engine that is read.
        stream: what goes on; None is over at once.
        framed: whether frames say which output the bytes are of.
        chunked: whether they are a chunked body.
        hijacked: whether the client may type.
        input: the path to which what is typed goes; "" for nowhere.
    """

    def __init__(
        self,
        live: Live,
        stream: Stream | None,
        *,
        framed: bool = False,
        chunked: bool = False,
        hijacked: bool = False,
        input: str = "",  # noqa: A002 - the field of Response that it comes from
    ) -> None:
        self.hijacked = hijacked
        self.over = False
        self._live = live
        self._stream = stream
        self._framed = framed
        self._chunked = chunked
        self._input = input
        self._seen = 0
        self._due: int | None = None

    def read(self) -> bytes:
        """What is new, in the form in which it is sent; the last read ends the body."""
        self._seen = self._live.changes
        data = b""
        if self._stream is not None:
            chunks, self._stream, self._due = self._stream.read(self._live.moment())
            data = b"".join(self._cut(item) for item in chunks)
        if self._chunked:
            data = chunk(data)
        if self._stream is None or self._live.closed:
            self.over = True
            if self._chunked:
                data += b"0\r\n\r\n"
        return data

    def _cut(self, item: Chunk) -> bytes:
        return frame(item) if self._framed else item.data

    def wait(self, seconds: float) -> None:
        """Wait until there may be more, at most so long."""
        until = self._live.now() + int(seconds * 1e9)
        if self._due is not None:
            until = min(until, self._due)
        self._live.wait(self._seen, until)

    def type_in(self, data: bytes, *, closed: bool = False) -> None:
        """Somebody typed; what goes to no program is dropped.

        Who attaches before the start types into a pipe that nobody reads yet: the
        program gets it when it runs.
        """
        if not self._input:
            return
        while not (self.over or self._live.closed):
            seen = self._live.changes
            if self._is_read():
                break
            self._live.wait(seen, self._live.now() + _LOOK)
        query = {"closed": "1"} if closed else {}
        path = self._input
        self._live.send(Request(method="INPUT", path=path, data=data, query=query))

    def _is_read(self) -> bool:
        """Whether the container runs into which this is typed; an exec does always."""
        _, kind, name, *_ = self._input.split("/")
        container = self._live.world.containers.get(name)
        return kind != "containers" or container is None or container.state.running
