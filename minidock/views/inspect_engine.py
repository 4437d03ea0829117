"""`docker info`, as the API's JSON.

```
World ──▶ engine_info(world, api, now)   counts ▸ drivers ▸ host ▸ registries ▸ swarm
```

What runs where is read off the World; the hardware is the sample host's. Which fields
there are depends on two versions: what the engine can say (its era), and what the call
asked for (``api``), since fields came and went:

=============  =========================================================
since 1.41     CgroupVersion, OSVersion, and DefaultAddressPools if asked
since 1.46     Containerd
since 1.49     FirewallBackend; no more AllowNondistributable..., Expected
since 1.50     no more BridgeNfIptables and BridgeNfIp6tables
=============  =========================================================

Docker's sources: moby, ``daemon/info.go`` and ``api/server/router/system``.
"""

from hashlib import sha256

from minidock.model.cluster import Coordination
from minidock.model.daemon import DaemonOptions
from minidock.model.document import Json
from minidock.model.world import World
from minidock.net.prefix import Prefix
from minidock.views.api_versions import PLAIN_INFO
from minidock.views.durations import timestamp
from minidock.views.inspect_swarm import info_json

__all__ = ["engine_info"]

Api = tuple[int, int]

_INDEX = "https://index.docker.io/v1/"


_OLD_LOGS = "awslogs fluentd gcplogs gelf journald json-file"
_LOG_DRIVERS = {
    "17.12": f"{_OLD_LOGS} logentries splunk syslog",
    "20.10": f"{_OLD_LOGS} local logentries splunk syslog",
    "28": f"{_OLD_LOGS} local splunk syslog",
}


def _version(text: str) -> Api:
    major, _, minor = text.partition(".")
    return int(major), int(minor)


def _modern(world: World) -> bool:
    """Whether the host has the unified control groups (v2), as engines of today do."""
    return world.era.cgroup_namespace == "private"


def engine_info(world: World, api: Api, now: int) -> dict[str, Json]:
    """What GET /info answers; O(containers).

    >>> from minidock.commands.boot import boot
    >>> from minidock.eras import era_named
    >>> from minidock.model.host import sample_host
    >>> world = boot(era_named("28"), DaemonOptions(), sample_host(), "doc", 0)
    >>> shown = engine_info(world, (1, 51), 0)
    >>> shown["Containers"], shown["ServerVersion"], shown["Swarm"]["LocalNodeState"]
    (0, '28.5.2', 'inactive')
    """
    return {
        "ID": _identity(world),
        **_counts(world),
        **_drivers(world),
        **_limits(world, api),
        **_state(world, now),
        **_host(world),
        "IndexServerAddress": _INDEX,
        "RegistryConfig": _registries(world, api),
        "NCPU": world.host.cpus,
        "MemTotal": world.host.memory,
        "GenericResources": None,
        "DockerRootDir": world.daemon.data_root or "/var/lib/docker",
        "HttpProxy": "",
        "HttpsProxy": "",
        "NoProxy": "",
        "Name": world.host.hostname,
        "Labels": list(world.daemon.label),
        "ExperimentalBuild": world.daemon.experimental,
        "ServerVersion": world.era.engine_version,
        "Runtimes": {name: {"path": "runc"} for name in _runtimes(world)},
        "DefaultRuntime": "runc",
        **_cluster(world),
        "Swarm": info_json(world),
        "LiveRestoreEnabled": world.daemon.live_restore,
        "Isolation": "",
        "InitBinary": "docker-init",
        **_commits(world, api),
        "SecurityOptions": _security(world, api),
        **_newer(world, api),
        "Warnings": _warnings(world),
        **({} if PLAIN_INFO.reached(api) else {"ExecutionDriver": "<not supported>"}),
    }


def _cluster(world: World) -> dict[str, Json]:
    """The store that hosts share and where others reach this one (to 22.06).

    A name and a password in the store's URL are nobody's business.
    """
    cluster = world.cluster
    if cluster is None or cluster.mode is not Coordination.STORE:
        return {}
    scheme, mark, place = world.daemon.cluster_store.partition("://")
    store = f"{scheme}{mark}{place.rpartition('@')[2]}"
    shown: dict[str, Json] = {"ClusterStore": store} if store else {}
    return shown | {"ClusterAdvertise": cluster.advertise}


def _identity(world: World) -> str:
    """Twelve groups of base 32 in old engines (a key's fingerprint), a UUID today."""
    digest = sha256(world.daemon_id.encode())
    if _modern(world):
        text = digest.hexdigest()
        cuts = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
        return "-".join(text[start:end] for start, end in cuts)
    number = int.from_bytes(digest.digest(), "big")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    word = "".join(letters[number >> 5 * place & 31] for place in range(48))
    return ":".join(word[start : start + 4] for start in range(0, 48, 4))


def _counts(world: World) -> dict[str, Json]:
    states = [container.state for container in world.containers.values()]
    paused = sum(state.paused for state in states)
    running = sum(state.running for state in states) - paused
    return {
        "Containers": len(states),
        "ContainersRunning": running,
        "ContainersPaused": paused,
        "ContainersStopped": len(states) - running - paused,
        "Images": len(world.images),
    }


def _drivers(world: World) -> dict[str, Json]:
    facts = {
        "Backing Filesystem": "extfs",
        "Supports d_type": "true",
        "Using metacopy": "false",
        "Native Overlay Diff": "true",
        "userxattr": "false",
    }
    if not _modern(world):
        del facts["Using metacopy"]
    return {
        "Driver": world.daemon.storage_driver or "overlay2",
        "DriverStatus": [[name, value] for name, value in facts.items()],
        "Plugins": {
            "Volume": ["local"],
            "Network": ["bridge", "host", "ipvlan", "macvlan", "null", "overlay"],
            "Authorization": None,
            "Log": list(_LOG_DRIVERS[world.era.name].split()),
        },
    }


def _limits(world: World, api: Api) -> dict[str, Json]:
    """What the kernel can limit; kernel memory no more under control groups v2."""
    old = not _modern(world)
    shown: dict[str, Json] = {"MemoryLimit": True, "SwapLimit": True}
    if old:
        shown |= {"KernelMemory": True, "KernelMemoryTCP": True}
    for name in ("CpuCfsPeriod", "CpuCfsQuota", "CPUShares", "CPUSet", "PidsLimit"):
        shown[name] = True
    shown["IPv4Forwarding"] = world.daemon.ip_forward
    if api < (1, 50):
        shown |= {"BridgeNfIptables": True, "BridgeNfIp6tables": True}
    return shown


def _state(world: World, now: int) -> dict[str, Json]:
    """The daemon's own condition; each container costs it descriptors and routines."""
    running = sum(container.state.running for container in world.containers.values())
    shown: dict[str, Json] = {
        "Debug": world.daemon.debug,
        "NFd": 24 + 4 * running,
        "OomKillDisable": not _modern(world),
        "NGoroutines": 39 + 9 * running,
        "SystemTime": timestamp(now),
        "LoggingDriver": world.daemon.log_driver or "json-file",
        "CgroupDriver": _cgroup_driver(world),
    }
    if _version(world.era.api_version) >= (1, 41):
        shown["CgroupVersion"] = "2" if _modern(world) else "1"
    return shown | {"NEventsListener": 0}


def _cgroup_driver(world: World) -> str:
    default = "systemd" if _modern(world) else "cgroupfs"
    for option in world.daemon.exec_opt:
        name, _, value = option.partition("=")
        default = value if name == "native.cgroupdriver" else default
    return default


def _host(world: World) -> dict[str, Json]:
    shown: dict[str, Json] = {
        "KernelVersion": world.host.kernel,
        "OperatingSystem": world.host.operating_system,
    }
    if _version(world.era.api_version) >= (1, 41):
        shown["OSVersion"] = "12"
    return shown | {"OSType": "linux", "Architecture": "x86_64"}


def _is_prefix(text: str) -> bool:
    try:
        Prefix.parse(text)
    except ValueError:
        return False
    return True


def _registries(world: World, api: Api) -> dict[str, Json]:
    """Which registries need no TLS, and which mirrors stand before Docker's own."""
    mirrors: list[Json] = [
        f"{url.rstrip('/')}/" for url in world.daemon.registry_mirror
    ]
    given = world.daemon.insecure_registry
    ranges: list[Json] = [text for text in given if _is_prefix(text)]
    known = ["::1/128", "127.0.0.0/8"] if _modern(world) else ["127.0.0.0/8"]
    index: dict[str, Json] = {
        name: {"Name": name, "Mirrors": [], "Secure": False, "Official": False}
        for name in given
        if not _is_prefix(name)
    }
    index["docker.io"] = {
        "Name": "docker.io",
        "Mirrors": mirrors,
        "Secure": True,
        "Official": True,
    }
    old: dict[str, Json] = {}
    if api < (1, 49):
        nothing: Json = None if _modern(world) else []
        old = {
            "AllowNondistributableArtifactsCIDRs": nothing,
            "AllowNondistributableArtifactsHostnames": nothing,
        }
    return {
        **old,
        "InsecureRegistryCIDRs": [*ranges, *known],
        "IndexConfigs": dict(sorted(index.items())),
        "Mirrors": mirrors,
    }


def _runtimes(world: World) -> list[str]:
    old = [] if _modern(world) else ["io.containerd.runtime.v1.linux"]
    return ["io.containerd.runc.v2", *old, "runc"]


def _commits(world: World, api: Api) -> dict[str, Json]:
    """Of the programs beside the daemon; until 1.48 with the one that it expects."""
    builds = {
        "Containerd": world.era.containerd,
        "Runc": world.era.runc,
        "Init": world.era.docker_init,
    }
    shown: dict[str, Json] = {}
    for name, build in builds.items():
        commit: dict[str, Json] = {"ID": build.partition(" ")[2]}
        if api < (1, 49):
            commit["Expected"] = commit["ID"]
        shown[f"{name}Commit"] = commit
    return shown


def _security(world: World, api: Api) -> list[Json]:
    if not PLAIN_INFO.reached(api):
        return ["seccomp"]
    if _modern(world):
        return ["name=seccomp,profile=builtin", "name=cgroupns"]
    return ["name=seccomp,profile=default"]


def _newer(world: World, api: Api) -> dict[str, Json]:
    """Fields that older engines do not have, or older versions do not ask for."""
    shown: dict[str, Json] = {}
    pools = _address_pools(world.daemon)
    if pools and _version(world.era.api_version) >= (1, 41):
        shown["DefaultAddressPools"] = pools
    if api >= (1, 49):
        shown["FirewallBackend"] = {"Driver": "iptables"}
    if _modern(world):
        shown["CDISpecDirs"] = ["/etc/cdi", "/var/run/cdi"]
    if api >= (1, 46):
        shown["Containerd"] = {
            "Address": "/run/containerd/containerd.sock",
            "Namespaces": {"Containers": "moby", "Plugins": "plugins.moby"},
        }
    return shown


def _address_pools(daemon: DaemonOptions) -> list[Json]:
    shown: list[Json] = []
    for text in daemon.default_address_pool:
        fields = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
        shown.append({"Base": fields.get("base", ""), "Size": int(fields["size"])})
    return shown


_OPEN = """WARNING: API is accessible on http://{address} without encryption.
         Access to the remote API is equivalent to root access on the host. Refer
         to the 'Docker daemon attack surface' section in the documentation for
         more information: https://docs.docker.com/go/attack-surface/"""


def _warnings(world: World) -> list[Json] | None:
    """What `docker info` warns of: an API that anybody can reach."""
    open_to = [
        host.partition("://")[2]
        for host in world.daemon.host
        if host.startswith("tcp://")
    ]
    return [_OPEN.format(address=address) for address in open_to] or None
