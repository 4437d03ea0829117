"""Which subnets of one family are held, and where there is room for another.

Two readings of one fact, each for the question that it answers at once:

```
held      172.17.0.0/16   172.18.0.0/16   192.168.0.0/20      is just this one held?
covered   ├─────────── one run ────────┤  ├─── a run ──┤      is anything in it held?
```

A subnet may be held *whole*, and, or instead, through any number of ip-ranges: each
network that asks for the subnet with an ip-range of its own shares the subnet's
addresses. It is free again when the last of these grants is gone.

Odd, and kept: a subnet that is asked for with an ip-range is not compared with the
others (moby issue 46756), so held subnets may lie in each other. They are still
prefixes, so one of two covers the other or they are apart, and what is covered is the
union.

Invariants, which :meth:`Ledger.invariants` checks by name: every held subnet is there
for a reason (``granted``), has no host bits (``prefixes``), and ``covered`` is the
union of the held ones (``covered``).

Docker keeps a list of prefixes and a table of pools, and walks the list (moby,
``libnetwork/ipams/defaultipam``, *address space*).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from minidock.ipam.runs import Runs
from minidock.ipam.sortedmap import SortedMap
from minidock.net.prefix import Prefix

__all__ = ["Grant", "Ledger"]


class Grant(NamedTuple):
    """Why a subnet is held: asked for as a whole, through ip-ranges, or both."""

    whole: bool
    ranges: frozenset[Prefix]


_NO_RANGES: frozenset[Prefix] = frozenset()
_WHOLE = Grant(whole=True, ranges=_NO_RANGES)
_NOT_HELD = Grant(whole=False, ranges=_NO_RANGES)

_LENGTH_BITS = (
    8  # a subnet's key: network, then length; so a subnet sorts before its own
)


def _key(subnet: Prefix) -> int:
    return subnet.network << _LENGTH_BITS | subnet.length


@dataclass(frozen=True, slots=True)
class Ledger:
    """The held subnets of one family.

    >>> ledger = Ledger(4).granting(Prefix.parse("10.0.0.0/16"))
    >>> ledger.conflict(Prefix.parse("10.0.3.0/24"))
    Prefix.parse('10.0.0.0/16')
    >>> ledger.withdrawing(Prefix.parse("10.0.0.0/16")) == Ledger(4)
    True
    """

    family: int
    held: SortedMap[Grant] = field(default_factory=SortedMap)
    covered: Runs = field(default_factory=Runs)
    nested: bool = field(default=False, compare=False)
    """Whether a held subnet may lie in another: then looking takes longer."""

    def __iter__(self) -> Iterator[Prefix]:
        """The held subnets, in order."""
        for key, _ in self.held:
            yield self._subnet(key)

    def _subnet(self, key: int) -> Prefix:
        length = key & (1 << _LENGTH_BITS) - 1
        return Prefix(key >> _LENGTH_BITS, length, self.family)

    def grant(self, subnet: Prefix) -> Grant:
        """How this subnet is held; whole is False and ranges empty if it is not."""
        return self.held.get(_key(subnet)) or _NOT_HELD

    def overlaps(self, subnet: Prefix) -> bool:
        """Whether any of its addresses lies in a held subnet; O(log n)."""
        begin = subnet.network
        return self.covered.touches(begin, begin + subnet.size)

    def conflict(self, subnet: Prefix) -> Prefix | None:
        """A held subnet that overlaps this one, the largest; O(log n).

        >>> Ledger(4).conflict(Prefix.parse("10.0.3.0/24")) is None
        True
        """
        if not self.overlaps(subnet):
            return None
        around = self._around(subnet)
        if around is not None:
            return around
        return self._subnet(next(self.held.at_or_above(_key(subnet)))[0])

    def _around(self, subnet: Prefix) -> Prefix | None:
        """The largest held subnet that covers this one and is not itself."""
        if self.nested:
            first = subnet.first
            wider = (Prefix.of(first, length) for length in range(subnet.length))
            return next((p for p in wider if self.held.get(_key(p))), None)
        # If none lies in another, only the next lower one can reach as far as this.
        below = self.held.at_or_below(_key(subnet) - 1)
        if below is None:
            return None
        other = self._subnet(below[0])
        return other if other.covers(subnet) else None

    def granting(self, subnet: Prefix, ip_range: Prefix | None = None) -> "Ledger":
        """The ledger with one more grant of this subnet; O(sqrt n)."""
        whole, ranges = self.grant(subnet)
        if ip_range is None:
            grant = Grant(whole=True, ranges=ranges) if ranges else _WHOLE
        else:
            grant = Grant(whole=whole, ranges=ranges | {ip_range})
        begin, end = subnet.network, subnet.network + subnet.size
        return Ledger(
            self.family,
            self.held.set(_key(subnet), grant),
            self.covered.including(begin, end),
            # Only a subnet with an ip-range is let in where something is already.
            self.nested or (ip_range is not None and self.covered.touches(begin, end)),
        )

    def withdrawing(self, subnet: Prefix, ip_range: Prefix | None = None) -> "Ledger":
        """The ledger with one grant less; the caller has seen that it is there."""
        whole, ranges = self.grant(subnet)
        if ip_range is None:
            grant = Grant(whole=False, ranges=ranges)
        else:
            grant = Grant(whole=whole, ranges=ranges - {ip_range})
        if grant != _NOT_HELD:
            held = self.held.set(_key(subnet), grant)
            return Ledger(self.family, held, self.covered, self.nested)
        held = self.held.delete(_key(subnet))
        return Ledger(self.family, held, self._uncovered(subnet, held), self.nested)

    def _uncovered(self, subnet: Prefix, held: SortedMap[Grant]) -> Runs:
        """What is covered without this subnet: others may lie around it, or in it."""
        begin, end = subnet.network, subnet.network + subnet.size
        if not self.nested:
            return self.covered.excluding(begin, end)
        if self._around(subnet) is not None:
            return self.covered
        covered = self.covered.excluding(begin, end)
        for key, _ in held.at_or_above(_key(subnet)):
            inner = self._subnet(key)
            if inner.network >= end:
                break
            covered = covered.including(inner.network, inner.network + inner.size)
        return covered

    def room(self, begin: int, end: int, size: int, blocked: Runs) -> int | None:
        """Where the lowest free stretch of this size begins, at a multiple of it.

        Searched from ``begin`` to ``end`` (excluded), touching neither what is held nor
        what is blocked. O(log n) for each obstacle on the way; neighbours are one.

        >>> Ledger(4).room(0, 1024, 256, Runs([(100, 300)]))
        512
        """
        at = begin + -begin % size
        while at + size <= end:
            obstacle = self._obstacle(at, size, blocked)
            if obstacle is None:
                return at
            at = obstacle + -obstacle % size
        return None

    def _obstacle(self, at: int, size: int, blocked: Runs) -> int | None:
        """Where the first thing in the way ends, None if nothing is."""
        for runs in (self.covered, blocked):
            present = runs.next_present(at)
            if present is not None and present < at + size:
                return runs.next_absent(present)
        return None

    def invariants(self) -> list[str]:
        """The names of the invariants that do not hold; O(n)."""
        spans = [(p.network, p.network + p.size) for p in self]
        checks = {
            "granted": all(grant != _NOT_HELD for _, grant in self.held),
            "prefixes": not self.held.invariants(),
            "covered": self.covered == Runs(spans) and not self.covered.invariants(),
        }
        return [name for name, holds in checks.items() if not holds]
