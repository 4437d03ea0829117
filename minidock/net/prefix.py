"""A prefix: the addresses that begin with the same bits.

```
 172.17.0.0/16      10101100 00010001 │ 00000000 00000000    first
                    10101100 00010001 │ ........ ........    every address of the prefix
 172.17.255.255     10101100 00010001 │ 11111111 11111111    last
                    └──── length ────┘ └──── host bits ───┘
```

So a prefix is a range of numbers whose size is a power of two and whose first number is
a multiple of that size. Two prefixes are apart, or one covers the other: they never
overlap in part.

Invariants: ``0 <= length <= bits``; the host bits of ``network`` are zero;
``Prefix.parse(str(p)) == p``; prefixes never change and are ordered by family, network,
length (so a prefix comes before those that it covers).

Docker calls it subnet, pool or CIDR (``net.IPNet``, ``netip.Prefix``). In some texts it
keeps the host bits that a user typed; here they are refused, or masked if asked.
"""
# ruff: noqa: SLF001  # values of this wing read each other's slots: a property costs 5x

from collections.abc import Iterator

from minidock.errors import AddressOutOfRange, InvalidParameter, NotationError
from minidock.net.address import BITS, LAST, V4, V6, Address
from minidock.net.notation import quote, refuse_prefix
from minidock.net.notation4 import FIRST, FOURTH, SECOND, THIRD, fault4, format4
from minidock.net.notation6 import format6, parse6

__all__ = ["Prefix"]

_new = object.__new__

# The host bits of each length, all set: 10.0.0.0/8 leaves 0x00ffffff.
_HOST_BITS = {
    family: tuple((1 << bits - length) - 1 for length in range(bits + 1))
    for family, bits in BITS.items()
}
# What may follow the slash, and what it says: the length and its host bits.
_LENGTHS = {
    family: {str(length): (length, free) for length, free in enumerate(all_host_bits)}
    for family, all_host_bits in _HOST_BITS.items()
}


class Prefix:
    """The addresses whose first ``length`` bits are those of ``network``.

    Args:
        network: the number of the first address.
        length: how many leading bits are fixed.
        family: ``V4`` or ``V6``.

    >>> bridge = Prefix.parse("172.17.0.0/16")
    >>> Address.parse("172.17.0.2") in bridge, bridge.size, str(bridge.last)
    (True, 65536, '172.17.255.255')
    >>> Prefix(1, 24)
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: 0.0.0.1/24 has host bits set
    """

    __slots__ = ("_family", "_last", "_length", "_network")

    _network: int
    _last: int  # kept, as containment and overlap compare it
    _length: int
    _family: int

    def __init__(self, network: int, length: int, family: int = V4) -> None:
        address = Address(network, family)
        host_bits = _host_bits(length, family)
        if network & host_bits:
            raise _host_bits_set(f"{address}/{length}", network, length, family)
        self._network = network
        self._last = network | host_bits
        self._length = length
        self._family = family

    @staticmethod
    def parse(text: str, *, host_bits: bool = False) -> "Prefix":
        """The prefix that a text stands for; ``host_bits=True`` masks them.

        >>> Prefix.parse("172.17.0.1/16", host_bits=True)
        Prefix.parse('172.17.0.0/16')
        >>> Prefix.parse("172.17.0.1/16")
        Traceback (most recent call last):
        ...
        minidock.errors.NotationError: 172.17.0.1/16 has host bits set
        """
        address, _, bits = text.rpartition("/")
        if ":" in address:
            family = V6
            value = _value6(address, text)
        else:
            family = V4
            try:  # parse4, spelled out: the call would cost a tenth
                first, second, third, fourth = address.split(".")
                value = FIRST[first] | SECOND[second] | THIRD[third] | FOURTH[fourth]
            except (KeyError, ValueError):
                raise _fault(text, address) from None
        try:
            length, free = _LENGTHS[family][bits]
        except KeyError:
            raise _bad_bits(text, bits) from None
        if value & free:
            if not host_bits:
                raise _host_bits_set(text, value, length, family)
            value &= ~free
        prefix = _new(Prefix)
        prefix._network = value
        prefix._last = value | free
        prefix._length = length
        prefix._family = family
        return prefix

    @staticmethod
    def of(address: Address, length: int) -> "Prefix":
        """The prefix of this length that an address lies in.

        >>> Prefix.of(Address.parse("172.17.0.2"), 16)
        Prefix.parse('172.17.0.0/16')
        >>> Prefix.of(Address.parse("172.17.0.2"), 33)
        Traceback (most recent call last):
        ...
        minidock.errors.NotationError: an IPv4 prefix has no length 33
        """
        free = _host_bits(length, address._family)
        return Prefix(address._value & ~free, length, address._family)

    @property
    def network(self) -> int:
        """The number of the first address."""
        return self._network

    @property
    def length(self) -> int:
        """How many leading bits are fixed."""
        return self._length

    @property
    def family(self) -> int:
        """``V4`` or ``V6``."""
        return self._family

    @property
    def bits(self) -> int:
        """How many bits the family's addresses have: 32 or 128."""
        return BITS[self._family]

    @property
    def size(self) -> int:
        """How many addresses it holds.

        >>> Prefix.parse("fd00::/64").size == 2**64
        True
        """
        return self._last - self._network + 1

    @property
    def first(self) -> Address:
        """The lowest address: the network's own, no host gets it (but for /31, /32)."""
        return Address(self._network, self._family)

    @property
    def last(self) -> Address:
        """The highest address; in IPv4 it means "all hosts here" (broadcast)."""
        return Address(self._last, self._family)

    @property
    def netmask(self) -> Address:
        """The length in the old notation: as many ones from the left.

        >>> Prefix.parse("172.17.0.0/16").netmask
        Address.parse('255.255.0.0')
        """
        free = _HOST_BITS[self._family][self._length]
        return Address(LAST[self._family] ^ free, self._family)

    def address(self, n: int) -> Address:
        """The n-th address, counted from 0.

        >>> Prefix.parse("172.17.0.0/16").address(1)
        Address.parse('172.17.0.1')
        >>> Prefix.parse("172.17.0.0/30").address(4)
        Traceback (most recent call last):
        ...
        minidock.errors.AddressOutOfRange: 172.17.0.0/30 has no address 4
        """
        if not 0 <= n < self.size:
            raise AddressOutOfRange(
                f"{self} has no address {n}",
                asked=f"address {n} of {self}",
                rule=f"a /{self._length} holds {self.size} addresses, counted from 0",
                remedy=f"a number from 0 to {self.size - 1}",
            )
        return Address(self._network + n, self._family)

    def addresses(self) -> Iterator[Address]:
        """Every address, in order, one at a time.

        >>> [str(a) for a in Prefix.parse("10.0.0.4/30").addresses()]
        ['10.0.0.4', '10.0.0.5', '10.0.0.6', '10.0.0.7']
        """
        family = self._family
        for value in range(self._network, self._last + 1):
            address = _new(Address)
            address._value = value
            address._family = family
            yield address

    def __contains__(self, address: Address) -> bool:
        return (
            self._network <= address._value <= self._last
            and self._family == address._family
        )

    def covers(self, other: "Prefix") -> bool:
        """Whether every address of the other lies in this one.

        >>> Prefix.parse("10.0.0.0/8").covers(Prefix.parse("10.1.0.0/16"))
        True
        """
        return (
            self._network <= other._network
            and other._last <= self._last
            and self._family == other._family
        )

    def overlaps(self, other: "Prefix") -> bool:
        """Whether an address lies in both: then one of them covers the other.

        >>> Prefix.parse("10.1.0.0/16").overlaps(Prefix.parse("10.0.0.0/8"))
        True
        """
        return (
            self._network <= other._last
            and other._network <= self._last
            and self._family == other._family
        )

    def subnets(self, new_length: int) -> Iterator["Prefix"]:
        """The prefixes of a greater length that make this one up, in order.

        >>> [str(p) for p in Prefix.parse("10.0.0.0/8").subnets(9)]
        ['10.0.0.0/9', '10.128.0.0/9']
        >>> Prefix.parse("10.0.0.0/8").subnets(7)
        Traceback (most recent call last):
        ...
        minidock.errors.InvalidParameter: 10.0.0.0/8 cannot be cut into /7
        """
        if not self._length <= new_length <= self.bits:
            raise InvalidParameter(
                f"{self} cannot be cut into /{new_length}",
                asked=f"the subnets of length {new_length} of {self}",
                rule="a subnet fixes as many bits as the prefix around it, or more",
                remedy=f"a length from {self._length} to {self.bits}",
            )
        return self._cut(new_length)

    def _cut(self, length: int) -> Iterator["Prefix"]:
        # Spelled out, without _make: 65,536 subnets are asked at once.
        family = self._family
        free = _HOST_BITS[family][length]
        for network in range(self._network, self._last + 1, free + 1):
            prefix = _new(Prefix)
            prefix._network = network
            prefix._last = network + free
            prefix._length = length
            prefix._family = family
            yield prefix

    def supernet(self, new_length: int) -> "Prefix":
        """The prefix of a smaller length that covers this one.

        >>> Prefix.parse("172.17.0.0/16").supernet(12)
        Prefix.parse('172.16.0.0/12')
        >>> Prefix.parse("172.17.0.0/16").supernet(17)
        Traceback (most recent call last):
        ...
        minidock.errors.InvalidParameter: 172.17.0.0/16 lies in no /17
        """
        if not 0 <= new_length <= self._length:
            raise InvalidParameter(
                f"{self} lies in no /{new_length}",
                asked=f"the supernet of length {new_length} of {self}",
                rule="a supernet fixes as many bits as a prefix in it, or fewer",
                remedy=f"a length from 0 to {self._length}",
            )
        return Prefix.of(self.first, new_length)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Prefix):
            return NotImplemented
        return (
            self._network == other._network
            and self._length == other._length
            and self._family == other._family
        )

    def __hash__(self) -> int:
        return hash((self._network, self._length))

    # Python asks these two with the sides changed for > and >=.
    def __lt__(self, other: "Prefix") -> bool:
        return self._order() < other._order()

    def __le__(self, other: "Prefix") -> bool:
        return self._order() <= other._order()

    def _order(self) -> tuple[int, int, int]:
        return self._family, self._network, self._length

    def __str__(self) -> str:
        if self._family == V4:
            return f"{format4(self._network)}/{self._length}"
        return f"{format6(self._network)}/{self._length}"

    def __repr__(self) -> str:
        return f"Prefix.parse({str(self)!r})"


def _value6(address: str, text: str) -> int:
    try:
        return parse6(address)
    except NotationError as refusal:
        if "%" in address:
            zone = "IPv6 zones cannot be present in a prefix"
            raise refuse_prefix(text, zone) from None
        raise _about_prefix(refusal, text) from None


def _fault(text: str, address: str) -> NotationError:
    """Why a text whose address is no dotted address was refused."""
    if "/" not in text:
        return refuse_prefix(text, "no '/'")
    return _about_prefix(fault4(address), text)


def _about_prefix(refusal: NotationError, text: str) -> NotationError:
    """The refusal of the address in a prefix, told about the whole text."""
    words = f"netip.ParsePrefix({quote(text)}): {refusal.text}"
    return NotationError(words, value=text, rule=refusal.rule, remedy=refusal.remedy)


def _bad_bits(text: str, bits: str) -> NotationError:
    if bits.isascii() and bits.isdecimal() and not bits.startswith("0"):
        return refuse_prefix(text, "prefix length out of range")
    return refuse_prefix(text, "bad bits after slash", f": {quote(bits)}")


def _host_bits(length: int, family: int) -> int:
    """The host bits of a length, all set; refuses a length that the family lacks."""
    if 0 <= length <= BITS[family]:
        return _HOST_BITS[family][length]
    raise NotationError(
        f"an IPv{family} prefix has no length {length}",
        value=str(length),
        rule=f"an IPv{family} address has {BITS[family]} bits; a prefix fixes no more",
        remedy=f"a length from 0 to {BITS[family]}",
    )


def _host_bits_set(text: str, value: int, length: int, family: int) -> NotationError:
    return NotationError(
        f"{text} has host bits set",
        value=text,
        rule=f"a /{length} fixes the first {length} bits; the bits after them are zero",
        remedy=f"{Prefix.of(Address(value, family), length)}, or a greater length",
    )
