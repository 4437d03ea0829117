"""How a value of the model is written in the normal form: few kinds of form.

```
 given             form        normal form
 "yes"             truth       true
 "3", 3.0          whole       3
 "0.50"            decimal     0.5
 "90s"             length      "1m30s"
 "1.5g"            amount      "1610612736"
 sh -c "a b"       command     ["sh", "-c", "a b"]
 {A: 1, B: null}   texts       {"A": "1", "B": ""}
 {A: 1, B: null}   unknowns    {"A": "1", "B": null}
```

What is empty, zero or false is left out, unless that would say something else:
:class:`Field` knows (``Held.GIVEN``: kept if it was said; ``Held.ALWAYS``).

Invariant: a value in the normal form gives itself again. In Go's words: these are the
types of compose-go and their ``omitempty``.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple, TypeAlias

from k8s_bridge.compose import shellwords, units
from k8s_bridge.compose.scalars import Value, printed

__all__ = [
    "Field",
    "Fields",
    "Form",
    "Held",
    "Unfit",
    "amount",
    "anything_text",
    "command",
    "count",
    "decimal",
    "each",
    "length",
    "nonzero_length",
    "of_keys",
    "record",
    "strict_count",
    "strict_texts",
    "text",
    "texts",
    "truth",
    "unknowns",
    "whole",
    "words",
]

Form: TypeAlias = Callable[[Value], Value]


class Unfit(ValueError):
    """A value that has no normal form; the keys to it are collected on the way out."""

    def __init__(self, wrong: str) -> None:
        super().__init__(wrong)
        self.wrong = wrong
        self.steps: list[str | int] = []


class Held(Enum):
    """When a field is written."""

    FILLED = "not empty, zero or false"
    GIVEN = "said at all"
    ALWAYS = "even if nobody said it"
    DENIED = "only if false"


class Field(NamedTuple):
    """The form of a key's value, and when the key is written."""

    form: Form
    held: Held = Held.FILLED


Fields: TypeAlias = Mapping[str, Field]


def _unfit(value: Value, wanted: str) -> Unfit:
    return Unfit(f"expected {wanted}, got {printed_type(value)}")


def printed_type(value: Value) -> str:
    """The type of a value in a reader's words."""
    names = {dict: "a mapping", list: "a list", bool: "a truth value"}
    return names.get(type(value), f"'{value}'")


def strict_count(value: Value) -> Value:
    """A whole number that is not negative, and not in quotes."""
    if isinstance(value, str):
        raise Unfit("expected type 'uint16', got unconvertible type 'string'")
    return count(value)


def strict_texts(value: Value) -> Value:
    """Texts by name, each a text or a whole number."""
    return of_keys(text)(value)


def text(value: Value) -> Value:
    """A text; a whole number counts as one, a point in time does not."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise _unfit(value, "a text")


def anything_text(value: Value) -> Value:
    """Any scalar as text."""
    if isinstance(value, (dict, list)):
        raise _unfit(value, "a text")
    return "" if value is None else printed(value)


def truth(value: Value) -> Value:
    """A truth value, or one of the words for it."""
    if isinstance(value, str):
        return _read(units.read_truth, value)
    return bool(value)


def _read(read: Callable[[str], Value], value: str) -> Value:
    try:
        return read(value)
    except ValueError as error:
        raise Unfit(str(error)) from None


def whole(value: Value) -> Value:
    """A whole number; what stands behind a decimal point is cut off."""
    if isinstance(value, str):
        return _read(units.read_whole, value)
    if isinstance(value, (int, float)):
        return int(value)
    raise _unfit(value, "a whole number")


def count(value: Value) -> Value:
    """A whole number that is not negative."""
    number = whole(value)
    if isinstance(number, int) and number < 0:
        raise Unfit(f"{number} is less than 0")
    return number


def decimal(value: Value) -> Value:
    """A number of 32 bits."""
    if isinstance(value, (str, int, float)):
        try:
            number = units.read_decimal(value)
        except ValueError as error:
            raise Unfit(str(error)) from None
        return int(number) if number.is_integer() else number
    raise _unfit(value, "a number")


def amount(value: Value) -> Value:
    """Bytes, as text; 0 is left out."""
    if isinstance(value, str):
        number = _read(units.read_size, value)
    elif isinstance(value, int):
        number = value
    else:
        number = 0  # Docker is odd here: a size with a decimal point and no unit is 0
    return str(number) if number else ""


def length(value: Value) -> Value:
    """A length of time."""
    if not isinstance(value, str):
        raise _unfit(value, "a length of time such as 1m30s")
    return units.duration(int(str(_read(units.read_duration, value))))


def nonzero_length(value: Value) -> Value:
    """A length of time; none at all is left out."""
    written = length(value)
    return "" if written == "0s" else written


def command(value: Value) -> Value:
    """The words of a command; None where the image's own is meant."""
    if isinstance(value, str):
        try:
            return list[Value](shellwords.split(value))
        except ValueError as error:
            raise Unfit(str(error)) from None
    return None if value is None else each(text)(value)


def words(value: Value) -> Value:
    """A list of texts; a single text is one of them."""
    if isinstance(value, str):
        return [value]
    return each(text)(value)


def texts(value: Value) -> Value:
    """Texts by name; nothing is an empty text."""
    return of_keys(anything_text)(value)


def unknowns(value: Value) -> Value:
    """Texts by name; nothing stays nothing, for what is found out later."""
    if not isinstance(value, dict):
        if value is None:
            return {}
        raise _unfit(value, "a mapping")
    return {k: None if v is None else anything_text(v) for k, v in value.items()}


def each(form: Form) -> Form:
    """A list of values of one form."""

    def written(value: Value) -> Value:
        if not isinstance(value, list):
            if value is None:
                return []
            raise _unfit(value, "a list")
        done: list[Value] = []
        for position, item in enumerate(value):
            try:
                done.append(form(item))
            except Unfit as unfit:
                unfit.steps.append(position)
                raise
        return done

    return written


def of_keys(form: Form) -> Form:
    """A mapping with names of the author's own and values of one form."""

    def written(value: Value) -> Value:
        if not isinstance(value, dict):
            if value is None:
                return {}
            raise _unfit(value, "a mapping")
        done: dict[str, Value] = {}
        for key, item in value.items():
            try:
                done[key] = form(item)
            except Unfit as unfit:
                unfit.steps.append(key)
                raise
        return done

    return written


def record(fields: Fields) -> Form:
    """A mapping with known keys; others, which are the author's notes, are left out.

    >>> form = record({"name": Field(text), "init": Field(truth, Held.GIVEN)})
    >>> form({"name": "", "init": "no", "x-mine": 1})
    {'init': False}
    >>> form({"init": "perhaps"})
    Traceback (most recent call last):
    ...
    k8s_bridge.compose.forms.Unfit: invalid boolean: perhaps
    """
    always = [key for key, field in fields.items() if field.held is Held.ALWAYS]

    def written(value: Value) -> Value:
        if not isinstance(value, dict):
            if value is None:
                return None
            raise _unfit(value, "a mapping")
        done: dict[str, Value] = {}
        for key, item in value.items():
            field = fields.get(key)
            if field is None:
                continue
            try:
                form = field.form(item)
            except Unfit as unfit:
                unfit.steps.append(key)
                raise
            if _is_written(field.held, form, item):
                done[key] = form
        for key in always:
            if key not in done:
                done[key] = fields[key].form(None)
        return done

    return written


def _is_written(held: Held, written: Value, given: Value) -> bool:
    if held is Held.FILLED:
        return bool(written)
    if held is Held.GIVEN:
        return given is not None
    return held is Held.ALWAYS or written is False
