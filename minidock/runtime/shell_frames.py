"""How each part of a script goes on once what is inside of it has stopped waiting.

```
 while until ready; do sleep 1; done; echo done
 └── InScript(next: echo) ── InLoop(in: body) ── Commanding(sleep)
                outermost                          innermost
```

A shell that waits is the list of these, the innermost first. Going on is: each frame in
turn takes the state that the one before it left; see ``_after`` in shell.py. Frames are
values and hold no World.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from minidock.runtime.process import Continuation
from minidock.runtime.shell_state import Chunk, State, Told
from minidock.runtime.shell_tree import AndOr, For, If, Loop, Node, Script

__all__ = [
    "Called",
    "Checked",
    "Commanding",
    "Executed",
    "Expanding",
    "Frame",
    "InAndOr",
    "InFor",
    "InIf",
    "InLoop",
    "InScript",
    "Negated",
    "Piped",
    "Prompting",
    "ReadingLine",
    "Redirected",
    "Spun",
    "Subshelled",
    "Untested",
    "WaitingForJobs",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanding:
    """A program that the shell has started, and waits for."""

    rest: Continuation
    reads: bool
    """Whether the shell's input is the program's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLine:
    """`read` without a line to read."""

    words: tuple[str, ...]
    until: int | None = None
    """When it gives up (``-t``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingForJobs:
    """`wait`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spun:
    """So many commands without any waiting that the shell takes a rest."""

    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanding:
    """A command whose words have a ``$( )`` that waits; they are expanded again."""

    node: Node
    told: tuple[Told, ...]
    inner: State
    output: tuple[Chunk, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subshelled:
    """``( script )``: the shell inside."""

    inner: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Piped:
    """A pipeline: the shell of each command, and whether it still runs."""

    stages: tuple[State, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirected:
    """What is inside writes elsewhere, or reads from elsewhere."""

    goals: Mapping[int, int | str]
    took_input: bool
    input: str
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """`set -e` is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Untested:
    """Whether a failure is somebody's question becomes what it was."""

    tested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Negated:
    """``! command``, or the check of `set -e`."""

    negated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InScript:
    """Commands of a script are left, from this place on."""

    script: Script
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InAndOr:
    """What follows ``&&`` and ``||``, from this place on."""

    node: AndOr
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InIf:
    """The condition of an `if`."""

    node: If


@dataclass(frozen=True, slots=True, kw_only=True)
class InLoop:
    """A loop: in its condition, or in its body."""

    node: Loop
    around: int
    body: bool
    status: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InFor:
    """The body of a `for`, and the words that are left."""

    node: For
    around: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """A function: the arguments of who called it."""

    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """`exec`: the shell ends with the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompting:
    """A shell whose script is its input."""

    prompt: bool
    """Whether it shows one: its input is a terminal."""
    asked: bool = False
    """Whether it has shown it for the line that it waits for."""
    buffer: str = ""
    """What the shell has read and not executed yet."""


Frame = (
    Called
    | Checked
    | Commanding
    | Executed
    | Expanding
    | InAndOr
    | InFor
    | InIf
    | InLoop
    | InScript
    | Negated
    | Piped
    | Prompting
    | ReadingLine
    | Redirected
    | Spun
    | Subshelled
    | Untested
    | WaitingForJobs
)
