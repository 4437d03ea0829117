"""A daemon that starts where one ran before: what it finds, and what it makes anew.

```
                    stays                              is made anew
networks            ids, subnets, gateways, bridges    the id of ``bridge``
IPAM config         as typed                           gateways are shown from now on
cursors             -                                  pools, host ports: at the start
execs               -                                  gone
iptables            a user's own rules                 Docker's, docker0 first
```

Seen on a real engine (20.10), ended by SIGTERM and by SIGKILL. The odd parts are kept
on purpose: a gateway that Docker chose for a subnet given by hand shows only after a
restart, and a stopped container goes on naming the old id of ``bridge``.

Invariant: nobody runs while the daemon starts, so every address but the networks' own
is free, and every host port.
"""

from dataclasses import replace

from minidock.model.container import Container
from minidock.model.maps import Map
from minidock.model.network import IpamConfig, Network
from minidock.model.world import World
from minidock.ports.table import PortTable

__all__ = ["comes_back", "coming_back", "renewed"]


def renewed(world: World, now: int) -> World:
    """What a daemon has before it starts a container; nobody runs in ``world``.

    Cost: O(networks).

    >>> from minidock.commands.boot import boot
    >>> from minidock.eras import era_named
    >>> from minidock.model.daemon import DaemonOptions
    >>> from minidock.model.host import sample_host
    >>> first = boot(era_named("20.10"), DaemonOptions(), sample_host(), "doc", 0)
    >>> again = renewed(first, 1)
    >>> [n.ipam_config[0].gateway for n in again.networks.values() if n.pool]
    ['172.17.0.1']
    >>> len(set(again.networks) & set(first.networks))
    2
    """
    world = replace(
        world,
        space=world.space.restarted(),
        pools=Map({key: pool.restarted() for key, pool in world.pools.items()}),
        ports=PortTable(
            conflicts=world.era.port_conflicts,
            first=world.host.port_range[0],
            last=world.host.port_range[1],
        ),
        networks=Map({key: _shown(item) for key, item in world.networks.items()}),
        execs=Map(),
        members=Map(),
    )
    for network in world.networks.values():
        if network.bridge is not None and network.bridge.default:
            return _with_new_id(world, network, now)
    return world


def _shown(network: Network) -> Network:
    """The network, with the gateways that it has in its IPAM config."""
    config = tuple(_with_gateway(network, entry) for entry in network.ipam_config)
    return (
        network
        if config == network.ipam_config
        else replace(network, ipam_config=config)
    )


def _with_gateway(network: Network, entry: IpamConfig) -> IpamConfig:
    pool = network.pool6 if ":" in entry.subnet else network.pool
    if entry.gateway or not entry.subnet or pool is None or pool.gateway is None:
        return entry
    return replace(entry, gateway=str(pool.gateway))


def _with_new_id(world: World, network: Network, now: int) -> World:
    """The default bridge is made anew on the device that is there."""
    ids, network_id = world.ids.hex_id()
    anew = replace(network, id=network_id, created=now, sequence=world.sequence)
    return replace(
        world,
        ids=ids,
        sequence=world.sequence + 1,
        last_bridge=world.sequence,
        networks=world.networks.delete(network.id).set(network_id, anew),
    )


def comes_back(container: Container) -> bool:
    """Whether a stopped container is started by a daemon that starts.

    Odd on purpose: ``on-failure`` does not ask who stopped it, only with which code it
    ended; ``always`` asks nothing; and one that was never started is left alone.
    """
    if not container.state.started:
        return False
    policy = container.host_config.document("RestartPolicy")
    most = policy.number("MaximumRetryCount")
    match policy.text("Name"):
        case "always":
            return True
        case "unless-stopped":
            return not container.stopped_by_hand
        case "on-failure":
            tries_left = not most or container.restart_count < most
            return tries_left and container.state.exit_code != 0
        case _:
            return False


def coming_back(world: World) -> list[str]:
    """Whom a daemon that starts starts, too: their ids, the oldest first."""
    return [c.id for c in world.containers_in_order() if comes_back(c)]
