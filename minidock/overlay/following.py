"""What a host follows in the registry: lists it once, and hears of changes from there.

```
begin(NID, places) ──▶ list each place, and watch it from that moment on
hear               ──▶ what the watches told since; does not wait for the store
read_again         ──▶ list the places anew: what no watch has told yet
```

Invariant: nothing that changed after ``begin`` is missed, and no older entry follows a
newer one (:class:`minidock.overlay.entries.Entries` drops it).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from minidock.overlay.entries import Entries
from minidock.overlay.keys import Kind, read
from minidock.registry.errors import Unavailable
from minidock.registry.store import Store, Watch

__all__ = ["Following"]


@dataclass(slots=True)
class _Topic:
    places: tuple[str, ...]
    watches: list[Watch] = field(default_factory=list)


class Following:
    """The places that one host follows, by topic: a network's id, or its own word.

    Args:
        store: the registry.
        entries: where the entries that are seen are noted.
    """

    def __init__(self, store: Store, entries: Entries) -> None:
        self._store = store
        self._entries = entries
        self._topics: dict[str, _Topic] = {}

    def __contains__(self, topic: str) -> bool:
        return topic in self._topics

    def begin(self, topic: str, places: Sequence[str]) -> None:
        """Follow some places, and note what stands there.

        Raises:
            Unavailable: none of them is followed.
        """
        self.end(topic)
        new = self._topics[topic] = _Topic(tuple(places))
        try:
            for place in places:
                listing = self._store.list(place)
                new.watches.append(self._store.watch(place, listing.revision))
                self._entries.note_listing(place, listing)
        except Unavailable:
            self.end(topic)
            raise

    def end(self, topic: str) -> None:
        """Follow these places no more, and see nothing there."""
        ended = self._topics.pop(topic, None)
        if ended is not None:
            for watch in ended.watches:
                watch.close()
            for place in ended.places:
                self._entries.forget(place)

    def end_all(self) -> None:
        """Follow nothing."""
        for topic in list(self._topics):
            self.end(topic)

    def hear(self) -> bool:
        """Note what changed since the last call; whether a host has gone.

        Raises:
            Unavailable: the store cannot be reached.
        """
        died = False
        for topic in list(self._topics.values()):
            for watch in topic.watches:
                for change in watch.changes(0):
                    noted = self._entries.note(change.key, change.entry)
                    gone = noted and change.entry is None
                    died |= gone and read(change.key).kind is Kind.NODE
        return died

    def read_again(self) -> None:
        """Read everything that is followed; what no watch has told yet."""
        for topic in list(self._topics.values()):
            for place in topic.places:
                listing = self._store.list(place)
                self._entries.note_listing(place, listing)
