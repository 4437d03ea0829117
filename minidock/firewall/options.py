"""The options of a rule that stand for a match, each once, for reading and writing.

```
name        match             module     made from a word      and the word again
--dport     DestinationPort   (of -p)    "80", "http", "1:9"   "80"
--ctstate   ConnectionState   conntrack  "NEW,RELATED"         "NEW,RELATED"
```

Invariant: ``option.make(option.text(match), match.negated, family) == match``.

The spelling is what ``iptables-save`` 1.8.9 prints; iptables(8),
iptables-extensions(8).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from minidock.errors import NotationError
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
from minidock.firewall.makers import (
    Maker,
    make_between,
    make_card,
    make_flags,
    make_icmp4,
    make_icmp6,
    make_limit,
    make_multiport,
    make_plain,
    make_ported,
    make_prefixed,
    make_protocol,
    make_state,
    text_of_addresses,
    text_of_flags,
    text_of_host,
    text_of_icmp,
    text_of_limit,
    text_of_ports,
    text_of_range,
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
from minidock.net.address import V4

__all__ = ["BY_NAME", "OPTIONS", "OWN", "Option", "option_of", "unknown"]

OWN = "own"
"""Stands for the module that is named after the rule's protocol."""


class Option(NamedTuple):
    """An option, and what it means."""

    name: str
    match: type[Match]
    make: Maker
    text: Callable[[Any], str]
    """Its words, joined by blanks: each option knows the fields of its own match."""
    module: str = ""
    takes: int = 1
    """How many words follow it."""


OPTIONS: tuple[Option, ...] = (
    Option("-s", Source, make_prefixed(Source), lambda m: str(m.prefix)),
    Option("-d", Destination, make_prefixed(Destination), lambda m: str(m.prefix)),
    Option("-i", InInterface, make_card(InInterface), lambda m: m.name),
    Option("-o", OutInterface, make_card(OutInterface), lambda m: m.name),
    Option("-p", Protocol, make_protocol, lambda m: m.name),
    Option("--sport", SourcePort, make_ported(SourcePort), text_of_range, OWN),
    Option(
        "--dport", DestinationPort, make_ported(DestinationPort), text_of_range, OWN
    ),
    Option("--tcp-flags", TcpFlags, make_flags, text_of_flags, OWN, 2),
    Option("--icmp-type", IcmpType, make_icmp4, text_of_icmp, OWN),
    Option("--icmpv6-type", IcmpType, make_icmp6, text_of_icmp, OWN),
    Option(
        "--ctstate",
        ConnectionState,
        make_state("conntrack"),
        lambda m: ",".join(m.states),
        "conntrack",
    ),
    Option(
        "--state",
        ConnectionState,
        make_state("state"),
        lambda m: ",".join(m.states),
        "state",
    ),
    Option(
        "--ctorigsrc",
        OriginalSource,
        make_prefixed(OriginalSource),
        lambda m: text_of_host(m.prefix),
        "conntrack",
    ),
    Option(
        "--ctorigdst",
        OriginalDestination,
        make_prefixed(OriginalDestination),
        lambda m: text_of_host(m.prefix),
        "conntrack",
    ),
    Option(
        "--ctorigdstport",
        OriginalPort,
        make_ported(OriginalPort),
        text_of_range,
        "conntrack",
    ),
    Option("--ctdir", Direction, make_plain(Direction), lambda m: m.name, "conntrack"),
    Option(
        "--src-type", SourceType, make_plain(SourceType), lambda m: m.kind, "addrtype"
    ),
    Option(
        "--dst-type",
        DestinationType,
        make_plain(DestinationType),
        lambda m: m.kind,
        "addrtype",
    ),
    Option(
        "--src-range",
        SourceRange,
        make_between(SourceRange),
        text_of_addresses,
        "iprange",
    ),
    Option(
        "--dst-range",
        DestinationRange,
        make_between(DestinationRange),
        text_of_addresses,
        "iprange",
    ),
    *(
        Option(f"--{side}", MultiPort, make_multiport(side), text_of_ports, "multiport")
        for side in PortSide
    ),
    Option("--comment", Comment, make_plain(Comment), lambda m: m.text, "comment"),
    Option("--limit", Limit, make_limit, text_of_limit, "limit"),
)
BY_NAME = {option.name: option for option in OPTIONS}
"""The options by their names."""


_BY_TYPE = {option.match: option for option in OPTIONS[::-1]}


def option_of(match: Match, family: int | None) -> Option:
    """The option that writes this match."""
    match match:
        case MultiPort(side=side):
            return BY_NAME[f"--{side}"]
        case ConnectionState(module="state"):
            return BY_NAME["--state"]
        case IcmpType() if family not in {None, V4}:
            return BY_NAME["--icmpv6-type"]
        case _:
            return _BY_TYPE[type(match)]


def unknown(option: str) -> NotationError:
    """The refusal of an option that iptables does not know here."""
    return NotationError(
        f'unknown option "{option}"',
        value=option,
        rule="an option is known once its protocol (-p) or its module (-m) is named",
        remedy="-p tcp --dport 80, or -m conntrack --ctstate NEW",
    )
