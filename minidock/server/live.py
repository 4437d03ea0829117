"""An engine that lives: real time passes, and many may ask at the same time.

```
connections ──send──▶ ┌ lock ─────────────┐      reads look at the frozen World and
                      │ Engine            │      wait for nobody
ticker ────turn(now)▶ │   World ─▶ World' │──▶ changes + 1 ──▶ who waits reads again
                      └───────────────────┘
```

The engine is pure but for its one current World; this is where a clock and threads
meet it.

Invariants: changes happen one after the other; ``changes`` only grows, and whoever saw
a number and waits is woken when it is passed.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from minidock.api.http import Request, Response
from minidock.api.routes import handle, refused
from minidock.api.streams import Moment
from minidock.engine import Engine
from minidock.errors import Refusal
from minidock.model.world import World

__all__ = ["Live"]

T = TypeVar("T")

_READS = frozenset({"GET", "HEAD"})
_LONGEST = 3600.0
"""Seconds after which a waiter looks again, whatever happens."""
_NEWS = 0.1
"""Seconds between two looks at what other hosts of a cluster did."""


class Live:
    """An engine behind a lock, with a clock that moves by itself.

    Args:
        engine: the engine; nobody else uses it meanwhile.
        clock: the time, nanoseconds since 1970.
        at_end: gives back what the engine is kept in.

    >>> live = Live(Engine())
    >>> live.send(Request(method="GET", path="/_ping")).text
    'OK'
    >>> live.close()
    """

    keeps = True
    """Whether answers that only read may be given again without asking ``send``."""

    def __init__(
        self,
        engine: Engine,
        *,
        clock: Callable[[], int] = time.time_ns,
        at_end: Callable[[], None] | None = None,
    ) -> None:
        self.engine = engine
        self._at_end = at_end
        self._clock = clock
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._changes = 0
        self._closed = False
        self._ticker = threading.Thread(
            target=self._tick, name="minidock-clock", daemon=True
        )
        self._ticker.start()
        if engine.membership is not None:
            threading.Thread(
                target=self._follow, name="minidock-cluster", daemon=True
            ).start()

    def _follow(self) -> None:
        """Learn what other hosts do, so that who only reads sees it, too."""
        while not self._closed:
            time.sleep(_NEWS)
            with self._lock:
                before = self.engine.moment()
                self.engine.hear()
                self._note_change_since(before)

    @property
    def changes(self) -> int:
        """How often the World has changed so far."""
        return self._changes

    @property
    def closed(self) -> bool:
        """Whether it is over."""
        return self._closed

    @property
    def world(self) -> World:
        """The World now."""
        return self.engine.world

    def now(self) -> int:
        """The time, nanoseconds since 1970; never before the engine's own."""
        return max(self._clock(), self.engine.now)

    def send(self, request: Request) -> Response:
        """Answer a request; one that only reads waits for no other."""
        if request.method in _READS:
            world = self.engine.world
            answer = handle(world, request, self.now())
            stale = self.engine.asks_cluster(request, answer.response)
            if answer.world is world and not stale:
                return answer.response
        with self._lock:
            before = self.engine.moment()
            response, pending = self.engine.accept(request, self.now())
            self._note_change_since(before)
        try:
            self.engine.settle(pending)  # others may ask meanwhile, and share the sync
        except Refusal as refusal:
            with self._lock:  # nobody may see what was refused
                before = self.engine.moment()
                self.engine.recover()
                self._note_change_since(before)
            return refused(self.world, request, refusal)
        return response

    def use(self, action: Callable[[Engine], T]) -> T:
        """Do something with the engine itself while nobody else does.

        >>> live = Live(Engine())
        >>> print(live.use(lambda docker: docker("network ls --format '{{.Name}}'")))
        bridge
        host
        none
        >>> live.close()
        """
        with self._lock:
            before = self.engine.moment()
            self.engine.turn(self._clock())
            done = action(self.engine)
            self._note_change_since(before)
            return done

    def turn(self) -> None:
        """Let everything happen that is due by now."""
        with self._lock:
            self._turn()

    def _turn(self) -> None:
        before = self.engine.moment()
        self.engine.turn(self._clock())
        self._note_change_since(before)

    def _note_change_since(self, before: Moment) -> None:
        now = self.engine.moment()
        if now.world is not before.world or _happened(now) != _happened(before):
            self._changes += 1
            self._changed.notify_all()

    def moment(self) -> Moment:
        """What a stream sees now."""
        with self._lock:
            moment = self.engine.moment()
            return Moment(
                world=moment.world,
                now=max(self._clock(), moment.now),
                events=moment.events,
                first=moment.first,
            )

    def wait(self, seen: int, until: int | None = None) -> int:
        """Wait for a change after the one that was seen, or until a time.

        Args:
            seen: the number of changes that the caller knows of.
            until: nanoseconds since 1970; None waits for a change only.

        Returns:
            The number of changes now.
        """
        with self._lock:
            while self._changes <= seen and not self._closed:
                left = _LONGEST if until is None else (until - self._clock()) / 1e9
                if left <= 0:
                    break
                self._changed.wait(min(left, _LONGEST))
            return self._changes

    def _tick(self) -> None:
        """Turn the clock whenever something is due."""
        while not self._closed:
            with self._lock:
                due = self.engine.next_due
                left = _LONGEST if due is None else (due - self._clock()) / 1e9
                if left <= 0:
                    self._turn()
                elif not self._closed:
                    self._changed.wait(min(left, _LONGEST))
                    continue
            with contextlib.suppress(Refusal):  # the next request hears of it
                self.engine.save()

    def stop_daemon(self) -> None:
        """End as dockerd ends: every container is stopped, and that is saved."""
        with self._lock:
            self.engine.stop_daemon(self.now())
            self._changes += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Stop the clock and wake everybody; the engine itself stays as it is."""
        with self._lock:
            self._closed = True
            self._changed.notify_all()
        if threading.current_thread() is not self._ticker:
            self._ticker.join(timeout=5)
        if self.engine.membership is not None:
            self.engine.membership.close(leave=self._at_end is None)
        if self._at_end is not None:
            self._at_end()


def _happened(moment: Moment) -> int:
    """How many events there have been."""
    return moment.first + len(moment.events)
