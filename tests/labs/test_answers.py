"""The lines of an answer."""

from hypothesis import given
from hypothesis import strategies as st

from minidock.labs.answers import lines_of, same, without_comments
from minidock.labs.lab import Kind

LINES = st.lists(
    st.sampled_from(["docker ps", "! docker rm x", "# no", "", "  $ docker ps -a", "one$ docker ps"])
)  # fmt: skip


@given(LINES)
def test_a_line_keeps_the_number_that_it_has_in_the_file(lines):
    text = "\n".join(lines)
    for line in lines_of(text):
        assert line.text in lines[line.number - 1]
    assert len(list(lines_of(text))) == sum("docker" in line for line in lines)


def test_a_continued_line_has_the_number_of_its_first() -> None:
    (one, two) = lines_of("# a\ndocker run \\\n  nginx\n! docker ps")
    assert (one.number, one.text) == (2, "docker run nginx")
    assert (two.number, two.text, two.refused) == (4, "docker ps", True)


def test_a_backslash_at_the_end_of_the_file_continues_nothing() -> None:
    assert [line.text for line in lines_of("docker ps \\\n")] == ["docker ps"]


@given(st.text(), st.sampled_from(list(Kind)))
def test_comments_are_taken_out_of_any_text(text, kind):
    once = without_comments(text, kind)
    assert same(text, text, kind)
    if kind is Kind.COMMANDS:
        assert "\\\n" not in once


def test_a_hash_in_quotes_is_no_comment() -> None:
    assert without_comments("x = '#1'  # 2\n", Kind.PYTHON) == "x = '#1'\n"
    text = "docker run --label 'a=# b' nginx # c\n"
    assert without_comments(text, Kind.COMMANDS) == "docker run --label 'a=# b' nginx\n"
