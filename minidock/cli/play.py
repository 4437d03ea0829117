r"""``minidock play FILE``: a file of command lines, and what Docker would print.

```
# a comment                        not shown
docker network create mynet        $ docker network create mynet
run -d --name web --net mynet \    923431c32c8e...
    nginx
rules -t nat                       our own commands work, too
```

A line that ends in a backslash goes on in the next one. A refused command does not stop
the play: what comes after it shows what it left behind.

Invariant: every command is echoed before what it prints, in the order of the file.
"""

from collections.abc import Iterator
from pathlib import Path

from minidock.cli.answers import refused, unsaid
from minidock.cli.arguments import Parser
from minidock.cli.commands import is_own, run
from minidock.cli.options import Options
from minidock.cli.terminal import Terminal
from minidock.cli.workbench import Workbench, open_workbench
from minidock.client.session import Output
from minidock.commandline.words import split_line
from minidock.errors import InvalidParameter, NotationError

__all__ = ["command_lines", "play", "words_of"]


def play(options: Options, terminal: Terminal) -> int:
    """Run a file; 1 if a command was refused, unless told to keep going."""
    parser = Parser("play", "run a file of docker command lines")
    parser.add_argument("file", help="the file; - reads standard input")
    parser.add_argument("--why", action="store_true", help="explain each refusal")
    parser.add_argument(
        "--keep-going", action="store_true", help="exit with 0 even after a refusal"
    )
    arguments = parser.read(options.words[1:])
    if arguments is None:
        terminal.write(parser.format_help())
        return 0
    text = _text(arguments.file, terminal)
    bench = open_workbench(options.state or "", options.era)
    try:
        why = options.why or arguments.why
        lines = command_lines(text)
        refusals = sum([not _one(bench, line, terminal, why=why) for line in lines])
    finally:
        bench.close()
    return 1 if refusals and not arguments.keep_going else 0


def _text(file: str, terminal: Terminal) -> str:
    try:
        if file == "-":
            return terminal.stdin.read()
        return Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise InvalidParameter(
            f"cannot read {file}: {reason}",
            asked=f"play {file}",
            rule="a play is a text file with a docker command on each line",
            remedy="minidock play FILE, or - to read standard input",
        ) from error


def command_lines(text: str) -> Iterator[str]:
    r"""The commands of a text, without comments; continued lines are joined.

    >>> list(command_lines("# first\n$ docker ps \\\n  -a\n\nnetwork ls\n"))
    ['docker ps -a', 'network ls']
    """
    held = ""
    for line in text.splitlines():
        stripped = line.strip()
        if not held and stripped.startswith("#"):
            continue
        held = f"{held} {stripped}".strip()
        if held.endswith("\\"):
            held = held[:-1].rstrip()
            continue
        if held:
            yield held.removeprefix("$ ").strip()
        held = ""
    if held:
        yield held.removeprefix("$ ").strip()


def words_of(line: str) -> list[str]:
    """The words of a line, without a leading ``docker`` or ``minidock``.

    >>> words_of("docker ps -a"), words_of("minidock rules -t nat")
    (['ps', '-a'], ['rules', '-t', 'nat'])

    Raises:
        NotationError: an open quote, or a sign that only a shell understands.
    """
    words = split_line(line)
    return words[1:] if words[:1] == ["minidock"] else words


def _one(bench: Workbench, line: str, terminal: Terminal, *, why: bool) -> bool:
    """Run one line; whether it went through."""
    try:
        words = words_of(line)
    except NotationError as error:
        terminal.record(f"$ {line}\n")
        return _show(refused(error), terminal, why=False)
    if not words:
        return True
    own = is_own(words)
    shown = line.removeprefix("docker ").removeprefix("minidock ")
    terminal.record(f"$ {'minidock' if own else 'docker'} {shown}\n")
    output = run(bench, words, terminal.environment)
    return _show(output, terminal, why=why and not own)


def _show(output: Output, terminal: Terminal, *, why: bool) -> bool:
    # one text, as a terminal shows it: which stream it was matters less than the order
    terminal.record(output.transcript or output.stdout + output.stderr)
    if why:
        terminal.record(unsaid(output))
    return output.ok
