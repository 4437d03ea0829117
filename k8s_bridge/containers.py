"""Where the containers are in a manifest of any kind that has some.

```
 Pod                      spec
 Deployment, Job, ...     spec.template.spec
 CronJob                  spec.jobTemplate.spec.template.spec
```
"""

from collections.abc import Iterator, Mapping

from k8s_bridge.manifests import Manifest

__all__ = ["containers_of", "pod_spec_of"]


def pod_spec_of(manifest: Manifest) -> dict[str, object] | None:
    """The pod's spec in a manifest, None if it makes no pod.

    >>> pod_spec_of({"kind": "Pod", "spec": {"hostNetwork": True}})
    {'hostNetwork': True}
    >>> pod_spec_of({"kind": "Service", "spec": {}}) is None
    True
    """
    spec = _inner(manifest, "spec")
    if manifest.get("kind") == "Pod":
        return spec
    of_job = _inner(_inner(spec, "jobTemplate"), "spec")
    return _inner(_inner(of_job or spec, "template"), "spec")


def _inner(value: object, key: str) -> dict[str, object] | None:
    inner = value.get(key) if isinstance(value, Mapping) else None
    return inner if isinstance(inner, dict) else None


def containers_of(manifest: Manifest) -> Iterator[dict[str, object]]:
    """The containers of a manifest, those that run first before the others."""
    spec = pod_spec_of(manifest) or {}
    for key in ("initContainers", "containers"):
        containers = spec.get(key)
        yield from containers if isinstance(containers, list) else ()
