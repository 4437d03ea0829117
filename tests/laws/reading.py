"""The laws of the test suite, read from its text.

```
@given(...)                            class Machine(RuleBasedStateMachine):
def test_two_names_never_become_one        @invariant()
    └── a law                              def every_chain_has_the_rules_...
                                               └── a law, after any orders of rules
```

Nothing is imported: a law is listed wherever its test can run.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.laws.concepts import CONCEPTS, concept_of
from tests.laws.sentences import fault_of, sentence_of

__all__ = ["ROOT", "Law", "faults", "laws_in", "laws_of"]

ROOT = Path(__file__).resolve().parents[2]
_MACHINE = "Whatever is done, in whatever order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What one test states; ``file`` is below the project, ``why`` may be empty."""

    name: str
    file: str
    why: str = ""

    @property
    def sentence(self) -> str:
        return sentence_of(self.name)

    @property
    def concept(self) -> str:
        return concept_of(self.file.removeprefix("tests/")).title


def laws_of(root: Path = ROOT) -> list[Law]:
    """All laws of a project, by concept, file and place in the file."""
    files = sorted((root / "tests").rglob("*.py"))
    found = [
        law
        for file in files
        for law in laws_in(file.read_text("utf-8"), file.relative_to(root).as_posix())
    ]
    order = [concept.title for concept in CONCEPTS]
    return sorted(found, key=lambda law: order.index(law.concept))


def laws_in(text: str, file: str) -> Iterator[Law]:
    """The laws of one file, from top to bottom.

    A machine without invariants states a law with its rules alone; its name is the law.
    """
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and _decorated(node, "given"):
            yield Law(name=node.name, file=file, why=_first_line(node))
        if isinstance(node, ast.ClassDef):
            yield from _of_class(node, file)


def _of_class(node: ast.ClassDef, file: str) -> Iterator[Law]:
    functions = [one for one in node.body if isinstance(one, ast.FunctionDef)]
    for one in functions:
        if _decorated(one, "given"):
            yield Law(name=one.name, file=file, why=_first_line(one))
        if _decorated(one, "invariant"):
            own = _first_line(one) or _first_line(node)
            why = f"{_MACHINE}. {own}".strip()
            yield Law(name=one.name, file=file, why=why)
    if any(_decorated(one, "rule") for one in functions) and not any(
        _decorated(one, "invariant") for one in functions
    ):
        yield Law(name=node.name, file=file, why=_first_line(node))


def _decorated(node: ast.FunctionDef, name: str) -> bool:
    return any(
        ast.unparse(one).partition("(")[0].rpartition(".")[2] == name
        for one in node.decorator_list
    )


def _first_line(node: ast.FunctionDef | ast.ClassDef) -> str:
    """The first paragraph of a docstring, on one line."""
    text = inspect.cleandoc(ast.get_docstring(node) or "")
    return re.sub(r"\s+", " ", text.partition("\n\n")[0])


def faults(laws: list[Law]) -> list[str]:
    """The laws whose names are no sentences, and sentences that stand twice."""
    seen: dict[str, str] = {}
    found = []
    for law in laws:
        if fault := fault_of(law.name):
            found.append(f"{law.file}: {law.name} {fault}")
        if law.sentence in seen:
            found.append(f"{law.file}: {law.name} stands in {seen[law.sentence]}, too")
        seen[law.sentence] = law.file
    return found
