"""HostConfig as inspect shows it: what was asked, with Docker's defaults around it.

Go prints a struct's fields in the order of their declaration, and that order changed
between versions; so the defaults are an ordered table per era.
"""

from minidock.model.container import Container
from minidock.model.document import Json, thaw
from minidock.model.world import World

__all__ = ["host_config", "shown_mode"]

_MASKED = (
    "asound acpi kcore keys latency_stats timer_list timer_stats sched_debug scsi"
).split()
_READONLY = "bus fs irq sys sysrq-trigger".split()

_FIRST: tuple[tuple[str, Json], ...] = (
    ("Binds", None),
    ("ContainerIDFile", ""),
    ("LogConfig", {"Type": "json-file", "Config": {}}),
    ("NetworkMode", ""),
    ("PortBindings", None),
    ("RestartPolicy", {"Name": "no", "MaximumRetryCount": 0}),
    ("AutoRemove", False),
    ("VolumeDriver", ""),
    ("VolumesFrom", None),
)
_MIDDLE: tuple[tuple[str, Json], ...] = (
    ("CapAdd", None),
    ("CapDrop", None),
    ("CgroupnsMode", ""),
    ("Dns", None),
    ("DnsOptions", None),
    ("DnsSearch", None),
    ("ExtraHosts", None),
    ("GroupAdd", None),
    ("IpcMode", "private"),
    ("Cgroup", ""),
    ("Links", None),
    ("OomScoreAdj", 0),
    ("PidMode", ""),
    ("Privileged", False),
    ("PublishAllPorts", False),
    ("ReadonlyRootfs", False),
    ("SecurityOpt", None),
    ("StorageOpt", None),
    ("Tmpfs", None),
    ("UTSMode", ""),
    ("UsernsMode", ""),
    ("ShmSize", 67108864),
    ("Sysctls", None),
    ("Runtime", "runc"),
)
_CONSOLE: tuple[str, Json] = ("ConsoleSize", [0, 0])
_RESOURCES: tuple[tuple[str, Json], ...] = (
    ("Isolation", ""),
    ("CpuShares", 0),
    ("Memory", 0),
    ("NanoCpus", 0),
    ("CgroupParent", ""),
    ("BlkioWeight", 0),
    ("BlkioWeightDevice", None),
    ("BlkioDeviceReadBps", None),
    ("BlkioDeviceWriteBps", None),
    ("BlkioDeviceReadIOps", None),
    ("BlkioDeviceWriteIOps", None),
    ("CpuPeriod", 0),
    ("CpuQuota", 0),
    ("CpuRealtimePeriod", 0),
    ("CpuRealtimeRuntime", 0),
    ("CpusetCpus", ""),
    ("CpusetMems", ""),
    ("Devices", None),
    ("DeviceCgroupRules", None),
    ("DeviceRequests", None),
)
_KERNEL: tuple[tuple[str, Json], ...] = (("KernelMemory", 0), ("KernelMemoryTCP", 0))
_LAST: tuple[tuple[str, Json], ...] = (
    ("MemoryReservation", 0),
    ("MemorySwap", 0),
    ("MemorySwappiness", None),
    ("OomKillDisable", False),
    ("PidsLimit", None),
    ("Ulimits", None),
    ("CpuCount", 0),
    ("CpuPercent", 0),
    ("IOMaximumIOps", 0),
    ("IOMaximumBandwidth", 0),
    ("Mounts", None),
    ("MaskedPaths", None),
    ("ReadonlyPaths", None),
    ("Init", None),
)
_ANNOTATIONS: tuple[str, Json] = ("Annotations", None)

_BEFORE_28 = (*_FIRST, *_MIDDLE, _CONSOLE, *_RESOURCES, *_KERNEL, *_LAST)
_FROM_28 = (*_FIRST, _CONSOLE, _ANNOTATIONS, *_MIDDLE, *_RESOURCES, *_LAST)

_OPTIONAL = ("Mounts", "Tmpfs", "StorageOpt", "Sysctls", "Init", "Annotations")
"""Shown only where they were given (Go's omitempty)."""


def host_config(world: World, container: Container) -> dict[str, Json]:
    """The HostConfig object of `docker inspect`."""
    asked = {key: thaw(value) for key, value in container.host_config.items()}
    fields = _BEFORE_28 if world.era.short_id_alias else _FROM_28
    shown: dict[str, Json] = {}
    for key, default in fields:
        given = asked.get(key)
        if key in _OPTIONAL and not given:
            continue
        shown[key] = default if given is None else given
    shown["PortBindings"] = _bindings(asked.get("PortBindings"))
    shown["NetworkMode"] = shown_mode(world, container)
    shown["CgroupnsMode"] = asked.get("CgroupnsMode") or world.era.cgroup_namespace
    for key, default in (("IpcMode", "private"), ("Runtime", "runc")):
        shown[key] = asked.get(key) or default
    shown["ShmSize"] = asked.get("ShmSize") or 67108864
    shown["RestartPolicy"] = _restart(
        asked.get("RestartPolicy"), "" if world.era.short_id_alias else "no"
    )
    shown["LogConfig"] = _logging(asked.get("LogConfig"))
    shown["Links"] = _links(container)
    shown["MemorySwap"] = _swap(asked)
    # docker sends -1 and 0 for "not asked"; the engine keeps neither.
    if asked.get("MemorySwappiness") == -1:
        shown["MemorySwappiness"] = None
    if not asked.get("PidsLimit"):
        shown["PidsLimit"] = None
    privileged = bool(asked.get("Privileged"))
    shown["MaskedPaths"] = None if privileged else _paths(_MASKED, extra=True)
    shown["ReadonlyPaths"] = None if privileged else _paths(_READONLY, extra=False)
    if asked.get("Runtime") == "" and not (
        container.sandbox or container.state.started
    ):
        del shown["Runtime"]
    return shown


def _paths(names: list[str], *, extra: bool) -> list[Json]:
    paths: list[Json] = [f"/proc/{name}" for name in names]
    return [*paths, "/sys/firmware"] if extra else paths


def shown_mode(world: World, container: Container) -> str:
    """How the mode that was asked for is shown: "default" has another name in 28."""
    mode = container.network_mode
    return world.era.default_mode_shown if mode == "default" else mode


def _swap(asked: dict[str, Json]) -> Json:
    """Swap that nobody asked for is as large as the memory."""
    memory, swap = asked.get("Memory"), asked.get("MemorySwap")
    return 2 * memory if isinstance(memory, int) and memory and not swap else swap or 0


def _restart(given: Json, default: str) -> Json:
    policy = given if isinstance(given, dict) else {}
    return {
        "Name": policy.get("Name") or default,
        "MaximumRetryCount": policy.get("MaximumRetryCount") or 0,
    }


def _logging(given: Json) -> Json:
    config = given if isinstance(given, dict) else {}
    return {
        "Type": config.get("Type") or "json-file",
        "Config": config.get("Config") or {},
    }


def _bindings(given: Json) -> Json:
    """Missing host addresses and ports are shown as empty texts; keys are sorted."""
    if not isinstance(given, dict):
        return None
    shown: dict[str, Json] = {}
    for key in sorted(given):
        entries = given[key]
        if not isinstance(entries, list):
            shown[key] = None
            continue
        shown[key] = [
            {
                "HostIp": entry.get("HostIp") or "",
                "HostPort": entry.get("HostPort") or "",
            }
            for entry in entries
            if isinstance(entry, dict)
        ]
    return shown


def _links(container: Container) -> Json:
    if not container.links:
        return None
    return [
        f"/{link.child_name}:/{container.name}/{link.alias}" for link in container.links
    ]
