"""Every World of an engine, and which command led from one to the next.

```
 0        1         2          3            places
 W0 ────▶ W1 ─────▶ W2 ──────▶ W3
     pull    create     start
    └───────── docker run ───────┘          one command, undone as one
```

Worlds are frozen and share what they have in common, so keeping all of them costs what
changed, and going back costs nothing.

Invariant: there is always a first World; commands are numbered in order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from minidock.model.event import Event
from minidock.model.world import World

__all__ = ["History"]


class _Moment(NamedTuple):
    """A World, the command that led to it, and what happened on the way."""

    world: World
    command: int = 0
    events: tuple[Event, ...] = ()


class History:
    """The Worlds so far, oldest first."""

    def __init__(self, first: World) -> None:
        self._moments = [_Moment(first)]
        self._command = 0
        self._inside = False

    @property
    def current(self) -> World:
        """The World now."""
        return self._moments[-1].world

    @property
    def worlds(self) -> tuple[World, ...]:
        """Every World; O(their number)."""
        return tuple(moment.world for moment in self._moments)

    @property
    def events(self) -> tuple[Event, ...]:
        """Everything that happened, oldest first."""
        return tuple(event for moment in self._moments for event in moment.events)

    def __len__(self) -> int:
        return len(self._moments)

    def keep(self, world: World, events: tuple[Event, ...] = ()) -> None:
        """The next World."""
        with self.one_command():
            self._moments.append(_Moment(world, self._command, events))

    @contextmanager
    def one_command(self) -> Iterator[None]:
        """What is kept inside belongs to one command."""
        if self._inside:
            yield
            return
        self._command += 1
        self._inside = True
        try:
            yield
        finally:
            self._inside = False

    def place_before(self, commands: int) -> int:
        """The place of the World before the last few commands; at least 0."""
        place = len(self._moments) - 1
        for _ in range(commands):
            last = self._moments[place].command
            while place and self._moments[place].command == last:
                place -= 1
        return place

    def at(self, place: int) -> World:
        """The World at a place, 0 being the first.

        Raises:
            IndexError: the history does not reach that far.
        """
        if not 0 <= place < len(self._moments):
            msg = f"the history has Worlds 0 to {len(self._moments) - 1}, not {place}"
            raise IndexError(msg)
        return self._moments[place].world

    def drop(self) -> None:
        """Forget the last World; the first one stays."""
        if len(self._moments) > 1:
            self._moments.pop()
