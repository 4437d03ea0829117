"""In which order containers are made and started.

```
 db ◀── web            links, volumes taken over, a joined namespace, depends_on
 │
 └─ before web; among equals the one that started first, then by name
```

Invariant: whom a container names comes before it, unless they name each other in a
circle; then the order of starting decides. Compose's word: the *dependency graph*.
"""

from collections.abc import Iterable, Iterator, Mapping

from minidock.model.document import Document
from minidock.moving.host import labels_of, name_of
from minidock.moving.wish import Names

__all__ = ["in_order", "needs"]

_PROJECT = "com.docker.compose.project"
_SERVICE = "com.docker.compose.service"
_DEPENDS = "com.docker.compose.depends_on"


def needs(container: Document, names: Names) -> tuple[str, ...]:
    """The containers that must exist before this one can, or can start."""
    host = container.document("HostConfig")
    found: dict[str, None] = {}
    for key in ("NetworkMode", "IpcMode", "PidMode"):
        kind, _, reference = host.text(key).partition(":")
        if kind == "container":
            found[names.container(reference)] = None
    for text in host.texts("VolumesFrom"):
        found[names.container(text.partition(":")[0])] = None
    endpoints = container.document("NetworkSettings").document("Networks")
    links = [*host.texts("Links")]
    for network in endpoints:
        links += endpoints.document(network).texts("Links")
    for text in links:  # one to what is gone leads nowhere
        if names.knows(text.partition(":")[0]):
            found[names.container(text.partition(":")[0])] = None
    return tuple(found)


def in_order(containers: Iterable[Document], names: Names) -> tuple[Document, ...]:
    """The containers, each after those that it needs; O(n log n + needs)."""
    ranked = sorted(containers, key=_rank)
    by_name = {name_of(container): container for container in ranked}
    services = _services(ranked)
    wanted = {
        name: (*needs(container, names), *_depends(container, services))
        for name, container in by_name.items()
    }
    return tuple(by_name[name] for name in _sorted(wanted))


def _rank(container: Document) -> tuple[str, str, str]:
    started = container.document("State").text("StartedAt")
    never = not started or started.startswith("0001")
    when = "~" if never else moment(started)
    return (when, moment(container.text("Created")), name_of(container))


def moment(text: str) -> str:
    """A time of Docker's as a text that sorts: it leaves out zeros at the end.

    >>> sorted(["2026-01-01T00:00:00.12Z", "2026-01-01T00:00:00Z"], key=moment)
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.12Z']
    """
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    return f"{seconds}.{fraction:0<9}"


def _services(containers: Iterable[Document]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for container in containers:
        labels = labels_of(container)
        key = (labels.text(_PROJECT), labels.text(_SERVICE))
        found.setdefault(key, []).append(name_of(container))
    return found


def _depends(
    container: Document, services: Mapping[tuple[str, str], list[str]]
) -> Iterator[str]:
    labels = labels_of(container)
    for text in labels.text(_DEPENDS).split(","):
        key = (labels.text(_PROJECT), text.partition(":")[0])
        if key[1]:
            yield from services.get(key, ())


def _sorted(wanted: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Depth first with a stack of our own: a chain may be longer than Python's."""
    seen: set[str] = set()
    for start in wanted:
        stack = [] if start in seen else [(start, iter(wanted[start]))]
        seen.add(start)
        while stack:
            name, rest = stack[-1]
            following = next((n for n in rest if n in wanted and n not in seen), None)
            if following is None:
                stack.pop()
                yield name
            else:
                seen.add(following)
                stack.append((following, iter(wanted[following])))
