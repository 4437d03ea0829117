"""An answer checked against a lab: every expectation, ok or not ok, and why.

```
lab, answer ──▶ commands: Stage ──▶ lines, one by one ──▶ refused lines
            │                   └─▶ expectations, each on the host as it then is
            └▶ python:   a process of its own ──▶ what each expression gives
            ──▶ Report
```

All expectations are asked, also behind one that is not met: who learns wants to know
everything that is missing, and who teaches, too.

Invariant: whatever the answer, a report is given; an expectation does not see what
another one has done.
"""

import json
import re
import time
from collections.abc import Iterator

from minidock.client.session import Output
from minidock.labs.answers import Line, lines_of, same, without_comments
from minidock.labs.lab import (
    HOLE,
    Evaluated,
    Expectation,
    Kind,
    Lab,
    Matched,
    Ran,
    Traced,
)
from minidock.labs.program import Stumble, Told
from minidock.labs.report import Finding, RefusedLine, Report
from minidock.labs.running import LIMIT, run
from minidock.labs.stage import Opener, Stage

__all__ = ["check", "unread"]

_MOST_LINES = 1000
_WHOLE = 4
"""How many times the limit the lines of an answer may take together."""
_MOST = 100_000


def check(lab: Lab, answer: str, opener: Opener, limit: float = LIMIT) -> Report:
    """Check an answer.

    Args:
        lab: what is asked.
        answer: the answer's text, at most 100,000 characters and 1,000 lines.
        opener: how a line is run on a host; ``minidock.cli.lab_lines.lines_on``.
        limit: seconds of work for each expectation of a Python answer; the lines of
            an answer of commands may take four times as long together.

    Raises:
        LabFault: the lab's own setup was refused.
    """
    answer = answer.replace("\r\n", "\n").removeprefix("\ufeff")
    nothing = _nothing(lab, answer)
    if len(answer) > _MOST:
        answer = ""
    text = without_comments(answer, lab.kind)
    checked = _python if lab.kind is Kind.PYTHON else _commands
    findings, refused = checked(lab, answer, text, opener, limit)
    return Report(lab=lab.name, findings=findings, refused=refused, nothing=nothing)


def unread(lab: Lab, why: str) -> Report:
    """The report on an answer that cannot be read.

    Args:
        lab: what is asked.
        why: why it cannot be read, such as "no such file".
    """
    told = Told(ok=False, seen="not asked")
    findings = tuple(_finding(expectation, told) for expectation in lab.expectations)
    return Report(lab=lab.name, findings=findings, nothing=why)


def _nothing(lab: Lab, answer: str) -> str:
    """Why there is nothing to check, or ""."""
    if len(answer) > _MOST:
        return f"{len(answer)} characters are no answer: at most {_MOST}"
    if not without_comments(answer, lab.kind).strip():
        return "the answer is empty"
    if same(answer, lab.skeleton, lab.kind):
        return "the answer is still the skeleton"
    return ""


_Checked = tuple[tuple[Finding, ...], tuple[RefusedLine, ...]]


def _finding(expectation: Expectation, told: Told) -> Finding:
    if told.ok:
        return Finding(that=expectation.that, ok=True)
    return Finding(that=expectation.that, ok=False, seen=told.seen, why=expectation.why)


def _commands(
    lab: Lab, answer: str, text: str, opener: Opener, limit: float
) -> _Checked:
    stage = Stage(lab.setup, opener, lab.file)
    lines = list(lines_of(answer))
    try:
        refused = list(_play(stage, lines, time.monotonic() + _WHOLE * limit))
    except _TooMuch as much:
        told = Told(ok=False, seen="not asked: the answer did not come to its end")
        unasked = [_finding(expectation, told) for expectation in lab.expectations]
        return tuple(unasked), (much.line,)
    findings = []
    for expectation in lab.expectations:
        if stage.touched:
            stage = stage.fresh()
        findings.append(_finding(expectation, _asked(stage, expectation, text)))
    return tuple(findings), tuple(refused)


class _TooMuch(Exception):
    """An answer that takes too long, and the line at which that was seen."""

    def __init__(self, line: RefusedLine) -> None:
        super().__init__(line.said)
        self.line = line


def _play(stage: Stage, lines: list[Line], end: float) -> Iterator[RefusedLine]:
    """Do the lines of an answer; those that did not do what they should."""
    for count, line in enumerate(lines):
        if count == _MOST_LINES or time.monotonic() > end:
            said = f"{count} lines were run; that takes too long, or is too much"
            why = f"rule:   at most {_MOST_LINES} lines\ntry:    those that are needed"
            raise _TooMuch(
                RefusedLine(number=line.number, text=line.text, said=said, why=why)
            )
        if HOLE in line.text:
            yield RefusedLine(
                number=line.number,
                text=line.text,
                said="there is still a hole in this line",
                why=f"rule:   each {HOLE} stands for something that you find out\n"
                "try:    minidock lab hint",
            )
            continue
        output = stage.do(line)
        if output.ok == line.refused:
            yield _refused(line, output)


def _refused(line: Line, output: Output) -> RefusedLine:
    if line.refused:
        return RefusedLine(
            number=line.number,
            text=f"! {line.text}",
            said="it went through, and was expected to be refused",
            why="rule:   a line with ! in front must be refused\ntry:    without the !",
        )
    parts = {part.strip() for part in output.why.splitlines()}
    lines = [one for one in str(output).splitlines() if one.strip() not in parts]
    said = "\n".join(lines).strip() or f"exit code {output.code}"
    return RefusedLine(
        number=line.number, text=line.text, said=said, why=output.why.strip()
    )


def _asked(stage: Stage, expectation: Expectation, text: str) -> Told:
    question = expectation.question
    if isinstance(question, Traced):
        line = f"minidock trace --json {question.words}"
        return _traced(stage.ask(line, expectation.on), question)
    if isinstance(question, Ran):
        return _ran(stage.ask(question.line, expectation.on), question)
    if isinstance(question, Matched):
        return _matched(text, question)
    raise TypeError(f"{question!r} asks nothing of a host")


def _traced(output: Output, question: Traced) -> Told:
    try:
        found = json.loads(output.stdout)
    except ValueError:
        return Told(ok=False, seen=str(output).strip())
    outcome = str(found["outcome"])
    if outcome.replace("-", " ") == question.outcome:
        return Told(ok=True)
    return Told(ok=False, seen=f"{outcome}: {found['why']}")


def _ran(output: Output, question: Ran) -> Told:
    shown = _trimmed(str(output))
    ending = f"{question.line}\n{shown or '(nothing)'}"
    if question.prints is not None:
        return _told(shown == _trimmed(question.prints), ending)
    if question.matches is not None:
        found = re.search(question.matches, shown, re.MULTILINE)
        return _told(found is not None, ending)
    if question.fails:
        return _told(not output.ok and question.fails_with in shown, ending)
    return _told(output.ok, ending)


def _told(ok: bool, seen: str) -> Told:
    return Told(ok, "" if ok else seen)


def _trimmed(text: str) -> str:
    """Without the blank space that nobody sees."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _matched(text: str, question: Matched) -> Told:
    found = re.search(question.pattern, text, re.MULTILINE)
    if question.has:
        missing = f"the answer has nothing like {question.pattern}"
        return _told(found is not None, missing)
    return _told(found is None, f"the answer has {found[0] if found else ''}")


def _python(lab: Lab, answer: str, text: str, _: Opener, limit: float) -> _Checked:
    asked = [
        expectation.question
        for expectation in lab.expectations
        if isinstance(expectation.question, Evaluated)
    ]
    results = run(lab.setup.python, answer, asked, limit)
    refused: tuple[RefusedLine, ...] = ()
    if isinstance(results, Stumble):
        refused = (_stumbled(answer, results),)
        unasked = Told(ok=False, seen="not asked: the answer did not load")
        results = [unasked] * len(asked)
    told = iter(results)
    findings = [
        _finding(
            expectation,
            _matched(text, expectation.question)
            if isinstance(expectation.question, Matched)
            else next(told),
        )
        for expectation in lab.expectations
    ]
    return tuple(findings), refused


def _stumbled(answer: str, stumble: Stumble) -> RefusedLine:
    lines = answer.splitlines()
    known = 0 < stumble.line <= len(lines)
    return RefusedLine(
        number=stumble.line,
        text=lines[stumble.line - 1].strip() if known else "",
        said=stumble.said,
        why="rule:   the answer is a module: Python runs it from its first line to its"
        " last\ntry:    python FILE, which shows the same",
    )
