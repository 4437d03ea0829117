"""A store in memory: the simplest one, and the model for the others.

```
entries   {"a/b": Entry("...", 3), ...}        keys in order, for listings
changes   [(3, "a/b"), (4, "a/c"), ...]        the last ones, for watches that start
watches   {"a": [watch], "": [watch]}          a change finds those of its parents
leases    {"1": until 12.5, {"a/b", ...}}      swept when somebody looks
```

Each change has the next revision, which is the version of its key, too. So a key that
was made again never has a version of its earlier life.

Time is a function that gives seconds. Without one it stands still, but for ``advance``:
what happens depends on what is called and on nothing else, so a test can repeat it.

Invariant: a watch has, of every key below its path, the last change that it has not
told. What it keeps is bounded by what its owner knows and what there is: a key that
came and went since may be left out.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from threading import Condition, RLock

from minidock.registry.errors import (
    forgotten,
    key_exists,
    no_key,
    no_lease,
    other_version,
)
from minidock.registry.handle import LeaseHandle
from minidock.registry.ordered import SortedKeys
from minidock.registry.store import Change, Entry, Lease, Listing

__all__ = ["MemoryStore"]

_REMEMBERED = 10_000
"""How many changes a watch may look back, and how many unread ones it keeps anyway."""


@dataclass(slots=True, eq=False)
class _Term:
    """A lease as the store sees it."""

    ttl: float
    deadline: float
    keys: set[str] = field(default_factory=set)


class MemoryStore:
    """A dictionary with versions, watches and leases; any number of threads may use it.

    Cost: a change is O(sqrt n) with n keys, and O(1) for each watch on its path; a
    listing is what it gives. A change that nobody watches tells nobody.

    Args:
        clock: gives seconds; None for a clock that only ``advance`` moves.

    >>> store = MemoryStore()
    >>> store.create("a/b", "1"), store.compare_and_swap("a/b", "3", version=1)
    (1, 2)
    >>> store.get("a/b")
    Entry(value='3', version=2)
    >>> store.create("a/b", "2")
    Traceback (most recent call last):
    minidock.registry.errors.Modified: the key a/b is in the store already
    """

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock or (lambda: 0.0)
        self._ahead = 0.0
        self._entries: dict[str, Entry] = {}
        self._keys = SortedKeys()
        self._revision = 0
        self._changes: deque[tuple[int, str]] = deque(maxlen=_REMEMBERED)
        self._watches: dict[str, list[_MemoryWatch]] = {}
        self._terms: dict[str, _Term] = {}
        self._term_of: dict[str, _Term] = {}
        self._granted = 0
        self._next_deadline = float("inf")
        self._lock = RLock()

    def advance(self, seconds: float) -> None:
        """Let time pass; the leases that run out in it are gone."""
        with self._lock:
            self._ahead += seconds
            self._sweep()

    def _now(self) -> float:
        return self._clock() + self._ahead

    def get(self, key: str) -> Entry:
        """The entry under a key."""
        with self._lock:
            self._sweep()
            entry = self._entries.get(key)
        if entry is None:
            raise no_key(key)
        return entry

    def put(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key whatever it holds; the new version."""
        with self._lock:
            self._sweep()
            return self._set(key, value, self._term(lease))

    def create(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key that is not there; its version."""
        with self._lock:
            self._sweep()
            if key in self._entries:
                raise key_exists(key)
            return self._set(key, value, self._term(lease))

    def compare_and_swap(
        self, key: str, value: str, version: int, lease: Lease | None = None
    ) -> int:
        """Set a key that still has this version; the new version."""
        with self._lock:
            self._compare(key, version)
            return self._set(key, value, self._term(lease))

    def delete(self, key: str) -> None:
        """Remove a key."""
        with self._lock:
            self._sweep()
            if key not in self._entries:
                raise no_key(key)
            self._set(key, None)

    def compare_and_delete(self, key: str, version: int) -> None:
        """Remove a key that still has this version."""
        with self._lock:
            self._compare(key, version)
            self._set(key, None)

    def write(self, entries: Mapping[str, str | None]) -> None:
        """Set several keys at once, or remove those with None: all of it or nothing."""
        with self._lock:
            self._sweep()
            for key, value in entries.items():
                if value is not None or key in self._entries:
                    self._set(key, value)

    def list(self, prefix: str, after: str = "") -> Listing:
        """The entries below a path that come after a key."""
        with self._lock:
            self._sweep()
            keys = self._keys.between(*_range(prefix, after))
            return Listing(
                tuple((key, self._entries[key]) for key in keys), self._revision
            )

    def watch(self, prefix: str, revision: int) -> "_MemoryWatch":
        """Watch everything below a path, from a listing's revision on.

        Cost: O(1) for each change since that revision.
        """
        with self._lock:
            self._sweep()
            watch = _MemoryWatch(self._lock, self._sweep, partial(self._forget, prefix))
            for key in self._changed_since(prefix, revision):
                if not prefix or key.startswith(prefix + "/"):
                    watch.tell(Change(key, self._entries.get(key)), known=True)
            self._watches.setdefault(prefix, []).append(watch)
            return watch

    def lease(self, ttl: float) -> LeaseHandle:
        """A new lease."""
        with self._lock:
            self._granted += 1
            lease_id = str(self._granted)
            self._terms[lease_id] = _Term(ttl, self._now() + ttl)
            self._next_deadline = min(self._next_deadline, self._now() + ttl)
            return LeaseHandle(lease_id, ttl, self._renew, self._revoke)

    def resume_lease(self, lease_id: str) -> LeaseHandle:
        """The lease of an owner that was restarted, renewed."""
        ttl = self._renew(lease_id)
        return LeaseHandle(lease_id, ttl, self._renew, self._revoke)

    def close(self) -> None:
        """Nothing is held open."""

    def _compare(self, key: str, version: int) -> None:
        self._sweep()
        entry = self._entries.get(key)
        if entry is None:
            raise no_key(key)
        if entry.version != version:
            raise other_version(key, version)

    def _term(self, lease: Lease | None) -> _Term | None:
        if lease is None:
            return None
        term = self._terms.get(lease.id)
        if term is None:
            raise no_lease(lease.id)
        return term

    def _set(self, key: str, value: str | None, term: _Term | None = None) -> int:
        """Change a key, or remove it, and tell who watches."""
        self._revision += 1
        known = key in self._entries
        entry = None if value is None else Entry(value, self._revision)
        if entry is None:
            del self._entries[key]
            self._keys.remove(key)
        else:
            self._entries[key] = entry
            if not known:
                self._keys.add(key)
        if old := self._term_of.pop(key, None):
            old.keys.discard(key)
        if term is not None:
            term.keys.add(key)
            self._term_of[key] = term
        self._changes.append((self._revision, key))
        if self._watches:
            self._tell(Change(key, entry), known=known)
        return self._revision

    def _tell(self, change: Change, *, known: bool) -> None:
        for path in _parents(change.key):
            for watch in self._watches.get(path, ()):
                watch.tell(change, known=known)

    def _forget(self, prefix: str, watch: "_MemoryWatch") -> None:
        others = [item for item in self._watches.pop(prefix, ()) if item is not watch]
        if others:
            self._watches[prefix] = others

    def _changed_since(self, prefix: str, revision: int) -> Iterable[str]:
        """The keys that changed since a revision, in the order of their last change."""
        first = self._changes[0][0] if self._changes else self._revision + 1
        if not first - 1 <= revision <= self._revision:
            raise forgotten(prefix, revision)
        keys: dict[str, None] = {}
        for made, key in reversed(self._changes):
            if made <= revision:
                break
            keys.setdefault(key)
        return reversed(keys)

    def _sweep(self) -> float:
        """Remove the leases that have run out; how long until the next one does."""
        now = self._now()
        if now < self._next_deadline:
            return self._next_deadline - now
        for lease_id, term in list(self._terms.items()):
            if term.deadline <= now:
                self._end(lease_id)
        deadlines = (term.deadline for term in self._terms.values())
        self._next_deadline = min(deadlines, default=float("inf"))
        return self._next_deadline - now

    def _end(self, lease_id: str) -> None:
        term = self._terms.pop(lease_id, None)
        for key in sorted(term.keys) if term else ():
            self._set(key, None)

    def _renew(self, lease_id: str) -> float:
        with self._lock:
            self._sweep()
            term = self._terms.get(lease_id)
            if term is None:
                raise no_lease(lease_id)
            term.deadline = self._now() + term.ttl
            return term.ttl

    def _revoke(self, lease_id: str) -> None:
        with self._lock:
            self._end(lease_id)


class _MemoryWatch:
    """The last change of each key that its owner has not heard of."""

    def __init__(
        self,
        lock: RLock,
        sweep: Callable[[], float],
        forget: Callable[["_MemoryWatch"], None],
    ) -> None:
        self._sweep = sweep
        self._forget = forget
        self._pending: dict[str, tuple[Change, bool]] = {}
        self._closed = False
        self._news = Condition(lock)
        self._bound = _REMEMBERED

    def tell(self, change: Change, *, known: bool) -> None:
        """Keep a change; ``known`` says whether the key was there before it."""
        old = self._pending.pop(change.key, None)
        self._pending[change.key] = (change, known if old is None else old[1])
        if len(self._pending) > self._bound:
            self._leave_out_what_came_and_went()
        self._news.notify_all()

    def _leave_out_what_came_and_went(self) -> None:
        self._pending = {
            key: (change, known)
            for key, (change, known) in self._pending.items()
            if known or change.entry is not None
        }
        self._bound = max(_REMEMBERED, 2 * len(self._pending))

    def changes(self, timeout: float) -> Sequence[Change]:
        """What changed since the last call, in order."""
        with self._news:
            until_then = self._sweep()
            while not self._pending and not self._closed and timeout > 0:
                pause = min(timeout, max(until_then, 0.001))  # an end is news, too
                self._news.wait(pause)
                timeout -= pause
                until_then = self._sweep()
            told = [change for change, _ in self._pending.values()]
            self._pending.clear()
            return told

    def close(self) -> None:
        """Stop watching."""
        with self._news:
            self._closed = True
            self._forget(self)
            self._news.notify_all()


def _range(prefix: str, after: str) -> tuple[str, str | None]:
    """Above which key and below which one a listing is; "0" follows "/" in Unicode."""
    if not prefix:
        return after, None
    return max(prefix + "/", after), prefix + "0"


def _parents(key: str) -> Iterable[str]:
    """Every path that a key is below of."""
    yield ""
    place = key.find("/")
    while place >= 0:
        yield key[:place]
        place = key.find("/", place + 1)
