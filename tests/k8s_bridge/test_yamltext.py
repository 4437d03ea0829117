"""YAML text says the same to every reader, and says it plainly."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.yamltext import document

_TRAPS = st.from_regex(r"[-+]?[0-9_.:xobeEa-f+-]{0,8}", fullmatch=True)
_WORDS = st.sampled_from(
    "yes No on OFF y n True null ~ Null .nan .inf -.INF = << 0o17 0b1 1e3 1_0.5e+3 "
    "12:30:45.5 53:53 2001-01-01 --- ... - ? : -a ?a :a a: a:b a#b #a * & ! | > @ ` % "
    "' \" [ ] { } , a,b [a {a a] 1.2.3.4 0.0.0.0/0 ::/0 --flag".split()
)
_LETTERS = st.text("ab \n\t:#-'\"\\|>{}[]&*!%@`?,~0é\x85\u2028\ufeff\r\x00\U0001f600")
_TEXTS = _TRAPS | _WORDS | _LETTERS | st.text(st.characters(exclude_categories=["Cs"]))
_SCALARS = st.none() | st.booleans() | st.integers() | _TEXTS
_DATA = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
)
_LOADERS = [yaml.SafeLoader]
if hasattr(yaml, "CSafeLoader"):
    _LOADERS.append(yaml.CSafeLoader)


@pytest.mark.parametrize("loader", _LOADERS)
@given(value=_DATA)
def test_yaml_that_we_write_is_read_back_as_it_was(loader, value):
    assert yaml.load(document(value), Loader=loader) == value  # safe ones


@pytest.mark.parametrize("loader", _LOADERS)
@given(text=_TEXTS)
def test_a_text_stays_a_text_wherever_in_yaml_it_stands(loader, text):
    value = {"a": [text, {text: text}], "b": {"c": [[text]], text: [text]}}
    assert yaml.load(document(value), Loader=loader) == value  # safe ones


@given(st.lists(_DATA, min_size=1, max_size=3))
def test_documents_after_each_other_are_told_apart(values):
    written = "---\n".join(map(document, values))
    assert list(yaml.safe_load_all(written)) == values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"cidr": "::/0", "ip": "1.2.3.4"}, "cidr: ::/0\nip: 1.2.3.4\n"),
        ({"args": ["--a=b", "yes", "8080"]}, "args:\n- --a=b\n- 'yes'\n- '8080'\n"),
        ({"a": [[1, 2], []], "b": {}}, "a:\n- - 1\n  - 2\n- []\nb: {}\n"),
        ({"a": [{"b": 1, "c": [2]}]}, "a:\n- b: 1\n  c:\n  - 2\n"),
        ({"a": "x\n\ty\n"}, "a: |\n  x\n  \ty\n"),
        ({"a": "x\n\n"}, "a: |+\n  x\n\n"),
        ({"a": "  x\ny"}, "a: |2-\n    x\n  y\n"),
        ({"a": "x \ny"}, 'a: "x \\ny"\n'),
        ({"a": "it's: x"}, "a: 'it''s: x'\n"),
        ({"a": "\x00\x7f\u2028"}, 'a: "\\x00\\x7f\\u2028"\n'),
        ({"a": None, "b": True, "c": ""}, "a: null\nb: true\nc: ''\n"),
    ],
)
def test_people_read_it(value, text):
    assert document(value) == text


def test_a_long_key_is_read_back():
    value = {"k" * 2000: [{"x" * 2000: 1}]}
    assert yaml.safe_load(document(value)) == value
