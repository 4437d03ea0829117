"""Break it: the fewest commands that make a law untrue.

A *law* is a sentence about a host that shall always be true: "web keeps its address".
Whether it is, nobody can tell by thinking of examples. But a World is a value, so all
that can happen is a tree, and a tree can be searched, nearest Worlds first:

```
                     start                        0 commands: the law holds
              ┌────────┼─────────┐
           stop web  run db   start web           1: refused, so the same World: not
           ┌──┴──┐     │                             looked at again
        run db  ...   ...                         2
          │
       start web                                  3: untrue! and nothing shorter is
```

Hypothesis, which tests this project, tries at random and shrinks what it finds. A
search from the near to the far needs no luck and no shrinking, but few commands: it
tries *every* sequence.

Invariant: the law is asked once for each different World, on an engine of its own, so
it may try things there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from minidock.engine import Engine
from minidock.errors import InvalidParameter
from minidock.model.world import World

__all__ = ["Attempt", "Law", "break_it"]

_ON_HOST = "host "

Law = Callable[[Engine], object]
"""A sentence about a host: true or not, by what it gives, as Python takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of trying to break a law.

    ``print`` shows it in words.
    """

    depth: int
    """How many commands were tried in a row, at most."""
    worlds: int
    """How many different Worlds the law was asked about."""
    steps: tuple[str, ...] | None = None
    """The fewest commands that break it, in order; None: nothing did."""
    refused: tuple[str, ...] = ()
    """If it holds: the commands that were refused everywhere. Slips, perhaps."""

    @property
    def holds(self) -> bool:
        """Whether nothing broke the law."""
        return self.steps is None

    def __str__(self) -> str:
        if self.steps is not None:
            commands = "command" if len(self.steps) == 1 else "commands"
            head = f"broken by {len(self.steps)} {commands}, in World {self.worlds}:"
            return "\n".join([head, *(f"  {step}" for step in self.steps)])
        head = f"holds in all {self.worlds} Worlds within {self.depth} commands"
        slips = [f"(refused in each of them: {line})" for line in self.refused]
        return "\n".join([head, *slips])


@dataclass(frozen=True, slots=True)
class _Place:
    """An engine, and the commands that led there."""

    engine: Engine
    steps: tuple[str, ...] = ()


def break_it(
    law: Law,
    commands: Sequence[str],
    depth: int = 3,
    *,
    start: Engine | None = None,
) -> Attempt:
    """Find the shortest sequence of commands that breaks a law.

    All sequences of one command are tried first, then those of two, and so on; of those
    that are equally long, the one whose commands come first in ``commands`` is found.
    A World that was met already, by another way or because a command was refused, is
    not looked at again. So a law must speak of what *is*, not of how it came about.

    Args:
        law: takes an engine and says whether the law holds there. It may try commands
            on that engine: it is a fork, and nobody else's.
        commands: what may happen, as docker command lines (``stop web``); with ``host``
            before them, commands on the host (``host ufw enable``).
        depth: how many commands in a row, 0 or more.
        start: the host as it is at first, which is not changed; a fresh one by default.

    Cost: at most ``len(commands) ** depth`` Worlds, each for one command (about a
    millisecond) and one question of the law's.

    Raises:
        InvalidParameter: the law is untrue at the start, ``commands`` is one text, or
            ``depth`` is negative.

    An exception of the law's own passes, with a note of the commands that led there.

    >>> docker = Engine()
    >>> _ = docker("run -d --name web nginx")
    >>> def only_web(docker):
    ...     return str(docker("ps --format '{{.Names}}'")).strip() in {"web", ""}
    >>> lines = ["stop web", "start web", "rename web shop"]
    >>> print(break_it(only_web, lines[:2], start=docker))
    holds in all 4 Worlds within 3 commands
    >>> print(break_it(only_web, lines, start=docker))
    broken by 1 command, in World 3:
      rename web shop
    >>> break_it(lambda docker: docker("inspect web").ok, lines)
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: the law is untrue before anything happened
    """
    _check(commands, depth)
    first = _Place((start or Engine()).fork())
    if not _asked(law, first):
        raise InvalidParameter(
            "the law is untrue before anything happened",
            asked=f"break {getattr(law, '__name__', 'a law')}",
            rule="only what holds at the start can be broken by commands",
            remedy="ask the law about the start alone, and see which half of it fails",
        )
    worlds, accepted = 1, set[str]()
    for place in _nearest_first(first, commands, depth, accepted):
        worlds += 1
        if not _asked(law, place):
            return Attempt(depth=depth, worlds=worlds, steps=place.steps)
    refused = tuple(line for line in commands if depth and line not in accepted)
    return Attempt(depth=depth, worlds=worlds, refused=refused)


def _nearest_first(
    first: _Place, commands: Sequence[str], depth: int, accepted: set[str]
) -> Iterator[_Place]:
    """Every different World but the first, by how many commands lead to it.

    ``accepted`` takes the commands that changed something or went through.
    """
    seen: set[World] = {first.engine.world}
    places = [first]
    for _ in range(depth):
        here, places = places, []
        for place in here:
            for line in commands:
                engine = place.engine.fork()
                if _done(engine, line):
                    accepted.add(line)
                if engine.world not in seen:
                    seen.add(engine.world)
                    places.append(_Place(engine, (*place.steps, line)))
                    yield places[-1]


def _done(engine: Engine, line: str) -> bool:
    """Whether a command went through, or changed something on its way."""
    before = engine.world
    if line.startswith(_ON_HOST):
        output = engine.host_command(line.removeprefix(_ON_HOST))
        done = output is not None and output.code == 0
    else:
        done = engine(line).ok
    return done or engine.world is not before


def _asked(law: Law, place: _Place) -> bool:
    """Whether the law holds there, asked of a fork, so that it may try things."""
    try:
        return bool(law(place.engine.fork()))
    except Exception as error:
        way = "; ".join(place.steps) or "nothing yet"
        error.add_note(f"the law was asked after: {way}")
        raise


def _check(commands: Sequence[str], depth: int) -> None:
    if isinstance(commands, str):
        raise InvalidParameter(
            "the commands are one text",
            asked=f"try the commands {commands!r}",
            rule="each command is a text of its own, in a list",
            remedy=f"[{commands!r}]",
        )
    if depth < 0:
        raise InvalidParameter(
            f"a depth of {depth} commands",
            asked=f"try {depth} commands in a row",
            rule="a depth is a number of commands: 0 or more",
            remedy="3 is a good beginning",
        )
