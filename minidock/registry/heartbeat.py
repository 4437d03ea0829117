"""A heart that beats: something is called again and again, as time passes.

```
Heartbeat(beat, every=5) ──▶ a thread: beat, wait, beat, wait ...       stop ends it
```

A lease must be renewed while a person thinks. The thread keeps nothing alive: once
nobody holds the owner of ``beat`` any more, it ends.

Invariant: ``beat`` is never called after ``stop`` has returned.
"""

import random
import threading
import time
import weakref
from collections.abc import Callable

__all__ = ["Heartbeat", "monotonic", "wait_a_little"]

_LONGEST = 0.05


def monotonic() -> float:
    """Seconds that never go back."""
    return time.monotonic()


def wait_a_little(number: int) -> None:
    """Before the n-th new try, wait for a random moment that doubles, 50 ms at most.

    So several hosts that want to change one entry do not meet again at once.
    """
    longest = min(0.001 * 2**number, _LONGEST)
    time.sleep(random.uniform(0, longest))  # noqa: S311 - no secret


class Heartbeat:
    """Calls a method of an object every few seconds, in a thread of its own.

    Args:
        beat: a bound method; its object may be collected meanwhile, which ends it.
        every: seconds between two calls.
    """

    def __init__(self, beat: Callable[[], object], every: float) -> None:
        self._beat = weakref.WeakMethod(beat)
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(
            target=_run,
            args=(self._beat, every, self._over),
            name="minidock-heartbeat",
            daemon=True,
        )
        self._thread.start()
        weakref.finalize(self, self._over.set)

    def stop(self) -> None:
        """Beat no more."""
        self._over.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=30)


def _run(
    beat: "weakref.WeakMethod[Callable[[], object]]",
    every: float,
    over: threading.Event,
) -> None:
    while not over.wait(every):
        call = beat()
        if call is None:
            return
        call()
        del call
