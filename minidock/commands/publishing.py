"""Publishing a container's ports where its default route is.

```
endpoint with the default route ──▶ claim host ports ──▶ mappings kept on that endpoint
        │
   another network takes the default route: the ports move there
```

Docker's name for this step is *programming external connectivity*.
"""

from collections.abc import Iterator
from dataclasses import replace

from minidock.commands.endpoints import default_way, with_endpoint
from minidock.commands.plugging import tell_ports, untell_ports
from minidock.drivers.catalog import driver_named
from minidock.errors import Refusal, Unclassified
from minidock.model.container import Container, Endpoint
from minidock.model.network import Network
from minidock.model.world import World
from minidock.net.address import Address
from minidock.ports.mapping import Endpoint as PortSite
from minidock.ports.mapping import attempt, withdraw
from minidock.ports.sockets import HostSockets, Listener
from minidock.ports.table import ANY_V4, ANY_V6, PortTable
from minidock.ports.wanted import wanted_ports

__all__ = ["PortsRefused", "host_sockets", "republish", "withdraw_ports"]


def host_sockets(world: World) -> HostSockets:
    """What the userland proxy meets when it binds: addresses and listeners."""
    addresses = [
        address for card in world.host.interfaces for address, _ in card.addresses
    ]
    for network in world.networks.values():
        for pool in (network.pool, network.pool6):
            if network.bridge and pool and pool.gateway:
                addresses.append(pool.gateway)
    return HostSockets(
        addresses=frozenset(addresses),
        listeners=frozenset(_listeners(world)),
        sctp=world.host.sctp,
    )


def _listeners(world: World) -> Iterator[Listener]:
    """A process that listens on every address is two sockets, one of each family."""
    for item in world.host.listeners:
        addresses = [item.address] if item.address else [ANY_V4, ANY_V6]
        for address in addresses:
            yield Listener(address, item.protocol, item.port)


def republish(world: World, container: Container) -> tuple[World, Container]:
    """Move the ports to the endpoint that now has the default route.

    Raises:
        Unclassified: a host port cannot be had; the text names the endpoint.
    """
    target = default_way(world, container)
    for endpoint in container.endpoints:
        moved = target is None or endpoint.network != target.network
        if endpoint.mappings and moved:
            world, container = withdraw_ports(world, container, endpoint)
        if endpoint.plugged is not None and moved:
            network = world.networks[endpoint.network_id]
            world, left = untell_ports(world, endpoint, network)
            container = with_endpoint(container, left)
    if target is None or target.mappings:
        return world, container
    network = world.networks[target.network_id]
    if target.plugged is not None:
        if target.gateway is None or network.internal:
            return world, container
        world, target = tell_ports(world, container, target, network)
        return world, with_endpoint(container, target)
    if network.internal or not driver_named(network.driver).publishes:
        return world, container
    return _publish(world, container, target, network)


def _publish(
    world: World, container: Container, endpoint: Endpoint, network: Network
) -> tuple[World, Container]:
    wanted = wanted_ports(
        container.config.document("ExposedPorts"),
        container.host_config.document("PortBindings"),
        publish_all=container.host_config.flag("PublishAllPorts"),
    )
    if not wanted or endpoint.address is None:
        return world, container
    site = PortSite(
        container_v4=endpoint.address,
        container_v6=endpoint.address6,
        default_host_ip=_default_binding(world, network),
        userland_proxy=world.daemon.userland_proxy,
    )
    outcome = attempt(world.ports, wanted, site, host_sockets(world), era=world.era)
    if outcome.refusal is not None:
        raise _refused(container, endpoint, outcome.refusal, outcome.table)
    published = replace(endpoint, mappings=outcome.mappings, mapped=world.sequence)
    world = replace(world, ports=outcome.table, sequence=world.sequence + 1)
    return world, with_endpoint(container, published)


class PortsRefused(Unclassified):
    """No host port could be had.

    ``table`` is the port table after the attempt. Odd on purpose: it holds nothing more
    than before, but its cursors have moved on, as on a real engine.
    """

    table: PortTable


def _refused(
    container: Container, endpoint: Endpoint, why: Refusal, table: PortTable
) -> PortsRefused:
    refusal = PortsRefused(
        "driver failed programming external connectivity on endpoint "
        f"{container.name} ({endpoint.id}): {why.text}",
        asked=why.asked,
        rule=why.rule,
        remedy=why.remedy,
    )
    refusal.table = table
    return refusal


def _default_binding(world: World, network: Network) -> Address:
    """The host address of a ``-p`` that names none.

    Odd on purpose: dockerd's ``--ip`` concerns the default bridge only.
    """
    text = network.bridge.host_binding if network.bridge else ""
    if not text and network.is_default_bridge:
        text = world.daemon.ip
    return Address.parse(text) if text else ANY_V4


def withdraw_ports(
    world: World, container: Container, endpoint: Endpoint
) -> tuple[World, Container]:
    """Free the host ports that an endpoint's mappings hold."""
    if not endpoint.mappings:
        return world, container
    table = withdraw(world.ports, endpoint.mappings)
    world = replace(world, ports=table)
    return world, with_endpoint(container, replace(endpoint, mappings=(), mapped=0))
