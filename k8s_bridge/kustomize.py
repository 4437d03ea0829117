"""Manifests as a Kustomize base, with two overlays to begin with.

```
 base/          the manifests, a file each
 overlays/
   production/  images and replicas, as they are: the place to change them
   development/ one of each, published on the nodes instead of a load balancer
```

Invariant: what ``kubectl kustomize overlays/production`` prints are the manifests.
Kustomize is a part of kubectl; nothing else is needed to build these.
"""

from collections.abc import Iterable, Iterator, Sequence

from k8s_bridge.containers import containers_of
from k8s_bridge.images import image_name
from k8s_bridge.manifests import Manifest
from k8s_bridge.outputs import to_document, to_files

__all__ = ["to_kustomize"]

_HEAD = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
_SCALED = ("Deployment", "StatefulSet")


def to_kustomize(manifests: Iterable[Manifest]) -> dict[str, str]:
    """A text for each file, by its path.

    >>> sorted(to_kustomize([{"kind": "Pod", "metadata": {"name": "web"}}]))[:2]
    ['base/kustomization.yaml', 'base/web-pod.yaml']
    """
    objects = list(manifests)
    files = to_files(objects)
    base = {**_HEAD, "resources": list(files)}
    return {
        "base/kustomization.yaml": to_document(base),
        **{f"base/{name}": text for name, text in files.items()},
        "overlays/development/kustomization.yaml": to_document(_development(objects)),
        "overlays/production/kustomization.yaml": to_document(_production(objects)),
    }


def _overlay(**fields: Sequence[object]) -> Manifest:
    filled = {key: value for key, value in fields.items() if value}
    return {**_HEAD, "resources": ["../../base"], **filled}


def _production(manifests: Sequence[Manifest]) -> Manifest:
    return _overlay(
        images=list(_images(manifests)), replicas=list(_replicas(manifests))
    )


def _development(manifests: Sequence[Manifest]) -> Manifest:
    several = [{**r, "count": 1} for r in _replicas(manifests) if r["count"] != 0]
    patches = []
    for manifest in manifests:
        spec = manifest.get("spec")
        if isinstance(spec, dict) and spec.get("type") == "LoadBalancer":
            change = [{"op": "replace", "path": "/spec/type", "value": "NodePort"}]
            target = {"kind": "Service", "name": _name(manifest)}
            patches.append({"target": target, "patch": to_document(change)})
    return _overlay(replicas=several, patches=patches)


def _name(manifest: Manifest) -> str:
    metadata = manifest.get("metadata")
    return str(metadata["name"]) if isinstance(metadata, dict) else ""


def _images(manifests: Sequence[Manifest]) -> Iterator[dict[str, str]]:
    """An entry for each repository that is wanted in one version only."""
    wanted: dict[str, set[tuple[str, str]]] = {}
    for manifest in manifests:
        for container in containers_of(manifest):
            name = image_name(str(container.get("image", "")))
            wanted.setdefault(name.repository, set()).add((name.tag, name.digest))
    for repository in sorted(wanted):
        ((tag, digest), *others) = sorted(wanted[repository])
        if not others and bool(tag) != bool(digest):
            version = {"newTag": tag} if tag else {"digest": digest}
            yield {"name": repository, **version}


def _replicas(manifests: Sequence[Manifest]) -> Iterator[dict[str, object]]:
    for manifest in manifests:
        spec = manifest.get("spec")
        if manifest.get("kind") in _SCALED and isinstance(spec, dict):
            yield {"name": _name(manifest), "count": spec.get("replicas", 1)}
