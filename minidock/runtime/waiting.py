"""How a program waits: for a moment, for the end of its input, or for ever.

```
 Result(seconds=5)   ──settled──▶  Paused(rest=Ending(at=now+5))
 Result(FOREVER)     ──settled──▶  Paused(rest=Never())
 InputWanted         ──run──────▶  Paused(rest=Reading(text so far), reads=True)
```

A program that reads its input to the end runs once the end has come. Those that treat
every line by itself (`cat`, `grep`, `tr` ...) run on the lines that have come, since a
pipe from something endless has no end.
"""

from dataclasses import dataclass, replace

from minidock.runtime.finished import Finished
from minidock.runtime.process import (
    FOREVER,
    InputWanted,
    Paused,
    Process,
    Program,
    Result,
    detached,
)

__all__ = ["CTRL_C", "SECOND", "Ending", "Never", "after_signal", "run", "settled"]

SECOND = 1_000_000_000
CTRL_C = "minidock: this runs until it is stopped; ended here, as with Ctrl-C\n"


def after_signal(number: int, stdout: str = "") -> Finished:
    """The end of a program that does nothing about a signal."""
    return Finished(stdout=stdout, code=128 + number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Nothing is left but to end, at its moment."""

    at: int
    result: Finished

    def go_on(self, process: Process) -> Finished:
        """It ends, if its moment has come."""
        if process.now < self.at:
            return Paused(rest=self, due=self.at)
        return self.result

    def interrupt(self, process: Process, number: int) -> Finished:  # noqa: ARG002 - one shape
        """It dies."""
        return after_signal(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """It runs on and does nothing more by itself."""

    note: str = CTRL_C

    def go_on(self, process: Process) -> Finished:  # noqa: ARG002 - one shape
        """It goes on as before."""
        return Paused(rest=self, note=self.note)

    def interrupt(self, process: Process, number: int) -> Finished:  # noqa: ARG002 - one shape
        """It dies."""
        return after_signal(number)


def settled(process: Process, finished: Finished) -> Finished:
    """A program's result as something that has ended, or that is paused."""
    if not isinstance(finished, Result) or not finished.seconds:
        return finished
    if finished.seconds == FOREVER:
        return Paused(
            stdout=finished.stdout,
            stderr=finished.stderr,
            chunks=finished.chunks,
            files=finished.files,
            steps=finished.steps,
            rest=Never(),
            note=CTRL_C,
        )
    at = process.now + int(finished.seconds * SECOND)
    end = Finished(stdout=finished.stdout, stderr=finished.stderr, code=finished.code)
    return Paused(
        files=finished.files,
        steps=finished.steps,
        rest=Ending(at=at, result=end),
        due=at,
    )


# --- reading --------------------------------------------------------------------------


def run(process: Process, program: Program) -> Finished:
    """Start a program; one whose input has not come to its end may wait for it."""
    if not process.open:
        return settled(process, program(process))
    try:
        return settled(process, program(process))
    except InputWanted:
        held = detached(process)
        reading = Reading(process=held, program=program, folder=process.files.folder)
        return reading.go_on(process)


_BY_LINE = frozenset("cat cut egrep fgrep grep rev tee tr sed".split())
"""They treat every line by itself, unless their options say otherwise."""
_WHOLE = {
    "cat": "nbA",
    "grep": "cqlLnm",
    "egrep": "cqlLnm",
    "fgrep": "cqlLnm",
    "tr": "s",
    "sed": "n",
}
"""The options with which they have to see all of it."""


def _by_line(process: Process) -> bool:
    name, letters = process.name, set[str]()
    for word in process.arguments:
        if word.startswith("-") and not word.startswith("--"):
            letters |= set(word[1:])
    if name == "sed":
        return all(
            word.startswith(("s", "-")) and ";" not in word
            for word in process.arguments
        )
    return name in _BY_LINE and not letters & set(_WHOLE.get(name, ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A program that reads its input, and what has come of that."""

    process: Process
    """Its words and its surroundings, without a World."""
    program: Program
    folder: str
    text: str = ""
    code: int | None = None
    """The best code so far, where it treats every line by itself."""

    def go_on(self, process: Process) -> Finished:
        """It reads what has come, and ends when its input does."""
        text = self.text + process.given
        here = replace(
            self.process,
            world=process.world,
            container=process.container,
            files=replace(process.files, folder=self.folder),
            now=process.now,
            open=False,
        )
        if not process.open:
            return self._last(replace(here, given=text))
        name = self.process.name
        if _by_line(self.process):
            return self._lines(here, text)
        if name == "head" or name.endswith("grep"):
            return self._early(here, text)
        return Paused(rest=replace(self, text=text), reads=True)

    def _last(self, here: Process) -> Finished:
        if self.code is not None and not here.given:
            return Finished(code=self.code)
        finished = settled(here, self.program(here))
        if self.code is None:
            return finished
        return replace(finished, code=min(self.code, finished.code))

    def _lines(self, here: Process, text: str) -> Finished:
        lines, newline, rest = text.rpartition("\n")
        if not newline:
            return Paused(rest=replace(self, text=text), reads=True)
        done = self.program(replace(here, given=lines + newline))
        code = done.code if self.code is None else min(self.code, done.code)
        left = replace(self, text=rest, code=code, process=_appending(self.process))
        return Paused(
            stdout=done.stdout,
            stderr=done.stderr,
            files=done.files if isinstance(done, Result) else None,
            rest=left,
            reads=True,
        )

    def _early(self, here: Process, text: str) -> Finished:
        """`head` and `grep -q` end before their input does, once they have enough."""
        done = self.program(replace(here, given=text))
        more = self.program(replace(here, given=text + "\n\n" * 2))
        enough = done == more and bool(text)
        if self.process.name != "head":
            quiet = any(w.startswith("-") and "q" in w for w in here.arguments)
            enough = quiet and not done.code
        if enough:
            return done
        return Paused(rest=replace(self, text=text), reads=True)

    def interrupt(self, process: Process, number: int) -> Finished:  # noqa: ARG002 - one shape
        """It dies."""
        return after_signal(number)


def _appending(process: Process) -> Process:
    """`tee` goes on writing where it stopped."""
    if process.name != "tee" or "-a" in process.words:
        return process
    return replace(process, words=(process.words[0], "-a", *process.arguments))
