"""What Go's templates see in a value: its kind, its truth, its printed text.

```
JSON value   None   True   3     "a"      [1, 2]   {"b": 1}   Record(b=1)
kind         nil    bool   int   string   slice    map        struct
true?        no     yes    yes   yes      yes      yes        always
printed      <nil>  true   3     a        [1 2]    map[b:1]   {1}
```

Invariant: a :class:`Record` has the fields that its Go struct has, in that order;
asking for another is an error, while a map answers :data:`MISSING`.

Docker calls it: ``fmt``'s ``%v`` and the reflection of ``text/template``.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Final, Literal

__all__ = ["MISSING", "Missing", "Record", "go_text", "is_true", "kind_of", "printed"]


class Missing(Enum):
    """The type of :data:`MISSING`."""

    MISSING = "<no value>"


MISSING: Final = Missing.MISSING
"""What a map answers for a key that it does not have (Go's zero ``reflect.Value``)."""


class Record(Mapping[str, object]):
    """A Go struct: a mapping whose field names are fixed.

    The fields are those of its JSON. ``members`` is what a template sees where that is
    more: fields that the JSON leaves out or names otherwise, and methods, which are
    functions. ``kind`` is the Go type that an error names. ``escape_html`` says that
    the struct writes its own JSON through ``json.Marshal``, as the rows of Docker's
    tables do.

    >>> Record({"Name": "web"}, kind="*formatter.ContainerContext")["Name"]
    'web'
    """

    __slots__ = ("_fields", "escape_html", "kind", "members")

    def __init__(
        self,
        fields: Mapping[str, object],
        *,
        members: Mapping[str, object] | None = None,
        kind: str = "struct",
        escape_html: bool = False,
    ) -> None:
        self._fields = dict(fields)
        self.members = self._fields if members is None else dict(members)
        self.kind = kind
        self.escape_html = escape_html

    def __getitem__(self, key: str) -> object:
        return self._fields[key] if key in self._fields else self.members[key]

    def __contains__(self, key: object) -> bool:
        return key in self.members

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Record({self._fields!r}, kind={self.kind!r})"


Kind = Literal["nil", "bool", "int", "float64", "string", "map", "struct", "slice"]


def kind_of(value: object) -> Kind:
    """The Go kind of a JSON value.

    >>> kind_of([]), kind_of({}), kind_of(None)
    ('slice', 'map', 'nil')
    >>> kind_of({1})
    Traceback (most recent call last):
    ...
    TypeError: {1} is no JSON value
    """
    if value is None or value is MISSING:
        return "nil"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float64"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Record):
        return "struct"
    if isinstance(value, Mapping):
        return "map"
    if isinstance(value, Sequence):
        return "slice"
    msg = f"{value!r} is no JSON value"
    raise TypeError(msg)


def is_true(value: object) -> bool:
    """Whether ``{{if}}`` takes its first branch: not nil, not zero, not empty.

    >>> is_true([0]), is_true({}), is_true(Record({}))
    (True, False, True)
    """
    return isinstance(value, Record) or (value is not MISSING and bool(value))


def printed(value: object) -> str:
    """What ``{{value}}`` prints.

    >>> printed({"b": 1, "a": None}), printed(None)
    ('map[a:<nil> b:1]', '<no value>')
    """
    return MISSING.value if value is None else go_text(value)


def go_text(value: object) -> str:
    """A value in Go's ``%v``; O(size)."""
    if value is None:
        return "<nil>"
    if isinstance(value, Missing):
        return value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, Record):
        fields = [item for item in value.members.values() if not callable(item)]
        return "{" + " ".join(map(go_text, fields)) + "}"
    if isinstance(value, Mapping):
        items = sorted(value.items())
        return "map[" + " ".join(f"{key}:{go_text(item)}" for key, item in items) + "]"
    if isinstance(value, Sequence):
        return "[" + " ".join(map(go_text, value)) + "]"
    return str(value)


def _float_text(value: float) -> str:
    """Go's ``%g`` with as many digits as needed: an exponent from 1e21 on."""
    if value == int(value) and abs(value) < 1e21:
        return f"{value:.0f}"
    return repr(value).removesuffix(".0")
