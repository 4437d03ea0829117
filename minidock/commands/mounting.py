"""What a container mounts: binds, named and anonymous volumes, tmpfs.

```
-v /src:/dst:ro      a bind of the host's folder
-v data:/var/lib     the volume data, made if it is not there
-v /cache            an anonymous volume with an id for a name
--mount type=...     the same, spelled out;  VOLUME of the image: anonymous
--volumes-from web   what web mounts
```

A fresh volume takes over the files that the image has where it is mounted. Docker's
source: moby, ``daemon/volumes.go``. What containers leave there is
:mod:`minidock.commands.leaving`'s.
"""

import posixpath
from dataclasses import replace

from minidock.commands.bindspecs import parse_bind
from minidock.commands.lookup import find_container
from minidock.commands.outcome import event
from minidock.commands.volumes import ANONYMOUS, create
from minidock.errors import InvalidParameter
from minidock.model.archive import Kind, text_of, tree_of
from minidock.model.container import Container
from minidock.model.document import Document, Frozen
from minidock.model.event import Event
from minidock.model.image import Image
from minidock.model.world import World

__all__ = ["mount_all", "mount_events", "without_anonymous"]

_ROOT = "/var/lib/docker/volumes"
_Events = tuple[Event, ...]


def _bind(source: str, destination: str, mode: str) -> Document:
    options = mode.split(",")
    propagation = next((o for o in options if o.endswith(_PROPAGATIONS)), "rprivate")
    return Document(
        {
            "Type": "bind",
            "Source": source,
            "Destination": destination,
            "Mode": mode,
            "RW": "ro" not in options,
            "Propagation": propagation,
        }
    )


_PROPAGATIONS = ("shared", "slave", "private")


def _volume(name: str, destination: str, mode: str, *, writable: bool) -> Document:
    return Document(
        {
            "Type": "volume",
            "Name": name,
            "Source": f"{_ROOT}/{name}/_data",
            "Destination": destination,
            "Driver": "local",
            "Mode": mode,
            "RW": writable,
            "Propagation": "",
        }
    )


def _with_volume(
    world: World, name: str, now: int, options: Document | None = None
) -> tuple[World, str, _Events]:
    """The World with this volume; one without a name gets an id for a name."""
    given = options or Document()
    labels = given.document("Labels") if given.get("Labels") else None
    if not name and world.era.anonymous_volume_label:
        labels = (labels or Document()).with_entry(ANONYMOUS, "")
    outcome = create(
        world,
        name,
        now,
        driver=given.document("DriverConfig").text("Name"),
        options=given.document("DriverConfig").document("Options") or None,
        labels=labels,
    )
    return outcome.world, outcome.made, outcome.events


def _from_bind(world: World, text: str, now: int) -> tuple[World, Document, _Events]:
    spec = parse_bind(text)
    source, destination, mode = spec
    if spec.of_host:
        return world, _bind(source, destination, mode), ()
    world, name, events = _with_volume(world, source, now)
    writable = "ro" not in mode.split(",")
    return world, _volume(name, destination, mode or "z", writable=writable), events


def _from_mount(
    world: World, mount: Document, now: int
) -> tuple[World, Document, _Events]:
    kind, target = mount.text("Type"), mount.text("Target")
    read_only = mount.flag("ReadOnly")
    if kind == "volume":
        given = mount.document("VolumeOptions")
        world, name, events = _with_volume(world, mount.text("Source"), now, given)
        return world, _volume(name, target, "z", writable=not read_only), events
    shown: dict[str, Frozen] = {
        "Type": kind,
        "Source": mount.text("Source"),
        "Destination": target,
        "Mode": "",
        "RW": not read_only,
        "Propagation": "rprivate" if kind == "bind" else "",
    }
    return world, Document(shown), ()


def _from_others(world: World, container: Container) -> dict[str, Document]:
    """What the containers named by ``--volumes-from`` mount."""
    mounts: dict[str, Document] = {}
    for text in container.host_config.texts("VolumesFrom"):
        name, _, mode = text.partition(":")
        for mount in find_container(world, name).mounts:
            writable = mount.flag("RW") and mode != "ro"
            mounts[mount.text("Destination")] = mount.with_entry("RW", writable)
    return mounts


def mount_all(
    world: World, container: Container, now: int
) -> tuple[World, Container, _Events]:
    """Make the volumes that a new container names, and note what it mounts.

    What others mount gives way to the container's own; an image's or ``-v``'s anonymous
    volume is made only where nothing else is mounted.

    Raises:
        InvalidParameter: an entry is malformed, or two have one destination.
    """
    mounts = _from_others(world, container)
    events: _Events = ()
    taken = set(container.host_config.document("Tmpfs"))
    for text in container.host_config.texts("Binds"):
        world, mount, more = _from_bind(world, text, now)
        taken = _with_place(taken, mount)
        mounts[mount.text("Destination")], events = mount, events + more
    asked = container.host_config.get("Mounts")
    for entry in asked if isinstance(asked, tuple) else ():
        if isinstance(entry, Document):
            world, mount, more = _from_mount(world, entry, now)
            taken = _with_place(taken, mount)
            mounts[mount.text("Destination")], events = mount, events + more
    for destination in container.config.document("Volumes"):
        if destination not in mounts:
            world, name, more = _with_volume(world, "", now)
            mounts[destination] = _volume(name, destination, "", writable=True)
            events += more
    container = replace(container, mounts=tuple(mounts.values()))
    return _filled(world, container), container, events


def _with_place(taken: set[str], mount: Document) -> set[str]:
    place = mount.text("Destination")
    if place in taken:
        raise InvalidParameter(
            f"Duplicate mount point: {place}",
            asked=f"mount two things at {place}",
            rule="a folder of a container is one mount",
            remedy="another destination for one of them",
        )
    return taken | {place}


def _filled(world: World, container: Container) -> World:
    """A fresh volume takes over what the image has at its place."""
    image = world.images.get(container.image_id)
    if image is None or not image.trees:
        return world
    for mount in container.mounts:
        volume = world.volumes.get(mount.text("Name"))
        if volume is not None and not volume.files:
            files = _below(image, mount.text("Destination"))
            volume = replace(volume, files=files)
            world = replace(world, volumes=world.volumes.set(volume.name, volume))
    return world


def _below(image: Image, folder: str) -> tuple[tuple[str, str | None], ...]:
    top = posixpath.normpath(folder)
    found: list[tuple[str, str | None]] = []
    for path, node in tree_of(image.trees).items():
        if path.startswith(f"{top}/") and node.member.kind is Kind.FOLDER:
            found.append((f"{path[len(top) :]}/", ""))
        elif path.startswith(f"{top}/") and node.member.kind is Kind.FILE:
            found.append((path[len(top) :], text_of(node.data)))
    return tuple(found)


def mount_events(container: Container, action: str, now: int) -> _Events:
    """What is said of a container's volumes when it starts and when it ends."""
    events = []
    for mount in container.mounts:
        if mount.text("Type") != "volume":
            continue
        facts = {"container": container.id, "driver": mount.text("Driver")}
        if action == "mount":
            facts |= {
                "destination": mount.text("Destination"),
                "propagation": mount.text("Propagation"),
                "read/write": str(mount.flag("RW")).lower(),
            }
        name = mount.text("Name")
        events.append(event("volume", action, name, now, sorted(facts.items())))
    return tuple(events)


def without_anonymous(world: World, container: Container) -> World:
    """The World without the anonymous volumes that only this container mounted."""
    volumes = world.volumes
    others = {
        mount.text("Name")
        for other in world.containers.values()
        if other.id != container.id
        for mount in other.mounts
    }
    for mount in container.mounts:
        volume = volumes.get(mount.text("Name"))
        if volume is not None and volume.anonymous and volume.name not in others:
            volumes = volumes.delete(volume.name)
    return replace(world, volumes=volumes)
