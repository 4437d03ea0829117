"""Every exercise that comes with minidock, and those of the tests' own."""

from pathlib import Path

import pytest

from minidock.cli.lab_lines import lines_on
from minidock.labs.catalogue import packaged
from minidock.labs.checking import check
from minidock.labs.lab import Lab
from minidock.labs.reading import read_lab
from tests.docs.lessons import LESSONS
from tests.labs.answers import NEAR_MISSES, RIGHT
from tests.labs.mutants import wrong_answers

OWN = {
    path.stem: read_lab(path.read_text(encoding="utf-8"), path.name)
    for path in sorted((Path(__file__).parent / "files").glob("*.toml"))
}
LABS = {**packaged(), **OWN}


@pytest.mark.parametrize("stem", packaged())
def test_an_exercise_is_named_as_its_lesson_is(stem: str) -> None:
    lab = packaged()[stem]
    number, _, name = stem.partition("-")
    assert stem in LESSONS
    assert (lab.lesson, lab.name) == (int(number), name)


@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
def test_a_skeleton_fails(lab: Lab) -> None:
    report = check(lab, lab.skeleton, lines_on)
    assert report.code == 2
    assert not all(finding.ok for finding in report.findings)


@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
def test_a_solution_passes(lab: Lab) -> None:
    report = check(lab, lab.solution, lines_on)
    assert report.passed, report


@pytest.mark.parametrize(("stem", "answer"), RIGHT, ids=[stem for stem, _ in RIGHT])
def test_another_right_answer_passes_too(stem: str, answer: str) -> None:
    report = check(packaged()[stem], answer, lines_on)
    assert report.passed, report


@pytest.mark.parametrize(
    ("stem", "that", "answer"), NEAR_MISSES, ids=[stem for stem, _, _ in NEAR_MISSES]
)
def test_a_near_miss_is_told_what_it_misses(stem: str, that: str, answer: str) -> None:
    report = check(packaged()[stem], answer, lines_on)
    assert that in {finding.that for finding in report.findings if not finding.ok}


@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
def test_each_expectation_fails_for_some_answer(lab: Lab) -> None:
    waiting = {expectation.that for expectation in lab.expectations}
    for answer in wrong_answers(lab):
        found = check(lab, answer, lines_on, limit=2).findings
        waiting -= {finding.that for finding in found if not finding.ok}
        if not waiting:
            break
    assert not waiting, "no wrong answer fails these; WRONG in mutants.py takes more"
