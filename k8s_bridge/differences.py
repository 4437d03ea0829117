"""What applying would change, as a unified diff of YAML.

```
 live object ─────────────┐
                          ├─▶ without the server's own fields ─▶ --- live  +++ applied
 what a dry run gives ────┘                                      -  replicas: 1
                                                                 +  replicas: 3
```

Invariants: two objects that differ in nothing but what a server keeps for itself have
no difference; no content of a Secret is shown, only that it changes.
kubectl's word for this is *diff*.
"""

import copy
from collections.abc import Mapping
from difflib import unified_diff

from k8s_bridge.manifests import Manifest, ordered
from k8s_bridge.outputs import to_document

__all__ = ["difference"]

_OWN = (
    "creationTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)

# kubectl's copy of all that it applied, a Secret's content with it.
_LAST = "kubectl.kubernetes.io/last-applied-configuration"


def difference(live: Manifest | None, applied: Manifest | None) -> str:
    """The diff from what is there to what would be; "" if nothing changes.

    >>> one = {"kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1"}}
    >>> print(difference(one, {**one, "data": {"a": "2"}}))
    --- live ConfigMap/c
    +++ applied ConfigMap/c
    @@ -2,4 +2,4 @@
     metadata:
       name: c
     data:
    -  a: '1'
    +  a: '2'
    >>> difference(one, one)
    ''
    """
    name = _name(live or applied or {})
    lines = unified_diff(
        _lines(live, applied, "before"),
        _lines(applied, live, "after"),
        f"live {name}",
        f"applied {name}",
        lineterm="",
    )
    return "\n".join(lines)


def _name(manifest: Manifest) -> str:
    metadata = manifest.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else ""
    return f"{manifest.get('kind')}/{name}"


def _lines(manifest: Manifest | None, other: Manifest | None, when: str) -> list[str]:
    if manifest is None:
        return []
    shown = copy.deepcopy(manifest)
    shown.pop("status", None)
    metadata = shown.get("metadata")
    if isinstance(metadata, dict):
        for key in _OWN:
            metadata.pop(key, None)
        annotations = metadata.get("annotations")
        if isinstance(annotations, dict):
            annotations.pop(_LAST, None)
            if not annotations:
                del metadata["annotations"]
    if manifest.get("kind") == "Secret":
        for key in ("data", "stringData"):
            if key in shown:
                shown[key] = _hidden(shown[key], (other or {}).get(key), when)
    parts = {key: _sorted(value) for key, value in shown.items()}
    return to_document(ordered([parts])[0]).splitlines()


def _sorted(value: object) -> object:
    """The value with its keys in one order: that of a mapping means nothing."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _hidden(data: object, other: object, when: str) -> object:
    """The keys, and for each whether its content is the same on the other side."""
    if not isinstance(data, Mapping):
        return data
    known = other if isinstance(other, Mapping) else {}
    return {
        key: "(hidden)" if known.get(key) == value else f"(hidden, {when})"
        for key, value in data.items()
    }
