"""What single commands refuse on their own, once their flags are read.

```
docker update web                  you must provide one or more flags ...
docker rename web ''               Error: Neither old nor new names may be empty
docker run -d -a stdin nginx       conflicting options: ...
```

Docker's name: the first lines of each command's ``RunE``. No engine is asked yet, so
these belong to reading the command line.

Invariant: a check looks at one command's options and arguments and nothing else.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from minidock.commandline.flags import Value
from minidock.commandline.reference import check_reference
from minidock.commandline.refusal import Cli

__all__ = ["Said", "fault_of"]


class Said(NamedTuple):
    """What a command line says, without its command."""

    options: Mapping[str, Value]
    given: frozenset[str]
    arguments: tuple[str, ...]
    cli: Cli


def fault_of(command: str, said: Said) -> str:
    """The text of a command's own refusal, "" where it has none.

    >>> fault_of("rename", Said({}, frozenset(), ("web", ""), Cli.V28))
    'Error: Neither old nor new names may be empty'
    >>> fault_of("rename", Said({}, frozenset(), ("web", "api"), Cli.V28))
    ''
    """
    check = _CHECKS.get(command)
    return check(said) if check else ""


def _run(said: Said) -> str:
    if not (said.options["detach"] and said.options["attach"]):
        return ""
    if said.cli is Cli.V20:
        return "Conflicting options: -a and -d"
    return "conflicting options: cannot specify both --attach and --detach"


def _update(said: Said) -> str:
    if said.given - {"help"}:
        return ""
    return "you must provide one or more flags when using this command"


def _rename(said: Said) -> str:
    if all(name.strip() for name in said.arguments):
        return ""
    return "Error: Neither old nor new names may be empty"


def _not_empty(said: Said) -> str:
    return "" if said.arguments[0] else "Container name cannot be empty"


_INSPECTED = (
    *("config", "container", "image", "network", "node", "plugin", "secret"),
    *("service", "task", "volume"),
)


def _inspect(said: Said) -> str:
    kind = str(said.options["type"])
    if kind in _INSPECTED or "type" not in said.given:
        return ""
    if said.cli is Cli.V20:
        return f'"{kind}" is not a valid value for --type' if kind else ""
    known = ", ".join(f'"{name}"' for name in _INSPECTED)
    fault = f'unknown type: "{kind}"' if kind else "type is empty"
    return f"{fault}: must be one of {known}"


def _cp(said: Said) -> str:
    if not all(said.arguments):
        return f"{'destination' if said.arguments[0] else 'source'} can not be empty"
    places = [_in_container(path) for path in said.arguments]
    if all(places):
        return "copying between containers is not supported"
    return "" if any(places) else "must specify at least one container source"


def _in_container(path: str) -> bool:
    name, mark, _ = path.partition(":")
    return bool(mark and name) and not path.startswith(("/", "."))


def _pull(said: Said) -> str:
    reference = said.arguments[0]
    fault = check_reference(reference, said.cli)
    tagged = ":" in reference.rpartition("/")[2] or "@" in reference
    if not fault and said.options["all-tags"] and tagged:
        return "tag can't be used with --all-tags/-a"
    return fault


def _tag(said: Said) -> str:
    for name in reversed(said.arguments):
        fault = check_reference(name, said.cli)
        if fault:
            shown = f'"{name}" is not a valid repository/tag'
            return f"Error parsing reference: {shown}: {fault}"
    if "@" in said.arguments[1]:
        return "refusing to create a tag with a digest reference"
    return ""


def _volume_create(said: Said) -> str:
    if not (said.options["name"] and said.arguments):
        return ""
    if said.cli is Cli.V20:
        words = "either specify --name or provide positional arg, not both"
    else:
        words = (
            "cannot specify a volume-name through both --name and as a positional arg"
        )
    return f"conflicting options: {words}"


_CHECKS: Mapping[str, Callable[[Said], str]] = {
    "run": _run,
    "update": _update,
    "rename": _rename,
    "diff": _not_empty,
    "inspect": _inspect,
    "cp": _cp,
    "pull": _pull,
    "push": _pull,
    "tag": _tag,
    "volume create": _volume_create,
}
