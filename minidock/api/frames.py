r"""Frames: how standard output and standard error share one connection.

```
 0        1  2  3   4  5  6  7   8 ...
┌────────┬─────────┬───────────┬─────────┐
│ output │ 0  0  0 │ length    │ bytes   │   output: 1 stdout, 2 stderr
└────────┴─────────┴───────────┴─────────┘   length: four octets, the highest first
```

Invariant: what is framed and split again is the same chunks, wherever the bytes were
cut on their way. A terminal's output is not framed: it has one output only.

Docker calls it: the *multiplexed stream*, or ``stdcopy`` (moby, ``pkg/stdcopy``).
"""

from typing import NamedTuple

from minidock.api.streams import STDERR, STDOUT, Chunk
from minidock.errors import InvalidParameter

__all__ = ["Split", "frame", "split"]

_HEADER = 8


def frame(chunk: Chunk) -> bytes:
    r"""A chunk as it goes over the wire; O(its bytes).

    >>> frame(Chunk(STDOUT, b"hi\n"))
    b'\x01\x00\x00\x00\x00\x00\x00\x03hi\n'
    """
    return bytes((chunk.output, 0, 0, 0)) + len(chunk.data).to_bytes(4) + chunk.data


class Split(NamedTuple):
    """The whole frames at the start of some bytes, and the bytes after them."""

    chunks: tuple[Chunk, ...]
    rest: bytes


def split(data: bytes) -> Split:
    r"""The frames in some bytes; what is no whole frame yet is the rest.

    >>> split(frame(Chunk(STDERR, b"no")) + b"\x01\x00")
    Split(chunks=(Chunk(output=2, data=b'no'),), rest=b'\x01\x00')
    >>> split(b"HTTP/1.1")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: Unrecognized input header: 72
    """
    chunks = []
    place = 0
    while len(data) - place >= _HEADER:
        output = data[place]
        if output not in {STDOUT, STDERR}:
            raise InvalidParameter(
                f"Unrecognized input header: {output}",
                asked="split a stream into frames",
                rule="a frame begins with 1 (stdout) or 2 (stderr)",
                remedy="read a terminal's output as it comes: it has no frames",
            )
        end = place + _HEADER + int.from_bytes(data[place + 4 : place + _HEADER])
        if end > len(data):
            break
        chunks.append(Chunk(output, data[place + _HEADER : end]))
        place = end
    return Split(tuple(chunks), data[place:])
