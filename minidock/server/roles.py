"""What the parts of a server are to each other; for a type checker's eyes only.

```
Connection ── reads and writes ──▶ Wire      plain.py, tls.py
    │
    └── asks ──▶ Backend ──▶ Reply ── pump ──▶ Pump
                 frontdesk.py   answers.py        pump.py
```

Nothing imports this while it runs: protocols need ``typing``, which takes longer to
load than the first answer takes to give.
"""

from typing import Protocol

from minidock.server.wire import Head

__all__ = ["Answering", "Backend", "Pump", "Reply", "Wire"]


class Wire(Protocol):
    """What a connection needs of a socket; TLS has its own (tls.py)."""

    def recv(self, size: int, /) -> bytes:
        """Some bytes, or none at the end."""

    def sendall(self, data: bytes, /) -> None:
        """Send everything."""

    def settimeout(self, seconds: float, /) -> None:
        """How long one call may wait."""

    def gone(self) -> bool:
        """Whether the other side has closed; looks without taking anything."""

    def dead(self) -> bool:
        """Whether the other side can neither send nor read any more."""

    def rest(self, seconds: float, /) -> None:
        """Wait until the other side has read what was sent, at most so long."""

    def finish(self) -> None:
        """Nothing more will be sent."""

    def end(self) -> None:
        """Wake whoever waits for it: nothing comes and nothing goes any more."""

    def close(self) -> None:
        """Give it back; only who reads from it may do that."""


class Pump(Protocol):
    """What goes on, on its way to one client."""

    hijacked: bool
    """Whether the client may type."""
    over: bool
    """Whether the last read was the last one."""

    def read(self) -> bytes:
        """What is new, in the form in which it is sent."""

    def wait(self, seconds: float) -> None:
        """Wait until there may be more, at most so long."""

    def type_in(self, data: bytes, *, closed: bool = False) -> None:
        """Somebody typed."""


class Reply(Protocol):
    """What a backend answers."""

    @property
    def data(self) -> bytes:
        """To be written at once."""

    @property
    def stays(self) -> bool:
        """Whether the connection can be used again."""

    @property
    def pump(self) -> Pump | None:
        """What goes on, if anything does."""


class Backend(Protocol):
    """Who answers."""

    def refusal(self, head: Head) -> bytes | None:
        """Why nobody answers this, as a whole answer; None lets it in."""

    def reply(self, head: Head, body: bytes) -> Reply:
        """The answer; never raises."""


class Answering(Protocol):
    """What an engine's answers are; see answers.py."""

    def reply(self, head: Head, body: bytes) -> Reply:
        """The answer; never raises."""
