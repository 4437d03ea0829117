"""A pod: its containers and what they share.

```
 spec:
   hostname, hostNetwork, dnsPolicy, dnsConfig, hostAliases     ◀─ Networking
   hostPID, hostIPC, shareProcessNamespace, runtimeClassName    ◀─ Security
   securityContext: sysctls, supplementalGroups                 ◀─ Security, Program
   containers: [program, confinement, health, mounts, ports]    ◀─ one per service
   volumes                                                      ◀─ mounts
```

Invariant: what Docker says for one container of a shared namespace holds for the whole
pod here, and the report says so where that is wider.
"""

from collections.abc import Iterator

from k8s_bridge.application import NetworkMode, Service
from k8s_bridge.mapping.confinement import confinement
from k8s_bridge.mapping.names import is_dns_subdomain, is_label_value, is_sysctl
from k8s_bridge.mapping.part import Fields, Part, fields, merged
from k8s_bridge.mapping.plan import Plan, PlannedPod
from k8s_bridge.mapping.program import health, program
from k8s_bridge.mapping.resolving import resolving
from k8s_bridge.mapping.storage import mounts, volumes
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["pod_notes", "pod_spec"]


def pod_spec(pod: PlannedPod, plan: Plan, restart_policy: str) -> Fields:
    """The spec of a pod, fields in the order in which people write them."""
    shared = merged(_shared(pod))
    grace = [s.lifecycle.stop_timeout for s in pod.services]
    timeouts = [seconds for seconds in grace if seconds is not None and seconds >= 0]
    return {
        "restartPolicy": restart_policy,
        **({"terminationGracePeriodSeconds": max(timeouts)} if timeouts else {}),
        **shared.fields,
        # Docker puts neither cluster credentials nor service addresses into a
        # container, so a pod that stands for one has none.
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "containers": [_container(pod, i, plan).fields for i in _indices(pod)],
        **fields(volumes=volumes(pod, plan)),
    }


def pod_notes(pod: PlannedPod, plan: Plan, service: Service) -> tuple[Note, ...]:
    """The notes about one service of a pod."""
    index = pod.services.index(service)
    own = (_container(pod, index, plan), *_shared_by(service, pod))
    resolved = resolving(service, pod)
    return (*merged(own).notes, *resolved.notes, *_mode_notes(service, pod))


def _indices(pod: PlannedPod) -> range:
    return range(len(pod.services))


def _container(pod: PlannedPod, index: int, plan: Plan) -> Part:
    service = pod.services[index]
    return merged(
        [
            Part({"name": pod.containers[index]}),
            program(service),
            _ports(service, pod, plan),
            health(service),
            confinement(service),
            mounts(pod, service),
        ]
    )


def _ports(service: Service, pod: PlannedPod, plan: Plan) -> Part:
    """Declared ports: they inform, and open nothing, unless published on the node."""
    if pod.on_host:
        return Part({}, (changed("exposed", "with hostNetwork every port is open"),))
    ports: list[Fields] = []
    claimed = plan.host_ports(pod) if service is pod.base else {}
    for port in service.networking.ports:
        base: Fields = {"containerPort": port.number, "protocol": port.protocol.upper()}
        ports += [{**base, **place} for place in claimed.get(port, [])] or [base]
    return Part(
        fields(ports=ports), (kept("exposed", "containerPort, for information"),)
    )


def _shared(pod: PlannedPod) -> Iterator[Part]:
    if pod.on_host:
        yield Part({"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"})
    yield _platform(pod)
    for service in pod.services:
        yield Part(resolving(service, pod).fields)
        yield from _shared_by(service, pod)
    yield _security_context(pod)


def _platform(pod: PlannedPod) -> Part:
    """--platform os/architecture: the nodes that a pod may run on."""
    words = pod.base.program.platform.split("/")
    selector = fields(
        **{
            "kubernetes.io/os": words[0] if is_label_value(words[0]) else "",
            "kubernetes.io/arch": "".join(words[1:2]),
        }
    )
    return Part(fields(nodeSelector=selector))


def _security_context(pod: PlannedPod) -> Part:
    groups = dict.fromkeys(int(g) for s in pod.services for g in _numeric_groups(s))
    sysctls = {k: v for s in pod.services for k, v in s.security.sysctls}
    pairs = [
        {"name": name, "value": value}
        for name, value in sysctls.items()
        if not _sysctl_fault(name, pod)
    ]
    context = fields(supplementalGroups=list(groups), sysctls=pairs)
    return Part(fields(securityContext=context))


def _numeric_groups(service: Service) -> list[str]:
    numbers = (g for g in service.program.groups if g.isdecimal() and g.isascii())
    return [g for g in numbers if int(g) < 2**31]


def _shared_by(service: Service, pod: PlannedPod) -> Iterator[Part]:
    """What one service asks for and the whole pod gets."""
    wanted = service.security
    yield _process_namespace(wanted.pid_mode, pod)
    yield _ipc_namespace(wanted.ipc_mode, pod)
    yield Part({}, (_uts_note(wanted.uts_mode, pod),))
    yield Part({}, (kept("userns_mode", "the default: hostUsers"),))
    yield Part({}, (kept("platform", "nodeSelector kubernetes.io/os and arch"),))
    if wanted.runtime not in ("", "runc", "io.containerd.runc.v2"):
        yield _runtime(wanted.runtime)
    yield Part({}, tuple(_context_notes(service, pod)))
    yield Part({}, tuple(_stop_notes(service, pod)))


def _process_namespace(mode: str, pod: PlannedPod) -> Part:
    if mode == "host":
        return Part({"hostPID": True}, (kept("pid_mode", "hostPID"),))
    if mode.startswith("container:") and _is_member(mode, pod):
        note = changed("pid_mode", "shareProcessNamespace: all containers of the pod")
        if any(service.security.pid_mode == "host" for service in pod.services):
            return Part({}, (changed("pid_mode", "hostPID, as the other one has"),))
        return Part({"shareProcessNamespace": True}, (note,))
    why = (
        "only containers of one pod can share it, and these have networks of their own"
    )
    return Part({}, (lost("pid_mode", why),))


def _ipc_namespace(mode: str, pod: PlannedPod) -> Part:
    if mode == "host":
        return Part({"hostIPC": True}, (kept("ipc_mode", "hostIPC"),))
    if mode == "shareable" or (mode.startswith("container:") and _is_member(mode, pod)):
        return Part({}, (kept("ipc_mode", "containers of a pod share it"),))
    why = "a pod has an IPC namespace of its own, shared by its containers"
    return Part({}, (lost("ipc_mode", why),))


def _is_member(mode: str, pod: PlannedPod) -> bool:
    target = mode.partition(":")[2]
    return any(service.name == target for service in pod.services)


def _uts_note(mode: str, pod: PlannedPod) -> Note:
    if mode == "host" and pod.on_host:
        return kept("uts_mode", "hostNetwork brings the node's host name")
    return lost("uts_mode", "only hostNetwork brings the node's host name")


def _runtime(name: str) -> Part:
    if not is_dns_subdomain(name):
        return Part({}, (lost("runtime", "no name that a RuntimeClass could have"),))
    how = "runtimeClassName; a RuntimeClass of this name must exist"
    return Part({"runtimeClassName": name}, (changed("runtime", how),))


def _context_notes(service: Service, pod: PlannedPod) -> Iterator[Note]:
    good = _numeric_groups(service)
    if good:
        yield kept("groups", f"supplementalGroups: {', '.join(good)}")
    for group in service.program.groups:
        if group not in good:
            why = "only the image's /etc/group knows its number, give it"
            yield lost("groups", f"{group!r}: {why}")
    for name, _ in service.security.sysctls:
        fault = _sysctl_fault(name, pod)
        if fault:
            yield lost("sysctls", f"{name}: {fault}")
        else:
            yield kept("sysctls", f"{name}; a kubelet must allow it unless it is safe")


_IPC_SYSCTLS = ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")


def _sysctl_fault(name: str, pod: PlannedPod) -> str:
    """Why the API server would refuse a kernel parameter, "" if it would not."""
    if not is_sysctl(name):
        return "no name of a kernel parameter"
    if pod.on_host and name.startswith("net."):
        return "refused with hostNetwork"
    on_host_ipc = any(s.security.ipc_mode == "host" for s in pod.services)
    if on_host_ipc and name.startswith(_IPC_SYSCTLS):
        return "refused with hostIPC"
    return ""


def _stop_notes(service: Service, pod: PlannedPod) -> Iterator[Note]:
    timeout = service.lifecycle.stop_timeout
    if timeout is not None and timeout < 0:
        yield lost("stop_timeout", "a pod is never waited for without an end")
    elif len(pod.services) > 1:
        how = "terminationGracePeriodSeconds, the longest of the pod"
        yield changed("stop_timeout", how)
    else:
        yield kept("stop_timeout", "terminationGracePeriodSeconds")


def _mode_notes(service: Service, pod: PlannedPod) -> Iterator[Note]:
    networking = service.networking
    if networking.mode is NetworkMode.HOST:
        yield changed("network_mode", "hostNetwork; policies do not hold for such pods")
    elif networking.mode is NetworkMode.NONE:
        how = "a policy that denies everything; the pod still has an interface"
        yield changed("network_mode", how)
    elif networking.mode is NetworkMode.SHARED and service is not pod.base:
        yield kept("network_mode", f"a container of pod {pod.name}")
    elif networking.mode is NetworkMode.SHARED:
        yield lost("network_mode", f"container {networking.shares} is not known")
    else:
        yield changed("network_mode", "labels of the pod, one for each network")
