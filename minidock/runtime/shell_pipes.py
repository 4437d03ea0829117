"""What runs beside each other in a shell: the commands of a pipeline, and jobs.

```
 ping db  |  grep seq  |  head -n 2        each command has a shell of its own; what one
   writes ────▶ reads                      writes the next one reads, as it comes
```

A pipe ends when all its commands have ended. One that writes to a command that has
ended is ended too, as by SIGPIPE.

Invariant: a command's input is closed once the command before it has ended.
"""

from collections.abc import Callable
from dataclasses import replace

from minidock.runtime.shell_commands import checked, with_input
from minidock.runtime.shell_frames import InScript, Piped
from minidock.runtime.shell_state import (
    STDERR,
    STDOUT,
    WAITING,
    State,
    held,
    within,
)
from minidock.runtime.shell_tree import Pipeline, Script

__all__ = ["begin", "earliest", "go_on", "resume_within", "run_jobs", "waits_for"]

Resume = Callable[[State], State]
_BROKEN_PIPE = 141
"""128 and the number of SIGPIPE."""


def earliest(state: State) -> int | None:
    """When a shell that waits goes on by itself, its jobs included; O(jobs)."""
    moments = [job_due for job in state.jobs if (job_due := earliest(job)) is not None]
    if state.due is not None:
        moments.append(state.due)
    return min(moments, default=None)


def waits_for(state: State, inner: State) -> State:
    """This shell, waiting for what a shell inside of it waits for."""
    return replace(
        state,
        leaving=WAITING,
        files=replace(inner.files, folder=state.files.folder),
        steps=inner.steps,
        due=earliest(inner),
        reads=inner.reads,
        note=inner.note,
        input="" if inner.reads else state.input,
    )


def resume_within(state: State, inner: State, resume: Resume) -> State:
    """A shell inside of this one goes on, with the input that this one has."""
    inner = within(inner, state)
    return resume(with_input(inner, state.input, is_open=state.open))


def run_jobs(state: State, resume: Resume) -> State:
    """What ``&`` started goes on where its moment has come; O(jobs)."""
    left = []
    for job in state.jobs:
        inner = resume(within(job, state))
        state = replace(
            state,
            files=replace(inner.files, folder=state.files.folder),
            steps=inner.steps,
            output=(*state.output, *inner.output),
        )
        if inner.waiting:
            left.append(held(inner))
    return replace(state, jobs=tuple(left))


# --- pipelines ------------------------------------------------------------------------


def begin(state: State, node: Pipeline, resume: Resume) -> State:
    """Start the commands of a pipeline."""
    stages = []
    for turn, command in enumerate(node.commands):
        script = Script(items=((command, False),))
        stage = replace(
            state,
            output=(),
            jobs=(),
            tested=True,
            leaving=WAITING,
            frames=(InScript(script=script, place=0),),
            input=state.input if turn == 0 else "",
            open=state.open if turn == 0 else True,
        )
        if turn:
            stage = replace(stage, process=replace(stage.process, terminal=False))
        stages.append(held(stage))
    piped = Piped(stages=tuple(stages), negated=node.negated)
    return go_on(replace(state, input=""), piped, resume)


def go_on(state: State, piped: Piped, resume: Resume) -> State:
    """The commands of a pipeline go on, from the first to the last; O(commands)."""
    stages, text, is_open = list(piped.stages), state.input, state.open
    last = len(stages) - 1
    broken = False
    for turn, stage in enumerate(stages):
        if not stage.waiting:
            broken, text, is_open = bool(text), "", False
            if broken and stages[turn - 1].waiting and turn:
                stages[turn - 1] = _ended(stages[turn - 1], _BROKEN_PIPE)
            continue
        inner = within(stage, state)
        inner = resume(with_input(inner, text, is_open=is_open))
        state = replace(
            state,
            files=replace(inner.files, folder=state.files.folder),
            steps=inner.steps,
        )
        shown = [c for c in inner.output if turn == last or c[0] == STDERR]
        state = replace(state, output=(*state.output, *shown))
        text, is_open = inner.written(STDOUT), inner.waiting
        left = inner.input
        stages[turn] = held(inner) if inner.waiting else _ended(inner, inner.status)
        if turn == 0:
            state = replace(state, input="" if inner.waiting else left)
    return _over(state, replace(piped, stages=tuple(stages)))


def _ended(stage: State, status: int) -> State:
    return replace(held(stage), leaving="", frames=(), status=status, due=None)


def _over(state: State, piped: Piped) -> State:
    waiting = [stage for stage in piped.stages if stage.waiting]
    if not waiting:
        status = piped.stages[-1].status
        if piped.negated:
            return replace(state, status=int(not status))
        return checked(replace(state, status=status))
    moments = [due for s in waiting if (due := earliest(s)) is not None]
    notes = [stage.note for stage in waiting if stage.note]
    waits = replace(
        state,
        leaving=WAITING,
        due=min(moments, default=None),
        reads=piped.stages[0].waiting and piped.stages[0].reads,
        note=notes[0] if notes else "",
    )
    return waits.framed(piped)
