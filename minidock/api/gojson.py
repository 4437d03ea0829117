r"""Where a text stops being JSON, in the words of Go's scanner.

```
{"a": 1, b}          invalid character 'b' looking for beginning of object key string
         ^
not json             invalid character 'o' in literal null (expecting 'u')
 ^
{"a":                it ends too early: the reader of a body says "unexpected EOF", the
                     reader of a query "unexpected end of JSON input"
```

Go reads bytes: of a letter that takes several, the first is named, as the Latin-1
letter of that number. Docker's source: Go, ``encoding/json/scanner.go``.
"""

import json
import re
from typing import NamedTuple

from minidock.model.document import Json

__all__ = ["NotJson", "first_value", "well_formed", "whole_value"]

_DEEPEST = 10_000
_BLANK = b" \t\r\n"
_LITERALS = {b"t"[0]: "true", b"f"[0]: "false", b"n"[0]: "null"}
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_NUMBER = re.compile(rb"-?(0|[1-9]\d*)")


class NotJson(ValueError):
    """The text is no JSON; ``early`` says that it only ends too soon."""

    def __init__(self, text: str, *, early: bool = False) -> None:
        super().__init__(text)
        self.early = early


def _refuse(constant: str) -> float:
    raise ValueError(constant)


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def first_value(text: str) -> tuple[Json, str]:
    """The first value of a text, and what follows it.

    >>> first_value('{"a": 1} and more')
    ({'a': 1}, ' and more')
    >>> first_value("not json")
    Traceback (most recent call last):
    ...
    minidock.api.gojson.NotJson: invalid character 'o' in literal null (expecting 'u')
    """
    start = text.lstrip(" \t\r\n")
    try:
        value, end = _DECODER.raw_decode(start)
    except (ValueError, RecursionError):
        raise _fault(start) from None
    if start[end : end + 1] in {".", "e", "E"} and isinstance(value, int | float):
        raise _fault(start)  # a number that breaks off
    return well_formed(value, start[:end]), start[end:]


def well_formed(value: Json, text: str) -> Json:
    r"""The value with U+FFFD for each half of a UTF-16 pair, as Go reads it.

    Args:
        value: a JSON value.
        text: the text that it was read from; without an escape it cannot hold one.

    >>> well_formed({"a": "\ud83dx"}, '{"a": "\\ud83dx"}') == {"a": "\ufffdx"}
    True
    """
    if not _HALF.search(text):
        return value
    words = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
    found: Json = json.loads(words.decode("utf-16-le", "replace"))
    return found


def whole_value(text: str) -> Json:
    """The value of a text that holds nothing else.

    >>> whole_value("[1] 2")
    Traceback (most recent call last):
    ...
    minidock.api.gojson.NotJson: invalid character '2' after top-level value
    """
    value, rest = first_value(text)
    rest = rest.lstrip(" \t\r\n")
    if rest:
        raise _unexpected(rest.encode("utf-8", "replace")[0], "after top-level value")
    return value


def _fault(text: str) -> NotJson:
    """What is wrong with a text that Python's reader has refused."""
    try:
        _scan(text.encode("utf-8", "replace"))
    except NotJson as error:
        return error
    return _unexpected(b"["[0], "exceeded max depth")  # for Python's reader


def _unexpected(byte: int, context: str) -> NotJson:
    return NotJson(f"invalid character {_quoted(byte)} {context}")


def _quoted(byte: int) -> str:
    r"""A byte as Go shows it: ``'x'``, ``'\n'``, ``'\x00'``."""
    letter = chr(byte)
    named = {"'": r"'\''", '"': "'\"'", "\\": r"'\\'"}
    named |= {
        "\a": r"'\a'",
        "\b": r"'\b'",
        "\f": r"'\f'",
        "\n": r"'\n'",
        "\r": r"'\r'",
        "\t": r"'\t'",
        "\v": r"'\v'",
    }
    if letter in named:
        return named[letter]
    if byte < 0x20 or byte == 0x7F:
        return rf"'\x{byte:02x}'"
    if not letter.isprintable():
        return rf"'\u{byte:04x}'"
    return f"'{letter}'"


class _Place(NamedTuple):
    """Where a scan is: the text, and the next byte's number."""

    data: bytes
    at: int

    @property
    def byte(self) -> int:
        """The next byte.

        Raises:
            NotJson: there is none.
        """
        if self.at >= len(self.data):
            raise NotJson("unexpected end of JSON input", early=True)
        return self.data[self.at]

    def on(self, count: int = 1) -> "_Place":
        return _Place(self.data, self.at + count)

    def past_blanks(self) -> "_Place":
        at = self.at
        while at < len(self.data) and self.data[at] in _BLANK:
            at += 1
        return _Place(self.data, at)


def _scan(data: bytes) -> None:
    """Read one value; O(length). Raises what Go's scanner says."""
    place = _Place(data, 0).past_blanks()
    open_: list[int] = []
    while True:
        place, opened = _value(place, open_)
        if opened:
            continue
        while open_:
            place = place.past_blanks()
            closing, place = _after_value(place, open_)
            if not closing:
                break
        if not open_:
            return


def _value(place: _Place, open_: list[int]) -> tuple[_Place, bool]:
    """Past a value, or into one that holds others."""
    place = place.past_blanks()
    byte = place.byte
    if byte in b"{[":
        if len(open_) >= _DEEPEST:
            raise _unexpected(byte, "exceeded max depth")
        place = place.on().past_blanks()
        closes = place.byte == (b"}" if byte == b"{"[0] else b"]")[0]
        if closes:
            return place.on(), False
        open_.append(byte)
        return (_key(place) if byte == b"{"[0] else place), True
    if byte == b'"'[0]:
        return _string(place.on()), False
    if byte in _LITERALS:
        return _literal(place, _LITERALS[byte]), False
    if byte in b"-0123456789":
        return _number(place), False
    raise _unexpected(byte, "looking for beginning of value")


def _after_value(place: _Place, open_: list[int]) -> tuple[bool, _Place]:
    """Whether the innermost open value closes here; else past its comma."""
    byte = place.byte
    if open_[-1] == b"{"[0]:
        if byte == b"}"[0]:
            open_.pop()
            return True, place.on()
        if byte != b","[0]:
            raise _unexpected(byte, "after object key:value pair")
        return False, _key(place.on().past_blanks())
    if byte == b"]"[0]:
        open_.pop()
        return True, place.on()
    if byte != b","[0]:
        raise _unexpected(byte, "after array element")
    return False, place.on()


def _key(place: _Place) -> _Place:
    """Past an object's key and its colon."""
    if place.byte != b'"'[0]:
        raise _unexpected(place.byte, "looking for beginning of object key string")
    place = _string(place.on()).past_blanks()
    if place.byte != b":"[0]:
        raise _unexpected(place.byte, "after object key")
    return place.on()


def _string(place: _Place) -> _Place:
    """Past a string whose opening quote was read."""
    while True:
        plain = _PLAIN.match(place.data, place.at)
        place = place if plain is None else _Place(place.data, plain.end())
        byte = place.byte
        if byte == b'"'[0]:
            return place.on()
        if byte != b"\\"[0]:
            raise _unexpected(byte, "in string literal")
        place = place.on()
        if place.byte == b"u"[0]:
            for _ in range(4):
                place = place.on()
                if place.byte not in b"0123456789abcdefABCDEF":
                    raise _unexpected(place.byte, r"in \u hexadecimal character escape")
        elif place.byte not in b'bfnrt\\/"':
            raise _unexpected(place.byte, "in string escape code")
        place = place.on()


def _literal(place: _Place, word: str) -> _Place:
    for letter in word:
        if place.byte != ord(letter):
            context = f"in literal {word} (expecting {_quoted(ord(letter))})"
            raise _unexpected(place.byte, context)
        place = place.on()
    return place


def _number(place: _Place) -> _Place:
    whole = _NUMBER.match(place.data, place.at)
    if whole is None:
        raise _unexpected(place.on().byte, "in numeric literal")
    place = _Place(place.data, whole.end())
    data = place.data
    if data[place.at : place.at + 1] == b".":
        place = _digits(place.on(), "after decimal point in numeric literal")
    if data[place.at : place.at + 1] in {b"e", b"E"}:
        place = place.on()
        if data[place.at : place.at + 1] in {b"+", b"-"}:
            place = place.on()
        place = _digits(place, "in exponent of numeric literal")
    return place


def _digits(place: _Place, context: str) -> _Place:
    if place.byte not in b"0123456789":
        raise _unexpected(place.byte, context)
    while place.at < len(place.data) and place.byte in b"0123456789":
        place = place.on()
    return place
