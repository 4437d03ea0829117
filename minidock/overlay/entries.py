"""The entries of the registry as this host last saw them, and safe ways to change them.

```
version that the World was made from ──▶ compare_and_swap ──▶ the next one
                                             │ somebody was faster
                                             ▼
                                  Raced: their entry, to be learned first
```

A decision is made on a World, and the World was made from entries of certain versions.
A swap that asks for just those versions makes the decision true only if what it rests
on is; so nothing need be checked twice.

Invariant: whatever is seen is to be learned: it is in ``unlearned`` until the World has
it. So once that is empty, the versions that were seen are those that the World was made
from.
"""

from collections.abc import Callable

from minidock.overlay.facts import Fact
from minidock.registry.errors import Modified, NotFound, Unavailable
from minidock.registry.store import Entry, Lease, Listing, Store

__all__ = ["Entries", "LeaseEnded", "Raced"]

_TRIES = 64
"""How often a change is made again that may be made on any version."""


class Raced(Exception):
    """Somebody was faster: this host must learn something before it decides again.

    ``clean`` says that nothing was taken before, so nothing is to be given back.
    """

    def __init__(self, *, clean: bool = False) -> None:
        super().__init__("somebody was faster")
        self.clean = clean


class LeaseEnded(Unavailable):
    """The lease under which something was to be taken is not in the store any more."""


class Entries:
    """What was seen of the registry, and the verbs to change it.

    Args:
        store: the registry.
        pause: called before a change is tried again, with the number of the try.
    """

    def __init__(self, store: Store, pause: Callable[[int], None]) -> None:
        self.store = store
        self._pause = pause
        self._seen: dict[str, Entry] = {}
        self._own: dict[str, Entry] = {}
        self.unlearned: list[Fact] = []
        self.retries = 0
        """How often somebody was faster."""

    def text(self, key: str) -> str | None:
        """The value as it was seen last."""
        entry = self._seen.get(key)
        return None if entry is None else entry.value

    def below(self, prefix: str) -> list[tuple[str, str]]:
        """The last part of each key below a path that was seen, and its value."""
        begin = prefix + "/"
        return [
            (key.removeprefix(begin), entry.value)
            for key, entry in self._seen.items()
            if key.startswith(begin)
        ]

    def forget(self, prefix: str) -> None:
        """See nothing below a path any more."""
        for key in [key for key in self._seen if key.startswith(prefix + "/")]:
            del self._seen[key]

    def note(self, key: str, entry: Entry | None) -> bool:
        """An entry that was read or told of; False if a later one was seen before."""
        known = self._seen.get(key)
        if entry is None:
            self._seen.pop(key, None)
            self.unlearned.append(Fact(key, None))
            return True
        if known is not None and known.version >= entry.version:
            return False
        if self._own.get(key) == entry:  # an echo
            return False
        self._seen[key] = entry
        self.unlearned.append(Fact(key, entry.value))
        return True

    def note_listing(self, prefix: str, listing: Listing) -> None:
        """Everything that is below a path, and what is there no more."""
        there = {key for key, _ in listing.entries}
        begin = prefix + "/"
        for key in [k for k in self._seen if k.startswith(begin) and k not in there]:
            self.note(key, None)
        for key, entry in listing.entries:
            self.note(key, entry)

    def look(self, key: str) -> str | None:
        """Read an entry now, whatever was seen before."""
        try:
            entry = self.store.get(key)
        except NotFound:
            self.note(key, None)
            return None
        self._seen[key] = entry
        self.unlearned.append(Fact(key, entry.value))
        return entry.value

    def swap(self, key: str, value: str) -> None:
        """Change an entry that is still as it was seen, or make one that was not.

        A request may arrive twice, and the refusal of the second one may come back
        first. So who is refused looks whether it was its own text that was in the way.

        Args:
            key: which entry.
            value: its new text, which no other write has.

        Raises:
            Raced: it is not.
        """
        known = self._seen.get(key)
        try:
            if known is None:
                version = self.store.create(key, value)
            else:
                version = self.store.compare_and_swap(key, value, known.version)
        except (Modified, NotFound) as error:
            if self.look(key) == value:
                return
            self.retries += 1
            raise Raced from error
        self._seen[key] = Entry(value, version)

    def amend(self, key: str, change: Callable[[str | None], str | None]) -> None:
        """Change an entry whatever it has become meanwhile.

        Args:
            key: which entry.
            change: the new text of the present one; None where nothing is to be done.

        Raises:
            Modified: others changed it each time, which no fair store lets happen.
        """
        for number in range(_TRIES):
            value = change(self.look(key))
            if value is None:
                return
            try:
                self.swap(key, value)
            except Raced:
                self._pause(number)
                continue
            self.unlearned.append(Fact(key, value))
            return
        raise _always_changing(key)

    def take(
        self, key: str, value: str, lease: Lease, mine: Callable[[str], bool]
    ) -> None:
        """Make an entry of this host's own under its lease.

        Raises:
            Raced: another one has it.
            LeaseEnded: the lease has run out, or the store has lost it.
        """
        for _ in range(_TRIES):
            try:
                version = self.store.create(key, value, lease)
            except Modified:
                pass
            except NotFound as error:
                raise LeaseEnded(error.text or "no lease") from error
            else:
                self._own[key] = Entry(value, version)
                return
            try:
                entry = self.store.get(key)
            except NotFound:  # gone again meanwhile
                continue
            if not mine(entry.value):
                self.retries += 1
                self.note(key, entry)
                raise Raced(clean=True)
            try:
                new = self.store.compare_and_swap(key, value, entry.version, lease)
            except (Modified, NotFound):
                continue
            self._own[key] = Entry(value, new)
            return
        self.look(key)
        raise Raced(clean=True)

    def rewrite(
        self, key: str, value: str, lease: Lease, mine: Callable[[str], bool]
    ) -> None:
        """Say something else in an entry of this host's own, if it is there.

        It is written even if it says so already: what was asked for before and arrives
        late then finds another version.

        Raises:
            Modified: others changed it each time, which no fair store lets happen.
        """
        for _ in range(_TRIES):
            try:
                entry = self.store.get(key)
            except NotFound:
                return
            if not mine(entry.value):
                return
            try:
                version = self.store.compare_and_swap(key, value, entry.version, lease)
            except Modified:
                continue
            except NotFound:
                return
            self._own[key] = Entry(value, version)
            return
        raise _always_changing(key)

    def give(self, key: str, mine: Callable[[str], bool]) -> None:
        """Remove an entry of this host's own; one that is not is left alone."""
        own = self._own.get(key)
        if own is not None and mine(own.value):
            del self._own[key]
            try:
                self.store.compare_and_delete(key, own.version)
            except NotFound:
                return
            except Modified:
                pass
            else:
                return
        try:
            entry = self.store.get(key)
            if mine(entry.value):
                self.store.compare_and_delete(key, entry.version)
        except (NotFound, Modified):
            return

    def clear(self) -> None:
        """See nothing any more, and have nothing of one's own."""
        self._seen.clear()
        self._own.clear()

    def disown(self) -> None:
        """Have nothing of one's own any more: the lease has run out."""
        self._own.clear()

    def remove(self, key: str) -> None:
        """Remove an entry of the cluster's; one that is gone is no error.

        By its version: should the request arrive once more, it removes nothing that
        was made since.
        """
        if key not in self._seen:
            self.look(key)
        while (known := self._seen.get(key)) is not None:
            try:
                self.store.compare_and_delete(key, known.version)
            except Modified:
                self.look(key)
                continue
            except NotFound:
                pass
            self.note(key, None)


def _always_changing(key: str) -> Modified:
    return Modified(
        f"cannot change {key}: others change it all the time",
        asked=f"change {key} in the cluster store",
        rule="an entry is changed by compare-and-swap",
        remedy="the same once more",
    )
