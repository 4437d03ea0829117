"""How bad the network is, and the dice that decide what happens to a message.

```
CALM    ── every request arrives, every answer comes, after a millisecond
WINDY   ── answers take their time, so those who ask overtake each other
STORMY  ── requests and answers get lost, arrive late or twice; news is slow
```

The dice are seeded: the same seed gives the same weather, on every machine and with
every version of Python that we run on.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["CALM", "STORMY", "WINDY", "Dice", "Weather"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What may happen to a message; the first is in seconds, all others from 0 to 1."""

    delay: float = 0.001
    """How long a message takes on its way, one direction."""
    spread: bool = False
    """Whether that is a mean (of an exponential distribution) or always the same."""
    lost_requests: float = 0.0
    """How many requests never arrive."""
    lost_answers: float = 0.0
    """How many are done, and nobody hears of it."""
    late: float = 0.0
    """How many arrive after whoever asked has given up."""
    twice: float = 0.0
    """How many arrive a second time, later."""
    slow_news: float = 0.0
    """How often a look at a watch shows only some of what it has, or nothing."""


CALM = Weather()
WINDY = Weather(delay=0.005, spread=True, slow_news=0.3)
STORMY = Weather(
    delay=0.02,
    spread=True,
    lost_requests=0.02,
    lost_answers=0.02,
    late=0.01,
    twice=0.02,
    slow_news=0.5,
)


class Dice:
    """A seeded source of chance.

    >>> Dice("lesson").below(6) == Dice("lesson").below(6)
    True
    """

    def __init__(self, seed: str) -> None:
        # Not for secrets: it has to give the same again.
        self._random = random.Random(seed).random  # noqa: S311

    def chance(self, share: float) -> bool:
        """True that often; 0 takes no throw."""
        return share > 0 and self._random() < share

    def below(self, number: int) -> int:
        """A whole number from 0 up to, not including, ``number``."""
        return int(self._random() * number)

    def pick(self, things: Sequence[T]) -> T:
        """One of them."""
        return things[self.below(len(things))]

    def time(self, mean: float) -> float:
        """A waiting time with this mean: many short ones, a few long ones."""
        return -mean * math.log(1.0 - self._random())
