"""A process: what a simulated program can see, and what it leaves behind.

```
            words, environment, input, files, clock
 Process ──────────────────────────────────────────▶ program ──▶ Result
   │                                                      stdout, stderr, code
   ├── world, container     whom it asks                  files it wrote
   └── journey              how it reaches others         seconds it took
```

A program is a function of its process. One that sleeps or waits gives ``Paused``: what
it has done so far, and a ``Continuation`` that goes on from there when its moment has
come or somebody has typed. A simple one says how many ``seconds`` it takes and is
paused by who started it; one that would never end takes ``FOREVER``.

Invariants: a program changes nothing, its result holds all that it did; a continuation
holds no World.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Protocol

from minidock.model.container import Container
from minidock.model.world import World
from minidock.packet.trace import Trace
from minidock.runtime.files import Files
from minidock.runtime.finished import Finished

__all__ = [
    "FOREVER",
    "INTERRUPTED",
    "Continuation",
    "InputWanted",
    "Journey",
    "Paused",
    "Process",
    "Program",
    "Result",
    "Start",
    "detached",
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


class InputWanted(Exception):
    """A program wants to read its input to the end, and the end has not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What a program can see; see the module's picture."""

    world: World
    container: Container
    words: tuple[str, ...]
    """Its name and its arguments."""
    environment: tuple[tuple[str, str], ...] = ()
    given: str = ""
    """The input that has come and was not read; for a continuation: what is new."""
    open: bool = False
    """Whether more input may come."""
    files: Files
    start: "Start"
    """How it runs another program, as `xargs` and `sh` do."""
    knows: frozenset[str] = frozenset()
    """The names of the programs that the container has."""
    journey: Journey
    watched: bool = True
    """Whether somebody sees what it says; else an unknown program is some server."""
    terminal: bool = False
    """Whether its input is a terminal, so that a shell shows its prompt."""
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
    def stdin(self) -> str:
        """All of its input.

        Raises:
            InputWanted: the end has not come yet.
        """
        if self.open:
            raise InputWanted
        return self.given

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


class Continuation(Protocol):
    """What is left of a program that waits; a frozen value.

    It may be called early: then it says again what it waits for.
    """

    def go_on(self, process: Process) -> Finished:
        """What the program does now; ``process.given`` is what has come since."""

    def interrupt(self, process: Process, number: int) -> Finished:
        """What it does on a signal that somebody sent from the keyboard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused(Result):
    """A program that waits: what it wrote since it last waited, and what is left."""

    rest: Continuation
    due: int | None = None
    """When it goes on by itself, nanoseconds since 1970; None: not by itself."""
    reads: bool = False
    """Whether it waits for input."""
    note: str = ""
    """Why somebody who watches it has seen enough, "" where he has not."""


_GONE: Any = None  # a program that waits must keep no World alive


def detached(process: Process) -> Process:
    """The process without what it sees: to be kept while its program waits."""
    return replace(process, world=_GONE, container=_GONE, files=_GONE, given="", now=0)


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
