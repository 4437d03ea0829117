"""A Docker network: what was asked for, and the subnet and gateway it was given.

```
Network mynet (bridge)
├── asked:   driver, options, labels, IPAM config, internal, ...   shown by inspect
└── decided: id, created, pools (subnet + gateway), bridge device, its MAC

Network lan (macvlan)
└── decided: instead of a bridge the parent: the host's card whose wire is used

Network far (weave, a plugin)
└── decided: elsewhere; known here are its subnets, which it was told

Network ov (overlay)
└── decided: the VNI of each subnet; the cluster holds them (``World.cluster``)
```

Invariants: ids are unique; only a network with a parent, overlay or plugin may have
more than one pool per family; a network has a bridge, a parent, an overlay, a plugin,
or none; a bridge network that is up has a pool whose gateway is held in the pool's
ledger (``World.pools``); so has every overlay network that this host knows.

Docker calls the kinds of network *drivers*; ``none`` is driver ``null``.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from minidock.model.document import Document
from minidock.model.plugged import PluggedNetwork
from minidock.net.address import V4, Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.topology.interface import InterfaceKind

__all__ = [
    "BridgeSettings",
    "DefaultRoute",
    "IpamConfig",
    "MadeLink",
    "Network",
    "NetworkPool",
    "OverlaySettings",
    "OverlaySubnet",
    "ParentLink",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class IpamConfig:
    """One entry of IPAM.Config as it is shown: Docker keeps the texts as typed."""

    subnet: str = ""
    ip_range: str = ""
    gateway: str = ""
    aux_addresses: Document = field(default_factory=Document)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPool:
    """What IPAM gave a network for one family: a subnet and the gateway in it.

    ``automatic`` pools came from the default list; ``router`` is the default route of
    the containers where it is not the bridge itself (``DefaultGatewayIPv4``).
    """

    subnet: Prefix
    ip_range: Prefix | None = None
    gateway: Address | None = None
    automatic: bool = False
    aux: tuple[tuple[str, Address], ...] = ()
    router: Address | None = None
    space: str = ""
    """The address space: "" for the host's own, ``GlobalDefault`` for the cluster's."""
    plugin: str = ""
    """The IPAM plugin whose subnet this is; "" if it is minidock's own."""
    pool_id: str = ""
    """What that plugin calls it."""

    @property
    def key(self) -> str:
        """The name of its ledger in ``World.pools``; ranges of a subnet share one."""
        if self.plugin:
            return f"{self.plugin}:{self.pool_id}"
        return f"{self.space}/{self.subnet}" if self.space else str(self.subnet)


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeSettings:
    """The options of a bridge network, read and checked.

    Docker's names: ``com.docker.network.bridge.name``, ``.enable_icc``,
    ``.enable_ip_masquerade``, ``.host_binding_ipv4``, ``.inhibit_ipv4``,
    ``.gateway_mode_ipv4/6`` and ``com.docker.network.driver.mtu``.
    """

    name: str
    mac: MAC
    index: int
    default: bool = False
    icc: bool = True
    masquerade: bool = True
    host_binding: str = ""
    mtu: int = 0
    """0 stands for the default, 1500; a bridge takes its mtu with its first port."""
    inhibit_ipv4: bool = False
    interface_prefix: str = "eth"
    gateway_mode_ipv4: str = "nat"
    gateway_mode_ipv6: str = "nat"
    trusted_interfaces: tuple[str, ...] = ()
    host_ipv4: str = ""
    host_ipv6: str = ""
    had_ports: bool = False
    """Whether a container was ever attached: only then the bridge came up."""


class DefaultRoute(StrEnum):
    """How containers of a macvlan or ipvlan network leave their subnet."""

    GATEWAY = "gateway"  # by the subnet's gateway, which is a router on the wire
    LINK = "link"  # all addresses are on the link: ipvlan's l3 modes
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeLink:
    """An interface that Docker made on the host so that a network has a parent.

    With a ``tag`` it is a VLAN (802.1Q) on the interface ``below``, whose MAC it has;
    without one it is a dummy with a MAC of its own. It goes with the last network that
    uses it.
    """

    index: int
    mac: MAC | None = None
    tag: int = 0
    below: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentLink:
    """On which interface of the host a macvlan or ipvlan network's containers hang.

    Docker's names: the options ``parent``, ``macvlan_mode``, ``ipvlan_mode`` and
    ``ipvlan_flag``.
    """

    name: str
    kind: InterfaceKind
    """The kind of the containers' interfaces: macvlan or ipvlan."""
    mode: str
    flag: str = ""
    default_route: DefaultRoute = DefaultRoute.GATEWAY
    made: MadeLink | None = None


class OverlaySubnet(NamedTuple):
    """One subnet of an overlay network and the VNI of its frames; 0: none taken yet.

    Odd on purpose: hosts that share a store take a VNI when the first container joins.
    """

    subnet: Prefix
    gateway: Address
    vni: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlaySettings:
    """The options of an overlay network, read and checked, and its VNIs.

    Docker's names: the options ``com.docker.network.driver.overlay.vxlanid_list``,
    ``com.docker.network.driver.mtu`` and ``encrypted``.
    """

    subnets: tuple[OverlaySubnet, ...] = ()
    encrypted: bool = False
    mtu: int = 0
    """0 stands for the default: 1450, or 1424 if it is encrypted."""
    data_port: int = 4789
    """The UDP port of VXLAN (RFC 7348)."""

    @property
    def link_mtu(self) -> int:
        """The mtu of its links: what 50 octets of headers leave of 1500, or fewer.

        >>> OverlaySettings().link_mtu, OverlaySettings(encrypted=True).link_mtu
        (1450, 1424)
        """
        return self.mtu or (1424 if self.encrypted else 1450)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One network; see the module's picture.

    ``sequence`` counts networks and attachments in the order in which Docker programmed
    them: iptables shows newer networks above older ones.
    """

    id: str
    name: str
    driver: str
    created: int
    sequence: int
    scope: str = "local"
    enable_ipv4: bool = True
    enable_ipv6: bool = False
    internal: bool = False
    attachable: bool = False
    ingress: bool = False
    config_only: bool = False
    config_from: str = ""
    options: Document = field(default_factory=Document)
    labels: Document = field(default_factory=Document)
    ipam_driver: str = "default"
    ipam_options: Document | None = None
    ipam_config: tuple[IpamConfig, ...] = ()
    pool: NetworkPool | None = None
    pool6: NetworkPool | None = None
    more_pools: tuple[NetworkPool, ...] = ()
    """The second and further subnets of a family, in the order of asking."""
    bridge: BridgeSettings | None = None
    parent: ParentLink | None = None
    overlay: OverlaySettings | None = None
    plugged: PluggedNetwork | None = None
    """Set if a plugin has the network, whose name is ``driver``."""
    made_here: bool = True
    """Whether this host created it; others learned of it from the registry."""

    @property
    def interface_prefix(self) -> str:
        """How its interfaces in containers begin: eth; "" if it makes none.

        A plugin says it of each endpoint: see ``Plugged.prefix``.
        """
        if self.bridge is not None:
            return self.bridge.interface_prefix
        stands = (self.parent, self.overlay, self.plugged)
        return "eth" if any(item is not None for item in stands) else ""

    def pools_of(self, family: int) -> tuple[NetworkPool, ...]:
        """Its pools of one family, in the order in which addresses are sought."""
        first = self.pool if family == V4 else self.pool6
        more = (pool for pool in self.more_pools if pool.subnet.family == family)
        return () if first is None else (first, *more)

    @property
    def predefined(self) -> bool:
        """Whether it is one of bridge, host and none, which cannot be removed."""
        return self.name in {"bridge", "host", "none"}

    @property
    def is_default_bridge(self) -> bool:
        """Whether it is the network ``bridge``, which has no names but has links."""
        return self.bridge is not None and self.bridge.default
