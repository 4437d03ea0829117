r"""What somebody typed: commands, Python, or what was copied from a page.

```
docker run -d nginx          command     a word that docker, minidock or the host knows
web ping db                  command     a container's name first
docker.networks.list()       Python      compiles, and begins with no such word
for n in range(3):           unfinished  Python that wants more lines
```

Both may be copied with their prompts, ``$`` and ``>>>``; then lines without are output.

```
$ docker ps
CONTAINER ID   IMAGE   ...           left out
```

Invariant: every text has exactly one reading, and reading runs nothing.
"""

import codeop
import keyword
import re
import warnings
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from minidock.cli.play import command_lines

__all__ = ["Kind", "Line", "read"]

_WORD = re.compile(r"\s*(?:sudo\s+)?([\w.-]+)(?=\s|$)(?!\s*[=+*/%|&^<>@-]*=)")
"""A word of its own that no assignment follows."""
_CALLED = re.compile(r"\s*[A-Za-z_]\w*\s*[(.\[=:]")
"""A name, and then what only Python would put there."""


class Kind(StrEnum):
    """What a text is."""

    COMMAND = "command"
    PYTHON = "python"
    UNFINISHED = "unfinished"


class Line(NamedTuple):
    """One thing to run, and what it is."""

    text: str
    kind: Kind


def read(text: str, known: Callable[[str], bool]) -> tuple[Line, ...]:
    r"""What a text is, in the order in which it runs; () for comments and blanks.

    Args:
        text: one line or many.
        known: whether a word is a command or a container.

    >>> read("docker ps", {"docker"}.__contains__)
    (Line(text='docker ps', kind=<Kind.COMMAND: 'command'>),)
    >>> [line.text for line in read(">>> 2 + 2\n4\n>>> 3\n3", lambda _: False)]
    ['2 + 2', '3']
    >>> read("for n in range(3):", lambda _: False)[0].kind.value
    'unfinished'
    """
    text = text.replace("\r\n", "\n").strip("\n")
    lines = text.splitlines()
    if any(line.lstrip().startswith(">>>") for line in lines):
        sources = _after_prompts(lines)
        return tuple(Line(source, Kind.PYTHON) for source in sources if source.strip())
    if any(line.startswith("$ ") for line in lines):
        text = "\n".join(_with_dollar(lines))
    if not text.strip():
        return ()
    kind = _kind(text, known)
    if kind is not Kind.COMMAND:
        return (Line(text, kind),)
    return tuple(Line(line, Kind.COMMAND) for line in command_lines(text))


def _kind(text: str, known: Callable[[str], bool]) -> Kind:
    first = _first_word(text)
    if first and not keyword.iskeyword(first) and known(first):
        return Kind.COMMAND
    if all(line.lstrip().startswith("#") for line in text.splitlines() if line.strip()):
        return Kind.COMMAND  # comments of either: nothing to run
    state = _compiles(text)
    if state is Kind.PYTHON and text.strip().isidentifier():
        return Kind.PYTHON if known(f"={text.strip()}") else Kind.COMMAND
    looks = _CALLED.match(text) or keyword.iskeyword(first)
    if state is Kind.COMMAND:
        return Kind.PYTHON if looks else Kind.COMMAND
    return state


def _first_word(text: str) -> str:
    found = _WORD.match(text)
    return found.group(1) if found else ""


def _compiles(text: str) -> Kind:
    """Python, unfinished Python, or no Python (then perhaps a command)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if "\n" in text:  # many lines: an empty one ends the block, as at a prompt
                compile(text, "<text>", "exec")
                return Kind.PYTHON
            done = codeop.compile_command(text, symbol="exec")
    except SyntaxError:
        return _unfinished_or_none(text) if "\n" in text else Kind.COMMAND
    except (OverflowError, RecursionError, MemoryError, ValueError):
        return Kind.COMMAND
    return Kind.PYTHON if done is not None else Kind.UNFINISHED


def _unfinished_or_none(text: str) -> Kind:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            done = codeop.compile_command(text, symbol="exec")
    except (SyntaxError, OverflowError, RecursionError, MemoryError, ValueError):
        return Kind.COMMAND
    return Kind.UNFINISHED if done is None else Kind.PYTHON


def _after_prompts(lines: list[str]) -> list[str]:
    """What stands after ``>>>`` and ``...``; what stands without is output."""
    sources: list[str] = []
    for line in lines:
        bare = line.lstrip()
        if bare.startswith(">>>"):
            sources.append(bare[3:].removeprefix(" "))
        elif bare.startswith("...") and sources:
            sources[-1] += "\n" + bare[3:].removeprefix(" ")
    return sources


def _with_dollar(lines: list[str]) -> list[str]:
    """The command lines of a copied session, with those that go on below."""
    kept: list[str] = []
    for line in lines:
        if line.startswith("$ ") or (kept and kept[-1].endswith("\\")):
            kept.append(line)
    return kept
