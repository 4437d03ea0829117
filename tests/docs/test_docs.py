"""Every example that a reader sees is run, and shows what really happens."""

import re
from doctest import IGNORE_EXCEPTION_DETAIL
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

from tests.docs.pages import (
    ROOT,
    difference,
    host,
    pages,
    picture,
    true_page,
    true_session,
)
from tests.docs.wire import has_curl

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PAGES = [pytest.param(page, id=str(page.relative_to(ROOT))) for page in pages()]


def _console(example: Example) -> str | None:
    source = str(example.parsed)
    found = difference(source, true_session(source, example.namespace["run"]))
    return found or None


_SYBIL = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=IGNORE_EXCEPTION_DETAIL),
        CodeBlockParser(language="console", evaluator=_console),
    ]
)


@pytest.mark.parametrize("page", _PAGES)
def test_what_a_page_shows_is_what_happens(page: Path) -> None:
    if "\n$ curl" in page.read_text(encoding="utf-8") and not has_curl():
        pytest.skip("its sessions need curl")
    document = _SYBIL.parse(page)
    faults = []
    with host() as run:
        document.namespace["run"] = run
        for example in document.examples():
            try:
                example.evaluate()
            except AssertionError as fault:
                faults.append(fault)
    if faults:
        raise ExceptionGroup(f"{page.name} shows what does not happen", faults)


@pytest.mark.parametrize(
    "page",
    [page for page in pages() if "<!-- picture" in page.read_text("utf-8")],
    ids=lambda page: page.stem,
)
def test_a_picture_shows_what_the_library_draws(page: Path) -> None:
    drawn: dict[str, str] = {}
    true_page(page.read_text(encoding="utf-8"), drawn)
    for name, svg in drawn.items():
        assert picture(name) == svg, f"python -m tests.docs.pages --update {page}"


@pytest.mark.parametrize("page", _PAGES)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    text = re.sub(
        r"^```.*?^```$",
        "",
        page.read_text(encoding="utf-8"),
        flags=re.MULTILINE | re.DOTALL,
    )
    targets = [t.partition("#")[0] for t in _LINK.findall(text) if "://" not in t]
    lost = [t for t in targets if t and not (page.parent / t).exists()]
    assert lost == []


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs" / "lessons").glob("*.md")), ids=lambda page: page.stem
)
def test_a_lesson_has_something_to_run(page: Path) -> None:
    assert list(_SYBIL.parse(page).examples())


def test_a_page_that_lies_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "lie.md"
    page.write_text("```console\n$ minidock --version\nminidock 7\n```\n", "utf-8")
    with pytest.raises(ExceptionGroup, match="shows what does not happen"):
        test_what_a_page_shows_is_what_happens(page)
