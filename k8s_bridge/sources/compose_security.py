"""How a service is held: limits and wishes, rights, devices.

```
 mem_limit, cpus, deploy.resources.limits        ─▶ Resources.memory, cpus
 mem_reservation, deploy.resources.reservations  ─▶ Resources.memory_reservation, ...
 cap_add, security_opt, sysctls, devices, pid    ─▶ Security
```

``deploy`` has the last word where both say something: Docker Compose refuses files in
which they differ. Invariant: nothing here refuses.
"""

from collections.abc import Iterator, Mapping

from k8s_bridge.application import Resources, Security
from k8s_bridge.sources.compose_devices import device_text
from k8s_bridge.sources.compose_networking import Names
from k8s_bridge.sources.compose_values import (
    Node,
    mapping,
    mappings,
    pairs,
    size,
    text,
    texts,
    thousandths,
    whole,
)

__all__ = ["resources", "security"]

_USUAL_SHM = 64 << 20


def resources(node: Node) -> Resources:
    """Limits and wishes of a service."""
    asked = mapping(mapping(node, "deploy"), "resources")
    limits, wishes = mapping(asked, "limits"), mapping(asked, "reservations")
    shm = size(node, "shm_size")
    return Resources(
        memory=size(limits, "memory") or size(node, "mem_limit"),
        memory_reservation=size(wishes, "memory") or size(node, "mem_reservation"),
        cpus=thousandths(limits, "cpus") or _cpus(node),
        cpu_reservation=thousandths(wishes, "cpus"),
        cpu_shares=whole(node, "cpu_shares"),
        gpus=sum(_gpus((*mappings(node, "gpus"), *mappings(wishes, "devices")))),
        shm_size=0 if shm == _USUAL_SHM else shm,
    )


def _cpus(node: Node) -> int:
    quota, period = whole(node, "cpu_quota"), whole(node, "cpu_period") or 100_000
    return thousandths(node, "cpus") or max(0, -(-quota * 1000 // period))


def _gpus(requests: tuple[Node, ...]) -> Iterator[int]:
    """The number of each request; all of them (-1) is no number."""
    for request in requests:
        kinds = texts(request, "capabilities") or ("gpu",)
        if "gpu" in kinds:
            count = max(0, whole(request, "count"))
            yield count or len(texts(request, "device_ids"))


def security(node: Node, names: Names) -> Security:
    """What the program may do to the kernel it runs on."""
    return Security(
        privileged=bool(node.get("privileged")),
        read_only=bool(node.get("read_only")),
        cap_add=_capabilities(node, "cap_add"),
        cap_drop=_capabilities(node, "cap_drop"),
        options=texts(node, "security_opt"),
        sysctls=pairs(node, "sysctls"),
        pid_mode=_joined(text(node, "pid"), names),
        ipc_mode=_joined(text(node, "ipc"), names),
        uts_mode=text(node, "uts"),
        userns_mode=text(node, "userns_mode"),
        runtime=text(node, "runtime"),
        devices=tuple(_devices(node)),
    )


def _capabilities(node: Node, key: str) -> tuple[str, ...]:
    """In the order in which docker sends them: ALL, then by their full names."""
    names = (name.upper().removeprefix("CAP_") for name in texts(node, key))
    return tuple(sorted(dict.fromkeys(names), key=lambda name: (name != "ALL", name)))


def _joined(mode: str, names: Names) -> str:
    """A namespace's mode, with the service whose namespace it is."""
    return f"container:{names.service(mode)}" if ":" in mode else mode


def _devices(node: Node) -> Iterator[str]:
    listed = node.get("devices")
    for device in listed if isinstance(listed, list) else ():
        yield device_text(device) if isinstance(device, Mapping) else str(device)
