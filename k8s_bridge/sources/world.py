"""A Docker host, as its inspect JSON describes it, read as an Application.

```
 containers: [inspect JSON, ...] ──┐
 networks:   [inspect JSON, ...] ──┼──▶ application_from_inspect ──▶ Application
 images:     [inspect JSON, ...] ──┘
                   ▲
 minidock Engine, docker-py client: .attrs of containers, networks and images
```

The images are needed to subtract their defaults (environment, command, user ...):
a manifest that repeats them would freeze what the next image may change.

Invariant: the same JSON gives the same Application, whoever made it.
"""

from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Protocol, TypeAlias

from k8s_bridge.application import Application, Network, Service
from k8s_bridge.sources.container import service_of
from k8s_bridge.sources.fields import network_settings
from k8s_bridge.sources.granted import stored_secrets
from k8s_bridge.sources.projects import Member, key_of, project_of
from k8s_bridge.sources.surroundings import Look, Surroundings
from k8s_bridge.sources.volumes import volumes_of
from minidock.errors import Refusal
from minidock.model.document import Document, freeze

__all__ = ["DockerHost", "application_from_engine", "application_from_inspect"]

Inspect: TypeAlias = Mapping[str, object]
_BUILT_IN = frozenset({"host", "none"})


class Inspected(Protocol):
    """Something with Docker's inspect JSON."""

    @property
    def attrs(self) -> Inspect:
        """The JSON that ``docker inspect`` prints."""


class Containers(Protocol):
    """The containers of a host."""

    def list(self, *, all: bool) -> Iterable[Inspected]:  # noqa: A002  # docker-py's word
        """The containers; all of them or the running ones."""


class Networks(Protocol):
    """The networks of a host."""

    def list(self) -> Iterable[Inspected]:
        """The networks."""


class Images(Protocol):
    """The images of a host."""

    def get(self, name: str) -> Inspected:
        """The image of this name."""


class DockerHost(Protocol):
    """What is needed of a minidock Engine or of a docker-py client."""

    @property
    def containers(self) -> Containers:
        """Its containers."""

    @property
    def networks(self) -> Networks:
        """Its networks."""

    @property
    def images(self) -> Images:
        """Its images."""


def application_from_inspect(
    containers: Iterable[Inspect],
    networks: Iterable[Inspect] = (),
    images: Iterable[Inspect] = (),
    volumes: Iterable[Inspect] = (),
    *,
    look: Look = lambda _document, _path: None,
) -> Application:
    """The Application that inspect JSON describes; O(all of it).

    ``look`` tells what lies at a path of a container, for bind mounts.

    >>> web = {"Name": "/web", "Config": {"Image": "nginx"}, "HostConfig": {}}
    >>> application_from_inspect([web]).services[0].networking.attachments[0].network
    'bridge'
    >>> application_from_inspect([web]).networks[0].default
    True
    """
    documents = tuple(_document(item) for item in containers)
    known = tuple(_document(item) for item in networks)
    stored = tuple(_document(item) for item in volumes)
    catalogue = _Catalogue(tuple(_document(item) for item in images))
    around = Surroundings(documents, known, stored, catalogue.config, look)
    made = ((around.member(d), service_of(d, around)) for d in documents)
    services = tuple(_with_replicas(made))
    used = {a.network for s in services for a in s.networking.attachments}
    return Application(
        name=around.project,
        services=services,
        networks=tuple(_networks(known, used, around.project)),
        volumes=tuple(volumes_of(services, stored, around)),
        secrets=tuple(stored_secrets(documents, around)),
    )


def _with_replicas(
    made: Iterable[tuple[Member | None, Service]],
) -> Iterator[Service]:
    """The services; containers of one service are its replicas."""
    found: dict[str, list[tuple[int, Service]]] = {}
    for member, service in made:
        number = member.number if member else 1
        found.setdefault(service.name, []).append((number, service))
    for replicas in found.values():
        first = min(replicas, key=itemgetter(0))[1]
        if len(replicas) > 1:
            scheduling = first.scheduling._replace(replicas=len(replicas))
            first = first._replace(scheduling=scheduling)
        yield first


def _document(item: Inspect) -> Document:
    frozen = freeze(item)
    return frozen if isinstance(frozen, Document) else Document()


class _Catalogue:
    """Images by every name under which a container may mention them."""

    def __init__(self, images: tuple[Document, ...]) -> None:
        self._by_name: dict[str, Document] = {}
        for image in images:
            if "Config" not in image:
                continue  # its defaults are not known
            config = image.document("Config")
            for name in (image.text("Id"), *image.texts("RepoTags")):
                self._by_name[name] = config
                self._by_name[name.removesuffix(":latest")] = config

    def config(self, inspect: Document) -> Document | None:
        """The config of a container's image, None if it is not known."""
        name = inspect.document("Config").text("Image")
        for key in (inspect.text("Image"), name, name.removesuffix(":latest")):
            if key in self._by_name:
                return self._by_name[key]
        return None


def _networks(
    known: tuple[Document, ...], used: set[str], project: str
) -> Iterable[Network]:
    seen = set()
    for document in known:
        name = document.text("Name")
        seen.add(name)
        if name not in _BUILT_IN and (name in used or name != "bridge"):
            yield _network(document, project)
    for name in sorted(used - seen):
        yield Network(name=name, default=name == "bridge")


def _network(document: Document, project: str) -> Network:
    options, labels = document.document("Options"), document.document("Labels")
    own = bool(project) and project_of(labels) == project
    default = options.text("com.docker.network.bridge.default_bridge") == "true"
    return Network(
        name=document.text("Name"),
        driver=document.text("Driver") or "bridge",
        default=default or document.text("Name") == "bridge",
        implicit=own and key_of(labels, "network") == "default",
        external=bool(project) and not own and document.text("Name") != "bridge",
        internal=document.flag("Internal"),
        icc=options.text("com.docker.network.bridge.enable_icc") != "false",
        settings=tuple(network_settings(document)),
    )


def application_from_engine(host: DockerHost) -> Application:
    """The Application that stands on a minidock Engine or behind a docker-py client."""
    containers = [container.attrs for container in host.containers.list(all=True)]
    networks = [network.attrs for network in host.networks.list()]
    return application_from_inspect(containers, networks, _images(host, containers))


def _images(host: DockerHost, containers: Iterable[Inspect]) -> Iterable[Inspect]:
    names = {_document(item).document("Config").text("Image") for item in containers}
    for name in sorted(names - {""}):
        try:
            yield host.images.get(name).attrs
        except (Refusal, LookupError):  # untagged since: its defaults are not known
            continue
