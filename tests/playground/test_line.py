"""What somebody typed: commands, Python, or what was copied from a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.playground.line import Kind, read

KNOWN = {"docker", "minidock", "run", "ps", "diff", "info", "wait", "trace", "web"}
NAMES = {"=docker", "=x", "=print"}


def known(word: str) -> bool:
    return word in KNOWN or word in NAMES


def kinds(text: str) -> list[Kind]:
    return [line.kind for line in read(text, known)]


@pytest.mark.parametrize(
    "text",
    [
        "docker ps",
        "docker",
        "ps -a",
        "web ping db",
        "web",
        "  docker ps",
        "minidock trace web db:6379",
        "docker run -d --name 'not closed",
        "dcoker ps",
        "pz",
        "diff",
    ],
)
def test_a_word_that_is_known_begins_a_command_and_so_does_what_is_no_python(text):
    assert kinds(text) == [Kind.COMMAND]


@pytest.mark.parametrize(
    "text",
    [
        'docker("ps")',
        "docker.networks.list()",
        "web = docker.containers.get('web')",
        "info = 3",
        "wait == 3",
        "docker",
        "x",
        "2 + 2",
        "import json",
        "print(1))",
        "def f():\n    return 1\nf()",
    ],
)
def test_what_only_python_would_say_is_python(text):
    expected = Kind.COMMAND if text == "docker" else Kind.PYTHON
    assert kinds(text) == [expected]


@pytest.mark.parametrize("text", ["for n in range(3):", "(1,", "def f():", "x = ["])
def test_python_that_wants_more_lines_is_unfinished(text):
    assert kinds(text) == [Kind.UNFINISHED]


@pytest.mark.parametrize("text", ["", "  ", "\n\n", "# a comment", "# two\n# lines"])
def test_blanks_and_comments_are_nothing(text):
    assert read(text, known) == ()


def test_of_a_copied_session_only_what_was_typed_is_run():
    page = "$ docker ps\nCONTAINER ID   IMAGE\n$ docker run \\\n    nginx\n923431c3\n"
    assert [line.text for line in read(page, known)] == [
        "docker ps",
        "docker run nginx",
    ]


def test_of_a_copied_python_session_each_prompt_is_a_piece_of_its_own():
    page = ">>> for n in range(2):\n...     print(n)\n0\n1\n>>> 2\n2\n"
    lines = read(page, known)
    assert [line.text for line in lines] == ["for n in range(2):\n    print(n)", "2"]
    assert {line.kind for line in lines} == {Kind.PYTHON}


def test_several_commands_at_once_are_several_lines():
    assert kinds("docker ps\n# between\ndocker ps -a") == [Kind.COMMAND] * 2


@given(st.text(max_size=200))
def test_every_text_in_the_playground_has_a_reading(text):
    assert all(isinstance(line.kind, Kind) for line in read(text, known))


@given(st.sampled_from(sorted(KNOWN)), st.text(alphabet="abc -./:", max_size=20))
def test_reading_a_line_again_reads_it_the_same(word, rest):
    for line in read(f"{word} {rest}", known):
        assert read(line.text, known) == (line,)
