"""Every lesson has its parts, in both languages, and says the same in both."""

from pathlib import Path

import pytest

from tests.docs.lessons import LESSONS, PARTS, chinese, english
from tests.docs.translations import seal, sealed, sessions

_WRITTEN = [lesson for lesson in LESSONS if english(lesson).exists()]
_TRANSLATED = [lesson for lesson in LESSONS if chinese(lesson).exists()]


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("lesson", _TRANSLATED)
@pytest.mark.parametrize(
    ("language", "page"), [("en", english), ("zh", chinese)], ids=["en", "zh"]
)
def test_a_lesson_has_all_its_parts_in_their_order(lesson, language, page):
    text = read(page(lesson))
    places = [text.find(part) for part in PARTS[language]]
    assert -1 not in places, PARTS[language][places.index(-1)]
    assert places == sorted(places)


@pytest.mark.parametrize("lesson", _TRANSLATED)
def test_a_translation_runs_the_sessions_of_its_lesson(lesson):
    assert sessions(read(chinese(lesson))) == sessions(read(english(lesson)))


@pytest.mark.parametrize("lesson", _TRANSLATED)
def test_a_translation_was_made_from_the_page_as_it_is(lesson):
    assert sealed(read(chinese(lesson))) == seal(read(english(lesson))), (
        "translate what changed, then: python -m tests.docs.translations --seal PAGE"
    )


@pytest.mark.parametrize("lesson", _WRITTEN)
def test_a_lesson_is_numbered_as_its_file_is(lesson):
    assert read(english(lesson)).startswith(f"# {int(lesson[:2])}. ")
