"""Which API version a call asks for: ``/v1.41/networks``, or none for the newest.

Docker's source: moby, ``api/server/middleware/version.go``.
"""

import re

from minidock.eras import Era
from minidock.errors import InvalidParameter

__all__ = ["parse_version", "split_version"]

_PREFIX = re.compile(r"^/v(\d+(?:\.\d+)*)(/.*)$")


def parse_version(text: str) -> tuple[int, int]:
    """A version as two numbers, which compare as versions do.

    >>> parse_version("1.9") < parse_version("1.41")
    True
    """
    major, _, minor = text.partition(".")
    return int(major), int(minor.partition(".")[0] or 0)


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
    if parse_version(asked) > parse_version(era.api_version):
        raise InvalidParameter(
            f"client version {asked} is too new. Maximum supported API version is "
            f"{era.api_version}",
            asked=f"the API in version {asked}",
            rule="an engine does not know later versions than its own",
            remedy=f"/v{era.api_version}/...",
        )
    if parse_version(asked) < parse_version(era.min_api_version):
        raise InvalidParameter(
            f"client version {asked} is too old. Minimum supported API version is "
            f"{era.min_api_version}, please upgrade your client to a newer version",
            asked=f"the API in version {asked}",
            rule="an engine drops old versions",
            remedy=f"/v{era.min_api_version}/... or later",
        )
    return parse_version(asked), match.group(2)
