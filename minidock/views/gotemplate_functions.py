"""The functions that a template may call: Go's own and Docker's.

```
Go      and or not  eq ne lt le gt ge  len index slice  print printf println
Docker  json  split join  title lower upper  pad truncate
```

Invariants: a function gets evaluated arguments and answers a value, or raises
:class:`FunctionFault` with the text that Go prints after ``error calling NAME:``;
``and`` and ``or`` are not here, as they stop at the first argument that decides.

Docker calls it: ``templates.basicFunctions`` and ``HeaderFunctions`` (in a table's
title line a field's function must not touch the column's name).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from minidock.views import gojson
from minidock.views.gotemplate_values import (
    MISSING,
    Record,
    go_text,
    is_true,
    kind_of,
)

__all__ = ["FUNCTIONS", "HEADER_FUNCTIONS", "Function", "FunctionFault"]


class FunctionFault(ValueError):
    """A function could not answer; the text is Go's."""


class Function(NamedTuple):
    """What to call, with how many arguments (``most`` None: any), of which kinds."""

    call: Callable[..., object]
    least: int
    most: int | None
    kinds: tuple[str, ...] = ()


_ORDERED: Final = frozenset({"int", "float64", "string"})
_VERB = re.compile(r"%([-+# 0]*)(\d+)?(?:\.(\d+))?(.)", re.DOTALL)
_TITLE = re.compile(r"(?<![\w])[^\W\d_]")


def _json(value: object) -> str:
    plain = None if value is MISSING else value
    escape = isinstance(value, Record) and value.escape_html
    return gojson.dumps(plain, escape_html=escape)


def _length(value: object) -> int:
    if isinstance(value, str):
        return len(value.encode())  # Go counts bytes
    if isinstance(value, Mapping | Sequence) and not isinstance(value, Record):
        return len(value)
    if value is None or value is MISSING:
        raise FunctionFault("len of nil pointer")
    raise FunctionFault(f"len of type {kind_of(value)}")


def _index(value: object, *keys: object) -> object:
    for key in keys:
        value = _item(value, key)
    return value


def _item(value: object, key: object) -> object:
    if value is None or value is MISSING:
        raise FunctionFault("index of untyped nil")
    if isinstance(value, Mapping) and not isinstance(value, Record):
        if not isinstance(key, str):
            raise FunctionFault(f"value has type {kind_of(key)}; should be string")
        # A missing key gives the zero value: "" where all values are texts.
        texts = all(isinstance(item, str) for item in value.values())
        return value.get(key, "" if texts else None)
    if not isinstance(value, Sequence):
        raise FunctionFault(f"can't index item of type {kind_of(value)}")
    position = _position(key, len(value))
    return ord(value[position]) if isinstance(value, str) else value[position]


def _position(key: object, length: int) -> int:
    if not isinstance(key, int) or isinstance(key, bool):
        raise FunctionFault(f"cannot index slice/array with type {kind_of(key)}")
    if key == length:
        # Odd on purpose: Go's own check lets the first index behind the end pass.
        raise FunctionFault("reflect: slice index out of range")
    if not 0 <= key < length:
        raise FunctionFault(f"index out of range: {key}")
    return key


def _slice(value: object, *bounds: object) -> object:
    if not isinstance(value, Sequence):
        raise FunctionFault(f"can't slice item of type {kind_of(value)}")
    ends = [0, len(value)]
    for at, bound in enumerate(bounds[:2]):
        if not isinstance(bound, int) or isinstance(bound, bool):
            raise FunctionFault(f"cannot index slice/array with type {kind_of(bound)}")
        if not 0 <= bound <= len(value):
            raise FunctionFault(f"index out of range: {bound}")
        ends[at] = bound
    if ends[0] > ends[1]:
        raise FunctionFault(f"invalid slice index: {ends[0]} > {ends[1]}")
    return value[ends[0] : ends[1]]


def _equal(first: object, *others: object) -> bool:
    if not others:
        raise FunctionFault("missing argument for comparison")
    return any(_same(first, other) for other in others)


def _same(first: object, second: object) -> bool:
    kinds = kind_of(first), kind_of(second)
    if "nil" in kinds:
        return kinds[0] == kinds[1]
    for kind in kinds:
        if kind in {"map", "slice", "struct"}:
            raise FunctionFault(f"non-comparable type {go_text(first)}: {kind}")
    if kinds[0] != kinds[1]:
        raise FunctionFault("incompatible types for comparison")
    return first == second


def _less(first: object, second: object) -> bool:
    kinds = kind_of(first), kind_of(second)
    if kinds[0] not in _ORDERED or kinds[1] not in _ORDERED:
        raise FunctionFault("invalid type for comparison")
    if kinds[0] != kinds[1]:
        raise FunctionFault("incompatible types for comparison")
    if isinstance(first, str) and isinstance(second, str):
        return first < second
    assert isinstance(first, int | float)  # by kinds  # noqa: S101
    assert isinstance(second, int | float)  # by kinds  # noqa: S101
    return first < second


def _print(*values: object) -> str:
    pieces: list[str] = []
    for at, value in enumerate(values):
        # Go puts a space between two values only if neither is a text.
        if at and not isinstance(value, str) and not isinstance(values[at - 1], str):
            pieces.append(" ")
        pieces.append(go_text(value))
    return "".join(pieces)


def _println(*values: object) -> str:
    return " ".join(map(go_text, values)) + "\n"


def _printf(form: str, *values: object) -> str:
    rest = list(values)

    def one(match: re.Match[str]) -> str:
        flags, width, precision, verb = match.groups()
        if verb == "%":
            return "%"
        if not rest:
            return f"%!{verb}(MISSING)"
        text = _verb(verb, flags, precision, rest.pop(0))
        return _fitted(text, flags, int(width or 0))

    text = _VERB.sub(one, form)
    if rest:
        extra = ", ".join(f"{kind_of(value)}={go_text(value)}" for value in rest)
        text += f"%!(EXTRA {extra})"
    return text


def _fitted(text: str, flags: str, width: int) -> str:
    if "-" in flags:
        return text.ljust(width)
    return text.zfill(width) if "0" in flags else text.rjust(width)


def _verb(verb: str, flags: str, precision: str | None, value: object) -> str:
    kind = kind_of(value)
    if verb == "v":
        return go_text(value)
    if verb in "sq" and isinstance(value, str):
        text = value[: int(precision)] if precision else value
        return gojson.dumps(text, escape_html=False) if verb == "q" else text
    if verb == "s" and kind in {"slice", "map"}:
        return go_text(value)
    if verb == "t" and kind == "bool":
        return go_text(value)
    if verb in "dxXob" and isinstance(value, int) and kind == "int":
        return format(value, ("+" if "+" in flags else "") + verb)
    if verb in "xX" and isinstance(value, str):
        return (
            format(value.encode().hex(), "").upper()
            if verb == "X"
            else (value.encode().hex())
        )
    if verb in "feg" and isinstance(value, float):
        return format(value, f".{precision or 6}{verb}")
    return f"%!{verb}({kind}={go_text(value)})"


def _join(items: object, separator: str) -> str:
    if not isinstance(items, Sequence) or isinstance(items, str):
        raise FunctionFault(f"cannot join a value of type {kind_of(items)}")
    return separator.join(map(go_text, items))


def _split(text: str, separator: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def _title(text: str) -> str:
    return _TITLE.sub(lambda match: match[0].upper(), text)


def _pad(text: str, before: int, after: int) -> str:
    return " " * before + text + " " * after if text else text


def _truncate(text: str, length: int) -> str:
    return text.encode()[:length].decode(errors="replace")  # Go cuts bytes


def _untouched(text: object, *_: object) -> object:
    return text


FUNCTIONS: Final[dict[str, Function]] = {
    "json": Function(_json, 1, 1),
    "split": Function(_split, 2, 2, ("string", "string")),
    "join": Function(_join, 2, 2, ("", "string")),
    "title": Function(_title, 1, 1, ("string",)),
    "lower": Function(str.lower, 1, 1, ("string",)),
    "upper": Function(str.upper, 1, 1, ("string",)),
    "pad": Function(_pad, 3, 3, ("string", "int", "int")),
    "truncate": Function(_truncate, 2, 2, ("string", "int")),
    "not": Function(lambda value: not is_true(value), 1, 1),
    "len": Function(_length, 1, 1),
    "index": Function(_index, 1, None),
    "slice": Function(_slice, 1, 4),
    "print": Function(_print, 0, None),
    "println": Function(_println, 0, None),
    "printf": Function(_printf, 1, None, ("string",)),
    "eq": Function(_equal, 1, None),
    "ne": Function(lambda a, b: not _same(a, b), 2, 2),
    "lt": Function(_less, 2, 2),
    "le": Function(lambda a, b: _less(a, b) or _same(a, b), 2, 2),
    "gt": Function(lambda a, b: not _less(a, b) and not _same(a, b), 2, 2),
    "ge": Function(lambda a, b: not _less(a, b), 2, 2),
}
"""What a format may call, by name."""

HEADER_FUNCTIONS: Final[dict[str, Function]] = FUNCTIONS | {
    name: FUNCTIONS[name]._replace(call=_untouched, kinds=())
    for name in ("json", "split", "join", "title", "lower", "upper", "truncate")
}
"""The same for the title line of a table, where a column's name stays as it is."""
