"""Programs that answer a question by their exit code: test, [ and expr.

```
 test -f /tmp/x     [ "$a" = b ]     expr 1 + 2          0 yes, 1 no, 2 no such question
```

Texts: busybox's, where `test` is the shell's own and so speaks with its name.
"""

import re
from collections.abc import Callable

from minidock.runtime.finished import Finished
from minidock.runtime.process import Process, Program, refused

__all__ = ["CONDITIONS"]


def _test(process: Process) -> Finished:
    words = list(process.arguments)
    if process.name in {"[", "[["}:
        closing = {"[": "]", "[[": "]]"}[process.name]
        if not words or words.pop() != closing:
            return Finished(stderr=f"sh: missing {closing}\n", code=2)
    try:
        return Finished(code=int(not _holds(process, words, 0)))
    except _Unknown as error:
        return Finished(stderr=f"sh: {error}\n", code=2)


class _Unknown(Exception):
    pass


def _holds(process: Process, words: list[str], depth: int) -> bool:
    """``-o`` binds less than ``-a``, which binds less than ``!``."""
    if depth > 40:
        raise _Unknown("too many arguments")
    if not words:
        return False
    if len(words) == 1:
        return bool(words[0])
    if len(words) == 3 and words[1] in _BINARY:
        return _compared(process, *words)
    for joint, both in (("-o", any), ("||", any), ("-a", all), ("&&", all)):
        if joint in words[1:]:
            place = words.index(joint, 1)
            sides = (words[:place], words[place + 1 :])
            return both(_holds(process, list(side), depth + 1) for side in sides)
    if words[0] == "!":
        return not _holds(process, words[1:], depth + 1)
    if len(words) == 2:
        return _unary(process, *words)
    raise _Unknown(f"{words[0]}: unknown operand")


def _unary(process: Process, sign: str, word: str) -> bool:
    files = process.files
    match sign:
        case "-n":
            return bool(word)
        case "-z":
            return not word
        case "-e" | "-r" | "-w" | "-x":
            return files.exists(word)
        case "-f":
            return files.read(word) is not None
        case "-d":
            return files.is_folder(word)
        case "-s":
            return bool(files.read(word))
        case "-t" | "-L" | "-h" | "-S" | "-p" | "-b" | "-c":
            return False
    raise _Unknown(f"{sign}: unknown operand")


_NUMERIC: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda left, right: left == right,
    "-ne": lambda left, right: left != right,
    "-lt": lambda left, right: left < right,
    "-le": lambda left, right: left <= right,
    "-gt": lambda left, right: left > right,
    "-ge": lambda left, right: left >= right,
}


_BINARY = {*_NUMERIC, "=", "==", "!=", "<", ">"}


def _compared(process: Process, left: str, sign: str, right: str) -> bool:
    del process
    match sign:
        case "=" | "==":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case ">":
            return left > right
    numbers = []
    for word in (left, right):
        if not re.fullmatch(r"\s*[-+]?\d{1,18}\s*", word, re.ASCII):
            raise _Unknown(f"{word}: bad number")
        numbers.append(int(word))
    return _NUMERIC[sign](*numbers)


def _expr(process: Process) -> Finished:
    words = process.arguments
    if len(words) == 1:
        return Finished(stdout=f"{words[0]}\n", code=int(words[0] in {"", "0"}))
    if len(words) != 3:
        return refused(process, "syntax error", 2)
    left, sign, right = words
    numbers = [re.fullmatch(r"-?\d{1,18}", word, re.ASCII) for word in (left, right)]
    if sign in {"+", "-", "*", "/", "%"}:
        if not all(numbers):
            return refused(process, "non-numeric argument", 2)
        a, b = int(left), int(right)
        if sign in "/%" and not b:
            return refused(process, "division by zero", 2)
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1) if b else 0
        value = {"+": a + b, "-": a - b, "*": a * b, "/": quotient}.get(
            sign, a - b * quotient
        )
    elif sign in {"=", "==", "!=", "<", "<=", ">", ">="}:
        pair = (int(left), int(right)) if all(numbers) else (left, right)
        value = int(_ORDER[sign](*pair))
    else:
        return refused(process, "syntax error", 2)
    return Finished(stdout=f"{value}\n", code=int(value == 0))


_ORDER: dict[str, Callable[..., bool]] = {
    "=": lambda left, right: left == right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


CONDITIONS: dict[str, Program] = {
    "[": _test,
    "[[": _test,
    "expr": _expr,
    "test": _test,
}
