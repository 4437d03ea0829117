"""The other hosts of a cluster, as this host knows them: machines read off the peers.

```
 World.cluster.peers                          Machine of the host 192.0.2.3
 db  on ov at 10.0.0.3, VTEP 192.0.2.3  ─▶    eth0 192.0.2.3
 api on ov at 10.0.0.4, VTEP 192.0.2.3  ─▶    1-4f5e6d7c8b: br0, vxlan0, veth0, veth1
                                              sandboxes of db and api, their sockets
```

What another host has beside these endpoints is not known here: its own networks, its
rules, its containers on networks that this host has not. A packet of an overlay network
meets none of them, but for rules about VXLAN itself.

A host with this host's own VTEP is another engine on the same computer: its machine has
that address on ``lo`` and no card, as the two share one.

Invariants: hosts are told apart by their advertise address; their names are unique;
every peer of a network that this host knows has an interface in one sandbox.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from minidock.host.attachments import loopback
from minidock.host.listening import listening
from minidock.host.opening import is_entrypoint
from minidock.host.overlays import (
    Plug,
    overlay_name,
    overlay_namespace,
    subnet_routes,
)
from minidock.model.cluster import Cluster, Peer
from minidock.model.container import Container, Endpoint, State
from minidock.model.document import Document
from minidock.model.network import Network
from minidock.model.world import World
from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.topology.interface import Interface, InterfaceAddress, InterfaceKind
from minidock.topology.machine import Machine
from minidock.topology.namespace import Namespace, Route, Socket

__all__ = ["OtherHost", "container_of", "other_hosts", "peer_named", "peers_here"]

_USUAL_LENGTH = 24
_ANY = Prefix(0, 0)
_CARD_MAC = 0x02_00_00_00_00_00


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherHost:
    """Another host, as far as it is known here."""

    name: str
    advertise: str
    vtep: Address
    machine: Machine
    peers: tuple[Peer, ...]


def other_hosts(world: World) -> tuple[OtherHost, ...]:
    """The hosts of all peers, by their advertise address; O(peers log peers).

    >>> from minidock.engine import Engine
    >>> other_hosts(Engine().world)
    ()
    """
    cluster = world.cluster
    if cluster is None:
        return ()
    found: defaultdict[str, list[Peer]] = defaultdict(list)
    for network in world.networks.values():
        if network.overlay is not None:
            for peer in cluster.peers_on(network.id):
                found[peer.advertise].append(peer)
    names = _names(world, cluster, found)
    return tuple(
        OtherHost(
            name=names[advertise],
            advertise=advertise,
            vtep=peers[0].vtep,
            machine=_machine(world, cluster, peers),
            peers=tuple(peers),
        )
        for advertise, peers in sorted(found.items())
    )


def _names(
    world: World, cluster: Cluster, found: dict[str, list[Peer]]
) -> dict[str, str]:
    """Hostnames where they tell hosts apart, else with the VTEP or the address."""
    own = {key: _hostname(cluster, key) for key in found}
    vteps = Counter(peers[0].vtep for peers in found.values())
    times = Counter([world.host.hostname, *own.values()])
    names = {}
    for key, name in own.items():
        vtep = found[key][0].vtep
        alone = vteps[vtep] == 1 and vtep != cluster.vtep
        more = f" {vtep}" if alone else f" {key}"
        names[key] = name + more * (times[name] > 1)
    return names


def _hostname(cluster: Cluster, advertise: str) -> str:
    node = cluster.nodes.get(advertise)
    return node.hostname if node is not None else advertise.rpartition(":")[0]


def peer_named(world: World, name: str) -> tuple[Peer, ...]:
    """The endpoints of another host's container, by its name or the start of its id."""
    cluster = world.cluster
    if cluster is None or not name:
        return ()
    known = [peer for network in world.networks.values() if network.overlay is not None
             for peer in cluster.peers_on(network.id)]  # fmt: skip
    named = tuple(peer for peer in known if peer.name == name)
    found = [peer for peer in known if peer.container_id.startswith(name)]
    alone = len({peer.container_id for peer in found}) == 1
    return named or (tuple(found) if alone else ())


def peers_here(world: World, network: Network) -> Iterator[Peer]:
    """This host's own endpoints on an overlay network, as other hosts know them."""
    cluster = world.cluster
    for container in world.containers_in_order():
        endpoint = container.endpoint_on(network.id)
        if cluster is None or endpoint is None or not container.state.running:
            continue
        if endpoint.address is not None and endpoint.mac is not None:
            yield Peer(
                endpoint_id=endpoint.id,
                network_id=network.id,
                container_id=container.id,
                name=container.name,
                advertise=cluster.advertise,
                vtep=cluster.vtep,
                address=endpoint.address,
                length=endpoint.length,
                mac=endpoint.mac,
            )


# --- a host's machine -----------------------------------------------------------------


def _machine(world: World, cluster: Cluster, peers: list[Peer]) -> Machine:
    numbers = count(10, 2)
    indices = {peer.endpoint_id: next(numbers) for peer in peers}
    networks = {peer.network_id: world.networks[peer.network_id] for peer in peers}
    containers: defaultdict[str, list[Peer]] = defaultdict(list)
    for peer in peers:
        containers[peer.container_id].append(peer)
    vtep, advertise = peers[0].vtep, peers[0].advertise
    return Machine(
        host=_host(world, cluster, vtep),
        sandboxes=tuple(
            _sandbox(world, own, networks, indices) for own in containers.values()
        ),
        overlays=tuple(
            overlay_namespace(
                network,
                [
                    _plug(peer, indices[peer.endpoint_id])
                    for peer in peers
                    if peer.network_id == network.id
                ],
                [
                    *peers_here(world, network),
                    *(
                        peer
                        for peer in cluster.peers_on(network.id)
                        if peer.advertise != advertise
                    ),
                ],
                vtep,
                advertise,
            )
            for network in networks.values()
        ),
    )


def _plug(peer: Peer, index: int) -> Plug:
    mac = MAC(_CARD_MAC | peer.mac.value & 0xFFFFFFFF)
    return Plug(peer.address, index + 1, mac, index, peer.container_id[:12])


def _sandbox(
    world: World,
    peers: list[Peer],
    networks: dict[str, Network],
    indices: dict[str, int],
) -> Namespace:
    devices = [loopback(ipv6=False)]
    routes: list[Route] = []
    for number, peer in enumerate(peers):
        network, name = networks[peer.network_id], f"eth{number}"
        given = InterfaceAddress.with_broadcast(peer.address, peer.length)
        devices.append(
            Interface(
                name=name,
                index=indices[peer.endpoint_id],
                kind=InterfaceKind.VETH,
                mac=peer.mac,
                mtu=network.overlay.link_mtu if network.overlay else 1450,
                addresses=(given,),
                peer_index=indices[peer.endpoint_id] + 1,
                peer_namespace=overlay_name(network),
            )
        )
        subnet = Prefix.of(peer.address, peer.length)
        routes.append(
            Route(destination=subnet, device=name, source=peer.address, kernel=True)
        )
        routes += subnet_routes(network, peer.address, name)
    return Namespace(
        name=peers[0].container_id[:12],
        owner=peers[0].name,
        interfaces=tuple(devices),
        routes=tuple(routes),
        sysctls=(("net.ipv4.ip_forward", "0"),),
        sockets=tuple(_sockets(world, peers)),
    )


def _host(world: World, cluster: Cluster, vtep: Address) -> Namespace:
    """The other host's own stack: lo, and a card on our wire or behind a router."""
    lo = loopback(ipv6=False)
    forwards = ("net.ipv4.ip_forward", "1")
    if vtep == cluster.vtep or vtep.is_loopback:
        own = InterfaceAddress(address=vtep, length=vtep.bits)
        shared = () if vtep.is_loopback else (own,)
        lo = Interface(
            name="lo",
            index=1,
            kind=InterfaceKind.LOOPBACK,
            mtu=lo.mtu,
            addresses=(*lo.addresses, *shared),
        )
        return Namespace(name="", interfaces=(lo,), sysctls=(forwards,))
    length, router = _underlay(world, vtep)
    subnet = Prefix.of(vtep, length)
    card = Interface(
        name="eth0",
        index=2,
        kind=InterfaceKind.PHYSICAL,
        mac=MAC(_CARD_MAC | vtep.value & 0xFFFFFFFF),
        addresses=(InterfaceAddress.with_broadcast(vtep, length),),
    )
    return Namespace(
        name="",
        interfaces=(lo, card),
        routes=(
            Route(destination=_ANY, device="eth0", gateway=router),
            Route(destination=subnet, device="eth0", source=vtep, kernel=True),
        ),
        sysctls=(forwards,),
    )


def _underlay(world: World, vtep: Address) -> tuple[int, Address]:
    """The length of the subnet that a VTEP is in, and the router there."""
    for card in world.host.interfaces:
        for address, length in card.addresses:
            if address.family == vtep.family and vtep in Prefix.of(address, length):
                for route in world.host.routes:
                    if route.gateway is not None and route.device == card.name:
                        return length, route.gateway
                return length, _first_but(vtep, length)
    return _USUAL_LENGTH, _first_but(vtep, _USUAL_LENGTH)


def _first_but(vtep: Address, length: int) -> Address:
    """The address that a router would have: the subnet's first, or the second."""
    first = Prefix.of(vtep, length).network + 1
    return Address(first + (first == vtep.value), vtep.family)


# --- what runs there ------------------------------------------------------------------


def container_of(world: World, peers: Iterable[Peer]) -> Container:
    """A peer as a container, so that its programs can be asked as those here are.

    Its image is looked up here: whoever does not have it knows only the ports.
    """
    own = tuple(peers)
    first = own[0]
    image_id = world.references.get(_reference(first.image), "")
    image = world.images.get(image_id)
    path, *arguments = first.command or ("",)
    return Container(
        id=first.container_id,
        name=first.name,
        created=0,
        sequence=0,
        image=first.image,
        image_id=image_id,
        path=path,
        arguments=tuple(arguments),
        config=image.config if image is not None else Document(),
        host_config=Document(),
        hostname=first.container_id[:12],
        state=State(status="running"),
        endpoints=tuple(
            Endpoint(
                network=_network_name(world, peer),
                network_id=peer.network_id,
                id=peer.endpoint_id,
                address=peer.address,
                length=peer.length,
                mac=peer.mac,
            )
            for peer in own
        ),
    )


def _network_name(world: World, peer: Peer) -> str:
    network = world.networks.get(peer.network_id)
    return network.name if network is not None else peer.network_id


def _reference(image: str) -> str:
    return image if ":" in image.rpartition("/")[2] else f"{image}:latest"


def _sockets(world: World, peers: list[Peer]) -> Iterator[Socket]:
    """What it listens on, as it said; whose socket it is, as far as that is known."""
    known = {
        (socket.protocol, socket.port): socket
        for socket in listening(world, container_of(world, peers))
        if socket.address is None or socket.address.is_unspecified
    }
    words = list(peers[0].command)
    if len(words) > 1 and is_entrypoint(words[0]):
        del words[0]
    program = words[0].rpartition("/")[2] if words else ""
    for protocol, port in peers[0].listening:
        socket = known.get((protocol, port))
        yield Socket(protocol, port, None, socket.owner if socket else program)
