"""What the page for teachers says about the lessons is what the lessons say."""

import re

from tests.docs.pages import ROOT

_ENTRY = re.compile(
    r"^\d+\. \[(.*?)\]\(lessons/(\S+?)\.md\) \((\d+) minutes\)$", re.MULTILINE
)
_ROW = re.compile(
    r"^\| \d+\. \[(.*?)\]\(\.\./lessons/(\S+?)\.md\) \| (\d+) \|$", re.MULTILINE
)


def _found(pattern: re.Pattern[str], page: str) -> list[tuple[str, ...]]:
    return pattern.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))


def test_the_course_has_the_minutes_of_each_lesson() -> None:
    lessons = _found(_ENTRY, "index.md")
    assert len(lessons) >= 14
    assert _found(_ROW, "how-to/use-in-a-course.md") == lessons


def test_a_course_is_about_as_long_as_it_says() -> None:
    minutes = sum(int(row[2]) for row in _found(_ROW, "how-to/use-in-a-course.md"))
    assert 9 * 60 <= minutes <= 11 * 60
