"""What runs on a host, divided into applications.

```
 label com.docker.compose.project ──┐
 a shared user-defined network ─────┼─▶ together ─▶ Group("shop", its part of the host)
 links, volumes, namespaces, ───────┘
 volumes taken over
                                        else alone: Group("web", ...)
```

Containers of one Compose project are together; the others are together with whom they
share a network that somebody made, a named volume, a namespace or a link. A project is
never joined with another one: what they share is external to both.

Invariants: each container is in exactly one group; the groups and their names do not
depend on the order of the input. Docker has no word for an application but *project*.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from k8s_bridge.application import Application
from k8s_bridge.sources.projects import PREFIX, project_of
from k8s_bridge.sources.surroundings import Look
from k8s_bridge.sources.world import application_from_inspect
from minidock.model.document import Document
from minidock.moving.host import HostState, is_anonymous, labels_of, name_of

__all__ = ["Group", "application_of", "groups_of"]

_BUILT_IN = frozenset({"bridge", "host", "none", "default", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """An application: its name and the part of the host that belongs to it.

    ``project`` says that Compose made it.
    """

    name: str
    project: bool
    state: HostState


def groups_of(state: HostState) -> tuple[Group, ...]:
    """The applications of a host, by name; O(containers and what they refer to).

    >>> web = Document({"Name": "/web", "HostConfig": Document()})
    >>> [group.name for group in groups_of(HostState(containers=(web,)))]
    ['web']
    """
    parents = {name_of(c): name_of(c) for c in state.containers}
    keys: dict[str, str] = {}
    for container in sorted(state.containers, key=name_of):
        name = name_of(container)
        for key in _keys(container, state):
            _join(parents, keys.setdefault(key, name), name)
    members: dict[str, list[Document]] = {}
    for container in state.containers:
        members.setdefault(_root(parents, name_of(container)), []).append(container)
    groups = _named(members.values())
    return tuple(_group(name, groups[name], state) for name in sorted(groups))


def application_of(group: Group, look: Look | None = None) -> Application:
    """The Application that a group is; ``look`` sees what lies at bind mounts."""
    state = group.state
    application = application_from_inspect(
        state.containers,
        state.networks,
        state.images,
        state.volumes,
        look=look or (lambda _document, _path: None),
    )
    return application._replace(name=application.name or group.name)


def _root(parents: dict[str, str], name: str) -> str:
    while parents[name] != name:
        parents[name] = parents[parents[name]]
        name = parents[name]
    return name


def _join(parents: dict[str, str], one: str, other: str) -> None:
    first, second = sorted((_root(parents, one), _root(parents, other)))
    parents[second] = first


def _keys(container: Document, state: HostState) -> Iterator[str]:
    """What a container has in common with others of its application."""
    project = project_of(labels_of(container))
    if project:
        yield f"project {project}"
        return
    ids = {name_of(container), container.text("Id")} - {""}
    yield from (f"container {name}" for name in ids)
    host = container.document("HostConfig")
    endpoints = container.document("NetworkSettings").document("Networks")
    networks = {_network_name(state, name) for name in (*endpoints, _mode(host))}
    yield from (f"network {name}" for name in networks - _BUILT_IN)
    for mount in _documents(container, "Mounts"):
        if mount.text("Type") == "volume" and mount.text("Name"):
            yield f"volume {mount.text('Name')}"
    yield from (f"container {name}" for name in _mentioned(container))


def _mode(host: Document) -> str:
    mode = host.text("NetworkMode")
    return "" if mode.startswith("container:") else mode


def _network_name(state: HostState, reference: str) -> str:
    """The name of a network that may be given by its id."""
    if len(reference) != 64:
        return reference
    found = (n.text("Name") for n in state.networks if n.text("Id") == reference)
    return next(found, reference)


def _mentioned(container: Document) -> Iterator[str]:
    """The containers that another one names: links, namespaces, volumes."""
    host = container.document("HostConfig")
    for mode in ("NetworkMode", "IpcMode", "PidMode"):
        kind, _, reference = host.text(mode).partition(":")
        if kind == "container":
            yield reference.lstrip("/")
    yield from (text.partition(":")[0] for text in host.texts("VolumesFrom"))
    for text in host.texts("Links"):
        yield text.lstrip("/").partition(":")[0]


def _documents(container: Document, key: str) -> Iterator[Document]:
    found = container.get(key)
    for item in found if isinstance(found, tuple) else ():
        if isinstance(item, Document):
            yield item


def _named(groups: Iterable[list[Document]]) -> dict[str, list[Document]]:
    """The groups by a name: the project's, the common network's, else a container's."""
    named: dict[str, list[Document]] = {}
    waiting = []
    for members in groups:
        project = project_of(labels_of(members[0]))
        if project:
            named[project] = members
        else:
            waiting.append(members)
    for members in sorted(waiting, key=lambda found: min(map(name_of, found))):
        wanted = [*_common_networks(members), *sorted(map(name_of, members))]
        name = next((n for n in wanted if n not in named), wanted[0])
        named[name] = members
    return named


def _common_networks(members: list[Document]) -> list[str]:
    if len(members) == 1:
        return []
    networks = [
        set(m.document("NetworkSettings").document("Networks")) for m in members
    ]
    return sorted(set.intersection(*networks) - _BUILT_IN)


def _group(name: str, members: list[Document], state: HostState) -> Group:
    project = bool(project_of(labels_of(members[0])))
    used = {
        n for m in members for n in m.document("NetworkSettings").document("Networks")
    }
    used |= {_mode(member.document("HostConfig")) for member in members}
    mounted = {d.text("Name") for m in members for d in _documents(m, "Mounts")}
    images = {m.text("Image") for m in members}
    images |= {member.document("Config").text("Image") for member in members}
    own = name if project else ""
    return Group(
        name=name,
        project=project,
        state=HostState(
            containers=tuple(members),
            networks=tuple(
                n for n in state.networks if _is_of(n, used, own, "network")
            ),
            volumes=tuple(
                v for v in state.volumes if _is_of(v, mounted, own, "volume")
            ),
            images=tuple(i for i in state.images if _is_image(i, images)),
        ),
    )


def _is_of(document: Document, used: set[str], project: str, kind: str) -> bool:
    """Whether a network or volume is used, or was made by the project for later."""
    name, labels = document.text("Name"), document.document("Labels")
    if kind == "volume" and is_anonymous(name):
        return name in used
    made = bool(labels.text(f"{PREFIX}{kind}")) and project_of(labels) == project != ""
    return made or name in used or document.text("Id") in used - {""}


def _is_image(image: Document, names: set[str]) -> bool:
    own = (image.text("Id"), *image.texts("RepoTags"), *image.texts("RepoDigests"))
    return any(name in names or name.removesuffix(":latest") in names for name in own)
