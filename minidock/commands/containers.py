"""Creating, renaming and removing containers.

```
create ──▶ settings fit together? ──▶ image known? ──▶ name free? ──▶ links known?
           400                        404              409            400
```

A created container holds no address and no port: those come with the start. The checks
and their order are moby's (``runconfig/hostconfig_unix.go``, ``daemon/create.go``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from minidock.commands.lookup import find_container, find_network
from minidock.commands.mounting import mount_all, without_anonymous
from minidock.commands.names import check_free, check_name, invent_name
from minidock.commands.outcome import Outcome, event
from minidock.commands.overlays import check_reachable
from minidock.commands.refusals import still_running
from minidock.commands.settings import (
    check_extra_hosts,
    check_modes,
    check_networking,
    merged_config,
)
from minidock.errors import InvalidParameter, NotFound, Refusal, Unclassified
from minidock.model.container import (
    Container,
    Endpoint,
    EndpointSettings,
    LegacyLink,
)
from minidock.model.document import Document
from minidock.model.event import Event
from minidock.model.ids import IdSource
from minidock.model.image import Image
from minidock.model.world import World

__all__ = [
    "ContainerRequest",
    "create",
    "no_command",
    "no_name",
    "parse_link",
    "remove",
    "remove_link",
    "rename",
]


_LINKING = {"default", "bridge", "host", "none"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerRequest:
    """What `docker create` asks for (the body of POST /containers/create)."""

    name: str = ""
    config: Document = field(default_factory=Document)
    host_config: Document = field(default_factory=Document)
    endpoints: Mapping[str, EndpointSettings] = field(default_factory=dict)
    platform: str = ""


def create(world: World, request: ContainerRequest, image: Image, now: int) -> Outcome:
    """Create a container from an image; ``made`` is its id.

    Cost: O(1), and O(endpoints) for links and networks.

    Raises:
        InvalidParameter: settings that contradict each other, a bad name or link.
        Conflict: the name is taken.
    """
    check_modes(request.config, request.host_config)
    check_extra_hosts(request.host_config)
    check_networking(world, request.endpoints)
    config = merged_config(request.config, image)
    entrypoint, command = config.texts("Entrypoint"), config.texts("Cmd")
    words = (*entrypoint, *command)
    if not words:
        raise no_command(config.text("Image"), world=world)
    ids, container_id = world.ids.hex_id()
    name, ids = _name(replace(world, ids=ids), request.name)
    host_config = with_ids(world, request.host_config)
    of_host = host_config.text("NetworkMode") == "host"
    hostname = world.host.hostname if of_host else container_id[:12]
    container = Container(
        id=container_id,
        name=name,
        created=now,
        sequence=world.sequence,
        image=config.text("Image"),
        image_id=image.id,
        path=words[0],
        arguments=tuple(words[1:]),
        config=config,
        host_config=host_config,
        hostname=config.text("Hostname") or hostname,
        domain=config.text("Domainname"),
    )
    world = replace(world, ids=ids, sequence=world.sequence + 1)
    world = replace(world, names=world.names.set(name, container_id))
    world, container = _with_links(world, container)
    world, container, mounted = mount_all(world, container, now)
    container = replace(
        container, endpoints=_endpoints(world, container, request.endpoints)
    )
    return Outcome(
        world=replace(world, containers=world.containers.set(container_id, container)),
        events=(*mounted, container_event("create", container, now)),
        made=container_id,
        warnings=_warnings(world, container),
    )


def with_ids(world: World, host_config: Document) -> Document:
    """``container:NAME`` as ``container:ID``, in the modes of network, pid and ipc.

    A name that means no container stays as it is: the start refuses it.
    """
    changed = dict(host_config)
    for key in ("NetworkMode", "PidMode", "IpcMode"):
        kind, _, name = host_config.text(key).partition(":")
        if kind != "container" or not name:
            continue
        try:
            changed[key] = f"container:{find_container(world, name).id}"
        except Refusal:
            continue
    return Document(changed)


def container_event(action: str, container: Container, now: int, **more: str) -> Event:
    """An event of a container, with its labels, image and name, and what is ``more``.

    A label of one of those names gives way.
    """
    labels = container.config.document("Labels")
    attributes = {key: labels.text(key) for key in labels}
    attributes |= {"image": container.image, "name": container.name, **more}
    return event("container", action, container.id, now, sorted(attributes.items()))


def _name(world: World, wanted: str) -> tuple[str, IdSource]:
    check_reachable(world, f"create the container {wanted}".rstrip())
    if not wanted:
        elsewhere = world.cluster.names if world.cluster else {}
        ids, invented = invent_name(world.ids, world.names, elsewhere)
        return invented, ids
    name = check_name(wanted)
    check_free(world, name)
    return name, world.ids


def _warnings(world: World, container: Container) -> tuple[str, ...]:
    warnings = []
    if not world.daemon.ip_forward and container.network_mode != "host":
        warnings.append("IPv4 forwarding is disabled. Networking will not work.")
    publishes = container.host_config.document("PortBindings")
    if container.network_mode == "host" and publishes:
        warnings.append("Published ports are discarded when using host network mode")
    return tuple(warnings)


def _endpoints(
    world: World, container: Container, asked: Mapping[str, EndpointSettings]
) -> tuple[Endpoint, ...]:
    """Where the container is to be attached when it starts."""
    mode = container.network_mode
    if mode.startswith("container:"):
        return ()
    name = "bridge" if mode == "default" else mode
    # The network may come later; the start refuses if it does not.
    name = _network_name(world, name)
    if not asked:
        return (Endpoint(network=name),)
    renamed = {
        name if key in {mode, "default"} else _network_name(world, key): value
        for key, value in asked.items()
    }
    return tuple(
        Endpoint(network=key, settings=value) for key, value in renamed.items()
    )


def _network_name(world: World, text: str) -> str:
    try:
        return find_network(world, text).name
    except (NotFound, InvalidParameter):
        return text


def parse_link(text: str) -> tuple[str, str]:
    """The two halves of ``--link name[:alias]``, also of the stored form.

    >>> parse_link("db:database"), parse_link("db"), parse_link("/db:/web/alias")
    (('db', 'database'), ('db', 'db'), ('db', 'alias'))
    >>> parse_link("a:b:c")
    Traceback (most recent call last):
    ...
    minidock.errors.Unclassified: bad format for links: a:b:c
    """
    if not text:
        raise Unclassified(
            "empty string specified for links",
            asked="--link without a name",
            rule="a link names a container",
            remedy="--link db:db",
        )
    parts = text.split(":")
    if len(parts) > 2:
        raise Unclassified(
            f"bad format for links: {text}",
            asked=f"--link {text}",
            rule="a link is a container, or a container and an alias",
            remedy="--link db:db",
        )
    if len(parts) == 1:
        return text, text
    if parts[0].startswith("/"):
        return parts[0][1:], parts[1].rpartition("/")[2]
    return parts[0], parts[1]


def _with_links(world: World, container: Container) -> tuple[World, Container]:
    links: list[LegacyLink] = []
    if container.network_mode not in _LINKING:
        return world, container  # on user networks a link is an alias of the endpoint
    for text in container.host_config.texts("Links"):
        name, alias = parse_link(text)
        child = _linked(world, name)
        key = f"{container.name}/{alias}"
        # Odd on purpose: of two links with one alias the first wins, and one with
        # an empty alias is dropped without a word.
        if not alias or key in world.names:
            continue
        linkers = tuple(dict.fromkeys((*world.linkers.get(child.id, ()), container.id)))
        world = replace(
            world,
            names=world.names.set(key, child.id),
            linkers=world.linkers.set(child.id, linkers),
        )
        links.append(LegacyLink(child=child.id, alias=alias, child_name=child.name))
    return world, replace(container, links=tuple(links))


def _linked(world: World, name: str) -> Container:
    try:
        child = find_container(world, name)
        while child.network_mode.startswith("container:"):
            child = find_container(world, child.network_mode.partition(":")[2])
    except Refusal as error:
        raise InvalidParameter(
            f"could not get container for {name}: {error.text}",
            asked=f"--link {name}",
            rule="a linked container must exist",
            remedy=f"docker run -d --name {name or 'db'} IMAGE first",
        ) from error
    if child.network_mode == "host":
        raise InvalidParameter(
            "conflicting options: host type networking can't be used with links. "
            "This would result in undefined behavior",
            asked=f"--link {name}",
            rule="a container in the host's namespace has no address to link to",
            remedy="run it on the default bridge",
        )
    return child


def rename(world: World, container: Container, name: str, now: int) -> Outcome:
    """Give a container another name; links to and from it follow.

    Raises:
        InvalidParameter: the name is empty or not allowed.
        Conflict: the name is taken.
    """
    if not name:
        raise no_name(container.name)
    new = name.removeprefix("/")
    if new == container.name:
        raise InvalidParameter(
            "Renaming a container with the same name as its current name",
            asked=f"rename {container.name} to itself",
            rule="the new name must differ",
            remedy="another name",
        )
    check_reachable(world, f"rename the container {container.name} to {new}")
    try:
        new = check_name(f"/{new}")
        check_free(world, new)
    except Refusal as error:
        raise type(error)(
            f"Error when allocating new name: {error.text}",
            asked=error.asked,
            rule=error.rule,
            remedy=error.remedy,
        ) from error
    names = world.names.delete(container.name).set(new, container.id)
    for link in container.links:
        names = names.delete(f"{container.name}/{link.alias}")
        names = names.set(f"{new}/{link.alias}", link.child)
    renamed = replace(container, name=new)
    containers = world.containers.set(renamed.id, renamed)
    for parent_id in world.linkers.get(container.id, ()):
        parent = containers[parent_id]
        links = tuple(
            replace(link, child_name=new) if link.child == container.id else link
            for link in parent.links
        )
        containers = containers.set(parent_id, replace(parent, links=links))
    return Outcome(
        world=replace(world, names=names, containers=containers),
        events=(container_event("rename", renamed, now, oldName=f"/{container.name}"),),
    )


def remove(
    world: World, container: Container, now: int, *, volumes: bool = False
) -> Outcome:
    """Remove a container that does not run; its name and links become free.

    Raises:
        Conflict: it is running or paused.
    """
    if container.state.active:
        raise still_running(world, container)
    names = world.names.delete(container.name)
    linkers = world.linkers
    for link in container.links:
        key = f"{container.name}/{link.alias}"
        if key in names:
            names = names.delete(key)
        left = tuple(x for x in linkers.get(link.child, ()) if x != container.id)
        linkers = linkers.set(link.child, left)
    world = replace(world, names=names, linkers=linkers)
    world = _orphan_links(world, container)
    if volumes or container.host_config.flag("AutoRemove"):
        world = without_anonymous(world, container)
    return Outcome(
        world=world.without(container),
        events=(container_event("destroy", container, now),),
    )


def _orphan_links(world: World, child: Container) -> World:
    """Free the names ``parent/alias`` that meant a removed container.

    The parents keep the link itself: their next start is refused for it.
    """
    names = world.names
    for parent_id in world.linkers.get(child.id, ()):
        parent = world.containers.get(parent_id)
        for link in parent.links if parent else ():
            key = f"{parent.name}/{link.alias}" if parent else ""
            if link.child == child.id and key in names:
                names = names.delete(key)
    return replace(world, names=names)


def remove_link(world: World, text: str) -> Outcome:
    """`docker rm --link parent/alias`: forget one link.

    Raises:
        NotFound: there is no such link.
    """
    key = text.removeprefix("/")
    parent_name, _, alias = key.partition("/")
    child_id = world.names.get(key)
    parent_id = world.names.get(parent_name)
    if child_id is not None and not alias:
        raise Unclassified(
            "Conflict, cannot remove the default link name of the container",
            asked=f"remove the link {text}",
            rule="this is the container's own name",
            remedy=f"docker rm {text}, or docker rm --link /PARENT/ALIAS",
        )
    if child_id is None or parent_id is None:
        raise NotFound(
            f"No such container: {key}",
            asked=f"remove the link {text}",
            rule="a link is named by its parent and its alias",
            remedy="docker rm --link /web/db",
        )
    parent = world.containers[parent_id]
    kept = tuple(link for link in parent.links if link.alias != alias)
    left = world.linkers.get(child_id, ())
    if not any(link.child == child_id for link in kept):
        left = tuple(x for x in left if x != parent_id)
    # The running parent's /etc/hosts loses the line at once.
    hosts = tuple(
        line
        for line in parent.hosts
        if line.child != child_id or line.names[:1] != (alias.rpartition("/")[2],)
    )
    parent = replace(parent, links=kept, hosts=hosts)
    return Outcome(
        world=replace(
            world,
            names=world.names.delete(key),
            linkers=world.linkers.set(child_id, left),
            containers=world.containers.set(parent_id, parent),
        )
    )


def no_name(container: str) -> InvalidParameter:
    """The refusal of a rename to nothing."""
    return InvalidParameter(
        "Neither old nor new names may be empty",
        asked=f"rename {container}",
        rule="a container has a name",
        remedy=f"docker rename {container} NEW",
    )


def no_command(image: str, *, world: World) -> InvalidParameter:
    """The refusal of a container that has nothing to run."""
    return InvalidParameter(
        "no command specified"
        if world.era.lower_case_errors
        else "No command specified",
        asked=f"create a container from {image or 'no image'}",
        rule="neither the request nor the image names a program",
        remedy="docker run IMAGE COMMAND",
    )
