"""Joining a cluster, and learning what its registry holds.

```
network/NID                World.networks, a ledger in World.pools
overlay/network/NID        the network's subnets and VNIs
endpoint/NID/EID           cluster.peers           (its own are left out)
ipam/.../SUBNET/IP         cluster.held, marked in World.pools
ipam/config, idm/vxlan-id  cluster.space, subnet_owners, vnis
docker/nodes, containers   cluster.nodes, names
@reachable, @joined ...    news of the store, and of what this host follows
```

Learning never fails: an entry that cannot be read is skipped, with an event that says
so. It may come late or twice: what a World knows of a key depends on the last fact
about that key alone, so the order between keys does not matter.

Invariants: those of :mod:`minidock.model.cluster`; a local endpoint's address that the
registry gives to somebody else is lost, and so is the endpoint; a container whose name
it gives to somebody else is on no network of the cluster.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from minidock.commands.ingress import with_ingress
from minidock.commands.ledgers import (
    forgotten_network,
    holder_here,
    known_network,
    let_go,
    marked,
    overlay_of,
)
from minidock.commands.losing import emptied, taken_off, withdrawn
from minidock.commands.outcome import Outcome, event
from minidock.commands.overlays import each_pool
from minidock.eras import SubnetChoice
from minidock.errors import Refusal, Unclassified
from minidock.ipam.defaults import GLOBAL_POOLS
from minidock.ipam.space import Space
from minidock.model.cluster import Cluster, Coordination, Node, Peer
from minidock.model.event import Event
from minidock.model.maps import Map
from minidock.model.network import Network
from minidock.model.swarm import Swarm
from minidock.model.world import World
from minidock.net.address import Address
from minidock.net.prefix import Prefix
from minidock.overlay import keys, records
from minidock.overlay.facts import JOINED, LEFT, REACHABLE, SPENT, UNREACHABLE, Fact
from minidock.overlay.keys import Key, Kind

__all__ = ["join", "learn"]

_V = TypeVar("_V")
_Taken = tuple[World, tuple[Event, ...]]
_FEW = 64


def join(
    world: World,
    *,
    advertise: str,
    vtep: Address,
    hostname: str = "",
    mode: Coordination = Coordination.STORE,
    founds: bool = True,
    pools: Sequence[tuple[Prefix, int]] = GLOBAL_POOLS,
    swarm: Swarm | None = None,
    now: int = 0,
) -> World:
    """The World of a host that shares a registry, before it has learned anything.

    A swarm begins with its network ``ingress``; its subnets go on behind the last.

    Args:
        world: a host on its own.
        advertise: ``host:port`` at which other hosts reach this one's engine.
        vtep: the address from which it sends the frames of overlay networks.
        hostname: as others see it; by default the host's own.
        mode: whether a store or a swarm's managers coordinate the hosts.
        founds: whether a swarm begins with this host; another one learns of ingress.
        pools: what subnets are cut from, and their length (--default-addr-pool).
        swarm: what else its manager decided, if this host is one.
        now: nanoseconds since 1970.

    >>> from minidock.engine import Engine
    >>> here = join(
    ...     Engine().world, advertise="192.0.2.2:2376", vtep=Address.parse("192.0.2.2")
    ... )
    >>> here.cluster.reachable, len(here.cluster.nodes)
    (True, 1)
    """
    node = Node(
        advertise=advertise, hostname=hostname or world.host.hostname, vtep=vtep
    )
    swarms = mode is Coordination.SWARM
    choice = SubnetChoice.NEXT_FIT if swarms else SubnetChoice.LOWEST_FREE
    cluster = Cluster(
        advertise=advertise,
        vtep=vtep,
        mode=mode,
        nodes=Map({advertise: node}),
        space=Space.create(pools, choice=choice),
        swarm=swarm,
    )
    world = replace(world, cluster=cluster)
    return with_ingress(world, now) if swarms and founds else world


def learn(world: World, facts: Iterable[Fact], now: int) -> Outcome:
    """Take in what the registry says.

    Cost: O(log n) for a fact, but O(held) for the two that list all subnets and VNIs,
    and O(networks) where a network goes whose containers are still here.

    >>> from minidock.engine import Engine
    >>> here = join(
    ...     Engine().world, advertise="192.0.2.2:2376", vtep=Address.parse("192.0.2.2")
    ... )
    >>> down = learn(here, [Fact(UNREACHABLE, "connection refused")], 0).world
    >>> down.cluster.reachable, down.cluster.trouble
    (False, 'connection refused')
    >>> str(learn(here, [Fact("docker/nodes/a:1", "{}")], 0).events[0])
    'cluster unreadable docker/nodes/a:1'
    """
    events: list[Event] = []
    for fact in facts:
        cluster = world.cluster
        if cluster is None:
            break
        if fact.key.startswith("@"):
            world = _news(world, cluster, fact)
            continue
        key = keys.read(fact.key)
        take = _TAKE.get(key.kind)
        if take is None:
            continue
        try:
            world, more = take(world, cluster, key, fact, now)
        except (Refusal, ArithmeticError, RecursionError) as fault:
            refusal: Refusal = (
                fault
                if isinstance(fault, Refusal)
                else _unreadable(fact.key, type(fault).__name__)
            )
            more = (_told(fact, refusal, now),)
        events += more
    return Outcome(world=world, events=tuple(events))


_STRANGER = "another program"
"""The holder of an entry that cannot be read."""


def _told(fact: Fact, refusal: Refusal, now: int) -> Event:
    reason = [("reason", str(refusal))]
    return event("cluster", "unreadable", fact.key, now, reason)


def _holder(fact: Fact, text: str, now: int) -> tuple[str, str, tuple[Event, ...]]:
    """Who holds something, and where; what nobody can read is somebody's, too."""
    try:
        return *records.load_holder(fact.key, text), ()
    except Refusal as refusal:
        return _STRANGER, _STRANGER, (_told(fact, refusal, now),)


# --- news -----------------------------------------------------------------------------


def _news(world: World, cluster: Cluster, fact: Fact) -> World:
    value = fact.value or ""
    if fact.key == LEFT:
        return _left(world, cluster, value)
    if fact.key == SPENT:
        return replace(world, ids=world.ids.anew(value))
    if fact.key == REACHABLE:
        cluster = replace(cluster, reachable=True, trouble="")
    elif fact.key == UNREACHABLE:
        cluster = replace(cluster, reachable=False, trouble=value)
    elif fact.key == JOINED:
        cluster = replace(cluster, joined=cluster.joined.set(value, value))
    return replace(world, cluster=cluster)


def _left(world: World, cluster: Cluster, network_id: str) -> World:
    """Forget the endpoints of a network, and the addresses that they hold."""
    peers = _without(cluster.peers, network_id)
    joined = _without(cluster.joined, network_id)
    network = world.networks.get(network_id)
    world = replace(world, cluster=replace(cluster, peers=peers, joined=joined))
    for pool in each_pool(network) if network else ():
        for address in cluster.held.get(pool.key) or ():
            world = let_go(world, pool.key, Address.parse(address))
    return world


def _placed(mapping: Map[_V], key: str, value: _V | None) -> Map[_V]:
    """The map with this value under the key; without the key if there is none."""
    return _without(mapping, key) if value is None else mapping.set(key, value)


def _without(mapping: Map[_V], key: str) -> Map[_V]:
    return mapping.delete(key) if key in mapping else mapping


# --- networks -------------------------------------------------------------------------


def _network(world: World, cluster: Cluster, key: Key, fact: Fact, now: int) -> _Taken:
    read = closing = None
    if fact.value is not None:
        read = records.load_network(fact.key, fact.value)
        closing = key.first if read is None else None
    if read is not None:
        _check_network(read, key, fact)
    closes = _placed(cluster.closing, key.first, closing)
    if closes is not cluster.closing:
        cluster = replace(cluster, closing=closes)
        world = replace(world, cluster=cluster)
    if closing:
        return world, ()
    old = world.networks.get(key.first)
    if old is None:
        return (known_network(world, cluster, read) if read else world), ()
    if old.scope == "local" or (read is not None and old.made_here):
        return world, ()
    if read is not None and each_pool(read) == each_pool(old):
        return known_network(world, cluster, read), ()
    world, events = emptied(world, old, now)
    if read is not None and world.cluster is not None:
        return known_network(world, world.cluster, read), events
    return forgotten_network(world, old), events


def _check_network(read: Network, key: Key, fact: Fact) -> None:
    fits = read.id == key.first and read.driver == "overlay" and read.scope != "local"
    if not fits:
        raise _unreadable(fact.key, "it is no overlay network of that id")


def _unreadable(key: str, reason: str) -> Unclassified:
    return Unclassified(
        f"the entry {key} in the cluster store cannot be read: {reason}",
        asked=f"read {key}",
        rule="entries below docker/ are written by Docker engines alone",
        remedy="another store, or one without that entry",
    )


def _overlay(world: World, cluster: Cluster, key: Key, fact: Fact, now: int) -> _Taken:
    del now
    read = None
    if fact.value is not None:
        read = records.load_overlay(fact.key, fact.value)
    overlays = _placed(cluster.overlays, key.first, read)
    cluster = replace(cluster, overlays=overlays)
    world = replace(world, cluster=cluster)
    network = world.networks.get(key.first)
    if network is None or network.overlay is None:
        return world, ()
    network = replace(network, overlay=overlay_of(cluster, network))
    return replace(world, networks=world.networks.set(network.id, network)), ()


# --- endpoints and addresses ----------------------------------------------------------


def _endpoint(world: World, cluster: Cluster, key: Key, fact: Fact, now: int) -> _Taken:
    del now
    there: Map[Peer] = cluster.peers.get(key.first) or Map()
    peer = None
    if fact.value is not None:
        peer = records.load_peer(fact.key, key.first, fact.value)
        if peer.endpoint_id != key.second:
            raise _unreadable(fact.key, "it is no endpoint of that id")
        if peer.advertise == cluster.advertise:
            peer = None  # it is one of this host's own
    there = _placed(there, key.second, peer)
    peers = _placed(cluster.peers, key.first, there or None)
    return replace(world, cluster=replace(cluster, peers=peers)), ()


def _address(world: World, cluster: Cluster, key: Key, fact: Fact, now: int) -> _Taken:
    address = Address.parse(key.second)
    if str(address) != key.second:
        raise _unreadable(fact.key, f"the address is written {address}")
    if fact.value is None:
        return let_go(world, key.first, address), ()
    owner, node, events = _holder(fact, fact.value, now)
    if node == cluster.advertise:
        return let_go(world, key.first, address), ()
    if key.second not in (cluster.held.get(key.first) or ()):
        ledger = world.pools.get(key.first)
        if ledger is not None and ledger.holds(address):
            here = holder_here(world, key.first, address)
            if here is not None:
                world, more = taken_off(world, *here, now)
                events += more
    return marked(world, key.first, address, owner), events


# --- what the cluster holds -----------------------------------------------------------


def _subnets(world: World, cluster: Cluster, key: Key, fact: Fact, now: int) -> _Taken:
    del key
    new: dict[str, tuple[str, str]] = {}
    if fact.value is not None:
        held = records.load_holdings(fact.key, fact.value).held
        new = {text: (one.owner, one.name) for text, one in held.items()}
    old = cluster.subnet_owners
    space = cluster.space
    for text in sorted(old.keys() - new.keys()):
        space = _released(space, text)
    wrong: list[Event] = []
    for text in sorted(new.keys() - old.keys()):
        try:
            space, _ = space.allocate(Prefix.parse(text))
        except Refusal as refusal:
            why = _unreadable(fact.key, f"{text}: {refusal.text}")
            reason = [("reason", why.text)]
            wrong.append(event("cluster", "unreadable", fact.key, now, reason))
    cluster = replace(cluster, space=space, subnet_owners=_changed(old, new))
    return replace(world, cluster=cluster), tuple(wrong)


def _released(space: Space, text: str) -> Space:
    try:
        return space.release(Prefix.parse(text))
    except Refusal:
        return space  # one that could not be taken in is not there


def _changed(old: Map[_V], new: Mapping[str, _V]) -> Map[_V]:
    """The map with the entries of ``new``, which shares what has not changed."""
    if len(old) < _FEW or len(new) < _FEW:
        return Map(new)
    for text in old.keys() - new.keys():
        old = old.delete(text)
    for text, value in new.items():
        if old.get(text) != value:
            old = old.set(text, value)
    return old


def _vnis(world: World, cluster: Cluster, key: Key, fact: Fact, now: int) -> _Taken:
    del key, now
    new: dict[str, str] = {}
    last = 0
    if fact.value is not None:
        holdings = records.load_holdings(fact.key, fact.value)
        new = {text: one.owner for text, one in holdings.held.items()}
        last = holdings.last
    vnis = _changed(cluster.vnis, new)
    return replace(world, cluster=replace(cluster, vnis=vnis, last_vni=last)), ()


# --- hosts and names ------------------------------------------------------------------


def _node(world: World, cluster: Cluster, key: Key, fact: Fact, now: int) -> _Taken:
    del now
    node = None
    if fact.value is not None:
        node, _ = records.load_node(fact.key, key.first, fact.value)
    nodes = _placed(cluster.nodes, key.first, node)
    return replace(world, cluster=replace(cluster, nodes=nodes)), ()


def _name(world: World, cluster: Cluster, key: Key, fact: Fact, now: int) -> _Taken:
    node: str | None = None
    events: tuple[Event, ...] = ()
    if fact.value is not None:
        _, node, events = _holder(fact, fact.value, now)
        if node == cluster.advertise:
            node = None
    names = _placed(cluster.names, key.first, node)
    world = replace(world, cluster=replace(cluster, names=names))
    owner = world.names.get(key.first)
    if node is not None and owner is not None:
        world, more = withdrawn(world, owner, now)
        events += more
    return world, events


_TAKE: dict[Kind, Callable[[World, Cluster, Key, Fact, int], _Taken]] = {
    Kind.NETWORK: _network,
    Kind.OVERLAY: _overlay,
    Kind.ENDPOINT: _endpoint,
    Kind.ADDRESS: _address,
    Kind.SUBNETS: _subnets,
    Kind.VNIS: _vnis,
    Kind.NODE: _node,
    Kind.CONTAINER: _name,
}
