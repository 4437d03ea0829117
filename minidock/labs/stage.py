"""The hosts of a lab, with what was done on them.

```
Setup ──▶ one host, or several on one registry ──▶ its commands ──▶ the answer's lines
                                                                       │
                            fresh(): the same again, from the beginning ◀┘
```

How a line is run is given from above: the command line knows docker's commands and
ours, and stands on a higher floor.

Invariant: the same setup and lines give the same Worlds; so a copy of a host is made by
doing everything again.
"""

from collections.abc import Callable, Sequence

from minidock.client.session import Output
from minidock.commandline.words import split_line
from minidock.engine import Engine
from minidock.eras import DEFAULT_ERA
from minidock.errors import Refusal
from minidock.labs.answers import Line, host_and_line
from minidock.labs.fields import LabFault
from minidock.labs.lab import Setup
from minidock.registry.memory import MemoryStore

__all__ = ["Opener", "Runner", "Stage"]

Runner = Callable[[Sequence[str]], Output]
"""Runs the words of a command line; ``docker`` is in front where somebody typed it."""
Opener = Callable[[Engine, Sequence[Engine]], Runner]
"""Gives a host's runner; the second argument is the other hosts of its cluster."""


class Stage:
    """Hosts that stand ready for an answer, or have it.

    Args:
        setup: which hosts, and what is done on them first.
        opener: gives each host its runner.
        file: the lab's file, for messages.

    Raises:
        LabFault: a command of the setup was refused.
    """

    def __init__(self, setup: Setup, opener: Opener, file: str = "") -> None:
        self._setup = setup
        self._opener = opener
        self._file = file
        self._done: list[Line] = []
        self._engines = _engines(setup)
        self._runners = {
            name: opener(engine, self._others(name))
            for name, engine in self._engines.items()
        }
        for command in setup.commands:
            output = self.run(command)
            if not output.ok:
                raise _refused(setup, file, command, output)
        self._begun = self._worlds()

    def _others(self, name: str) -> list[Engine]:
        return [other for key, other in self._engines.items() if key != name]

    def _worlds(self) -> list[int]:
        return [id(engine.world) for engine in self._engines.values()]

    def do(self, line: Line) -> Output:
        """Run a line of the answer, and remember it for copies."""
        output = self.run(line.text)
        self._done.append(line)
        self._begun = self._worlds()
        return output

    def run(self, line: str, on: str = "") -> Output:
        """Run a line on the host that it names, or on ``on``, or on the first one."""
        try:
            host, rest = host_and_line(line, () if on else self._setup.hosts)
            words = split_line(rest)
        except Refusal as refusal:
            text = f"{refusal.text}\n"
            return Output(stderr=text, code=2, why=refusal.explain(), transcript=text)
        if words[:1] == ["minidock"]:
            words = words[1:]
        elif rest.split()[:1] == ["docker"]:
            words = ["docker", *words]  # then docker refuses in its own words
        return self._run(words, on or host)

    def ask(self, line: str, on: str = "") -> Output:
        """Run a line on ``on``, or on the first host."""
        return self.run(line, on or next(iter(self._engines)))

    def _run(self, words: Sequence[str], host: str) -> Output:
        for engine in self._engines.values():
            if engine.membership is not None:
                engine.hear()
        return self._runners[host](words)

    @property
    def touched(self) -> bool:
        """Whether something was changed since the last line of the answer."""
        return self._worlds() != self._begun

    def fresh(self) -> "Stage":
        """The same hosts, as they were behind the last line of the answer."""
        copy = Stage(self._setup, self._opener, self._file)
        for line in self._done:
            copy.do(line)
        return copy


def _engines(setup: Setup) -> dict[str, Engine]:
    era = setup.era or DEFAULT_ERA
    if not setup.hosts:
        return {"": Engine(era)}
    registry = MemoryStore()
    return {
        name: Engine(era, registry=registry, advertise=f"192.0.2.{number}:2376")
        for number, name in enumerate(setup.hosts, 11)
    }


_POINTERS = ("Run '", "See '", "Usage:")


def _refused(setup: Setup, file: str, command: str, output: Output) -> LabFault:
    # docker's last line may only say where there is help
    lines = str(output).strip().splitlines()
    said = [line for line in lines if line and not line.startswith(_POINTERS)]
    return LabFault(
        f"{file}, line {setup.line}, key commands: {command}: "
        f"{said[-1] if said else f'exit code {output.code}'}",
        file=file,
        line=setup.line,
        key="commands",
        rule="every command of the setup must succeed",
        remedy="minidock play, with the commands up to this one",
    )
