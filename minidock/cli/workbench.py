"""An engine, the file it is kept in, and the command lines that brought it here.

```
words ──▶ Workbench.docker ──▶ Engine ──▶ World'      the store has it before we print
                │
                └─ Step("run -d nginx", first=3, last=5)    one command, three changes
                                                            back() undoes all of them
```

One docker command is often several requests to the engine (``run`` is a create and a
start), and a person who goes back means the command.

Invariant: the steps are in the order of the changes and do not overlap; changes that no
step covers were made by somebody else who uses the same file.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from minidock.cli.answers import three_parts
from minidock.client.session import Output
from minidock.engine import Engine
from minidock.eras import era_named
from minidock.errors import Conflict, InvalidParameter, Refusal
from minidock.model.archive import text_of
from minidock.model.world import World
from minidock.registry.memory import MemoryStore
from minidock.registry.store import BatchStore, find
from minidock.views.console import ConsoleOutput

__all__ = ["Step", "Workbench", "era_of", "open_workbench"]

_STEPS = "cli/steps"
_NOW = "cli/now"


class Step(NamedTuple):
    """A command line that changed something, and between which Worlds it stands."""

    line: str
    first: int
    last: int


class Workbench:
    """What every command of this program works on.

    Args:
        store: where the steps are kept, and the engine.
        era: whose rules.
        engine: one that is there already; None makes one that is kept in the store.
        others: the other hosts of its cluster, whose rules a trace asks, too.
        files: whether docker may read and write files of this machine.
    """

    def __init__(
        self,
        store: BatchStore,
        era: str,
        *,
        engine: Engine | None = None,
        others: Sequence[Engine] = (),
        files: bool = True,
    ) -> None:
        self.engine = Engine(era=era, store=store) if engine is None else engine
        self.others = tuple(others)
        self._store = store
        self._files = files
        kept_steps = (
            Step(*json.loads(item.value)) for _, item in store.list(_STEPS).entries
        )
        self._steps = [step for step in kept_steps if step.last <= self._place()]
        kept = find(store, _NOW)
        if kept is not None and int(kept.value) > self.engine.now:
            # half a nanosecond more, since a float rounds and the clock cuts off
            self.engine.advance((int(kept.value) - self.engine.now + 0.5) / 1e9)

    @property
    def world(self) -> World:
        """The current World."""
        return self.engine.world

    @property
    def steps(self) -> tuple[Step, ...]:
        """The command lines so far, oldest first."""
        return tuple(self._steps)

    def docker(self, words: Sequence[str], environment: Mapping[str, str]) -> Output:
        """Run one docker command line and remember it if it changed something."""
        first = self._place()
        output = self.engine.command_line(
            words,
            environment=environment,
            read_file=_read if self._files else None,
            write_file=_write if self._files else None,
            piped=False,
            folder=str(Path.cwd()) if self._files else "/",
        )
        self._remember(f"docker {shlex.join(words)}", first)
        return output

    def host(self, words: Sequence[str]) -> Output | None:
        """Run a command on the simulated host; None where nobody can tell."""
        first = self._place()
        line = words[0] if len(words) == 1 else shlex.join(words)
        answer = self.engine.host_command(line)
        self._remember(f"host {line}", first)
        return None if answer is None else _explained(answer)

    def outside(self, words: Sequence[str]) -> Output | None:
        """Run a command on the machines outside; None where nobody can tell."""
        first = self._place()
        line = words[0] if len(words) == 1 else shlex.join(words)
        answer = self.engine.outside_command(line)
        self._remember(f"outside {line}", first)
        return None if answer is None else _explained(answer)

    def advance(self, seconds: float) -> None:
        """Let time pass, also for those who open the file later."""
        self.engine.advance(seconds)
        self._store.put(_NOW, str(self.engine.now))

    def restart_daemon(self, *, graceful: bool) -> None:
        """End dockerd and start it again."""
        first = self._place()
        self.engine.restart_daemon(graceful=graceful)
        kill = "" if graceful else " --kill"
        self._remember(f"reboot{kill}", first)

    def before(self) -> World:
        """The World before the last command, or the current one if there was none."""
        step = self._last_step()
        return self.world if step is None else self.engine.history[step.first]

    def back(self) -> str:
        """Undo the last command; its line.

        Raises:
            InvalidParameter: nothing was done yet.
        """
        step = self._last_step()
        if step is None:
            raise InvalidParameter(
                "there is nothing to undo",
                asked="go back one command",
                rule="this is the state that the engine started with",
                remedy="first change something: network create mynet",
            )
        if self._steps and self._steps[-1] == step:
            self._steps.pop()
            self._store.write({f"{_STEPS}/{len(self._steps) + 1:08d}": None})
        self.engine.back_to(step.first)
        return step.line

    def _last_step(self) -> Step | None:
        """The last thing that a person would see undone, or None."""
        history = self.engine.history
        here = len(history) - 1
        while here and _looks_like(history[here - 1], history[here]):
            here -= 1
        if self._steps and here <= self._steps[-1].last:
            return self._steps[-1]
        if not here:
            return None
        return Step("a change that another program made", here - 1, here)

    def close(self) -> None:
        """Give the file back."""
        self._store.close()

    def _place(self) -> int:
        return len(self.engine.history) - 1

    def _remember(self, line: str, first: int) -> None:
        last = self._place()
        if not _looks_like(self.engine.history[first], self.world):
            self._steps.append(Step(line, first, last))
            key = f"{_STEPS}/{len(self._steps):08d}"
            self._store.put(key, json.dumps(self._steps[-1]))


_SEEN = ("networks", "containers", "references", "images", "volumes", "host")


def _looks_like(one: World, other: World) -> bool:
    """Whether two Worlds hold the same objects; an exec makes no difference; O(1)."""
    return all(getattr(one, name) is getattr(other, name) for name in _SEEN)


def open_workbench(path: str, era: str) -> Workbench:
    """The workbench kept in a file, or one in memory where the path is "".

    Raises:
        InvalidParameter: the file cannot be used, or there is no such era.
        Conflict: the file holds an engine of another era.
    """
    if not path:
        return Workbench(MemoryStore(), era_of(era))
    # loaded when asked for: a play in memory does without
    from sqlite3 import Error  # noqa: PLC0415

    from minidock.registry.sqlite import SqliteStore  # noqa: PLC0415

    store = SqliteStore(_prepared(path))
    try:
        return _kept_in(store, path, era)
    except (Error, LookupError, TypeError, ValueError) as error:
        store.close()
        if isinstance(error, Refusal):
            raise
        raise InvalidParameter(
            f"cannot use {path} as a state file: {error}",
            asked=f"go on from the state in {path}",
            rule="a state file is written by minidock and by nobody else",
            remedy="another file with --state, or remove this one",
        ) from error


def _kept_in(store: BatchStore, path: str, era: str) -> Workbench:
    bench = Workbench(store, era_of(era))
    there = bench.world.era.name
    if era and era != there:
        raise Conflict(
            f"the state file {path} holds an engine of era {there}",
            asked=f"work with the rules of era {era}",
            rule="an engine keeps the era it was made with",
            remedy="minidock reset, or another file with --state",
        )
    return bench


def era_of(name: str) -> str:
    """The era's name, checked; the default one for "".

    >>> era_of("20.10"), era_of("")
    ('20.10', '28')
    >>> era_of("1.0")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: there is no era '1.0'; the eras are 17.12, \
20.10, 28
    """
    try:
        return era_named(name or "28").name
    except ValueError as error:
        raise InvalidParameter(
            str(error),
            asked=f"work with the rules of Docker {name}",
            rule="the rules are known for three versions of Docker",
            remedy="--era 17.12, --era 20.10 or --era 28",
        ) from error


def _read(path: str) -> str:
    return text_of(Path(path).read_bytes())


def _write(path: str, data: bytes) -> None:
    Path(path).write_bytes(data)


def _prepared(path: str) -> Path:
    """The path, with its folder made."""
    file = Path(path).expanduser()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise InvalidParameter(
            f"cannot use {path} as a state file: {error}",
            asked=f"keep the state in {path}",
            rule="the folder of the state file must exist or be creatable",
            remedy="another file with --state or MINIDOCK_STATE",
        ) from error
    return file


def _explained(answer: ConsoleOutput) -> Output:
    """What a program printed, and below a refusal its parts, if they say more."""
    parts = three_parts(answer.why) if "asked:" in answer.why else ""
    return Output(**answer._replace(stderr=answer.stderr + parts)._asdict())
