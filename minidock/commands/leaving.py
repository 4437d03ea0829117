"""What programs leave in files: in the container, its volumes, the host's folders.

```
(path, text) that a program wrote ──▶ below a volume's mount?  Volume.files
                                  ──▶ below a bind?            World.folders
                                  ──▶ elsewhere                Container.files
```

So a file in a named volume outlives its container, and others that mount the volume see
it. A folder of the real host is never read: what a container finds in one is what
containers put there.

Invariant: :func:`files_seen` after :func:`files_left` gives what was left.
"""

from collections.abc import Iterable
from dataclasses import replace

from minidock.model.container import Container
from minidock.model.document import Document
from minidock.model.world import World

__all__ = ["files_left", "files_seen", "mount_at"]

Written = tuple[tuple[str, str | None], ...]


def _top(mount: Document) -> str:
    return mount.text("Destination").rstrip("/")


def mount_at(container: Container, path: str) -> Document | None:
    """The innermost mount in which a path lies; None where it is the container's own.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> _ = docker("create --name web -v data:/d nginx")
    >>> [web] = docker.world.containers.values()
    >>> mount_at(web, "/d/f").text("Name"), mount_at(web, "/dd") is None
    ('data', True)
    """
    inside = [
        mount
        for mount in container.mounts
        if path == _top(mount) or path.startswith(f"{_top(mount)}/")
    ]
    return max(inside, key=lambda mount: len(_top(mount)), default=None)


def files_seen(world: World, container: Container) -> dict[str, str | None]:
    """All that was written and is seen in a container; O(files)."""
    seen = dict(container.files)
    for mount in sorted(container.mounts, key=lambda item: len(_top(item))):
        top = _top(mount)
        seen |= {f"{top}{path}": text for path, text in _kept(world, mount)}
    return seen


def _kept(world: World, mount: Document) -> Written:
    if mount.text("Type") == "volume":
        volume = world.volumes.get(mount.text("Name"))
        return volume.files if volume is not None else ()
    if mount.text("Type") == "bind":
        return world.folders.get(mount.text("Source"), ())
    return ()


def files_left(
    world: World, container: Container, files: Iterable[tuple[str, str | None]]
) -> tuple[World, Container]:
    """Note what programs left behind; the World does not hold the container yet.

    Cost: O(files).
    """
    own: list[tuple[str, str | None]] = []
    mounted: dict[str, list[tuple[str, str | None]]] = {}
    for path, text in files:
        mount = mount_at(container, path)
        if mount is None or mount.text("Type") not in {"volume", "bind"}:
            own.append((path, text))
        elif text is not None:  # nothing shines through from below a mount
            inside = path[len(_top(mount)) :]
            mounted.setdefault(_top(mount), []).append((inside, text))
    for mount in container.mounts:
        world = _keep(world, mount, tuple(mounted.get(_top(mount), ())))
    kept = tuple(own)
    return world, container if kept == container.files else replace(
        container, files=kept
    )


def _keep(world: World, mount: Document, files: Written) -> World:
    if set(_kept(world, mount)) == set(files):
        return world
    if mount.text("Type") == "bind":
        folders = world.folders.set(mount.text("Source"), files)
        return replace(world, folders=folders)
    volume = world.volumes.get(mount.text("Name"))
    if volume is None:
        return world
    changed = replace(volume, files=files)
    return replace(world, volumes=world.volumes.set(volume.name, changed))
