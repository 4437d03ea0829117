"""Numbers of bytes in Docker's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.views.sizes import bytes_size, human_size


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0B"),
        (999, "999B"),
        (1000, "1kB"),
        (1024, "1.02kB"),
        (65472657, "65.5MB"),
        (4_860_000, "4.86MB"),
        (142_000_000, "142MB"),
        (1_234_567_890, "1.23GB"),
    ],
)
def test_a_size_is_worded_in_powers_of_1000(size, text):
    assert human_size(size) == text


def test_a_size_just_below_a_unit_prints_an_exponent_as_docker_does():
    assert human_size(999_999) == "1e+03kB"


def test_memory_is_worded_in_powers_of_1024():
    assert bytes_size(1023) == "1023B"
    assert bytes_size(1536) == "1.5KiB"
    assert bytes_size(25276325888) == "23.54GiB"


@given(st.integers(0, 10**27))
def test_the_number_before_the_unit_of_a_size_is_small(size):
    number = human_size(size).rstrip("BkMGTPEZY")
    assert float(number) <= 1000
