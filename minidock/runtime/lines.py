"""Programs that read lines and print lines: cat, head, wc, sort, cut and their like.

```
 files, or the input  ──▶  text  ──program──▶  text
```

Each reads the files that its arguments name, ``-`` or nothing being the input. A file
that is not there is complained about, and the others are read all the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from minidock.runtime.files import FileRefused, Files
from minidock.runtime.finished import Finished
from minidock.runtime.options import Options, options
from minidock.runtime.process import (
    FOREVER,
    Paused,
    Process,
    Program,
    Result,
    refused,
    usage,
)
from minidock.runtime.waiting import CTRL_C, SECOND, after_signal

__all__ = [
    "CANNOT_OPEN",
    "LINES",
    "Sources",
    "answer",
    "count_of",
    "lines_of",
    "read_sources",
    "shown",
]

CANNOT_OPEN = "can't open '{}': No such file or directory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What was read: (name, text) pairs, and the complaints about the others."""

    texts: tuple[tuple[str, str], ...]
    errors: str = ""

    @property
    def text(self) -> str:
        """All texts, one after the other."""
        return "".join(text for _, text in self.texts)


def read_sources(
    process: Process,
    names: Sequence[str],
    *,
    says: str = "{}: No such file or directory",
) -> Sources:
    """The texts of the files that are named, or of the input; O(size)."""
    texts, errors = [], ""
    for name in names or ("-",):
        text = process.stdin if name == "-" else process.files.read(name)
        if text is not None:
            texts.append((name, text))
        elif process.files.is_folder(name):
            errors += f"{process.name}: read error: Is a directory\n"
        else:
            errors += f"{process.name}: {says.format(name)}\n"
    return Sources(texts=tuple(texts), errors=errors)


def answer(sources: Sources, text: str) -> Finished:
    """A program's end that printed this, with the complaints about its files."""
    return Finished(stdout=text, stderr=sources.errors, code=int(bool(sources.errors)))


def _cat(process: Process) -> Finished:
    given = options(process.arguments, "nAbetuv")
    if given.unknown:
        return usage(process, "[-n] [FILE]...")
    sources = read_sources(process, given.rest, says=CANNOT_OPEN)
    if "n" not in given.flags:
        return answer(sources, sources.text)
    lines = sources.text.splitlines(keepends=True)
    return answer(sources, "".join(f"{n:6}\t{line}" for n, line in enumerate(lines, 1)))


def count_of(text: str | None, default: int) -> int | None:
    """The number that an option gives, the default without one; None if it is none."""
    if text is None:
        return default
    match = re.fullmatch(r"[-+]?\d{1,9}", text, re.ASCII)
    return None if match is None else int(text)


def _shortcount_of(arguments: Sequence[str]) -> list[str]:
    """`head -5` is `head -n 5`."""
    words = list(arguments)
    if words and re.fullmatch(r"-\d+", words[0], re.ASCII):
        words[:1] = ["-n", words[0][1:]]
    return words


def _ends(process: Process) -> tuple[Options, Sources, int, bool] | None:
    given = options(_shortcount_of(process.arguments), "qvfF", "nc")
    letters = given.value("c")
    count = count_of(given.value("n") if letters is None else letters, 10)
    if given.unknown or given.incomplete or count is None:
        return None
    says = CANNOT_OPEN if process.name == "tail" else "{}: No such file or directory"
    sources = read_sources(process, given.rest, says=says)
    if process.name == "tail" and not sources.texts:
        sources = replace(sources, errors=f"{sources.errors}tail: no files\n")
    return given, sources, count, letters is not None


def _head(process: Process) -> Finished:
    read = _ends(process)
    if read is None:
        return usage(process, "[-n N] [-c N] [FILE]...")
    _, sources, count, by_letter = read
    parts = []
    for name, text in sources.texts:
        pieces = list(text) if by_letter else text.splitlines(keepends=True)
        parts.append(_title(sources, name) + "".join(pieces[:count]))
    return answer(sources, "\n".join(parts) if len(parts) > 1 else "".join(parts))


def _title(sources: Sources, name: str) -> str:
    return f"==> {name} <==\n" if len(sources.texts) > 1 else ""


def _tail(process: Process) -> Finished:
    read = _ends(process)
    if read is None:
        return usage(process, "[-f] [-n N] [-c N] [FILE]...")
    given, sources, count, by_letter = read
    from_start = (given.value("c", "n") or "").startswith("+")
    parts = []
    for name, text in sources.texts:
        pieces = list(text) if by_letter else text.splitlines(keepends=True)
        chosen = pieces[max(count - 1, 0) :] if from_start else pieces[-abs(count) :]
        parts.append(_title(sources, name) + "".join(chosen if count else []))
    text = "\n".join(parts) if len(parts) > 1 else "".join(parts)
    if given.flags & {"f", "F"} and sources.texts:
        return _followed(process, given.rest, text, sources.errors)
    return answer(sources, text)


def _followed(
    process: Process, names: Sequence[str], text: str, errors: str
) -> Finished:
    """`tail -f`: what others write to the file comes with the next second."""
    real = [name for name in names if process.files.path(name) != "/dev/null"]
    if len(names) != 1 or not real:
        return Result(stdout=text, stderr=errors, seconds=FOREVER)
    path = process.files.path(names[0])
    seen = len(process.files.read(path) or "")
    due = process.now + SECOND
    following = Following(path=path, seen=seen, next=due)
    return Paused(stdout=text, stderr=errors, rest=following, due=due, note=CTRL_C)


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """`tail -f` on a file: how much of it was shown, and when it looks again."""

    path: str
    seen: int
    next: int

    def go_on(self, process: Process) -> Finished:
        """It shows what is new, if a second has passed."""
        if process.now < self.next:
            return Paused(rest=self, due=self.next, note=CTRL_C)
        text = process.files.read(self.path) or ""
        new = text[self.seen :] if len(text) >= self.seen else text
        due = process.now + SECOND
        rest = replace(self, seen=len(text), next=due)
        return Paused(stdout=new, rest=rest, due=due, note=CTRL_C)

    def interrupt(self, process: Process, number: int) -> Finished:  # noqa: ARG002 - one shape
        """It dies."""
        return after_signal(number)


def _wc(process: Process) -> Finished:
    given = options(process.arguments, "lwcmL")
    if given.unknown:
        return usage(process, "[-cmlwL] [FILE]...")
    letters = given.flags or {"l", "w", "c"}
    sources = read_sources(process, given.rest)
    rows = [(_counts(text, letters), name) for name, text in sources.texts]
    if len(rows) > 1:
        columns = zip(*(counts for counts, _ in rows), strict=True)
        rows.append(([sum(column) for column in columns], "total"))
    alone = len(letters) == 1 and not given.rest
    lines = []
    for counts, name in rows:
        # A single number of the input stands alone; else columns are 9 wide.
        cells = [str(n) if alone else f"{n:9}" for n in counts]
        label = f" {name}" if name != "-" else ""
        lines.append(" ".join(cells) + f"{label}\n")
    return answer(sources, "".join(lines))


def _counts(text: str, letters: frozenset[str] | set[str]) -> list[int]:
    facts = {
        "l": text.count("\n"),
        "w": len(text.split()),
        "c": len(text.encode("utf-8", "surrogateescape")),
        "m": len(text),
        "L": max(map(len, text.splitlines()), default=0),
    }
    return [facts[key] for key in "lwcmL" if key in letters]


def lines_of(text: str) -> list[str]:
    """The lines of a text without their ends; O(length)."""
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def shown(lines: Sequence[str]) -> str:
    """Lines as one text, each with its end; O(length)."""
    return "".join(f"{line}\n" for line in lines)


# --- cut, tr --------------------------------------------------------------------------


def _ranges(text: str) -> list[tuple[int, int]] | None:
    found = []
    for item in text.split(","):
        match = re.fullmatch(r"(\d{0,6})(-?)(\d{0,6})", item, re.ASCII)
        if match is None or not (match[1] or match[3]):
            return None
        first = int(match[1] or 1)
        last = int(match[3] or 10**6) if match[2] else first
        if not 1 <= first <= last:
            return None
        found.append((first, last))
    return found


def _cut(process: Process) -> Finished:
    given = options(process.arguments, "sn", "cbfd")
    wanted = given.value("c", "b", "f")
    if given.unknown or given.incomplete or wanted is None:
        return refused(process, "expected a list of bytes, characters, or fields")
    ranges = _ranges(wanted)
    if ranges is None:
        return refused(process, "invalid range")
    sources = read_sources(process, given.rest)
    by_field = given.value("f") is not None
    separator = given.value("d") or "\t" if by_field else ""
    found = []
    for line in lines_of(sources.text):
        if by_field and separator not in line:
            found += [] if "s" in given.flags else [line]
            continue
        cells = line.split(separator) if by_field else list(line)
        chosen = [
            cell
            for place, cell in enumerate(cells, 1)
            if any(first <= place <= last for first, last in ranges)
        ]
        found.append(separator.join(chosen))
    return answer(sources, shown(found))


_CLASSES = {
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "lower": "abcdefghijklmnopqrstuvwxyz",
    "digit": "0123456789",
    "space": " \t\n\r\f\v",
    "blank": " \t",
}
_CLASSES["alpha"] = _CLASSES["upper"] + _CLASSES["lower"]
_CLASSES["alnum"] = _CLASSES["digit"] + _CLASSES["alpha"]
_SET = re.compile(r"\[:(\w+):\]|(\\?.)-(\\?.)|(\\?.)", re.DOTALL)
_LETTERS = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\\\": "\\"}


def _letters_of(text: str) -> str:
    def one(word: str) -> str:
        return _LETTERS.get(word, word[-1:])

    found = ""
    for name, first, last, letter in _SET.findall(text):
        if name:
            found += _CLASSES.get(name, "")
        elif letter:
            found += one(letter)
        else:
            numbers = range(
                ord(one(first)), min(ord(one(last)), ord(one(first)) + 999) + 1
            )
            found += "".join(map(chr, numbers))
    return found


def _tr(process: Process) -> Finished:
    given = options(process.arguments, "dscC", permute=False)
    if given.unknown or not given.rest:
        return usage(process, "[-cds] STRING1 [STRING2]")
    first = _letters_of(given.rest[0])
    second = _letters_of(given.rest[1]) if len(given.rest) > 1 else ""
    text = process.stdin
    if given.flags & {"c", "C"}:
        first = "".join(sorted(set(text) - set(first)))
    if "d" in given.flags:
        text = "".join(letter for letter in text if letter not in first)
    elif second:
        full = second + second[-1] * max(len(first) - len(second), 0)
        # A letter that stands twice in the first set means its last place.
        table = dict(zip(first, full, strict=False))
        text = "".join(table.get(letter, letter) for letter in text)
    if "s" in given.flags:
        squeezed = second or first
        text = "".join(
            letter
            for place, letter in enumerate(text)
            if letter not in squeezed or text[place - 1 : place] != letter
        )
    return Finished(stdout=text)


# --- the others -----------------------------------------------------------------------


def _rev(process: Process) -> Finished:
    sources = read_sources(process, process.arguments)
    text = shown([line[::-1] for line in lines_of(sources.text)])
    # A last line that does not end stays so.
    return answer(sources, text if sources.text.endswith("\n") else text[:-1])


def _tac(process: Process) -> Finished:
    sources = read_sources(process, process.arguments)
    # Lines are turned around with their ends, so one without an end joins the next.
    return answer(sources, "".join(sources.text.splitlines(keepends=True)[::-1]))


def _nl(process: Process) -> Finished:
    sources = read_sources(process, process.arguments)
    rows, number = [], 0
    for line in lines_of(sources.text):
        number += bool(line)
        rows.append(f"{number:6}\t{line}" if line else "       ")
    return answer(sources, shown(rows))


def _tee(process: Process) -> Finished:
    given = options(process.arguments, "ai")
    files: Files = process.files
    errors = ""
    for name in given.rest:
        try:
            files = files.write(name, process.stdin, append="a" in given.flags)
        except FileRefused as refusal:
            errors += f"tee: {name}: {refusal}\n"
    return Result(
        stdout=process.stdin, stderr=errors, code=int(bool(errors)), files=files
    )


LINES: dict[str, Program] = {
    "cat": _cat,
    "cut": _cut,
    "head": _head,
    "nl": _nl,
    "rev": _rev,
    "tac": _tac,
    "tail": _tail,
    "tee": _tee,
    "tr": _tr,
    "wc": _wc,
}
