"""The eras as a table for people: ``docs/differences.md`` is this text.

A test compares the page with it, so a changed rule cannot be forgotten there.
"""

import ast
import inspect
from dataclasses import fields

from minidock import eras
from minidock.eras import ERAS, Era

__all__ = ["differences"]

_INTRODUCTION = """\
# What differs between Docker versions

This page is generated from `minidock/eras.py`; the code reads the same table.
"""


def _meanings() -> dict[str, str]:
    """The words beneath each field of the record, read from its source."""
    tree = ast.parse(inspect.getsource(eras))
    record = next(
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == Era.__name__
    )
    meanings: dict[str, str] = {}
    name = ""
    for node in record.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            meanings[name] = " ".join(str(node.value.value).split())
    return meanings


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value}`" if value else "(none)"


def differences() -> str:
    """The page: one row for each rule, one column for each era.

    >>> "| subnet_choice | `first-fit` | `next-fit` | `lowest-free` |" in differences()
    True
    """
    meanings = _meanings()
    head = "| rule | " + " | ".join(era.name for era in ERAS) + " |"
    lines = [_INTRODUCTION, head, "|---" * (len(ERAS) + 1) + "|"]
    for field in fields(Era):
        if field.name == "name":
            continue
        values = " | ".join(_shown(getattr(era, field.name)) for era in ERAS)
        lines.append(f"| {field.name} | {values} |")
    lines += ["", "What each rule means:", ""]
    lines += [f"- **{name}**: {text}" for name, text in meanings.items() if name]
    return "\n".join(lines) + "\n"
