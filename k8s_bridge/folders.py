"""Which files of a folder are the manifests in it.

```
 DIR/kustomization.yaml  ─▶ its resources          (a base: it changes nothing)
 DIR/base/ + overlays/   ─▶ DIR/base
 DIR/Chart.yaml          ─▶ refused: helm writes the manifests
 DIR/*.yaml *.yml *.json ─▶ these, by name
```

Invariant: a file is read once; what would have to be built first is refused, with the
command that builds it.
"""

import posixpath
from collections.abc import Iterator, Mapping
from typing import Protocol

from k8s_bridge.documents import values_of
from minidock.errors import InvalidParameter, NotFound, Refusal

__all__ = ["COMPOSE_NAMES", "Folders", "files_of"]

COMPOSE_NAMES = (
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
)
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_ENDS = (".json", ".yaml", ".yml")
_PLAIN = frozenset({"apiVersion", "kind", "metadata", "resources"})


class Folders(Protocol):
    """What is asked of a disk; :class:`k8s_bridge.sources.disk.Disk` has it."""

    def read(self, path: str) -> bytes:
        """The content of a file."""

    def is_file(self, path: str) -> bool:
        """Whether a file lies there."""

    def is_folder(self, path: str) -> bool:
        """Whether a folder lies there."""

    def names(self, path: str) -> tuple[str, ...]:
        """The names in a folder, sorted."""


def files_of(path: str, disk: Folders) -> list[str]:
    """The files with manifests of that folder, or that file itself.

    Raises:
        NotFound: nothing is there, or no manifests.
        InvalidParameter: its manifests have to be built first.
    """
    if not disk.is_folder(path):
        return [path]
    files = list(dict.fromkeys(_files(path, disk, ())))
    if not files:
        raise NotFound(
            f"there are no manifests in {path}",
            asked=f"read the manifests in {path}",
            rule=f"they are files that end with {', '.join(_ENDS)}",
            remedy="k8s-bridge convert -o FOLDER writes such a folder",
        )
    return files


def _files(folder: str, disk: Folders, above: tuple[str, ...]) -> Iterator[str]:
    names = disk.names(folder)
    if "Chart.yaml" in names:
        raise _to_build(folder, "a Helm chart", f"helm template {folder}")
    for name in _KUSTOMIZATIONS:
        if name in names:
            yield from _resources(folder, name, disk, above)
            return
    if "base" in names and "overlays" in names:
        yield from _files(posixpath.join(folder, "base"), disk, above)
        return
    for name in names:
        path = posixpath.join(folder, name)
        if name.endswith(_ENDS) and disk.is_file(path):
            yield path


def _resources(
    folder: str, name: str, disk: Folders, above: tuple[str, ...]
) -> Iterator[str]:
    file = posixpath.join(folder, name)
    values = values_of(disk.read(file), file)
    content = values[0] if values else None
    said = content if isinstance(content, Mapping) else {}
    more = sorted(key for key, value in said.items() if key not in _PLAIN and value)
    resources = said.get("resources")
    listed = (
        [r for r in resources if isinstance(r, str)]
        if isinstance(resources, list)
        else []
    )
    if more or any(":" in resource for resource in listed):
        what = f"{file} changes manifests ({', '.join(more) or 'from elsewhere'})"
        raise _to_build(folder, what, f"kubectl kustomize {folder}")
    here = posixpath.normpath(folder)
    if here in above:
        raise _to_build(
            folder, f"{file} includes itself", f"kubectl kustomize {folder}"
        )
    for resource in listed:
        path = posixpath.normpath(posixpath.join(folder, resource))
        if disk.is_folder(path):
            yield from _files(path, disk, (*above, here))
        else:
            yield path


def _to_build(folder: str, what: str, command: str) -> Refusal:
    return InvalidParameter(
        f"{folder}: {what}",
        asked=f"read the manifests in {folder}",
        rule="only plain manifests are read",
        remedy=f"{command} | k8s-bridge apply -f -",
    )
