"""Which packets a rule is about: each match as a question to a packet.

```
 DestinationPort(80)          holds if the packet goes to port 80
 InInterface("br+")           holds if it came in by a device whose name begins so
 ConnectionState(("NEW",))    holds if connection tracking calls it new
```

Invariants: a match looks at the facts of one packet at one hook, and at nothing else; a
negated match holds exactly where the plain one does not.

Source: iptables(8) and iptables-extensions(8).
"""

from collections.abc import Callable
from typing import NamedTuple

from minidock.firewall.extensions import (
    Comment,
    DestinationRange,
    Direction,
    Limit,
    MultiPort,
    OriginalDestination,
    OriginalPort,
    OriginalSource,
    PortSide,
    SourceRange,
    TcpFlags,
)
from minidock.firewall.rule import (
    ConnectionState,
    Destination,
    DestinationPort,
    DestinationType,
    IcmpType,
    InInterface,
    Match,
    OutInterface,
    Protocol,
    Source,
    SourcePort,
    SourceType,
)
from minidock.net.prefix import Prefix

__all__ = ["TESTS", "Facts", "Test", "holds", "is_negated"]


class Facts(NamedTuple):
    """What rules can ask about a packet, at the hook where it stands."""

    protocol: str
    source: int
    """The number of the address; its family is that of the ruleset."""
    target: int
    source_port: int
    target_port: int
    icmp_type: int
    came_in: str
    """The interface by which it came, or "" for a packet that starts here."""
    goes_out: str
    """The interface by which it will leave, or "" if that is not known yet."""
    states: tuple[str, ...]
    """What connection tracking says: NEW, ESTABLISHED, ..., and SNAT or DNAT."""
    is_local: Callable[[int], bool]
    """Whether an address is one of this machine's own."""
    original: tuple[int, int, int] = (0, 0, 0)
    """The connection's first packet, before NAT: its source, target and target port."""
    reply: bool = False
    """Whether it goes the way back of its connection."""
    flags: tuple[str, ...] = ()
    """Which TCP flags are set."""


Test = Callable[[Match, Facts], bool]
"""Whether a match holds, its negation aside."""


def _named(wanted: str, name: str) -> bool:
    """Whether an interface has a name; "br+" means any that begins with br."""
    if wanted.endswith("+"):
        return name.startswith(wanted[:-1])
    return name == wanted


def _of_type(kind: str, value: int, facts: Facts) -> bool:
    """Docker asks for LOCAL only; other kinds are never true here."""
    return kind == "LOCAL" and facts.is_local(value)


TESTS: dict[type, Test] = {}
"""The question behind each kind of match."""


def _test(kind: type) -> Callable[[Callable[..., bool]], Callable[..., bool]]:
    def keep(function: Callable[..., bool]) -> Callable[..., bool]:
        TESTS[kind] = function
        return function

    return keep


@_test(Source)
def _source(match: Source, facts: Facts) -> bool:
    return _within(facts.source, match.prefix)


@_test(Destination)
def _destination(match: Destination, facts: Facts) -> bool:
    return _within(facts.target, match.prefix)


@_test(InInterface)
def _in(match: InInterface, facts: Facts) -> bool:
    return _named(match.name, facts.came_in)


@_test(OutInterface)
def _out(match: OutInterface, facts: Facts) -> bool:
    return _named(match.name, facts.goes_out)


@_test(Protocol)
def _protocol(match: Protocol, facts: Facts) -> bool:
    return match.name == facts.protocol


@_test(SourcePort)
def _source_port(match: SourcePort, facts: Facts) -> bool:
    return match.first <= facts.source_port <= match.last


@_test(DestinationPort)
def _destination_port(match: DestinationPort, facts: Facts) -> bool:
    return match.first <= facts.target_port <= match.last


@_test(ConnectionState)
def _state(match: ConnectionState, facts: Facts) -> bool:
    return any(state in match.states for state in facts.states)


@_test(SourceType)
def _source_type(match: SourceType, facts: Facts) -> bool:
    return _of_type(match.kind, facts.source, facts)


@_test(DestinationType)
def _destination_type(match: DestinationType, facts: Facts) -> bool:
    return _of_type(match.kind, facts.target, facts)


@_test(IcmpType)
def _icmp_type(match: IcmpType, facts: Facts) -> bool:
    return match.number == facts.icmp_type


@_test(Comment)
@_test(Limit)
def _always(match: Match, facts: Facts) -> bool:
    """A comment is for people; and one packet is always within a limit's burst."""
    del match, facts
    return True


@_test(MultiPort)
def _multiport(match: MultiPort, facts: Facts) -> bool:
    ports = {
        PortSide.SOURCE: (facts.source_port,),
        PortSide.DESTINATION: (facts.target_port,),
        PortSide.EITHER: (facts.source_port, facts.target_port),
    }[match.side]
    return any(low <= port <= high for low, high in match.ranges for port in ports)


@_test(TcpFlags)
def _tcp_flags(match: TcpFlags, facts: Facts) -> bool:
    return set(match.flags) == set(facts.flags) & set(match.mask)


@_test(SourceRange)
def _source_range(match: SourceRange, facts: Facts) -> bool:
    return match.first.value <= facts.source <= match.last.value


@_test(DestinationRange)
def _destination_range(match: DestinationRange, facts: Facts) -> bool:
    return match.first.value <= facts.target <= match.last.value


@_test(OriginalSource)
def _original_source(match: OriginalSource, facts: Facts) -> bool:
    return _within(facts.original[0], match.prefix)


@_test(OriginalDestination)
def _original_destination(match: OriginalDestination, facts: Facts) -> bool:
    return _within(facts.original[1], match.prefix)


@_test(OriginalPort)
def _original_port(match: OriginalPort, facts: Facts) -> bool:
    return match.first <= facts.original[2] <= match.last


@_test(Direction)
def _direction(match: Direction, facts: Facts) -> bool:
    return (match.name == "REPLY") is facts.reply


def _within(value: int, prefix: Prefix) -> bool:
    shift = prefix.bits - prefix.length
    return value >> shift == prefix.network >> shift


def holds(match: Match, facts: Facts) -> bool:
    """Whether one match holds for a packet.

    >>> tcp = Facts("tcp", 1, 2, 40000, 80, 0, "eth0", "", ("NEW",), lambda _: False)
    >>> holds(DestinationPort(80), tcp), holds(Protocol("udp"), tcp)
    (True, False)
    """
    return TESTS[type(match)](match, facts) is not is_negated(match)


def is_negated(match: Match) -> bool:
    """Whether it is written with a ``!``."""
    return bool(getattr(match, "negated", False))
