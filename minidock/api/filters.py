"""The ``filters`` of a query: ``{"name": ["web"]}`` or ``{"name": {"web": true}}``.

Values of one key are alternatives (labels: all must hold); keys must all hold. Docker's
source: moby, ``api/types/filters``.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from minidock.api.call import Call
from minidock.api.gojson import NotJson, whole_value
from minidock.commandline.gotext import duration, whole
from minidock.errors import InvalidParameter, Refusal, Unclassified
from minidock.model.document import Document

__all__ = [
    "Filters",
    "asked_filters",
    "has_labels",
    "matches_text",
    "one_flag",
    "parse_filters",
    "until",
    "whole_number",
]

Filters = Mapping[str, tuple[str, ...]]


def parse_filters(text: str, known: Iterable[str] | None) -> Filters:
    """Read a query's filters; with None as the known ones every key is taken.

    >>> parse_filters('{"name": {"web": true}}', ["name"])
    {'name': ('web',)}
    >>> parse_filters('{"bogus": ["x"]}', ["name"])
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: Invalid filter 'bogus'
    """
    if not text:
        return {}
    try:
        value = whole_value(text)
    except NotJson as error:
        raise Unclassified(str(error)) from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unclassified(
            f"json: cannot unmarshal {_kind(value)} into Go value of type "
            "map[string]map[string]bool"
        )
    filters: dict[str, tuple[str, ...]] = {}
    for key, item in value.items():
        if item is None:
            continue
        if not isinstance(item, list | dict):
            raise Unclassified(
                f"json: cannot unmarshal {_kind(item)} into Go value of type "
                "map[string]bool"
            )
        filters[key] = tuple(map(str, item))
    names = set(filters if known is None else known)
    for key in filters:
        if key not in names:
            raise InvalidParameter(
                f"Invalid filter '{key}'",
                asked=f"filter by {key}",
                rule="the list cannot be filtered by that",
                remedy="one of " + ", ".join(sorted(names)),
            )
    return filters


def asked_filters(call: Call, known: Iterable[str] | None) -> Filters:
    """The filters of a call, refused in its era's words.

    Since 23.0 filters that are no JSON are the client's fault, and not explained.
    """
    try:
        return parse_filters(call.query.get("filters", ""), known)
    except Refusal as error:
        if not call.world.era.strict_json:
            raise
        text = error.text.replace("Invalid filter", "invalid filter")
        raise InvalidParameter(
            text if isinstance(error, InvalidParameter) else "invalid filter",
            asked=error.asked or "filter by a text that is no JSON",
            rule=error.rule or 'filters are {"key": ["value"]}',
            remedy=error.remedy or '{"name": ["web"]}',
        ) from error


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "number"


def matches_text(filters: Filters, key: str, *candidates: str) -> bool:
    """Whether a candidate equals, contains or fits (as a pattern) one of the values.

    >>> matches_text({"name": ("^we",)}, "name", "web")
    True
    """
    values = filters.get(key)
    if not values:
        return True
    return any(_fits(value, text) for value in values for text in candidates)


def _fits(value: str, text: str) -> bool:
    try:
        return re.search(value, text) is not None
    except re.error:
        return value in text


def has_labels(filters: Filters, labels: Document) -> bool:
    """Whether all asked labels, ``key`` or ``key=value``, are there.

    Of those under ``label!`` none may be there.

    >>> labels = Document({"env": "dev"})
    >>> [has_labels({key: ("env",)}, labels) for key in ("label", "label!")]
    [True, False]
    """
    return all(
        _labelled(text, labels) for text in filters.get("label", ())
    ) and not any(_labelled(text, labels) for text in filters.get("label!", ()))


def _labelled(wanted: str, labels: Document) -> bool:
    key, equals, value = wanted.partition("=")
    return key in labels and (not equals or labels.text(key) == value)


_SECONDS = re.compile(r"\d{1,18}(\.\d+)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d(:\d\d(:\d\d(\.\d+)?)?)?)?(Z|[+-]\d\d:\d\d)?")


def until(filters: Filters, now: int) -> int | None:
    """The moment, in nanoseconds, before which a thing was made if it fits ``until``.

    A duration counts back from ``now``; a number is seconds since 1970; a date without
    a zone is in UTC. None where it was not asked.

    >>> until({"until": ("90s",)}, 100_000_000_000)
    10000000000
    >>> until({"until": ("yesterday",)}, 0)
    Traceback (most recent call last):
    ...
    minidock.errors.Unclassified: failed to parse value as time or duration: "yesterday"
    """
    values = filters.get("until")
    if not values:
        return None
    if len(values) > 1:
        raise Unclassified(
            "more than one until filter specified",
            asked="prune until several moments",
            rule="there is one moment",
            remedy="until=24h",
        )
    moment = _moment(values[0], now)
    if moment is None:
        raise Unclassified(
            f'failed to parse value as time or duration: "{values[0]}"',
            asked=f"prune until {values[0]}",
            rule="until is a moment or a duration",
            remedy="until=24h",
        )
    return moment


def _moment(text: str, now: int) -> int | None:
    if _SECONDS.fullmatch(text):
        seconds, _, part = text.partition(".")
        return int(seconds) * 1_000_000_000 + int(part[:9].ljust(9, "0"))
    if _DATE.fullmatch(text):
        day, _, time = text.partition("T")
        parts = time.rstrip("Z").split(":") if time else ["00"]
        whole = ":".join([*parts, "00", "00"][:3]) if "+" not in time else time
        try:
            parsed = datetime.fromisoformat(f"{day.rstrip('Z')}T{whole}")
        except ValueError:
            return None
        zoned = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return int(zoned.timestamp()) * 1_000_000_000
    try:
        return now - duration(text)
    except ValueError:
        return None


def whole_number(text: str) -> int:
    """The number that a text is.

    >>> whole_number("abc")
    Traceback (most recent call last):
    ...
    minidock.errors.Unclassified: strconv.Atoi: parsing "abc": invalid syntax
    """
    try:
        return whole(text, base=10)
    except ValueError as error:
        raise Unclassified(
            str(error).replace("ParseInt", "Atoi", 1),
            asked=f"the number {text}",
            rule="it must be a whole number",
            remedy="0",
        ) from error


def one_flag(filters: Filters, key: str) -> bool | None:
    """The single true or false of a key; None where it was not asked.

    Raises:
        InvalidParameter: several values, or one that is no truth.
    """
    values = filters.get(key)
    if not values:
        return None
    if len(values) > 1:
        raise InvalidParameter(f'got more than one value for filter key "{key}"')
    if values[0] not in {"true", "1", "false", "0"}:
        raise InvalidParameter(
            f'invalid value for filter \'{key}\', must be "true" (or "1"), or '
            '"false" (or "0")'
        )
    return values[0] in {"true", "1"}
