"""Values out of the events of a YAML parser, with their lines and within bounds.

```
 events    MappingStart  Scalar image  Scalar nginx  Alias *env  MappingEnd
 frames    ┌─ {}         key: image    {"image": "nginx"}      └─▶ its parent
           └─ the open mappings and lists, from the root to here
```

Go's YAML library checks the same on its tree of nodes: keys that stand twice, cycles of
aliases, and how much an alias multiplies.

Invariants: what an alias stands for is counted each time it is used, and its depth
where it is used; a value that is put somewhere is finished.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from k8s_bridge.compose.places import Mark, Path
from k8s_bridge.compose.refusing import refusal
from k8s_bridge.compose.scalars import NO_TEXT, Moment, Value, resolved
from k8s_bridge.compose.tags import STRING, tagged
from minidock.errors import Exhausted, Refusal

__all__ = ["DEPTH", "NODES", "Builder", "Built"]

DEPTH = 100  # levels; Compose's own deepest attribute lies at ten
NODES = 500_000  # keys and values; 5,000 services of ordinary size have 200,000

_TEXTS = frozenset(
    "environment labels annotations sysctls args options driver_opts".split()
)
_Event: TypeAlias = Any  # one of PyYAML's events


class Built(NamedTuple):
    """A document: its value, where it was written, what it resets."""

    value: Value
    mark: Mark
    resets: tuple[Path, ...]


class _Anchored(NamedTuple):
    """What an anchor names; ``size`` and ``height`` count aliases as written out."""

    value: Value
    inside: dict[str | int, Mark]
    resets: tuple[Path, ...]
    size: int
    height: int
    tag: str


_UNFINISHED = _Anchored(None, {}, (), 0, 0, "")


_LEAF: dict[str | int, Mark] = {}  # nothing is inside a scalar


class _Frame:
    """A mapping or a list that is not closed yet."""

    __slots__ = (
        "before",
        "height",
        "inside",
        "items",
        "key",
        "merged",
        "name",
        "pairs",
        "place",
        "resets",
        "said",
        "tag",
    )

    def __init__(self, *, mapping: bool, place: str, before: int) -> None:
        self.pairs: dict[str, Value] | None = {} if mapping else None
        self.items: list[Value] = []
        self.inside: dict[str | int, Mark] = {}
        self.key: str | None = None
        self.said = ""  # where the key was written
        self.place = place
        self.merged: list[_Anchored] | None = None
        self.resets: list[Path] | None = None
        self.height = 0
        self.before = before
        self.name: str | None = None
        self.tag = ""

    def merge(self) -> None:
        """Add what ``<<`` merges: own keys win, then the first that has one."""
        for base in self.merged or ():
            if isinstance(base.value, dict) and self.pairs is not None:
                for key, value in base.value.items():
                    if key not in self.pairs:
                        self.pairs[key] = value
                        self.inside[key] = base.inside[key]


class Builder:
    """Builds the values of a stream of YAML events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.nodes = 0
        self.opaque = 0  # open values under !override: no !reset is seen there
        self.line = -1
        self.here = ""
        self.stack: list[_Frame] = []
        self.anchors: dict[str, _Anchored] = {}

    def documents(self, event: Callable[[], Any]) -> Iterator[Built]:
        """One after the other, as the events come."""
        named = {
            "ScalarEvent": self.scalar,
            "MappingStartEvent": self.open,
            "SequenceStartEvent": self.open,
            "MappingEndEvent": self.close,
            "SequenceEndEvent": self.close,
            "AliasEvent": self.alias,
            "DocumentStartEvent": self.begin,
        }
        steps: dict[type, Callable[[_Event], None] | None] = {}
        while True:
            now = event()
            kind = type(now)
            if kind not in steps:
                steps[kind] = named.get(kind.__name__)
            step = steps[kind]
            if step is not None:
                step(now)
            elif kind.__name__ == "DocumentEndEvent":
                (root,) = self.stack
                inside = root.inside.get(0, (root.place, root.inside))
                value = root.items[0] if root.items else None
                resets = tuple(path[1:] for path in root.resets or () if path[1:])
                yield Built(value, inside, resets)
            elif kind.__name__ == "StreamEndEvent":
                return

    def begin(self, event: _Event) -> None:
        """A document starts: anchors of the one before are forgotten."""
        place = self.place(event.start_mark.line)
        if event.version not in (None, (1, 1)):
            raise refusal(
                place,
                "found incompatible YAML document",
                rule="only the directive %YAML 1.1 is known",
                remedy="leave the %YAML line out",
            )
        self.anchors = {}
        self.stack = [_Frame(mapping=False, place=place, before=self.nodes)]

    def place(self, line: int) -> str:
        """How a line of this file is written in places; the last one is kept."""
        if line != self.line:
            self.line = line
            self.here = f"{self.file}:{line + 1}"
        return self.here

    def count(self, place: str, size: int, height: int) -> None:
        """Keep within bounds."""
        self.nodes += size
        if self.nodes > NODES or len(self.stack) + height > DEPTH:
            deep = self.nodes <= NODES
            raise refusal(
                place,
                "the document is nested too deeply"
                if deep
                else "the document contains excessive aliasing or too many values",
                rule=f"at most {DEPTH} levels and {NODES:,} values are read, and what "
                "an alias stands for counts each time",
                remedy="split it into several files, or use fewer aliases in aliases",
                category=Exhausted,
            )

    def scalar(self, event: _Event) -> None:
        """A word or a quoted text; most are no more than that."""
        place = self.place(event.start_mark.line)
        frame = self.stack[-1]
        text: str = event.value
        if event.tag is not None or event.anchor is not None:
            self.marked(frame, event, place)
            return
        self.nodes += 1
        if self.nodes > NODES:
            self.count(place, 0, 0)
        plain = event.implicit[0] and (not text or text[0] in NO_TEXT)
        if frame.pairs is None or frame.key is not None:
            value = resolved(text) if plain else text
            if type(value) is Moment:
                value = self.moment(value, place)
            self.put(frame, value, place, _LEAF)
        elif not plain and text not in frame.inside and text != "<<":
            frame.key = text
            frame.said = place
        else:
            self.name(frame, event, place)

    def marked(self, frame: _Frame, event: _Event, place: str) -> None:
        """A scalar that says its type, or has an anchor."""
        self.count(place, 1, 0)
        if frame.pairs is not None and frame.key is None:
            self.name(frame, event, place)
            return
        tag: str | None = event.tag
        if tag == "!reset" and not self.opaque:
            self.reset(frame)
            return
        value: Value = event.value
        if tag is not None:
            value = tagged(tag, event.value, place)
            if tag == "!override" and not self.opaque:
                self.inherit(frame, ((),))
        elif event.implicit[0]:
            value = resolved(event.value)
            if type(value) is Moment:
                value = self.moment(value, place)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(value, _LEAF, (), 1, 0, tag or "")
        self.put(frame, value, place, _LEAF)

    def moment(self, value: Moment, place: str) -> str:
        """A date, as the text that it becomes where any value becomes text."""
        frame = self.stack[-1]
        owner = self.stack[-2].key if len(self.stack) > 1 else None
        if frame.pairs is not None and owner in _TEXTS:
            return str(value)
        if any((frame.key or "")[:2] == "x-" for frame in self.stack):
            return value.iso
        raise refusal(
            place,
            "expected type 'string', got unconvertible type 'time.Time'",
            rule="what looks like a date is a date in YAML, and no text",
            remedy="put it in quotes",
        )

    def name(self, frame: _Frame, event: _Event, place: str) -> None:
        """The key of a mapping, if it is not plain text that is new there."""
        text: str = event.value
        if event.tag is None and event.implicit[0]:
            if text == "<<":
                if frame.merged is not None:
                    raise self.twice(text, place, "")
                frame.merged = []
                frame.key = text
                return
            key: Value = resolved(text)
        else:
            key = tagged(event.tag or STRING, text, place)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(key, _LEAF, (), 1, 0, "")
        self.keyed(frame, key, place)

    def keyed(self, frame: _Frame, key: Value, place: str) -> None:
        """Take a value as the key of the entry that follows."""
        if type(key) is not str:
            shown = key if isinstance(key, (int, float, str)) else type(key).__name__
            raise refusal(
                place,
                f"non-string key {shown!s}",
                rule="the keys of a Compose file are text",
                remedy=f'write it in quotes: "{shown!s}"',
            )
        if key in frame.inside:
            raise self.twice(key, place, frame.inside[key][0])
        frame.key = key
        frame.said = place

    def twice(self, key: str, place: str, before: str) -> Refusal:
        """The refusal of a key that stands there already."""
        line = f" at line {before.rpartition(':')[2]}" if before else ""
        return refusal(
            place,
            f'mapping key "{key}" already defined{line}',
            rule="a key stands once in a mapping",
            remedy=f"remove one of the two, or name one of them otherwise than {key}",
        )

    def reset(self, frame: _Frame) -> None:
        """Leave out what is marked, and remember its path."""
        self.inherit(frame, ((),))
        if frame.key is not None:
            frame.inside[frame.key] = (frame.said, _LEAF)
        frame.key = None

    def open(self, event: _Event) -> None:
        """A mapping or a list starts."""
        place = self.place(event.start_mark.line)
        parent = self.stack[-1]
        if parent.pairs is not None and parent.key is None:
            raise refusal(
                place,
                "a mapping or a list cannot be a map key",
                rule="the keys of a Compose file are text",
                remedy="put it in quotes if it is meant as text",
            )
        mapping = type(event).__name__ == "MappingStartEvent"
        frame = _Frame(mapping=mapping, place=place, before=self.nodes)
        self.stack.append(frame)
        self.count(place, 1, 0)
        if event.anchor is not None:
            frame.name = event.anchor
            self.anchors[event.anchor] = _UNFINISHED
        if event.tag is not None:
            frame.tag = event.tag
        if self.opaque or frame.tag in ("!reset", "!override"):
            self.opaque += 1

    def close(self, _event: _Event) -> None:
        """A mapping or a list ends; what it merges comes behind its own keys."""
        frame = self.stack.pop()
        if self.opaque:
            self.opaque -= 1
        if frame.merged:
            frame.merge()
        value: Value = frame.items if frame.pairs is None else frame.pairs
        parent = self.stack[-1]
        resets: Sequence[Path] = frame.resets or ()
        if frame.tag == "!reset" and not self.opaque:
            self.reset(parent)
            return
        if frame.tag == "!override" and not self.opaque:
            resets = (*resets, ())
        if frame.name is not None:
            size = self.nodes - frame.before
            self.anchors[frame.name] = _Anchored(
                value, frame.inside, tuple(resets), size, frame.height, frame.tag
            )
        if resets:
            self.inherit(parent, resets)
        parent.height = max(parent.height, frame.height + (parent.key != "<<"))
        self.put(parent, value, frame.place, frame.inside)

    def inherit(self, frame: _Frame, resets: Sequence[Path]) -> None:
        """The resets inside a value, seen from what holds it."""
        frame.resets = frame.resets or []
        if frame.merged is not None and frame.key == "<<":
            frame.resets += resets
        else:
            step = len(frame.items) if frame.pairs is None else frame.key or ""
            frame.resets += [(step, *path) for path in resets]

    def alias(self, event: _Event) -> None:
        """What an anchor names, once more."""
        place = self.place(event.start_mark.line)
        base = self.anchors.get(event.anchor)
        if base is None or base is _UNFINISHED:
            raise refusal(
                place,
                f"unknown anchor '{event.anchor}' referenced"
                if base is None
                else f"cycle detected: anchor '{event.anchor}' contains itself",
                rule="an alias stands for something that is complete above it",
                remedy=f"define &{event.anchor} further up, outside of this value",
            )
        frame = self.stack[-1]
        height = base.height + (frame.key != "<<")  # what is merged gets no deeper
        self.count(place, base.size, height - 1)
        if frame.pairs is not None and frame.key is None:
            self.keyed(frame, base.value, place)
            return
        if base.tag == "!reset" and not self.opaque:
            self.reset(frame)
            return
        if base.resets:
            self.inherit(frame, base.resets)
        frame.height = max(frame.height, height)
        self.put(frame, base.value, place, base.inside)

    def put(
        self, frame: _Frame, value: Value, place: str, inside: dict[str | int, Mark]
    ) -> None:
        """Put a finished value into the mapping or list that holds it."""
        if frame.pairs is None:
            mark = (place, inside)
            if type(value) is str:
                frame.inside[value.partition("=")[0]] = mark
            frame.inside[len(frame.items)] = mark
            frame.items.append(value)
            return
        key = frame.key or ""
        frame.key = None
        if key == "<<" and frame.merged == []:
            frame.merged = self.bases(value, place, inside)
            return
        frame.pairs[key] = value
        frame.inside[key] = (frame.said, inside)

    def bases(
        self, value: Value, place: str, inside: dict[str | int, Mark]
    ) -> list[_Anchored]:
        """The mappings that ``<<`` merges, the strongest first."""
        if isinstance(value, dict):
            return [_Anchored(value, inside, (), 0, 0, "")]
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return [
                _Anchored(item, inside[number][1], (), 0, 0, "")
                for number, item in enumerate(value)
            ]
        raise refusal(
            place,
            "map merge requires map or sequence of maps as the value",
            rule="<< takes a mapping, or a list of mappings",
            remedy="let << name an anchor of a mapping: <<: *base",
        )
