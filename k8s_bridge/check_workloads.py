"""What an API server refuses in the objects that keep pods.

```
 Deployment, StatefulSet, DaemonSet   selector ⊆ labels, restartPolicy Always
 Job, CronJob                         restartPolicy Never or OnFailure, a schedule
```

Invariant: yields nothing for what kube-apiserver 1.36 accepts without a warning.
"""

import re
from collections.abc import Iterator

from k8s_bridge.check_pods import pod_spec
from k8s_bridge.check_rules import labels, one_of, selector, whole
from k8s_bridge.cron import table_fault
from minidock.model.document import Document

__all__ = [
    "cron_job",
    "daemon_set",
    "deployment",
    "job",
    "pod",
    "stateful_set",
]

_PERCENT = re.compile(r"[0-9]{1,9}%")


def pod(document: Document) -> Iterator[str]:
    """What is refused in a bare Pod."""
    yield from pod_spec("spec", document.document("spec"))


def deployment(document: Document) -> Iterator[str]:
    """What is refused in a Deployment."""
    spec = document.document("spec")
    yield from _keeper(spec)
    yield from whole("spec", spec, "replicas")
    yield from whole("spec", spec, "minReadySeconds")
    strategy = spec.document("strategy")
    yield from one_of("spec.strategy", strategy, "type", ("Recreate", "RollingUpdate"))
    if strategy.text("type") == "Recreate" and "rollingUpdate" in strategy:
        yield "spec.strategy: rollingUpdate beside Recreate"
    yield from _rolling("spec.strategy", strategy.document("rollingUpdate"))


def stateful_set(document: Document) -> Iterator[str]:
    """What is refused in a StatefulSet."""
    spec = document.document("spec")
    yield from _keeper(spec, list(_claims(spec)))
    yield from whole("spec", spec, "replicas")
    if not spec.text("serviceName"):
        yield "spec.serviceName: empty, so that its pods have no names"
    words = ("RollingUpdate", "OnDelete")
    yield from one_of(
        "spec.updateStrategy", spec.document("updateStrategy"), "type", words
    )


def daemon_set(document: Document) -> Iterator[str]:
    """What is refused in a DaemonSet."""
    spec = document.document("spec")
    yield from _keeper(spec)
    for key in ("replicas", "strategy"):
        if key in spec:
            yield f"spec.{key}: not in a DaemonSet"
    strategy = spec.document("updateStrategy")
    words = ("RollingUpdate", "OnDelete")
    yield from one_of("spec.updateStrategy", strategy, "type", words)
    yield from _rolling("spec.updateStrategy", strategy.document("rollingUpdate"))


def job(document: Document) -> Iterator[str]:
    """What is refused in a Job."""
    yield from _job_spec("spec", document.document("spec"))


def cron_job(document: Document) -> Iterator[str]:
    """What is refused in a CronJob."""
    spec = document.document("spec")
    name = document.document("metadata").text("name")
    if len(name) > 52:
        yield f"metadata.name: {len(name)} characters, a CronJob may have 52"
    fault = table_fault(spec.text("schedule"))
    if fault:
        yield f"spec.schedule: {spec.text('schedule')!r}: {fault}"
    words = ("Allow", "Forbid", "Replace")
    yield from one_of("spec", spec, "concurrencyPolicy", words)
    yield from _job_spec(
        "spec.jobTemplate.spec", spec.document("jobTemplate").document("spec")
    )


def _keeper(spec: Document, claims: list[str] | None = None) -> Iterator[str]:
    """What all that keep pods running have in common."""
    template = spec.document("template")
    yield from _template("spec.template", template, claims or [])
    yield from selector("spec.selector", spec.document("selector"))
    wanted = spec.document("selector").document("matchLabels")
    own = template.document("metadata").document("labels")
    if not wanted or not wanted.items() <= own.items():
        yield "spec.selector: does not match the labels of the template"
    policy = template.document("spec").text("restartPolicy")
    if policy not in ("", "Always"):
        yield f"spec.template.spec.restartPolicy: {policy} where pods are kept running"


def _claims(spec: Document) -> Iterator[str]:
    templates = spec.get("volumeClaimTemplates")
    for template in templates if isinstance(templates, tuple) else ():
        if isinstance(template, Document):
            yield template.document("metadata").text("name")


def _job_spec(where: str, spec: Document) -> Iterator[str]:
    yield from _template(f"{where}.template", spec.document("template"), [])
    policy = spec.document("template").document("spec").text("restartPolicy")
    if policy not in ("Never", "OnFailure"):
        yield f"{where}.template.spec.restartPolicy: {policy!r} in a Job"
    for key in (
        "backoffLimit",
        "completions",
        "parallelism",
        "ttlSecondsAfterFinished",
    ):
        yield from whole(where, spec, key)


def _template(where: str, template: Document, claims: list[str]) -> Iterator[str]:
    metadata = template.document("metadata")
    yield from labels(f"{where}.metadata.labels", metadata.document("labels"))
    yield from pod_spec(f"{where}.spec", template.document("spec"), claims)


def _rolling(where: str, rolling: Document) -> Iterator[str]:
    amounts = []
    for key in ("maxSurge", "maxUnavailable"):
        value = rolling.get(key)
        if isinstance(value, str) and not _PERCENT.fullmatch(value):
            yield f"{where}.rollingUpdate.{key}: {value!r}"
        elif isinstance(value, int):
            yield from whole(f"{where}.rollingUpdate", rolling, key)
        amounts.append(value in (0, "0%"))
    if all(amounts):
        yield f"{where}.rollingUpdate: neither more nor fewer pods may be there"
