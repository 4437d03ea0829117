"""What follows each command of a shell: its program, its count, and what is next.

Invariant: a script makes at most ``STEPS`` commands, those of the shells and loops that
it starts included; what takes longer than somebody's patience is still running.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from minidock.runtime.process import FOREVER, INTERRUPTED, Result
from minidock.runtime.shell_builtins import READERS
from minidock.runtime.shell_state import STDERR, STDOUT, State

__all__ = ["CTRL_C", "STEPS", "checked", "start_program", "step", "turn_over"]

STEPS = 1000
CTRL_C = "minidock: this runs until it is stopped; ended here, as with Ctrl-C\n"


def step(state: State) -> State:
    """The state before one more command; after too many of them the script is over."""
    if state.steps < STEPS or state.leaving:
        return replace(state, steps=state.steps + 1)
    if state.process.patience < FOREVER:
        return replace(state, leaving="running")
    text = f"minidock: stopped after {STEPS} commands: a loop without an end?\n"
    return replace(state.printed(text, STDERR), leaving="stopped", status=INTERRUPTED)


def start_program(
    state: State, words: Sequence[str], given: Mapping[str, str]
) -> State:
    """Start a program of the container and take over what it did."""
    environment = {**dict(state.environment()), **given}
    process = replace(
        state.process,
        words=tuple(words),
        environment=tuple(environment.items()),
        stdin=state.input,
        files=state.files,
        depth=state.depth,
        steps=state.steps,
        now=state.process.now + int(state.seconds * 1_000_000_000),
    )
    finished = process.start(process)
    if finished is None:
        if process.patience == 0:  # nobody watches: some server that runs on
            return replace(state, leaving="running")
        return state.complained(f"{words[0]}: not found", 127)
    reads = process.name in READERS
    state = replace(state, status=finished.code, input="" if reads else state.input)
    if not isinstance(finished, Result):
        return state.printed(finished.stdout).printed(finished.stderr, STDERR)
    return _took(state, finished)


def _took(state: State, result: Result) -> State:
    chunks = result.chunks or ((STDOUT, result.stdout), (STDERR, result.stderr))
    state = replace(
        state,
        output=(*state.output, *(chunk for chunk in chunks if chunk[1])),
        files=replace(result.files or state.files, folder=state.files.folder),
        steps=max(state.steps, result.steps),
    )
    if result.stopped:
        return replace(state, leaving="stopped")
    if state.seconds + result.seconds > state.process.patience:
        return replace(state, leaving="running")
    if result.seconds == FOREVER:
        stopped = replace(state, status=INTERRUPTED, leaving="stopped")
        return stopped.printed(CTRL_C, STDERR)
    return replace(state, seconds=state.seconds + result.seconds)


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
