"""A network between hosts and their registry, which fails when it is told to.

```
 host 0 ── SimulatedStore ──request──▶ ┐            ┌───────────────┐
 host 1 ── SimulatedStore ──request──▶ ├─ Network ─▶│ one store     │
 host 2 ── SimulatedStore ─────╳       ┘  delays,   │ (MemoryStore, │
           (cut off)                      drops,    │  leases by    │
                        ◀──answer──       repeats   │  Turns.now)   │
                                                    └───────────────┘
```

A request is a message there and a message back, each with its own delay, and the store
does what was asked at the moment at which the first one arrives. So what two hosts ask
at the same time is done in every order, and either message may be lost: then whoever
asked hears ``Unavailable`` after the time-out and cannot tell which one it was. A
request may also arrive after that, or twice, as it may where a client or a proxy tries
again.

Cut off is a host from the *store*. What containers send each other over VXLAN takes
other ways; it does not ask the store, and goes on.

Source: the failures are those of fair-loss links and crash-recovery (Cachin, Guerraoui
and Rodrigues, *Introduction to Reliable and Secure Distributed Programming*, 2.2-2.4).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar, cast

from minidock.cluster.turns import Killed, Turns, Wait
from minidock.cluster.weather import CALM, Dice, Weather
from minidock.errors import Refusal
from minidock.registry.errors import Unavailable
from minidock.registry.memory import MemoryStore
from minidock.registry.store import Store

__all__ = ["TIME_OUT", "Network", "Traffic"]

T = TypeVar("T")

TIME_OUT = 3.0
"""After how many seconds a client gives up."""


@dataclass(slots=True)
class Traffic:
    """What went over the network since it was made."""

    requests: int = 0
    lost: int = 0
    """Requests that nobody answered in time."""
    late: int = 0
    twice: int = 0
    news: int = 0
    """Changes that watches told."""


class Network:
    """The wires, the one store at their end, and simulated time.

    Args:
        seed: where chance comes from; the same seed gives the same failures.
        weather: how bad it is to begin with.
        store: makes the store at the end of the wires, from its clock.

    >>> network = Network()
    >>> network.call(0, lambda store: store.create("a", "1"))
    1
    >>> network.cut(0)
    >>> network.call(0, lambda store: store.get("a"))
    Traceback (most recent call last):
    minidock.registry.errors.Unavailable: the cluster store does not answer: i/o timeout
    >>> network.call(1, lambda store: store.get("a").value), network.now
    ('1', 3.004)
    """

    def __init__(
        self,
        *,
        seed: str = "minidock",
        weather: Weather = CALM,
        store: Callable[[Callable[[], float]], MemoryStore] = MemoryStore,
    ) -> None:
        self.turns = Turns()
        self.weather = weather
        self.traffic = Traffic()
        self.dice = Dice(f"network {seed}")
        self.store = store(lambda: self.turns.now)
        self.down = False
        self._planned_until = 0.0
        self._cut: set[int] = set()
        self._waiting: dict[int, Wait] = {}

    @property
    def now(self) -> float:
        """True time, seconds since the network was made."""
        return round(self.turns.now, 6)

    # --- what is broken ---------------------------------------------------------------

    def cut(self, *hosts: int) -> None:
        """From now on the store and these hosts do not reach each other."""
        self._cut.update(hosts)

    def mend(self, hosts: Iterable[int] | None = None) -> None:
        """They do again; without hosts, all."""
        self._cut -= set(self._cut if hosts is None else hosts)

    def reaches(self, host: int) -> bool:
        """Whether a message between a host and the store arrives now."""
        return not self.down and host not in self._cut

    def kill(self, host: int) -> Wait | None:
        """End the task of a host where it waits; the wait that is over by that."""
        wait = self._waiting.pop(host, None)
        if wait is None or wait.done:
            return None
        wait.finish(error=Killed())
        return wait

    def at(self, seconds: float, action: Callable[[], Wait | None]) -> None:
        """Plan something that happens so many seconds from now, whoever is busy then.

        An action that kills a host gives what ``kill`` gave.
        """
        self._planned_until = max(self._planned_until, self.turns.now + seconds)
        self.turns.after(seconds, action)

    @property
    def planned(self) -> float:
        """For how many seconds from now on something is planned."""
        return max(0.0, self._planned_until - self.turns.now)

    # --- messages ---------------------------------------------------------------------

    def call(self, host: int, ask: Callable[[Store], T]) -> T:
        """Ask the store on behalf of a host, and wait for the answer.

        Raises:
            Refusal: what the store refused.
            Unavailable: no answer came in time; it may have been done.
        """
        self.traffic.requests += 1
        wait = self._waiting[host] = Wait()
        self._send(host, ask, wait)
        self.turns.after(TIME_OUT, lambda: self._give_up(wait), wait)
        self.turns.until(wait)
        if wait.error is not None:
            raise wait.error
        return cast("T", wait.value)  # what ask gave, a few lines further down

    def _delay(self) -> float:
        weather = self.weather
        return self.dice.time(weather.delay) if weather.spread else weather.delay

    def _send(self, host: int, ask: Callable[[Store], object], wait: Wait) -> None:
        def arrive() -> None:
            if not self.reaches(host):
                return
            answer: Callable[[], None]
            try:
                value = ask(self.store)
            except Refusal as refusal:
                error = refusal
                answer = lambda: wait.finish(error=error)  # noqa: E731
            else:
                answer = lambda: wait.finish(value)  # noqa: E731
            if not self.dice.chance(self.weather.lost_answers):
                self.turns.after(self._delay(), lambda: come_back(answer), wait)

        def come_back(answer: Callable[[], None]) -> Wait | None:
            if not self.reaches(host):
                return None
            answer()
            return wait

        weather, delay = self.weather, self._delay()
        if self.dice.chance(weather.lost_requests):
            return
        if self.dice.chance(weather.late):
            self.traffic.late += 1
            delay += TIME_OUT
        self.turns.after(delay, arrive)
        if self.dice.chance(weather.twice):
            self.traffic.twice += 1
            self.turns.after(delay + 10 * self._delay(), arrive)

    def _give_up(self, wait: Wait) -> Wait:
        self.traffic.lost += 1
        reason = "connection refused" if self.down else "i/o timeout"
        wait.finish(error=_no_answer(reason))
        return wait

    def pass_time(self, seconds: float) -> None:
        """Let time pass: late messages arrive, and leases run out."""
        self.turns.sleep(seconds)


def _no_answer(reason: str) -> Unavailable:
    return Unavailable(
        f"the cluster store does not answer: {reason}",
        asked="read or change something in the cluster store",
        rule=f"a store answers within {TIME_OUT:g} seconds; one that does not may or "
        "may not have done what was asked",
        remedy="try again when the store can be reached",
    )


def unreachable() -> Unavailable:
    """The refusal of a watch that is cut off; it costs no time."""
    return _no_answer("no route to host")
