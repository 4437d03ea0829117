"""Programs that print what they are told: echo, printf, seq, yes.

Numbers that say how much is printed are bounded here, since nobody can press Ctrl-C.
"""

import re
from collections.abc import Sequence

from minidock.runtime.finished import Finished
from minidock.runtime.options import options
from minidock.runtime.process import Process, Program, refused, usage

__all__ = ["PRINTING"]

_WIDEST = 10_000
"""The most letters that one conversion of printf may fill."""


_MOST_LINES = 10_000


_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "\\": "\\",
    "e": "\x1b",
    '"': '"',
}


_ESCAPE = re.compile(r"\\(?:0([0-7]{0,3})|([1-7][0-7]{0,2})|x([0-9a-fA-F]{1,2})|(.))")


def _unescaped(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        octal, short, hexadecimal, letter = match.groups()
        if letter is not None:
            return _ESCAPES.get(letter, f"\\{letter}")
        code = int(hexadecimal, 16) if hexadecimal else int(octal or short or "0", 8)
        return chr(code & 255)

    return _ESCAPE.sub(plain, text)


def _echo(process: Process) -> Finished:
    words, letters = list(process.arguments), ""
    while words and re.fullmatch(r"-[neE]+", words[0]):
        letters += words.pop(0)[1:]
    text = " ".join(words)
    if "e" in letters:
        text, cut, _ = text.partition("\\c")
        text = _unescaped(text)
        letters += "n" if cut else ""
    return Finished(stdout=text if "n" in letters else f"{text}\n")


_CONVERSION = re.compile(r"%(?:%|([-+ 0#]*)(\d*)(?:\.(\d*))?([sdiuxXocbefgEG]))")


def _printf(process: Process) -> Finished:
    if not process.arguments:
        return usage(process, "FORMAT [ARG]...")
    text, *words = process.arguments
    form = _unescaped(text)
    parts, errors = [], []
    taken = -1
    while taken and (words or taken < 0):
        shown, taken, faults = _formatted(form, words)
        parts.append(shown)
        errors += faults
        words = words[taken:]
    stderr = "".join(f"{process.name}: {fault}\n" for fault in errors)
    return Finished(stdout="".join(parts), stderr=stderr, code=int(bool(errors)))


def _formatted(form: str, words: Sequence[str]) -> tuple[str, int, list[str]]:
    """The format filled once, how many words it took, and what was wrong."""
    taken, faults = 0, []

    def fill(match: re.Match[str]) -> str:
        nonlocal taken
        if match[0] == "%%":
            return "%"
        word = words[taken] if taken < len(words) else ""
        taken += 1
        kind = match[4]
        if kind in "sbc":
            value = {"s": word, "b": _unescaped(word), "c": word[:1]}[kind]
            value = value[: int(match[3] or 0)] if match[3] is not None else value
        else:
            value, fault = _numeric(match[1], kind, word, match[3])
            faults.extend(fault)
        return _padded(value, match[1], match[2], kind)

    return _CONVERSION.sub(fill, form), taken, faults


def _numeric(
    flags: str, kind: str, word: str, precision: str | None
) -> tuple[str, list[str]]:
    faults = []
    try:
        number: int | float = float(word) if kind in "efgEG" else _whole(word)
    except (ValueError, OverflowError):
        faults, number = [f"invalid number '{word}'"], 0
    if kind in "efgEG":
        digits = min(int(precision or 6), 30)
        return f"{number:.{digits}{kind}}", faults
    letter = {"i": "d", "u": "d"}.get(kind, kind)
    sign = "+" if "+" in flags and letter == "d" else ""
    return f"{int(number):{sign}{letter}}", faults


def _whole(word: str) -> int:
    if word[:1] in {"'", '"'}:
        return ord(word[1:2] or "\0")
    if len(word) > 40:
        raise ValueError(word)
    return int(word or "0", 0) if word.isascii() else int("x")


def _padded(text: str, flags: str, width: str, kind: str) -> str:
    places = min(int(width[:8] or 0), _WIDEST)
    if "-" in flags:
        return text.ljust(places)
    zeros = "0" in flags and kind not in "sbc"
    return text.zfill(places) if zeros else text.rjust(places)


def _seq(process: Process) -> Finished:
    given = options(process.arguments, "w", "s")
    words = given.rest
    if not (1 <= len(words) <= 3 and all(re.fullmatch(r"-?\d{1,9}", w) for w in words)):
        return usage(process, "[-w] [-s SEP] [FIRST [INC]] LAST")
    numbers = [int(word) for word in words]
    first = numbers[0] if len(numbers) > 1 else 1
    step = numbers[1] if len(numbers) > 2 else 1
    last = numbers[-1]
    if step == 0 or abs(last - first) // abs(step) >= _MOST_LINES:
        return refused(process, f"more than {_MOST_LINES} lines are too many here")
    found = [str(n) for n in range(first, last + (1 if step > 0 else -1), step)]
    width = max(map(len, (str(first), str(last)))) if "w" in given.flags else 0
    text = (given.value("s") or "\n").join(word.zfill(width) for word in found)
    return Finished(stdout=f"{text}\n" if found else "")


def _yes(process: Process) -> Finished:
    """As many lines as a pipe's reader could want here."""
    line = " ".join(process.arguments or ("y",))[:100] + "\n"
    return Finished(stdout=line * 1000)


PRINTING: dict[str, Program] = {
    "echo": _echo,
    "printf": _printf,
    "seq": _seq,
    "yes": _yes,
}
