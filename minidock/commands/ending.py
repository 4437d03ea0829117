"""The end of a container's program: what goes back, and whether it begins again.

```
 its program ends ──▶ ports and addresses go back, its execs are killed      cut_off
        │
        ├─ its restart policy wants it ──▶ (restarting), due in the agenda
        ├─ --rm ──▶ removed
        └─ else ──▶ (exited)
```

Invariant: nothing of a container that has ended is due, but its restart.
"""

from dataclasses import replace

from minidock.commands.containers import container_event, remove
from minidock.commands.endpoints import detach
from minidock.commands.execs import exec_event
from minidock.commands.health import closed
from minidock.commands.mounting import mount_events
from minidock.commands.outcome import Outcome
from minidock.commands.publishing import withdraw_ports
from minidock.commands.restarting import wait_before
from minidock.commands.timing import forgotten, waits_for_restart
from minidock.model.container import Container
from minidock.model.event import Event
from minidock.model.world import World

__all__ = ["by_hand", "cut_off", "ended", "not_restarted"]

_KILLED = 137
"""128 and the number of SIGKILL."""


def cut_off(
    world: World, container: Container, code: int, now: int
) -> tuple[World, Container, tuple[Event, ...]]:
    """The processes are gone: ports and addresses go back.

    The programs that `docker exec` left running die first.
    """
    world, events = _ended_execs(world, container, now)
    events += (_died(container, code, now),)
    for endpoint in container.endpoints:
        world, container = withdraw_ports(world, container, endpoint)
        place = container.endpoint_on(endpoint.network)
        if place is None:
            continue
        left = detach(world, container, place, now)
        world, container = left.world, left.container
        events += left.events
    events += mount_events(container, "unmount", now)
    state = replace(
        container.state, status="exited", pid=0, exit_code=code, finished=now, error=""
    )
    world = forgotten(world, container)
    container = replace(closed(container), state=state, execs=(), program=None)
    world = replace(world, containers=world.containers.set(container.id, container))
    return world, container, events


def _ended_execs(
    world: World, container: Container, now: int
) -> tuple[World, tuple[Event, ...]]:
    events: tuple[Event, ...] = ()
    for exec_id in container.execs:
        instance = world.execs[exec_id]
        ended = replace(instance, running=False, exit_code=_KILLED, pid=0, program=None)
        world = replace(world, execs=world.execs.set(exec_id, ended))
        events += (exec_event("exec_die", container, ended, now),)
    return world, events


def _died(container: Container, code: int, now: int) -> Event:
    return container_event("die", container, now, exitCode=str(code))


def ended(world: World, container: Container, code: int, now: int) -> Outcome:
    """The container's program ended by itself, with this exit code (0 to 255).

    Its restart policy may start it again: until then it is restarting.
    """
    wait = wait_before(container, code, now)
    world, container, events = cut_off(world, container, code, now)
    if wait is not None:
        container = replace(
            container,
            state=replace(container.state, status="restarting"),
            restart_count=container.restart_count + 1,
            restart_wait=wait,
        )
        world = replace(world, containers=world.containers.set(container.id, container))
        world = waits_for_restart(world, container, now + wait)
        return Outcome(world=world, events=events)
    if container.host_config.flag("AutoRemove"):
        removed = remove(world, container, now)
        return Outcome(world=removed.world, events=events + removed.events)
    return Outcome(world=world, events=events)


def by_hand(world: World, container: Container) -> tuple[World, Container]:
    """Whatever ends it now, its restart policy lets it be."""
    container = replace(container, stopped_by_hand=True)
    containers = world.containers.set(container.id, container)
    return replace(world, containers=containers), container


def not_restarted(world: World, container: Container) -> World:
    """Somebody stops a container that waits to be started again: it has ended."""
    world, container = by_hand(forgotten(world, container), container)
    state = replace(container.state, status="exited")
    stopped = replace(container, state=state)
    return replace(world, containers=world.containers.set(stopped.id, stopped))
