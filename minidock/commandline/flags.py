r"""A command's flags, and reading them off its words.

```
-dit --name web -p80:80 --rm=false nginx -x
└┬─┘ └────┬───┘ └──┬──┘ └────┬───┘ └──┬───┘
 three    value    value     value     arguments; `run` stops reading flags at the
 switches after    at once   after =   first one, most commands read on
```

Docker's name: ``spf13/pflag``. A flag's value is read while the words are, so a refusal
names the flag and the later words are never looked at.

Invariant: reading gives every flag of the command a value; what was not given has its
default. Deprecated spellings write into the flag that took their place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from minidock.commandline import values
from minidock.commandline.attachments import read_network
from minidock.commandline.devices import read_gpus
from minidock.commandline.gotext import (
    duration,
    nano_cpus,
    quote,
    record,
    size,
    truth,
    whole,
)
from minidock.commandline.mounts import read_mount
from minidock.commandline.refusal import Cli

__all__ = ["KINDS", "BadFlag", "Flag", "FlagsRead", "Kind", "Value", "read_flags"]

Value = bool | str | int | float | tuple[str, ...]
"""What a flag holds: a scalar, or the texts of a repeatable flag in their order."""


class Kind(NamedTuple):
    """A type of flag: what the help calls it, how a text is read, and the default."""

    shown: str
    read: Callable[[str, Cli], Value]
    default: Value


class BadFlag(Exception):
    """Words that no flag of the command fits, in pflag's own words."""


def _text(text: str, cli: Cli) -> str:
    del cli
    return text


def _fields(text: str, cli: Cli) -> tuple[str, ...]:
    del cli
    return tuple(record(text)) if text else ()


def _swap(text: str, cli: Cli) -> int:
    return -1 if text == "-1" else size(text, cli)


def _checked(check: Callable[[str, Cli], object]) -> Callable[[str, Cli], str]:
    def read(text: str, cli: Cli) -> str:
        check(text, cli)
        return text

    return read


def _scalar(read: Callable[[str], Value]) -> Callable[[str, Cli], Value]:
    return lambda text, cli: read(text)  # noqa: ARG005  # the same in both generations


KINDS: Mapping[str, Kind] = {
    "bool": Kind("", _scalar(truth), False),
    "string": Kind("string", _text, ""),
    "int": Kind("int", _scalar(whole), 0),
    "uint": Kind("uint", _scalar(partial(whole, signed=False)), 0),
    "uint16": Kind("uint16", _scalar(partial(whole, signed=False, bits=16)), 0),
    "uint32": Kind("uint32", _scalar(partial(whole, signed=False, bits=32)), 0),
    "bytes": Kind("bytes", size, 0),
    "swap": Kind("bytes", _swap, 0),
    "decimal": Kind("decimal", _scalar(nano_cpus), 0),
    "duration": Kind("duration", _scalar(duration), 0),
    "list": Kind("list", _text, ()),
    "strings": Kind("strings", _fields, ()),
    "map": Kind("map", _text, ()),
    "filter": Kind("filter", values.filter_term, ()),
    "env": Kind("list", values.variable, ()),
    "label": Kind("list", values.label, ()),
    "link": Kind("list", values.link, ()),
    "host": Kind("list", values.extra_host, ()),
    "dns": Kind("list", values.dns_server, ()),
    "domain": Kind("list", values.search_domain, ()),
    "stream": Kind("list", values.attach_stream, ()),
    "weight": Kind("list", values.device_weight, ()),
    "bps": Kind("list", partial(values.device_rate, in_bytes=True), ()),
    "iops": Kind("list", values.device_rate, ()),
    "rule": Kind("list", values.device_rule, ()),
    "sysctl": Kind("map", values.sysctl, ()),
    "ulimit": Kind("ulimit", values.ulimit, ()),
    "mount": Kind("mount", _checked(read_mount), ()),
    "network": Kind("network", _checked(read_network), ()),
    "gpus": Kind("gpu-request", _checked(read_gpus), ()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One flag of one command.

    >>> Flag(name="detach", kind="bool", short="d").shown
    '-d, --detach'
    """

    name: str
    kind: str
    short: str = ""
    default: str = ""
    """As written in the table; "" is the kind's own default."""
    holder: str = ""
    """The flag whose value this one sets, where it is an old spelling."""
    notice: str = ""
    """What is printed when an old spelling is used."""
    hidden: bool = False
    api_version: str = ""
    """The API version that the engine must speak for it."""
    needs: str = ""
    """"windows" or "experimental": an engine that can do it."""

    @property
    def shown(self) -> str:
        """The flag as error texts name it; the old ``-h`` is not shown."""
        if self.name == "help":
            return "--help"
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"

    def first_value(self, cli: Cli) -> Value:
        """The value while nothing is given."""
        kind = KINDS[self.kind]
        return kind.read(self.default, cli) if self.default else kind.default


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagsRead:
    """What the flags of a command line say."""

    options: Mapping[str, Value]
    given: frozenset[str]
    arguments: tuple[str, ...]
    notices: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reader:
    """The words still to read and what they said so far; lives for one call."""

    flags: Sequence[Flag]
    cli: Cli
    words: list[str]
    options: dict[str, Value] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    notices: list[str] = field(default_factory=list)

    def named(self, name: str) -> Flag | None:
        return next((flag for flag in self.flags if flag.name == name), None)

    def lettered(self, letter: str) -> Flag | None:
        return next((flag for flag in self.flags if flag.short == letter), None)

    def long(self, word: str) -> None:
        name, mark, text = word[2:].partition("=")
        if not name or name[0] == "-":
            raise BadFlag(f"bad flag syntax: {word}")
        flag = self.named(name)
        if flag is None:
            raise BadFlag(f"unknown flag: --{name}")
        if not mark and flag.kind == "bool":
            text = "true"
        elif not mark and self.words:
            text = self.words.pop(0)
        elif not mark:
            raise BadFlag(f"flag needs an argument: {word}")
        self.set(flag, text)

    def cluster(self, word: str) -> None:
        letters = word[1:]
        while letters:
            letters = self.letter(letters)

    def letter(self, letters: str) -> str:
        """Reads the first letter of a cluster; what is left of it."""
        flag = self.lettered(letters[0])
        shown = quote(letters[0], "'")
        if flag is None:
            raise BadFlag(f"unknown shorthand flag: {shown} in -{letters}")
        rest = letters[1:]
        if len(rest) > 1 and rest[0] == "=":
            text, rest = rest[1:], ""
        elif flag.kind == "bool":
            text = "true"
        elif rest:
            text, rest = rest, ""
        elif self.words:
            text = self.words.pop(0)
        else:
            raise BadFlag(f"flag needs an argument: {shown} in -{letters}")
        if flag.name == "help":
            self.notices.append(flag.notice)
        self.set(flag, text)
        return rest

    def set(self, flag: Flag, text: str) -> None:
        try:
            value = KINDS[flag.kind].read(text, self.cli)
        except ValueError as error:
            raise BadFlag(
                f"invalid argument {quote(text)} for {quote(flag.shown)} flag: {error}"
            ) from None
        name = flag.holder or flag.name
        if isinstance(KINDS[flag.kind].default, tuple):
            old = self.options[name] if name in self.given else ()
            more = value if isinstance(value, tuple) else (str(value),)
            value = (*old, *more) if isinstance(old, tuple) else more
        self.options[name] = value
        self.given.add(name)
        if flag.notice and flag.name != "help":
            self.notices.append(flag.notice)


def read_flags(
    flags: Sequence[Flag], words: Sequence[str], cli: Cli, *, interspersed: bool = True
) -> FlagsRead:
    """What the words say; O(words x flags).

    Args:
        flags: those of the command.
        words: what follows the command's name.
        cli: whose rules values are read by.
        interspersed: whether flags are still read after the first argument.

    >>> table = [Flag(name="all", kind="bool", short="a"), Flag(name="n", kind="int")]
    >>> read = read_flags(table, ["x", "-a", "--n=3"], Cli.V28)
    >>> dict(read.options), read.arguments
    ({'all': True, 'n': 3}, ('x',))
    >>> read_flags(table, ["--n"], Cli.V28)
    Traceback (most recent call last):
    ...
    minidock.commandline.flags.BadFlag: flag needs an argument: --n
    """
    reader = _Reader(flags=flags, cli=cli, words=[*words])
    for flag in flags:
        reader.options.setdefault(flag.holder or flag.name, flag.first_value(cli))
    arguments: list[str] = []
    while reader.words:
        word = reader.words.pop(0)
        if word == "--":
            arguments += reader.words
            break
        if len(word) < 2 or word[0] != "-":
            arguments.append(word)
            if not interspersed:
                arguments += reader.words
                break
        elif word.startswith("--"):
            reader.long(word)
        else:
            reader.cluster(word)
    return FlagsRead(
        options=reader.options,
        given=frozenset(reader.given),
        arguments=tuple(arguments),
        notices=tuple(reader.notices),
    )
