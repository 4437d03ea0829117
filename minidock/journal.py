"""An engine's memory: the requests that changed its World, in order.

```
engine/head              {"era": "28", "seed": "...", "daemon": [...], "now": ...}
engine/journal/00000001  {"now": ..., "method": "POST", "path": "/networks/create", ...}
engine/journal/00000002  ...
```

A World is a pure function of its first moment and these requests, so they are all that
has to be kept: reading them back gives the same World, digit for digit. An entry is
made
with the store's ``create``, which two writers cannot both do for one number: the second
reads what the first wrote and answers again.

Cost: opening is one request each, some 0.2 ms; an append is one ``create``.

Invariant: the numbers of the entries are 1, 2, 3 ... without a gap.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from minidock.api.http import Request
from minidock.errors import InvalidParameter
from minidock.registry.store import Store

__all__ = ["Head", "Journal", "Record"]

_HEAD = "engine/head"
_JOURNAL = "engine/journal"
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How the engine was started."""

    era: str
    seed: str
    now: int
    daemon: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One change: an API request, or a change of the host beneath."""

    now: int
    request: Request | None = None
    host: tuple[str, ...] = field(default=())
    """A verb and its arguments, such as ("listen", "tcp", "8200", "")."""


def _dump_request(request: Request) -> dict[str, object]:
    value: dict[str, object] = {
        "method": request.method,
        "path": request.path,
        "query": dict(request.query),
        "body": request.body,
        "raw": request.raw,
        "content_type": request.content_type,
    }
    if request.data:
        value["data"] = b64encode(request.data).decode()
    if request.pairs:
        value["pairs"] = request.pairs
    if request.headers:
        value["headers"] = dict(request.headers)
    return value


def _load_request(value: dict[str, Any]) -> Request:
    fields = dict(value)
    if "data" in fields:
        fields["data"] = b64decode(fields["data"])
    if "pairs" in fields:
        fields["pairs"] = tuple((key, item) for key, item in fields["pairs"])
    return Request(**fields)


def dump(record: Record) -> str:
    """The text of a record."""
    value: dict[str, object] = {"now": record.now}
    if record.request is not None:
        value["request"] = _dump_request(record.request)
    if record.host:
        value["host"] = list(record.host)
    return json.dumps(value)


def load(text: str) -> Record:
    """The record that a text holds."""
    value = json.loads(text)
    asked = value.get("request")
    return Record(
        now=value["now"],
        request=None if asked is None else _load_request(asked),
        host=tuple(value.get("host", ())),
    )


class Journal:
    """The requests that are kept in a store, and how many of them are known here."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known = 0

    def open(self, wanted: Head) -> Head:
        """The head in the store; an empty store takes the wanted one.

        Raises:
            InvalidParameter: the store was written by another format.
        """
        value = {"format": _FORMAT, "era": wanted.era, "seed": wanted.seed}
        value |= {"now": wanted.now, "daemon": list(wanted.daemon)}
        if self._store.create(_HEAD, json.dumps(value)):
            return wanted
        entry = self._store.get(_HEAD)
        found = json.loads(entry.value if entry else json.dumps(value))
        if found.get("format") != _FORMAT:
            raise InvalidParameter(
                f"the state has format {found.get('format')}, not {_FORMAT}",
                asked="open a saved engine",
                rule="a state is read by the format that wrote it",
                remedy="another state file, or the version of minidock that wrote it",
            )
        return Head(
            era=found["era"],
            seed=found["seed"],
            now=found["now"],
            daemon=tuple(found["daemon"]),
        )

    def unread(self) -> Iterator[Record]:
        """The records that are in the store and not yet known here."""
        for key, entry in self._store.list(_JOURNAL):
            if int(key.rpartition("/")[2]) > self._known:
                self._known += 1
                yield load(entry.value)

    def append(self, record: Record) -> bool:
        """Keep one more record; False if another writer was first."""
        if not self._store.create(self._key(self._known + 1), dump(record)):
            return False
        self._known += 1
        return True

    def drop(self) -> bool:
        """Forget the last record; False if there is none, or another one follows it."""
        if not self._known or self._store.get(self._key(self._known + 1)):
            return False
        self._store.delete(self._key(self._known))
        self._known -= 1
        return True

    @staticmethod
    def _key(number: int) -> str:
        return f"{_JOURNAL}/{number:08d}"
