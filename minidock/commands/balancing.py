"""The load balancer of a swarm's network on this host: an address of its own.

```
first container joins    10.0.1.2        then the balancer takes     10.0.1.3
second one               10.0.1.4        the last leaves: it is given back
```

It spreads what is sent to a service over the service's tasks. There are no services
here, so all that is seen of it is its address, in `docker network inspect`.

Invariant: a network has one exactly while a swarm's container of this host is on it,
unless no address was left.

Docker's source: moby, ``daemon/network.go`` (``createLoadBalancerSandbox``).
"""

from dataclasses import replace

from minidock.errors import Refusal
from minidock.model.cluster import Cluster, Coordination
from minidock.model.network import Network
from minidock.model.world import World
from minidock.net.address import Address

__all__ = ["balanced", "room_made"]

_LINKS = 3
"""A vxlan device, and the two ends of the balancer's cable."""


def balanced(world: World, network: Network) -> World:
    """The World in which a network has its balancer, if it must have one; O(log pool).

    A network whose addresses are all taken has none.
    """
    cluster = world.cluster
    if cluster is None or network.overlay is None or network.ingress:
        return world
    has = cluster.balancers.get(network.id)
    swarm = cluster.mode is Coordination.SWARM
    wanted = swarm and bool(world.members.get(network.id))
    if wanted and has is None:
        return _taken(world, cluster, network)
    if not wanted and has is not None:
        return _given_back(world, cluster, network, has)
    return world


def room_made(world: World, network: Network) -> World:
    """The World before the first container of this host joins a swarm's network; O(1).

    The network's namespace takes the numbers of three interfaces.
    """
    cluster = world.cluster
    if cluster is None or network.overlay is None or world.members.get(network.id):
        return world
    if cluster.mode is not Coordination.SWARM:
        return world
    return replace(world, next_index=world.next_index + _LINKS)


def _taken(world: World, cluster: Cluster, network: Network) -> World:
    for pool in network.pools_of(4):
        try:
            ledger, address = world.pools[pool.key].allocate(serial=True)
        except Refusal:
            continue
        balancers = cluster.balancers.set(network.id, address)
        return replace(
            world,
            pools=world.pools.set(pool.key, ledger),
            cluster=replace(cluster, balancers=balancers),
        )
    return world


def _given_back(
    world: World, cluster: Cluster, network: Network, address: Address
) -> World:
    balancers = cluster.balancers.delete(network.id)
    world = replace(world, cluster=replace(cluster, balancers=balancers))
    for pool in network.pools_of(4):
        if address in pool.subnet and pool.key in world.pools:
            ledger = world.pools[pool.key].release(address)
            return replace(world, pools=world.pools.set(pool.key, ledger))
    return world
