"""The engine's JSON as the docker program's own types hold it.

``docker inspect`` without a format prints the engine's JSON as it came. With a format
it
first reads it into its own structs, so ``{{json .NetworkSettings}}`` shows the fields
that
*the program* knows, in its order: 28 adds GwPriority and DNSNames to the answer of an
engine that has never heard of them.

Docker's source: moby, ``api/types``, in the version that the program was built with.
"""

from collections.abc import Mapping

from minidock.commandline.refusal import Cli
from minidock.model.document import Json
from minidock.views.gotemplate import Record

__all__ = ["typed_container", "typed_network"]

_ENDPOINT_28: tuple[tuple[str, Json], ...] = (
    ("IPAMConfig", None),
    ("Links", None),
    ("Aliases", None),
    ("MacAddress", ""),
    ("DriverOpts", None),
    ("GwPriority", 0),
    ("NetworkID", ""),
    ("EndpointID", ""),
    ("Gateway", ""),
    ("IPAddress", ""),
    ("IPPrefixLen", 0),
    ("IPv6Gateway", ""),
    ("GlobalIPv6Address", ""),
    ("GlobalIPv6PrefixLen", 0),
    ("DNSNames", None),
)
_SETTINGS_28 = (
    "Bridge SandboxID SandboxKey Ports HairpinMode LinkLocalIPv6Address "
    "LinkLocalIPv6PrefixLen SecondaryIPAddresses SecondaryIPv6Addresses EndpointID "
    "Gateway GlobalIPv6Address GlobalIPv6PrefixLen IPAddress IPPrefixLen IPv6Gateway "
    "MacAddress Networks"
).split()
_HOST_CONFIG_28 = (
    "Binds ContainerIDFile LogConfig NetworkMode PortBindings RestartPolicy AutoRemove "
    "VolumeDriver VolumesFrom ConsoleSize Annotations CapAdd CapDrop CgroupnsMode Dns "
    "DnsOptions DnsSearch ExtraHosts GroupAdd IpcMode Cgroup Links OomScoreAdj PidMode "
    "Privileged PublishAllPorts ReadonlyRootfs SecurityOpt StorageOpt Tmpfs UTSMode "
    "UsernsMode ShmSize Sysctls Runtime Isolation CpuShares Memory NanoCpus "
    "CgroupParent BlkioWeight BlkioWeightDevice BlkioDeviceReadBps BlkioDeviceWriteBps "
    "BlkioDeviceReadIOps BlkioDeviceWriteIOps CpuPeriod CpuQuota CpuRealtimePeriod "
    "CpuRealtimeRuntime CpusetCpus CpusetMems Devices DeviceCgroupRules DeviceRequests "
    "MemoryReservation MemorySwap MemorySwappiness OomKillDisable PidsLimit Ulimits "
    "CpuCount CpuPercent IOMaximumIOps IOMaximumBandwidth Mounts MaskedPaths "
    "ReadonlyPaths Init"
).split()


class Struct(dict[str, Json]):
    """A Go struct: fields that hold nothing are there, but not in its JSON.

    >>> config = Struct({"Image": "nginx"}, hidden={"ExposedPorts": None})
    >>> "ExposedPorts" in config, config["ExposedPorts"], list(config)
    (True, None, ['Image'])
    """

    def __init__(
        self, shown: Mapping[str, Json], *, hidden: Mapping[str, Json]
    ) -> None:
        super().__init__(shown)
        self._hidden = {k: v for k, v in hidden.items() if k not in shown}

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or key in self._hidden

    def __missing__(self, key: str) -> Json:
        return self._hidden[key]


_HIDDEN_CONFIG: dict[str, Json] = {
    "ExposedPorts": None,
    "Healthcheck": None,
    "ArgsEscaped": False,
    "NetworkDisabled": False,
    "MacAddress": "",
    "StopSignal": "",
    "StopTimeout": None,
    "Shell": None,
}
_HIDDEN_HOST: dict[str, Json] = {
    "Mounts": None,
    "Tmpfs": None,
    "StorageOpt": None,
    "Sysctls": None,
    "Init": None,
    "Annotations": None,
}


def _ordered(value: dict[str, Json], names: list[str]) -> dict[str, Json]:
    return {name: value[name] for name in names if name in value}


def _endpoint(value: Json) -> Json:
    given = value if isinstance(value, dict) else {}
    return {name: given.get(name, default) for name, default in _ENDPOINT_28}


def typed_container(value: dict[str, Json], cli: Cli) -> dict[str, Json]:
    """A container's inspect JSON as this program's types hold it."""
    typed = dict(value)
    for key, hidden in (("Config", _HIDDEN_CONFIG), ("HostConfig", _HIDDEN_HOST)):
        part = value.get(key)
        if isinstance(part, dict):
            shown = part
            if key == "HostConfig" and cli is Cli.V28:
                shown = _ordered(part, _HOST_CONFIG_28)
            typed[key] = Struct(shown, hidden=hidden)
    if cli is Cli.V20:
        return typed
    settings = value.get("NetworkSettings")
    if isinstance(settings, dict):
        shown = _ordered(settings, _SETTINGS_28)
        networks = shown.get("Networks")
        if isinstance(networks, dict):
            shown["Networks"] = {key: _endpoint(networks[key]) for key in networks}
        typed["NetworkSettings"] = shown
    return typed


def _ipam_config(entry: dict[str, Json]) -> Json:
    """Go's IPAMConfig; its field of auxiliary addresses is called AuxAddress."""
    members = {
        "Subnet": entry.get("Subnet", ""),
        "IPRange": entry.get("IPRange", ""),
        "Gateway": entry.get("Gateway", ""),
        "AuxAddress": entry.get("AuxiliaryAddresses", {}),
    }
    return Record(entry, members=members, kind="network.IPAMConfig")  # type: ignore[return-value]  # a template's struct stands among its JSON


def typed_network(value: dict[str, Json], cli: Cli) -> dict[str, Json]:
    """A network's inspect JSON as this program's types hold it."""
    typed = dict(value)
    if cli is Cli.V28 and "EnableIPv4" not in typed:
        typed["EnableIPv4"] = False
    ipam = typed.get("IPAM")
    if isinstance(ipam, dict) and isinstance(ipam.get("Config"), list):
        entries = ipam["Config"]
        full: list[Json] = [
            _ipam_config(entry)
            for entry in (entries if isinstance(entries, list) else [])
            if isinstance(entry, dict)
        ]
        typed["IPAM"] = {**ipam, "Config": full}
    return typed
