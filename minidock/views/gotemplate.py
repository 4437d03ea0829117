r"""A small evaluator of Go's text/template, as ``docker ... --format`` uses it.

```
"{{.Name}} {{range .Config}}{{.Subnet}} {{end}}"     words, then a tree
                 │                                   (gotemplate_words, _parse, _nodes)
 {"Name": "n1", "Config": [{"Subnet": "10.0.0.0/8"}]}
                 ▼
"n1 10.0.0.0/8 "
```

Invariants: rendering changes nothing; maps are walked in sorted key order; a key that a
map lacks prints ``<no value>``, or is an error when ``strict`` is set; a field that a
:class:`Record` lacks is always an error. Templates cannot define other templates.

Docker calls it: ``--format``, ``-f``. ``docker inspect`` renders the typed answer first
and, when that fails, the raw JSON with ``missingkey=error``: that is ``strict``.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from minidock.errors import InvalidParameter
from minidock.views.gotemplate_functions import (
    FUNCTIONS,
    HEADER_FUNCTIONS,
    FunctionFault,
)
from minidock.views.gotemplate_nodes import (
    Action,
    Block,
    Chain,
    Command,
    Field,
    Literal,
    Name,
    Node,
    Operand,
    Pipe,
    Text,
    Variable,
)
from minidock.views.gotemplate_parse import parse
from minidock.views.gotemplate_values import (
    MISSING,
    Record,
    is_true,
    kind_of,
    printed,
)
from minidock.views.gotemplate_words import SyntaxFault

__all__ = ["Record", "Template", "TemplateError", "render"]

_NAMES: Final = frozenset(FUNCTIONS) | {"and", "or"}


class TemplateError(InvalidParameter):
    """A format that cannot be read, or that asks for what is not there.

    ``str()`` is Docker's line, ``detail`` Go's part of it (CLI 20.10 writes a capital
    T in front).
    """

    def __init__(self, detail: str, *, asked: str = "") -> None:
        super().__init__(
            f"template parsing error: {detail}",
            asked=asked,
            rule="a format is a Go template over the fields of the answer",
            remedy="--format '{{json .}}' shows every field",
        )
        self.detail = detail


def render(template: str, value: object, *, strict: bool = False) -> str:
    """The text of a Go template over a value; ``strict`` refuses missing map keys.

    >>> render("{{.Name}} {{len .Ports}} {{.Nope}}", {"Name": "web", "Ports": [80]})
    'web 1 <no value>'
    >>> render("{{.Nope}}", {}, strict=True)
    Traceback (most recent call last):
    ...
    minidock.views.gotemplate.TemplateError: template parsing error: template: :1:2: \
executing "" at <.Nope>: map has no entry for key "Nope"
    """
    return Template(template).render(value, strict=strict)


class Template:
    """A template that was read once and can be rendered many times.

    >>> Template("{{upper .Name}}").render({"Name": "web"})
    'WEB'
    >>> Template("{{.Name")
    Traceback (most recent call last):
    ...
    minidock.views.gotemplate.TemplateError: template parsing error: template: :1: \
unclosed action
    """

    __slots__ = ("_nodes", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        try:
            self._nodes = parse(source, _NAMES)
        except SyntaxFault as fault:
            raise TemplateError(str(fault), asked=f"read {source!r}") from None

    def render(
        self, value: object, *, strict: bool = False, header: bool = False
    ) -> str:
        """The text over one value; ``header`` leaves the columns' names as they are."""
        run = _Run(self.source, value, strict=strict, header=header)
        return "".join(run.walk(self._nodes, value))


class _Stop(Exception):
    """No error: how ``break`` and ``continue`` leave the body of a range."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class _Run:
    """One rendering: the variables that are in sight, and how to complain."""

    def __init__(
        self, source: str, value: object, *, strict: bool, header: bool
    ) -> None:
        self._source = source
        self._strict = strict
        self._functions = HEADER_FUNCTIONS if header else FUNCTIONS
        self._variables: list[tuple[str, object]] = [("$", value)]

    def walk(self, nodes: tuple[Node, ...], dot: object) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, Text):
                yield node.text
            elif isinstance(node, Action):
                value = self._pipe(node.pipe, dot)
                if not node.pipe.declares:
                    yield printed(value)
            elif isinstance(node, Block):
                known = len(self._variables)
                try:
                    yield from self._block(node, dot)
                finally:
                    del self._variables[known:]
            else:
                raise _Stop(node.word)

    def _block(self, node: Block, dot: object) -> Iterator[str]:
        if node.word == "range":
            yield from self._range(node, dot)
            return
        value = self._pipe(node.pipe, dot)
        if is_true(value):
            yield from self.walk(node.body, value if node.word == "with" else dot)
        else:
            yield from self.walk(node.otherwise, dot)

    def _range(self, node: Block, dot: object) -> Iterator[str]:
        value = self._pipe(node.pipe, dot, declare=False)
        pairs = self._pairs(value, node.pipe)
        if not pairs:
            yield from self.walk(node.otherwise, dot)
        for key, item in pairs:
            known = len(self._variables)
            values = (item,) if len(node.pipe.declares) == 1 else (key, item)
            self._bind(node.pipe, values)
            try:
                yield from self.walk(node.body, item)
            except _Stop as stop:
                if stop.word == "break":
                    return
            finally:
                if not node.pipe.assigns:
                    del self._variables[known:]

    def _pairs(self, value: object, pipe: Pipe) -> list[tuple[object, object]]:
        if isinstance(value, Mapping) and not isinstance(value, Record):
            return sorted(value.items())
        if isinstance(value, Sequence) and not isinstance(value, str):
            return list(enumerate(value))
        if isinstance(value, int) and not isinstance(value, bool):
            return [(number, number) for number in range(value)]
        if value is None or value is MISSING:
            return []
        raise self._fault(pipe, f"range can't iterate over {printed(value)}")

    def _bind(self, pipe: Pipe, values: tuple[object, ...]) -> None:
        for name, value in zip(pipe.declares, values, strict=False):
            if not pipe.assigns:
                self._variables.append((name, value))
                continue
            places = [
                at for at, known in enumerate(self._variables) if known[0] == name
            ]
            self._variables[places[-1]] = (name, value)

    def _pipe(self, pipe: Pipe, dot: object, *, declare: bool = True) -> object:
        value: object = None
        for stage, command in enumerate(pipe.commands):
            value = self._command(command, dot, (value,) if stage else ())
        if declare:
            self._bind(pipe, (value,))
        return value

    def _command(
        self, command: Command, dot: object, last: tuple[object, ...]
    ) -> object:
        first, *rest = command.operands
        if isinstance(first, Name):
            return self._call(first.name, command, rest, dot, last)
        if rest or last:
            method = self._value(first, dot) if isinstance(first, Field) else None
            if callable(method):
                return method(*(self._value(operand, dot) for operand in rest), *last)
            raise self._fault(first, f"can't give argument to non-function {first}")
        if isinstance(first, Literal) and first.source == "nil":
            raise self._fault(first, "nil is not a command")
        return self._value(first, dot)

    def _call(
        self,
        name: str,
        command: Command,
        operands: list[Operand],
        dot: object,
        last: tuple[object, ...],
    ) -> object:
        if name in {"and", "or"}:
            return self._decide(name, command, operands, dot, last)
        function = self._functions[name]
        self._count(name, command, len(operands) + len(last))
        values = [self._value(operand, dot) for operand in operands] + list(last)
        for at, (kind, value) in enumerate(zip(function.kinds, values, strict=False)):
            found = kind_of(value)
            if kind and found != kind:
                place = operands[at] if at < len(operands) else command
                text = f"wrong type for value; expected {kind}; got {found}"
                if found == "nil":
                    text = f"invalid value; expected {kind}"
                raise self._fault(place, text)
        try:
            return function.call(*values)
        except FunctionFault as fault:
            raise self._fault(command, f"error calling {name}: {fault}") from None

    def _count(self, name: str, command: Command, given: int) -> None:
        _, least, most, _ = self._functions[name]
        if given < least or (most is not None and given > most):
            want = f"{least}" if most is not None else f"at least {least}"
            text = f"wrong number of args for {name}: want {want} got {given}"
            raise self._fault(command.operands[0], text)

    def _decide(
        self,
        name: str,
        command: Command,
        operands: list[Operand],
        dot: object,
        last: tuple[object, ...],
    ) -> object:
        """The first argument that decides; those behind it are never evaluated."""
        if not operands and not last:
            text = f"wrong number of args for {name}: want at least 1 got 0"
            raise self._fault(command.operands[0], text)
        value: object = None
        for operand in operands:
            value = self._value(operand, dot)
            if is_true(value) == (name == "or"):
                return value
        return last[0] if last else value

    def _value(self, node: Operand, dot: object) -> object:
        if isinstance(node, Literal):
            return node.value
        if isinstance(node, Field):
            return self._fields(node, dot, node.names)
        if isinstance(node, Variable):
            value = [known[1] for known in self._variables if known[0] == node.name][-1]
            return self._fields(node, value, node.names)
        if isinstance(node, Chain):
            return self._fields(node, self._value(node.inner, dot), node.names)
        if isinstance(node, Pipe):
            return self._pipe(node, dot)
        return self._call(node.name, Command(node.offset, (node,)), [], dot, ())

    def _fields(self, node: Operand, value: object, names: tuple[str, ...]) -> object:
        for name in names:
            value = self._field(node, value, name)
        return value

    def _field(self, node: Operand, value: object, name: str) -> object:
        if isinstance(value, Mapping) and name in value:
            return value[name]
        if isinstance(value, Record):
            raise self._fault(node, f"can't evaluate field {name} in type {value.kind}")
        if isinstance(value, Mapping):
            if self._strict:
                raise self._fault(node, f'map has no entry for key "{name}"')
            return MISSING
        if value is MISSING:
            if self._strict:
                raise self._fault(node, f'nil data; no entry for key "{name}"')
            return MISSING
        if value is None:
            raise self._fault(node, f"nil pointer evaluating interface {{}}.{name}")
        raise self._fault(node, f"can't evaluate field {name} in type interface {{}}")

    def _fault(self, node: Operand | Command, text: str) -> TemplateError:
        before = self._source[: node.offset]
        line = before.count("\n") + 1
        column = node.offset - (before.rfind("\n") + 1)
        place = f'template: :{line}:{column}: executing "" at <{node}>: '
        return TemplateError(place + text, asked=f"render {self._source!r}")
