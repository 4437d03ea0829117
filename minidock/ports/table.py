"""Who holds which host port: one set of ports for each host address and protocol.

```
 PortTable   tcp, IPv4   0.0.0.0     {8080, 32768}      cursor 32768
                         127.0.0.1   {8081}             cursor 32767 (not used yet)
             udp, IPv4   0.0.0.0     {53}
             tcp, IPv6   ::          {8080, 32768}      cursor 32768
```

A claim is *exact* (first = last), from a *range* (first < last), or *ephemeral* (0, 0:
the kernel's range for outgoing connections). The last two are next-fit: the search goes
on after the port handed out last and wraps at the end. Every address, protocol and
range has a cursor of its own, so a released port comes back only after the others.

Two rules about other addresses exist (``eras.PortConflicts``). Up to 27 the sets do not
see each other: 0.0.0.0:80 and 127.0.0.1:80 can both be claimed, and the clash is found
when something listens there (see :mod:`~minidock.ports.sockets`). From 28 on, 0.0.0.0
and :: need a port that is free on all addresses of their family, and all addresses of
one request get the same port.

Invariants (:meth:`PortTable.invariants` checks them): no set is empty; the union of the
sets of a family is known, and how many hold each port; a cursor lies in its range. Two
claims never overlap by the rule in force; one claim may (it can name 0.0.0.0 and
127.0.0.1 together: Docker's allocator does not mind, the kernel may).

Docker's name: ``portallocator``. Its cost grows with the range and the number of
addresses; here a claim costs the same whether the range is empty, has one free port or
none, and however many addresses are known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from minidock.eras import PortConflicts
from minidock.errors import InvalidParameter, PortsExhausted, PortTaken, Unclassified
from minidock.net.address import V4, V6, Address
from minidock.ports.numbers import LAST_PORT
from minidock.ports.portset import PortSet, next_free
from minidock.ports.shards import Shards

__all__ = ["ANY_V4", "ANY_V6", "PortTable"]

ANY_V4 = Address(0, V4)
ANY_V6 = Address(0, V6)
_ANY = {V4: ANY_V4, V6: ANY_V6}

_PROTOCOLS = ("tcp", "udp", "sctp")
_NOTHING = PortSet()

_Cursor = tuple[Address, int, int]


class _Book(NamedTuple):  # a tuple: a claim makes a new one, and this is the cheap way
    """One protocol of one family."""

    held: Shards[Address, PortSet] = Shards()
    anywhere: PortSet = _NOTHING  # the union of all sets in `held`
    shared: Shards[int, int] = Shards()  # port: its holders, where two or more
    cursors: Shards[_Cursor, int] = Shards()

    def ports_of(self, address: Address) -> PortSet:
        ports = self.held.get(address)
        return _NOTHING if ports is None else ports

    def add(self, address: Address, port: int) -> "_Book":
        held, anywhere, shared, cursors = self
        held = held.set(address, self.ports_of(address).add(port))
        if port in anywhere:
            shared = shared.set(port, (shared.get(port) or 1) + 1)
        else:
            anywhere = anywhere.add(port)
        return _Book(held, anywhere, shared, cursors)

    def remove(self, address: Address, port: int) -> "_Book":
        held, anywhere, shared, cursors = self
        rest = self.ports_of(address).remove(port)
        held = held.set(address, rest) if rest else held.delete(address)
        holders = shared.get(port)
        if holders is None:
            anywhere = anywhere.remove(port)
        elif holders > 2:
            shared = shared.set(port, holders - 1)
        else:  # one holder is left, and that is what `anywhere` alone says
            shared = shared.delete(port)
        return _Book(held, anywhere, shared, cursors)

    def move(self, cursor: _Cursor, port: int) -> "_Book":
        held, anywhere, shared, cursors = self
        return _Book(held, anywhere, shared, cursors.set(cursor, port))


@dataclass(frozen=True, slots=True, kw_only=True)
class PortTable:
    """The host ports that are taken, and where each search goes on.

    Args:
        conflicts: which other addresses count when a port is claimed.
        first, last: the ephemeral range (``net.ipv4.ip_local_port_range``).

    >>> table = PortTable()
    >>> table, port = table.claim(ANY_V4, "tcp")
    >>> port, table.holds(ANY_V4, "tcp", 32768)
    (32768, True)
    >>> table.claim(Address.parse("127.0.0.1"), "tcp", 32768, 32768)
    Traceback (most recent call last):
    ...
    minidock.errors.PortTaken: Bind for 0.0.0.0:32768 failed: port is already allocated
    """

    conflicts: PortConflicts = PortConflicts.OVERLAPPING
    first: int = 32768
    last: int = 60999
    _books: tuple[_Book, ...] = (_Book(),) * 6

    def claim(
        self, address: Address, protocol: str, first: int = 0, last: int = 0
    ) -> tuple["PortTable", int]:
        """Take one host port of ``first..last`` (0, 0: the ephemeral range).

        >>> here = Address.parse("127.0.0.1")
        >>> table, port = PortTable().claim(here, "tcp", 9000, 9010)
        >>> table = table.release(here, "tcp", 9000)
        >>> table, next_port = table.claim(here, "tcp", 9000, 9010)
        >>> port, next_port
        (9000, 9001)
        >>> table.claim(here, "tcp", 9010, 9000)
        Traceback (most recent call last):
        ...
        minidock.errors.InvalidParameter: invalid port range: 9010-9000
        """
        return self.claim_all((address,), protocol, first, last)

    def claim_all(
        self,
        addresses: tuple[Address, ...],
        protocol: str,
        first: int = 0,
        last: int = 0,
    ) -> tuple["PortTable", int]:
        """Take the same host port on every one of these addresses, or on none.

        The search starts at the first address's cursor; all cursors move.

        >>> table, port = PortTable().claim_all((ANY_V4, ANY_V6), "udp", 53, 53)
        >>> port, list(table.holdings())[1]
        (53, (Address.parse('::'), 'udp', 53))
        >>> table.claim_all((Address.parse("::1"), ANY_V4), "udp", 50, 53)[1]
        50
        >>> table.claim(ANY_V6, "udp", 53, 53)
        Traceback (most recent call last):
        ...
        minidock.errors.PortTaken: Bind for :::53 failed: port is already allocated
        """
        if not (first == last or 0 < first < last):
            raise _falling(first, last)
        if first == last != 0:
            return self._claim_exact(addresses, protocol, first), first
        first, last = (first, last) if last else (self.first, self.last)
        sets = tuple(
            ports
            for address in addresses
            for ports in self._blocking(address, protocol)
        )
        cursor = self._cursor(addresses[0], protocol, first, last)
        port = next_free(sets, cursor + 1, last) or next_free(sets, first, cursor)
        if port is None:
            raise _exhausted(addresses, protocol, first, last)
        table = self
        for address in dict.fromkeys(addresses):
            table = table._take(address, protocol, port, (address, first, last))
        return table, port

    def _claim_exact(
        self, addresses: tuple[Address, ...], protocol: str, port: int
    ) -> "PortTable":
        for address in addresses:
            if any(port in ports for ports in self._blocking(address, protocol)):
                raise _taken(self._holder(address, protocol, port), protocol, port)
        table = self
        for address in dict.fromkeys(addresses):
            table = table._take(address, protocol, port, None)
        return table

    def release(self, address: Address, protocol: str, port: int) -> "PortTable":
        """Give a port back; cursors stay where they are.

        Docker is odd here: giving back what nobody holds is no fault.

        >>> table, _ = PortTable().claim(ANY_V4, "tcp", 80, 80)
        >>> list(table.release(ANY_V4, "tcp", 80).holdings())
        []
        >>> table.release(ANY_V4, "tcp", 81) == table
        True
        """
        book = self._book(address, protocol)
        if port not in book.ports_of(address):
            return self
        return self._with(address, protocol, book.remove(address, port))

    def holds(self, address: Address, protocol: str, port: int) -> bool:
        """Whether exactly this address holds the port.

        >>> PortTable().holds(ANY_V4, "tcp", 80)
        False
        """
        return port in self._book(address, protocol).ports_of(address)

    def overlapped(self, address: Address, protocol: str, port: int) -> bool:
        """Whether this address, or one that overlaps it, holds the port.

        >>> table, _ = PortTable().claim(ANY_V4, "tcp", 80, 80)
        >>> table.overlapped(Address.parse("127.0.0.1"), "tcp", 80)
        True
        """
        return any(port in ports for ports in self._overlapping(address, protocol))

    def holdings(self) -> Iterator[tuple[Address, str, int]]:
        """Everything held, sorted by address, protocol and port; O(all of it)."""
        yield from sorted(
            (address, protocol, port)
            for family in _ANY
            for protocol in _PROTOCOLS
            for address, ports in self._books[_index(family, protocol)].held.items()
            for port in ports
        )

    def _book(self, address: Address, protocol: str) -> _Book:
        return self._books[_index(address.family, protocol)]

    def _overlapping(self, address: Address, protocol: str) -> tuple[PortSet, ...]:
        book = self._book(address, protocol)
        if address.is_unspecified:
            return (book.anywhere,)
        return book.ports_of(address), book.ports_of(_ANY[address.family])

    def _blocking(self, address: Address, protocol: str) -> tuple[PortSet, ...]:
        if self.conflicts is PortConflicts.OVERLAPPING:
            return self._overlapping(address, protocol)
        return (self._book(address, protocol).ports_of(address),)

    def _holder(self, address: Address, protocol: str, port: int) -> Address:
        """Whose set stands in the way: Docker names that address, not the asked one."""
        book = self._book(address, protocol)
        for likely in (address, _ANY[address.family]):
            if port in book.ports_of(likely):
                return likely
        return min(holder for holder, ports in book.held.items() if port in ports)

    def _cursor(self, address: Address, protocol: str, first: int, last: int) -> int:
        """The port handed out last; the range's end before the first one."""
        cursor = self._book(address, protocol).cursors.get((address, first, last))
        return last if cursor is None else cursor

    def _take(
        self, address: Address, protocol: str, port: int, cursor: _Cursor | None
    ) -> "PortTable":
        book = self._book(address, protocol).add(address, port)
        if cursor is not None:
            book = book.move(cursor, port)
        return self._with(address, protocol, book)

    def _with(self, address: Address, protocol: str, book: _Book) -> "PortTable":
        index = _index(address.family, protocol)
        return PortTable(
            conflicts=self.conflicts,
            first=self.first,
            last=self.last,
            _books=(*self._books[:index], book, *self._books[index + 1 :]),
        )

    def invariants(self) -> list[str]:
        """The names of the broken invariants, none for a sound table; O(everything)."""
        return [
            f"{protocol}, IPv{family}: {name}"
            for family in _ANY
            for protocol in _PROTOCOLS
            for name, kept in self._checks(family, protocol)
            if not kept
        ]

    def _checks(self, family: int, protocol: str) -> Iterator[tuple[str, bool]]:
        book = self._books[_index(family, protocol)]
        holders: dict[int, int] = {}
        for ports in (ports for _, ports in book.held.items()):
            for port in ports:
                holders[port] = holders.get(port, 0) + 1
        yield "no set is empty", all(ports for _, ports in book.held.items())
        yield (
            "sets are of one family",
            all(a.family == family for a, _ in book.held.items()),
        )
        yield "ports are 1-65535", all(0 < port <= LAST_PORT for port in holders)
        yield "the union is known", PortSet.of(holders) == book.anywhere
        shared = {port: n for port, n in holders.items() if n > 1}
        yield "shared ports are counted", shared == dict(book.shared.items())
        yield (
            "a cursor lies in its range",
            all(
                first <= port <= last for (_, first, last), port in book.cursors.items()
            ),
        )


def _index(family: int, protocol: str) -> int:
    if protocol not in _PROTOCOLS:
        raise Unclassified(
            "unknown protocol",
            asked=f"claim a host port of protocol {protocol!r}",
            rule="only tcp, udp and sctp have ports",
            remedy="tcp, udp or sctp",
        )
    return _PROTOCOLS.index(protocol) + (3 if family == V6 else 0)


def _taken(holder: Address, protocol: str, port: int) -> PortTaken:
    return PortTaken(
        f"Bind for {holder}:{port} failed: port is already allocated",
        asked=f"publish host port {port}/{protocol}",
        rule=f"a container already publishes {port}/{protocol} on {holder}",
        remedy=f"another host port, or stop the container that publishes {port}",
    )


def _exhausted(
    addresses: tuple[Address, ...], protocol: str, first: int, last: int
) -> PortsExhausted:
    where = " and ".join(str(address) for address in addresses)
    return PortsExhausted(
        "all ports are allocated",
        asked=f"publish one host port of {first}-{last}/{protocol} on {where}",
        rule=f"no port of {first}-{last} is free on {where}",
        remedy="a wider range, or stop a container that publishes one of them",
    )


def _falling(first: int, last: int) -> InvalidParameter:
    return InvalidParameter(
        f"invalid port range: {first}-{last}",
        asked=f"publish one host port of {first}-{last}",
        rule="a range of host ports starts at 1 or more and does not fall",
        remedy="8000-8010",
    )
