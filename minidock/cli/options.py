"""The options before the command, and where the state is kept.

```
minidock --state lab.db --json ps -a
         └──── Options ──────┘ └ words: docker's or ours
```

Read by hand, not with argparse: the words after the command belong to docker's grammar,
and a page of help should not wait for anything to load.

Invariant: no word is lost: what is no option of ours stays in ``words``, in order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from minidock.errors import InvalidParameter

__all__ = ["Options", "default_state", "read_options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for before the command; ``state`` is None where nobody said."""

    words: tuple[str, ...] = ()
    state: str | None = None
    era: str = ""
    json: bool = False
    why: bool = False
    help: bool = False
    version: bool = False


_SWITCHES = {
    "--json": "json",
    "--why": "why",
    "--version": "version",
    "-v": "version",
    "--help": "help",
    "-h": "help",
}
_VALUES = {"--state": "state", "--era": "era"}


def read_options(words: Sequence[str], environment: Mapping[str, str]) -> Options:
    """The options at the head of a command line, and the rest of it.

    >>> read_options(["--era", "20.10", "--json", "ps", "-a"], {})
    Options(words=('ps', '-a'), state=None, era='20.10', json=True, why=False, \
help=False, version=False)
    >>> read_options(["--sate=x", "ps"], {})
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: unknown option: --sate
    """
    found: dict[str, str] = {}
    switched: set[str] = set()
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "-":
        name, equals, value = rest.pop(0).partition("=")
        if name == "--":
            break
        if name in _SWITCHES and not equals:
            switched.add(_SWITCHES[name])
        elif name in _VALUES:
            found[_VALUES[name]] = value if equals else _value(name, rest)
        else:
            raise _unknown(name)
    return Options(
        words=tuple(rest),
        state=found.get("state", environment.get("MINIDOCK_STATE") or None),
        era=found.get("era", ""),
        json="json" in switched,
        why="why" in switched,
        help="help" in switched,
        version="version" in switched,
    )


def _value(name: str, rest: list[str]) -> str:
    if not rest:
        raise InvalidParameter(
            f"{name} needs a value",
            asked=f"minidock {name}",
            rule=f"the word after {name} is its value",
            remedy="--state FILE, --era 28",
        )
    return rest.pop(0)


def _unknown(name: str) -> InvalidParameter:
    import difflib  # noqa: PLC0415 - the page of help does not wait for it

    known = sorted({*_SWITCHES, *_VALUES})
    meant = difflib.get_close_matches(name, known, 1)
    return InvalidParameter(
        f"unknown option: {name}",
        asked=f"minidock {name}",
        rule=f"the options before a command are {' '.join(known)}",
        remedy=f"minidock {meant[0]}"
        if meant
        else "minidock --help; options of a docker command stand after its name",
    )


def default_state(environment: Mapping[str, str]) -> str:
    """Where the state is kept when nobody says: below the XDG state folder.

    >>> default_state({"XDG_STATE_HOME": "/var/s", "HOME": "/home/me"})
    '/var/s/minidock/state.db'
    >>> default_state({"HOME": "/home/me"})
    '/home/me/.local/state/minidock/state.db'
    """
    base = environment.get("XDG_STATE_HOME", "")
    # the XDG base directory specification says to ignore relative paths
    if not base.startswith("/"):
        base = f"{environment.get('HOME') or '~'}/.local/state"
    return f"{base}/minidock/state.db"
