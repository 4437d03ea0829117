r"""How Go reads and quotes small values, because docker's texts show through it.

```
"5m"    ──▶ duration ──▶ 300000000000 ns        "0x10" ──▶ whole ──▶ 16
"1.5g"  ──▶ size     ──▶ 1610612736 bytes       "T"    ──▶ truth ──▶ True
"1/2"   ──▶ nano_cpus ─▶ 500000000              'a,"b,c"' ──▶ record ──▶ ["a", "b,c"]
```

Docker's names: ``strconv``, ``time.ParseDuration``, ``encoding/csv``, ``math/big.Rat``
and docker/go-units' ``RAMInBytes``, whose reading of sizes changed between 20.10
(a regular expression) and 23.0 (any float).

Invariant: a text that cannot be read raises ``ValueError`` with Go's own words.
"""

import re

from minidock.commandline.refusal import Cli

__all__ = ["duration", "nano_cpus", "quote", "record", "size", "truth", "whole"]

_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
    "\\": "\\\\",
    '"': '\\"',
}


def quote(text: str, mark: str = '"') -> str:
    r"""A text as Go's ``%q`` shows it.

    >>> print(quote('10.0.0.0/16,"x'))
    "10.0.0.0/16,\"x"
    """
    return mark + "".join(_escaped(char, mark) for char in text) + mark


def _escaped(char: str, mark: str) -> str:
    if char in "\"'" and char != mark:
        return char
    if char == "'" or char in _ESCAPES:
        return _ESCAPES.get(char, "\\'")
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def truth(text: str) -> bool:
    """A truth value, in one of Go's twelve spellings.

    >>> truth("T"), truth("0")
    (True, False)
    >>> truth("maybe")
    Traceback (most recent call last):
    ...
    ValueError: strconv.ParseBool: parsing "maybe": invalid syntax
    """
    if text in ("1", "t", "T", "TRUE", "true", "True"):
        return True
    if text in ("0", "f", "F", "FALSE", "false", "False"):
        return False
    raise ValueError(f"strconv.ParseBool: parsing {quote(text)}: invalid syntax")


# Base 0: a prefix names the base and underscores may part digits (Go's literals).
_WHOLE = (
    r"(?a)0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+"
    r"|[1-9](?:_?[0-9])*|0"
)


def whole(text: str, *, bits: int = 64, signed: bool = True, base: int = 0) -> int:
    """A whole number; base 0 also reads ``0x10``, ``010`` (octal) and ``1_000``.

    >>> whole("0x10"), whole("010"), whole("010", base=10)
    (16, 8, 10)
    >>> whole("70000", bits=16, signed=False)
    Traceback (most recent call last):
    ...
    ValueError: strconv.ParseUint: parsing "70000": value out of range
    """
    name = "strconv.ParseInt" if signed else "strconv.ParseUint"
    sign = text[:1] if signed and text[:1] in ("+", "-") else ""
    digits = text[len(sign) :]
    if base == 10:
        known = digits.isascii() and digits.isdigit()
    else:
        known = re.fullmatch(_WHOLE, digits) is not None
    if not known:
        raise ValueError(f"{name}: parsing {quote(text)}: invalid syntax")
    if len(digits) > 100 and digits.strip("0_"):
        raise ValueError(f"{name}: parsing {quote(text)}: value out of range")
    value = _magnitude(digits, base) * (-1 if sign == "-" else 1)
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)
    if not low <= value < high:
        raise ValueError(f"{name}: parsing {quote(text)}: value out of range")
    return value


def _magnitude(digits: str, base: int) -> int:
    plain = digits.replace("_", "")
    if base == 10 or plain[:1] != "0" or plain == "0":
        return int(plain)
    if plain[1].isdigit():
        return int(plain, 8)  # 010 is eight, as in C
    return int(plain, 0)


_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PART = r"(?a)([0-9]*)(\.[0-9]*)?([^0-9.]*)"


def duration(text: str) -> int:
    """Nanoseconds of a duration such as ``1h2m3.5s``.

    >>> duration("1m30s")
    90000000000
    >>> duration("5")
    Traceback (most recent call last):
    ...
    ValueError: time: missing unit in duration "5"
    """
    sign = text[:1] if text[:1] in ("+", "-") else ""
    rest = text[len(sign) :]
    if rest == "0":
        return 0
    total = 0
    if not rest:
        raise ValueError(f"time: invalid duration {quote(text)}")
    while rest:
        part = re.match(_PART, rest)
        before, after, unit = (part[1], part[2] or "", part[3]) if part else ("",) * 3
        if (not before and len(after) < 2) or len(before) + len(after) > 40:
            raise ValueError(f"time: invalid duration {quote(text)}")
        if not unit:
            raise ValueError(f"time: missing unit in duration {quote(text)}")
        if unit not in _UNITS:
            raise ValueError(
                f"time: unknown unit {quote(unit)} in duration {quote(text)}"
            )
        digits = after[1:]
        total += int(before + digits) * _UNITS[unit] // 10 ** len(digits)
        rest = rest[len(before) + len(after) + len(unit) :]
    if total >= 1 << 63:
        raise ValueError(f"time: invalid duration {quote(text)}")
    return -total if sign == "-" else total


_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_OLD_SIZE = r"(?a)([0-9]+(?:\.[0-9]+)*) ?(?:([kKmMgGtTpP])?[iI]?[bB]?)?"
_POWERS = "kmgtp"  # each is 1024 times the one before


def size(text: str, cli: Cli) -> int:
    """Bytes of a size such as ``512m`` or ``1.5g`` (multiples of 1024).

    20.10 knows no ``.5g``; newer ones take any float, ``1e3`` too.

    >>> size("1.5g", Cli.V28), size("5 KiB", Cli.V20)
    (1610612736, 5120)
    >>> size("1x", Cli.V28)
    Traceback (most recent call last):
    ...
    ValueError: invalid suffix: 'x'
    """
    number, suffix = _cut_size(text, cli)
    if not _FLOAT.fullmatch(number):
        raise ValueError(f"strconv.ParseFloat: parsing {quote(number)}: invalid syntax")
    amount = float(number)
    if amount == float("inf"):
        raise ValueError(
            f"strconv.ParseFloat: parsing {quote(number)}: value out of range"
        )
    if amount < 0:
        raise ValueError(f"invalid size: '{text}'")
    if suffix[:1] not in ("", "b"):
        amount *= 1024 ** (_POWERS.index(suffix[0]) + 1)
    # a float beyond int64 becomes the least int64 on amd64, without a word
    return int(amount) if amount < 1 << 63 else -(1 << 63)


def _cut_size(text: str, cli: Cli) -> tuple[str, str]:
    if cli is Cli.V20:
        match = re.fullmatch(_OLD_SIZE, text)
        if match is None:
            raise ValueError(f"invalid size: '{text}'")
        return match[1], (match[2] or "").lower()
    end = max(text.rfind(char) for char in "0123456789. ")
    if end < 0:
        raise ValueError(f"invalid size: '{text}'")
    number = text[:end] if text[end] == " " else text[: end + 1]
    suffix = text[end + 1 :]
    plain = suffix.lower() if len(suffix) <= 3 else suffix
    if not re.fullmatch(rf"(?:[{_POWERS}](?:i?b)?|b)?", plain):
        raise ValueError(f"invalid suffix: '{plain}'")
    return number, plain


_RATIONAL = (
    r"(?a)[+-]?(?:\d+(?:_\d+)*(?:/\d+)?|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)"
)


def nano_cpus(text: str) -> int:
    """Billionths of a processor, as Docker keeps ``--cpus``.

    >>> nano_cpus("1.5"), nano_cpus("1/2")
    (1500000000, 500000000)
    >>> nano_cpus("0.0000000001")
    Traceback (most recent call last):
    ...
    ValueError: value is too precise
    """
    if not re.fullmatch(_RATIONAL, text) or re.search(r"/0+$", text):
        raise ValueError(f"failed to parse {text} as a rational number")
    from fractions import Fraction  # noqa: PLC0415  # slow to load, seldom needed

    value = Fraction(text) * 1_000_000_000
    if value.denominator != 1:
        raise ValueError("value is too precise")
    low = value.numerator & ((1 << 64) - 1)  # the rest does not fit in Go's int64
    return low - (1 << 64) if low >> 63 else low


def record(text: str) -> list[str]:
    r"""The fields of one line of comma-separated values (RFC 4180).

    >>> record('type=bind,"src=/a,b"')
    ['type=bind', 'src=/a,b']
    >>> record('"a')
    Traceback (most recent call last):
    ...
    ValueError: parse error on line 1, column 3: extraneous or missing " in quoted-field
    """
    line = text.lstrip("\n").partition("\n")[0]
    if not line:
        raise ValueError("EOF")
    fields: list[str] = []
    at = 0
    while True:
        field, at = _field(line, at)
        fields.append(field)
        if at >= len(line):
            return fields
        at += 1  # the comma; a line that ends in one has an empty last field
        if at == len(line):
            return [*fields, ""]


def _field(line: str, at: int) -> tuple[str, int]:
    if line[at : at + 1] != '"':
        end = line.find(",", at)
        end = len(line) if end < 0 else end
        bare = line.find('"', at, end)
        if bare >= 0:
            raise _bad_record(line, bare, 'bare " in non-quoted-field')
        return line[at:end], end
    field, at = "", at + 1
    while True:
        end = line.find('"', at)
        if end < 0:
            raise _bad_record(
                line, len(line), 'extraneous or missing " in quoted-field'
            )
        field += line[at:end]
        following = line[end + 1 : end + 2]
        if following in ("", ","):
            return field, end + 1
        if following != '"':
            raise _bad_record(line, end, 'extraneous or missing " in quoted-field')
        field, at = field + '"', end + 2


def _bad_record(line: str, at: int, what: str) -> ValueError:
    column = len(line[:at].encode()) + 1
    return ValueError(f"parse error on line 1, column {column}: {what}")
