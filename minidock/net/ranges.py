"""Sets of addresses as prefixes: what is taken, what is free, in as few as possible.

```
 parent 10.0.0.0/24   ├───────────────────────────────┤
 taken                        ├───────┤                       10.0.0.64/26
 gaps                 ├──────┤         ├──────────────┤       10.0.0.0/26, 10.0.0.128/25

 range .5 to .16      5  6──7  8────────────15  16            /32 /31 /29 /32
                      as large as it fits and as its first number is a multiple of
```

Every function here works on ranges, pairs of numbers first and last, and cuts them into
prefixes at the end. A range of a family with b bits needs at most 2 * b prefixes.

Invariants, each for all inputs: the result is sorted, its prefixes do not overlap, and
no smaller set of prefixes covers the same addresses.

Docker has no name for it: its IPAM (``ipams/defaultipam``) walks sorted pools to find a
gap. Route tables know it as aggregation, Go's and Python's libraries as summarising.
"""

# ruff: noqa: SLF001  # values of this wing read each other's slots: a property costs 5x

from collections.abc import Iterable
from operator import attrgetter

from minidock.errors import InvalidParameter
from minidock.net.address import BITS, Address
from minidock.net.prefix import Prefix

__all__ = ["collapse", "exclude", "gaps", "summarize"]

_network = attrgetter("_network")


def summarize(first: Address, last: Address) -> tuple[Prefix, ...]:
    """The fewest prefixes that hold exactly the addresses from first to last.

    >>> first, last = Address.parse("10.0.0.1"), Address.parse("10.0.0.6")
    >>> [str(p) for p in summarize(first, last)]
    ['10.0.0.1/32', '10.0.0.2/31', '10.0.0.4/31', '10.0.0.6/32']
    >>> summarize(last, first)
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: 10.0.0.6-10.0.0.1 is no range of addresses
    """
    if first.family != last.family or first > last:
        raise InvalidParameter(
            f"{first}-{last} is no range of addresses",
            asked=f"the prefixes from {first} to {last}",
            rule="a range goes from a lower to a higher address of one family",
            remedy="first the lower address, then the higher one",
        )
    found: list[Prefix] = []
    _cut(first.value, last.value, first.family, found)
    return tuple(found)


def collapse(prefixes: Iterable[Prefix]) -> tuple[Prefix, ...]:
    """The fewest prefixes that hold exactly the addresses of all these: O(n log n).

    >>> halves = [Prefix.parse("10.128.0.0/9"), Prefix.parse("10.0.0.0/9")]
    >>> [str(p) for p in collapse(halves)]
    ['10.0.0.0/8']
    """
    everything = list(prefixes)
    found: list[Prefix] = []
    for family in BITS:
        ours = [prefix for prefix in everything if prefix._family == family]
        ours.sort(key=_network)
        _merge(ours, found)
    return tuple(found)


def gaps(parent: Prefix, taken: Iterable[Prefix]) -> tuple[Prefix, ...]:
    """The fewest prefixes that hold the parent's addresses that are not taken.

    What is taken may overlap and may lie outside: only the parent counts. O(n log n).

    >>> pool = Prefix.parse("10.0.0.0/24")
    >>> [str(p) for p in gaps(pool, [Prefix.parse("10.0.0.64/26")])]
    ['10.0.0.0/26', '10.0.0.128/25']
    >>> gaps(pool, [Prefix.parse("10.0.0.0/8")])
    ()
    """
    found: list[Prefix] = []
    start = parent.network
    for prefix in sorted(filter(parent.overlaps, taken), key=_network):
        if start < prefix._network:
            _cut(start, prefix._network - 1, parent.family, found)
        start = max(start, prefix._last + 1)
    if start <= parent._last:
        _cut(start, parent._last, parent.family, found)
    return tuple(found)


def exclude(parent: Prefix, removed: Prefix) -> tuple[Prefix, ...]:
    """The fewest prefixes that hold the parent's addresses outside the removed prefix.

    >>> parent, removed = Prefix.parse("10.0.0.0/24"), Prefix.parse("10.0.0.0/26")
    >>> [str(p) for p in exclude(parent, removed)]
    ['10.0.0.64/26', '10.0.0.128/25']
    """
    return gaps(parent, [removed])


def _merge(ordered: list[Prefix], found: list[Prefix]) -> None:
    """Add the prefixes of one family, sorted by network, with neighbours joined."""
    if not ordered:
        return
    head = ordered[0]
    family, first, last = head._family, head._network, head._last
    whole: Prefix | None = head  # the range in hand, while it is one prefix
    for prefix in ordered:
        network, end = prefix._network, prefix._last
        if network > last + 1:
            _add(whole, first, last, family, found)
            whole, first, last = prefix, network, end
        elif end > last:
            # The other way round (equal or smaller), what is in hand covers this one.
            whole = prefix if network == first else None
            last = end
    _add(whole, first, last, family, found)


def _add(
    whole: Prefix | None, first: int, last: int, family: int, found: list[Prefix]
) -> None:
    if whole is None:
        _cut(first, last, family, found)
    else:
        found.append(whole)


def _cut(first: int, last: int, family: int, found: list[Prefix]) -> None:
    """Add the fewest prefixes from first to last: O(bits).

    The next one is as large as the rest has room for and its start is a multiple of.
    """
    bits = BITS[family]
    while first <= last:
        room = (last - first + 1).bit_length() - 1
        aligned = (first & -first).bit_length() - 1 if first else bits
        host_bits = min(room, aligned)
        found.append(Prefix(first, bits - host_bits, family))
        first += 1 << host_bits
