"""The JSON of `docker image inspect`, `docker history` and `docker images`.

```
Image ──▶ image_json(image, (1, 41))     one image in full
      ├─▶ history_json(image)            a line for each layer, newest first
      ├─▶ image_summary(image, (1, 41))  one line of the list
      └─▶ pull_progress(image, ...)      what a pull reports while it goes on
```

What an image's JSON holds depends on the version of the API that a client asked for;
see :mod:`minidock.views.api_versions`.

Docker's names: ``image.InspectResponse``, ``image.Summary`` and
``image.HistoryResponseItem``.

Invariant: a view changes nothing; the same image gives the same JSON.
"""

from collections.abc import Iterable, Iterator, Sequence

from minidock.model.document import Document, Json, thaw
from minidock.model.image import Image, digest_of
from minidock.views.api_versions import (
    CONTAINERS_COUNTED,
    EMPTY_LISTS,
    IMAGE_CONFIG_TRIMMED,
    IMAGE_CONTAINER_GONE,
    VIRTUAL_SIZE_GONE,
    ApiVersion,
)
from minidock.views.config_fields import CONFIG, OMITTED_WHEN_EMPTY
from minidock.views.durations import NEVER, SECOND, timestamp
from minidock.views.sizes import human_size

__all__ = [
    "history_json",
    "image_json",
    "image_summary",
    "layer_folder",
    "pull_progress",
]

_PULLING = "Pulling fs layer"
_DOWNLOADS = 3
"""Layers that are fetched at the same time; the others wait."""

_OF_CONTAINERS = {
    "Hostname",
    "Domainname",
    "AttachStdin",
    "AttachStdout",
    "AttachStderr",
    "Tty",
    "OpenStdin",
    "StdinOnce",
    "Image",
}
"""Fields that say nothing of an image, and are left out since API 1.50."""


def image_json(
    image: Image, api: ApiVersion, *, ordered: bool = True
) -> dict[str, Json]:
    """An image's inspect JSON; O(layers).

    Args:
        image: the image.
        api: the version of the API that was asked for.
        ordered: whether Config keeps the order of its fields; engines since 28 sort it.

    >>> from minidock.model.image import digest_of
    >>> image = Image(id=digest_of("x"), created=0, size=7, config=Document())
    >>> shown = image_json(image, (1, 41))
    >>> shown["VirtualSize"], shown["RepoTags"]
    (7, [])
    >>> "VirtualSize" in image_json(image, (1, 44))
    False
    """
    tags, digests = _split(image.names)
    found: dict[str, Json] = {
        "Id": image.id,
        "RepoTags": list(tags),
        "RepoDigests": list(digests),
        "Parent": image.parent,
        "Comment": image.comment,
        "Created": timestamp(image.created),
    }
    if not IMAGE_CONTAINER_GONE.reached(api):
        made_of = _config(image.container_config, (1, 41))
        found |= {"Container": image.container, "ContainerConfig": made_of}
    found |= {
        "DockerVersion": image.docker_version,
        "Author": image.author,
        "Config": _config(image.config, api, ordered=ordered),
        "Architecture": image.architecture,
        "Os": image.os,
        "Size": image.size,
    }
    if not VIRTUAL_SIZE_GONE.reached(api):
        found["VirtualSize"] = image.size
    return found | {
        "GraphDriver": _graph_driver(image),
        "RootFS": {"Type": "layers", "Layers": list(image.diff_ids)},
        "Metadata": {"LastTagTime": timestamp(image.tagged) if image.tagged else NEVER},
    }


def _split(references: Sequence[str]) -> tuple[list[str], list[str]]:
    tags = [item for item in references if "@" not in item]
    return tags, [item for item in references if "@" in item]


def _config(
    config: Document, api: ApiVersion, *, ordered: bool = True
) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, default in CONFIG:
        value = thaw(config.get(key))
        if (key in OMITTED_WHEN_EMPTY and not value) or (
            key in _OF_CONTAINERS and IMAGE_CONFIG_TRIMMED.reached(api)
        ):
            continue
        found[key] = default if value is None else value
    for key in ("ExposedPorts", "Volumes", "Labels"):
        entries = found.get(key)
        if isinstance(entries, dict):
            found[key] = dict(sorted(entries.items()))
    return found if ordered else dict(sorted(found.items()))


def layer_folder(chain: str) -> str:
    """The name of the folder in which a layer lies: the driver's own, and no digest."""
    return digest_of(f"folder of {chain}")[7:]


def _graph_driver(image: Image) -> dict[str, Json]:
    folders = [
        f"/var/lib/docker/overlay2/{layer_folder(chain)}" for chain in image.chain_ids
    ]
    if not folders:
        return {"Data": None, "Name": "overlay2"}
    *lower, top = folders
    data: dict[str, Json] = {}
    if lower:
        data["LowerDir"] = ":".join(f"{folder}/diff" for folder in reversed(lower))
    data |= {
        "MergedDir": f"{top}/merged",
        "UpperDir": f"{top}/diff",
        "WorkDir": f"{top}/work",
    }
    return {"Data": data, "Name": "overlay2"}


def history_json(image: Image) -> list[Json]:
    """An image's history, newest line first; O(layers).

    Only the newest line has an id: a registry does not tell how the images in between
    were called, so theirs is ``<missing>``.

    >>> from minidock.model.image import Layer
    >>> lines = (Layer(created_by="ADD", size=7), Layer(created_by="CMD", empty=True))
    >>> image = Image(id="sha256:1", created=0, size=7, config=Document(), layers=lines)
    >>> [(line["Id"], line["CreatedBy"]) for line in history_json(image)]
    [('sha256:1', 'CMD'), ('<missing>', 'ADD')]
    """
    tags, _ = _split(image.names)
    lines: list[Json] = []
    for layer in reversed(image.layers):
        newest = not lines
        lines.append(
            {
                "Comment": layer.comment,
                "Created": (layer.created or image.created) // SECOND,
                "CreatedBy": layer.created_by,
                "Id": image.id if newest else "<missing>",
                "Size": layer.size,
                "Tags": list(tags) if newest and tags else None,
            }
        )
    return lines


def image_summary(
    image: Image,
    api: ApiVersion,
    *,
    names: Sequence[str] | None = None,
    shared: int = -1,
    containers: int = -1,
) -> dict[str, Json]:
    """An image's line in the list of images.

    Args:
        image: the image.
        api: the version of the API that was asked for.
        names: those references that the list's filters let through; else all.
        shared: how many bytes other images have too; -1 where nobody counted.
        containers: how many containers use it.

    >>> from minidock.model.image import digest_of
    >>> image = Image(id=digest_of("x"), created=0, size=7, config=Document())
    >>> [image_summary(image, api)["RepoTags"] for api in ((1, 41), (1, 51))]
    [['<none>:<none>'], []]
    """
    tags, digests = _split(image.names if names is None else names)
    named = bool(tags or digests)
    found: dict[str, Json] = {
        "Containers": containers if CONTAINERS_COUNTED.reached(api) else -1,
        "Created": image.created // SECOND,
        "Id": image.id,
        "Labels": thaw(image.config.get("Labels")) or None,
        "ParentId": image.parent,
        "RepoDigests": _listed(digests, "<none>@<none>", api, named=named),
        "RepoTags": _listed(tags, "<none>:<none>", api, named=named),
        "SharedSize": shared,
        "Size": image.size,
    }
    if not VIRTUAL_SIZE_GONE.reached(api):
        found["VirtualSize"] = image.size
    return found


def _listed(
    items: list[str], none: str, api: ApiVersion, *, named: bool
) -> list[Json] | None:
    """Odd on purpose: before 1.43 an empty list is null, and no name at all a word."""
    if not EMPTY_LISTS.reached(api) and not items:
        return None if named else [none]
    return list(items)


def pull_progress(image: Image, present: Iterable[Image], name: str) -> list[Json]:
    """What a pull of an image reports, but for its last line; O(images x layers).

    For each layer that no image here has::

        Pulling fs layer ─▶ (Waiting) ─▶ Downloading ─▶ Verifying Checksum
          ─▶ Download complete ─▶ Extracting ─▶ Pull complete

    Args:
        image: the image.
        present: the images that are there already.
        name: the complete reference that is pulled.

    >>> from minidock.model.image import Layer
    >>> layers = (Layer(created_by="ADD", size=7),)
    >>> image = Image(
    ...     id="sha256:1",
    ...     created=0,
    ...     size=7,
    ...     config=Document(),
    ...     layers=layers,
    ...     digests=("tiny@sha256:2",),
    ... )
    >>> [line["status"] for line in pull_progress(image, [image], "tiny:latest")]
    ['Pulling from library/tiny', 'Digest: sha256:2']
    >>> len(pull_progress(image, [], "tiny:latest"))
    8
    """
    known = list(present)
    repository, tag = _cut(name)
    lines: list[Json] = [{"status": f"Pulling from {_path(repository)}", "id": tag}]
    if all(other.id != image.id for other in known):
        lines += _layers_progress(image, {c for i in known for c in i.chain_ids})
    digest = image.digests[0].partition("@")[2]
    return [*lines, {"status": f"Digest: {digest}"}]


def _cut(name: str) -> tuple[str, str]:
    head, _, digest = name.partition("@")
    repository, _, tag = name.rpartition(":")
    return (head, digest) if digest else (repository, tag)


def _path(repository: str) -> str:
    """A repository as its registry calls it, without the registry's name."""
    first, slash, rest = repository.partition("/")
    if not slash:
        return f"library/{repository}"
    return rest if "." in first or ":" in first else repository


def _layers_progress(image: Image, present: set[str]) -> Iterator[Json]:
    layers = list(zip(image.chain_ids, image.sizes, strict=True))
    # The name that is shown is that of the packed layer: another digest, fewer bytes.
    missing = [(_blob(c), s * 2 // 5 + 32) for c, s in layers if c not in present]
    for chain, _ in layers:
        yield _step(_blob(chain), "Already exists" if chain in present else _PULLING)
    for blob, _ in missing[_DOWNLOADS:]:
        yield _step(blob, "Waiting")
    for blob, size in missing:
        yield _step(blob, "Downloading", size)
        yield _step(blob, "Verifying Checksum")
        yield _step(blob, "Download complete")
    for blob, size in missing:
        yield _step(blob, "Extracting", size)
        yield _step(blob, "Pull complete")


def _blob(chain: str) -> str:
    return digest_of(f"packed {chain}")[7:19]


def _step(blob: str, status: str, size: int = 0) -> dict[str, Json]:
    step: dict[str, Json] = {"status": status, "progressDetail": {}}
    if size:
        shown = human_size(size, 4)
        step["progressDetail"] = {"current": size, "total": size}
        step["progress"] = f"[{'=' * 50}>] {shown:>8}/{shown}"
    return step | {"id": blob}
