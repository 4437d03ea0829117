"""Every docker command by its spelling, and what the help prints about it.

```
docker ── run, ps, images, ...             the commands of old, still the short way
   ├───── container ── run, ls (list, ps), rm (remove), ...
   ├───── image ────── ls (list), rm (remove), ...
   ├───── network ──── create, ls (list), connect, ...
   └───── service, stack, ...              known by name only: see OPAQUE_GROUPS
```

Docker's name: the tree of ``cobra.Command`` that ``commands.AddCommands`` builds. The
help here names flags and their types but, unlike Docker's, does not explain them.

Invariant: a spelling means one command; every canonical name is one of its spellings.
"""

from collections.abc import Mapping
from functools import cache

from minidock.commandline.command import Command
from minidock.commandline.container_commands import CONTAINER_COMMANDS
from minidock.commandline.engine_commands import ENGINE_COMMANDS, OPAQUE_GROUPS
from minidock.commandline.flags import KINDS, Flag
from minidock.commandline.object_commands import OBJECT_COMMANDS
from minidock.commandline.refusal import Cli

__all__ = [
    "COMMANDS",
    "command_help",
    "group_help",
    "group_use",
    "groups",
    "root_help",
    "spelled",
]

COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (*CONTAINER_COMMANDS, *OBJECT_COMMANDS, *ENGINE_COMMANDS)
}
"""Every modelled command by its canonical name."""

_SUMMARIES = {
    "builder": "Manage builds",
    "checkpoint": "Manage checkpoints",
    "config": "Manage Swarm configs",
    "container": "Manage containers",
    "context": "Manage contexts",
    "image": "Manage images",
    "manifest": "Manage Docker image manifests and manifest lists",
    "network": "Manage networks",
    "node": "Manage Swarm nodes",
    "plugin": "Manage plugins",
    "secret": "Manage Swarm secrets",
    "service": "Manage Swarm services",
    "stack": "Manage Swarm stacks",
    "swarm": "Manage Swarm",
    "system": "Manage Docker",
    "trust": "Manage trust on Docker images",
    "volume": "Manage volumes",
}
_ALIASES = {"list": "ls", "remove": "rm"}  # below every management command


@cache
def _spellings(cli: Cli) -> Mapping[str, Command]:
    return {
        spelling: command
        for command in COMMANDS.values()
        if not (command.new and cli is Cli.V20)
        for spelling in command.spellings
    }


@cache
def groups(cli: Cli) -> Mapping[str, tuple[str, ...]]:
    """The management commands, and the names of what is below each.

    >>> groups(Cli.V28)["network"]
    ('connect', 'create', 'disconnect', 'inspect', 'ls', 'prune', 'rm')
    """
    below: dict[str, set[str]] = {
        group: set(names.split()) for group, names in OPAQUE_GROUPS.items()
    }
    for spelling in _spellings(cli):
        group, _, name = spelling.partition(" ")
        if name:
            below.setdefault(group, set()).add(name)
    return {group: tuple(sorted(below[group])) for group in sorted(below)}


def spelled(words: tuple[str, ...], cli: Cli) -> tuple[str, Command | None]:
    """The full spelling that words mean, and the command, None if it is opaque.

    Args:
        words: one word, or a management command and a word.
        cli: whose commands.

    >>> spelling, command = spelled(("container", "list"), Cli.V28)
    >>> spelling, command.name
    ('container ls', 'ps')
    >>> spelled(("network", "foo"), Cli.V28)
    ('', None)
    """
    if words == ("remove",) and cli is Cli.V28:
        words = ("rm",)  # an alias that only the help does not show
    if len(words) == 2:
        words = (words[0], _below(*words))
    spelling = " ".join(words)
    command = _spellings(cli).get(spelling)
    known = len(words) == 2 and words[1] in groups(cli).get(words[0], ())
    return (spelling, command) if command is not None or known else ("", None)


def _below(group: str, name: str) -> str:
    if group == "container" and name == "ps":
        return "ls"
    if group == "image" and name == "rmi":
        return "rm"
    return _ALIASES.get(name, name)


def group_use(group: str) -> str:
    """How 28 shows a management command's usage when what is below it is unknown.

    Docker is odd here: three of them say more than their name.

    >>> group_use("network"), group_use("volume")
    ('docker network', 'docker volume COMMAND')
    """
    more = {"volume": " COMMAND", "manifest": " COMMAND", "stack": " [OPTIONS]"}
    return f"docker {group}{more.get(group, '')}"


def _table(rows: list[tuple[str, str]]) -> str:
    return "".join(f"  {name:<11} {text}".rstrip() + "\n" for name, text in rows)


def _page(text: str, cli: Cli) -> str:
    return f"\n{text}" if cli is Cli.V20 else text


def root_help(cli: Cli) -> str:
    """What ``docker --help`` prints.

    >>> root_help(Cli.V28).splitlines()[0]
    'Usage:  docker [OPTIONS] COMMAND'
    """
    plain = [c for c in COMMANDS.values() if " " not in c.name]
    commands = sorted((c.name, c.summary_in(cli)) for c in plain)
    management = [(group, _SUMMARIES[group]) for group in groups(cli)]
    return _page(
        "Usage:  docker [OPTIONS] COMMAND\n\n"
        "A self-sufficient runtime for containers\n\n"
        f"Management Commands:\n{_table(management)}\n"
        f"Commands:\n{_table(commands)}\n"
        "Run 'docker COMMAND --help' for more information on a command.\n",
        cli,
    )


def group_help(group: str, cli: Cli) -> str:
    """What ``docker GROUP --help`` prints.

    >>> print(group_help("volume", Cli.V20).splitlines()[1])
    Usage:  docker volume COMMAND
    """
    rows = []
    for name in groups(cli)[group]:
        command = _spellings(cli).get(f"{group} {name}")
        rows.append((name, command.summary_in(cli) if command else ""))
    return _page(
        f"Usage:  docker {group} COMMAND\n\n{_SUMMARIES[group]}\n\n"
        f"Commands:\n{_table(rows)}\n"
        f"Run 'docker {group} COMMAND --help' for more information on a command.\n",
        cli,
    )


def command_help(command: Command, spelling: str, cli: Cli) -> str:
    """What ``docker COMMAND --help`` prints.

    >>> print(command_help(COMMANDS["network rm"], "network rm", Cli.V28), end="")
    Usage:  docker network rm NETWORK [NETWORK...]
    <BLANKLINE>
    Remove one or more networks
    <BLANKLINE>
    Aliases:
      docker network rm, docker network remove
    <BLANKLINE>
    Options:
      -f, --force
    """
    parts = [f"Usage:  {command.use(spelling)}\n", f"{command.summary_in(cli)}\n"]
    aliases = _aliases(command)
    if cli is Cli.V28 and len(aliases) > 1:
        parts.append("Aliases:\n  " + ", ".join(f"docker {a}" for a in aliases) + "\n")
    flags = [flag for flag in command.flags_of(cli) if not flag.hidden]
    if flags:
        parts.append("Options:\n" + "".join(_flag_line(flag) for flag in flags))
    return _page("\n".join(parts), cli)


def _aliases(command: Command) -> list[str]:
    names: list[str] = []
    for spelling in reversed(command.spellings):
        group, _, name = spelling.partition(" ")
        names.append(spelling)
        if name:
            names += [f"{group} {a}" for a, to in _ALIASES.items() if to == name]
        if spelling == "container ls":
            names.append("container ps")
    return names


def _flag_line(flag: Flag) -> str:
    short = f"-{flag.short}," if flag.short else "   "
    default = f" (default {flag.default})" if flag.default else ""
    return f"  {short} --{flag.name} {KINDS[flag.kind].shown}".rstrip() + f"{default}\n"
