"""The network ``ingress``, with which every swarm begins, and its sandbox.

```
swarm init ──▶ ingress 10.0.0.0/24, VNI 4096     so the first of yours has the next ones
half a second later
           └─▶ a sandbox:  10.0.0.2 on ingress ─ ingress_sbox ─ 172.18.0.2 on
               docker_gwbridge, which is made for it
```

What is published of a service goes through that sandbox. There are no services here, so
all that is seen of it is the two addresses that it takes. How much later it comes was
measured on a real engine: some 0.4 s.

Docker's source: moby, ``daemon/cluster`` and swarmkit, ``manager/allocator``.
"""

from dataclasses import replace

from minidock.commands.addressing import reserve
from minidock.commands.leading_out import gwbridge
from minidock.commands.overlays import claimed, scope_of, with_vnis
from minidock.commands.spaces import GLOBAL_SPACE
from minidock.errors import Refusal
from minidock.model.network import Network, OverlaySettings, OverlaySubnet
from minidock.model.world import World
from minidock.net.address import V4, Address

__all__ = ["DOOR", "opened", "shut", "with_ingress"]

DOOR = "ingress:"
"""What stands in the agenda until the sandbox is there."""
_DELAY = 500_000_000
_LINKS = 4
"""The interfaces that the namespace of ingress takes the numbers of."""


def with_ingress(world: World, now: int) -> World:
    """The World of a host that has just begun a swarm."""
    reservation, refusal = reserve(world, (), name="ingress", space=GLOBAL_SPACE)
    if refusal is not None:
        raise refusal
    world = reservation.world
    if world.cluster is None:
        return world
    ids, network_id = world.ids.swarm_id()
    network = Network(
        id=network_id,
        name="ingress",
        driver="overlay",
        created=now,
        sequence=world.sequence,
        scope=scope_of(world.cluster),
        ingress=True,
        pool=reservation.pool,
    )
    subnets = tuple(
        OverlaySubnet(pool.subnet, pool.gateway)
        for pool in network.pools_of(V4)
        if pool.gateway is not None
    )
    network = replace(network, overlay=OverlaySettings(subnets=subnets))
    cluster, network = with_vnis(world.cluster, network)
    world = replace(
        world,
        ids=ids,
        cluster=cluster,
        sequence=world.sequence + 1,
        networks=world.networks.set(network_id, network),
    )
    world = replace(world, agenda=world.agenda.set(DOOR, now + _DELAY))
    return claimed(world, network)


def opened(world: World, now: int) -> World:
    """The World in which ingress has its sandbox; as it was where there is no room."""
    cluster = world.cluster
    ingress = next((n for n in world.networks.values() if n.ingress), None)
    if cluster is None or cluster.door is not None or ingress is None:
        return world
    try:
        inside, address = _allocated(world, ingress)
        inside = replace(inside, next_index=inside.next_index + _LINKS)
        inside, bridge = gwbridge(inside, now)
        inside, door = _allocated(inside, bridge)
    except Refusal:
        return world
    cluster = inside.cluster or cluster
    cluster = replace(
        cluster,
        balancers=cluster.balancers.set(ingress.id, address),
        door=(bridge.id, door),
    )
    # Its cable to docker_gwbridge has two ends.
    return replace(inside, cluster=cluster, next_index=inside.next_index + 2)


def shut(world: World) -> World:
    """The World without the sandbox, whose address on docker_gwbridge comes free."""
    world = replace(world, agenda=world.agenda.set(DOOR, None))
    cluster = world.cluster
    if cluster is None or cluster.door is None:
        return world
    network_id, address = cluster.door
    bridge = world.networks.get(network_id)
    world = replace(world, cluster=replace(cluster, door=None))
    for pool in bridge.pools_of(V4) if bridge else ():
        ledger = world.pools[pool.key].release(address)
        world = replace(world, pools=world.pools.set(pool.key, ledger))
    return world


def _allocated(world: World, network: Network) -> tuple[World, Address]:
    """The next address of a network's first pool.

    Raises:
        Refusal: none is left.
    """
    pool = network.pools_of(V4)[0]
    ledger, address = world.pools[pool.key].allocate(serial=bool(pool.space))
    return replace(world, pools=world.pools.set(pool.key, ledger)), address
