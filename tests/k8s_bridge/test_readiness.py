"""When an object is ready, and what is said when it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_bridge.readiness import readiness

KINDS = (
    "DaemonSet",
    "Deployment",
    "Job",
    "PersistentVolumeClaim",
    "Pod",
    "Service",
    "StatefulSet",
)


def _condition(kind, status="True", **more):
    return {"type": kind, "status": status, **more}


@pytest.mark.parametrize(
    ("kind", "spec", "status", "said"),
    [
        ("Deployment", {}, {}, "not 0 of 1 available"),
        ("Deployment", {"replicas": 0}, {}, "ready 0 of 0 available"),
        ("Deployment", {"replicas": 2}, {"availableReplicas": 2, "updatedReplicas": 2, "replicas": 2}, "ready 2 of 2 available"),
        ("Deployment", {}, {"availableReplicas": 1, "updatedReplicas": 1, "replicas": 2}, "not 1 of 1 available, 1 old ones still there"),
        ("Deployment", {}, {"conditions": [_condition("Progressing", "False", reason="ProgressDeadlineExceeded")]}, "failed 0 of 1 available: no progress in time"),
        ("StatefulSet", {"replicas": 2}, {"readyReplicas": 1}, "not 1 of 2 ready"),
        ("StatefulSet", {}, {"readyReplicas": 1, "updateRevision": "b", "currentRevision": "a"}, "not 1 of 1 ready"),
        ("StatefulSet", {}, {"readyReplicas": 1, "updateRevision": "b", "currentRevision": "b"}, "ready 1 of 1 ready"),
        ("DaemonSet", {}, {"desiredNumberScheduled": 3, "numberAvailable": 3, "updatedNumberScheduled": 3}, "ready 3 of 3 available"),
        ("DaemonSet", {}, {"desiredNumberScheduled": 3, "numberAvailable": 3, "updatedNumberScheduled": 2}, "not 3 of 3 available"),
        ("Job", {}, {"active": 1}, "not 1 running"),
        ("Job", {}, {"conditions": [_condition("Complete")]}, "ready completed"),
        ("Job", {}, {"conditions": [_condition("Failed", message="too often")]}, "failed failed: too often"),
        ("Pod", {}, {}, "not pending"),
        ("Pod", {}, {"phase": "Running", "conditions": [_condition("Ready")]}, "ready ready"),
        ("Pod", {}, {"phase": "Succeeded"}, "ready completed"),
        ("Pod", {}, {"phase": "Failed", "reason": "Evicted"}, "failed failed: Evicted"),
        ("Pod", {}, {"conditions": [_condition("PodScheduled", "False", message="no room")]}, "not not placed: no room"),
        ("Pod", {}, {"containerStatuses": [{"name": "web", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}, "failed web: CrashLoopBackOff"),
        ("Pod", {}, {"containerStatuses": [{"name": "web", "state": {"waiting": {"reason": "ContainerCreating"}}}]}, "not pending"),
        ("PersistentVolumeClaim", {}, {"phase": "Bound"}, "ready bound"),
        ("PersistentVolumeClaim", {}, {"phase": "Lost"}, "failed lost: its volume is gone"),
        ("Service", {}, {}, "ready there"),
        ("Service", {"type": "LoadBalancer"}, {}, "not no address yet"),
        ("Service", {"type": "LoadBalancer"}, {"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}}, "ready at lb.example"),
        ("NetworkPolicy", {}, {}, "ready there"),
    ],
)  # fmt: skip
def test_what_a_status_means(kind, spec, status, said):
    state = readiness({"kind": kind, "spec": spec, "status": status})
    word = "ready" if state.ready else "failed" if state.failed else "not"
    assert f"{word} {state.text}" == said


def test_what_its_controller_has_not_seen_yet_is_not_ready():
    status = {"availableReplicas": 1, "updatedReplicas": 1, "replicas": 1}
    seen = {"kind": "Deployment", "metadata": {"generation": 2}, "spec": {}}
    assert not readiness({**seen, "status": status | {"observedGeneration": 1}}).ready
    assert readiness({**seen, "status": status | {"observedGeneration": 2}}).ready


_WORDS = ["replicas", "readyReplicas", "availableReplicas", "updatedReplicas", "conditions", "type", "status", "phase", "containerStatuses", "state", "waiting", "reason", "loadBalancer", "ingress", "generation", "observedGeneration"]  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | st.sampled_from(["True", "Bound", "Failed", "Ready", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_WORDS), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(st.sampled_from(KINDS), _JSON, _JSON, _JSON)
def test_an_object_is_never_both_ready_and_failed_whatever_a_server_says(
    kind, metadata, spec, status
):
    state = readiness(
        {"kind": kind, "metadata": metadata, "spec": spec, "status": status}
    )
    assert not (state.ready and state.failed)
    assert state.text


@given(st.integers(1, 9), st.integers(0, 9))
def test_a_deployment_is_ready_when_all_its_pods_are_available(wanted, there):
    status = {"availableReplicas": there, "updatedReplicas": wanted, "replicas": wanted}
    state = readiness(
        {"kind": "Deployment", "spec": {"replicas": wanted}, "status": status}
    )
    assert state.ready == (there >= wanted)
    assert state.text == f"{there} of {wanted} available"
