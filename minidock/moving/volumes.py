"""Volumes: made and filled, before any container that mounts them comes.

```
 create a helper that mounts it ─▶ the volume is there, and is ours
 carry the files into it        ─▶ done again after an interruption
 ... its containers come        ─▶ from now on the data is theirs: never carried again
 remove the helper
```

A volume that was there before without a helper is somebody's: it is left alone if it
holds the same files, else refused. Invariant: a file of a volume is written only while
its helper stands, or where replacing was asked for.
"""

from collections.abc import Iterator

from minidock.errors import Conflict, Refusal
from minidock.model.document import Document, Frozen
from minidock.moving.host import (
    ARRIVING,
    CARRIER,
    CARRIER_IMAGE,
    HostState,
    is_anonymous,
    name_of,
)
from minidock.moving.steps import CarryFiles, Helper, Part, Place, Step, ask
from minidock.moving.wish import volume_body

__all__ = ["carrier_body", "carrier_name", "questions", "tidy_steps", "volume_part"]

INSIDE = "/data"
"""Where a helper has the volume."""


def carrier_name(volume: str) -> str:
    """The name of the helper that reaches into a volume."""
    return f"minidock-carrier-{volume}"


def carrier_body(volume: Document) -> Document:
    """The request for a helper; with it the engine makes the volume, if need be."""
    name = volume.text("Name")
    options: dict[str, Frozen] = {"NoCopy": True, "Labels": volume.document("Labels")}
    mount: dict[str, Frozen] = {
        "Type": "volume",
        "Source": name,
        "Target": INSIDE,
        "VolumeOptions": Document(options),
    }
    return Document(
        {
            "Image": CARRIER_IMAGE,
            "Cmd": ("never started",),
            "Labels": Document({CARRIER: name}),
            "HostConfig": Document({"Mounts": (Document(mount),)}),
        }
    )


def _mounts(container: Document, volume: str) -> Iterator[str]:
    """Where a container has a volume."""
    found = container.get("Mounts")
    for mount in found if isinstance(found, tuple) else ():
        if isinstance(mount, Document) and mount.text("Name") == volume:
            yield mount.text("Destination")


def _reachable(volume: Document) -> bool:
    """Whether its files lie on the host, and not where a plugin or mount has them."""
    return volume.text("Driver") == "local" and not volume.document("Options")


def _named(source: HostState) -> Iterator[Document]:
    """The volumes that have a name, or whose invented name somebody used."""
    asked = set()
    for container in source.containers:
        host = container.document("HostConfig")
        asked |= {text.partition(":")[0] for text in host.texts("Binds")}
    for volume in source.volumes:
        name = volume.text("Name")
        if not is_anonymous(name) or name in asked:
            yield volume


def _arrived(volume: str, source: HostState, target: HostState) -> bool:
    """Whether one of its own containers is there, which only comes after the data."""
    wanted = {name_of(c) for c in source.containers if any(_mounts(c, volume))}
    names = wanted | {f"{ARRIVING}{name}" for name in wanted}
    there = (c for c in target.containers if name_of(c) in names)
    return any(any(_mounts(container, volume)) for container in there)


def _there(volume: Document, target: HostState) -> Document | None:
    name = volume.text("Name")
    return next((v for v in target.volumes if v.text("Name") == name), None)


def questions(source: HostState, target: HostState) -> tuple[str, ...]:
    """The volumes of which must be known whether both sides hold the same files."""
    return tuple(
        volume.text("Name")
        for volume in _named(source)
        if _there(volume, target) is not None
        and volume.text("Name") not in target.carriers
        and _reachable(volume)
        and not _arrived(volume.text("Name"), source, target)
    )


def place_in(volume: str, source: HostState) -> Place:
    """Where the files of a volume can be reached: in a container, else in a helper."""
    for container in source.containers:
        for path in _mounts(container, volume):
            return Place(container=name_of(container), path=path)
    return Place(container=carrier_name(volume), path=INSIDE, volume=volume)


def volume_part(
    source: HostState,
    target: HostState,
    *,
    same: frozenset[str] = frozenset(),
    replace_data: bool = False,
) -> Part:
    """What makes the volumes of the source stand on the target, with what is in them.

    ``same`` are the volumes of :func:`questions` that hold the same files.
    """
    steps: list[Step] = []
    refusals: list[Refusal] = []
    notes: list[str] = []
    for volume in _named(source):
        name, there = volume.text("Name"), _there(volume, target)
        ours = name in target.carriers
        arrived = _arrived(name, source, target)
        if there is not None and not ours:
            refusals += _differences(volume, there)
        if not _reachable(volume):
            notes.append(f"volume {name}: its files lie elsewhere, and are not carried")
            if there is None:
                body = volume_body(volume)
                title = f"volume {name}"
                steps.append(ask(title, "POST", "/volumes/create", body=body))
        elif there is None or (not arrived and (ours or replace_data)):
            if name not in same:
                steps += _carry(volume, source, ours=ours)
        elif not arrived and not ours and name not in same:
            refusals.append(_other_files(name))
    anonymous = sum(is_anonymous(v.text("Name")) for v in source.volumes)
    unused = anonymous - len(
        {v.text("Name") for v in source.volumes if is_anonymous(v.text("Name"))}
        & {n for c in source.containers for n in _all_mounted(c)}
    )
    if unused:
        notes.append(
            f"{unused} volumes without a name that no container has stay behind"
        )
    return Part(steps=tuple(steps), refusals=tuple(refusals), notes=tuple(notes))


def _all_mounted(container: Document) -> Iterator[str]:
    found = container.get("Mounts")
    for mount in found if isinstance(found, tuple) else ():
        if isinstance(mount, Document):
            yield mount.text("Name")


def _carry(volume: Document, source: HostState, *, ours: bool) -> Iterator[Step]:
    name = volume.text("Name")
    if not ours:
        yield Helper(title="the empty image of helpers")
        yield ask(
            f"volume {name}",
            "POST",
            "/containers/create",
            query={"name": carrier_name(name)},
            body=carrier_body(volume),
            fine=(409,),
        )
    yield CarryFiles(
        title=f"volume {name}: its files",
        source=place_in(name, source),
        target=Place(container=carrier_name(name), path=INSIDE, volume=name),
    )


def tidy_steps(volumes: Iterator[str] | tuple[str, ...]) -> Iterator[Step]:
    """Helpers go when all that they were for has come."""
    for volume in volumes:
        path = f"/containers/{carrier_name(volume)}"
        title = f"the helper of volume {volume} goes"
        yield ask(title, "DELETE", path, fine=(404,))


def _differences(volume: Document, there: Document) -> Iterator[Refusal]:
    mine, theirs = volume_body(volume), volume_body(there)
    keys = [k for k in mine if mine.get(k) != theirs.get(k)]
    name = volume.text("Name")
    if keys:
        words = " and ".join(key.lower() for key in keys)
        yield Conflict(
            f"volume {name} is there already, and is another one: other {words}",
            asked=f"move volume {name}",
            rule="what stands on the target is not changed",
            remedy=f"docker volume rm {name} on the target, if nobody needs it",
        )


def _other_files(name: str) -> Refusal:
    return Conflict(
        f"volume {name} is there already, and holds other files",
        asked=f"move volume {name}",
        rule="files on the target are not overwritten unasked",
        remedy="--replace-data writes ours over those of the same name",
    )
