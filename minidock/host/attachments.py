"""Which endpoints have an interface: the links between sandboxes and networks.

```
container ─ sandbox ─ eth0 ══ veth ═══ port ─ bridge ─ network
            └──────── one Attachment ────────┘
container ─ sandbox ─ eth0 ── macvlan, ipvlan ── parent, a card of the host
            └───────────── one Attachment ─────────┘
container ─ sandbox ─ eth0 ══ veth ═══ port ─ br0 in an overlay network's namespace
            └──────── one Attachment ────────────┘
container ─ sandbox ─ eth0 ══ whatever the network's plugin has made
            └─ one Attachment ─┘
```

Invariant: an attachment is an attached endpoint of a network that has a bridge, is an
overlay, or has a parent that still exists (with that a macvlan goes, too), or one to
which a plugin gave an interface; `host` and `none` have endpoints but no interfaces.
"""

from collections.abc import Iterable
from typing import NamedTuple

from minidock.model.container import Container, Endpoint
from minidock.model.network import BridgeSettings, Network
from minidock.model.world import World
from minidock.net.address import V6, Address
from minidock.net.mac import MAC
from minidock.topology.interface import Interface, InterfaceAddress, InterfaceKind

__all__ = [
    "DEFAULT_MTU",
    "Attachment",
    "attachments",
    "loopback",
    "made_from",
    "mtu_of",
    "sandbox_name",
]

DEFAULT_MTU = 1500
_NO_MAC = MAC(0)


class Attachment(NamedTuple):
    """A container's endpoint, and the network it is on."""

    container: Container
    endpoint: Endpoint
    network: Network

    @property
    def bridge(self) -> BridgeSettings | None:
        """The bridge that it is plugged into, unless it hangs on a parent."""
        return self.network.bridge

    @property
    def mac(self) -> MAC:
        """The MAC of the container's end."""
        plugged = self.endpoint.plugged
        return self.endpoint.mac or (plugged.mac if plugged else None) or _NO_MAC

    @property
    def host_mac(self) -> MAC:
        """The MAC of the host's end."""
        return self.endpoint.host_mac or _NO_MAC


def attachments(world: World, containers: Iterable[Container]) -> list[Attachment]:
    """The attachments of these containers, by the index of eth0; O(n log n)."""
    found = []
    for container in containers:
        for endpoint in container.endpoints:
            network = world.networks.get(endpoint.network_id)
            if endpoint.attached and network and _stands(world, endpoint, network):
                found.append(Attachment(container, endpoint, network))
    return sorted(found, key=lambda item: item.endpoint.index)


def _stands(world: World, endpoint: Endpoint, network: Network) -> bool:
    if endpoint.plugged is not None:
        return bool(endpoint.plugged.source)
    if network.parent is not None:
        return world.has_device(network.parent.name)
    return network.bridge is not None or network.overlay is not None


def sandbox_name(container: Container) -> str:
    """What the container's namespace is called: the start of its sandbox's id."""
    return (container.sandbox or container.id)[:12]


def mtu_of(world: World, bridge: BridgeSettings) -> int:
    """The mtu of a network's links; ``dockerd --mtu`` means the default bridge only."""
    fallback = int(world.daemon.mtu or 0) if bridge.default else 0
    return bridge.mtu or fallback or DEFAULT_MTU


def loopback(*, ipv6: bool) -> Interface:
    """The interface lo, which every namespace has; ::1 only where IPv6 is enabled."""
    first = InterfaceAddress(address=Address.parse("127.0.0.1"), length=8)
    second = InterfaceAddress(address=Address(1, V6), length=128)
    return Interface(
        name="lo",
        index=1,
        kind=InterfaceKind.LOOPBACK,
        mtu=65536,
        queue_length=1000,
        addresses=(first, second) if ipv6 else (first,),
    )


def made_from(mac: MAC, *, tentative: bool) -> InterfaceAddress:
    """The link-local address that the kernel makes from an interface's MAC."""
    return InterfaceAddress(address=mac.link_local, length=64, tentative=tentative)
