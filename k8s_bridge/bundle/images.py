"""Where each image comes from on the new host: a registry, or an archive.

```
 RepoDigests: nginx@sha256:...   ─▶ docker pull nginx@sha256:..., docker tag
 none: built here                ─▶ docker save on the old host, docker load on the new
```

Invariant: an image is pulled by its digest, so that it is the same one.
"""

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from k8s_bridge.bundle.files import safe_names
from minidock.model.document import Document

__all__ = ["Carried", "carried_images", "load_script", "save_script"]

_NONE = "<none>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """An image: its names, and a digest in a registry ("") or a file in the bundle."""

    id: str
    names: tuple[str, ...]
    digest: str
    size: int
    file: str

    def as_json(self) -> dict[str, object]:
        """What the plan says of it."""
        how = {"pull": self.digest} if self.digest else {"file": self.file}
        return {"names": list(self.names), "id": self.id, "bytes": self.size, **how}


def carried_images(images: Iterable[Document], used: set[str]) -> tuple[Carried, ...]:
    """The images of containers, by name; ``used`` are names and ids in use."""
    found = sorted(
        _used(images, used), key=lambda image: (_tags(image), image.text("Id"))
    )
    files = safe_names(_file(image) for image in found)
    return tuple(
        Carried(
            id=image.text("Id"),
            names=_tags(image),
            digest=next((d for d in image.texts("RepoDigests") if _NONE not in d), ""),
            size=image.number("Size"),
            file=files[_file(image)] + ".tar",
        )
        for image in found
    )


def _used(images: Iterable[Document], used: set[str]) -> Iterator[Document]:
    for image in images:
        names = {image.text("Id"), *_tags(image), *image.texts("RepoDigests")}
        names |= {name.removesuffix(":latest") for name in names}
        if names & used:
            yield image


def _tags(image: Document) -> tuple[str, ...]:
    return tuple(t for t in image.texts("RepoTags") if _NONE not in t)


def _file(image: Document) -> str:
    short = image.text("Id").removeprefix("sha256:")[:12]
    return f"{next(iter(_tags(image)), 'image')}-{short}"


def save_script(images: Iterable[Carried]) -> str:
    """Run on the old host: archives of what no registry has."""
    lines = [
        "#!/bin/sh",
        "# Run on the old host: saves the images that no registry is known for.",
        "set -eu",
        'cd "$(dirname -- "$0")"',
        "save() { # FILE NAMES...",
        '  file=$1; shift; [ -e "$file" ] && return',
        '  docker save -o "$file.partial" "$@" && mv "$file.partial" "$file"',
        "}",
    ]
    for image in images:
        if not image.digest:
            names = image.names or (image.id,)
            lines.append(_call("save", image.file, *names))
    return "\n".join(lines) + "\n"


def load_script(images: Iterable[Carried]) -> str:
    """Run on the new host: pulls by digest, or loads the archive that lies there."""
    lines = [
        "#!/bin/sh",
        "# Run on the new host: has every image there, under its names.",
        "set -eu",
        'cd "$(dirname -- "$0")"',
        "get() { # FILE DIGEST NAMES...",
        "  file=$1; digest=$2; shift 2",
        '  if [ -e "$file" ]; then docker load -i "$file"; return; fi',
        '  if [ -z "$digest" ]; then echo "$file is missing" >&2; exit 1; fi',
        '  docker pull "$digest"',
        '  for name in "$@"; do docker tag "$digest" "$name"; done',
        "}",
    ]
    for image in images:
        lines.append(_call("get", image.file, image.digest, *image.names))
    return "\n".join(lines) + "\n"


def _call(*words: str) -> str:
    return " ".join(shlex.quote(word) for word in words)
