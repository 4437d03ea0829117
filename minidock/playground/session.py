"""What was typed so far, and the World after each line: a list to walk.

```
 place   0        1                2                  3
 line    (start)  run --name web   network create app  trace web db
 World   W0 ────▶ W1 ────────────▶ W2 ───────────────▶ W2
                                   ▲ looked at: what came later is still there
```

Worlds are values, so all of them are kept and looking back costs a drawing. Going on
from an earlier place replays the lines up to there, as a link that was shared does: the
same lines make the same Worlds.

Invariants: a session has as many entries as lines that were run, and a line that was
refused is one of them; no exception leaves :meth:`Session.run`, whatever is typed.
"""

import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from minidock.engine import Engine
from minidock.errors import InvalidParameter
from minidock.model.world import World
from minidock.playground import python
from minidock.playground.bench import Bench, Prompt
from minidock.playground.line import Kind, Line, read
from minidock.views.diff import Difference, difference
from minidock.views.drawing import draw
from minidock.views.journey import Journey

__all__ = ["Entry", "Session"]

_LINES = 1000
"""How many lines a session has at most: each keeps its World."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line that was run, and what came of it."""

    line: str
    kind: Kind
    before: World
    world: World
    """What its host was, and what it is then."""
    text: str = ""
    ok: bool = True
    why: str = ""
    """The three parts of a refusal."""
    journey: Journey | None = None
    picture: str = ""
    """SVG, if a value of Python drew itself."""


class Session:
    r"""One host, and what somebody types to it.

    >>> session = Session()
    >>> for entry in session.run("docker network create --internal back"):
    ...     print(entry.kind, entry.ok)
    command True
    >>> [entry.text for entry in session.run(">>> len(docker.networks.list())")]
    ['4\n']
    >>> session.run("docker network create back")[0].why.splitlines()[1]
    "rule:   a network's name is taken while it exists"
    """

    def __init__(self) -> None:
        self.columns = 80
        """How wide the terminal is, for what fits itself to it."""
        self._bench = Bench()
        self._prompt = Prompt(self._bench)
        self._names: dict[str, object] = {
            "__name__": "__main__",
            "docker": self._bench.engine,
            "Engine": Engine,
        }
        first = self._bench.world
        self._entries = [Entry(line="", kind=Kind.COMMAND, before=first, world=first)]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The start, and then an entry for each line."""
        return tuple(self._entries)

    @property
    def lines(self) -> tuple[str, ...]:
        """What was run, in order; each as it may be typed again."""
        return tuple(map(_again, self._entries[1:]))

    @property
    def engine(self) -> Engine:
        """The engine that Python calls ``docker``."""
        return self._bench.engine

    def read(self, text: str) -> tuple[Line, ...]:
        """What a text would be, without running it."""
        return read(text, self._knows)

    def run(self, text: str) -> tuple[Entry, ...]:
        """Run what was typed, one entry for each line or block; unfinished Python: ().

        Python ends the text at the first error, as a prompt that reads a paste would
        not; commands go on, as a shell does.
        """
        return tuple(self._each(self.read(text)))

    def _each(self, lines: Sequence[Line]) -> Iterator[Entry]:
        for line in lines:
            if line.kind is Kind.UNFINISHED:
                return
            entry = self._one(line)
            yield entry
            if line.kind is Kind.PYTHON and not entry.ok:
                return

    def replay(
        self, lines: Sequence[str], *, with_python: bool
    ) -> tuple[tuple[Entry, ...], int]:
        """Run lines one by one; what came of them, and how many were run.

        Args:
            lines: what :attr:`lines` gave somewhere, or what somebody sent.
            with_python: False stops before the first line that is no command.

        >>> lines = ("docker network create a", ">>> docker.back()", "docker ps")
        >>> Session().replay(lines, with_python=False)[1]
        1
        """
        done: list[Entry] = []
        for number, line in enumerate(lines):
            kinds = {item.kind for item in self.read(line)}
            if not with_python and kinds - {Kind.COMMAND}:
                return tuple(done), number
            done += self.run(line)
        return tuple(done), len(lines)

    # --- looking back -----------------------------------------------------------------

    def entry(self, place: int) -> Entry:
        """The entry at a place; 0 is the start.

        Raises:
            InvalidParameter: there is no such place.
        """
        if not 0 <= place < len(self._entries):
            raise InvalidParameter(
                f"there is no step {place}",
                asked=f"look at step {place}",
                rule=f"the steps so far are 0 to {len(self._entries) - 1}",
                remedy=f"a number from 0 to {len(self._entries) - 1}",
            )
        return self._entries[place]

    def picture(self, place: int) -> str:
        """The World after a line as SVG; O(n log n)."""
        return draw(self.entry(place).world).svg

    def changes(self, place: int) -> Difference:
        """What a line changed."""
        entry = self.entry(place)
        return difference(entry.before, entry.world)

    def until(self, place: int) -> "Session":
        """Another session, in which only the lines up to a place were run."""
        self.entry(place)
        other = Session()
        other.replay(self.lines[:place], with_python=True)
        return other

    def completions(self, line: str) -> list[str]:
        """What the last word of a command may become."""
        return self._prompt.completions(line)

    # --- one line ---------------------------------------------------------------------

    def _knows(self, word: str) -> bool:
        """Whether a word begins a command; with ``=`` before it, whether Python's."""
        if word.startswith("="):
            return word[1:] in self._names or word[1:] in _BUILTINS
        return self._prompt.knows(word)

    def _one(self, line: Line) -> Entry:
        if len(self._entries) > _LINES:
            return Entry(
                line=line.text,
                kind=line.kind,
                before=self._bench.world,
                world=self._bench.world,
                text=_FULL,
                ok=False,
            )
        run = self._python if line.kind is Kind.PYTHON else self._command
        entry = run(line)
        self._entries.append(entry)
        return entry

    def _python(self, line: Line) -> Entry:
        engine, before = self._called(), self._called().world
        ran = python.run(line.text, self._names)
        now = self._called()
        asked = ran.value if isinstance(ran.value, Journey) else None
        return Entry(
            line=line.text,
            kind=line.kind,
            before=before if now is engine else now.history[0],
            world=now.world,
            text=ran.text,
            ok=ran.ok,
            why=ran.why,
            journey=self._bench.taken_journey() or asked,
            picture=ran.picture,
        )

    def _called(self) -> Engine:
        """The engine that Python calls ``docker``, which a piece of it shows.

        Lessons begin with ``docker = Engine()``; what is typed as a command goes to the
        host of the prompt all the same, as it does beside a Python of one's own.
        """
        named = self._names.get("docker")
        return named if isinstance(named, Engine) else self._bench.engine

    def _command(self, line: Line) -> Entry:
        before = self._bench.world
        said = self._prompt.type(line.text, self.columns)
        return Entry(
            line=line.text,
            kind=line.kind,
            before=before,
            world=self._bench.world,
            text=said.text,
            ok=not said.code,
            why=said.why,
            journey=self._bench.taken_journey(),
        )


def _again(entry: Entry) -> str:
    """An entry as it may be typed again: Python says that it is Python."""
    if entry.kind is not Kind.PYTHON:
        return entry.line
    first, *others = entry.line.split("\n")
    return "\n".join([f">>> {first}", *(f"... {line}" for line in others)])


_BUILTINS = frozenset(dir(builtins))
_FULL = (
    f"a session has {_LINES} lines at most: start over, or go on from an earlier step\n"
)
