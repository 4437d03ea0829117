"""Texts that are no JSON are refused in the words of Go's scanner."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.api.gojson import NotJson, first_value, well_formed, whole_value

VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("not json", "invalid character 'o' in literal null (expecting 'u')"),
        ('{"a": 1, b}',
         "invalid character 'b' looking for beginning of object key string"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a": 1 "b"}', "invalid character '\"' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        (r'"\x"', "invalid character 'x' in string escape code"),
        (r'"\u12g4"', r"invalid character 'g' in \u hexadecimal character escape"),
        ('"a\nb"', r"invalid character '\n' in string literal"),
        ("-x", "invalid character 'x' in numeric literal"),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ("1ex", "invalid character 'x' in exponent of numeric literal"),
        ("NaN", "invalid character 'N' looking for beginning of value"),
        ("\x00", r"invalid character '\x00' looking for beginning of value"),
        # Odd on purpose: Go reads bytes, and names the first of a letter.
        ("é", "invalid character 'Ã' looking for beginning of value"),
        ("[" * 20_000, "invalid character '[' exceeded max depth"),
    ],
)  # fmt: skip
def test_the_first_wrong_letter_is_named_with_what_was_expected(text, told):
    with pytest.raises(NotJson) as refused:
        first_value(text)
    assert (str(refused.value), refused.value.early) == (told, False)


@pytest.mark.parametrize("text", ["", "{", '{"a":', '"abc', "[1", "tru", "-", "1."])
def test_a_text_that_only_ends_too_soon_is_told_apart(text):
    with pytest.raises(NotJson) as refused:
        first_value(text)
    assert refused.value.early


@given(VALUES, st.text(alphabet=" \n\t"))
def test_json_is_read_as_python_reads_it(value, blanks):
    text = blanks + json.dumps(value) + blanks
    assert whole_value(text) == value
    assert first_value(text + " x") == (value, blanks + " x")


@given(VALUES, st.data())
def test_json_that_was_cut_or_spoilt_is_read_or_refused_and_never_crashes(value, data):
    text = json.dumps(value, ensure_ascii=data.draw(st.booleans()))
    place = data.draw(st.integers(0, len(text)))
    spoilt = text[:place] + data.draw(st.text(max_size=2)) + text[place + 1 :]
    try:
        # Half a pair of UTF-16 is all that Go reads otherwise.
        expected = well_formed(json.loads(spoilt), spoilt)
    except ValueError:
        with pytest.raises(NotJson):
            whole_value(spoilt)
    else:
        assert whole_value(spoilt) == expected
