"""Plain manifests in the order in which people read them, and typed ones on request.

```
 {"spec": ..., "kind": ...}  ──ordered──▶  apiVersion, kind, metadata, spec
                             ──to_models─▶ V1Pod, V1Service, ... of the official client
```

Invariants: nothing here is imported from the official client before
:func:`to_models` is called (it costs 0.3 s); a plain manifest is JSON.
"""

import json
from collections.abc import Iterable, Mapping
from types import ModuleType, SimpleNamespace
from typing import TypeAlias

from minidock.errors import Unclassified

__all__ = ["Manifest", "in_namespace", "ordered", "to_models"]

Manifest: TypeAlias = dict[str, object]
_FIRST = ("apiVersion", "kind", "metadata", "spec")
# What others refer to comes before them, isolation before what it isolates.
_KINDS = (
    "Namespace",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ConfigMap",
    "Secret",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "NetworkPolicy",
    "Service",
    "CronJob",
    "Job",
    "DaemonSet",
    "StatefulSet",
    "Deployment",
    "Pod",
    "Ingress",
)
_IN_NO_NAMESPACE = ("Namespace", "PersistentVolume")


def ordered(manifests: Iterable[Manifest]) -> tuple[Manifest, ...]:
    """The manifests in the order to apply them, each with its head first; O(n log n).

    >>> ordered([{"kind": "Pod", "apiVersion": "v1"}, {"kind": "Service"}])
    ({'kind': 'Service'}, {'apiVersion': 'v1', 'kind': 'Pod'})
    """
    return tuple(sorted(map(_head_first, manifests), key=_rank))


def _head_first(manifest: Manifest) -> Manifest:
    head = {key: manifest[key] for key in _FIRST if key in manifest}
    return {**head, **manifest}


def _rank(manifest: Manifest) -> int:
    kind = manifest.get("kind")
    return _KINDS.index(str(kind)) if kind in _KINDS else len(_KINDS)


def in_namespace(manifest: Manifest, namespace: str) -> Manifest:
    """The manifest with its namespace written down; the same one for "".

    Some kinds are in no namespace: they stay as they are, too.
    """
    metadata = manifest.get("metadata")
    if not namespace or not isinstance(metadata, Mapping):
        return manifest
    if manifest.get("kind") in _IN_NO_NAMESPACE:
        return manifest
    placed = {"name": metadata["name"], "namespace": namespace}
    return {**manifest, "metadata": {**placed, **metadata}}


def to_models(manifests: Iterable[Manifest]) -> list[object]:
    """The manifests as objects of the official client, which checks their types.

    Needs ``pip install 'minidock[k8s]'`` and takes some 0.3 s the first time.
    """
    try:
        from kubernetes import client  # noqa: PLC0415  # expensive, and optional
    except ImportError as error:
        raise Unclassified(
            "the official Kubernetes client is not installed",
            asked="make typed objects of manifests",
            rule="the models come from the package 'kubernetes'",
            remedy="pip install 'minidock[k8s]'",
        ) from error
    return [_model(client, manifest) for manifest in manifests]


def _model(client: ModuleType, manifest: Manifest) -> object:
    """Since 37 the models check by themselves; before, the client reads a response."""
    name = f"V1{manifest['kind']}"
    model = getattr(client, name)
    if hasattr(model, "model_validate"):
        return model.model_validate(manifest)
    response = SimpleNamespace(data=json.dumps(manifest))
    return client.ApiClient().deserialize(response, name)
