"""Devices of the host, given to a container.

```
 --device /dev/fuse             ─▶ volume {hostPath: /dev/fuse}, mounted at /dev/fuse
   in a privileged container    ─▶ nothing: it has all devices of its node
 --device vendor.com/class=one  ─▶ nothing: a device plugin hands those out
```

Invariant: a container is never made privileged for the sake of a device; the report
says where it may not open what it sees. Docker's word for the right to open one is
*cgroup permissions*.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from k8s_bridge.application import Service
from k8s_bridge.mapping.part import Fields, Part, fields
from k8s_bridge.mapping.plan import PlannedPod
from k8s_bridge.names import assign
from k8s_bridge.report import Note, changed, kept, lost

__all__ = ["device_mounts", "device_volumes"]


class _Device(NamedTuple):
    source: str
    target: str
    rights: str


def _device(text: str) -> _Device | None:
    """Reads "/dev/a", "/dev/a:/dev/b", "/dev/a:rwm" and "/dev/a:/dev/b:r"."""
    source, _, rest = text.partition(":")
    target, _, rights = rest.partition(":")
    if target and not target.startswith("/"):
        target, rights = "", target
    found = _Device(source, (target or source).rstrip("/"), rights or "rwm")
    paths = (found.source, found.target)
    good = all(p.startswith("/") and ".." not in p.split("/") for p in paths)
    return found if good and ":" not in found.target + found.rights else None


def _given(service: Service, taken: Collection[str]) -> tuple[_Device, ...]:
    """The devices that need a mount, one for each path that is still free."""
    found = {}
    for device in map(_device, service.security.devices):
        if device is None or device.target in taken:
            continue
        if not (service.security.privileged and device.source == device.target):
            found[device.target] = device
    return tuple(found.values())


def _names(pod: PlannedPod, taken: Collection[str]) -> dict[str, str]:
    """The volume of each device file of the host, by its path."""
    paths = {d.source: d.source for s in pod.services for d in _given(s, ())}
    wanted = {path: "-".join(filter(None, path.split("/"))) for path in paths}
    names = assign(wanted.values(), taken=taken)
    # Two paths may give one proposal: then they would share a name.
    proposals: dict[str, str] = {}
    for path, proposal in wanted.items():
        proposals.setdefault(proposal, path)
    doubles = [path for path, text in wanted.items() if proposals[text] != path]
    more = assign(doubles, taken={*taken, *names.values()})
    return {p: more.get(p) or names[text] for p, text in wanted.items()}


def device_volumes(pod: PlannedPod, volumes: list[Fields]) -> list[Fields]:
    """The volumes of a pod's devices, beside those that it has already."""
    if not any(service.security.devices for service in pod.services):
        return []  # as nearly always
    names = _names(pod, [str(volume["name"]) for volume in volumes])
    return [{"name": name, "hostPath": {"path": path}} for path, name in names.items()]


def device_mounts(
    pod: PlannedPod, service: Service, volumes: list[Fields], mounts: list[Fields]
) -> Part:
    """The mounts of a container's devices, beside those that it has already."""
    names = _names(pod, [str(volume["name"]) for volume in volumes])
    taken = {str(mount["mountPath"]).rstrip("/") for mount in mounts}
    found = [
        fields(
            name=names[device.source],
            mountPath=device.target,
            readOnly="w" not in device.rights,
        )
        for device in _given(service, taken)
    ]
    return Part(fields(volumeMounts=found), tuple(_notes(service)))


def _notes(service: Service) -> Iterator[Note]:
    for text in service.security.devices:
        device, word = _device(text), f"devices@{text}"
        if device is None:
            why = "no path of a device file: a device plugin must hand it out"
            yield lost(word, f"{text}: {why}")
        elif service.security.privileged and device.source == device.target:
            yield kept(word, f"{text}: a privileged container has all of its node")
        elif service.security.privileged:
            yield changed(word, f"{text}: hostPath, of whichever node it lands on")
        else:
            how = "hostPath; opening it needs a device plugin, or to be privileged"
            yield changed(word, f"{text}: {how}")
