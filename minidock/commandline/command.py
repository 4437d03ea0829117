"""A docker command: how it is spelled, what it takes, and what its flags are.

```
-d detach bool          a letter, the name, the kind of its value
stop-signal string=SIGTERM @20        a default; only in 20.10
time int @28 >timeout deprecated      an old spelling of --timeout; only in 28
tree bool @28 >=1.47                  only where the engine speaks API 1.47
```

Docker's name: ``cobra.Command`` with its ``Use``, ``Short``, ``Args`` and flags.

Invariant: flag names of one command and generation are unique, and so are letters.
"""

from dataclasses import dataclass
from functools import cache

from minidock.commandline.flags import Flag
from minidock.commandline.refusal import Cli

__all__ = ["Arity", "Command", "help_flag", "read_arity"]


@dataclass(frozen=True, slots=True)
class Arity:
    """How many arguments a command takes; ``most`` None is any number.

    >>> Arity(1, 2).admits(2), Arity(1, None).admits(0)
    (True, False)
    """

    least: int
    most: int | None

    def admits(self, count: int) -> bool:
        """Whether so many arguments are right."""
        return self.least <= count and (self.most is None or count <= self.most)


def read_arity(text: str) -> Arity:
    """An arity from its notation in the tables: ``2``, ``1+`` or ``0-1``.

    >>> read_arity("1+"), read_arity("0-1")
    (Arity(least=1, most=None), Arity(least=0, most=1))
    """
    if text.endswith("+"):
        return Arity(int(text[:-1]), None)
    least, _, most = text.partition("-")
    return Arity(int(least), int(most or least))


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of docker.

    >>> ls = Command(name="ps", spelling="container ls", arguments="0",
    ...              summary="List containers", flags="-a all bool")
    >>> ls.spellings, ls.flags_of(Cli.V28)[0].shown
    (('ps', 'container ls'), '-a, --all')
    """

    name: str
    """The canonical name, the shortest spelling."""
    spelling: str = ""
    """The other spelling, below its management command."""
    arguments: str
    usage: str = ""
    summary: str
    old_summary: str = ""
    """What 20.10 says it does, where that differs."""
    flags: str = ""
    new: bool = False
    """Whether 20.10 does not know the command."""
    interspersed: bool = True
    """Whether flags may follow arguments; not where arguments are a command."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every full spelling, the canonical one first."""
        return (self.name, self.spelling) if self.spelling else (self.name,)

    def use(self, spelling: str) -> str:
        """The line after ``Usage:``."""
        usage = self.usage.replace("{path}", spelling)
        return f"docker {spelling} {usage}".rstrip()

    def summary_in(self, cli: Cli) -> str:
        """What it does, in one line of that generation's help."""
        return (self.old_summary if cli is Cli.V20 else "") or self.summary

    def flags_of(self, cli: Cli) -> tuple[Flag, ...]:
        """The flags in that generation, ``--help`` last."""
        return _flags(self.flags, cli)


def help_flag(cli: Cli, short: str = "h") -> Flag:
    """``--help``, which every command has; its letter is an old spelling.

    >>> help_flag(Cli.V28).notice
    'Flag shorthand -h has been deprecated, use --help'
    """
    please = "please use" if cli is Cli.V20 else "use"
    return Flag(
        name="help",
        kind="bool",
        short=short,
        notice=f"Flag shorthand -h has been deprecated, {please} --help",
        hidden=True,
    )


@cache
def _flags(table: str, cli: Cli) -> tuple[Flag, ...]:
    rows = (" ".join(row.split()) for row in table.split(","))
    flags = [flag for row in rows if row and (flag := _flag(row, cli)) is not None]
    taken = {flag.short for flag in flags}
    flags.append(help_flag(cli, short="" if "h" in taken else "h"))
    return tuple(flags)


def _flag(row: str, cli: Cli) -> Flag | None:
    words = row.split()
    short = words.pop(0)[1:] if words[0].startswith("-") else ""
    name, typed, *marks = words
    if (only := {"@20": Cli.V20, "@28": Cli.V28}.get((marks or [""])[0])) is not None:
        if only is not cli:
            return None
        marks = marks[1:]
    kind, _, default = typed.partition("=")
    version = next((mark[2:] for mark in marks if mark.startswith(">=")), "")
    others = [mark for mark in marks if not mark.startswith(">=")]
    holder = next((mark[1:] for mark in others if mark.startswith(">")), "")
    old = f"Flag --{name} has been deprecated, use --{holder} instead"
    return Flag(
        name=name,
        kind=kind,
        short=short,
        default=default,
        holder=holder,
        notice=old if "deprecated" in marks else "",
        hidden="hidden" in marks or "deprecated" in marks,
        api_version=version,
        needs=next((m for m in marks if m in ("windows", "experimental")), ""),
    )
