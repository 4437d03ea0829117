"""Reading a Go template: words to a tree.

```
 text  action  action       pieces of `gotemplate_words`
   │ nest range/if/with until end
   ▼
 (Text("Hi "), Block("range", Pipe(.A), (Action(.B),), ()))
                             nodes of `gotemplate_nodes`
```

Invariants: every block is closed; every variable is declared where it is used; every
function is known. Otherwise :class:`SyntaxFault` is raised with Go's text.

Docker calls it: Go's ``text/template/parse``.
"""

from typing import Final, NamedTuple, NoReturn

from minidock.views.gotemplate_nodes import (
    Action,
    Block,
    Chain,
    Command,
    Field,
    Jump,
    Literal,
    Name,
    Node,
    Operand,
    Pipe,
    Text,
    Variable,
)
from minidock.views.gotemplate_words import (
    Word,
    fault,
    pieces,
    trimmed,
    unquoted,
)

__all__ = ["parse"]

_BLOCKS: Final = frozenset({"if", "range", "with"})
_KEYWORDS: Final = _BLOCKS | {"else", "end", "break", "continue"}
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "nil": None}


def parse(source: str, functions: frozenset[str]) -> tuple[Node, ...]:
    """The tree of a template that may call these functions; O(length).

    >>> str(parse("{{.A.B}}", frozenset())[0].pipe)
    '.A.B'
    >>> parse("{{.Name", frozenset())
    Traceback (most recent call last):
    ...
    minidock.views.gotemplate_words.SyntaxFault: template: :1: unclosed action
    """
    return _Parser(source, functions).template()


class _Parser:
    """Recursive descent over the pieces; used once."""

    def __init__(self, source: str, functions: frozenset[str]) -> None:
        self._pieces = list(pieces(source))
        self._functions = functions
        self._at = 0
        self._line = source.count("\n") + 1
        self._variables = ["$"]
        self._loops = 0

    def template(self) -> tuple[Node, ...]:
        nodes, word, _ = self._body()
        if word:
            fault(self._line, f"unexpected {{{{{word}}}}}")
        return nodes

    def _body(self) -> tuple[tuple[Node, ...], str, list[Word]]:
        """Nodes until ``end`` or ``else``, that word, and what follows it."""
        nodes: list[Node] = []
        while self._at < len(self._pieces):
            piece = self._pieces[self._at]
            self._at += 1
            if piece.words is None:
                nodes.append(Text(piece.text))
                continue
            self._line = piece.line
            words = trimmed(piece.words)
            first = words[0].text if words and words[0].kind == "word" else ""
            if first in {"end", "else"}:
                return tuple(nodes), first, trimmed(words[1:])
            nodes.append(self._node(first, words))
        return tuple(nodes), "", []

    def _node(self, first: str, words: list[Word]) -> Node:
        if first in _BLOCKS:
            return self._block(first, words[1:])
        if first in {"break", "continue"}:
            if not self._loops:
                fault(self._line, f"{{{{{first}}}}} outside {{{{range}}}}")
            return Jump(first)
        return Action(_Pipeline(words, self._names(), "command").read())

    def _names(self) -> "_Names":
        return _Names(self._functions, self._variables, self._line)

    def _block(self, word: str, words: list[Word]) -> Block:
        known = len(self._variables)
        self._loops += word == "range"
        pipe = _Pipeline(trimmed(words), self._names(), word).read()
        body, closer, rest = self._body()
        self._loops -= word == "range"
        otherwise: tuple[Node, ...] = ()
        if closer == "else":
            otherwise, closer = self._otherwise(word, rest)
        if closer != "end":
            fault(self._line, "unexpected EOF")
        del self._variables[known:]
        return Block(word, pipe, body, otherwise)

    def _otherwise(self, word: str, rest: list[Word]) -> tuple[tuple[Node, ...], str]:
        if rest and rest[0].text == word and word in {"if", "with"}:
            # `{{else if}}` is an if inside the else; both share one `{{end}}`.
            return (self._block(word, rest[1:]),), "end"
        if rest:
            fault(self._line, f"unexpected <{rest[0].text}> in else")
        nodes, closer, _ = self._body()
        if closer == "else":
            fault(self._line, "expected end; found {{else}}")
        return nodes, closer


class _Names(NamedTuple):
    functions: frozenset[str]
    variables: list[str]
    line: int


class _Pipeline:
    """One pipeline's words, read from left to right."""

    def __init__(self, words: list[Word], names: _Names, context: str) -> None:
        self._words = words
        self._names = names
        self._context = context
        self._at = 0

    def read(self, *, nested: bool = False) -> Pipe:
        offset = self._words[self._at].offset if self._more() else 0
        declares, assigns = ((), False) if nested else self._declared()
        commands = [self._command()]
        while self._peek() == "|":
            self._at += 1
            commands.append(self._command())
        if not nested and self._more():
            self._fault(f'unexpected "{self._words[self._at].text}" in operand')
        if any(not command.operands for command in commands):
            self._fault(f"missing value for {self._context}")
        for stage, command in enumerate(commands[1:], 2):
            if not isinstance(command.operands[0], Name | Field | Variable | Chain):
                self._fault(f"non executable command in pipeline stage {stage}")
        self._names.variables.extend(declares if not assigns else ())
        return Pipe(offset, declares, assigns, tuple(commands))

    def _declared(self) -> tuple[tuple[str, ...], bool]:
        signs = [word.text for word in self._words if word.kind != "space"]
        count = 1
        if len(signs) > 3 and signs[1] == "," and signs[2].startswith("$"):
            count = 3
        if len(signs) <= count or signs[count] not in {":=", "="}:
            return (), False
        if not signs[0].startswith("$"):
            return (), False
        if count == 3 and self._context != "range":
            self._fault(f"too many declarations in {self._context}")
        seen = 0
        while seen <= count:
            seen += self._words[self._at].kind != "space"
            self._at += 1
        declares, assigns = tuple(signs[:count:2]), signs[count] == "="
        for name in declares if assigns else ():
            self._known(name)
        return declares, assigns

    def _command(self) -> Command:
        self._skip_space()
        offset = self._words[self._at].offset if self._more() else 0
        operands: list[Operand] = []
        while self._more() and self._peek() not in {"|", ")"}:
            operands.append(self._operand())
            if self._more() and self._words[self._at].kind != "space":
                if self._peek() in {"|", ")"}:
                    break
                self._fault(f'unexpected "{self._peek()}" in operand')
            self._skip_space()
        return Command(offset, tuple(operands))

    def _operand(self) -> Operand:
        word = self._words[self._at]
        self._at += 1
        node = self._term(word)
        names: list[str] = []
        chained = self._words[self._at].offset if self._more() else 0
        while self._more() and self._words[self._at].kind == "field":
            names.append(self._words[self._at].text[1:])
            self._at += 1
        if not names:
            return node
        # Go gives a chain the place of its second name.
        if isinstance(node, Field) and node.names:
            return Field(chained, (*node.names, *names))
        if isinstance(node, Variable):
            return Variable(chained, node.name, (*node.names, *names))
        if isinstance(node, Literal):
            self._fault(f"unexpected . after term {str(node)!r}".replace("'", '"'))
        return Chain(chained, node, tuple(names))

    def _term(self, word: Word) -> Operand:
        kind, text, offset = word
        if kind == "field":
            return Field(offset, (text[1:],))
        if kind == "dot":
            return Field(offset, ())
        if kind == "variable":
            self._known(text)
            return Variable(offset, text, ())
        if kind == "sign" and text == "(":
            return self._parenthesised()
        if kind == "word" and text not in _CONSTANTS:
            return self._name(word)
        if kind == "sign":
            self._fault(f'unexpected "{text}" in operand')
        return Literal(offset, self._constant(word), text)

    def _parenthesised(self) -> Pipe:
        inner = self.read(nested=True)
        if self._peek() != ")":
            self._fault("unclosed left paren")
        self._at += 1
        return inner

    def _name(self, word: Word) -> Name:
        if word.text in _KEYWORDS:
            self._fault(f"unexpected <{word.text}> in operand")
        if word.text not in self._names.functions:
            self._fault(f'function "{word.text}" not defined')
        return Name(word.offset, word.text)

    def _constant(self, word: Word) -> str | int | float | bool | None:
        if word.kind == "word":
            return _CONSTANTS[word.text]
        if word.kind == "raw":
            return word.text[1:-1]
        if word.kind == "text":
            return unquoted(word.text[1:-1])
        if word.kind == "char":
            return ord(unquoted(word.text[1:-1]))
        try:
            return int(word.text, 0)
        except ValueError:
            return float(word.text)

    def _known(self, name: str) -> None:
        if name not in self._names.variables:
            self._fault(f'undefined variable "{name}"')

    def _more(self) -> bool:
        return self._at < len(self._words)

    def _peek(self) -> str:
        return self._words[self._at].text if self._more() else ""

    def _skip_space(self) -> None:
        while self._more() and self._words[self._at].kind == "space":
            self._at += 1

    def _fault(self, text: str) -> NoReturn:
        fault(self._names.line, text)
