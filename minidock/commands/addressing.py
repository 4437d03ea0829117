"""Reserving a network's subnet, its gateway and its auxiliary addresses.

```
IPAM config ──▶ Space.allocate ──▶ subnet ──▶ Pool.open ──▶ gateway ──▶ aux addresses
                (which subnet)                (a ledger)    (first free, or as asked)
```

Everything reserved here is given back by :func:`release_pools`. Docker's name for this
part is ``ipamAllocate`` (moby, ``libnetwork/network.go``), and its refusals differ from
era to era: before 25.0 faults are found one at a time, while reserving; from 25.0 on
all are named at once, before anything is reserved.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from minidock.commands.lending import Lender, foreign, lend
from minidock.commands.remotes import released
from minidock.commands.spaces import space_of, with_space
from minidock.errors import (
    AddressesExhausted,
    AddressOutOfRange,
    AddressTaken,
    Forbidden,
    InvalidParameter,
    NotationError,
    NotFound,
    PoolsExhausted,
    Refusal,
    Unclassified,
)
from minidock.ipam.pool import Pool
from minidock.model.network import IpamConfig, Network, NetworkPool
from minidock.model.world import World
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix

__all__ = [
    "Reservation",
    "family_of",
    "pools_of",
    "release_pools",
    "reserve",
]

_ROUTERS = {V4: "DefaultGatewayIPv4", V6: "DefaultGatewayIPv6"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """The pools that a new network got."""

    world: World
    pool: NetworkPool | None = None
    pool6: NetworkPool | None = None
    more: tuple[NetworkPool, ...] = ()
    subnets: int = 0
    """How many subnets of the busier family were asked for."""


def family_of(config: IpamConfig) -> int:
    """Which family an entry speaks of: that of its subnet."""
    return V6 if ":" in config.subnet else V4


def _subnet(text: str) -> Prefix:
    try:
        return Prefix.parse(text, host_bits=True)
    except NotationError as error:
        raise Unclassified(
            f"Invalid subnet {text} : invalid CIDR address: {text}",
            asked=f"--subnet {text}",
            rule="a subnet is an address, a slash and a length",
            remedy="--subnet 10.9.0.0/16",
        ) from error


def _range_within(text: str, subnet: Prefix) -> Prefix | None:
    """The ip-range, or None where it cannot narrow the subnet.

    Odd on purpose: an ip-range outside its subnet, sent to the API, is accepted, shown
    by inspect, and has no effect (20.10).
    """
    if not text:
        return None
    try:
        narrowed = Prefix.parse(text, host_bits=True)
    except NotationError as error:
        raise Unclassified(
            f'failed to parse pool request for address space "LocalDefault" pool '
            f'"{subnet}" subpool "{text}": Invalid Address SubPool',
            asked=f"--ip-range {text}",
            rule="an ip-range is an address, a slash and a length",
            remedy=f"--ip-range with a part of {subnet}",
        ) from error
    return narrowed if subnet.covers(narrowed) and narrowed != subnet else None


def _host_routes(world: World) -> tuple[Prefix, ...]:
    """What keeps the default pools away: the host's routes and nameservers."""
    routes = [
        route.destination
        for route in world.host.routes
        if route.destination is not None
        and (route.gateway is None or world.era.reserve_gateway_routes)
    ]
    for text in world.host.nameservers:
        try:
            server = Address.parse(text)
        except NotationError:
            continue
        routes.append(Prefix.of(server, server.bits))
    return tuple(routes)


def _automatic(world: World, family: int, space_name: str) -> tuple[World, Prefix]:
    # Odd on purpose: a subnet for all hosts is not compared with this one's routes.
    routes = () if space_name else (*_host_routes(world), *foreign(world))
    try:
        space, subnet = space_of(world, space_name).allocate(
            family=family, host_routes=[r for r in routes if r.family == family]
        )
    except PoolsExhausted as error:
        kind = NotFound
        if world.era.pools_exhausted_status == "invalid":
            raise InvalidParameter(error.text, **_parts(error)) from error
        raise kind(error.text, **_parts(error)) from error
    return with_space(world, space_name, space), subnet


def _parts(error: Refusal) -> dict[str, str]:
    return {"asked": error.asked, "rule": error.rule, "remedy": error.remedy}


def _gateway(pool: Pool, config: IpamConfig) -> tuple[Pool, Address]:
    wanted: Address | None = None
    if config.gateway:
        try:
            wanted = Address.parse(config.gateway)
        except NotationError as error:
            raise Unclassified(
                f"invalid gateway address {config.gateway} in Ipam configuration",
                asked=f"--gateway {config.gateway}",
                rule="a gateway is one address of the subnet",
                remedy="--gateway with an address such as the subnet's first",
            ) from error
    try:
        return pool.allocate(wanted)
    except (AddressTaken, AddressOutOfRange, AddressesExhausted) as error:
        raise Unclassified(
            f"failed to allocate gateway ({config.gateway}): {error.text}",
            **_parts(error),
        ) from error


def _auxiliary(
    config: IpamConfig, subnet: Prefix, network: str
) -> tuple[tuple[str, Address], ...]:
    """The auxiliary addresses, read and checked."""
    read = []
    for name in config.aux_addresses:
        text = config.aux_addresses.text(name)
        try:
            address = Address.parse(text)
        except NotationError as error:
            raise Unclassified(
                f"non parsable secondary ip address ({name}:{text}) passed for "
                f"network {network}"
            ) from error
        if address not in subnet:
            raise Forbidden(
                f"auxiliary address: ({name}:{text}) must belong to the master pool: "
                f"{subnet}",
                asked=f"--aux-address {name}={text}",
                rule="an auxiliary address reserves an address of the subnet",
                remedy=f"an address inside {subnet}",
            )
        read.append((name, address))
    return tuple(read)


def _reserve_auxiliary(pool: Pool, aux: tuple[tuple[str, Address], ...]) -> Pool:
    for name, address in aux:
        try:
            pool, _ = pool.allocate(address)
        except AddressTaken as error:
            raise Unclassified(
                f"failed to allocate secondary ip address ({name}:{address}): "
                f"{error.text}",
                **_parts(error),
            ) from error
    return pool


def _one_pool(
    world: World,
    config: IpamConfig,
    family: int,
    *,
    gateway: bool,
    network: str,
    space_name: str,
) -> tuple[World, NetworkPool]:
    automatic = not config.subnet
    ip_range = None
    if automatic:
        world, subnet = _automatic(world, family, space_name)
    else:
        subnet = _subnet(config.subnet)
        ip_range = _range_within(config.ip_range, subnet)
        space, _ = space_of(world, space_name).allocate(
            subnet, ip_range=None if space_name else ip_range, family=family
        )
        world = with_space(world, space_name, space)
    given = NetworkPool(
        subnet=subnet, ip_range=ip_range, automatic=automatic, space=space_name
    )
    ledger = Pool.open(
        subnet, ip_range=ip_range, point_to_point=world.era.point_to_point_subnets
    )
    address: Address | None = None
    try:
        if gateway:
            ledger, address = _gateway(ledger, config)
    except Refusal as error:
        raise _Left(_without(world, given), error) from error
    try:
        aux = _auxiliary(config, subnet, network)
    except Refusal as error:
        # Odd on purpose: nobody will ever have this subnet, since Docker forgets to
        # give it back (20.10, seen on a real engine).
        raise _Left(world, error) from error
    try:
        ledger = _reserve_auxiliary(ledger, aux)
    except Refusal as error:
        raise _Left(_without(world, given), error) from error
    given = replace(
        given, gateway=address, aux=aux, router=dict(aux).get(_ROUTERS[family])
    )
    return replace(world, pools=world.pools.set(given.key, ledger)), given


def _without(world: World, pool: NetworkPool) -> World:
    """The subnet goes back; odd on purpose: the next-fit cursor stays moved.

    Hosts agree on whole subnets, so an ip-range does not count in their space.
    """
    if pool.plugin:
        return released(world, pool)
    ip_range = None if pool.space else pool.ip_range
    space = space_of(world, pool.space).release(pool.subnet, ip_range=ip_range)
    return with_space(world, pool.space, space)


class _Left(Exception):
    """A refusal together with the World it leaves behind."""

    def __init__(self, world: World, refusal: Refusal) -> None:
        super().__init__(refusal.text)
        self.world = world
        self.refusal = refusal


def reserve(
    world: World,
    configs: Sequence[IpamConfig],
    *,
    ipv4: bool = True,
    ipv6: bool = False,
    gateway: bool = True,
    name: str = "bridge",
    space: str = "",
    lender: Lender | None = None,
) -> tuple[Reservation, Refusal | None]:
    """Reserve one subnet per entry, its gateway and auxiliary addresses.

    Gives the refusal beside the World that it leaves: after a failure the subnets are
    free again, but a next-fit cursor has moved on, as on a real 20.10 engine.
    """
    done: list[NetworkPool] = []
    try:
        for family, wanted in ((V4, ipv4), (V6, ipv6)):
            if not wanted:
                continue
            asked = [c for c in configs if c.subnet and family_of(c) == family]
            for config in asked or [IpamConfig()]:
                if lender is not None:
                    world, pool = lend(
                        world, lender, config, family, _host_routes(world)
                    )
                    done.append(pool)
                    continue
                world, pool = _one_pool(
                    world,
                    config,
                    family,
                    gateway=gateway,
                    network=name,
                    space_name=space,
                )
                done.append(pool)
    except _Left as left:
        return Reservation(world=release_pools(left.world, done)), left.refusal
    except Refusal as refusal:
        return Reservation(world=release_pools(world, done)), refusal
    by_family = {
        family: [p for p in done if p.subnet.family == family] for family in (V4, V6)
    }
    return (
        Reservation(
            world=world,
            pool=next(iter(by_family[V4]), None),
            pool6=next(iter(by_family[V6]), None),
            more=(*by_family[V4][1:], *by_family[V6][1:]),
            subnets=max(len(by_family[V4]), len(by_family[V6])),
        ),
        None,
    )


def release_pools(world: World, pools: Sequence[NetworkPool]) -> World:
    """Give subnets back, with everything that was reserved in them."""
    for pool in pools:
        world = _without(world, pool)
        if pool.key in world.pools:
            world = replace(world, pools=world.pools.delete(pool.key))
    return world


def pools_of(network: Network) -> list[NetworkPool]:
    """The pools of a network, IPv4 first."""
    return [*network.pools_of(V4), *network.pools_of(V6)]
