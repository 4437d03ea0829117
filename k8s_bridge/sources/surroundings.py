"""What a container's JSON refers to: other containers, networks, volumes, its image.

```
 "/db", "4f3a9c...", "4f3a"   ─▶ the container's JSON   ─▶ the service's name
 "front", "8b1d..."           ─▶ the network's name
 "shop_data"                  ─▶ "data", the project's word for the volume
```

Invariants: names and whole ids are found at once, only beginnings of ids are sought
for; two containers have one service name only if they are replicas of one service.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from k8s_bridge.application import Content
from k8s_bridge.sources.projects import Member, key_of, member_of, project_of
from minidock.model.document import Document

__all__ = ["Look", "Surroundings", "labels_of", "name_of"]

Look = Callable[[Document, str], Content | None]
"""What lies at a path of a container; None if nobody can tell."""


def name_of(inspect: Document) -> str:
    """A container's name without the slash that Docker puts before it."""
    return inspect.text("Name").lstrip("/") or inspect.text("Id")[:12]


def labels_of(inspect: Document) -> Document:
    """A container's labels."""
    return inspect.document("Config").document("Labels")


class Surroundings:
    """All that stands on a host, found by name or id."""

    def __init__(
        self,
        containers: tuple[Document, ...],
        networks: tuple[Document, ...] = (),
        volumes: tuple[Document, ...] = (),
        image: Callable[[Document], Document | None] = lambda _: None,
        look: Look = lambda _document, _path: None,
    ) -> None:
        self.image = image
        self.look = look
        self._containers = _Index(containers, name_of)
        self._networks = _Index(networks, lambda document: document.text("Name"))
        self._members = {name_of(d): member_of(labels_of(d)) for d in containers}
        self._services = _service_names(self._members)
        self.project = _only(project_of(labels_of(document)) for document in containers)
        self._volumes = _volume_keys(volumes, self.project)
        self._sharers = frozenset(self._taken_from(containers))

    def container(self, reference: str) -> Document | None:
        """The container with this name, id or beginning of an id."""
        return self._containers.find(reference.lstrip("/"))

    def service(self, inspect: Document) -> str:
        """The name of the service that a container is, or is a replica of."""
        return self._services.get(name_of(inspect), name_of(inspect))

    def named_service(self, reference: str) -> str:
        """The service of the container with this name or id; else the reference."""
        found = self.container(reference)
        return reference.lstrip("/") if found is None else self.service(found)

    def sharer(self, inspect: Document) -> str:
        """The service that a container is if others take over its volumes; else ""."""
        shared = name_of(inspect) in self._sharers
        return self.service(inspect) if shared else ""

    def _taken_from(self, containers: Iterable[Document]) -> Iterator[str]:
        for document in containers:
            for text in document.document("HostConfig").texts("VolumesFrom"):
                other = self.container(text.partition(":")[0])
                if other is not None:
                    yield name_of(other)

    def member(self, inspect: Document) -> Member | None:
        """The container's place in its project; None if it has none."""
        return self._members.get(name_of(inspect))

    def automatic(self, inspect: Document) -> frozenset[str]:
        """The names that a container has on each network without being asked for."""
        member = self.member(inspect)
        names = member.automatic_names() if member else ()
        service = self.service(inspect) if member is None else member.service
        short = inspect.text("Id")[:12]
        return frozenset({short, name_of(inspect), service, *names} - {""})

    def network(self, reference: str) -> str:
        """The name of the network with this name or id; the default has two names."""
        if reference == "default":
            return "bridge"
        found = self._networks.find(reference)
        return found.text("Name") if found is not None else reference

    def volume(self, name: str) -> str:
        """What the project calls the volume that has this name on the host."""
        return self._volumes.get(name, name)


class _Index:
    """Documents by name and by id."""

    def __init__(
        self, documents: Iterable[Document], name: Callable[[Document], str]
    ) -> None:
        self._names: dict[str, Document] = {}
        self._ids: dict[str, Document] = {}
        for document in documents:
            self._names.setdefault(name(document), document)
            self._ids.setdefault(document.text("Id"), document)

    def find(self, reference: str) -> Document | None:
        """The document of this name, id, or beginning of an id."""
        if not reference:
            return None
        found = self._names.get(reference) or self._ids.get(reference)
        if found is not None or len(reference) >= 64:
            return found
        return next((d for i, d in self._ids.items() if i.startswith(reference)), None)


def _only(projects: Iterable[str]) -> str:
    """The project if all are of one; "" otherwise."""
    found = set(projects)
    return next(iter(found)) if len(found) == 1 else ""


def _service_names(members: Mapping[str, Member | None]) -> dict[str, str]:
    """The service's name for each container's.

    Where two projects have a service of one name, the second has its project before it.
    """
    taken: dict[str, tuple[str, str]] = {}
    names = {}
    for container, member in sorted(members.items(), key=lambda item: _rank(*item)):
        key = (member.project, member.service) if member else ("", container)
        wanted = [member.service, "-".join(key)] if member else []
        free = (n for n in (*wanted, container) if taken.setdefault(n, key) == key)
        names[container] = next(free, container)
    return names


def _rank(container: str, member: Member | None) -> tuple[bool, str, int, str]:
    if member is None:
        return False, container, 0, ""
    return True, member.project, member.number, container


def _volume_keys(volumes: Iterable[Document], project: str) -> dict[str, str]:
    """The project's word for each volume, by its name on the host."""

    def keys() -> Iterator[tuple[str, str]]:
        for volume in volumes:
            labels = volume.document("Labels")
            key = key_of(labels, "volume")
            if key and project and project_of(labels) == project:
                yield volume.text("Name"), key

    return dict(keys())
