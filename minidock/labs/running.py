"""A Python answer is run and asked, and each question has an end to its time.

```
run ──┬─▶ a process of its own (process.py); if it had to be ended, another one is
      │   asked the rest
      └─▶ here(), where no process can be started: in a browser. A function that is
          called for each step ends what takes too long
```

Invariant: as many are told as were asked, whatever the answer does.
"""

import contextlib
import io
import sys
import time
from collections.abc import Iterator, Sequence
from types import FrameType

from minidock.labs.lab import Evaluated
from minidock.labs.program import ANSWER, EXPECTATION, Stumble, TimeUp, Told, tell

__all__ = ["LIMIT", "here", "run"]

LIMIT = 5.0
"""Seconds that an answer may take for each thing that it is asked."""
_RESTARTS = 3
_THEIRS = {ANSWER, EXPECTATION}
_NO_PROCESSES = {"emscripten", "wasi"}

Results = Stumble | list[Told]


def run(
    setup: str, answer: str, expressions: Sequence[Evaluated], limit: float = LIMIT
) -> Results:
    """What came of each expression, or where the answer stumbled before that.

    Args:
        setup: Python that runs first.
        answer: the answer's text.
        expressions: what it is asked.
        limit: seconds for loading it, and for each expression.
    """
    if sys.platform in _NO_PROCESSES:
        return here(setup, answer, expressions, limit)
    # late: a browser has no such module's means
    from minidock.labs.process import ask  # noqa: PLC0415

    told: list[Told] = []
    for _ in range(_RESTARTS):
        found = ask(setup, answer, expressions[len(told) :], limit)
        if isinstance(found, Stumble):
            return found if not told else [*told, *_rest(expressions, told)]
        told += found
        if len(told) == len(expressions):
            return told
    return [*told, *_rest(expressions, told)]


def _rest(expressions: Sequence[Evaluated], told: list[Told]) -> list[Told]:
    unasked = Told(ok=False, seen="not asked: what came before took all the time")
    return [unasked] * (len(expressions) - len(told))


def here(
    setup: str, answer: str, expressions: Sequence[Evaluated], limit: float = LIMIT
) -> Results:
    """The same in this process, for where there is no other."""
    told: list[Told] = []
    noise, nobody = _Nowhere(), io.StringIO()
    before = sys.stdin
    try:
        sys.stdin = nobody
        with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
            for one in _timed(setup, answer, expressions, limit):
                if isinstance(one, Stumble):
                    return one
                if isinstance(one, Told):
                    told.append(one)
    finally:
        sys.stdin = before
    return [*told, *_rest(expressions, told)]


class _Nowhere(io.TextIOBase):
    """Takes all that is printed, and keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)


def _timed(
    setup: str, answer: str, expressions: Sequence[Evaluated], limit: float
) -> Iterator[Stumble | Told | None]:
    """As :func:`tell`, but what takes too long is ended between two lines of it."""
    telling = tell(setup, answer, expressions)
    loaded = False
    asked = iter(expressions)
    while True:
        try:
            with _deadline(limit):
                one = next(telling)
        except StopIteration:
            return
        except TimeUp:
            ending = f"did not end within {limit:g} seconds"
            if not loaded:
                yield Stumble(0, f"it {ending}")
            else:
                expression = next(asked).expression.strip()
                yield Told(ok=False, seen=f"{expression}: it {ending}")
            return
        yield one
        if loaded:
            next(asked)
        loaded = True


@contextlib.contextmanager
def _deadline(limit: float) -> Iterator[None]:
    end = time.monotonic() + limit
    steps = 0

    def watch(frame: FrameType, _event: str, _value: object) -> object:
        nonlocal steps
        steps += 1
        if steps % 256 == 0 and time.monotonic() > end:
            raise TimeUp
        if frame.f_code.co_filename not in _THEIRS:
            return None  # our own functions end, and are slow if watched
        frame.f_trace_opcodes = True  # a loop on one line never comes to a new line
        return watch

    before = sys.gettrace()
    sys.settrace(watch)  # type: ignore[arg-type]
    try:
        yield
    finally:
        sys.settrace(before)
