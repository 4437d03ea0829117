"""A firewall rule: which packets it is about, and what then happens to them.

```
-A FORWARD      -o docker0  -p tcp  --dport 80           -j ACCEPT
   └─ chain ─┘  └────────────── matches ────────────┘       └ target
                every one must hold                      ▼
                                        ACCEPT, DROP      the table has decided
                                        RETURN            back to the calling chain
                                        Jump(chain)       read that chain first
                                        Dnat, Snat ...    rewrite, then accept
                        Reject, Log       see :mod:`minidock.firewall.extensions`
```

A rule is data, not text: a match is a value of its own type, so that a packet walker
can evaluate it and a renderer can print it.

Invariants: the matches stand in the order in which ``iptables-save`` prints them: the
fields of the packet's header in a fixed order, then the modules (``-m``) in the order
in which they were given, as iptables keeps that; ports are matched only beside one
protocol that has ports; all addresses of a rule are of one family.

Docker calls this ``iptables.Rule`` (libnetwork); Linux calls it a netfilter rule.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from minidock.errors import InvalidParameter
from minidock.firewall.extensions import (
    Comment,
    DestinationRange,
    Direction,
    Limit,
    Log,
    MultiPort,
    OriginalDestination,
    OriginalPort,
    OriginalSource,
    Reject,
    SourceRange,
    TcpFlags,
)
from minidock.net.address import Address
from minidock.net.prefix import Prefix

__all__ = [
    "ADDRESS_KINDS",
    "PORT_PROTOCOLS",
    "STATES",
    "ChecksumFill",
    "ConnectionState",
    "Destination",
    "DestinationPort",
    "DestinationType",
    "Dnat",
    "IcmpType",
    "InInterface",
    "Jump",
    "Masquerade",
    "Match",
    "OutInterface",
    "Protocol",
    "Rule",
    "Snat",
    "Source",
    "SourcePort",
    "SourceType",
    "Target",
    "Verdict",
    "rule",
]

PORT_PROTOCOLS = frozenset({"tcp", "udp", "sctp", "dccp", "udplite"})
"""The protocols whose packets carry port numbers."""

ADDRESS_KINDS = ("UNSPEC", "UNICAST", "LOCAL", "BROADCAST", "ANYCAST", "MULTICAST")
"""The kinds of addresses that a rule can ask for, in the order iptables prints them."""

STATES = ("INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED", "SNAT", "DNAT")
"""What connection tracking can say of a packet, in the order iptables prints it."""


@dataclass(frozen=True, slots=True)
class Source:
    """The packet comes from an address in this prefix (``-s``)."""

    prefix: Prefix
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """The packet goes to an address in this prefix (``-d``)."""

    prefix: Prefix
    negated: bool = False


@dataclass(frozen=True, slots=True)
class InInterface:
    """The packet came in through this interface (``-i``); "br+" means any br..."""

    name: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class OutInterface:
    """The packet will leave through this interface (``-o``)."""

    name: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Protocol:
    """The packet carries this protocol (``-p``): tcp, udp, icmp, ipv6-icmp ..."""

    name: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class SourcePort:
    """The packet comes from a port in this range (``--sport``), both ends included."""

    first: int
    last: int = 0
    negated: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "last", _port_range(self.first, self.last))


@dataclass(frozen=True, slots=True)
class DestinationPort:
    """The packet goes to a port in this range (``--dport``), both ends included.

    >>> DestinationPort(80)
    DestinationPort(first=80, last=80, negated=False)
    >>> DestinationPort(90, 80)
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: invalid portrange (min > max)
    """

    first: int
    last: int = 0
    negated: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "last", _port_range(self.first, self.last))


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """Connection tracking puts the packet in one of these states (``--ctstate``).

    >>> ConnectionState(("ESTABLISHED", "RELATED")).states
    ('RELATED', 'ESTABLISHED')
    >>> ConnectionState(("OLD",))
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: Bad ctstate "OLD"
    """

    states: tuple[str, ...]
    negated: bool = False
    module: str = "conntrack"
    """``state`` where it was written the old way, ``-m state --state``."""

    def __post_init__(self) -> None:
        for state in self.states:
            if state not in STATES:
                raise InvalidParameter(
                    f'Bad ctstate "{state}"',
                    asked=f"match packets in the connection state {state}",
                    rule="connection tracking knows a fixed list of states",
                    remedy=f"one of {', '.join(STATES)}",
                )
        ordered = tuple(state for state in STATES if state in self.states)
        object.__setattr__(self, "states", ordered)


@dataclass(frozen=True, slots=True)
class SourceType:
    """The source is an address of this kind, seen from here (``--src-type``)."""

    kind: str = "LOCAL"
    """One of ``ADDRESS_KINDS``, or several with commas between them."""
    negated: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", _kinds(self.kind))


@dataclass(frozen=True, slots=True)
class DestinationType:
    """The destination is of this kind (``--dst-type``); LOCAL: this machine's own."""

    kind: str = "LOCAL"
    """One of ``ADDRESS_KINDS``, or several with commas between them."""
    negated: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", _kinds(self.kind))


@dataclass(frozen=True, slots=True)
class IcmpType:
    """The packet is an ICMP message of this type (``--icmp-type``); echo is 8."""

    number: int
    negated: bool = False
    code: int | None = None
    """None stands for any."""


Match: TypeAlias = (
    Source
    | Destination
    | InInterface
    | OutInterface
    | Protocol
    | SourcePort
    | DestinationPort
    | ConnectionState
    | SourceType
    | DestinationType
    | IcmpType
    | Comment
    | Limit
    | MultiPort
    | TcpFlags
    | SourceRange
    | DestinationRange
    | OriginalSource
    | OriginalDestination
    | OriginalPort
    | Direction
)


class Verdict(StrEnum):
    """A target that only decides."""

    ACCEPT = "ACCEPT"  # this table lets the packet pass
    DROP = "DROP"  # the packet is gone, and nobody is told
    RETURN = "RETURN"  # go on after the jump; in a built-in chain: its policy


@dataclass(frozen=True, slots=True)
class Jump:
    """Read another chain of the same table, then come back."""

    chain: str


@dataclass(frozen=True, slots=True)
class Masquerade:
    """Send it on with the address of the interface by which it leaves."""


@dataclass(frozen=True, slots=True)
class Dnat:
    """Change where the packet goes; what is None stays as it is."""

    address: Address | None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Snat:
    """Change where the packet says it comes from; what is None stays as it is."""

    address: Address | None
    port: int | None = None


@dataclass(frozen=True, slots=True)
class ChecksumFill:
    """Compute the checksum that the sender left to its network card."""


Target: TypeAlias = (
    Verdict | Jump | Masquerade | Dnat | Snat | ChecksumFill | Reject | Log
)

_HEADER = (Source, Destination, InInterface, OutInterface, Protocol)
"""The fields of the IP header, in the order of ``iptables-save``."""

# The module that brings an option, and the options of each in the order it prints them.
_MODULES: dict[str, tuple[type, ...]] = {
    "own": (SourcePort, DestinationPort, TcpFlags, IcmpType),  # named after -p
    "conntrack": (
        ConnectionState,
        OriginalSource,
        OriginalDestination,
        OriginalPort,
        Direction,
    ),
    "addrtype": (SourceType, DestinationType),
    "iprange": (SourceRange, DestinationRange),
    "multiport": (MultiPort,),
    "comment": (Comment,),
    "limit": (Limit,),
}
_PLACE = {
    kind: (module, rank)
    for module, kinds in _MODULES.items()
    for rank, kind in enumerate(kinds)
}


_HEADER_RANK = {kind: rank for rank, kind in enumerate(_HEADER)}


def _in_order(matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """Header fields first, then module by module as they came."""
    modules: dict[str, int] = {}
    keys: list[tuple[int, int, int]] = []
    for match in matches:
        rank = _HEADER_RANK.get(type(match))
        if rank is None:
            came = modules.setdefault(_module(match), len(modules))
            keys.append((1, came, _PLACE[type(match)][1]))
        else:
            keys.append((0, rank, 0))
    order = sorted(range(len(keys)), key=keys.__getitem__)
    return tuple(matches[at] for at in order)


def _module(match: Match) -> str:
    if isinstance(match, ConnectionState):
        return match.module
    return _PLACE[type(match)][0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of one chain; :func:`rule` builds it with fewer words."""

    table: str
    chain: str
    target: Target
    matches: tuple[Match, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "matches", _in_order(self.matches))
        self._check_fields()
        self._check_ports()
        if len(self._families()) > 1:
            raise InvalidParameter(
                "a rule cannot mix IPv4 and IPv6 addresses",
                rule="iptables and ip6tables are two firewalls, each for one family",
                remedy="two rules, one in each",
            )

    @property
    def family(self) -> int | None:
        """The family of the rule's addresses; None where it names none."""
        return next(iter(self._families()), None)

    def _families(self) -> set[int]:
        found: set[int] = set()
        for match in self.matches:
            if isinstance(match, _WITH_PREFIX):
                found.add(match.prefix.family)
            elif isinstance(match, SourceRange | DestinationRange):
                found.add(match.first.family)
        target = self.target
        if isinstance(target, Dnat | Snat) and target.address is not None:
            found.add(target.address.family)
        elif isinstance(target, Reject) and target.family is not None:
            found.add(target.family)
        return found

    def _check_fields(self) -> None:
        if len(self.matches) > len({type(match) for match in self.matches}):
            raise InvalidParameter(
                "multiple flags of one kind are not allowed",
                rule="a rule looks at each field of a packet once",
                remedy="a second rule, or a chain of its own for the second condition",
            )

    def _check_ports(self) -> None:
        wanted = {m.name for m in self.matches if type(m) is Protocol and not m.negated}
        flags = any(isinstance(match, TcpFlags) for match in self.matches)
        if flags and "tcp" not in wanted:
            raise InvalidParameter(
                "TCP flags need -p tcp",
                rule="only TCP has flags",
                remedy="-p tcp",
            )
        if any(isinstance(match, _WITH_PORTS) for match in self.matches) and not (
            wanted & PORT_PROTOCOLS
        ):
            raise InvalidParameter(
                "ports need a protocol that has ports",
                rule=f"port numbers exist in {', '.join(sorted(PORT_PROTOCOLS))} only",
                remedy="-p tcp or -p udp beside --dport",
            )


def rule(table: str, chain: str, *matches: Match, target: Target) -> Rule:
    """The rule with these matches, in any order.

    >>> web = rule("filter", "DOCKER", OutInterface("docker0"), target=Verdict.DROP)
    >>> web.family is None
    True
    >>> rule("filter", "INPUT", DestinationPort(80), target=Verdict.DROP)
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: ports need a protocol that has ports
    """
    return Rule(table=table, chain=chain, matches=matches, target=target)


_WITH_PREFIX = (Source, Destination, OriginalSource, OriginalDestination)
_WITH_PORTS = (SourcePort, DestinationPort, MultiPort)


def _kinds(text: str) -> str:
    given = text.split(",")
    for kind in given:
        if kind not in ADDRESS_KINDS:
            raise InvalidParameter(
                f'addrtype: bad type "{kind}"',
                rule="the kernel knows a fixed list of kinds of addresses",
                remedy=f"one of {', '.join(ADDRESS_KINDS)}",
            )
    return ",".join(kind for kind in ADDRESS_KINDS if kind in given)


def _port_range(first: int, last: int) -> int:
    last = last or first
    if not 0 <= first <= 65535 or not 0 <= last <= 65535:
        raise InvalidParameter(
            f"invalid port/service `{first}' specified",
            rule="a port is a number from 0 to 65535",
        )
    if first > last:
        raise InvalidParameter(
            "invalid portrange (min > max)",
            asked=f"match the ports {first}:{last}",
            rule="a range goes from its lower to its higher end",
            remedy=f"{last}:{first}",
        )
    return last
