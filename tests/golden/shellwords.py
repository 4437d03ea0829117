"""Reading a shell line: text to pipelines of commands.

```
for i in 1 2; do docker rm c$i | sort; done
Loop("i", ("1", "2"), Sequence(Pipeline(docker rm c$i, sort)))
```
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

__all__ = [
    "Loop",
    "Pipeline",
    "Reader",
    "Sequence",
    "ShellSyntax",
    "Simple",
    "Word",
    "quote",
]


class ShellSyntax(ValueError):
    """A line that this shell does not read."""


class Part(NamedTuple):
    """A piece of a word: ``text`` as it stands, or a substitution, or a variable."""

    kind: str  # "text", "run", "variable"
    text: str
    quoted: bool


@dataclass(frozen=True)
class Word:
    parts: tuple[Part, ...]

    @property
    def bare(self) -> str:
        """The word as a keyword: "" if anything in it is quoted or substituted."""
        if all(part.kind == "text" and not part.quoted for part in self.parts):
            return "".join(part.text for part in self.parts)
        return ""


@dataclass(frozen=True)
class Simple:
    words: tuple[Word, ...]
    redirects: tuple[tuple[str, str], ...]  # (operator, target)


@dataclass(frozen=True)
class Loop:
    variable: str
    items: tuple[Word, ...]
    body: "Sequence"
    redirects: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Pipeline:
    commands: tuple["Simple | Loop", ...]


@dataclass(frozen=True)
class Sequence:
    """Pipelines, each with what stands after it: ``;``, ``&``, ``&&`` or ``||``."""

    items: tuple[tuple[Pipeline, str], ...]


_OPERATOR = re.compile(r"2>&1|[12]?>&2|[12]?>>?|<|&&|\|\||[;&|\n()]")
_ENDS = {"do", "done", "then", "fi", "else", "esac"}
_UNREAD = {"if", "while", "until", "case", "{", "!", "[[", "function"}


def _tokens(line: str) -> Iterator[Word | str]:
    """Words, and operators as plain texts."""
    at = 0
    while at < len(line):
        if line[at] in " \t":
            at += 1
        elif line[at] == "#":
            at = line.find("\n", at) if "\n" in line[at:] else len(line)
        elif (operator := _OPERATOR.match(line, at)) is not None:
            yield operator[0]
            at = operator.end()
        else:
            word, at = _word(line, at)
            yield word


def _word(line: str, at: int) -> tuple[Word, int]:
    parts: list[Part] = []
    start = at
    while at < len(line) and line[at] not in " \t\n;&|<>()":
        if line[at] == "'":
            end = _closing(line, at + 1, "'")
            parts.append(Part("text", line[at + 1 : end], quoted=True))
            at = end + 1
        elif line[at] == '"':
            at = _double(line, at + 1, parts)
        elif line[at] == "$":
            at = _dollar(line, at, parts, quoted=False)
        elif line[at] == "\\":
            parts.append(Part("text", line[at + 1 : at + 2], quoted=True))
            at += 2
        else:
            parts.append(Part("text", line[at], quoted=False))
            at += 1
    if at == start:
        raise ShellSyntax(f"unexpected {line[at]!r}")
    return Word(tuple(parts)), at


def _closing(line: str, at: int, sign: str) -> int:
    end = line.find(sign, at)
    if end < 0:
        raise ShellSyntax(f"no closing {sign}")
    return end


def _double(line: str, at: int, parts: list[Part]) -> int:
    parts.append(Part("text", "", quoted=True))
    while at < len(line) and line[at] != '"':
        if line[at] == "$":
            at = _dollar(line, at, parts, quoted=True)
        elif line[at] == "\\" and line[at + 1 : at + 2] in {'"', "\\", "$", "`"}:
            parts.append(Part("text", line[at + 1], quoted=True))
            at += 2
        else:
            parts.append(Part("text", line[at], quoted=True))
            at += 1
    if at >= len(line):
        raise ShellSyntax('no closing "')
    return at + 1


def _dollar(line: str, at: int, parts: list[Part], *, quoted: bool) -> int:
    if line.startswith("$(", at):
        depth, end = 1, at + 2
        while depth and end < len(line):
            if line[end] == "'":
                end = _closing(line, end + 1, "'")
            depth += {"(": 1, ")": -1}.get(line[end], 0)
            end += 1
        if depth:
            raise ShellSyntax("no closing )")
        parts.append(Part("run", line[at + 2 : end - 1], quoted))
        return end
    match = re.compile(r"\$(?:\{(\w+)\}|(\w+|\?))").match(line, at)
    if match is None:
        parts.append(Part("text", "$", quoted))
        return at + 1
    parts.append(Part("variable", match[1] or match[2], quoted))
    return match.end()


class Reader:
    def __init__(self, line: str) -> None:
        self._tokens = list(_tokens(line))
        self._at = 0

    def _peek(self) -> Word | str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _keyword(self) -> str:
        token = self._peek()
        return token.bare if isinstance(token, Word) else ""

    def sequence(self) -> Sequence:
        items: list[tuple[Pipeline, str]] = []
        while True:
            while self._peek() in {";", "\n"}:
                self._at += 1
            if self._peek() is None or self._keyword() in _ENDS:
                return Sequence(tuple(items))
            pipeline = self._pipeline()
            link = ";"
            if self._peek() in {";", "\n", "&", "&&", "||"}:
                link = str(self._peek())
                self._at += 1
            items.append((pipeline, link))

    def _pipeline(self) -> Pipeline:
        commands = [self._command()]
        while self._peek() == "|":
            self._at += 1
            commands.append(self._command())
        return Pipeline(tuple(commands))

    def _command(self) -> Simple | Loop:
        if self._keyword() == "for":
            return self._loop()
        if self._keyword() in _UNREAD or self._peek() in {"(", ")"}:
            raise ShellSyntax(f"{self._keyword() or self._peek()} is not read here")
        words: list[Word] = []
        while isinstance(self._peek(), Word):
            words.append(self._tokens[self._at])
            self._at += 1
            words_and = self._redirects()
            if words_and:
                return self._rest(words, words_and)
        redirects = self._redirects()
        if not words and not redirects:
            raise ShellSyntax(f"a command is missing before {self._peek()!r}")
        return Simple(tuple(words), tuple(redirects))

    def _rest(self, words: list[Word], redirects: list[tuple[str, str]]) -> Simple:
        """What follows the first redirection: more words, more redirections."""
        while isinstance(self._peek(), Word):
            words.append(self._tokens[self._at])
            self._at += 1
            redirects += self._redirects()
        return Simple(tuple(words), tuple(redirects))

    def _redirects(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        while isinstance(token := self._peek(), str) and token[-1] in "<>12":
            if "<" not in token and ">" not in token:
                break
            self._at += 1
            target = ""
            if not token.endswith(("&1", "&2")):
                word = self._peek()
                if not isinstance(word, Word):
                    raise ShellSyntax(f"nothing behind {token}")
                target = "".join(part.text for part in word.parts)
                self._at += 1
            found.append((token, target))
        return found

    def _loop(self) -> Loop:
        self._at += 1
        name = self._keyword()
        self._at += 1
        items: list[Word] = []
        if self._keyword() == "in":
            self._at += 1
            while isinstance(self._peek(), Word):
                items.append(self._tokens[self._at])
                self._at += 1
        while self._peek() in {";", "\n"}:
            self._at += 1
        self._expect("do")
        body = self.sequence()
        self._expect("done")
        return Loop(name, tuple(items), body, tuple(self._redirects()))

    def _expect(self, keyword: str) -> None:
        if self._keyword() != keyword:
            raise ShellSyntax(f"{keyword} is missing")
        self._at += 1


def quote(word: str) -> str:
    """A word as it must be written; patterns and brackets stay unquoted."""
    if word and not re.search(r"[\s'\"\\$;&|<>()`#]", word):
        return word
    return "'" + word.replace("'", "'\\''") + "'"
