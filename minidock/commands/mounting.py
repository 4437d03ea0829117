"""What a container mounts: binds, named and anonymous volumes, tmpfs.

```
-v /src:/dst:ro      a bind of the host's folder
-v data:/var/lib     the volume data, made if it is not there
-v /cache            an anonymous volume with an id for a name
--mount type=...     the same, spelled out;  VOLUME of the image: anonymous
```

Volumes are data here and hold no files. Docker's source: moby, ``daemon/volumes.go``.
"""

from dataclasses import replace

from minidock.model.container import Container
from minidock.model.document import Document, Frozen
from minidock.model.volume import Volume
from minidock.model.world import World

__all__ = ["mount_all", "without_anonymous"]

_ROOT = "/var/lib/docker/volumes"


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
    world: World, name: str, now: int, labels: Document | None = None
) -> tuple[World, str]:
    """The World with this volume; one without a name gets an id for a name."""
    anonymous = not name
    if anonymous:
        ids, name = world.ids.hex_id()
        world = replace(world, ids=ids)
    if name not in world.volumes:
        volume = Volume(name=name, created=now, labels=labels, anonymous=anonymous)
        world = replace(world, volumes=world.volumes.set(name, volume))
    return world, name


def _from_bind(world: World, text: str, now: int) -> tuple[World, Document]:
    source, _, rest = text.partition(":")
    destination, _, mode = rest.partition(":")
    if source.startswith("/"):
        return world, _bind(source, destination, mode)
    world, name = _with_volume(world, source, now)
    writable = "ro" not in mode.split(",")
    return world, _volume(name, destination, mode or "z", writable=writable)


def _from_mount(world: World, mount: Document, now: int) -> tuple[World, Document]:
    kind, target = mount.text("Type"), mount.text("Target")
    read_only = mount.flag("ReadOnly")
    if kind == "volume":
        world, name = _with_volume(world, mount.text("Source"), now)
        return world, _volume(name, target, "z", writable=not read_only)
    shown: dict[str, Frozen] = {
        "Type": kind,
        "Source": mount.text("Source"),
        "Destination": target,
        "Mode": "",
        "RW": not read_only,
        "Propagation": "rprivate" if kind == "bind" else "",
    }
    return world, Document(shown)


def mount_all(world: World, container: Container, now: int) -> tuple[World, Container]:
    """Make the volumes that a new container names, and note what it mounts.

    A later entry for one destination takes the earlier one's place; an image's or
    ``-v``'s anonymous volume is made only where nothing else is mounted.
    """
    mounts: dict[str, Document] = {}
    for text in container.host_config.texts("Binds"):
        world, mount = _from_bind(world, text, now)
        mounts[mount.text("Destination")] = mount
    asked = container.host_config.get("Mounts")
    for entry in asked if isinstance(asked, tuple) else ():
        if isinstance(entry, Document):
            world, mount = _from_mount(world, entry, now)
            mounts[mount.text("Destination")] = mount
    for destination in container.config.document("Volumes"):
        if destination not in mounts:
            world, name = _with_volume(world, "", now)
            mounts[destination] = _volume(name, destination, "", writable=True)
    return world, replace(container, mounts=tuple(mounts.values()))


def without_anonymous(world: World, container: Container) -> World:
    """The World without the anonymous volumes that only this container mounted."""
    volumes = world.volumes
    for mount in container.mounts:
        volume = volumes.get(mount.text("Name"))
        if volume is not None and volume.anonymous:
            volumes = volumes.delete(volume.name)
    return replace(world, volumes=volumes)
