"""Docker's labels, which may be anything, as labels and annotations; and our own.

```
 team=core                 ─▶ label
 com.example/doc=a text    ─▶ annotation   (a label's value may not have spaces)
 my key=x                  ─▶ in the annotation minidock/labels, as JSON

 app.kubernetes.io/name       the pod that it belongs to, else the object itself
                  /instance   Compose's project, and the same as part-of
                  /managed-by k8s-bridge
```

Invariant: no label is dropped, and none of ours is overwritten. Selectors stay minimal:
they have the name and nothing else.
"""

import json
from collections.abc import Iterable, Mapping

from k8s_bridge.manifests import Manifest
from k8s_bridge.mapping.plan import NAME_LABEL
from k8s_bridge.names import dns_label, is_label_value, is_qualified_name
from k8s_bridge.report import Note, changed, kept

__all__ = [
    "INSTANCE_LABEL",
    "MANAGER",
    "MANAGER_LABEL",
    "ODD_LABELS",
    "sorted_out",
    "stamped",
]

ODD_LABELS = "minidock/labels"
MANAGER = "k8s-bridge"
MANAGER_LABEL = "app.kubernetes.io/managed-by"
INSTANCE_LABEL = "app.kubernetes.io/instance"
_WHOLE_LABEL = "app.kubernetes.io/part-of"
_SOURCE = "k8s-bridge/source"
_OWN = frozenset({NAME_LABEL, MANAGER_LABEL, INSTANCE_LABEL, _WHOLE_LABEL})
_OWN_PREFIXES = ("minidock/", "network.minidock/", "name.minidock/", "k8s-bridge/")


def stamped(manifest: Manifest, project: str, origin: str = "") -> Manifest:
    """The manifest with the labels that every object has, the name first.

    ``origin`` says where it comes from, as ``compose.yaml:12``.

    The pods that it makes know the application, too; who manages them is Kubernetes.

    >>> stamped({"kind": "Secret", "metadata": {"name": "key"}}, "shop")["metadata"]
    ... # doctest: +NORMALIZE_WHITESPACE
    {'name': 'key',
     'labels': {'app.kubernetes.io/name': 'key', 'app.kubernetes.io/instance': 'shop',
                'app.kubernetes.io/part-of': 'shop',
                'app.kubernetes.io/managed-by': 'k8s-bridge'}}
    """
    metadata, spec = manifest.get("metadata"), manifest.get("spec")
    if not isinstance(metadata, dict):
        return manifest
    whole = project if is_label_value(project) else dns_label(project)
    instance = {INSTANCE_LABEL: whole} if whole else {}
    part = {_WHOLE_LABEL: whole} if whole else {}
    own = {**instance, **part, MANAGER_LABEL: MANAGER}
    named = {"name": metadata["name"], "labels": {NAME_LABEL: metadata["name"]}}
    whole_metadata = _labelled(named | metadata, own)
    if origin:
        known = whole_metadata.get("annotations")
        notes = known if isinstance(known, dict) else {}
        whole_metadata["annotations"] = {**notes, _SOURCE: origin}
    result = {**manifest, "metadata": whole_metadata}
    if instance and isinstance(spec, dict):
        result["spec"] = _pods_labelled(spec, instance)
    return result


def _labelled(metadata: Manifest, own: Mapping[str, str]) -> Manifest:
    labels = metadata.get("labels")
    known = labels if isinstance(labels, dict) else {}
    name = {NAME_LABEL: known.get(NAME_LABEL, metadata.get("name"))}
    return {**metadata, "labels": {**name, **own, **known}}


def _pods_labelled(spec: Manifest, own: Mapping[str, str]) -> Manifest:
    """The spec of a controller whose template, or whose jobs' template, has them."""
    for key in ("template", "jobTemplate"):
        inner = spec.get(key)
        if not isinstance(inner, dict):
            continue
        if key == "jobTemplate":
            deeper = _pods_labelled(inner["spec"], own)
            return {**spec, key: {**inner, "spec": deeper}}
        metadata = _labelled(inner["metadata"], own)
        return {**spec, key: {**inner, "metadata": metadata}}
    return spec


def sorted_out(
    labels: Iterable[tuple[str, str]], attribute: str = "labels"
) -> tuple[dict[str, str], dict[str, str], tuple[Note, ...]]:
    """Labels, annotations and notes for the labels that Docker has.

    >>> labels, annotations, notes = sorted_out([("team", "core"), ("my key", "x")])
    >>> labels, annotations
    ({'team': 'core'}, {'minidock/labels': '{"my key":"x"}'})
    """
    good: dict[str, str] = {}
    annotations: dict[str, str] = {}
    odd: dict[str, str] = {}
    for key, value in labels:
        ours = key in _OWN or key.startswith(_OWN_PREFIXES)
        if not is_qualified_name(key) or ours:
            odd[key] = value
        elif is_label_value(value) and attribute == "labels":
            good[key] = value
        else:
            annotations[key] = value
    if odd:
        annotations[ODD_LABELS] = json.dumps(odd, separators=(",", ":"))
    return good, annotations, tuple(_notes(attribute, good, annotations, odd))


def _notes(
    attribute: str,
    good: dict[str, str],
    annotations: dict[str, str],
    odd: dict[str, str],
) -> Iterable[Note]:
    if good:
        yield kept(attribute, f"labels: {', '.join(good)}")
    plain = [key for key in annotations if key != ODD_LABELS]
    if plain:
        how = kept if attribute == "annotations" else changed
        yield how(attribute, f"annotations: {', '.join(plain)}")
    if odd:
        yield changed(attribute, f"in annotation {ODD_LABELS}: {', '.join(odd)}")
