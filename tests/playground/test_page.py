"""What a page asks and gets: JSON, whatever it asks."""

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.labs.catalogue import packaged
from minidock.playground.page import Page

HOSTILE = '"><script>alert(1)</script>'


class Asker:
    def __init__(self) -> None:
        self.page = Page()

    def __call__(self, do: str, **more: object) -> dict:
        return json.loads(self.page.answer(json.dumps({"do": do, **more})))


@pytest.fixture
def ask() -> Asker:
    return Asker()


def test_a_drawing_is_sent_when_it_is_another_one(ask):
    assert ask("start")["svg"].startswith("<svg")
    assert ask("run", text="docker ps")["svg"] is None
    assert ">app<" in ask("run", text="docker network create app")["svg"]


def test_a_journey_comes_with_its_hops_for_a_slider(ask):
    ask("run", text="docker run -d --name web -p 8080:80 nginx")
    told = ask("run", text="trace outside host:8080")
    hops = told["journey"]["hops"]
    assert [hop["number"] for hop in hops] == list(range(1, len(hops) + 1))
    assert any("DNAT" in hop["rule"] for hop in hops)
    numbers = {
        number
        for group in ET.fromstring(told["journey"]["svg"]).iter()
        for number in (group.get("data-hops") or "").split("-")
    } - {""}
    assert numbers <= {str(hop["number"]) for hop in hops}


def test_hop_by_hop_the_packet_and_what_changed_are_told(ask):
    ask("run", text="docker run -d --name web -p 8080:80 nginx")
    hops = ask("run", text="trace outside host:8080")["journey"]["hops"]
    changed = [hop for hop in hops if hop["changed"] and "DNAT" in hop["rule"]]
    assert changed[0]["changed"][0][2].endswith(":80")


def test_the_hop_where_a_journey_fails_is_marked(ask):
    ask("run", text="docker network create --internal back")
    ask("run", text="docker run -d --name db --network back redis")
    told = ask("run", text="trace db 203.0.113.9:443")["journey"]
    assert not told["delivered"]
    assert sum(hop["decides"] for hop in told["hops"]) == 1


def test_looking_back_tells_what_a_step_changed(ask):
    ask("run", text="docker network create app")
    ask("run", text="docker ps")
    told = ask("look", place=1)
    assert told["entry"]["line"] == "docker network create app"
    assert "networks" in [section["title"] for section in told["changes"]]
    assert ">app<" not in ask("look", place=0)["svg"]


def test_going_on_from_a_step_is_a_state_of_its_own(ask):
    ask("run", text="docker network create app")
    ask("run", text="docker network create back")
    told = ask("until", place=1)
    assert (told["place"], told["lines"]) == (1, ["docker network create app"])
    assert ">app<" in told["svg"]
    assert ">back<" not in told["svg"]


def test_a_link_is_opened_without_running_anything(ask):
    ask("run", text="docker network create app")
    ask("run", text=">>> 2 + 2")
    link = ask("share", lab="", answer="")["link"]
    other = Asker()
    opened = other("open", link=link)
    assert opened["lines"] == ["docker network create app", ">>> 2 + 2"]
    assert other("run", text="docker network ls")["place"] == 1
    assert other("start")["place"] == 0
    told = other("replay", lines=opened["lines"], python=False)
    assert (told["done"], told["place"]) == (1, 1)
    assert (
        other("replay", lines=opened["lines"][1:], python=True)["entries"][0]["text"]
        == "4\n"
    )


def test_a_refused_link_says_three_things(ask):
    told = ask("open", link="#1.nonsense")
    assert told["refused"]["why"].count("\n") == 2


def test_a_completion_is_a_list_of_words(ask):
    assert ask("complete", text="docker netw")["words"] == ["network"]
    ask("run", text="docker run -d --name zebra nginx")
    assert ask("complete", text="docker exec z")["words"] == ["zebra"]
    assert "zebra" in ask("complete", text="z")["words"]
    assert ask("complete", text="")["words"]


def test_unfinished_python_says_so(ask):
    assert ask("run", text="for n in range(3):") == {"unfinished": True}


@pytest.mark.parametrize(
    "name", [HOSTILE, "", "99", "../labs", "/etc/passwd", "x.toml"]
)
def test_an_exercise_of_another_name_is_refused(ask, name):
    for do in ("lab", "solution", "check", "hint"):
        assert "refused" in ask(do, lab=name, answer="", number=1)


def test_an_exercise_is_found_by_its_name_and_by_the_number_of_its_lesson(ask):
    by_number = ask("lab", lab="3")
    assert by_number == ask("lab", lab=by_number["name"])
    assert by_number["page"].startswith("03-")


@pytest.mark.parametrize("stem", list(packaged()))
def test_every_exercise_can_be_solved_in_the_playground(ask, stem):
    names = {lab["page"]: lab["name"] for lab in ask("labs")["labs"]}
    lab = ask("lab", lab=names[stem])
    assert lab["hints"] >= 3
    begun = ask("check", lab=lab["name"], answer=lab["skeleton"])
    assert (begun["passed"], begun["outcome"]) == (False, "nothing")
    solution = ask("solution", lab=lab["name"])["solution"]
    told = ask("check", lab=lab["name"], answer=solution)
    assert told["passed"], told
    assert [found["that"] for found in told["expectations"]] == lab["expects"]
    setup = ask("replay", lines=lab["setup"], python=False)
    assert all(entry["ok"] for entry in setup["entries"])
    hints = [ask("hint", lab=lab["name"], number=n + 1) for n in range(lab["hints"])]
    assert [hint["left"] for hint in hints] == list(reversed(range(lab["hints"])))
    assert "refused" in ask("hint", lab=lab["name"], number=lab["hints"] + 1)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "no json",
        "[]",
        "1",
        "null",
        "{}",
        '{"do": null}',
        '{"do": "__init__"}',
        '{"do": "run"}',
        '{"do": "run", "text": 3}',
        '{"do": "look", "place": "1"}',
        '{"do": "look", "place": true}',
        '{"do": "look", "place": 1e400}',
        '{"do": "replay", "lines": "docker ps"}',
        '{"do": "replay", "lines": [1]}',
        '{"do": "until", "place": -1}',
        '{"do": "share", "lab": "x y", "answer": ""}',
        "[" * 10_000,
        '{"do": "run", "text": "' + "x" * 300_000 + '"}',
    ],
)
def test_an_odd_question_is_refused_in_three_parts(ask, question):
    told = json.loads(ask.page.answer(question))
    assert set(told) == {"refused"}
    assert told["refused"]["why"].startswith("asked:")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        ["run", "look", "until", "complete", "open", "lab", "check", "odd"]
    ),
    st.dictionaries(
        st.sampled_from(["text", "place", "link", "lab", "answer", "number"]),
        st.one_of(st.text(max_size=20), st.integers(), st.none(), st.booleans()),
    ),
)
def test_every_question_of_the_playground_gets_an_object(do, more):
    page = Page()
    told = json.loads(page.answer(json.dumps({"do": do, **more})))
    assert isinstance(told, dict)
    assert "refused" in told or told
    assert json.loads(page.answer('{"do": "start"}'))["place"] == 0
