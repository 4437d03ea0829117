"""Which keys Docker's JSON has, what their defaults are and what we call them.

A key counts as a *setting* when its value is neither Docker's default nor what the
image says anyway. Keys that this table does not know count too: they are reported as
lost instead of being passed over.

```
 Config.Env          ["A=1"]       image has no A       ──▶ Setting("Config.Env", "env")
 HostConfig.Memory   0             the default          ──▶ nothing
 HostConfig.Future   {"x": 1}      nobody knows it      ──▶ Setting(..., "")
```

Invariant: there is a setting for every key of ``Config``, of ``HostConfig``, of each
endpoint and of each network whose value is not a default.
Docker calls these objects ContainerConfig, HostConfig, EndpointSettings and Network.
"""

import json
from collections.abc import Iterator, Mapping

from k8s_bridge.application import Setting
from k8s_bridge.sources.projects import is_own_label
from minidock.model.document import Document, Frozen, thaw

__all__ = ["endpoint_settings", "network_settings", "service_settings", "text_of"]

_CONFIG = {
    "ArgsEscaped": "args_escaped",
    "AttachStderr": "attach",
    "AttachStdin": "attach",
    "AttachStdout": "attach",
    "Cmd": "args",
    "Domainname": "domainname",
    "Entrypoint": "command",
    "Env": "env",
    "ExposedPorts": "exposed",
    "Healthcheck": "healthcheck",
    "Hostname": "hostname",
    "Image": "image",
    "Labels": "labels",
    "MacAddress": "mac_address",
    "NetworkDisabled": "network_disabled",
    "OnBuild": "on_build",
    "OpenStdin": "stdin",
    "Shell": "shell",
    "StdinOnce": "stdin_once",
    "StopSignal": "stop_signal",
    "StopTimeout": "stop_timeout",
    "Tty": "tty",
    "User": "user",
    "Volumes": "volumes",
    "WorkingDir": "working_dir",
}

_HOST_CONFIG = {
    "Annotations": "annotations",
    "AutoRemove": "auto_remove",
    "Binds": "binds",
    "BlkioDeviceReadBps": "blkio",
    "BlkioDeviceReadIOps": "blkio",
    "BlkioDeviceWriteBps": "blkio",
    "BlkioDeviceWriteIOps": "blkio",
    "BlkioWeight": "blkio",
    "BlkioWeightDevice": "blkio",
    "CapAdd": "cap_add",
    "CapDrop": "cap_drop",
    "Capabilities": "capabilities",
    "Cgroup": "cgroup",
    "CgroupParent": "cgroup",
    "CgroupnsMode": "cgroupns",
    "ConsoleSize": "console_size",
    "ContainerIDFile": "cidfile",
    "CpuCount": "windows_cpu",
    "CpuPercent": "windows_cpu",
    "CpuPeriod": "cpu_period",
    "CpuQuota": "cpu_quota",
    "CpuRealtimePeriod": "cpu_realtime",
    "CpuRealtimeRuntime": "cpu_realtime",
    "CpuShares": "cpu_shares",
    "CpusetCpus": "cpuset",
    "CpusetMems": "cpuset",
    "DeviceCgroupRules": "device_rules",
    "DeviceRequests": "gpus",
    "Devices": "devices",
    "Dns": "dns",
    "DnsOptions": "dns_options",
    "DnsSearch": "dns_search",
    "ExtraHosts": "extra_hosts",
    "GroupAdd": "groups",
    "IOMaximumBandwidth": "windows_io",
    "IOMaximumIOps": "windows_io",
    "Init": "init",
    "IpcMode": "ipc_mode",
    "Isolation": "isolation",
    "KernelMemory": "kernel_memory",
    "KernelMemoryTCP": "kernel_memory",
    "Links": "links@bridge",
    "LogConfig": "logging",
    "MaskedPaths": "masked_paths",
    "Memory": "memory",
    "MemoryReservation": "memory_reservation",
    "MemorySwap": "swap",
    "MemorySwappiness": "swap",
    "Mounts": "mounts",
    "NanoCpus": "cpus",
    "NetworkMode": "network_mode",
    "OomKillDisable": "oom",
    "OomScoreAdj": "oom",
    "PidMode": "pid_mode",
    "PidsLimit": "pids_limit",
    "PortBindings": "published",
    "Privileged": "privileged",
    "PublishAllPorts": "published",
    "ReadonlyPaths": "masked_paths",
    "ReadonlyRootfs": "read_only",
    "RestartPolicy": "restart",
    "Runtime": "runtime",
    "SecurityOpt": "security_options",
    "ShmSize": "shm_size",
    "StorageOpt": "storage_options",
    "Sysctls": "sysctls",
    "Tmpfs": "tmpfs",
    "UTSMode": "uts_mode",
    "Ulimits": "ulimits",
    "UsernsMode": "userns_mode",
    "VolumeDriver": "volume_driver",
    "VolumesFrom": "volumes_from",
}

_ENDPOINT = {
    "Aliases": "aliases",
    "DriverOpts": "endpoint_options",
    "GwPriority": "gateway_priority",
    "IPAMConfig": "static_address",
    "Links": "links",
    "MacAddress": "mac_address",
}
# What an endpoint got, not what was asked for it.
_ENDPOINT_STATE = frozenset(
    {
        "DNSNames",
        "EndpointID",
        "Gateway",
        "GlobalIPv6Address",
        "GlobalIPv6PrefixLen",
        "IPAddress",
        "IPPrefixLen",
        "IPv6Gateway",
        "NetworkID",
    }
)

_NETWORK = {
    "Attachable": "attachable",
    "ConfigFrom": "config_from",
    "ConfigOnly": "config_from",
    "Driver": "driver",
    "EnableIPv4": "ipv4",
    "EnableIPv6": "ipv6",
    "IPAM": "ipam",
    "Ingress": "ingress",
    "Internal": "internal",
    "Labels": "network_labels",
    "Options": "options",
    "Scope": "scope",
}
_NETWORK_STATE = frozenset(
    {"Containers", "Created", "Id", "Name", "Peers", "Services", "Status"}
)

# Values that mean "left alone" besides null, "", 0, false, [] and {}.
_DEFAULTS: dict[str, tuple[object, ...]] = {
    "CgroupnsMode": ("private",),
    "ConsoleSize": ([0, 0],),
    "IpcMode": ("private",),
    "Isolation": ("default",),
    "LogConfig": (
        {"Type": "json-file", "Config": {}},
        {"Type": "json-file", "Config": None},
        {"Type": "", "Config": {}},
        {"Type": "", "Config": None},
    ),
    "MemorySwappiness": (-1,),
    "OomKillDisable": (False,),
    "Runtime": ("runc", "io.containerd.runc.v2"),
    "ShmSize": (67108864,),
    "StopSignal": ("SIGTERM",),
    "ConfigFrom": ({"Network": ""},),
    "Driver": ("bridge",),
    "EnableIPv4": (True,),
    "Scope": ("local",),
}
# Keys whose absence is a decision too: they are always reported.
_ALWAYS = frozenset({"Image", "NetworkMode", "RestartPolicy"})

# Objects that Docker fills up with the image's entries.
_MERGED = frozenset({"ExposedPorts", "Labels", "Volumes"})

# Objects with fixed keys: {"IPv4Address": ""} says as little as {}.
_RECORDS = frozenset({"ConfigFrom", "Healthcheck", "IPAMConfig"})

_MASKED = {
    "MaskedPaths": "/proc/kcore",
    "ReadonlyPaths": "/proc/sys",
}


def text_of(value: Frozen) -> str:
    """A value as one short line: texts as they are, the rest as JSON.

    >>> text_of(("a", "b")), text_of("x"), text_of(True)
    ('["a","b"]', 'x', 'true')
    """
    if isinstance(value, str):
        return value
    return json.dumps(thaw(value), separators=(",", ":"))


def _is_default(key: str, value: Frozen) -> bool:
    if key in _ALWAYS:
        return False
    if value is None or thaw(value) in _DEFAULTS.get(key, ()):
        return True
    if key in _MASKED:  # an empty list unmasks, null and the usual list do not
        return isinstance(value, tuple) and _MASKED[key] in value
    if key in _RECORDS and isinstance(value, Document):
        return all(_is_default("", item) for item in value.values())
    return not value


def service_settings(inspect: Document, image: Document | None) -> Iterator[Setting]:
    """The settings of a container's ``Config`` and ``HostConfig``."""
    config, host = inspect.document("Config"), inspect.document("HostConfig")
    defaults = image or Document()
    short_id = inspect.text("Id")[:12]
    yield Setting("Name", "name", inspect.text("Name").lstrip("/") or short_id)
    for key, value in config.items():
        if key == "Hostname" and (value == short_id or _on_host(host)):
            continue  # Docker's own choice
        if key == "Healthcheck" or value != defaults.get(key):
            # Kubernetes ignores an image's HEALTHCHECK, so it never is a default.
            yield from _setting("Config", key, _beyond(key, value, defaults), _CONFIG)
    for key, value in host.items():
        if key == "MemorySwap" and value == 2 * host.number("Memory"):
            continue  # what Docker fills in for --memory alone
        if key in _MASKED and host.flag("Privileged"):
            continue  # a privileged container has none
        yield from _setting("HostConfig", key, value, _HOST_CONFIG)
    status = inspect.document("State").text("Status") or "running"
    if status != "running":
        yield Setting("State.Status", "status", status)


def _on_host(host: Document) -> bool:
    return host.text("NetworkMode") == "host" or host.text("UTSMode") == "host"


def _beyond(key: str, value: Frozen, defaults: Document) -> Frozen:
    """What a merged value holds beyond the image's own."""
    image = defaults.get(key)
    if key in ("Env", "OnBuild") and isinstance(value, tuple):
        own = image if isinstance(image, tuple) else ()
        return tuple(item for item in value if item not in own)
    if key == "Labels" and isinstance(value, Document):
        value = _without_own(value)
    if key in _MERGED and isinstance(value, Document) and isinstance(image, Document):
        return Document({k: v for k, v in value.items() if image.get(k) != v})
    return value


def _without_own(labels: Document) -> Document:
    """Labels without those that Compose writes by itself."""
    return Document({k: v for k, v in labels.items() if not is_own_label(k)})


def endpoint_settings(
    network: str, endpoint: Document, automatic: frozenset[str]
) -> Iterator[Setting]:
    """The settings of a container on one network.

    ``automatic`` are the aliases that Docker adds by itself.
    """
    where = f"NetworkSettings.Networks.{network}"
    for key, value in endpoint.items():
        if key in _ENDPOINT_STATE:
            continue
        if key == "MacAddress" and endpoint.text("EndpointID"):
            continue  # what it got; what was asked stands in Config.MacAddress
        if key == "Aliases" and isinstance(value, tuple):
            value = tuple(alias for alias in value if alias not in automatic)  # noqa: PLW2901  # the rest is Docker's own
        for setting in _setting(where, key, value, _ENDPOINT):
            yield setting._replace(attribute=_at(setting.attribute, network))


def _at(attribute: str, network: str) -> str:
    return f"{attribute}@{network}" if attribute in ("aliases", "links") else attribute


def network_settings(network: Document) -> Iterator[Setting]:
    """The settings of a network; each driver option on its own."""
    default = network.text("Name") == "bridge"
    for key, value in network.items():
        if key in _NETWORK_STATE or (default and key == "IPAM"):
            continue
        if key == "Options" and isinstance(value, Document):
            yield from _options(value, default=default)
        elif key == "Labels" and isinstance(value, Document):
            yield from _setting("", key, _without_own(value), _NETWORK)
        else:
            yield from _setting("", key, value, _NETWORK)


# The default bridge shows these even if nobody asked.
_BRIDGE_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "com.docker.network.bridge.default_bridge": ("true",),
    "com.docker.network.bridge.enable_icc": ("true",),
    "com.docker.network.bridge.enable_ip_masquerade": ("true",),
    "com.docker.network.bridge.host_binding_ipv4": ("0.0.0.0",),  # noqa: S104  # a value to compare with
    "com.docker.network.bridge.name": ("docker0",),
    "com.docker.network.driver.mtu": ("1500",),
}
_ON_DEFAULT_BRIDGE_ONLY = ("default_bridge", "bridge.name")


def _options(options: Document, *, default: bool) -> Iterator[Setting]:
    for key, value in options.items():
        usual = value in _BRIDGE_OPTIONS.get(key, ())
        if usual and (default or not key.endswith(_ON_DEFAULT_BRIDGE_ONLY)):
            continue
        yield Setting(f"Options.{key}", _option_attribute(key), text_of(value))


def _option_attribute(key: str) -> str:
    known = {"enable_icc": "icc", "enable_ip_masquerade": "masquerade"}
    return known.get(key.rpartition(".")[2], "options")


def _shown(key: str, value: Frozen) -> str:
    """A value for the report, which may end in a log: no variable's content."""
    if key == "Env" and isinstance(value, tuple):
        return ", ".join(str(item).partition("=")[0] for item in value)
    return text_of(value)


def _setting(
    where: str, key: str, value: Frozen, words: Mapping[str, str]
) -> Iterator[Setting]:
    if not _is_default(key, value):
        path = f"{where}.{key}" if where else key
        yield Setting(path, words.get(key, ""), _shown(key, value))
