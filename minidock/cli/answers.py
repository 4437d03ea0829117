"""Outputs of our own commands: text, JSON, and refusals in three parts.

```
text ────────▶ Output(stdout)
Refusal ─────▶ Output(stderr = the text and its three parts, code = 1)
```
"""

import json

from minidock.client.session import Output
from minidock.errors import Refusal
from minidock.model.document import Json

__all__ = ["refused", "said", "said_json", "three_parts", "unsaid"]


def said(text: str) -> Output:
    """What a command prints on standard output."""
    return Output(stdout=text, transcript=text)


def said_json(value: Json) -> Output:
    """A value as JSON."""
    return said(json.dumps(value, indent=4, ensure_ascii=False) + "\n")


def refused(refusal: Refusal, code: int = 1) -> Output:
    """A refusal: its text, then what was asked, which rule refused, what would work."""
    text = f"minidock: {refusal.text}\n"
    parts = three_parts(refusal.explain())
    return Output(
        stderr=text + parts,
        code=code,
        why=refusal.explain(),
        transcript=text + parts,
    )


def three_parts(why: str) -> str:
    r"""The parts of a refusal, indented below its text.

    >>> three_parts("asked:  a\ntry:    b")
    '  asked:  a\n  try:    b\n'
    """
    return "".join(f"  {line}\n" for line in why.splitlines())


def unsaid(output: Output) -> str:
    r"""The three parts of a refusal that its output does not show yet; "" if none.

    >>> unsaid(Output(code=1, why="rule:   no"))
    '  rule:   no\n'
    """
    parts = three_parts(output.why) if output.why else ""
    return "" if parts in output.transcript + output.stderr else parts
