"""The values of one table of a lab file, each asked for by its key and its rule.

```
Fields(table) ── text("title")     a text that is not empty     ─┐ LabFault says
              ├─ texts("hints")    a list of texts              ─┤ file, line, key,
              ├─ number("lesson")  0 to 999                     ─┤ and three parts
              └─ only(["that"])    no key that nobody reads     ─┘
```

Invariant: a fault names the line of its key; where the key is missing, its table's.
"""

import difflib
import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Literal

from minidock.errors import InvalidParameter
from minidock.labs.places import Places

__all__ = ["Fields", "LabFault", "fault"]


class LabFault(InvalidParameter):
    """A lab file is wrong.

    Attributes:
        file: which one.
        line: where, counted from 1.
        key: which key; "" where it is about no single one.
    """

    def __init__(
        self, text: str, *, file: str, line: int, key: str, rule: str, remedy: str
    ) -> None:
        super().__init__(
            text, asked=f"read the lab in {file}", rule=rule, remedy=remedy
        )
        self.file = file
        self.line = line
        self.key = key


def fault(
    file: str, line: int, key: str, what: str, *, rule: str, remedy: str
) -> LabFault:
    """A fault with its place in front.

    >>> raise fault("x.toml", 3, "that", "it is missing", rule="", remedy="")
    Traceback (most recent call last):
    ...
    minidock.labs.fields.LabFault: x.toml, line 3, key that: it is missing
    """
    at = f"{file}, line {line}" + (f", key {key}" if key else "")
    return LabFault(
        f"{at}: {what}", file=file, line=line, key=key, rule=rule, remedy=remedy
    )


class Fields:
    """One table of a lab file.

    Args:
        values: what ``tomllib`` gave.
        name: the table's name; "" is the top of the file.
        number: which table of that name, from 0.
        where: the places of all keys.
        file: the file's name.

    >>> where = {("expect", 0, ""): 7}
    >>> fields = Fields({"that": "a"}, "expect", 0, where, "x.toml")
    >>> fields.text("that")
    'a'
    >>> fields.text("why")
    Traceback (most recent call last):
    ...
    minidock.labs.fields.LabFault: x.toml, line 7, key why: it is missing in [[expect]]
    """

    def __init__(
        self,
        values: Mapping[str, object],
        name: str,
        number: int,
        where: Places,
        file: str,
    ) -> None:
        self._values = values
        self._name = name
        self._number = number
        self._where = where
        self.file = file

    def line(self, key: str) -> int:
        """Where a key stands; if nowhere, where its table does."""
        place = self._name, self._number
        below = [] if self._name else [(key, 0, "")]
        known = [(*place, key), *below, (*place, ""), ("", 0, self._name)]
        for one in known:
            if one in self._where:
                return self._where[one]
        # all that is left is a table that was written in some unusual way
        mine = [line for at, line in self._where.items() if at[:2] == place]
        return min(mine, default=1)

    def fault(self, key: str, what: str, rule: str, remedy: str) -> LabFault:
        """A fault at a key."""
        return fault(self.file, self.line(key), key, what, rule=rule, remedy=remedy)

    @property
    def _title(self) -> str:
        return {"": "the file", "setup": "[setup]"}.get(self._name, "[[expect]]")

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._values

    def only(self, known: Sequence[str]) -> None:
        """Refuse a key that nobody reads."""
        for key in self._values:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                raise self.fault(
                    key,
                    f"nobody reads it in {self._title}",
                    f"the keys of {self._title} are {', '.join(known)}",
                    f"{near[0]} = ..." if near else "leave it out",
                )

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty; the default where there is no such key."""
        found = self._values.get(key, default)
        if found is None:
            raise self.fault(
                key,
                f"it is missing in {self._title}",
                f"{self._title} must have {key}",
                f'{key} = "..."',
            )
        if not isinstance(found, str):
            raise self._no(key, "text", f'{key} = "..."')
        if not found.strip() and self.has(key):
            raise self.fault(
                key, "it is empty", "it must say something", f'{key} = "x"'
            )
        return found

    def maybe(self, key: str) -> str | None:
        """A text that may be empty, or None where there is no such key."""
        found = self._values.get(key)
        if found is not None and not isinstance(found, str):
            raise self._no(key, "text", f'{key} = "..."')
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; empty where there is no such key."""
        found = self._values.get(key, [])
        if not isinstance(found, list):
            raise self._no(key, "list of texts", f'{key} = ["...", "..."]')
        texts = tuple(item for item in found if isinstance(item, str))
        if len(texts) < len(found):
            raise self._no(key, "list of texts", f'{key} = ["...", "..."]')
        return texts

    def number(self, key: str) -> int:
        """A number from 0 to 999; 0 where there is no such key."""
        found = self._values.get(key, 0)
        if type(found) is not int or not 0 <= found <= 999:
            raise self._no(key, "number from 0 to 999", f"{key} = 3")
        return found

    def flag(self, key: str) -> bool:
        """True or false; false where there is no such key."""
        found = self._values.get(key, False)
        if not isinstance(found, bool):
            raise self._no(key, "true or false", f"{key} = true")
        return found

    def one_of(self, key: str, words: Sequence[str], default: str) -> str:
        """One of a few words; the default where there is no such key."""
        found = self.text(key, default)
        if found not in words:
            near = difflib.get_close_matches(found, words, 1)
            raise self.fault(
                key,
                f"{found!r} is none of its words",
                f"it is one of {', '.join(words)}",
                f'{key} = "{near[0] if near else default}"',
            )
        return found

    def table(self, key: str, known: Sequence[str]) -> "Fields":
        """A table below, with the keys that it may have; empty if it is missing."""
        found = self._values.get(key, {})
        if not isinstance(found, dict):
            raise self._no(key, f"table [{key}]", f"[{key}] on a line of its own")
        fields = Fields(found, key, 0, self._where, self.file)
        fields.only(known)
        return fields

    def tables(self, key: str) -> list[dict[str, object]]:
        """A list of tables; empty if it is missing."""
        found = self._values.get(key, [])
        remedy = f"[[{key}]] on a line of its own"
        if not isinstance(found, list):
            raise self._no(key, f"list of tables [[{key}]]", remedy)
        tables = [item for item in found if isinstance(item, dict)]
        if len(tables) < len(found):
            raise self._no(key, f"list of tables [[{key}]]", remedy)
        return tables

    def at_most_one(self, *keys: str) -> None:
        """Refuse more than one of some keys."""
        there = [key for key in keys if self.has(key)]
        if len(there) > 1:
            raise self.fault(
                there[1],
                f"{' and '.join(there)} are in one expectation",
                "an expectation has one answer",
                f"leave out {there[1]}, or ask it in an expectation of its own",
            )

    def pattern(self, key: str) -> None:
        """Refuse what is no regular expression."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                re.compile(self.text(key))
        except (re.error, RecursionError, OverflowError) as error:
            raise self.fault(
                key,
                f"no regular expression: {error}",
                "the words of Python's module re; \\ before . * + ? ( [ $ means them",
                f"{key} = '--subnet \\S+', in simple quotes, where \\ stays \\",
            ) from error

    def compiles(self, key: str, source: str, mode: Literal["exec", "eval"]) -> None:
        """Refuse what is no Python."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(source, self.file, mode)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            what = error.msg if isinstance(error, SyntaxError) else error
            kind = "an expression" if mode == "eval" else "a module"
            raise self.fault(
                key,
                f"no Python: {what}",
                f"it is {kind}, as Python reads it",
                f"python -c, with what stands in {key}",
            ) from error

    def _no(self, key: str, kind: str, remedy: str) -> LabFault:
        found = self._values.get(key)
        return self.fault(
            key, f"{_shown(found)} is no {kind}", f"{key} is a {kind}", remedy
        )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
