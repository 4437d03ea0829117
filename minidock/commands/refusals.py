"""Refusals that several commands and calls share, each in its era's words.

```
kill, pause, exec, top, resize ──(it does not run)──▶ not_running    ──▶ 409
rm ──────────────────────────────(it runs)──────────▶ still_running  ──▶ 409
```
"""

from minidock.errors import Conflict
from minidock.model.container import Container
from minidock.model.world import World

__all__ = ["not_running", "still_running"]


def not_running(world: World, container: Container, asked: str) -> Conflict:
    """A container that had to run for what was asked; 28 says so in small letters."""
    word = "container" if world.era.lower_case_errors else "Container"
    return Conflict(
        f"{word} {container.id} is not running",
        asked=asked,
        rule="only a running container has processes",
        remedy=f"docker start {container.name}",
    )


def still_running(world: World, container: Container) -> Conflict:
    """A container that cannot be removed as it is: it has processes, or soon will."""
    kind = container.state.status
    told = {
        "asked": f"remove {container.name}",
        "rule": f"it is {kind}",
        "remedy": f"docker stop {container.name}, or docker rm --force",
    }
    if world.era.lower_case_errors:
        reason = (
            "is paused and must be unpaused first"
            if container.state.paused
            else f"is {kind}: stop the container before removing or force remove"
        )
        text = f'cannot remove container "/{container.name}": container {reason}'
        return Conflict(text, **told)
    stop = (
        "Unpause and then stop the container before attempting removal or force remove"
        if container.state.paused
        else "Stop the container before attempting removal or force remove"
    )
    text = f"You cannot remove a {kind} container {container.id}. {stop}"
    return Conflict(text, **told)
