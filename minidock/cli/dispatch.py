"""Which part of the program a command goes to, and on which state it works.

```
demo         a fresh host in memory
cluster      several fresh hosts in memory
migrate      two engines behind sockets
lab          fresh hosts in memory, for each check
play         a fresh host in memory, or the file that --state names
reset        no host: the file goes
any other    the host in the state file
```
"""

from pathlib import Path

from minidock.cli.answers import unsaid
from minidock.cli.arguments import Parser
from minidock.cli.commands import run
from minidock.cli.options import Options, default_state
from minidock.cli.terminal import Terminal
from minidock.cli.workbench import Workbench, open_workbench
from minidock.errors import InvalidParameter

__all__ = ["dispatch"]


def dispatch(options: Options, terminal: Terminal) -> int:
    """Run one command; its exit code."""
    name = options.words[0]
    if options.words[:2] == ("plugin", "serve"):
        return _plugin(options, terminal)
    if name in _PROGRAMS:
        return _PROGRAMS[name](options, terminal)
    if name == "linux" and "--apply" in options.words:
        return _apply(options, terminal)
    bench = _bench(options, terminal)
    try:
        output = run(bench, options.words, terminal.environment, as_data=options.json)
    finally:
        bench.close()
    terminal.write(output.stdout, output.stderr, output.transcript)
    if options.why and (parts := unsaid(output)):
        terminal.write("", parts, parts)
    return output.code


def _path(options: Options, terminal: Terminal) -> str:
    given = options.state
    return default_state(terminal.environment) if given is None else given


def _bench(options: Options, terminal: Terminal) -> Workbench:
    return open_workbench(_path(options, terminal), options.era)


def _play(options: Options, terminal: Terminal) -> int:
    from minidock.cli.play import play  # noqa: PLC0415 - loaded when asked for

    return play(options, terminal)


def _demo(options: Options, terminal: Terminal) -> int:
    from minidock.cli.demo import demo  # noqa: PLC0415 - loaded when asked for

    return demo(options, terminal)


def _cluster(options: Options, terminal: Terminal) -> int:
    from minidock.cli.cluster import cluster  # noqa: PLC0415 - loaded when asked for

    return cluster(options, terminal)


def _shell(options: Options, terminal: Terminal) -> int:
    from minidock.cli.shell import shell  # noqa: PLC0415 - cmd and readline are slow

    parser = Parser("shell", "type commands with completion, why, back and diff")
    if parser.read(options.words[1:]) is None:
        terminal.write(parser.format_help())
        return 0
    bench = _bench(options, terminal)
    try:
        return shell(bench, terminal)
    finally:
        bench.close()


def _apply(options: Options, terminal: Terminal) -> int:
    from minidock.cli.linux import apply  # noqa: PLC0415 - starts other programs

    bench = _bench(options, terminal)
    try:
        json = ("--json",) if options.json else ()
        return apply(bench, (*options.words[1:], *json), terminal)
    finally:
        bench.close()


def _reset(options: Options, terminal: Terminal) -> int:
    parser = Parser("reset", "start over: the state file is removed")
    if parser.read(options.words[1:]) is None:
        terminal.write(parser.format_help())
        return 0
    path = _path(options, terminal)
    try:
        if path:
            # only what is ours goes: opening refuses any other kind of file
            open_workbench(path, "").close()
            Path(path).expanduser().unlink()
    except OSError as error:
        raise InvalidParameter(
            f"cannot remove {path}: {error.strerror}",
            asked="start over",
            rule="the state is one file, and starting over removes it",
            remedy="another file with --state",
        ) from error
    return 0


def _plugin(options: Options, terminal: Terminal) -> int:
    from minidock.cli.plugin import plugin  # noqa: PLC0415 - loaded when asked for

    return plugin(options.words[2:], terminal)


def _migrate(options: Options, terminal: Terminal) -> int:
    from minidock.cli.migrate import migrate  # noqa: PLC0415 - loaded when asked for

    return migrate(options.words[1:], terminal, as_data=options.json)


def _lab(options: Options, terminal: Terminal) -> int:
    from minidock.cli.lab import lab  # noqa: PLC0415 - loaded when asked for

    return lab(options, terminal)


_PROGRAMS = {
    "play": _play,
    "demo": _demo,
    "cluster": _cluster,
    "shell": _shell,
    "reset": _reset,
    "migrate": _migrate,
    "lab": _lab,
}
"""What writes while it works, or works on another state than the usual one."""
