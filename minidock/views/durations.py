"""Times as Docker words them: moments as text, and how long ago they were.

```
nanoseconds since 1970 ──▶ timestamp   2026-11-24T18:52:45.66Z      in JSON
                       └─▶ clock_text  2026-11-24 18:52:45.66 +0000 UTC   in tables
now - then             ──▶ human_duration   "2 minutes"             "About an hour"
state, now             ──▶ status_text      "Up 2 minutes (Paused)" "Exited (0) ..."
```

Invariants: time is a whole number of nanoseconds, always passed in; `parse_timestamp`
undoes `timestamp`; Go's zero time (year 1) means "never".

Docker calls it: ``units.HumanDuration``, ``time.RFC3339Nano``, the STATUS column.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from minidock.errors import NotationError

__all__ = [
    "NEVER",
    "SECOND",
    "clock_text",
    "human_duration",
    "parse_timestamp",
    "status_text",
    "timestamp",
]

SECOND: Final = 1_000_000_000
"""Nanoseconds in a second."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NEVER: Final = "0001-01-01T00:00:00Z"
"""The text of Go's zero time: what "not yet" looks like in StartedAt, FinishedAt."""

_RFC3339 = re.compile(
    r"(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?P<part>\d{1,9}))?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)"
)

_HOURS_A_DAY = 24
_HOURS_A_WEEK = 24 * 7
_HOURS_A_MONTH = 24 * 30
_HOURS_A_YEAR = 24 * 365


def timestamp(nanoseconds: int) -> str:
    """A moment in RFC 3339; trailing zeros of the fraction are dropped, as Go does.

    >>> timestamp(1795546365_666058258)
    '2026-11-24T18:52:45.666058258Z'
    >>> timestamp(1795546365_500000000), timestamp(0)
    ('2026-11-24T18:52:45.5Z', '1970-01-01T00:00:00Z')
    """
    return _moment(nanoseconds, "T") + "Z"


def clock_text(nanoseconds: int) -> str:
    """A moment as the CreatedAt column shows it (Go's ``Time.String``, in UTC).

    >>> clock_text(1795546365 * SECOND)
    '2026-11-24 18:52:45 +0000 UTC'
    """
    return _moment(nanoseconds, " ") + " +0000 UTC"


def _moment(nanoseconds: int, separator: str) -> str:
    seconds, part = divmod(nanoseconds, SECOND)
    moment = _EPOCH + timedelta(seconds=seconds)
    text = moment.replace(tzinfo=None).isoformat(separator)
    return text + (f".{part:09d}".rstrip("0") if part else "")


def parse_timestamp(text: str) -> int:
    """The nanoseconds since 1970 of an RFC 3339 text.

    >>> parse_timestamp("2026-11-24T18:52:45.5Z")
    1795546365500000000
    >>> parse_timestamp("2026-11-24T19:52:45+01:00") == 1795546365 * SECOND
    True
    >>> parse_timestamp("yesterday")
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: 'yesterday' is no RFC 3339 time
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise NotationError(
            f"{text!r} is no RFC 3339 time",
            value=text,
            rule="a time is written YYYY-MM-DDTHH:MM:SS.fraction and Z or +HH:MM",
            remedy="2026-11-24T18:52:45Z",
        )
    zone = match["zone"].replace("Z", "+00:00")
    try:
        moment = datetime.fromisoformat(match["moment"] + zone)
    except ValueError as fault:
        raise NotationError(
            f"{text!r} is no RFC 3339 time", value=text, rule=str(fault)
        ) from None
    since = moment - _EPOCH
    seconds = since.days * 86400 + since.seconds
    return seconds * SECOND + int((match["part"] or "").ljust(9, "0"))


def human_duration(nanoseconds: int) -> str:
    """How long that is, in the words of Docker's tables.

    >>> [human_duration(s * SECOND) for s in (0, 1, 59, 60, 150, 3600, 86400 * 21)]
    ['Less than a second', '1 second', '59 seconds', 'About a minute', '2 minutes', \
'About an hour', '3 weeks']
    """
    seconds = int(nanoseconds / SECOND)  # towards zero, like a Go conversion
    if seconds < 1:
        return "Less than a second"
    if seconds == 1:
        return "1 second"
    if seconds < 60:
        return f"{seconds} seconds"
    minutes = seconds // 60
    if minutes == 1:
        return "About a minute"
    if minutes < 60:
        return f"{minutes} minutes"
    return _long_duration(nanoseconds)


def _long_duration(nanoseconds: int) -> str:
    whole = nanoseconds // (3600 * SECOND)
    hours = (nanoseconds + 1800 * SECOND) // (3600 * SECOND)  # the only rounding
    if hours == 1:
        return "About an hour"
    if hours < 2 * _HOURS_A_DAY:
        return f"{hours} hours"
    if hours < 2 * _HOURS_A_WEEK:
        return f"{hours // _HOURS_A_DAY} days"
    if hours < 2 * _HOURS_A_MONTH:
        return f"{hours // _HOURS_A_WEEK} weeks"
    if hours < 2 * _HOURS_A_YEAR:
        return f"{hours // _HOURS_A_MONTH} months"
    return f"{whole // _HOURS_A_YEAR} years"


def status_text(state: Mapping[str, object], now: int) -> str:
    """The STATUS of a container from its ``State`` JSON, at a moment in nanoseconds.

    >>> state = {"Running": True, "StartedAt": "2026-11-24T18:52:45Z"}
    >>> status_text(state, parse_timestamp("2026-11-24T18:54:50Z"))
    'Up 2 minutes'
    >>> status_text({"Running": False, "StartedAt": NEVER}, 0)
    'Created'
    """
    if state.get("Running"):
        return _running_text(state, now)
    if state.get("Status") == "removing":
        return "Removal In Progress"
    if state.get("Dead"):
        return "Dead"
    if _moment_of(state, "StartedAt") is None:
        return "Created"
    if _moment_of(state, "FinishedAt") is None:
        return ""
    return f"Exited ({state.get('ExitCode', 0)}) {_since(state, 'FinishedAt', now)} ago"


def _running_text(state: Mapping[str, object], now: int) -> str:
    up = f"Up {_since(state, 'StartedAt', now)}"
    if state.get("Paused"):
        return f"{up} (Paused)"
    if state.get("Restarting"):
        code = state.get("ExitCode", 0)
        return f"Restarting ({code}) {_since(state, 'FinishedAt', now)} ago"
    health = state.get("Health")
    word = health.get("Status") if isinstance(health, Mapping) else None
    if word in {None, "", "none"}:
        return up
    return f"{up} (health: starting)" if word == "starting" else f"{up} ({word})"


def _moment_of(state: Mapping[str, object], key: str) -> int | None:
    text = state.get(key)
    if not isinstance(text, str) or text in {"", NEVER}:
        return None
    return parse_timestamp(text)


def _since(state: Mapping[str, object], key: str, now: int) -> str:
    then = _moment_of(state, key)
    return human_duration(now - then) if then is not None else human_duration(0)
