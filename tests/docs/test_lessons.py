"""Every lesson has its parts, in both languages, and says the same in both."""

import re
from pathlib import Path

import pytest

from minidock.labs.catalogue import packaged
from tests.docs.lessons import LESSONS, PARTS, chinese, english
from tests.docs.pages import ROOT
from tests.docs.translations import seal, sealed, sessions

_WRITTEN = [lesson for lesson in LESSONS if english(lesson).exists()]
_TRANSLATED = [lesson for lesson in LESSONS if chinese(lesson).exists()]
_WITH_LAB = [lesson for lesson in _TRANSLATED if lesson in packaged()]


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


@pytest.mark.parametrize("lesson", _WITH_LAB)
def test_a_lesson_starts_and_checks_its_own_exercise_in_both_languages(lesson):
    name = packaged()[lesson].name
    for text in (read(english(lesson)), read(chinese(lesson))):
        assert f"minidock lab start {name}" in text
        assert f"minidock lab check {name} " in text


@pytest.mark.parametrize("lesson", _WITH_LAB)
def test_a_ladder_of_hints_has_three_steps_or_more_in_both_languages(lesson):
    steps = read(english(lesson)).count("<summary>Hint ")
    assert 3 <= steps == len(packaged()[lesson].hints)
    assert read(chinese(lesson)).count("<summary>提示 ") == steps


@pytest.mark.parametrize("lesson", _WRITTEN)
def test_a_lesson_is_numbered_as_its_file_is(lesson):
    assert read(english(lesson)).startswith(f"# {int(lesson[:2])}. ")


def test_there_are_fifteen_lessons_and_each_is_translated():
    assert len(LESSONS) == 15
    missing = [
        page.relative_to(ROOT).as_posix()
        for lesson in LESSONS
        for page in (english(lesson), chinese(lesson))
        if not page.exists()
    ]
    assert missing == []


def test_each_lesson_has_an_exercise_that_is_checked():
    assert sorted(packaged()) == sorted(LESSONS)


@pytest.mark.parametrize("folder", ["docs", "docs/zh"])
def test_an_index_lists_the_lessons_in_their_order(folder):
    """Each by the title that its page has."""
    text = read(ROOT / folder / "index.md")
    rows = re.findall(r"(?m)^(\d+)\. \[(.+?)\]\(lessons/(\S+)\.md\)", text)
    assert [(int(number), lesson) for number, _, lesson in rows] == list(
        enumerate(LESSONS, start=1)
    )
    for number, title, lesson in rows:
        page = ROOT / folder / "lessons" / f"{lesson}.md"
        assert f"\n# {number}. {title}\n" in f"\n{read(page)}"


@pytest.mark.parametrize("folder", ["docs/lessons", "docs/zh/lessons"])
def test_no_page_of_the_lessons_is_outside_the_list(folder):
    assert {page.stem for page in (ROOT / folder).glob("*.md")} <= set(LESSONS)


@pytest.mark.parametrize("page", [english, chinese], ids=["en", "zh"])
@pytest.mark.parametrize("lesson", LESSONS[:-1])
def test_a_lesson_leads_to_the_next_one(lesson, page):
    following = LESSONS[LESSONS.index(lesson) + 1]
    assert f"]({following}.md)" in read(page(lesson))[-400:]


_HINT = re.compile(
    r"<summary>Hint \d+</summary>\n(.*?)(?=<details>|</details>)", re.DOTALL
)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_hints_of_a_page_are_those_of_its_exercise(lesson):
    shown = [" ".join(hint.split()) for hint in _HINT.findall(read(english(lesson)))]
    hints = [" ".join(hint.split()) for hint in packaged()[lesson].hints]
    assert shown == hints


_BROKEN_LINE = re.compile(
    r"[\u3000-\u9fff\uff00-\uffef]\n *[\u4e00-\u9fff\uff00-\uffef]"
)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_chinese_sentence_is_one_line(lesson):
    """A browser shows the end of a line as a space, and Chinese has none."""
    prose = re.sub(
        r"^```.*?^```$", "", read(chinese(lesson)), flags=re.MULTILINE | re.DOTALL
    )
    assert _BROKEN_LINE.findall(prose) == []
