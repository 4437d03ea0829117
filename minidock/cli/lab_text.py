"""What ``minidock lab`` prints: reports as text, as a table, as JSON and as CSV.

```
one answer       ok / not ok for each expectation, what is there instead, why
many answers     a row for each, a column for each expectation
```

Invariant: ok and not ok are words, so that nobody has to see colours.
"""

import csv
import io
from collections.abc import Sequence
from typing import NamedTuple

from minidock.cli.answers import three_parts
from minidock.labs.lab import HOLE, Lab
from minidock.labs.report import Finding, RefusedLine, Report
from minidock.model.document import Json

__all__ = ["Checked", "as_csv", "as_json", "list_text", "report_text", "table_text"]

_INDENT = " " * 8
_MOST_LINES = 12


class Checked(NamedTuple):
    """An answer's file, and what the check found."""

    file: str
    report: Report


def list_text(labs: Sequence[Lab]) -> str:
    """The labs, one on a line."""
    width = max((len(lab.name) for lab in labs), default=0)
    rows = [
        f"{lab.lesson or '':>2}  {lab.name:<{width}}  {lab.kind:<8}  {lab.title}\n"
        for lab in labs
    ]
    return "".join(rows)


def report_text(lab: Lab, checked: Checked, word: str) -> str:
    """What was found about one answer, for who wrote it."""
    report = checked.report
    parts = [f"{checked.file}: {lab.title}\n"]
    if report.nothing:
        parts.append(f"nothing to check: {report.nothing}\n")
        parts.append("  rule:   an answer is a text that says more than the skeleton\n")
        begun = "skeleton" in report.nothing
        remedy = f"fill the holes, {HOLE}; a hint: minidock lab hint {word}"
        start = f"minidock lab start {word} FILE{lab.suffix}"
        parts.append(f"  try:    {remedy if begun else start}\n")
        return "".join(parts)
    parts += [_refused(line) for line in report.refused]
    parts += [_finding(finding) for finding in report.findings]
    met = sum(finding.ok for finding in report.findings)
    verdict = "passed" if report.passed else "not yet"
    bad = len(report.refused)
    but = f", but {bad} line{'s' if bad > 1 else ''} not ok" if bad else ""
    parts.append(f"{met} of {len(report.findings)}{but}: {verdict}\n")
    if not report.passed:
        parts.append(f"a hint: minidock lab hint {word}\n")
    return "".join(parts)


def _finding(finding: Finding) -> str:
    if finding.ok:
        return f"ok      {finding.that}\n"
    seen = _lines(finding.seen)
    return "".join(
        [
            f"not ok  {finding.that}\n",
            *(f"{_INDENT}{line}\n" for line in seen),
            *(f"{_INDENT}why: {line}\n" for line in [" ".join(finding.why.split())]),
        ]
    )


def _refused(line: RefusedLine) -> str:
    place = f"line {line.number}" if line.number else "the answer"
    head = f"{place}: {line.text}\n" if line.text else f"{place}:\n"
    said = "".join(f"{_INDENT}{text}\n" for text in _lines(line.said))
    why = "".join(f"{_INDENT[2:]}{text}\n" for text in _parts(line.why))
    return f"not ok  {head}{said}{why}"


def _parts(why: str) -> list[str]:
    return three_parts(why).splitlines()


def _lines(text: str) -> list[str]:
    """The lines that are shown of a long text; the last ones say most."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) <= _MOST_LINES:
        return lines
    return [
        lines[0],
        f"... {len(lines) - _MOST_LINES + 2} lines",
        *lines[2 - _MOST_LINES :],
    ]


def table_text(lab: Lab, answers: Sequence[Checked]) -> str:
    """A row for each answer, a column for each expectation, and what they expect."""
    width = max([4, *(len(one.file) for one in answers)])
    numbers = range(1, len(lab.expectations) + 1)
    rows = [["file".ljust(width), *(f"{n:<6}" for n in numbers), "lines   ", "outcome"]]
    for file, report in answers:
        cells = [("ok" if one.ok else "not ok").ljust(6) for one in report.findings]
        if report.nothing:
            cells = ["-     "] * len(lab.expectations)
        lines = "-" if report.nothing else "ok"
        if report.refused:
            lines = f"{len(report.refused)} bad"
        last = report.nothing or report.outcome
        rows.append([file.ljust(width), *cells, lines.ljust(8), last])
    table = "".join("  ".join(row).rstrip() + "\n" for row in rows)
    legend = "".join(
        f"{n:>2}  {one.that}\n"
        for n, one in zip(numbers, lab.expectations, strict=True)
    )
    return f"{table}\n{legend}\n{_sum(answers)}\n"


def _sum(answers: Sequence[Checked]) -> str:
    outcomes = [one.report.outcome for one in answers]
    return (
        f"{len(answers)} answers: {outcomes.count('passed')} passed, "
        f"{outcomes.count('failed')} failed, {outcomes.count('nothing')} with nothing"
        " to check"
    )


def as_json(lab: Lab, answers: Sequence[Checked]) -> Json:
    """All that was found, in one object."""
    outcomes = [one.report.outcome for one in answers]
    return {
        "lab": lab.name,
        "lesson": lab.lesson or None,
        "title": lab.title,
        "expectations": [one.that for one in lab.expectations],
        "counts": {
            word: outcomes.count(word) for word in ("passed", "failed", "nothing")
        },
        "answers": [
            {
                "file": file,
                **{key: value for key, value in report.json.items() if key != "lab"},
            }
            for file, report in answers
        ],
    }


def as_csv(lab: Lab, answers: Sequence[Checked]) -> str:
    """A row for each answer; expectations are ok or not ok."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    sentences = [one.that for one in lab.expectations]
    writer.writerow(map(_safe, ["file", "outcome", "met", "of", "refused", *sentences]))
    for file, report in answers:
        cells = ["ok" if one.ok else "not ok" for one in report.findings]
        met = sum(one.ok for one in report.findings)
        counted = [str(met), str(len(cells)), str(len(report.refused))]
        if report.nothing:
            cells = [""] * len(cells)
            counted = ["", str(len(cells)), ""]
        writer.writerow(map(_safe, [file, report.outcome, *counted, *cells]))
    return out.getvalue()


def _safe(cell: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t"} else cell
