"""Programs that run other programs, or wait: env, xargs, timeout, nohup, sleep.

```
 xargs -n1 ping -c1  ──▶ process.start(ping -c1 a), process.start(ping -c1 b), ...
```

What the others print, take and write is theirs and added up here.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from minidock.runtime.finished import Finished
from minidock.runtime.lines import count_of
from minidock.runtime.options import options
from minidock.runtime.process import FOREVER, Process, Program, Result, refused, usage

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
    inner = replace(process, words=given.rest[1:], patience=limit)
    finished = process.start(inner)
    if finished is None:
        text = f"can't execute '{given.rest[1]}': No such file or directory"
        return refused(process, text, 127)
    if isinstance(finished, Result) and finished.seconds > limit:
        error = f"{finished.stderr}Terminated\n"
        chunks = (*finished.chunks, (2, "Terminated\n")) if finished.chunks else ()
        return replace(finished, stderr=error, chunks=chunks, code=143, seconds=limit)
    return finished


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
    chunks: list[tuple[int, str]] = []
    code, seconds, steps = 0, 0.0, process.steps
    files = process.files
    for call in calls:
        steps += 1
        if steps > _MOST_PROGRAMS or process.depth > 40:
            chunks.append((2, f"{process.name}: too many programs here\n"))
            code = 1
            break
        inner = replace(
            process,
            words=call,
            stdin="",
            files=files,
            steps=steps,
            depth=process.depth + 1,
        )
        finished = process.start(inner)
        if finished is None:
            chunks.append(
                (2, f"{process.name}: {call[0]}: No such file or directory\n")
            )
            code = 127
            break
        chunks += [(1, finished.stdout), (2, finished.stderr)]
        code = 123 if finished.code else code
        if isinstance(finished, Result):
            files = finished.files or files
            seconds += finished.seconds
            steps = max(steps, finished.steps)
            if finished.stopped or seconds == FOREVER:
                break
    return Result(
        stdout="".join(text for stream, text in chunks if stream == 1),
        stderr="".join(text for stream, text in chunks if stream == 2),
        code=code,
        files=files,
        seconds=seconds,
        chunks=tuple(chunk for chunk in chunks if chunk[1]),
        steps=steps,
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
