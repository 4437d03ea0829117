"""Time tables in cron's notation, as a CronJob reads them.

```
 ┌───────── minute        0-59
 │ ┌─────── hour          0-23
 │ │ ┌───── day of month  1-31      values, ranges 1-5, steps */10, lists 1,15
 │ │ │ ┌─── month         1-12      or jan-dec
 │ │ │ │ ┌─ day of week   0-6       or sun-sat; 0 is Sunday
 0 3 * * 1                          or @hourly @daily @weekly @monthly @yearly
                                    or @every 1h30m
```

Many a cron takes 7 for Sunday as well, Kubernetes does not: :func:`table_of` writes 0.

Invariant: what :func:`table_fault` finds nothing wrong with, an API server accepts.
Docker has no word for this: people put cron beside it. Kubernetes says *schedule*.
"""

import re
from typing import NamedTuple, Self

from minidock.errors import InvalidParameter

__all__ = ["TimeTable", "table_fault", "table_of"]

_NICKNAMES = frozenset(
    {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
)
_EVERY = r"@every ([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+"
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DAYS = "sun mon tue wed thu fri sat".split()
_ITEM = r"(\*|\?|[0-9]+|[a-z]{3})(?:-([0-9]+|[a-z]{3}))?(?:/([0-9]+))?"


class _Field(NamedTuple):
    name: str
    first: int
    last: int
    words: dict[str, int]

    def number(self, text: str) -> int:
        """The number that a value means; -1 for what means none."""
        if text.isdecimal():
            return int(text)
        return self.words.get(text, -1)


_FIELDS = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of month", 1, 31, {}),
    _Field("month", 1, 12, {name: n for n, name in enumerate(_MONTHS, 1)}),
    _Field("day of week", 0, 6, {name: n for n, name in enumerate(_DAYS)}),
)


class TimeTable(str):
    """A time table as Kubernetes writes it; "" says that something runs at once.

    >>> TimeTable("0 3 * * 7")
    '0 3 * * 0'
    >>> TimeTable("noon")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: 'noon' is no time table: there are 5 fields, not 1
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Writes it as Kubernetes does; refuses what is none."""
        table = table_of(text)
        fault = table_fault(table) if table else ""
        if fault:
            raise InvalidParameter(
                f"{table!r} is no time table: {fault}",
                asked=f"run a service at {table!r}",
                rule="minute, hour, day of month, month, day of week",
                remedy="0 3 * * * for every night at three, or @daily",
            )
        return super().__new__(cls, table)


def table_fault(text: str) -> str:
    """What is wrong with a time table; "" for a good one.

    >>> table_fault("*/5 0-6 1,15 * mon"), table_fault("@daily")
    ('', '')
    >>> table_fault("0 24 * * *")
    "hour '24': 0-23 are there"
    >>> table_fault("0 3 * *")
    'there are 5 fields, not 4'
    """
    if text.startswith("@"):
        good = text in _NICKNAMES or re.fullmatch(_EVERY, text)
        return "" if good else f"no nickname is called {text}"
    if "=" in text:
        return "a time zone has a field of its own"
    parts = text.lower().split()
    if len(parts) != len(_FIELDS):
        return f"there are {len(_FIELDS)} fields, not {len(parts)}"
    for field, part in zip(_FIELDS, parts, strict=True):
        for item in part.split(","):
            if not _is_good(field, item):
                return f"{field.name} {item!r}: {field.first}-{field.last} are there"
    return ""


def _is_good(field: _Field, item: str) -> bool:
    match = re.fullmatch(_ITEM, item)
    if match is None or not item.isascii():
        return False
    first, last, step = match.groups()
    if step is not None and int(step) == 0:
        return False
    if first in ("*", "?"):
        return last is None
    start = field.number(first)
    end = start if last is None else field.number(last)
    return field.first <= start <= end <= field.last


def table_of(text: str) -> str:
    """A time table with one blank between its fields, and 0 for Sunday.

    >>> table_of("0  3 * * 7"), table_of("0 3 * * 5-7"), table_of(" @daily ")
    ('0 3 * * 0', '0 3 * * 5,6,0', '@daily')
    """
    parts = text.split()
    if len(parts) == len(_FIELDS) and not text.startswith("@"):
        days = [_without_seven(item) for item in parts[-1].split(",")]
        parts[-1] = ",".join(days)
    return " ".join(parts)


def _without_seven(item: str) -> str:
    match = re.fullmatch(_ITEM, item.lower())
    if match is None or "7" not in match.group(1, 2):
        return item
    first, last = (_FIELDS[-1].number(text or "7") for text in match.group(1, 2))
    step = int(match.group(3) or 1)
    if step == 0 or not 0 <= first <= last == 7:
        return item
    return ",".join(str(day % 7) for day in range(first, last + 1, step))
