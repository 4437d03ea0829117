"""Claims of storage, and the volumes behind those that lie on a server of one's own.

```
 volume data                    ─▶ PersistentVolumeClaim data
 volume logs, an NFS export     ─▶ PersistentVolume shop-logs ◀── claim logs
 folder ./uploads, written to   ─▶ PersistentVolumeClaim web-uploads
```

Invariant: how many may mount a claim follows from who does. Docker's word for a claim
is *volume*; one that several hosts can mount at a time it does not have.
"""

from collections.abc import Iterator, Mapping
from functools import partial

from k8s_bridge.application import Mount, MountKind, Volume
from k8s_bridge.mapping.backing import Backing, Export, backing_of, bytes_of, export_of
from k8s_bridge.mapping.binds import Way
from k8s_bridge.mapping.confinement import quantity
from k8s_bridge.mapping.labels import sorted_out
from k8s_bridge.mapping.part import Fields, fields
from k8s_bridge.mapping.plan import NAME_LABEL, Plan, PlannedPod
from k8s_bridge.names import dns_label
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["claims", "volume_notes"]

_MADE = (Backing.CLUSTER, Backing.NFS)


def claims(plan: Plan) -> Iterator[Fields]:
    """A claim for each volume that the cluster keeps; O(volumes + mounts)."""
    uses = _uses(plan)
    for name, volume in plan.store.volumes.items():
        claim = plan.store.claims[name]
        if backing_of(volume) not in _MADE or _own_of_each(volume, uses.get(claim, [])):
            continue
        make = partial(_claim, claim=claim, uses=uses.get(claim, []), plan=plan)
        export = export_of(volume)
        if export is None:
            yield make(volume)
        else:
            server = _server_volume(volume, claim, export, plan, uses.get(claim, []))
            yield server
            yield make(volume, bound=dns_label(_cluster_name(claim, plan)))
    for source, bind in plan.store.binds.items():
        if bind.way is Way.CLAIM:
            claim = plan.store.places[source]
            yield _claim(
                Volume(name=claim), claim=claim, uses=uses.get(claim, []), plan=plan
            )


_Uses = list[tuple[PlannedPod, bool]]


def _uses(plan: Plan) -> dict[str, _Uses]:
    """Who mounts each claim, and whether only to read."""
    uses: dict[str, _Uses] = {}
    for pod in plan.pods:
        for service in pod.services:
            for mount in service.mounts:
                claim = _claim_of(mount, plan)
                if claim:
                    uses.setdefault(claim, []).append((pod, mount.read_only))
    return uses


def _claim_of(mount: Mount, plan: Plan) -> str:
    if mount.kind is MountKind.VOLUME:
        return plan.store.claims[mount.source]
    if mount.kind is not MountKind.BIND:
        return ""
    claimed = plan.store.binds[mount.source].way is Way.CLAIM
    return plan.store.places[mount.source] if claimed else ""


def _own_of_each(volume: Volume, uses: _Uses) -> bool:
    """Whether each copy of a pod has one of its own, from its controller's template."""
    return bool(uses) and all(volume.name in pod.own_volumes for pod, _ in uses)


def _claim(
    volume: Volume, *, claim: str, uses: _Uses, plan: Plan, bound: str = ""
) -> Fields:
    labels, annotations, _ = sorted_out(volume.labels, "labels")
    users = dict.fromkeys(pod.name for pod, _ in uses)
    owner = {NAME_LABEL: next(iter(users))} if len(users) == 1 else {}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": fields(
            name=claim,
            labels={**owner, **labels},
            annotations={**_origin(volume, claim), **annotations},
        ),
        "spec": {
            "accessModes": [access_mode(uses)],
            **_class(plan, bound),
            "resources": {"requests": {"storage": _size(volume, plan)}},
        },
    }


def _class(plan: Plan, bound: str) -> Fields:
    if bound:  # to this one volume and no other
        return {"storageClassName": "", "volumeName": bound}
    return fields(storageClassName=plan.options.storage_class)


def _origin(volume: Volume, claim: str) -> dict[str, str]:
    original = volume.docker_name or volume.name
    return {} if original == claim else {"minidock/docker-name": original}


def _size(volume: Volume, plan: Plan) -> str:
    size = bytes_of(volume)
    return quantity(size) if size else plan.options.volume_size


def access_mode(uses: _Uses) -> str:
    """By use: several pods need a volume that several nodes can mount."""
    several = len({pod.name for pod, _ in uses}) > 1
    several = several or any(pod.several for pod, _ in uses)
    if not several:
        return "ReadWriteOnce"
    only_read = all(read_only for _, read_only in uses)
    return "ReadOnlyMany" if only_read else "ReadWriteMany"


def _cluster_name(claim: str, plan: Plan) -> str:
    """Such volumes belong to no namespace, so the name has to tell them apart."""
    owner = plan.options.namespace or plan.application.name
    return f"{owner}-{claim}" if owner else claim


def _server_volume(
    volume: Volume, claim: str, export: Export, plan: Plan, uses: _Uses
) -> Fields:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": fields(
            name=dns_label(_cluster_name(claim, plan)),
            annotations=_origin(volume, claim),
        ),
        "spec": {
            "capacity": {"storage": _size(volume, plan)},
            "accessModes": [access_mode(uses)],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "",
            **fields(mountOptions=list(export.options)),
            "nfs": fields(
                server=export.server, path=export.path, readOnly=export.read_only
            ),
        },
    }


def volume_notes(volume: Volume, plan: Plan) -> Iterator[Note]:
    """What became of a volume's own settings."""
    claim = plan.store.claims[volume.name]
    backing, export = backing_of(volume), export_of(volume)
    what = _WHAT[backing].format(claim=claim)
    if export is not None:
        what = f"{what}, NFS export {export.path} of {export.server}"
    yield kept("name", what)
    yield kept("external", f"a claim {claim} that others made must be there")
    yield kept("size", "the storage that the claim requests")
    yield _driver_note(volume, plan)
    if backing is Backing.CLUSTER and volume.options:
        why = "options of a Docker driver: parameters of a StorageClass say such things"
        yield lost("driver_opts", why)
    elif backing is Backing.MEMORY:
        yield changed("driver_opts", f"{what}: each pod has its own")
    else:
        yield kept("driver_opts", what)
    _, _, notes = sorted_out(volume.labels, "labels")
    yield from notes


_WHAT: Mapping[Backing, str] = {
    Backing.CLUSTER: "PersistentVolumeClaim {claim}",
    Backing.OTHERS: "PersistentVolumeClaim {claim}, which others made",
    Backing.NFS: "PersistentVolumeClaim {claim}",
    Backing.NODE: "hostPath",
    Backing.MEMORY: "emptyDir in memory",
}


def _driver_note(volume: Volume, plan: Plan) -> Note:
    if volume.driver in ("", "local"):
        return kept("driver", "the cluster's storage")
    if plan.options.storage_class:
        name = plan.options.storage_class
        return changed("driver", f"StorageClass {name} instead of {volume.driver}")
    why = f"no class is chosen for {volume.driver}: the cluster's default makes it"
    return lost("driver", why)
