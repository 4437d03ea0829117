"""What may become a network: the request, and the rules that it must keep.

```
name ──▶ kind (driver, scope) ──▶ configuration network ──▶ subnets ──▶ bridge name
409, 403  403, 404                404, 403                  500         403
```

The rules hold in this order; the first that is broken refuses. Docker's sources: moby,
``daemon/network.go`` and ``libnetwork/controller.go``.
"""

from dataclasses import dataclass, field, replace
from itertools import product

from minidock.commands.lookup import networks_named
from minidock.commands.plugging import driver_from
from minidock.drivers.base import Driver
from minidock.drivers.catalog import driver_named, is_built_in, not_a_manager
from minidock.errors import (
    Conflict,
    Forbidden,
    InvalidParameter,
    NotFound,
    Refusal,
    Unclassified,
)
from minidock.model.cluster import Coordination
from minidock.model.document import Document
from minidock.model.network import (
    BridgeSettings,
    IpamConfig,
    Network,
    NetworkPool,
)
from minidock.model.world import World
from minidock.net.address import V4, V6

__all__ = [
    "NetworkRequest",
    "check_apart",
    "check_bridge_name",
    "check_kind",
    "check_name",
    "check_subnet_given",
    "no_name",
    "too_many_subnets",
    "with_config",
]

_PREDEFINED = {"bridge", "host", "none", "default"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRequest:
    """What `docker network create` asks for (the body of POST /networks/create)."""

    name: str
    driver: str = ""
    scope: str = ""
    enable_ipv4: bool = True
    enable_ipv6: bool = False
    internal: bool = False
    attachable: bool = False
    ingress: bool = False
    config_only: bool = False
    config_from: str = ""
    options: Document = field(default_factory=Document)
    labels: Document = field(default_factory=Document)
    ipam_driver: str = ""
    ipam_options: Document | None = None
    ipam_config: tuple[IpamConfig, ...] = ()
    check_duplicate: bool = False


def check_name(world: World, request: NetworkRequest) -> tuple[str, ...]:
    """The warnings about the name.

    Raises:
        Forbidden: it is one of Docker's own.
        Conflict: it is taken, and a second network of that name is not wanted.
        Unclassified: it is blank.
    """
    name = request.name
    if name in _PREDEFINED:
        raise Forbidden(
            f"operation is not permitted on predefined {name} network ",
            asked=f"create a network named {name}",
            rule="bridge, host, none and default are Docker's own names",
            remedy="another name",
        )
    taken = networks_named(world, name)
    # Odd on purpose: with CheckDuplicate an empty name counts as taken (to 24.0).
    unnamed = not name and not world.era.unique_network_names
    if taken or (unnamed and request.check_duplicate):
        if request.check_duplicate or world.era.unique_network_names:
            raise Conflict(
                f"network with name {name} already exists",
                asked=f"create a network named {name!r}",
                rule="a network's name is taken while it exists",
                remedy=f"another name, or docker network rm {name}",
            )
        return (f"Network with name {name} (id : {taken[0].id}) already exists",)
    if not name.strip():
        raise no_name(world, name)
    return ()


def no_name(world: World, name: str) -> Refusal:
    """A name of blanks is refused; until 24.0 as a fault of the server's."""
    modern = world.era.wrong_address_status == "invalid"
    return (InvalidParameter if modern else Unclassified)(
        f"invalid name: {name}",
        asked="name a network or an endpoint with nothing",
        rule="a name must hold more than blanks",
        remedy="docker network create mynet",
    )


def check_kind(world: World, request: NetworkRequest) -> tuple[World, Driver]:
    """The driver, and the World in which its plugin was asked if it is one.

    Raises:
        Forbidden: a swarm network, a second host network, a contradiction.
        NotFound: the driver or the IPAM driver is not there.
        Needs: a plugin has to be asked. Unclassified: it is no network plugin.
    """
    swarm = world.cluster is not None and world.cluster.mode is Coordination.SWARM
    if request.scope == "swarm" and not swarm:
        raise Forbidden(
            "cannot create a swarm scoped network when swarm is not active",
            asked="create a network of scope swarm",
            rule="only a swarm manager makes networks that span hosts",
            remedy="leave the scope out",
        )
    if request.ingress:
        raise Forbidden(
            "Ingress network can only be global scope network",
            asked="create an ingress network",
            rule="the ingress network belongs to a swarm",
            remedy="leave --ingress out",
        )
    if request.config_only and (request.internal or request.attachable):
        raise Forbidden(
            "configuration network can only contain network specific fields. Network "
            "operator fields like [ ingress | internal | attachable | scope ] are not "
            "supported.",
            asked="a configuration network that is internal or attachable",
            rule="a configuration network only lends its settings",
            remedy="give --internal to the network that uses it",
        )
    name = "null" if request.config_only else request.driver
    driver: Driver
    if is_built_in(name) or world.remote is None:
        driver = driver_named(name)
    else:
        world, driver = driver_from(world, name)
    if driver.name == "overlay" and world.cluster is None:
        raise not_a_manager()
    _check_experimental(world, driver)
    own = request.ipam_driver in {"", "default", "null"}
    if not own and (world.remote is None or driver.name == "overlay"):
        raise NotFound(
            f'plugin "{request.ipam_driver}" not found',
            asked=f"--ipam-driver {request.ipam_driver}",
            rule="an IPAM driver is built in or comes from a plugin",
            remedy="--ipam-driver default",
        )
    if driver.single and not request.config_only:
        raise Forbidden(
            f'only one instance of "{driver.name}" network is allowed',
            asked=f"create a second network of driver {driver.name}",
            rule="there is one host and one null network on a host",
            remedy="docker run --network host, or none",
        )
    return world, driver


def _check_experimental(world: World, driver: Driver) -> None:
    rule = driver.name == "ipvlan" and world.era.ipvlan_experimental
    if rule and not world.daemon.experimental:
        raise NotFound(
            f'plugin "{driver.name}" not found',
            asked=f"use the network driver {driver.name}",
            rule="in this version it is an experiment, which must be switched on",
            remedy="dockerd --experimental, or --driver macvlan",
        )


def with_config(world: World, request: NetworkRequest) -> NetworkRequest:
    """The request with the settings of the configuration network that it names."""
    if not request.config_from:
        return request
    found = [n for n in networks_named(world, request.config_from) if n.config_only]
    if not found:
        raise NotFound(
            f'configuration network "{request.config_from}" does not exist',
            asked=f"--config-from {request.config_from}",
            rule="it must name a network that was created with --config-only",
            remedy="docker network create --config-only NAME",
        )
    if request.ipam_config or request.options or request.labels:
        raise Forbidden(
            "user specified configurations are not supported if the network depends "
            "on a configuration network",
            asked=f"settings of one's own beside --config-from {request.config_from}",
            rule="all settings come from the configuration network",
            remedy="leave one of the two out",
        )
    return replace(
        request,
        options=found[0].options,
        labels=found[0].labels,
        ipam_config=found[0].ipam_config,
        enable_ipv6=found[0].enable_ipv6,
    )


def check_subnet_given(config: IpamConfig) -> None:
    """Refuse an IPAM entry that names no subnet."""
    if not config.subnet:
        raise Unclassified(
            "Invalid subnet  : invalid CIDR address: ",
            asked="an IPAM entry without a subnet",
            rule="a gateway or ip-range belongs to a subnet",
            remedy="--subnet 10.9.0.0/16",
        )


def too_many_subnets() -> Forbidden:
    """The refusal of a second subnet of one family."""
    return Forbidden(
        "bridge driver doesn't support multiple subnets",
        asked="a bridge network with two subnets of one family",
        rule="a bridge has one subnet of each family",
        remedy="two networks, or one larger subnet",
    )


def check_apart(world: World, network: Network) -> None:
    """Refuse a bridge whose subnet another one has, if a plugin gave one of the two.

    minidock's own address space keeps its subnets apart; it knows nothing of others'.
    """
    for other in world.networks.values():
        if other.bridge is None or network.bridge is None:
            continue
        for mine, theirs in product(_pools(network), _pools(other)):
            given = mine.plugin or theirs.plugin
            if given and mine.subnet.overlaps(theirs.subnet):
                raise Forbidden(
                    f"cannot create network {network.id} ({network.bridge.name}): "
                    f"conflicts with network {other.id} ({other.bridge.name}): "
                    f"networks have overlapping IPv{mine.subnet.family}",
                    asked=f"a bridge with the subnet {mine.subnet}",
                    rule=f"bridges share no address, and {other.name} has "
                    f"{theirs.subnet}",
                    remedy="another subnet",
                )


def _pools(network: Network) -> tuple[NetworkPool, ...]:
    return (*network.pools_of(V4), *network.pools_of(V6))


def check_bridge_name(
    world: World, request: NetworkRequest, bridge: BridgeSettings | None
) -> None:
    """Refuse a bridge that belongs to another network already."""
    # Odd on purpose: sharing docker0 with the default bridge is accepted.
    for other in world.networks.values():
        if bridge is None or other.bridge is None or other.bridge.default:
            continue
        if other.bridge.name == bridge.name:
            raise Forbidden(
                f"cannot create network {request.name} ({bridge.name}): conflicts "
                f"with network {other.id} ({other.bridge.name}): "
                "networks have same bridge name",
                asked=f"a network on the bridge {bridge.name}",
                rule="a bridge device belongs to one network",
                remedy="another bridge name",
            )
