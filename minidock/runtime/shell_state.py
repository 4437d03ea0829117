"""What a shell knows while it runs a script, as one frozen value.

```
 State ── variables, exported, functions, arguments      what the script named
       ├─ files, input, output                           what it reads and writes
       ├─ status, leaving                                how the last command ended
       └─ steps, seconds                                 what it has used up
```

A command is a function from a state to the next one. ``leaving`` says why the rest of
the script is skipped: ``exit``, ``return``, ``break``, ``continue``, or ``running``
where a program is still at work and nobody waits for it.

Invariant: the output is kept in the order in which it was written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from minidock.runtime.files import Files
from minidock.runtime.process import Process
from minidock.runtime.shell_tree import Node

__all__ = ["STDERR", "STDOUT", "Chunk", "ShellRefused", "State"]

STDOUT, STDERR = 1, 2
Chunk = tuple[int, str]
"""(1 or 2, text)."""


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
    seconds: float = 0
    depth: int = 0
    """How many shells and functions deep."""
    options: frozenset[str] = frozenset()
    """The letters of `set`: e, u, x."""
    tested: bool = False
    """Whether this command's failure is somebody's question, so that -e is silent."""
    background: int = 0
    """The number of the last command that ``&`` started; 0 for none."""
    background_runs: bool = False
    """Whether a command that ``&`` started is still at work."""

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
            seconds=inner.seconds,
            background_runs=self.background_runs or inner.background_runs,
        )


def _place(name: str) -> tuple[int, str]:
    """Where ash keeps a variable: a table of 39 lists, by a hash of the name."""
    letters = [ord(letter) & 255 for letter in name]
    return ((letters[0] << 4 if letters else 0) + sum(letters)) % 39, name
