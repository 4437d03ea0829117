"""The addresses of one subnet: who may have which, and which are taken.

```
172.28.0.0/29, --ip-range 172.28.0.4/30

  .0       .1     .2     .3     .4     .5     .6     .7
  network  ─────────────────────────────────────────  broadcast
  never                         └── handed out ───┘   never
           └────── may be asked for by name ──────┘
```

Three ways to ask, as in Docker:

* **any**: the lowest free address of the ip-range, or of the subnet if there is none.
  What is released is handed out again at once: no container owns an address.
* **wanted** (``--ip``, ``--gateway``, ``--aux-address``): anywhere in the subnet, also
  outside of the ip-range, which only limits what is handed out by itself.
* **serial**: the next one after the last that was handed out serially, going round at
  the end. Only swarm asks so, that the address of a task that ended rests for a while.

Invariants, which :meth:`Pool.invariants` checks by name: nobody holds a reserved
address (``reserved``), nothing is taken outside the subnet (``in-subnet``), the count
is right (``counted``), and the bits are in order (``bits``). Releasing everything gives
back a pool that equals the first one, but for the serial cursor, which
:meth:`Pool.restarted` resets.

Docker calls the whole thing IPAM (IP address management), ours an address pool
(moby, ``libnetwork/ipams/defaultipam``; to 20.10 ``libnetwork/ipam``).
"""
# ruff: noqa: SLF001  # values of this wing read each other's slots: a property costs 5x

from collections.abc import Iterator
from dataclasses import dataclass

from minidock.errors import (
    AddressesExhausted,
    AddressOutOfRange,
    AddressTaken,
    Conflict,
    Refusal,
)
from minidock.ipam.bitset import BitSet
from minidock.net.address import V4, Address
from minidock.net.prefix import Prefix

__all__ = ["Pool"]

_new = object.__new__


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What a pool is asked for and never changes: numbers count from the network."""

    subnet: Prefix
    ip_range: Prefix | None
    network: int
    family: int
    last: int  # the highest number of the subnet
    low: int  # what is handed out goes from here ...
    high: int  # ... to here
    lowest: int  # what somebody can hold, by name, goes from here ...
    highest: int  # ... to here; all others are reserved


class Pool:
    """The addresses of one subnet: a frozen value, changed by making another one.

    >>> pool = Pool.open(Prefix.parse("172.18.0.0/16"))
    >>> pool, gateway = pool.allocate()
    >>> pool, first = pool.allocate()
    >>> str(gateway), str(first)
    ('172.18.0.1', '172.18.0.2')
    >>> pool.release(gateway).allocate()[1] == gateway  # the lowest free one
    True
    >>> pool.allocate(first)
    Traceback (most recent call last):
    ...
    minidock.errors.AddressTaken: Address already in use
    """

    __slots__ = ("_bits", "_cursor", "_plan", "_taken")

    _plan: _Plan
    _bits: BitSet  # the reserved numbers are set, too
    _taken: int
    _cursor: int  # where a serial search begins

    def __init__(self) -> None:
        raise TypeError("a pool is opened: Pool.open(subnet)")

    @classmethod
    def open(
        cls,
        subnet: Prefix,
        *,
        ip_range: Prefix | None = None,
        point_to_point: bool = False,
    ) -> "Pool":
        """The pool of a subnet with nothing taken.

        Args:
            subnet: whose addresses these are.
            ip_range: the part of it that is handed out by itself.
            point_to_point: whether a subnet of one or two addresses may use them all
                (Docker 23.0 and later, RFC 3021), or none in IPv4 (before).

        >>> pool = Pool.open(Prefix.parse("10.5.0.0/31"), point_to_point=True)
        >>> pool.free, str(pool.allocate()[1])
        (2, '10.5.0.0')
        >>> Pool.open(Prefix.parse("10.5.0.0/31")).allocate()
        Traceback (most recent call last):
        ...
        minidock.errors.AddressesExhausted: No available addresses on this pool
        """
        lowest, highest = _usable(subnet, point_to_point)
        bits = BitSet(subnet.size)
        for number in {0, subnet.size - 1}:
            if not lowest <= number <= highest:
                bits = bits.including(number)
        low, high = _handed_out(subnet, ip_range)
        plan = _Plan(
            subnet=subnet,
            ip_range=ip_range,
            network=subnet.network,
            family=subnet.family,
            last=subnet.size - 1,
            low=low,
            high=high,
            lowest=lowest,
            highest=highest,
        )
        return _make(plan, bits, 0, 0)

    @property
    def subnet(self) -> Prefix:
        """The subnet whose addresses these are."""
        return self._plan.subnet

    @property
    def ip_range(self) -> Prefix | None:
        """The part of the subnet that is handed out by itself, if it was limited."""
        return self._plan.ip_range

    @property
    def taken(self) -> int:
        """How many addresses are held; the reserved ones are not counted."""
        return self._taken

    @property
    def free(self) -> int:
        """How many addresses of the subnet somebody could still have by name.

        >>> Pool.open(Prefix.parse("10.5.0.0/30")).free
        2
        """
        plan = self._plan
        return plan.highest - plan.lowest + 1 - self._taken

    def holds(self, address: Address) -> bool:
        """Whether somebody holds this address; nobody holds a reserved one.

        >>> Pool.open(Prefix.parse("10.5.0.0/30")).holds(Address.parse("10.5.0.0"))
        False
        """
        plan = self._plan
        number = address.value - plan.network
        if not plan.lowest <= number <= plan.highest or address.family != plan.family:
            return False
        return number in self._bits

    def reserves(self, address: Address) -> bool:
        """Whether it is in the subnet and nobody can ever hold it; O(1).

        >>> pool = Pool.open(Prefix.parse("10.5.0.0/30"))
        >>> [pool.reserves(pool.subnet.address(number)) for number in range(4)]
        [True, False, False, True]
        """
        plan = self._plan
        number = address.value - plan.network
        inside = 0 <= number <= plan.last and address.family == plan.family
        return inside and not plan.lowest <= number <= plan.highest

    def offers(self, address: Address) -> bool:
        """Whether it is handed out by itself, if it is free; else it must be wanted.

        >>> pool = Pool.open(
        ...     Prefix.parse("10.5.0.0/29"), ip_range=Prefix.parse("10.5.0.4/30")
        ... )
        >>> [number for number in range(8) if pool.offers(pool.subnet.address(number))]
        [4, 5, 6]
        """
        plan = self._plan
        number = address.value - plan.network
        inside = plan.low <= number <= plan.high and address.family == plan.family
        return inside and not self.reserves(address)

    def __iter__(self) -> Iterator[Address]:
        """The addresses that are held, in order."""
        plan = self._plan
        for number in self._bits:
            if plan.lowest <= number <= plan.highest:
                yield Address(plan.network + number, plan.family)

    def allocate(
        self, wanted: Address | None = None, *, serial: bool = False
    ) -> tuple["Pool", Address]:
        """The pool with one more address taken, and that address; O(log n), flat.

        Args:
            wanted: this one and no other; else any.
            serial: any, but the next one after the last that was asked for serially.

        >>> pool = Pool.open(Prefix.parse("10.5.0.0/30"))
        >>> pool, address = pool.allocate(Address.parse("10.5.0.2"))
        >>> pool, address = pool.allocate()
        >>> pool.allocate()
        Traceback (most recent call last):
        ...
        minidock.errors.AddressesExhausted: No available addresses on this pool
        >>> pool.allocate(Address.parse("10.6.0.1"))
        Traceback (most recent call last):
        ...
        minidock.errors.AddressOutOfRange: Requested address is out of range
        """
        if wanted is not None:
            return self._with_wanted(wanted), wanted
        plan = self._plan
        bits = self._bits
        cursor = self._cursor
        if serial and cursor > plan.low:
            bits, number = bits.including_next(cursor, plan.high)
            if number > plan.high:  # round the end
                bits, number = bits.including_next(plan.low, plan.high)
        else:
            bits, number = bits.including_next(plan.low, plan.high)
        if number > plan.high:
            raise self._exhausted(1)
        if serial:
            cursor = number + 1
        pool = _new(Pool)  # _make, spelled out where speed counts
        pool._plan = plan
        pool._bits = bits
        pool._taken = self._taken + 1
        pool._cursor = cursor
        return pool, Address(plan.network + number, plan.family)

    def allocate_many(self, count: int) -> tuple["Pool", tuple[Address, ...]]:
        """The pool with the lowest ``count`` free addresses taken: all of them or none.

        The same as allocating one by one, at a tenth of the cost.

        >>> pool = Pool.open(Prefix.parse("10.5.0.0/29"))
        >>> [str(address) for address in pool.allocate_many(2)[1]]
        ['10.5.0.1', '10.5.0.2']
        >>> pool.allocate_many(7)
        Traceback (most recent call last):
        ...
        minidock.errors.AddressesExhausted: No available addresses on this pool
        """
        plan = self._plan
        bits, numbers = self._bits.including_lowest(count, plan.low, plan.high)
        if len(numbers) < count:
            raise self._exhausted(count)
        network, family = plan.network, plan.family
        addresses = tuple([Address(network + number, family) for number in numbers])
        return _make(plan, bits, self._taken + count, self._cursor), addresses

    def release(self, address: Address) -> "Pool":
        """The pool in which this address is free again; O(log n), flat.

        The reserved addresses stay reserved, and what nobody holds cannot be released.

        >>> pool, address = Pool.open(Prefix.parse("10.5.0.0/30")).allocate()
        >>> pool.release(address).release(address)
        Traceback (most recent call last):
        ...
        minidock.errors.Conflict: Address 10.5.0.1 is not in use
        """
        plan = self._plan
        number = address.value - plan.network
        if not plan.lowest <= number <= plan.highest or address.family != plan.family:
            raise self._not_held(address)
        try:
            bits = self._bits.excluding(number)
        except KeyError:
            raise self._not_held(address) from None
        pool = _new(Pool)
        pool._plan = plan
        pool._bits = bits
        pool._taken = self._taken - 1
        pool._cursor = self._cursor
        return pool

    def restarted(self) -> "Pool":
        """The pool after a restart of the daemon, which forgets where serial was.

        >>> pool = Pool.open(Prefix.parse("10.5.0.0/29"))
        >>> again, address = pool.allocate(serial=True)
        >>> again.release(address) == pool, again.release(address).restarted() == pool
        (False, True)
        """
        return _make(self._plan, self._bits, self._taken, 0)

    def _with_wanted(self, wanted: Address) -> "Pool":
        plan = self._plan
        number = wanted.value - plan.network
        if not 0 <= number <= plan.last or wanted.family != plan.family:
            raise self._out_of_range(wanted, "take")
        try:
            bits = self._bits.including(number)
        except KeyError:
            raise self._already_taken(wanted) from None
        return _make(plan, bits, self._taken + 1, self._cursor)

    def invariants(self) -> list[str]:
        """The names of the invariants that do not hold; O(size of what is taken)."""
        plan = self._plan
        numbers = list(self._bits)
        usable = [n for n in numbers if plan.lowest <= n <= plan.highest]
        reserved = plan.last - plan.highest + plan.lowest
        checks = {
            "reserved": len(numbers) - len(usable) == reserved,
            "in-subnet": not numbers or numbers[-1] <= plan.last,
            "counted": len(usable) == self._taken,
            "bits": not self._bits.invariants(),
        }
        return [name for name, holds in checks.items() if not holds]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pool):
            return NotImplemented
        return (
            self._plan == other._plan
            and self._taken == other._taken
            and self._cursor == other._cursor
            and self._bits == other._bits
        )

    def __hash__(self) -> int:
        return hash((self._plan, self._taken, self._cursor))

    def __repr__(self) -> str:
        return f"<Pool {self._plan.subnet}: {self._taken} taken>"

    def _out_of_range(self, address: Address, verb: str) -> AddressOutOfRange:
        subnet = self._plan.subnet
        return AddressOutOfRange(
            "Requested address is out of range",
            asked=f"{verb} {address} in {subnet}",
            rule=f"the addresses of {subnet} go from {subnet.first} to {subnet.last}",
            remedy=f"an address between {subnet.first} and {subnet.last}",
        )

    def _already_taken(self, address: Address) -> AddressTaken:
        subnet = self._plan.subnet
        if not self.holds(address):
            rule = f"{address} stands for {subnet} itself, no host can have it"
        else:
            rule = "one address can be held once; somebody holds it"
        return AddressTaken(
            "Address already in use",
            asked=f"take {address} in {subnet}",
            rule=rule,
            remedy=self._proposal(),
        )

    def _proposal(self) -> str:
        plan = self._plan
        number = self._bits.next_absent(0)
        if number > plan.last:
            return "release an address first: every one is taken"
        return f"{Address(plan.network + number, plan.family)} is free"

    def _exhausted(self, count: int) -> AddressesExhausted:
        plan = self._plan
        where = f"the range {plan.ip_range} of {plan.subnet}"
        if plan.ip_range is None:
            where = f"{plan.subnet}"
        if self.free:
            remedy = f"ask for one outside the range: {self._proposal()}"
        else:
            remedy = "release an address, or use a network with a larger subnet"
        return AddressesExhausted(
            "No available addresses on this pool",
            asked=f"take {count} free of {where}",
            rule=f"{where} has fewer than {count} left",
            remedy=remedy,
        )

    def _not_held(self, address: Address) -> Refusal:
        subnet = self._plan.subnet
        if address not in subnet:
            return self._out_of_range(address, "release")
        return Conflict(
            f"Address {address} is not in use",
            asked=f"release {address} in {subnet}",
            rule="only an address that somebody holds can be released",
            remedy="nothing to do: it is not held",
        )


def _make(plan: _Plan, bits: BitSet, taken: int, cursor: int) -> Pool:
    """A pool whose parts are known to be right."""
    pool = _new(Pool)
    pool._plan = plan
    pool._bits = bits
    pool._taken = taken
    pool._cursor = cursor
    return pool


def _usable(subnet: Prefix, point_to_point: bool) -> tuple[int, int]:
    """The lowest and the highest number that somebody can hold; the rest is reserved.

    Reserved are the network's own address, in IPv6 the one that means "any router here"
    (RFC 4291), and in IPv4 the broadcast address. IPv6 has no broadcast.
    """
    last = subnet.size - 1
    if point_to_point and last <= 1:
        return 0, last
    return 1, max(last - (subnet.family == V4), 0)


def _handed_out(subnet: Prefix, ip_range: Prefix | None) -> tuple[int, int]:
    """The lowest and highest number that is handed out by itself.

    Odd, and kept: a range outside of the subnet, or wider, is no error to Docker before
    25.0 (through REST). It only looks at the range's host bits, so 10.10.5.0/24 acts in
    10.9.0.0/16 as 10.9.5.0/24, and 10.0.0.0/8 as the whole subnet.
    """
    if ip_range is None:
        return 0, subnet.size - 1
    host_bits = subnet.size - 1
    return ip_range.network & host_bits, ip_range.last.value & host_bits
