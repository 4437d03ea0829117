"""A host in memory, and a shell before it.

```
 line ─▶ Prompt ─▶ Shell ─▶ Bench ─▶ watched Engine ─▶ World
                                       └─ remembers the last journey that was asked for
```

Invariant: nothing that is typed here reads or writes a file of the computer.
"""

import io
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from minidock.cli.answers import three_parts
from minidock.cli.commands import is_own
from minidock.cli.shell import HINT, Shell
from minidock.cli.terminal import Terminal
from minidock.cli.workbench import Workbench
from minidock.client.docker import COMMANDS
from minidock.engine import Engine
from minidock.playground.pipe import split_pipe, through
from minidock.registry.memory import MemoryStore
from minidock.views.journey import Journey

__all__ = ["Bench", "Prompt", "Said"]


class _Watched(Engine):
    """An engine that remembers the last journey that was asked for."""

    journey: Journey | None = None

    def trace(
        self,
        source: str,
        target: str,
        *,
        size: int = 0,
        ttl: int = 64,
        may_fragment: bool | None = None,
        family: int = 0,
        others: Sequence[Engine] = (),
    ) -> Journey:
        """As every engine's, and remembered."""
        self.journey = super().trace(
            source,
            target,
            size=size,
            ttl=ttl,
            may_fragment=may_fragment,
            family=family,
            others=others,
        )
        return self.journey


class Bench(Workbench):
    """A host in memory, to which no file of the computer exists.

    >>> prompt = Prompt(Bench())
    >>> prompt.type("docker network create app").code
    0
    >>> prompt.type("docker load -i /etc/passwd").code
    1
    """

    def __init__(self) -> None:
        self._watched = _Watched()
        era = self._watched.world.era.name
        super().__init__(MemoryStore(), era, engine=self._watched, files=False)

    def taken_journey(self) -> Journey | None:
        """The journey that was asked for since this was asked last, if any."""
        found, self._watched.journey = self._watched.journey, None
        return found


class Said(NamedTuple):
    """What a command line said."""

    text: str
    code: int
    why: str
    """The three parts of a refusal, or nothing."""


class Prompt:
    r"""The shell of minidock, one line at a time; nothing ends it.

    >>> Prompt(Bench()).type("exit").text
    'nothing ends here: go on typing\n'
    """

    def __init__(self, bench: Bench) -> None:
        self._out = io.StringIO()
        terminal = Terminal(
            stdin=io.StringIO(), stdout=self._out, stderr=self._out, environment={}
        )
        self._shell = Shell(bench, terminal)

    def type(self, line: str, columns: int = 80) -> Said:
        """Run one line, and what stands behind a pipe sign, on a terminal."""
        first, filters = split_pipe(line)
        option = _OPTION.match(first)
        if option and option[1] != "--why":
            return Said(_ONE_HOST, 2, "")
        bare = f"minidock {first[option.end() :]}" if option else first
        said = self._type(bare, 80 if filters else columns)
        if option and said.why and three_parts(said.why) not in said.text:
            said = said._replace(text=said.text + three_parts(said.why))
        if not filters.strip() or said.why:  # a refusal is written past the pipe
            return said
        output = through(said.text, filters)
        return Said(output.stdout + output.stderr, output.code, "")

    def _type(self, line: str, columns: int) -> Said:
        shell = self._shell
        if _TRACE.match(line):  # the one text that fits itself to a terminal
            line = f"{line.partition(' #')[0]} --width {columns}"
        if line.split(" ")[0] in _ON_HOST and not self.knows(line.split(" ")[0]):
            line = f"host {line}"
        shell.code = 0
        before = shell.why
        if shell.onecmd(line):
            return Said("nothing ends here: go on typing\n", 0, "")
        text = self._out.getvalue().removesuffix(HINT)
        self._out.seek(0)
        self._out.truncate()
        # "why" explains the last refusal, and is none itself
        why = "" if line.strip() == "why" else shell.why
        if line.strip() == "why":
            shell.why = before
        return Said(text, shell.code, why if shell.code else "")

    def knows(self, word: str) -> bool:
        """Whether a line that begins with this word is a command."""
        first = {name.partition(" ")[0] for name in COMMANDS}
        if word in first or word in _OURS or is_own([word]):
            return True
        return word in self._shell.bench.world.names

    def completions(self, line: str) -> list[str]:
        """What the last word of a line may become, sorted."""
        words = line.split(" ")
        if words[:1] in (["docker"], ["minidock"]):
            words = words[1:]
        complete: Callable[..., list[str]] = self._shell.completedefault
        if len(words) <= 1:
            complete = self._shell.completenames
        return sorted(set(complete(words[-1] if words else "", " ".join(words))))


_ON_HOST = frozenset(
    "ip bridge ss iptables ip6tables iptables-save ip6tables-save ufw sysctl cat ping "
    "ping6 curl wget nslookup dig getent hostname".split()
)
"""Programs of the host, where nobody has to say so: it is the host's prompt."""
_OPTION = re.compile(r"\s*minidock\s+(--why|--state|--era|--json)[\s=]+")
_ONE_HOST = (
    "minidock: here is one host, and it is kept in this tab; "
    "in Python, docker = Engine('20.10') makes another one, of another era\n"
)
_TRACE = re.compile(r"\s*(?:minidock\s+)?trace\s(?!.*--(?:width|svg|json))")
_OURS = frozenset({"docker", "minidock", "why", "help", "?", "exit", "quit"}) | {
    "shell",
    "demo",
    "cluster",
    "play",
    "reset",
    "serve",
    "plugin",
    "migrate",
    "lab",
}
"""Words that the shell answers beside commands, if only to say that it is elsewhere."""
