"""Single options of a rule, from words to a match and back.

```
 "80:90"            ── make_ported(DestinationPort) ──▶  DestinationPort(80, 90)
 "8000:8100,80"     ── make_multiport(side) ──────────▶  MultiPort(((8000, 8100), ...))
 DestinationPort(80, 90)  ── text_of_range ───────────▶  "80:90"
```

Which option is read by which function is told by :mod:`minidock.firewall.options`.

Invariant: what a ``text_of`` function writes, its ``make`` function reads.

The spelling is what ``iptables-save`` 1.8.9 prints; iptables-extensions(8).
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from minidock.errors import NotationError
from minidock.firewall.extensions import (
    TCP_FLAGS,
    DestinationRange,
    Limit,
    MultiPort,
    OriginalPort,
    PortSide,
    SourceRange,
    TcpFlags,
)
from minidock.firewall.names import ICMP_TYPES, icmp_number, port_number, protocol_name
from minidock.firewall.rule import (
    ConnectionState,
    DestinationPort,
    IcmpType,
    Match,
    Protocol,
    SourcePort,
)
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix

__all__ = [
    "Maker",
    "make_between",
    "make_card",
    "make_flags",
    "make_icmp4",
    "make_icmp6",
    "make_limit",
    "make_multiport",
    "make_plain",
    "make_ported",
    "make_prefixed",
    "make_protocol",
    "make_state",
    "prefix_of",
    "text_of_addresses",
    "text_of_flags",
    "text_of_host",
    "text_of_icmp",
    "text_of_limit",
    "text_of_ports",
    "text_of_range",
]

_NAME_LENGTH = 15
"""The longest name of an interface: IFNAMSIZ less the final zero octet."""


Maker: TypeAlias = Callable[[str, bool, int | None], Match | None]
"""From an option's words, whether "!" stood before it, and the family if it is known
to the match; None where every packet matches."""


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


def make_prefixed(
    kind: Callable[[Prefix, bool], Match],
) -> Maker:
    """For a match of addresses: any packet's for a prefix of length 0."""

    def make(text: str, negated: bool, family: int | None) -> Match | None:
        prefix = prefix_of(text, family)
        return kind(prefix, negated) if prefix.length or negated else None

    return make


def make_card(
    kind: Callable[[str, bool], Match],
) -> Maker:
    """For a match of interfaces: any packet's for ``+``."""

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


def make_protocol(text: str, negated: bool, family: int | None) -> Protocol | None:  # noqa: ARG001
    """For a protocol by its name or number; any packet's for ``all``."""
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


def make_ported(
    kind: Callable[[int, int, bool], Match],
) -> Maker:
    """For a match of a range of ports: any packet's for all ports."""

    def make(text: str, negated: bool, family: int | None) -> Match | None:  # noqa: ARG001
        first, last = _range(text)
        everything = (first, last) == (0, 65535) and not negated
        return None if everything else kind(first, last, negated)

    return make


def text_of_range(match: SourcePort | DestinationPort | OriginalPort) -> str:
    """One port, or first and last."""
    return _range_words(match.first, match.last)


def _range_words(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}:{last}"


def make_multiport(side: PortSide) -> Maker:
    """For a list of ports of one side."""

    def make(text: str, negated: bool, family: int | None) -> Match:  # noqa: ARG001
        ranges = tuple(_range(word) for word in text.split(","))
        return MultiPort(ranges, side, negated)

    return make


def text_of_ports(match: MultiPort) -> str:
    """The ports of a list."""
    return ",".join(_range_words(*pair) for pair in match.ranges)


def make_state(module: str) -> Maker:
    """For the states of connection tracking, by the module's name."""

    def make(text: str, negated: bool, family: int | None) -> Match:  # noqa: ARG001
        return ConnectionState(tuple(text.split(",")), negated, module)

    return make


def make_icmp4(text: str, negated: bool, family: int | None) -> IcmpType:  # noqa: ARG001
    """For a type of ICMP, by number or name."""
    return _icmp(text, negated, V4)


def make_icmp6(text: str, negated: bool, family: int | None) -> IcmpType:  # noqa: ARG001
    """For a type of ICMPv6, by number or name."""
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


def text_of_icmp(match: IcmpType) -> str:
    """The type, and the code if there is one."""
    return str(match.number) if match.code is None else f"{match.number}/{match.code}"


def make_limit(text: str, negated: bool, family: int | None) -> Limit:  # noqa: ARG001
    """For a rate, with the burst after a blank."""
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


def text_of_limit(match: Limit) -> str:
    """The rate, and the burst where it is not the default."""
    burst = "" if match.burst == 5 else f" --limit-burst {match.burst}"
    return f"{match.count}/{match.unit}{burst}"


def make_flags(text: str, negated: bool, family: int | None) -> TcpFlags:  # noqa: ARG001
    """For TCP flags: the mask and, after a blank, those that are set."""
    mask, _, flags = text.partition(" ")
    return TcpFlags(tuple(_flag_words(mask)), tuple(_flag_words(flags)), negated)


def _flag_words(text: str) -> Iterator[str]:
    for word in text.split(","):
        if word in {"ALL", "NONE"}:
            yield from TCP_FLAGS if word == "ALL" else ()
        else:
            yield word


def text_of_flags(match: TcpFlags) -> str:
    """The mask and the flags that are set."""
    return " ".join(",".join(flags) or "NONE" for flags in (match.mask, match.flags))


def make_between(
    kind: Callable[[Address, Address, bool], Match],
) -> Maker:
    """For a match of addresses from one to another."""

    def make(text: str, negated: bool, family: int | None) -> Match:
        first, _, last = text.partition("-")
        ends = [prefix_of(word, family).first for word in (first, last or first)]
        return kind(ends[0], ends[1], negated)

    return make


def text_of_addresses(match: SourceRange | DestinationRange) -> str:
    """First and last."""
    return f"{match.first}-{match.last}"


def make_plain(
    kind: Callable[[str, bool], Match],
) -> Maker:
    """For a match of one word."""
    return lambda text, negated, family: kind(text, negated)  # noqa: ARG005


def text_of_host(prefix: Prefix) -> str:
    """The prefix, without a length where it is one address."""
    # Odd: conntrack's addresses are printed without a length where it is one address.
    return str(prefix.first) if prefix.length == prefix.first.bits else str(prefix)
