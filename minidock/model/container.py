"""A container: what was asked, the state it is in, and its endpoints.

```
Container web
├── config, host_config     what was asked, as JSON, for inspect
├── state                   created | running | paused | restarting | exited | dead
└── endpoints               one per network, in the order of connecting
      ├── settings          asked: --ip, --network-alias, --link, --mac-address ...
      └── id, address, mac, gateway, interface, mappings     only while attached
```

Invariants: an endpoint has an id exactly while its container holds a sandbox on that
network; an attached endpoint's addresses are held in its network's pools, its mappings
in the port table; names are unique.

Docker's names: *sandbox* is the container's network namespace, *endpoint* its place on
one network.
"""

from dataclasses import dataclass, field

from minidock.model.document import Document
from minidock.model.health import Health
from minidock.model.plugged import Plugged
from minidock.model.program import Program
from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.ports.mapping import PortMapping

__all__ = [
    "Container",
    "Endpoint",
    "EndpointSettings",
    "HostsLine",
    "LegacyLink",
    "LinkOpening",
    "State",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSettings:
    """What a user asked for on one network (the API's EndpointSettings)."""

    ipam_config: Document | None = None
    """IPv4Address, IPv6Address, LinkLocalIPs; None where nothing was sent."""
    aliases: tuple[str, ...] | None = None
    links: tuple[str, ...] | None = None
    mac: str = ""
    driver_opts: Document | None = None
    gateway_priority: int = 0

    @property
    def ipv4(self) -> str:
        """The IPv4 address asked for, as typed, or ""."""
        return self.ipam_config.text("IPv4Address") if self.ipam_config else ""

    @property
    def ipv6(self) -> str:
        """The IPv6 address asked for, as typed, or ""."""
        return self.ipam_config.text("IPv6Address") if self.ipam_config else ""

    @property
    def link_local(self) -> tuple[str, ...]:
        """The link-local addresses asked for."""
        return self.ipam_config.texts("LinkLocalIPs") if self.ipam_config else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOpening:
    """What a legacy link opens in the firewall when icc is off (both directions)."""

    bridge: str
    parent: Address
    child: Address
    port: int
    protocol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A container's place on one network; ``id`` is "" while it is not attached."""

    network: str
    """The network's name, under which inspect lists it."""
    network_id: str = ""
    settings: EndpointSettings = field(default_factory=EndpointSettings)
    id: str = ""
    address: Address | None = None
    length: int = 0
    gateway: Address | None = None
    address6: Address | None = None
    length6: int = 0
    gateway6: Address | None = None
    mac: MAC | None = None
    interface: str = ""
    index: int = 0
    host_interface: str = ""
    host_index: int = 0
    host_mac: MAC | None = None
    sequence: int = 0
    """When it was attached, on the scale of ``Network.sequence``."""
    mappings: tuple[PortMapping, ...] = ()
    mapped: int = 0
    """When its ports were published, on the scale of ``Network.sequence``."""
    openings: tuple[LinkOpening, ...] = ()
    plugged: Plugged | None = None
    """What a plugin said of it, if the network is a plugin's."""
    leads_out_as: str = ""
    """For the way out of an overlay network, its name ``gateway_`` and the start of the
    sandbox's id; it is on docker_gwbridge, and inspect shows no such network."""

    @property
    def attached(self) -> bool:
        """Whether the container's sandbox has joined the network."""
        return bool(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What `docker inspect` shows as State; times in nanoseconds, 0 for never."""

    status: str = "created"
    pid: int = 0
    exit_code: int = 0
    error: str = ""
    started: int = 0
    finished: int = 0

    @property
    def running(self) -> bool:
        """Whether its processes exist: running or paused."""
        return self.status in {"running", "paused"}

    @property
    def active(self) -> bool:
        """What Docker calls running: one that is about to be restarted is, too."""
        return self.running or self.status == "restarting"

    @property
    def paused(self) -> bool:
        """Whether its processes are frozen."""
        return self.status == "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostsLine:
    """One line of /etc/hosts that Docker added after the fixed ones.

    ``own`` lines name the container itself. They are kept, not derived, since Docker
    deletes them by name: a disconnect removes those of other networks too.
    """

    address: Address
    names: tuple[str, ...]
    own: bool = True
    child: str = ""
    """The linked container's id, for a link's line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyLink:
    """A ``--link`` on the default bridge: the linked container and its alias.

    The child's name is kept beside its id: a link outlives the container it names.
    """

    child: str
    alias: str
    child_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container; see the module's picture."""

    id: str
    name: str
    created: int
    sequence: int
    image: str
    """The image's name as it was asked for."""
    image_id: str
    path: str
    arguments: tuple[str, ...] = ()
    config: Document
    host_config: Document
    hostname: str
    domain: str = ""
    files_of: str = ""
    """The container whose hosts, hostname and resolv.conf it uses; "" for its own."""
    endpoints: tuple[Endpoint, ...] = ()
    links: tuple[LegacyLink, ...] = ()
    state: State = field(default_factory=State)
    sandbox: str = ""
    sandbox_index: int = 0
    """Distinguishes the namespace's ``link-netnsid`` on the host; 0 for none."""
    next_interface: int = 0
    hosts: tuple[HostsLine, ...] = ()
    mounts: tuple[Document, ...] = ()
    logs: tuple[tuple[int, str, str], ...] = ()
    """(nanoseconds, "stdout" or "stderr", text) in the order it was written."""
    program: Program | None = None
    """Its own program while that waits; None: it has ended, or nothing is known of it.
    """
    restart_count: int = 0
    restart_wait: int = 0
    """How long its last restart by itself was put off, nanoseconds; 0: not at all."""
    stopped_by_hand: bool = False
    """Whether somebody stopped or killed it, so that its policy lets it be."""
    health: Health | None = None
    """What its health check found; None where it has none, or never ran."""
    execs: tuple[str, ...] = ()
    """The programs of `docker exec` that run in it, by their exec's id."""
    files: tuple[tuple[str, str | None], ...] = ()
    """(path, text) of what its programs wrote; None for a file that they removed."""

    @property
    def network_mode(self) -> str:
        """HostConfig.NetworkMode as shown; "default" means the bridge."""
        return self.host_config.text("NetworkMode") or "default"

    @property
    def short_id(self) -> str:
        """The first twelve digits of the id."""
        return self.id[:12]

    @property
    def way_out(self) -> Endpoint | None:
        """Its endpoint on docker_gwbridge, by which it leaves overlay networks."""
        return next((e for e in self.endpoints if e.leads_out_as), None)

    @property
    def connections(self) -> tuple[Endpoint, ...]:
        """Its endpoints without the way out, which nobody asked for."""
        return tuple(e for e in self.endpoints if not e.leads_out_as)

    def endpoint_on(self, network: str) -> Endpoint | None:
        """Its endpoint on the network of that name or id, or None."""
        for endpoint in self.endpoints:
            if network in {endpoint.network, endpoint.network_id}:
                return endpoint
        return None
