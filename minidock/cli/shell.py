"""``minidock shell``: commands one after the other, with the questions a learner has.

```
minidock> run -d -p 80:80 nginx      docker's words, with or without "docker"
minidock> rules -t nat               our own
minidock> web ip addr                a container's name first: run this there
minidock> why                        after a refusal
minidock> diff, back, history        what changed; undo; what was done
```

Tab completes commands and the names of containers, networks and images.

Invariant: no line ends the shell but exit, quit and the end of the input.
"""

import cmd
import shlex
from collections.abc import Callable

from minidock.cli.answers import unsaid
from minidock.cli.commands import is_own, run
from minidock.cli.pages import GROUPS, own_names
from minidock.cli.play import words_of
from minidock.cli.terminal import Terminal
from minidock.cli.workbench import Workbench
from minidock.client.docker import COMMANDS
from minidock.client.session import Output
from minidock.errors import InvalidParameter, NotationError, Refusal

__all__ = ["HINT", "Shell", "shell"]

HINT = "(why? type: why)\n"
"""What stands below a refusal."""
_WELCOME = "A Docker host of era {}. Type help, or tab; exit leaves.\n"
_PROGRAMS = {"shell", "demo", "cluster", "play", "reset", "lab"}
_NOT_HERE = _PROGRAMS | {"serve", "plugin", "migrate"}


def shell(bench: Workbench, terminal: Terminal) -> int:
    """Read and run commands until the end of the input; the exit code of the last."""
    loop = Shell(bench, terminal)
    if terminal.interactive:
        terminal.record(_WELCOME.format(bench.world.era.name))
    try:
        loop.cmdloop()
    except KeyboardInterrupt:
        terminal.record("\n")
    return loop.code


class Shell(cmd.Cmd):
    """The loop; :meth:`onecmd` runs one line."""

    def __init__(self, bench: Workbench, terminal: Terminal) -> None:
        super().__init__(stdin=terminal.stdin, stdout=terminal.stdout)
        self.bench = bench
        self.terminal = terminal
        self.code = 0
        self.why = ""
        # input() gives editing, history and completion, but only at a terminal
        self.use_rawinput = terminal.interactive
        self.prompt = "minidock> " if terminal.interactive else ""

    def onecmd(self, line: str) -> bool:
        """Run one line; True ends the shell."""
        text = line.strip()
        if text in {"exit", "quit", "exit()", "quit()", "EOF"}:  # as in Python, too
            return True
        if not text or text.startswith("#"):
            return False
        try:
            words = words_of(text)
        except NotationError as error:
            self._refuse(error)
            return False
        if words:
            self._word(words)(words)
        return False

    def _word(self, words: list[str]) -> Callable[[list[str]], None]:
        if words[0] in {"help", "?"} and len(words) == 1:
            return self._help
        if words == ["why"]:
            return self._explain
        if words[0] in _NOT_HERE:
            return self._elsewhere
        known = words[0] in COMMANDS or is_own(words)
        return self._run if known or not self._is_container(words[0]) else self._inside

    def _is_container(self, name: str) -> bool:
        return name in self.bench.world.names

    def _run(self, words: list[str]) -> None:
        output = run(self.bench, words, self.terminal.environment)
        self._show(output, hint=not is_own(words))

    def _inside(self, words: list[str]) -> None:
        """A container's name first: the rest is run in it."""
        self._run(["exec", *words])

    def _elsewhere(self, words: list[str]) -> None:
        line = shlex.join(["minidock", *words])
        self._refuse(
            InvalidParameter(
                f"minidock {words[0]} is a command of its own, outside this shell",
                asked=line,
                rule="this shell is of one host; what files, servers and other hosts "
                "are for stands beside it",
                remedy=f"exit, then {line}",
            )
        )

    def _show(self, output: Output, *, hint: bool) -> None:
        self.terminal.record(output.transcript or output.stdout + output.stderr)
        self.code = output.code
        self.why = output.why
        if hint and unsaid(output):
            self.terminal.record(HINT)

    def _refuse(self, refusal: Refusal) -> None:
        text = f"minidock: {refusal.text}\n"
        self._show(
            Output(stderr=text, code=2, why=refusal.explain(), transcript=text),
            hint=True,
        )

    def _explain(self, _: list[str]) -> None:
        nothing = "the last command was not refused"
        self.terminal.record(f"{self.why or nothing}\n")

    def _help(self, _: list[str]) -> None:
        self.terminal.record(_shell_help())

    def emptyline(self) -> bool:
        """An empty line repeats nothing."""
        return False

    def completenames(self, text: str, *_: object) -> list[str]:
        """Commands and containers that begin like this."""
        first = {name.partition(" ")[0] for name in COMMANDS}
        own = {*own_names(), "why", "help", "exit"} - _NOT_HERE
        return self._starting(text, {*first, *own, *self._containers()})

    def completedefault(self, text: str, line: str, *_: object) -> list[str]:
        """What can stand after a command: its second word, or a name that is there."""
        words = line.split()
        group = [
            name.split()[1] for name in COMMANDS if name.startswith(f"{words[0]} ")
        ]
        if group and len(words) <= (1 if not text else 2):
            return self._starting(text, set(group))
        world = self.bench.world
        networks = {network.name for network in world.networks.values()}
        images = {
            name.removesuffix(":latest") for name in world.references if "@" not in name
        }
        return self._starting(text, {*self._containers(), *networks, *images})

    def _containers(self) -> set[str]:
        return {item.name for item in self.bench.world.containers.values()}

    @staticmethod
    def _starting(text: str, names: set[str]) -> list[str]:
        return sorted(name for name in names if name.startswith(text))


def _shell_help() -> str:
    """What can be typed, by intent."""
    own = {
        title: {name: text for name, text in names.items() if name not in _NOT_HERE}
        for title, names in GROUPS.items()
    }
    own["Ask"] = {
        "why": "after a refusal: what was asked, which rule refused, what would work",
        "NAME ...": "run a program in the container NAME: web ip addr",
        "help": "this page; exit leaves",
    }
    blocks = [
        "Docker's own words: run -d -p 80:80 nginx, ps, network create mynet ...\n"
    ]
    blocks += [
        f"{title}:\n"
        + "".join(f"  {name:<10} {text}\n" for name, text in names.items())
        for title, names in own.items()
        if names
    ]
    return "\n".join(blocks)
