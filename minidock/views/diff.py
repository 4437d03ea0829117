"""What one command changed: two Worlds, compared reading by reading.

```
 old ── facts ──┐        containers
                ├─ ─ ─▶  + web (nginx): running
 new ── facts ──┘        published ports
                         + 0.0.0.0:8080 -> web 80/tcp
                         firewall rules
                         + nat: -A DOCKER ... --to-destination 172.17.0.2:80
```

Each reading (the networks, the containers, what stands on the host, its firewall, the
name files) is a list of facts, short sentences about one subject. A fact that only the
new World has is a plus line, one that only the old World has a minus line; where a
subject has both, the minus lines come first.

Invariants: a World does not differ from itself; ``difference(a, b)`` and
``difference(b, a)`` say the same with the signs exchanged; a fact that several things
share (two equal rules) counts as often as it occurs. Order is no fact: moving a rule
within its chain changes nothing here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from minidock.model.maps import Map
from minidock.model.world import World
from minidock.views.facts import READINGS, Fact, readings
from minidock.views.markup import fenced, table

__all__ = ["Difference", "Section", "difference"]


class Section(NamedTuple):
    """What changed in one reading; a line begins with ``+ `` or ``- ``."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What distinguishes two Worlds; false where nothing does.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> before = docker.world
    >>> docker("network create --internal back").ok
    True
    >>> print(difference(before, docker.world).sections[0].lines[0])
    + back: bridge 172.18.0.0/16, gateway 172.18.0.1, internal
    >>> bool(difference(before, before))
    False
    """

    sections: tuple[Section, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Every plus and minus line, without the titles."""
        return tuple(line for section in self.sections for line in section.lines)

    @property
    def html(self) -> str:
        """A table: the reading, the sign, and what is so or is no more."""
        rows = (
            (section.title, *line.split(" ", 1))
            for section in self.sections
            for line in section.lines
        )
        count = len(self.lines)
        caption = f"What changed: {count} line{'' if count == 1 else 's'}"
        return table("difference", caption, ("in", "sign", "what"), rows)

    @property
    def markdown(self) -> str:
        """A block of code, in which plus and minus have their colours."""
        return fenced(str(self) or "nothing changed", "diff")

    def _repr_html_(self) -> str:
        return self.html

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __bool__(self) -> bool:
        return bool(self.sections)

    def __str__(self) -> str:
        return "\n".join(
            line
            for section in self.sections
            for line in (section.title, *section.lines)
        )


def difference(old: World, new: World) -> Difference:
    """What changed from one World to the next; O(n log n), O(1) for the same one."""
    if old is new:
        return Difference()
    renamed = _renamed(old, new)
    before, after = _said(old, renamed), _said(new, renamed)
    sections = (
        Section(title, tuple(_changes(before[title], after[title])))
        for title in READINGS
    )
    return Difference(tuple(section for section in sections if section.lines))


class _Said(NamedTuple):
    """A sentence as it is shown, and the fact that it states, for comparison."""

    fact: Fact
    text: str


def _renamed(old: World, new: World) -> bool:
    """Whether a container of both has another name in each."""
    return any(
        container.id in new.containers
        and new.containers[container.id].name != container.name
        for container in old.containers.values()
    )


def _said(world: World, renamed: bool) -> dict[str, list[_Said]]:
    """What every reading says of a World.

    A new name changes nothing but the name. So if there is one, the facts about all
    other things are read a second time off a World whose containers are called by their
    ids; it has the same facts in the same order.
    """
    shown = readings(world)
    facts = (
        {**readings(_by_id(world)), "containers": shown["containers"]}
        if renamed
        else shown
    )
    return {
        title: [
            _Said(fact, said.text)
            for fact, said in zip(facts[title], shown[title], strict=True)
        ]
        for title in READINGS
    }


def _by_id(world: World) -> World:
    """The World with containers that are called by their ids."""
    containers = {
        key: replace(container, name=key) for key, container in world.containers.items()
    }
    return replace(world, containers=Map(containers))


def _changes(old: list[_Said], new: list[_Said]) -> Iterator[str]:
    """Subject by subject, first what is gone of it, then what has come."""
    if old == new:
        return
    lines: defaultdict[str, list[str]] = defaultdict(list)
    for sign, these, those in (("-", old, new), ("+", new, old)):
        others = Counter(said.fact for said in those)
        for fact, text in these:
            if others[fact]:
                others[fact] -= 1
            else:
                lines[fact.subject].append(f"{sign} {text}")
    for changes in lines.values():
        yield from changes
