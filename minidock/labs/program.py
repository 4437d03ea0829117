"""A Python answer, run and asked: what each expression gives.

```
setup ─▶ answer ─▶ one namespace, that of a module ``answer``
                     │  expression 0 ─▶ Told(ok, seen)
                     └▶ expression 1 ─▶ ...
```

An answer is a program of somebody who is learning: it may print, exit, call itself
without an end. Whatever it raises is told, not raised. What never ends is ended by
:mod:`minidock.labs.running`.

Invariant: :func:`tell` gives a stumble and nothing else, or a told for each expression.
"""

import sys
import traceback
import types
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from minidock.labs.lab import HOLE, Evaluated

__all__ = ["ANSWER", "EXPECTATION", "Stumble", "TimeUp", "Told", "tell"]

ANSWER = "<answer>"
"""The answer's file name, as its tracebacks have it."""
EXPECTATION = "<expectation>"
_MOST = 300


class Told(NamedTuple):
    """What came of an expression; ``seen`` is what was there instead."""

    ok: bool
    seen: str = ""


class Stumble(NamedTuple):
    """The answer did not even load: on which line of it, and what Python said."""

    line: int
    said: str


def tell(
    setup: str, answer: str, expressions: Sequence[Evaluated]
) -> Iterator[Stumble | Told | None]:
    r"""Run an answer and ask it; None says that it has loaded.

    >>> asked = Evaluated(expression="half(9)", gives="4")
    >>> list(tell("", "def half(n): return n // 2", [asked]))
    [None, Told(ok=True, seen='')]
    >>> list(tell("", "def half(n): return n - 2", [asked]))
    [None, Told(ok=False, seen='half(9) gives 7')]
    >>> list(tell("", "x = 1\nx = ____", []))
    [Stumble(line=2, said='there is still a hole, ____')]
    """
    module = types.ModuleType("answer")
    sys.modules["answer"] = module  # where dataclasses and pickle look a class up
    names = module.__dict__
    try:
        exec(compile(setup, "<setup>", "exec"), names)  # noqa: S102 - what it is for
        exec(compile(answer, ANSWER, "exec"), names)  # noqa: S102
    except _NOT_OURS:
        raise
    except BaseException as error:  # noqa: BLE001 - exit() is one of them
        yield Stumble(_line(error), _said(error))
        return
    yield None
    for expression in expressions:
        yield _told(expression, names)


class TimeUp(BaseException):
    """It took too long, in a place where nobody can end a process."""


_NOT_OURS = (KeyboardInterrupt, TimeUp)


def _told(question: Evaluated, names: dict[str, object]) -> Told:
    asked = question.expression.strip()
    try:
        value: object = eval(compile(asked, EXPECTATION, "eval"), names)  # noqa: S307
        if question.raises is not None:
            return Told(ok=False, seen=_short(f"{asked} gives {value!r}"))
        if question.gives is not None:
            ok = repr(value) == question.gives.strip()
        else:
            ok = bool(value)
        return Told(ok=ok, seen="" if ok else _short(f"{asked} gives {value!r}"))
    except _NOT_OURS:
        raise
    except BaseException as error:  # noqa: BLE001 - exit() is one of them
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if question.raises in kinds:
            return Told(ok=True)
        raises = "" if _is_hole(error) else "raises "
        return Told(ok=False, seen=_short(f"{asked}: {raises}{_said(error)}"))


def _is_hole(error: BaseException) -> bool:
    return isinstance(error, NameError) and error.name == HOLE


def _said(error: BaseException) -> str:
    """What an exception says, in words of somebody who sees it for the first time."""
    if _is_hole(error):
        return f"there is still a hole, {HOLE}"
    kind = type(error).__name__
    if isinstance(error, RecursionError):
        return f"{kind}: it calls itself, and nothing ends that"
    if isinstance(error, SystemExit):
        return f"{kind}: it ends the program, and with it the check"
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:  # noqa: BLE001 - an answer's own exception may do anything
        text = ""
    return _short(f"{kind}: {text}" if text else kind)


def _line(error: BaseException) -> int:
    """The last line of the answer that an exception came by; 0 if none."""
    if isinstance(error, SyntaxError) and error.filename == ANSWER:
        return error.lineno or 0
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == ANSWER]
    return (lines[-1] if lines else 0) or 0


def _short(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"
