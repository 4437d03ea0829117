"""The page of the API shows each of the everyday calls: request, answer and curl line."""

import re

import pytest

from tests.docs.pages import ROOT

CALLS = """
GET /images/json
POST /images/create
GET /images/{name}/history
GET /images/search
DELETE /images/{name}
POST /images/{name}/tag
GET /images/{name}/json
GET /containers/json
GET /containers/{id}/json
GET /containers/{id}/top
POST /containers/{id}/stop
POST /containers/{id}/start
POST /containers/{id}/restart
POST /containers/{id}/rename
DELETE /containers/{id}
POST /containers/{id}/kill
GET /networks
GET /networks/{id}
DELETE /networks/{id}
POST /networks/create
POST /networks/{id}/connect
POST /networks/{id}/disconnect
""".strip().splitlines()

PAGES = [
    ROOT / "docs" / "reference" / "api.md",
    ROOT / "docs" / "lessons" / "13-the-api-on-the-wire.md",
]
SECTION = re.compile(r"^#### `(.+?)`\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)


def asked(text):
    """The calls of the curl lines in a text: method and path."""
    for line in re.findall(r"^\$ (curl .*)$", text, re.MULTILINE):
        url = re.search(r"http://127\.0\.0\.1:2375(/[^\s?']*)", line)
        method = re.search(r"-X (\w+)", line)
        if url is not None:
            path = re.sub(r"^/v1\.\d+", "", url[1])
            yield f"{method[1] if method else 'GET'} {path}"


def fits(call, template):
    pattern = re.sub(r"\{\w+\}", "[^ ]+", template)
    return re.fullmatch(pattern, call) is not None


def test_there_are_22_of_them():
    assert len(CALLS) == 22


@pytest.mark.parametrize("call", CALLS)
def test_each_call_has_a_section_with_its_request_its_answer_and_its_curl_line(call):
    sections = dict(SECTION.findall(PAGES[0].read_text(encoding="utf-8")))
    assert call in sections
    text = sections[call]
    assert "Answer: `2" in " ".join(text.split())
    assert any(fits(one, call) for one in asked(text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_curl_line_asks_what_is_served(page):
    from minidock.api.routes import ROUTES

    served = [f"{method} {path}" for method, path, _ in ROUTES]
    calls = list(asked(page.read_text(encoding="utf-8")))
    assert calls
    assert [c for c in calls if not any(fits(c, template) for template in served)] == []


def test_the_lesson_walks_through_all_of_them():
    calls = list(asked(PAGES[1].read_text(encoding="utf-8")))
    assert [t for t in CALLS if not any(fits(c, t) for c in calls)] == []
