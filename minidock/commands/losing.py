"""What a host loses to others: its containers leave networks, and go on running.

```
an address is another host's     taken_off    its endpoint on that network
a name is another host's         withdrawn    its endpoints on networks of the cluster
a network is gone                emptied      the endpoints of all that are on it
```

What the registry says is right, and there is nobody to ask: the container, which may be
in the middle of its work, stays.

Invariant: nothing is refused, and who ran goes on running.
"""

from dataclasses import replace

from minidock.commands.endpoints import detach
from minidock.commands.leading_out import led_out
from minidock.commands.publishing import republish, withdraw_ports
from minidock.errors import Refusal
from minidock.model.container import Endpoint
from minidock.model.event import Event
from minidock.model.network import Network
from minidock.model.world import World

__all__ = ["Changed", "emptied", "taken_off", "withdrawn"]

Changed = tuple[World, tuple[Event, ...]]


def taken_off(world: World, container_id: str, endpoint: Endpoint, now: int) -> Changed:
    """The World in which a container of this host is on a network no more.

    What it publishes moves to another network, as with a disconnect. Cost: O(log pool).
    """
    container = world.containers[container_id]
    world, container = withdraw_ports(world, container, endpoint)
    left = detach(world, container, endpoint, now)
    world, events = left.world, left.events
    gone = {endpoint.address, endpoint.address6}
    lines = tuple(line for line in left.container.hosts if line.address not in gone)
    container = replace(left.container, hosts=lines)
    try:
        led = led_out(world, container, now)
        world, container = republish(led.world, led.container)
        events += led.events
    except Refusal:
        pass  # on the other network the ports may be taken
    return replace(
        world, containers=world.containers.set(container.id, container)
    ), events


def withdrawn(world: World, container_id: str, now: int) -> Changed:
    """The World in which it is on no network of the cluster, but on its host's own."""
    events: tuple[Event, ...] = ()
    for place in world.containers[container_id].endpoints:
        network = world.networks.get(place.network_id)
        # What was before may have changed it, as a way out goes with the last network.
        endpoint = world.containers[container_id].endpoint_on(place.network)
        if endpoint is None or network is None or network.overlay is None:
            continue
        if endpoint.attached:
            world, more = taken_off(world, container_id, endpoint, now)
            events += more
    return world, events


def emptied(world: World, network: Network, now: int) -> Changed:
    """The World in which none of this host's containers is on a network; O(members)."""
    events: tuple[Event, ...] = ()
    for container_id in sorted(world.members.get(network.id, {})):
        endpoint = world.containers[container_id].endpoint_on(network.id)
        if endpoint is not None:
            world, more = taken_off(world, container_id, endpoint, now)
            events += more
    return world, events
