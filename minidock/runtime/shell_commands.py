"""What follows each command of a shell: its program, its count, and what is next.

```
 sleep 5  ──start_program──▶  Paused  ──took──▶  the shell waits (Commanding)
 true     ──start_program──▶  Finished ──took──▶  its status, and the next command
```

Invariant: a script makes at most ``STEPS`` commands at one moment, those of the shells
and loops that it starts included. A loop that has made so many without waiting takes a
rest of ``REST``: on a real machine it would keep a processor busy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from minidock.runtime.finished import Finished
from minidock.runtime.process import Paused, Process, Result
from minidock.runtime.shell_builtins import READERS
from minidock.runtime.shell_frames import Commanding, Redirected, Spun
from minidock.runtime.shell_state import STDERR, STDOUT, WAITING, State
from minidock.runtime.waiting import CTRL_C, SECOND, Never

__all__ = [
    "REST",
    "STEPS",
    "checked",
    "go_on_with",
    "reopened",
    "start_program",
    "step",
    "took",
    "turn_over",
    "with_input",
]

STEPS = 1000
REST = 10 * SECOND
_SPUN = f"minidock: stopped after {STEPS} commands: a loop without an end?\n"


def step(state: State) -> State:
    """The state before one more command; after too many of them it waits."""
    if state.leaving:
        return state
    if state.steps < STEPS:
        return replace(state, steps=state.steps + 1)
    at = state.process.now + REST
    waits = replace(state, leaving=WAITING, due=at, reads=False, note=_SPUN)
    return waits.framed(Spun(at=at))


def start_program(
    state: State, words: Sequence[str], given: Mapping[str, str]
) -> State:
    """Start a program of the container and take over what it did."""
    environment = {**dict(state.environment()), **given}
    process = replace(
        _child(state, state.input),
        words=tuple(words),
        environment=tuple(environment.items()),
    )
    finished = process.start(process)
    if finished is None and not process.watched:  # some server that runs on
        finished = Paused(rest=Never(), note=CTRL_C)
    if finished is None:
        return state.complained(f"{words[0]}: not found", 127)
    return took(state, finished, reads=process.name in READERS)


def _child(state: State, given: str) -> Process:
    """What a program of this shell sees."""
    return replace(
        state.process,
        given=given,
        open=state.open,
        terminal=state.process.terminal and state.open,
        files=state.files,
        depth=state.depth,
        steps=state.steps,
    )


def go_on_with(state: State, frame: Commanding) -> State:
    """A program that was waited for goes on."""
    child = _child(state, state.input if frame.reads else "")
    if frame.reads:
        state = reopened(replace(state, input=""))
    return took(state, frame.rest.go_on(child), reads=frame.reads)


def reopened(state: State) -> State:
    """After somebody has read the end of the input: a terminal goes on after it."""
    return replace(state, open=state.open or state.process.terminal)


def took(state: State, finished: Finished, *, reads: bool) -> State:
    """The state after a program has ended, or while it waits."""
    chunks: Sequence[tuple[int, str]] = (
        (STDOUT, finished.stdout),
        (STDERR, finished.stderr),
    )
    files, steps = None, 0
    if isinstance(finished, Result):
        chunks = finished.chunks or chunks
        files, steps = finished.files, finished.steps
    pausing = isinstance(finished, Paused) and finished.reads
    state = replace(
        state,
        output=(*state.output, *(chunk for chunk in chunks if chunk[1])),
        files=replace(files or state.files, folder=state.files.folder),
        steps=max(state.steps, steps),
        input="" if reads or pausing else state.input,
    )
    if not isinstance(finished, Paused):
        return replace(state, status=finished.code)
    waits = replace(
        state,
        leaving=WAITING,
        due=finished.due,
        reads=finished.reads,
        note=finished.note,
    )
    return waits.framed(Commanding(rest=finished.rest, reads=reads or pausing))


def with_input(state: State, text: str, *, is_open: bool) -> State:
    """The state after more input has come; a redirect around it keeps its own."""
    for place in reversed(range(len(state.frames))):
        frame = state.frames[place]
        if isinstance(frame, Redirected) and frame.took_input:
            more = replace(frame, input=frame.input + text, open=is_open)
            frames = (*state.frames[:place], more, *state.frames[place + 1 :])
            return replace(state, frames=frames)
    return replace(state, input=state.input + text, open=is_open)


def checked(state: State) -> State:
    """`set -e`: a failure that nobody asks about ends the shell."""
    fails = state.status and "e" in state.options and not state.tested
    return replace(state, leaving="exit") if fails and not state.leaving else state


def turn_over(state: State) -> tuple[State, bool]:
    """After the body of a loop: whether the loop is over.

    `break` and `continue` are for this loop, or for one above.
    """
    if state.leaving not in {"break", "continue"}:
        return state, bool(state.leaving)
    if state.levels > 1:
        return replace(state, levels=state.levels - 1), True
    return replace(state, leaving="", levels=0), state.leaving == "break"
