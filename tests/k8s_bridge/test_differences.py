"""What a diff shows, and what it must never show."""

import copy
import json

from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.differences import difference

_VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
_OBJECTS = st.builds(
    lambda spec: {
        "apiVersion": "v1",
        "kind": "Thing",
        "metadata": {"name": "x"},
        "spec": spec,
    },
    st.dictionaries(st.text(min_size=1, max_size=5), _VALUES, max_size=3),
)
_OWN = {
    "creationTimestamp": "2026-01-01T00:00:00Z",
    "generation": 3,
    "managedFields": [{"manager": "x"}],
    "resourceVersion": "7",
    "uid": "u",
}
_SECRETS = st.dictionaries(
    st.sampled_from(["one", "two", "three"]),
    st.text("QXYZ0123456789", min_size=9, max_size=12),
    max_size=3,
)


def _secret(data, **metadata):
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", **metadata},
        "data": data,
    }


def test_a_new_object_is_all_plus_and_a_removed_one_all_minus():
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    assert difference(None, config).splitlines() == [
        "--- live ConfigMap/c",
        "+++ applied ConfigMap/c",
        "@@ -0,0 +1,4 @@",
        "+apiVersion: v1",
        "+kind: ConfigMap",
        "+metadata:",
        "+  name: c",
    ]
    assert "-  name: c" in difference(config, None)
    assert difference(None, None) == ""


def test_kubectls_copy_of_a_secret_is_not_shown():
    note = {
        "kubectl.kubernetes.io/last-applied-configuration": '{"data":{"k":"c2VjcmV0"}}'
    }
    live = _secret({"k": "b3RoZXI="}, annotations=note)
    assert "c2VjcmV0" not in difference(live, _secret({"k": "b3RoZXI="}))
    assert "c2VjcmV0" not in difference(live, None)


@given(_OBJECTS)
def test_no_object_differs_from_itself_nor_by_what_the_server_keeps(manifest):
    server = copy.deepcopy(manifest)
    server["metadata"] |= _OWN
    server["status"] = {"phase": "x"}
    assert difference(manifest, manifest) == ""
    assert difference(manifest, server) == difference(server, manifest) == ""


@given(_OBJECTS, _OBJECTS)
def test_a_difference_is_shown_exactly_if_the_objects_differ(one, two):
    same = json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)
    assert bool(difference(one, two)) != same


@given(_SECRETS, _SECRETS)
def test_no_content_of_a_secret_is_ever_shown(before, after):
    text = difference(_secret(before), _secret(after))
    assert not any(value in text for value in [*before.values(), *after.values()])
    assert bool(text) == (before != after)


@given(_OBJECTS, _OBJECTS)
def test_comparing_two_objects_changes_neither(one, two):
    copies = copy.deepcopy((one, two))
    difference(one, two)
    assert (one, two) == copies
