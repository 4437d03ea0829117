"""Where the command line reads and writes: three streams and the environment.

```
            ┌─ stdin
 Terminal ──┼─ stdout ◀─┐ one and the same place (a terminal, a test): in order
            ├─ stderr ◀─┘ two places (a pipe, a file): each stream for itself
            └─ environment
```

The one place of this program that touches the process it runs in, so that tests and
lessons run the same commands with streams and an environment of their own.

Invariant: nothing that is printed raises for its characters; what the stream cannot
encode is written as an escape.
"""

import os
import sys
from collections.abc import Mapping
from io import TextIOWrapper

TYPE_CHECKING = False  # as a type checker sees it: True; without importing typing
if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["Terminal"]


class Terminal:
    """Streams and environment; those of the process where none are given."""

    def __init__(
        self,
        *,
        stdin: "TextIO | None" = None,
        stdout: "TextIO | None" = None,
        stderr: "TextIO | None" = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.stdin = sys.stdin if stdin is None else stdin
        self.stdout = sys.stdout if stdout is None else stdout
        self.stderr = sys.stderr if stderr is None else stderr
        self.environment = os.environ if environment is None else environment
        for stream in (self.stdout, self.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")

    @property
    def together(self) -> bool:
        """Whether both outputs end in one place, where their order can be seen."""
        if self.stdout is self.stderr:
            return True
        return self.stdout.isatty() and self.stderr.isatty()

    @property
    def interactive(self) -> bool:
        """Whether a person types and reads."""
        return self.stdin.isatty() and self.stdout.isatty()

    def record(self, text: str) -> None:
        """Write a part of a record of commands and outputs, which is one text."""
        self.stdout.write(text)
        self.stdout.flush()

    def write(self, stdout: str, stderr: str = "", transcript: str = "") -> None:
        """Write what a command printed.

        Args:
            stdout: for standard output.
            stderr: for standard error.
            transcript: both in the order in which they were written.
        """
        if self.together and transcript:
            self.stdout.write(transcript)
        else:
            self.stdout.write(stdout)
            self.stdout.flush()
            self.stderr.write(stderr)
        self.stdout.flush()
        self.stderr.flush()
