"""A program that has begun and not ended: what is left of it, and what it waits for.

```
begun ──▶ writes "ready", sleeps ──▶ Program(rest, due=...)        the clock wakes it
      ──▶ reads a line            ──▶ Program(rest, reads=True)    who types wakes it
      ──▶ listens on a port       ──▶ Program(rest)                only a signal ends it
```

``rest`` is a frozen value of the runtime that says how the program goes on. It holds no
World, so a program that sleeps sees the World of the moment at which it wakes.

Invariants: the World's agenda has an entry for a program exactly while it has a
``due`` and its container is not paused; ``typed`` is what the program has not taken.
"""

from dataclasses import dataclass

__all__ = ["Program"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program between two moments; see the module's picture."""

    rest: object
    """What is left of it; only the runtime looks inside."""
    due: int | None = None
    """When it goes on by itself, nanoseconds since 1970; None: not by itself."""
    reads: bool = False
    """Whether it waits for input."""
    typed: str = ""
    """What somebody has typed and it has not taken yet."""
    closed: bool = True
    """Whether its input has come to its end."""
    note: str = ""
    """Why somebody who watches it has seen enough, "" where he has not."""
