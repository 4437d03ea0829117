"""Making, finding, removing and pruning volumes.

```
create ──▶ driver local? ──▶ name allowed? ──▶ there already? ──▶ Volume
           404               400               the same one is given
remove ──▶ there? ──▶ in use? ──▶ gone        prune: all that nobody uses
           404        409                            anonymous ones only, since API 1.42
```

Docker's source: moby, ``volume/service`` and ``volume/local``.

Invariant: a volume that a container mounts is not removed.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from minidock.commands.outcome import Outcome, event
from minidock.errors import Conflict, InvalidParameter, NotFound, Refusal
from minidock.model.document import Document
from minidock.model.event import Event
from minidock.model.volume import Volume
from minidock.model.world import World

__all__ = [
    "ANONYMOUS",
    "create",
    "find_volume",
    "prune",
    "remove",
    "size_of",
    "users_of",
]

ANONYMOUS = "com.docker.volume.anonymous"
"""The label of a volume that nobody named, since engine 23."""
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*", re.ASCII)
_OPTIONS = {"type", "o", "device", "size"}


def _check_name(name: str) -> None:
    if len(name) == 1:
        raise InvalidParameter(
            f"create {name}: volume name is too short, names should be at least two "
            "alphanumeric characters",
            asked=f"a volume called {name}",
            rule="a volume's name has two characters or more",
            remedy=f"docker volume create {name}-data",
        )
    if not _NAME.fullmatch(name):
        raise InvalidParameter(
            f'create {name}: "{name}" includes invalid characters for a local volume '
            'name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to '
            "pass a host directory, use absolute path",
            asked=f"a volume called {name!r}",
            rule="a volume's name is letters, digits, dots, dashes and underscores",
            remedy="data, or /data for a folder of the host",
        )


def _check_driver(name: str, driver: str) -> None:
    if driver != "local":
        raise NotFound(
            f"create {name}: error looking up volume plugin {driver}: plugin "
            f'"{driver}" not found',
            asked=f"a volume of the driver {driver}",
            rule="there are no volume plugins here",
            remedy="the driver local",
        )


def _check_options(name: str, options: Document | None) -> None:
    for key in options or ():
        if key not in _OPTIONS:
            raise InvalidParameter(
                f'create {name}: invalid option: "{key}"',
                asked=f"a volume with the option {key}",
                rule="the driver local knows four options",
                remedy="one of " + ", ".join(sorted(_OPTIONS)),
            )
    if options and options.text("type") and not options.text("device"):
        raise InvalidParameter(
            f"create {name}: missing device in volume options",
            asked=f"a volume of type {options.text('type')}",
            rule="a file system of a type is on a device",
            remedy="the option device, such as device=tmpfs",
        )


def create(
    world: World,
    name: str,
    now: int,
    *,
    driver: str = "",
    options: Document | None = None,
    labels: Document | None = None,
) -> Outcome:
    """Make a volume, or give the one of that name; ``made`` is its name.

    A volume without a name gets an id for one.

    Raises:
        NotFound: there is no such driver.
        InvalidParameter: the name or an option is not allowed.
    """
    anonymous = not name
    if anonymous:
        ids, name = world.ids.hex_id()
        world = replace(world, ids=ids)
    _check_driver(name, driver or "local")
    _check_name(name)
    if name in world.volumes:
        return Outcome(world=world, made=name)
    _check_options(name, options)
    volume = Volume(
        name=name, created=now, labels=labels, options=options, anonymous=anonymous
    )
    return Outcome(
        world=replace(world, volumes=world.volumes.set(name, volume)),
        made=name,
        events=(_event("create", volume, now),),
    )


def _event(action: str, volume: Volume, now: int) -> Event:
    return event("volume", action, volume.name, now, [("driver", volume.driver)])


def find_volume(world: World, name: str) -> Volume:
    """The volume of that name.

    Raises:
        NotFound: there is none.
    """
    volume = world.volumes.get(name)
    if volume is None:
        raise NotFound(
            f"get {name}: no such volume",
            asked=f"the volume {name}",
            rule="it must be a volume's name",
            remedy=f"docker volume create {name}",
        )
    return volume


def users_of(world: World) -> dict[str, list[str]]:
    """For each volume that is mounted, the ids of the containers; O(containers)."""
    users: dict[str, list[str]] = {}
    for container in world.containers_in_order():
        for mount in container.mounts:
            if mount.text("Name"):
                users.setdefault(mount.text("Name"), []).append(container.id)
    return users


def size_of(volume: Volume) -> int:
    """How many bytes its files have; O(their number)."""
    texts = (text for _, text in volume.files if text)
    return sum(len(text.encode("utf-8", "surrogateescape")) for text in texts)


def remove(world: World, name: str, now: int, *, force: bool = False) -> Outcome:
    """Remove a volume that no container mounts, with its files.

    By force it is no fault that there is none.

    Raises:
        NotFound: there is none.
        Conflict: containers mount it, running or not.
    """
    try:
        volume = find_volume(world, name)
    except Refusal:
        if force:
            return Outcome(world=world)
        raise
    users = users_of(world).get(name)
    if users:
        raise Conflict(
            f"remove {name}: volume is in use - [{', '.join(users)}]",
            asked=f"remove the volume {name}",
            rule="containers mount it",
            remedy="docker rm the containers first",
        )
    return Outcome(
        world=replace(world, volumes=world.volumes.delete(name)),
        events=(_event("destroy", volume, now),),
    )


def prune(world: World, names: Iterable[str], now: int) -> Outcome:
    """Remove those of the volumes that nobody uses; ``made`` is their names by line."""
    used = users_of(world)
    chosen = [name for name in names if name not in used]
    freed = sum(size_of(world.volumes[name]) for name in chosen)
    events: tuple[Event, ...] = ()
    for name in chosen:
        outcome = remove(world, name, now)
        world, events = outcome.world, events + outcome.events
    events += (event("volume", "prune", "", now, [("reclaimed", str(freed))]),)
    return Outcome(world=world, made="\n".join(chosen), events=events)
