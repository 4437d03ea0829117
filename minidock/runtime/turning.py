"""Programs in time: what begins when a container or an exec starts, and what is next.

```
start_main, start_exec ──▶ a program is under way        its output: Container.logs,
feed, interrupt ──▶ somebody types                       ExecInstance.output
turn(world, now) ──▶ everything that is due by now has happened, in order
next_due(world) ──▶ when something is due next
```

A program's life is part of the World: turning the clock in one step or in many gives
the same World, since what is due happens at its own moment and sees the World of then.

Cost: `next_due` is O(1); `turn` is O(1) where nothing is due.
"""

from dataclasses import replace
from typing import NamedTuple

from minidock.commands import ending, lifecycle
from minidock.commands.execs import exec_event
from minidock.commands.ingress import opened
from minidock.commands.leaving import files_left
from minidock.commands.outcome import Outcome
from minidock.model.archive import text_of
from minidock.model.container import Container
from minidock.model.event import Event
from minidock.model.program import Program
from minidock.model.world import ExecInstance, World
from minidock.runtime import healthchecks, signals
from minidock.runtime.finished import Finished
from minidock.runtime.output import Output, with_output
from minidock.runtime.process import Paused, Result
from minidock.runtime.programs import begin, begin_main, wake

__all__ = [
    "Begun",
    "feed",
    "interrupt",
    "next_due",
    "start_exec",
    "start_main",
    "turn",
]

_NOT_BEGUN = 126
"""The exit code of an exec whose program is not there: it never had a process."""


class Begun(NamedTuple):
    """A program that was started: what it has written and, if it ended, its code."""

    outcome: Outcome
    output: Output = ()
    code: int | None = None


# --- beginning ------------------------------------------------------------------------


def start_main(world: World, container: Container, now: int) -> Begun:
    """The container's own program begins, and may have ended already.

    Its health check begins with it.
    """
    if not container.state.running:
        return Begun(Outcome(world=world))
    world = healthchecks.begin(world, container, now)
    container = world.containers[container.id]
    finished = begin_main(world, container, now=now)
    if finished is None:
        return Begun(Outcome(world=world))
    is_open = container.config.flag("OpenStdin") or container.config.flag("Tty")
    before = len(container.logs)
    outcome = _main_went_on(world, container, finished, now, closed=not is_open)
    # What it wrote is gone with it where it was run with --rm.
    output = with_output(container, finished, now).logs[before:]
    code = None if isinstance(finished, Paused) else finished.code
    return Begun(outcome, output, code)


def start_exec(
    world: World, instance: ExecInstance, now: int, *, detached: bool = False
) -> Outcome:
    """The exec's program begins in its running container."""
    container = world.containers[instance.container]
    config = instance.config
    finished = begin(world, container, config, now=now, watched=not detached)
    is_open = config.flag("Tty") or (config.flag("AttachStdin") and not detached)
    return _exec_went_on(world, instance, finished, now, closed=not is_open)


def _left(finished: Finished, *, closed: bool, typed: str = "") -> Program | None:
    """What is left of a program; None where it has ended."""
    if not isinstance(finished, Paused):
        return None
    return Program(
        rest=finished.rest,
        due=finished.due,
        reads=finished.reads,
        typed=typed,
        closed=closed,
        note=finished.note,
    )


def _main_went_on(
    world: World, container: Container, finished: Finished, now: int, *, closed: bool
) -> Outcome:
    program = _left(finished, closed=closed)
    container = with_output(container, finished, now)
    world, container = _with_files(world, container, finished)
    container = replace(container, program=program)
    world = replace(world, containers=world.containers.set(container.id, container))
    if program is not None:
        return Outcome(world=_noted(world, f"program:{container.id}", program.due))
    return _ended(world, container, finished.code, now)


def _ended(world: World, container: Container, code: int, now: int) -> Outcome:
    """The container's own program is over; its restart policy may bring it back."""
    return ending.ended(world, container, code, now)


def _exec_went_on(
    world: World, instance: ExecInstance, finished: Finished, now: int, *, closed: bool
) -> Outcome:
    container = world.containers[instance.container]
    program = _left(finished, closed=closed)
    instance = replace(with_output(instance, finished, now), program=program)
    world, changed = _with_files(world, container, finished)
    if not instance.pid and finished.code != _NOT_BEGUN:
        instance = replace(instance, pid=world.next_pid)
        world = replace(world, next_pid=world.next_pid + 50)
    if program is None:
        instance = replace(
            instance, running=False, exit_code=finished.code, program=None
        )
        left = tuple(key for key in container.execs if key != instance.id)
        changed = replace(changed, execs=left)
    elif instance.id not in container.execs:
        instance = replace(instance, running=True)
        changed = replace(changed, execs=(*container.execs, instance.id))
    world = replace(world, execs=world.execs.set(instance.id, instance))
    if changed != container:  # an exec that only looked is nothing to go back to
        world = replace(world, containers=world.containers.set(changed.id, changed))
    due = None if program is None else program.due
    died = exec_event("exec_die", container, instance, now)
    return Outcome(
        world=_noted(world, f"exec:{instance.id}", due),
        events=(died,) if program is None else (),
    )


def _with_files(
    world: World, container: Container, finished: Finished
) -> tuple[World, Container]:
    """What a program has written to files stays in the container and its volumes."""
    if not isinstance(finished, Result) or finished.files is None:
        return world, container
    return files_left(world, container, finished.files.written.items())


def _noted(world: World, name: str, due: int | None) -> World:
    agenda = world.agenda.set(name, due)
    return world if agenda is world.agenda else replace(world, agenda=agenda)


# --- typing ---------------------------------------------------------------------------


def feed(
    world: World, target: str, data: bytes, now: int, *, closed: bool = False
) -> Outcome:
    """Somebody types into a container's or an exec's program, or closes its input.

    ``target`` is the id of a container or of an exec. What comes is whole lines where
    a terminal is between; a program that does not read keeps it for later.
    """
    text = text_of(data)
    program = _program_of(world, target)
    if program is None or program.closed or not (text or closed):
        return Outcome(world=world)
    program = replace(program, typed=program.typed + text, closed=closed)
    world = _with_program(world, target, program)
    if not program.reads or _is_paused(world, target):
        return Outcome(world=world)
    return _woken(world, target, program, now)


def interrupt(world: World, target: str, signal: int, now: int) -> Outcome:
    """Somebody sends a signal from the keyboard of a program's terminal.

    Odd on purpose: a container's own program is process 1, which dies only of signals
    that it handles; see signals.py. A shell at its prompt shows the prompt again.
    """
    program = _program_of(world, target)
    container = world.containers.get(target)
    if container is not None and container.state.running:
        handled = signals.handles_from_keyboard(world, container)
        if program is None and handled:
            code = signals.death_by(world, container, signal)
            if code is not None:
                return _ended(world, container, code, now)
        if not handled:
            return Outcome(world=world)
    if program is None or _is_paused(world, target):
        return Outcome(world=world)
    return _woken(world, target, program, now, signal=signal)


def _program_of(world: World, target: str) -> Program | None:
    thing = world.containers.get(target) or world.execs.get(target)
    return None if thing is None else thing.program


def _is_paused(world: World, target: str) -> bool:
    instance = world.execs.get(target)
    container = world.containers.get(instance.container if instance else target)
    return container is not None and container.state.paused


def _with_program(world: World, target: str, program: Program) -> World:
    container = world.containers.get(target)
    if container is not None:
        container = replace(container, program=program)
        return replace(world, containers=world.containers.set(target, container))
    instance = replace(world.execs[target], program=program)
    return replace(world, execs=world.execs.set(target, instance))


def _woken(
    world: World, target: str, program: Program, now: int, *, signal: int = 0
) -> Outcome:
    """The program goes on."""
    instance = world.execs.get(target)
    key = target if instance is None else instance.container
    container = world.containers[key]
    finished = wake(world, container, program, now, signal=signal)
    config = container.config if instance is None else instance.config
    # A terminal's end of input (Ctrl-D) is for who reads just then.
    closed = program.closed and not config.flag("Tty")
    if instance is None:
        return _main_went_on(world, container, finished, now, closed=closed)
    return _exec_went_on(world, instance, finished, now, closed=closed)


# --- the clock ------------------------------------------------------------------------


def turn(world: World, now: int) -> Outcome:
    """Everything that is due by ``now`` has happened, each thing at its own moment."""
    events: list[Event] = []
    while (first := world.agenda.first) is not None and first[0] <= now:
        moment, name = first
        world = replace(world, agenda=world.agenda.set(name, None))
        outcome = _happens(world, name, moment)
        world = outcome.world
        events += outcome.events
    return Outcome(world=world, events=tuple(events))


def _happens(world: World, name: str, moment: int) -> Outcome:
    kind, _, key = name.partition(":")
    match kind:
        case "ingress":
            return Outcome(world=opened(world, moment))
        case "restart":
            return _started_again(world, world.containers[key], moment)
        case "health":
            return healthchecks.due(world, world.containers[key], moment)
    program = _program_of(world, key)
    if program is None:
        return Outcome(world=world)
    return _woken(world, key, program, moment)


def _started_again(world: World, container: Container, moment: int) -> Outcome:
    """A restart policy's moment has come."""
    outcome = lifecycle.start_again(world, container, moment)
    started = outcome.world.containers.get(container.id)
    if outcome.refusal is not None or started is None:
        return replace(outcome, refusal=None)  # nobody asked
    begun = start_main(outcome.world, started, moment).outcome
    return replace(begun, events=(*outcome.events, *begun.events))


def next_due(world: World) -> int | None:
    """When something is due next, nanoseconds since 1970; None: nothing ever; O(1)."""
    first = world.agenda.first
    return None if first is None else first[0]
