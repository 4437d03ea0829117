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
    pools_of,
    release_pools,
    reserve,
)
from minidock.commands.ipam_faults import check_all
from minidock.commands.lending import lender_of
from minidock.commands.network_rules import (
    NetworkRequest,
    check_apart,
    check_bridge_name,
    check_kind,
    check_name,
    check_subnet_given,
    too_many_subnets,
    with_config,
)
from minidock.commands.outcome import Outcome, event
from minidock.commands.overlays import (
    check_name_in_cluster,
    check_open,
    check_reachable,
    check_scope,
    claimed,
    in_use_by_task,
    scope_of,
    unclaimed,
    with_vnis,
)
from minidock.commands.plugging import made as made_by_plugin
from minidock.commands.plugging import unmade
from minidock.commands.spaces import GLOBAL_SPACE
from minidock.commands.unallocated import check_wellformed, failed, noted
from minidock.drivers.base import BridgeRequest, Driver, Tenant
from minidock.drivers.catalog import not_a_manager
from minidock.eras import IpamChecks
from minidock.errors import (
    Forbidden,
    Refusal,
    Unclassified,
)
from minidock.model.cluster import Cluster, Coordination
from minidock.model.event import Event
from minidock.model.ids import IdSource
from minidock.model.network import (
    BridgeSettings,
    MadeLink,
    Network,
    OverlaySettings,
    OverlaySubnet,
    ParentLink,
)
from minidock.model.plugged import PluggedNetwork
from minidock.model.world import World
from minidock.net.address import V4
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
    world, driver = check_kind(world, request)
    cluster = world.cluster if driver.name == "overlay" else None
    if cluster is not None:
        check_scope(cluster, request.scope)
        check_reachable(world, f"create the network {request.name}")
        check_name_in_cluster(cluster, request.name)
        check_wellformed(cluster, request)
    request = with_config(world, request)
    if world.era.ipam_checks is IpamChecks.AT_CREATE:
        check_all(request.ipam_config, ipv6=request.enable_ipv6)
    for config in request.ipam_config:
        check_subnet_given(config)
    if request.scope == "swarm" and cluster is None:
        return noted(world, request, now, driver.name)
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
        return failed(reservation.world, request, refusal, now, cluster)
    ids, network_id = _new_id(reservation.world.ids, cluster)
    # A bridge's MAC is Docker's choice, that of a dummy the kernel's.
    ids, mac = ids.mac() if driver.on_parent else ids.docker_mac()
    reserved = replace(reservation.world, ids=ids)
    made = _network(
        request, network_id, driver=driver, now=now, sequence=world.sequence
    )
    network = _pooled(made, reservation)
    try:
        if request.scope not in {"", "local"} and cluster is None:
            # Odd on purpose: noticed so late that an automatic subnet's turn is over.
            raise not_a_manager()
        if reservation.subnets > 1 and not driver.many_subnets:
            raise too_many_subnets()
        read = driver.read_options(_options(world, request, network, mac))
        if isinstance(read, BridgeSettings | None):
            check_bridge_name(world, request, read)
            network = replace(network, bridge=read)
            check_apart(world, network)
        else:
            reserved, network = _standing(reserved, network, read)
    except Refusal as error:
        left = release_pools(reserved, pools_of(network))
        return failed(left, request, error, now, cluster)
    return _add(claimed(reserved, network), network, now, warnings)


def _pooled(network: Network, got: Reservation) -> Network:
    return replace(network, pool=got.pool, pool6=got.pool6, more_pools=got.more)


def _new_id(ids: IdSource, cluster: Cluster | None) -> tuple[IdSource, str]:
    swarm = cluster is not None and cluster.mode is Coordination.SWARM
    return ids.swarm_id() if swarm else ids.hex_id()


def _standing(
    world: World,
    network: Network,
    read: OverlaySettings | ParentLink | PluggedNetwork,
) -> tuple[World, Network]:
    """The network on what is no bridge."""
    if isinstance(read, OverlaySettings):
        return _over(world, replace(network, overlay=read))
    if isinstance(read, ParentLink):
        return world, replace(network, parent=read)
    network = replace(network, plugged=read, scope=read.scope)
    return made_by_plugin(world, network), network


def _over(world: World, network: Network) -> tuple[World, Network]:
    """The network as all hosts of the cluster will see it."""
    if world.cluster is None:
        return world, network
    cluster, network = with_vnis(world.cluster, network)
    return replace(world, cluster=cluster), replace(network, scope=scope_of(cluster))


def _options(
    world: World, request: NetworkRequest, network: Network, mac: MAC
) -> BridgeRequest:
    standing = list(world.networks_in_order())
    return BridgeRequest(
        network_id=network.id,
        options=request.options,
        era=world.era,
        daemon=world.daemon,
        host=world.host,
        mac=mac,
        index=world.next_index,
        bridges=tuple(n.bridge.name for n in standing if n.bridge),
        internal=request.internal,
        tenants=tuple(Tenant(n.id, n.parent) for n in standing if n.parent),
        subnets=tuple(
            OverlaySubnet(pool.subnet, pool.gateway)
            for pool in network.pools_of(V4)
            if pool.gateway is not None
        ),
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
        space=GLOBAL_SPACE if driver.name == "overlay" else "",
        lender=lender_of(request.ipam_driver, request.ipam_options),
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
    if network.overlay is not None:
        check_reachable(world, f"remove the network {network.name}")
        check_open(world, network)
    if _users(world, network):
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
    freed = unclaimed(release_pools(world, pools_of(network)), network)
    if network.plugged is not None:
        freed = unmade(freed, network)
    return Outcome(
        world=replace(freed, networks=freed.networks.delete(network.id)),
        events=(_event("destroy", network, now),),
    )


def _users(world: World, network: Network) -> list[tuple[str, str]]:
    """The containers on a network, and their endpoints: of this host, and of others."""
    found = []
    for container_id, endpoint_id in world.members.get(network.id, {}).items():
        container = world.containers[container_id]
        place = container.endpoint_on(network.id)
        name = place.leads_out_as if place is not None else ""
        found.append((name or container.name, endpoint_id))
    if world.cluster is not None:
        if world.cluster.door is not None and world.cluster.door[0] == network.id:
            found.append(("gateway_ingress-sbox", "ingress-sbox"))
        peers = world.cluster.peers.get(network.id, {}).values()
        found += [(peer.name, peer.endpoint_id) for peer in peers]
    return sorted(found)


def _in_use(world: World, network: Network) -> Refusal:
    names = _users(world, network)
    if network.scope == "swarm":
        return in_use_by_task(network, names[0][1])
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


def _removable(world: World, network: Network) -> bool:
    cluster = world.cluster
    return cluster is None or (cluster.reachable and network.id not in cluster.closing)


def prune(world: World, networks: Sequence[Network], now: int) -> Outcome:
    """Remove those of the networks that are in use by no running container.

    ``made`` names the removed ones, one a line. Containers that were only created do
    not protect a network, as on a real engine.
    """
    removed = []
    events: list[Event] = []
    for network in networks:
        if network.predefined or network.config_only or _users(world, network):
            continue
        if network.overlay is not None and not _removable(world, network):
            continue
        outcome = remove(world, network, now)
        world = outcome.world
        events += outcome.events
        removed.append(network.name)
    events.append(event("network", "prune", "", now, [("reclaimed", "0")]))
    return Outcome(world=world, events=tuple(events), made="\n".join(removed))
