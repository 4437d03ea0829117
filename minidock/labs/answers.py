r"""An answer's text: its command lines, where each runs, and what is still to be done.

```
# a comment                             no line
docker network create \                 line 2, with what comes behind the backslash
    --subnet 10.9.0.0/29 lab
one$ docker run -d --name web nginx     on the host one
! docker rm nosuch                      must be refused
```

Invariant: every line has the number of its first line in the file.
"""

import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from minidock.errors import NotationError
from minidock.labs.lab import Kind

__all__ = ["Line", "host_and_line", "lines_of", "same", "without_comments"]

_PROMPT = re.compile(r"([a-z][a-z0-9-]*)\$\s+")


class Line(NamedTuple):
    """A command line of an answer.

    Attributes:
        number: on which line of the file it begins.
        text: the words, without the mark of an expected refusal.
        refused: whether it must be refused.
    """

    number: int
    text: str
    refused: bool = False


def lines_of(text: str) -> Iterator[Line]:
    r"""The command lines of a text, without comments; continued lines are joined.

    >>> [line.text for line in lines_of("# a\n$ docker ps \\\n  -a\n\n! docker rm x\n")]
    ['docker ps -a', 'docker rm x']
    """
    held, first = "", 0
    for number, line in enumerate([*text.splitlines(), ""], 1):
        stripped = line.strip().removeprefix("\ufeff")
        if not held and (not stripped or stripped.startswith("#")):
            continue
        first = first if held else number
        held = f"{held} {stripped}".strip()
        if held.endswith("\\") and stripped:
            held = held[:-1].rstrip()
            continue
        if held:
            yield _line(first, held.rstrip("\\").rstrip())
        held = ""


def _line(number: int, text: str) -> Line:
    text = text.removeprefix("$ ").lstrip()
    refused = text.startswith("!")
    return Line(number, text.removeprefix("!").strip(), refused)


def host_and_line(line: str, hosts: Sequence[str]) -> tuple[str, str]:
    """The host that a line runs on, and the rest of it; "" where there is only one.

    Raises:
        NotationError: it names no host of several, or one that is not there.

    >>> host_and_line("two$ docker ps", ["one", "two"])
    ('two', 'docker ps')
    >>> host_and_line("docker ps", ["one", "two"])
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: on which host?
    """
    match = _PROMPT.match(line)
    if match is None and not hosts:
        return "", line
    if match is not None and match[1] in hosts:
        return match[1], line[match.end() :]
    raise NotationError(
        "on which host?" if match is None else f"there is no host {match[1]} here",
        value=line,
        rule=f"the hosts of this lab are {', '.join(hosts)}"
        if hosts
        else "this lab has a single host, and its lines name none",
        remedy=f"{hosts[0]}$ {line}" if hosts and match is None else "docker ps",
    )


def without_comments(text: str, kind: Kind) -> str:
    r"""The text that expectations look at: what a comment says is no answer.

    >>> without_comments("docker ps  # -a\n", Kind.COMMANDS)
    'docker ps\n'
    >>> without_comments("x = '#'  # one\n", Kind.PYTHON)
    "x = '#'\n"
    """
    if kind is Kind.COMMANDS:
        return "".join(f"{_bare(line.text)}\n" for line in lines_of(text))
    lines = text.splitlines()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column].rstrip()
    except (tokenize.TokenError, SyntaxError, IndexError):
        pass  # no Python: what was read so far is without comments
    return "".join(f"{line}\n" for line in lines)


def _bare(line: str) -> str:
    """A command line without the comment at its end."""
    quote = ""
    for at, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "#" and line[at - 1 : at].isspace():
            return line[:at].rstrip()
    return line


def same(one: str, other: str, kind: Kind) -> bool:
    r"""Whether two answers differ in nothing but comments and blank space.

    >>> same("docker ps\n", "# mine\n\n docker  ps", Kind.COMMANDS)
    True
    """
    pair = [without_comments(text, kind).split() for text in (one, other)]
    return pair[0] == pair[1]
