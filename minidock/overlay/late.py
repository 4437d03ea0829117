"""What may still arrive in the registry of things that were given back meanwhile.

```
create ──▶ no answer ──▶ given back ──▶ ... it arrives now     looked at in every turn,
                                                               until its time is over
create ──▶ done ──▶ given back ──▶ ... it arrives once more    looked at once, later
```

A removal and a swap name a version, so they do nothing if they arrive late. A creation
has none to name: it makes what was given back. Nobody hears of that, and what stands
under the lease of a host that lives stays for as long as that does.

What was given back may be there again by the same identifiers: an endpoint came to
nothing on one network and was taken on the next one, or the disk lost that it ended. So
of an act only those entries go that the World has not.

Invariant: nothing is removed that the World has.
"""

from collections import deque
from collections.abc import Callable, Iterable

from minidock.model.world import World
from minidock.overlay.acts import (
    Act,
    GiveEndpoint,
    GiveName,
    GiveNetwork,
    TakeEndpoint,
    TakeName,
    TakeNetwork,
    kept,
)
from minidock.overlay.claims import Undo

__all__ = ["Late"]

_AT_ONCE = 4
"""How many are looked at in one turn, so that nobody waits for them."""


class Late:
    """What one host looks at again.

    Args:
        give: gives something back, but for some keys; to do it again is safe.
        clock: seconds that never go back.
        ttl: for how long something may arrive, seconds.
    """

    def __init__(
        self,
        give: Callable[[Act | Undo, frozenset[str]], None],
        clock: Callable[[], float],
        ttl: float,
    ) -> None:
        self._give = give
        self._clock = clock
        self._ttl = ttl
        self._doubtful: list[tuple[float, Undo]] = []
        self._given: deque[tuple[float, Act | Undo]] = deque()

    def doubt(self, acts: Iterable[Act]) -> None:
        """Nobody answered when these were taken."""
        until = self._clock() + self._ttl
        self._doubtful += [(until, Undo(act)) for act in acts if _creates(act)]

    def given(self, act: Act | Undo) -> None:
        """This was given back, or undone; O(1)."""
        due = self._clock() + self._ttl / 2
        if isinstance(act, Undo):
            if _creates(act.act):
                self._given.append((due, Undo(act.act)))
        elif isinstance(act, GiveEndpoint | GiveName | GiveNetwork):
            self._given.append((due, act))

    def clear(self, world: World) -> None:
        """Give back what has arrived.

        Cost: up to four round trips for each network, three for each endpoint and one
        for each name that is looked at: all in doubt, and a few of the others.

        Raises:
            Unavailable: the rest is looked at in the next turn.
        """
        now = self._clock()
        for _, undo in self._doubtful:
            self._give(undo, kept(world, undo.act))
        self._doubtful = [item for item in self._doubtful if item[0] > now]
        for _ in range(_AT_ONCE):
            if not self._given or self._given[0][0] > now:
                return
            act = self._given[0][1]
            self._give(act, kept(world, act.act if isinstance(act, Undo) else act))
            self._given.popleft()


def _creates(act: Act) -> bool:
    return isinstance(act, TakeEndpoint | TakeName | TakeNetwork)
