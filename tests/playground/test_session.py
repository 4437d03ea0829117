"""A session: lines in, Worlds and texts out, and a way back and forward."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidock.errors import InvalidParameter
from minidock.playground.line import Kind
from minidock.playground.session import Session
from minidock.playground.share import Shared, packed, unpacked

LESSONS = Path(__file__).parents[2] / "docs" / "lessons"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)

STORY = (
    "docker network create app",
    "docker run -d --name web --network app -p 8080:80 nginx",
    "docker run -d --name db redis",
    "web ping -c 1 db",
    "trace web db:6379",
    "docker network connect app db",
    ">>> containers = docker.containers.list()",
    ">>> for one in containers:\n...     print(one.name)",
    "back",
    "docker network create app",
)

LINES = st.one_of(
    st.sampled_from(STORY),
    st.sampled_from(
        ["docker rm -f web", "diff", "why", "rules", "docker ps -a", ">>> 1 / 0"]
    ),
    st.text(max_size=30),
)


def played(lines) -> Session:
    session = Session()
    session.replay(lines, with_python=True)
    return session


def test_a_line_is_an_entry_with_what_it_printed():
    [entry] = Session().run("docker network ls --format '{{.Name}}'")
    assert (entry.text, entry.ok, entry.kind) == (
        "bridge\nhost\nnone\n",
        True,
        Kind.COMMAND,
    )


def test_a_refusal_is_an_entry_too_and_changes_nothing():
    session = Session()
    before = session.picture(0)
    [entry] = session.run("docker network connect app web")
    assert not entry.ok
    assert entry.why.startswith("asked:")
    assert session.picture(1) == before
    assert not session.changes(1)


def test_the_node_comes_first_as_in_mininet():
    session = played(STORY[:3])
    [entry] = session.run("web ping -c 1 db")
    assert entry.text == "ping: bad address 'db'\n"


def test_a_program_of_the_host_is_run_on_the_host():
    session = played(STORY[:2])
    assert "docker0" in session.run("ip addr")[0].text
    assert "nginx in the container web" in session.run("curl -s localhost:8080")[0].text
    session.run("docker run -d --name ss nginx")
    assert (
        "uid=0" in session.run("ss id")[0].text
    )  # a container of that name goes first


def test_what_stands_behind_a_pipe_sign_reads_what_was_printed():
    session = Session()
    line = "docker network ls --format '{{.Name}}' | grep -v host | tail -1"
    assert session.run(line)[0].text == "none\n"
    [refused] = session.run("docker network rm nosuch | head -0")
    assert "nosuch not found" in refused.text
    [quoted] = session.run("docker run --rm busybox sh -c 'echo a | tr a b'")
    assert quoted.text.endswith("b\n")
    assert len(session.engine.world.containers) == 0


def test_an_option_before_the_command_is_taken_or_answered():
    session = Session()
    [why] = session.run("minidock --why docker network rm nosuch")
    assert "\n  asked:  " in why.text
    [state] = session.run("minidock --state x.db --era 20.10 ps")
    assert not state.ok
    assert "one host" in state.text


def test_why_explains_the_last_refusal_as_often_as_it_is_asked():
    session = Session()
    session.run("docker network rm nosuch")
    first, second = session.run("why") + session.run("why")
    assert "nosuch" in first.text
    assert first.text == second.text


def test_python_and_commands_speak_of_one_host():
    session = Session()
    session.run("docker network create app")
    assert session.run(">>> docker.networks.get('app').name")[0].text == "'app'\n"
    session.run(">>> _ = docker('network create back')")
    assert "back" in session.run("docker network ls")[0].text


def test_an_engine_of_ones_own_is_shown_beside_the_host_of_the_prompt():
    session = Session()
    session.run("docker network create old")
    session.run(">>> docker = Engine('20.10')")
    assert ">old<" not in session.picture(2)
    session.run(">>> _ = docker('network create new')")
    assert ">new<" in session.picture(3)
    assert "+ new: bridge" in str(session.changes(3))
    assert session.run(">>> docker.trace('host', '192.0.2.1')")[0].journey is not None
    [listed] = session.run("docker network ls --format '{{.Name}}'")
    assert "old" in listed.text
    assert ">old<" in session.picture(5)
    assert not session.changes(5)
    session.run(">>> docker = 3")
    assert ">old<" in session.picture(6)


@pytest.mark.parametrize("number", [3, 5, 7, 9, 10, 15])
def test_the_sessions_of_a_lesson_print_what_the_lesson_shows(number):
    [page] = LESSONS.glob(f"{number:02}-*.md")
    session = Session()
    lines = unlike = 0
    for kind, body in FENCE.findall(page.read_text(encoding="utf-8")):
        if kind == "console" or body.lstrip().startswith(">>>"):
            shown = " ".join(body.replace("<BLANKLINE>", "").split())
            for entry in session.run(body):
                lines += 1
                unlike += " ".join(entry.text.split()) not in shown
    # a refusal of Python is written without a traceback here, and grep reads no stderr
    assert unlike <= lines // 10
    assert lines > 30


def test_a_journey_is_remembered_whoever_asked_for_it():
    session = played(STORY[:3])
    [typed] = session.run("trace web db:6379")
    [called] = session.run(">>> docker.trace('web', 'db:6379')")
    assert typed.journey is not None
    assert called.journey is not None
    assert typed.journey.svg == called.journey.svg
    assert session.run("docker ps")[0].journey is None


def test_a_trace_fits_itself_to_the_terminal():
    session = played(STORY[:2])
    session.columns = 50
    [entry] = session.run("trace web outside:80  # a comment")
    assert entry.ok or entry.journey is not None
    assert max(map(len, entry.text.splitlines())) <= 50
    assert entry.line == "trace web outside:80  # a comment"


def test_unfinished_python_is_no_entry():
    session = Session()
    assert session.run("for n in range(3):") == ()
    assert session.lines == ()


def test_nothing_of_the_computer_is_read_or_written(tmp_path):
    session = Session()
    session.run("docker pull alpine")
    file = tmp_path / "all.tar"
    file.write_text("a secret", encoding="utf-8")
    saved, loaded = session.run(f"docker save -o {file} alpine\ndocker load -i {file}")
    assert not saved.ok
    assert not loaded.ok
    assert file.read_text(encoding="utf-8") == "a secret"


@pytest.mark.parametrize("line", ["exit", "quit", "serve", "demo", "play x", "reset"])
def test_no_command_ends_a_session(line):
    session = Session()
    session.run(line)
    assert session.run("docker ps")[0].ok


def test_looking_back_shows_each_world_and_what_changed():
    session = played(STORY)
    assert ">app<" not in session.picture(0)
    assert "+ app: bridge" in str(session.changes(1))
    assert "+ web (nginx): running" in str(session.changes(2))
    assert not session.changes(4)  # a ping
    assert "- " in str(session.changes(9))  # back


def test_going_on_from_an_earlier_step_forgets_what_came_later():
    session = played(STORY)
    other = session.until(2)
    assert other.lines == STORY[:2]
    assert other.picture(2) == session.picture(2)
    assert len(session.entries) == len(STORY) + 1


@pytest.mark.parametrize("place", [-1, 1, 10**30])
def test_there_is_no_step_before_the_first_or_behind_the_last(place):
    with pytest.raises(InvalidParameter, match="there is no step"):
        Session().picture(place)


def test_a_replay_stops_before_python_unless_it_may_run_it():
    session = Session()
    done, number = session.replay(
        ("docker network create a", ">>> open('x', 'w')", "docker ps"),
        with_python=False,
    )
    assert ([entry.line for entry in done], number) == (["docker network create a"], 1)


@pytest.mark.parametrize(
    "line",
    ["print(1)", ">>> 1", "docker('ps')", "x = 1", "import os", "$ docker ps\n>>> 1"],
)
def test_no_disguise_makes_python_run_in_a_replay_without_it(line):
    session = Session()
    assert session.replay((line,), with_python=False) == ((), 0)


def test_a_session_has_an_end():
    session = played(["#"] * 3)
    for _ in range(1001):
        session.run("why")
    [entry] = session.run("docker network create late")
    assert not entry.ok
    assert "1000 lines" in entry.text


@settings(max_examples=25, deadline=None)
@given(st.lists(LINES, max_size=8))
def test_the_same_lines_make_the_same_worlds_and_texts(lines):
    first = played(lines)
    second = played(first.lines)
    assert second.lines == first.lines
    assert [entry.text for entry in second.entries] == [e.text for e in first.entries]
    last = len(first.entries) - 1
    assert second.picture(last) == first.picture(last)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(STORY), max_size=8))
def test_a_link_leads_to_the_world_that_was_shared(lines):
    session = played(lines)
    shared = unpacked(packed(Shared(lines=session.lines)))
    there = played(shared.lines)
    last = len(session.entries) - 1
    assert there.picture(last) == session.picture(last)


@settings(max_examples=60, deadline=None)
@given(LINES)
def test_whatever_is_typed_gets_an_answer_and_no_traceback(line):
    session = played(STORY[:2])
    for entry in session.run(line):
        assert "Traceback" not in entry.text
    assert session.run("docker ps")[0].ok
