"""Subnets and addresses from an IPAM plugin: what is asked of it, and what it means.

```
network create --ipam-driver NAME   Activate, GetCapabilities, GetDefaultAddressSpaces
                                    RequestPool ──▶ RequestAddress: gateway, auxiliary
run, connect                        RequestAddress
rm, stop, disconnect                ReleaseAddress     (told afterwards)
network rm                          ReleaseAddress: gateway, auxiliary; ReleasePool
```

An answer is believed as far as it can be: an address must be of the subnet, and one
that is held already is refused, whatever the plugin says.

Docker's sources: moby, ``libnetwork/ipams/remote``, ``libnetwork/network.go``.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from minidock.commands.asking import activate, ask, call_of, failed, telling
from minidock.errors import NotationError, Refusal, Unclassified
from minidock.ipam.pool import Pool
from minidock.model.document import Json
from minidock.model.network import IpamConfig, NetworkPool
from minidock.model.remote import Call, Remote
from minidock.model.world import World
from minidock.net.address import V6, Address
from minidock.net.prefix import Prefix
from minidock.plugin.fields import Malformed, text
from minidock.plugin.messages import (
    GATEWAY,
    GATEWAY_REQUEST,
    REQUEST_TYPE,
    AddressReply,
    AddressRequest,
    PoolReply,
    PoolRequest,
)

__all__ = [
    "activated",
    "given_back",
    "lent",
    "release_call",
    "released",
    "reserved",
]

_TRIES = 40
"""As many subnets that the host has already are asked for, one after the other."""


def activated(world: World, plugin: str) -> tuple[World, str]:
    """An IPAM plugin's local address space; it is activated if it was not.

    Raises:
        NotFound: there is no such plugin.
        Unclassified: it is no IPAM plugin, or gives no answer.
    """
    known = world.remote.spaces.get(plugin) if world.remote else None
    if known is not None:
        return world, known
    world = activate(world, plugin, "IpamDriver")
    # One that has none is fine: older plugins do not know the question.
    with contextlib.suppress(Unclassified):
        world, _ = ask(world, call_of(plugin, "IpamDriver.GetCapabilities"))
    asked = call_of(plugin, "IpamDriver.GetDefaultAddressSpaces")
    try:
        world, reply = ask(world, asked)
        space = text(reply, "LocalDefaultAddressSpace")
    except (Unclassified, Malformed) as error:
        raise failed(asked, f'invalid ipam driver: "{plugin}"') from error
    remote = world.remote or Remote()
    remote = replace(remote, spaces=remote.spaces.set(plugin, space))
    return replace(world, remote=remote), space


def reserved(
    world: World,
    plugin: str,
    config: IpamConfig,
    *,
    family: int,
    options: Sequence[tuple[str, str]],
    busy: Sequence[Prefix],
) -> tuple[World, NetworkPool]:
    """A subnet of the plugin, its gateway and auxiliary addresses.

    Args:
        world: where it is needed.
        plugin: whom to ask.
        config: what the user said of it.
        family: 4 or 6.
        options: the user's ``--ipam-opt``.
        busy: what the host has already; an automatic subnet must be beside these.

    Raises:
        Needs: the plugin has to be asked.
        Unclassified: it refuses, or makes no sense.
        Forbidden: its subnet overlaps another network.
    """
    world, space = activated(world, plugin)
    request = PoolRequest(
        space=space,
        pool=config.subnet,
        subpool=config.ip_range,
        options=tuple(options),
        v6=family == V6,
    )
    world, reply, subnet = _subnet(world, plugin, request, family, busy)
    pool = NetworkPool(
        subnet=subnet,
        ip_range=_prefix(config.ip_range) if config.ip_range else None,
        automatic=not config.subnet,
        plugin=plugin,
        pool_id=reply.pool_id,
    )
    if pool.key in world.pools:
        raise failed(
            call_of(plugin, "IpamDriver.RequestPool"),
            f"remote: pool {reply.pool_id} was handed out twice",
        )
    world = _with_ledger(world, pool, Pool.open(subnet, point_to_point=True))
    chosen = dict(reply.data).get(GATEWAY, "").partition("/")[0]
    wanted = config.gateway or chosen
    kind = ((REQUEST_TYPE, GATEWAY_REQUEST),)
    try:
        world, gateway = _address(world, pool, wanted, kind)
    except Refusal as error:
        raise failed(
            call_of(plugin, "IpamDriver.RequestAddress"),
            f"failed to allocate gateway ({config.gateway}): {error.text}",
        ) from error
    aux = []
    for name in config.aux_addresses:
        world, address = _address(world, pool, config.aux_addresses.text(name), ())
        aux.append((name, address))
    return world, replace(pool, gateway=gateway, aux=tuple(aux))


def _subnet(
    world: World,
    plugin: str,
    request: PoolRequest,
    family: int,
    busy: Sequence[Prefix],
) -> tuple[World, PoolReply, Prefix]:
    """A subnet beside what the host has; others are held meanwhile, and given back."""
    call = call_of(plugin, "IpamDriver.RequestPool", request.body())
    passed: list[Call] = []
    for _ in range(_TRIES):
        world, value = ask(world, call)
        try:
            reply = PoolReply.read(value)
        except Malformed as error:
            raise failed(call, error.text) from error
        subnet = _prefix(reply.pool)
        if subnet.family != family or not reply.pool_id:
            raise failed(call, f"invalid pool {reply.pool} with id {reply.pool_id!r}")
        taken = any(subnet.overlaps(other) for other in busy)
        if request.pool or not taken:
            return telling(world, *passed), reply, subnet
        body: dict[str, Json] = {"PoolID": reply.pool_id}
        passed.append(call_of(plugin, "IpamDriver.ReleasePool", body))
    raise failed(call, "the plugin offers no subnet that the host does not have")


def _prefix(cidr: str) -> Prefix:
    try:
        return Prefix.parse(cidr, host_bits=True)
    except NotationError as error:
        raise Unclassified(
            f"invalid CIDR address: {cidr}",
            asked=f"use the subnet or address {cidr!r} of a plugin",
            rule="a subnet is an address, a slash and a length",
            remedy="10.9.0.0/16",
        ) from error


def _with_ledger(world: World, pool: NetworkPool, ledger: Pool) -> World:
    return replace(world, pools=world.pools.set(pool.key, ledger))


def _address(
    world: World,
    pool: NetworkPool,
    wanted: str,
    options: tuple[tuple[str, str], ...],
) -> tuple[World, Address]:
    request = AddressRequest(pool_id=pool.pool_id, address=wanted, options=options)
    call = call_of(pool.plugin, "IpamDriver.RequestAddress", request.body())
    world, value = ask(world, call)
    try:
        given = AddressReply.read(value).address
    except Malformed as error:
        raise failed(call, error.text) from error
    if not given:
        raise failed(call, "No address returned")
    _prefix(given)
    address = Address.parse(given.partition("/")[0])
    if address not in pool.subnet or (wanted and address != Address.parse(wanted)):
        raise failed(call, f"the plugin gave {given}, which was not asked for")
    ledger, _ = world.pools[pool.key].allocate(address)
    return _with_ledger(world, pool, ledger), address


def lent(
    world: World, pool: NetworkPool, wanted: Address | None
) -> tuple[World, Address]:
    """An address for an endpoint.

    Raises:
        Needs: the plugin has to be asked. Unclassified: it refuses.
        Forbidden: it gave one that is held.
    """
    return _address(world, pool, "" if wanted is None else str(wanted), ())


def given_back(world: World, pool: NetworkPool, *addresses: Address) -> World:
    """The World in which addresses are free again, and the plugin will be told."""
    ledger = world.pools[pool.key]
    calls = []
    for address in addresses:
        ledger = ledger.release(address)
        calls.append(release_call(pool.plugin, pool.pool_id, str(address)))
    return telling(_with_ledger(world, pool, ledger), *calls)


def release_call(plugin: str, pool_id: str, address: str) -> Call:
    """The call that gives an address back."""
    body: dict[str, Json] = {"PoolID": pool_id, "Address": address}
    return call_of(plugin, "IpamDriver.ReleaseAddress", body)


def released(world: World, pool: NetworkPool) -> World:
    """The World without the subnet, and the plugin will be told."""
    fixed = [pool.gateway] if pool.gateway else []
    calls = [
        release_call(pool.plugin, pool.pool_id, str(address))
        for address in (*fixed, *(address for _, address in pool.aux))
    ]
    body: dict[str, Json] = {"PoolID": pool.pool_id}
    calls.append(call_of(pool.plugin, "IpamDriver.ReleasePool", body))
    return telling(world, *calls)
