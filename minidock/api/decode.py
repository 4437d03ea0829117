"""Reading a request's JSON as Go's decoder does, with Go's words when it cannot.

Go matches keys without regard to case, ignores unknown ones, and stops reading after
the first value. Two routes of the real engine decode differently, and so do ours:
networks answer 400 with their own words, containers 500 with the bare error (20.10).
"""

import json
from collections.abc import Mapping

from minidock.api.call import Call
from minidock.errors import InvalidParameter, Refusal, Unclassified
from minidock.model.document import Json

__all__ = ["Shape", "decode", "fold"]

Shape = Mapping[str, "str | Shape"]
"""Field names to Go kinds ("string", "bool", "[]string") or to nested shapes.

A nested shape's entry ``""`` names its Go type, such as ``network.EndpointSettings``.
"""

_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "bool": (bool,),
    "int": (int,),
    "list": (list,),
    "map": (dict,),
    "[]string": (list,),
}


def _go_kind(value: Json) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def decode(
    call: Call, shape: Shape, struct: str, *, refusal: type[Refusal] = InvalidParameter
) -> dict[str, Json]:
    """The body as an object with the shape's own spellings.

    Raises:
        InvalidParameter, or ``refusal``: there is no body, no JSON, or a wrong type.
    """
    value = call.body
    if call.raw is not None:
        value = _first_value(call, refusal)
    elif value is None:
        text = "got EOF while reading request body"
        raise refusal("EOF" if refusal is Unclassified else text)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise refusal(
            f"json: cannot unmarshal {_go_kind(value)} into Go value of type "
            f"types.{struct}"
        )
    return fold(value, shape, struct, refusal)


def _first_value(call: Call, refusal: type[Refusal]) -> Json:
    text = (call.raw or "").lstrip()
    if not text:
        whole = "got EOF while reading request body"
        raise refusal("EOF" if refusal is Unclassified else whole)
    if not call.content_type.startswith("application/json"):
        raise InvalidParameter(
            f"Content-Type specified ({call.content_type}) must be 'application/json'"
        )
    try:
        value, _ = json.JSONDecoder().raw_decode(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or "Unterminated" in error.msg:
            raise refusal("unexpected EOF") from error
        letter = text[error.pos]
        raise refusal(
            f"invalid character '{letter}' looking for beginning of value"
        ) from error
    return value  # type: ignore[no-any-return]  # JSON, by construction


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
    spellings = {key.lower(): key for key in shape if key}
    folded: dict[str, Json] = {}
    for key, item in value.items():
        name = spellings.get(key.lower(), key)
        kind = shape.get(name)
        place = f"{path}.{name}" if path else name
        if item is None or kind is None:
            folded[name] = item
        elif isinstance(kind, str):
            _check_kind(item, kind, struct, place, refusal)
            folded[name] = item
        else:
            folded[name] = _nested(item, kind, struct, place, refusal)
    return folded


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
    wrong = not isinstance(item, _KINDS[kind])
    if wrong or (kind == "int" and isinstance(item, bool)):
        raise _mismatch(struct, place, item, kind, refusal)
    if kind == "[]string" and isinstance(item, list):
        for text in item:
            if text is not None and not isinstance(text, str):
                raise _mismatch(struct, place, text, "string", refusal)


def _mismatch(
    struct: str, name: str, item: Json, kind: str, refusal: type[Refusal]
) -> Refusal:
    return refusal(
        f"json: cannot unmarshal {_go_kind(item)} into Go struct field "
        f"{struct}.{name} of type {kind}",
        asked=f"a request whose {name} is {item!r}",
        rule=f"{name} is a {kind}",
        remedy=f"send {name} as a {kind}",
    )
