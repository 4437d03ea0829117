"""A piece of Python that somebody typed: it shows its value, and never a traceback."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.engine import Engine
from minidock.playground.python import MOST, run


def test_the_last_value_shows_itself_and_nothing_else_does():
    assert run("1\n2", {}).text == "2\n"
    assert run("x = 1", {}).text == ""
    assert run("None", {}).text == ""


def test_what_is_printed_comes_before_the_value():
    assert run("print('a')\n2", {}).text == "a\n2\n"


def test_names_are_kept_for_the_next_piece():
    names: dict[str, object] = {}
    run("def twice(n): return 2 * n", names)
    assert run("twice(21)", names).text == "42\n"
    assert run("_ + 1", names).text == "43\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero\n"),
        ("x = 1\ny = x / 0", "ZeroDivisionError: division by zero (line 2)\n"),
        ("nosuch", "NameError: name 'nosuch' is not defined\n"),
        ("raise SystemExit(3)", "nothing ends here: go on typing\n"),
        ("raise KeyboardInterrupt", "nothing ends here: go on typing\n"),
        ("input()", "EOFError: EOF when reading a line\n"),
        ("def f(): f()\nf()", "RecursionError: maximum recursion depth exceeded"),
        ("print(1))", "SyntaxError: unmatched ')'\n"),
        ("'\\ud800'.encode()", "UnicodeEncodeError: "),
    ],
)
def test_an_error_is_one_line_without_a_traceback(text, said):
    ran = run(text, {})
    assert ran.text.startswith(said)
    assert not ran.ok
    assert "Traceback" not in ran.text
    assert ran.text.count("\n") == 1


def test_an_error_that_cannot_say_what_it_is_is_told_by_its_name():
    text = "class E(Exception):\n    def __str__(self): raise ValueError\nraise E"
    assert run(text, {}).text.startswith("E: (it cannot say what went wrong)")


def test_a_value_that_cannot_show_itself_is_an_error_like_any_other():
    text = "class V:\n    def __repr__(self): raise ValueError('no')\nV()"
    assert run(text, {}).text == "ValueError: no (line 2)\n"


def test_a_refusal_has_its_three_parts():
    ran = run("docker.trace('web', 'db:99999')", {"docker": Engine()})
    assert ran.text == "InvalidParameter: invalid port '99999' in db:99999\n"
    assert ran.why.splitlines()[0].startswith("asked:")


def test_what_draws_itself_is_given_as_a_picture():
    assert run("docker.draw()", {"docker": Engine()}).picture.startswith("<svg")


@pytest.mark.parametrize("body", ["raise ValueError", "return 3", "return 'x' * 10**7"])
def test_what_cannot_draw_itself_is_no_picture(body):
    ran = run(f"class V:\n    def _repr_svg_(self): {body}\nV()", {})
    assert ran.ok
    assert ran.picture == ""


def test_a_long_output_ends():
    ran = run("for _ in range(1000): print('x' * 1000)", {})
    assert len(ran.text) < MOST + 100
    assert ran.text.endswith("... (the rest is not shown)\n")


def test_streams_are_as_they_were_before(capsys):
    streams = sys.stdin, sys.stdout, sys.stderr
    run("import sys\nsys.stdin = sys.stdout = None\n1 / 0", {})
    assert (sys.stdin, sys.stdout, sys.stderr) == streams
    assert capsys.readouterr() == ("", "")


@given(st.text(max_size=80))
def test_whatever_is_no_python_gets_one_line(text):
    ran = run(text + "\n(", {})
    assert not ran.ok
    assert "Traceback" not in ran.text
