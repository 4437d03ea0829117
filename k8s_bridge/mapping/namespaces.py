"""Which namespaces of the kernel a pod shares: processes, IPC, host name, users.

```
 --pid host                   ─▶ hostPID
 --pid container:web          ─▶ shareProcessNamespace, if both are in one pod
 --init                       ─▶ shareProcessNamespace: the pod's pause reaps
 --ipc host                   ─▶ hostIPC
 --ipc shareable, container:  ─▶ nothing: containers of one pod share it
```

Invariant: hostPID and shareProcessNamespace never stand together: an API server refuses
them. Docker's word is *mode*.
"""

from collections.abc import Iterator

from k8s_bridge.application import Service
from k8s_bridge.mapping.part import Part
from k8s_bridge.mapping.plan import PlannedPod
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["ipc_namespace", "namespace_notes", "processes"]


def processes(pod: PlannedPod) -> Part:
    """The process namespace of a pod, if process 1 in it is not the program's own."""
    if any(service.security.pid_mode == "host" for service in pod.services):
        return Part({"hostPID": True})
    joined = any(_is_member(s.security.pid_mode, pod) for s in pod.services)
    if joined or any(service.lifecycle.init for service in pod.services):
        return Part({"shareProcessNamespace": True})
    return Part({})


def namespace_notes(service: Service, pod: PlannedPod) -> Iterator[Note]:
    """What became of the modes of a service's namespaces, and of its init."""
    wanted = service.security
    yield _process_note(wanted.pid_mode, pod)
    yield _init_note(service, pod)
    yield _uts_note(wanted.uts_mode, pod)
    yield kept("userns_mode", "the default: hostUsers")


def _process_note(mode: str, pod: PlannedPod) -> Note:
    if mode == "host":
        return kept("pid_mode", "hostPID")
    if _is_member(mode, pod):
        if "hostPID" in processes(pod).fields:
            return changed("pid_mode", "hostPID, as the other one has")
        how = "shareProcessNamespace: all containers of the pod"
        return changed("pid_mode", how)
    why = (
        "only containers of one pod can share it, and these have networks of their own"
    )
    return lost("pid_mode", why)


def _init_note(service: Service, pod: PlannedPod) -> Note:
    if not service.lifecycle.init:
        return kept("init", "no init, as without a word")
    if "hostPID" in processes(pod).fields:
        return changed("init", "hostPID: the node's init reaps")
    how = "shareProcessNamespace: the pod's pause is process 1, and reaps"
    return changed("init", how)


def ipc_namespace(mode: str, pod: PlannedPod) -> Part:
    """The IPC namespace that a service asks for."""
    if mode == "host":
        return Part({"hostIPC": True}, (kept("ipc_mode", "hostIPC"),))
    if mode == "shareable" or _is_member(mode, pod):
        return Part({}, (kept("ipc_mode", "containers of a pod share it"),))
    why = "a pod has an IPC namespace of its own, shared by its containers"
    return Part({}, (lost("ipc_mode", why),))


def _is_member(mode: str, pod: PlannedPod) -> bool:
    kind, _, target = mode.partition(":")
    named = any(service.name == target for service in pod.services)
    return named and kind in ("container", "service")


def _uts_note(mode: str, pod: PlannedPod) -> Note:
    if mode == "host" and pod.on_host:
        return kept("uts_mode", "hostNetwork brings the node's host name")
    return lost("uts_mode", "only hostNetwork brings the node's host name")
