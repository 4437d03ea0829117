"""A Go template as a tree of values.

```
{{range $n, $v := .Networks}}{{$n}}={{$v.Gateway | upper}} {{end}}

Block("range", Pipe(declares=("$n", "$v"), commands=(Command(.Networks),)), body=(
    Action(Pipe($n)), Text("="), Action(Pipe($v.Gateway, upper)), Text(" ")))
```

Invariants: every node that can fail knows its offset in the template; ``str(node)`` is
how Go writes the node in an error.

Docker calls it: the nodes of Go's ``text/template/parse``.
"""

from dataclasses import dataclass
from typing import TypeAlias

__all__ = [
    "Action",
    "Block",
    "Chain",
    "Command",
    "Field",
    "Jump",
    "Literal",
    "Name",
    "Node",
    "Operand",
    "Pipe",
    "Text",
    "Variable",
]


@dataclass(frozen=True, slots=True)
class Field:
    """``.A.B``; the cursor ``.`` is a field without names."""

    offset: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(f".{name}" for name in self.names) or "."


@dataclass(frozen=True, slots=True)
class Variable:
    """``$x.A``; the name keeps its dollar sign."""

    offset: int
    name: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return self.name + "".join(f".{name}" for name in self.names)


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a quoted text, true, false or nil, and how it was written."""

    offset: int
    value: str | int | float | bool | None
    source: str

    def __str__(self) -> str:
        return self.source


@dataclass(frozen=True, slots=True)
class Name:
    """A function's name."""

    offset: int
    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Chain:
    """``(pipeline).A.B``."""

    offset: int
    inner: "Operand"
    names: tuple[str, ...]

    def __str__(self) -> str:
        inner = f"({self.inner})" if isinstance(self.inner, Pipe) else str(self.inner)
        return inner + "".join(f".{name}" for name in self.names)


@dataclass(frozen=True, slots=True)
class Command:
    """One stage of a pipeline: an operand, or a function and its arguments."""

    offset: int
    operands: tuple["Operand", ...]

    def __str__(self) -> str:
        return " ".join(
            f"({item})" if isinstance(item, Pipe) else str(item)
            for item in self.operands
        )


@dataclass(frozen=True, slots=True)
class Pipe:
    """``$a, $b := command | command``."""

    offset: int
    declares: tuple[str, ...]
    assigns: bool
    commands: tuple[Command, ...]

    def __str__(self) -> str:
        sign = " = " if self.assigns else " := "
        names = ", ".join(self.declares) + sign if self.declares else ""
        return names + " | ".join(map(str, self.commands))


@dataclass(frozen=True, slots=True)
class Text:
    """What is printed as it stands."""

    text: str


@dataclass(frozen=True, slots=True)
class Action:
    """``{{pipeline}}``: print its value."""

    pipe: Pipe


@dataclass(frozen=True, slots=True)
class Jump:
    """``{{break}}`` or ``{{continue}}``."""

    word: str


@dataclass(frozen=True, slots=True)
class Block:
    """``{{if}}``, ``{{range}}`` or ``{{with}}`` with its two bodies."""

    word: str
    pipe: Pipe
    body: tuple["Node", ...]
    otherwise: tuple["Node", ...]


Operand: TypeAlias = Field | Variable | Literal | Name | Chain | Pipe
Node: TypeAlias = Text | Action | Jump | Block
