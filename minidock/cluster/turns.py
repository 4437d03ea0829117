"""Simulated time, and tasks that take turns in it.

```
 time ──▶  0.001        0.003         0.004          3.001
           request      request       answer         time-out
           of host 0    of host 1     for host 0     of host 1
              │            │             │
              ▼            ▼             ▼
           done by      done by       host 0 goes on, alone, until it
           the store    the store     waits for its next answer
```

What waits for an answer is ordinary code in the middle of a command, so each task has a
thread to keep its place in; but one of them runs at a time. It holds the *baton*: it
goes through the events itself, and when one is the answer that another task waits for,
hands the baton over. So there is no scheduler beside the tasks, the order depends on
the times of the events alone (and they come from seeded dice), and code that runs alone
never changes threads. Generators would need every function between a command and the
store to be one; greenlets are no part of Python.

Invariants: one thread at a time runs; time never goes back; events of one moment happen
in the order in which they were planned.
"""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from threading import Lock, Thread

__all__ = ["Killed", "Turns", "Wait"]


class Killed(BaseException):
    """The host on which this code runs has just crashed.

    No ``Exception``, so that nobody who catches errors survives it.
    """


class Wait:
    """What a task waits for; over once ``finish`` was called."""

    __slots__ = ("done", "error", "gate", "value")

    def __init__(self) -> None:
        self.done = False
        self.value: object = None
        self.error: BaseException | None = None
        self.gate = Lock()
        self.gate.acquire()

    def finish(self, value: object = None, error: BaseException | None = None) -> None:
        """It has come to an end, with a value or an error."""
        self.done, self.value, self.error = True, value, error


Action = Callable[[], Wait | None]
"""What happens at an event; the wait that it finished, if it did."""


class Turns:
    """Events in the order of their times, and the tasks that they wake.

    >>> turns, heard = Turns(), []
    >>> def task(name, pause):
    ...     for number in range(2):
    ...         turns.sleep(pause)
    ...         heard.append(f"{name}{number} at {turns.now}")
    >>> turns.together([lambda: task("a", 2.0), lambda: task("b", 3.0)])
    >>> heard
    ['a0 at 2.0', 'b0 at 3.0', 'a1 at 4.0', 'b1 at 6.0']
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Action, Wait | None]] = []
        self._planned = 0
        self._left = 0
        self._all_done = Wait()

    def after(self, seconds: float, action: Action, wait: Wait | None = None) -> None:
        """Plan an event; one that is for a wait is left out if that is over by then."""
        self._planned += 1
        heappush(self._events, (self.now + seconds, self._planned, action, wait))

    def sleep(self, seconds: float) -> None:
        """Let the others have their turns until so much time has passed."""
        wait = Wait()

        def over() -> Wait:
            wait.finish()
            return wait

        self.after(seconds, over)
        self.until(wait)

    def until(self, wait: Wait) -> None:
        """Go through the events until this wait is over."""
        while not wait.done:
            other = self._next()
            if other is not None and other is not wait:
                other.gate.release()
                wait.gate.acquire()

    def _next(self) -> Wait | None:
        """Let the next event happen; the wait that it finished."""
        time, _, action, wait = heappop(self._events)
        if wait is not None and wait.done:
            return None
        self.now = max(self.now, time)
        return action()

    def together(self, tasks: Sequence[Callable[[], None]]) -> None:
        """Run tasks at the same simulated time, and return when all have ended.

        They begin in the order in which they are given. One that is killed has ended.

        Raises:
            ExceptionGroup: what tasks raised that were not killed.
        """
        failures: list[Exception] = []
        self._all_done, self._left = Wait(), len(tasks)
        for task in tasks:
            start = Wait()
            args = (start, task, failures)
            Thread(target=self._run, args=args, daemon=True).start()
            self.after(0.0, lambda start=start: start.finish() or start)  # type: ignore[misc]
        if tasks:
            self.until(self._all_done)
        if failures:
            raise ExceptionGroup("tasks failed", failures)

    def _run(
        self, start: Wait, task: Callable[[], None], failures: list[Exception]
    ) -> None:
        """One task in its thread; at its end the baton goes to whoever is next."""
        with start.gate:
            try:
                task()
            except Killed:
                pass
            except Exception as failure:  # noqa: BLE001 - raised again by together
                failures.append(failure)
        self._left -= 1
        if not self._left:
            self._all_done.finish()
            self._all_done.gate.release()
            return
        other = None
        while other is None:
            other = self._next()
        other.gate.release()
