"""An engine's memory: the requests that changed its World, in order.

```
engine/head              {"era": "28", "seed": "...", "daemon": [...], "now": ...}
engine/clock             how far time has come, where no request says it
engine/snapshot          a World, and after how many records it stood
engine/journal/00000001  {"now": ..., "request": {"method": "POST", "path": ...}}
engine/journal/00000002  {"now": ..., "facts": [["docker/network/...", "{...}"]]}
engine/journal/00000003  {"now": ..., "daemon": "stop"}
...
```

A World is a pure function of its first moment, these records and the time, so they are
all that has to be kept: reading them back gives the same World, digit for digit. There
are two ways to keep one more:

```
append   several writers   the store's ``create``, which two cannot both do for one
                           number: the second reads what the first wrote, and answers
                           its request again
begin    one writer        the record waits in line, its request is answered in
   │                       memory, and the next one may begin
settle                     whoever comes first writes all that wait, in one commit
```

Cost: opening is one request each, some 0.2 ms; an append is one commit, and so are all
the records that settle together.

Invariants: the numbers of the entries are 1, 2, 3 ... without a gap; a record that is
saved has all records before it saved.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, NamedTuple

from minidock.api.http import Request
from minidock.errors import InvalidParameter, Refusal, Unclassified
from minidock.model.remote import Call, Heard
from minidock.overlay.facts import Fact
from minidock.registry.errors import Modified
from minidock.registry.store import BatchStore, find

__all__ = ["Head", "Journal", "Pending", "Record", "Snapshot"]

_HEAD = "engine/head"
_CLOCK = "engine/clock"
_JOURNAL = "engine/journal"
_SNAPSHOT = "engine/snapshot"
_FORMAT = 2
_KNOWN_FORMATS = {1, 2}
"""1 had no records of the daemon and no clock; nothing else differs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How the engine was started."""

    era: str
    seed: str
    now: int
    daemon: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One change: a request, one of the host beneath, the daemon's own, or news."""

    now: int
    request: Request | None = None
    host: tuple[str, ...] = field(default=())
    """A verb and its arguments, such as ("listen", "tcp", "8200", "")."""
    daemon: str = ""
    """"start" and "stop": dockerd begins another life, or ends one in good order."""
    heard: tuple[Heard, ...] = ()
    """What plugins answered for it; alone: for what happened by itself by ``now``."""
    facts: tuple[Fact, ...] = ()
    """What was learned of the cluster."""
    turned: bool = False
    """With facts: everything that was due by ``now`` had happened before."""
    since: int = 0
    """With a start: until when the last daemon lived. Nothing happened in between."""

    @property
    def alone(self) -> bool:
        """Whether it only says what plugins answered to what happened by itself."""
        asked = self.request or self.host or self.daemon or self.facts
        return bool(self.heard) and not asked


@dataclass(slots=True, eq=False)
class Pending:
    """A record in line: until it is saved, its request must not be acknowledged."""

    key: str
    text: str
    saved: bool = False
    lost: Refusal | None = None
    """Why it could not be saved; whoever settles it hears that."""


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
    if record.daemon:
        value["daemon"] = record.daemon
    if record.since:
        value["since"] = record.since
    if record.heard:
        value["heard"] = [[list(h.call), *h[1:]] for h in record.heard]
    if record.facts:
        value["facts"] = [list(fact) for fact in record.facts]
        value["turned"] = record.turned
    return json.dumps(value)


def load(text: str) -> Record:
    """The record that a text holds."""
    value = json.loads(text)
    asked = value.get("request")
    return Record(
        now=value["now"],
        request=None if asked is None else _load_request(asked),
        host=tuple(value.get("host", ())),
        daemon=value.get("daemon", ""),
        since=value.get("since", 0),
        heard=tuple(
            Heard(Call(*call), *rest) for call, *rest in value.get("heard", ())
        ),
        facts=tuple(Fact(*fact) for fact in value.get("facts", ())),
        turned=value.get("turned", False),
    )


class Snapshot(NamedTuple):
    """A World as text, as it stood after some records at some time."""

    records: int
    now: int
    text: str


class Journal:
    """The requests that are kept in a store, and how many of them are known here."""

    def __init__(self, store: BatchStore) -> None:
        self._store = store
        self.found = False
        """Whether the store held an engine when it was opened."""
        self.rewound = 0
        """How often it was read from its first record on."""
        self._known = 0
        self._line: list[Pending] = []
        self._clock = 0
        self._unsaved_clock = False
        self._broken: Refusal | None = None
        self._queue = Lock()  # guards the line, for as long as an append to a list
        self._commit = Lock()  # held while the disk works

    def open(self, wanted: Head) -> Head:
        """The head in the store; an empty store takes the wanted one.

        Raises:
            InvalidParameter: the store was written by another format.
        """
        value = {"format": _FORMAT, "era": wanted.era, "seed": wanted.seed}
        value |= {"now": wanted.now, "daemon": list(wanted.daemon)}
        try:
            self._store.create(_HEAD, json.dumps(value))
        except Modified:
            found = json.loads(self._store.get(_HEAD).value)
            self.found = True
        else:
            return wanted
        if found.get("format") not in _KNOWN_FORMATS:
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
        for _, entry in self._store.list(
            _JOURNAL, after=self._key(self._known)
        ).entries:
            self._known += 1
            yield load(entry.value)

    @property
    def broken(self) -> bool:
        """Whether records were lost: what was made of them is not to be trusted."""
        return self._broken is not None

    def rewind(self) -> None:
        """Know no record, as after opening."""
        with self._queue:
            self.rewound += 1
            self._known = 0
            self._broken = None

    @property
    def known(self) -> int:
        """How many records are known here."""
        return self._known

    def snapshot(self) -> Snapshot | None:
        """The snapshot in the store, or None."""
        entry = find(self._store, _SNAPSHOT)
        if entry is None:
            return None
        head, _, text = entry.value.partition("\n")
        records, _, now = head.partition(" ")
        return Snapshot(int(records), int(now), text)

    def keep_snapshot(self, now: int, text: str) -> None:
        """Keep what the records that are known here have led to."""
        self._store.put(_SNAPSHOT, f"{self._known} {now}\n{text}")

    def skip(self, records: int) -> None:
        """Know so many records without reading them."""
        self._known = records

    def clock(self) -> int:
        """How far time had come when the store was written last; 0 if nobody said."""
        entry = find(self._store, _CLOCK)
        return int(entry.value) if entry else 0

    def tell_time(self, now: int) -> None:
        """Time has come this far; saved with the next record."""
        self._clock, self._unsaved_clock = now, True

    def begin(self, record: Record) -> Pending:
        """Put one more record in line, as the only writer."""
        with self._queue:
            self._known += 1
            key = self._key(self._known)
            pending = Pending(key, dump(record), lost=self._broken)
            if not self.broken:
                self._line.append(pending)
        return pending

    def settle(self, pending: Pending | None = None) -> None:
        """Wait until the store has this record, or all that is in line.

        Any thread may call it. Who finds the disk free writes for all who wait.

        Raises:
            Refusal: the store did not take it. Then nothing that was in line is saved,
                and the journal wants to be read again.
        """
        with self._commit:
            if pending is None or not (pending.saved or pending.lost):
                self._write_line()
        if pending is not None and pending.lost is not None:
            raise pending.lost

    def _write_line(self) -> None:
        with self._queue:
            line, self._line = self._line, []
            entries: dict[str, str | None] = {item.key: item.text for item in line}
            if self._unsaved_clock:
                entries[_CLOCK] = str(self._clock)
                self._unsaved_clock = False
        if not entries:
            return
        try:
            self._store.write(entries)
        except Exception as error:
            self._lose(line, error)
            if not line:
                raise
        for item in line:
            item.saved = item.lost is None

    def _lose(self, line: list[Pending], error: Exception) -> None:
        """Nothing in line is saved, nor what was put there meanwhile."""
        refusal = error if isinstance(error, Refusal) else _unwritten(error)
        with self._queue:
            self._broken = refusal
            later, self._line = self._line, []
        for item in (*line, *later):
            item.lost = refusal

    def append(self, record: Record) -> bool:
        """Keep one more record; False if another writer was first."""
        try:
            self._store.create(self._key(self._known + 1), dump(record))
        except Modified:
            return False
        self._known += 1
        return True

    def drop(self) -> bool:
        """Forget the last record; False if there is none, or another one follows it."""
        if not self._known or find(self._store, self._key(self._known + 1)):
            return False
        self._store.write({self._key(self._known): None, _SNAPSHOT: None})
        self._known -= 1
        return True

    @staticmethod
    def _key(number: int) -> str:
        return f"{_JOURNAL}/{number:08d}"


def _unwritten(error: Exception) -> Refusal:
    return Unclassified(
        f"cannot save: {error}",
        asked="keep a change in the store",
        rule="a change is acknowledged once the store has it",
        remedy="a store that can be written",
    )
