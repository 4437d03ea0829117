"""IPv4's notation: four bytes in decimal, with dots between them.

```
 10   .   0   .   0   .   1          one byte each
  │       │       │       │
 <<24    <<16    <<8     <<0         ten, no, no, one
  └───────┴───┬───┴───────┘
         167772161                   one number of 32 bits
```

A byte has exactly one spelling ("010" is refused), so the 256 spellings of each place
fit in a dictionary whose values are already shifted: reading an address is one split
and four look-ups, and what is not in the dictionary is wrong. Only then does
:func:`fault4` look for the reason.

Invariant: ``parse4(format4(n)) == n``, and every accepted text is ``format4`` of its
number. Docker calls this ``net.ParseIP`` and ``netip.ParseAddr`` (Go's library).
"""

from minidock.errors import NotationError
from minidock.net.notation import refuse_address

__all__ = [
    "FIRST",
    "FOURTH",
    "SECOND",
    "THIRD",
    "fault4",
    "format4",
    "parse4",
    "parse4_tail",
]

# The four places, each spelling with its byte moved to its place.
FIRST = {str(byte): byte << 24 for byte in range(256)}
SECOND = {str(byte): byte << 16 for byte in range(256)}
THIRD = {str(byte): byte << 8 for byte in range(256)}
FOURTH = {str(byte): byte for byte in range(256)}

_TEXT = [str(byte) for byte in range(256)]
_DOTTED = [f"{byte}." for byte in range(256)]

_DIGITS = frozenset("0123456789")


def parse4(text: str) -> int:
    """The number that a dotted text stands for.

    >>> parse4("10.0.0.1")
    167772161
    >>> parse4("10.0.0.01")
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: ParseAddr("10.0.0.01"): IPv4 field has octet with \
leading zero
    """
    try:
        first, second, third, fourth = text.split(".")
        return FIRST[first] | SECOND[second] | THIRD[third] | FOURTH[fourth]
    except (KeyError, ValueError):
        raise fault4(text) from None


def parse4_tail(tail: str, text: str) -> int:
    """The number of the dotted end of an IPv6 text; refusals name the whole text."""
    try:
        return parse4(tail)
    except NotationError:
        raise fault4(tail, text) from None


def format4(value: int) -> str:
    """The dotted text of a number below 2**32.

    >>> format4(167772161)
    '10.0.0.1'
    """
    return (
        f"{_DOTTED[value >> 24]}{_DOTTED[value >> 16 & 255]}"
        f"{_DOTTED[value >> 8 & 255]}{_TEXT[value & 255]}"
    )


def fault4(dotted: str, text: str = "") -> NotationError:
    """Why a dotted text was refused: its first fault from the left, as Go finds it.

    Args:
        dotted: what :func:`parse4` refused.
        text: the whole text, where the dotted text is only its end.

    >>> print(fault4("10.1"))
    ParseAddr("10.1"): IPv4 address too short
    """
    text = text or dotted
    if "." not in dotted:
        percent = "%" in dotted
        fault = "missing IPv6 address" if percent else "unable to parse IP"
        return refuse_address(text, fault)
    rest = dotted  # from the field in hand to the end
    for place, field in enumerate(dotted.split(".")):
        if place == 4 and rest:
            return refuse_address(text, "IPv4 address too long")
        digits = field[: _leading_digits(field)]
        after = rest[len(digits) :]
        if len(digits) > 1 and digits[0] == "0":
            return refuse_address(text, "IPv4 field has octet with leading zero")
        if len(digits) > 3 or int(digits or "0") > 255:
            return refuse_address(text, "IPv4 field has value >255")
        if digits != field:
            return refuse_address(text, "unexpected character", at=after)
        if not digits:  # Go points at the dot beside the missing number
            fault = "IPv4 field must have at least one digit"
            return refuse_address(text, fault, at=after or ".")
        rest = after[1:]
    return refuse_address(text, "IPv4 address too short")


def _leading_digits(field: str) -> int:
    """How many ASCII digits the field begins with."""
    count = 0
    while count < len(field) and field[count] in _DIGITS:
        count += 1
    return count
