r"""JSON text exactly as Go's ``encoding/json`` writes it.

```
value ──▶ compact    {"a":[1,2],"b":"x\u003ey"}      one line, no space after , and :
      └─▶ indented   [\n    {\n        "Name": ...    four spaces; {} and [] stay closed
```

Invariants: keys keep the order they have (the caller knows a struct's order; maps that
Go would sort must come sorted); text that is not ASCII stays as it is; reading the
text back gives the value.

Docker calls it: the body of every answer (HTML signs kept), ``docker inspect``
(indented), ``{{json .}}`` (kept) and the fields of ``--format json`` (escaped).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["dumps"]

# Go always escapes the two line separators that JavaScript counts as line ends.
_LINE_ENDS = {ord("\u2028"): "\\u2028", ord("\u2029"): "\\u2029"}
_HTML = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
# Go before 1.22 (and so Docker 20.10) knows short forms for \n \r \t only.
_SHORT_FORMS = (("\\b", "\\u0008"), ("\\f", "\\u000c"))


def dumps(value: object, *, indent: int = 0, escape_html: bool = True) -> str:
    r"""The JSON text of a value; ``indent`` spaces a level, or one line if it is 0.

    O(size).

    >>> dumps({"Ports": "80->80", "Links": None})
    '{"Ports":"80-\\u003e80","Links":null}'
    >>> print(dumps([{"Labels": {}, "Name": "web"}], indent=4))
    [
        {
            "Labels": {},
            "Name": "web"
        }
    ]
    >>> dumps({1, 2})
    Traceback (most recent call last):
    ...
    TypeError: {1, 2} is no JSON value
    """
    table = {**_LINE_ENDS, **_HTML} if escape_html else _LINE_ENDS

    def text(item: str) -> str:
        return _quoted(item).translate(table)

    return "".join(_pieces(value, text, " " * indent, ""))


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    if "\\b" in quoted or "\\f" in quoted:
        # "\\\\" protects a backslash that is followed by a plain b or f.
        parts = quoted.split("\\\\")
        for short, long in _SHORT_FORMS:
            parts = [part.replace(short, long) for part in parts]
        quoted = "\\\\".join(parts)
    return quoted


def _pieces(
    value: object, text: Callable[[str], str], step: str, margin: str
) -> Iterable[str]:
    if isinstance(value, str):
        yield text(value)
    elif isinstance(value, Mapping):
        items = [
            (text(str(key)) + (": " if step else ":"), item)
            for key, item in value.items()
        ]
        yield from _group("{}", items, text, step, margin)
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        yield from _group("[]", [("", item) for item in value], text, step, margin)
    else:
        yield _scalar(value)


def _group(
    brackets: str,
    items: list[tuple[str, object]],
    text: Callable[[str], str],
    step: str,
    margin: str,
) -> Iterable[str]:
    if not items:
        yield brackets
        return
    inner = margin + step
    separator = "\n" + inner if step else ""
    yield brackets[0]
    for position, (label, item) in enumerate(items):
        yield ("," if position else "") + separator + label
        yield from _pieces(item, text, step, inner)
    yield ("\n" + margin if step else "") + brackets[1]


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    msg = f"{value!r} is no JSON value"
    raise TypeError(msg)


def _number(value: float) -> str:
    """A float as Go prints it: no ``.0``, an exponent only when very small or large."""
    text = repr(value).removesuffix(".0")
    digits, marker, exponent = text.partition("e")
    if not marker:
        return text
    power = int(exponent)
    if not -6 <= power < 21:
        return f"{digits}e{power:+d}"
    # Python turns to exponents earlier than Go: write these ones out.
    whole, _, part = digits.lstrip("-").partition(".")
    sign = "-" if value < 0 else ""
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{whole}{part}"
    return sign + whole + part.ljust(power, "0")
