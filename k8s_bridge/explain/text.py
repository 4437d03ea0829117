"""The pairs as text of two columns.

```
 Docker                                 Kubernetes
 container web                          Deployment web
   image nginx                            keeps 1 there
```

Invariant: no line is wider than was asked.
"""

import textwrap
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from k8s_bridge.explain.things import Pair, Thing, Topic
from minidock.views.measure import cells, clip, plain

__all__ = ["explained"]


def explained(topics: Iterable[Topic], width: int = 80) -> str:
    """The text, in so many columns; O(its length)."""
    half = (width - 3) // 2
    lines = [_row("Docker", "Kubernetes", half), _row("─" * half, "─" * half, half)]
    for topic in topics:
        lines += ["", *textwrap.wrap(f"{topic.title}. {topic.sentence}", width), ""]
        for pair in topic.pairs:
            lines += _pair(pair, half)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _pair(pair: Pair, half: int) -> Iterator[str]:
    left = _thing(pair.docker) if pair.docker else ["─"]
    right = [line for thing in pair.kubernetes for line in _thing(thing)]
    for one, other in zip_longest(left, right, fillvalue=""):
        yield _row(one, other, half)


def _thing(thing: Thing) -> list[str]:
    return [thing.title, *(f"  {line}" for line in thing.lines)]


def _row(left: str, right: str, half: int) -> str:
    one, other = clip(plain(left), half), clip(plain(right), half)
    return f"{one}{' ' * (half - cells(one))}   {other}"
