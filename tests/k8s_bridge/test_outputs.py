"""YAML and JSON say the same as the manifests, for readers of YAML 1.1 too."""

import json
import sys

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge import translate
from k8s_bridge.outputs import to_files, to_json, to_yaml
from k8s_bridge.sources.run import application_from_lines
from tests.k8s_bridge.shapes import STACKS

_MISREAD = "yes no on off y N True ~ null 1e3 0o17 017 0x1F 53:53 1_000 .5 .inf 2026-01-01 = <<"


def _manifest(value: object) -> dict:
    return {"kind": "Pod", "metadata": {"name": "web"}, "spec": value}


@pytest.mark.parametrize("stack", STACKS)
def test_reading_the_yaml_gives_the_manifests(stack):
    result = translate(application_from_lines(STACKS[stack]))
    assert list(yaml.safe_load_all(result.yaml)) == result.manifests


@pytest.mark.parametrize("stack", STACKS)
def test_reading_the_json_gives_the_manifests(stack):
    result = translate(application_from_lines(STACKS[stack]))
    assert json.loads(result.json)["items"] == result.manifests


@pytest.mark.parametrize("text", _MISREAD.split())
def test_a_text_that_yaml_would_misread_is_quoted(text):
    assert f"'{text}'" in to_yaml([_manifest([text])])


def test_the_head_of_a_manifest_comes_first():
    manifests = translate(application_from_lines(STACKS["networks"])).manifests
    for manifest in manifests:
        assert list(manifest)[:4] == ["apiVersion", "kind", "metadata", "spec"]


def test_several_lines_are_a_block():
    assert "|-\n" in to_yaml([_manifest("one\ntwo")])


def test_a_shared_part_is_written_twice():
    shared = {"a": "b"}
    text = to_yaml([_manifest([shared, shared])])
    assert "&" not in text


def test_files_are_called_by_name_and_kind():
    result = translate(application_from_lines(STACKS["one"]))
    files = to_files(result.manifests)
    assert sorted(files) == [
        "web-deployment.yaml",
        "web-published-service.yaml",
        "web-service.yaml",
    ]
    assert yaml.safe_load(files["web-deployment.yaml"]) == result.manifests[-1]
    as_json = to_files(result.manifests, as_json=True)
    assert json.loads(as_json["web-deployment.json"]) == result.manifests[-1]


def test_nothing_needs_to_be_installed(monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert to_yaml([{"kind": "Pod"}]) == "kind: Pod\n"
    assert json.loads(to_json([]))["items"] == []


_values = st.recursive(
    st.booleans() | st.integers() | st.text() | st.sampled_from(_MISREAD.split()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(_values)
def test_any_value_comes_back_from_yaml(value):
    # YAML can hold no lone surrogates, and neither can a JSON body.
    assert yaml.safe_load(to_yaml([_manifest(value)])) == _manifest(value)


@given(st.text())
def test_no_text_in_yaml_is_read_as_something_else(text):
    [read] = yaml.load(to_yaml([{"a": text}]), Loader=yaml.SafeLoader).values()
    assert (type(read), read) == (str, text)
