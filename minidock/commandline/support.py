"""What an engine is too old for, as the docker program sees it.

```
--tree  needs API 1.47 ──┬── engine speaks 1.51 ──▶ goes on
                         └── engine speaks 1.41 ──▶ refused before anything is sent
```

The tables of flags carry the version that a flag needs (``>=1.47``); some things need a
version by what they ask for, such as a MAC address for one network (1.44). Docker's
names: ``isSupported`` in ``cmd/docker``, and ``NewVersionError`` in the API client.

Invariant: nothing is asked of an engine that its version does not know.
"""

from minidock.commandline.catalogue import spelled
from minidock.commandline.flags import Flag
from minidock.commandline.grammar import Parsed
from minidock.commandline.refusal import Cli, CommandRefusal

__all__ = ["check_supported", "requires_version", "version_number"]


def check_supported(parsed: Parsed, cli: Cli, api_version: str) -> None:
    """Refuses flags that an engine of that API version cannot honour.

    >>> from minidock.commandline.grammar import parse
    >>> parsed = parse(["images", "--tree"], Cli.V28)
    >>> check_supported(parsed, Cli.V28, "1.51")
    >>> try:
    ...     check_supported(parsed, Cli.V28, "1.41")
    ... except CommandRefusal as refusal:
    ...     print(refusal.stderr, end="")
    "--tree" requires API version 1.47, but the Docker daemon API version is 1.41
    """
    _, command = spelled(tuple(parsed.spelling.split(" ", 1)), cli)
    flags = command.flags_of(cli) if command else ()
    faults = [
        fault
        for flag in sorted(flags, key=lambda flag: flag.name)
        if flag.name in parsed.given
        if (fault := _unsupported(flag, api_version))
    ]
    if faults:
        raise CommandRefusal("\n".join(faults) + "\n")


def _unsupported(flag: Flag, api_version: str) -> str:
    if flag.api_version and version_number(api_version) < version_number(
        flag.api_version
    ):
        return requires_version(f"--{flag.name}", flag.api_version, api_version)
    only = f'"--{flag.name}" is only supported on a Docker daemon'
    if flag.needs == "windows":
        return f"{only} running on windows, but the Docker daemon is running on linux"
    if flag.needs == "experimental":
        return f"{only} with experimental features enabled"
    return ""


def version_number(version: str) -> tuple[int, ...]:
    """An API version as numbers that compare.

    >>> version_number("1.9") < version_number("1.41")
    True
    """
    return tuple(int(part) for part in version.split("."))


def requires_version(what: str, needed: str, api_version: str) -> str:
    """What docker says when the engine is too old for something.

    >>> requires_version("--tree", "1.47", "1.41")
    '"--tree" requires API version 1.47, but the Docker daemon API version is 1.41'
    """
    return (
        f'"{what}" requires API version {needed}, '
        f"but the Docker daemon API version is {api_version}"
    )
