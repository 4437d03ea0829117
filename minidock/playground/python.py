r"""Run a piece of Python as a prompt does: show the last value, and never a traceback.

```
"x = 2"          ─▶ nothing
"x + 1"          ─▶ 3                          the value shows itself
"docker.draw()"  ─▶ <Drawing ...>, a picture   what knows how to draw itself
"1 / 0"          ─▶ ZeroDivisionError: division by zero
"docker.trace('a', 'b:x')" ─▶ the refusal and its three parts
```

Invariants: no exception leaves :func:`run`, whatever the text does; at most
:data:`MOST` characters are kept of what it prints.
"""

import ast
import io
import sys
import traceback
import warnings
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from typing import NamedTuple

from minidock.errors import Refusal

__all__ = ["MOST", "Ran", "run"]

MOST = 100_000
"""Characters that are kept of what one text prints."""

_FILE = "<you>"


class Ran(NamedTuple):
    """What came of it."""

    text: str
    """What it printed, and how its last value or its error reads."""
    why: str = ""
    """The three parts of a refusal."""
    ok: bool = True
    value: object = None
    """The last value itself."""
    picture: str = ""
    """The last value's SVG, if it can draw itself."""


class _Paper(io.TextIOBase):
    """A text to write on that ends somewhere."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._left = MOST

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._left > 0:
            self._parts.append(text[: self._left])
            self._left -= len(text)
        return len(text)

    @property
    def text(self) -> str:
        end = "" if self._left >= 0 else "\n... (the rest is not shown)\n"
        return "".join(self._parts) + end


def run(text: str, names: dict[str, object]) -> Ran:
    r"""Run a text among names, which it may change; what it printed.

    >>> run("a = 2\na * 21", {})
    Ran(text='42\n', why='', ok=True, value=42, picture='')
    >>> run("1 / 0", {}).text
    'ZeroDivisionError: division by zero\n'
    """
    paper = _Paper()
    value, error = _executed(text, names, paper)
    if error is not None:
        why = error.explain() if isinstance(error, Refusal) else ""
        paper.write(_spoken(error, lines=text.count("\n") + 1))
        return Ran(paper.text, why=why, ok=False)
    return Ran(paper.text, value=value, picture=_picture(value))


def _executed(
    text: str, names: dict[str, object], paper: _Paper
) -> tuple[object, BaseException | None]:
    """The last value, which is shown on the paper; or what went wrong."""
    stdin = sys.stdin
    try:
        with ExitStack() as stack:
            stack.enter_context(redirect_stdout(paper))
            stack.enter_context(redirect_stderr(paper))
            stack.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
            sys.stdin = io.StringIO()
            tree = ast.parse(text, _FILE)
            last = tree.body.pop() if _ends_in_a_value(tree) else None
            exec(compile(tree, _FILE, "exec"), names)  # noqa: S102 - the reader's own
            if not isinstance(last, ast.Expr):
                return None, None
            code = compile(ast.Expression(last.value), _FILE, "eval")
            value = eval(code, names)  # noqa: S307 - the reader's own
            if value is not None:
                names["_"] = value
                paper.write(f"{value!r}\n")
            return value, None
    except BaseException as error:  # noqa: BLE001 - whatever the reader's text raises
        return None, error
    finally:
        sys.stdin = stdin


def _ends_in_a_value(tree: ast.Module) -> bool:
    return bool(tree.body) and isinstance(tree.body[-1], ast.Expr)


def _spoken(error: BaseException, *, lines: int) -> str:
    """The error as the last line of a traceback says it, and in which line it was."""
    if isinstance(error, SystemExit | KeyboardInterrupt):
        return "nothing ends here: go on typing\n"
    if isinstance(error, SyntaxError):
        at = f" (line {error.lineno})" if lines > 1 and error.lineno else ""
        return f"{type(error).__name__}: {error.msg}{at}\n"
    said = _said(error)
    numbers = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == _FILE and frame.lineno
    ]
    at = f" (line {numbers[0]})" if lines > 1 and numbers else ""
    return f"{said}{at}\n"


def _said(error: BaseException) -> str:
    name = type(error).__name__
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001 - an error of the reader's own making
        return f"{name}: (it cannot say what went wrong)"
    return f"{name}: {text}" if text else name


def _picture(value: object) -> str:
    try:
        draw = getattr(value, "_repr_svg_", None)
        drawn = draw() if callable(draw) else ""
    except BaseException:  # noqa: BLE001 - an object of the reader's own making
        return ""
    return drawn if isinstance(drawn, str) and len(drawn) <= 4 * MOST else ""
