"""Pulling, tagging and removing images.

```
library (a catalogue) ──pull──▶ World.images ──tag──▶ another reference
                                     │
                                  remove: untag; the last reference takes the image along
```

A *reference* is completed as Docker does: no tag means ``latest``; ``docker.io/library/``
is implied. Docker's source: moby, ``daemon/images``.
"""

import re
from dataclasses import replace

from minidock.commands.library import library_image
from minidock.commands.outcome import Outcome, event
from minidock.errors import Conflict, NotFound, Unclassified
from minidock.model.event import Event
from minidock.model.image import Image
from minidock.model.world import World

__all__ = ["add", "find_image", "full_reference", "pull", "remove", "tag"]

_REPOSITORY = re.compile(r"[a-z0-9]+(?:[._/:-]+[a-z0-9]+)*", re.ASCII)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"(?:sha256:)?[0-9a-f]{1,64}", re.ASCII)


def full_reference(text: str) -> str:
    """The reference with its tag and without what is implied.

    >>> full_reference("nginx"), full_reference("docker.io/library/nginx:1.27")
    ('nginx:latest', 'nginx:1.27')
    >>> full_reference("NGINX")
    Traceback (most recent call last):
    ...
    minidock.errors.Unclassified: invalid reference format: repository name must be \
lowercase
    """
    name = text
    for implied in ("docker.io/", "index.docker.io/", "library/"):
        name = name.removeprefix(implied)
    name, _, digest = name.partition("@")
    head, colon, last = name.rpartition(":")
    repository, chosen = (head, last) if colon and "/" not in last else (name, "")
    if repository != repository.lower():
        raise Unclassified(
            "invalid reference format: repository name must be lowercase",
            asked=f"the image {text}",
            rule="a repository's name has no capital letters",
            remedy=text.lower(),
        )
    if not _REPOSITORY.fullmatch(repository):
        raise Unclassified(
            "invalid reference format",
            asked=f"the image {text!r}",
            rule="a repository's name is letters, digits and separators",
            remedy="nginx, or nginx:1.27",
        )
    if digest:
        return f"{repository}@{digest}"
    if chosen and not _TAG.fullmatch(chosen):
        raise Unclassified("invalid reference format")
    return f"{repository}:{chosen or 'latest'}"


def find_image(world: World, text: str) -> Image:
    """The image that a reference, an id or the start of an id means.

    Raises:
        NotFound: there is none; the text names the reference with its tag.
    """
    full = full_reference(text) if not _DIGEST.fullmatch(text) else text
    if _DIGEST.fullmatch(text):
        found = _by_id(world, text)
        if found is not None:
            return found
        if not text.startswith("sha256:"):
            full = full_reference(text)
    owner = world.references.get(full)
    if owner is None:
        raise NotFound(
            f"No such image: {full}",
            asked=f"the image {text}",
            rule="an image must have been pulled",
            remedy=f"docker pull {text}",
        )
    return world.images[owner]


def _by_id(world: World, text: str) -> Image | None:
    prefix = "sha256:" + text.removeprefix("sha256:")
    found = [image for key, image in world.images.items() if key.startswith(prefix)]
    if len(found) > 1:
        raise Unclassified(f"Multiple IDs found with provided prefix: {text}")
    return found[0] if found else None


def add(world: World, image: Image) -> World:
    """The World with this image and its references."""
    old = world.images.get(image.id)
    kept = (*old.references, *image.references) if old else image.references
    image = replace(image, references=tuple(dict.fromkeys(kept)))
    references = world.references
    for reference in image.references:
        references = references.set(reference, image.id)
    return replace(
        world, images=world.images.set(image.id, image), references=references
    )


def pull(world: World, text: str, now: int) -> Outcome:
    """Take an image from the library; ``made`` is its id.

    Raises:
        NotFound: the library has no such image.
    """
    reference = full_reference(text)
    image = library_image(reference)
    if image is None:
        repository = reference.partition(":")[0]
        raise NotFound(
            f"pull access denied for {repository}, repository does not exist or may "
            "require 'docker login': denied: requested access to the resource is denied",
            asked=f"pull {reference}",
            rule="images come from a built-in catalogue: nothing is downloaded",
            remedy="docker search lists what there is",
        )
    world = add(_moved(world, reference, image.id), image)
    return Outcome(
        world=world, made=image.id, events=(_event("pull", image, reference, now),)
    )


def _moved(world: World, reference: str, new: str) -> World:
    """The World in which the image that held a reference until now has lost it."""
    owner = world.references.get(reference)
    if owner is None or owner == new:
        return world
    old = world.images[owner]
    left = tuple(item for item in old.references if item != reference)
    return replace(
        world,
        images=world.images.set(owner, replace(old, references=left)),
        references=world.references.delete(reference),
    )


def _event(action: str, image: Image, reference: str, now: int) -> Event:
    return event("image", action, image.id, now, [("name", reference)])


def tag(world: World, image: Image, reference: str, now: int) -> Outcome:
    """Give an image one more reference; another image that had it loses it."""
    full = full_reference(reference)
    world = add(
        _moved(world, full, image.id),
        replace(world.images[image.id], references=(full,)),
    )
    return Outcome(world=world, events=(_event("tag", image, full, now),))


def remove(world: World, text: str, now: int, *, force: bool = False) -> Outcome:
    """Untag an image; the last reference takes the image along.

    ``made`` holds what was done, a line each: ``Untagged: x`` or ``Deleted: y``.

    Raises:
        Conflict: containers use it, or an id has several references.
    """
    image = find_image(world, text)
    by_id = text.removeprefix("sha256:") == image.id[7 : 7 + len(text)]
    if by_id and len(image.references) > 1 and not force:
        raise Conflict(
            f"conflict: unable to delete {image.id[7:19]} (must be forced) - image is "
            "referenced in multiple repositories",
            asked=f"remove the image {text}",
            rule="an id with several references says too little",
            remedy="one of " + ", ".join(image.references),
        )
    gone = image.references if by_id else (full_reference(text),)
    if len(gone) == len(image.references):
        _check_unused(world, image, text, by_id=by_id, force=force)
    return _untag(world, image, gone, now)


def _check_unused(
    world: World, image: Image, text: str, *, by_id: bool, force: bool
) -> None:
    users = [c for c in world.containers_in_order() if c.image_id == image.id]
    running = next((c for c in users if c.state.running), None)
    if not users or (force and running is None):
        return
    user = running or users[0]
    if not by_id and not force:
        raise Conflict(
            f'conflict: unable to remove repository reference "{text}" (must force) - '
            f"container {user.short_id} is using its referenced image "
            f"{image.id[7:19]}",
            asked=f"remove the image {text}",
            rule="a container was made from it",
            remedy=f"docker rm {user.name} first, or docker rmi --force",
        )
    how = "cannot be forced" if running else "must be forced"
    kind = "running" if running else "stopped"
    raise Conflict(
        f"conflict: unable to delete {image.id[7:19]} ({how}) - image is being used by "
        f"{kind} container {user.short_id}",
        asked=f"remove the image {text}",
        rule=f"a {kind} container uses it",
        remedy=f"docker rm --force {user.name}",
    )


def _untag(world: World, image: Image, gone: tuple[str, ...], now: int) -> Outcome:
    lines, events = [], []
    references = world.references
    for reference in gone:
        references = references.delete(reference)
        lines.append(f"Untagged: {reference}")
        events.append(_event("untag", image, reference, now))
    kept = tuple(item for item in image.references if item not in gone)
    images = world.images.set(image.id, replace(image, references=kept))
    if not kept:
        images = images.delete(image.id)
        lines.append(f"Deleted: {image.id}")
        events.append(_event("delete", image, image.id, now))
    return Outcome(
        world=replace(world, images=images, references=references),
        events=tuple(events),
        made="\n".join(lines),
    )
