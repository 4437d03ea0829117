"""Redirects: where a command's input comes from, and where its output goes.

```
 cmd 2>&1 >f        streams 1 ─▶ 1, 2 ─▶ 2
    2>&1            2 goes where 1 goes now:          2 ─▶ 1
        >f          1 goes to a file, 2 stays there:  1 ─▶ f
```

The command runs as if nothing was redirected; then what it wrote is sent on, and when
it waits what it has written so far. So a file is empty while the command runs that
writes it, as it is on Linux.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from minidock.runtime.files import FileRefused
from minidock.runtime.shell_frames import Redirected
from minidock.runtime.shell_state import STDERR, STDOUT, Chunk, State
from minidock.runtime.shell_tree import Redirect
from minidock.runtime.shell_words import Run, expand_text

__all__ = ["after_redirect", "redirected"]

_Goal = int | str
"""A stream of the shell, or a file's path; "" throws it away."""


_INPUTS = frozenset({"<", "<<", "<<-"})


class _Refused(Exception):
    pass


def redirected(
    state: State,
    redirects: Sequence[Redirect],
    action: Callable[[State], State],
    run: Run,
) -> State:
    """The state after an action whose input and output are redirected.

    Where a file cannot be opened the action does not run, and the status is 1.
    """
    if not redirects:
        return action(state)
    goals: dict[int, _Goal] = {STDOUT: STDOUT, STDERR: STDERR}
    opened = state
    for redirect in redirects:
        try:
            opened = _open(opened, redirect, goals, run)
        except (_Refused, FileRefused) as refusal:
            return replace(opened, input=state.input).complained(str(refusal), 1)
    took_input = any(item.operator in _INPUTS for item in redirects)
    frame = Redirected(
        goals=goals, took_input=took_input, input=state.input, open=state.open
    )
    is_open = opened.open and not took_input
    inner = action(replace(opened, output=(), open=is_open))
    return after_redirect(inner, frame, opened.output)


def after_redirect(
    inner: State, frame: Redirected, before: tuple[Chunk, ...] = ()
) -> State:
    """What was written inside is sent on; the redirect lasts while the inside waits."""
    after = replace(inner, output=before)
    for stream, text in inner.output:
        after = _send(after, frame.goals.get(stream, stream), text)
    if inner.waiting:
        return after.framed(frame)
    if frame.took_input:
        after = replace(after, input=frame.input, open=frame.open)
    return after


def _send(state: State, goal: _Goal, text: str) -> State:
    if isinstance(goal, int):
        return state.printed(text, goal)
    if not goal:
        return state
    try:
        return replace(state, files=state.files.write(goal, text, append=True))
    except FileRefused as refusal:
        return state.complained(f"write error: {refusal}", 1)


def _open(state: State, redirect: Redirect, goals: dict[int, _Goal], run: Run) -> State:
    state, target = expand_text(state, redirect.target, run)
    match redirect.operator:
        case "<":
            return _read(state, target)
        case "<<" | "<<-":
            return replace(state, input=target)
        case "<&":
            return state
        case ">&" if target == "-":
            goals[redirect.stream] = ""
            return state
        case ">&" if target.isdigit():
            number = int(target[:3])
            if number not in goals:
                raise _Refused(f"{target}: Bad file descriptor")
            goals[redirect.stream] = goals[number]
            return state
    goal, state = _created(state, target, append=redirect.operator.endswith(">>"))
    goals[redirect.stream] = goal
    if redirect.operator in {"&>", "&>>", ">&"}:
        goals[STDERR] = goal
    return state


def _read(state: State, target: str) -> State:
    text = state.files.read(target)
    if text is None:
        reason = "Is a directory" if state.files.is_folder(target) else "no such file"
        raise _Refused(f"can't open {target}: {reason}")
    return replace(state, input=text)


def _created(state: State, target: str, *, append: bool) -> tuple[_Goal, State]:
    files = state.files
    named: dict[str, _Goal] = {
        "/dev/null": "",
        "/dev/stdout": STDOUT,
        "/dev/stderr": STDERR,
    }
    path = files.path(target)
    if path in named:
        return named[path], state
    try:
        return path, replace(state, files=files.write(target, "", append=append))
    except FileRefused as refusal:
        raise _Refused(f"can't create {target}: {refusal}") from refusal
