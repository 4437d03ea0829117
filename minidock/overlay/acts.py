"""What must become true in the registry because of a command.

```
World ─ command ─▶ World'        the difference, as acts:

a network was created     TakeNetwork    its subnets, VNIs, entry
a network was removed     GiveNetwork    the same, if nobody is on it
a VNI was needed          TakeVni        at the first join, in a store's cluster
a container joined        TakeEndpoint   its addresses and its entry, under the lease
a container left          GiveEndpoint   the same
a name was given          TakeName       and given back: GiveName
... of who is on one      RenameEndpoint what others call its endpoint
```

Reading the difference costs what changed, not what there is: maps that are shared are
one object. Only a host's own doing makes acts; what it learned from the registry is
there already.

Invariant: an act names everything that it needs, so it can be made again, undone, or
left for later without the World that it came from.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from minidock.model.cluster import Peer
from minidock.model.container import Container, Endpoint
from minidock.model.maps import Map
from minidock.model.network import Network, NetworkPool, OverlaySettings
from minidock.model.world import World
from minidock.net.mac import MAC
from minidock.overlay import keys

__all__ = [
    "Act",
    "GiveEndpoint",
    "GiveName",
    "GiveNetwork",
    "Listening",
    "RenameEndpoint",
    "TakeEndpoint",
    "TakeName",
    "TakeNetwork",
    "TakeVni",
    "acts",
    "kept",
    "listens_on_nothing",
    "peer_of",
    "standing",
]

Listening = Callable[[World, Container], tuple[tuple[str, int], ...]]
"""What a container listens on: (protocol, port)."""


@dataclass(frozen=True, slots=True)
class TakeNetwork:
    """A network of the cluster was created here."""

    network: Network
    last_vni: int = 0
    """The VNI from which a swarm goes on, as the World has it then."""


@dataclass(frozen=True, slots=True)
class GiveNetwork:
    """A network of the cluster was removed here."""

    network: Network


@dataclass(frozen=True, slots=True)
class TakeVni:
    """A network's subnets got VNIs."""

    network: Network
    overlay: OverlaySettings
    last_vni: int = 0


@dataclass(frozen=True, slots=True)
class TakeEndpoint:
    """A container of this host joined a network of the cluster."""

    peer: Peer
    holdings: tuple[tuple[str, str], ...]
    """(pool, address) of each address that it has."""


@dataclass(frozen=True, slots=True)
class GiveEndpoint:
    """A container of this host left a network of the cluster."""

    network_id: str
    endpoint_id: str
    holdings: tuple[tuple[str, str], ...]
    container_id: str


@dataclass(frozen=True, slots=True)
class TakeName:
    """A container of this host was given a name."""

    name: str
    container_id: str


@dataclass(frozen=True, slots=True)
class GiveName:
    """A name is not used here any more."""

    name: str
    container_id: str


@dataclass(frozen=True, slots=True)
class RenameEndpoint:
    """A container of this host has another name, on a network of the cluster, too."""

    peer: Peer
    before: Peer


Act = (
    TakeNetwork | GiveNetwork | TakeVni | TakeEndpoint | GiveEndpoint
    | TakeName | GiveName | RenameEndpoint
)  # fmt: skip

_NO_MEMBERS: Map[str] = Map()


def listens_on_nothing(
    world: World, container: Container
) -> tuple[tuple[str, int], ...]:
    """Tell others nothing of what listens."""
    del world, container
    return ()


def acts(
    before: World, after: World, listening: Listening = listens_on_nothing
) -> list[Act]:
    """What a command means for the registry: what is taken first, then what is given.

    Cost: O(what changed).
    """
    if after.cluster is None or before is after:
        return []
    found = [
        *_networks(before, after),
        *_endpoints(before, after, listening),
        *_names(before, after, listening),
    ]
    gives = (GiveNetwork, GiveEndpoint, GiveName)
    return sorted(found, key=lambda act: isinstance(act, gives))


def _networks(before: World, after: World) -> Iterator[Act]:
    if before.networks is after.networks:
        return
    last = after.cluster.last_vni if after.cluster else 0
    for network_id in after.networks.changed(before.networks):
        old, new = before.networks.get(network_id), after.networks.get(network_id)
        if old is None and new is not None and _is_global(new) and new.made_here:
            yield TakeNetwork(new, last)
        elif new is None and old is not None and _is_global(old):
            yield GiveNetwork(old)
        elif old is not None and new is not None and old.overlay != new.overlay:
            yield TakeVni(new, new.overlay or OverlaySettings(), last)


def _is_global(network: Network) -> bool:
    return network.overlay is not None


def _endpoints(before: World, after: World, listening: Listening) -> Iterator[Act]:
    if before.members is after.members:
        return
    for network_id in after.members.changed(before.members):
        network = after.networks.get(network_id) or before.networks.get(network_id)
        if network is None or not _is_global(network):
            continue
        old = before.members.get(network_id) or _NO_MEMBERS
        new = after.members.get(network_id) or _NO_MEMBERS
        for container_id in new.changed(old):
            gone = old.get(container_id)
            if gone is not None:
                yield _given(before, network, container_id, gone)
            came = new.get(container_id)
            if came is not None:
                yield _taken(after, network, container_id, came, listening)


def _endpoint(world: World, container_id: str, endpoint_id: str) -> Endpoint:
    container = world.containers[container_id]
    return next(e for e in container.endpoints if e.id == endpoint_id)


def _pools(network: Network) -> tuple[NetworkPool, ...]:
    return (*network.pools_of(4), *network.pools_of(6))


def _holdings(network: Network, endpoint: Endpoint) -> tuple[tuple[str, str], ...]:
    return tuple(
        (pool.key, str(address))
        for address in (endpoint.address, endpoint.address6)
        if address is not None
        for pool in _pools(network)
        if address in pool.subnet
    )


def _given(
    world: World, network: Network, container_id: str, endpoint_id: str
) -> GiveEndpoint:
    endpoint = _endpoint(world, container_id, endpoint_id)
    holdings = _holdings(network, endpoint)
    return GiveEndpoint(network.id, endpoint_id, holdings, container_id)


def _taken(
    world: World,
    network: Network,
    container_id: str,
    endpoint_id: str,
    listening: Listening,
) -> TakeEndpoint:
    endpoint = _endpoint(world, container_id, endpoint_id)
    container = world.containers[container_id]
    peer = peer_of(world, container, endpoint, listening(world, container))
    return TakeEndpoint(peer, _holdings(network, endpoint))


def peer_of(
    world: World,
    container: Container,
    endpoint: Endpoint,
    listening: tuple[tuple[str, int], ...] = (),
) -> Peer:
    """What other hosts are told of an endpoint."""
    cluster, address = world.cluster, endpoint.address or endpoint.address6
    if cluster is None or address is None:
        raise ValueError(f"{container.name} has no address that others could know")
    settings = endpoint.settings
    aliases = dict.fromkeys((*(settings.aliases or ()), container.short_id))
    return Peer(
        endpoint_id=endpoint.id,
        network_id=endpoint.network_id,
        container_id=container.id,
        name=container.name,
        advertise=cluster.advertise,
        vtep=cluster.vtep,
        address=address,
        length=endpoint.length or endpoint.length6,
        mac=endpoint.mac or MAC(0),
        aliases=tuple(aliases),
        image=container.image,
        command=(container.path, *container.arguments),
        environment=container.config.texts("Env"),
        listening=listening,
    )


def _names(before: World, after: World, listening: Listening) -> Iterator[Act]:
    if before.names is after.names:
        return
    for name in after.names.changed(before.names):
        if "/" in name:  # an alias of a link, which is its parent's own
            continue
        gone, came = before.names.get(name), after.names.get(name)
        if gone is not None:
            yield GiveName(name, gone)
        if came is not None:
            yield TakeName(name, came)
            yield from _renamed(before, after, came, listening)


def _renamed(
    before: World, after: World, container_id: str, listening: Listening
) -> Iterator[RenameEndpoint]:
    """What others know of a container by its old name."""
    old, both = before.containers.get(container_id), (before, after)
    for endpoint in after.containers[container_id].endpoints if old else ():
        network = after.networks.get(endpoint.network_id)
        if old is None or network is None or not _is_global(network):
            continue
        if all(_is_on(world, network, container_id, endpoint) for world in both):
            taken = _taken(after, network, container_id, endpoint.id, listening)
            yield RenameEndpoint(taken.peer, replace(taken.peer, name=old.name))


def _is_on(
    world: World, network: Network, container_id: str, endpoint: Endpoint
) -> bool:
    members = world.members.get(network.id) or _NO_MEMBERS
    return members.get(container_id) == endpoint.id


def standing(world: World, listening: Listening = listens_on_nothing) -> list[Act]:
    """Everything of this host that stands under its lease; O(World).

    A host whose lease ran out takes it all again: the names first, since who has lost
    its name is not to be on a network under it.
    """
    found: list[Act] = [
        TakeName(name, owner) for name, owner in world.names.items() if "/" not in name
    ]
    for network_id, members in world.members.items():
        network = world.networks.get(network_id)
        if network is None or not _is_global(network):
            continue
        found += (
            _taken(world, network, container_id, endpoint_id, listening)
            for container_id, endpoint_id in members.items()
        )
    return sorted(found, key=lambda act: (isinstance(act, TakeEndpoint), repr(act)))


def kept(world: World, act: Act) -> frozenset[str]:
    """The keys of what the World has of the name or the endpoint of an act; O(log n).

    That need not be what the act is about: who was too late for one network may have
    come, as the same endpoint, onto another one, or to another address.
    """
    if isinstance(act, TakeName | GiveName):
        return frozenset({keys.container(act.name)} if act.name in world.names else ())
    if isinstance(act, TakeEndpoint):
        return frozenset(_kept(world, act.peer.container_id, act.peer.endpoint_id))
    if isinstance(act, GiveEndpoint):
        return frozenset(_kept(world, act.container_id, act.endpoint_id))
    return frozenset()


def _kept(world: World, container_id: str, endpoint_id: str) -> Iterator[str]:
    container = world.containers.get(container_id)
    for endpoint in container.endpoints if container else ():
        network = world.networks.get(endpoint.network_id)
        if endpoint.id != endpoint_id or network is None:
            continue
        if _is_on(world, network, container_id, endpoint):
            yield keys.endpoint(network.id, endpoint_id)
            for pool, address in _holdings(network, endpoint):
                yield keys.address(pool, address)
