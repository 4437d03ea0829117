"""An agenda: what is due, and when.

```
agenda.set("exec:4f2", 1200)     (1200, exec:4f2), (1500, program:9ab), ...
agenda.first  ──▶  (1200, "exec:4f2")
```

Every name has at most one moment. Equal moments are in the order of their names, so two
agendas that hold the same are equal, whatever their history. The entries are kept in
order, in chunks of at most ``_MOST``, so that a change copies one chunk and the list of
chunks.

Cost: the first entry is O(1); a change is O(chunk + n/chunk), 20 us at 10,000.
"""

from bisect import bisect_left
from dataclasses import dataclass, field

from minidock.model.maps import Map

__all__ = ["Agenda"]

Entry = tuple[int, str]
_MOST = 256


def _last(chunk: tuple[Entry, ...]) -> Entry:
    return chunk[-1]


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is due when; see the module's picture.

    >>> agenda = Agenda().set("b", 5).set("a", 7).set("b", 9)
    >>> agenda.first, len(agenda.entries)
    ((7, 'a'), 2)
    >>> agenda.set("a", None).set("b", None).first is None
    True
    """

    moments: Map[int] = field(default_factory=Map)
    _chunks: tuple[tuple[Entry, ...], ...] = field(default=(), compare=False)

    @property
    def first(self) -> Entry | None:
        """(nanoseconds since 1970, name) of what is due next."""
        return self._chunks[0][0] if self._chunks else None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All of it, in order; O(n)."""
        return tuple(entry for chunk in self._chunks for entry in chunk)

    def set(self, name: str, moment: int | None) -> "Agenda":
        """The agenda with this moment for a name; None takes the name off."""
        old = self.moments.get(name)
        if old == moment:
            return self
        chunks, moments = self._chunks, self.moments
        if old is not None:
            chunks, moments = _without(chunks, (old, name)), moments.delete(name)
        if moment is not None:
            chunks = _with(chunks, (moment, name))
            moments = moments.set(name, moment)
        return Agenda(moments, chunks)


def _without(
    chunks: tuple[tuple[Entry, ...], ...], entry: Entry
) -> tuple[tuple[Entry, ...], ...]:
    place = bisect_left(chunks, entry, key=_last)
    chunk = chunks[place]
    inside = bisect_left(chunk, entry)
    rest = chunk[:inside] + chunk[inside + 1 :]
    return chunks[:place] + ((rest,) if rest else ()) + chunks[place + 1 :]


def _with(
    chunks: tuple[tuple[Entry, ...], ...], entry: Entry
) -> tuple[tuple[Entry, ...], ...]:
    if not chunks:
        return ((entry,),)
    place = min(bisect_left(chunks, entry, key=_last), len(chunks) - 1)
    chunk = chunks[place]
    inside = bisect_left(chunk, entry)
    grown = (*chunk[:inside], entry, *chunk[inside:])
    half = len(grown) // 2
    parts = (grown,) if len(grown) <= _MOST else (grown[:half], grown[half:])
    return chunks[:place] + parts + chunks[place + 1 :]
