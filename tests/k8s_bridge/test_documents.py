"""Reading manifests: as kubectl reads them, and within bounds."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.documents import is_compose, manifests_of, values_of
from k8s_bridge.outputs import to_json, to_yaml
from k8s_bridge.sources.run import application_from_lines
from k8s_bridge.translate import translate
from minidock.errors import Exhausted, InvalidParameter, Refusal
from tests.k8s_bridge.shapes import STACKS

_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12) | st.sampled_from(
    ["yes", "no", "1e3", "0o17", "017", "1:30", "2001-01-01", "~", "null", ".5", "-", "0x1F", "1_000", "=", "<<"]
)  # fmt: skip
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=10,
)  # fmt: skip
_MANIFESTS = st.builds(
    lambda name, spec: {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": name}, "spec": spec},
    _TEXTS.filter(bool),
    _VALUES,
)  # fmt: skip


def _read(text):
    return list(manifests_of(values_of(text.encode(), "x"), "x"))


@given(st.lists(_MANIFESTS, max_size=3))
def test_manifests_that_we_write_are_read_back_the_same(manifests):
    assert _read(to_yaml(manifests)) == manifests
    assert _read(to_json(manifests)) == manifests


@pytest.mark.parametrize("name", STACKS)
def test_translations_are_read_back_the_same(name):
    manifests = translate(application_from_lines(STACKS[name])).manifests
    assert _read(to_yaml(manifests)) == manifests


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("off", False),
        ("y", True),
        ("~", None),
        ("010", 8),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("1_000", 1000),
        ("53:53", "53:53"),
        ("2001-01-01", "2001-01-01"),
        ("1.36", 1.36),
        ("1.2.3", "1.2.3"),
        ("'8080'", "8080"),
    ],
)
def test_words_mean_what_they_mean_for_kubectl(text, value):
    """Each was seen with kubectl create --dry-run=client -o json."""
    (read,) = values_of(f"a: {text}".encode(), "x")
    assert read == {"a": value}
    assert type(read["a"]) is type(value)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a: [", "x:2: "),
        ("\ta: 1", "x:1: "),
        ("a: 1\na: 2", "x:2: the key 'a' stands twice"),
        ("1: a", "x: the key 1 is no text"),
        ("a: !!binary aGk=", "bytes is no JSON"),
        ("a: !!python/object:os.system {}", "x:1: "),
        ("- 1", "x: document 1 is no object"),
        ("just words", "x: document 1 is no object"),
        ("kind: Pod", "x: document 1 has no apiVersion"),
        ("apiVersion: v1", "x: document 1 has no kind"),
        ("apiVersion: v1\nkind: Pod", "x: document 1 has no name"),
        (
            "---\n---\napiVersion: v1\nkind: List\nitems: [{}]",
            "document 2, item 1 has no apiVersion",
        ),
        ("apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}", "has no name"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(text, word):
    with pytest.raises(InvalidParameter) as caught:
        _read(text)
    assert word in caught.value.text
    assert caught.value.asked
    assert caught.value.remedy


def _bomb():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [_bomb(), "[" * 5000, "{a: " * 5000, "[" * 5000 + "]" * 5000, "a: &a [*a]", "- " * 3000],
    ids=["aliases", "open lists", "open maps", "json", "itself", "block"],
)  # fmt: skip
def test_hostile_files_are_refused_in_bounds(text):
    with pytest.raises((Exhausted, InvalidParameter)):
        values_of(text.encode(), "x")


@given(st.binary(max_size=60))
def test_any_bytes_are_read_as_manifests_or_refused(data):
    said = "x"
    try:
        list(manifests_of(values_of(data, "x"), "x"))
    except Refusal as refusal:
        said = refusal.text
    assert said.startswith("x")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("services:\n  web: {}", True),
        ('{"services": {}}', True),
        ("# text\nname: x\ninclude: [a.yaml]", True),
        ("kind: ConfigMap\ndata:\n  x: |\n    services: a", False),
        ("kind: X\nservices: []", False),
        ("apiVersion: v1\nmetadata:\n  services: 1", False),
        ('{"kind": "X", "services": 1}', False),
        ("{", False),
        ("", False),
    ],
)
def test_a_compose_file_is_known_by_its_services(text, answer):
    assert is_compose(text.encode()) is answer


def test_reading_is_like_pyyamls_for_plain_things():
    text = yaml.safe_dump_all(
        [
            {
                "apiVersion": "v1",
                "kind": "A",
                "metadata": {"name": "b"},
                "list": [1, {"c": None}],
            }
        ]
    )
    assert json.dumps(_read(text)) == json.dumps(list(yaml.safe_load_all(text)))
