"""Reading a request's JSON as Go's decoder does, with Go's words when it cannot.

Go matches keys without regard to case, ignores unknown ones, and stops reading after
the first value. To 20.10 two routes decode differently, and so do ours: networks answer
400 with their own words, containers 500 with the bare error; since 23.0 all refuse with
400, say that the JSON is invalid, and refuse what follows the first value.
"""

from collections.abc import Mapping

from minidock.api.call import Call
from minidock.api.gojson import NotJson, first_value
from minidock.errors import InvalidParameter, Refusal, Unclassified
from minidock.model.document import Json

__all__ = ["Shape", "check_content_type", "decode", "fold", "has_body"]

Shape = Mapping[str, "str | Shape | tuple[Shape, ...]"]
"""Field names to Go kinds ("string", "bool", "[]string") or to nested shapes.

A nested shape's entry ``""`` names its Go type, such as ``network.EndpointSettings``,
and ``"*"`` is the kind of all fields that it does not name. A list of objects is a
shape in a tuple.
"""

_KINDS: dict[str, type] = {
    "string": str,
    "bool": bool,
    "list": list,
    "map": dict,
    "[]string": list,
    "[][]string": list,
    "[2]uint": list,
    "map[string]string": dict,
}
_NUMBERS = {
    "int": range(-(2**63), 2**63),
    "int64": range(-(2**63), 2**63),
    "uint": range(2**64),
    "uint16": range(2**16),
    "uint32": range(2**32),
    "uint64": range(2**64),
}
_INSIDE = {
    "[]string": "string",
    "[][]string": "[]string",
    "[2]uint": "uint",
    "map[string]string": "string",
}
"""What the values of a list or a map are."""


_PACKAGES = {
    "ContainerConfigWrapper": "runconfig",
    "UpdateConfig": "container",
}
"""Where Go's structs live that are not among the API's types."""


def _go_kind(value: Json) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def decode(
    call: Call,
    shape: Shape,
    struct: str,
    *,
    refusal: type[Refusal] = InvalidParameter,
    needed: bool = False,
) -> dict[str, Json]:
    """The body as an object with the shape's own spellings.

    Args:
        call: the request.
        shape: the fields that are read.
        struct: Go's name for the object.
        refusal: what a wrong body is refused with.
        needed: whether there must be a body; since 23.0 most routes do without.

    Raises:
        InvalidParameter, or ``refusal``: there is no body, no JSON, or a wrong type.
    """
    value = _value(call, refusal, needed=needed)
    if value is None:
        return {}
    prefix = _PREFIX if call.world.era.strict_json else ""
    if not isinstance(value, dict):
        raise refusal(
            f"{prefix}json: cannot unmarshal {_go_kind(value)} into Go value of type "
            f"{_PACKAGES.get(struct, 'types')}.{struct}"
        )
    try:
        return fold(value, shape, struct, refusal)
    except Refusal as error:
        if not prefix:
            raise
        told = {"asked": error.asked, "rule": error.rule, "remedy": error.remedy}
        raise type(error)(f"{prefix}{error.text}", **told) from error


_PREFIX = "invalid JSON: "


def has_body(call: Call) -> bool:
    """Whether the request has a body that says something."""
    return call.body is not None or bool((call.raw or "").strip()) or bool(call.data)


def _value(call: Call, refusal: type[Refusal], *, needed: bool) -> Json:
    """The first JSON value of the body."""
    text = (call.raw or "").lstrip()
    strict = call.world.era.strict_json
    if call.body is None and not text:
        if strict and not needed:
            return None  # no body is not an invalid one
        whole = "got EOF while reading request body"
        if strict:
            raise InvalidParameter(_PREFIX + whole)
        raise refusal("EOF" if refusal is Unclassified else whole)
    check_content_type(call)
    if call.raw is None:
        return call.body
    try:
        value, rest = first_value(text)
    except NotJson as error:
        told = "unexpected EOF" if error.early else str(error)
        raise refusal(f"{_PREFIX if strict else ''}{told}") from error
    if strict and rest.strip():
        raise refusal("unexpected content after JSON")
    return value


def check_content_type(call: Call) -> None:
    """Refuse a body that does not say that it is JSON.

    Raises:
        InvalidParameter: it says that it is something else.
    """
    if call.content_type.partition(";")[0].strip().lower() == "application/json":
        return
    strict = call.world.era.strict_json
    raise InvalidParameter(
        f"unsupported Content-Type header ({call.content_type}): must be "
        "'application/json'"
        if strict
        else f"Content-Type specified ({call.content_type}) must be 'application/json'",
        asked=f"a call whose body is {call.content_type or 'of no type'}",
        rule="the engine reads JSON",
        remedy="Content-Type: application/json",
    )


def fold(
    value: Mapping[str, Json],
    shape: Shape,
    struct: str,
    refusal: type[Refusal],
    path: str = "",
) -> dict[str, Json]:
    """The object with known keys in their own spelling and of the right kind.

    >>> fold({"name": "x", "other": 1}, {"Name": "string"}, "Request", InvalidParameter)
    {'Name': 'x', 'other': 1}
    >>> fold({"Name": 5}, {"Name": "string"}, "Request", InvalidParameter)
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: json: cannot unmarshal number into Go struct \
field Request.Name of type string
    """
    folded: dict[str, Json] = {}
    spellings: dict[str, str] = {}
    for key, item in value.items():
        name = key
        if key not in shape:  # rarely: most clients spell as Docker does
            spellings = spellings or {known.lower(): known for known in shape if known}
            name = spellings.get(key.lower(), key)
        kind = (shape.get(name) if name else None) or shape.get("*")
        place = f"{path}.{name}" if path else name
        folded[name] = (
            item if kind is None else _read(item, kind, struct, place, refusal)
        )
    return folded


def _read(
    item: Json,
    kind: str | Shape | tuple[Shape, ...],
    struct: str,
    place: str,
    refusal: type[Refusal],
) -> Json:
    """The value with its fields' own spellings; null is nothing, of whatever kind."""
    if item is None:
        return None
    if isinstance(kind, str):
        _check_kind(item, kind, struct, place, refusal)
        return item
    if isinstance(kind, tuple):
        if not isinstance(item, list):
            named = f"[]{kind[0].get('', 'object')}"
            raise _mismatch(struct, place, item, named, refusal)
        return [_read(one, kind[0], struct, place, refusal) for one in item]
    return _nested(item, kind, struct, place, refusal)


def _nested(
    item: Json, shape: Shape, struct: str, place: str, refusal: type[Refusal]
) -> dict[str, Json]:
    kind = shape.get("", "object")
    named = kind if isinstance(kind, str) else "object"
    if not isinstance(item, dict):
        raise _mismatch(struct, place, item, named, refusal)
    if "" not in shape:
        return fold(item, shape, struct, refusal)
    # Go names the innermost struct, and the whole way to the field.
    return fold(item, shape, named.rpartition(".")[2], refusal, place)


def _check_kind(
    item: Json, kind: str, struct: str, place: str, refusal: type[Refusal]
) -> None:
    if kind == "strslice":  # a text, or a list of texts
        if not isinstance(item, str):
            _check_kind(item, "[]string", struct, place, refusal)
        return
    if kind in _NUMBERS:
        if isinstance(item, bool) or not isinstance(item, int):
            raise _mismatch(struct, place, item, kind, refusal)
        if item not in _NUMBERS[kind]:
            raise _mismatch(struct, place, item, kind, refusal)
        return
    if not isinstance(item, _KINDS[kind]):
        raise _mismatch(struct, place, item, kind, refusal)
    if kind in _INSIDE and isinstance(item, list | dict):
        for value in item.values() if isinstance(item, dict) else item:
            if value is not None:
                _check_kind(value, _INSIDE[kind], struct, place, refusal)


def _mismatch(
    struct: str, name: str, item: Json, kind: str, refusal: type[Refusal]
) -> Refusal:
    # Of a number that does not fit into a number, Go shows the digits.
    digits = f" {item}" if kind in _NUMBERS and _go_kind(item) == "number" else ""
    return refusal(
        f"json: cannot unmarshal {_go_kind(item)}{digits} into Go struct field "
        f"{struct}.{name} of type {kind}",
        asked=f"a request whose {name} is {item!r}",
        rule=f"{name} is a {kind}",
        remedy=f"send {name} as a {kind}",
    )
