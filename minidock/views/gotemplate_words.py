"""Cutting a Go template into texts and actions, and an action into words.

```
"a {{- /* c */}} {{.B | len}}"      text "a",  text " ",  action [.B] [ ] [|] [ ] [len]
     │       │      └ words: .field $variable name "text" `raw` 'c' 12 := = , | ( )
     │       └ a comment disappears
     └ {{- and -}} eat the white space beside them
```

Invariants: spaces stay words (``.A .B`` are two operands, ``.A.B`` is one); a word
knows its offset; what cannot be cut raises :class:`SyntaxFault` with Go's text.

Docker calls it: the lexer of Go's ``text/template/parse``.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, NoReturn

__all__ = ["Piece", "SyntaxFault", "Word", "fault", "pieces", "trimmed", "unquoted"]


class SyntaxFault(ValueError):
    """A template that Go would not parse; the text is what Go says."""


_COMMENT = re.compile(r"\{\{(?:-\s+)?/\*.*?\*/(?:\s+-)?\}\}", re.DOTALL)
_TRIM_LEFT = re.compile(r"\{\{-\s")
_TRIM_RIGHT = re.compile(r"\s+-\}\}")
_SPACE: Final = " \t\r\n"
_WORD = re.compile(
    r"""(?P<space>\s+)|(?P<text>"(?:\\.|[^"\\\n])*")|(?P<raw>`[^`]*`)
    |(?P<char>'(?:\\.|[^'\\\n])')
    |(?P<number>[+-]?(?:0[xX][0-9a-fA-F]+|\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+))
    |(?P<field>\.\w+)|(?P<dot>\.)|(?P<variable>\$\w*)|(?P<word>[^\W\d]\w*)
    |(?P<sign>:=|=|,|\||\(|\))""",
    re.VERBOSE,
)
_ENDS_WORD: Final = frozenset(" \t\r\n.,|:)(")
_ESCAPES: Final = {
    "n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v",
}  # fmt: skip
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")


class Word(NamedTuple):
    """A word of an action: the name of its pattern, the text, where it stands."""

    kind: str
    text: str
    offset: int


class Piece(NamedTuple):
    """Text, or the words of one action."""

    text: str
    words: list[Word] | None
    line: int


def fault(line: int, text: str) -> NoReturn:
    """Refuse the template, in Go's words and with the line."""
    raise SyntaxFault(f"template: :{line}: {text}")


def pieces(source: str) -> Iterator[Piece]:
    """The texts and actions of a template, in order; O(length).

    >>> [piece.text or piece.words[-1].text for piece in pieces("a {{- .B}}")]
    ['a', '.B']
    >>> list(pieces("{{.B"))
    Traceback (most recent call last):
    ...
    minidock.views.gotemplate_words.SyntaxFault: template: :1: unclosed action
    """
    at, trim_next = 0, False
    while at <= len(source):
        start = source.find("{{", at)
        end = len(source) if start < 0 else start
        text = source[at:end]
        if trim_next:
            text = text.lstrip(_SPACE)
        if start >= 0 and _TRIM_LEFT.match(source, start):
            text = text.rstrip(_SPACE)
        line = source.count("\n", 0, end) + 1
        if text:
            yield Piece(text, None, line)
        if start < 0:
            return
        comment = _COMMENT.match(source, start)
        if comment is not None:
            at, trim_next = comment.end(), comment[0].endswith("-}}")
            continue
        skip = 3 if _TRIM_LEFT.match(source, start) else 2
        words, at = _words(source, start + skip)
        trim_next = source[at - 3 : at] == "-}}"
        yield Piece("", words, source.count("\n", 0, start) + 1)


def _words(source: str, at: int) -> tuple[list[Word], int]:
    """The words of an action, and where the text goes on after its ``}}``."""
    words: list[Word] = []
    while True:
        if source.startswith("}}", at):
            return words, at + 2
        trimmed = _TRIM_RIGHT.match(source, at)
        if trimmed is not None:
            return words, trimmed.end()
        match = _WORD.match(source, at)
        if match is None or match.lastgroup is None:
            _refuse_character(source, at)
        kind, text = match.lastgroup, match[0]
        if kind != "space":
            _check_end(source, match.end(), kind)
        # A space matters: `.A .B` are two operands, `(x).B` is one.
        words.append(Word(kind, text, at))
        at = match.end()


def _check_end(source: str, at: int, kind: str) -> None:
    if kind not in {"field", "variable", "word", "number"} or at >= len(source):
        return
    character = source[at]
    if character not in _ENDS_WORD and not source.startswith("}}", at):
        line = source.count("\n", 0, at) + 1
        if kind == "number":
            fault(line, f'bad number syntax: "{source[at - 1 : at + 1]}"')
        fault(line, f"bad character {_unicode(character)}")


def _refuse_character(source: str, at: int) -> NoReturn:
    line = source.count("\n", 0, at) + 1
    if at >= len(source):
        fault(line, "unclosed action")
    character = source[at]
    if character == '"':
        fault(line, "unterminated quoted string")
    if character == "`":
        fault(line, "unterminated raw quoted string")
    if character == "'":
        fault(line, "unterminated character constant")
    if character == ":":
        fault(line, "expected :=")
    fault(line, f"unrecognized character in action: {_unicode(character)}")


def _unicode(character: str) -> str:
    return f"U+{ord(character):04X} '{character}'"


def trimmed(words: list[Word]) -> list[Word]:
    """The words without the spaces at both ends."""
    first, last = 0, len(words)
    while first < last and words[first].kind == "space":
        first += 1
    while last > first and words[last - 1].kind == "space":
        last -= 1
    return words[first:last]


def unquoted(text: str) -> str:
    r"""What stands between Go's double quotes, with its escapes read.

    >>> unquoted(r"a\tb")
    'a\tb'
    """

    def plain(match: re.Match[str]) -> str:
        short, four, eight, letter = match.groups()
        code = short or four or eight
        return chr(int(code, 16)) if code else _ESCAPES.get(letter, letter)

    return _ESCAPE.sub(plain, text)
