"""What listens in a container: the sockets that its programs have open.

```
 docker run nginx                 the image's own program: its ports    80/tcp
 docker run nginx sleep 1000      another program: nothing
 docker run busybox nc -lk -p 80  a program whose words say it          80/tcp
 docker exec -d web nc -lk -p 9   a program that was left running       9/tcp
```

``EXPOSE``, ``--expose`` and ``-p`` make nothing listen: they are notes for people, and
rules on the host. What listens follows from the program that runs.

Invariants: a container that does not run listens on nothing; nothing is decided here.

Sources: the images' own entrypoints and manuals for which addresses they bind; seen
with `ss` in a namespace: a socket for ``[::]`` is there even where IPv6 is off.
"""

from collections.abc import Iterator, Sequence

from minidock.host.opening import (
    commands_of,
    default_words,
    is_entrypoint,
    opened,
)
from minidock.model.container import Container
from minidock.model.image import Image
from minidock.model.world import World
from minidock.naming.hosts import sandbox_owner
from minidock.topology.namespace import Socket

__all__ = [
    "listeners",
    "listeners_in",
    "listening",
    "main_words",
]


def listening(world: World, container: Container) -> tuple[Socket, ...]:
    """The sockets of one container's own programs; O(programs).

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> docker("run -d --name web nginx").ok, docker("create --name off nginx").ok
    (True, True)
    >>> by_name = {item.name: item for item in docker.world.containers.values()}
    >>> [str(item.address) for item in listening(docker.world, by_name["web"])]
    ['0.0.0.0', '::']
    >>> listening(docker.world, by_name["off"])
    ()
    """
    if not container.state.running:
        return ()
    image = world.images.get(container.image_id)
    found = list(_main(container, image))
    for exec_id in container.execs:
        instance = world.execs.get(exec_id)
        if instance is not None and instance.running:
            for words in commands_of(instance.config.texts("Cmd")):
                found += opened(words, image, own=False)
    return tuple(dict.fromkeys(found))


def listeners_in(world: World, owner: Container | None) -> tuple[Socket, ...]:
    """All that listens in one namespace, the host's for None; O(containers).

    Containers in container mode listen in the namespace that they share.
    """
    own = [] if owner is None else [owner]
    found = [
        socket
        for item in [*own, *_guests(world)]
        if item is owner or _place(world, item) == (owner and owner.id)
        for socket in listening(world, item)
    ]
    return tuple(dict.fromkeys(found))


def listeners(world: World) -> dict[str, tuple[Socket, ...]]:
    """All that listens, by the id of the container whose namespace it is; O(n).

    The host's is under "".
    """
    found: dict[str, dict[Socket, None]] = {}
    for item in world.containers_in_order():
        place = _place(world, item) if _is_guest(item) else item.id
        sockets = listening(world, item)
        if sockets:
            found.setdefault(place or "", {}).update(dict.fromkeys(sockets))
    return {place: tuple(sockets) for place, sockets in found.items()}


def _is_guest(container: Container) -> bool:
    """Whether it uses a namespace that is not its own."""
    mode = container.network_mode
    return mode == "host" or mode.startswith("container:")


def _guests(world: World) -> list[Container]:
    guests = [
        item
        for item in world.containers.values()
        if item.state.running and _is_guest(item)
    ]
    return sorted(guests, key=lambda item: item.sequence)


def _place(world: World, container: Container) -> str | None:
    owner = sandbox_owner(world, container)
    return None if owner.network_mode == "host" else owner.id


def main_words(world: World, container: Container) -> tuple[str, ...]:
    """The program that a container runs, behind its image's entrypoint script."""
    image = world.images.get(container.image_id)
    return tuple(_without_entrypoint(container, image))


def _main(container: Container, image: Image | None) -> Iterator[Socket]:
    words = _without_entrypoint(container, image)
    if image is not None and tuple(words) == default_words(image):
        yield from opened(words, image, own=True)
        return
    for command in commands_of(words):
        yield from opened(command, image, own=_is_own(command, image))


def _without_entrypoint(container: Container, image: Image | None) -> list[str]:
    """The words that the image's entrypoint script goes on with.

    These scripts take words that begin with ``-`` for options of the image's program.
    """
    words = [container.path, *container.arguments]
    entrypoint = image.config.texts("Entrypoint") if image is not None else ()
    if image is None or not entrypoint or words[: len(entrypoint)] != [*entrypoint]:
        return words
    if not is_entrypoint(entrypoint[0]):
        return words
    rest, own = words[len(entrypoint) :], image.config.texts("Cmd")
    if rest and rest[0].startswith("-") and own:
        return [own[0], *rest]
    return rest or words


def _is_own(words: Sequence[str], image: Image | None) -> bool:
    """Whether it is the image's own program, if with other arguments."""
    default = default_words(image) if image is not None else ()
    return (
        bool(default) and words[0].rpartition("/")[2] == default[0].rpartition("/")[2]
    )
