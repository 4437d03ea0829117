"""What goes on being sent: logs that are followed, events, an attached program.

A stream is a value that remembers how much of it was sent. Asked again at a later
moment it gives what is new and the stream that is left:

```
moment 1 ──▶ read ──▶ (b"hello",), rest        World, events and clock of then
moment 2 ──▶ rest.read ──▶ (), rest               nothing new
moment 3 ──▶ rest.read ──▶ (b"bye",), None       and that was the end
```

So who sends it needs to know nothing of what it sends: it reads whenever the World has
changed, and at ``due`` at the latest. Nothing here waits.

Invariant: reading the same stream at the same moment gives the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from minidock.model.event import Event
from minidock.model.world import World

__all__ = ["STDERR", "STDOUT", "Chunk", "Moment", "Reading", "Stream"]

STDOUT, STDERR = 1, 2


class Chunk(NamedTuple):
    """Some bytes, and which output they are of: ``STDOUT`` or ``STDERR``."""

    output: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a stream can see: the World, what happened so far, and the time."""

    world: World
    now: int
    """Nanoseconds since 1970."""
    events: Sequence[Event] = ()
    """The latest events, oldest first."""
    first: int = 0
    """How many events happened before the first of these."""


class Reading(NamedTuple):
    """What is new, and what is left of the stream: None when it is over."""

    chunks: tuple[Chunk, ...] = ()
    rest: "Stream | None" = None
    due: int | None = None
    """When to read again though nothing changes (nanoseconds); None: never."""


class Stream(Protocol):
    """Something that goes on; see the module's picture."""

    def read(self, moment: Moment) -> Reading:
        """What is new at this moment."""
