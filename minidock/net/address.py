"""An address: a number, and the family that says how many bits it has.

```
 text            "172.17.0.2"                      "fd00::2"
                  parse │ ▲ str                   parse │ ▲ str
                        ▼ │                             ▼ │
 Address    (2886795266, V4)         (0xfd00...0002, V6)
                        │                               │
 arithmetic             └──── the same for both ────────┘   + - < == hash in
```

Both families share every algorithm; only parsing and formatting differ, in
:mod:`~minidock.net.notation4` and :mod:`~minidock.net.notation6`.

Invariants: ``0 <= value <= 2**bits - 1``; ``Address.parse(str(a)) == a``; addresses
never change and are ordered by family, then number. An IPv4 address and the IPv6
address with the same number are different addresses.

Docker calls this ``net.IP`` (older code) and ``netip.Addr`` (newer); both are Go's.
"""
# ruff: noqa: SLF001  # values of this wing read each other's slots: a property costs 5x

from typing import Final, overload

from minidock.errors import AddressOutOfRange, InvalidParameter, NotationError
from minidock.net.notation4 import FIRST, FOURTH, SECOND, THIRD, fault4, format4
from minidock.net.notation6 import format6, parse6

__all__ = ["BITS", "LAST", "V4", "V6", "Address"]

V4: Final = 4
V6: Final = 6
BITS: Final = {V4: 32, V6: 128}
LAST: Final = {family: (1 << bits) - 1 for family, bits in BITS.items()}

_new = object.__new__

# Ranges with a meaning of their own, first and last number (IANA's registries).
_LOOPBACK = {V4: (0x7F000000, 0x7FFFFFFF), V6: (1, 1)}
_MULTICAST = {V4: (0xE0000000, 0xEFFFFFFF), V6: (0xFF << 120, LAST[V6])}
_LINK_LOCAL = {V4: (0xA9FE0000, 0xA9FEFFFF), V6: (0xFE80 << 112, (0xFEC0 << 112) - 1)}


class Address:
    """One IPv4 or IPv6 address.

    Args:
        value: the number.
        family: ``V4`` or ``V6``.

    >>> web = Address.parse("172.17.0.2")
    >>> web.value, web.family, str(web + 1)
    (2886795266, 4, '172.17.0.3')
    >>> Address(2**32)
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: 4294967296 is no IPv4 address
    """

    __slots__ = ("_family", "_value")

    _value: int
    _family: int

    def __init__(self, value: int, family: int = V4) -> None:
        if not 0 <= value <= LAST.get(family, -1):
            raise _no_address(value, family)
        self._value = value
        self._family = family

    @staticmethod
    def parse(text: str) -> "Address":
        """The address that a text stands for, as strict as Go's ``netip``.

        >>> Address.parse("fd00:0:0::2")
        Address.parse('fd00::2')
        >>> Address.parse("10.0.0.010")
        Traceback (most recent call last):
        ...
        minidock.errors.NotationError: ParseAddr("10.0.0.010"): IPv4 field has octet \
with leading zero
        """
        address = _new(Address)
        if ":" in text:
            address._value = parse6(text)
            address._family = V6
            return address
        try:  # parse4, spelled out: the call would cost a tenth
            first, second, third, fourth = text.split(".")
            value = FIRST[first] | SECOND[second] | THIRD[third] | FOURTH[fourth]
        except (KeyError, ValueError):
            raise fault4(text) from None
        address._value = value
        address._family = V4
        return address

    @property
    def value(self) -> int:
        """The number."""
        return self._value

    @property
    def family(self) -> int:
        """``V4`` or ``V6``."""
        return self._family

    @property
    def bits(self) -> int:
        """How many bits the family's numbers have: 32 or 128.

        >>> Address.parse("::1").bits
        128
        """
        return BITS[self._family]

    @property
    def is_unspecified(self) -> bool:
        """Whether it is 0.0.0.0 or ::, "no address yet" or "every address".

        >>> Address.parse("::").is_unspecified
        True
        """
        return self._value == 0

    @property
    def is_loopback(self) -> bool:
        """Whether it means the machine itself: 127.0.0.0/8, ::1.

        >>> Address.parse("127.0.0.11").is_loopback  # Docker's DNS server
        True
        """
        return self._lies_in(_LOOPBACK)

    @property
    def is_multicast(self) -> bool:
        """Whether it means a group of machines: 224.0.0.0/4, ff00::/8.

        >>> Address.parse("ff02::1").is_multicast
        True
        """
        return self._lies_in(_MULTICAST)

    @property
    def is_link_local(self) -> bool:
        """Whether it holds on one link only: 169.254.0.0/16, fe80::/10.

        >>> Address.parse("fe80::42:acff:fe11:2").is_link_local
        True
        """
        return self._lies_in(_LINK_LOCAL)

    def _lies_in(self, ranges: dict[int, tuple[int, int]]) -> bool:
        # Since Go 1.22 an IPv4 address carried in IPv6 is judged as what it carries.
        plain = self.unmapped()
        first, last = ranges[plain._family]
        return first <= plain._value <= last

    def unmapped(self) -> "Address":
        """The IPv4 address that an IPv6 address carries; any other address itself.

        >>> Address.parse("::ffff:10.0.0.1").unmapped()
        Address.parse('10.0.0.1')
        """
        if self._family == V6 and self._value >> 32 == 0xFFFF:
            return Address(self._value & LAST[V4])
        return self

    @property
    def reverse_pointer(self) -> str:
        """The name that DNS keeps for the address (RFC 1035, RFC 3596).

        >>> Address.parse("172.17.0.2").reverse_pointer
        '2.0.17.172.in-addr.arpa'
        """
        if self._family == V4:
            return ".".join(reversed(str(self).split("."))) + ".in-addr.arpa"
        return ".".join(reversed(f"{self._value:032x}")) + ".ip6.arpa"

    def __add__(self, distance: int) -> "Address":
        value = self._value + distance
        if not 0 <= value <= LAST[self._family]:
            raise _no_neighbour(self, distance)
        return Address(value, self._family)

    @overload
    def __sub__(self, other: int) -> "Address": ...
    @overload
    def __sub__(self, other: "Address") -> int: ...
    def __sub__(self, other: "int | Address") -> "int | Address":
        if isinstance(other, int):
            return self + -other
        if self._family != other._family:
            raise _two_families(self, other)
        return self._value - other._value

    # Anything may be compared; asking for its type first would cost a quarter more.
    def __eq__(self, other: "Address") -> bool:  # type: ignore[override]  # see except
        try:
            return self._value == other._value and self._family == other._family
        except AttributeError:
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self._value)

    # Python asks these two with the sides changed for > and >=.
    def __lt__(self, other: "Address") -> bool:
        if self._family != other._family:
            return self._family < other._family
        return self._value < other._value

    def __le__(self, other: "Address") -> bool:
        if self._family != other._family:
            return self._family < other._family
        return self._value <= other._value

    def __str__(self) -> str:
        if self._family == V4:
            return format4(self._value)
        return format6(self._value)

    def __repr__(self) -> str:
        return f"Address.parse({str(self)!r})"


def _no_address(value: int, family: int) -> NotationError:
    if family not in BITS:
        return NotationError(
            f"{family} is no address family",
            value=str(family),
            rule="the families of addresses are 4 (IPv4) and 6 (IPv6)",
            remedy="V4 or V6",
        )
    return NotationError(
        f"{value} is no IPv{family} address",
        value=str(value),
        rule=f"an IPv{family} address is a number of {BITS[family]} bits",
        remedy=f"a number from 0 to {LAST[family]}",
    )


def _no_neighbour(address: Address, distance: int) -> AddressOutOfRange:
    family = address.family
    first, last = Address(0, family), Address(LAST[family], family)
    return AddressOutOfRange(
        f"{address} {distance:+} is no IPv{family} address",
        asked=f"the address {distance:+} from {address}",
        rule=f"IPv{family} addresses go from {first} to {last}",
        remedy=f"a distance from {first - address} to {last - address:+}",
    )


def _two_families(left: Address, right: Address) -> InvalidParameter:
    return InvalidParameter(
        f"{left} and {right} are of different families",
        asked=f"how far {left} is from {right}",
        rule="only addresses of one family lie on one line of numbers",
        remedy="two IPv4 addresses, or two IPv6 addresses",
    )
