"""What a word of YAML means, and how it is written when it becomes text again.

```
 YAML     meaning          as text          YAML      meaning        as text
 yes      "yes"            yes              0x1F      31             31
 true     True             true             017       15             15
 22:22    "22:22"          22:22            1.50      1.5            1.5
 1_000    1000             1000             1e6       1000000.0      1e+06
```

The rules are those of the YAML library that docker compose is built with: words of
YAML 1.2, and of YAML 1.1 only the leading zero of octal numbers, the underscores in
numbers and the dates.

Invariant: resolving never fails; a word that means nothing else is text.
"""

import math
import re
import struct
from datetime import datetime, timedelta
from typing import TypeAlias

__all__ = ["NO_TEXT", "Moment", "Value", "printed", "resolved", "single"]

Value: TypeAlias = "dict[str, Value] | list[Value] | str | int | float | bool | None"


class Moment(str):
    """A date or a point in time, as the text that Go prints for it.

    Compose takes one only where it would write any value as text: in the values of a
    mapping such as ``environment``.

    >>> resolved("2001-12-14")
    Moment('2001-12-14 00:00:00 +0000 UTC')
    """

    __slots__ = ()

    @property
    def iso(self) -> str:
        """As RFC 3339 has it, which is what JSON gets.

        >>> Moment("2001-12-14 21:59:43.1 -0500 -0500").iso
        '2001-12-14T21:59:43.1-05:00'
        """
        date, time, offset, name = self.split(" ")
        zone = "Z" if name == "UTC" else f"{offset[:3]}:{offset[3:]}"
        return f"{date}T{time}{zone}"

    def __repr__(self) -> str:
        return f"Moment({str.__repr__(self)})"


_WORDS: dict[str, bool | float | None] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_LARGEST = 3.4028234663852886e38  # of 32 bits
NO_TEXT = frozenset("0123456789.+-~nNtTfF")  # what a word that is no text begins with
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII
)
_INTEGER = re.compile(
    r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]([0-7]+)|0[bB]([01]+)|(0[0-7]*)|([1-9][0-9]*))",
    re.ASCII,
)
_BASES = (16, 8, 2, 8, 10)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}", re.ASCII)
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]|[ ]+)"
    r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.([0-9]{1,9}))?"
    r"(?:(Z)|([-+][0-9]{2}:[0-9]{2}))?)?",
    re.ASCII,
)


def resolved(word: str) -> str | int | float | bool | None:
    """What an unquoted word means.

    >>> [resolved(word) for word in ("yes", "017", "22:22", "~", "TRUE", "1_0.5")]
    ['yes', 15, '22:22', None, True, 10.5]
    """
    if word in _WORDS:
        return _WORDS[word]
    if word[0] not in NO_TEXT:
        return word
    if _DATE.match(word):
        moment = _moment(word)
        if moment is not None:
            return moment
    return _number(word)


def _number(word: str) -> str | int | float:
    if word == "-0":
        return -0.0
    plain = word.replace("_", "") if word[0] != "_" else word
    whole = _INTEGER.fullmatch(plain)
    if whole is not None:
        for digits, base in zip(whole.groups()[1:], _BASES, strict=True):
            if digits is not None:
                return _bounded(whole[1] + digits, base, plain)
    if _FLOAT.fullmatch(plain):
        number = float(plain)
        return word if math.isinf(number) else number
    return word


def _bounded(digits: str, base: int, word: str) -> str | int | float:
    """An integer while 64 bits hold it; one that is longer is a decimal fraction."""
    if len(digits) > 400:
        return word  # no float can hold it either
    number = int(digits, base)
    if -(2**63) <= number < 2**64:
        return number
    return float(word) if _FLOAT.fullmatch(word) else word


def _moment(word: str) -> Moment | None:
    parts = _TIME.fullmatch(word)
    if parts is None:
        return None
    year, month, day, hour, minute, second, fraction, _zulu, zone = parts.groups()
    micro = (fraction or "").ljust(9, "0")
    try:
        at = datetime(  # noqa: DTZ001  # the zone is printed by hand, as Go does
            int(year),
            int(month),
            int(day),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
        ) + timedelta(0)
    except ValueError:
        return None
    point = micro.rstrip("0")
    offset = zone.replace(":", "") if zone else "+0000"
    name = offset if zone else "UTC"
    return Moment(
        f"{at:%Y-%m-%d %H:%M:%S}{'.' + point if point else ''} {offset} {name}"
    )


def printed(value: str | int | float | bool | None) -> str:
    """A value as Compose writes it into text, such as ``KEY=value``.

    >>> [printed(value) for value in (True, 1000000.0, 1.5, 100000.0, None, "x")]
    ['true', '1e+06', '1.5', '100000', '<nil>', 'x']
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _printed_float(value)
    return "<nil>" if value is None else str(value)


def _printed_float(value: float) -> str:
    """The fewest digits; an exponent from a million or below a ten-thousandth."""
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    mantissa, exponent = f"{value:.17e}".split("e")
    digits = repr(abs(value))
    short, _, tens = digits.partition("e")
    whole, _, fraction = short.partition(".")
    figures = (whole + fraction).strip("0") or "0"
    at = int(exponent) if not tens else int(tens) + len(whole) - 1
    sign = "-" if mantissa.startswith("-") else ""
    if at < -4 or at > 5:
        rest = "." + figures[1:] if len(figures) > 1 else ""
        return f"{sign}{figures[0]}{rest}e{'-' if at < 0 else '+'}{abs(at):02d}"
    if at < 0:
        return f"{sign}0.{'0' * (-at - 1)}{figures}"
    if len(figures) <= at + 1:
        return sign + figures.ljust(at + 1, "0")
    return f"{sign}{figures[: at + 1]}.{figures[at + 1 :]}"


def single(value: float) -> float:
    """The shortest fraction that a float of 32 bits cannot tell from this one.

    Compose keeps ``cpus`` in such a float and prints it like this.

    >>> single(0.123456789), single(0.1)
    (0.12345679, 0.1)
    """
    packed = struct.pack("<f", max(min(value, _LARGEST), -_LARGEST))
    for digits in range(1, 10):
        short = float(f"{value:.{digits}g}")
        if abs(short) <= _LARGEST and struct.pack("<f", short) == packed:
            return short
    return value
