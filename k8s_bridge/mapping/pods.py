"""A pod: its containers and what they share.

```
 spec:
   hostname, hostNetwork, dnsPolicy, dnsConfig, hostAliases     ◀─ Networking
   hostPID, hostIPC, shareProcessNamespace, runtimeClassName    ◀─ Security
   nodeSelector, affinity, topologySpreadConstraints            ◀─ Scheduling
   securityContext: sysctls, supplementalGroups                 ◀─ Security, Program
   initContainers                                               ◀─ dependencies
   containers: [program, confinement, probes, mounts, ports]    ◀─ one per service
   volumes                                                      ◀─ mounts, devices
```

Invariant: what Docker says for one container of a shared namespace holds for the whole
pod here, and the report says so where that is wider.
"""

from collections.abc import Iterator

from k8s_bridge.application import NetworkMode, Service
from k8s_bridge.mapping.confinement import confinement
from k8s_bridge.mapping.devices import device_mounts, device_volumes
from k8s_bridge.mapping.gates import gate_containers, gate_volumes
from k8s_bridge.mapping.hooks import hooks
from k8s_bridge.mapping.namespaces import ipc_namespace, namespace_notes, processes
from k8s_bridge.mapping.part import Fields, Part, fields, merged, protocol
from k8s_bridge.mapping.placement import placement, platform, platform_notes
from k8s_bridge.mapping.plan import Plan, PlannedPod
from k8s_bridge.mapping.probes import probes
from k8s_bridge.mapping.program import program
from k8s_bridge.mapping.resolving import resolving
from k8s_bridge.mapping.storage import mounts, volumes
from k8s_bridge.mapping.waiting import Waits, wait_notes
from k8s_bridge.names import is_dns_subdomain, is_sysctl
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["containers_of", "pod_notes", "pod_spec"]


def containers_of(pod: PlannedPod, plan: Plan) -> tuple[Part, ...]:
    """The containers of a pod and the notes about them, one for each service."""
    return tuple(_container(pod, index, plan) for index in range(len(pod.services)))


def pod_spec(
    pod: PlannedPod,
    plan: Plan,
    waits: Waits,
    containers: tuple[Part, ...],
    restart_policy: str,
) -> Fields:
    """The spec of a pod, fields in the order in which people write them."""
    shared = merged(_shared(pod))
    grace = [s.lifecycle.stop_timeout for s in pod.services]
    timeouts = [seconds for seconds in grace if seconds is not None and seconds >= 0]
    space = _volumes(pod, plan)
    token, secret = gate_volumes(pod, waits, [str(v["name"]) for v in space])
    return {
        **({"restartPolicy": restart_policy} if restart_policy != "Always" else {}),
        **({"terminationGracePeriodSeconds": max(timeouts)} if timeouts else {}),
        **shared.fields,
        **({"serviceAccountName": waits.account} if token else {}),
        # Docker puts neither cluster credentials nor service addresses into a
        # container, so a pod that stands for one has none.
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        **fields(initContainers=gate_containers(pod, plan, waits, token)),
        "containers": [container.fields for container in containers],
        **fields(volumes=[*space, *secret]),
    }


def _volumes(pod: PlannedPod, plan: Plan) -> list[Fields]:
    mounted = volumes(pod, plan)
    return [*mounted, *device_volumes(pod, mounted)]


def pod_notes(
    pod: PlannedPod,
    plan: Plan,
    waits: Waits,
    containers: tuple[Part, ...],
    service: Service,
) -> tuple[Note, ...]:
    """The notes about one service of a pod."""
    index = pod.services.index(service)
    own = (containers[index], *_shared_by(service, pod))
    resolved = resolving(service, pod)
    return (
        *merged(own).notes,
        *resolved.notes,
        *_place_notes(service, pod),
        *_mode_notes(service, pod, plan),
        *wait_notes(service, pod, plan, waits),
    )


def _place_notes(service: Service, pod: PlannedPod) -> Iterator[Note]:
    yield from platform_notes(service, pod)
    if service is pod.base:
        yield from placement(pod).notes
        return
    for word in ("constraints", "preferences", "max_per_node"):
        yield lost(word, f"the pod runs where {pod.base.name} may run")


def _container(pod: PlannedPod, index: int, plan: Plan) -> Part:
    service = pod.services[index]
    return merged(
        [
            Part({"name": pod.containers[index]}),
            program(service, plan.store.secret_variables(service)),
            _ports(service, pod, plan),
            probes(service, liveness=plan.options.liveness),
            hooks(service, first=not bool(processes(pod).fields)),
            confinement(service),
            _mounts(service, pod, plan),
        ]
    )


def _mounts(service: Service, pod: PlannedPod, plan: Plan) -> Part:
    own = mounts(pod, service, plan)
    if not service.security.devices:
        return own
    places = own.fields.get("volumeMounts")
    known: list[Fields] = places if isinstance(places, list) else []
    devices = device_mounts(pod, service, volumes(pod, plan), known)
    more = devices.fields.get("volumeMounts")
    together = [*known, *(more if isinstance(more, list) else [])]
    return Part(fields(volumeMounts=together), (*own.notes, *devices.notes))


def _ports(service: Service, pod: PlannedPod, plan: Plan) -> Part:
    """Declared ports: they inform, and open nothing, unless published on the node."""
    if pod.on_host:
        return Part({}, (changed("exposed", "with hostNetwork every port is open"),))
    ports: list[Fields] = []
    claimed = plan.host_ports(pod) if service is pod.base else {}
    before = pod.services[: pod.services.index(service)]
    declared = {port for other in before for port in other.networking.ports}
    for port in service.networking.ports:
        if port in declared:
            continue  # once in a pod is enough, and twice is a warning
        base: Fields = {"containerPort": port.number, **protocol(port)}
        ports += [{**base, **place} for place in claimed.get(port, [])] or [base]
    return Part(
        fields(ports=ports), (kept("exposed", "containerPort, for information"),)
    )


def _shared(pod: PlannedPod) -> Iterator[Part]:
    if pod.on_host:
        yield Part({"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"})
    yield platform(pod)
    yield placement(pod)
    yield processes(pod)
    for service in pod.services:
        yield Part(resolving(service, pod).fields)
        yield from _shared_by(service, pod)
    yield _security_context(pod)


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
    yield ipc_namespace(wanted.ipc_mode, pod)
    yield Part({}, tuple(namespace_notes(service, pod)))
    if wanted.runtime not in ("", "runc", "io.containerd.runc.v2"):
        yield _runtime(wanted.runtime)
    yield Part({}, tuple(_context_notes(service, pod)))
    yield Part({}, tuple(_stop_notes(service, pod)))


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


def _mode_notes(service: Service, pod: PlannedPod, plan: Plan) -> Iterator[Note]:
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
    elif plan.enforces:
        yield changed("network_mode", "labels of the pod, one for each network")
    else:
        yield changed("network_mode", "the cluster's one network, without policies")
