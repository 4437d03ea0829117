"""What is mounted where, and the claims behind named volumes.

```
 -v data:/var/lib     ─▶ volume {persistentVolumeClaim: data}  + PersistentVolumeClaim
 -v /srv:/srv:ro      ─▶ volume {hostPath: /srv}, mount readOnly
 -v /cache            ─▶ volume {emptyDir: {}}
 --tmpfs /run         ─▶ volume {emptyDir: {medium: Memory}}
 --shm-size 1g        ─▶ the same at /dev/shm
```

Invariants: one mount per path and container; every mount has its volume; a claim can
be written by many pods only if many pods use it. Docker's claim is a *named volume*.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from k8s_bridge.application import Mount, MountKind, Service
from k8s_bridge.mapping.confinement import quantity
from k8s_bridge.mapping.names import assign
from k8s_bridge.mapping.part import Fields, Part, fields
from k8s_bridge.mapping.plan import Plan, PlannedPod
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["claims", "mounts", "volumes"]

_SHM = "/dev/shm"  # noqa: S108  # the path is Docker's
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")


class _Volume(NamedTuple):
    """A volume of a pod: equal ones are made once."""

    name: str
    source: str
    key: tuple[str, ...]


def _key(service: Service, mount: Mount) -> tuple[str, ...]:
    """What makes two mounts of a pod the same volume."""
    if mount.kind in (MountKind.VOLUME, MountKind.BIND, MountKind.IMAGE):
        return (str(mount.kind), mount.source)
    return (str(mount.kind), service.name, mount.target)


def _effective(service: Service) -> tuple[Mount, ...]:
    """The mounts that become volumes; --shm-size is one more."""
    wanted = [
        m for m in service.mounts if m.kind is not MountKind.OTHER and _path_ok(m)
    ]
    size = service.resources.shm_size
    own = service.security.ipc_mode in ("", "private", "shareable")
    if size and own and not any(m.target.rstrip("/") == _SHM for m in wanted):
        wanted.append(
            Mount(kind=MountKind.TMPFS, target=_SHM, origin="shm_size", size=size)
        )
    return tuple({m.target.rstrip("/"): m for m in wanted}.values())


def _path_ok(mount: Mount) -> bool:
    return ":" not in mount.target and mount.target.startswith("/")


def _names(pod: PlannedPod) -> dict[tuple[str, ...], str]:
    keys: dict[tuple[str, ...], str] = {}
    for service in pod.services:
        for mount in _effective(service):
            keys.setdefault(_key(service, mount), _wanted_name(mount))
    texts = ["\0".join(key) for key in keys]
    proposals = _distinct(list(keys.values()), texts)
    names = assign(proposals)
    return {key: names[text] for key, text in zip(keys, proposals, strict=True)}


def _distinct(wanted: list[str], texts: list[str]) -> list[str]:
    """Wanted names, made different where two mounts want the same one."""
    seen: set[str] = set()
    result = []
    for name, text in zip(wanted, texts, strict=True):
        result.append(name if name not in seen else f"{name} {text}")
        seen.add(name)
    return result


def _wanted_name(mount: Mount) -> str:
    if mount.kind is MountKind.VOLUME:
        return mount.source
    path = mount.source if mount.kind is MountKind.BIND else mount.target
    words = "-".join(word for word in path.lower().split("/") if word)
    return f"{mount.kind}-{words}".strip("-")


def mounts(pod: PlannedPod, service: Service) -> Part:
    """The ``volumeMounts`` of a container, with a note for each mount."""
    names = _names(pod)
    entries = [
        fields(
            name=names[_key(service, mount)],
            mountPath=mount.target,
            subPath=mount.subpath.strip("/"),
            readOnly=mount.read_only,
            mountPropagation=_propagation(mount, service),
        )
        for mount in _effective(service)
    ]
    return Part(fields(volumeMounts=entries), tuple(_notes(service)))


def _propagation(mount: Mount, service: Service) -> str:
    if mount.propagation in ("rslave", "slave"):
        return "HostToContainer"
    shared = mount.propagation in ("rshared", "shared")
    # Only a privileged container may pass its mounts on to the host.
    return "Bidirectional" if shared and service.security.privileged else ""


def _notes(service: Service) -> Iterator[Note]:
    for mount in service.mounts:
        if not _path_ok(mount):
            yield lost(mount.origin, f"{mount.target}: no absolute path without colons")
            continue
        yield _HOW[mount.kind](mount)
        if mount.propagation.endswith("shared") and not service.security.privileged:
            why = "only a privileged container may pass its mounts on to the node"
            yield lost(mount.origin, f"{mount.target}: {mount.propagation}: {why}")
        if mount.options:
            dropped = ", ".join(mount.options)
            yield lost(mount.origin, f"{mount.target}: no field for {dropped}")
    if service.security.ipc_mode == "host":
        yield lost("shm_size", "with the node's IPC namespace its /dev/shm is used")
    else:
        yield kept("shm_size", "a memory volume at /dev/shm, counted as memory used")
    declared = (
        "an image's VOLUME is made by the node's runtime, gone with the container"
    )
    yield changed("volumes", declared)
    yield changed("volumes_from", "resolved when translating: nothing to take over")


def _bind_note(mount: Mount) -> Note:
    if mount.source in _SOCKETS:
        why = "hostPath, but a Kubernetes node rarely runs a Docker engine"
    else:
        why = "hostPath: the content must lie on whichever node the pod lands on"
    return changed(mount.origin, f"{mount.source} at {mount.target}: {why}")


def _volume_note(mount: Mount) -> Note:
    how = "a claim; a new volume is not filled with what the image has there"
    return changed(mount.origin, f"{mount.source} at {mount.target}: {how}")


def _anonymous_note(mount: Mount) -> Note:
    how = "emptyDir: gone with the pod, not filled with what the image has there"
    return changed(mount.origin, f"{mount.target}: {how}")


def _tmpfs_note(mount: Mount) -> Note:
    return kept(mount.origin, f"{mount.target}: emptyDir in memory")


def _image_note(mount: Mount) -> Note:
    how = "an image volume (stable since Kubernetes 1.36)"
    return kept(mount.origin, f"{mount.source} at {mount.target}: {how}")


def _other_note(mount: Mount) -> Note:
    return lost(mount.origin, f"{mount.target}: a mount of a type only Docker has")


_HOW = {
    MountKind.VOLUME: _volume_note,
    MountKind.BIND: _bind_note,
    MountKind.ANONYMOUS: _anonymous_note,
    MountKind.TMPFS: _tmpfs_note,
    MountKind.IMAGE: _image_note,
    MountKind.OTHER: _other_note,
}


def volumes(pod: PlannedPod, plan: Plan) -> list[Fields]:
    """The ``volumes`` of a pod, each once, in the order of their first mount."""
    names = _names(pod)
    made: dict[str, Fields] = {}
    for service in pod.services:
        for mount in _effective(service):
            name = names[_key(service, mount)]
            made.setdefault(name, {"name": name, **_source(mount, plan)})
    return list(made.values())


def _source(mount: Mount, plan: Plan) -> Fields:
    if mount.kind is MountKind.VOLUME:
        return {"persistentVolumeClaim": {"claimName": plan.claims[mount.source]}}
    if mount.kind is MountKind.BIND:
        return {"hostPath": {"path": mount.source}}
    if mount.kind is MountKind.IMAGE:
        return {"image": {"reference": mount.source}}
    if mount.kind is MountKind.TMPFS:
        size = quantity(mount.size) if mount.size > 0 else ""
        return {"emptyDir": fields(medium="Memory", sizeLimit=size)}
    return {"emptyDir": {}}


def claims(plan: Plan) -> list[Fields]:
    """A PersistentVolumeClaim for each named volume."""
    return [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": fields(name=claim, annotations=_original(volume, claim)),
            "spec": {
                "accessModes": [_access_mode(volume, plan)],
                "resources": {"requests": {"storage": plan.options.volume_size}},
            },
        }
        for volume, claim in plan.claims.items()
    ]


def _original(volume: str, claim: str) -> dict[str, str]:
    return {} if volume == claim else {"minidock/docker-name": volume}


def _access_mode(volume: str, plan: Plan) -> str:
    """By use: several pods need a volume that several nodes can mount."""
    uses = [
        (pod.name, mount.read_only)
        for pod in plan.pods
        for mount in _volume_mounts(pod.services)
        if mount.source == volume
    ]
    if len({name for name, _ in uses}) < 2:
        return "ReadWriteOnce"
    return "ReadOnlyMany" if all(ro for _, ro in uses) else "ReadWriteMany"


def _volume_mounts(services: Iterable[Service]) -> Iterator[Mount]:
    for service in services:
        for mount in _effective(service):
            if mount.kind is MountKind.VOLUME:
                yield mount
