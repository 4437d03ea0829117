"""The double's server-side apply, held to the rules of the real one."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from tests.k8s_bridge.kube.fieldsets import (
    as_fields,
    dotted,
    from_fields,
    leaves,
    merged,
    without,
)

_WORDS = st.sampled_from(["a", "b", "c"])
_ITEMS = st.dictionaries(
    _WORDS,
    st.fixed_dictionaries({"image": _WORDS}, optional={"tty": st.booleans()}),
    min_size=1,
).map(lambda items: [{"name": name, **item} for name, item in items.items()])
_SPECS = st.fixed_dictionaries(
    {"replicas": st.integers(0, 3)},
    optional={
        "containers": _ITEMS,
        "selector": st.dictionaries(_WORDS, _WORDS, min_size=1),
        "labels": st.dictionaries(_WORDS, _WORDS, min_size=1),
        "args": st.lists(_WORDS, min_size=1),
    },
)
_OBJECTS = _SPECS.map(
    lambda spec: {
        "apiVersion": "v1",
        "kind": "Thing",
        "metadata": {"name": "x"},
        "spec": spec,
    }
)


def _thing(**spec):
    return {
        "apiVersion": "v1",
        "kind": "Thing",
        "metadata": {"name": "x"},
        "spec": spec,
    }


def test_items_of_some_lists_are_fields_and_others_are_one_value():
    thing = _thing(
        containers=[{"name": "a", "image": "i"}], args=["x"], selector={"k": "v"}
    )
    assert {dotted(path): value for path, value in leaves(thing).items()} == {
        '.spec.containers[name="a"].name': "a",
        '.spec.containers[name="a"].image': "i",
        ".spec.args": ["x"],
        ".spec.selector": {"k": "v"},
    }


def test_a_port_without_a_protocol_is_tcp():
    service = {
        "kind": "Service",
        "metadata": {"name": "s"},
        "spec": {"ports": [{"port": 53}]},
    }
    assert 'k:{"port":53,"protocol":"TCP"}' in next(iter(leaves(service)))
    more = {**service, "spec": {"ports": [{"port": 53, "protocol": "UDP"}]}}
    assert len(merged(service, more)["spec"]["ports"]) == 2


@given(_OBJECTS)
def test_a_set_of_fields_is_the_same_nested_and_flat(thing):
    paths = set(leaves(thing))
    assert from_fields(as_fields(paths)) == paths


@given(_OBJECTS, _OBJECTS)
def test_a_field_that_was_applied_has_the_applied_value_and_others_keep_theirs(
    live, applied
):
    copies = copy.deepcopy((live, applied))
    now = leaves(merged(live, applied))
    assert {path: now[path] for path in leaves(applied)} == leaves(applied)
    others = {
        path: value
        for path, value in leaves(live).items()
        if path not in leaves(applied)
    }
    assert {path: now[path] for path in others} == others
    assert (live, applied) == copies


@given(_OBJECTS, _OBJECTS)
def test_taking_back_what_was_applied_leaves_the_rest(live, applied):
    now = merged(live, applied)
    mine = set(leaves(applied)) - set(leaves(live))
    for path in sorted(mine):
        now = without("Thing", now, path)
    left = leaves(now)
    assert not mine & set(left)
    assert set(left) <= set(leaves(live)) | set(leaves(applied))
