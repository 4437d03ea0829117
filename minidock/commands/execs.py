"""What happens to a program that `docker exec` runs, as events of its container.

```
exec_create: CMD ──▶ exec_start: CMD ──▶ exec_die      each with its execID,
                                                       the last with its exitCode
```
"""

from minidock.commands.containers import container_event
from minidock.model.container import Container
from minidock.model.event import Event
from minidock.model.world import ExecInstance

__all__ = ["exec_event"]


def exec_event(
    action: str, container: Container, instance: ExecInstance, now: int
) -> Event:
    """An event of a container that says which of its execs it is about."""
    if instance.exit_code is None:
        return container_event(action, container, now, execID=instance.id)
    code = str(instance.exit_code)
    return container_event(action, container, now, execID=instance.id, exitCode=code)
