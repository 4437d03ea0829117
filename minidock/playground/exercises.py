"""The lessons' exercises as plain data: list, show, check, hint, solution.

Invariant: a solution is given only to who asks for it, and hints one at a time.
"""

import re
import sys
from dataclasses import replace

from minidock.cli.lab_lines import lines_on
from minidock.errors import InvalidParameter
from minidock.labs.catalogue import find, packaged
from minidock.labs.checking import check
from minidock.labs.lab import Lab
from minidock.labs.report import Finding, Report
from minidock.model.document import Json

__all__ = ["checked", "hinted", "listed", "shown", "solved"]


def listed() -> list[Json]:
    """Each exercise's name, title and lesson, in the order of the lessons."""
    return [
        {"name": lab.name, "title": lab.title, "lesson": lab.lesson, "page": stem}
        for stem, lab in packaged().items()
    ]


def shown(name: str) -> dict[str, Json]:
    """What a learner sees of an exercise: what is asked, and what to start from."""
    stem, lab = _named(name)
    setup = lab.setup
    typed = setup.commands if not setup.hosts and not setup.era else ()
    return {
        "name": lab.name,
        "title": lab.title,
        "lesson": lab.lesson,
        "page": stem,
        "kind": lab.kind.value,
        "question": lab.question.strip(),
        "skeleton": lab.skeleton.strip("\n"),
        "hints": len(lab.hints),
        "setup": [f"docker {_bare(line)}" for line in typed],
        "python": setup.python.strip(),
        "hosts": list(setup.hosts),
        "expects": [expectation.that for expectation in lab.expectations],
    }


def _bare(line: str) -> str:
    return line.removeprefix("docker ").strip()


def hinted(name: str, number: int) -> dict[str, Json]:
    """The hint with a number, the first being 1.

    Raises:
        InvalidParameter: there is no such hint.
    """
    _, lab = _named(name)
    if not 1 <= number <= len(lab.hints):
        raise InvalidParameter(
            f"there is no hint {number}",
            asked=f"hint {number} of {lab.name}",
            rule=f"this exercise has the hints 1 to {len(lab.hints)}",
            remedy="the solution, or a question to your teacher",
        )
    return {"hint": lab.hints[number - 1], "left": len(lab.hints) - number}


def solved(name: str) -> dict[str, Json]:
    """An answer that passes."""
    return {"solution": _named(name)[1].solution.strip("\n")}


def checked(name: str, answer: str) -> dict[str, Json]:
    """What a check of an answer found; ``lines`` are those that were refused."""
    report = check(_named(name)[1], answer, lines_on)
    if sys.platform == "emscripten":
        report = without_threads(report)
    told = dict(report.json)
    # on the page, "refused" says that the question itself was refused
    return {"passed": report.passed, "lines": told.pop("refused"), **told}


def without_threads(report: Report) -> Report:
    """A report in which what needs threads, which a browser has not, does not count.

    >>> alone = Finding(that="one after the other", ok=True)
    >>> crowd = Finding(that="in every order", ok=False, seen=f"raises {_NO_THREADS}")
    >>> told = without_threads(Report(lab="x", findings=(alone, crowd)))
    >>> told.passed, told.findings[1].that
    (True, 'in every order (not asked: a browser has no threads)')
    """
    findings = (
        Finding(that=f"{found.that} {_NOT_ASKED}", ok=True)
        if found.seen.endswith(_NO_THREADS)
        else found
        for found in report.findings
    )
    return replace(report, findings=tuple(findings))


_NO_THREADS = "RuntimeError: can't start new thread"
_NOT_ASKED = "(not asked: a browser has no threads)"


def _named(name: str) -> tuple[str, Lab]:
    """The stem of one of the packaged labs, and the lab; a path leads nowhere here.

    Raises:
        NotFound: there is none of that name.
    """
    lab = find(_NO_NAME.sub("", name)[:80] or "?")
    return next(stem for stem, other in packaged().items() if other is lab), lab


_NO_NAME = re.compile(r"[^a-z0-9-]")
"""What no name of a lab has; a file has a dot or a slash in its path."""
