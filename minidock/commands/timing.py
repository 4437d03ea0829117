"""What of a container stands in the agenda, and when that is taken off or put back.

```
 program:ID  exec:ID ...  health:ID      while its processes run
 restart:ID                              while it waits to be started again
```

A frozen process does not go on, but its clock does: a ``sleep`` whose time was over
while it was frozen ends as soon as it may go on (nanosleep(2) counts to a moment).
"""

from dataclasses import replace

from minidock.commands import health
from minidock.model.container import Container
from minidock.model.world import World

__all__ = ["forgotten", "frozen", "thawed", "waits_for_restart"]


def _names(container: Container) -> list[str]:
    kinds = ("program", "health", "restart")
    return [
        *(f"{kind}:{container.id}" for kind in kinds),
        *(f"exec:{exec_id}" for exec_id in container.execs),
    ]


def forgotten(world: World, container: Container) -> World:
    """The World in which nothing of a container is due any more; O(its programs)."""
    agenda = world.agenda
    for name in _names(container):
        agenda = agenda.set(name, None)
    return world if agenda is world.agenda else replace(world, agenda=agenda)


def frozen(world: World, container: Container) -> World:
    """The World while a container is paused: its health check ends, too."""
    stopped = health.closed(container)
    world = replace(world, containers=world.containers.set(container.id, stopped))
    return forgotten(world, container)


def thawed(world: World, container: Container, now: int) -> World:
    """The World once a container may go on; O(its programs)."""
    agenda = world.agenda
    programs = [(f"program:{container.id}", container.program)]
    programs += [(f"exec:{key}", world.execs[key].program) for key in container.execs]
    for name, program in programs:
        if program is None:
            continue
        due = program.due
        if program.reads and (program.typed or program.closed):
            due = now  # somebody typed while it was frozen
        if due is not None:
            agenda = agenda.set(name, max(due, now))
    moment = health.next_probe(world, container, now)
    if moment is not None:
        agenda = agenda.set(f"health:{container.id}", moment)
    return replace(world, agenda=agenda)


def waits_for_restart(world: World, container: Container, moment: int) -> World:
    """The World in which a container is started again at a moment."""
    agenda = world.agenda.set(f"restart:{container.id}", moment)
    return replace(world, agenda=agenda)
