"""Which nodes of a directed graph can reach each other: they lie on one circle.

```
 web ─▶ db ─▶ cache ─┐         groups: cache, db, web are one, log is another
  ▲ └─▶ log          │
  └──────────────────┘
```

Invariants: two nodes have one number exactly if each reaches the other; an arrow from
one group to another goes to the smaller number. Graph theory calls a group a *strongly
connected component*; the way to find them is Tarjan's.
"""

from collections.abc import Mapping, Sequence

__all__ = ["groups"]


def groups(arrows: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The group of each node; O(nodes + arrows), whatever the depth.

    >>> groups({"web": ["db"], "db": []})
    {'db': 0, 'web': 1}
    >>> groups({"a": ["b"], "b": ["a"]})
    {'b': 0, 'a': 0}
    """
    search = _Search(arrows)
    for node in arrows:
        if node not in search.found:
            search.walk(node)
    return search.group


class _Search:
    """One walk through the graph, with a stack of its own instead of recursion."""

    def __init__(self, arrows: Mapping[str, Sequence[str]]) -> None:
        self.arrows = arrows
        self.found: dict[str, int] = {}
        self.lowest: dict[str, int] = {}
        self.open: list[str] = []
        self.group: dict[str, int] = {}
        self.count = 0

    def _enter(self, node: str) -> None:
        self.found[node] = self.lowest[node] = len(self.found)
        self.open.append(node)

    def walk(self, start: str) -> None:
        """Visits all that a node reaches, and closes the groups that are whole."""
        self._enter(start)
        path = [(start, iter(self.arrows[start]))]
        while path:
            node, rest = path[-1]
            for target in rest:
                if target not in self.found:
                    self._enter(target)
                    path.append((target, iter(self.arrows.get(target, ()))))
                    break
                if target not in self.group:
                    self.lowest[node] = min(self.lowest[node], self.found[target])
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    self.lowest[above] = min(self.lowest[above], self.lowest[node])
                if self.lowest[node] == self.found[node]:
                    self._close(node)

    def _close(self, node: str) -> None:
        while True:
            member = self.open.pop()
            self.group[member] = self.count
            if member == node:
                break
        self.count += 1
