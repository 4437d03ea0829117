"""What there is to explain about an ending, and the words that several reasons share.

```
 World, fabric, ending ──▶ Case ── whose address?  which network?  who asked? ──▶ Reason
```

Invariant: nothing is decided here; a case only looks things up.
"""

from dataclasses import dataclass
from typing import NamedTuple

from minidock.commands.lookup import find_container
from minidock.errors import InvalidParameter, NotationError, NotFound
from minidock.host.peers import other_hosts
from minidock.model.container import Container
from minidock.model.network import Network, NetworkPool
from minidock.model.world import World
from minidock.net.address import Address
from minidock.packet.conversation import Ending
from minidock.packet.ends import HOST
from minidock.packet.fabric import Fabric
from minidock.packet.packet import Packet

__all__ = [
    "MASQUERADE",
    "Case",
    "Reason",
    "either",
    "join",
    "net_name",
    "publish",
    "routed",
]

_BRIDGE = "com.docker.network.bridge"

MASQUERADE = f"masquerading ({_BRIDGE}.enable_ip_masquerade=true)"


class Reason(NamedTuple):
    """Why, and what would work."""

    why: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What there is to explain."""

    world: World
    fabric: Fabric
    ending: Ending
    source: str
    target: str
    port: int
    protocol: str

    def container(self, address: Address) -> Container | None:
        """The running container that has an address."""
        for container in self.world.containers.values():
            for endpoint in container.endpoints:
                if address in {endpoint.address, endpoint.address6}:
                    return container
        return None

    @property
    def sender(self) -> Container | None:
        """The container that asks; None for the host and the world outside."""
        try:
            return find_container(self.world, self.source)
        except (NotFound, InvalidParameter):
            return None

    @property
    def asked_host(self) -> bool:
        """Whether the host was asked, and not the container that the packet is for."""
        if self.target in {HOST, self.fabric.host.place}:
            return True
        try:
            return self.fabric.host.is_local(Address.parse(self.target))
        except NotationError:
            return False

    def name(self, address: Address) -> str:
        """Whose address it is, in words."""
        found = self.container(address)
        if found is not None:
            return found.name
        for host in other_hosts(self.world):
            for peer in host.peers:
                if peer.address == address:
                    return peer.name
        if self.fabric.host.is_local(address):
            return self.fabric.host.place
        return str(address)

    def network(self, device: str) -> Network | None:
        """The network whose bridge a device is."""
        for network in self.world.networks.values():
            if network.bridge is not None and network.bridge.name == device:
                return network
        return None

    def network_of(self, address: Address) -> Network | None:
        """The network in whose subnet an address lies."""
        for network in self.world.networks.values():
            if _pool_of(network, address) is not None:
                return network
        return None


# --- what would work ------------------------------------------------------------------


def publish(packet: Packet) -> str:
    """The command that leads the host port that was asked to a container."""
    protocol = "" if packet.protocol == "tcp" else f"/{packet.protocol}"
    return f"docker run -p {packet.target_port}:PORT{protocol} ..."


def join(case: Case, network: Network | None) -> str:
    """The command that puts the asking container on a network; "" if it is none."""
    container = case.sender
    if container is None or network is None:
        return ""
    return f"docker network connect {network.name} {container.name}"


def either(*ways: str) -> str:
    """Ways that would work, in words; empty ones are left out."""
    return ", or ".join(way for way in ways if way)


def net_name(network: Network | None) -> str:
    """A network's name, or the word that stands for any."""
    return network.name if network is not None else "NETWORK"


def routed(case: Case, target: Address) -> str:
    """What makes a container's own address one that the world can use."""
    subnet = _subnet(case.network_of(target), target)
    way = f"a route outside to {subnet} through the host"
    wall = case.fabric.host.walls.get(target.family)
    if wall is None or not wall.has("raw", "PREROUTING"):
        return way
    # Since 28 a route alone is no help: what comes for the address is dropped.
    return (
        f"gateway mode routed ({_BRIDGE}.gateway_mode_ipv{target.family}=routed) "
        f"and {way}"
    )


def _subnet(network: Network | None, address: Address) -> str:
    pool = _pool_of(network, address) if network is not None else None
    return str(address if pool is None else pool.subnet)


def _pool_of(network: Network, address: Address) -> NetworkPool | None:
    """The pool of a network that an address lies in; macvlan may have several."""
    pools = network.pools_of(address.family)
    return next((pool for pool in pools if address in pool.subnet), None)
