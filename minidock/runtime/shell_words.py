"""From the words of a script to the words of a command: expansion.

```
 a"$b"$(c)  ──expand──▶  pieces (text, may it be split?)  ──split at blanks──▶  words
```

Only what came out of an unquoted ``$`` is split; quoted text never is. There are no
file names to match, so ``*`` stays as it is.

Source: POSIX.1, 2.6 "Word Expansions". Texts of refusals: busybox.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase

from minidock.runtime.arithmetic import ArithmeticRefused, calculate
from minidock.runtime.files import ROOM
from minidock.runtime.shell_state import STDERR, STDOUT, ShellRefused, State
from minidock.runtime.shell_tree import (
    Arithmetic,
    Parameter,
    Part,
    Script,
    Substitution,
    Text,
    Word,
)

__all__ = ["Run", "expand_text", "expand_words", "matches_pattern"]

Run = Callable[[State, Script], State]
"""Runs a script in a shell of its own and gives that shell's last state."""

_Piece = tuple[str, bool]
"""(text, whether it may be split)."""
_LONGEST_TRIMMED = 10_000
"""Trimming tries every length."""
_HOME = re.compile(r"\A~(?=/|\Z)")


def expand_words(
    state: State, words: tuple[Word, ...], run: Run
) -> tuple[State, list[str]]:
    """The words of a command, split where an expansion gave blanks.

    Raises:
        ShellRefused: an expansion fails, such as ``${X:?}`` or ``$((1/0))``.
    """
    found: list[str] = []
    for word in words:
        if _is_all_arguments(word):
            found += state.arguments
            continue
        state, pieces = _pieces(state, word, run)
        found += _split(pieces, state.variables.get("IFS", " \t\n"))
        if sum(map(len, found)) > ROOM:
            raise ShellRefused("out of memory")
    return state, found


def expand_text(state: State, word: Word, run: Run) -> tuple[State, str]:
    """A word as one text that is not split: an assignment's value, a file's name.

    Raises:
        ShellRefused: an expansion fails.
    """
    state, pieces = _pieces(state, word, run)
    text = "".join(text for text, _ in pieces)
    if len(text) > ROOM:
        raise ShellRefused("out of memory")
    return state, text


def matches_pattern(text: str, pattern: str) -> bool:
    """Whether a text fits a pattern of `case`: ``*``, ``?`` and ``[a-z]``.

    >>> matches_pattern("web1", "web?"), matches_pattern("web", "db*")
    (True, False)
    """
    return fnmatchcase(text, pattern.replace("[^", "[!"))


def _is_all_arguments(word: Word) -> bool:
    part = word[0] if len(word) == 1 else None
    return isinstance(part, Parameter) and part.name == "@" and not part.operator


def _split(pieces: list[_Piece], separators: str) -> list[str]:
    """The fields: a field begins at any text, and ends at a blank that may split."""
    found: list[str] = []
    current: str | None = None
    for text, may_split in pieces:
        if not may_split:
            current = (current or "") + text
            continue
        for letter in text:
            if letter not in separators:
                current = (current or "") + letter
            elif current is not None:
                found.append(current)
                current = None
    return found if current is None else [*found, current]


def _pieces(state: State, word: Word, run: Run) -> tuple[State, list[_Piece]]:
    pieces: list[_Piece] = []
    for place, part in enumerate(word):
        if isinstance(part, Text):
            text = part.text
            if place == 0 and not part.quoted:
                home = state.variables.get("HOME", "/").replace("\\", "\\\\")
                text = _HOME.sub(home, text, count=1)
            pieces.append((text, False))
        else:
            state, more = _expanded(state, part, run)
            pieces += more
    return state, pieces


def _expanded(state: State, part: Part, run: Run) -> tuple[State, list[_Piece]]:
    match part:
        case Parameter():
            return _parameter(state, part, run)
        case Substitution():
            inner = run(state, part.script)
            state = replace(state.after_inner(inner), substituted=inner.status)
            state = state.printed(inner.written(STDERR), STDERR)
            text = inner.written(STDOUT).rstrip("\n")
        case Arithmetic():
            state, expression = expand_text(state, part.expression, run)
            try:
                value, changed = calculate(expression, state.variables)
            except ArithmeticRefused as refusal:
                raise ShellRefused(str(refusal)) from refusal
            state = replace(state, variables={**state.variables, **changed})
            text = str(value)
        case _:
            text = part.text
    return state, [(text, not part.quoted)]


def _value(state: State, name: str) -> str | None:
    special = {
        "?": str(state.status),
        "$": "1",
        "#": str(len(state.arguments)),
        "@": " ".join(state.arguments) if state.arguments else None,
        "*": " ".join(state.arguments) if state.arguments else None,
        "!": str(state.background) if state.background else None,
        "-": "".join(sorted(state.options)),
        "0": state.name,
    }
    if name in special:
        return special[name]
    if name.isdigit():
        place = int(name[:9])
        return state.arguments[place - 1] if place <= len(state.arguments) else None
    return state.variables.get(name)


def _parameter(state: State, part: Parameter, run: Run) -> tuple[State, list[_Piece]]:
    value, operator = _value(state, part.name), part.operator
    missing = value is None or (operator.startswith(":") and not value)
    kind = operator.removeprefix(":")
    empty: list[_Piece] = [("", not part.quoted)]
    if kind in {"-", "=", "?"} and missing:
        if kind == "-":
            return _argument(state, part, run)
        state, argument = expand_text(state, part.argument, run)
        if kind == "?":
            raise ShellRefused(f"{part.name}: {argument or 'parameter not set'}")
        if kind == "=":
            state = state.with_variable(part.name, argument)
        return state, [(argument, not part.quoted)]
    if kind == "+":
        return _argument(state, part, run) if not missing else (state, empty)
    if value is None and "u" in state.options and part.name not in "@*":
        raise ShellRefused(f"{part.name}: parameter not set")
    text = value or ""
    if operator == "length":
        text = str(len(text))
    elif kind[:1] in {"#", "%"}:
        state, pattern = expand_text(state, part.argument, run)
        text = _trimmed(text, kind, pattern)
    # "$x" is a word even if it is empty; $x is none then.
    return state, [(text, not part.quoted)]


def _argument(state: State, part: Parameter, run: Run) -> tuple[State, list[_Piece]]:
    """The word in ``${x:-word}``; what is quoted in it is not split."""
    state, pieces = _pieces(state, part.argument, run)
    if part.quoted:
        return state, [(text, False) for text, _ in pieces] or [("", False)]
    # Its plain letters are split, too, since they come out of an expansion.
    quoted = [isinstance(p, Text) and p.quoted for p in part.argument]
    if len(quoted) != len(pieces):
        return state, pieces
    return state, [
        (text, not is_quoted and (split or isinstance(p, Text)))
        for (text, split), is_quoted, p in zip(
            pieces, quoted, part.argument, strict=True
        )
    ]


def _trimmed(text: str, kind: str, pattern: str) -> str:
    """``${x#p}`` without the shortest start that fits, ``##`` without the longest."""
    if len(text) > _LONGEST_TRIMMED:
        raise ShellRefused("out of memory")
    lengths = range(len(text) + 1)
    for length in lengths if len(kind) == 1 else reversed(lengths):
        if kind[0] == "#" and matches_pattern(text[:length], pattern):
            return text[length:]
        if kind[0] == "%" and matches_pattern(text[len(text) - length :], pattern):
            return text[: len(text) - length]
    return text
