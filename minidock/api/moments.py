"""Moments in a query, as the engine reads them: seconds since 1970, with a fraction.

``since=1136073600.000000001``. Dates and durations are the docker program's business:
it counts them out before it asks (Docker: ``api/types/time``).
"""

from minidock.commandline.gotext import whole
from minidock.errors import InvalidParameter, Unclassified

__all__ = ["moment_of", "nanoseconds"]

_SECOND = 1_000_000_000
_DIGITS = 9


def moment_of(text: str) -> int | None:
    """Nanoseconds since 1970, or None where nothing was asked.

    >>> moment_of("1.5"), moment_of("7"), moment_of("")
    (1500000000, 7000000000, None)
    >>> moment_of("abc")
    Traceback (most recent call last):
    ...
    minidock.errors.Unclassified: strconv.ParseInt: parsing "abc": invalid syntax
    """
    if not text:
        return None
    seconds, dot, part = text.partition(".")
    moment = _number(seconds) * _SECOND
    if not dot:
        return moment
    # Odd on purpose: the fraction counts as nanoseconds of as many digits as it has.
    return moment + int(_number(part) * 10.0 ** (_DIGITS - len(part)))


def _number(text: str) -> int:
    try:
        return whole(text, base=10)
    except ValueError as error:
        raise Unclassified(
            str(error),
            asked=f"a moment written {text!r}",
            rule="a moment is a number of seconds since 1970, perhaps with a fraction",
            remedy="since=1700000000.000000000",
        ) from error


def nanoseconds(seconds: float) -> int:
    """Seconds as whole nanoseconds.

    Raises:
        InvalidParameter: it is no number, or an endless one.

    >>> nanoseconds(1.5)
    1500000000
    >>> nanoseconds(float("inf"))
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: inf is no number of seconds
    """
    try:
        return int(float(seconds) * _SECOND)
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidParameter(
            f"{seconds} is no number of seconds",
            asked=f"let {seconds} seconds pass",
            rule="time is a number of seconds, with or without a fraction",
            remedy="advance(60)",
        ) from error
