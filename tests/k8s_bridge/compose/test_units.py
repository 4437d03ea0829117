"""Lengths of time, sizes, numbers and command lines."""

import shlex
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.compose import shellwords, units

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("90s", "1m30s"),
        ("1h", "1h0m0s"),
        ("1d", "24h0m0s"),
        ("1w2d", "216h0m0s"),
        ("0", "0s"),
        ("-1s", "-1s"),
        ("+1.5s", "1.5s"),
        (".5s", "500ms"),
        ("1.s", "1s"),
        ("1s1h", "1h0m1s"),
        ("1us", "1µs"),
        ("1m1ms", "1m0.001s"),
    ],
)
def test_a_length_of_time_is_printed_as_go_prints_it(text: str, printed: str) -> None:
    assert units.duration(units.read_duration(text)) == printed


@given(st.integers(-(2**62), 2**62))
def test_a_length_of_time_is_read_back_from_its_text(nanoseconds: int) -> None:
    assert units.read_duration(units.duration(nanoseconds)) == nanoseconds


@pytest.mark.parametrize(
    "text", ["", "1", "1m30", "1S", " 1s", "s", ".s", "-", "9999999h", "1y"]
)
def test_a_length_of_time_needs_its_units(text: str) -> None:
    with pytest.raises(ValueError, match=r"^time: "):
        units.read_duration(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("-5", -5),
        ("1k", 1024),
        ("1KB", 1024),
        ("1 kib", 1024),
        ("1.5m", 1572864),
        ("0.1k", 102),
        ("1.7b", 1),
        ("1e3", 1000),
        ("1p", 2**50),
        ("99999999999g", -(2**63)),
    ],
)
def test_sizes_are_multiples_of_1024(text: str, size: int) -> None:
    assert units.read_size(text) == size


@pytest.mark.parametrize("text", ["", "x", "1x", "-5m", "1.2.3", "1kbit", "k"])
def test_a_size_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"invalid|strconv"):
        units.read_size(text)


@given(st.floats(-1e6, 1e6, width=32))
def test_a_fraction_of_32_bits_is_printed_in_its_shortest_form(number: float) -> None:
    short = units.read_decimal(number)
    assert struct.pack("f", short) == struct.pack("f", number)
    assert units.read_decimal(repr(short)) == short
    assert len(repr(short)) <= len(repr(number))


def test_truth_has_eight_words_in_any_case() -> None:
    assert [units.read_truth(word) for word in ("TRUE", "y", "Yes", "on")] == [True] * 4
    assert [units.read_truth(word) for word in ("false", "N", "no", "OFF")] == [
        False
    ] * 4
    for word in ("1", "t", ""):
        with pytest.raises(ValueError, match="invalid boolean"):
            units.read_truth(word)


def test_whole_numbers_are_decimal_and_fit_64_bits() -> None:
    assert units.read_whole("+007") == 7
    for text in ("0x10", "1_000", "1.0", "", "9" * 20):
        with pytest.raises(ValueError, match="strconv"):
            units.read_whole(text)


@given(st.lists(st.text("ab \\'\"$`(){}|&;<>#*\n\té", min_size=0, max_size=6)))
def test_words_that_are_quoted_are_read_back_as_these_words(words: list[str]) -> None:
    assert shellwords.split(shlex.join(words)) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("a > b", ["a"]),
        ("a 2>&1 b", ["a"]),
        ("a1> b", ["a1"]),
        ("a && b", ["a"]),
        ("a; b", ["a"]),
        ("a `b c` d", ["a", "`b", "c`", "d"]),
        ("a $(b c) d", ["a", "$(b c)", "d"]),
        ("a # b", ["a", "#", "b"]),
        (r"a\ b", ["a b"]),
        (r"a\nb", ["a\nb"]),
        ("a '' b", ["a", "", "b"]),
        ('a"b c"d', ["ab cd"]),
    ],
)
def test_a_line_is_split_and_no_shell_reads_it(line: str, words: list[str]) -> None:
    if "`" in line:
        words = ["a", "`b c`", "d"]  # between back quotes nothing is split
    assert shellwords.split(line) == words


@pytest.mark.parametrize("line", ["'a", 'a "b', "a $(b", "a (b) c", "a )", "a\\", "`a"])
def test_what_is_not_closed_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="invalid command line string"):
        shellwords.split(line)
