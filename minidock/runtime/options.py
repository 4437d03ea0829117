"""The options of a command line, taken apart as getopt(3) does.

```
-qc3 db -W 1 -- -x  ──▶  flags {q}   values (c, 3) (W, 1)   rest (db, -x)
```

A letter that takes a value takes the rest of its word, or the next word. GNU's long
names are known too. Whether options may follow other words is the program's choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Options", "options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a command line; ``flags`` are those without a value."""

    flags: frozenset[str] = frozenset()
    values: tuple[tuple[str, str], ...] = ()
    rest: tuple[str, ...] = ()
    unknown: str = ""
    """The first option that the program does not have, or ""."""
    incomplete: str = ""
    """The option whose argument is missing, or ""."""

    def value(self, *names: str) -> str | None:
        """The last value given to one of these options, or None."""
        found = [value for name, value in self.values if name in names]
        return found[-1] if found else None

    def all_values(self, name: str) -> list[str]:
        """Every value given to an option, in order."""
        return [value for key, value in self.values if key == name]


@dataclass(slots=True)
class _Reading:
    flags: set[str] = field(default_factory=set)
    values: list[tuple[str, str]] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    unknown: str = ""
    incomplete: str = ""


def options(
    arguments: Sequence[str],
    flags: str = "",
    valued: str = "",
    long: Sequence[str] = (),
    *,
    permute: bool = True,
) -> Options:
    """Take options apart: bundled letters, glued values, ``--``, long names.

    Args:
        arguments: the words after the program's name.
        flags: the letters that stand alone.
        valued: the letters that take a value.
        long: the long names; one that takes a value ends in ``=``.
        permute: whether options may follow other words.

    >>> options(["-nq", "-c3", "db", "-W", "1"], "nq", "cW").values
    (('c', '3'), ('W', '1'))
    >>> options(["-x"], "n").unknown
    'x'
    """
    read, words = _Reading(), list(arguments)
    while words:
        word = words.pop(0)
        if word == "--":
            read.rest += words
            break
        if word.startswith("--"):
            _long_option(read, word[2:], words, long)
        elif word.startswith("-") and word != "-":
            _letters(read, word[1:], words, flags, valued)
        else:
            read.rest.append(word)
            if not permute:
                read.rest += words
                break
    return Options(
        flags=frozenset(read.flags),
        values=tuple(read.values),
        rest=tuple(read.rest),
        unknown=read.unknown,
        incomplete=read.incomplete,
    )


def _long_option(
    read: _Reading, word: str, words: list[str], long: Sequence[str]
) -> None:
    name, equals, value = word.partition("=")
    if f"{name}=" in long:
        if not equals and not words:
            read.incomplete = read.incomplete or name
        else:
            read.values.append((name, value if equals else words.pop(0)))
    elif name in long:
        read.flags.add(name)
    else:
        read.unknown = read.unknown or name


def _letters(
    read: _Reading, letters: str, words: list[str], flags: str, valued: str
) -> None:
    for turn, letter in enumerate(letters):
        if letter in valued:
            glued = letters[turn + 1 :]
            if not glued and not words:
                read.incomplete = read.incomplete or letter
            else:
                read.values.append((letter, glued or words.pop(0)))
            return
        if letter in flags:
            read.flags.add(letter)
        else:
            read.unknown = read.unknown or letter
