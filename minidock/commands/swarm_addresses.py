"""Where a swarm's node listens, and by which address others reach it.

```
--listen-addr      0.0.0.0:2377            an address, with or without a port
--advertise-addr   192.0.2.2, eth0         an address or a card, with or without a port
    left out       the only address of the only card; with more, one must say
```

Docker's source: moby, ``daemon/cluster/listen_addr.go``.
"""

from typing import NamedTuple

from minidock.errors import InvalidParameter, NotationError
from minidock.model.host import HostInterface
from minidock.model.world import World
from minidock.net.address import Address

__all__ = ["Place", "at_port", "chosen", "listening"]

_PORT = 2377
_MOST = 2**16


class Place(NamedTuple):
    """An address and a port."""

    address: Address
    port: int


def at_port(address: Address, port: int) -> str:
    """``host:port``, with brackets around an IPv6 address.

    >>> at_port(Address.parse("2001:db8::1"), 2377)
    '[2001:db8::1]:2377'
    """
    host = f"[{address}]" if address.family == 6 else str(address)
    return f"{host}:{port}"


def _bad(text: str, asked: str) -> InvalidParameter:
    return InvalidParameter(
        text,
        asked=asked,
        rule="a node is reached by an address of its own, at one port",
        remedy="--advertise-addr 192.0.2.2, or the name of a card",
    )


def _parts(text: str, port: int, fault: InvalidParameter) -> tuple[str, int]:
    """Host and port of a text; the port may be left out."""
    host, colon, number = text.rpartition(":")
    if not colon or ("[" not in text and ":" in host):
        return text.strip("[]"), port
    if text.endswith("]"):
        return text.strip("[]"), port
    if not number.isascii() or not number.isdigit() or not 0 < int(number) < _MOST:
        raise fault
    return host.strip("[]"), int(number)


def listening(text: str) -> Place:
    """Where managers listen.

    Raises:
        InvalidParameter: it is no address.

    >>> str(listening("0.0.0.0").address), listening("0.0.0.0:7000").port
    ('0.0.0.0', 7000)
    """
    fault = _bad(
        "listen address must be an IP address or network interface (with optional "
        "port number)",
        f"--listen-addr {text}",
    )
    host, port = _parts(text or "0.0.0.0", _PORT, fault)  # noqa: S104 - shown, not bound
    try:
        return Place(Address.parse(host), port)
    except NotationError as error:
        raise fault from error


def chosen(world: World, text: str, port: int) -> Place:
    """By which address others reach this host.

    Odd on purpose: an address that no card has is taken as it is, since it may be that
    of a router which forwards.

    Raises:
        InvalidParameter: it is neither an address nor a card, or nothing was said and
            the host has several addresses.
    """
    if not text:
        return Place(_only(world), port)
    fault = _bad(
        "advertise address must be a non-zero IP address or network interface (with "
        "optional port number)",
        f"the address {text}",
    )
    host, port = _parts(text, port, fault)
    card = next((card for card in world.host.interfaces if card.name == host), None)
    if card is not None:
        return Place(_of_card(card), port)
    try:
        address = Address.parse(host)
    except NotationError as error:
        raise fault from error
    if address.is_unspecified:
        raise fault
    return Place(address, port)


def _usable(card: HostInterface) -> list[Address]:
    found = [address for address, _ in card.addresses]
    return [a for a in found if not a.is_loopback and not a.is_link_local]


def _of_card(card: HostInterface) -> Address:
    found = _usable(card)
    four = [address for address in found if address.family == 4]
    if len(four) > 1:
        raise _bad(
            f"interface {card.name} has more than one IPv4 address ({four[0]} and "
            f"{four[1]})",
            f"the address of {card.name}",
        )
    if not found:
        raise _bad(
            f"interface {card.name} has no usable IPv4 or IPv6 addresses",
            f"the address of {card.name}",
        )
    return (four or found)[0]


def _only(world: World) -> Address:
    """The address of the host's only card that has one."""
    asked = "begin a swarm without --advertise-addr"
    found = [(a, card) for card in world.host.interfaces for a in _usable(card)]
    four = [(address, card) for address, card in found if address.family == 4]
    several = four or found
    if not several:
        raise _bad("could not find the system's IP address", asked)
    if len(several) == 1:
        return several[0][0]
    (one, card), (other, second) = several[:2]
    where = f"on interface {card.name} ({one} and {other})"
    if card.name != second.name:
        where = (
            f"on different interfaces ({one} on {card.name} and {other} on "
            f"{second.name})"
        )
    raise _bad(
        "could not choose an IP address to advertise since this system has multiple "
        f"addresses {where}",
        asked,
    )
