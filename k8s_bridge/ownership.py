"""What is ours in a cluster, and what is somebody else's.

```
 labels  app.kubernetes.io/managed-by: k8s-bridge   we made it
         app.kubernetes.io/instance: shop           for the application shop

 live object ─▶ nobody's (not there) │ ours │ ours, of another application │ foreign
```

Invariant: nothing foreign is ever changed or removed, unless a person says ``adopt``;
a claim, which has data, is removed only when that is said, too; a namespace, in which
others' objects may be, never is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from k8s_bridge.manifests import Manifest, ordered
from k8s_bridge.mapping.labels import INSTANCE_LABEL, MANAGER, MANAGER_LABEL
from minidock.errors import Conflict, Refusal

__all__ = [
    "INSTANCE_LABEL",
    "Key",
    "claims_of",
    "foreign",
    "instances_of",
    "is_ours",
    "key_of",
    "marked",
    "removal",
    "selector",
    "why_kept",
]

_DATA = ("PersistentVolume", "PersistentVolumeClaim")
# With these goes what lies in them, whoever made it.
_WITH_OTHERS = ("CustomResourceDefinition", "Namespace")


class Key(NamedTuple):
    """What an object is called in a cluster; its group without the version."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


def key_of(manifest: Manifest) -> Key:
    """The key of an object.

    >>> meta = {"name": "web", "namespace": "shop"}
    >>> str(key_of({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta}))
    'Deployment/web'
    """
    group, slash, _ = str(manifest.get("apiVersion") or "").partition("/")
    meta = _metadata(manifest)
    return Key(
        group if slash else "",
        str(manifest.get("kind") or ""),
        str(meta.get("namespace") or ""),
        str(meta.get("name") or ""),
    )


def _metadata(manifest: Manifest) -> Mapping[str, object]:
    metadata = manifest.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def _labels(manifest: Manifest) -> Mapping[str, object]:
    labels = _metadata(manifest).get("labels")
    return labels if isinstance(labels, Mapping) else {}


def is_ours(live: Manifest, instance: str = "") -> bool:
    """Whether we made it; for that application, if one is given."""
    labels = _labels(live)
    if labels.get(MANAGER_LABEL) != MANAGER:
        return False
    return not instance or labels.get(INSTANCE_LABEL) == instance


def marked(manifest: Manifest, instance: str = "") -> Manifest:
    """The manifest with our labels, where it has none: by them we know it again.

    >>> config = {"kind": "ConfigMap", "metadata": {"name": "c"}}
    >>> marked(config, "shop")["metadata"]["labels"]
    {'app.kubernetes.io/managed-by': 'k8s-bridge', 'app.kubernetes.io/instance': 'shop'}
    """
    labels = _labels(manifest)
    manager = labels.get(MANAGER_LABEL, MANAGER)
    if manager != MANAGER:
        raise Conflict(
            f"{key_of(manifest)} is managed by {manager}",
            asked=f"apply {key_of(manifest)}",
            rule=f"its manifest has the label {MANAGER_LABEL}: {manager}",
            remedy=f"{manager} applies it; or take the label out of the manifest",
        )
    own = {MANAGER_LABEL: MANAGER}
    if instance:
        own[INSTANCE_LABEL] = instance
    metadata = {**_metadata(manifest), "labels": {**own, **labels}}
    return {**manifest, "metadata": metadata}


def instances_of(manifests: Iterable[Manifest]) -> list[str]:
    """The applications that these are of, each once; "" for those of none."""
    return sorted({str(_labels(m).get(INSTANCE_LABEL) or "") for m in manifests})


def foreign(live: Manifest, instance: str, verb: str) -> Refusal | None:
    """Why that object must not be touched; None if it is ours.

    >>> live = {"kind": "Service", "metadata": {"name": "db"}}
    >>> print(foreign(live, "shop", "apply").explain())
    asked:  apply Service/db
    rule:   it is there, and k8s-bridge did not make it
    try:    --adopt takes it over; or another name, or another namespace (-n)
    >>> foreign(marked(live, "shop"), "shop", "apply")
    """
    if is_ours(live):
        owner = _labels(live).get(INSTANCE_LABEL) or ""
        if not instance or not owner or owner == instance:
            return None
        rule = f"it belongs to the application {owner}"
    else:
        rule = "it is there, and k8s-bridge did not make it"
    manager = _labels(live).get(MANAGER_LABEL, MANAGER)
    if manager != MANAGER:
        rule += f": {manager} did"
    remedy = {
        "apply": "--adopt takes it over; or another name, or another namespace (-n)",
        "delete": f"kubectl delete {key_of(live)}, if you are sure",
    }[verb]
    return Conflict(
        f"{key_of(live)} is not ours",
        asked=f"{verb} {key_of(live)}",
        rule=rule,
        remedy=remedy,
    )


def selector(instance: str) -> str:
    """The label selector of all that is ours for an application.

    >>> selector("shop")
    'app.kubernetes.io/managed-by=k8s-bridge,app.kubernetes.io/instance=shop'
    """
    return f"{MANAGER_LABEL}={MANAGER},{INSTANCE_LABEL}={instance}"


def removal(
    live: Iterable[Manifest],
    instance: str,
    *,
    keep: Iterable[Key] = (),
    volumes: bool = False,
) -> tuple[tuple[Manifest, ...], tuple[Manifest, ...]]:
    """What of these to remove, the last applied first, and what of ours stays.

    Only what is ours for that application ("": for any) and not to be kept; what
    belongs to another object goes with that one.
    """
    kept = frozenset(keep)
    ours = [
        o
        for o in live
        if is_ours(o, instance)
        and key_of(o) not in kept
        and not _metadata(o).get("ownerReferences")
    ]
    stay = _WITH_OTHERS if volumes else (*_DATA, *_WITH_OTHERS)
    gone = [o for o in ours if o.get("kind") not in stay]
    return ordered(gone)[::-1], tuple(o for o in ours if o.get("kind") in stay)


def why_kept(live: Manifest) -> str:
    """The words for what stays.

    >>> why_kept({"kind": "Namespace"})
    'kept, others may have things in it'
    """
    if live.get("kind") in _WITH_OTHERS:
        return "kept, others may have things in it"
    return "kept, it has data (--volumes removes it)"


def claims_of(
    sets: Iterable[Manifest], claims: Sequence[Manifest]
) -> Iterator[Manifest]:
    """The claims that Kubernetes made of these StatefulSets' templates.

    They are named after template, set and number, and have the set's labels.
    """
    for stateful in sets:
        spec = stateful.get("spec")
        if stateful.get("kind") != "StatefulSet" or not isinstance(spec, Mapping):
            continue
        chosen = spec.get("selector")
        labels = chosen.get("matchLabels") if isinstance(chosen, Mapping) else None
        wanted = labels if isinstance(labels, Mapping) else {}
        templates = spec.get("volumeClaimTemplates")
        starts = [
            f"{_metadata(template).get('name')}-{key_of(stateful).name}-"
            for template in (templates if isinstance(templates, list) else ())
        ]
        for claim in claims:
            name = key_of(claim).name
            if (
                wanted
                and key_of(claim).namespace == key_of(stateful).namespace
                and wanted.items() <= _labels(claim).items()
                and any(
                    name.startswith(start) and name[len(start) :].isdigit()
                    for start in starts
                )
            ):
                yield claim
