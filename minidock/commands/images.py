"""Pulling, tagging, finding and removing images.

```
library (a catalogue) ──pull──▶ World.images ──tag──▶ another reference
                                     │
                                  remove: untag; the last reference takes the image
                                          along, and the layers that nobody else has
```

A *reference* is completed as Docker does: no tag means ``latest``, and the prefix
``docker.io/library/`` is not shown. A pulled image also has a reference by digest,
which goes when the last tag of its repository goes.

Docker's source: moby, ``daemon/images``.

Invariants: every reference leads to an image that lists it; an image is only removed
when no container uses it, or by force when those containers are stopped.
"""

from collections.abc import Iterable
from dataclasses import replace

from minidock.commandline.reference import Reference, read_reference
from minidock.commandline.refusal import Cli
from minidock.commands.library import library_image, pull_refusal
from minidock.commands.outcome import Outcome, event
from minidock.errors import Conflict, InvalidParameter, NotFound, Unclassified
from minidock.model.container import Container
from minidock.model.event import Event
from minidock.model.image import Image
from minidock.model.world import World

__all__ = [
    "add",
    "find_image",
    "full_reference",
    "generation",
    "image_event",
    "no_such_host",
    "prune",
    "pull",
    "read_name",
    "remove",
    "tag",
    "unreachable",
]


def generation(world: World) -> Cli:
    """Whose rules and texts for references an engine has: 20.10's or 28's.

    Engine and docker program of one release read references with the same library.
    """
    return Cli(world.era.cli)


def full_reference(text: str, rules: Cli = Cli.V28) -> str:
    """The reference with its tag and without what is implied.

    >>> full_reference("nginx"), full_reference("docker.io/library/nginx:1.27")
    ('nginx:latest', 'nginx:1.27')
    >>> full_reference("NGINX")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: invalid reference format: repository name \
(library/NGINX) must be lowercase
    """
    return _familiar(read_name(text, rules))


def read_name(text: str, rules: Cli = Cli.V28, *, ids: bool = False) -> Reference:
    """The full name that a typed one stands for; see :func:`read_reference`.

    Raises:
        InvalidParameter: it names no image.
    """
    try:
        return read_reference(text, rules, ids=ids)
    except ValueError as error:
        raise InvalidParameter(
            str(error),
            asked=f"the image {text!r}",
            rule="a repository's name is small letters, digits and separators",
            remedy="nginx, nginx:1.25 or team/app:1.0",
        ) from None


def _familiar(name: Reference) -> str:
    if not name.path:
        return name.digest
    if name.digest:
        return f"{name.familiar}@{name.digest}"
    return f"{name.familiar}:{name.tag or 'latest'}"


def _repository(reference: str) -> str:
    """The repository of a reference that is already complete."""
    return (
        reference.partition("@")[0]
        if "@" in reference
        else reference.rpartition(":")[0]
    )


def find_image(world: World, text: str) -> Image:
    """The image that a reference, an id or the start of an id means.

    Cost: O(1) for a reference, O(images) for an id. A name wins over an id: an image
    that is tagged ``cafe`` hides the one whose id starts with these digits.

    Raises:
        InvalidParameter: the text names no image.
        NotFound: there is none; the text names the reference with its tag.
    """
    name = read_name(text, generation(world), ids=True)
    full = _familiar(name)
    owner = world.references.get(full, "") if name.path else full
    found = world.images.get(owner) or _by_id(world, text)
    if found is None:
        raise NotFound(
            f"No such image: {full}",
            asked=f"the image {text}",
            rule="an image must have been pulled, and an id must say which one",
            remedy=f"docker pull {text}, or docker images to see what there is",
        )
    return found


def _by_id(world: World, text: str) -> Image | None:
    """The only image whose id starts so; Docker takes two of them for none."""
    prefix = "sha256:" + text.removeprefix("sha256:")
    found = [image for key, image in world.images.items() if key.startswith(prefix)]
    return found[0] if len(found) == 1 else None


def add(world: World, image: Image) -> World:
    """The World with this image and its references."""
    old = world.images.get(image.id)
    if old is not None:
        image = replace(
            image,
            references=_union(old.references, image.references),
            digests=_union(old.digests, image.digests),
            tagged=max(old.tagged, image.tagged),
        )
    references = world.references
    for reference in (*image.references, *image.digests):
        references = references.set(reference, image.id)
    return replace(
        world, images=world.images.set(image.id, image), references=references
    )


def _union(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def pull(world: World, text: str, now: int) -> Outcome:
    """Take an image from the library; ``made`` is its id.

    Raises:
        InvalidParameter: the text names no image.
        NotFound: the library has no such repository, or not this tag of it.
        Unclassified: the registry cannot be reached.
    """
    reference = full_reference(text, generation(world))
    image = library_image(reference) if world.host.registry else None
    if image is None:
        name = read_name(text, generation(world))
        if not world.host.registry:
            raise unreachable(world, name, f"pull {reference}")
        server = next(iter(world.host.nameservers), "127.0.0.1")
        raise pull_refusal(name, reference, server)
    if "@" in reference:
        image = replace(image, references=())
    else:
        world = _moved(world, reference, image.id)
    return Outcome(
        world=add(world, image), made=image.id, events=(_pulled(image, reference, now),)
    )


def unreachable(world: World, name: Reference, asked: str) -> Unclassified:
    """The refusal of an engine that cannot reach a registry."""
    domain = "registry-1.docker.io" if name.domain == "docker.io" else name.domain
    return no_such_host(world, f"https://{domain}/v2/", asked)


def no_such_host(world: World, address: str, asked: str) -> Unclassified:
    """The refusal where the host of an address has no address here."""
    server = next(iter(world.host.nameservers), "127.0.0.1")
    host = address.split("/")[2].partition(":")[0]
    return Unclassified(
        f'Get "{address}": dial tcp: lookup {host} on {server}:53: no such host',
        asked=asked,
        rule="nothing is fetched over a real network",
        remedy="an image of the built-in catalogue; docker search lists what there is",
    )


def _pulled(image: Image, reference: str, now: int) -> Event:
    # Odd on purpose: the actor of a pull is the reference, not the image's id.
    event_of = image_event("pull", image, _repository(reference), now)
    return replace(event_of, actor=reference)


def _moved(world: World, reference: str, new: str) -> World:
    """The World in which the image that held a reference until now has lost it."""
    owner = world.references.get(reference)
    return world if owner in {None, new} else _without(world, reference)


def _without(world: World, reference: str) -> World:
    """The World without a reference; its image stays."""
    image = world.images[world.references[reference]]
    image = replace(
        image,
        references=tuple(item for item in image.references if item != reference),
        digests=tuple(item for item in image.digests if item != reference),
    )
    return replace(
        world,
        images=world.images.set(image.id, image),
        references=world.references.delete(reference),
    )


def image_event(action: str, image: Image, name: str, now: int) -> Event:
    """An event of an image, with its labels and a name."""
    labels = image.config.document("Labels")
    attributes = [(key, labels.text(key)) for key in labels]
    return event("image", action, image.id, now, sorted([*attributes, ("name", name)]))


def tag(world: World, image: Image, reference: str, now: int) -> Outcome:
    """Give an image one more reference; another image that had it loses it.

    Raises:
        InvalidParameter: the text names no image.
    """
    full = full_reference(reference, generation(world))
    world = add(
        _moved(world, full, image.id),
        replace(world.images[image.id], references=(full,), tagged=now),
    )
    return Outcome(world=world, events=(image_event("tag", image, full, now),))


def remove(world: World, text: str, now: int, *, force: bool = False) -> Outcome:
    """Untag an image; the last reference takes the image along.

    ``made`` holds what was done, a line each: ``Untagged: x`` or ``Deleted: y``.
    Cost: O(images and containers).

    Odd on purpose: by a name and by force, an image that a running container uses
    loses its name and stays, and this is no error; by id it is one.

    Raises:
        Conflict: containers use it, or an id has several references.
    """
    image = find_image(world, text)
    users = [c for c in world.containers_in_order() if c.image_id == image.id]
    if image.id.startswith((text, f"sha256:{text}")):
        return _remove_by_id(world, image, text, users, now, force=force)
    reference = full_reference(text, generation(world))
    if users and not force and _is_single(image):
        raise _still_used_reference(text, image, users[0])
    gone = [reference, *_orphaned_digests(image, reference)]
    world, work = _untag(world, image, gone, now, events=1)
    image = world.images[image.id]
    kept = image.references or image.digests
    running = any(user.state.active for user in users)
    if kept or running or (users and not force):
        return _outcome(world, work)
    return _delete(world, image, work, now, in_use=bool(users))


_Work = tuple[tuple[str, ...], tuple[Event, ...]]
"""What was done so far: lines to show, and events."""


def _outcome(world: World, work: _Work) -> Outcome:
    lines, events = work
    return Outcome(world=world, made="\n".join(lines), events=events)


def _remove_by_id(
    world: World,
    image: Image,
    text: str,
    users: list[Container],
    now: int,
    *,
    force: bool,
) -> Outcome:
    running = next((user for user in users if user.state.active), None)
    if running is not None:
        raise _still_used(text, image, running)
    if not force and not _is_single(image):
        raise Conflict(
            f"conflict: unable to delete {image.id[7:19]} (must be forced) - image is "
            "referenced in multiple repositories",
            asked=f"remove the image {text}",
            rule="an id with several references says too little",
            remedy="docker rmi --force, or one of " + ", ".join(image.references),
        )
    if users and not force:
        raise _still_used(text, image, users[0])
    gone = image.names
    world, work = _untag(world, image, gone, now, events=len(gone))
    return _delete(world, world.images[image.id], work, now, in_use=bool(users))


def _is_single(image: Image) -> bool:
    """At most one tag, and all digests are of its repository."""
    if len(image.references) + len(image.digests) <= 1:
        return True
    names = {_repository(item) for item in (*image.references, *image.digests)}
    return len(image.references) <= 1 and len(names) == 1


def _orphaned_digests(image: Image, removed: str) -> tuple[str, ...]:
    """The digests that go with a tag: those of a repository without another tag."""
    repository = _repository(removed)
    left = [item for item in image.references if item != removed]
    if "@" in removed or any(_repository(item) == repository for item in left):
        return ()
    return tuple(d for d in image.digests if _repository(d) == repository)


def _still_used_reference(text: str, image: Image, user: Container) -> Conflict:
    return Conflict(
        f'conflict: unable to remove repository reference "{text}" (must force) - '
        f"container {user.short_id} is using its referenced image {image.id[7:19]}",
        asked=f"remove the image {text}",
        rule=f"the container {user.name} was made from it, and this is its last name",
        remedy=f"docker rm {user.name} first, or docker rmi --force",
    )


def _still_used(text: str, image: Image, user: Container) -> Conflict:
    how, kind = ("must be forced", "stopped")
    if user.state.active:
        how, kind = "cannot be forced", "running"
    return Conflict(
        f"conflict: unable to delete {image.id[7:19]} ({how}) - image is being used by "
        f"{kind} container {user.short_id}",
        asked=f"remove the image {text}",
        rule=f"a {kind} container uses it",
        remedy=f"docker rm --force {user.name}",
    )


def _untag(
    world: World, image: Image, gone: Iterable[str], now: int, *, events: int
) -> tuple[World, _Work]:
    """Take references away; only so many of them make an event."""
    lines = []
    for reference in gone:
        world = _without(world, reference)
        lines.append(f"Untagged: {reference}")
    untagged = image_event("untag", image, image.id, now)
    return world, (tuple(lines), (untagged,) * min(events, len(lines)))


def _delete(
    world: World, image: Image, work: _Work, now: int, *, in_use: bool
) -> Outcome:
    """Drop the image, and from the top down the layers that only it had."""
    world = replace(world, images=world.images.delete(image.id))
    shared = {c for other in world.images.values() for c in other.chain_ids}
    # A stopped container keeps the layers of its image alive.
    layers = () if in_use else [c for c in reversed(image.chain_ids) if c not in shared]
    lines = [f"Deleted: {item}" for item in (image.id, *layers)]
    events = (image_event("delete", image, image.id, now),)
    return _outcome(world, ((*work[0], *lines), (*work[1], *events)))


def prune(world: World, chosen: Iterable[Image], now: int) -> Outcome:
    """Remove those of the images that no container uses; ``made`` as in `remove`.

    Cost: O(chosen x (images and containers)).
    """
    used = {container.image_id for container in world.containers.values()}
    lines: list[str] = []
    events: list[Event] = []
    for image in chosen:
        names = image.names or (image.id,)
        for name in names if image.id not in used else ():
            if name != image.id and name not in world.references:
                continue  # a digest that went with its repository's last tag
            outcome = remove(world, name, now)
            world = outcome.world
            lines += outcome.made.split("\n")
            events += outcome.events
    return Outcome(world=world, made="\n".join(lines), events=tuple(events))
