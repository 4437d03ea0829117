r"""What a program writes, on its way to somebody who reads along.

```
Container.logs, ExecInstance.output      (ns, "stdout", "hello\n"), (ns, "stderr", ...)
        │
        ▼  chunks_of: the outputs that were asked for
Chunk(STDOUT, b"hello\n") ...            with a terminal all is STDOUT, and \n is \r\n
```

A terminal's driver puts a carriage return before each line feed (ONLCR); where the
program has written one itself there is no second one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from minidock.api.http import Response
from minidock.api.streams import STDERR, STDOUT, Chunk, Moment, Reading
from minidock.model.archive import bytes_of
from minidock.views.api_versions import MULTIPLEXED_TYPE

__all__ = [
    "MULTIPLEXED",
    "OUTPUTS",
    "RAW",
    "Chunks",
    "Written",
    "chunks_of",
    "texts_of",
    "type_of",
]

Written = tuple[int, str, str]
"""(nanoseconds, "stdout" or "stderr", text)."""

RAW = "application/vnd.docker.raw-stream"
MULTIPLEXED = "application/vnd.docker.multiplexed-stream"

OUTPUTS = frozenset({"stdout", "stderr"})
_NUMBERS = {"stdout": STDOUT, "stderr": STDERR}
_BARE_FEED = re.compile(r"(?<!\r)\n")


def chunks_of(
    pieces: Iterable[Written], wanted: frozenset[str], *, terminal: bool
) -> tuple[Chunk, ...]:
    r"""The pieces of the wanted outputs as chunks.

    >>> pieces = [(0, "stdout", "a\n"), (1, "stderr", "b\n")]
    >>> chunks_of(pieces, frozenset({"stderr"}), terminal=False)
    (Chunk(output=2, data=b'b\n'),)
    >>> chunks_of(pieces[:1], frozenset({"stdout"}), terminal=True)
    (Chunk(output=1, data=b'a\r\n'),)
    """
    return tuple(
        Chunk(
            STDOUT if terminal else _NUMBERS[output],
            bytes_of(_BARE_FEED.sub("\r\n", text) if terminal else text),
        )
        for _, output, text in pieces
        if text and output in wanted
    )


@dataclass(frozen=True, slots=True)
class Chunks:
    """Chunks that are there already, as a stream that is over at once."""

    chunks: tuple[Chunk, ...] = ()

    def read(self, moment: Moment) -> Reading:
        """All of them."""
        del moment
        return Reading(self.chunks)


def texts_of(chunks: Iterable[Chunk]) -> Response:
    """An answer that has the chunks as its text and stderr: for callers in process."""
    text = {STDOUT: b"", STDERR: b""}
    for chunk in chunks:
        text[chunk.output] += chunk.data
    return Response(
        text=text[STDOUT].decode(errors="replace"),
        stderr=text[STDERR].decode(errors="replace"),
    )


def type_of(api: tuple[int, int], *, framed: bool) -> str:
    """The content type of an output: frames have a name of their own from 1.42 on.

    >>> type_of((1, 41), framed=True) == RAW
    True
    """
    return MULTIPLEXED if framed and MULTIPLEXED_TYPE.reached(api) else RAW
