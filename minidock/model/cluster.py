"""What one host knows of the cluster: who shares a registry, and what they have there.

```
Cluster ── advertise, vtep, mode     this host: how others reach it, who coordinates
        ├─ reachable, trouble        whether the registry answered last, or why not
        ├─ nodes                     who is there: advertise address to Node
        ├─ space                     the subnets of global networks (GlobalDefault)
        ├─ vnis                      which network each VNI belongs to
        ├─ peers                     endpoints of other hosts, by network
        ├─ held                      addresses that others hold, by pool and address
        ├─ names                     container names that others hold
        ├─ overlays                  the subnets and VNIs of networks, as registered
        ├─ sharers                   which networks have a pool, by the pool's key
        └─ swarm                     what `docker swarm init` decided, if it was asked
```

A *VTEP* (VXLAN tunnel endpoint) is the address at which a host sends and receives the
frames of overlay networks; a *VNI* is the number of 24 bits that says whose frame it is
(RFC 7348).

These are copies of what the registry decided. They change by one command only,
:func:`minidock.commands.cluster.learn`, so a World stays a pure function of what was
asked and what was learned.

Each map follows its own keys of the registry, so it does not matter in which order
news of different keys come: a peer whose network is not known yet waits in ``peers``.

Invariants: the addresses that others hold are held in the pools of the networks that
this host knows, too; a peer never is one of this host's own endpoints.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from minidock.eras import SubnetChoice
from minidock.ipam.defaults import GLOBAL_POOLS
from minidock.ipam.space import Space
from minidock.model.maps import Map
from minidock.model.network import OverlaySettings
from minidock.model.swarm import Swarm
from minidock.net.address import Address
from minidock.net.mac import MAC

__all__ = ["FIRST_VNI", "Cluster", "Coordination", "Node", "Peer"]


class Coordination(StrEnum):
    """Who coordinates the hosts: a key-value store (to 22.06), or swarm's managers."""

    STORE = "store"
    SWARM = "swarm"


FIRST_VNI = {Coordination.STORE: 256, Coordination.SWARM: 4096}
"""Where the numbers of networks begin (moby, ``drivers/overlay`` and ``ovmanager``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A host of the cluster."""

    advertise: str
    """``host:port`` of its engine: ``--cluster-advertise``."""
    hostname: str
    vtep: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """An endpoint of another host on a network that this host knows.

    What it listens on is told, too, so that this host can say who answers there.
    """

    endpoint_id: str
    network_id: str
    container_id: str
    name: str
    """The container's name."""
    advertise: str
    vtep: Address
    address: Address
    length: int
    mac: MAC
    aliases: tuple[str, ...] = ()
    image: str = ""
    """The image, by which another host knows what its programs answer."""
    command: tuple[str, ...] = ()
    """What runs in it, path first."""
    environment: tuple[str, ...] = ()
    listening: tuple[tuple[str, int], ...] = ()
    """(protocol, port) that it listens on at every address."""


_space = partial(Space.create, GLOBAL_POOLS, choice=SubnetChoice.LOWEST_FREE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """This host's knowledge of the cluster; see the module's picture.

    >>> here = Cluster(advertise="192.0.2.2:2376", vtep=Address.parse("192.0.2.2"))
    >>> here.first_vni, here.next_vni
    (256, 256)
    """

    advertise: str
    vtep: Address
    mode: Coordination = Coordination.STORE
    reachable: bool = True
    trouble: str = ""
    """Why the registry did not answer, in its words."""
    nodes: Map[Node] = field(default_factory=Map)
    space: Space = field(default_factory=_space)
    subnet_owners: Map[tuple[str, str]] = field(default_factory=Map)
    """Subnet text to the id and name of its network, for every held global subnet."""
    vnis: Map[str] = field(default_factory=Map)
    """VNI (in decimal) to its owner: ``network id/subnet``."""
    last_vni: int = 0
    """The VNI that was taken last: swarm goes on from it, a store does not."""
    peers: Map[Map[Peer]] = field(default_factory=Map)
    """Network id to other hosts' endpoints there, by their ids."""
    held: Map[Map[str]] = field(default_factory=Map)
    """Pool key to addresses there that others hold: address to endpoint id."""
    names: Map[str] = field(default_factory=Map)
    """Container name to the advertise address of the other host that has it."""
    overlays: Map[OverlaySettings] = field(default_factory=Map)
    """Network id to its subnets and VNIs, be the network known yet or not."""
    sharers: Map[tuple[str, ...]] = field(default_factory=Map)
    """Pool key to the ids of the known networks that have it: one, or for a moment
    more, if a network's successor is heard of before its end."""
    closing: Map[str] = field(default_factory=Map)
    """Ids of the networks that some host is removing; it may yet take that back."""
    balancers: Map[Address] = field(default_factory=Map)
    """In a swarm: network id to the address of this host's load balancer there."""
    joined: Map[str] = field(default_factory=Map)
    """Ids of the networks whose peers and addresses this host follows."""
    door: tuple[str, Address] | None = None
    """Of ingress: the id of docker_gwbridge, and the address that it has there."""
    swarm: Swarm | None = None
    """The swarm that this host is a manager of, if it is one of `docker swarm init`."""

    @property
    def first_vni(self) -> int:
        """The lowest VNI that a network may get."""
        return FIRST_VNI[self.mode]

    @property
    def next_vni(self) -> int:
        """The VNI that the next subnet gets; O(held VNIs) at worst, nearly always O(1).

        A store's bitmap gives the lowest free one, swarm's managers go on behind the
        last (recorded on a real engine: a removed one is not used again soon).
        """
        number = self.first_vni
        if self.mode is Coordination.SWARM and self.last_vni:
            number = self.last_vni + 1
        while str(number) in self.vnis:
            number += 1
        return number

    def owner_of_vni(self, vni: int) -> str:
        """``network id/subnet`` that has it, or ""."""
        return self.vnis.get(str(vni)) or ""

    def peers_on(self, network_id: str) -> tuple[Peer, ...]:
        """The endpoints of other hosts on a network, by address; O(n log n)."""
        found: Map[Peer] = self.peers.get(network_id) or Map()
        return tuple(sorted(found.values(), key=lambda peer: peer.address.value))
