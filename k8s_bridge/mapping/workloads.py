"""The object that keeps a pod: Deployment, Job or the bare Pod.

```
 --restart always, unless-stopped  ─▶ Deployment   one replica
 --restart on-failure:3, --rm      ─▶ Job          backoffLimit, ttlSecondsAfterFinished
 --restart on-failure              ─▶ Pod          restartPolicy OnFailure
 no --restart                      ─▶ Pod          restartPolicy Never
```

Invariants: a selector has only the pod's name, never a network, so that connecting and
disconnecting is a change of labels; pod labels always contain the selector.
"""

from collections.abc import Iterator

from k8s_bridge.application import MountKind, Restart, Service
from k8s_bridge.mapping.labels import sorted_out
from k8s_bridge.mapping.part import Fields, fields
from k8s_bridge.mapping.plan import NAME_LABEL, Kind, Plan, PlannedPod
from k8s_bridge.mapping.pods import pod_spec
from k8s_bridge.mapping.policies import membership
from k8s_bridge.mapping.services import Directory
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["workload", "workload_notes"]

_STOPPED = ("created", "exited", "dead")


def workload(pod: PlannedPod, plan: Plan, directory: Directory) -> Fields:
    """The manifest of a pod and of what keeps it."""
    metadata = _metadata(pod, plan, directory)
    if pod.kind is Kind.POD:
        return _pod(pod, plan, metadata)
    template: Fields = {
        "metadata": metadata,
        "spec": pod_spec(pod, plan, _restart_policy(pod)),
    }
    if pod.kind is Kind.JOB:
        return _job(pod, template)
    return _deployment(pod, template, plan)


def _metadata(pod: PlannedPod, plan: Plan, directory: Directory) -> Fields:
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    for service in reversed(pod.services):  # the base has the last word
        good, rest, _ = sorted_out(service.labels)
        _, own, _ = sorted_out(service.annotations, "annotations")
        labels |= good
        annotations |= rest | own
    original = [service.name for service in pod.services]
    if original != list(pod.containers):
        annotations["minidock/docker-name"] = ",".join(original)
    ours = {NAME_LABEL: pod.name, **membership(pod, plan), **directory.labels(pod.name)}
    return fields(labels={**ours, **labels}, annotations=annotations)


def _pod(pod: PlannedPod, plan: Plan, metadata: Fields) -> Fields:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": pod.name, **metadata},
        "spec": pod_spec(pod, plan, _restart_policy(pod)),
    }


def _job(pod: PlannedPod, template: Fields) -> Fields:
    lifecycle = pod.base.lifecycle
    spec: Fields = {"backoffLimit": lifecycle.retries}
    if lifecycle.removed_when_done:
        spec["ttlSecondsAfterFinished"] = 0
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": pod.name, "labels": {NAME_LABEL: pod.name}},
        "spec": {**spec, "template": template},
    }


def _deployment(pod: PlannedPod, template: Fields, plan: Plan) -> Fields:
    stopped = pod.base.lifecycle.status in _STOPPED
    # Two pods at once must not share a disk or a host port.
    exclusive = _has_disk(pod) or pod.on_host or bool(plan.host_ports(pod))
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": pod.name, "labels": {NAME_LABEL: pod.name}},
        "spec": {
            "replicas": 0 if stopped else 1,
            **({"strategy": {"type": "Recreate"}} if exclusive else {}),
            "selector": {"matchLabels": {NAME_LABEL: pod.name}},
            "template": template,
        },
    }


def _has_disk(pod: PlannedPod) -> bool:
    kinds = {mount.kind for service in pod.services for mount in service.mounts}
    return bool(kinds & {MountKind.VOLUME, MountKind.BIND})


def _restart_policy(pod: PlannedPod) -> str:
    if pod.kind is Kind.DEPLOYMENT:
        return "Always"
    failure = pod.base.lifecycle.restart is Restart.ON_FAILURE
    return "OnFailure" if failure else "Never"


def workload_notes(service: Service, pod: PlannedPod) -> Iterator[Note]:
    """What became of the settings that choose the object."""
    yield _restart_note(service, pod)
    if service is pod.base:
        yield kept("auto_remove", "a Job with ttlSecondsAfterFinished: 0")
        yield _status_note(service.lifecycle.status, pod)
    else:
        yield lost("auto_remove", "containers of a pod are removed together")
        yield changed("status", "containers of a pod are started together")
    _, _, label_notes = sorted_out(service.labels)
    _, _, annotation_notes = sorted_out(service.annotations, "annotations")
    yield from label_notes
    yield from annotation_notes


def _restart_note(service: Service, pod: PlannedPod) -> Note:
    restart = service.lifecycle.restart
    where = f"{pod.kind}, restartPolicy {_restart_policy(pod)}"
    base = pod.base.lifecycle.restart
    if restart is not base:
        return changed("restart", f"{where}: the pod follows {pod.base.name}")
    if restart is Restart.UNLESS_STOPPED:
        return changed("restart", f"{where}; stopping it means scaling to 0")
    if pod.kind is Kind.JOB and service.lifecycle.retries:
        return changed("restart", f"{where}, backoffLimit {service.lifecycle.retries}")
    return kept("restart", where)


def _status_note(status: str, pod: PlannedPod) -> Note:
    if pod.kind is Kind.DEPLOYMENT and status in _STOPPED:
        return kept("status", "replicas: 0")
    return changed("status", "applying the manifest starts it")
