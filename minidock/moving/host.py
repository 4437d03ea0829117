"""All that stands on a Docker host, as inspect JSON: what there is to move.

```
 an engine, asked ──────────┐
                            ├─▶ HostState: containers, networks, volumes, images
 files of inspect JSON ─────┘
```

Saved JSON says by its keys what it is: only containers have ``HostConfig``, networks
``IPAM``, volumes ``Mountpoint``, images ``RootFS`` or ``RepoTags``.

Invariants: containers are in the engine's own order, the rest by name, since Docker
lists it in no order; helpers of a migration that is under way are not among the
containers, but in ``carriers``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from minidock.api.http import Request
from minidock.client.session import Send
from minidock.errors import InvalidParameter, Unclassified
from minidock.model.document import Document, Frozen, freeze

__all__ = [
    "ARRIVING",
    "CARRIER",
    "CARRIER_IMAGE",
    "HostState",
    "host_of",
    "is_anonymous",
    "labels_of",
    "name_of",
    "read_host",
]

ARRIVING = "minidock-arriving-"
"""How a container is called until all of it has arrived."""
CARRIER = "io.minidock.carries"
"""The label of a helper that reaches into a volume: the volume's name."""
CARRIER_IMAGE = "minidock-carrier:latest"
"""The empty image of the helpers."""

_ANONYMOUS = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """Containers, networks, volumes and images, each as its inspect JSON."""

    containers: tuple[Document, ...] = ()
    networks: tuple[Document, ...] = ()
    volumes: tuple[Document, ...] = ()
    images: tuple[Document, ...] = ()
    carriers: frozenset[str] = frozenset()

    def settled(self) -> "HostState":
        """The same in order, without what a migration has there for its time."""
        carried = frozenset(
            labels_of(c).text(CARRIER) for c in self.containers if _is_carrier(c)
        )
        containers = tuple(c for c in self.containers if not _is_carrier(c))
        return replace(
            self,
            containers=containers,
            networks=tuple(sorted(self.networks, key=_name)),
            volumes=tuple(sorted(self.volumes, key=_name)),
            images=tuple(sorted(self.images, key=_tags_and_id)),
            carriers=self.carriers | carried,
        )


def _name(document: Document) -> str:
    return document.text("Name")


def _tags_and_id(image: Document) -> tuple[tuple[str, ...], str]:
    return tuple(sorted(image.texts("RepoTags"))), image.text("Id")


def _is_carrier(container: Document) -> bool:
    return bool(labels_of(container).text(CARRIER))


def labels_of(container: Document) -> Document:
    """A container's labels."""
    return container.document("Config").document("Labels")


def name_of(container: Document) -> str:
    """A container's name without the slash that Docker puts before it."""
    return container.text("Name").lstrip("/") or container.text("Id")[:12]


def is_anonymous(volume: str) -> bool:
    """Whether a volume has the kind of name that Docker invents.

    >>> is_anonymous("data"), is_anonymous("0" * 64)
    (False, True)
    """
    return _ANONYMOUS.fullmatch(volume) is not None


def read_host(send: Send) -> HostState:
    """What stands on an engine; O(all of it), one request for each thing.

    A thing that goes away while it is read is left out.

    Raises:
        Refusal: the engine refuses to tell.
    """
    containers = _documents(_ask(send, "/containers/json", query={"all": "1"}))
    networks = _list(send, "/networks")
    images = _list(send, "/images/json")
    volumes = _ask(send, "/volumes")
    listed = volumes.get("Volumes") if isinstance(volumes, Document) else ()
    return HostState(
        containers=_each(send, "/containers/{}/json", containers),
        networks=_each(send, "/networks/{}", networks),
        volumes=_documents(listed),
        images=_each(send, "/images/{}/json", images),
    ).settled()


def _list(send: Send, path: str) -> tuple[Document, ...]:
    return _documents(_ask(send, path))


def _documents(value: Frozen) -> tuple[Document, ...]:
    items = value if isinstance(value, tuple) else ()
    return tuple(item for item in items if isinstance(item, Document))


def _each(send: Send, path: str, listed: Iterable[Document]) -> tuple[Document, ...]:
    def found() -> Iterator[Document]:
        for item in listed:
            request = path.format(quote(item.text("Id"), safe=":"))
            answer = _ask(send, request, gone=True)
            if isinstance(answer, Document):
                yield answer

    return tuple(found())


def _ask(
    send: Send,
    path: str,
    *,
    gone: bool = False,
    query: Mapping[str, str] | None = None,
) -> Frozen:
    response = send(Request(method="GET", path=path, query=query or {}))
    if response.status == 404 and gone:
        return None
    if response.status >= 400:
        raise Unclassified(
            response.message or f"status {response.status}",
            asked=f"read GET {path} of an engine",
            rule="the engine refused it",
            remedy="an engine that speaks Docker's API",
        )
    return freeze(response.body)


def host_of(values: Iterable[object]) -> HostState:
    """The host that saved JSON describes, whatever was saved in which order.

    >>> state = host_of([[{"Name": "/web", "HostConfig": {}}], {"Mountpoint": "/x"}])
    >>> len(state.containers), len(state.volumes)
    (1, 1)
    >>> host_of([{"colour": "red"}])
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: Docker has no object with the keys colour
    """
    found: dict[str, list[Document]] = {kind: [] for kind, _ in _KINDS}
    for document in _all(values):
        found[_kind(document)].append(document)
    return HostState(
        containers=tuple(found["containers"]),
        networks=tuple(found["networks"]),
        volumes=tuple(found["volumes"]),
        images=tuple(found["images"]),
    ).settled()


_KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("containers", ("HostConfig",)),
    ("networks", ("IPAM",)),
    ("volumes", ("Mountpoint",)),
    ("images", ("RootFS", "RepoTags", "RepoDigests")),
)


def _kind(document: Document) -> str:
    for kind, typical in _KINDS:
        if any(key in document for key in typical):
            return kind
    keys = ", ".join(sorted(document)[:5]) or "(none)"
    raise InvalidParameter(
        f"Docker has no object with the keys {keys}",
        asked="read inspect JSON",
        rule="it must be a container, a network, a volume or an image",
        remedy="docker inspect $(docker ps -aq) > containers.json",
    )


def _all(values: Iterable[object]) -> Iterator[Document]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _all(value)
            continue
        frozen = freeze(value)
        if not isinstance(frozen, Document):
            raise InvalidParameter(
                f"{str(value)[:40]!r} is no object of Docker's",
                asked="read inspect JSON",
                rule="it must be objects, or lists of objects",
                remedy="docker inspect $(docker ps -aq) > containers.json",
            )
        if isinstance(frozen.get("Volumes"), tuple):  # the answer of GET /volumes
            yield from _documents(frozen["Volumes"])
        else:
            yield frozen
