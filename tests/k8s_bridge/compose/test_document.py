"""YAML as docker compose reads it, and hostile YAML refused quickly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.compose import building
from k8s_bridge.compose.building import DEPTH
from k8s_bridge.compose.document import documents
from k8s_bridge.compose.places import Places, nearest
from k8s_bridge.compose.scalars import printed, resolved
from minidock.errors import Exhausted, InvalidParameter


def value(text):
    (document,) = documents(text.encode(), "c.yaml")
    return document.tree.value


def resets(text):
    (document,) = documents(text.encode(), "c.yaml")
    return document.resets


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("TRUE", True),
        ("tRue", "tRue"),
        ("~", None),
        ("017", 15),
        ("0o17", 15),
        ("08", 8.0),
        ("0x1F", 31),
        ("0b101", 5),
        ("0b2", "0b2"),
        ("22:22", "22:22"),
        ("1_000", 1000),
        ("_1", "_1"),
        (".5", 0.5),
        (".e5", ".e5"),
        ("1,000", "1,000"),
        ("=", "="),
        ("18446744073709551616", 18446744073709551616.0),
        ("9223372036854775808", 9223372036854775808),
        ("1e400", "1e400"),
        ("2001-12-14", "2001-12-14 00:00:00 +0000 UTC"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.1 -0500 -0500"),
        ("2001-13-14", "2001-13-14"),
    ],
)
def test_a_word_means_what_it_means_to_docker_compose(word, meaning):
    assert resolved(word) == meaning
    assert type(resolved(word)) is type(meaning) or word.startswith("2001-12")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1e6, "1e+06"),
        (999999.5, "999999.5"),
        (9999999.5, "9.9999995e+06"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (100000.0, "100000"),
        (-0.0, "-0"),
        (-1.5, "-1.5"),
    ],
)
def test_a_fraction_is_written_as_go_writes_it(number, text):
    assert printed(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_fraction_is_read_back_from_its_text(number):
    assert float(printed(number)) == number


@given(st.text(max_size=12))
def test_any_word_of_a_yaml_file_has_a_meaning(word):
    assert resolved(word) is None or type(resolved(word)).__name__ in {
        "str",
        "int",
        "float",
        "bool",
        "Moment",
    }


def test_own_keys_win_over_merged_ones_and_the_first_merged_one_over_the_next():
    text = """
    one: &one {a: 1, b: 1}
    two: &two {b: 2, c: 2, d: 2}
    all: {d: 0, <<: [*one, *two]}
    """
    assert value(text)["all"] == {"d": 0, "a": 1, "b": 1, "c": 2}


def test_a_quoted_merge_key_is_an_ordinary_key():
    assert value('a: {"<<": x}') == {"a": {"<<": "x"}}


def test_what_is_reset_is_gone_and_remembered():
    text = "services: {web: {ports: !reset [], image: x, env: [a, !reset b]}}"
    assert value(text) == {"services": {"web": {"image": "x", "env": ["a"]}}}
    assert resets(text)[0] == ("services", "web", "ports")


def test_what_overrides_stays_and_is_remembered_and_no_reset_is_seen_in_it():
    text = "services: {web: {environment: !override {A: 1, B: !reset 2}}}"
    assert value(text) == {"services": {"web": {"environment": {"A": 1, "B": "2"}}}}
    assert resets(text) == (("services", "web", "environment"),)


def test_an_alias_and_a_merge_carry_their_resets_along():
    text = "x: &x {p: !reset 1}\na: *x\nb: {<<: *x}\n"
    assert value(text) == {"x": {}, "a": {}, "b": {}}
    assert resets(text) == (("x", "p"), ("a", "p"), ("b", "p"))


def test_several_documents_are_read_apart():
    found = documents(b"a: &a 1\n---\nb: 2\n", "c.yaml")
    assert [document.tree.value for document in found] == [{"a": 1}, {"b": 2}]
    assert documents(b"# nothing\n", "c.yaml") == ()
    with pytest.raises(InvalidParameter, match="unknown anchor"):
        documents(b"a: &a 1\n---\nb: *a\n", "c.yaml")


def test_every_part_has_its_place():
    text = (
        b"services:\n  web:\n    environment:\n      - A=1\n      - B\n    image: x\n"
    )
    (document,) = documents(text, "c.yaml")
    places = document.tree.places
    assert places["services", "web", "environment", 1] == "c.yaml:5"
    assert places["services", "web", "environment", "A"] == "c.yaml:4"
    assert places["services", "web", "image"] == "c.yaml:6"
    assert nearest(places, ("services", "web", "image", "no")) == "c.yaml:6"
    assert nearest(Places(), ("services",)) == ""
    assert len(places) == len(set(places)) == 9


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\na: 2", 'c.yaml:2: mapping key "a" already defined at line 1'),
        ("a: *b", "c.yaml:1: unknown anchor 'b' referenced"),
        ("a: &x [*x]", "contains itself"),
        ("a: {1: x}", "non-string key 1"),
        ("a: {? [x] : 1}", "cannot be a map key"),
        ("a: {<<: 1}", "map merge requires"),
        ("a: {<<: {b: 1}, <<: {c: 1}}", 'mapping key "<<" already defined'),
        ("a:\n\tb: 1", "c.yaml:2: found character that cannot start any token"),
        ("a: [x", "did not find expected"),
        ("a: !!int x", "cannot decode"),
        ("%YAML 1.2\n---\na: 1", "incompatible"),
    ],
)
def test_what_is_no_yaml_of_docker_compose_is_refused_with_its_line(text, words):
    with pytest.raises(InvalidParameter) as refused:
        documents(text.encode(), "c.yaml")
    assert words in str(refused.value)
    assert refused.value.rule
    assert refused.value.remedy


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(InvalidParameter, match=r"c\.yaml:2"):
        documents(b"a: x\nb: \xff\n", "c.yaml")


def test_aliases_that_multiply_are_counted_and_refused():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(Exhausted, match="aliasing"):
        documents("\n".join(lines).encode(), "c.yaml")


def test_depth_counts_through_aliases():
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, DEPTH + 1)]
    with pytest.raises(Exhausted, match="deeply"):
        documents("\n".join(lines).encode(), "c.yaml")
    assert value("\n".join(lines[: DEPTH // 2]))


def test_merging_again_and_again_makes_nothing_deeper():
    lines = ["a0: &a0 {k: 1}"]
    lines += [f"a{n}: &a{n} {{<<: *a{n - 1}, k{n}: 1}}" for n in range(1, 2 * DEPTH)]
    assert value("\n".join(lines))[f"a{2 * DEPTH - 1}"]["k"] == 1


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused(opening):
    with pytest.raises((InvalidParameter, Exhausted)):
        documents(opening.encode() * 50_000, "c.yaml")


def test_more_values_than_any_project_has_are_refused(monkeypatch):
    monkeypatch.setattr(building, "NODES", 5000)
    with pytest.raises(Exhausted, match="too many"):
        documents(b"a: [" + b"x," * 5000 + b"]", "c.yaml")


def test_a_date_is_text_only_where_any_value_becomes_text():
    text = "services: {web: {environment: {D: 2001-12-14}}}\nx-a: [2001-12-14]"
    assert value(text)["services"]["web"]["environment"] == {
        "D": "2001-12-14 00:00:00 +0000 UTC"
    }
    with pytest.raises(InvalidParameter, match=r"c\.yaml:2: .*time\.Time"):
        documents(b"services:\n  web: {image: 2001-12-14}", "c.yaml")
