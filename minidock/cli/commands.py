"""Our own commands by name, and docker's with JSON where it was asked for.

```
words ──▶ ours?    ──▶ a function of the workbench  ──▶ Output
      └─▶ docker's ──▶ Engine.command_line          ──▶ Output
```

Invariant: every name in :data:`OWN` stands on the page of help.
"""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence

from minidock.cli import journeys, reads
from minidock.cli.answers import refused, said, said_json
from minidock.cli.arguments import Parser
from minidock.cli.pages import own_names
from minidock.cli.workbench import Workbench
from minidock.client.session import Output
from minidock.commandline.catalogue import COMMANDS, groups, spelled
from minidock.commandline.refusal import Cli
from minidock.errors import InvalidParameter, Refusal
from minidock.views.diff import difference

__all__ = ["OWN", "is_own", "run"]

OwnCommand = Callable[[Workbench, Sequence[str], bool], Output]


def _back(bench: Workbench, words: Sequence[str], _: bool) -> Output:
    """`minidock back`: undo the last command."""
    parser = Parser("back", "undo the last command")
    if parser.read(words) is None:
        return said(parser.format_help())
    return said(f"undone: {bench.back()}\n")


def _diff(bench: Workbench, words: Sequence[str], as_data: bool) -> Output:
    """`minidock diff`: what the last command changed."""
    parser = Parser("diff", "print what the last command changed")
    if parser.read(words) is None:
        return said(parser.format_help())
    found = difference(bench.before(), bench.world)
    if as_data:
        return said_json({item.title: list(item.lines) for item in found.sections})
    return said(f"{found}\n" if found else "")


def _history(bench: Workbench, words: Sequence[str], as_data: bool) -> Output:
    """`minidock history`: the command lines so far."""
    del words  # with an image's name it is docker's
    if as_data:
        return said_json([step.line for step in bench.steps])
    numbered = enumerate(bench.steps, 1)
    return said("".join(f"{number:>3}  {step.line}\n" for number, step in numbered))


def _advance(bench: Workbench, words: Sequence[str], _: bool) -> Output:
    """`minidock advance SECONDS`: let time pass."""
    parser = Parser("advance", "let some seconds pass")
    parser.add_argument("seconds", type=int, help="how many, 1 to 1000000000")
    arguments = parser.read(words)
    if arguments is None:
        return said(parser.format_help())
    if not 1 <= arguments.seconds <= 1_000_000_000:
        raise InvalidParameter(
            f"cannot move the clock by {arguments.seconds} seconds",
            asked=f"let {arguments.seconds} seconds pass",
            rule="time goes forward, at most 30 years at once",
            remedy="minidock advance 60",
        )
    bench.advance(arguments.seconds)
    return said("")


def _reboot(bench: Workbench, words: Sequence[str], _: bool) -> Output:
    """`minidock reboot [--kill]`: what a restart of dockerd does."""
    parser = Parser("reboot", "end dockerd and start it again")
    parser.add_argument(
        "--kill", action="store_true", help="end it with SIGKILL, not SIGTERM"
    )
    arguments = parser.read(words)
    if arguments is None:
        return said(parser.format_help())
    bench.restart_daemon(graceful=not arguments.kill)
    return said("")


def _laws(bench: Workbench, words: Sequence[str], as_data: bool) -> Output:
    """`minidock laws`: what the tests hold true."""
    from minidock.cli.laws import laws  # noqa: PLC0415 - loaded when asked for

    return laws(bench, words, as_data)


def _linux(bench: Workbench, words: Sequence[str], as_data: bool) -> Output:
    """`minidock linux`: what builds the host on a real Linux."""
    from minidock.cli.linux import linux  # noqa: PLC0415 - loaded when asked for

    return linux(bench, words, as_data)


OWN: Mapping[str, OwnCommand] = {
    "machine": reads.machine,
    "rules": reads.rules,
    "draw": reads.draw,
    "events": reads.events,
    "linux": _linux,
    "trace": journeys.trace,
    "reach": journeys.reach,
    "host": reads.host,
    "outside": journeys.outside,
    "back": _back,
    "diff": _diff,
    "history": _history,
    "advance": _advance,
    "reboot": _reboot,
    "laws": _laws,
}
"""What works on a workbench and answers at once; the programs are in dispatch.py."""

_NEEDS_NO_WORDS = {"diff", "history"}  # with a name after them they are docker's
_JSON = {
    "ps": "lines",
    "images": "lines",
    "network ls": "lines",
    "volume ls": "lines",
    "history": "lines",
    "version": "one",
    "info": "one",
    "inspect": "already",
    "container inspect": "already",
    "image inspect": "already",
    "network inspect": "already",
    "volume inspect": "already",
}


def is_own(words: Sequence[str]) -> bool:
    """Whether the words are a command of ours rather than docker's.

    >>> is_own(["history"]), is_own(["history", "nginx"]), is_own(["ps"])
    (True, False, False)
    """
    if words[0] in _NEEDS_NO_WORDS:
        return all(word.startswith("-") for word in words[1:])
    return words[0] in OWN


def run(
    bench: Workbench,
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    as_data: bool = False,
) -> Output:
    """Run one command of either kind; a refusal is in the output."""
    # who writes docker in front wants to hear what docker says
    asked = words[0] == "docker" and len(words) > 1
    if asked:
        words = words[1:]
    try:
        if not asked and _is_strange(words, bench):
            raise _strange(words, bench)
        if is_own(words):
            rest = [word for word in words[1:] if word != "--json"]
            as_data = as_data or len(rest) < len(words) - 1
            return OWN[words[0]](bench, rest, as_data)
        return _docker(bench, words, environment, as_data=as_data)
    except Refusal as refusal:
        return refused(refusal, 2 if isinstance(refusal, InvalidParameter) else 1)


def _is_strange(words: Sequence[str], bench: Workbench) -> bool:
    """Whether the first word is a command of nobody's."""
    cli = Cli(bench.world.era.cli)
    known = words[0] in {"help", *groups(cli)} or words[0].startswith("-")
    return not (known or is_own(words) or spelled((words[0],), cli)[1])


def _strange(words: Sequence[str], bench: Workbench) -> InvalidParameter:
    # late: who types what is known does not wait for it
    from minidock.commandline.advice import PROGRAMS, advise, near  # noqa: PLC0415

    cli = Cli(bench.world.era.cli)
    plain = {name.partition(" ")[0] for name in COMMANDS} | set(groups(cli))
    meant = near(words[0], sorted({*plain, *own_names()}))
    rule = "a command is one of docker's or one of ours; minidock --help lists them"
    if meant == words[0]:
        rule = f"{meant} is a command of its own: no answer, play or lesson holds it"
        remedy = f"minidock {meant} --help, in a shell of your machine"
    elif meant and words[0] not in PROGRAMS:
        remedy = shlex.join(["minidock", meant, *words[1:]])
    elif words[0] in bench.world.names:
        rest = words[1:] or ["ip", "addr"]
        remedy = shlex.join(["minidock", "exec", words[0], *rest])
        rule = f"{words[0]} is a container; what runs in it is said by exec"
    else:
        advice = advise(words, "", cli)
        remedy = advice.remedy.replace("docker ", "minidock ", 1)
        rule = advice.rule or rule
    return InvalidParameter(
        f"there is no command {words[0]!r}",
        asked=shlex.join(["minidock", *words]),
        rule=rule,
        remedy=remedy or "minidock --help",
    )


def _docker(
    bench: Workbench,
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    as_data: bool,
) -> Output:
    name, length = _canonical(words, Cli(bench.world.era.cli))
    if name in _JSON and "--json" in words[length:]:
        as_data = True
        words = [*words[:length], *(w for w in words[length:] if w != "--json")]
    if not as_data:
        return bench.docker(words, environment)
    form = _JSON.get(name)
    if form is None:
        raise InvalidParameter(
            f"docker {words[0]} has no JSON output",
            asked=f"minidock --json {' '.join(words)}",
            rule="JSON is printed by commands that list or inspect",
            remedy=", ".join(_JSON),
        )
    if form != "already":
        words = [*words[:length], "--format", "{{json .}}", *words[length:]]
    output = bench.docker(words, environment)
    if output.code or form == "already":
        return output
    values = [json.loads(line) for line in output.stdout.splitlines()]
    return said_json(values if form == "lines" else values[0])


def _canonical(words: Sequence[str], cli: Cli) -> tuple[str, int]:
    """The canonical name of docker's command, and how many words name it."""
    for length in (1, 2):
        _, command = spelled(tuple(words[:length]), cli)
        if command is not None:
            return command.name, length
    return "", 0
