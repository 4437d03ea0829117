"""What a server refuses, said so that a person can act upon it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.answers import refused, unreachable
from minidock.errors import (
    Conflict,
    Exhausted,
    Forbidden,
    InvalidParameter,
    NotFound,
    Refusal,
    Unclassified,
)


def _status(message, *causes):
    named = [{"field": field, "message": text} for field, text in causes]
    return json.dumps(
        {"kind": "Status", "message": message, "details": {"causes": named}}
    ).encode()


def test_a_conflict_names_each_field_and_whose_it_is():
    causes = [
        (".spec.replicas", 'conflict with "kubectl-scale" using apps/v1'),
        (
            ".metadata.labels.tier",
            'conflict with "argocd" with subresource "status" using v1',
        ),
    ]
    refusal = refused(
        409, _status("Apply failed with 2 conflicts", *causes), "apply Deployment/web"
    )
    assert isinstance(refusal, Conflict)
    assert (
        refusal.rule
        == ".spec.replicas is kubectl-scale's, .metadata.labels.tier is argocd's"
    )
    assert refusal.remedy.startswith("--force-conflicts")


def test_each_cause_of_an_invalid_object_is_told():
    causes = [("spec.ports", "Required value"), ("metadata.name", "Invalid value: x_y")]
    refusal = refused(
        422, _status('Service "x_y" is invalid', *causes), "apply Service/x_y"
    )
    assert isinstance(refusal, InvalidParameter)
    assert (
        refusal.rule == "spec.ports: Required value; metadata.name: Invalid value: x_y"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Job is invalid: spec.template: field is immutable",
        "Pod is invalid: spec: Forbidden: pod updates may not change fields other than `image`",
        "spec: Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden",
    ],
)
def test_what_cannot_be_changed_has_to_be_deleted_first(text):
    assert "k8s-bridge delete -f" in refused(422, _status(text), "apply it").remedy


def test_a_field_that_the_server_does_not_know_is_not_its_own_fault():
    text = "failed to create typed patch object (x; v1, Kind=ConfigMap): .datta: field not declared in schema"
    assert isinstance(refused(500, _status(text), "apply it"), InvalidParameter)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, InvalidParameter), (401, Forbidden), (403, Forbidden), (404, NotFound), (409, Conflict), (418, InvalidParameter), (422, InvalidParameter), (429, Exhausted), (500, Unclassified), (503, Unclassified)],
)  # fmt: skip
def test_a_status_has_its_category(status, kind):
    assert type(refused(status, b"no", "ask")) is kind


def test_a_missing_namespace_is_not_a_missing_object():
    assert (
        "--create-namespace"
        in refused(404, _status('namespaces "shop" not found'), "x").remedy
    )
    assert (
        "--create-namespace"
        not in refused(404, _status('secrets "shop" not found'), "x").remedy
    )


def test_that_nobody_answers_is_not_that_nothing_is_there():
    """A missing object may be made, and a missing cluster may not be taken for that."""
    assert not isinstance(unreachable("https://x", "refused", "look"), NotFound)


_WORDS = st.text("QXYZ0123456789", min_size=9, max_size=12)


@given(_WORDS, st.sampled_from([400, 422, 500]))
def test_no_value_of_a_secret_is_in_a_refusal(value, status):
    text = f'failed to create typed patch object (x): data.key: Invalid value: "{value}": illegal base64'
    body = _status(text, ("data.key", f'Invalid value: "{value}"'))
    refusal = refused(status, body, "apply Secret/s", secret=True)
    assert value not in refusal.text + refusal.explain()
    assert "data.key" in refusal.explain()


@given(
    st.integers(400, 599),
    st.binary(max_size=80)
    | st.builds(
        lambda v: json.dumps(v).encode(),
        st.recursive(
            st.none() | st.text(),
            lambda i: (
                st.lists(i)
                | st.dictionaries(
                    st.sampled_from(["message", "details", "causes", "field"]), i
                )
            ),
            max_leaves=6,
        ),
    ),
)
def test_whatever_an_api_server_refuses_becomes_a_refusal_of_three_parts(status, body):
    refusal = refused(status, body, "ask")
    assert isinstance(refusal, Refusal)
    assert refusal.text
    assert refusal.asked == "ask"
    assert refusal.rule
    assert refusal.remedy
