"""The Worlds of an engine, which command led from one to the next, and what happened.

```
 0        1         2          3            places
 W0 ────▶ W1 ─────▶ W2 ──────▶ W3
     pull    create     start
    └───────── docker run ───────┘          one command, undone as one
     events: e0 e1 | e2 | e3 e4 e5
```

Worlds are frozen and share what they have in common, so keeping all of them costs what
changed, and going back costs nothing. A server goes on for months, though: with a limit
only the last Worlds are kept, and the last events (dockerd keeps 256 of them).

Invariant: there is always a World; commands are numbered in order; what was given out
as events never changes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, overload

from minidock.model.event import Event
from minidock.model.world import World

__all__ = ["EVENTS", "Events", "History"]

EVENTS = 1024
"""How many events a limited history keeps at least.

Four of five are steps, which `docker events` does not show, so that leaves its 256.
"""


class Events(Sequence[Event]):
    """The events of one moment: a window on a list that only grows; O(1) to make.

    >>> events = Events(["a", "b", "c"], first=7, length=2)
    >>> list(events), events.first, len(events)
    (['a', 'b'], 7, 2)
    >>> events[2]
    Traceback (most recent call last):
    ...
    IndexError: range object index out of range
    """

    __slots__ = ("_length", "_log", "first")

    first: int
    """How many events happened before the first of these."""

    def __init__(self, log: list[Event], first: int, length: int) -> None:
        self._log = log
        self._length = length
        self.first = first

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Event: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Event]: ...

    def __getitem__(self, index: int | slice) -> Event | Sequence[Event]:
        places = range(self._length)[index]
        if isinstance(places, range):
            return tuple(self._log[place] for place in places)
        return self._log[places]

    def __iter__(self) -> Iterator[Event]:
        return iter(self._log[: self._length])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash((self.first, self._length))

    def __repr__(self) -> str:
        return f"Events({list(self)!r}, first={self.first})"


class _Moment(NamedTuple):
    """A World, the command that led to it, and how many events had happened by then."""

    world: World
    command: int = 0
    happened: int = 0


class History:
    """The Worlds so far, oldest first.

    Args:
        limit: how many Worlds to keep, one at least; None for all of them, and all
            events.
    """

    def __init__(self, first: World, limit: int | None = None) -> None:
        self._moments = [_Moment(first)]
        self._limit = limit
        self._log: list[Event] = []
        self._first = 0
        self._command = 0
        self._inside = False

    @property
    def current(self) -> World:
        """The World now."""
        return self._moments[-1].world

    @property
    def worlds(self) -> tuple[World, ...]:
        """Every World that is kept; O(their number)."""
        return tuple(moment.world for moment in self._moments)

    @property
    def events(self) -> Events:
        """What happened, oldest first; O(1)."""
        return Events(self._log, self._first, len(self._log))

    def __len__(self) -> int:
        return len(self._moments)

    def keep(self, world: World, events: tuple[Event, ...] = ()) -> None:
        """The next World; O(new events) on average."""
        with self.one_command():
            self._log.extend(events)
            happened = self._first + len(self._log)
            self._moments.append(_Moment(world, self._command, happened))
        if self._limit is not None:
            del self._moments[: -max(self._limit, 1)]
            if len(self._log) > 2 * EVENTS:
                self._forget(len(self._log) - EVENTS)

    def forget_events(self) -> None:
        """A daemon starts: it knows of nothing that happened before."""
        self._forget(len(self._log))

    def _forget(self, number: int) -> None:
        """A new list without the oldest events: windows on the old one stay right."""
        self._log = self._log[number:]
        self._first += number

    def amend(self, world: World, events: tuple[Event, ...] = ()) -> None:
        """Something happened by itself: the last World is another one now.

        It is no step of its own, since there is no command to undo.
        """
        self._log.extend(events)
        happened = self._first + len(self._log)
        self._moments[-1] = self._moments[-1]._replace(world=world, happened=happened)

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
        """The World at a place, 0 being the oldest that is kept.

        Raises:
            IndexError: the history does not reach that far.
        """
        if not 0 <= place < len(self._moments):
            msg = f"the history has Worlds 0 to {len(self._moments) - 1}, not {place}"
            raise IndexError(msg)
        return self._moments[place].world

    def drop(self) -> None:
        """Forget the last World and its events; the oldest World stays."""
        if len(self._moments) > 1:
            self._moments.pop()
            left = self._moments[-1].happened - self._first
            self._log = self._log[: max(left, 0)]
