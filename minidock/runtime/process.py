"""A process: what a simulated program can see, and what it leaves behind.

```
            words, environment, input, files, clock
 Process ──────────────────────────────────────────▶ program ──▶ Result
   │                                                      stdout, stderr, code
   ├── world, container     whom it asks                  files it wrote
   └── journey              how it reaches others         seconds it took
```

A program is a function of its process. One that would never end takes ``FOREVER``
seconds; who started it decides what that means, by the ``patience`` of the process:

* 0: nobody waits (`docker run -d`, `docker exec -d`). What takes time still runs.
* some seconds: `docker run` waits that long for the program, then leaves it running.
* ``FOREVER``: somebody sits before it (`docker exec`) and ends it with Ctrl-C.

Invariant: a program changes nothing; its result holds all that it did.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Protocol

from minidock.model.container import Container
from minidock.model.world import World
from minidock.packet.trace import Trace
from minidock.runtime.files import Files
from minidock.runtime.finished import Finished

__all__ = [
    "FOREVER",
    "INTERRUPTED",
    "Journey",
    "Process",
    "Program",
    "Result",
    "Start",
    "refused",
    "usage",
]

FOREVER = inf
INTERRUPTED = 130
"""The exit code after Ctrl-C: 128 and the number of SIGINT."""


class Journey(Protocol):
    """Asks the packet model: what happens to a packet from a container."""

    def __call__(
        self,
        world: World,
        source: str,
        target: str,
        *,
        size: int = 0,
        ttl: int = 64,
        may_fragment: bool = True,
        family: int = 0,
    ) -> Trace:
        """The journey to a target such as ``db:6379/tcp`` or ``10.0.0.2``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What a program can see; see the module's picture."""

    world: World
    container: Container
    words: tuple[str, ...]
    """Its name and its arguments."""
    environment: tuple[tuple[str, str], ...] = ()
    stdin: str = ""
    """What it can read; nobody types anything."""
    files: Files
    start: "Start"
    """How it runs another program, as `xargs` and `sh` do."""
    knows: frozenset[str] = frozenset()
    """The names of the programs that the container has."""
    journey: Journey
    patience: float = FOREVER
    now: int = 0
    """The engine's clock, nanoseconds since 1970."""
    user: str = ""
    """Who runs it, as --user had it; "" is root."""
    executed: tuple[str, ...] = ()
    """What `docker exec` was told to run; () for the container's own program."""
    depth: int = 0
    """How many programs started each other up to this one."""
    steps: int = 0
    """How many commands the shells around it have used up."""

    @property
    def name(self) -> str:
        """The program's name without its folder."""
        return self.words[0].rpartition("/")[2]

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words after the name."""
        return self.words[1:]

    def variable(self, name: str) -> str | None:
        """The value of an environment variable, or None; O(n)."""
        return next((v for key, v in self.environment if key == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Finished):
    """A program's end, with what it did besides printing."""

    files: Files | None = None
    """All files as they are now; None where it wrote none."""
    seconds: float = 0
    """How long it took; ``FOREVER`` where it does not end by itself."""
    chunks: tuple[tuple[int, str], ...] = ()
    """(1 or 2, text): what a shell's programs printed, in order."""
    steps: int = 0
    """How many commands the shells have used up by now."""
    stopped: bool = False
    """Whether it would run on for ever, and was ended with Ctrl-C."""


Program = Callable[[Process], Finished]
Start = Callable[[Process], Finished | None]
"""Runs the program that the words name; None where there is none of that name."""


def refused(process: Process, text: str, code: int = 1) -> Finished:
    """A program's complaint, with its name before it."""
    return Finished(stderr=f"{process.name}: {text}\n", code=code)


def usage(process: Process, words: str = "") -> Finished:
    """What a program says that was called in a wrong way: one line how to call it."""
    line = f"Usage: {process.name} {words}".rstrip()
    return Finished(stderr=f"{line}\n", code=1)
