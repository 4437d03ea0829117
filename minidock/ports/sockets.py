"""The other half of a host port: some process has to listen there.

A free entry in the port table is not enough. Docker (its userland proxy, or the daemon
itself) also opens a socket, and the kernel may refuse:

```
 -p 8200:80 ──▶ port table: free ──▶ socket, bind 0.0.0.0:8200 ──▶ listening
                                        │
                                        ├── another process or proxy listens there,
                                        │   or on an address that overlaps it
                                        ├── the host has no such address
                                        └── the kernel has no such protocol
```

The sockets of other containers are the port table's own entries; this module adds what
the rest of the host does. Pure data: what listens is passed in.

Invariant: every address of 127.0.0.0/8, ::1 and the wildcards can always be bound.
"""

from dataclasses import dataclass
from typing import NamedTuple

from minidock.net.address import V4, V6, Address
from minidock.ports.table import ANY_V4, ANY_V6, PortTable

__all__ = ["HostSockets", "Listener", "bind_fault", "overlap"]

_OTHER_ANY = {V4: ANY_V6, V6: ANY_V4}


class Listener(NamedTuple):
    """A socket of a process on the host; a dual-stack one is two of these."""

    address: Address
    protocol: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSockets:
    """What the host's kernel can bind, and what is bound already.

    >>> host = HostSockets(listeners=frozenset([Listener(ANY_V4, "tcp", 22)]))
    >>> host.listens(Address.parse("127.0.0.1"), "tcp", 22)
    True
    """

    addresses: frozenset[Address] = frozenset()
    """The host's own addresses; loopback needs no mention."""
    listeners: frozenset[Listener] = frozenset()
    sctp: bool = True
    ipv6: bool = True

    def has(self, address: Address) -> bool:
        """Whether a socket can be bound to this address."""
        return (
            address.is_unspecified or address.is_loopback or address in self.addresses
        )

    def listens(self, address: Address, protocol: str, port: int) -> bool:
        """Whether a process listens on this address or one that overlaps it."""
        return any(
            listener.protocol == protocol
            and listener.port == port
            and overlap(listener.address, address)
            for listener in self.listeners
        )


def overlap(one: Address, other: Address) -> bool:
    """Whether two sockets on these addresses would both get some packet.

    >>> overlap(ANY_V4, Address.parse("127.0.0.1")), overlap(ANY_V4, ANY_V6)
    (True, False)
    """
    if one.family != other.family:
        return False
    return one == other or one.is_unspecified or other.is_unspecified


def bind_fault(
    host: HostSockets,
    table: PortTable,
    listener: Listener,
    *,
    dual_stack: bool = False,
) -> str:
    """The kernel's words when this socket cannot be opened; "" when it can.

    Args:
        host: the host's own sockets.
        table: the ports that other containers hold, each with a socket.
        listener: the socket to open; the table must not hold its port for it yet.
        dual_stack: wildcard sockets take both families, as Go opens them when the
            family is not named (Docker did so up to 17.12).

    >>> listener = Listener(Address.parse("203.0.113.9"), "tcp", 80)
    >>> bind_fault(HostSockets(), PortTable(), listener)
    'cannot assign requested address'
    >>> bind_fault(HostSockets(), PortTable(), Listener(ANY_V4, "tcp", 80))
    ''
    """
    address, protocol, port = listener
    if protocol == "sctp" and not host.sctp:
        return "protocol not supported"
    if address.family == V6 and not host.ipv6:
        return "address family not supported by protocol"
    if not host.has(address):
        return "cannot assign requested address"
    taken = host.listens(*listener) or table.overlapped(*listener)
    if dual_stack and not taken:
        other = _OTHER_ANY[address.family]
        if address.is_unspecified:
            taken = host.listens(other, protocol, port)
            taken = taken or table.overlapped(other, protocol, port)
        else:
            taken = table.holds(other, protocol, port)
    return "address already in use" if taken else ""
