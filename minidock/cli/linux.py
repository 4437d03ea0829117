"""`minidock linux`: print what builds the host on a real Linux, or build it.

```
minidock linux                     a script for a shell: sh -e
minidock linux --remove            what removes it
minidock linux --apply             build it, listen, wait for Ctrl-C, remove it
minidock linux --apply --detach    build it and leave it
minidock linux --apply --remove    remove what was left
minidock linux --apply --probe     build it, ask who reaches whom, remove it
```

Only ``--apply`` does anything; all that it makes are network namespaces under a prefix.
"""

import re
import signal
from collections.abc import Sequence

from minidock.cli.answers import said, said_json
from minidock.cli.arguments import Arguments, Parser
from minidock.cli.compare import compared, table, table_json
from minidock.cli.probe import PATIENCE
from minidock.cli.records import recorded
from minidock.cli.standing import (
    check_computer,
    nothing_recorded,
    removed,
    standing,
)
from minidock.cli.terminal import Terminal
from minidock.cli.workbench import Workbench
from minidock.client.session import Output
from minidock.commands.lookup import find_container
from minidock.errors import InvalidParameter
from minidock.host.machine import machine
from minidock.views.linux import PREFIX, attach_steps
from minidock.views.linux import linux as linux_of
from minidock.views.linux_plan import Plan, plan

__all__ = ["apply", "linux"]

_PREFIX = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}")


def linux(bench: Workbench, words: Sequence[str], as_data: bool) -> Output:
    """`minidock linux`: the commands that build the machine on a real Linux."""
    parser = _parser()
    arguments = parser.read(words)
    if arguments is None:
        return said(parser.format_help())
    _checked(arguments)
    if arguments.apply:
        raise InvalidParameter(
            "building needs a terminal of its own",
            asked="build the host from inside the shell of minidock",
            rule="--apply writes while it works and waits until it is stopped",
            remedy="minidock linux --apply, from the shell of your computer",
        )
    if arguments.steps is not None:
        return _steps(bench, arguments.steps, as_data)
    build, remove = linux_of(bench.world, arguments.prefix)
    lines = remove if arguments.remove else build
    if as_data:
        return said_json(list(lines))
    # What is half built is no use, but removing goes as far as it can.
    head = [] if arguments.remove else ["set -e"]
    return said("".join(f"{line}\n" for line in (*head, *lines)))


def _parser() -> Parser:
    parser = Parser("linux", "print the ip and iptables commands that build the host")
    parser.add_argument("--remove", action="store_true", help="those that remove it")
    parser.add_argument(
        "--prefix", default=PREFIX, help="how its namespaces are called"
    )
    parser.add_argument(
        "--steps", metavar="CONTAINER", help="only a container's four steps, named"
    )
    parser.add_argument(
        "--apply", action="store_true", help="run them, until Ctrl-C; needs root"
    )
    parser.add_argument(
        "--detach", action="store_true", help="with --apply: leave it standing"
    )
    parser.add_argument(
        "--probe", action="store_true", help="with --apply: ask who reaches whom"
    )
    return parser


def _checked(arguments: Arguments) -> None:
    """Refuse what does not go together, or would mean something to a shell."""
    if not _PREFIX.fullmatch(arguments.prefix):
        raise InvalidParameter(
            f"invalid prefix {arguments.prefix!r}",
            asked=f"call the namespaces {arguments.prefix}",
            rule="at most 64 letters, digits, dots, dashes and underscores",
            remedy=f"--prefix {PREFIX}",
        )
    extra = [name for name in ("detach", "probe") if getattr(arguments, name)]
    clash = len(extra) == 2 or (extra and (arguments.remove or not arguments.apply))
    if clash or (arguments.steps is not None and (arguments.apply or extra)):
        raise InvalidParameter(
            "these options do not go together",
            asked="minidock linux with " + ", ".join(_given(arguments)),
            rule="--detach and --probe each go with --apply alone; --steps prints",
            remedy="minidock linux --apply, with --detach, --probe, --remove or none",
        )


def _given(arguments: Arguments) -> list[str]:
    names = ("steps", "apply", "remove", "detach", "probe")
    return [f"--{name}" for name in names if getattr(arguments, name)]


def _steps(bench: Workbench, name: str, as_data: bool) -> Output:
    steps = attach_steps(bench.world, find_container(bench.world, name))
    if as_data:
        return said_json([step._asdict() for step in steps])
    text, last = "", ""
    for step in steps:
        if step.name != last:
            text += f"# {step.name}\n"
        text += f"{step.command}\n"
        last = step.name
    return said(text)


# --- apply ----------------------------------------------------------------------------


def apply(bench: Workbench, words: Sequence[str], terminal: Terminal) -> int:
    """`minidock linux --apply`; its exit code.

    Raises:
        InvalidParameter: the words do not fit.
        Forbidden: without root, or something is missing on this computer.
        Conflict: the prefix is in use.
        Unclassified: a command failed; everything is removed again.
    """
    as_data = "--json" in words
    arguments = _parser().read([word for word in words if word != "--json"])
    if arguments is None:
        terminal.write(_parser().format_help())
        return 0
    _checked(arguments)
    check_computer("minidock linux " + " ".join(_given(arguments)))
    if arguments.remove:
        return _remove(arguments.prefix, terminal)
    stands = machine(bench.world)
    made = plan(bench.world, stands, arguments.prefix, probed=arguments.probe)
    if arguments.probe:
        return _probe(bench, made, terminal, as_data=as_data)
    with standing(made, stay=arguments.detach) as notes:
        try:
            terminal.write(_up(made, notes, detached=arguments.detach))
            if not arguments.detach:
                signal.pause()
        except KeyboardInterrupt:
            return 0  # the way in which this is meant to end
    return 0


def _remove(prefix: str, terminal: Terminal) -> int:
    record = recorded(prefix)
    if record is None:
        raise nothing_recorded(prefix)
    names = removed(record)
    terminal.write("".join(f"removed {name}\n" for name in names))
    return 0


def _up(made: Plan, notes: Sequence[str], *, detached: bool) -> str:
    lines = [*made.names, *(f"note: {note}" for note in notes)]
    lines.append(f"{len(made.servers)} servers say who calls them")
    lines.append(f"try:    ip netns exec {made.prefix} ip addr")
    command = f"minidock linux --remove --apply --prefix {made.prefix}"
    ending = command if detached else "Ctrl-C"
    return "".join(f"{line}\n" for line in (*lines, f"remove: {ending}"))


def _probe(bench: Workbench, made: Plan, terminal: Terminal, *, as_data: bool) -> int:
    with standing(made) as notes:
        rows = compared(bench.world, machine(bench.world), made.prefix, PATIENCE)
    if as_data:
        terminal.write(said_json(table_json(rows)).stdout)
    else:
        terminal.write("".join(f"note: {note}\n" for note in notes) + table(rows))
    return 0 if all(row.agrees for row in rows) else 1
