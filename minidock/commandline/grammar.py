"""A docker command line: words in, a command with its options and arguments out.

```
docker -H tcp://h:2375 container ls --all -f name=web
       └──── global ──┘ └── ps ────┘ └── options ───┘
                                │
                                ▼
     Parsed(command="ps", options={"all": True, "filter": ("name=web",), ...})
```

Both ways to spell a command give one canonical name: ``container ls``, ``container ps``
and ``ps`` are all ``ps``. What the docker program refuses without asking the engine
comes out as :class:`~minidock.commandline.refusal.CommandRefusal`, texts and exit code
included.

Invariant: ``parse`` raises nothing else, whatever the words; every flag of the command
has a value. Docker's name: ``cobra``, set up by ``docker/cli``'s ``cmd/docker``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from minidock.commandline.catalogue import (
    command_help,
    group_help,
    group_use,
    groups,
    root_help,
    spelled,
)
from minidock.commandline.checks import Said, fault_of
from minidock.commandline.command import Command, help_flag, read_arity
from minidock.commandline.flags import BadFlag, Flag, FlagsRead, Value, read_flags
from minidock.commandline.refusal import Cli, CommandRefusal, failure

__all__ = ["Cli", "CommandRefusal", "Parsed", "failure", "parse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A command line that docker understands.

    >>> parsed = parse(["container", "ls", "-a"], Cli.V28)
    >>> parsed.command, parsed.spelling, parsed.options["all"]
    ('ps', 'container ls', True)
    """

    command: str
    """The canonical name: ``run``, ``ps``, ``network create`` ..."""
    spelling: str
    """As typed, aliases resolved; texts name this."""
    options: Mapping[str, Value]
    """Every flag by its long name. ``cpus`` holds billionths, durations nanoseconds."""
    given: frozenset[str]
    arguments: tuple[str, ...]
    notices: tuple[str, ...] = ()
    """Lines printed before anything else, about old spellings."""

    def text(self, name: str) -> str:
        """A flag's text; "" where the command has no such flag."""
        value = self.options.get(name, "")
        return value if isinstance(value, str) else ""

    def flag(self, name: str) -> bool:
        """Whether a switch is on; False where the command has no such flag."""
        return self.options.get(name, False) is True

    def number(self, name: str) -> int:
        """A flag's whole number; 0 where the command has no such flag."""
        value = self.options.get(name, 0)
        return value if isinstance(value, int) else 0

    def texts(self, name: str) -> tuple[str, ...]:
        """A repeatable flag's texts; () where the command has no such flag."""
        value = self.options.get(name, ())
        return value if isinstance(value, tuple) else ()


_VERSIONS = {
    Cli.V20: "Docker version 20.10.24, build 297e128",
    Cli.V28: "Docker version 28.5.2, build ecc6942",
}
_LEVELS = ("panic", "fatal", "error", "warn", "warning", "info", "debug", "trace")
_GLOBAL_FLAGS = (
    Flag(name="config", kind="string"),
    Flag(name="context", kind="string", short="c"),
    Flag(name="debug", kind="bool", short="D"),
    Flag(name="host", kind="list", short="H"),
    Flag(name="log-level", kind="string", short="l", default="info"),
    Flag(name="tls", kind="bool"),
    Flag(name="tlscacert", kind="string"),
    Flag(name="tlscert", kind="string"),
    Flag(name="tlskey", kind="string"),
    Flag(name="tlsverify", kind="bool"),
    Flag(name="version", kind="bool", short="v"),
    Flag(name="help", kind="bool", short="h"),
)


def parse(words: Sequence[str], cli: Cli) -> Parsed:
    """The command that words mean, without the leading ``docker``; O(words).

    Raises:
        CommandRefusal: where docker itself stops, with what it prints.

    >>> parsed = parse("run -d --name web -p 80:80 nginx".split(), Cli.V28)
    >>> parsed.arguments, parsed.options["publish"], sorted(parsed.given)
    (('nginx',), ('80:80',), ['detach', 'name', 'publish'])
    >>> parse(["foo"], Cli.V28)
    Traceback (most recent call last):
    ...
    minidock.commandline.refusal.CommandRefusal: docker: unknown command: docker foo
    """
    rest = _after_globals(words, cli)
    if not rest:
        raise CommandRefusal(root_help(cli), 0)
    if rest[0] == "help":
        raise _help(rest[1:], cli)
    if rest[0] in groups(cli):
        return _below_group(rest[0], rest[1:], cli)
    spelling, command = spelled(rest[:1], cli)
    if command is None:
        raise _unknown(rest, cli)
    return _leaf(command, spelling, rest[1:], cli)


def _after_globals(words: Sequence[str], cli: Cli) -> tuple[str, ...]:
    try:
        read = read_flags(_GLOBAL_FLAGS, words, cli, interspersed=False)
    except BadFlag as error:
        if cli is Cli.V20:
            page = f"{error}\nSee 'docker --help'.\n{root_help(cli)}\n"
        else:
            page = _flag_fault(str(error), "", "docker [OPTIONS] COMMAND [ARG...]", cli)
        raise CommandRefusal(page, 125) from None
    if read.options["version"]:
        raise CommandRefusal("", 0, stdout=f"{_VERSIONS[cli]}\n")
    if read.options["help"]:
        raise CommandRefusal("", 0, stdout=root_help(cli))
    if read.options["log-level"] not in _LEVELS:
        raise CommandRefusal(
            f"Unable to parse logging level: {read.options['log-level']}\n"
        )
    return read.arguments


def _help(topic: Sequence[str], cli: Cli) -> CommandRefusal:
    """What ``docker help TOPIC`` prints."""
    if not topic:
        return CommandRefusal("", 0, stdout=root_help(cli))
    if topic[0] in groups(cli):
        if len(topic) == 1:
            return CommandRefusal("", 0, stdout=group_help(topic[0], cli))
        spelling, command = spelled((topic[0], topic[1]), cli)
        rest = topic[2:] if spelling else topic[1:]
    else:
        spelling, command = spelled((topic[0],), cli)
        rest = topic[1:] if spelling else topic
    if rest or command is None:
        return CommandRefusal(f"unknown help topic: {' '.join(rest)}\n")
    return CommandRefusal("", 0, stdout=command_help(command, spelling, cli))


def _unknown(words: Sequence[str], cli: Cli) -> CommandRefusal:
    if "--help" in words or "-h" in words:
        return CommandRefusal("", 0, stdout=root_help(cli))
    if cli is Cli.V20:
        text = f"docker: '{words[0]}' is not a docker command.\nSee 'docker --help'\n"
    else:
        text = (
            f"docker: unknown command: docker {words[0]}\n\n"
            "Run 'docker --help' for more information\n"
        )
    return CommandRefusal(text, asked=f"docker {words[0]}")


def _below_group(group: str, words: Sequence[str], cli: Cli) -> Parsed:
    try:
        read = read_flags((help_flag(cli),), words, cli, interspersed=False)
    except BadFlag as error:
        page = _flag_fault(str(error), group, group_use(group), cli)
        if cli is Cli.V20:
            page += f"{group_help(group, cli)}\n"
        raise CommandRefusal(page, 125) from None
    if read.options["help"]:
        notices = "".join(f"{notice}\n" for notice in read.notices)
        raise CommandRefusal("", 0, stdout=notices + group_help(group, cli))
    if not read.arguments:
        raise CommandRefusal(group_help(group, cli), 0)
    name, *rest = read.arguments
    spelling, command = spelled((group, name), cli)
    if not spelling:
        raise _unknown_below(group, read.arguments, cli)
    if command is None:
        return Parsed(
            command=spelling,
            spelling=spelling,
            options={},
            given=frozenset(),
            arguments=tuple(rest),
        )
    return _leaf(command, spelling, rest, cli)


def _unknown_below(group: str, words: Sequence[str], cli: Cli) -> CommandRefusal:
    if "--help" in words or "-h" in words:
        return CommandRefusal("", 0, stdout=group_help(group, cli))
    if cli is Cli.V20:
        return CommandRefusal(group_help(group, cli))
    return CommandRefusal(
        f"docker: unknown command: docker {group} {words[0]}\n\n"
        f"Usage:  {group_use(group)}\n\n"
        f"Run 'docker {group} --help' for more information\n"
    )


def _leaf(command: Command, spelling: str, words: Sequence[str], cli: Cli) -> Parsed:
    flags = command.flags_of(cli)
    try:
        read = read_flags(flags, words, cli, interspersed=command.interspersed)
    except BadFlag as error:
        use = command.use(spelling)
        page = _flag_fault(str(error), spelling, use, cli)
        raise CommandRefusal(page, 125, asked=f"docker {spelling}") from None
    if read.options["help"]:
        page = command_help(command, spelling, cli)
        notices = "".join(f"{notice}\n" for notice in read.notices)
        raise CommandRefusal("", 0, stdout=notices + page)
    _check_count(command, spelling, len(read.arguments), cli)
    said = Said(read.options, read.given, read.arguments, cli)
    if fault := fault_of(command.name, said):
        raise CommandRefusal(f"{fault}\n", asked=f"docker {spelling}")
    return _parsed(command, spelling, read)


def _parsed(command: Command, spelling: str, read: FlagsRead) -> Parsed:
    return Parsed(
        command=command.name,
        spelling=spelling,
        options={k: v for k, v in read.options.items() if k != "help"},
        given=read.given - {"help"},
        arguments=read.arguments,
        notices=read.notices,
    )


def _flag_fault(text: str, spelling: str, use: str, cli: Cli) -> str:
    named = f"docker {spelling}".rstrip()
    if cli is Cli.V20:
        return f"{text}\nSee '{named} --help'.\n"
    return f"{text}\n\nUsage:  {use}\n\nRun '{named} --help' for more information\n"


def _check_count(command: Command, spelling: str, count: int, cli: Cli) -> None:
    arity = read_arity(command.arguments)
    if arity.admits(count):
        return
    asks, pointer = _count_words(arity.least, arity.most, cli)
    use = command.use(spelling)
    if cli is Cli.V20:
        text = (
            f"\"docker {spelling}\" {asks}.\nSee 'docker {spelling} --help'.\n\n"
            f"Usage:  {use}\n\n{command.summary_in(cli)}\n"
        )
    else:
        text = (
            f"docker: 'docker {spelling}' {asks}\n\nUsage:  {use}\n\n"
            f"{pointer} 'docker {spelling} --help' for more information\n"
        )
    raise CommandRefusal(text, asked=f"docker {spelling}")


def _count_words(least: int, most: int | None, cli: Cli) -> tuple[str, str]:
    """What is asked of the arguments, and the word before the pointer to the help.

    Docker is odd here: "SRun" is what 28 prints, half of "See" and half of "Run".
    """
    if most == 0:
        return "accepts no arguments", "Run"
    if most is None:
        return f"requires at least {_arguments(least)}", "See"
    if least == most:
        exactly = "exactly " if cli is Cli.V20 else ""
        return f"requires {exactly}{_arguments(most)}", "Run"
    if least == 0:
        return f"requires at most {_arguments(most)}", "SRun"
    return f"requires at least {least} and at most {_arguments(most)}", "Run"


def _arguments(count: int) -> str:
    return f"{count} argument" if count == 1 else f"{count} arguments"
