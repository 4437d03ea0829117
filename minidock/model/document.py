"""JSON that cannot change: what a client sent, kept as it was.

Most of what `docker run` accepts has nothing to do with networking, yet must come back
unchanged from `docker inspect`. It is kept as a frozen document: objects become
:class:`Document`, arrays become tuples, and :func:`thaw` turns both back.

Invariant: a document holds only str, int, float, bool, None, tuples and documents.
"""

from collections.abc import Iterator, Mapping
from sys import intern
from typing import TypeAlias

__all__ = ["Document", "Frozen", "Json", "freeze", "thaw"]

Json: TypeAlias = (
    "dict[str, Json] | list[Json] | str | int | float | bool | None"  # plain JSON
)
Frozen: TypeAlias = (
    "Document | tuple[Frozen, ...] | str | int | float | bool | None"  # frozen JSON
)


class Document(Mapping[str, Frozen]):
    """A frozen JSON object; keys keep the order they came in.

    >>> doc = freeze({"Env": ["A=1"], "Tty": False})
    >>> doc["Env"]
    ('A=1',)
    >>> thaw(doc)
    {'Env': ['A=1'], 'Tty': False}
    >>> doc["Tty"] = True
    Traceback (most recent call last):
    ...
    TypeError: 'Document' object does not support item assignment
    """

    __slots__ = ("_entries",)

    _entries: dict[str, Frozen]

    def __init__(self, entries: Mapping[str, Frozen] | None = None) -> None:
        self._entries = dict(entries or {})

    def __getitem__(self, key: str) -> Frozen:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"Document({self._entries!r})"

    def __hash__(self) -> int:
        return hash(frozenset(self._entries.items()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Document):
            return NotImplemented
        return self._entries == other._entries

    def with_entry(self, key: str, value: Frozen) -> "Document":
        """A document with this entry added or replaced."""
        return Document({**self._entries, key: value})

    def without(self, key: str) -> "Document":
        """A document without this key; the same one if it is not there."""
        return Document({k: v for k, v in self._entries.items() if k != key})

    def text(self, key: str) -> str:
        """The text under a key; "" where it is missing, null or no text."""
        value = self._entries.get(key)
        return value if isinstance(value, str) else ""

    def flag(self, key: str) -> bool:
        """The truth under a key; False where it is missing or null."""
        return bool(self._entries.get(key))

    def number(self, key: str) -> int:
        """The whole number under a key; 0 where it is missing, null or no number."""
        value = self._entries.get(key)
        return value if isinstance(value, int) else 0

    def document(self, key: str) -> "Document":
        """The object under a key; an empty one where it is missing or null."""
        value = self._entries.get(key)
        return value if isinstance(value, Document) else Document()

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of the array under a key; () where it is missing or null."""
        value = self._entries.get(key)
        if not isinstance(value, tuple):
            return ()
        return tuple(item for item in value if isinstance(item, str))


_SHORT = 64


def freeze(value: object) -> Frozen:
    """Plain JSON as a frozen value; O(size).

    >>> freeze([1, {"a": None}])
    (1, Document({'a': None}))
    >>> freeze({1, 2})
    Traceback (most recent call last):
    ...
    TypeError: {1, 2} is no JSON value
    """
    if type(value) is str:  # Docker's words come again and again: one of each will do
        return intern(value) if len(value) < _SHORT else value
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, dict):  # before the abstract classes, which take ten times
        return Document({intern(str(key)): freeze(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return tuple([freeze(item) for item in value])
    if isinstance(value, str | Document):
        return value
    if isinstance(value, Mapping):
        return freeze(dict(value))
    msg = f"{value!r} is no JSON value"
    raise TypeError(msg)


def thaw(value: Frozen) -> Json:
    """A frozen value as fresh, plain JSON that the caller may change; O(size)."""
    if isinstance(value, Document):
        return {key: thaw(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [thaw(item) for item in value]
    return value
