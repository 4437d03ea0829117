"""JSON text as Go writes it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.model.document import freeze
from minidock.views.gojson import dumps

# Whole floats from 1e15 on are written without an exponent and read as integers.
floats = st.floats(-1e15, 1e15) | st.floats(1e21, allow_infinity=False)
scalars = st.none() | st.booleans() | st.integers() | st.text() | floats
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_compact_text_has_no_spaces():
    assert dumps({"a": [1, None, True], "b": {}}) == '{"a":[1,null,true],"b":{}}'


def test_html_signs_are_escaped_unless_asked_otherwise():
    assert dumps("80->80 & <none>") == r'"80-\u003e80 \u0026 \u003cnone\u003e"'
    assert dumps("80->80", escape_html=False) == '"80->80"'


def test_line_separators_are_always_escaped():
    assert dumps("\u2028\u2029", escape_html=False) == r'"\u2028\u2029"'


def test_other_letters_stay_and_control_signs_have_their_old_forms():
    assert dumps("é…\b\f\n\x01") == r'"é…\u0008\u000c\n\u0001"'
    assert dumps("\\b \\\\f") == r'"\\b \\\\f"'


def test_empty_groups_stay_closed_when_indented():
    text = dumps({"Config": [], "Options": {}, "Containers": {"a": 1}}, indent=4)
    assert text.splitlines()[1:3] == ['    "Config": [],', '    "Options": {},']


def test_frozen_documents_are_written_like_plain_json():
    plain = {"b": [1, {"c": None}], "a": "x"}
    assert dumps(freeze(plain)) == dumps(plain)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-0.0, "-0"),
        (0.5, "0.5"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (0.000001, "0.000001"),
        (0.0000015, "0.0000015"),
        (0.0000001, "1e-7"),
    ],
)
def test_floats_are_written_as_go_does(number, text):
    assert dumps(number) == text


def test_what_is_no_json_is_refused():
    with pytest.raises(TypeError, match="is no JSON value"):
        dumps({"a": {1}})


@given(values)
def test_reading_printed_json_gives_the_value_back(value):
    assert json.loads(dumps(value)) == value


@given(values)
def test_indented_json_says_the_same_as_compact_json(value):
    assert json.loads(dumps(value, indent=4)) == json.loads(dumps(value))


@given(
    st.recursive(
        st.none() | st.text(alphabet="abé"),
        lambda inner: (
            st.lists(inner, min_size=1)
            | st.dictionaries(st.text(alphabet="xyz"), inner, min_size=1)
        ),
    )
)
def test_the_layout_of_json_is_that_of_python_where_nothing_is_empty(value):
    assert dumps(value, indent=4) == json.dumps(value, indent=4, ensure_ascii=False)
