"""Answering in rounds: what a plugin has to say is asked for, and the change made anew.

```
make(World) ──▶ Needs(call) ──▶ the plugin is asked ──▶ make(World with its answer)
            ──▶ Needs(call) ──▶ ...
            ──▶ done: what was handed out and is not in the World is given back
```

The change is a pure function, so making it again costs time and nothing else. What was
heard goes into the journal with the change, and reading it back asks nobody.

Invariant: after a change, each thing that a plugin handed out for it is in the World,
or the plugin was told to take it back, or could not be reached.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from minidock.commands.undoing import is_kept, undoing
from minidock.model.remote import Call, Heard, Needs, Remote
from minidock.model.world import World

__all__ = ["Resolver", "Rounds", "nobody", "nothing_pending", "tell"]

Resolver = Callable[[Call], Heard]
Made = TypeVar("Made")

_MOST = 10_000
"""As many answers are used by one change; more are a plugin that plays with us."""


def nobody(call: Call) -> Heard:
    """The resolver of an engine that looks for no plugins."""
    return Heard(call, missing=True)


class Rounds:
    """What was heard from plugins for one change.

    Args:
        resolver: asks a plugin.
        heard: what is known to have been heard, when the change is read back.
    """

    def __init__(self, resolver: Resolver, heard: tuple[Heard, ...] = ()) -> None:
        self._resolver = resolver
        self.heard = heard

    def run(self, make: Callable[[World], Made], world: World) -> tuple[World, Made]:
        """The World that the change was made on, and the change.

        Cost: the change is made once more for each answer that it needs.
        """
        while True:
            given = world
            if self.heard:
                remote = replace(world.remote or Remote(), heard=self.heard)
                given = replace(world, remote=remote)
            try:
                return given, make(given)
            except Needs as needs:
                if len(self.heard) >= _MOST:
                    raise
                self.heard = (*self.heard, self._resolver(needs.call))

    def after(self, world: World) -> World:
        """The World after the change, in which nothing heard is left over."""
        if world.remote is None or not world.remote.heard:
            return world
        return replace(world, remote=replace(world.remote, heard=()))

    def undo(self, world: World) -> None:
        """Give back what was handed out and did not come into the World."""
        for heard in reversed(self.heard):
            call = undoing(heard)
            if call is not None and not is_kept(world, call):
                self._resolver(call)


def tell(world: World, resolver: Resolver) -> World:
    """Tell plugins what happened; the World in which that is done.

    One that cannot be reached is not tried again for the rest.
    """
    if world.remote is None or not world.remote.pending:
        return world
    gone: set[str] = set()
    for call in world.remote.pending:
        if call.plugin not in gone:
            heard = resolver(call)
            if heard.failure or heard.missing:
                gone.add(call.plugin)
    return nothing_pending(world)


def nothing_pending(world: World) -> World:
    """The World whose plugins have been told everything."""
    if world.remote is None or not world.remote.pending:
        return world
    return replace(world, remote=replace(world.remote, pending=()))
