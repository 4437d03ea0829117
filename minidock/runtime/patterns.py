r"""Patterns, and `grep`: POSIX regular expressions, turned into Python's.

```
 grep -E 'a|b'     a.c    \(a\)*    [[:digit:]]     ──▶  re.Pattern
```

A repetition of repetitions such as ``(a*)*`` is no pattern here: to look for one may
take for ever.

Source: POSIX.1, chapter 9 "Regular Expressions". Texts: busybox.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from minidock.runtime.finished import Finished
from minidock.runtime.lines import Sources, count_of, read_sources
from minidock.runtime.options import options
from minidock.runtime.process import Process, Program, refused, usage

__all__ = ["PATTERNS", "PatternRefused", "expression"]

_LONGEST = 300
_CLASS = re.compile(r"\[:(\w+):\]")
_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
    "blank": r" \t",
    "xdigit": "0-9a-fA-F",
    "punct": r"!-/:-@\[-`{-~",
}
_GROUPED_TWICE = re.compile(r"[*+}][^()]*\)\s*[*+{]")
"""(a*)*: a repetition of repetitions, over which a search may take for ever."""


def expression(
    text: str, *, extended: bool = False, fixed: bool = False, ignore_case: bool = False
) -> re.Pattern[str] | None:
    """A POSIX regular expression as Python's; None where it is none; O(length).

    >>> expression("a+", extended=True).search("caat")[0]
    'aa'
    >>> expression("a+").search("aa") is None
    True
    >>> expression("[") is None
    True
    """
    pattern = re.escape(text) if fixed else _translated(text, extended=extended)
    if len(pattern) > _LONGEST or (not fixed and _GROUPED_TWICE.search(pattern)):
        return None
    try:
        return re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError, RecursionError):
        return None


def _translated(text: str, *, extended: bool) -> str:
    found, place = "", 0
    while place < len(text):
        letter, following = text[place], text[place + 1 : place + 2]
        if letter == "[":
            bracket, place = _bracket(text, place)
            found += bracket
            continue
        if letter == "\\" and following:
            found += _escaped(following, extended=extended)
            place += 2
            continue
        special = letter in "+?(){}|"
        start = not found or found.endswith(("(", "|"))
        if letter == "*" and start and not extended:
            found += r"\*"
        elif special and not extended:
            found += f"\\{letter}"
        elif letter == "$" and not extended and following:
            found += r"\$"
        elif letter == "^" and not extended and not start:
            found += r"\^"
        else:
            found += {"$": r"\Z", "#": r"\#"}.get(letter, letter)
        place += 1
    return found


def _escaped(letter: str, *, extended: bool) -> str:
    if letter in "wWsSbB" or letter.isdigit():
        return f"\\{letter}"
    if letter in "<>":
        return r"\b"
    if letter in "+?(){}|" and not extended:
        return letter
    return {"n": "\n", "t": "\t"}.get(letter, re.escape(letter))


def _bracket(text: str, place: int) -> tuple[str, int]:
    """A ``[...]``, in which a ``]`` at the start and a backslash are plain letters."""
    end = place + 1
    negated = text[end : end + 1] == "^"
    end += negated
    start = end
    end += text[end : end + 1] == "]"
    while end < len(text) and text[end] != "]":
        named = _CLASS.match(text, end)
        end = named.end() if named else end + 1
    if end >= len(text):
        return "[", len(text)
    inner = text[start:end].replace("\\", "\\\\").replace("[", r"\[")
    # What Python may read as an operation on sets one day: && || ~~ --
    inner = re.sub(r"[&|~]", r"\\\g<0>", inner)
    first, rest = ("\\--", inner[2:]) if inner.startswith("--") else ("", inner)
    inner = first + rest.replace("--", r"-\-")
    inner = re.sub(r"\\\[:(\w+):\]", lambda m: _CLASSES.get(m[1], ""), inner)
    if inner.startswith("]"):
        inner = "\\" + inner
    return f"[{'^' if negated else ''}{inner}]", end + 1


class PatternRefused(Exception):
    """It is no pattern, or no script of sed."""


# --- grep -----------------------------------------------------------------------------

_GREP = "[-HhnlLoqvsriwFE] PATTERN [FILE]..."


def _grep(process: Process) -> Finished:
    given = options(process.arguments, "HhnlLoqvsrRiwFEGxac", "emABC")
    words = list(given.rest)
    patterns = given.all_values("e") or [words.pop(0) for _ in words[:1]]
    if given.unknown or given.incomplete or not patterns:
        return replace(usage(process, _GREP), code=2)
    flags = given.flags
    try:
        wanted = tuple(_wanted("\n".join(patterns), process.name, flags))
    except PatternRefused as error:
        return refused(process, str(error), 2)
    sources = read_sources(process, words)
    many = len(words) > 1
    named = ("H" in flags or many) and "h" not in flags
    search = _Search(wanted=wanted, flags=flags, named=named)
    limit = given.value("m")
    text, matched = search.run(sources, count_of(limit, 0) or 0)
    quiet = "q" in flags
    errors = "" if "s" in flags else sources.errors
    code = 0 if matched and (quiet or not errors) else 2 if sources.errors else 1
    return Finished(stdout="" if quiet else text, stderr=errors, code=code)


def _wanted(
    patterns: str, name: str, flags: frozenset[str]
) -> Iterator[re.Pattern[str]]:
    for text in patterns.split("\n"):
        found = expression(
            text,
            extended="E" in flags or name == "egrep",
            fixed="F" in flags or name == "fgrep",
            ignore_case="i" in flags,
        )
        if found is None:
            raise PatternRefused(f"bad regex '{text}'")
        edges = (r"\b", r"\b") if "w" in flags else (r"\A", r"\Z")
        if flags & {"w", "x"}:
            whole = f"{edges[0]}(?:{found.pattern}){edges[1]}"
            found = re.compile(whole, found.flags)
        yield found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    wanted: tuple[re.Pattern[str], ...]
    flags: frozenset[str]
    named: bool

    def run(self, sources: Sources, limit: int) -> tuple[str, bool]:
        """What grep prints, and whether anything matched."""
        parts, matched = [], False
        for name, text in sources.texts:
            shown = "(standard input)" if name == "-" else name
            hits = self._hits(text)[: limit or None]
            matched = matched or bool(hits)
            if self.flags & {"l", "L"}:
                wanted = bool(hits) == ("l" in self.flags)
                parts += [f"{shown}\n"] if wanted else []
                continue
            prefix = f"{shown}:" if self.named else ""
            if "c" in self.flags:
                parts.append(f"{prefix}{len(hits)}\n")
                continue
            for number, line in hits:
                label = f"{prefix}{number}:" if "n" in self.flags else prefix
                parts += [f"{label}{piece}\n" for piece in self._pieces(line)]
        return "".join(parts), matched

    def _hits(self, text: str) -> list[tuple[int, str]]:
        lines = text.split("\n")
        lines = lines[:-1] if lines[-1] == "" else lines
        return [
            (number, line)
            for number, line in enumerate(lines, 1)
            if any(p.search(line) for p in self.wanted) != ("v" in self.flags)
        ]

    def _pieces(self, line: str) -> Iterator[str]:
        if "o" not in self.flags:
            yield line
        elif "v" not in self.flags:
            for pattern in self.wanted:
                yield from (m[0] for m in pattern.finditer(line) if m[0])


PATTERNS: dict[str, Program] = {
    "egrep": _grep,
    "fgrep": _grep,
    "grep": _grep,
}
