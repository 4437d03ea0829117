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

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from minidock.errors import NotationError
from minidock.firewall.extensions import (
    TCP_FLAGS,
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
from minidock.firewall.names import ICMP_TYPES, icmp_number, port_number, protocol_name
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
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix

__all__ = ["BY_NAME", "OPTIONS", "OWN", "Option", "option_of", "prefix_of", "unknown"]

OWN = "own"
"""Stands for the module that is named after the rule's protocol."""

_NAME_LENGTH = 15
"""The longest name of an interface: IFNAMSIZ less the final zero octet."""


Maker: TypeAlias = Callable[[str, bool, int | None], Match | None]
"""From an option's words, whether "!" stood before it, and the family if it is known
to the match; None where every packet matches."""


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


def prefix_of(text: str, family: int | None) -> Prefix:
    """The prefix that an address or a network stands for; in any family for None.

    >>> str(prefix_of("10.1.2.3/16", 4)), str(prefix_of("10.1.2.3/255.0.0.0", 4))
    ('10.1.0.0/16', '10.0.0.0/8')
    >>> prefix_of("fe80::1", 4)
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: host/network `fe80::1' not found
    """
    host, slash, mask = text.partition("/")
    host = {"0": "0.0.0.0", "": "0.0.0.0"}.get(host, host)  # noqa: S104 # no socket
    try:
        address = Address.parse(host)
    except ValueError as error:
        raise _no_host(host) from error
    if text == "0/0":  # "any" in both families
        return Prefix.of(Address(0, family or V4), 0)
    if family not in {None, address.family}:
        raise _no_host(host)
    if not slash:
        return Prefix.of(address, address.bits)
    if mask.isdecimal() and int(mask) <= address.bits:
        return Prefix.of(address, int(mask))
    return Prefix.of(address, _mask_length(mask, address))


def _mask_length(mask: str, address: Address) -> int:
    try:
        value: Address | None = Address.parse(mask)
    except ValueError:
        value = None
    if value is not None and value.family == address.family:
        ones = Prefix.of(value, 0).last.value
        length = value.bits - (value.value ^ ones).bit_length()
        if Prefix.of(value, length).netmask == value:
            return length
    raise NotationError(
        f"invalid mask `{mask}' specified",
        value=mask,
        rule="a mask is the number of leading bits that count",
        remedy="10.0.0.0/8",
    )


def _no_host(text: str) -> NotationError:
    return NotationError(
        f"host/network `{text}' not found",
        value=text,
        rule="iptables takes IPv4 addresses, ip6tables IPv6 addresses; names of hosts "
        "are not looked up here",
        remedy="203.0.113.7 or 203.0.113.0/24",
    )


def _prefixed(
    kind: Callable[[Prefix, bool], Match],
) -> Maker:
    def make(text: str, negated: bool, family: int | None) -> Match | None:
        prefix = prefix_of(text, family)
        return kind(prefix, negated) if prefix.length or negated else None

    return make


def _interface(
    kind: Callable[[str, bool], Match],
) -> Maker:
    def make(text: str, negated: bool, family: int | None) -> Match | None:  # noqa: ARG001
        if len(text) > _NAME_LENGTH:
            raise NotationError(
                f"interface name `{text}' must be shorter than IFNAMSIZ "
                f"({_NAME_LENGTH})",
                value=text,
                rule="the kernel has room for 15 letters",
            )
        return kind(text, negated) if text != "+" or negated else None

    return make


def _protocol(text: str, negated: bool, family: int | None) -> Protocol | None:  # noqa: ARG001
    name = protocol_name(text)
    if name is None:
        raise NotationError(
            f'unknown protocol "{text}" specified',
            value=text,
            rule="a protocol has a name in /etc/protocols, or a number",
            remedy="tcp, udp, icmp or sctp",
        )
    return Protocol(name, negated) if name else None


def _port(text: str) -> int:
    number = port_number(text)
    if number is None:
        raise NotationError(
            f"invalid port/service `{text}' specified",
            value=text,
            rule="a port is a number from 0 to 65535, or a name of /etc/services",
            remedy="80, http or 8000:8100",
        )
    return number


def _range(text: str) -> tuple[int, int]:
    first, colon, last = text.partition(":")
    low = _port(first) if first or not colon else 0
    return low, (_port(last) if last else 65535) if colon else low


def _ported(
    kind: Callable[[int, int, bool], Match],
) -> Maker:
    def make(text: str, negated: bool, family: int | None) -> Match | None:  # noqa: ARG001
        first, last = _range(text)
        everything = (first, last) == (0, 65535) and not negated
        return None if everything else kind(first, last, negated)

    return make


def _range_text(match: SourcePort | DestinationPort | OriginalPort) -> str:
    return _range_words(match.first, match.last)


def _range_words(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}:{last}"


def _multi(side: PortSide) -> Maker:
    def make(text: str, negated: bool, family: int | None) -> Match:  # noqa: ARG001
        ranges = tuple(_range(word) for word in text.split(","))
        return MultiPort(ranges, side, negated)

    return make


def _multi_text(match: MultiPort) -> str:
    return ",".join(_range_words(*pair) for pair in match.ranges)


def _state(module: str) -> Maker:
    def make(text: str, negated: bool, family: int | None) -> Match:  # noqa: ARG001
        return ConnectionState(tuple(text.split(",")), negated, module)

    return make


def _icmp4(text: str, negated: bool, family: int | None) -> IcmpType:  # noqa: ARG001
    return _icmp(text, negated, V4)


def _icmp6(text: str, negated: bool, family: int | None) -> IcmpType:  # noqa: ARG001
    return _icmp(text, negated, V6)


def _icmp(text: str, negated: bool, family: int) -> IcmpType:
    named = icmp_number(text, family)
    if named is not None:
        return IcmpType(named[0], negated, named[1])
    number, slash, code = text.partition("/")
    words = (number, code) if slash else (number,)
    if not all(word.isdecimal() and int(word) <= 255 for word in words):
        raise NotationError(
            f"Invalid ICMP{'' if family == V4 else 'v6'} type `{text}'",
            value=text,
            rule="a type is a number from 0 to 255 or a name, with /CODE after it",
            remedy=", ".join(ICMP_TYPES[family]),
        )
    return IcmpType(int(number), negated, int(code) if slash else None)


def _icmp_text(match: IcmpType) -> str:
    return str(match.number) if match.code is None else f"{match.number}/{match.code}"


def _limit(text: str, negated: bool, family: int | None) -> Limit:  # noqa: ARG001
    rate, _, burst = text.partition(" ")
    count, _, unit = rate.partition("/")
    names = {"s": "sec", "m": "min", "h": "hour", "d": "day"}
    known = unit[:1] in names and unit in _UNIT_WORDS
    if not count.isdecimal() or not known or not (burst or "5").isdecimal():
        raise NotationError(
            f'bad rate "{rate}"',
            value=text,
            rule="a rate is a number for a second, minute, hour or day",
            remedy="3/min",
        )
    return Limit(int(count), names[unit[0]], int(burst or "5"), negated)


_UNIT_WORDS = frozenset("s sec second m min minute h hour d day".split())


def _limit_text(match: Limit) -> str:
    burst = "" if match.burst == 5 else f" --limit-burst {match.burst}"
    return f"{match.count}/{match.unit}{burst}"


def _flags(text: str, negated: bool, family: int | None) -> TcpFlags:  # noqa: ARG001
    mask, _, flags = text.partition(" ")
    return TcpFlags(tuple(_flag_words(mask)), tuple(_flag_words(flags)), negated)


def _flag_words(text: str) -> Iterator[str]:
    for word in text.split(","):
        if word in {"ALL", "NONE"}:
            yield from TCP_FLAGS if word == "ALL" else ()
        else:
            yield word


def _flags_text(match: TcpFlags) -> str:
    return " ".join(",".join(flags) or "NONE" for flags in (match.mask, match.flags))


def _between(
    kind: Callable[[Address, Address, bool], Match],
) -> Maker:
    def make(text: str, negated: bool, family: int | None) -> Match:
        first, _, last = text.partition("-")
        ends = [prefix_of(word, family).first for word in (first, last or first)]
        return kind(ends[0], ends[1], negated)

    return make


def _between_text(match: SourceRange | DestinationRange) -> str:
    return f"{match.first}-{match.last}"


def _plain(
    kind: Callable[[str, bool], Match],
) -> Maker:
    return lambda text, negated, family: kind(text, negated)  # noqa: ARG005


OPTIONS: tuple[Option, ...] = (
    Option("-s", Source, _prefixed(Source), lambda m: str(m.prefix)),
    Option("-d", Destination, _prefixed(Destination), lambda m: str(m.prefix)),
    Option("-i", InInterface, _interface(InInterface), lambda m: m.name),
    Option("-o", OutInterface, _interface(OutInterface), lambda m: m.name),
    Option("-p", Protocol, _protocol, lambda m: m.name),
    Option("--sport", SourcePort, _ported(SourcePort), _range_text, OWN),
    Option("--dport", DestinationPort, _ported(DestinationPort), _range_text, OWN),
    Option("--tcp-flags", TcpFlags, _flags, _flags_text, OWN, 2),
    Option("--icmp-type", IcmpType, _icmp4, _icmp_text, OWN),
    Option("--icmpv6-type", IcmpType, _icmp6, _icmp_text, OWN),
    Option(
        "--ctstate",
        ConnectionState,
        _state("conntrack"),
        lambda m: ",".join(m.states),
        "conntrack",
    ),
    Option(
        "--state",
        ConnectionState,
        _state("state"),
        lambda m: ",".join(m.states),
        "state",
    ),
    Option(
        "--ctorigsrc",
        OriginalSource,
        _prefixed(OriginalSource),
        lambda m: _short(m.prefix),
        "conntrack",
    ),
    Option(
        "--ctorigdst",
        OriginalDestination,
        _prefixed(OriginalDestination),
        lambda m: _short(m.prefix),
        "conntrack",
    ),
    Option(
        "--ctorigdstport",
        OriginalPort,
        _ported(OriginalPort),
        _range_text,
        "conntrack",
    ),
    Option("--ctdir", Direction, _plain(Direction), lambda m: m.name, "conntrack"),
    Option("--src-type", SourceType, _plain(SourceType), lambda m: m.kind, "addrtype"),
    Option(
        "--dst-type",
        DestinationType,
        _plain(DestinationType),
        lambda m: m.kind,
        "addrtype",
    ),
    Option("--src-range", SourceRange, _between(SourceRange), _between_text, "iprange"),
    Option(
        "--dst-range",
        DestinationRange,
        _between(DestinationRange),
        _between_text,
        "iprange",
    ),
    *(
        Option(f"--{side}", MultiPort, _multi(side), _multi_text, "multiport")
        for side in PortSide
    ),
    Option("--comment", Comment, _plain(Comment), lambda m: m.text, "comment"),
    Option("--limit", Limit, _limit, _limit_text, "limit"),
)
BY_NAME = {option.name: option for option in OPTIONS}
"""The options by their names."""


def _short(prefix: Prefix) -> str:
    # Odd: conntrack's addresses are printed without a length where it is one address.
    return str(prefix.first) if prefix.length == prefix.first.bits else str(prefix)


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
