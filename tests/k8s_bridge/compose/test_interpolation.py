"""Variables: the grammar, the types after it, and docker compose's own answers."""

import json
import re
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8s_bridge.compose.document import documents
from k8s_bridge.compose.interpolation import interpolated
from k8s_bridge.compose.template import (
    DEPTH,
    MissingVariable,
    WrongTemplate,
    substituted,
)
from minidock.errors import Exhausted, InvalidParameter, NotFound
from tests.k8s_bridge.compose.oracle import COMPOSE, HOME, needs_compose, written

VARIABLES = {"A": "a1", "B": "b-2", "E": ""}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("$A", "a1"),
        ("${A}", "a1"),
        ("$$A", "$A"),
        ("$A$B", "a1b-2"),
        ("$Q", ""),
        ("${Q:-d}", "d"),
        ("${E:-d}", "d"),
        ("${E-d}", ""),
        ("${Q-d}", "d"),
        ("${A:+o}", "o"),
        ("${E:+o}", ""),
        ("${E+o}", "o"),
        ("${Q+o}", ""),
        ("${A?no}", "a1"),
        ("${E?no}", ""),
        ("${Q:-${E:-${B}}}", "b-2"),
        ("${A:-${Q?never asked}}", "a1"),
        ("${Q:-a:-b}", "a:-b"),
        ("$ $1 $-", "$ $1 $-"),
        ('${Q:-{"a":"b"}}', '{"a":"b"}'),
        ("${A:+{}1}", "{}1"),
        ("${Q:-{a}${A}}", "{a}a1"),
        ("${Q:-x}}", "x}"),
        ("${Q:-a}-${Q:-b}", "a-b"),
        ("${A} at $\n${B}", "a1 at $\nb-2"),
    ],
)
def test_a_variable_becomes_what_its_operator_says(template, text):
    assert substituted(template, VARIABLES) == text


@pytest.mark.parametrize(
    "template", ["${", "${}", "${1}", "${A:}", "${Q:-x\ny}", "${A"]
)
def test_braces_that_hold_no_variable_are_refused(template):
    with pytest.raises(WrongTemplate):
        substituted(template, VARIABLES)


def test_a_variable_that_is_needed_is_refused_with_its_own_words():
    with pytest.raises(MissingVariable, match="Q is missing a value: set a1"):
        substituted("${Q:?set $A}", VARIABLES)
    with pytest.raises(MissingVariable):
        substituted("${E:?}", VARIABLES)


def test_what_is_unset_is_warned_of_once():
    (document,) = documents(b"x-a: [$Q, $Q, '${Q:-}', $A]", "c.yaml")
    _, warnings = interpolated(document.tree, VARIABLES)
    assert warnings == ('The "Q" variable is not set. Defaulting to a blank string.',)


def test_a_refusal_names_the_line_and_the_path_but_no_value():
    text = b"services:\n  web:\n    environment:\n      - KEY=hush${\n"
    (document,) = documents(text, "c.yaml")
    with pytest.raises(InvalidParameter) as refused:
        interpolated(document.tree, {})
    assert str(refused.value).startswith("c.yaml:4: invalid interpolation format for")
    assert "services.web.environment.[0]" in str(refused.value)
    assert "hush" not in refused.value.explain() + str(refused.value)
    (document,) = documents(b"services: {web: {image: '${Q?}'}}", "c.yaml")
    with pytest.raises(NotFound, match=r"services\.web\.image"):
        interpolated(document.tree, {})


@pytest.mark.parametrize(
    ("attribute", "text", "value"),
    [
        ("scale", "3", 3),
        ("cpus", "0.123456789", 0.12345679),
        ("privileged", "Yes", True),
        ("tty", "off", False),
        ("pids_limit", "-1", -1),
        ("image", "3", "3"),
    ],
)
def test_a_text_has_the_type_of_its_attribute(attribute, text, value):
    (document,) = documents(
        json.dumps({"services": {"web": {attribute: text}}}).encode(), "c"
    )
    tree, _ = interpolated(document.tree, {})
    assert tree.value == {"services": {"web": {attribute: value}}}
    assert type(tree.value["services"]["web"][attribute]) is type(value)


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        ("scale", "many"),
        ("tty", "maybe"),
        ("cpus", "x"),
        ("scale", "9223372036854775808"),
    ],
)
def test_a_text_that_has_no_such_type_is_refused(attribute, text):
    (document,) = documents(
        json.dumps({"services": {"web": {attribute: text}}}).encode(), "c"
    )
    with pytest.raises(InvalidParameter, match="failed to cast"):
        interpolated(document.tree, {})


def test_what_has_no_variables_stays_the_same_object():
    (document,) = documents(b"services: {web: {image: nginx, ports: ['80']}}", "c")
    tree, _ = interpolated(document.tree, {})
    assert tree.value is document.tree.value


def test_variables_in_variables_and_many_in_one_text_are_bounded():
    deep = "${A:+" * (DEPTH + 2) + "}" * (DEPTH + 2)
    with pytest.raises(Exhausted):
        substituted(deep, VARIABLES)
    with pytest.raises(Exhausted):
        substituted("${A:-x}" * 20_000, VARIABLES)
    assert substituted("${A:-x}" * 1000, VARIABLES) == "a1" * 1000


PIECES = "$ $$ ${ } { A B E Q :- :? :+ - ? + x 1 _ : ${A} ${Q:- ${A:+ $A ${B:-${Q}} /"
TEMPLATES = st.lists(st.sampled_from([*PIECES.split(), " ", "\n"]), max_size=9).map(
    "".join
)


@needs_compose
@settings(max_examples=8, deadline=None)
@given(templates=st.lists(TEMPLATES, min_size=30, max_size=60))
def test_every_template_becomes_what_docker_compose_makes_of_it(
    templates, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("templates")
    texts = {f"k{number}": text for number, text in enumerate(templates)}
    refused = set(re.findall(r"x-t\.(k\d+)[.:]", ran(folder, texts).stderr))
    done = ran(folder, {key: text for key, text in texts.items() if key not in refused})
    theirs = json.loads(done.stdout).get("x-t") or {}
    for key, text in texts.items():
        try:
            ours = substituted(text, {**VARIABLES, **HOME})
        except (InvalidParameter, NotFound):
            assert key in refused, text
        else:
            assert key not in refused, text
            assert theirs[key].replace("$$", "$") == ours, text


def ran(folder, texts):
    model = {"services": {"a": {"image": "x"}}, "x-t": texts}
    written(folder, {"compose.yaml": json.dumps(model)})
    return subprocess.run(
        [COMPOSE, "config", "--format", "json"],
        cwd=folder,
        env={**HOME, **VARIABLES},
        capture_output=True,
        text=True,
        check=False,
    )
