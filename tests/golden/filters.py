"""The small programs that the recordings' command lines use as filters.

Each takes its words and what it reads, and answers what it prints, or None for an option
that it does not know here: then the step counts as not answered, never as matched.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from minidock.model.archive import Kind, bytes_of, content, members, text_of

__all__ = ["FILTERS", "Answer"]


class Answer(NamedTuple):
    """What a command printed, and its exit status."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _sort(options: list[str], stdin: str) -> Answer | None:
    if any(option not in {"-u", "-n", "-r", "-V"} for option in options):
        return None
    lines = [line.rstrip("\n") for line in _lines(stdin)]
    if "-u" in options:
        lines = list(dict.fromkeys(lines))
    if "-n" in options:
        lines.sort(key=lambda line: (int(re.match(r"\s*(\d*)", line)[1] or 0), line))
    else:
        lines.sort()
    if "-r" in options:
        lines.reverse()
    return Answer("".join(line + "\n" for line in lines))


def _count_option(options: list[str]) -> int | None:
    text = "".join(options).removeprefix("-").removeprefix("n").strip()
    return int(text) if text.isdigit() else (10 if not options else None)


def _head(options: list[str], stdin: str) -> Answer | None:
    count = _count_option(options)
    return None if count is None else Answer("".join(_lines(stdin)[:count]))


def _tail(options: list[str], stdin: str) -> Answer | None:
    count = _count_option(options)
    lines = _lines(stdin)
    return (
        None if count is None else Answer("".join(lines[max(0, len(lines) - count) :]))
    )


def _grep(words: list[str], stdin: str) -> Answer | None:
    flags = {letter for word in words if word.startswith("-") for letter in word[1:]}
    rest = [word for word in words if not word.startswith("-")]
    if len(rest) != 1 or flags - set("vicEFqo"):
        return None
    pattern = re.escape(rest[0]) if "F" in flags else rest[0]
    if "E" not in flags and "F" not in flags:
        # In a basic expression \| \( \) are the signs, | ( ) + ? are letters.
        pattern = re.sub(
            r"\\?[|()+?{}]",
            lambda sign: sign[0][1:] if len(sign[0]) == 2 else "\\" + sign[0],
            pattern,
        )
    compiled = re.compile(pattern, re.IGNORECASE if "i" in flags else 0)
    if "o" in flags:
        found = [hit[0] + "\n" for hit in compiled.finditer(stdin)]
    else:
        found = [
            line
            for line in _lines(stdin)
            if (compiled.search(line.rstrip("\n")) is None) == ("v" in flags)
        ]
    text = f"{len(found)}\n" if "c" in flags else "".join(found)
    return Answer("" if "q" in flags else text, "", 0 if found else 1)


def _wc(options: list[str], stdin: str) -> Answer | None:
    if options == ["-l"]:
        return Answer(f"{stdin.count(chr(10))}\n")
    return Answer(f"{len(stdin.encode())}\n") if options == ["-c"] else None


def _echo(words: list[str], _: str) -> Answer:
    if words[:1] == ["-n"]:
        return Answer(" ".join(words[1:]))
    return Answer(" ".join(words) + "\n")


def _seq(words: list[str], _: str) -> Answer | None:
    if not words or not all(word.lstrip("-").isdigit() for word in words):
        return None
    numbers = list(map(int, words))
    first, last = (1, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[-1])
    step = numbers[1] if len(numbers) == 3 else 1
    return Answer("".join(f"{number}\n" for number in range(first, last + 1, step)))


def _tar(words: list[str], stdin: str) -> Answer | None:
    """`tar t` lists what comes in, `tar xO NAME` prints one file of it."""
    tar = bytes_of(stdin)
    if words == ["t"]:
        marks = {Kind.FOLDER: "/"}
        names = [item.path[1:] + marks.get(item.kind, "") for item in members(tar)]
        return Answer("".join(f"{name}\n" for name in names))
    if words[:1] != ["xO"]:
        return None
    found = {item.path[1:]: item for item in members(tar)}
    return Answer(text_of(content(tar, found[words[1]])))


FILTERS: dict[str, Callable[[list[str], str], Answer | None]] = {
    "sort": _sort,
    "head": _head,
    "tail": _tail,
    "grep": _grep,
    "wc": _wc,
    "tar": _tar,
    "echo": _echo,
    "seq": _seq,
    "cat": lambda words, stdin: None if words else Answer(stdin),
    "true": lambda *_: Answer(),
    "false": lambda *_: Answer(code=1),
    "wait": lambda *_: Answer(),
}
