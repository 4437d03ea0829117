"""The object that keeps a pod: a Deployment, a Job, their like, or the bare Pod.

```
 kind (kinds.py)                 what it adds to the pod
 Deployment                      replicas, strategy
 StatefulSet  an identity each   serviceName, volumeClaimTemplates
 DaemonSet    one on each node   updateStrategy
 Job          runs to an end     backoffLimit, completions, parallelism, suspend
 CronJob      again and again    schedule, and a Job's own fields
```

Invariants: a selector has only the pod's name, never a network, so that connecting and
disconnecting is a change of labels; pod labels always contain the selector.
"""

import re
from collections.abc import Iterator

from k8s_bridge.application import Mode, Restart, Service
from k8s_bridge.mapping.directory import Directory
from k8s_bridge.mapping.kinds import CONTROLLERS, JOBS, STOPPED
from k8s_bridge.mapping.labels import sorted_out
from k8s_bridge.mapping.part import Fields, Part, fields
from k8s_bridge.mapping.plan import NAME_LABEL, Kind, Plan, PlannedPod
from k8s_bridge.mapping.pods import pod_spec
from k8s_bridge.mapping.policies import membership
from k8s_bridge.mapping.templates import claim_templates
from k8s_bridge.mapping.updating import update_notes, updating
from k8s_bridge.mapping.waiting import ORDER, Waits
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["workload", "workload_notes"]

_FOR_EVER = 2**31 - 1
_ZONE = r"(?i)(?!local$)[a-z0-9_+-]+(/[a-z0-9_+-]+)*"
_KEPT_TOGETHER = (
    "status",
    "replicas",
    "mode",
    "update",
    "cron",
    "cron_timezone",
    "cron_concurrency",
    "identity",
    "deploy_labels",
)
_AGAIN = (Restart.ON_FAILURE, Restart.ALWAYS, Restart.UNLESS_STOPPED)


def workload(
    pod: PlannedPod,
    plan: Plan,
    directory: Directory,
    waits: Waits,
    containers: tuple[Part, ...],
) -> Fields:
    """The manifest of a pod with these containers, and of what keeps it."""
    template = _template(pod, plan, directory)
    spec = pod_spec(pod, plan, waits, containers, _restart_policy(pod))
    if pod.kind is Kind.POD:
        metadata = _own_metadata(pod, template)
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    version = "batch/v1" if pod.kind in JOBS else "apps/v1"
    whole: Fields = {"metadata": template, "spec": spec}
    return {
        "apiVersion": version,
        "kind": str(pod.kind),
        "metadata": _own_metadata(pod, {"labels": {NAME_LABEL: pod.name}}),
        "spec": _keeper(pod, plan, directory, whole),
    }


def _keeper(
    pod: PlannedPod, plan: Plan, directory: Directory, template: Fields
) -> Fields:
    if pod.kind is Kind.JOB:
        return _job(pod, plan, template)
    if pod.kind is Kind.CRON_JOB:
        return _cron_job(pod, plan, template)
    if pod.kind is Kind.STATEFUL_SET:
        return _stateful_set(pod, plan, directory, template)
    exclusive = _is_exclusive(pod, plan, template)
    count: Fields = {"replicas": pod.copies} if pod.kind is Kind.DEPLOYMENT else {}
    update = updating(pod, exclusive=exclusive)
    return {**count, **_selector(pod), **update, "template": template}


def _own_metadata(pod: PlannedPod, below: Fields) -> Fields:
    """Name, labels and annotations of the object that is applied."""
    good, rest, _ = sorted_out(pod.base.scheduling.labels)
    members = {service.name for service in pod.services}
    order = [
        f"{dependency.service}:{dependency.condition}"
        for service in pod.services
        for dependency in service.dependencies
        if dependency.service not in members
    ]
    labels, annotations = below.get("labels"), below.get("annotations")
    known = labels if isinstance(labels, dict) else {}
    notes = annotations if isinstance(annotations, dict) else {}
    own = fields(**{ORDER: ",".join(dict.fromkeys(order))})
    return {
        "name": pod.name,
        **fields(labels=good | known, annotations=rest | notes | own),
    }


def _template(pod: PlannedPod, plan: Plan, directory: Directory) -> Fields:
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


def _selector(pod: PlannedPod) -> Fields:
    return {"selector": {"matchLabels": {NAME_LABEL: pod.name}}}


def _stateful_set(
    pod: PlannedPod, plan: Plan, directory: Directory, template: Fields
) -> Fields:
    return {
        "replicas": pod.copies,
        "serviceName": directory.services.get(pod.base.name.lower(), pod.name),
        **_selector(pod),
        **updating(pod, exclusive=False),
        "template": template,
        **fields(volumeClaimTemplates=claim_templates(pod, plan)),
    }


def _job(pod: PlannedPod, plan: Plan, template: Fields) -> Fields:
    lifecycle = pod.base.lifecycle
    spec: Fields = {}
    if pod.base.scheduling.mode is not Mode.GLOBAL_JOB and pod.copies > 1:
        spec |= {"completions": pod.copies, "parallelism": pod.copies}
    if not pod.copies:
        spec["suspend"] = True
    spec["backoffLimit"] = _attempts(pod.base)
    if lifecycle.removed_when_done and not _is_awaited(pod, plan):
        spec["ttlSecondsAfterFinished"] = 0
    return {**spec, "template": template}


def _attempts(service: Service) -> int:
    """How often a Job starts a program again that failed."""
    lifecycle = service.lifecycle
    if lifecycle.restart is Restart.ON_FAILURE and lifecycle.retries > 0:
        return min(lifecycle.retries, _FOR_EVER)
    return _FOR_EVER if lifecycle.restart in _AGAIN else 0


def _cron_job(pod: PlannedPod, plan: Plan, template: Fields) -> Fields:
    job = _job(pod, plan, template)
    suspended = {"suspend": True} if job.pop("suspend", False) else {}
    wanted = pod.base.scheduling
    zone = wanted.timezone if re.fullmatch(_ZONE, wanted.timezone) else ""
    return {
        "schedule": wanted.cron,
        **fields(timeZone=zone, concurrencyPolicy=wanted.overlap),
        **suspended,
        "jobTemplate": {"spec": job},
    }


def _is_exclusive(pod: PlannedPod, plan: Plan, template: Fields) -> bool:
    """Whether two at once would share a port of their node, or a disk of one pod's."""
    if pod.on_host or plan.host_ports(pod):
        return True
    spec = template["spec"]
    return isinstance(spec, dict) and not pod.several and _has_disk(spec)


def _has_disk(spec: Fields) -> bool:
    """Whether a container writes to a disk, or a claim binds the pod to a node."""
    volumes, containers = spec.get("volumes", ()), spec.get("containers", ())
    if not isinstance(volumes, list) or not isinstance(containers, list):
        return False
    if any("persistentVolumeClaim" in volume for volume in volumes):
        return True
    paths = {volume["name"] for volume in volumes if "hostPath" in volume}
    return any(
        mount["name"] in paths and not mount.get("readOnly")
        for container in containers
        for mount in container.get("volumeMounts", ())
    )


def _is_awaited(pod: PlannedPod, plan: Plan) -> bool:
    return pod.base.name in plan.awaited


def _restart_policy(pod: PlannedPod) -> str:
    if pod.kind in CONTROLLERS:
        return "Always"
    return "OnFailure" if pod.base.lifecycle.restart in _AGAIN else "Never"


def workload_notes(
    service: Service, pod: PlannedPod, plan: Plan, manifest: Fields
) -> Iterator[Note]:
    """What became of the settings that choose the object; ``manifest`` is it."""
    yield _restart_note(service, pod)
    if service is pod.base:
        yield _removal_note(pod, plan)
        yield _status_note(service.lifecycle.status, pod)
        yield from _count_notes(pod)
        yield from update_notes(pod, exclusive=_recreates(manifest))
    else:
        why = f"containers of a pod are kept together, as {pod.base.name} is"
        yield lost("auto_remove", why)
        for word in _KEPT_TOGETHER:
            yield changed(word, why)
    yield from _label_notes(service, pod)


def _recreates(manifest: Fields) -> bool:
    spec = manifest["spec"]
    return isinstance(spec, dict) and spec.get("strategy") == {"type": "Recreate"}


def _label_notes(service: Service, pod: PlannedPod) -> Iterator[Note]:
    _, _, label_notes = sorted_out(service.labels)
    _, _, annotation_notes = sorted_out(service.annotations, "annotations")
    yield from label_notes
    yield from annotation_notes
    _, _, own = sorted_out(service.scheduling.labels)
    for note in own if service is pod.base else ():
        how = f"of the {pod.kind}: {note.how}"
        yield note._replace(attribute="deploy_labels", how=how)


def _count_notes(pod: PlannedPod) -> Iterator[Note]:
    """How many there are, in which mode, and when."""
    wanted = pod.base.scheduling
    if pod.kind is Kind.DAEMON_SET:
        yield kept("mode", "DaemonSet: one on each node")
        yield lost("replicas", "a DaemonSet has one on each node")
    elif wanted.mode is Mode.GLOBAL_JOB and pod.kind is Kind.JOB:
        yield lost("mode", "a Job runs once, not once on each node")
        yield lost("replicas", "a Job for all nodes has no number")
    elif pod.kind in JOBS:
        yield kept("mode", str(pod.kind))
        yield from _job_counts(pod)
    else:
        yield kept("mode", str(pod.kind))
        yield kept("replicas", "replicas" if pod.kind in CONTROLLERS else "one Pod")
    yield kept("cron", "CronJob, schedule")
    if re.fullmatch(_ZONE, wanted.timezone):
        yield kept("cron_timezone", "CronJob, timeZone")
    if wanted.overlap:
        how = "concurrencyPolicy; the latest run that was put off is made up for"
        yield changed("cron_concurrency", f"{wanted.overlap}: {how}")
    yield kept("identity", "StatefulSet, volumeClaimTemplates for its own volumes")


def _job_counts(pod: PlannedPod) -> Iterator[Note]:
    if not pod.copies:
        yield kept("replicas", "suspend: true, until somebody resumes it")
    elif pod.copies > 1 and _restart_policy(pod) == "Never":
        how = "completions, parallelism; the first one that fails ends the rest"
        yield changed("replicas", how)
    else:
        yield kept("replicas", "completions, parallelism")


def _removal_note(pod: PlannedPod, plan: Plan) -> Note:
    if _is_awaited(pod, plan):
        return changed("auto_remove", "a Job that stays, because others wait for it")
    if pod.kind in JOBS:
        return kept("auto_remove", "a Job with ttlSecondsAfterFinished: 0")
    return lost("auto_remove", f"a {pod.kind} does not end")


def _restart_note(service: Service, pod: PlannedPod) -> Note:
    restart, base = service.lifecycle.restart, pod.base.lifecycle.restart
    where = f"{pod.kind}, restartPolicy {_restart_policy(pod)}"
    if restart is not base:
        return changed("restart", f"{where}: the pod follows {pod.base.name}")
    if pod.kind in CONTROLLERS:
        return _controller_note(restart, where)
    if restart in (Restart.ALWAYS, Restart.UNLESS_STOPPED):
        return changed("restart", f"{where}: once it succeeds, it is over")
    if restart is Restart.ON_FAILURE and pod.kind in JOBS and service.lifecycle.retries:
        return changed("restart", f"{where}, backoffLimit {_attempts(service)}")
    return kept("restart", where)


def _controller_note(restart: Restart, where: str) -> Note:
    if restart is Restart.ALWAYS:
        return kept("restart", where)
    if restart is Restart.UNLESS_STOPPED:
        return changed("restart", f"{where}; stopping it means scaling to 0")
    if restart is Restart.ON_FAILURE:
        return changed("restart", f"{where}: started again after a success, too")
    return changed("restart", f"{where}: Docker would not start it again")


def _status_note(status: str, pod: PlannedPod) -> Note:
    stopped = status in STOPPED
    if stopped and pod.kind in (Kind.DEPLOYMENT, Kind.STATEFUL_SET):
        return kept("status", "replicas: 0")
    if stopped and pod.kind in JOBS:
        return kept("status", "suspend: true")
    return changed("status", "applying the manifest starts it")
