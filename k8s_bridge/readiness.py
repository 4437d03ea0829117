"""Whether an object of a cluster does what it was made for, and if not, why.

```
 object, with its status ──▶ Readiness(ready, text, failed)
   Deployment  2 of 3 available        Pod    ImagePullBackOff: no such image (failed)
   Job         completed               claim  bound
```

Invariant: ``failed`` only where waiting longer cannot help, as far as the object says.
kubectl's word for this is *rollout status*.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from k8s_bridge.manifests import Manifest

__all__ = ["Readiness", "readiness"]

# Reasons of a waiting container that another pull or start may mend, but rarely does.
_STUCK = (
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
)


class Readiness(NamedTuple):
    """What is to be said of an object."""

    ready: bool
    text: str
    failed: bool = False


def readiness(manifest: Manifest) -> Readiness:
    """What the status of an object says; O(its conditions).

    >>> readiness({"kind": "ConfigMap"})
    Readiness(ready=True, text='there', failed=False)
    >>> spec = {"replicas": 2}
    >>> readiness({"kind": "Deployment", "spec": spec, "status": {}}).text
    '0 of 2 available'
    """
    rule = _RULES.get(str(manifest.get("kind")))
    return rule(manifest) if rule else Readiness(True, "there")


def _part(manifest: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = manifest.get(key)
    return value if isinstance(value, Mapping) else {}


def _number(values: Mapping[str, object], key: str, default: int = 0) -> int:
    value = values.get(key, default)
    return value if isinstance(value, int) else default


def _conditions(status: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    conditions = status.get("conditions")
    for condition in conditions if isinstance(conditions, list) else ():
        if isinstance(condition, Mapping):
            yield condition


def _condition(status: Mapping[str, object], kind: str) -> Mapping[str, object]:
    return next((c for c in _conditions(status) if c.get("type") == kind), {})


def _seen(manifest: Manifest) -> bool:
    """Whether the controller has looked at the last change."""
    generation = _number(_part(manifest, "metadata"), "generation")
    return _number(_part(manifest, "status"), "observedGeneration") >= generation


def _deployment(manifest: Manifest) -> Readiness:
    spec, status = _part(manifest, "spec"), _part(manifest, "status")
    wanted = _number(spec, "replicas", 1)
    available, updated = (
        _number(status, "availableReplicas"),
        _number(status, "updatedReplicas"),
    )
    text = f"{available} of {wanted} available"
    progressing = _condition(status, "Progressing")
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return Readiness(False, f"{text}: no progress in time", failed=True)
    old = _number(status, "replicas") - updated
    if old > 0:
        return Readiness(False, f"{text}, {old} old ones still there")
    ready = _seen(manifest) and available >= wanted and updated >= wanted
    return Readiness(ready, text)


def _stateful_set(manifest: Manifest) -> Readiness:
    spec, status = _part(manifest, "spec"), _part(manifest, "status")
    wanted, there = _number(spec, "replicas", 1), _number(status, "readyReplicas")
    revised = status.get("updateRevision") == status.get("currentRevision")
    text = f"{there} of {wanted} ready"
    return Readiness(_seen(manifest) and there >= wanted and revised, text)


def _daemon_set(manifest: Manifest) -> Readiness:
    status = _part(manifest, "status")
    wanted = _number(status, "desiredNumberScheduled")
    there = _number(status, "numberAvailable")
    updated = _number(status, "updatedNumberScheduled")
    text = f"{there} of {wanted} available"
    return Readiness(_seen(manifest) and there >= wanted and updated >= wanted, text)


def _job(manifest: Manifest) -> Readiness:
    status = _part(manifest, "status")
    if _condition(status, "Complete").get("status") == "True":
        return Readiness(True, "completed")
    failed = _condition(status, "Failed")
    if failed.get("status") == "True":
        return Readiness(False, f"failed: {failed.get('message', '')}", failed=True)
    return Readiness(False, f"{_number(status, 'active')} running")


def _pod(manifest: Manifest) -> Readiness:
    status = _part(manifest, "status")
    phase = str(status.get("phase") or "Pending")
    if phase == "Succeeded":
        return Readiness(True, "completed")
    if phase == "Failed":
        text = f"failed: {status.get('message') or status.get('reason') or ''}"
        return Readiness(False, text.rstrip(": "), failed=True)
    for container in _containers(status):
        waiting = _part(_part(container, "state"), "waiting")
        reason = str(waiting.get("reason") or "")
        if reason in _STUCK:
            text = f"{container.get('name')}: {reason}: {waiting.get('message') or ''}"
            return Readiness(False, text.rstrip(": "), failed=True)
    if _condition(status, "Ready").get("status") == "True":
        return Readiness(True, "ready")
    unplaced = _condition(status, "PodScheduled")
    if unplaced.get("status") == "False":
        return Readiness(False, f"not placed: {unplaced.get('message') or ''}")
    return Readiness(False, phase.lower())


def _containers(status: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for key in ("initContainerStatuses", "containerStatuses"):
        statuses = status.get(key)
        for container in statuses if isinstance(statuses, list) else ():
            if isinstance(container, Mapping):
                yield container


def _claim(manifest: Manifest) -> Readiness:
    phase = str(_part(manifest, "status").get("phase") or "Pending")
    if phase == "Lost":
        return Readiness(False, "lost: its volume is gone", failed=True)
    # One that waits for its first pod is bound only when that one is placed.
    return Readiness(phase == "Bound", phase.lower())


def _service(manifest: Manifest) -> Readiness:
    if _part(manifest, "spec").get("type") != "LoadBalancer":
        return Readiness(True, "there")
    balancer = _part(_part(manifest, "status"), "loadBalancer")
    places = balancer.get("ingress")
    for place in places if isinstance(places, list) else ():
        if isinstance(place, Mapping):
            return Readiness(True, f"at {place.get('ip') or place.get('hostname')}")
    return Readiness(False, "no address yet")


_RULES: dict[str, Callable[[Manifest], Readiness]] = {
    "DaemonSet": _daemon_set,
    "Deployment": _deployment,
    "Job": _job,
    "PersistentVolumeClaim": _claim,
    "Pod": _pod,
    "Service": _service,
    "StatefulSet": _stateful_set,
}
