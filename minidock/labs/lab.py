"""A lab: what is asked, what the answer starts from, and what must be true of it.

```
        ┌─ question, hints, skeleton, solution        what a learner sees
  Lab ──┼─ Setup: commands or Python, hosts           what stands before the answer
        └─ Expectation: a sentence, why, a question   what is checked, in this order
                            ├─ Traced    a packet's journey, and how it must end
                            ├─ Ran       a command line, and what it must print
                            ├─ Evaluated a Python expression, and what it must give
                            └─ Matched   a pattern that the answer's text has, or lacks
```

Values only: :mod:`minidock.labs.reading` makes them from TOML, and
:mod:`minidock.labs.checking` asks the questions.

Invariant: a lab has at least three hints and two expectations, and its skeleton differs
from its solution.
"""

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "HOLE",
    "Evaluated",
    "Expectation",
    "Kind",
    "Lab",
    "Matched",
    "Question",
    "Ran",
    "Setup",
    "Traced",
]

HOLE = "____"
"""What a skeleton has where the learner writes: four underscores, a name in Python."""


class Kind(StrEnum):
    """What an answer is made of."""

    COMMANDS = "commands"  # docker and minidock command lines
    PYTHON = "python"  # a module


@dataclass(frozen=True, slots=True)
class Traced:
    """The journey that ``minidock trace WORDS`` follows ends with ``outcome``."""

    words: str
    outcome: str = "delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command line, and one thing that must be true of it; if none, it succeeds."""

    line: str
    prints: str | None = None
    matches: str | None = None
    fails: bool = False
    fails_with: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """A Python expression: the repr it gives, or what it raises; if none, it holds."""

    expression: str
    gives: str | None = None
    raises: str | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """A regular expression that the answer's text has, or lacks; comments are no text.

    Lines are matched as a person reads them: ``^`` and ``$`` are those of a line.
    """

    pattern: str
    has: bool = True


Question = Traced | Ran | Evaluated | Matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One thing that must be true of the answer.

    Attributes:
        that: the sentence that is shown with ok or not ok.
        why: what is said, in terms of the lesson, when it is not so.
        question: how it is found out.
        on: which host is asked; "" is the first one.
        line: where it stands in the lab file, counted from 1; 0: in none.
    """

    that: str
    why: str
    question: Question
    on: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What stands before the answer comes.

    Attributes:
        commands: command lines, each of which must succeed.
        python: run before the answer; its names are there for all that follows.
        hosts: the names of the hosts of one cluster; none: a single host.
        era: whose rules; "" is the default.
        line: where the commands stand in the lab file; 0: in none.
    """

    commands: tuple[str, ...] = ()
    python: str = ""
    hosts: tuple[str, ...] = ()
    era: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A lab, as its file says it.

    Attributes:
        lesson: the number of its lesson; 0: it belongs to none.
        name: the word for it on the command line.
        file: where it was read, for messages.
    """

    name: str
    title: str
    question: str
    hints: tuple[str, ...]
    skeleton: str
    solution: str
    expectations: tuple[Expectation, ...]
    lesson: int = 0
    kind: Kind = Kind.COMMANDS
    setup: Setup = field(default_factory=Setup)
    file: str = ""

    @property
    def suffix(self) -> str:
        """The usual ending of an answer's file name."""
        return ".py" if self.kind is Kind.PYTHON else ".txt"
