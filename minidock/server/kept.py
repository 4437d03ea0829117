"""Answers that are encoded once: a frozen World gives the same answer again.

```
GET /networks ──▶ same World as before? ── yes ──▶ the bytes of last time, a new date
                                        └─ no ───▶ the engine answers; kept by its path
GET /containers/json ──▶ the same, but each line's Status is made anew: "Up 3 seconds"
```

Invariants: only calls whose answer is a function of the World alone are kept (a test
asks each of them at two moments); everything that is kept belongs to one World, and
together it is no more than ``_LIMIT`` bytes.
"""

import json
import os
import re
from typing import NamedTuple

from minidock.api.http import Response
from minidock.model.container import Container
from minidock.model.document import Json
from minidock.model.world import World
from minidock.server import rendering
from minidock.server.wire import Head
from minidock.views.inspect_container import container_status

__all__ = ["Kept", "encoded"]

_LIMIT = 16 * 1024 * 1024
_MARK = f"status {os.urandom(16).hex()}"
"""What stands for a Status until it is known; nobody can write it in a label."""

# Only what a World says by itself; /info, say, tells the time.
_CONSTANT = re.compile(
    r"(?:/v1\.\d+)?(?:/networks/?|/networks/[^/]+|/images/json|/images/.+/history"
    r"|/images/.+/json|/volumes|/volumes/[^/]+|/version|/_ping|/containers/[^/]+/json)"
)
_LISTING = re.compile(r"(?:/v1\.\d+)?/containers/json")

Key = tuple[str, str, int, str]


class _Line(NamedTuple):
    """A line of `docker ps` around its Status."""

    container: Container
    before: bytes
    after: bytes


class _Listing(NamedTuple):
    headers: dict[str, str]
    lines: list[_Line]


class _Kept(NamedTuple):
    world: World
    whole: dict[Key, tuple[bytes, bytes]]
    """What comes before the date, and after it."""
    listings: dict[Key, _Listing]


class Kept:
    """What the last World was asked."""

    def __init__(self) -> None:
        self._kept: _Kept | None = None
        self._size = 0

    def find(self, world: World, head: Head, now: int, date: str) -> bytes | None:
        """The answer, if this World has given it before.

        Args:
            world: the World now.
            head: the request, which has no body.
            now: nanoseconds since 1970.
            date: the same for the head of the answer.
        """
        kept = self._kept
        if kept is None or kept.world is not world:
            return None
        key = _key(head)
        whole = kept.whole.get(key)
        if whole is not None:
            return f"Date: {date}\r\n".encode().join(whole)
        listing = kept.listings.get(key)
        return None if listing is None else _listed(listing, head, now, date)

    def keep(
        self, world: World, head: Head, response: Response, data: bytes, date: str
    ) -> None:
        """Remember an answer that this World gave, if it would give it again."""
        if response.status != 200 or response.stream is not None or response.upgrade:
            return
        listing = _LISTING.fullmatch(head.path) is not None
        if not listing and not _CONSTANT.fullmatch(head.path):
            return
        if any(gone.id in head.path for gone in world.departed):
            return  # it is found for a moment only (api/lingering.py)
        if self._kept is None or self._kept.world is not world:
            self._kept, self._size = _Kept(world, {}, {}), 0
        self._size += 3 * len(data) if listing else len(data)
        if self._size > _LIMIT:
            return
        if listing:
            lines = _lines(world, response.body)
            self._kept.listings[_key(head)] = _Listing(dict(response.headers), lines)
            return
        before, found, after = data.partition(f"Date: {date}\r\n".encode())
        if found:  # else the second has just passed
            self._kept.whole[_key(head)] = (before, after)


def _key(head: Head) -> Key:
    return head.path, head.query, head.minor, head.headers.get("connection", "")


def _lines(world: World, rows: Json) -> list[_Line]:
    lines = []
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict):
            container = world.containers[str(row["Id"])]
            text = encoded({**row, "Status": _MARK})
            before, _, after = text.partition(encoded(_MARK))
            lines.append(_Line(container, before, after))
    return lines


def _listed(listing: _Listing, head: Head, now: int, date: str) -> bytes:
    body = b",".join(
        b"%b%b%b" % (before, encoded(container_status(container, now)), after)
        for container, before, after in listing.lines
    )
    return rendering.whole(200, listing.headers, b"[%b]\n" % body, head, now=date)


def encoded(value: Json) -> bytes:
    r"""JSON as Go's encoder writes it, but for the line end that it adds.

    >>> encoded({"a": ["é", None]})
    b'{"a":["\xc3\xa9",null]}'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")
