"""Freezing a container's processes, and letting them go on.

```
        pause              its processes stand still, and keep
(running) ◀──▶ (paused)    their addresses, ports and names
        unpause
```

Docker's name for the mechanism is the kernel's: the control group's *freezer*.
"""

from dataclasses import replace

from minidock.commands.containers import container_event
from minidock.commands.outcome import Outcome
from minidock.commands.refusals import not_running
from minidock.commands.timing import frozen, thawed
from minidock.errors import Conflict, Unclassified
from minidock.model.container import Container
from minidock.model.world import World

__all__ = ["pause", "unpause"]


def pause(world: World, container: Container, now: int) -> Outcome:
    """Freeze a running container; it keeps its addresses, ports and names.

    Raises:
        Conflict: it is paused already, or does not run.
    """
    if container.state.status == "restarting":
        raise Conflict(
            f"Container {container.id} is restarting, wait until the container is "
            "running",
            asked=f"pause {container.name}",
            rule="its program has ended and begins again soon",
            remedy=f"docker stop {container.name}",
        )
    if not container.state.running:
        raise not_running(world, container, f"pause {container.name}")
    if container.state.paused:
        raise Conflict(f"Container {container.id} is already paused")
    paused = _with_status(world, container, "paused", "pause", now)
    left = frozen(paused.world, paused.world.containers[container.id])
    return replace(paused, world=left)


def unpause(world: World, container: Container, now: int) -> Outcome:
    """Let a paused container go on.

    Raises:
        Unclassified: it is not paused.
    """
    if not container.state.paused:
        raise Unclassified(f"Container {container.id} is not paused")
    woken = _with_status(world, container, "running", "unpause", now)
    left = thawed(woken.world, woken.world.containers[container.id], now)
    return replace(woken, world=left)


def _with_status(
    world: World, container: Container, status: str, action: str, now: int
) -> Outcome:
    container = replace(container, state=replace(container.state, status=status))
    return Outcome(
        world=replace(world, containers=world.containers.set(container.id, container)),
        events=(container_event(action, container, now),),
    )
