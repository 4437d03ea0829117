"""A packet: the few header fields that decide where it goes, as one frozen value.

```
 link       source_mac ─▶ target_mac        changes on every link
 network    source ─▶ target, ttl, size     ttl falls at every router; NAT changes these
 transport  source_port ─▶ target_port      TCP, UDP, SCTP; ICMP has a type instead
```

Invariants: source and target are of one family; ports are 0 exactly for ICMP; ICMP is
``icmp`` over IPv4 and ``ipv6-icmp`` over IPv6, the names that iptables prints.

Sources: RFC 791 and 8200 (IP), 792 and 4443 (ICMP), 9293 (TCP), 768 (UDP), 9260 (SCTP).
"""

from dataclasses import dataclass, replace

from minidock.errors import InvalidParameter
from minidock.net.address import V4, Address
from minidock.net.mac import MAC

__all__ = ["ECHO_REQUEST", "ICMP", "Packet", "answer_to", "icmp_of"]

ICMP = {4: "icmp", 6: "ipv6-icmp"}
"""The protocol's name by family."""

ECHO_REQUEST = {4: 8, 6: 128}
"""The type of an echo request by family (RFC 792; RFC 4443, 4.1)."""

_ECHO_REPLY = {4: 0, 6: 129}
_WITH_PORTS = frozenset({"tcp", "udp", "sctp"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One packet; see the module's picture.

    >>> web, db = Address.parse("172.17.0.2"), Address.parse("172.17.0.3")
    >>> print(Packet(protocol="tcp", source=web, target=db, source_port=40000,
    ...              target_port=6379, kind="SYN"))
    tcp 172.17.0.2:40000 > 172.17.0.3:6379 SYN
    >>> Packet(protocol="tcp", source=web, target=Address.parse("::1"))
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: a packet from 172.17.0.2 cannot go to ::1
    """

    protocol: str
    """tcp, udp, sctp, icmp or ipv6-icmp."""
    source: Address
    target: Address
    source_port: int = 0
    target_port: int = 0
    icmp_type: int = 0
    ttl: int = 64
    """How many more routers may forward it (IPv6: the hop limit), 0 to 255."""
    size: int = 60
    """Octets of the whole IP packet."""
    may_fragment: bool = False
    """Whether a router may cut it in pieces (IPv4 without "don't fragment")."""
    kind: str = ""
    """What it says: SYN, SYN-ACK, RST, request, reply, echo request ..."""
    source_mac: MAC | None = None
    target_mac: MAC | None = None
    vni: int = 0
    """The VXLAN network whose frame it carries (RFC 7348); 0: it carries none."""

    def __post_init__(self) -> None:
        if self.source.family != self.target.family:
            raise InvalidParameter(
                f"a packet from {self.source} cannot go to {self.target}",
                asked=f"send from {self.source} to {self.target}",
                rule="both addresses of a packet are of one family",
                remedy="an address of the same family on both ends",
            )

    @property
    def family(self) -> int:
        """4 or 6."""
        return self.target.family

    def hopped(self) -> "Packet":
        """The packet after one more router: its ttl is one less."""
        return _copy(self, self.source, self.source_port, self.target,
                     self.target_port, self.ttl - 1)  # fmt: skip

    def sent_by(self, source: Address, port: int) -> "Packet":
        """The packet with another source."""
        return _copy(self, source, port, self.target, self.target_port, self.ttl)

    def sent_to(self, target: Address, port: int) -> "Packet":
        """The packet with another target."""
        return _copy(self, self.source, self.source_port, target, port, self.ttl)

    @property
    def has_ports(self) -> bool:
        """Whether its protocol has ports."""
        return self.protocol in _WITH_PORTS

    def __str__(self) -> str:
        ends = (
            f"{_end(self.source, self.source_port)} > "
            f"{_end(self.target, self.target_port)}"
        )
        name = "icmp" if self.protocol in ICMP.values() else self.protocol
        vni = f" {self.vni}" if self.vni else ""
        return f"{name} {ends} {self.kind}{vni}".rstrip()


_new = object.__new__
_set = object.__setattr__


def _copy(  # noqa: PLR0917 - what routers and NAT change, in the order of the header
    packet: Packet,
    source: Address,
    source_port: int,
    target: Address,
    target_port: int,
    ttl: int,
) -> Packet:
    """What ``dataclasses.replace`` would give, at a quarter of its price.

    Routers copy a packet a few times each, and families never change on the way.
    """
    copy = _new(Packet)
    _set(copy, "protocol", packet.protocol)
    _set(copy, "source", source)
    _set(copy, "target", target)
    _set(copy, "source_port", source_port)
    _set(copy, "target_port", target_port)
    _set(copy, "icmp_type", packet.icmp_type)
    _set(copy, "ttl", ttl)
    _set(copy, "size", packet.size)
    _set(copy, "may_fragment", packet.may_fragment)
    _set(copy, "kind", packet.kind)
    _set(copy, "source_mac", packet.source_mac)
    _set(copy, "target_mac", packet.target_mac)
    _set(copy, "vni", packet.vni)
    return copy


def _end(address: Address, port: int) -> str:
    if not port:
        return str(address)
    return f"{address}:{port}" if address.family == V4 else f"[{address}]:{port}"


def icmp_of(family: int) -> str:
    """What ICMP is called in this family.

    >>> icmp_of(4), icmp_of(6)
    ('icmp', 'ipv6-icmp')
    """
    return ICMP[family]


_ANSWERS = {"SYN": "SYN-ACK", "INIT": "INIT-ACK", "echo request": "echo reply"}


def answer_to(packet: Packet, *, kind: str = "", ttl: int = 64) -> Packet:
    """The packet that the receiver sends back: both ends change places.

    >>> web, db = Address.parse("172.17.0.2"), Address.parse("172.17.0.3")
    >>> syn = Packet(protocol="tcp", source=web, target=db, source_port=40000,
    ...              target_port=6379, kind="SYN")
    >>> print(answer_to(syn))
    tcp 172.17.0.3:6379 > 172.17.0.2:40000 SYN-ACK
    """
    return replace(
        packet,
        source=packet.target,
        target=packet.source,
        source_port=packet.target_port,
        target_port=packet.source_port,
        icmp_type=_ECHO_REPLY[packet.family] if not packet.has_ports else 0,
        ttl=ttl,
        kind=kind or _ANSWERS.get(packet.kind, "reply"),
        source_mac=None,
        target_mac=None,
    )
