"""A manifest that remembers what was read of it: the rest is what gets lost.

```
 node("spec")("replicas").take("deploy.replicas")   spec.replicas is kept
 ...                                                spec.paused   nobody asked: lost
```

Invariant: every leaf of a manifest ends in the report, unless a cluster wrote it by
itself. Values are shown only where nobody can hide a password in them.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from k8s_bridge.manifests import Manifest
from k8s_bridge.report import Entry, Outcome
from k8s_bridge.reverse.reasons import reason_of

__all__ = ["Node", "entries_of", "node_of"]

Path: TypeAlias = tuple[str | int, ...]
_Said: TypeAlias = dict[Path, tuple[Outcome, str] | None]
_SILENT = ("env", "data", "stringData", "binaryData", "command", "args", "annotations")


class Node:
    """A part of a manifest; reading it says what becomes of it."""

    def __init__(self, value: object, path: Path, said: _Said) -> None:
        self.value = value
        self._path = path
        self.said = said

    def __call__(self, key: str) -> "Node":
        """What is below a key; a node without a value if nothing is there."""
        inner = self.value.get(key) if isinstance(self.value, Mapping) else None
        return Node(inner, (*self._path, key), self.said)

    def __bool__(self) -> bool:
        return self.value not in (None, "", {}, [])

    def nodes(self) -> Iterator["Node"]:
        """The items of a list."""
        for index, item in enumerate(
            self.value if isinstance(self.value, list) else ()
        ):
            yield Node(item, (*self._path, index), self.said)

    def kept(self, how: str) -> "Node":
        """Says that all of it is kept, and as what."""
        return self._say(Outcome.KEPT, how)

    def changed(self, how: str) -> "Node":
        """Says that all of it is there, but not exactly so."""
        return self._say(Outcome.CHANGED, how)

    def lost(self, why: str) -> "Node":
        """Says that all of it is lost."""
        return self._say(Outcome.LOST, why)

    def passed(self) -> "Node":
        """Says that it needs no word: another part says the same."""
        self.said[self._path] = None
        return self

    def _say(self, outcome: Outcome, how: str) -> "Node":
        self.said[self._path] = (outcome, how)
        return self

    @property
    def text(self) -> str:
        """The value, if it is a text."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def number(self) -> int:
        """The value, if it is a whole number."""
        whole = isinstance(self.value, int) and not isinstance(self.value, bool)
        return self.value if whole and isinstance(self.value, int) else 0

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts in a list."""
        found = self.value if isinstance(self.value, list) else ()
        return tuple(item for item in found if isinstance(item, str))

    @property
    def pairs(self) -> dict[str, str]:
        """The texts of a map."""
        found = self.value if isinstance(self.value, Mapping) else {}
        return {str(k): v for k, v in found.items() if isinstance(v, str)}


def node_of(manifest: Manifest) -> Node:
    """A whole manifest, of which nothing has been read."""
    return Node(manifest, (), {})


def entries_of(root: Node) -> Iterator[Entry]:
    """An entry for each leaf, or one for what was read as a whole; O(size)."""
    name, kind = root("metadata")("name").text, root("kind").text
    subject = f"{kind} {name}"
    yield from _entries(root.value, (), root.said, subject)


def _entries(value: object, path: Path, said: _Said, subject: str) -> Iterator[Entry]:
    if path in said:
        told = said[path]
        if told is not None and value is not None:
            yield _entry(subject, path, value, *told)
        return
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _entries(item, (*path, str(key)), said, subject)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _entries(item, (*path, index), said, subject)
    else:
        why = reason_of(path)
        if why and value not in (None, "", False):
            yield _entry(subject, path, value, Outcome.LOST, why)


def _entry(
    subject: str, path: Path, value: object, outcome: Outcome, how: str
) -> Entry:
    plain = isinstance(value, (str, int, float)) and not set(path) & {*_SILENT}
    shown = str(value) if plain else ""
    return Entry(
        subject=subject, path=_dotted(path), value=shown, outcome=outcome, how=how
    )


def _dotted(path: Path) -> str:
    """A path as kubectl explain writes it.

    >>> _dotted(("spec", "containers", 0, "image"))
    'spec.containers[0].image'
    """
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")
