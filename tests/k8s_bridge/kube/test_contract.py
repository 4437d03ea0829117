"""What a cluster must do for us: the double does it, and a real one."""

import copy

import pytest

from k8s_bridge.applying import (
    apply_all,
    delete_all,
    differences_of,
    found,
    in_cluster,
    look,
    prepared,
)
from k8s_bridge.ownership import key_of
from minidock.errors import Conflict, InvalidParameter, NotFound


def _config(name="settings", **data):
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name},
        "data": data or {"colour": "red"},
    }


_CLAIM = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "data"},
    "spec": {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    },
}


def _apply(cluster, *manifests, name="shop", **how):
    ready = prepared(manifests, cluster, name)
    return list(apply_all(ready, look(ready, cluster), cluster, **how))


def _words(changes):
    return [str(change) for change in changes]


def test_an_object_is_created_then_unchanged_then_configured(cluster):
    assert _words(_apply(cluster, _config())) == ["ConfigMap/settings created"]
    assert _words(_apply(cluster, _config())) == ["ConfigMap/settings unchanged"]
    changed = _apply(cluster, _config(colour="blue"))
    assert _words(changed) == ["ConfigMap/settings configured"]
    live = cluster.get(in_cluster(_config(), cluster))
    assert live["data"] == {"colour": "blue"}
    managers = [entry["manager"] for entry in live["metadata"]["managedFields"]]
    assert managers == ["k8s-bridge"]


def test_a_field_that_is_no_longer_applied_goes(cluster):
    _apply(cluster, _config(one="1", two="2"))
    _apply(cluster, _config(one="1"))
    assert cluster.get(in_cluster(_config(), cluster))["data"] == {"one": "1"}


def test_a_dry_run_changes_nothing(cluster):
    (change,) = _apply(cluster, _config(), dry_run=True)
    assert str(change) == "ConfigMap/settings created"
    assert cluster.get(in_cluster(_config(), cluster)) is None


def test_the_difference_is_empty_after_applying(cluster):
    ready = prepared([_config()], cluster, "shop")
    (text,) = differences_of(ready, cluster)
    assert "+  colour: red" in text
    _apply(cluster, _config())
    assert list(differences_of(ready, cluster)) == [""]
    (text,) = differences_of(
        prepared([_config(colour="blue")], cluster, "shop"), cluster
    )
    assert "-  colour: red" in text
    assert "+  colour: blue" in text


def test_what_is_ours_is_found_again_and_nothing_else(cluster):
    _apply(cluster, _config())
    _apply(cluster, _config("other"), name="bank")
    there = found(cluster, "shop", [cluster.namespace])
    assert [str(key_of(live)) for live in there.objects] == ["ConfigMap/settings"]


def test_pruning_removes_what_is_no_longer_wanted_and_keeps_claims(cluster):
    _apply(cluster, _config("one"), _config("two"), _CLAIM)
    _apply(cluster, _config("three"), name="bank")
    there = found(cluster, "shop", [cluster.namespace]).objects
    keep = [key_of(live) for live in there if key_of(live).name == "one"]
    changes = list(delete_all(there, cluster, "shop", keep=keep))
    assert [(c.key.name, c.manifest is not None) for c in changes] == [
        ("two", True),
        ("data", False),
    ]
    left = cluster.find("v1", "ConfigMap", cluster.namespace)
    assert {"one", "three"} <= {key_of(live).name for live in left}
    assert "two" not in {key_of(live).name for live in left}
    assert cluster.get(in_cluster(_CLAIM, cluster)) is not None


def test_an_object_of_that_name_that_was_made_since_then_stays(cluster):
    """Deleting is by uid: what was looked at is what goes."""
    _apply(cluster, _config())
    old = copy.deepcopy(cluster.get(in_cluster(_config(), cluster)))
    cluster.delete(old)
    _apply(cluster, _config(colour="blue"))
    with pytest.raises(Conflict):
        cluster.delete(old)
    assert cluster.get(in_cluster(_config(), cluster))["data"] == {"colour": "blue"}


def test_deleting_what_is_gone_is_well(cluster):
    _apply(cluster, _config())
    live = cluster.get(in_cluster(_config(), cluster))
    cluster.delete(live)
    cluster.delete(live)


def test_a_field_that_another_has_set_is_a_conflict(cluster):
    _apply(cluster, _config())
    theirs = in_cluster(_config(colour="blue"), cluster)
    path = cluster._path(theirs)
    query = [("fieldManager", "painter"), ("force", "true")]
    how = {"content_type": "application/apply-patch+yaml"}
    cluster._request("PATCH", path, "paint", query, theirs, **how)
    with pytest.raises(Conflict) as caught:
        _apply(cluster, _config(colour="red"))
    assert caught.value.rule == ".data.colour is painter's"
    (change,) = _apply(cluster, _config(colour="blue"))  # the same value is no conflict
    assert change.verb == "unchanged"
    (change,) = _apply(cluster, _config(colour="red"), force=True)
    assert change.verb == "configured"
    assert cluster.get(theirs)["data"] == {"colour": "red"}


def test_a_field_that_nobody_knows_is_refused(cluster):
    with pytest.raises(
        InvalidParameter, match=r"field not declared in schema|unknown field"
    ):
        _apply(cluster, {**_config(), "datta": {}})


def test_a_service_without_ports_is_invalid_with_its_field(cluster):
    spec = {"selector": {"app": "web"}}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": spec,
    }
    with pytest.raises(InvalidParameter) as caught:
        _apply(cluster, service)
    assert "spec.ports: " in caught.value.rule


def test_a_namespace_that_is_not_there_is_named(cluster):
    config = _config()
    config["metadata"]["namespace"] = "k8s-bridge-no-such"
    with pytest.raises(NotFound) as caught:
        _apply(cluster, config)
    assert "--create-namespace" in caught.value.remedy
    assert not cluster.has_namespace("k8s-bridge-no-such")
    assert cluster.has_namespace(cluster.namespace)


def test_a_kind_that_the_cluster_does_not_have_is_named(cluster):
    thing = {"apiVersion": "shop.example/v1", "kind": "Till", "metadata": {"name": "t"}}
    with pytest.raises(NotFound, match=r"no Till in shop\.example/v1"):
        cluster.get(thing)


def test_long_lists_are_read_to_their_end(cluster, monkeypatch):
    for number in range(7):
        _apply(cluster, _config(f"c{number}"))
    monkeypatch.setattr("k8s_bridge.cluster._PAGE", 3)
    there = found(cluster, "shop", [cluster.namespace]).objects
    assert len(there) == 7
