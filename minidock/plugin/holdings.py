"""Which subnets and addresses a plugin has handed out, as one frozen value.

```
address space ──▶ Space      which subnets are taken        (minidock.ipam.space)
      │
      └─ pool id ──▶ Pool    which of its addresses are     (minidock.ipam.pool)
         "space/10.9.0.0/16" or, with an ip-range, "space/10.9.0.0/16/10.9.5.0/24"
```

There are two address spaces, as Docker's own IPAM has them: one for networks of a host,
one for those that span hosts. A subnet of one may be that of the other.

Pools of one subnet with different ip-ranges are apart, but no address is given out in
two of them. Unlike Docker (moby issue 46756) a subnet with an ip-range may not overlap
another one.

Invariant: no address of a subnet is held twice; what is held is exactly what
:meth:`Holdings.names` lists, and :meth:`Holdings.restore` makes the same value of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from minidock.errors import InvalidParameter, NotationError, NotFound, PoolOverlap
from minidock.ipam.defaults import GLOBAL_POOLS, LOCAL_POOLS, unique_local_pool
from minidock.ipam.pool import Pool
from minidock.ipam.space import Space
from minidock.model.maps import Map
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix

__all__ = ["GLOBAL", "LOCAL", "Holdings", "Lease"]

LOCAL, GLOBAL = "MinidockLocal", "MinidockGlobal"
"""The names of the address spaces; they are one plugin's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """One subnet that a network has: its addresses, and its ip-range."""

    space: str
    subnet: Prefix
    ip_range: Prefix | None = None
    ledger: Pool

    @property
    def id(self) -> str:
        """What the plugin calls it."""
        whole = f"{self.space}/{self.subnet}"
        return whole if self.ip_range is None else f"{whole}/{self.ip_range}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Everything that is handed out.

    >>> held, lease = Holdings.create().allocate(LOCAL, "10.9.0.0/30")
    >>> held, address = held.allocate_address(lease.id)
    >>> lease.id, str(address)
    ('MinidockLocal/10.9.0.0/30', '10.9.0.1')
    >>> held.allocate(LOCAL, "10.9.0.0/24")
    Traceback (most recent call last):
    minidock.errors.PoolOverlap: Pool overlaps with other one on this address space
    """

    spaces: Map[Space]
    leases: Map[Lease] = field(default_factory=Map)

    @classmethod
    def create(cls) -> "Holdings":
        """Nothing is handed out; subnets come from Docker's own default pools."""
        own = (*LOCAL_POOLS, unique_local_pool("minidock"))
        spaces = {LOCAL: Space.create(own), GLOBAL: Space.create(GLOBAL_POOLS)}
        return cls(spaces=Map(spaces))

    def allocate(
        self, space: str, subnet: str = "", ip_range: str = "", *, v6: bool = False
    ) -> tuple["Holdings", Lease]:
        """Hand out a subnet: this one, or one of the default pools.

        Cost: O(log n) in the subnets that are held.

        Raises:
            NotFound: there is no such address space.
            InvalidParameter: a text is no subnet, or the range is no part of it.
            PoolOverlap: it shares addresses with one that is held.
            PoolsExhausted: no default pool is left.
        """
        if space not in self.spaces:
            raise NotFound(
                f"there is no address space {space}",
                asked=f"a subnet in the address space {space}",
                rule=f"the address spaces are {LOCAL} and {GLOBAL}",
                remedy=LOCAL,
            )
        wanted = _subnet(subnet) if subnet else None
        part = _part(wanted, ip_range)
        if wanted is not None and part is not None:
            other = self.spaces[space].overlapping(wanted)
            if other not in {None, wanted}:
                raise _overlap(wanted, other)
        taken, given = self.spaces[space].allocate(
            wanted, ip_range=part, family=V6 if v6 else V4
        )
        ledger = Pool.open(given, ip_range=part, point_to_point=True)
        lease = Lease(space=space, subnet=given, ip_range=part, ledger=ledger)
        spaces = self.spaces.set(space, taken)
        return replace(self, spaces=spaces, leases=self.leases.set(lease.id, lease)), (
            lease
        )

    def release(self, pool_id: str) -> "Holdings":
        """Take a subnet back, with all addresses of it.

        Raises:
            NotFound: nobody holds it.
        """
        lease = self.lease(pool_id)
        space = self.spaces[lease.space].release(lease.subnet, ip_range=lease.ip_range)
        return replace(
            self,
            spaces=self.spaces.set(lease.space, space),
            leases=self.leases.delete(pool_id),
        )

    def lease(self, pool_id: str) -> Lease:
        """The subnet of that name.

        Raises:
            NotFound: nobody holds it.
        """
        lease = self.leases.get(pool_id)
        if lease is None:
            raise NotFound(
                f"unknown pool {pool_id}",
                asked=f"use the pool {pool_id}",
                rule="a pool is there from RequestPool to ReleasePool",
                remedy="docker network create makes one",
            )
        return lease

    def allocate_address(
        self, pool_id: str, address: str = ""
    ) -> tuple["Holdings", Address]:
        """Hand out an address: this one, or the lowest that is free.

        Cost: O(log n), times the other pools of the same subnet.

        Raises:
            NotFound: nobody holds the pool.
            AddressTaken: it is held. AddressOutOfRange: it is not of this subnet.
            AddressesExhausted: none is free.
        """
        lease = self.lease(pool_id)
        wanted = _address(address) if address else None
        given = self._free(lease, wanted)
        ledger, _ = lease.ledger.allocate(given)
        changed = replace(lease, ledger=ledger)
        return replace(self, leases=self.leases.set(pool_id, changed)), given

    def _free(self, lease: Lease, wanted: Address | None) -> Address:
        others = [
            other.ledger
            for other in self._of_subnet(lease)
            if other.ip_range != lease.ip_range
        ]
        if wanted is not None:
            for ledger in others:
                if ledger.holds(wanted):
                    ledger.allocate(wanted)  # refuses, with its reason
            return wanted
        ledger, given = lease.ledger.allocate()
        while any(other.holds(given) for other in others):
            ledger, given = ledger.allocate()
        return given

    def _of_subnet(self, lease: Lease) -> Iterator[Lease]:
        start = f"{lease.space}/{lease.subnet}"
        for name, other in self.leases.items():
            if name == start or name.startswith(f"{start}/"):
                yield other

    def release_address(self, pool_id: str, address: str) -> "Holdings":
        """Take an address back.

        Raises:
            NotFound: nobody holds the pool. Conflict: nobody holds the address.
            AddressOutOfRange: it is not of this subnet.
        """
        lease = self.lease(pool_id)
        ledger = lease.ledger.release(_address(address))
        changed = replace(lease, ledger=ledger)
        return replace(self, leases=self.leases.set(pool_id, changed))

    def names(self) -> list[tuple[str, str, str, tuple[str, ...]]]:
        """All of it in texts: address space, subnet, ip-range or "", addresses."""
        return [
            (
                lease.space,
                str(lease.subnet),
                str(lease.ip_range or ""),
                tuple(map(str, lease.ledger)),
            )
            for _, lease in sorted(self.leases.items())
        ]

    @classmethod
    def restore(
        cls, names: Iterable[tuple[str, str, str, Iterable[str]]]
    ) -> "Holdings":
        """The value that :meth:`names` told."""
        held = cls.create()
        for space, subnet, ip_range, addresses in names:
            held, lease = held.allocate(space, subnet, ip_range)
            for address in addresses:
                held, _ = held.allocate_address(lease.id, address)
        return held

    def invariants(self) -> list[str]:
        """The names of the invariants that do not hold; O(everything held)."""
        seen: set[tuple[str, Prefix, Address]] = set()
        broken = []
        for name, lease in self.leases.items():
            broken += [f"{name}: {fault}" for fault in lease.ledger.invariants()]
            if not self.spaces[lease.space].holds(lease.subnet):
                broken.append(f"{name}: held by no space")
            for address in lease.ledger:
                if (lease.space, lease.subnet, address) in seen:
                    broken.append(f"{name}: {address} is held twice")
                seen.add((lease.space, lease.subnet, address))
        return broken


def _subnet(text: str) -> Prefix:
    try:
        return Prefix.parse(text, host_bits=True)
    except NotationError as error:
        raise InvalidParameter(
            f"invalid pool {text}",
            asked=f"the subnet {text}",
            rule="a subnet is an address, a slash and a length",
            remedy="--subnet 10.9.0.0/16",
        ) from error


def _part(subnet: Prefix | None, text: str) -> Prefix | None:
    if not text:
        return None
    part = _subnet(text)
    if subnet is None or not subnet.covers(part):
        raise InvalidParameter(
            f"invalid sub pool {text}",
            asked=f"the ip-range {text} of {subnet or 'a subnet yet to be chosen'}",
            rule="an ip-range is a part of a subnet that is named, too",
            remedy="--ip-range with a part of --subnet",
        )
    return None if part == subnet else part


def _address(text: str) -> Address:
    try:
        return Address.parse(text)
    except NotationError as error:
        raise InvalidParameter(
            f"invalid address {text}",
            asked=f"the address {text}",
            rule="an address is four numbers, or eight groups of IPv6",
            remedy="an address such as 10.9.0.5",
        ) from error


def _overlap(subnet: Prefix, other: Prefix | None) -> PoolOverlap:
    return PoolOverlap(
        "Pool overlaps with other one on this address space",
        asked=f"take the subnet {subnet}",
        rule=f"subnets share no address, and {other} is taken",
        remedy="a subnet beside it, or none: then a free one is chosen",
    )
