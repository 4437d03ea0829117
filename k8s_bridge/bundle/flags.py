"""The words after ``docker create`` that make a container again.

```
 HostConfig.Memory        67108864     ─▶ --memory 67108864
 HostConfig.PortBindings  {"80/tcp"..} ─▶ --publish 8080:80/tcp
 Config.Env               ["A=1"]      ─▶ --env A=1
```

Tables where a rule can be a table. Invariant: what these words ask for, read by the
docker program's own grammar, is what the container was asked for.
"""

from collections.abc import Iterable, Iterator

from k8s_bridge.bundle.asked import Asked, documents
from minidock.model.document import Document

__all__ = ["command_words", "create_words", "endpoint_words", "mount_text"]

_FLAGS = {
    "AutoRemove": "rm",
    "Init": "init",
    "OomKillDisable": "oom-kill-disable",
    "Privileged": "privileged",
    "PublishAllPorts": "publish-all",
    "ReadonlyRootfs": "read-only",
}
# Key: flag, and the values that mean "left alone" besides "", 0 and null.
_VALUES: dict[str, tuple[str, tuple[object, ...]]] = {
    "BlkioWeight": ("blkio-weight", ()),
    "CgroupParent": ("cgroup-parent", ()),
    "CgroupnsMode": ("cgroupns", ()),
    "CpuPeriod": ("cpu-period", ()),
    "CpuQuota": ("cpu-quota", ()),
    "CpuRealtimePeriod": ("cpu-rt-period", ()),
    "CpuRealtimeRuntime": ("cpu-rt-runtime", ()),
    "CpuShares": ("cpu-shares", ()),
    "CpusetCpus": ("cpuset-cpus", ()),
    "CpusetMems": ("cpuset-mems", ()),
    "IpcMode": ("ipc", ("private",)),
    "Isolation": ("isolation", ("default",)),
    "Memory": ("memory", ()),
    "MemoryReservation": ("memory-reservation", ()),
    "MemorySwappiness": ("memory-swappiness", (-1,)),
    "OomScoreAdj": ("oom-score-adj", ()),
    "PidMode": ("pid", ()),
    "PidsLimit": ("pids-limit", ()),
    "Runtime": ("runtime", ("runc", "io.containerd.runc.v2")),
    "ShmSize": ("shm-size", (67108864,)),
    "UTSMode": ("uts", ()),
    "UsernsMode": ("userns", ()),
    "VolumeDriver": ("volume-driver", ("local",)),
}
_LISTS = {
    "CapAdd": "cap-add",
    "CapDrop": "cap-drop",
    "DeviceCgroupRules": "device-cgroup-rule",
    "Dns": "dns",
    "DnsOptions": "dns-option",
    "DnsSearch": "dns-search",
    "ExtraHosts": "add-host",
    "GroupAdd": "group-add",
    "Links": "link",
    "SecurityOpt": "security-opt",
    "VolumesFrom": "volumes-from",
    "Binds": "volume",
}
_PAIRS = {
    "Annotations": "annotation",
    "StorageOpt": "storage-opt",
    "Sysctls": "sysctl",
}
_CONFIG = {
    "Domainname": "domainname",
    "Hostname": "hostname",
    "MacAddress": "mac-address",
    "StopSignal": "stop-signal",
    "StopTimeout": "stop-timeout",
    "User": "user",
    "WorkingDir": "workdir",
}
_THROTTLES = {
    "BlkioDeviceReadBps": "device-read-bps",
    "BlkioDeviceReadIOps": "device-read-iops",
    "BlkioDeviceWriteBps": "device-write-bps",
    "BlkioDeviceWriteIOps": "device-write-iops",
}
_HEALTH = {
    "Interval": "health-interval",
    "Retries": "health-retries",
    "StartInterval": "health-start-interval",
    "StartPeriod": "health-start-period",
    "Timeout": "health-timeout",
}
_GIVEN = ("", "default", "bridge")


def create_words(asked: Asked, named: Iterable[str] = ()) -> list[str]:
    """What to write after ``docker create``.

    ``named`` are the variables whose values come from the caller's environment.
    """
    words = ["--name", asked.name]
    for flag, value in (*_of_config(asked, set(named)), *_of_host(asked.host)):
        words += [f"--{flag}"] if value is None else [f"--{flag}", value]
    network = asked.wish.network
    if network not in _GIVEN:
        words += ["--network", network]
        endpoint = asked.wish.endpoints.get(network, Document())
        words += endpoint_words(endpoint, alias="network-alias")
    words.append(asked.image)
    return words


def endpoint_words(endpoint: Document, alias: str = "alias") -> list[str]:
    """The flags for a place on a network: address, aliases, links."""
    words = []
    address = endpoint.document("IPAMConfig")
    for key, flag in (("IPv4Address", "ip"), ("IPv6Address", "ip6")):
        if address.text(key):
            words += [f"--{flag}", address.text(key)]
    for text in endpoint.texts("Aliases"):
        words += [f"--{alias}", text]
    for text in endpoint.texts("Links"):
        words += ["--link", text]
    return words


def command_words(asked: Asked) -> list[str]:
    """What stands behind the image: of an entrypoint of several words the rest, too."""
    return [*(asked.entrypoint or ())[1:], *(asked.command or ())]


_Flags = Iterator[tuple[str, str | None]]


def _of_config(asked: Asked, named: set[str]) -> _Flags:
    config = asked.config
    if asked.entrypoint is not None:
        yield "entrypoint", next(iter(asked.entrypoint), "")
    for key, flag in _CONFIG.items():
        if config.get(key) not in (None, "", 0):
            yield flag, str(config[key])
    if config.flag("Tty"):
        yield "tty", None
    if config.flag("OpenStdin"):
        yield "interactive", None
    for name, value in asked.variables:
        yield "env", name if value is None or name in named else f"{name}={value}"
    for name, text in asked.labels:
        yield "label", f"{name}={text}"
    published = asked.host.document("PortBindings")
    for port in config.document("ExposedPorts"):
        if port not in published:
            yield "expose", port
    for path in config.document("Volumes"):
        yield "volume", path
    yield from _health(config.document("Healthcheck"))


def _health(check: Document) -> _Flags:
    test = check.texts("Test")
    if test[:1] == ("NONE",):
        yield "no-healthcheck", None
    elif test:
        shell = test[0] == "CMD-SHELL"
        # The docker program only knows the shell form: words are quoted for it.
        yield "health-cmd", test[1] if shell and len(test) > 1 else _quoted(test[1:])
    for key, flag in _HEALTH.items():
        number = check.number(key)
        if number:
            yield flag, str(number) if key == "Retries" else f"{number}ns"


def _quoted(words: Iterable[str]) -> str:
    return " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)


def _of_host(host: Document) -> _Flags:
    for key, flag in _FLAGS.items():
        if host.flag(key):
            yield flag, None
    for key, (flag, usual) in _VALUES.items():
        value = host.get(key)
        if value not in (None, "", 0, *usual):
            yield flag, str(value)
    if host.number("NanoCpus"):
        yield "cpus", f"{host.number('NanoCpus') / 1e9:.9f}".rstrip("0").rstrip(".")
    if host.number("MemorySwap") not in (0, 2 * host.number("Memory")):
        yield "memory-swap", str(host.number("MemorySwap"))
    for key, flag in _LISTS.items():
        for text in host.texts(key):
            yield flag, text
    for key, flag in _PAIRS.items():
        for name, value in host.document(key).items():
            yield flag, f"{name}={value}"
    yield from _of_objects(host)


def _of_objects(host: Document) -> _Flags:
    policy = host.document("RestartPolicy")
    if policy.text("Name") not in ("", "no"):
        count = policy.number("MaximumRetryCount")
        yield "restart", policy.text("Name") + (f":{count}" if count else "")
    log = host.document("LogConfig")
    if log.text("Type") not in ("", "json-file") or log.document("Config"):
        yield "log-driver", log.text("Type")
        for name, value in log.document("Config").items():
            yield "log-opt", f"{name}={value}"
    for path, options in host.document("Tmpfs").items():
        yield "tmpfs", f"{path}:{options}" if options else path
    for limit in documents(host.get("Ulimits")):
        soft, hard = limit.number("Soft"), limit.number("Hard")
        yield "ulimit", f"{limit.text('Name')}={soft}:{hard}"
    for key, flag in _THROTTLES.items():
        for device in documents(host.get(key)):
            yield flag, f"{device.text('Path')}:{device.number('Rate')}"
    for device in documents(host.get("BlkioWeightDevice")):
        yield "blkio-weight-device", f"{device.text('Path')}:{device.number('Weight')}"
    for device in documents(host.get("Devices")):
        yield "device", _device(device)
    for request in documents(host.get("DeviceRequests")):
        yield "gpus", _gpus(request)
    for port, bindings in host.document("PortBindings").items():
        yield from (("publish", _port(port, b)) for b in documents(bindings))
    for mount in documents(host.get("Mounts")):
        yield "mount", mount_text(mount)


def _device(device: Document) -> str:
    outside = device.text("PathOnHost")
    inside = device.text("PathInContainer") or outside
    return f"{outside}:{inside}:{device.text('CgroupPermissions') or 'rwm'}"


def _gpus(request: Document) -> str:
    ids = request.texts("DeviceIDs")
    if ids:
        return f'"device={",".join(ids)}"'
    count = request.number("Count")
    return "all" if count < 0 else str(count)


def _port(port: str, binding: Document) -> str:
    address, outside = binding.text("HostIp"), binding.text("HostPort")
    if ":" in address:
        address = f"[{address}]"
    if address:
        return f"{address}:{outside}:{port}"
    return f"{outside}:{port}" if outside else port


# Object of a mount: key: word of --mount.
_MOUNT: dict[str, dict[str, str]] = {
    "BindOptions": {"Propagation": "bind-propagation"},
    "VolumeOptions": {"Subpath": "volume-subpath"},
    "TmpfsOptions": {"SizeBytes": "tmpfs-size"},
    "ImageOptions": {"Subpath": "image-subpath"},
}


def mount_text(mount: Document) -> str:
    """A mount in the words of ``--mount``; a value with a comma is quoted as in CSV."""
    fields = [f"type={mount.text('Type') or 'volume'}"]
    if mount.text("Source"):
        fields.append(f"source={mount.text('Source')}")
    fields.append(f"target={mount.text('Target')}")
    if mount.flag("ReadOnly"):
        fields.append("readonly")
    for group, words in _MOUNT.items():
        options = mount.document(group)
        fields += [f"{words[k]}={options[k]}" for k in words if options.get(k)]
    volume = mount.document("VolumeOptions")
    if volume.flag("NoCopy"):
        fields.append("volume-nocopy")
    for name, value in volume.document("Labels").items():
        if not name.startswith("com.docker.volume"):
            fields.append(f"volume-label={name}={value}")
    driver = volume.document("DriverConfig")
    if driver.text("Name"):
        fields.append(f"volume-driver={driver.text('Name')}")
    for name, value in driver.document("Options").items():
        fields.append(f"volume-opt={name}={value}")
    if mount.document("TmpfsOptions").number("Mode"):
        fields.append(f"tmpfs-mode={mount.document('TmpfsOptions').number('Mode'):o}")
    return ",".join(map(_csv, fields))


def _csv(field: str) -> str:
    if "," in field or '"' in field:
        return '"' + field.replace('"', '""') + '"'
    return field
