"""Rules that only an API server enforces, so that nothing invalid leaves the house.

Schemas know types and field names; they let five of six bad manifests through. The
rest (names, ranges, references, contradictions) is checked here:

```
 manifest ──▶ problems: "Service web: spec.ports[1].name: duplicate '80-tcp'"
```

Invariant: a manifest without problems is accepted by kube-apiserver 1.36, as far as
the kinds that this package emits are concerned. Kubernetes calls this *validation*.
"""

from collections.abc import Callable, Iterable, Iterator

from k8s_bridge.check_network import ingress, network_policy, service
from k8s_bridge.check_rules import labels
from k8s_bridge.check_storage import claim, config_map, persistent_volume, secret
from k8s_bridge.check_workloads import (
    cron_job,
    daemon_set,
    deployment,
    job,
    pod,
    stateful_set,
)
from k8s_bridge.manifests import Manifest
from k8s_bridge.names import is_dns_label, is_dns_subdomain, is_qualified_name
from minidock.model.document import Document, freeze

__all__ = ["problems"]

_ANNOTATIONS = 256 * 1024
_Check = Callable[[Document], Iterator[str]]


def problems(manifests: Iterable[Manifest]) -> list[str]:
    """What an API server would refuse, one line each; empty if nothing.

    >>> problems([{"kind": "Service", "metadata": {"name": "My_App"}, "spec": {}}])[0]
    "Service My_App: metadata.name: 'My_App' is no DNS label"
    """
    found: list[str] = []
    seen: set[tuple[str, str, str]] = set()
    for manifest in manifests:
        document = freeze(manifest)
        if not isinstance(document, Document):
            continue
        metadata = document.document("metadata")
        kind, name = document.text("kind"), metadata.text("name")
        key = (kind, metadata.text("namespace"), name)
        if key in seen:
            found.append(f"{kind} {name}: there are two of this name")
        seen.add(key)
        found += [f"{kind} {name}: {text}" for text in _object(kind, document)]
    return found


def _object(kind: str, document: Document) -> Iterator[str]:
    yield from _metadata(kind, document.document("metadata"))
    yield from _SPECS.get(kind, _nothing)(document)


def _nothing(_: Document) -> Iterator[str]:
    yield "kind is not known"


def _metadata(kind: str, metadata: Document) -> Iterator[str]:
    name = metadata.text("name")
    # Dots are allowed in most names, but pods and their controllers make host names.
    if kind in _DOTTED:
        if not is_dns_subdomain(name):
            yield f"metadata.name: {name!r} is no DNS name"
    elif not is_dns_label(name):
        yield f"metadata.name: {name!r} is no DNS label"
    namespace = metadata.text("namespace")
    if namespace and not is_dns_label(namespace):
        yield f"metadata.namespace: {namespace!r} is no DNS label"
    yield from labels("metadata.labels", metadata.document("labels"))
    size = 0
    for key, value in metadata.document("annotations").items():
        if not is_qualified_name(key.lower()):
            yield f"metadata.annotations: bad key {key!r}"
        if not isinstance(value, str):
            yield f"metadata.annotations: {key} is no text"
        size += len(key.encode()) + len(str(value).encode())
    if size > _ANNOTATIONS:
        yield f"metadata.annotations: {size} bytes, {_ANNOTATIONS} are allowed"


def _anything(_: Document) -> Iterator[str]:
    yield from ()


_SPECS: dict[str, _Check] = {
    "ConfigMap": config_map,
    "CronJob": cron_job,
    "DaemonSet": daemon_set,
    "Deployment": deployment,
    "Ingress": ingress,
    "Job": job,
    "Namespace": _anything,
    "NetworkPolicy": network_policy,
    "PersistentVolume": persistent_volume,
    "PersistentVolumeClaim": claim,
    "Pod": pod,
    "Role": _anything,
    "RoleBinding": _anything,
    "Secret": secret,
    "Service": service,
    "ServiceAccount": _anything,
    "StatefulSet": stateful_set,
}
_DOTTED = frozenset(
    {
        "ConfigMap",
        "Ingress",
        "NetworkPolicy",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "Role",
        "RoleBinding",
        "Secret",
        "ServiceAccount",
    }
)
