"""What runs and how it is connected, in neither Docker's nor Kubernetes' words.

Every source (docker run lines, Compose files, a live engine, saved JSON) is
read into an :class:`Application`, and every mapping reads from it. So two descriptions
that mean the same give the same manifests.

```
 docker run lines ─┐                            ┌─▶ Pods, Deployments, Jobs
 Compose files ────┤                            ├─▶ Services, NetworkPolicies, claims
 inspect JSON ─────┼─▶ Application ─────────────┼─▶ ConfigMaps, Secrets
 minidock Engine ──┘   services + networks      └─▶ report: kept, changed, lost
                       volumes, configs, secrets
                             │
                             └─ settings: every input key that was not left at its
                                default, with the word it has here
```

Invariants: everything is frozen; services and networks refer to each other by name;
an input key that differs from its default is in ``settings`` even if nothing here can
hold its value. Docker calls our service a *container* (and Compose a *service*).
"""

from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

from k8s_bridge.running import (
    Condition,
    Dependency,
    Healthcheck,
    Hook,
    Lifecycle,
    Mode,
    Program,
    Resources,
    Restart,
    Scheduling,
    Security,
    Update,
    Variable,
)
from k8s_bridge.setting import Setting
from k8s_bridge.stored import (
    Content,
    Grant,
    HostFile,
    Mount,
    MountKind,
    Stored,
    Volume,
)

__all__ = [
    "Application",
    "Attachment",
    "Condition",
    "Content",
    "Dependency",
    "Grant",
    "Healthcheck",
    "Hook",
    "HostFile",
    "Lifecycle",
    "Link",
    "Mode",
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
    "Scheduling",
    "Security",
    "Service",
    "Setting",
    "Stored",
    "Update",
    "Variable",
    "Volume",
]


class Port(NamedTuple):
    """A container port: a number and a protocol in lower case."""

    number: int
    protocol: str = "tcp"

    def __str__(self) -> str:
        return f"{self.number}/{self.protocol}"


class Publication(NamedTuple):
    """A container port opened on the host; host port 0 means any.

    ``host_port_end`` is the last of a range of which any one is taken, 0 without a
    range. ``name`` and ``app_protocol`` are Compose's words about the port, ``mode`` is
    "host" where the port must be opened on the node itself.

    >>> str(Publication(Port(80), host_port=8080))
    '8080:80/tcp'
    >>> Publication(Port(80), host_address="127.0.0.1", host_port=1).on_loopback
    True
    """

    port: Port
    host_port: int = 0
    host_address: str = ""
    host_port_end: int = 0
    name: str = ""
    app_protocol: str = ""
    mode: str = ""

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


class Network(NamedTuple):
    """A network and the decisions about it that reach beyond its addresses.

    ``default`` marks Docker's own bridge: no names there, and links open ports.
    ``icc`` is Docker's word for whether members may reach each other unasked.
    ``implicit`` marks a network that nobody asked for (the one that Compose gives every
    project), ``external`` one that others made and keep. The name is the one on the
    host, so that two projects meet on a network that they share.
    """

    name: str
    driver: str = "bridge"
    default: bool = False
    implicit: bool = False
    external: bool = False
    internal: bool = False
    icc: bool = True
    settings: tuple[Setting, ...] = ()


class Attachment(NamedTuple):
    """A service's place on a network: the names and links it has there."""

    network: str
    aliases: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


class Networking(NamedTuple):
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
        """The ports that were declared: exposed or published, each once, in order."""
        published = (publication.port for publication in self.published)
        return tuple(sorted({*self.exposed, *published}))


class Service(NamedTuple):
    """One program with all that belongs to it."""

    name: str
    program: Program = Program()
    lifecycle: Lifecycle = Lifecycle()
    networking: Networking = Networking()
    resources: Resources = Resources()
    security: Security = Security()
    scheduling: Scheduling = Scheduling()
    dependencies: tuple[Dependency, ...] = ()
    mounts: tuple[Mount, ...] = ()
    configs: tuple[Grant, ...] = ()
    secrets: tuple[Grant, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    settings: tuple[Setting, ...] = ()


class Application(NamedTuple):
    """Services and what they share; ``name`` is Compose's project, "" without one.

    >>> web = Service(name="web")
    >>> Application(services=(web,)).service("web") is web
    True
    >>> Application().service("web")
    Traceback (most recent call last):
    ...
    KeyError: 'web'
    """

    name: str = ""
    services: tuple[Service, ...] = ()
    networks: tuple[Network, ...] = ()
    volumes: tuple[Volume, ...] = ()
    configs: tuple[Stored, ...] = ()
    secrets: tuple[Stored, ...] = ()
    settings: tuple[Setting, ...] = ()

    def service(self, name: str) -> Service:
        """The service of this name; O(services)."""
        return _named(self.services, name)

    def network(self, name: str) -> Network:
        """The network of this name; O(networks)."""
        return _named(self.networks, name)

    def volume(self, name: str) -> Volume:
        """The volume of this name; O(volumes)."""
        return _named(self.volumes, name)


class _HasName(Protocol):
    @property
    def name(self) -> str: ...


_Item = TypeVar("_Item", bound=_HasName)


def _named(items: tuple[_Item, ...], name: str) -> _Item:
    for item in items:
        if item.name == name:
            return item
    raise KeyError(name)
