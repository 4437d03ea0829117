"""Attaching a container to a network, and detaching it.

```
attach:  check what was asked ──▶ address from a pool ──▶ MAC ──▶ link ──▶ member
              │                       │                           │
          refused: 400            taken 403, none left 500    the kernel cannot 500
```

Which link that is, a veth pair or a child of the host's card, says
:mod:`minidock.commands.wires`.

Docker's sources: moby, ``daemon/container_operations.go``, ``libnetwork/endpoint.go``.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from minidock.commands.balancing import balanced, room_made
from minidock.commands.endpoint_rules import check_links, check_texts, refused
from minidock.commands.macs import asked_mac, chosen_mac
from minidock.commands.outcome import event
from minidock.commands.overlays import check_attachable, numbered
from minidock.commands.plugging import left, plugged_in
from minidock.commands.remotes import given_back, lent
from minidock.commands.wires import plug, steps
from minidock.errors import (
    AddressesExhausted,
    AddressOutOfRange,
    Forbidden,
    Unclassified,
)
from minidock.ipam.pool import Pool
from minidock.model.container import Container, Endpoint, HostsLine
from minidock.model.event import Event
from minidock.model.maps import Map
from minidock.model.network import DefaultRoute, Network, NetworkPool
from minidock.model.world import World
from minidock.net.address import V4, V6, Address
from minidock.net.mac import MAC

__all__ = [
    "Attached",
    "already_connected",
    "attach",
    "clean",
    "default_way",
    "detach",
    "gateway_order",
    "name_interface",
    "with_endpoint",
    "without_ways_out",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """The World and the container after an attach or a detach."""

    world: World
    container: Container
    events: tuple[Event, ...] = ()


def with_endpoint(container: Container, endpoint: Endpoint) -> Container:
    """The container with this endpoint in place of the one on the same network."""
    kept = [
        endpoint if old.network == endpoint.network else old
        for old in container.endpoints
    ]
    if container.endpoint_on(endpoint.network) is None:
        kept.append(endpoint)
    return replace(container, endpoints=tuple(kept))


def clean(endpoint: Endpoint) -> Endpoint:
    """The endpoint as it is while its container does not run: only what was asked.

    Odd on purpose: the network's id stays, as inspect shows after a stop.
    """
    return Endpoint(
        network=endpoint.network,
        network_id=endpoint.network_id,
        settings=endpoint.settings,
    )


def without_ways_out(container: Container) -> tuple[Endpoint, ...]:
    """Its endpoints as they are while it does not run, without what is made anew."""
    return tuple(clean(endpoint) for endpoint in container.connections)


def default_way(world: World, container: Container) -> Endpoint | None:
    """The attached endpoint that has the default route and the published ports.

    An overlay network has no gateway: there it is the one on docker_gwbridge.
    """
    order = gateway_order(world, container)
    for endpoint in order:
        network = world.networks.get(endpoint.network_id)
        if network is None or network.internal or network.overlay is not None:
            continue
        if endpoint.plugged is None or endpoint.gateway is not None:
            return endpoint
    return next(iter(order), None)


def gateway_order(world: World, container: Container) -> list[Endpoint]:
    """The attached endpoints, the one with the default route first.

    By gateway priority, then networks with a way out before internal ones, then by
    network name (moby, ``libnetwork/sandbox.go``); docker_gwbridge comes last of all,
    unless somebody connected the container to it.
    """

    def rank(endpoint: Endpoint) -> tuple[bool, int, bool, str]:
        network = world.networks.get(endpoint.network_id)
        internal = network is not None and network.internal
        last = bool(endpoint.leads_out_as)
        priority = -endpoint.settings.gateway_priority
        return (last, priority, internal, endpoint.network)

    return sorted((e for e in container.endpoints if e.attached), key=rank)


def _full(network: Network, family: int) -> Unclassified:
    return Unclassified(
        f"no available IPv{family} addresses on this network's address pools: "
        f"{network.name} ({network.id})",
        asked=f"an address on {network.name}",
        rule="every address of the subnet, or of its ip-range, is held",
        remedy="remove a container, or create a network with a larger subnet",
    )


class _Place(NamedTuple):
    """What an endpoint gets of one family; nothing where the network has none."""

    address: Address | None = None
    length: int = 0
    gateway: Address | None = None


def _wanted(
    world: World, text: str, network: Network, pools: tuple[NetworkPool, ...]
) -> Address | None:
    if not text:
        return None
    address = Address.parse(text)
    if not any(address in pool.subnet for pool in pools):
        subnets = ", ".join(str(pool.subnet) for pool in pools)
        raise refused(
            world,
            f"Invalid address {text}: It does not belong to any of this network's "
            "subnets",
            f"the address {text} on {network.name}",
            f"the network's subnet is {subnets}",
            f"an address inside {subnets}",
        )
    return address


def _take(
    world: World, network: Network, family: int, wanted: Address | None
) -> tuple[World, _Place]:
    """An address of the first pool that has it, or has any."""
    pools = network.pools_of(family)
    for pool in pools:
        if wanted is not None and wanted not in pool.subnet:
            continue
        if pool.plugin:
            world, address = lent(world, pool, wanted)
            return world, _Place(address, pool.subnet.length, _router(network, pool))
        ledger: Pool = world.pools[pool.key]
        try:
            # A swarm lets an address rest for a while before it gives it away again.
            ledger, address = ledger.allocate(wanted, serial=network.scope == "swarm")
        except (AddressesExhausted, AddressOutOfRange):
            continue
        world = replace(world, pools=world.pools.set(pool.key, ledger))
        gateway = _router(network, pool)
        return world, _Place(address, pool.subnet.length, gateway)
    if pools:
        raise _full(network, family)
    return world, _Place()


def _router(network: Network, pool: NetworkPool) -> Address | None:
    if network.plugged is not None:
        return None  # the plugin says it of each endpoint
    if network.overlay is not None:
        return None  # the gateway's address is that of a bridge which leads nowhere
    if network.parent is None:
        return pool.router or pool.gateway
    gateway = network.parent.default_route is DefaultRoute.GATEWAY
    return pool.gateway if gateway else None


def _give_back(
    world: World, pools: tuple[NetworkPool, ...], address: Address | None
) -> World:
    for pool in pools:
        if address is None or address not in pool.subnet or pool.key not in world.pools:
            continue
        if pool.plugin:
            return given_back(world, pool, address)
        ledger = world.pools[pool.key].release(address)
        return replace(world, pools=world.pools.set(pool.key, ledger))
    return world


def _place6(
    world: World, network: Network, endpoint: Endpoint, mac: MAC | None
) -> tuple[World, _Place]:
    pools = network.pools_of(V6)
    if not pools:
        return world, _Place()
    wanted = _wanted(world, endpoint.settings.ipv6, network, pools)
    from_mac = network.is_default_bridge and world.era.mac_from_address
    if wanted is None and from_mac and mac is not None:
        # Odd on purpose: on docker0 the low 48 bits of the address are the MAC.
        wanted = pools[0].subnet.address(mac.value)
    return _take(world, network, V6, wanted)


def already_connected(container: Container, network: Network) -> Forbidden:
    """The refusal of a second endpoint on one network."""
    return Forbidden(
        f"endpoint with name {container.name} already exists in network {network.name}",
        asked=f"connect {container.name} to {network.name}",
        rule="a container has one endpoint on a network",
        remedy=f"docker network disconnect {network.name} {container.name}",
    )


def attach(
    world: World, container: Container, endpoint: Endpoint, network: Network, now: int
) -> Attached:
    """Join the container's sandbox to a network.

    Cost: O(log pool) for the address, O(1) for the rest.

    Raises:
        Forbidden: the container is on that network already, or the address is taken.
        InvalidParameter: an address outside the subnet (Unclassified before 25.0).
        Unclassified: no address is left, or a MAC, address or link cannot be read, or
            the kernel cannot make the link.
    """
    members: Map[str] = world.members.get(network.id) or Map()
    if container.id in members:
        raise already_connected(container, network)
    check_attachable(world, network, container.name)
    check_texts(world, endpoint.settings)
    check_links(endpoint.settings)
    ids, endpoint_id = world.ids.hex_id()
    world = replace(world, ids=ids)
    joined = replace(endpoint, id=endpoint_id, network_id=network.id)
    events: tuple[Event, ...] = ()
    if network.interface_prefix:
        world = room_made(world, network)
        world, joined = _wire(world, container, joined, network)
        events = steps(container, joined, network, now)
        world, network = numbered(world, network, joined.address)
    joined = replace(joined, sequence=world.sequence)
    world = replace(
        world,
        sequence=world.sequence + 1,
        members=world.members.set(network.id, members.set(container.id, endpoint_id)),
        networks=_with_ports(world, network),
    )
    world = balanced(world, network)
    container = with_endpoint(container, joined)
    if joined.leads_out_as:  # Docker tells nobody of it
        return Attached(world=world, container=container, events=events)
    container = _own_lines(container, joined)
    events += (_network_event("connect", network, container, now),)
    return Attached(world=world, container=container, events=events)


def _with_ports(world: World, network: Network) -> Map[Network]:
    if network.bridge is None or network.bridge.had_ports:
        return world.networks
    seen = replace(network, bridge=replace(network.bridge, had_ports=True))
    return world.networks.set(network.id, seen)


def _wire(
    world: World, container: Container, endpoint: Endpoint, network: Network
) -> tuple[World, Endpoint]:
    """Addresses, MAC and the link of an endpoint."""
    four = network.pools_of(V4)
    wanted = _wanted(world, endpoint.settings.ipv4, network, four) if four else None
    world, place = _take(world, network, V4, wanted)
    asked = asked_mac(world, container, network, endpoint)
    mac = None
    if network.plugged is None:
        world, mac = chosen_mac(world, network, asked, place.address)
    world, place6 = _place6(world, network, endpoint, mac)
    addressed = replace(
        endpoint,
        address=place.address,
        length=place.length,
        gateway=place.gateway,
        address6=place6.address,
        length6=place6.length,
        gateway6=place6.gateway,
        mac=mac,
    )
    if network.plugged is not None:
        return plugged_in(world, container, addressed, network, asked)
    return plug(world, addressed, network)


def name_interface(container: Container, endpoint: Endpoint, prefix: str) -> Container:
    """Give an attached endpoint the next interface name, eth0, eth1, ...

    Numbers are not used again while the container runs. A plugin has its own prefix,
    or wants no interface.
    """
    if endpoint.plugged is not None:
        prefix = endpoint.plugged.prefix
        if not endpoint.plugged.source:
            return container
    named = replace(endpoint, interface=f"{prefix}{container.next_interface}")
    container = replace(container, next_interface=container.next_interface + 1)
    return with_endpoint(container, named)


def _own_lines(container: Container, endpoint: Endpoint) -> Container:
    """A full name is followed by its first label, wherever the dots came from."""
    name = container.hostname
    if container.domain:
        name = f"{name}.{container.domain}"
    names: tuple[str, ...] = (name,)
    if "." in name:
        names = (name, name.partition(".")[0])
    lines = tuple(
        HostsLine(address=address, names=names)
        for address in (endpoint.address, endpoint.address6)
        if address is not None
    )
    return replace(container, hosts=container.hosts + lines)


def _network_event(
    action: str, network: Network, container: Container, now: int
) -> Event:
    attributes = [
        ("container", container.id),
        ("name", network.name),
        ("type", network.driver),
    ]
    return event("network", action, network.id, now, attributes)


def detach(
    world: World, container: Container, endpoint: Endpoint, now: int
) -> Attached:
    """Leave a network: the address goes back to its pool at once.

    The caller withdraws published ports first. Cost: O(log pool).
    """
    network = world.networks.get(endpoint.network_id)
    if network is None or not endpoint.attached:
        return Attached(world=world, container=container)
    world = left(world, endpoint, network)
    world = _give_back(world, network.pools_of(V4), endpoint.address)
    world = _give_back(world, network.pools_of(V6), endpoint.address6)
    members = world.members.get(network.id)
    if members is not None and container.id in members:
        others = members.delete(container.id)
        kept = world.members.set(network.id, others)
        world = balanced(replace(world, members=kept), network)
    if endpoint.leads_out_as:
        return Attached(
            world=world, container=replace(container, endpoints=container.connections)
        )
    container = with_endpoint(container, clean(endpoint))
    events = (_network_event("disconnect", network, container, now),)
    return Attached(world=world, container=container, events=events)
