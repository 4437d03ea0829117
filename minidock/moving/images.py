"""Images: which ones the target lacks, and under which name a container finds its own.

```
 here: busybox:latest ─▶ 1f2e        there: nothing         carry, with its names
                                     there: 1f2e            only a name may be missing
                                     there: busybox:latest ─▶ 77aa   carry without it
```

Invariant: a name that belongs to another image there stays with that image.
"""

from collections.abc import Iterator
from urllib.parse import quote

from minidock.model.document import Document
from minidock.moving.host import CARRIER_IMAGE, HostState
from minidock.moving.steps import Ask, CarryImage, Part, ask

__all__ = ["image_part", "same_image", "usable_name"]

_UNTAGGED = "<none>:<none>"


def same_image(one: Document, other: Document) -> bool:
    """Whether two engines mean the same image: one id, or one content.

    Engines that keep images in containerd's store have ids of another kind.
    """
    if one.text("Id") == other.text("Id"):
        return True
    layers = one.document("RootFS").texts("Layers")
    if not layers or layers != other.document("RootFS").texts("Layers"):
        return False
    mine, theirs = one.document("Config"), other.document("Config")
    keys = ("Cmd", "Entrypoint", "Env", "WorkingDir", "User")
    return all((mine.get(key) or None) == (theirs.get(key) or None) for key in keys)


def _tags(image: Document) -> tuple[str, ...]:
    return tuple(t for t in image.texts("RepoTags") if t != _UNTAGGED)


def _holder(target: HostState, tag: str) -> Document | None:
    return next((i for i in target.images if tag in _tags(i)), None)


def usable_name(container: Document, image: Document, target: HostState) -> str:
    """What to call a container's image on the target: its name, else its id."""
    name = container.document("Config").text("Image")
    tag = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
    if tag in _tags(image):
        holder = _holder(target, tag)
        if holder is None or same_image(holder, image):
            return name
    there = next((i for i in target.images if same_image(i, image)), image)
    return there.text("Id") or container.text("Image") or name


def image_part(source: HostState, target: HostState) -> Part:
    """What makes the images of the source stand on the target."""
    used = {container.text("Image") for container in source.containers}
    steps: list[Ask | CarryImage] = []
    notes: list[str] = []
    left = 0
    for image in source.images:
        tags = tuple(tag for tag in _tags(image) if tag != CARRIER_IMAGE)
        if not tags and image.text("Id") not in used:
            left += CARRIER_IMAGE not in _tags(image)
            continue
        steps += _steps(image, tags, target)
        notes += _notes(image, tags, target)
    if left:
        notes.append(f"{left} images without a name that no container uses stay behind")
    return Part(steps=tuple(steps), notes=tuple(notes))


def _free(tags: tuple[str, ...], target: HostState) -> tuple[str, ...]:
    """The names that no image has there."""
    return tuple(tag for tag in tags if _holder(target, tag) is None)


def _steps(
    image: Document, tags: tuple[str, ...], target: HostState
) -> Iterator[Ask | CarryImage]:
    free = _free(tags, target)
    there = next((i for i in target.images if same_image(i, image)), None)
    if there is None:
        names = free or (image.text("Id"),)
        yield CarryImage(title=f"image {', '.join(names)}", names=names)
        return
    for tag in free:
        repository, _, version = tag.rpartition(":")
        path = f"/images/{quote(there.text('Id'), safe=':')}/tag"
        query = {"repo": repository, "tag": version}
        yield ask(f"image {tag}: its name", "POST", path, query=query)


def _notes(image: Document, tags: tuple[str, ...], target: HostState) -> Iterator[str]:
    for tag in tags:
        holder = _holder(target, tag)
        if holder is not None and not same_image(holder, image):
            yield f"image {tag}: another image has this name there, and keeps it"
