"""What runs and how it is connected, in neither Docker's nor Kubernetes' words.

Every source (docker run lines, a live engine, saved inspect JSON) is read into an
:class:`Application`, and every mapping reads from it. So two descriptions that mean
the same give the same manifests.

```
 docker run lines ─┐                            ┌─▶ Pods, Deployments, Jobs
 inspect JSON ─────┼─▶ Application ─────────────┼─▶ Services, NetworkPolicies, claims
 minidock Engine ──┘   networks + services      └─▶ report: kept, changed, lost
                             │
                             └─ settings: every input key that was not left at its
                                default, with the word it has here
```

Invariants: everything is frozen; services and networks refer to each other by name;
an input key that differs from its default is in ``settings`` even if nothing here can
hold its value. Docker calls our service a *container* (and Compose a *service*).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

__all__ = [
    "Application",
    "Attachment",
    "Healthcheck",
    "Lifecycle",
    "Link",
    "Mount",
    "MountKind",
    "Network",
    "NetworkMode",
    "Networking",
    "Port",
    "Program",
    "Publication",
    "Resources",
    "Restart",
    "Security",
    "Service",
    "Setting",
    "Variable",
]


class Setting(NamedTuple):
    """An input key that was not left at its default.

    ``attribute`` is the word this model has for it ("" if it has none); a word may
    carry the network it is about after an at sign, as in ``aliases@front``.
    """

    path: str
    attribute: str
    value: str


class Variable(NamedTuple):
    """An environment variable."""

    name: str
    value: str


class Port(NamedTuple):
    """A container port: a number and a protocol in lower case."""

    number: int
    protocol: str = "tcp"

    def __str__(self) -> str:
        return f"{self.number}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class Publication:
    """A container port opened on the host; host port 0 means any.

    >>> str(Publication(Port(80), host_port=8080))
    '8080:80/tcp'
    >>> Publication(Port(80), host_address="127.0.0.1", host_port=1).on_loopback
    True
    """

    port: Port
    host_port: int = 0
    host_address: str = ""

    @property
    def on_loopback(self) -> bool:
        """Whether only the host itself can use it."""
        return self.host_address.startswith("127.") or self.host_address == "::1"

    @property
    def on_every_address(self) -> bool:
        """Whether it is opened on all addresses of the host."""
        return self.host_address in ("", "0.0.0.0", "::")  # noqa: S104  # compares

    def __str__(self) -> str:
        parts = (self.host_address, str(self.host_port or ""), str(self.port))
        return ":".join(part for part in parts if part)


class Link(NamedTuple):
    """Docker's ``--link``: a service reached under another name by one service."""

    target: str
    alias: str


class NetworkMode(StrEnum):
    """Where a service's interfaces come from."""

    NETWORKS = "networks"
    HOST = "host"
    NONE = "none"
    SHARED = "shared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network and the decisions about it that reach beyond its addresses.

    ``default`` marks Docker's own bridge: no names there, and links open ports.
    ``icc`` is Docker's word for whether members may reach each other unasked.
    """

    name: str
    driver: str = "bridge"
    default: bool = False
    internal: bool = False
    icc: bool = True
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A service's place on a network: the names and links it has there."""

    network: str
    aliases: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Networking:
    """Everything of a service that concerns its network namespace."""

    mode: NetworkMode = NetworkMode.NETWORKS
    shares: str = ""
    attachments: tuple[Attachment, ...] = ()
    exposed: tuple[Port, ...] = ()
    published: tuple[Publication, ...] = ()
    hostname: str = ""
    domainname: str = ""
    dns: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    dns_options: tuple[str, ...] = ()
    extra_hosts: tuple[tuple[str, str], ...] = ()

    @property
    def ports(self) -> tuple[Port, ...]:
        """The ports that were declared: exposed or published, each once."""
        published = (publication.port for publication in self.published)
        return tuple(dict.fromkeys((*self.exposed, *published)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Healthcheck:
    """A command that tells whether a service works; times are nanoseconds, 0 unset."""

    command: tuple[str, ...] = ()
    interval: int = 0
    timeout: int = 0
    retries: int = 0
    start_period: int = 0
    start_interval: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is executed; only what differs from the image, None where it does not."""

    image: str = ""
    image_known: bool = True
    platform: str = ""
    pull: str = ""
    command: tuple[str, ...] | None = None
    args: tuple[str, ...] | None = None
    env: tuple[Variable, ...] = ()
    unset: tuple[str, ...] = ()
    working_dir: str = ""
    user: str = ""
    groups: tuple[str, ...] = ()
    tty: bool = False
    stdin: bool = False
    stdin_once: bool = False


class Restart(StrEnum):
    """When a program that ended is started again, in Docker's words."""

    NO = "no"
    ON_FAILURE = "on-failure"
    ALWAYS = "always"
    UNLESS_STOPPED = "unless-stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """From start to end."""

    status: str = "running"
    restart: Restart = Restart.NO
    retries: int = 0
    removed_when_done: bool = False
    stop_timeout: int | None = None
    healthcheck: Healthcheck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Limits and wishes: bytes, thousandths of a CPU; 0 means unset."""

    memory: int = 0
    memory_reservation: int = 0
    cpus: int = 0
    cpu_shares: int = 0
    gpus: int = 0
    shm_size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """What the program may do to the kernel it runs on."""

    privileged: bool = False
    read_only: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    sysctls: tuple[tuple[str, str], ...] = ()
    pid_mode: str = ""
    ipc_mode: str = ""
    uts_mode: str = ""
    userns_mode: str = ""
    runtime: str = ""


class MountKind(StrEnum):
    """Where the content of a mount lives."""

    VOLUME = "volume"
    ANONYMOUS = "anonymous"
    BIND = "bind"
    TMPFS = "tmpfs"
    IMAGE = "image"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """Something put at a path; ``origin`` is the attribute it was asked with."""

    kind: MountKind
    target: str
    origin: str
    source: str = ""
    read_only: bool = False
    size: int = 0
    subpath: str = ""
    propagation: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One program with all that belongs to it."""

    name: str
    program: Program = field(default_factory=Program)
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    networking: Networking = field(default_factory=Networking)
    resources: Resources = field(default_factory=Resources)
    security: Security = field(default_factory=Security)
    mounts: tuple[Mount, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Services and the networks between them.

    >>> web = Service(name="web")
    >>> Application(services=(web,)).service("web") is web
    True
    >>> Application().service("web")
    Traceback (most recent call last):
    ...
    KeyError: 'web'
    """

    services: tuple[Service, ...] = ()
    networks: tuple[Network, ...] = ()

    def service(self, name: str) -> Service:
        """The service of this name; O(services)."""
        for service in self.services:
            if service.name == name:
                return service
        raise KeyError(name)

    def network(self, name: str) -> Network:
        """The network of this name; O(networks)."""
        for network in self.networks:
            if network.name == name:
                return network
        raise KeyError(name)
