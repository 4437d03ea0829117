"""Where in which file each part of a project was written.

```
 services:            compose.yaml:1    ("services",)
   web:               compose.yaml:2    ("services", "web")
     environment:     compose.yaml:3    ("services", "web", "environment")
       - A=1          compose.yaml:4    ("services", "web", "environment", 0)
                                        ("services", "web", "environment", "A")
```

An entry of a list that begins with a name is found under its number and under that
name, because Compose takes the one way of writing for the other. Docker compose has no
such thing: its errors name a path, and seldom a line.

Invariant: a path that is known has a place, and so has every path above it.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

__all__ = ["NOWHERE", "Mark", "Path", "Places", "nearest"]

Path: TypeAlias = tuple[str | int, ...]  # ("services", "web", "ports", 0)
Mark: TypeAlias = "tuple[str, dict[str | int, Mark]]"  # a place, and the marks inside

NOWHERE: Mark = ("", {})


class Places(Mapping[Path, str]):
    """Paths and where they were written, as ``compose.yaml:12``; a look-up is O(depth).

    >>> web = {"web": ("c.yaml:2", {})}
    >>> places = Places(("c.yaml:1", {"services": ("c.yaml:1", web)}))
    >>> places["services", "web"]
    'c.yaml:2'
    >>> places["services", "db"]
    Traceback (most recent call last):
    ...
    KeyError: ('services', 'db')
    >>> list(places)
    [(), ('services',), ('services', 'web')]
    """

    __slots__ = ("mark",)

    def __init__(self, mark: Mark = NOWHERE) -> None:
        self.mark = mark

    def __getitem__(self, path: Path) -> str:
        place, inside = self.mark
        for step in path:
            if step not in inside:
                raise KeyError(path)
            place, inside = inside[step]
        return place

    def __iter__(self) -> Iterator[Path]:
        waiting: list[tuple[Path, Mark]] = [((), self.mark)]
        while waiting:
            path, (_, inside) = waiting.pop()
            yield path
            waiting += [((*path, step), inside[step]) for step in reversed(inside)]

    def __len__(self) -> int:
        return sum(1 for _ in self)


def nearest(places: Mapping[Path, str], path: Path) -> str:
    """The place of a path, or of the closest one above it; "" if there is none.

    >>> places = {("services",): "c.yaml:1", ("services", "web"): "c.yaml:2"}
    >>> nearest(places, ("services", "web", "ports", 3, "target"))
    'c.yaml:2'
    """
    for length in range(len(path), -1, -1):
        place = places.get(path[:length])
        if place is not None:
            return place
    return ""
