"""Health checks on the clock: probes begin, take their time, and end.

```
 health:ID due ──▶ no probe runs: one begins         exec_create, exec_start
               ──▶ a probe runs: it goes on,
                   ends (exec_die), or is too late   health_status: healthy
```

A probe is a program like that of an exec: it sees the World of its moment, and what it
writes is kept with its code. Rules: :mod:`minidock.commands.health`.
"""

from dataclasses import replace

from minidock.commands import health
from minidock.commands.containers import container_event
from minidock.commands.leaving import files_left
from minidock.commands.outcome import Outcome
from minidock.model.container import Container
from minidock.model.document import Document
from minidock.model.event import Event
from minidock.model.health import Health, Probe, ProbeResult
from minidock.model.program import Program
from minidock.model.world import World
from minidock.runtime.finished import Finished
from minidock.runtime.output import chunks_of
from minidock.runtime.process import Paused, Result
from minidock.runtime.programs import begin as begin_program
from minidock.runtime.programs import wake
from minidock.runtime.waiting import SECOND

__all__ = ["begin", "due"]

_LONGEST_OUTPUT = 4096


def begin(world: World, container: Container, now: int) -> World:
    """A container has started: its check begins with it, if it has one."""
    opened = health.opened(container)
    if opened is container:
        return world
    world = replace(world, containers=world.containers.set(opened.id, opened))
    return _noted(world, opened, health.next_probe(world, opened, now))


def _noted(world: World, container: Container, moment: int | None) -> World:
    agenda = world.agenda.set(f"health:{container.id}", moment)
    return replace(world, agenda=agenda)


def due(world: World, container: Container, now: int) -> Outcome:
    """The check's moment has come: a probe begins, goes on, or is over."""
    state = container.health or Health()
    if state.probe is None:
        return _begun(world, container, now)
    probe = state.probe
    if now >= probe.start + health.timeout_of(container):
        return _too_late(world, container, probe, now)
    finished = wake(world, container, probe.program, now)
    return _went_on(world, container, probe, finished, now)


def _event(action: str, container: Container, probe: str, now: int, code: str) -> Event:
    more = {"execID": probe}
    if code:
        more["exitCode"] = code
    return container_event(action, container, now, **more)


def _begun(world: World, container: Container, now: int) -> Outcome:
    words = health.command(container)
    ids, exec_id = world.ids.hex_id()
    world = replace(world, ids=ids)
    line = " ".join(words)
    events = tuple(
        _event(f"{action}: {line}", container, exec_id, now, "")
        for action in ("exec_create", "exec_start")
    )
    config = Document({"Cmd": words})
    finished = begin_program(world, container, config, now=now)
    probe = Probe(id=exec_id, start=now, program=Program(rest=None))
    outcome = _went_on(world, container, probe, finished, now)
    return replace(outcome, events=(*events, *outcome.events))


def _went_on(
    world: World, container: Container, probe: Probe, finished: Finished, now: int
) -> Outcome:
    said = "".join(text for _, text in chunks_of(finished))
    output = (probe.output + said)[:_LONGEST_OUTPUT]
    if isinstance(finished, Result) and finished.files is not None:
        written = finished.files.written.items()
        world, container = files_left(world, container, written)
    if not isinstance(finished, Paused):
        event = _event("exec_die", container, probe.id, now, str(finished.code))
        result = ProbeResult(
            start=probe.start, end=now, exit_code=finished.code, output=output
        )
        outcome = _ended(world, container, result, now)
        return replace(outcome, events=(event, *outcome.events))
    program = Program(rest=finished.rest, due=finished.due)
    probe = replace(probe, program=program, output=output)
    state = replace(container.health or Health(), probe=probe)
    changed = replace(container, health=state)
    world = replace(world, containers=world.containers.set(changed.id, changed))
    late = probe.start + health.timeout_of(container)
    moment = late if finished.due is None else min(late, finished.due)
    return Outcome(world=_noted(world, changed, moment))


def _too_late(world: World, container: Container, probe: Probe, now: int) -> Outcome:
    limit = _duration(health.timeout_of(container))
    result = ProbeResult(
        start=probe.start,
        end=now,
        exit_code=-1,
        output=f"Health check exceeded timeout ({limit})",
    )
    return _ended(world, container, result, now)


def _ended(
    world: World, container: Container, result: ProbeResult, now: int
) -> Outcome:
    changed, events = health.probed(container, result)
    world = replace(world, containers=world.containers.set(changed.id, changed))
    world = _noted(world, changed, health.next_probe(world, changed, now))
    return Outcome(world=world, events=events)


def _duration(nanoseconds: int) -> str:
    """A span as Go writes it: 30s, 1m30s, 500ms."""
    if nanoseconds < SECOND:
        return f"{nanoseconds / 1_000_000:g}ms"
    minutes, rest = divmod(nanoseconds, 60 * SECOND)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}h" if hours else ""
    text += f"{minutes}m" if minutes or hours else ""
    return f"{text}{rest / SECOND:g}s"
