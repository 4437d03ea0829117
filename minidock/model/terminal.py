"""Terminals and who sits before them: what has been typed and not been delivered.

```
client ──▶ Attachment ──▶ Terminal ──▶ program
           may be leaving   the line that is being typed
           (ctrl-p ctrl-q)  (until Enter)
```

Invariant: what is held here was typed, and the program has not seen it.

Docker's names: the *escape proxy* and the *pty*.
"""

from dataclasses import dataclass

__all__ = ["DETACH_KEYS", "Attachment", "Terminal"]

DETACH_KEYS = bytes((16, 17))
"""ctrl-p, ctrl-q."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """What stands between the typing and the program of a container or an exec."""

    line: str = ""
    """The line so far, where a terminal edits it."""
    tail: bytes = b""
    """The first bytes of a character whose last ones have not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One client before a terminal, and whether it is leaving."""

    keys: bytes = DETACH_KEYS
    """What it types to leave while the program goes on; b"": it cannot."""
    held: bytes = b""
    """The first of these keys, which may turn out to be meant for the program."""
    left: bool = False
    """Whether it has left."""
