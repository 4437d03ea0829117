"""A shell script's tokens as a tree.

```
 script    and_or { (; | & | newline) and_or }
 and_or    pipeline { (&& | ||) pipeline }
 pipeline  [!] command { | command }
 command   simple | if | while | until | for | case | { } | ( ) | name() command
```

Invariant: a text gives a tree, or a :class:`ShellSyntaxError` with busybox's words; it
never takes more than ``DEPTH`` levels of brackets, so that no text is too deep.

Source: POSIX.1, 2.10 "Shell Grammar".
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import lru_cache

from minidock.runtime.shell_lexer import DEPTH, Kind, Lexer, ShellSyntaxError, Token
from minidock.runtime.shell_tree import (
    AndOr,
    Case,
    Compound,
    For,
    Function,
    Group,
    If,
    Loop,
    Node,
    Pipeline,
    Redirect,
    Script,
    Simple,
    Text,
    Word,
)

__all__ = ["parse"]

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_REDIRECTS = frozenset("< > >> << <<- <& >& <> >| &> &>>".split())
_CLOSERS = frozenset("then else elif fi do done esac } )".split())


@lru_cache(maxsize=128)  # a loop that is woken, or a probe, parses the same again
def parse(text: str) -> Script:
    """The tree of a script; O(length).

    >>> len(parse("a && b; c | d").items)
    2
    >>> parse("echo 'a")
    Traceback (most recent call last):
    ...
    minidock.runtime.shell_lexer.ShellSyntaxError: unterminated quoted string
    """
    parser = _Parser(Lexer(text, _inner))
    script = parser.script(())
    if parser.ahead.kind is not Kind.END:
        raise parser.unexpected()
    return script


def _inner(lexer: Lexer) -> Script:
    """The script from the lexer's place to its ``)``, which is taken too."""
    parser = _Parser(lexer)
    script = parser.script((")",))
    parser.expect(")", take=False)
    return script


@dataclass(slots=True)
class _Parser:
    lexer: Lexer
    ahead: Token = field(default_factory=lambda: Token(kind=Kind.NEWLINE))
    # <<END documents whose text begins after this line, and where it belongs.
    waiting: list[tuple[str, bool, bool, list[Redirect]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.take()

    def take(self) -> Token:
        """The token ahead; the next one is ahead then."""
        taken, self.ahead = self.ahead, self.lexer.token()
        if self.ahead.kind in {Kind.NEWLINE, Kind.END}:
            self._read_documents()
        return taken

    def _read_documents(self) -> None:
        for end, strip, plain, place in self.waiting:
            text = self.lexer.here_document(end, strip=strip)
            word: Word = (Text(text, quoted=True),)
            if not plain:
                inner = Lexer(text, self.lexer.substitute, depth=self.lexer.depth)
                word = inner.double_quoted(end="")
            place[0] = replace(place[0], target=word)
        self.waiting.clear()

    def unexpected(self, expecting: str = "") -> ShellSyntaxError:
        token = self.ahead
        said = {Kind.NEWLINE: "newline", Kind.END: "end of file", Kind.WORD: "word"}
        text = said.get(token.kind, f'"{token.text}"')
        if token.text in _CLOSERS and token.kind is Kind.WORD:
            text = f'"{token.text}"'
        elif token.text in _REDIRECTS:
            text = "redirection"
        hint = f' (expecting "{expecting}")' if expecting else ""
        return ShellSyntaxError(f"unexpected {text}{hint}")

    def expect(self, text: str, *, take: bool = True) -> None:
        if self.ahead.text != text:
            raise self.unexpected(text)
        if take:
            self.take()

    def _at(self, texts: Collection[str]) -> bool:
        return bool(self.ahead.text) and self.ahead.text in texts

    def _newlines(self) -> None:
        while self.ahead.kind is Kind.NEWLINE:
            self.take()

    # --- lists ----------------------------------------------------------------------

    def script(self, ends: Collection[str], *, empty: bool = True) -> Script:
        """Commands up to one of the words that end it, which is not taken."""
        items: list[tuple[Node, bool]] = []
        self._newlines()
        while self.ahead.kind is not Kind.END and not self._at({*ends, *_CLOSERS}):
            if self._at({";;"}):
                break
            node = self._and_or()
            background = self._at({"&"})
            items.append((node, background))
            if not (self._at({";", "&"}) or self.ahead.kind is Kind.NEWLINE):
                break
            self.take()
            self._newlines()
        if not items and not empty:
            raise self.unexpected()
        return Script(items=tuple(items))

    def _and_or(self) -> Node:
        first = self._pipeline()
        rest: list[tuple[str, Node]] = []
        while self._at({"&&", "||"}):
            operator = self.take().text
            self._newlines()
            rest.append((operator, self._pipeline()))
        return AndOr(first=first, rest=tuple(rest)) if rest else first

    def _pipeline(self) -> Node:
        negated = False
        while self._at({"!"}):
            self.take()
            negated = not negated
        commands = [self._command()]
        while self._at({"|"}):
            self.take()
            self._newlines()
            commands.append(self._command())
        if len(commands) == 1 and not negated:
            return commands[0]
        return Pipeline(commands=tuple(commands), negated=negated)

    # --- commands -------------------------------------------------------------------

    def _command(self) -> Node:
        self.lexer.depth += 1
        if self.lexer.depth > DEPTH:
            raise ShellSyntaxError("nested too deeply")
        node = self._compound() or self._simple()
        self.lexer.depth -= 1
        return node

    def _compound(self) -> Node | None:
        match self.ahead.text:
            case "if":
                node: Compound = self._if()
            case "while" | "until":
                node = self._loop()
            case "for":
                node = self._for()
            case "case":
                node = self._case()
            case "{" | "(":
                node = self._group()
            case _:
                return None
        redirects = tuple(self._redirects())
        return replace(node, redirects=redirects) if redirects else node

    def _body(self, opener: str, closer: str) -> Script:
        self.expect(opener)
        script = self.script((closer,), empty=False)
        self.expect(closer)
        return script

    def _group(self) -> Group:
        subshell = self.ahead.text == "("
        script = self._body(*("()" if subshell else "{}"))
        return Group(script=script, subshell=subshell)

    def _if(self) -> If:
        self.take()
        condition = self.script(("then",), empty=False)
        self.expect("then")
        then = self.script(("else", "elif", "fi"), empty=False)
        otherwise: Node | None = None
        if self._at({"elif"}):
            return If(condition=condition, then=then, otherwise=self._if())
        if self._at({"else"}):
            self.take()
            otherwise = self.script(("fi",), empty=False)
        self.expect("fi")
        return If(condition=condition, then=then, otherwise=otherwise)

    def _loop(self) -> Loop:
        until = self.take().text == "until"
        condition = self.script(("do",), empty=False)
        return Loop(condition=condition, body=self._body("do", "done"), until=until)

    def _for(self) -> For:
        self.take()
        name = self.take().text
        if not _NAME.match(name):
            raise ShellSyntaxError("bad for loop variable")
        self._newlines()
        words: list[Word] | None = None
        if self._at({"in"}):
            self.take()
            words = []
            while self.ahead.kind is Kind.WORD:
                words.append(self.take().word)
        if self._at({";"}):
            self.take()
        self._newlines()
        body = self._body("do", "done")
        return For(name=name, words=None if words is None else tuple(words), body=body)

    def _case(self) -> Case:
        self.take()
        word = self.take().word
        self._newlines()
        self.expect("in")
        self._newlines()
        branches: list[tuple[tuple[Word, ...], Script]] = []
        while not self._at({"esac"}):
            if self._at({"("}):
                self.take()
            patterns = [self._pattern()]
            while self._at({"|"}):
                self.take()
                patterns.append(self._pattern())
            self.expect(")")
            branches.append((tuple(patterns), self.script((";;", "esac"))))
            if not self._at({"esac"}):
                self.expect(";;")
            self._newlines()
        self.take()
        return Case(word=word, branches=tuple(branches))

    def _pattern(self) -> Word:
        if self.ahead.kind is not Kind.WORD:
            raise self.unexpected()
        return self.take().word

    def _redirects(self) -> list[Redirect]:
        found = []
        while self._at(_REDIRECTS) and self.ahead.kind is Kind.OPERATOR:
            found.append(self._redirect())
        # A here document's text is only known once its line is over.
        return [place[0] for place in found] if not self.waiting else self._late(found)

    def _late(self, found: list[list[Redirect]]) -> list[Redirect]:
        self._finish_line()
        return [place[0] for place in found]

    def _finish_line(self) -> None:
        """Read the waiting documents now, and go on behind the operator's line."""
        rest = self.lexer.text.find("\n", self.lexer.place)
        if rest < 0 or self.ahead.kind is Kind.END:
            self._read_documents()
            return
        line = self.lexer.text[self.lexer.place : rest]
        outer = self.lexer.place
        self.lexer.place = rest + 1
        self._read_documents()
        tail = self.lexer.text[self.lexer.place :]
        self.lexer.text = f"{self.lexer.text[:outer]}{line}\n{tail}"
        self.lexer.place = outer

    def _redirect(self) -> list[Redirect]:
        token = self.take()
        if self.ahead.kind is not Kind.WORD:
            raise self.unexpected()
        target = self.ahead.word
        default = 0 if token.text.startswith("<") else 1
        stream = token.stream if token.stream >= 0 else default
        place = [Redirect(stream=stream, operator=token.text, target=target)]
        if token.text in {"<<", "<<-"}:
            end = "".join(part.text for part in target if isinstance(part, Text))
            plain = any(isinstance(p, Text) and p.quoted for p in target)
            self.waiting.append((end, token.text == "<<-", plain, place))
        self.take()
        return place

    def _simple(self) -> Node:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        if self._at(_CLOSERS) and self.ahead.kind is Kind.WORD:
            raise self.unexpected()
        while True:
            found = self._redirects()
            redirects += found
            if self.ahead.kind is not Kind.WORD:
                if found:
                    continue
                break
            token = self.take()
            given = None if words else _assignment(token.word)
            if given is not None:
                assignments.append(given)
                continue
            words.append(token.word)
            if len(words) == 1 and self._at({"("}) and _NAME.match(token.text):
                return self._function(token.text)
        if not (assignments or words or redirects):
            raise self.unexpected()
        return Simple(
            assignments=tuple(assignments),
            words=tuple(words),
            redirects=tuple(redirects),
        )

    def _function(self, name: str) -> Function:
        self.take()
        self.expect(")")
        self._newlines()
        return Function(name=name, body=self._command())


def _assignment(word: Word) -> tuple[str, Word] | None:
    first = word[0] if word else None
    if not isinstance(first, Text) or first.quoted:
        return None
    match = _ASSIGNMENT.match(first.text)
    if match is None:
        return None
    rest = first.text[match.end() :]
    return match[1], ((Text(rest),) if rest else ()) + word[1:]
