"""What a command does to the cluster's part of a World when it touches an overlay.

```
create    name free everywhere? ─▶ subnets of GlobalDefault ─▶ VNIs     claimed
attach    may this container join? ─▶ the subnet's VNI, if it has none  numbered
remove    nobody on any host? ─▶ subnets and VNIs are free              unclaimed
```

Odd on purpose: hosts that share a store draw a VNI when the first container joins a
subnet; a swarm draws it when the network is created, and shows it among the options.

Invariant: ``World.cluster`` after a command is what the registry must come to hold.

Docker's sources: moby, ``libnetwork/drivers/overlay`` and ``overlay/ovmanager``.
"""

from dataclasses import replace

from minidock.commands.names import check_kept
from minidock.drivers.overlay import LAST_VNI, VXLANID_LIST
from minidock.errors import Conflict, Forbidden, NotFound, Refusal, Unclassified
from minidock.model.cluster import Cluster, Coordination
from minidock.model.ids import base36
from minidock.model.maps import Map
from minidock.model.network import Network, NetworkPool, OverlaySettings, OverlaySubnet
from minidock.model.world import World
from minidock.net.address import Address

__all__ = [
    "check_attachable",
    "check_name_in_cluster",
    "check_open",
    "check_reachable",
    "check_scope",
    "claimed",
    "each_pool",
    "in_use_by_task",
    "numbered",
    "scope_of",
    "shared_with",
    "unclaimed",
    "unshared_with",
    "with_vnis",
]


def check_reachable(world: World, asked: str) -> None:
    """Refuse what only the registry can decide while it does not answer.

    Raises:
        Unclassified: it does not; the text says why.
    """
    cluster = world.cluster
    if cluster is None or cluster.reachable:
        return
    said = "the cluster store does not answer: "
    raise Unclassified(
        said + cluster.trouble.removeprefix(said),
        asked=asked,
        rule="names of containers and what concerns overlay networks are decided in "
        "the cluster's store",
        remedy="start the store, or repair the way to it, and ask again",
    )


def check_open(world: World, network: Network) -> None:
    """Refuse a network that a host of the cluster is just removing.

    Raises:
        NotFound: it is as good as gone.
    """
    if world.cluster is not None and network.id in world.cluster.closing:
        raise NotFound(
            f"network {network.name} not found",
            asked=f"the network {network.name}",
            rule="another host of the cluster is removing it",
            remedy="ask again: it stays if somebody is on it",
        )


def check_name_in_cluster(cluster: Cluster, name: str) -> None:
    """Refuse a network's name that a host of the cluster took; O(held subnets).

    Raises:
        Conflict: a network of the cluster has it.
    """
    if any(taken == name for _, taken in cluster.subnet_owners.values()):
        raise Conflict(
            f"network with name {name} already exists",
            asked=f"create a network named {name!r}",
            rule="hosts that share a registry share its networks and their names",
            remedy=f"another name, or docker network rm {name}",
        )


def check_scope(cluster: Cluster, scope: str) -> None:
    """Refuse a scope that the hosts' coordination does not give.

    Raises:
        Forbidden: an overlay network shall belong to one host, or to a swarm that is
            not there.
    """
    if scope == "local":
        raise Forbidden(
            "cannot downgrade network scope for overlay networks",
            asked="an overlay network of scope local",
            rule="an overlay network spans hosts",
            remedy="leave the scope out, or --driver bridge",
        )
    if scope == "swarm" and cluster.mode is not Coordination.SWARM:
        raise Forbidden(
            "cannot create a swarm scoped network when swarm is not active",
            asked="create a network of scope swarm",
            rule="these hosts share a store, they are no swarm",
            remedy="leave the scope out",
        )


def scope_of(cluster: Cluster) -> str:
    """The scope of overlay networks, as inspect shows it."""
    return "swarm" if cluster.mode is Coordination.SWARM else "global"


def with_vnis(cluster: Cluster, network: Network) -> tuple[Cluster, Network]:
    """The new network with the VNIs that it has from the start, and who has them.

    Raises:
        Unclassified: a VNI that was asked for is taken, or is none.
    """
    settings = network.overlay
    if settings is None:
        return cluster, network
    subnets: list[OverlaySubnet] = []
    for subnet in settings.subnets:
        vni = subnet.vni
        if vni or VXLANID_LIST in network.options:
            _check_vni(cluster, subnet)
            cluster = _holding(cluster, network, subnet)
        elif cluster.mode is Coordination.SWARM:
            vni = cluster.next_vni
            cluster = _holding(cluster, network, subnet._replace(vni=vni))
            cluster = replace(cluster, last_vni=vni)
        subnets.append(subnet._replace(vni=vni))
    options = network.options
    if cluster.mode is Coordination.SWARM:
        listed = ",".join(str(subnet.vni) for subnet in subnets)
        options = options.with_entry(VXLANID_LIST, listed)
    port = cluster.swarm.data_port if cluster.swarm else settings.data_port
    settings = replace(settings, subnets=tuple(subnets), data_port=port)
    return cluster, replace(network, overlay=settings, options=options)


def _holding(cluster: Cluster, network: Network, subnet: OverlaySubnet) -> Cluster:
    owner = f"{network.id}/{subnet.subnet}"
    return replace(cluster, vnis=cluster.vnis.set(str(subnet.vni), owner))


def _check_vni(cluster: Cluster, subnet: OverlaySubnet) -> None:
    lowest = cluster.first_vni if cluster.mode is Coordination.SWARM else 1
    asked = f"the VNI {subnet.vni} for {subnet.subnet}"
    text = f"could not obtain vxlan id for pool {subnet.subnet}: "
    if not lowest <= subnet.vni <= LAST_VNI:
        raise Unclassified(
            f"{text}requested id does not belong to the set",
            asked=asked,
            rule=f"a VNI is a number of 24 bits, here from {lowest} to {LAST_VNI}",
            remedy=f"--opt {VXLANID_LIST}={cluster.next_vni}",
        )
    owner = cluster.owner_of_vni(subnet.vni)
    if owner:
        raise Unclassified(
            f"{text}requested bit is already allocated",
            asked=asked,
            rule=f"a VNI belongs to one subnet, and {owner} has it",
            remedy=f"--opt {VXLANID_LIST}={cluster.next_vni}, or leave the list out",
        )


# --- the cluster's maps follow a network ----------------------------------------------


def each_pool(network: Network) -> tuple[NetworkPool, ...]:
    """The pools of a network that are of the cluster's space."""
    pools = (*network.pools_of(4), *network.pools_of(6))
    return tuple(pool for pool in pools if pool.space)


def shared_with(cluster: Cluster, network: Network) -> Cluster:
    """The cluster in which this network is noted as one that has its pools."""
    sharers = cluster.sharers
    for pool in each_pool(network):
        ids = sharers.get(pool.key) or ()
        if network.id not in ids:
            sharers = sharers.set(pool.key, tuple(sorted((*ids, network.id))))
    return replace(cluster, sharers=sharers)


def unshared_with(cluster: Cluster, network: Network) -> Cluster:
    """The cluster in which it has them no more."""
    sharers = cluster.sharers
    for pool in each_pool(network):
        left = tuple(x for x in sharers.get(pool.key) or () if x != network.id)
        if left:
            sharers = sharers.set(pool.key, left)
        elif pool.key in sharers:
            sharers = sharers.delete(pool.key)
    return replace(cluster, sharers=sharers)


def claimed(world: World, network: Network) -> World:
    """The World in which a new overlay network holds its subnets, O(its subnets)."""
    cluster = world.cluster
    if cluster is None or network.overlay is None:
        return world
    owners = cluster.subnet_owners
    for pool in each_pool(network):
        owners = owners.set(str(pool.subnet), (network.id, network.name))
    cluster = shared_with(cluster, network)
    overlays = cluster.overlays.set(network.id, network.overlay)
    cluster = replace(cluster, subnet_owners=owners, overlays=overlays)
    return replace(world, cluster=cluster)


def unclaimed(world: World, network: Network) -> World:
    """The World in which a removed overlay network holds nothing, O(its subnets).

    The caller releases the pools.
    """
    cluster = world.cluster
    if cluster is None or network.overlay is None:
        return world
    owners, vnis, overlays = cluster.subnet_owners, cluster.vnis, cluster.overlays
    for pool in each_pool(network):
        if str(pool.subnet) in owners:
            owners = owners.delete(str(pool.subnet))
    for subnet in network.overlay.subnets:
        if cluster.owner_of_vni(subnet.vni) == f"{network.id}/{subnet.subnet}":
            vnis = vnis.delete(str(subnet.vni))
    if network.id in overlays:
        overlays = overlays.delete(network.id)
    cluster = unshared_with(cluster, network)
    return replace(
        world,
        cluster=replace(cluster, subnet_owners=owners, vnis=vnis, overlays=overlays),
    )


# --- joining --------------------------------------------------------------------------


def check_attachable(world: World, network: Network, name: str) -> None:
    """Refuse a container on an overlay network that it may not join now.

    Args:
        world: with the container.
        network: of any kind.
        name: the container's.

    Raises:
        Conflict: its name became another host's.
        Forbidden: a swarm's network that is for its services alone.
        NotFound: a host of the cluster is removing it.
        Unclassified: the cluster's store does not answer.
    """
    if network.scope not in {"global", "swarm"} or world.cluster is None:
        return
    if world.cluster.mode is Coordination.SWARM and not network.attachable:
        raise Forbidden(
            f"Could not attach to network {network.name}: rpc error: code = "
            f"PermissionDenied desc = network {network.name} not manually attachable",
            asked=f"a container on the network {network.name}",
            rule="a swarm's network is for services, unless it was made attachable",
            remedy=f"docker network create -d overlay --attachable {network.name}2",
        )
    if network.overlay is None:
        raise Forbidden(
            f"Could not attach to network {network.name}: context deadline exceeded",
            asked=f"a container on the network {network.name}",
            rule="the swarm's managers could not make it: its subnet or VNI was taken",
            remedy=f"docker network rm {network.name}, and one with another subnet",
        )
    check_reachable(world, f"join the network {network.name}")
    check_kept(world, name, f"join the network {network.name}")
    check_open(world, network)


def numbered(
    world: World, network: Network, address: Address | None
) -> tuple[World, Network]:
    """The World in which the subnet of an address has a VNI; O(1), nearly always."""
    cluster, settings = world.cluster, network.overlay
    if cluster is None or settings is None or address is None:
        return world, network
    subnets: list[OverlaySubnet] = []
    for subnet in settings.subnets:
        placed = subnet
        if address in subnet.subnet and not subnet.vni:
            placed = subnet._replace(vni=cluster.next_vni)
            cluster = _holding(cluster, network, placed)
            cluster = replace(cluster, last_vni=placed.vni)
        subnets.append(placed)
    if tuple(subnets) == settings.subnets:
        return world, network
    settings = replace(settings, subnets=tuple(subnets))
    network = replace(network, overlay=settings)
    overlays: Map[OverlaySettings] = cluster.overlays.set(network.id, settings)
    world = replace(
        world,
        networks=world.networks.set(network.id, network),
        cluster=replace(cluster, overlays=overlays),
    )
    return world, network


def in_use_by_task(network: Network, endpoint_id: str) -> Refusal:
    """A swarm's refusal to remove a network that somebody is on.

    Docker names the task that attached a container; its id is made of the endpoint's.
    """
    digits = endpoint_id if all(c in "0123456789abcdef" for c in endpoint_id) else ""
    task = base36(int(digits or "0", 16))
    return Unclassified(
        "rpc error: code = FailedPrecondition desc = network "
        f"{network.id} is in use by task {task}",
        asked=f"remove the network {network.name}",
        rule="a network is in use while a container of any host is attached to it",
        remedy="stop that container, or disconnect it",
    )
