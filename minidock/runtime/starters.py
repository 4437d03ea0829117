"""Programs that run other programs, or wait: env, xargs, timeout, nohup, sleep.

```
 xargs -n1 ping -c1  ──▶ process.start(ping -c1 a), process.start(ping -c1 b), ...
```

What the others print, take and write is theirs and added up here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from minidock.runtime.finished import Finished
from minidock.runtime.lines import count_of
from minidock.runtime.options import options
from minidock.runtime.process import (
    FOREVER,
    Continuation,
    Paused,
    Process,
    Program,
    Result,
    detached,
    refused,
    usage,
)
from minidock.runtime.waiting import SECOND, after_signal

__all__ = ["STARTERS"]

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def _env(process: Process) -> Finished:
    words, variables = list(process.arguments), list(process.environment)
    while words:
        if words[0] in {"-i", "-"}:
            variables = []
        elif words[0] == "-u" and len(words) > 1:
            variables = [item for item in variables if item[0] != words.pop(1)]
        else:
            break
        words.pop(0)
    merged = dict(variables)
    while words and "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        merged[name] = value
    if words:
        inner = replace(process, words=tuple(words), environment=tuple(merged.items()))
        error = f"{process.name}: can't execute '{words[0]}': No such file or directory"
        return process.start(inner) or Finished(stderr=f"{error}\n", code=127)
    return Finished(stdout="".join(f"{k}={v}\n" for k, v in merged.items()))


def _printenv(process: Process) -> Finished:
    if not process.arguments:
        return _env(process)
    found = [process.variable(name) for name in process.arguments]
    text = "".join(f"{value}\n" for value in found if value is not None)
    return Finished(stdout=text, code=int(None in found))


def _seconds(text: str) -> float | None:
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})([smhd]?)", text, re.ASCII)
    if match is None:
        return None
    return float(match[1]) * _SECONDS[match[2]]


def _sleep(process: Process) -> Finished:
    if not process.arguments:
        return usage(process, "[N]...")
    total = 0.0
    for word in process.arguments:
        if word in {"infinity", "inf"}:
            total = FOREVER
            continue
        seconds = _seconds(word)
        if seconds is None:
            return refused(process, f"invalid number '{word}'")
        total += seconds
    return Result(seconds=total)


def _timeout(process: Process) -> Finished:
    given = options(process.arguments, "", "sk", permute=False)
    limit = _seconds(given.rest[0]) if given.rest else None
    if limit is None or len(given.rest) < 2:
        return usage(process, "[-s SIG] SECS PROG ARGS")
    finished = process.start(replace(process, words=given.rest[1:]))
    if finished is None:
        text = f"can't execute '{given.rest[1]}': No such file or directory"
        return refused(process, text, 127)
    return _limited(finished, process.now + int(limit * SECOND))


def _limited(finished: Finished, until: int) -> Finished:
    if not isinstance(finished, Paused):
        return finished
    due = until if finished.due is None else min(until, finished.due)
    return replace(finished, rest=Limited(rest=finished.rest, until=until), due=due)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """`timeout`: a program, and when it is ended."""

    rest: Continuation
    until: int

    def go_on(self, process: Process) -> Finished:
        """The program goes on, or is ended with SIGTERM."""
        finished = self.rest.go_on(process)
        if not isinstance(finished, Paused) or process.now < self.until:
            return _limited(finished, self.until)
        error = f"{finished.stderr}Terminated\n"
        chunks = (*finished.chunks, (2, "Terminated\n")) if finished.chunks else ()
        return Result(
            stdout=finished.stdout,
            stderr=error,
            chunks=chunks,
            code=143,
            files=finished.files,
            steps=finished.steps,
        )

    def interrupt(self, process: Process, number: int) -> Finished:
        """The program gets it."""
        return self.rest.interrupt(process, number)


def _through(process: Process) -> Finished:
    """`nohup`, `time`, `nice`: run the rest of the words."""
    if not process.arguments:
        return usage(process, "PROG ARGS")
    finished = process.start(replace(process, words=process.arguments))
    text = f"can't execute '{process.arguments[0]}': No such file or directory"
    return finished or refused(process, text, 127)


def _busybox(process: Process) -> Finished:
    if not process.arguments:
        names = ", ".join(sorted(process.knows))
        return Finished(stdout=f"BusyBox multi-call binary.\n\n{names}\n")
    name = process.arguments[0]
    finished = process.start(replace(process, words=process.arguments))
    return finished or Finished(stderr=f"{name}: applet not found\n", code=127)


_MOST_PROGRAMS = 1000
"""How many programs xargs starts at most."""


def _xargs(process: Process) -> Finished:
    given = options(process.arguments, "rt0", "nIL", permute=False)
    size = count_of(given.value("n", "L"), 10**6)
    if given.unknown or given.incomplete or not size or size < 0:
        return usage(process, "[-rt] [-n N] [-I STR] [PROG ARGS]")
    program = given.rest or ("echo",)
    mark = given.value("I")
    if mark is not None:
        lines = [line.strip() for line in process.stdin.splitlines() if line.strip()]
        calls = [tuple(w.replace(mark, line) for w in program) for line in lines]
    else:
        words, fault = _quoted_words(process.stdin)
        if fault:
            return refused(process, fault)
        groups = [words[at : at + size] for at in range(0, len(words), size)]
        if not groups and "r" not in given.flags:
            groups = [[]]
        calls = [(*program, *group) for group in groups]
    return _each(process, calls)


def _quoted_words(text: str) -> tuple[list[str], str]:
    """The words of a text with quotes and backslashes; or what is wrong with it."""
    words: list[str] = []
    word, quote, begun = "", "", False
    letters = iter(text)
    for letter in letters:
        if quote:
            if letter == "\n":
                break
            word, quote = (word, "") if letter == quote else (word + letter, quote)
        elif letter in "'\"":
            quote, begun = letter, True
        elif letter == "\\":
            word, begun = word + next(letters, ""), True
        elif not letter.isspace():
            word, begun = word + letter, True
        elif begun:
            words.append(word)
            word, begun = "", False
    if quote:
        name = "single" if quote == "'" else "double"
        return [], f"unmatched {name} quote"
    return [*words, word] if begun else words, ""


def _each(process: Process, calls: Sequence[tuple[str, ...]]) -> Finished:
    """Run programs one after the other: 123 if one failed, 127 if there is none."""
    return _calls(Calls(process=process, calls=tuple(calls)), process, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """`xargs` while one of its programs waits."""

    process: Process
    """xargs itself: without what it sees, while it waits."""
    calls: tuple[tuple[str, ...], ...]
    """The programs that have not begun."""
    code: int = 0
    rest: Continuation | None = None
    """The program that waits."""

    def go_on(self, process: Process) -> Finished:
        """The program goes on, and then the next ones."""
        here = replace(
            self.process,
            world=process.world,
            container=process.container,
            files=process.files,
            now=process.now,
            steps=process.steps,
        )
        waiting = None if self.rest is None else self.rest.go_on(_call(here, ()))
        return _calls(self, here, waiting)

    def interrupt(self, process: Process, number: int) -> Finished:  # noqa: ARG002 - one shape
        """It dies, and what it has started."""
        return after_signal(number)


def _call(process: Process, words: tuple[str, ...]) -> Process:
    return replace(process, words=words, given="", open=False, depth=process.depth + 1)


def _calls(calls: Calls, process: Process, finished: Finished | None) -> Finished:
    """Take what a program did, and start the next one until one waits."""
    said = _Said()
    left, code = list(calls.calls), calls.code
    while True:
        if finished is not None:
            process = said.took(process, finished)
            if isinstance(finished, Paused):
                held = replace(
                    calls,
                    process=detached(process),
                    calls=tuple(left),
                    code=code,
                    rest=finished.rest,
                )
                done = said.done(process, code)
                return Paused(
                    stdout=done.stdout,
                    stderr=done.stderr,
                    files=done.files,
                    chunks=done.chunks,
                    steps=done.steps,
                    rest=held,
                    due=finished.due,
                    note=finished.note,
                )
            code = 123 if finished.code else code
        if not left:
            return said.done(process, code)
        words = left.pop(0)
        process = replace(process, steps=process.steps + 1)
        if process.steps > _MOST_PROGRAMS or process.depth > 40:
            said.chunks.append((2, f"{process.name}: too many programs here\n"))
            return said.done(process, 1)
        finished = process.start(_call(process, words))
        if finished is None:
            error = f"{process.name}: {words[0]}: No such file or directory\n"
            said.chunks.append((2, error))
            return said.done(process, 127)


class _Said:
    """What the programs of one `xargs` have written."""

    def __init__(self) -> None:
        self.chunks: list[tuple[int, str]] = []

    def took(self, process: Process, finished: Finished) -> Process:
        """The process after one more program."""
        plain = ((1, finished.stdout), (2, finished.stderr))
        if not isinstance(finished, Result):
            self.chunks += [chunk for chunk in plain if chunk[1]]
            return process
        self.chunks += [chunk for chunk in finished.chunks or plain if chunk[1]]
        files, steps = finished.files or process.files, finished.steps
        return replace(process, files=files, steps=max(process.steps, steps))

    def done(self, process: Process, code: int) -> Result:
        """What `xargs` has done by now."""
        return Result(
            stdout="".join(text for stream, text in self.chunks if stream == 1),
            stderr="".join(text for stream, text in self.chunks if stream == 2),
            code=code,
            files=process.files,
            chunks=tuple(self.chunks),
            steps=process.steps,
        )


STARTERS: dict[str, Program] = {
    "busybox": _busybox,
    "env": _env,
    "nice": _through,
    "nohup": _through,
    "printenv": _printenv,
    "sleep": _sleep,
    "time": _through,
    "timeout": _timeout,
    "xargs": _xargs,
}
