"""Is a World in order? The promises that every command keeps, each with a name.

```
addresses    held in a pool  ⟺  a gateway, an auxiliary address or an endpoint has it
cluster      the ledgers of its subnets hold what endpoints here and others have
ports        held in the table ⟺  a mapping of an attached endpoint has it
names, ids   unique; members of a network ⟺ attached endpoints
agenda       what is due is there
```

Tests call :func:`broken` after every step; an empty list is a World in order.
"""

from collections import Counter
from collections.abc import Iterator

from minidock.commands.addressing import pools_of
from minidock.commands.ingress import DOOR
from minidock.commands.leading_out import needs_way_out
from minidock.commands.ledgers import ledger_of, overlay_of
from minidock.commands.overlays import each_pool
from minidock.model.container import Endpoint
from minidock.model.world import World
from minidock.net.address import Address

__all__ = ["broken"]


def _attached(world: World) -> Iterator[tuple[str, Endpoint]]:
    for container in world.containers.values():
        for endpoint in container.endpoints:
            if endpoint.attached:
                yield container.id, endpoint


def _holders(world: World) -> Counter[tuple[str, Address]]:
    """Who has which address of which network."""
    held: Counter[tuple[str, Address]] = Counter()
    for network in world.networks.values():
        for pool in pools_of(network):
            if pool.gateway is not None:
                held[network.id, pool.gateway] += 1
            for _, address in pool.aux:
                held[network.id, address] += 1
    if world.cluster is not None and world.cluster.door is not None:
        held[world.cluster.door] += 1
    for _, endpoint in _attached(world):
        for own in (endpoint.address, endpoint.address6):
            if own is not None:
                held[endpoint.network_id, own] += 1
    return held


def _addresses(world: World) -> Iterator[str]:
    holders = _holders(world)
    for (_, address), count in holders.items():
        if count > 1:
            yield f"address {address} is held {count} times on one network"
    for network in world.networks.values():
        for pool in pools_of(network):
            if pool.space:
                continue
            ledger = world.pools.get(pool.key)
            if ledger is None:
                yield f"{network.name} has no ledger for {pool.subnet}"
                continue
            yield from ledger.invariants()
            known = [a for (owner, a) in holders if owner == network.id]
            mine = [a for a in known if a in pool.subnet]
            for address in mine:
                if not ledger.holds(address):
                    yield f"{address} of {network.name} is held by no ledger"
            if ledger.taken != len(mine):
                yield f"{pool.subnet} counts {ledger.taken} held, {len(mine)} are"
    wanted = {p.key for n in world.networks.values() for p in pools_of(n)}
    for key in world.pools:
        if key not in wanted:
            yield f"the ledger {key} belongs to no network"


def _cluster(world: World) -> Iterator[str]:
    """The cluster's subnets: whoever holds an address, here or elsewhere."""
    cluster = world.cluster
    shared = {
        (pool.key, network.id)
        for network in world.networks.values()
        for pool in each_pool(network)
    }
    spanning = {network_id for _, network_id in shared}
    if cluster is None:
        yield from (f"{key} is of a cluster that is not there" for key, _ in shared)
        return
    noted = {(key, one) for key, ids in cluster.sharers.items() for one in ids}
    if noted != shared:
        yield "the cluster's pools are not those of the networks that are known"
    for key, _ in shared:
        ledger, anew = world.pools.get(key), ledger_of(world, key)
        if ledger is None or anew is None or list(ledger) != list(anew):
            yield f"the ledger {key} does not hold what it must"
        else:
            yield from ledger.invariants()
    for network in world.networks.values():
        if network.overlay and network.overlay != overlay_of(cluster, network):
            yield f"{network.name} has other VNIs than the cluster says"
    for peers in cluster.peers.values():
        for peer in peers.values():
            if peer.advertise == cluster.advertise:
                yield f"{peer.name} is a peer on its own host"
    for container_id, endpoint in _attached(world):
        name = world.containers[container_id].name
        if endpoint.network_id in spanning and name in cluster.names:
            yield f"{name} is on {endpoint.network}, and its name is another host's"
    yield from cluster.space.invariants()


def _ways_out(world: World) -> Iterator[str]:
    """A container has a way out exactly if an overlay network needs one."""
    for container in world.containers.values():
        if (container.way_out is not None) != needs_way_out(world, container):
            yield f"{container.name} has a way out that it does not need, or none"


def _ports(world: World) -> Iterator[str]:
    mapped = Counter(
        (mapping.host_ip, mapping.protocol, mapping.host_port)
        for _, endpoint in _attached(world)
        for mapping in endpoint.mappings
    )
    for (address, protocol, port), count in mapped.items():
        if count > 1:
            yield f"{address}:{port}/{protocol} is mapped {count} times"
        if not world.ports.holds(address, protocol, port):
            yield f"{address}:{port}/{protocol} is mapped but not held"
    held = len(tuple(world.ports.holdings()))
    if held != len(mapped):
        yield f"{held} host ports are held, {len(mapped)} are mapped"
    yield from world.ports.invariants()


def _members(world: World) -> Iterator[str]:
    joined = {(e.network_id, key): e.id for key, e in _attached(world)}
    listed = {
        (network_id, key): endpoint_id
        for network_id, members in world.members.items()
        for key, endpoint_id in members.items()
    }
    if joined != listed:
        yield "the members of the networks are not the attached endpoints"


def _names(world: World) -> Iterator[str]:
    for container in world.containers.values():
        if world.names.get(container.name) != container.id:
            yield f"the name {container.name} does not lead to its container"
        if not container.state.running and any(e.attached for e in container.endpoints):
            yield f"{container.name} does not run but is attached"
    for name, owner in world.names.items():
        if owner not in world.containers:
            yield f"the name {name} leads to no container"
    for image in world.images.values():
        for reference in image.references:
            if world.references.get(reference) != image.id:
                yield f"the reference {reference} does not lead to its image"


def _agenda(world: World) -> Iterator[str]:
    for name in world.agenda.moments:
        kind, _, key = name.partition(":")
        if name == DOOR:
            if world.cluster is None:
                yield f"{name} is due, and there is no swarm"
            continue
        if key not in (world.execs if kind == "exec" else world.containers):
            yield f"{name} is due, and there is no such thing"
    if len(world.agenda.entries) != len(world.agenda.moments):
        yield "the agenda's entries are not its moments"


def broken(world: World) -> list[str]:
    """The names of the invariants that this World breaks; O(World).

    >>> from minidock.commands.boot import boot
    >>> from minidock.eras import era_named
    >>> from minidock.model.daemon import DaemonOptions
    >>> from minidock.model.host import sample_host
    >>> broken(boot(era_named("28"), DaemonOptions(), sample_host(), "doc", 0))
    []
    """
    checks = (
        _addresses,
        _cluster,
        _ways_out,
        _ports,
        _members,
        _names,
        _agenda,
    )
    faults = [fault for check in checks for fault in check(world)]
    return faults + list(world.space.invariants())
