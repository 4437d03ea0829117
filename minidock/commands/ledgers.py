"""The ledgers of the cluster's subnets: who holds which address, here and elsewhere.

```
World.pools["GlobalDefault/10.0.0.0/24"]
  10.0.0.1   the gateway                     of each known network that has the subnet
  10.0.0.2   an endpoint of this host
  10.0.0.3   somebody elsewhere holds it     cluster.held
```

An address may be heard of before its network: then it waits in ``cluster.held``, and is
marked when the network is known. Two networks can have one subnet for a moment, if a
successor is heard of before the end of the first; they share the ledger then.

Invariant: a ledger is a function of the known networks, their endpoints here and
``cluster.held``; :func:`ledger_of` is that function, the rest keeps up with it.
"""

from collections.abc import Iterator
from dataclasses import replace

from minidock.commands.overlays import each_pool, shared_with, unshared_with
from minidock.errors import Refusal
from minidock.ipam.pool import Pool
from minidock.model.cluster import Cluster
from minidock.model.container import Endpoint
from minidock.model.maps import Map
from minidock.model.network import (
    Network,
    NetworkPool,
    OverlaySettings,
    OverlaySubnet,
)
from minidock.model.world import World
from minidock.net.address import V4, Address

__all__ = [
    "fixed_addresses",
    "forgotten_network",
    "holder_here",
    "known_network",
    "ledger_of",
    "let_go",
    "marked",
    "overlay_of",
]


def _sharers(world: World, key: str) -> Iterator[tuple[Network, NetworkPool]]:
    """The known networks that have a pool, and that pool of theirs."""
    cluster = world.cluster
    for network_id in (cluster.sharers.get(key) or ()) if cluster else ():
        network = world.networks.get(network_id)
        for pool in each_pool(network) if network else ():
            if network is not None and pool.key == key:
                yield network, pool


def fixed_addresses(world: World, key: str) -> set[Address]:
    """What a pool's networks hold themselves; O(their number).

    These are gateways, auxiliary addresses and a swarm's load balancers.
    """
    found: set[Address] = set()
    for network, pool in _sharers(world, key):
        found |= {address for _, address in pool.aux}
        balancer = world.cluster.balancers.get(network.id) if world.cluster else None
        if balancer is not None and balancer in pool.subnet:
            found.add(balancer)
        if pool.gateway is not None:
            found.add(pool.gateway)
    return found


def _local(world: World, key: str) -> Iterator[tuple[str, Endpoint, Address]]:
    """The addresses of a pool that this host's endpoints have."""
    for network, pool in _sharers(world, key):
        for container_id in world.members.get(network.id, {}):
            endpoint = world.containers[container_id].endpoint_on(network.id)
            for address in (endpoint.address, endpoint.address6) if endpoint else ():
                if endpoint and address is not None and address in pool.subnet:
                    yield container_id, endpoint, address


def holder_here(
    world: World, key: str, address: Address
) -> tuple[str, Endpoint] | None:
    """The container of this host that has an address, and its endpoint; O(members)."""
    for container_id, endpoint, own in _local(world, key):
        if own == address:
            return container_id, endpoint
    return None


def ledger_of(world: World, key: str) -> Pool | None:
    """The ledger of a pool, from scratch; None if no known network has it.

    Cost: O(addresses that are held).
    """
    pool = next((pool for _, pool in _sharers(world, key)), None)
    if pool is None:
        return None
    ledger = Pool.open(
        pool.subnet,
        ip_range=pool.ip_range,
        point_to_point=world.era.point_to_point_subnets,
    )
    held = world.cluster.held.get(key) if world.cluster else None
    wanted = fixed_addresses(world, key) | {own for _, _, own in _local(world, key)}
    for address in (*sorted(wanted), *map(Address.parse, sorted(held or ()))):
        ledger = _with(ledger, address)
    return ledger


def _with(ledger: Pool, address: Address) -> Pool:
    """The ledger with an address held, if it can be."""
    try:
        return ledger.allocate(address)[0]
    except Refusal:
        return ledger


def _again(world: World, keys: set[str]) -> World:
    """The World with these ledgers made anew."""
    pools = world.pools
    for key in sorted(keys):
        ledger = ledger_of(world, key)
        if ledger is not None:
            pools = pools.set(key, ledger)
        elif key in pools:
            pools = pools.delete(key)
    return replace(world, pools=pools)


def overlay_of(cluster: Cluster, network: Network) -> OverlaySettings:
    """The network's subnets and VNIs as registered; without VNIs while they are not."""
    registered = cluster.overlays.get(network.id)
    if registered is not None:
        return registered
    subnets = tuple(
        OverlaySubnet(pool.subnet, pool.gateway)
        for pool in network.pools_of(V4)
        if pool.gateway is not None
    )
    return OverlaySettings(subnets=subnets, encrypted="encrypted" in network.options)


def known_network(world: World, cluster: Cluster, read: Network) -> World:
    """The World that knows a network of the cluster; O(addresses held there)."""
    read = replace(read, overlay=overlay_of(cluster, read))
    old = world.networks.get(read.id)
    if old is None:
        read = replace(read, sequence=world.sequence)
        world = replace(world, sequence=world.sequence + 1)
    else:
        read = replace(read, sequence=old.sequence, made_here=old.made_here)
    same = old is not None and each_pool(old) == each_pool(read)
    networks = world.networks.set(read.id, read)
    if same:
        return replace(world, networks=networks)
    changed = {pool.key for pool in each_pool(read)}
    if old is not None:
        changed |= {pool.key for pool in each_pool(old)}
        cluster = unshared_with(cluster, old)
    cluster = shared_with(cluster, read)
    return _again(replace(world, networks=networks, cluster=cluster), changed)


def forgotten_network(world: World, network: Network) -> World:
    """The World that knows a network no more; no container of this host is on it."""
    if world.cluster is None:
        return world
    world = replace(
        world,
        networks=world.networks.delete(network.id),
        cluster=unshared_with(world.cluster, network),
    )
    return _again(world, {pool.key for pool in each_pool(network)})


def marked(world: World, key: str, address: Address, owner: str) -> World:
    """The World in which somebody elsewhere holds an address; O(log pool)."""
    cluster = world.cluster
    if cluster is None:
        return world
    held: Map[str] = cluster.held.get(key) or Map()
    held = held.set(str(address), owner)
    cluster = replace(cluster, held=cluster.held.set(key, held))
    world = replace(world, cluster=cluster)
    ledger = world.pools.get(key)
    if ledger is None or ledger.holds(address):
        return world
    return replace(world, pools=world.pools.set(key, _with(ledger, address)))


def let_go(world: World, key: str, address: Address) -> World:
    """The World in which nobody elsewhere holds an address any more; O(log pool)."""
    cluster = world.cluster
    held = cluster.held.get(key) if cluster else None
    if cluster is None or held is None or str(address) not in held:
        return world
    left = held.delete(str(address))
    kept = cluster.held.set(key, left) if left else cluster.held.delete(key)
    world = replace(world, cluster=replace(cluster, held=kept))
    ledger = world.pools.get(key)
    if ledger is None or not ledger.holds(address):
        return world
    if address in fixed_addresses(world, key):
        return world
    return replace(world, pools=world.pools.set(key, ledger.release(address)))
