"""The ``filters`` of a query: ``{"name": ["web"]}`` or ``{"name": {"web": true}}``.

Values of one key are alternatives (labels: all must hold); keys must all hold. Docker's
source: moby, ``api/types/filters``.
"""

import json
import re
from collections.abc import Iterable, Mapping

from minidock.errors import InvalidParameter, Unclassified
from minidock.model.document import Document

__all__ = ["Filters", "has_labels", "matches_text", "one_flag", "parse_filters"]

Filters = Mapping[str, tuple[str, ...]]


def parse_filters(text: str, known: Iterable[str]) -> Filters:
    """Read a query's filters.

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
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unclassified(_go_error(text)) from error
    if not isinstance(value, dict):
        raise Unclassified(
            "json: cannot unmarshal array into Go value of type map[string][]string"
        )
    filters = {
        key: tuple(map(str, item)) for key, item in value.items() if item is not None
    }
    names = set(known)
    for key in filters:
        if key not in names:
            raise InvalidParameter(
                f"Invalid filter '{key}'",
                asked=f"filter by {key}",
                rule="the list cannot be filtered by that",
                remedy="one of " + ", ".join(sorted(names)),
            )
    return filters


def _go_error(text: str) -> str:
    if text.startswith("n"):
        return (
            f"invalid character '{text[1:2]}' in literal null (expecting 'u')"
            if text[1:2] != "u"
            else "unexpected end of JSON input"
        )
    return f"invalid character '{text[0]}' looking for beginning of value"


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
    """Whether all asked labels, ``key`` or ``key=value``, are there."""
    for wanted in filters.get("label", ()):
        key, equals, value = wanted.partition("=")
        if key not in labels or (equals and labels.text(key) != value):
            return False
    return True


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
            f"invalid value for filter '{key}', must be \"true\" (or \"1\"), or "
            '"false" (or "0")'
        )
    return values[0] in {"true", "1"}

