"""What a shell knows while it runs a script, as one frozen value.

```
 State ── variables, exported, functions, arguments      what the script named
       ├─ files, input, output                           what it reads and writes
       ├─ status, leaving                                how the last command ended
       ├─ frames, due, reads                             how it goes on, if it waits
       └─ steps                                          what it has used up
```

A command is a function from a state to the next one. ``leaving`` says why the rest of
the script is skipped: ``exit``, ``return``, ``break``, ``continue``, or ``waiting``
where a program is at work. A shell that waits holds, for each part of the script that
it is in, a frame that says how that part goes on (shell_frames.py).

Invariant: the output is kept in the order in which it was written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from minidock.runtime.files import Files
from minidock.runtime.process import Process, detached
from minidock.runtime.shell_tree import Node

__all__ = [
    "STDERR",
    "STDOUT",
    "WAITING",
    "Chunk",
    "ShellRefused",
    "State",
    "Told",
    "held",
    "seeing",
    "within",
]

STDOUT, STDERR = 1, 2
Chunk = tuple[int, str]
"""(1 or 2, text)."""
Told = tuple[tuple[Chunk, ...], int]
"""What a ``$( )`` printed, and its status."""
WAITING = "waiting"
_MOST_FRAMES = 400
"""In how many parts of a script a shell may wait at once."""


class ShellRefused(Exception):
    """An expansion that ends the script; the text is what busybox says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A shell between two commands; see the module's picture."""

    process: Process
    files: Files
    name: str = "sh"
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    exported: frozenset[str] = frozenset()
    functions: Mapping[str, Node] = field(default_factory=dict)
    input: str = ""
    output: tuple[Chunk, ...] = ()
    status: int = 0
    substituted: int | None = None
    """The status of the last ``$( )`` of this command, or None."""
    leaving: str = ""
    loops: int = 0
    """How many loops are around this command."""
    levels: int = 0
    """How many loops are still to be left."""
    steps: int = 0
    depth: int = 0
    """How many shells and functions deep."""
    options: frozenset[str] = frozenset()
    """The letters of `set`: e, u, x."""
    tested: bool = False
    """Whether this command's failure is somebody's question, so that -e is silent."""
    background: int = 0
    """The number of the last command that ``&`` started; 0 for none."""
    open: bool = False
    """Whether more input may come."""
    jobs: tuple["State", ...] = ()
    """The shells of what ``&`` started, while they wait."""
    frames: tuple[object, ...] = ()
    """How the script goes on, the innermost part first; () unless it waits."""
    due: int | None = None
    """When it goes on by itself, if it waits."""
    reads: bool = False
    """Whether it waits for input."""
    note: str = ""
    """Why somebody who watches it has seen enough."""
    told: tuple[Told, ...] = ()
    """What the ``$( )`` of this command have printed so far."""
    tape: tuple[Told, ...] = ()
    """What they printed before the command had to wait, still to be told again."""

    @property
    def waiting(self) -> bool:
        """Whether it waits for a moment or for input."""
        return self.leaving == WAITING

    def framed(self, frame: object) -> "State":
        """The waiting state with one more part of the script around it."""
        if len(self.frames) > _MOST_FRAMES:
            over = replace(self, frames=(), due=None, reads=False, leaving="exit")
            return over.complained("nested too deeply", 2)
        return replace(self, frames=(*self.frames, frame))

    def printed(self, text: str, stream: int = STDOUT) -> "State":
        """The state after something was written."""
        if not text:
            return self
        return replace(self, output=(*self.output, (stream, text)))

    def complained(self, text: str, status: int) -> "State":
        """The state after the shell itself said something."""
        said = self.printed(f"{self.name}: {text}\n", STDERR)
        return replace(said, status=status)

    def with_variable(self, name: str, value: str) -> "State":
        """The state with this variable; an exported one stays exported."""
        return replace(self, variables={**self.variables, name: value})

    def written(self, stream: int = STDOUT) -> str:
        """All that was written to a stream; O(output)."""
        return "".join(text for number, text in self.output if number == stream)

    def environment(self) -> tuple[tuple[str, str], ...]:
        """The variables that programs see, in the order of ash's table of them."""
        names = sorted(self.exported & self.variables.keys(), key=_place)
        return tuple((name, self.variables[name]) for name in names)

    def after_inner(self, inner: "State") -> "State":
        """This shell again, after one that it started: what that one used up stays."""
        return replace(
            self,
            files=replace(inner.files, folder=self.files.folder),
            steps=inner.steps,
            jobs=(*self.jobs, *inner.jobs),
            told=inner.told,
            tape=inner.tape,
        )


def _place(name: str) -> tuple[int, str]:
    """Where ash keeps a variable: a table of 39 lists, by a hash of the name."""
    letters = [ord(letter) & 255 for letter in name]
    return ((letters[0] << 4 if letters else 0) + sum(letters)) % 39, name


def held(state: State) -> State:
    """A waiting state without what it sees, to be kept; see :func:`seeing`."""
    gone = detached(state.process)
    files = replace(state.files, world=gone.world, container=gone.container, written={})
    return replace(state, process=gone, files=files, output=())


def seeing(state: State, seen: Process, files: Files) -> State:
    """A state that was held, seeing what another process sees."""
    process = replace(
        state.process,
        world=seen.world,
        container=seen.container,
        files=files,
        now=seen.now,
    )
    own = replace(files, folder=state.files.folder)
    return replace(state, process=process, files=own)


def within(state: State, outer: State) -> State:
    """A state that was held, seeing what the shell around it sees."""
    seen = seeing(state, outer.process, outer.files)
    return replace(seen, steps=outer.steps)
