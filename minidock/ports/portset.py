"""A set of port numbers that never changes, made for "which is the next free one?".

65,536 ports are 128 *leaves* of 512 bits; a bit is 1 where the port is in the set. One
more number remembers which leaves are full, so a search steps over them at once:

```
 port 32770 = leaf 64, bit 2

 full    ...0 0 0 1 ...          one bit a leaf: 1 where all of its 512 ports are in
             │
 leaves (  0 , 0 , 0b111 , 0 ...  )      one number a leaf: a change copies one leaf
                                         and the tuple of 128
```

Cost: add, remove and look up O(1); the next free port O(128) at worst, whatever is in
the set, because every step looks at 512 ports.

Invariants: bit i of ``full`` is 1 exactly where leaf i is all ones; no leaf is negative
or wider than 512 bits.

Docker keeps a Go map of taken ports and tries one number after the other.
"""

from collections.abc import Iterable, Iterator

__all__ = ["PortSet", "next_free"]

_SHIFT = 9  # 2**9 = 512 ports a leaf
_LOW = (1 << _SHIFT) - 1
_LEAVES = 65536 >> _SHIFT
_FULL = (1 << (1 << _SHIFT)) - 1


class PortSet:
    """Some of the ports 0-65535.

    >>> ports = PortSet.of([80, 443]).add(8080).remove(443)
    >>> list(ports), 80 in ports, 443 in ports
    ([80, 8080], True, False)
    """

    __slots__ = ("full", "leaves")

    def __init__(self, leaves: tuple[int, ...] = (0,) * _LEAVES, full: int = 0) -> None:
        self.leaves = leaves
        self.full = full

    @classmethod
    def of(cls, ports: Iterable[int]) -> "PortSet":
        """The set of these ports; O(number of ports)."""
        leaves = [0] * _LEAVES
        for port in ports:
            leaves[port >> _SHIFT] |= 1 << (port & _LOW)
        full = sum(1 << n for n, leaf in enumerate(leaves) if leaf == _FULL)
        return cls(tuple(leaves), full)

    def __contains__(self, port: int) -> bool:
        return bool(self.leaves[port >> _SHIFT] >> (port & _LOW) & 1)

    def __bool__(self) -> bool:
        return any(self.leaves)

    def __len__(self) -> int:
        return sum(leaf.bit_count() for leaf in self.leaves)

    def __iter__(self) -> Iterator[int]:
        for index, leaf in enumerate(self.leaves):
            rest = leaf
            while rest:
                yield (index << _SHIFT) + (rest & -rest).bit_length() - 1
                rest &= rest - 1

    def add(self, port: int) -> "PortSet":
        """A set with this port in it."""
        index = port >> _SHIFT
        leaf = self.leaves[index] | 1 << (port & _LOW)
        full = self.full | 1 << index if leaf == _FULL else self.full
        return self._replaced(index, leaf, full)

    def remove(self, port: int) -> "PortSet":
        """A set without this port."""
        index = port >> _SHIFT
        leaf = self.leaves[index] & ~(1 << (port & _LOW))
        return self._replaced(index, leaf, self.full & ~(1 << index))

    def _replaced(self, index: int, leaf: int, full: int) -> "PortSet":
        leaves = list(self.leaves)
        leaves[index] = leaf
        return PortSet(tuple(leaves), full)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PortSet) and self.leaves == other.leaves

    def __hash__(self) -> int:
        return hash(self.leaves)

    def __repr__(self) -> str:
        return f"PortSet.of({list(self)!r})"


def next_free(sets: tuple[PortSet, ...], first: int, last: int) -> int | None:
    """The lowest port of ``first..last`` that is in none of the sets, or None.

    >>> next_free((PortSet.of([80, 82]), PortSet.of([81])), 80, 90)
    83
    >>> next_free((PortSet.of([80, 81]),), 80, 81) is None
    True
    """
    if first > last:
        return None
    index = first >> _SHIFT
    taken = (1 << (first & _LOW)) - 1  # ports below first do not count as free
    full = 0
    for ports in sets:
        full |= ports.full
    while True:
        for ports in sets:
            taken |= ports.leaves[index]
        free = ~taken & _FULL
        if free:
            port = (index << _SHIFT) + (free & -free).bit_length() - 1
            return port if port <= last else None
        full |= (2 << index) - 1  # this leaf and all before it are done
        index = (~full & (full + 1)).bit_length() - 1
        if index << _SHIFT > last:
            return None
        taken = 0
