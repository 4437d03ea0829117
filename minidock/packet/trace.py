"""A trace: the list of hops that a packet made, how it ended, and why.

```
 #  where          layer      decision                       the entry that decided
 1  web            name       db is 172.18.0.3               the DNS server of app
 2  web            route      172.18.0.3 is on the link      172.18.0.0/16 dev eth0
 3  web            neighbour  02:42:ac:12:00:03              db's eth0
 4  web eth0       link       over the cable to veth1a2b3c4
 5  docker-host    bridge     out of port veth5d6e7f8        the FDB of br-1f2e3d4c5b6a
 ...
    delivered: db answers on 6379/tcp and sees 172.18.0.2
```

Invariants: hops are numbered from 1 in the order in which they happened; the packet
after one hop is the packet before the next on the same trip; hops of the answer come
after all hops of the request (docker-proxy has a conversation of its own in between);
only a trace that was not delivered has a remedy.
"""

from dataclasses import dataclass
from enum import StrEnum

from minidock.net.address import Address
from minidock.packet.packet import Packet

__all__ = ["OUTSIDE", "Hop", "Layer", "Outcome", "Trace"]

OUTSIDE = "outside"
"""The namespace beyond the host's cards: its router, and everybody behind that."""


class Layer(StrEnum):
    """Which part of a network stack decided."""

    NAME = "name"  # a name became an address
    SOCKET = "socket"  # a program sends, or receives
    ROUTE = "route"  # which interface, which next hop
    NEIGHBOUR = "neighbour"  # which MAC has the next hop (ARP, neighbour discovery)
    LINK = "link"  # over a cable: veth, or the wire outside
    BRIDGE = "bridge"  # which port of a switch
    FIREWALL = "firewall"  # a rule let it pass, or dropped it
    NAT = "nat"  # a rule, or the memory of one, changed an address
    TUNNEL = "tunnel"  # a frame was wrapped in UDP for another host, or unwrapped
    PROXY = "proxy"  # docker-proxy took it and opens a second connection


class Outcome(StrEnum):
    """How a journey ended, seen by whoever sent the packet."""

    DELIVERED = "delivered"  # the program at the other end answered
    REFUSED = "refused"  # the other end is there, but nobody listens
    DROPPED = "dropped"  # silence: the sender waits until it gives up
    UNREACHABLE = "unreachable"  # somebody said that there is no way, or no such name
    TOO_BIG = "too big"  # it does not fit through a link and may not be cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One decision on the way."""

    number: int
    space: str
    """The namespace: "" for the Docker host, a sandbox's name, or ``outside``."""
    place: str
    """The namespace in words: the container's name, the host's name, ``outside``."""
    device: str = ""
    """The interface at which it happened, or ""."""
    layer: Layer
    decision: str
    """What was decided, in a few words."""
    entry: str = ""
    """The rule, route or table entry that decided, as its own tool prints it."""
    path: tuple[str, ...] = ()
    """The jumps that led to a firewall's entry, from the chain that was asked first."""
    before: Packet | None = None
    after: Packet | None = None
    """The packet when the hop is over; None where it ends here."""
    reply: bool = False
    """Whether it is a hop of the answer on its way back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A packet's journey there, and its answer's way back; see the module's picture."""

    source: str
    """Who asked, as it was written."""
    target: str
    """Whom, as it was written."""
    protocol: str
    hops: tuple[Hop, ...] = ()
    outcome: Outcome
    why: str
    """One sentence."""
    remedy: str = ""
    """What would work, if it was not delivered."""
    server: str = ""
    """Whose program got the request: a container, the host's name, or ``outside``."""
    seen: Address | None = None
    """The address that the server saw the request come from."""
    final: Packet | None = None
    """The request as it arrived, or as it was when it was lost."""
    told: Address | None = None
    """Who told the sender that it failed (ICMP, or its own kernel); None: silence."""

    @property
    def delivered(self) -> bool:
        """Whether the sender gets an answer from a program."""
        return self.outcome is Outcome.DELIVERED

    def __bool__(self) -> bool:
        return self.delivered
