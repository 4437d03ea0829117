"""``HostConfig``: what a container may have and use of its host.

```
docker run -m 512m --cpus 1.5 -p 80:80 -v /a:/b --restart always nginx
              │          │        │       │             │
   HostConfig { Memory, NanoCpus, PortBindings, Binds, RestartPolicy, ... }
```

Every key is sent, given or not; only a handful are left out when empty. Which ones, and
which empty value stands for "nothing" (``null``, ``[]`` or ``{}``), differs between the
programs and is kept as they send it.

Invariant: the keys are those of ``container.HostConfig`` in Docker's own order.
"""

from minidock.commandline.devices import (
    is_qualified_device,
    read_device,
    read_gpus,
    read_rate,
    read_weight,
)
from minidock.commandline.grammar import Parsed
from minidock.commandline.isolation import capabilities
from minidock.commandline.mounts import read_mount, tmpfs_mounts
from minidock.commandline.refusal import Cli
from minidock.commandline.support import version_number
from minidock.commandline.values import read_ulimit
from minidock.model.document import Json

__all__ = ["HostParts", "devices_of", "host_config", "resources"]

HostParts = dict[str, Json]
"""What others have made already: Binds, PortBindings, RestartPolicy, SecurityOpt ..."""


def host_config(
    parsed: Parsed, parts: HostParts, cli: Cli, api_version: str, folder: str
) -> dict[str, Json]:
    """The whole ``HostConfig`` of a create body.

    Args:
        parsed: the command line.
        parts: the values that need more than one flag.
        cli: whose body.
        api_version: what the engine speaks.
        folder: where the client stands, for paths that start with a dot.
    """
    text, texts, flag = parsed.text, parsed.texts, parsed.flag
    console: dict[str, Json] = {"ConsoleSize": [0, 0]}
    body: dict[str, Json] = {
        "Binds": parts["Binds"],
        "ContainerIDFile": text("cidfile"),
        "LogConfig": parts["LogConfig"],
        "NetworkMode": parts["NetworkMode"],
        "PortBindings": parts["PortBindings"],
        "RestartPolicy": parts["RestartPolicy"],
        "AutoRemove": flag("rm"),
        "VolumeDriver": text("volume-driver"),
        "VolumesFrom": _or_null(texts("volumes-from")),
        **(console if cli is Cli.V28 else {}),
        **_given("Annotations", _pairs(texts("annotation"))),
        "CapAdd": _or_null(capabilities(texts("cap-add"), cli)),
        "CapDrop": _or_null(capabilities(texts("cap-drop"), cli)),
        "CgroupnsMode": text("cgroupns"),
        "Dns": [*texts("dns")],
        "DnsOptions": [*texts("dns-option")],
        "DnsSearch": [*texts("dns-search")],
        "ExtraHosts": _or_null(texts("add-host")),
        "GroupAdd": _or_null(texts("group-add")),
        "IpcMode": text("ipc"),
        "Cgroup": "",
        "Links": _or_null(texts("link")),
        "OomScoreAdj": parsed.number("oom-score-adj"),
        "PidMode": text("pid"),
        "Privileged": flag("privileged"),
        "PublishAllPorts": flag("publish-all"),
        "ReadonlyRootfs": flag("read-only"),
        "SecurityOpt": parts["SecurityOpt"],
        **_given("StorageOpt", parts["StorageOpt"]),
        **_given("Tmpfs", dict(sorted(tmpfs_mounts(texts("tmpfs")).items()))),
        "UTSMode": text("uts"),
        "UsernsMode": text("userns"),
        "ShmSize": parsed.number("shm-size"),
        **_given("Sysctls", _pairs(texts("sysctl"))),
        **_given("Runtime", text("runtime")),
        **(console if cli is Cli.V20 else {}),
        "Isolation": text("isolation"),
        **resources(parsed, parts, cli, api_version),
        **_given("Mounts", _mounts(parsed, cli, folder)),
        "MaskedPaths": parts["MaskedPaths"],
        "ReadonlyPaths": parts["ReadonlyPaths"],
    }
    if "init" in parsed.given:
        body["Init"] = flag("init")
    return body


def _given(name: str, value: Json) -> dict[str, Json]:
    return {name: value} if value else {}


def _or_null(texts: list[str] | tuple[str, ...]) -> Json:
    return [*texts] or None


def _pairs(texts: tuple[str, ...]) -> dict[str, Json]:
    cut = (text.partition("=") for text in texts)
    return dict(sorted((key, value) for key, _, value in cut))


_API_SOCKET: dict[str, Json] = {
    "Type": "bind",
    "Source": "/var/run/docker.sock",
    "Target": "/var/run/docker.sock",
    "BindOptions": {},
}


def _mounts(parsed: Parsed, cli: Cli, folder: str) -> list[Json]:
    mounts: list[Json] = [
        read_mount(text, cli, folder) for text in parsed.texts("mount")
    ]
    return [*mounts, dict(_API_SOCKET)] if parsed.flag("use-api-socket") else mounts


def devices_of(parsed: Parsed, cli: Cli) -> HostParts:
    """``Devices`` and ``DeviceRequests``; 28 knows devices by qualified name.

    >>> from minidock.commandline.grammar import parse
    >>> devices_of(parse(["run", "--device", "/dev/a:r", "x"], Cli.V28), Cli.V28)
    {'Devices': [{'PathOnHost': '/dev/a', 'PathInContainer': '/dev/a', 'CgroupPermissions': 'r'}], 'DeviceRequests': None}
    """  # noqa: E501  # one line of output
    paths: list[Json] = []
    names: list[Json] = []
    for text in parsed.texts("device"):
        if cli is Cli.V28 and is_qualified_device(text):
            names.append(text)
        else:
            paths.append(read_device(text))
    requests: list[Json] = [read_gpus(text, cli) for text in parsed.texts("gpus")]
    if names:
        requests.append(
            {
                "Driver": "cdi",
                "Count": 0,
                "DeviceIDs": names,
                "Capabilities": None,
                "Options": None,
            }
        )
    return {"Devices": paths, "DeviceRequests": requests or None}


def resources(
    parsed: Parsed, parts: HostParts, cli: Cli, api_version: str
) -> dict[str, Json]:
    """``container.Resources``: what a container may use.

    >>> from minidock.commandline.grammar import parse
    >>> parsed = parse("run -m 1g --cpus .5 nginx".split(), Cli.V28)
    >>> body = resources(parsed, devices_of(parsed, Cli.V28), Cli.V28, "1.51")
    >>> body["Memory"], body["NanoCpus"], body["Ulimits"]
    (1073741824, 500000000, [])
    """
    text, number = parsed.text, parsed.number
    return {
        "CpuShares": number("cpu-shares"),
        "Memory": number("memory"),
        "NanoCpus": number("cpus"),
        "CgroupParent": text("cgroup-parent"),
        "BlkioWeight": number("blkio-weight"),
        "BlkioWeightDevice": [
            read_weight(device) for device in parsed.texts("blkio-weight-device")
        ],
        "BlkioDeviceReadBps": _rates(parsed, "device-read-bps", cli),
        "BlkioDeviceWriteBps": _rates(parsed, "device-write-bps", cli),
        "BlkioDeviceReadIOps": _rates(parsed, "device-read-iops", cli),
        "BlkioDeviceWriteIOps": _rates(parsed, "device-write-iops", cli),
        "CpuPeriod": number("cpu-period"),
        "CpuQuota": number("cpu-quota"),
        "CpuRealtimePeriod": number("cpu-rt-period"),
        "CpuRealtimeRuntime": number("cpu-rt-runtime"),
        "CpusetCpus": text("cpuset-cpus"),
        "CpusetMems": text("cpuset-mems"),
        "Devices": parts["Devices"],
        "DeviceCgroupRules": _or_null(parsed.texts("device-cgroup-rule")),
        "DeviceRequests": parts["DeviceRequests"],
        **_kernel_memory(parsed, cli, api_version),
        "MemoryReservation": number("memory-reservation"),
        "MemorySwap": number("memory-swap"),
        "MemorySwappiness": number("memory-swappiness"),
        "OomKillDisable": parsed.flag("oom-kill-disable"),
        "PidsLimit": number("pids-limit"),
        "Ulimits": _ulimits(parsed, cli),
        "CpuCount": number("cpu-count"),
        "CpuPercent": number("cpu-percent"),
        "IOMaximumIOps": number("io-maxiops"),
        "IOMaximumBandwidth": number("io-maxbandwidth"),
    }


def _rates(parsed: Parsed, flag: str, cli: Cli) -> Json:
    in_bytes = flag.endswith("bps")
    rates: list[Json] = [
        read_rate(text, cli, in_bytes=in_bytes) for text in parsed.texts(flag)
    ]
    return None if cli is Cli.V20 and not rates else rates


def _kernel_memory(parsed: Parsed, cli: Cli, api_version: str) -> dict[str, Json]:
    """Gone from engines since API 1.42; 20.10 always sends it."""
    asked = parsed.number("kernel-memory")
    if cli is Cli.V20:
        return {"KernelMemory": asked, "KernelMemoryTCP": 0}
    old = version_number(api_version) < (1, 42)
    return {"KernelMemory": asked} if asked and old else {}


def _ulimits(parsed: Parsed, cli: Cli) -> Json:
    last = {}
    for text in parsed.texts("ulimit"):
        limit = read_ulimit(text)
        last[limit.name] = limit
    limits: list[Json] = [
        {"Name": name, "Hard": last[name].hard, "Soft": last[name].soft}
        for name in sorted(last)
    ]
    return None if cli is Cli.V20 and not limits else limits
