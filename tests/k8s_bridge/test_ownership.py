"""What is ours: nothing else is ever changed or removed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.manifests import ordered
from k8s_bridge.ownership import (
    INSTANCE_LABEL,
    claims_of,
    foreign,
    instances_of,
    is_ours,
    key_of,
    marked,
    removal,
)
from minidock.errors import Conflict

MANAGER_LABEL = "app.kubernetes.io/managed-by"
_DATA = ("PersistentVolume", "PersistentVolumeClaim")
_KINDS = st.sampled_from(
    [
        "Namespace",
        "PersistentVolume",
        "ConfigMap",
        "PersistentVolumeClaim",
        "Service",
        "Deployment",
    ]
)
_LABELS = st.fixed_dictionaries(
    {},
    optional={
        MANAGER_LABEL: st.sampled_from(["k8s-bridge", "Helm"]),
        INSTANCE_LABEL: st.sampled_from(["shop", "bank"]),
    },
)


@st.composite
def _live(draw):
    name = draw(st.sampled_from("abc"))
    metadata = {"name": name, "namespace": "n", "labels": draw(_LABELS)}
    if draw(st.booleans()):
        metadata["ownerReferences"] = [{"uid": "1"}]
    return {"apiVersion": "v1", "kind": draw(_KINDS), "metadata": metadata}


_CLUSTERS = st.lists(_live(), max_size=8, unique_by=lambda live: str(key_of(live)))


@given(
    _CLUSTERS,
    st.sampled_from(["shop", ""]),
    st.booleans(),
    st.sets(st.sampled_from("abc")),
)
def test_only_what_is_ours_and_unwanted_is_removed_and_volumes_only_if_asked(
    live, instance, volumes, names
):
    keep = [key_of(o) for o in live if key_of(o).name in names]
    gone, kept = removal(live, instance, keep=keep, volumes=volumes)
    for one in (*gone, *kept):
        labels = one["metadata"]["labels"]
        assert labels[MANAGER_LABEL] == "k8s-bridge"
        assert instance in ("", labels.get(INSTANCE_LABEL))
        assert "ownerReferences" not in one["metadata"]
        assert key_of(one) not in keep
    assert all(one["kind"] in (*_DATA, "Namespace") for one in kept)
    assert all(one["kind"] != "Namespace" for one in gone)
    assert volumes or all(one["kind"] not in _DATA for one in gone)
    assert len(gone) + len(kept) == sum(
        is_ours(o, instance)
        and key_of(o) not in keep
        and "ownerReferences" not in o["metadata"]
        for o in live
    )


@given(_CLUSTERS)
def test_whatever_was_applied_last_is_removed_first(live):
    gone, _ = removal(live, "", volumes=True)
    kinds = [one["kind"] for one in gone]
    assert kinds[::-1] == [one["kind"] for one in ordered(gone)]


@given(
    _live(), st.sampled_from(["shop", "bank", ""]), st.sampled_from(["apply", "delete"])
)
def test_an_object_that_is_changed_or_removed_is_ours(live, instance, verb):
    if foreign(live, instance, verb) is None:
        assert is_ours(live)
        owner = live["metadata"]["labels"].get(INSTANCE_LABEL, "")
        assert not owner or not instance or owner == instance
    else:
        assert not (is_ours(live) and is_ours(live, instance))


@given(_live(), st.sampled_from(["shop", ""]))
def test_an_object_that_is_marked_is_ours_and_nothing_else_of_it_changes(
    live, instance
):
    manager = live["metadata"]["labels"].get(MANAGER_LABEL, "k8s-bridge")
    if manager != "k8s-bridge":
        with pytest.raises(Conflict, match="is managed by Helm"):
            marked(live, instance)
        return
    once = marked(live, instance)
    assert is_ours(once)
    assert marked(once, instance) == once
    assert live["metadata"]["labels"].items() <= once["metadata"]["labels"].items()
    rest = {
        **once,
        "metadata": {**once["metadata"], "labels": live["metadata"]["labels"]},
    }
    assert rest == live


def _claim(name, **labels):
    return {
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": "n", "labels": labels},
    }


def test_the_claims_of_a_set_are_known_by_name_and_labels():
    chosen = {"selector": {"matchLabels": {"app": "db"}}}
    templates = [{"metadata": {"name": "data"}}]
    metadata = {"name": "db", "namespace": "n"}
    stateful = {
        "kind": "StatefulSet",
        "metadata": metadata,
        "spec": chosen | {"volumeClaimTemplates": templates},
    }
    good = [_claim("data-db-0", app="db"), _claim("data-db-12", app="db", more="x")]
    others = [
        _claim("data-db-0"),  # nobody knows whose: it has not the label
        _claim("data-db-x", app="db"),
        _claim("data-db", app="db"),
        _claim("logs-db-0", app="db"),
        {
            **_claim("data-db-0", app="db"),
            "metadata": {
                "name": "data-db-0",
                "namespace": "m",
                "labels": {"app": "db"},
            },
        },
    ]
    assert list(claims_of([stateful], good + others)) == good
    assert list(claims_of([{**stateful, "kind": "Deployment"}], good)) == []


def test_the_applications_of_manifests():
    assert instances_of(
        [marked({"metadata": {"name": "a"}}, "shop"), {"metadata": {"name": "b"}}]
    ) == ["", "shop"]
