"""What came, went or changed at which version of the API, as one table.

```
GET /v1.20/containers/web/json ──▶ NetworkSettings as they were: no Networks
GET /v1.44/containers/web/json ──▶ Networks, with DNSNames and Aliases that still
                                   hold the short id
```

An engine speaks every version from its oldest to its newest: the version in the path
decides the shapes, the engine's era decides the rules. Each gate below is read where
the shape is made or the rule is applied; ``docs/reference/api-versions.md`` is
generated from the table.

Docker's sources: moby, ``docs/api/version-history.md``, ``api/server/router`` and
``daemon/inspect.go``.
"""

from typing import NamedTuple

__all__ = ["GATES", "ApiVersion", "Gate", "gates_page"]

ApiVersion = tuple[int, int]


class Gate(NamedTuple):
    """A change of the API: the version that brought it, and what it is.

    >>> VIRTUAL_SIZE_GONE.reached((1, 44)), VIRTUAL_SIZE_GONE.reached((1, 43))
    (True, False)
    """

    version: ApiVersion
    where: str
    what: str

    def reached(self, api: ApiVersion) -> bool:
        """Whether a call in this version sees the change."""
        return api >= self.version


MOUNTS = Gate(
    (1, 20),
    "GET /containers/{id}/json",
    "Mounts in the place of Volumes and VolumesRW; Config no longer repeats Memory, "
    "MemorySwap, CpuShares and Cpuset of HostConfig",
)
PER_NETWORK = Gate(
    (1, 21),
    "GET /containers/{id}/json",
    "NetworkSettings.Networks; Config shows MacAddress and NetworkDisabled only where "
    "they were asked for, and VolumeDriver stands in HostConfig alone",
)
JSON_ERRORS = Gate((1, 24), "every call", "refusals are JSON, not plain text")
START_WITHOUT_BODY = Gate(
    (1, 24), "POST /containers/{id}/start", "a start with a body is refused"
)
AUTO_REMOVE = Gate(
    (1, 25),
    "POST /containers/create",
    "the engine removes what ran with AutoRemove; before, the client did",
)
PLAIN_INFO = Gate(
    (1, 25),
    "GET /info",
    "SecurityOptions are pairs such as name=seccomp,profile=default; ExecutionDriver "
    "is gone",
)
LIST_WITHOUT_MEMBERS = Gate(
    (1, 28), "GET /networks", "Containers are listed by inspect alone"
)
PRIVATE_IPC = Gate(
    (1, 40),
    "POST /containers/create",
    "an IpcMode that nobody asked for is the daemon's, private; before, shareable",
)
CGROUP_NAMESPACES = Gate(
    (1, 41),
    "POST /containers/create",
    "a CgroupnsMode that nobody asked for is the daemon's; before, host where the host "
    "has version 1 of control groups",
)
PLATFORM = Gate((1, 41), "POST /containers/create", "?platform= is read")
STOP_SIGNAL = Gate(
    (1, 42), "POST /containers/{id}/stop and /restart", "?signal= is read"
)
CONSOLE_SIZE = Gate(
    (1, 42), "POST /containers/create", "HostConfig.ConsoleSize is kept"
)
KERNEL_MEMORY_GONE = Gate(
    (1, 42),
    "POST /containers/create and /update",
    "HostConfig.KernelMemory is ignored",
)
MULTIPLEXED_TYPE = Gate(
    (1, 42),
    "GET /containers/{id}/logs, POST .../attach, POST /exec/{id}/start",
    "framed output has the content type application/vnd.docker.multiplexed-stream",
)
WAIT_CONDITIONS = Gate(
    (1, 42),
    "POST /containers/{id}/wait",
    "an unknown condition is refused; Error is left out where there is none",
)
ANONYMOUS_ALONE = Gate(
    (1, 42),
    "POST /volumes/prune",
    "only volumes that nobody named, unless the filter all=true asks for more",
)
SHARED_SIZE = Gate((1, 42), "GET /images/json", "?shared-size= is read")
USAGE_TYPES = Gate((1, 42), "GET /system/df", "?type= is read; no BuilderSize")
EMPTY_LISTS = Gate(
    (1, 43),
    "GET /images/json",
    "an image without tags has an empty list, not <none>:<none>",
)
ANNOTATIONS = Gate(
    (1, 43), "POST /containers/create", "HostConfig.Annotations are kept"
)
SEVERAL_ENDPOINTS = Gate(
    (1, 44),
    "POST /containers/create",
    "NetworkingConfig may name several networks",
)
ENDPOINT_MAC = Gate(
    (1, 44),
    "POST /containers/create and /networks/{id}/connect",
    "MacAddress belongs to an endpoint; Config.MacAddress still works, with a warning",
)
DNS_NAMES = Gate(
    (1, 44),
    "GET /containers/{id}/json",
    "DNSNames of each endpoint; MacAddress and DriverOpts stand before the addresses",
)
VIRTUAL_SIZE_GONE = Gate(
    (1, 44), "GET /images/json and /images/{name}/json", "no VirtualSize"
)
SHORT_ID_GONE = Gate(
    (1, 45),
    "GET /containers/{id}/json",
    "Aliases no longer hold the short id and the hostname; DNSNames do",
)
IMAGE_CONTAINER_GONE = Gate(
    (1, 45), "GET /images/{name}/json", "no Container and ContainerConfig"
)
ENABLE_IPV4 = Gate((1, 48), "GET /networks/{id}", "EnableIPv4")
GATEWAY_PRIORITY = Gate(
    (1, 48),
    "GET /containers/{id}/json and POST /networks/{id}/connect",
    "GwPriority of each endpoint",
)
IMAGE_CONFIG_TRIMMED = Gate(
    (1, 50),
    "GET /images/{name}/json",
    "Config without the fields that only containers have (Hostname, Image, Tty, ...)",
)
CONTAINERS_COUNTED = Gate(
    (1, 51), "GET /images/json", "Containers is a number, no longer -1"
)

GATES: tuple[Gate, ...] = (
    MOUNTS,
    PER_NETWORK,
    JSON_ERRORS,
    START_WITHOUT_BODY,
    AUTO_REMOVE,
    PLAIN_INFO,
    LIST_WITHOUT_MEMBERS,
    PRIVATE_IPC,
    CGROUP_NAMESPACES,
    PLATFORM,
    STOP_SIGNAL,
    CONSOLE_SIZE,
    KERNEL_MEMORY_GONE,
    MULTIPLEXED_TYPE,
    WAIT_CONDITIONS,
    ANONYMOUS_ALONE,
    SHARED_SIZE,
    USAGE_TYPES,
    EMPTY_LISTS,
    ANNOTATIONS,
    SEVERAL_ENDPOINTS,
    ENDPOINT_MAC,
    DNS_NAMES,
    VIRTUAL_SIZE_GONE,
    SHORT_ID_GONE,
    IMAGE_CONTAINER_GONE,
    ENABLE_IPV4,
    GATEWAY_PRIORITY,
    IMAGE_CONFIG_TRIMMED,
    CONTAINERS_COUNTED,
)
"""Every change, oldest first."""


def gates_page() -> str:
    """The page of all changes, as Markdown.

    >>> gates_page().splitlines()[0]
    '# What changed at which version of the API'
    """
    lines = [
        "# What changed at which version of the API",
        "",
        (
            "This page is generated from `minidock/views/api_versions.py`; the code "
            "reads the same table. The version is the one in the path (`/v1.44/...`); "
            "a path without one means the engine's newest."
        ),
        "",
        "| from | call | change |",
        "|---|---|---|",
    ]
    for gate in GATES:
        number = ".".join(map(str, gate.version))
        lines.append(f"| {number} | `{gate.where}` | {gate.what} |")
    return "\n".join(lines) + "\n"
