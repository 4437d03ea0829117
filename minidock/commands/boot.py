"""Starting the daemon: the first World, with the three networks that are always there.

```
host facts + dockerd's flags ──▶ none, host, bridge (docker0, its subnet, its gateway)
```

docker0's subnet is the first default pool, unless ``--bip`` or ``--fixed-cidr`` say
otherwise (moby, ``daemon/daemon_unix.go``, ``initBridgeDriver``).
"""

from collections.abc import Sequence
from dataclasses import replace

from minidock.commands.addressing import reserve
from minidock.drivers.bridge import BRIDGE, MTU
from minidock.eras import Era
from minidock.errors import InvalidParameter
from minidock.ipam.defaults import LOCAL_POOLS, unique_local_pool
from minidock.ipam.space import Space
from minidock.model.daemon import DaemonOptions
from minidock.model.document import Document
from minidock.model.host import HostFacts
from minidock.model.ids import IdSource
from minidock.model.network import BridgeSettings, IpamConfig, Network
from minidock.model.world import World
from minidock.net.prefix import Prefix
from minidock.ports.table import PortTable

__all__ = ["boot"]


def boot(
    era: Era,
    daemon: DaemonOptions,
    host: HostFacts,
    seed: str,
    now: int,
) -> World:
    """The World of a daemon that was just started for the first time.

    Raises:
        InvalidParameter: one of dockerd's flags cannot be used.
    """
    ids, daemon_id = IdSource(seed).hex_id()
    world = World(
        era=era,
        daemon=daemon,
        host=host,
        ids=ids,
        space=Space.create(
            _default_pools(era, daemon, daemon_id), choice=era.subnet_choice
        ),
        ports=PortTable(
            conflicts=era.port_conflicts,
            first=host.port_range[0],
            last=host.port_range[1],
        ),
        daemon_id=daemon_id,
        next_index=max(card.index for card in host.interfaces) + 1,
    )
    for name, driver in (("none", "null"), ("host", "host")):
        world = _plain(world, name, driver, now)
    return world if daemon.bridge == "none" else _docker0(world, now)


def _default_pools(
    era: Era, daemon: DaemonOptions, daemon_id: str
) -> Sequence[tuple[Prefix, int]]:
    pools = [_pool_option(text) for text in daemon.default_address_pool]
    pools = pools or list(LOCAL_POOLS)
    if era.default_ipv6_pool and not any(base.family == 6 for base, _ in pools):
        pools.append(unique_local_pool(daemon_id))
    return pools


def _pool_option(text: str) -> tuple[Prefix, int]:
    """``base=10.10.0.0/16,size=24``."""
    fields = dict(part.partition("=")[::2] for part in text.split(","))
    try:
        base = Prefix.parse(fields["base"], host_bits=True)
        size = int(fields["size"])
    except (KeyError, ValueError) as error:
        raise InvalidParameter(
            f"invalid default address pool: {text}",
            asked=f"--default-address-pool {text}",
            rule="a pool is a base prefix and the length of the subnets cut from it",
            remedy="--default-address-pool base=10.10.0.0/16,size=24",
        ) from error
    if size < base.length or size > base.first.bits:
        raise InvalidParameter(
            f"invalid default address pool size: {size}",
            asked=f"--default-address-pool {text}",
            rule=f"subnets of {base} have a length from {base.length} on",
            remedy=f"size={base.length + 8}",
        )
    return base, size


def _plain(world: World, name: str, driver: str, now: int) -> World:
    ids, network_id = world.ids.hex_id()
    network = Network(
        id=network_id, name=name, driver=driver, created=now, sequence=world.sequence
    )
    return replace(
        world,
        ids=ids,
        sequence=world.sequence + 1,
        networks=world.networks.set(network_id, network),
    )


def _bridge_options(daemon: DaemonOptions) -> Document:
    return Document(
        {
            BRIDGE + "default_bridge": "true",
            BRIDGE + "enable_icc": str(daemon.icc).lower(),
            BRIDGE + "enable_ip_masquerade": str(daemon.ip_masq).lower(),
            BRIDGE + "host_binding_ipv4": daemon.ip or "0.0.0.0",  # noqa: S104 - shown, not bound
            BRIDGE + "name": "docker0",
            MTU: daemon.mtu or "1500",
        }
    )


def _shown_config(world: World) -> tuple[IpamConfig, ...]:
    """What inspect shows as IPAM.Config of the network ``bridge``."""
    daemon = world.daemon
    subnet = daemon.bip or daemon.fixed_cidr
    entries = []
    if subnet:
        shown = str(Prefix.parse(subnet, host_bits=True))
        entries.append(
            IpamConfig(
                subnet=shown,
                ip_range=daemon.fixed_cidr if daemon.bip else "",
                gateway=daemon.bip.partition("/")[0],
                aux_addresses=Document(
                    {"DefaultGatewayIPv4": daemon.default_gateway}
                    if daemon.default_gateway
                    else {}
                ),
            )
        )
    if daemon.ipv6 and daemon.fixed_cidr_v6:
        entries.append(IpamConfig(subnet=daemon.fixed_cidr_v6))
    return tuple(entries)


def _docker0(world: World, now: int) -> World:
    daemon = world.daemon
    config = _shown_config(world)
    reservation, refusal = reserve(world, config, ipv6=daemon.ipv6)
    if refusal is not None:
        raise refusal
    world = reservation.world
    ids, network_id = world.ids.hex_id()
    ids, mac = ids.docker_mac()
    if not any(":" not in entry.subnet for entry in config) and reservation.pool:
        pool = reservation.pool
        gateway = "" if world.era.first_start_gateway_hidden else str(pool.gateway)
        config = (IpamConfig(subnet=str(pool.subnet), gateway=gateway), *config)
    network = Network(
        id=network_id,
        name="bridge",
        driver="bridge",
        created=now,
        sequence=world.sequence,
        enable_ipv6=daemon.ipv6,
        options=_bridge_options(daemon),
        ipam_config=config,
        pool=reservation.pool,
        pool6=reservation.pool6,
        bridge=BridgeSettings(
            name="docker0",
            mac=mac,
            index=world.next_index,
            default=True,
            icc=daemon.icc,
            masquerade=daemon.ip_masq,
            host_binding=daemon.ip,
            mtu=int(daemon.mtu or 0),
        ),
    )
    return replace(
        world,
        ids=ids,
        sequence=world.sequence + 1,
        next_index=world.next_index + 1,
        networks=world.networks.set(network_id, network),
    )
