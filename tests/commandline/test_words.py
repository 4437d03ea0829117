import contextlib
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.commandline.words import split_line
from minidock.errors import NotationError

WORDS = st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc"))), max_size=6)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "docker run -d --name web -p 80:80 nginx",
            ["run", "-d", "--name", "web", "-p", "80:80", "nginx"],
        ),
        ("$ docker ps", ["ps"]),
        ("  ps   -a  ", ["ps", "-a"]),
        ("exec web sh -c 'echo $HOME'", ["exec", "web", "sh", "-c", "echo $HOME"]),
        ('run -e "A=b \\" c" x', ["run", "-e", 'A=b " c', "x"]),
        ('run -e "A=\\n" x', ["run", "-e", "A=\\n", "x"]),
        ("run a\\ b", ["run", "a b"]),
        ("run a'b'\"c\"d", ["run", "abcd"]),
        ("network create ''", ["network", "create", ""]),
        ("ps # all of them", ["ps"]),
        ("run a#b", ["run", "a#b"]),
        ("run \\\n  nginx", ["run", "nginx"]),
        ("inspect -f {{.Name}} web", ["inspect", "-f", "{{.Name}}", "web"]),
        ("run 'a|b' \"c;d\"", ["run", "a|b", "c;d"]),
        ("", []),
        ("docker", []),
        ("# nothing", []),
        ("x\\", ["x\\"]),
    ],
)
def test_a_line_is_cut_as_a_shell_cuts_it(line, words):
    assert split_line(line) == words


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("docker run 'nginx", "no closing ' for the one at position 11"),
        ('run -e "A=b', 'no closing " for the one at position 7'),
        ("docker ps | wc -l", "'|' at position 10 is for a shell, not for docker"),
        (
            "docker ps; docker images",
            "';' at position 9 is for a shell, not for docker",
        ),
        (
            "docker rm $(docker ps -q)",
            "'$(' at position 10 is for a shell, not for docker",
        ),
        (
            'docker rm "$(docker ps -q)"',
            "'$(' at position 11 is for a shell, not for docker",
        ),
        ("docker load < x.tar", "'<' at position 12 is for a shell, not for docker"),
    ],
)
def test_what_only_a_shell_can_do_is_refused_with_its_position(line, text):
    with pytest.raises(NotationError, match="position") as caught:
        split_line(line)
    assert str(caught.value) == text


@given(WORDS)
def test_quoting_words_and_cutting_them_gives_them_back(words):
    expected = words
    if expected[:1] == ["$"]:
        expected = expected[1:]
    if expected[:1] == ["docker"]:
        expected = expected[1:]
    assert split_line(shlex.join(words)) == expected


@given(st.text(max_size=40))
def test_any_line_gives_words_that_it_holds_or_a_refusal(line):
    with contextlib.suppress(NotationError):
        words = split_line(line)
        assert set("".join(words)) <= set(line)
