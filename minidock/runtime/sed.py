"""`sed`, as far as lessons go: ``s///``, ``p``, ``d`` and ``q``, with addresses.

```
 sed -n '2,/end/p; s/a/b/g'  ──▶  edits: (first, last, letter), applied to each line
```

Any other command is refused, in a text that says so.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from minidock.runtime.files import FileRefused
from minidock.runtime.finished import Finished
from minidock.runtime.lines import Sources, read_sources
from minidock.runtime.options import options
from minidock.runtime.patterns import PatternRefused, expression
from minidock.runtime.process import Process, Program, Result, refused, usage

__all__ = ["SED"]

_ADDRESS = re.compile(r"\s*(?:(\d+|\$)|/((?:\\.|[^/])*)/)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edit:
    """One command of sed: where it applies, and what it does."""

    first: int | str | re.Pattern[str] | None = None
    last: int | str | re.Pattern[str] | None = None
    negated: bool = False
    letter: str = "p"
    pattern: re.Pattern[str] | None = None
    replacement: str = ""
    flags: str = ""


def _sed(process: Process) -> Finished:
    given = options(process.arguments, "nrEi", "ef")
    words = list(given.rest)
    scripts = given.all_values("e") or [words.pop(0) for _ in words[:1]]
    if given.unknown or given.incomplete or not scripts:
        return usage(process, "[-i] [-nrE] CMD [FILE]...")
    try:
        edits = list(
            _edits("\n".join(scripts), extended=bool(given.flags & {"r", "E"}))
        )
    except PatternRefused as error:
        return refused(process, str(error))
    sources = read_sources(process, words)
    quiet = "n" in given.flags
    if "i" in given.flags and words:
        return _in_place(process, sources, edits, quiet=quiet)
    text = _edited(sources.text, edits, quiet=quiet)
    return Finished(stdout=text, stderr=sources.errors, code=int(bool(sources.errors)))


def _in_place(
    process: Process, sources: Sources, edits: Sequence[_Edit], *, quiet: bool
) -> Finished:
    files, errors = process.files, sources.errors
    for name, text in sources.texts:
        try:
            files = files.write(name, _edited(text, edits, quiet=quiet))
        except FileRefused as refusal:
            errors += f"sed: {name}: {refusal}\n"
    return Result(stderr=errors, code=int(bool(errors)), files=files)


def _edits(script: str, *, extended: bool) -> Iterator[_Edit]:
    rest = script
    while rest := rest.lstrip(" \t\n;"):
        first, rest = _address(rest, extended=extended)
        last = None
        if rest.startswith(","):
            last, rest = _address(rest[1:], extended=extended)
        rest = rest.lstrip()
        negated = rest.startswith("!")
        rest = rest.removeprefix("!").lstrip()
        edit = _Edit(first=first, last=last, negated=negated, letter=rest[:1])
        if not rest:
            raise PatternRefused("missing command")
        if rest[0] in "pdq":
            rest = rest[1:]
        elif rest[0] == "s" and len(rest) > 1:
            edit, rest = _substitution(edit, rest[1:], extended=extended)
        else:
            raise PatternRefused(f"unsupported command {rest[0]}")
        yield edit
        if rest.lstrip(" \t")[:1] not in {"", ";", "\n"}:
            raise PatternRefused("garbage after command")


def _address(
    text: str, *, extended: bool
) -> tuple[int | str | re.Pattern[str] | None, str]:
    match = _ADDRESS.match(text)
    if match is None:
        return None, text
    rest = text[match.end() :]
    if match[1]:
        return (match[1] if match[1] == "$" else int(match[1][:9])), rest
    pattern = expression(match[2].replace("\\/", "/"), extended=extended)
    if pattern is None:
        raise PatternRefused(f"bad regex '{match[2]}'")
    return pattern, rest


def _substitution(edit: _Edit, text: str, *, extended: bool) -> tuple[_Edit, str]:
    mark = text[0]
    parts = [""]
    place = 1
    while place < len(text) and len(parts) < 3:
        letter = text[place]
        if letter == "\\" and text[place + 1 : place + 2] == mark:
            parts[-1] += mark
            place += 2
        elif letter == "\\":
            parts[-1] += text[place : place + 2]
            place += 2
        elif letter == mark:
            parts.append("")
            place += 1
        else:
            parts[-1] += letter
            place += 1
    if len(parts) < 3:
        raise PatternRefused("unmatched '" + mark + "'")
    flags = re.match(r"[gpiI0-9]*", text[place:])
    flags_text = flags[0] if flags else ""
    pattern = expression(
        parts[0], extended=extended, ignore_case=bool(set("iI") & set(flags_text))
    )
    if pattern is None:
        raise PatternRefused(f"bad regex '{parts[0]}'")
    done = replace(edit, pattern=pattern, replacement=parts[1], flags=flags_text)
    return replace(done, letter="s"), text[place + len(flags_text) :]


def _edited(text: str, edits: Sequence[_Edit], *, quiet: bool) -> str:
    lines = text.splitlines(keepends=True)
    found, inside = [], set[int]()
    for number, whole in enumerate(lines, 1):
        line = whole.rstrip("\n")
        end = whole[len(line) :]
        deleted = over = False
        for turn, edit in enumerate(edits):
            place = _Line(number=number, text=line, total=len(lines))
            if not _applies(edit, turn, place, inside):
                continue
            if edit.letter == "d":
                deleted = True
                break
            if edit.letter == "q":
                over = True
                break
            if edit.letter == "p":
                found.append(f"{line}\n")
            elif edit.pattern is not None:
                line, count = _replaced(edit, line)
                if count and "p" in edit.flags:
                    found.append(f"{line}\n")
        if not (deleted or quiet):
            found.append(line + end)
        if over:
            break
    return "".join(found)


class _Line(NamedTuple):
    """A line, its number, and how many there are."""

    number: int
    text: str
    total: int


def _applies(edit: _Edit, turn: int, line: _Line, inside: set[int]) -> bool:
    """Whether it is a line for this edit; ``inside`` are the ranges that have begun."""
    if edit.first is None:
        return not edit.negated
    if edit.last is None:
        return _at(edit.first, line) != edit.negated
    begins = turn not in inside and _at(edit.first, line)
    within = turn in inside or begins
    if within:
        inside.add(turn)
        passed = isinstance(edit.last, int) and line.number >= edit.last
        # A pattern cannot end a range on the line that began it.
        seen = not begins and _at(edit.last, line)
        if passed or seen or (edit.last == "$" and line.number == line.total):
            inside.discard(turn)
    return within != edit.negated


def _at(address: int | str | re.Pattern[str], line: _Line) -> bool:
    if isinstance(address, re.Pattern):
        return address.search(line.text) is not None
    return line.number == (line.total if address == "$" else address)


def _replaced(edit: _Edit, line: str) -> tuple[str, int]:
    assert edit.pattern is not None  # noqa: S101 - an edit with s always has one
    nth = re.sub(r"\D", "", edit.flags)

    def fill(match: re.Match[str]) -> str:
        def part(found: re.Match[str]) -> str:
            if found[0] == "&":
                return match[0]
            letter = found[0][1]
            if letter.isdigit():
                place = int(letter)
                known = match.re.groups >= place
                return (match[place] or "") if known else ""
            return {"n": "\n", "t": "\t"}.get(letter, letter)

        return re.sub(r"\\.|&", part, edit.replacement)

    if not nth:
        return edit.pattern.subn(fill, line, count=0 if "g" in edit.flags else 1)
    wanted, seen = int(nth[:4]), 0

    def maybe(match: re.Match[str]) -> str:
        nonlocal seen
        seen += 1
        return fill(match) if seen == wanted else match[0]

    return edit.pattern.sub(maybe, line), int(seen >= wanted)


SED: dict[str, Program] = {
    "sed": _sed,
}
