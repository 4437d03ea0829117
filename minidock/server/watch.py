"""The stream behind /ui/events: a word whenever the World changed.

```
 World   A   A   B C D E F           F                 F
 time    0       20 ... 90 ms        100 ms            15.1 s
         │       │                   │                 │
         world   too soon: due       world             ": still here"
```

It says that something changed, not what: the page then asks for what it shows. A crowd
of changes becomes one word, so a page never asks more than ten times in a second.

Invariants: the last World is always told, late by 100 ms at most; silence is never
longer than 15 s, or a proxy on the way would hang up.

Docker has nothing like it; the format is that of server-sent events (HTML standard,
section 9.2).
"""

from dataclasses import dataclass, replace

from minidock.api.streams import STDOUT, Chunk, Moment, Reading
from minidock.model.world import World

__all__ = ["Watch"]

_APART = 100_000_000
"""Nanoseconds between two words."""

_SILENCE = 15_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who watches a World; ``told`` is the one that he knows of.

    >>> from minidock.engine import Engine
    >>> first = Watch().read(Engine().moment())
    >>> print(first.chunks[0].data.decode(), end="")
    retry: 1000
    event: world
    data: 1700000000000
    <BLANKLINE>
    """

    told: World | None = None
    last: int = 0
    """When something was sent, nanoseconds since 1970."""

    def read(self, moment: Moment) -> Reading:
        """What is to be said at this moment."""
        if moment.world is not self.told:
            soonest = self.last + _APART
            if self.told is not None and moment.now < soonest:
                return Reading((), self, soonest)
            retry = "retry: 1000\n" if self.told is None else ""
            millis = moment.now // 1_000_000
            said = f"{retry}event: world\ndata: {millis}\n\n"
            return self._said(said, replace(self, told=moment.world, last=moment.now))
        if moment.now >= self.last + _SILENCE:
            return self._said(": still here\n\n", replace(self, last=moment.now))
        return Reading((), self, self.last + _SILENCE)

    @staticmethod
    def _said(text: str, rest: "Watch") -> Reading:
        chunk = Chunk(STDOUT, text.encode())
        return Reading((chunk,), rest, rest.last + _SILENCE)
