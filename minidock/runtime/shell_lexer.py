"""A shell script's text as tokens: words, operators, ends of lines.

```
 echo "a $b" >&2 | wc   ──▶   word echo │ word "a $b" │ > 2 & │ ...
        └── parts: Text("a ", quoted), Parameter(b, quoted)
```

The reading is driven by the parser: what ``$(`` opens is a script, so the lexer asks
the parser for it, and goes on behind it.

Source: POSIX.1, 2.2 "Quoting" and 2.3 "Token Recognition". Texts of refusals: busybox.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from minidock.runtime.shell_tree import (
    Arithmetic,
    Parameter,
    Part,
    Script,
    Substitution,
    Text,
    Word,
)

__all__ = ["DEPTH", "Kind", "Lexer", "ShellSyntaxError", "Token"]

DEPTH = 40
"""How many brackets may stand inside of each other."""
_BLANK = " \t"
_OPERATORS = (
    *("<<-", "&>>", "&&", "||", ";;", "<<", ">>", "<&", ">&", "<>", ">|", "&>"),
    *(";", "&", "|", "(", ")", "<", ">"),
)
_WORD_ENDS = set(" \t\n;&|()<>")
_SPECIAL = set("?$#@*!-0123456789")
_ESCAPED_IN_QUOTES = set('$`"\\')
_EXPANSIONS = (":-", ":=", ":?", ":+", "##", "%%", "-", "=", "?", "+", "#", "%")


class ShellSyntaxError(Exception):
    """The script is no script; the text is what busybox says."""


class Kind(StrEnum):
    """What a token is."""

    WORD = "word"
    OPERATOR = "operator"
    NEWLINE = "newline"
    END = "end of file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One token; ``stream`` is the number written before a redirect, or -1."""

    kind: Kind
    text: str = ""
    """The operator, or the word if all of it is unquoted letters, else ""."""
    word: Word = ()
    stream: int = -1


@dataclass(slots=True)
class Lexer:
    """A place in a script's text, which moves as tokens are taken.

    ``substitute`` parses the script that begins at the place, up to its ``)``.
    """

    text: str
    substitute: Callable[["Lexer"], Script]
    place: int = 0
    depth: int = 0
    """How many ``$`` expansions deep this place is."""

    def token(self) -> Token:
        """Take the next token."""
        self._skip()
        if self.place >= len(self.text):
            return Token(kind=Kind.END)
        if self.text[self.place] == "\n":
            self.place += 1
            return Token(kind=Kind.NEWLINE)
        digits = self._digits_before_redirect()
        operator = self._operator()
        if operator:
            return Token(kind=Kind.OPERATOR, text=operator, stream=digits)
        word = self._word()
        plain = all(isinstance(part, Text) and not part.quoted for part in word)
        text = "".join(part.text for part in word if isinstance(part, Text))
        return Token(kind=Kind.WORD, text=text if plain else "", word=word)

    def here_document(self, end: str, *, strip: bool) -> str:
        """Take the lines up to one that is ``end``."""
        lines = []
        while self.place < len(self.text):
            line, _, _ = self.text[self.place :].partition("\n")
            self.place += len(line) + 1
            line = line.lstrip("\t") if strip else line
            if line == end:
                break
            lines.append(f"{line}\n")
        return "".join(lines)

    def double_quoted(self, end: str = '"') -> Word:
        """Take parts up to ``end``: what ``"..."`` holds."""
        parts: list[Part] = []
        while self.place < len(self.text) and self._ahead() != end:
            letter = self._ahead()
            if letter == "\\" and self._ahead(1) == "\n":
                self.place += 2
            elif letter == "\\" and self._ahead(1) in _ESCAPED_IN_QUOTES:
                parts.append(Text(self._ahead(1), quoted=True))
                self.place += 2
            elif letter in "$`":
                parts.append(self._dollar(quoted=True))
            else:
                parts.append(Text(letter, quoted=True))
                self.place += 1
        if end and self.place >= len(self.text):
            raise ShellSyntaxError("unterminated quoted string")
        self.place += len(end)
        return _joined(parts)

    # --- inside ---------------------------------------------------------------------

    def _ahead(self, distance: int = 0) -> str:
        place = self.place + distance
        return self.text[place] if place < len(self.text) else ""

    def _skip(self) -> None:
        while self._ahead() and (
            self._ahead() in _BLANK or self.text.startswith("\\\n", self.place)
        ):
            self.place += 2 if self._ahead() == "\\" else 1
        if self._ahead() == "#":
            while self._ahead() not in {"", "\n"}:
                self.place += 1

    def _digits_before_redirect(self) -> int:
        place = self.place
        while place < len(self.text) and self.text[place] in "0123456789":
            place += 1
        if place == self.place or self.text[place : place + 1] not in {"<", ">"}:
            return -1
        if place - self.place > 1:
            return -1
        digits, self.place = int(self.text[self.place : place]), place
        return digits

    def _operator(self) -> str:
        for operator in _OPERATORS:
            if self.text.startswith(operator, self.place):
                self.place += len(operator)
                return operator
        return ""

    def _word(self) -> Word:
        parts: list[Part] = []
        while self._ahead() and self._ahead() not in _WORD_ENDS:
            parts += self._parts()
        return _joined(parts)

    def _parts(self) -> Word:
        letter = self._ahead()
        if letter == "'":
            return (self._single_quoted(),)
        if letter == '"':
            self.place += 1
            # An empty "" is a word, too.
            return self.double_quoted() or (Text("", quoted=True),)
        if letter in "$`":
            return (self._dollar(quoted=False),)
        if letter == "\\":
            self.place += 2
            escaped = self.text[self.place - 1 : self.place]
            return () if escaped == "\n" else (Text(escaped or "\\", quoted=True),)
        self.place += 1
        return (Text(letter),)

    def _single_quoted(self) -> Text:
        end = self.text.find("'", self.place + 1)
        if end < 0:
            raise ShellSyntaxError("unterminated quoted string")
        text = self.text[self.place + 1 : end]
        self.place = end + 1
        return Text(text, quoted=True)

    def _dollar(self, *, quoted: bool) -> Part:
        self.depth += 1
        if self.depth > DEPTH:
            raise ShellSyntaxError("nested too deeply")
        part = self._expansion_at(quoted=quoted)
        self.depth -= 1
        return part

    def _inside(self, text: str) -> "Lexer":
        return Lexer(text, self.substitute, depth=self.depth)

    def _expansion_at(self, *, quoted: bool) -> Part:
        if self._ahead() == "`":
            return self._backquoted(quoted=quoted)
        if self.text.startswith("$((", self.place):
            return self._arithmetic(quoted=quoted)
        if self._ahead(1) == "(":
            self.place += 2
            return Substitution(script=self.substitute(self), quoted=quoted)
        if self._ahead(1) == "{":
            self.place += 2
            return self._braced(quoted=quoted)
        self.place += 1
        name = self._name()
        if not name and self._ahead() and self._ahead() in _SPECIAL:
            name = self._ahead()
            self.place += 1
        return Parameter(name=name, quoted=quoted) if name else Text("$", quoted)

    def _name(self) -> str:
        start = self.place
        while self._ahead() and self._ahead().isascii():
            letter = self._ahead()
            digit = letter.isdigit() and self.place > start
            if not (letter.isalpha() or letter == "_" or digit):
                break
            self.place += 1
        return self.text[start : self.place]

    def _backquoted(self, *, quoted: bool) -> Substitution:
        self.place += 1
        letters = []
        while self._ahead() != "`":
            if not self._ahead():
                raise ShellSyntaxError("EOF in backquote substitution")
            if self._ahead() == "\\" and self._ahead(1) in {"`", "\\", "$"}:
                self.place += 1
            letters.append(self._ahead())
            self.place += 1
        self.place += 1
        inner = self._inside(f"{''.join(letters)}\n)")
        return Substitution(script=self.substitute(inner), quoted=quoted)

    def _arithmetic(self, *, quoted: bool) -> Arithmetic:
        """``$((``; odd as in busybox, it never is a substitution with a subshell."""
        depth, place = 0, self.place + 3
        while place < len(self.text):
            letter = self.text[place]
            depth += (letter == "(") - (letter == ")")
            if depth < 0:
                break
            place += 1
        if self.text[place : place + 2] != "))":
            raise ShellSyntaxError("missing '))'")
        inner = self._inside(self.text[self.place + 3 : place])
        self.place = place + 2
        return Arithmetic(expression=inner.double_quoted(end=""), quoted=quoted)

    def _braced(self, *, quoted: bool) -> Parameter:
        length = self._ahead() == "#" and self._ahead(1) not in {"}", ""}
        self.place += length
        name = self._name()
        while not name and self._ahead() and self._ahead() in _SPECIAL:
            name = self._ahead()
            self.place += 1
            if name.isdigit():
                while self._ahead().isdigit() and self._ahead().isascii():
                    name += self._ahead()
                    self.place += 1
        operator = "" if length else self._expansion()
        argument = self._argument() if operator else ()
        if self.place >= len(self.text):
            raise ShellSyntaxError("missing '}'")
        if self._ahead() != "}" or not name:
            raise ShellSyntaxError("bad substitution")
        self.place += 1
        return Parameter(
            name=name,
            operator="length" if length else operator,
            argument=argument,
            quoted=quoted,
        )

    def _expansion(self) -> str:
        for operator in _EXPANSIONS:
            if self.text.startswith(operator, self.place):
                self.place += len(operator)
                return operator
        return ""

    def _argument(self) -> Word:
        parts: list[Part] = []
        while self._ahead() not in {"", "}"}:
            parts += self._parts()
        return _joined(parts)


def _joined(parts: list[Part]) -> Word:
    """Neighbouring texts as one."""
    found: list[Part] = []
    for part in parts:
        last = found[-1] if found else None
        if (
            isinstance(part, Text)
            and isinstance(last, Text)
            and part.quoted == last.quoted
        ):
            found[-1] = Text(last.text + part.text, part.quoted)
        else:
            found.append(part)
    return tuple(found)
