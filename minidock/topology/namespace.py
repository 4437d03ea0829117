"""A network namespace: one complete network stack, with everything that `ip` shows.

```
Namespace ── interfaces      ip link, ip addr
          ├─ routes          ip route, ip -6 route        (where a packet goes next)
          ├─ neighbours      ip neigh                     (which MAC has the next hop)
          ├─ fdb             bridge fdb                   (behind which port is a MAC)
          ├─ sysctls         sysctl
          └─ sockets         ss -l
```

Every container has a namespace of its own; Docker calls it the *sandbox*. The Docker
host is one more namespace.

Invariants: names and indices of interfaces are unique; the device of every route, FDB
entry and neighbour is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from minidock.net.address import V4, Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.topology.interface import Interface

__all__ = ["FdbEntry", "Namespace", "Neighbour", "NetnsId", "Route", "Socket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route; no gateway means that the destination is on the link itself.

    ``kernel`` routes came with an address, the others were added by somebody.
    """

    destination: Prefix
    device: str
    gateway: Address | None = None
    source: Address | None = None
    kernel: bool = False

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.destination.family

    @property
    def is_default(self) -> bool:
        """Whether it takes whatever no other route takes."""
        return self.destination.length == 0


class Neighbour(NamedTuple):
    """Which MAC answered for an address (ARP, or IPv6 neighbour discovery)."""

    address: Address
    device: str
    mac: MAC
    state: str = "REACHABLE"


class FdbEntry(NamedTuple):
    """One line of a forwarding database.

    Entries of a bridge name their ``master``; entries without one (shown as ``self``)
    are the multicast groups that the device itself listens to, or the ``remote`` MACs
    that a vxlan sends to.
    """

    mac: MAC
    device: str
    master: str = ""
    permanent: bool = True
    remote: Address | None = None
    """On a vxlan: the VTEP behind which the MAC is."""


class NetnsId(NamedTuple):
    """What one namespace calls another: a number, and its name for `ip netns`."""

    namespace: str
    id: int
    name: str = ""

    def __str__(self) -> str:
        return f"link-netns {self.name}" if self.name else f"link-netnsid {self.id}"


class Socket(NamedTuple):
    """A listening socket; no address means every address of both families."""

    protocol: str
    port: int
    address: Address | None = None
    owner: str = ""
    leads_to: tuple[Address, int] | None = None
    """Where a proxy connects to for each connection that it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """One network stack; ``name`` is "" for the Docker host.

    >>> Namespace(name="").interface("eth7") is None
    True
    """

    name: str
    owner: str = ""
    """The name of the container whose sandbox it is; "" for the host."""
    interfaces: tuple[Interface, ...] = ()
    routes: tuple[Route, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    fdb: tuple[FdbEntry, ...] = ()
    sysctls: tuple[tuple[str, str], ...] = ()
    sockets: tuple[Socket, ...] = ()
    netnsids: tuple[NetnsId, ...] = ()
    processes: tuple[str, ...] = ()
    """Command lines of the processes that are known to run, on the host only."""

    def interface(self, name: str) -> Interface | None:
        """The interface with this name, or None; O(n)."""
        return next((item for item in self.interfaces if item.name == name), None)

    def ports(self, bridge: str) -> Iterator[Interface]:
        """The interfaces that are plugged into a bridge; O(n)."""
        return (item for item in self.interfaces if item.master == bridge)

    def routes_of(self, family: int = V4) -> tuple[Route, ...]:
        """Its routes of one family, in the order in which `ip route` shows them."""
        return tuple(route for route in self.routes if route.family == family)

    def sysctl(self, name: str) -> str | None:
        """The value of a kernel setting, or None where none is recorded; O(n)."""
        return next((value for key, value in self.sysctls if key == name), None)

    def netnsid(self, namespace: str | None) -> NetnsId | None:
        """What another namespace is called in this one, or None; O(n)."""
        return next((i for i in self.netnsids if i.namespace == namespace), None)
