"""IPv6's notation: eight groups of 16 bits in hexadecimal, with colons between them.

```
 fd00 : : 2                          as people write it (RFC 5952)
  │    │   │
  │    │   └───────────────────────┐
 fd00:0000:0000:0000:0000:0000:0000:0002        the eight groups, padded
 └──────────────────┬─────────────────┘
 0xfd000000000000000000000000000002             one number of 128 bits
```

The rules of the canonical text (RFC 5952): lower case, no leading zeros in a group, the
longest run of two or more zero groups (the first of equals) becomes ``::``. An IPv4
address carried in IPv6 (``::ffff:0:0/96``) ends in dotted numbers, as Go prints it.

:func:`parse6` first tries the quick way: pad all groups at once and read 32 hexadecimal
digits. The quick way takes no text that is wrong, but it may leave one that is right:
:func:`_read` then goes group by group, and either reads it or says what is wrong.

Invariants: ``parse6(format6(n)) == n``; ``format6(parse6(t))`` is the canonical text of
``t``. Docker calls this ``net.ParseIP`` and ``netip.ParseAddr`` (Go's library).
"""

from struct import Struct

from minidock.net.notation import refuse_address
from minidock.net.notation4 import format4, parse4_tail

__all__ = ["format6", "parse6"]

_PADDED = "%4s%4s%4s%4s%4s%4s%4s%4s"
_PLAIN = ":%x:%x:%x:%x:%x:%x:%x:%x:"
_groups_of = Struct(">8H").unpack

# What :: expands to, by the number of colons in the whole text: fd00::2 has two of them
# and two groups, so six zeros are missing. Eight colons or more: the slow way.
_ZEROS = [":0" * (8 - colons) + ":" for colons in range(8)]
_EMPTY = " " * 4  # an empty group, once it is padded

# Runs of zero groups, the longest first; the colon in front keeps 10:0: out.
_RUNS = [":" + "0:" * groups for groups in range(8, 1, -1)]

_MAPPED = 0xFFFF
_SMALL = 1 << 48  # a quick question first: most addresses are larger
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


def parse6(text: str) -> int:
    """The number that a text with colons stands for.

    >>> hex(parse6("fd00::2"))
    '0xfd000000000000000000000000000002'
    >>> parse6("fd00::1::2")
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: ParseAddr("fd00::1::2"): multiple :: in address \
(at ":2")
    """
    plain = text
    if "." in text:
        head, _, dotted = text.rpartition(":")
        if head == "::ffff" and "%" not in dotted:
            return _MAPPED << 32 | parse4_tail(dotted, text)
        plain = _in_groups(text)
    value = _quick(plain)
    return _read(text) if value is None else value


def format6(value: int) -> str:
    """The canonical text (RFC 5952) of a number below 2**128.

    >>> format6(0xFD000000000000000000000000000002)
    'fd00::2'
    >>> format6(0xFFFF0A000001)
    '::ffff:10.0.0.1'
    """
    if value < _SMALL and value >> 32 == _MAPPED:
        return "::ffff:" + format4(value & 0xFFFFFFFF)
    text = _PLAIN % _groups_of(value.to_bytes(16, "big"))
    if ":0:0:" not in text:
        return text[1:-1]
    for run in _RUNS:
        if run in text:
            break
    head, _, tail = text.partition(run)
    return f"{head[1:]}::{tail[:-1]}"


def _quick(text: str) -> int | None:
    """The number, from all groups at once; None where only :func:`_read` can tell."""
    full = text
    try:
        if "::" in text:
            if text[0] == ":" == text[1]:
                full = "0" + full
            if text[-1] == ":" == text[-2]:
                full += "0"
            full = full.replace("::", _ZEROS[full.count(":")], 1)
        padded = _PADDED % tuple(full.split(":"))
        octets = bytes.fromhex(padded.replace(" ", "0"))
    except (IndexError, TypeError, ValueError):
        return None
    # fromhex skips white space, and a space in the text would pass for padding
    right = len(padded) == 32 and len(octets) == 16 and _EMPTY not in padded
    return int.from_bytes(octets, "big") if right and " " not in text else None


def _in_groups(text: str) -> str:
    """The text with a dotted end, if it has one, written as two groups."""
    dot = text.find(".")
    if dot < 0 or "%" in text:
        return text
    start = text.rfind(":", 0, dot) + 1
    tail = parse4_tail(text[start:], text)
    return f"{text[:start]}{tail >> 16:x}:{tail & 0xFFFF:x}"


def _read(text: str) -> int:
    """Read group by group: the number, or a refusal that names a fault."""
    body, percent, _ = text.partition("%")
    if percent:
        zone = "IPv6 zones cannot be present in an address"
        raise refuse_address(text, zone if ":" in body else "missing IPv6 address")
    body = _in_groups(text)
    head, gap, tail = body.partition("::")
    left = _groups(head, gap + tail, text) if head or not gap else []
    right = _groups(tail, "", text) if tail else []
    missing = 8 - len(left) - len(right)
    dotted = text[text.rfind(":") + 1 :] if "." in text else ""
    fault = _count_fault(missing, bool(gap), bool(dotted))
    if fault:
        raise refuse_address(text, fault, at=dotted or _after_eighth(body))
    value = 0
    for group in [*left, *[0] * missing, *right]:
        value = value << 16 | group
    return value


def _count_fault(missing: int, gap: bool, dotted: bool) -> str:
    """What is wrong with the number of groups; "" where it is right."""
    if missing == 0 and gap:
        return "the :: must expand to at least one field of zeros"
    if missing and dotted and not gap:
        return "embedded IPv4 address must replace the final 2 fields of the address"
    if missing < 0 and dotted:
        return "too many hex fields to fit an embedded IPv4 at the end of the address"
    if missing < 0:
        return "trailing garbage after address"
    return "address string too short" if missing and not gap else ""


def _after_eighth(body: str) -> str:
    """What follows the eighth group, "" where there is none."""
    rest = body.removeprefix("::")
    for _ in range(8):
        rest = rest.partition(":")[2].removeprefix(":")
    return rest


def _groups(part: str, after: str, text: str) -> list[int]:
    """The groups on one side of ``::``; ``after`` is what follows them in the text."""
    groups: list[int] = []
    rest = part + after  # from the field in hand to the end
    for field in part.split(":"):
        if not field and groups:
            if rest:
                raise refuse_address(text, "multiple :: in address", at=rest)
            fault = "colon must be followed by more characters"
            raise refuse_address(text, fault, at=":")
        fault, at = _field_fault(field, rest)
        if fault:
            raise refuse_address(text, fault, at=at)
        groups.append(int(field, 16))
        rest = rest[len(field) + 1 :]
    return groups


def _field_fault(field: str, rest: str) -> tuple[str, str]:
    """What is wrong with one group and where; ("", "") where nothing is."""
    digits = 0
    while digits < len(field) and field[digits] in _HEXADECIMAL:
        digits += 1
    if digits > 4:
        return "each group must have 4 or less digits", rest
    if digits == 0:
        return "each colon-separated field must have at least one digit", rest
    if digits < len(field):
        return "unexpected character, want colon", rest[digits:]
    return "", ""
