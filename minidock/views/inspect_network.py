"""`docker network inspect` and the lines of `docker network ls`, as the API's JSON.

Docker's source: moby, ``daemon/network.go``, ``buildNetworkResource``. A subnet that
was
configured by hand is shown as it was typed, without the gateway that Docker chose; an
automatic one is shown with its gateway. The driver of a swarm's networks shows the
gateway always, and the hosts whose containers are there as its peers; hosts that share
a store show one another's endpoints instead.
"""

from hashlib import sha256

from minidock.model.cluster import Coordination
from minidock.model.document import Json, thaw
from minidock.model.network import IpamConfig, Network, NetworkPool
from minidock.model.world import World
from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.views.api_versions import ENABLE_IPV4, ApiVersion
from minidock.views.durations import timestamp

__all__ = ["ipam_config_json", "network_json"]


def network_json(
    world: World, network: Network, api: ApiVersion, *, members: bool
) -> dict[str, Json]:
    """What GET /networks/{id} answers; the list leaves Containers empty (1.28+)."""
    shown: dict[str, Json] = {
        "Name": network.name,
        "Id": network.id,
        "Created": timestamp(network.created),
        "Scope": network.scope,
        "Driver": network.driver,
    }
    if ENABLE_IPV4.reached(api):
        shown["EnableIPv4"] = network.enable_ipv4
    here = network.ingress or bool(world.members.get(network.id))
    # Odd on purpose: the list shows what the managers know, be it used here or not.
    used = not _by_swarm(world, network) or (members and here)
    shown |= {
        "EnableIPv6": network.enable_ipv6,
        "IPAM": {
            "Driver": network.ipam_driver,
            "Options": _ipam_options(network),
            "Config": ipam_config_json(network) if network.driver else None,
        },
        "Internal": network.internal,
        "Attachable": network.attachable,
        "Ingress": network.ingress,
        "ConfigFrom": {"Network": network.config_from},
        "ConfigOnly": network.config_only,
        "Containers": _members(world, network, members=members) if used else None,
        "Options": None if _only_noted(network) else thaw(network.options),
        "Labels": thaw(network.labels) if used or network.labels else None,
    }
    if members and used and _by_swarm(world, network):
        shown["Peers"] = _peers(world, network)
    return shown


def _ipam_options(network: Network) -> Json:
    """As they came; a swarm's managers drop an empty object."""
    options = network.ipam_options
    if options is None or (network.scope == "swarm" and not options):
        return None
    return thaw(options)


def _by_swarm(world: World, network: Network) -> bool:
    """Whether a swarm's managers keep it, and a host only knows those that it uses."""
    swarm = world.cluster is not None and world.cluster.mode is Coordination.SWARM
    return swarm and (network.overlay is not None or network.scope == "swarm")


def _only_noted(network: Network) -> bool:
    """Whether a swarm's managers note it, and no host has it."""
    return network.scope == "swarm" and network.overlay is None


def _members(world: World, network: Network, *, members: bool) -> Json:
    if not members:
        return {}
    return (
        _containers(world, network)
        | _door(world, network)
        | _elsewhere(world, network)
        | _balancer(world, network)
    )


def _balancer(world: World, network: Network) -> dict[str, Json]:
    """This host's load balancer on a swarm's network."""
    cluster = world.cluster
    address = cluster.balancers.get(network.id) if cluster is not None else None
    pool = next(
        (p for p in network.pools_of(4) if address and address in p.subnet), None
    )
    if cluster is None or address is None or pool is None:
        return {}
    return {
        "ingress-sbox" if network.ingress else f"lb-{network.name}": {
            "Name": f"{network.name}-endpoint",
            "EndpointID": sha256(
                f"{network.id}/{cluster.advertise}".encode()
            ).hexdigest(),
            "MacAddress": str(MAC.from_ipv4(address)),
            "IPv4Address": _with_length(address, pool.subnet.length),
            "IPv6Address": "",
        }
    }


def _door(world: World, network: Network) -> dict[str, Json]:
    """The sandbox of a swarm's ingress, on docker_gwbridge."""
    cluster = world.cluster
    if cluster is None or cluster.door is None or cluster.door[0] != network.id:
        return {}
    address, pool = cluster.door[1], network.pools_of(4)[0]
    return {
        "ingress-sbox": {
            "Name": "gateway_ingress-sbox",
            "EndpointID": sha256(f"{network.id}/ingress".encode()).hexdigest(),
            "MacAddress": str(MAC.from_ipv4(address)),
            "IPv4Address": _with_length(address, pool.subnet.length),
            "IPv6Address": "",
        }
    }


def _elsewhere(world: World, network: Network) -> dict[str, Json]:
    """The endpoints of other hosts, as hosts that share a store show them."""
    if world.cluster is None or _by_swarm(world, network):
        return {}
    peers = world.cluster.peers.get(network.id, {}).values()
    return {
        f"ep-{peer.endpoint_id}": {
            "Name": peer.name,
            "EndpointID": peer.endpoint_id,
            "MacAddress": str(peer.mac),
            "IPv4Address": f"{peer.address}/{peer.length}",
            "IPv6Address": "",
        }
        for peer in sorted(peers, key=lambda peer: peer.endpoint_id)
    }


def _peers(world: World, network: Network) -> list[Json]:
    """The hosts whose containers are on a swarm's network, this one first."""
    cluster = world.cluster
    if cluster is None:
        return []
    hosts = {cluster.advertise: cluster.vtep}
    hosts |= {peer.advertise: peer.vtep for peer in cluster.peers_on(network.id)}
    return [
        {"Name": sha256(name.encode()).hexdigest()[:12], "IP": str(vtep)}
        for name, vtep in hosts.items()
    ]


def ipam_config_json(network: Network) -> list[Json]:
    """The entries of IPAM.Config, IPv4 before IPv6."""
    entries: list[Json] = []
    for family, pool in ((4, network.pool), (6, network.pool6)):
        asked = [
            c
            for c in network.ipam_config
            if c.subnet and (":" in c.subnet) == (family == 6)
        ]
        swarm = network.scope == "swarm"
        for at, config in enumerate(asked):
            pools = network.pools_of(family)
            given = _given(pools[at]) if swarm and at < len(pools) else {}
            entries.append(_asked(config) | given)
        if not asked and pool is not None:
            entries.append(_given(pool))
    return entries


def _asked(config: IpamConfig) -> dict[str, Json]:
    shown: dict[str, Json] = {"Subnet": config.subnet}
    if config.ip_range:
        shown["IPRange"] = config.ip_range
    if config.gateway:
        shown["Gateway"] = config.gateway
    if config.aux_addresses:
        shown["AuxiliaryAddresses"] = thaw(config.aux_addresses)
    return shown


def _given(pool: NetworkPool) -> dict[str, Json]:
    shown: dict[str, Json] = {"Subnet": str(pool.subnet)}
    if pool.gateway is not None:
        shown["Gateway"] = str(pool.gateway)
    return shown


def _with_length(address: Address | None, length: int) -> str:
    return "" if address is None else f"{address}/{length}"


def _containers(world: World, network: Network) -> dict[str, Json]:
    """The attached containers by id; those that share a namespace are not members."""
    shown: dict[str, Json] = {}
    for container_id in sorted(world.members.get(network.id) or ()):
        container = world.containers[container_id]
        endpoint = container.endpoint_on(network.id)
        if endpoint is None:
            continue
        shown[container_id] = {
            "Name": endpoint.leads_out_as or container.name,
            "EndpointID": endpoint.id,
            "MacAddress": str(endpoint.mac) if endpoint.mac else "",
            "IPv4Address": _with_length(endpoint.address, endpoint.length),
            "IPv6Address": _with_length(endpoint.address6, endpoint.length6),
        }
    return shown
