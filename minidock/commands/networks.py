"""Creating, removing and pruning networks.

```
create ──▶ name free? driver known? ──▶ reserve subnet and gateway ──▶ driver reads
           (refused: nothing changed)   (refused: given back)          the options
```

A network that is in use cannot be removed; ``bridge``, ``host`` and ``none`` never.
Docker's sources of these rules: moby, ``daemon/network.go``,
``libnetwork/controller.go``.
"""

from collections.abc import Sequence
from dataclasses import replace

from minidock.commands.addressing import (
    Reservation,
    check_all,
    pools_of,
    release_pools,
    reserve,
)
from minidock.commands.network_rules import (
    NetworkRequest,
    check_bridge_name,
    check_kind,
    check_name,
    check_subnet_given,
    too_many_subnets,
    with_config,
)
from minidock.commands.outcome import Outcome, event
from minidock.drivers.base import BridgeRequest, Driver, Tenant
from minidock.drivers.catalog import not_a_manager
from minidock.eras import IpamChecks
from minidock.errors import (
    Forbidden,
    Refusal,
    Unclassified,
)
from minidock.model.event import Event
from minidock.model.network import MadeLink, Network, ParentLink
from minidock.model.world import World
from minidock.net.mac import MAC

__all__ = ["NetworkRequest", "create", "prune", "remove"]

_MODE4 = "com.docker.network.bridge.gateway_mode_ipv4"


def create(world: World, request: NetworkRequest, now: int) -> Outcome:
    """Create a network; ``made`` is its id.

    Cost: O(networks) for the name, O(log pools) for the subnet.

    Raises:
        Forbidden: a predefined name, a second host network, an overlapping subnet.
        Conflict: the name is taken and duplicates are refused.
        NotFound: the driver, or a default pool, is not there.
        Unclassified: an IPAM setting or a driver option cannot be read.
    """
    warnings = check_name(world, request)
    driver = check_kind(world, request)
    request = with_config(world, request)
    if world.era.ipam_checks is IpamChecks.AT_CREATE:
        check_all(request.ipam_config, ipv6=request.enable_ipv6)
    for config in request.ipam_config:
        check_subnet_given(config)
    if request.config_only:
        return _record(world, request, driver, now, warnings)
    if request.ipam_driver == "null" and driver.has_addresses:
        raise Unclassified(
            "ipv4 pool is empty",
            asked=f"--ipam-driver null on a {driver.name} network",
            rule=f"the null IPAM driver gives no subnet, and {driver.name} needs one",
            remedy="--ipam-driver default",
        )
    reservation, refusal = _reserve(world, request, driver)
    if refusal is not None:
        return Outcome(world=reservation.world, refusal=refusal)
    ids, network_id = reservation.world.ids.hex_id()
    # A bridge's MAC is Docker's choice, that of a dummy the kernel's.
    ids, mac = ids.mac() if driver.on_parent else ids.docker_mac()
    reserved = replace(reservation.world, ids=ids)
    made = _network(
        request, network_id, driver=driver, now=now, sequence=world.sequence
    )
    network = replace(
        made,
        pool=reservation.pool,
        pool6=reservation.pool6,
        more_pools=reservation.more,
    )
    try:
        if request.scope not in {"", "local"}:
            # Odd on purpose: noticed so late that an automatic subnet's turn is over.
            raise not_a_manager()
        if reservation.subnets > 1 and not driver.many_subnets:
            raise too_many_subnets()
        read = driver.read_options(_options(world, request, network_id, mac))
        if isinstance(read, ParentLink):
            network = replace(network, parent=read)
        else:
            check_bridge_name(world, request, read)
            network = replace(network, bridge=read)
    except Refusal as error:
        world = release_pools(reserved, pools_of(network))
        return Outcome(world=world, refusal=error)
    return _add(reserved, network, now, warnings)


def _options(
    world: World, request: NetworkRequest, network_id: str, mac: MAC
) -> BridgeRequest:
    standing = list(world.networks_in_order())
    return BridgeRequest(
        network_id=network_id,
        options=request.options,
        era=world.era,
        daemon=world.daemon,
        host=world.host,
        mac=mac,
        index=world.next_index,
        bridges=tuple(n.bridge.name for n in standing if n.bridge),
        internal=request.internal,
        tenants=tuple(Tenant(n.id, n.parent) for n in standing if n.parent),
    )


def _reserve(
    world: World, request: NetworkRequest, driver: Driver
) -> tuple[Reservation, Refusal | None]:
    if not driver.has_addresses:
        return Reservation(world=world), None
    return reserve(
        world,
        request.ipam_config,
        ipv4=request.enable_ipv4,
        ipv6=request.enable_ipv6,
        gateway=_wants_gateway(world, request, driver),
        name=request.name,
    )


def _wants_gateway(world: World, request: NetworkRequest, driver: Driver) -> bool:
    """Whether an address is held for a gateway; one that was named always is."""
    if not driver.on_parent:
        return request.options.text(_MODE4) != "isolated"
    if world.era.unused_gateways_reserved or any(
        config.gateway for config in request.ipam_config
    ):
        return True
    alone = request.internal or not request.options.text("parent")
    return not alone and request.options.text("ipvlan_mode") in {"", "l2"}


def _network(
    request: NetworkRequest,
    network_id: str,
    *,
    driver: Driver,
    now: int,
    sequence: int,
) -> Network:
    return Network(
        id=network_id,
        name=request.name,
        driver=driver.name,
        created=now,
        sequence=sequence,
        enable_ipv4=request.enable_ipv4,
        enable_ipv6=request.enable_ipv6,
        internal=request.internal,
        attachable=request.attachable,
        config_only=request.config_only,
        config_from=request.config_from,
        options=request.options,
        labels=request.labels,
        ipam_driver=request.ipam_driver or "default",
        ipam_options=request.ipam_options,
        ipam_config=request.ipam_config,
    )


def _record(
    world: World,
    request: NetworkRequest,
    driver: Driver,
    now: int,
    warnings: tuple[str, ...],
) -> Outcome:
    ids, network_id = world.ids.hex_id()
    network = _network(
        request, network_id, driver=driver, now=now, sequence=world.sequence
    )
    return _add(replace(world, ids=ids), network, now, warnings)


def _add(
    world: World, network: Network, now: int, warnings: tuple[str, ...]
) -> Outcome:
    return Outcome(
        world=replace(
            world,
            networks=world.networks.set(network.id, network),
            sequence=world.sequence + 1,
            last_bridge=world.sequence if network.bridge else world.last_bridge,
            next_index=world.next_index + _links_made(world, network),
        ),
        events=(_event("create", network, now),),
        made=network.id,
        warnings=warnings,
    )


def _links_made(world: World, network: Network) -> int:
    """How many interfaces the host gets with the network: a bridge, or a parent."""
    made = network.parent.made if network.parent else None
    return int(network.bridge is not None or _is_new(world, made))


def _is_new(world: World, made: MadeLink | None) -> bool:
    # A made parent that another network has, too, has that network's earlier index.
    return made is not None and made.index == world.next_index


def _event(action: str, network: Network, now: int) -> Event:
    attributes = [("name", network.name), ("type", network.driver)]
    return event("network", action, network.id, now, attributes)


def remove(world: World, network: Network, now: int) -> Outcome:
    """Remove a network that no container is attached to.

    Raises:
        Forbidden: it is predefined, or containers are attached.
    """
    if network.predefined:
        raise Forbidden(
            f"{network.name} is a pre-defined network and cannot be removed",
            asked=f"remove the network {network.name}",
            rule="bridge, host and none stand as long as Docker runs",
            remedy="disconnect containers from it instead",
        )
    if world.members.get(network.id):
        raise _in_use(world, network)
    if network.config_only and any(
        other.config_from == network.name for other in world.networks.values()
    ):
        raise Forbidden(
            f'error while removing network: configuration network "{network.name}" '
            "is in use",
            asked=f"remove the configuration network {network.name}",
            rule="networks that were created from it exist",
            remedy="remove those first",
        )
    freed = release_pools(world, pools_of(network))
    return Outcome(
        world=replace(freed, networks=freed.networks.delete(network.id)),
        events=(_event("destroy", network, now),),
    )


def _in_use(world: World, network: Network) -> Forbidden:
    members = world.members[network.id]
    names = sorted(
        (world.containers[key].name, value) for key, value in members.items()
    )
    text = f"error while removing network: network {network.name}"
    if world.era.active_endpoints_named:
        listed = ", ".join(f'name:"{name}" id:"{eid[:12]}"' for name, eid in names)
        text += f" has active endpoints ({listed})"
    else:
        text += f" id {network.id} has active endpoints"
    return Forbidden(
        text,
        asked=f"remove the network {network.name}",
        rule="a network is in use while a running container is attached to it",
        remedy="docker network disconnect "
        f"{network.name} {names[0][0]}, or stop that container",
    )


def prune(world: World, networks: Sequence[Network], now: int) -> Outcome:
    """Remove those of the networks that are in use by no running container.

    ``made`` names the removed ones, one a line. Containers that were only created do
    not protect a network, as on a real engine.
    """
    removed = []
    events: list[Event] = []
    for network in networks:
        if network.predefined or world.members.get(network.id) or network.config_only:
            continue
        outcome = remove(world, network, now)
        world = outcome.world
        events += outcome.events
        removed.append(network.name)
    events.append(event("network", "prune", "", now, [("reclaimed", "0")]))
    return Outcome(world=world, events=tuple(events), made="\n".join(removed))
