"""What a command gives back: the next World, and what happened on the way.

```
(World, request) ──▶ Outcome(world, events, made, warnings, refusal)
```

A command that is refused raises a :class:`~minidock.errors.Refusal` and leaves nothing
behind. A few failures leave a trace on a real engine too (a container whose start
failed remembers the error): those are an outcome *with* a refusal and a changed World.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from minidock.errors import Refusal
from minidock.model.document import Document, freeze
from minidock.model.event import Event
from minidock.model.world import World

__all__ = ["Outcome", "event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The next World; ``made`` is the id of what was created."""

    world: World
    events: tuple[Event, ...] = ()
    made: str = ""
    warnings: tuple[str, ...] = ()
    refusal: Refusal | None = None


def event(
    kind: str, action: str, actor: str, now: int, attributes: Iterable[tuple[str, str]]
) -> Event:
    """An event with these attributes, as ``docker events`` prints them."""
    document = freeze(dict(attributes))
    return Event(
        type=kind,
        action=action,
        actor=actor,
        time=now,
        attributes=document if isinstance(document, Document) else Document(),
    )
