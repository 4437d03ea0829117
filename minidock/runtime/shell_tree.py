"""The parts of a shell script, as frozen values.

```
 a=1 b "$c" > f && { d | e; }        AndOr
      │                              ├─ Simple   assignments, words, redirects
      └─ Word: a tuple of parts      └─ Group ─ Script ─ Pipeline (Simple, Simple)
```

A word is a tuple of parts, since ``a"$b"'c'`` is one word. Quoted parts are neither
split nor taken for a keyword.

Source: POSIX.1, chapter 2, "Shell Command Language".
"""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

__all__ = [
    "AndOr",
    "Arithmetic",
    "Case",
    "Compound",
    "For",
    "Function",
    "Group",
    "If",
    "Loop",
    "Node",
    "Parameter",
    "Part",
    "Pipeline",
    "Redirect",
    "Script",
    "Simple",
    "Substitution",
    "Text",
    "Word",
]


class Text(NamedTuple):
    """Letters that mean themselves."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """``$name`` or ``${name<operator>argument}``; operator ``#`` is the length."""

    name: str
    operator: str = ""
    argument: "Word" = ()
    quoted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitution:
    """``$(script)``: what the script prints."""

    script: "Script"
    quoted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """``$((expression))``."""

    expression: "Word"
    quoted: bool = False


Part: TypeAlias = Text | Parameter | Substitution | Arithmetic
Word: TypeAlias = tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """``2>&1``, ``> file``, ``<< END`` (its text is the target)."""

    stream: int
    operator: str
    target: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple:
    """One command with its arguments, or assignments alone."""

    assignments: tuple[tuple[str, Word], ...] = ()
    words: tuple[Word, ...] = ()
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """Commands whose outputs are the next one's input; ``!`` negates."""

    commands: tuple["Node", ...]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AndOr:
    """``first``, then the others where ``&&`` and ``||`` let them run."""

    first: "Node"
    rest: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Commands one after the other; True beside those that ``&`` follows."""

    items: tuple[tuple["Node", bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class If:
    """``if``, with every ``elif`` as an If in ``otherwise``."""

    condition: Script
    then: Script
    otherwise: "Node | None" = None
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """``while``, or ``until`` where ``until`` is set."""

    condition: Script
    body: Script
    until: bool = False
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class For:
    """``for name in words``; no words at all mean the script's arguments."""

    name: str
    words: tuple[Word, ...] | None
    body: Script
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """``case word in pattern|pattern) script;; esac``."""

    word: Word
    branches: tuple[tuple[tuple[Word, ...], Script], ...]
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """``{ script; }``, or ``( script )`` in a shell of its own."""

    script: Script
    subshell: bool
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """``name() body``."""

    name: str
    body: "Node"


Compound: TypeAlias = If | Loop | For | Case | Group
"""The commands that may have redirects of their own."""
Node: TypeAlias = (
    Simple | Pipeline | AndOr | Script | If | Loop | For | Case | Group | Function
)
