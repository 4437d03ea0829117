"""`docker network inspect` and the lines of `docker network ls`, as the API's JSON.

Docker's source: moby, ``daemon/network.go``, ``buildNetworkResource``. A subnet that
was
configured by hand is shown as it was typed, without the gateway that Docker chose; an
automatic one is shown with its gateway.
"""

from minidock.model.document import Json, thaw
from minidock.model.network import IpamConfig, Network, NetworkPool
from minidock.model.world import World
from minidock.net.address import Address
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
    return shown | {
        "EnableIPv6": network.enable_ipv6,
        "IPAM": {
            "Driver": network.ipam_driver,
            "Options": None
            if network.ipam_options is None
            else thaw(network.ipam_options),
            "Config": ipam_config_json(network),
        },
        "Internal": network.internal,
        "Attachable": network.attachable,
        "Ingress": network.ingress,
        "ConfigFrom": {"Network": network.config_from},
        "ConfigOnly": network.config_only,
        "Containers": _containers(world, network) if members else {},
        "Options": thaw(network.options),
        "Labels": thaw(network.labels),
    }


def ipam_config_json(network: Network) -> list[Json]:
    """The entries of IPAM.Config, IPv4 before IPv6."""
    entries: list[Json] = []
    for family, pool in ((4, network.pool), (6, network.pool6)):
        asked = [
            c
            for c in network.ipam_config
            if c.subnet and (":" in c.subnet) == (family == 6)
        ]
        entries += [_asked(config) for config in asked]
        if not asked and pool is not None:
            entries.append(_given(pool))
    return entries


def _asked(config: IpamConfig) -> Json:
    shown: dict[str, Json] = {"Subnet": config.subnet}
    if config.ip_range:
        shown["IPRange"] = config.ip_range
    if config.gateway:
        shown["Gateway"] = config.gateway
    if config.aux_addresses:
        shown["AuxiliaryAddresses"] = thaw(config.aux_addresses)
    return shown


def _given(pool: NetworkPool) -> Json:
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
            "Name": container.name,
            "EndpointID": endpoint.id,
            "MacAddress": str(endpoint.mac) if endpoint.mac else "",
            "IPv4Address": _with_length(endpoint.address, endpoint.length),
            "IPv6Address": _with_length(endpoint.address6, endpoint.length6),
        }
    return shown
