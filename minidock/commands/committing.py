"""Images from what people have: a tar of files, or a container as it stands.

```
tar, changes ────────────▶ import_tar ──▶ Image of one layer, the tar itself
container, changes ──────▶ commit ──────▶ the container's image and one layer more:
                                          what was written, .wh.NAME for what is gone
```

Docker's source: moby, ``daemon/images/image_import.go`` and ``image_commit.go``.

Invariants: a layer's digest is that of its tar, an image's id that of its config file;
what volumes and the host's folders hold is no part of an image.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from minidock.commandline.refusal import Cli
from minidock.commands.image_changes import changed
from minidock.commands.image_config import is_bare, size_of_tar, with_id
from minidock.commands.images import add, full_reference, generation, image_event, tag
from minidock.commands.outcome import Outcome, event
from minidock.errors import InvalidParameter, Unclassified
from minidock.model.archive import Entry, bytes_of, unpacked, write
from minidock.model.container import Container
from minidock.model.document import Document
from minidock.model.image import Image, Layer, digest_of_bytes
from minidock.model.world import World

__all__ = ["STORE", "Making", "added", "commit", "import_tar", "upper_tar"]

STORE = 512 * 1024 * 1024
"""The most bytes that the layers of all images may have here."""
_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What is asked of a new image beside its files."""

    reference: str = ""
    """Its name; "" for an image without one."""
    comment: str = ""
    author: str = ""
    changes: Sequence[str] = ()
    config: Document = field(default_factory=Document)
    """What the request says of the config by itself."""
    platform: str = ""


def _changed(world: World, config: Document, making: Making) -> Document:
    old = generation(world) is Cli.V20
    return changed(config, making.changes, fold_words=old)


def import_tar(world: World, data: bytes, making: Making, now: int) -> Outcome:
    """Make an image of one layer from a tar; ``made`` is its id. O(bytes).

    Raises:
        InvalidParameter: the reference or a change is none.
        Unclassified: the archive is broken or too large.
    """
    reference = _reference(world, making)
    config = _changed(world, Document(), making)
    try:
        tar = unpacked(data)
        size = size_of_tar(tar)
    except Unclassified as refusal:
        raise _processing(refusal) from refusal
    system, _, machine = making.platform.partition("/")
    layer = Layer(
        created_by="",
        size=size,
        comment=making.comment or "Imported from -",
        digest=digest_of_bytes(tar),
        data=tar,
    )
    image = Image(
        id="",
        created=now,
        size=layer.size,
        config=config,
        layers=(layer,),
        os=system or "linux",
        architecture=machine.partition("/")[0] or "amd64",
        comment=layer.comment,
        docker_version=world.era.engine_version,
        bare=is_bare((tar,)),
        labels=config.document("Labels"),
    )
    return _made(world, with_id(image), reference, "import", now)


def _processing(refusal: Unclassified) -> Unclassified:
    """A refusal of an archive as an engine words it."""
    return Unclassified(
        f"Error processing tar file(exit status 1): {refusal.text}",
        asked=refusal.asked,
        rule=refusal.rule,
        remedy=refusal.remedy,
    )


def _reference(world: World, making: Making) -> str:
    if not making.reference:
        return ""
    reference = full_reference(making.reference, generation(world))
    if "@" in reference:
        raise InvalidParameter(
            "cannot import digest reference",
            asked=f"call a new image {reference}",
            rule="a digest follows from an image, and cannot be given to it",
            remedy="a name with a tag, such as app:1.0",
        )
    return reference


def added(world: World, image: Image) -> World:
    """The World with one more image, if its layers find room.

    Raises:
        Unclassified: there is no room left.
    """
    if image.id in world.images:
        return world
    held = {
        layer.digest: len(layer.data)
        for each in (*world.images.values(), image)
        for layer in each.layers
    }
    if sum(held.values()) > STORE:
        raise Unclassified(
            "write /var/lib/docker/tmp: no space left on device",
            asked=f"one more image of {image.size} bytes",
            rule=f"the layers of all images have at most {STORE} bytes here",
            remedy="docker image prune --all",
        )
    return add(world, image)


def _made(world: World, image: Image, reference: str, action: str, now: int) -> Outcome:
    world = added(world, image)
    told = image_event(action, image, image.id, now)
    if not reference:
        return Outcome(world=world, made=image.id, events=(told,))
    outcome = tag(world, image, reference, now)
    return replace(outcome, made=image.id, events=(*outcome.events, told))


def upper_tar(container: Container, moment: int = 0) -> bytes:
    """What a container changed, as a layer: files, folders, and whiteouts; O(files).

    >>> from minidock.engine import Engine
    >>> from minidock.model.archive import members
    >>> docker = Engine()
    >>> script = "mkdir /a; echo hi > /a/b; rm /etc/group"
    >>> _ = docker(f"run --name one alpine sh -c '{script}'")
    >>> [one] = docker.world.containers.values()
    >>> [item.path for item in members(upper_tar(one))]
    ['/a', '/a/b', '/etc/.wh.group']
    """
    entries = []
    for path, text in sorted(container.files):
        folder, _, name = path.rstrip("/").rpartition("/")
        if text is not None:
            data = None if path.endswith("/") else bytes_of(text)
            entries.append(Entry(path=path.rstrip("/"), data=data))
        elif not path.endswith("/"):
            entries.append(Entry(path=f"{folder}/.wh.{name}", data=b""))
    return write(entries, moment)


def commit(world: World, container: Container, making: Making, now: int) -> Outcome:
    """Make an image of a container as it stands; ``made`` is its id. O(files).

    Raises:
        InvalidParameter: the reference or a change is none.
    """
    reference = _reference(world, making)
    parent = world.images.get(container.image_id)
    own = container.config.with_entry("Hostname", container.hostname)
    if not own.document("Volumes"):
        own = own.with_entry("Volumes", None)
    config = _changed(world, _merged(own, making.config), making)
    layer = Layer(
        created_by=" ".join([container.path, *container.arguments]),
        comment=making.comment,
        created=now,
        empty=True,
    )
    if container.files:
        tar = upper_tar(container, now // _SECOND)
        layer = replace(
            layer,
            empty=False,
            size=size_of_tar(tar),
            digest=digest_of_bytes(tar),
            data=tar,
        )
    below = parent.layers if parent is not None else ()
    made_at = parent.created if parent is not None else now
    image = Image(
        id="",
        created=now,
        size=layer.size + (parent.size if parent is not None else 0),
        config=config,
        layers=(
            *(replace(item, created=item.created or made_at) for item in below),
            layer,
        ),
        author=making.author,
        comment=making.comment,
        docker_version=world.era.engine_version,
        parent=container.image_id,
        container=container.id,
        container_config=own,
        listens=parent.listens if parent is not None else (),
        bare=parent.bare if parent is not None else False,
        labels=config.document("Labels"),
    )
    image = with_id(image)
    outcome = _made(world, image, reference, "create", now)
    labels = container.config.document("Labels")
    facts = {key: labels.text(key) for key in labels}
    facts |= {"comment": making.comment, "image": container.image}
    facts |= {"imageID": image.id, "imageRef": reference, "name": container.name}
    told = event("container", "commit", container.id, now, sorted(facts.items()))
    tagged = tuple(item for item in outcome.events if item.action == "tag")
    return replace(outcome, events=(*tagged, told))


def _merged(config: Document, asked: Document) -> Document:
    """The container's config, and over it what the request says."""
    for key, value in asked.items():
        if value not in (None, "", (), False, Document()):
            config = config.with_entry(key, value)
    return config
