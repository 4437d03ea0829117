import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.commandline.gotext import (
    duration,
    nano_cpus,
    quote,
    record,
    size,
    truth,
    whole,
)
from minidock.commandline.refusal import Cli

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)


@given(INT64)
def test_a_whole_number_is_read_back_in_every_base(number):
    sign, value = ("-", -number) if number < 0 else ("", number)
    for text in (
        f"{number}",
        f"{sign}{value:#x}",
        f"{sign}{value:#b}",
        f"{sign}0{value:o}",
    ):
        assert whole(text) == number
    assert whole(f"{number}", base=10) == number


@given(st.one_of(st.integers(min_value=1 << 63), st.integers(max_value=-(1 << 63) - 1)))
def test_a_number_too_large_is_refused_and_named(number):
    with pytest.raises(ValueError, match="value out of range") as caught:
        whole(str(number))
    assert f'"{number}"' in str(caught.value)


@given(st.text(max_size=12), st.sampled_from(Cli))
def test_any_text_is_a_value_of_a_flag_or_is_refused_with_a_reason(text, cli):
    for read in (truth, whole, duration, nano_cpus, record, lambda t: size(t, cli)):
        why = "read"
        try:
            read(text)
        except ValueError as error:
            why = str(error)
        assert why


@given(st.integers(0, 1 << 40), st.sampled_from("kmgt"), st.sampled_from(Cli))
def test_each_unit_of_memory_is_1024_of_the_one_before(count, unit, cli):
    expected = count * 1024 ** ("kmgt".index(unit) + 1)
    if expected < 1 << 53:  # what a float holds exactly
        assert size(f"{count}{unit}", cli) == expected
        assert size(f"{count}{unit.upper()}iB", cli) == expected


@given(st.integers(0, 1 << 40))
def test_a_share_of_a_processor_is_exact_to_the_billionth(nano):
    whole_part, rest = divmod(nano, 1_000_000_000)
    assert nano_cpus(f"{whole_part}.{rest:09}") == nano


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59_999))
def test_a_duration_is_the_sum_of_its_parts(hours, minutes, milliseconds):
    text = f"{hours}h{minutes}m{milliseconds / 1000}s"
    assert (
        duration(text) == (hours * 3600 + minutes * 60) * 10**9 + milliseconds * 10**6
    )
    assert duration(f"-{text}") == -duration(text)


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",))),
        min_size=2,
    )
)
def test_a_record_is_read_as_a_csv_writer_wrote_it(fields):
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(fields)
    assert record(written.getvalue()) == fields


@given(st.text())
def test_a_quoted_text_is_plain_ascii_and_keeps_its_quotes_apart(text):
    quoted = quote(text)
    assert quoted[0] == quoted[-1] == '"'
    assert "\n" not in quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('a"b', r'"a\"b"'),
        ("a\\b", r'"a\\b"'),
        ("\x01", r'"\x01"'),
        ("é", '"é"'),
        ("\u200b", r'"\u200b"'),
        ("it's", '"it\'s"'),
    ],
)
def test_quoting_is_gos(text, shown):
    assert quote(text) == shown
