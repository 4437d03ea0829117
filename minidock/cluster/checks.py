"""Is a cluster in order? What promise 4 says, each part with a sentence of its own.

```
                   at any moment                      at rest: all is told, no command
registry alone     subnets, VNIs, addresses and       nothing is held by what is not
                   names have one holder each         there, or by a host that is dead
hosts together     what two hosts hold is not the
                   same (both with a running lease)
one host                                              its World says what the registry
                                                      says; its own things are there
at the end                                            all is removed: nothing is left
```

These are written against the entries, not with the code that makes them, so that a
fault is not on both sides. Each gives sentences; none is a cluster in order.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import pairwise

from minidock.model.cluster import Cluster, Node, Peer
from minidock.model.container import Endpoint
from minidock.model.maps import Map
from minidock.model.network import Network, OverlaySettings
from minidock.model.world import World
from minidock.net.prefix import Prefix
from minidock.overlay import keys
from minidock.overlay.keys import Kind
from minidock.overlay.records import (
    Holding,
    load_holder,
    load_holdings,
    load_network,
    load_node,
    load_overlay,
    load_peer,
)
from minidock.registry.store import Listing

__all__ = ["Registry", "at_any_moment", "at_rest", "left_over", "together", "told"]


@dataclass(slots=True)
class Registry:
    """Everything that a store says of a cluster, read at one moment."""

    nodes: dict[str, Node] = field(default_factory=dict)
    networks: dict[str, Network] = field(default_factory=dict)
    overlays: dict[str, OverlaySettings] = field(default_factory=dict)
    subnets: Mapping[str, Holding] = field(default_factory=dict)
    vnis: Mapping[str, Holding] = field(default_factory=dict)
    endpoints: dict[str, Peer] = field(default_factory=dict)
    addresses: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """(pool, address) to (endpoint id, node)."""
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Container name to (container id, node)."""

    @classmethod
    def read(cls, listing: Listing) -> "Registry":
        """The entries of a store, read; O(n)."""
        found = cls()
        for key, entry in listing.entries:
            found._add(key, entry.value)
        return found

    def _add(self, key: str, text: str) -> None:
        kind, first, second = keys.read(key)
        match kind:
            case Kind.NODE:
                self.nodes[first] = load_node(key, first, text)[0]
            case Kind.NETWORK:
                network = load_network(key, text)
                if network is not None:
                    self.networks[first] = network
            case Kind.OVERLAY:
                self.overlays[first] = load_overlay(key, text)
            case Kind.SUBNETS:
                self.subnets = load_holdings(key, text).held
            case Kind.VNIS:
                self.vnis = load_holdings(key, text).held
            case Kind.ENDPOINT:
                self.endpoints[second] = load_peer(key, first, text)
            case Kind.ADDRESS:
                self.addresses[first, second] = load_holder(key, text)
            case Kind.CONTAINER:
                self.names[first] = load_holder(key, text)
            case Kind.OTHER:
                pass  # not ours


# --- the registry alone ---------------------------------------------------------------


def _twice(things: Iterable[object]) -> Iterator[object]:
    return (thing for thing, count in Counter(things).items() if count > 1)


def _subnets(network: Network) -> list[str]:
    return [str(p.subnet) for p in (*network.pools_of(4), *network.pools_of(6))]


def at_any_moment(registry: Registry) -> Iterator[str]:
    """What must be true of the registry even in the middle of commands; O(n log n)."""
    held = sorted(map(Prefix.parse, registry.subnets), key=_first_to_last)
    for one, other in pairwise(held):
        if one.overlaps(other):
            yield f"the subnets {one} and {other} overlap"
    numbers = [s.vni for o in registry.overlays.values() for s in o.subnets if s.vni]
    for vni in _twice(numbers):
        yield f"VNI {vni} belongs to two networks"
    for place in _twice((e.network_id, e.address) for e in registry.endpoints.values()):
        yield f"two endpoints have one address: {place}"
    for place in _twice((e.network_id, e.mac) for e in registry.endpoints.values()):
        yield f"two endpoints have one MAC: {place}"
    for name in _twice(network.name for network in registry.networks.values()):
        yield f"two networks are called {name}"
    containers = {(e.name, e.container_id) for e in registry.endpoints.values()}
    for name in _twice(name for name, _ in containers):
        yield f"two containers are called {name}"


def _first_to_last(prefix: Prefix) -> tuple[int, int, int]:
    return prefix.family, prefix.network, prefix.length


def at_rest(registry: Registry) -> Iterator[str]:
    """What must be true of it when no command is under way, and no debt is open."""
    yield from _cluster_things(registry)
    yield from _host_things(registry)


def _cluster_things(registry: Registry) -> Iterator[str]:
    networks, overlays = registry.networks, registry.overlays
    for subnet, holding in registry.subnets.items():
        if holding.owner not in networks:
            yield f"subnet {subnet} is held by a network that is not there"
    for vni, holding in registry.vnis.items():
        owner, _, subnet = holding.owner.partition("/")
        settings = overlays.get(owner)
        if settings is None or owner not in networks:
            yield f"VNI {vni} is held by a network that is not there"
        elif not any(
            (s.vni, str(s.subnet)) == (int(vni), subnet) for s in settings.subnets
        ):
            yield f"VNI {vni} is held for {subnet}, which does not have it"
    for network_id, network in networks.items():
        if network_id not in overlays:
            yield f"network {network.name} has no overlay entry"
        for subnet in _subnets(network):
            taken = registry.subnets.get(subnet)
            if taken is None or taken.owner != network_id:
                yield f"network {network.name} does not hold its subnet {subnet}"
    for network_id, settings in overlays.items():
        if network_id not in networks:
            yield f"the overlay entry {network_id[:12]} has no network"
        for item in settings.subnets:
            numbered = registry.vnis.get(str(item.vni))
            wanted = f"{network_id}/{item.subnet}"
            if item.vni and (numbered is None or numbered.owner != wanted):
                yield f"network {network_id[:12]} does not hold its VNI {item.vni}"


def _host_things(registry: Registry) -> Iterator[str]:
    endpoints, nodes = registry.endpoints, registry.nodes
    for (pool, address), (owner, node) in registry.addresses.items():
        endpoint = endpoints.get(owner)
        if endpoint is None:
            yield f"address {address} is held by an endpoint that is not there"
        elif str(endpoint.address) != address and endpoint.address.family == 4:
            yield f"address {address} is held by {endpoint.name}, which has another one"
        if node not in nodes:
            yield f"address {address} of {pool} is held by {node}, which is dead"
    for endpoint in endpoints.values():
        if endpoint.advertise not in nodes:
            yield f"endpoint {endpoint.name} is on {endpoint.advertise}, which is dead"
        if endpoint.network_id not in registry.networks:
            yield f"endpoint {endpoint.name} is on a network that is not there"
        elif not _holds(registry, endpoint):
            yield f"endpoint {endpoint.name} does not hold its {endpoint.address}"
        named = registry.names.get(endpoint.name)
        if named is None or named[0] != endpoint.container_id:
            yield f"the container of endpoint {endpoint.name} does not hold its name"
    for name, (_, node) in registry.names.items():
        if node not in nodes:
            yield f"the name {name} is held by {node}, which is dead"


def _holds(registry: Registry, endpoint: Peer) -> bool:
    pools = registry.networks[endpoint.network_id].pools_of(endpoint.address.family)
    holders = (
        registry.addresses.get((pool.key, str(endpoint.address))) for pool in pools
    )
    return any(holder and holder[0] == endpoint.endpoint_id for holder in holders)


def left_over(registry: Registry) -> Iterator[str]:
    """What is still there after everything was removed; hosts may be."""
    for what, there in (
        ("network", registry.networks),
        ("overlay entry", registry.overlays),
        ("subnet", registry.subnets),
        ("VNI", registry.vnis),
        ("endpoint", registry.endpoints),
        ("address", registry.addresses),
        ("name", registry.names),
    ):
        for item in there:
            yield f"a {what} is left: {item}"


# --- hosts ----------------------------------------------------------------------------


def _own(world: World) -> Iterator[tuple[Network, str, Endpoint]]:
    """A host's own endpoints on networks of the cluster, with the containers' names."""
    for network_id, members in world.members.items():
        network = world.networks.get(network_id)
        if network is None or network.overlay is None:
            continue
        for container_id, endpoint_id in members.items():
            container = world.containers[container_id]
            for endpoint in container.endpoints:
                if endpoint.id == endpoint_id:
                    yield network, container.name, endpoint


def together(worlds: Mapping[str, World]) -> Iterator[str]:
    """What hosts hold, compared; each of them rightly believes that its lease runs.

    Args:
        worlds: by the hosts' names; none is in the middle of a command.
    """
    holders: dict[tuple[str, object], list[str]] = defaultdict(list)
    for host, world in worlds.items():
        for network, _, endpoint in _own(world):
            for address in (endpoint.address, endpoint.address6):
                if address is not None:
                    holders[network.id, address].append(host)
        for name in _own_names(world):
            holders["the container name", name].append(host)
    for (what, thing), hosts in holders.items():
        if len(hosts) > 1:
            yield f"{what[:18]} {thing} is held on {' and '.join(hosts)}"


def told(host: str, world: World, registry: Registry) -> Iterator[str]:
    """What differs between a host's World and the registry when all is told."""
    cluster = world.cluster
    if cluster is None:
        yield f"{host} is in no cluster"
        return
    for network in {network.id: network for network, _, _ in _own(world)}.values():
        if network.id not in cluster.joined:
            yield f"{host} is on {network.name}, and does not follow it"
    for what, here, there in _views(cluster, world, registry):
        if here != there:
            more, less = sorted(here - there, key=str), sorted(there - here, key=str)
            yield f"{host} knows other {what}: too many {more}, too few {less}"
    for network, name, endpoint in _own(world):
        entry = registry.endpoints.get(endpoint.id)
        if entry is None:
            yield f"{host} has {name} on {network.name}, which the registry lacks"
        elif entry.address not in {endpoint.address, endpoint.address6}:
            yield f"{host} has {name} at {endpoint.address}, not {entry.address}"
        elif entry.name != name:
            yield f"{host} has {name}, which the registry calls {entry.name}"
    mine = {e.id for _, _, e in _own(world)}
    for entry in registry.endpoints.values():
        if entry.advertise == cluster.advertise and entry.endpoint_id not in mine:
            yield f"the registry has {entry.name} on {host}, which lacks it"
    yield from _names(host, world, cluster, registry)


def _own_names(world: World) -> dict[str, str]:
    """The names that a host believes to hold, with their containers.

    While it does not reach the store it knows that a name may be another's; and one
    that it lost stays with its container, which the host knows, too.
    """
    cluster = world.cluster
    if cluster is None or not cluster.reachable:
        return {}
    return {
        name: owner
        for name, owner in world.names.items()
        if "/" not in name and name not in cluster.names
    }


def _names(
    host: str, world: World, cluster: Cluster, registry: Registry
) -> Iterator[str]:
    own = _own_names(world)
    for name, owner in own.items():
        if registry.names.get(name) != (owner, cluster.advertise):
            yield f"{host} has a container {name}, whose name it does not hold"
    for name, (_, node) in registry.names.items():
        if node == cluster.advertise and name not in own:
            yield f"{host} holds the name {name}, and has no such container"


Facts = AbstractSet[object]


def _views(
    cluster: Cluster, world: World, registry: Registry
) -> Iterator[tuple[str, Facts, Facts]]:
    """(what, as the host knows it, as the registry says it)."""
    yield "hosts", {(n,) for n in cluster.nodes}, {(n,) for n in registry.nodes}
    here = {
        (n.id, n.name, *_subnets(n), *map(str, _vnis(n.overlay)))
        for n in world.networks.values()
        if n.overlay is not None
    }
    there = {
        (n.id, n.name, *_subnets(n), *map(str, _vnis(registry.overlays.get(n.id))))
        for n in registry.networks.values()
    }
    yield "networks", here, there
    owners = {(subnet, owner[0]) for subnet, owner in cluster.subnet_owners.items()}
    yield "subnets", owners, {(s, h.owner) for s, h in registry.subnets.items()}
    yield (
        "VNIs",
        set(cluster.vnis.items()),
        {(vni, h.owner) for vni, h in registry.vnis.items()},
    )
    followed = set(cluster.joined)
    peers = {
        (n, p.endpoint_id, p.name, str(p.address), str(p.vtep))
        for n, there_ in cluster.peers.items()
        for p in there_.values()
    }
    others = {
        (e.network_id, e.endpoint_id, e.name, str(e.address), str(e.vtep))
        for e in registry.endpoints.values()
        if e.network_id in followed and e.advertise != cluster.advertise
    }
    yield "peers", peers, others
    yield "held addresses", *_addresses(cluster, world, registry, followed)


def _addresses(
    cluster: Cluster, world: World, registry: Registry, followed: set[str]
) -> tuple[Facts, Facts]:
    nothing: Map[str] = Map()
    pools = {
        pool.key
        for network_id in followed
        if network_id in world.networks
        for pool in world.networks[network_id].pools_of(4)
    }
    here = {
        (pool, address, owner)
        for pool in pools
        for address, owner in (cluster.held.get(pool) or nothing).items()
    }
    there = {
        (pool, address, owner)
        for (pool, address), (owner, node) in registry.addresses.items()
        if pool in pools and node != cluster.advertise
    }
    return here, there


def _vnis(settings: OverlaySettings | None) -> list[int]:
    return [] if settings is None else [item.vni for item in settings.subnets]
