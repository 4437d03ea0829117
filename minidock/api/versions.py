"""Which API version a call asks for: ``/v1.41/networks``, or none for the newest.

```
/v1.41/networks ──▶ (1, 41), "/networks"        /networks ──▶ the newest
/v1.99/networks ──▶ 400, JSON                   /v1.0/networks ──▶ 400, plain text
```

An engine that still serves clients from before 1.24 tells those what went wrong as
plain text, as it did then; an engine that does not has forgotten how.

Docker's source: moby, ``api/server/middleware/version.go``.
"""

import re
from itertools import zip_longest

from minidock.eras import Era
from minidock.errors import InvalidParameter
from minidock.views.api_versions import JSON_ERRORS

__all__ = [
    "asked_path",
    "asked_version",
    "parse_version",
    "plain_errors",
    "split_version",
]

_PREFIX = re.compile(r"^/v([\d.]+)(/.*)$", re.DOTALL | re.ASCII)
_JSON_ERRORS = ".".join(map(str, JSON_ERRORS.version))


def parse_version(text: str) -> tuple[int, int]:
    """A version as two numbers, which compare as versions do.

    >>> parse_version("1.9") < parse_version("1.41")
    True
    """
    major, _, minor = text.partition(".")
    return int(major), int(minor.partition(".")[0] or 0)


def _compared(one: str, other: str) -> int:
    """-1, 0 or 1, part by part; parts that are missing or no numbers are 0."""
    for left, right in zip_longest(one.split("."), other.split("."), fillvalue="0"):
        a, b = int(left or 0), int(right or 0)
        if a != b:
            return -1 if a < b else 1
    return 0


def asked_version(path: str) -> str:
    """The version that a path names, "" for none.

    >>> asked_version("/v1.041/info"), asked_version("/info")
    ('1.041', '')
    """
    match = _PREFIX.match(path)
    return match.group(1) if match else ""


def asked_path(path: str) -> str:
    """The path without a version.

    >>> asked_path("/v1.041/info"), asked_path("/info"), asked_path("/vfoo/info")
    ('/info', '/info', '/vfoo/info')
    """
    match = _PREFIX.match(path)
    return match.group(2) if match else path


def plain_errors(path: str, era: Era) -> bool:
    """Whether who asks for this path gets refusals as plain text.

    >>> from minidock.eras import era_named
    >>> [plain_errors("/v1.23/info", era_named(name)) for name in ("20.10", "28")]
    [True, False]
    """
    asked = asked_version(path)
    old = bool(asked) and _compared(asked, _JSON_ERRORS) < 0
    return old and _compared(era.min_api_version, _JSON_ERRORS) < 0


def split_version(path: str, era: Era) -> tuple[tuple[int, int], str]:
    """The version asked for, and the path without it.

    >>> from minidock.eras import era_named
    >>> split_version("/v1.41/info", era_named("28"))
    ((1, 41), '/info')
    >>> split_version("/v1.99/info", era_named("20.10"))
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: client version 1.99 is too new. Maximum \
supported API version is 1.41
    """
    match = _PREFIX.match(path)
    if match is None:
        return parse_version(era.api_version), path
    asked = match.group(1)
    if _compared(asked, era.api_version) > 0:
        raise InvalidParameter(
            f"client version {asked} is too new. Maximum supported API version is "
            f"{era.api_version}",
            asked=f"the API in version {asked}",
            rule="an engine does not know later versions than its own",
            remedy=f"/v{era.api_version}/...",
        )
    if _compared(asked, era.min_api_version) < 0:
        raise InvalidParameter(
            f"client version {asked} is too old. Minimum supported API version is "
            f"{era.min_api_version}, please upgrade your client to a newer version",
            asked=f"the API in version {asked}",
            rule="an engine drops old versions",
            remedy=f"/v{era.min_api_version}/... or later",
        )
    return parse_version(asked), match.group(2)
