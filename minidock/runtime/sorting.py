"""`sort` and `uniq`: lines in order, and neighbours that are equal."""

import re
from collections.abc import Callable
from itertools import groupby

from minidock.runtime.finished import Finished
from minidock.runtime.lines import CANNOT_OPEN, answer, lines_of, read_sources, shown
from minidock.runtime.options import Options, options
from minidock.runtime.process import Process, Program, usage

__all__ = ["SORTING"]

_NUMBER = re.compile(r"\s*(-?\d{1,15}(?:\.\d{1,15})?)", re.ASCII)


def _sort(process: Process) -> Finished:
    given = options(process.arguments, "nrufbhV", "ktoS")
    key = re.fullmatch(
        r"(\d{1,3})(?:,(\d{1,3}))?([nr]*)", given.value("k") or "1", re.ASCII
    )
    if given.unknown or given.incomplete or key is None:
        return usage(process, "[-nru] [-t CHAR] [-k N] [FILE]...")
    sources = read_sources(process, given.rest)
    letters = given.flags | set(key[3])
    by = _field_of(given, key)

    def rank(line: str) -> tuple[float, str]:
        field = by(line)
        if "f" in letters:
            field = field.upper()
        if letters & {"n", "h", "V"}:
            number = _NUMBER.match(field)
            return (float(number[1]) if number else 0, "")
        return (0, field)

    reverse = "r" in letters
    # Lines of equal rank are put in order by all their letters.
    lines = sorted(lines_of(sources.text), reverse=reverse)
    lines.sort(key=rank, reverse=reverse)
    if "u" in letters:
        lines = [next(group) for _, group in groupby(lines, key=rank)]
    return answer(sources, shown(lines))


def _field_of(given: Options, key: re.Match[str]) -> Callable[[str], str]:
    if given.value("k") is None:
        return lambda line: line
    first, separator = int(key[1]) - 1, given.value("t")
    last = int(key[2]) if key[2] else None

    def field(line: str) -> str:
        fields = line.split(separator) if separator else re.findall(r"\s*\S+", line)
        return (separator or "").join(fields[max(first, 0) : last])

    return field


def _uniq(process: Process) -> Finished:
    given = options(process.arguments, "cdui")
    if given.unknown:
        return usage(process, "[-cdui] [FILE]")
    sources = read_sources(process, given.rest[:1], says=CANNOT_OPEN)
    lower = "i" in given.flags
    found = []
    for _, group in groupby(
        lines_of(sources.text), key=lambda line: line.lower() if lower else line
    ):
        same = list(group)
        repeated = len(same) > 1
        if ("d" in given.flags and not repeated) or ("u" in given.flags and repeated):
            continue
        count = f"{len(same):7} " if "c" in given.flags else ""
        found.append(count + same[0])
    return answer(sources, shown(found))


SORTING: dict[str, Program] = {
    "sort": _sort,
    "uniq": _uniq,
}
