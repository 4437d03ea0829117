"""The way out of an overlay network: docker_gwbridge, and who is on it.

```
container ─ eth0 ─ overlay        no gateway there: it reaches the other containers
          └ eth1 ─ docker_gwbridge 172.18.0.1 ─ host ─ outside
                   default route, published ports
```

An overlay network leads nowhere but to its containers, and so may a plugin's network,
if the plugin names no gateway and wants that service. So a container that has no other
way out gets an endpoint on the bridge ``docker_gwbridge``, which is made when the first
one needs it, and stays. Its containers do not reach each other there (``icc=false``).

Invariants: a container has such an endpoint exactly while it is on such a network
that is not internal, and on no network with a gateway; inspect lists it under the name
``gateway_`` and the start of the sandbox's id, and among no container's networks.

Docker's source: moby, ``libnetwork/default_gateway.go``.
"""

from dataclasses import replace

from minidock.commands.addressing import reserve
from minidock.commands.endpoints import Attached, attach, detach, name_interface
from minidock.commands.lookup import networks_named
from minidock.commands.publishing import withdraw_ports
from minidock.drivers.bridge import BRIDGE
from minidock.model.container import Container, Endpoint
from minidock.model.document import Document
from minidock.model.network import BridgeSettings, Network
from minidock.model.world import World

__all__ = ["GWBRIDGE", "gwbridge", "led_out", "needs_way_out", "shut_in"]

GWBRIDGE = "docker_gwbridge"


def needs_way_out(world: World, container: Container) -> bool:
    """Whether no network of the container leads outside, though one should."""
    needed = False
    for endpoint in container.endpoints:
        network = world.networks.get(endpoint.network_id)
        if endpoint.leads_out_as or not endpoint.attached or network is None:
            continue
        if network.internal:
            continue
        plugged = endpoint.plugged
        if plugged is not None and plugged.closed:
            continue
        if endpoint.gateway is not None or (plugged is not None and plugged.leads_out):
            return False
        needed = needed or network.overlay is not None or plugged is not None
    return needed


def led_out(
    world: World, container: Container, now: int, *, named: bool = True
) -> Attached:
    """Give a container its way out of overlay networks, or take it away.

    Args:
        world: the host.
        container: whose networks have changed.
        now: nanoseconds since 1970.
        named: whether its interface gets a name at once; a start names all later.

    Cost: O(its endpoints), O(networks) when it joins.

    Raises:
        Refusal: there is no subnet for docker_gwbridge, or no address on it.
    """
    way = container.way_out
    if not needs_way_out(world, container):
        return shut_in(world, container, now)
    if way is not None:
        return Attached(world=world, container=container)
    world, network = gwbridge(world, now)
    endpoint = Endpoint(
        network=network.name, leads_out_as=f"gateway_{container.sandbox[:12]}"
    )
    joined = attach(world, container, endpoint, network, now)
    if not named:
        return joined
    placed = joined.container.endpoint_on(network.id)
    if placed is None:
        return joined
    prefix = network.interface_prefix
    return replace(joined, container=name_interface(joined.container, placed, prefix))


def shut_in(world: World, container: Container, now: int) -> Attached:
    """Take away a container's way out of overlay networks, if it has one."""
    way = container.way_out
    if way is None:
        return Attached(world=world, container=container)
    world, container = withdraw_ports(world, container, way)
    return detach(world, container, container.way_out or way, now)


def gwbridge(world: World, now: int) -> tuple[World, Network]:
    """The bridge docker_gwbridge; one of that name that somebody made will do.

    Raises:
        Refusal: there is no subnet for it.
    """
    standing = networks_named(world, GWBRIDGE)
    if standing:
        return world, standing[0]
    reservation, refusal = reserve(world, (), name=GWBRIDGE)
    if refusal is not None:
        raise refusal
    world = reservation.world
    ids, network_id = world.ids.hex_id()
    ids, mac = ids.docker_mac()
    network = Network(
        id=network_id,
        name=GWBRIDGE,
        driver="bridge",
        created=now,
        sequence=world.sequence,
        options=Document(
            {
                BRIDGE + "enable_icc": "false",
                BRIDGE + "enable_ip_masquerade": "true",
                BRIDGE + "name": GWBRIDGE,
            }
        ),
        pool=reservation.pool,
        bridge=BridgeSettings(
            name=GWBRIDGE, mac=mac, index=world.next_index, icc=False
        ),
    )
    world = replace(
        world,
        ids=ids,
        sequence=world.sequence + 1,
        last_bridge=world.sequence,
        next_index=world.next_index + 1,
        networks=world.networks.set(network_id, network),
    )
    return world, network
