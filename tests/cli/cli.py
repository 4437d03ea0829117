"""Runs the command line in process, with streams and a state file of its own."""

import io
from pathlib import Path
from typing import NamedTuple

from minidock.cli.main import main
from minidock.cli.terminal import Terminal


class Ran(NamedTuple):
    """What a command printed on each stream, and its exit code."""

    stdout: str
    stderr: str
    code: int


class Cli:
    """A person at a terminal: each call is one command on the same state."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.environment = {"MINIDOCK_STATE": str(state), "MINIDOCK_TRACEBACK": "1"}

    def __call__(self, *words: str, stdin: str = "") -> Ran:
        out, err = io.StringIO(), io.StringIO()
        terminal = Terminal(
            stdin=io.StringIO(stdin),
            stdout=out,
            stderr=err,
            environment=self.environment,
        )
        code = main(words, terminal)
        return Ran(out.getvalue(), err.getvalue(), code)
