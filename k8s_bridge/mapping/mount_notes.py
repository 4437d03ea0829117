"""What the report says about mounts: what each became, and what is not as it was.

Invariant: a mount that begins without the content that it has in Docker has a note that
says so, and how to bring it there.
"""

from collections.abc import Iterator

from k8s_bridge.application import Mount, MountKind, Service
from k8s_bridge.mapping.backing import Backing
from k8s_bridge.mapping.binds import SOCKETS, Bind, Way
from k8s_bridge.mapping.mount_paths import fault
from k8s_bridge.mapping.plan import Plan
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["mount_notes"]

# Options of a mount that mean nothing without a Docker host, and why.
_WITHOUT_MEANING = {
    "nocopy": "a claim is never filled with what the image has there",
    "z": "the node's runtime labels volumes for SELinux by itself",
    "Z": "the node's runtime labels volumes for SELinux by itself",
    "create_host_path": "the type of the hostPath says what is made",
    "consistent": "about Docker Desktop's shared folders",
    "cached": "about Docker Desktop's shared folders",
    "delegated": "about Docker Desktop's shared folders",
}


def mount_notes(service: Service, plan: Plan) -> Iterator[Note]:
    """The notes about all mounts of a service."""
    for mount in service.mounts:
        why = fault(mount)
        if why:
            yield lost(mount.origin, f"{mount.target}: {why}")
            continue
        yield _note(mount, plan)
        yield from _detail_notes(mount, service)
    if service.security.ipc_mode == "host":
        yield lost("shm_size", "with the node's IPC namespace its /dev/shm is used")
    else:
        yield kept("shm_size", "a memory volume at /dev/shm, counted as memory used")
    declared = (
        "an image's VOLUME is made by the node's runtime, gone with the container"
    )
    yield changed("volumes", declared)
    yield changed("volumes_from", "resolved when translating: nothing to take over")


def _detail_notes(mount: Mount, service: Service) -> Iterator[Note]:
    if mount.propagation.endswith("shared") and not service.security.privileged:
        why = "only a privileged container may pass its mounts on to the node"
        yield lost(mount.origin, f"{mount.target}: {mount.propagation}: {why}")
    dropped = [o for o in mount.options if o not in _WITHOUT_MEANING]
    if dropped:
        yield lost(mount.origin, f"{mount.target}: no field for {', '.join(dropped)}")
    for option in mount.options:
        if option in _WITHOUT_MEANING:
            how = f"{mount.target}: {option}: {_WITHOUT_MEANING[option]}"
            yield changed(mount.origin, how)


def _note(mount: Mount, plan: Plan) -> Note:
    if mount.kind is MountKind.VOLUME:
        return _volume_note(mount, plan)
    if mount.kind is MountKind.BIND:
        return _bind_note(mount, plan.store.binds[mount.source], plan)
    if mount.kind is MountKind.TMPFS:
        return kept(mount.origin, f"{mount.target}: emptyDir in memory")
    if mount.kind is MountKind.IMAGE:
        how = "an image volume (stable since Kubernetes 1.36)"
        return kept(mount.origin, f"{mount.source} at {mount.target}: {how}")
    how = "emptyDir: gone with the pod, not filled with what the image has there"
    return changed(mount.origin, f"{mount.target}: {how}")


_VOLUMES = {
    Backing.CLUSTER: "a claim, not filled with what the image has there",
    Backing.OTHERS: "a claim that others made must be there",
    Backing.NFS: "a claim of the NFS export",
    Backing.NODE: "hostPath: the content must lie on whichever node the pod lands on",
    Backing.MEMORY: "emptyDir in memory, another one in each pod",
}


def _volume_note(mount: Mount, plan: Plan) -> Note:
    backing = plan.store.backings[mount.source]
    where = f"{mount.source} at {mount.target}"
    if backing is Backing.NFS:
        return kept(mount.origin, f"{where}: {_VOLUMES[backing]}")
    if "nocopy" in mount.options and backing is Backing.CLUSTER:
        return kept(mount.origin, f"{where}: a claim")
    return changed(mount.origin, f"{where}: {_VOLUMES[backing]}")


def _bind_note(mount: Mount, bind: Bind, plan: Plan) -> Note:
    where = f"{mount.source} at {mount.target}"
    if mount.source in SOCKETS:
        why = (
            "WARNING, hostPath: a Kubernetes node rarely runs a Docker engine, and "
            "whoever has its socket rules the node"
        )
        return changed(mount.origin, f"{where}: {why}")
    place = plan.store.places.get(bind.source, "")
    if bind.way is Way.NODE:
        how = "hostPath: the content must lie on whichever node the pod lands on"
        return changed(mount.origin, f"{where}: {how}")
    if bind.way is not Way.CLAIM:
        how = f"{where}: {bind.way} {place}"
        if mount.read_only:
            return kept(mount.origin, how)
        why = "which a program cannot write to; a claim if it must (--binds claim)"
        return changed(mount.origin, f"{how}, {why}")
    if bind.empty:
        how = f"{where}: claim {place}, empty at first, as the folder is"
        return changed(mount.origin, how)
    return lost(mount.origin, f"{where}: {_to_copy(mount, bind, place, plan)}")


def _to_copy(mount: Mount, bind: Bind, place: str, plan: Plan) -> str:
    pod = plan.pod_of(bind.service)
    name = pod.name if pod else bind.service
    known = bind.content is not None and bind.content.complete
    amount = f" ({bind.content.size} bytes)" if known and bind.content else ""
    source = bind.source if bind.is_file else f"{bind.source.rstrip('/')}/."
    return (
        f"claim {place} begins empty, the content{amount} is not in it: copy it before "
        f"it is used, as kubectl cp {source} POD-OF-{name}:{mount.target}"
    )
