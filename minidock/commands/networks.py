"""Creating, removing and pruning networks.

```
create ──▶ name free? driver known? ──▶ reserve subnet and gateway ──▶ driver reads
           (refused: nothing changed)   (refused: given back)          the options
```

A network that is in use cannot be removed; ``bridge``, ``host`` and ``none`` never.
Docker's sources of these rules: moby, ``daemon/network.go``, ``libnetwork/controller.go``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from minidock.commands.addressing import (
    Reservation,
    check_all,
    pools_of,
    release_pools,
    reserve,
)
from minidock.commands.lookup import networks_named
from minidock.commands.outcome import Outcome, event
from minidock.drivers.base import BridgeRequest, Driver
from minidock.drivers.catalog import driver_named, not_a_manager
from minidock.eras import IpamChecks
from minidock.errors import (
    Conflict,
    Forbidden,
    NotFound,
    Refusal,
    Unclassified,
)
from minidock.model.document import Document
from minidock.model.event import Event
from minidock.model.network import BridgeSettings, IpamConfig, Network
from minidock.model.world import World

__all__ = ["NetworkRequest", "create", "prune", "remove"]

_PREDEFINED = {"bridge", "host", "none", "default"}
_MODE4 = "com.docker.network.bridge.gateway_mode_ipv4"


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


def create(world: World, request: NetworkRequest, now: int) -> Outcome:
    """Create a network; ``made`` is its id.

    Cost: O(networks) for the name, O(log pools) for the subnet.

    Raises:
        Forbidden: a predefined name, a second host network, an overlapping subnet.
        Conflict: the name is taken and duplicates are refused.
        NotFound: the driver, or a default pool, is not there.
        Unclassified: an IPAM setting or a driver option cannot be read.
    """
    warnings = _check_name(world, request)
    driver = _check_kind(world, request)
    request = _with_config(world, request)
    if world.era.ipam_checks is IpamChecks.AT_CREATE:
        check_all(request.ipam_config, ipv6=request.enable_ipv6)
    for config in request.ipam_config:
        _check_subnet_given(config)
    if request.config_only:
        return _record(world, request, driver, now, warnings, bridge=None)
    if request.ipam_driver == "null" and driver.has_addresses:
        raise Unclassified(
            "ipv4 pool is empty",
            asked="--ipam-driver null on a bridge network",
            rule="the null IPAM driver gives no subnet, and a bridge needs one",
            remedy="--ipam-driver default",
        )
    reservation, refusal = _reserve(world, request, driver)
    if refusal is not None:
        return Outcome(world=reservation.world, refusal=refusal)
    ids, network_id = reservation.world.ids.hex_id()
    ids, mac = ids.docker_mac()
    reserved = replace(reservation.world, ids=ids)
    pools = [p for p in (reservation.pool, reservation.pool6) if p is not None]
    try:
        if reservation.subnets > 1 and not driver.many_subnets:
            raise _too_many_subnets()
        bridge = driver.read_options(
            BridgeRequest(
                network_id=network_id,
                options=request.options,
                era=world.era,
                daemon=world.daemon,
                host=world.host,
                mac=mac,
                index=world.next_index,
            )
        )
        _check_bridge_name(world, request, bridge)
    except Refusal as error:
        return Outcome(world=release_pools(reserved, pools), refusal=error)
    made = _network(request, network_id, driver, now, world.sequence, bridge)
    network = replace(made, pool=reservation.pool, pool6=reservation.pool6)
    return _add(reserved, network, now, warnings)


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
        gateway=request.options.text(_MODE4) != "isolated",
    )


def _check_name(world: World, request: NetworkRequest) -> tuple[str, ...]:
    name = request.name
    if name in _PREDEFINED:
        raise Forbidden(
            f"operation is not permitted on predefined {name} network ",
            asked=f"create a network named {name}",
            rule="bridge, host, none and default are Docker's own names",
            remedy="another name",
        )
    taken = networks_named(world, name)
    # Odd on purpose: with CheckDuplicate an empty name counts as taken.
    if taken or (not name and request.check_duplicate):
        if request.check_duplicate or world.era.unique_network_names:
            raise Conflict(
                f"network with name {name} already exists",
                asked=f"create a network named {name!r}",
                rule="a network's name is taken while it exists",
                remedy=f"another name, or docker network rm {name}",
            )
        return (f"Network with name {name} (id : {taken[0].id}) already exists",)
    if not name.strip():
        raise Unclassified(
            f"invalid name: {name}",
            asked="create a network without a name",
            rule="a name must hold more than blanks",
            remedy="docker network create mynet",
        )
    return ()


def _check_kind(world: World, request: NetworkRequest) -> Driver:
    if request.scope == "swarm":
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
    if request.scope not in {"", "local"}:
        raise not_a_manager()
    if request.config_only and (request.internal or request.attachable):
        raise Forbidden(
            "configuration network can only contain network specific fields. Network "
            "operator fields like [ ingress | internal | attachable | scope ] are not "
            "supported.",
            asked="a configuration network that is internal or attachable",
            rule="a configuration network only lends its settings",
            remedy="give --internal to the network that uses it",
        )
    driver = driver_named("null" if request.config_only else request.driver)
    if request.ipam_driver not in {"", "default", "null"}:
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
    return driver


def _with_config(world: World, request: NetworkRequest) -> NetworkRequest:
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


def _check_subnet_given(config: IpamConfig) -> None:
    if not config.subnet:
        raise Unclassified(
            "Invalid subnet  : invalid CIDR address: ",
            asked="an IPAM entry without a subnet",
            rule="a gateway or ip-range belongs to a subnet",
            remedy="--subnet 10.9.0.0/16",
        )


def _too_many_subnets() -> Forbidden:
    return Forbidden(
        "bridge driver doesn't support multiple subnets",
        asked="a bridge network with two subnets of one family",
        rule="a bridge has one subnet of each family",
        remedy="two networks, or one larger subnet",
    )


def _check_bridge_name(
    world: World, request: NetworkRequest, bridge: BridgeSettings | None
) -> None:
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


def _network(
    request: NetworkRequest,
    network_id: str,
    driver: Driver,
    now: int,
    sequence: int,
    bridge: BridgeSettings | None,
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
        bridge=bridge,
    )


def _record(
    world: World,
    request: NetworkRequest,
    driver: Driver,
    now: int,
    warnings: tuple[str, ...],
    bridge: BridgeSettings | None,
) -> Outcome:
    ids, network_id = world.ids.hex_id()
    network = _network(request, network_id, driver, now, world.sequence, bridge)
    return _add(replace(world, ids=ids), network, now, warnings)


def _add(
    world: World, network: Network, now: int, warnings: tuple[str, ...]
) -> Outcome:
    return Outcome(
        world=replace(
            world,
            networks=world.networks.set(network.id, network),
            sequence=world.sequence + 1,
            next_index=world.next_index + (network.bridge is not None),
        ),
        events=(_event("create", network, now),),
        made=network.id,
        warnings=warnings,
    )


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
    names = sorted((world.containers[key].name, value) for key, value in members.items())
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
    return Outcome(world=world, events=tuple(events), made="\n".join(removed))
