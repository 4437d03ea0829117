"""What a program has written, where others can see it: with its moment and its stream.

```
Finished(chunks) ──with_output──▶ Container.logs, ExecInstance.output
                                  (ns, "stdout" | "stderr", text), ...
```

A terminal has a single stream, so with one all is "stdout".
"""

from dataclasses import replace
from typing import TypeVar

from minidock.model.container import Container
from minidock.model.world import ExecInstance
from minidock.runtime.finished import Finished
from minidock.runtime.process import Result

__all__ = ["Output", "chunks_of", "with_output"]

Output = tuple[tuple[int, str, str], ...]
_STREAMS = {1: "stdout", 2: "stderr"}

T = TypeVar("T", Container, ExecInstance)


def chunks_of(finished: Finished) -> tuple[tuple[int, str], ...]:
    """(1 or 2, text) in the order in which it was written."""
    if isinstance(finished, Result) and finished.chunks:
        return finished.chunks
    plain = ((1, finished.stdout), (2, finished.stderr))
    return tuple(chunk for chunk in plain if chunk[1])


def with_output(thing: T, finished: Finished, now: int) -> T:
    """A container or an exec after its program has written something; O(output)."""
    terminal = thing.config.flag("Tty")
    written: Output = tuple(
        (now, "stdout" if terminal else _STREAMS[stream], text)
        for stream, text in chunks_of(finished)
    )
    if not written:
        return thing
    if isinstance(thing, Container):
        return replace(thing, logs=thing.logs + written)
    return replace(thing, output=thing.output + written)
