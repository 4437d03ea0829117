"""A MAC: the number of 48 bits by which machines on one link know each other.

```
 02 : 42 : ac : 11 : 00 : 02        Docker's, to version 27, for 172.17.0.2
  │    │    └────┬─────────┘
  │    │         └ the four bytes of the IPv4 address
  │    └ chosen by Docker
  └ 0000 0010
           │└ 0: one machine (1: a group, "multicast")
           └─ 1: made up on the spot ("local"; 0: burnt in by a manufacturer)
```

From version 28 the six bytes are random, only the two bits are fixed.

Invariants: ``0 <= value < 2**48``; ``MAC.parse(str(m)) == m``; MACs never change and
are ordered by number. Docker calls this ``net.HardwareAddr`` (Go's library).
"""

from minidock.errors import InvalidParameter, NotationError
from minidock.net.address import V4, V6, Address

__all__ = ["MAC"]

_LIMIT = 1 << 48
_GROUP_BIT = 1 << 40
_LOCAL_BIT = 2 << 40
_DOCKER = 0x0242 << 32
_LINK_LOCAL = 0xFE80 << 112

# The three notations of Go's net.ParseMAC: the separator, and the digits between two.
_NOTATIONS = ((":", 2), ("-", 2), (".", 4))


class MAC:
    """One MAC address.

    >>> str(MAC(0x0242AC110002))
    '02:42:ac:11:00:02'
    >>> MAC(2**48)
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: 281474976710656 is no MAC address
    """

    __slots__ = ("_value",)

    _value: int

    def __init__(self, value: int) -> None:
        if not 0 <= value < _LIMIT:
            raise NotationError(
                f"{value} is no MAC address",
                value=str(value),
                rule="a MAC address is a number of 48 bits",
                remedy=f"a number from 0 to {_LIMIT - 1}",
            )
        self._value = value

    @classmethod
    def parse(cls, text: str) -> "MAC":
        """The MAC that a text stands for: six bytes with colons, hyphens or dots.

        >>> MAC.parse("02-42-AC-11-00-02") == MAC.parse("0242.ac11.0002")
        True
        >>> MAC.parse("02:42:ac:11:2")
        Traceback (most recent call last):
        ...
        minidock.errors.NotationError: address 02:42:ac:11:2: invalid MAC address
        """
        for separator, digits in _NOTATIONS:
            groups = text.split(separator)
            if len(groups) * digits == 12 and {*map(len, groups)} == {digits}:
                return cls(_number("".join(groups), text))
        raise _no_mac(text)

    @classmethod
    def from_ipv4(cls, address: Address) -> "MAC":
        """Docker's MAC for an IPv4 address, to version 27: 02:42 and its four bytes.

        >>> str(MAC.from_ipv4(Address.parse("172.17.0.2")))
        '02:42:ac:11:00:02'
        """
        if address.family != V4:
            raise InvalidParameter(
                f"{address} is no IPv4 address",
                asked=f"the MAC address that Docker makes from {address}",
                rule="only the four bytes of an IPv4 address fit into a MAC address",
                remedy="an IPv4 address, or random bytes",
            )
        return cls(_DOCKER | address.value)

    @classmethod
    def local(cls, random48bits: int) -> "MAC":
        """A MAC of random bits that no manufacturer has given out, for one machine.

        >>> str(MAC.local(0xFFFFFFFFFFFF))
        'fe:ff:ff:ff:ff:ff'
        """
        return cls((random48bits | _LOCAL_BIT) & ~_GROUP_BIT)

    @property
    def value(self) -> int:
        """The number."""
        return self._value

    @property
    def is_local(self) -> bool:
        """Whether it was made up on the spot, not by a manufacturer."""
        return bool(self._value & _LOCAL_BIT)

    @property
    def is_multicast(self) -> bool:
        """Whether it means a group of machines; ff:ff:ff:ff:ff:ff means all of them."""
        return bool(self._value & _GROUP_BIT)

    @property
    def link_local(self) -> Address:
        """The IPv6 address that an interface with this MAC gives itself (EUI-64).

        The local bit is turned round, and ff:fe goes in between (RFC 4291, appendix A).

        >>> str(MAC.parse("02:42:ac:11:00:02").link_local)
        'fe80::42:acff:fe11:2'
        """
        high, low = divmod(self._value ^ _LOCAL_BIT, 1 << 24)
        return Address(_LINK_LOCAL | high << 40 | 0xFFFE << 24 | low, V6)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MAC):
            return NotImplemented
        return self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    # Python asks these two with the sides changed for > and >=.
    def __lt__(self, other: "MAC") -> bool:
        return self._value < other._value

    def __le__(self, other: "MAC") -> bool:
        return self._value <= other._value

    def __str__(self) -> str:
        return self._value.to_bytes(6, "big").hex(":")

    def __repr__(self) -> str:
        return f"MAC.parse({str(self)!r})"


def _number(digits: str, text: str) -> int:
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        raise _no_mac(text) from None
    if len(octets) != 6:  # fromhex skips white space
        raise _no_mac(text)
    return int.from_bytes(octets, "big")


def _no_mac(text: str) -> NotationError:
    return NotationError(
        f"address {text}: invalid MAC address",
        value=text,
        rule="a MAC address is six bytes, each in two hexadecimal digits",
        remedy="for example 02:42:ac:11:00:02, also with hyphens or as 0242.ac11.0002",
    )
