"""What each address of a subnet is used for, and by whom.

```
172.28.0.0/29, --ip-range 172.28.0.4/30, --aux-address printer=172.28.0.2

 .0        .1       .2      .3             .4     .5     .6    .7
 reserved  gateway  kept    on request     taken  free   free  reserved
                    printer                web
```

A pool knows only which addresses are held; who holds them is read off the World. For a
pool without a World every held address is just taken.

Invariants: every address of the subnet has exactly one use; as many addresses are in
use as the pool has taken.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from minidock.commands.lookup import find_network
from minidock.errors import Exhausted, NotFound
from minidock.ipam.pool import Pool
from minidock.model.network import Network, NetworkPool
from minidock.model.world import World
from minidock.net.address import V4, V6, Address
from minidock.views.measure import plain

__all__ = ["Block", "Owner", "PoolMap", "Use", "blocks", "pool_map"]


class Use(StrEnum):
    """What an address is used for; the order is that of the palette's cells."""

    FREE = "free"
    ON_REQUEST = "free on request"
    RESERVED = "reserved"
    KEPT = "kept apart"
    TAKEN = "taken"
    GATEWAY = "gateway"


class Owner(NamedTuple):
    """Who holds an address, and for what."""

    use: Use
    who: str = ""


@dataclass(frozen=True, slots=True)
class PoolMap:
    """A pool, and who holds its addresses."""

    pool: Pool
    owners: Mapping[Address, Owner] = field(default_factory=dict)
    name: str = ""
    """The network's."""

    def use(self, address: Address) -> Use:
        """What one address of the subnet is used for; O(1).

        >>> from minidock.net.prefix import Prefix
        >>> shown = PoolMap(Pool.open(Prefix.parse("10.5.0.0/30")).allocate()[0])
        >>> [shown.use(Address.parse(f"10.5.0.{number}")).value for number in range(4)]
        ['reserved', 'taken', 'free', 'reserved']
        """
        if self.pool.holds(address):
            return self.owners.get(address, Owner(Use.TAKEN)).use
        if self.pool.reserves(address):
            return Use.RESERVED
        return Use.FREE if self.pool.offers(address) else Use.ON_REQUEST

    def who(self, address: Address) -> str:
        """Who holds an address, or ""."""
        owner = self.owners.get(address)
        if owner is None or not self.pool.holds(address):
            return ""
        return plain(owner.who)

    def held(self) -> Iterator[tuple[Address, Owner]]:
        """The addresses that somebody holds, in order."""
        for address in self.pool:
            yield address, Owner(self.use(address), self.who(address))

    @property
    def title(self) -> str:
        """The network and its subnet, in words."""
        pool = self.pool
        named = f"{plain(self.name)}: {pool.subnet}" if self.name else str(pool.subnet)
        return f"{named}, range {pool.ip_range}" if pool.ip_range else named

    @property
    def summary(self) -> str:
        """How much is held, and what would be handed out next; O(log n)."""
        pool = self.pool
        held, all_ = pool.taken, pool.taken + pool.free
        verb = "is" if held == 1 else "are"
        said = f"{held:,} of {all_:,} addresses {verb} held"
        try:
            return f"{said}; next: {pool.allocate()[1]}"
        except Exhausted:
            return f"{said}; none is handed out any more"


class Block(NamedTuple):
    """A run of addresses of one size, and how many of them are held."""

    first: Address
    size: int
    held: int


def blocks(shown: PoolMap, count: int) -> tuple[Block, ...]:
    """The subnet cut into so many blocks, or one for each address; O(count + held).

    >>> from minidock.net.prefix import Prefix
    >>> full = Pool.open(Prefix.parse("10.5.0.0/29")).allocate_many(3)[0]
    >>> [(str(b.first), b.size, b.held) for b in blocks(PoolMap(full), 2)]
    [('10.5.0.0', 4, 3), ('10.5.0.4', 4, 0)]
    """
    subnet = shown.pool.subnet
    size = max(subnet.size // count, 1)
    first = subnet.first
    found = Counter((address - first) // size for address in shown.pool)
    return tuple(
        Block(first + number * size, size, found[number])
        for number in range(subnet.size // size)
    )


# --- from a World ---------------------------------------------------------------------


def pool_map(world: World, network: str, family: int = 0) -> PoolMap:
    """The addresses of a network's subnet, and who holds them; O(containers).

    Args:
        world: where the network is.
        network: its name or id.
        family: 4 or 6; by default the first one that it has.

    Raises:
        NotFound: there is no such network, or it has no addresses of that family.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> docker("run -d --name web nginx").ok
    True
    >>> shown = pool_map(docker.world, "bridge")
    >>> [(str(address), *owner) for address, owner in shown.held()]
    [('172.17.0.1', <Use.GATEWAY: 'gateway'>, 'docker0'), \
('172.17.0.2', <Use.TAKEN: 'taken'>, 'web')]
    >>> pool_map(docker.world, "none")
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: the network none has no addresses
    """
    found = find_network(world, network)
    for kind in (family,) if family else (V4, V6):
        for given in found.pools_of(kind):
            pool = world.pools.get(given.key)
            if pool is not None:
                owners = MappingProxyType(dict(_owners(world, found, given)))
                return PoolMap(pool, owners, found.name)
    wanted = f"IPv{family} addresses" if family else "addresses"
    raise NotFound(
        f"the network {found.name} has no {wanted}",
        asked=f"show the {wanted} of {found.name}",
        rule="only a network with a subnet of its own hands out addresses",
        remedy="a bridge network, such as the one that is called bridge",
    )


def _owners(
    world: World, network: Network, given: NetworkPool
) -> Iterator[tuple[Address, Owner]]:
    family = given.subnet.family
    for container in world.containers.values():
        for endpoint in container.endpoints:
            address = endpoint.address if family == V4 else endpoint.address6
            if address is not None and endpoint.network_id == network.id:
                yield address, Owner(Use.TAKEN, container.name)
    if world.cluster is not None:
        for peer in world.cluster.peers_on(network.id):
            yield peer.address, Owner(Use.TAKEN, peer.name)
    for name, address in given.aux:
        yield address, Owner(Use.KEPT, name)
    if given.gateway is not None:
        bridge = network.bridge.name if network.bridge else "router"
        yield given.gateway, Owner(Use.GATEWAY, bridge)
