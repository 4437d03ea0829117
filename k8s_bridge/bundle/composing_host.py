"""HostConfig in Compose's words.

```
 Memory 67108864       ─▶ mem_limit: 67108864
 Ulimits [{nofile..}]  ─▶ ulimits: {nofile: {soft: 1, hard: 2}}
 PidMode container:db  ─▶ pid: service:db
```

Tables where a rule can be a table. Invariant: what is left alone is not written.
"""

from collections.abc import Iterator

from k8s_bridge.bundle.asked import documents
from k8s_bridge.sources.surroundings import Surroundings
from minidock.model.document import Document

__all__ = ["host_keys"]

_FLAGS = {
    "Init": "init",
    "OomKillDisable": "oom_kill_disable",
    "Privileged": "privileged",
    "ReadonlyRootfs": "read_only",
}
# Key: word, and the values that mean "left alone" besides "", 0 and null.
_VALUES: dict[str, tuple[str, tuple[object, ...]]] = {
    "CgroupParent": ("cgroup_parent", ()),
    "CgroupnsMode": ("cgroup", ()),
    "CpuPeriod": ("cpu_period", ()),
    "CpuQuota": ("cpu_quota", ()),
    "CpuRealtimePeriod": ("cpu_rt_period", ()),
    "CpuRealtimeRuntime": ("cpu_rt_runtime", ()),
    "CpuShares": ("cpu_shares", ()),
    "CpusetCpus": ("cpuset", ()),
    "IpcMode": ("ipc", ("private",)),
    "Isolation": ("isolation", ("default",)),
    "Memory": ("mem_limit", ()),
    "MemoryReservation": ("mem_reservation", ()),
    "MemorySwappiness": ("mem_swappiness", (-1,)),
    "OomScoreAdj": ("oom_score_adj", ()),
    "PidMode": ("pid", ()),
    "PidsLimit": ("pids_limit", ()),
    "Runtime": ("runtime", ("runc", "io.containerd.runc.v2")),
    "ShmSize": ("shm_size", (67108864,)),
    "UTSMode": ("uts", ()),
    "UsernsMode": ("userns_mode", ()),
}
_LISTS = {
    "CapAdd": "cap_add",
    "CapDrop": "cap_drop",
    "DeviceCgroupRules": "device_cgroup_rules",
    "Dns": "dns",
    "DnsOptions": "dns_opt",
    "DnsSearch": "dns_search",
    "ExtraHosts": "extra_hosts",
    "GroupAdd": "group_add",
    "SecurityOpt": "security_opt",
}
_PAIRS = {
    "Annotations": "annotations",
    "StorageOpt": "storage_opt",
    "Sysctls": "sysctls",
}
# In bytes, where Compose reads a bare number of a text.
_TEXTS = frozenset({"mem_limit", "mem_reservation", "shm_size"})

_Keys = Iterator[tuple[str, object]]


def host_keys(host: Document, around: Surroundings) -> _Keys:
    """The keys of a service that say what a HostConfig says, but for mounts."""
    for key, word in _FLAGS.items():
        if host.flag(key):
            yield word, True
    for key, (word, usual) in _VALUES.items():
        value = host.get(key)
        if value not in (None, "", 0, *usual):
            shown = str(value) if word in _TEXTS else value
            yield word, _joined(shown, around) if word in ("ipc", "pid") else shown
    if host.number("NanoCpus"):
        yield "cpus", host.number("NanoCpus") / 1e9
    if host.number("MemorySwap") not in (0, 2 * host.number("Memory")):
        yield "memswap_limit", str(host.number("MemorySwap"))
    for key, word in _LISTS.items():
        if host.texts(key):
            yield word, list(host.texts(key))
    for key, word in _PAIRS.items():
        if host.document(key):
            yield word, dict(host.document(key))
    yield from _objects(host)


def _joined(value: object, around: Surroundings) -> object:
    """A namespace that is another container's, by its service."""
    kind, _, reference = str(value).partition(":")
    return (
        f"service:{around.named_service(reference)}" if kind == "container" else value
    )


def _objects(host: Document) -> _Keys:
    log = host.document("LogConfig")
    options = dict(log.document("Config"))
    if log.text("Type") not in ("", "json-file") or options:
        yield "logging", {"driver": log.text("Type"), "options": options}
    limits = {
        item.text("Name"): {"soft": item.number("Soft"), "hard": item.number("Hard")}
        for item in documents(host.get("Ulimits"))
    }
    if limits:
        yield "ulimits", limits
    blkio = dict(_blkio(host))
    if blkio:
        yield "blkio_config", blkio
    devices = [_device(device) for device in documents(host.get("Devices"))]
    if devices:
        yield "devices", devices
    wanted = [_reserved(request) for request in documents(host.get("DeviceRequests"))]
    if wanted:
        yield "deploy", {"resources": {"reservations": {"devices": wanted}}}


_THROTTLES = {
    "BlkioDeviceReadBps": "device_read_bps",
    "BlkioDeviceReadIOps": "device_read_iops",
    "BlkioDeviceWriteBps": "device_write_bps",
    "BlkioDeviceWriteIOps": "device_write_iops",
}


def _blkio(host: Document) -> _Keys:
    if host.number("BlkioWeight"):
        yield "weight", host.number("BlkioWeight")
    weights = [
        {"path": device.text("Path"), "weight": device.number("Weight")}
        for device in documents(host.get("BlkioWeightDevice"))
    ]
    if weights:
        yield "weight_device", weights
    for key, word in _THROTTLES.items():
        rates = [
            {"path": device.text("Path"), "rate": device.number("Rate")}
            for device in documents(host.get(key))
        ]
        if rates:
            yield word, rates


def _device(device: Document) -> str:
    outside = device.text("PathOnHost")
    inside = device.text("PathInContainer") or outside
    return f"{outside}:{inside}:{device.text('CgroupPermissions') or 'rwm'}"


def _reserved(request: Document) -> dict[str, object]:
    node: dict[str, object] = {}
    if request.text("Driver"):
        node["driver"] = request.text("Driver")
    ids = request.texts("DeviceIDs")
    if ids:
        node["device_ids"] = list(ids)
    else:
        node["count"] = (
            "all" if request.number("Count") < 0 else request.number("Count")
        )
    sets = request.get("Capabilities")
    first = next(iter(sets), ()) if isinstance(sets, tuple) else ()
    node["capabilities"] = list(first) if isinstance(first, tuple) else []
    return node
