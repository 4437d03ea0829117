"""What became of every setting: kept, changed or lost.

A translation that drops something without a word is worse than one that refuses. So
each input key that was not left at its default ends here, with its JSON path:

```
 setting (path, attribute, value) ──┐
                                    ├──▶ entry (subject, path, value, outcome, how)
 note (attribute, outcome, how) ────┘
```

A *note* is what a mapping says about an attribute of the neutral model. Joining the
two cannot omit a setting: one without a note is an entry that says that it is lost.

Invariant: every setting has at least one entry. Docker has no word for this.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from k8s_bridge.application import Setting

__all__ = ["Entry", "Note", "Outcome", "Report", "changed", "join", "kept", "lost"]


class Outcome(StrEnum):
    """What became of a setting."""

    KEPT = "kept"
    CHANGED = "changed"
    LOST = "lost"


class Note(NamedTuple):
    """What a mapping did with an attribute, and how or why."""

    attribute: str
    outcome: Outcome
    how: str


def kept(attribute: str, how: str) -> Note:
    """It means the same in Kubernetes."""
    return Note(attribute, Outcome.KEPT, how)


def changed(attribute: str, how: str) -> Note:
    """It is there, but not exactly as it was."""
    return Note(attribute, Outcome.CHANGED, how)


def lost(attribute: str, how: str) -> Note:
    """Nothing stands for it."""
    return Note(attribute, Outcome.LOST, how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the report."""

    subject: str
    path: str
    value: str
    outcome: Outcome
    how: str


_UNKNOWN = lost("", "no rule of the translation knows this key")


def join(
    subject: str,
    settings: Iterable[Setting],
    notes: Iterable[Note],
    limits: Mapping[str, Note],
) -> tuple[Entry, ...]:
    """An entry for each setting and each note about it.

    ``limits`` has the notes that hold for an attribute whatever its value is.

    >>> setting = Setting("HostConfig.Memory", "memory", "64Mi")
    >>> join("web", [setting], [kept("memory", "limits.memory")], {})[0].how
    'limits.memory'
    >>> join("web", [setting], [], {})[0].outcome
    <Outcome.LOST: 'lost'>
    """
    by_attribute: dict[str, list[Note]] = {}
    for note in dict.fromkeys(notes):
        by_attribute.setdefault(note.attribute, []).append(note)
    entries = []
    for setting in settings:
        general = limits.get(setting.attribute.partition("@")[0], _UNKNOWN)
        for note in by_attribute.get(setting.attribute, [general]):
            entries.append(_entry(subject, setting, note))
    return tuple(entries)


def _entry(subject: str, setting: Setting, note: Note) -> Entry:
    return Entry(
        subject=subject,
        path=setting.path,
        value=setting.value,
        outcome=note.outcome,
        how=note.how,
    )


@dataclass(frozen=True, slots=True)
class Report:
    """All entries of a translation; ``str()`` gives a table for people.

    >>> entry = Entry(
    ...     subject="web",
    ...     path="HostConfig.Init",
    ...     value="true",
    ...     outcome=Outcome.LOST,
    ...     how="no init is added",
    ... )
    >>> print(Report((entry,)))
    0 kept, 0 changed, 1 lost
    <BLANKLINE>
    lost
      web  HostConfig.Init = true
           no init is added
    """

    entries: tuple[Entry, ...] = ()

    def of(self, outcome: Outcome) -> tuple[Entry, ...]:
        """The entries with this outcome."""
        return tuple(entry for entry in self.entries if entry.outcome is outcome)

    @property
    def kept(self) -> tuple[Entry, ...]:
        """What means the same in Kubernetes."""
        return self.of(Outcome.KEPT)

    @property
    def changed(self) -> tuple[Entry, ...]:
        """What is there, but not exactly as it was."""
        return self.of(Outcome.CHANGED)

    @property
    def lost(self) -> tuple[Entry, ...]:
        """What nothing stands for."""
        return self.of(Outcome.LOST)

    def as_json(self) -> list[dict[str, str]]:
        """The entries as plain JSON."""
        return [
            {
                "subject": entry.subject,
                "path": entry.path,
                "value": entry.value,
                "outcome": str(entry.outcome),
                "how": entry.how,
            }
            for entry in self.entries
        ]

    def __str__(self) -> str:
        counts = ", ".join(f"{len(self.of(o))} {o}" for o in Outcome)
        width = max((len(entry.subject) for entry in self.entries), default=0)
        blocks = [_block(o, self.of(o), width) for o in reversed(Outcome)]
        return "\n\n".join([counts, *(block for block in blocks if block)])


def _block(outcome: Outcome, entries: tuple[Entry, ...], width: int) -> str:
    if not entries:
        return ""
    lines = [str(outcome)]
    for entry in entries:
        value = f" = {_short(entry.value)}" if entry.value else ""
        lines.append(f"  {entry.subject:<{width}}  {entry.path}{value}")
        lines.append(f"  {'':<{width}}  {entry.how}")
    return "\n".join(lines)


def _short(text: str, limit: int = 60) -> str:
    line = text.replace("\n", "\\n")
    return line if len(line) <= limit else line[: limit - 1] + "…"
