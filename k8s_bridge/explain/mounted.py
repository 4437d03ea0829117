"""Volumes and folders, beside what the pods really have at their paths.

```
 mount of a service ─▶ volumeMount at its path ─▶ volume of the pod ─▶ claim ...
```

Invariant: what stands beside a mount is what the pod has, not what was meant.
"""

from collections.abc import Iterator, Mapping

from k8s_bridge.application import Application, MountKind
from k8s_bridge.explain.things import (
    CONTROLLERS,
    Objects,
    Pair,
    Thing,
    kind_of,
    name_of,
    pod_spec,
)
from k8s_bridge.selectors import documents_in
from minidock.model.document import Document

__all__ = ["mounted", "volumes"]


def volumes(
    application: Application,
    objects: Objects,
    backing: Mapping[tuple[str, str], Document],
) -> Iterator[Pair]:
    """A pair for each volume and folder, with where the pods have it from."""
    places: dict[tuple[MountKind, str], list[tuple[str, str]]] = {}
    for service in application.services:
        for mount in service.mounts:
            if mount.kind in (MountKind.VOLUME, MountKind.BIND):
                wanted = places.setdefault((mount.kind, mount.source), [])
                wanted.append((service.name, mount.target))
    for (kind, name), where in places.items():
        word = "volume" if kind is MountKind.VOLUME else "folder"
        own = Thing(f"{word} {name}", tuple(f"{who} at {path}" for who, path in where))
        sources = [backing[place] for place in where if place in backing]
        things = dict.fromkeys(_backing(source, objects) for source in sources)
        yield Pair(own, tuple(things) or (Thing("nothing"),))


def mounted(
    objects: Objects, services_of: Mapping[tuple[str, str], tuple[str, ...]]
) -> dict[tuple[str, str], Document]:
    """The volume of a pod behind each path of each service."""
    found = {}
    for workload in objects.of(*CONTROLLERS):
        spec = pod_spec(workload)
        volumes = {v.text("name"): v for v in documents_in(spec, "volumes")}
        templates = documents_in(workload.document("spec"), "volumeClaimTemplates")
        volumes |= {name_of(t): Document({"template": True}) for t in templates}
        names = services_of.get((kind_of(workload), name_of(workload)), ())
        for service, container in zip(
            names, documents_in(spec, "containers"), strict=False
        ):
            for mount in documents_in(container, "volumeMounts"):
                volume = volumes.get(mount.text("name"))
                if volume is not None:
                    found[service, mount.text("mountPath")] = volume
    return found


def _backing(volume: Document, objects: Objects) -> Thing:
    """What a volume of a pod is, with the object that it comes from."""
    claim = volume.document("persistentVolumeClaim").text("claimName")
    if claim:
        made = objects.find("PersistentVolumeClaim", claim) or Document()
        wanted = made.document("spec").document("resources").document("requests")
        size = wanted.text("storage")
        lines = (f"asks for {size}",) if size else ()
        return Thing(f"PersistentVolumeClaim {claim}", lines)
    for key, kind, name in (
        ("configMap", "ConfigMap", "name"),
        ("secret", "Secret", "secretName"),
    ):
        if key in volume:
            wanted_name = volume.document(key).text(name)
            objects.find(kind, wanted_name)
            return Thing(f"{kind} {wanted_name}", ("a copy of what lay there",))
    if "hostPath" in volume:
        return Thing(
            "volume of the pod",
            (f"hostPath {volume.document('hostPath').text('path')}",),
        )
    if "template" in volume:
        return Thing("a claim of each pod's own", ("volumeClaimTemplates",))
    return Thing("volume of the pod", tuple(k for k in volume if k != "name"))
