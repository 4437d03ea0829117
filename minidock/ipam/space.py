"""An address space: which subnets are taken, and which one a new network gets.

```
docker network create --subnet 10.9.0.0/16 a     explicit: refused if it overlaps
docker network create b                          automatic: from the default pools,
                                                 beside what is taken and what the
                                                 host's own routes already lead to

               172.17   172.18   172.19   172.20   172.21       after rm of 172.19:
  first fit    taken    taken    free     taken    free         172.19   17.12
  next fit     taken    taken    free     taken ^  free         172.21   20.10
  lowest free  taken    taken    free     taken    free         172.19   28
```

* **First fit** (to 18.05): from the head of the declared list, each time.
* **Next fit** (18.06 to 26.1): on from the subnet that was handed out last, and round
  the end. The cursor is a memory of the daemon and no part of what is held: it stays
  where it is when the subnet is released, also by a create that fails later, and a
  restart puts it back to the head. Handing out the last subnet of the list puts it
  there, too. One cursor serves both families, as moby has one list for both.
* **Lowest free** (27.0 on): the declared pools are sorted first, and one that overlaps
  its predecessor is dropped, so the order in which a user wrote them does not count.

Invariants, which :meth:`Space.invariants` checks by name: those of the two ledgers
(``IPv4``, ``IPv6``), and a cursor that lies in the list (``cursor``). An automatic
subnet never overlaps a taken one or a host route, and releasing everything gives back a
space equal to the first one, but for the cursor.

Docker calls it address space: ``LocalDefault`` for the host's networks,
``GlobalDefault`` for those of a swarm (moby, ``libnetwork/ipams/defaultipam``).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from minidock.eras import SubnetChoice
from minidock.errors import InvalidParameter, PoolOverlap, PoolsExhausted
from minidock.ipam.defaults import LOCAL_POOLS, DefaultPool
from minidock.ipam.ledger import Ledger
from minidock.ipam.runs import Runs
from minidock.net.address import V4, V6
from minidock.net.prefix import Prefix

__all__ = ["Cursor", "Space"]


class Cursor(NamedTuple):
    """Where next fit goes on: an entry of the list, and a network number in it."""

    entry: int
    network: int


_HEAD = Cursor(0, 0)
_NOTHING = Runs()


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The taken subnets of one address space, in both families.

    >>> space = Space.create(choice=SubnetChoice.NEXT_FIT)
    >>> space, docker0 = space.allocate()
    >>> space, mine = space.allocate()
    >>> space, next_one = space.release(mine).allocate()
    >>> str(docker0), str(mine), str(next_one)
    ('172.17.0.0/16', '172.18.0.0/16', '172.19.0.0/16')
    >>> space.allocate(Prefix.parse("172.17.5.0/24"))
    Traceback (most recent call last):
    ...
    minidock.errors.PoolOverlap: Pool overlaps with other one on this address space
    """

    pools: tuple[DefaultPool, ...]
    choice: SubnetChoice
    v4: Ledger = field(default_factory=partial(Ledger, V4))
    v6: Ledger = field(default_factory=partial(Ledger, V6))
    cursor: Cursor = _HEAD

    @classmethod
    def create(
        cls,
        default_pools: Sequence[tuple[Prefix, int]] = LOCAL_POOLS,
        *,
        choice: SubnetChoice = SubnetChoice.LOWEST_FREE,
    ) -> "Space":
        """The space with nothing taken.

        >>> ten = Prefix.parse("10.0.0.0/8")
        >>> Space.create([(ten, 7)])
        Traceback (most recent call last):
        ...
        minidock.errors.InvalidParameter: a /8 cannot be split into /7
        """
        pools = tuple(DefaultPool(*pool) for pool in default_pools)
        for base, length in pools:
            if not base.length <= length <= base.bits:
                raise _not_splittable(base, length)
        if choice is SubnetChoice.LOWEST_FREE:
            pools = _sorted_apart(pools)
        return cls(pools=pools, choice=choice)

    def allocate(
        self,
        subnet: Prefix | None = None,
        *,
        ip_range: Prefix | None = None,
        family: int = V4,
        host_routes: Sequence[Prefix] = (),
    ) -> tuple["Space", Prefix]:
        """The space with one more subnet taken, and that subnet; O(sqrt n), flat.

        Args:
            subnet: this one and no other; else one is chosen from the default pools.
            ip_range: the part of ``subnet`` that the network hands out. With one, the
                subnet is not compared with others (odd: moby issue 46756), and several
                networks may hold the same subnet if their ranges differ.
            family: of the subnet that is to be chosen.
            host_routes: where the host itself already has something. Only a choice
                heeds them: an explicit subnet may be the same as a route.

        >>> routes = [Prefix.parse("172.17.0.0/16"), Prefix.parse("172.18.5.0/24")]
        >>> str(Space.create().allocate(host_routes=routes)[1])
        '172.19.0.0/16'
        >>> Space.create().allocate(family=6)
        Traceback (most recent call last):
        ...
        minidock.errors.PoolsExhausted: all predefined address pools have been fully \
subnetted
        """
        if subnet is not None:
            self._admit(subnet, ip_range)
            ledger = self._ledger(subnet.family).granting(subnet, ip_range)
            return self._with(ledger, self.cursor), subnet
        if ip_range is not None:
            raise _range_alone(ip_range)
        ledger, blocked = self._ledger(family), _blocked(host_routes, family)
        subnet, cursor = self._choose(ledger, self.cursor, blocked)
        return self._with(ledger.granting(subnet), cursor), subnet

    def allocate_many(
        self, count: int, *, family: int = V4, host_routes: Sequence[Prefix] = ()
    ) -> tuple["Space", tuple[Prefix, ...]]:
        """The space with ``count`` automatic subnets taken: all of them or none.

        >>> space, subnets = Space.create().allocate_many(31)
        >>> str(subnets[1]), str(subnets[15]), str(subnets[30])
        ('172.18.0.0/16', '192.168.0.0/20', '192.168.240.0/20')
        >>> space.allocate_many(1)
        Traceback (most recent call last):
        ...
        minidock.errors.PoolsExhausted: all predefined address pools have been fully \
subnetted
        """
        ledger, blocked = self._ledger(family), _blocked(host_routes, family)
        cursor = self.cursor
        subnets: list[Prefix] = []
        for _ in range(count):
            subnet, cursor = self._choose(ledger, cursor, blocked)
            ledger = ledger.granting(subnet)
            subnets.append(subnet)
        return self._with(ledger, cursor), tuple(subnets)

    def release(self, subnet: Prefix, *, ip_range: Prefix | None = None) -> "Space":
        """The space in which this grant is gone, and the subnet free after its last.

        >>> space, subnet = Space.create().allocate()
        >>> space.release(subnet) == Space.create()
        True
        >>> space.release(subnet).release(subnet)
        Traceback (most recent call last):
        ...
        minidock.errors.InvalidParameter: Address space does not contain specified \
address pool
        """
        ledger = self._ledger(subnet.family)
        whole, ranges = ledger.grant(subnet)
        if not (whole if ip_range is None else ip_range in ranges):
            raise _not_held(subnet, ip_range)
        return self._with(ledger.withdrawing(subnet, ip_range), self.cursor)

    def restarted(self) -> "Space":
        """The space after a restart of the daemon, which forgets the cursor.

        >>> space = Space.create(choice=SubnetChoice.NEXT_FIT)
        >>> later, subnet = space.allocate()
        >>> later.release(subnet) == space, later.release(subnet).restarted() == space
        (False, True)
        """
        return replace(self, cursor=_HEAD)

    def subnets(self, family: int = V4) -> tuple[Prefix, ...]:
        """The subnets of a family that are held, in order."""
        return tuple(self._ledger(family))

    def holds(self, subnet: Prefix) -> bool:
        """Whether just this subnet is held, as a whole or through ip-ranges; O(log n).

        >>> Space.create().holds(Prefix.parse("172.17.0.0/16"))
        False
        """
        whole, ranges = self._ledger(subnet.family).grant(subnet)
        return whole or bool(ranges)

    def overlapping(self, subnet: Prefix) -> Prefix | None:
        """A held subnet that shares addresses with this one; O(log n).

        >>> space, subnet = Space.create().allocate()
        >>> str(space.overlapping(Prefix.parse("172.0.0.0/8")))
        '172.17.0.0/16'
        """
        return self._ledger(subnet.family).conflict(subnet)

    def invariants(self) -> list[str]:
        """The names of the invariants that do not hold; O(n)."""
        entry, network = self.cursor
        checks = {
            "IPv4": not self.v4.invariants(),
            "IPv6": not self.v6.invariants(),
            "cursor": self.cursor == _HEAD
            or network <= self.pools[entry].base.last.value,
        }
        return [name for name, holds in checks.items() if not holds]

    def _ledger(self, family: int) -> Ledger:
        return self.v4 if family == V4 else self.v6

    def _with(self, ledger: Ledger, cursor: Cursor) -> "Space":
        v4, v6 = self.v4, self.v6
        if ledger.family == V4:
            v4 = ledger
        else:
            v6 = ledger
        return Space(pools=self.pools, choice=self.choice, v4=v4, v6=v6, cursor=cursor)

    def _admit(self, subnet: Prefix, ip_range: Prefix | None) -> None:
        """Refuses an explicit subnet that may not be taken."""
        ledger = self._ledger(subnet.family)
        if ip_range is None:
            other = ledger.conflict(subnet)
            if other is not None:
                raise _overlap(subnet, other)
        elif ip_range in ledger.grant(subnet).ranges:
            raise _overlap(subnet, subnet)

    def _choose(
        self, ledger: Ledger, cursor: Cursor, blocked: Runs
    ) -> tuple[Prefix, Cursor]:
        """The subnet that a ledger's next network gets, and the cursor after it."""
        family = ledger.family
        for entry, begin, end in self._stretches(cursor):
            base, length = self.pools[entry]
            if base.family != family:
                continue
            size = 1 << base.bits - length
            network = ledger.room(begin, end, size, blocked)
            if network is not None:
                subnet = Prefix(network, length, family)
                return subnet, self._after(entry, network + size)
        raise _exhausted(family, self.choice)

    def _stretches(self, cursor: Cursor) -> Iterator[tuple[int, int, int]]:
        """The pools in the order in which they are searched: entry, begin, end."""
        entry, network = cursor
        for i in (*range(entry, len(self.pools)), *range(entry)):
            base = self.pools[i].base
            begin, end = base.network, base.network + base.size
            yield i, max(begin, network) if i == entry else begin, end
        if network:  # round the end, up to where it began
            base = self.pools[entry].base
            yield entry, base.network, network

    def _after(self, entry: int, network: int) -> Cursor:
        """Where to go on after the subnet that ends here."""
        if self.choice is not SubnetChoice.NEXT_FIT:
            return _HEAD
        base = self.pools[entry].base
        if network < base.network + base.size:
            return Cursor(entry, network)
        return Cursor(entry + 1, 0) if entry + 1 < len(self.pools) else _HEAD


def _blocked(host_routes: Sequence[Prefix], family: int) -> Runs:
    """The addresses of a family that the host's routes lead to."""
    if not host_routes:
        return _NOTHING
    return Runs(
        (route.network, route.network + route.size)
        for route in host_routes
        if route.family == family
    )


def _sorted_apart(pools: tuple[DefaultPool, ...]) -> tuple[DefaultPool, ...]:
    """The pools by base, without those that overlap the one kept before them."""
    kept: list[DefaultPool] = []
    for pool in sorted(
        pools, key=lambda pool: pool.base
    ):  # stable: the first one stays
        if not kept or not kept[-1].base.overlaps(pool.base):
            kept.append(pool)
    return tuple(kept)


def _overlap(subnet: Prefix, other: Prefix) -> PoolOverlap:
    return PoolOverlap(
        "Pool overlaps with other one on this address space",
        asked=f"take the subnet {subnet}",
        rule=f"subnets share no address, and {other} is taken",
        remedy="a subnet beside it, or none: then a free one is chosen",
    )


def _exhausted(family: int, choice: SubnetChoice) -> PoolsExhausted:
    text = (
        f"could not find an available, non-overlapping IPv{family} address pool among "
        "the defaults to assign to the network"
    )
    if choice is SubnetChoice.LOWEST_FREE:
        text = "all predefined address pools have been fully subnetted"
    return PoolsExhausted(
        text,
        asked=f"choose an IPv{family} subnet from the default pools",
        rule="a chosen subnet overlaps no network and no route of the host",
        remedy="name one with --subnet, or remove a network",
    )


def _range_alone(ip_range: Prefix) -> InvalidParameter:
    return InvalidParameter(
        "Invalid Address SubPool",
        asked=f"hand out {ip_range} of a subnet that is yet to be chosen",
        rule="an ip-range is a part of a subnet that is given, too",
        remedy="--subnet with a subnet around the range",
    )


def _not_held(subnet: Prefix, ip_range: Prefix | None) -> InvalidParameter:
    how = "" if ip_range is None else f" with the range {ip_range}"
    return InvalidParameter(
        "Address space does not contain specified address pool",
        asked=f"release {subnet}{how}",
        rule="only a subnet that is held, and as it was asked for, can be released",
        remedy="nothing to do: it is not held",
    )


def _not_splittable(base: Prefix, length: int) -> InvalidParameter:
    return InvalidParameter(
        f"a /{base.length} cannot be split into /{length}",
        asked=f"hand out subnets of length {length} from {base}",
        rule="a subnet is not larger than the pool that it is cut from",
        remedy=f"a length from {base.length} to {base.bits}",
    )
