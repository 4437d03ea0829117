"""`awk`, only ``/pattern/ {print $N, ...}``: columns of lines.

A program of any other form is refused, in a text that says so.
"""

import re

from minidock.runtime.finished import Finished
from minidock.runtime.lines import read_sources
from minidock.runtime.options import options
from minidock.runtime.patterns import expression
from minidock.runtime.process import Process, Program, refused, usage

__all__ = ["AWK"]

_AWK = re.compile(
    r"\s*(?:/((?:\\.|[^/])*)/|(NR)\s*(==|>|<|>=|<=)\s*(\d+))?\s*(?:\{\s*print\b([^{}]*)\})?\s*\Z"
)


_AWK_PART = re.compile(r'\s*(,)|\s*\$(\d+|NF)|\s*(NR|NF)|\s*"((?:\\.|[^"\\])*)"')


def _awk(process: Process) -> Finished:
    given = options(process.arguments, "", "Fv", permute=False)
    if given.unknown or given.incomplete or not given.rest:
        return usage(process, "[-F SEP] PROGRAM [FILE]...")
    program = _AWK.match(given.rest[0])
    parts = None if program is None else _awk_parts(program[5] or "")
    if program is None or parts is None or not given.rest[0].strip():
        text = "only /pattern/ {print $N, ...} is simulated here"
        return refused(process, text)
    pattern = expression(program[1], extended=True) if program[1] is not None else None
    if program[1] is not None and pattern is None:
        return refused(process, f"bad regex '{program[1]}'")
    sources = read_sources(process, given.rest[1:])
    found = []
    for number, line in enumerate(sources.text.splitlines(), 1):
        if pattern is not None and not pattern.search(line):
            continue
        if program[2] and not _numbered(number, program[3], int(program[4][:9])):
            continue
        found.append(_awk_print(parts, line, number, given.value("F")) + "\n")
    return Finished(
        stdout="".join(found), stderr=sources.errors, code=int(bool(sources.errors))
    )


def _numbered(number: int, sign: str, wanted: int) -> bool:
    signs = {
        "==": number == wanted,
        ">": number > wanted,
        "<": number < wanted,
        ">=": number >= wanted,
        "<=": number <= wanted,
    }
    return signs[sign]


def _awk_parts(text: str) -> list[tuple[str, str]] | None:
    """(kind, value) of what is printed: a field, a counter, a text or a comma."""
    found: list[tuple[str, str]] = []
    text = text.strip().rstrip(";")
    place = 0
    while place < len(text):
        match = _AWK_PART.match(text, place)
        if match is None:
            return None if text[place:].strip() else found
        kinds = ("comma", "field", "counter", "text")
        index = next(i for i in range(4) if match[i + 1] is not None)
        found.append((kinds[index], match[index + 1]))
        place = match.end()
    return found


def _awk_print(
    parts: list[tuple[str, str]], line: str, number: int, separator: str | None
) -> str:
    fields = line.split(separator) if separator not in {None, " "} else line.split()
    if not parts:
        return line
    shown = ""
    for kind, value in parts:
        if kind == "comma":
            shown += " "
        elif kind == "text":
            shown += value.replace("\\t", "\t").replace("\\n", "\n").replace('\\"', '"')
        elif kind == "counter":
            shown += str(number if value == "NR" else len(fields))
        else:
            place = len(fields) if value == "NF" else int(value[:6])
            shown += line if place == 0 else "".join(fields[place - 1 : place])
    return shown


AWK: dict[str, Program] = {
    "awk": _awk,
}
