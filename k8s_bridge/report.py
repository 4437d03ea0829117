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


class Entry(NamedTuple):
    """One line of the report.

    ``general`` marks what the two systems differ in as such, whatever was asked for.
    """

    subject: str
    path: str
    value: str
    outcome: Outcome
    how: str
    place: str = ""
    general: bool = False


_UNKNOWN = lost("", "no rule of the translation knows this key")


def join(
    subject: str,
    settings: Iterable[Setting],
    notes: Iterable[Note],
    limits: Mapping[str, Note],
) -> tuple[Entry, ...]:
    """An entry for each setting and each note about it; O(settings + notes).

    A word may say after an at sign what exactly it is about: "mounts@/data". A note
    about that is also one about "mounts"; one about "mounts" holds for "mounts@/data"
    where nothing more exact is said. ``limits`` has the notes that hold for an
    attribute whatever its value is.

    >>> setting = Setting("HostConfig.Memory", "memory", "64Mi")
    >>> join("web", [setting], [kept("memory", "limits.memory")], {})[0].how
    'limits.memory'
    >>> join("web", [setting], [], {})[0].outcome
    <Outcome.LOST: 'lost'>
    >>> data = Setting("volumes[0]", "mounts@/data", "data:/data")
    >>> join("web", [data], [kept("mounts@/x", "x"), kept("mounts", "all")], {})[0].how
    'all'
    """
    settings = tuple(settings)
    wanted = {setting.attribute.partition("@")[0] for setting in settings}
    exact: dict[str, dict[Note, None]] = {}
    about: dict[str, dict[Note, None]] = {}
    for note in notes:
        word = note.attribute.partition("@")[0]
        if word in wanted:
            exact.setdefault(note.attribute, {})[note] = None
            about.setdefault(word, {})[note] = None
    entries = []
    for setting in settings:
        word, at, _ = setting.attribute.partition("@")
        found = exact.get(setting.attribute) if at else about.get(word)
        for note in found or exact.get(word) or [limits.get(word, _UNKNOWN)]:
            entries.append(_entry(subject, setting, note))
    return tuple(entries)


def _entry(subject: str, setting: Setting, note: Note) -> Entry:
    return Entry(
        subject=subject,
        path=setting.path,
        value=setting.value,
        outcome=note.outcome,
        how=note.how,
        place=setting.place,
    )


class Report(NamedTuple):
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
                **({"place": entry.place} if entry.place else {}),
            }
            for entry in self.entries
        ]

    def as_markdown(self) -> str:
        r"""The entries as a page: a table for each outcome, what is lost first.

        >>> lost = Outcome.LOST
        >>> entry = Entry(
        ...     subject="web", path="init", value="a|b", outcome=lost, how="none"
        ... )
        >>> print(Report((entry,)).as_markdown())
        0 kept, 0 changed, 1 lost
        <BLANKLINE>
        ## lost
        <BLANKLINE>
        | of | setting | value | why | where |
        |---|---|---|---|---|
        | web | `init` | a\|b | none |  |
        """
        blocks = [_table(o, self.of(o)) for o in reversed(Outcome)]
        return "\n\n".join([self.counts, *(block for block in blocks if block)])

    @property
    def counts(self) -> str:
        """How many there are of each outcome, in words."""
        return ", ".join(f"{len(self.of(outcome))} {outcome}" for outcome in Outcome)

    def __str__(self) -> str:
        width = max((len(entry.subject) for entry in self.entries), default=0)
        blocks = [_block(o, self.of(o), width) for o in reversed(Outcome)]
        return "\n\n".join([self.counts, *(block for block in blocks if block)])


def _block(outcome: Outcome, entries: tuple[Entry, ...], width: int) -> str:
    if not entries:
        return ""
    lines = [str(outcome)]
    for entry in entries:
        value = f" = {_short(entry.value)}" if entry.value else ""
        place = f"  ({entry.place})" if entry.place else ""
        lines.append(f"  {entry.subject:<{width}}  {entry.path}{value}{place}")
        lines.append(f"  {'':<{width}}  {entry.how}")
    return "\n".join(lines)


def _table(outcome: Outcome, entries: tuple[Entry, ...]) -> str:
    if not entries:
        return ""
    head = (
        f"| of | setting | value | {_COLUMN[outcome]} | where |\n|---|---|---|---|---|"
    )
    rows = [
        f"| {_cell(e.subject)} | `{e.path}` | {_cell(_short(e.value))} "
        f"| {_cell(e.how)} | {_cell(e.place)} |"
        for e in entries
    ]
    return "\n".join([f"## {outcome}", "", head, *rows])


_COLUMN = {Outcome.KEPT: "as", Outcome.CHANGED: "how", Outcome.LOST: "why"}


def _cell(text: str) -> str:
    """A text that ends no cell and is no HTML."""
    escaped = text.replace("\\", "\\\\").replace("|", "\\|")
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace("\n", " ")


def _short(text: str, limit: int = 60) -> str:
    line = text.replace("\n", "\\n")
    return line if len(line) <= limit else line[: limit - 1] + "…"
