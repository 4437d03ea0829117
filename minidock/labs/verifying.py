"""A lab checked itself: can it be failed, and passed, and does all of it ask something?

```
the skeleton, as an answer ───────▶ must fail
the solution, as an answer ───────▶ must pass
wrong answers (wrong.py) ─────────▶ each expectation should be missed by one of them;
                                    if not, it may expect nothing, and that is noted
```

Invariant: in what passes here nobody is stuck, and nobody passes by doing nothing.
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from minidock.labs.checking import check
from minidock.labs.lab import Lab, Matched
from minidock.labs.report import Finding, Report
from minidock.labs.stage import Opener
from minidock.labs.wrong import wrong_answers

__all__ = ["Verified", "verify"]

_TRIED = 200


class Verified(NamedTuple):
    """What must be so of a lab, each ok or not, and what its author should look at."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def verify(lab: Lab, opener: Opener) -> Verified:
    """Try a lab with its skeleton, its solution, and with answers that miss something.

    Args:
        lab: the lab.
        opener: how a line is run; see :func:`minidock.labs.checking.check`.

    Raises:
        LabFault: a command of its setup was refused.
    """
    solved = check(lab, lab.solution, opener)
    begun = check(lab, lab.skeleton, opener)
    fails = any(not finding.ok for finding in begun.findings)
    findings = (
        Finding(
            that="the skeleton fails",
            ok=fails,
            seen="" if fails else "all is as it should be before anything is written",
            why="" if fails else "A lab is about something that is not there yet.",
        ),
        Finding(
            that="the solution passes",
            ok=solved.passed,
            seen="" if solved.passed else _shown(solved),
            why="" if solved.passed else "A lab that its author cannot pass is broken.",
        ),
    )
    return Verified(findings, tuple(_notes(lab, opener, begun)))


def _shown(report: Report) -> str:
    lines = [f"line {line.number}: {line.said}" for line in report.refused]
    lines += [f"{one.that}: {one.seen}" for one in report.findings if not one.ok]
    return "\n".join(lines)


def _notes(lab: Lab, opener: Opener, begun: Report) -> Iterator[str]:
    """Expectations that nothing which was tried misses."""
    missed = {one.that for one in begun.findings if not one.ok}
    # what an answer must not have cannot be missed by leaving something out
    missed |= {
        one.that
        for one in lab.expectations
        if isinstance(one.question, Matched) and not one.question.has
    }
    for answer in islice(wrong_answers(lab), _TRIED):
        if len(missed) == len(lab.expectations):
            break
        report = check(lab, answer, opener)
        missed |= {one.that for one in report.findings if not one.ok}
    for expectation in lab.expectations:
        if expectation.that not in missed:
            yield f"no wrong answer that was tried misses this: {expectation.that}"
