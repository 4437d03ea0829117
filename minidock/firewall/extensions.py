"""Matches and targets that Docker does not write, but people who add rules do.

```
-A DOCKER-USER -i eth0 -p tcp -m multiport --dports 80,443 -j ACCEPT
-A DOCKER-USER -i eth0 -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -j DROP
                          └ what the packet said before Docker's DNAT changed it
-A DOCKER-USER -m limit --limit 3/min -j LOG --log-prefix "[dropped] "
-A DOCKER-USER -j REJECT --reject-with icmp-port-unreachable
```

In DOCKER-USER a published port has been translated already: ``--dport`` sees the
container's port, and only connection tracking still knows the one that was asked for.

Invariants: each value is in the one spelling that ``iptables-save`` prints. LOG is the
only target here after which the next rule is read.

Source: iptables-extensions(8).
"""

from dataclasses import dataclass
from enum import StrEnum

from minidock.errors import InvalidParameter
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix

__all__ = [
    "LOG_LEVELS",
    "REJECTIONS",
    "RESET",
    "TCP_FLAGS",
    "Comment",
    "DestinationRange",
    "Direction",
    "Limit",
    "Log",
    "MultiPort",
    "OriginalDestination",
    "OriginalPort",
    "OriginalSource",
    "PortSide",
    "Reject",
    "SourceRange",
    "TcpFlags",
]

RESET = "tcp-reset"
"""The rejection that looks like a program that is not there."""

REJECTIONS: dict[int, dict[str, str]] = {
    V4: {
        "icmp-net-unreachable": "net-unreach",
        "icmp-host-unreachable": "host-unreach",
        "icmp-proto-unreachable": "proto-unreach",
        "icmp-port-unreachable": "port-unreach",
        "icmp-net-prohibited": "net-prohib",
        "icmp-host-prohibited": "host-prohib",
        "icmp-admin-prohibited": "admin-prohib",
        RESET: "tcp-rst",
    },
    V6: {
        "icmp6-no-route": "no-route",
        "icmp6-adm-prohibited": "adm-prohibited",
        "icmp6-addr-unreachable": "addr-unreach",
        "icmp6-port-unreachable": "port-unreach",
        RESET: "tcp-rst",
    },
}
"""What REJECT can send back, by family; with the short name that may be typed."""

TCP_FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG")
"""In the order of their bits."""

LOG_LEVELS = ("emerg", "alert", "crit", "error", "warning", "notice", "info", "debug")
"""syslog's levels 0 to 7."""

_UNITS = ("sec", "min", "hour", "day")


@dataclass(frozen=True, slots=True)
class Comment:
    """Words for people; every packet matches (``-m comment --comment``)."""

    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """So many packets in a time, after a burst (``-m limit --limit 3/min``).

    >>> Limit(3, "min")
    Limit(count=3, unit='min', burst=5, negated=False)
    >>> Limit(3, "week")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: bad rate "3/week"
    """

    count: int
    unit: str
    """sec, min, hour or day."""
    burst: int = 5
    """How many packets match before the rate counts; iptables' default."""
    negated: bool = False

    def __post_init__(self) -> None:
        if self.unit not in _UNITS or not 0 < self.count <= 10_000:
            raise InvalidParameter(
                f'bad rate "{self.count}/{self.unit}"',
                asked=f"match {self.count} packets a {self.unit}",
                rule="a rate is a number from 1 to 10000 for a second, minute, "
                "hour or day",
                remedy="3/min",
            )


class PortSide(StrEnum):
    """Which of a packet's two ports a :class:`MultiPort` is about."""

    SOURCE = "sports"
    DESTINATION = "dports"
    EITHER = "ports"


@dataclass(frozen=True, slots=True)
class MultiPort:
    """One of up to 15 ports or ranges (``-m multiport --dports 80,8000:8100``)."""

    ranges: tuple[tuple[int, int], ...]
    """First and last port of each, both included."""
    side: PortSide = PortSide.DESTINATION
    negated: bool = False

    def __post_init__(self) -> None:
        if sum(1 + (first != last) for first, last in self.ranges) > 15:
            raise InvalidParameter(
                "too many ports specified",
                rule="a rule has room for 15 ports; a range takes two",
                remedy="a second rule",
            )
        for first, last in self.ranges:
            if not 0 <= first <= last <= 65535:
                raise InvalidParameter(
                    f"invalid portrange specified: {first}:{last}",
                    rule="a range goes from its lower to its higher end, 0 to 65535",
                )


@dataclass(frozen=True, slots=True)
class TcpFlags:
    """Of the flags in ``mask`` exactly those in ``flags`` are set (``--tcp-flags``).

    ``--syn`` stands for SYN of FIN, SYN, RST and ACK: the first packet of a connection.
    """

    mask: tuple[str, ...]
    flags: tuple[str, ...]
    negated: bool = False

    def __post_init__(self) -> None:
        for name in (*self.mask, *self.flags):
            if name not in TCP_FLAGS:
                raise InvalidParameter(
                    f"Unknown TCP flag `{name}'",
                    rule="TCP has a fixed list of flags",
                    remedy=f"one of {', '.join(TCP_FLAGS)}, ALL or NONE",
                )
        for name in ("mask", "flags"):
            given = getattr(self, name)
            ordered = tuple(flag for flag in TCP_FLAGS if flag in given)
            object.__setattr__(self, name, ordered)


@dataclass(frozen=True, slots=True)
class SourceRange:
    """The packet comes from an address from first to last (``--src-range``)."""

    first: Address
    last: Address
    negated: bool = False

    def __post_init__(self) -> None:
        _check_range(self.first, self.last)


@dataclass(frozen=True, slots=True)
class DestinationRange:
    """The packet goes to an address from first to last (``--dst-range``)."""

    first: Address
    last: Address
    negated: bool = False

    def __post_init__(self) -> None:
        _check_range(self.first, self.last)


@dataclass(frozen=True, slots=True)
class OriginalSource:
    """The connection's first packet came from there (``--ctorigsrc``)."""

    prefix: Prefix
    negated: bool = False


@dataclass(frozen=True, slots=True)
class OriginalDestination:
    """The connection's first packet was sent there (``--ctorigdst``), before NAT."""

    prefix: Prefix
    negated: bool = False


@dataclass(frozen=True, slots=True)
class OriginalPort:
    """The connection's first packet was sent to this port (``--ctorigdstport``)."""

    first: int
    last: int = 0
    negated: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "last", self.last or self.first)
        if not 0 <= self.first <= self.last <= 65535:
            raise InvalidParameter(
                f"invalid port range: {self.first}:{self.last}",
                rule="a port is a number from 0 to 65535",
            )


@dataclass(frozen=True, slots=True)
class Direction:
    """The packet goes the way of the connection's first one, or back (``--ctdir``)."""

    name: str = "ORIGINAL"
    """ORIGINAL or REPLY."""
    negated: bool = False

    def __post_init__(self) -> None:
        if self.name not in {"ORIGINAL", "REPLY"}:
            raise InvalidParameter(
                f'bad direction "{self.name}"',
                rule="a packet goes the way of the first one or back",
                remedy="ORIGINAL or REPLY",
            )


@dataclass(frozen=True, slots=True)
class Reject:
    """Drop the packet and tell its sender so (``-j REJECT``).

    >>> Reject("icmp-port-unreachable").family
    4
    >>> Reject("tcp-reset").family is None
    True
    """

    kind: str
    """What is sent back, in the spelling of --reject-with."""

    def __post_init__(self) -> None:
        if not any(self.kind in known for known in REJECTIONS.values()):
            raise InvalidParameter(
                f'unknown reject type "{self.kind}"',
                rule="REJECT sends one of a fixed list of messages",
                remedy=f"one of {', '.join(REJECTIONS[V4])}",
            )

    @property
    def family(self) -> int | None:
        """The family that has this message; None for tcp-reset, which both have."""
        if self.kind == RESET:
            return None
        return V4 if self.kind in REJECTIONS[V4] else V6


@dataclass(frozen=True, slots=True)
class Log:
    """Write a line into the kernel's log and go on with the next rule (``-j LOG``)."""

    prefix: str = ""
    level: int = 4
    """0 (emerg) to 7 (debug); 4 (warning) is iptables' default."""


def _check_range(first: Address, last: Address) -> None:
    if first.family != last.family or first.value > last.value:
        raise InvalidParameter(
            f"range of IP addresses is inverted: {first}-{last}",
            rule="a range goes from its lower to its higher end, in one family",
            remedy=f"{last}-{first}",
        )
