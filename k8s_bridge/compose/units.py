"""Numbers with a unit, as Compose reads and prints them.

```
 "1m30s", "1d"      read_duration ─▶ nanoseconds ─▶ duration ─▶ "1m30s", "24h0m0s"
 "1.5g", "64M"      read_size     ─▶ bytes
 "yes", "Off"       read_truth    ─▶ True, False
 "0.50", 0.5        read_decimal  ─▶ 0.5, a number of 32 bits
```

Invariant: a text that cannot be read raises ``ValueError`` in Go's words, and what is
printed reads as the same number again. Docker's names: ``time.Duration``, *UnitBytes*.
"""

import re
import struct

__all__ = [
    "duration",
    "read_decimal",
    "read_duration",
    "read_size",
    "read_truth",
    "read_whole",
]

_MICRO, _MILLI, _SECOND = 1_000, 1_000_000, 1_000_000_000
_UNITS = {
    "ns": 1,
    "us": _MICRO,
    "µs": _MICRO,
    "μs": _MICRO,
    "ms": _MILLI,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
    "d": 24 * 3600 * _SECOND,
    "w": 7 * 24 * 3600 * _SECOND,
}
_PART = re.compile(r"([0-9]*)(?:(\.)([0-9]*))?([^0-9.]*)", re.ASCII)
_LONGEST = (1 << 63) - 1


def read_duration(text: str) -> int:
    """Nanoseconds of a duration; it may be negative, and days and weeks are known.

    >>> read_duration("1m30s"), read_duration("1.5d") == read_duration("36h")
    (90000000000, True)
    >>> read_duration("10")
    Traceback (most recent call last):
    ...
    ValueError: time: missing unit in duration "10"
    """
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return 0
    if not rest:
        raise ValueError(f'time: invalid duration "{text}"')
    total = 0
    while rest:
        match = _PART.match(rest)
        if match is None or not (match[1] or match[3]):
            raise ValueError(f'time: invalid duration "{text}"')
        total += _part(match, text)
        rest = rest[match.end() :]
        if total > _LONGEST:
            raise ValueError(f'time: invalid duration "{text}"')
    return -total if text[0] == "-" else total


def _part(match: re.Match[str], text: str) -> int:
    before, after, unit = match[1], match[3] or "", match[4]
    if not unit:
        raise ValueError(f'time: missing unit in duration "{text}"')
    if unit not in _UNITS:
        raise ValueError(f'time: unknown unit "{unit}" in duration "{text}"')
    scale = _UNITS[unit]
    tenths: int = 10 ** len(after)
    return int(before or "0") * scale + int(after or "0") * scale // tenths


def duration(nanoseconds: int) -> str:
    """A duration as Go prints it.

    >>> [duration(n) for n in (90_000_000_000, 500_000_000, 3_600_000_000_000, 1, 0)]
    ['1m30s', '500ms', '1h0m0s', '1ns', '0s']
    """
    if not nanoseconds:
        return "0s"
    sign, rest = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    if rest < _SECOND:
        scale, unit = next(
            (scale, unit)
            for scale, unit in ((_MILLI, "ms"), (_MICRO, "µs"), (1, "ns"))
            if rest >= scale
        )
        return f"{sign}{_fraction(rest, scale)}{unit}"
    minutes, seconds = divmod(rest, 60 * _SECOND)
    hours, minutes = divmod(minutes, 60)
    parts = f"{_fraction(seconds, _SECOND)}s"
    if rest >= 60 * _SECOND:
        parts = f"{minutes}m{parts}"
    if hours:
        parts = f"{hours}h{parts}"
    return sign + parts


def _fraction(value: int, scale: int) -> str:
    before, after = divmod(value, scale)
    digits = str(after).zfill(len(str(scale)) - 1).rstrip("0") if after else ""
    return f"{before}.{digits}" if digits else str(before)


_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_POWERS = "kmgtp"  # each is 1024 times the one before
_SUFFIX = re.compile(rf"(?:[{_POWERS}](?:i?b)?|b)?")
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)


def read_size(text: str) -> int:
    """Bytes of a size; units are multiples of 1024.

    >>> read_size("1.5g"), read_size("64 KiB"), read_size("-1")
    (1610612736, 65536, -1)
    >>> read_size("1x")
    Traceback (most recent call last):
    ...
    ValueError: invalid suffix: 'x'
    """
    if _INTEGER.fullmatch(text):
        return int(text)
    end = max((text.rfind(char) for char in "0123456789. "), default=-1)
    if end < 0:
        raise ValueError(f"invalid size: '{text}'")
    number = text[:end] if text[end] == " " else text[: end + 1]
    suffix = text[end + 1 :]
    suffix = suffix.lower() if len(suffix) <= 3 else suffix
    if not _SUFFIX.fullmatch(suffix):
        raise ValueError(f"invalid suffix: '{suffix}'")
    if not _FLOAT.fullmatch(number):
        raise ValueError(f'strconv.ParseFloat: parsing "{number}": invalid syntax')
    amount = float(number)
    if amount < 0:
        raise ValueError(f"invalid size: '{text}'")
    if suffix[:1] not in ("", "b"):
        amount *= 1024.0 ** (_POWERS.index(suffix[0]) + 1)
    # a float beyond int64 becomes the least int64 on amd64, without a word
    return int(amount) if amount < 1 << 63 else -(1 << 63)


_YES = frozenset(("true", "y", "yes", "on"))
_NO = frozenset(("false", "n", "no", "off"))


def read_truth(text: str) -> bool:
    """A truth value in one of Compose's eight words, in any case.

    >>> read_truth("Yes"), read_truth("off")
    (True, False)
    >>> read_truth("1")
    Traceback (most recent call last):
    ...
    ValueError: invalid boolean: 1
    """
    word = text.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueError(f"invalid boolean: {text}")


def read_whole(text: str) -> int:
    """A whole number in decimal digits, with a sign if any.

    >>> read_whole("-1")
    -1
    >>> read_whole("1.5")
    Traceback (most recent call last):
    ...
    ValueError: strconv.ParseInt: parsing "1.5": invalid syntax
    """
    if not _INTEGER.fullmatch(text):
        raise ValueError(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    value = int(text)
    if not -(1 << 63) <= value < 1 << 63:
        raise ValueError(f'strconv.ParseInt: parsing "{text}": value out of range')
    return value


def read_decimal(value: str | float) -> float:
    """A number of 32 bits, as the shortest one that stands for it.

    >>> read_decimal("0.50"), read_decimal(1.23456789)
    (0.5, 1.2345679)
    >>> read_decimal("half")
    Traceback (most recent call last):
    ...
    ValueError: strconv.ParseFloat: parsing "half": invalid syntax
    """
    if isinstance(value, str) and not _FLOAT.fullmatch(value):
        raise ValueError(f'strconv.ParseFloat: parsing "{value}": invalid syntax')
    near = _float32(float(value))
    for digits in range(1, 10):
        short = float(f"{near:.{digits}g}")
        if _float32(short) == near:
            return short
    return near


def _float32(number: float) -> float:
    packed: tuple[float] = struct.unpack("f", struct.pack("f", number))
    return packed[0]
