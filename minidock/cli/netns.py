"""Work inside a network namespace: a thread goes in, does it there, and is gone.

```
 this thread ──▶ a thread of its own ── setns("minidock-web") ── work() ──▶ its result
```

A socket belongs for good to the namespace in which it was made, and a program that is
started there stays there; so nobody ever has to find the way back.

Invariant: the thread that calls never changes its namespace. Needs root.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import TypeVar

__all__ = ["NETNS", "enter", "within"]

NETNS = Path("/run/netns")
"""Where `ip netns` keeps the namespaces that have a name."""

_CLONE_NEWNET = 0x40000000  # linux/sched.h

T = TypeVar("T")


def enter(name: str) -> None:
    """Take the calling thread into a namespace, for good; "" is where it stands.

    Raises:
        OSError: there is no such namespace, or nobody but root may enter it.
    """
    if not name:
        return
    file = os.open(str(NETNS / name), os.O_RDONLY | os.O_CLOEXEC)
    try:
        _setns(file)
    finally:
        os.close(file)


def _setns(file: int) -> None:
    if sys.version_info >= (3, 12):
        os.setns(file, _CLONE_NEWNET)
        return
    import ctypes  # noqa: PLC0415 - slow to load, and newer Pythons do without

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(file, _CLONE_NEWNET):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def within(name: str, work: Callable[[], T]) -> T:
    """What ``work`` gives when it is done inside a namespace; its errors are ours.

    >>> within("", lambda: 6 * 7)
    42
    >>> within("no such namespace", lambda: 6 * 7)
    Traceback (most recent call last):
    ...
    FileNotFoundError: [Errno 2] No such file or directory: \
'/run/netns/no such namespace'
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def there() -> None:
        try:
            enter(name)
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again by the caller
            errors.append(error)

    thread = Thread(target=there, name=f"in {name}")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
