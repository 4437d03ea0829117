"""Programs in time: what begins when a container or an exec starts, and what is next.

```
start_main, start_exec ──▶ a program is under way        its output: Container.logs,
feed ──▶ somebody types                                   ExecInstance.output
turn(world, now) ──▶ everything that is due by now has happened, in order
next_due(world) ──▶ when something is due next
```

A program's life is part of the World: turning the clock in one step or in many gives
the same World.
"""

from dataclasses import replace
from typing import NamedTuple

from minidock.commands import lifecycle
from minidock.commands.outcome import Outcome
from minidock.model.container import Container
from minidock.model.world import ExecInstance, World
from minidock.runtime.finished import Run
from minidock.runtime.programs import main_program, run_program

__all__ = ["Begun", "feed", "next_due", "start_exec", "start_main", "turn"]


class Begun(NamedTuple):
    """A program that was started: what it has written and, if it ended, its code."""

    outcome: Outcome
    output: tuple[tuple[int, str, str], ...] = ()
    code: int | None = None


def start_main(world: World, container: Container, now: int) -> Begun:
    """The container's own program begins, and may have ended already."""
    run = main_program(world, container, now=now)
    if run is None:
        return Begun(Outcome(world=world))
    written = _written(container, run, now)
    output = _output(run, now)
    world = replace(world, containers=world.containers.set(written.id, written))
    if run.running:
        return Begun(Outcome(world=world), output)
    code = run.finished.code
    return Begun(lifecycle.ended(world, written, code, now), output, code)


def _written(container: Container, run: Run, now: int) -> Container:
    """The container with its program's log, and with the files that it wrote."""
    return replace(container, logs=container.logs + _output(run, now), files=run.files)


def _output(run: Run, now: int) -> tuple[tuple[int, str, str], ...]:
    streams = (("stdout", run.finished.stdout), ("stderr", run.finished.stderr))
    return tuple((now, stream, text) for stream, text in streams if text)


def start_exec(
    world: World, instance: ExecInstance, now: int, *, detached: bool = False
) -> Outcome:
    """The exec's program begins in its running container."""
    container = world.containers[instance.container]
    config = instance.config
    run = run_program(
        world,
        container,
        config.texts("Cmd"),
        extra_env=config.texts("Env"),
        detached=detached,
        folder=config.text("WorkingDir"),
        user=config.text("User"),
        terminal=config.flag("Tty"),
        now=now,
    )
    changed = replace(container, files=run.files)
    instance = replace(instance, output=instance.output + _output(run, now))
    if run.running:
        pid, world = world.next_pid, replace(world, next_pid=world.next_pid + 50)
        instance = replace(instance, running=True, pid=pid)
        changed = replace(changed, execs=(*container.execs, instance.id))
    else:
        instance = replace(instance, exit_code=run.finished.code)
    world = replace(world, execs=world.execs.set(instance.id, instance))
    if changed != container:  # an exec that only looked is nothing to go back to
        world = replace(world, containers=world.containers.set(changed.id, changed))
    return Outcome(world=world)


def feed(
    world: World, target: str, data: bytes, now: int, *, closed: bool = False
) -> Outcome:
    """Somebody types into a container's or an exec's program, or closes its input.

    ``target`` is the id of a container or of an exec.
    """
    del target, data, now, closed
    return Outcome(world=world)


def turn(world: World, now: int) -> Outcome:
    """Everything that is due by ``now`` has happened, each thing at its own moment."""
    del now
    return Outcome(world=world)


def next_due(world: World) -> int | None:
    """When something is due next, nanoseconds since 1970; None: nothing ever."""
    del world
    return None
