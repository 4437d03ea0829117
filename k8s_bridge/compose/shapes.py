"""What a value of a Compose file may look like: five small kinds of shape.

A shape answers one question, whether a value fits, and says where and why if not.

```
 Scalar   a word, a number, a flag                 image: nginx
 Listing  values of one shape, in order            cap_add: [NET_ADMIN]
 Record   keys that are known by name              healthcheck: {test: ...}
 Mapping  keys that the author chooses             environment: {A: "1"}
 Either   one of several, told apart by the type   command: a b | [a, b] | null
```

Invariant: checking never changes the value, and a misfit names the innermost value that
does not fit. The same ideas are *type*, *items*, *properties*, *patternProperties* and
*oneOf* in a JSON schema.
"""

import math
import re
from collections.abc import Mapping as Table
from typing import Protocol, TypeAlias

from k8s_bridge.compose.scalars import Moment

__all__ = [
    "Either",
    "Listing",
    "Mapping",
    "Misfit",
    "Record",
    "Scalar",
    "Shape",
    "Step",
]

Step: TypeAlias = str | int

WORDS = {
    str: "string",
    Moment: "string",  # JSON has no points in time, and the check is that of JSON
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    list: "array",
    dict: "mapping",
}


class Misfit(Exception):  # it is caught and told as a refusal
    """A value does not fit its shape: the steps to it, what is wrong, what would fit.

    The steps are collected from the inside out, so that a value that fits costs none.
    """

    def __init__(
        self, wrong: str, *, rule: str, remedy: str = "", key: str = ""
    ) -> None:
        super().__init__(wrong)
        self.wrong = wrong
        self.rule = rule
        self.remedy = remedy
        self.key = key
        self.steps: list[Step] = []


class _Note:
    """What the author notes for himself: anything, but for numbers that are none."""

    words = tuple(dict.fromkeys(WORDS.values()))

    def check(self, value: object) -> None:
        """Raise a :class:`Misfit` if JSON has no word for a number in the value."""
        if isinstance(value, float):
            _check_finite(value)
        elif isinstance(value, (dict, list)):
            items = value.items() if isinstance(value, dict) else enumerate(value)
            for step, item in items:
                try:
                    self.check(item)
                except Misfit as misfit:
                    misfit.steps.append(step)
                    raise


_NOTE = _Note()


def _check_finite(value: float) -> None:
    if not math.isfinite(value):
        word = "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
        raise Misfit(
            f"json: unsupported value: {word}",
            rule="a number here is a finite one",
            remedy="in quotes, if it is meant as text",
        )


class Shape(Protocol):
    """Anything that knows whether a value fits."""

    @property
    def words(self) -> tuple[str, ...]:
        """The types that can fit, in a JSON schema's words."""
        ...

    def check(self, value: object) -> None:
        """Raise a :class:`Misfit` if the value does not fit."""
        ...


def _wrong_type(words: tuple[str, ...], value: object) -> Misfit:
    listed = sorted(words)
    text = " or ".join(filter(None, (", ".join(listed[:-1]), listed[-1])))
    found = WORDS.get(type(value), type(value).__name__)
    return Misfit(
        f"must be a {text}",
        rule=f"this value must be a {text}, and is a {found}",
        remedy=_example(words, value),
    )


def _example(words: tuple[str, ...], value: object) -> str:
    if isinstance(value, (bool, int, float)) and "string" in words:
        return f'quotes make it a string: "{value}"'
    if isinstance(value, str) and words == ("array",):
        return f"a list: [{value}]"
    if value is None:
        return "a value, or leave the key out"
    return ""


class Scalar:
    """A single value: its types, and what else is asked of it."""

    __slots__ = ("choices", "high", "low", "pattern", "types", "words")

    def __init__(
        self,
        words: tuple[str, ...],
        *,
        choices: tuple[str, ...] = (),
        pattern: re.Pattern[str] | None = None,
        low: int | None = None,
        high: int | None = None,
    ) -> None:
        self.words = words
        self.choices = choices
        self.pattern = pattern
        self.low = low
        self.high = high
        types = {kind for kind, word in WORDS.items() if word in words}
        if "number" in words:
            types.add(int)
        self.types = frozenset(types)

    def check(self, value: object) -> None:
        """Raise a :class:`Misfit` if the value does not fit."""
        if type(value) not in self.types and not self._is_whole(value):
            raise _wrong_type(self.words, value)
        if self.choices and value not in self.choices:
            raise _not_a_choice(self.choices, value)
        if self.pattern and isinstance(value, str) and not self.pattern.search(value):
            asked = self.pattern.pattern
            raise Misfit(
                f"'{value}' does not match pattern '{asked}'",
                rule=f"this value must match {asked}",
            )
        if isinstance(value, (int, float)):
            self._check_range(value)

    def _is_whole(self, value: object) -> bool:
        return (
            isinstance(value, float) and "integer" in self.words and value.is_integer()
        )

    def _check_range(self, value: int | float) -> None:
        _check_finite(value)
        if self.low is not None and value < self.low:
            raise Misfit(
                f"must be greater than or equal to {self.low}",
                rule=f"the smallest value here is {self.low}",
            )
        if self.high is not None and value > self.high:
            raise Misfit(
                f"must be less than or equal to {self.high}",
                rule=f"the largest value here is {self.high}",
            )


def _not_a_choice(choices: tuple[str, ...], value: object) -> Misfit:
    listed = ", ".join(f"'{choice}'" for choice in choices)
    text = (
        f"value must be {listed}"
        if len(choices) == 1
        else f"value must be one of {listed}"
    )
    near = _nearest(str(value), choices)
    return Misfit(
        text,
        rule=f"only these words are known here: {listed}",
        remedy=near or choices[0],
    )


def _nearest(word: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  # only a refusal needs it

    folded = {name.lower().replace("-", "_"): name for name in known}
    found = get_close_matches(word.lower().replace("-", "_"), folded, 1, 0.6)
    return folded[found[0]] if found else ""


class Listing:
    """Values of one shape; ``unique`` refuses the same one twice."""

    __slots__ = ("item", "unique")
    words: tuple[str, ...] = ("array",)

    def __init__(self, item: Shape, *, unique: bool = False) -> None:
        self.item = item
        self.unique = unique

    def check(self, value: object) -> None:
        """Raise a :class:`Misfit` if the value does not fit."""
        if type(value) is not list:
            raise _wrong_type(self.words, value)
        check = self.item.check
        for position, item in enumerate(value):
            try:
                check(item)
            except Misfit as misfit:
                misfit.steps.append(position)
                raise
        if self.unique and len(value) > 1:
            _check_unique(value)


def _check_unique(values: list[object]) -> None:
    seen: dict[str, int] = {}
    for position, value in enumerate(values):
        mark = _mark(value)
        if mark in seen:
            raise Misfit(
                f"items at {seen[mark]} and {position} are equal",
                rule="an entry of this list may stand there once",
                remedy=f"leave out entry {position + 1}",
            )
        seen[mark] = position


def _mark(value: object) -> str:
    if isinstance(value, dict):
        pairs = sorted((str(key), _mark(item)) for key, item in value.items())
        return repr(pairs)
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    return repr(value)


class Record:
    """Keys known by name, some of them required.

    ``extensible`` lets keys that begin with ``x-`` in, ``open`` lets every key in.
    ``bare`` is a service, of which Compose tells an unknown key in other words.
    """

    __slots__ = ("any_of", "bare", "extensible", "fields", "open", "required")
    words: tuple[str, ...] = ("mapping",)

    def __init__(
        self,
        fields: Table[str, Shape],
        *,
        required: tuple[str, ...] = (),
        any_of: tuple[str, ...] = (),
        extensible: bool = True,
        open: bool = False,  # noqa: A002  # the word of JSON schemas
        bare: bool = False,
    ) -> None:
        self.fields = fields
        self.required = required
        self.any_of = any_of
        self.extensible = extensible
        self.open = open
        self.bare = bare

    def check(self, value: object) -> None:
        """Raise a :class:`Misfit` if the value does not fit."""
        if type(value) is not dict:
            raise _wrong_type(self.words, value)
        fields = self.fields
        for key, item in value.items():
            shape = fields.get(key)
            if shape is None:
                if not (self.open or (self.extensible and key.startswith("x-"))):
                    raise self._unknown(value)
                shape = _NOTE
            try:
                shape.check(item)
            except Misfit as misfit:
                misfit.steps.append(key)
                raise
        self._check_required(value)

    def _unknown(self, value: dict[str, object]) -> Misfit:
        unknown = [
            key
            for key in value
            if key not in self.fields and not (self.extensible and key.startswith("x-"))
        ]
        first = unknown[0]
        near = _nearest(first, tuple(self.fields))
        extension = f"x-{first} for a note of your own" if self.extensible else ""
        misfit = Misfit(
            "false schema"
            if self.bare
            else "additional properties "
            + ", ".join(f"'{key}'" for key in unknown)
            + " not allowed",
            rule=f"there is no key {first} here",
            remedy=", or ".join(filter(None, (near, extension))),
            key=first,
        )
        if self.bare:
            misfit.steps.append(first)
        return misfit

    def _check_required(self, value: dict[str, object]) -> None:
        missing = [key for key in self.required if key not in value]
        if self.any_of and not any(key in value for key in self.any_of):
            missing = [self.any_of[0]]
        if missing:
            listed = ", ".join(f"'{key}'" for key in missing)
            raise Misfit(
                f"missing propert{'y' if len(missing) == 1 else 'ies'} {listed}",
                rule=f"the key {missing[0]} must be given",
                remedy=f"add {missing[0]}:",
            )


class Mapping:
    """Keys that the author chooses; ``keys`` is the notation that they must have.

    A key in another notation is refused where ``closed``, and else not looked at.
    """

    __slots__ = ("closed", "keys", "value")
    words: tuple[str, ...] = ("mapping",)

    def __init__(
        self,
        value: Shape,
        keys: re.Pattern[str] | None = None,
        *,
        closed: bool = True,
    ) -> None:
        self.value = value
        self.keys = keys
        self.closed = closed

    def check(self, value: object) -> None:
        """Raise a :class:`Misfit` if the value does not fit."""
        if type(value) is not dict:
            raise _wrong_type(self.words, value)
        check = self.value.check
        keys = self.keys
        for key, item in value.items():
            if keys is not None and not keys.search(key):
                if self.closed:
                    raise Misfit(
                        f"additional properties '{key}' not allowed",
                        rule=f"a name here must match {keys.pattern}",
                        remedy=re.sub(r"[^a-zA-Z0-9._-]+", "-", key).strip("-"),
                        key=key,
                    )
                continue
            try:
                check(item)
            except Misfit as misfit:
                misfit.steps.append(key)
                raise


class Either:
    """One of several shapes; no two of them share a type."""

    __slots__ = ("by_type", "words")

    def __init__(self, shapes: tuple[Shape, ...]) -> None:
        self.words = tuple(dict.fromkeys(w for shape in shapes for w in shape.words))
        self.by_type: dict[type, Shape] = {}
        for kind, word in WORDS.items():
            for shape in shapes:
                wide = kind in (int, float) and {"integer", "number"} & {*shape.words}
                if word in shape.words or wide:
                    self.by_type[kind] = shape

    def check(self, value: object) -> None:
        """Raise a :class:`Misfit` if the value does not fit."""
        shape = self.by_type.get(type(value))
        if shape is None:
            raise _wrong_type(self.words, value)
        shape.check(value)
