"""Secrets of a Compose project that runs: Docker itself has none, only bind mounts.

```
 secrets: {tok: {file: ./tok}}  ─ compose up ─▶ bind ./tok at /run/secrets/tok:ro
                                ◀─ read back ─
```

What Compose takes from a variable or writes by itself (``content``) it copies into the
container, where nothing tells it from other files.

Invariant: only what Compose made is taken for a secret, and only where Compose puts it.
"""

from collections.abc import Iterable, Iterator

from k8s_bridge.application import Grant, Setting, Stored
from k8s_bridge.sources.surroundings import Surroundings
from minidock.model.document import Document

__all__ = ["as_granted", "granted", "stored_secrets"]

_FOLDER = "/run/secrets/"


def _files(inspect: Document, around: Surroundings) -> Iterator[Document]:
    """The mounts that Compose makes of secrets."""
    mounts = inspect.document("HostConfig").get("Mounts")
    if around.member(inspect) is None or not isinstance(mounts, tuple):
        return
    for mount in mounts:
        if isinstance(mount, Document) and mount.text("Type") == "bind":
            name = mount.text("Target").removeprefix(_FOLDER)
            inside = mount.text("Target").startswith(_FOLDER) and "/" not in name
            if inside and name and mount.flag("ReadOnly"):
                yield mount


def _name(mount: Document) -> str:
    return mount.text("Target").removeprefix(_FOLDER)


def granted(inspect: Document, around: Surroundings) -> Iterator[Grant]:
    """The secrets that are given to a container."""
    for mount in _files(inspect, around):
        yield Grant(source=_name(mount), target=mount.text("Target"))


def stored_secrets(
    containers: Iterable[Document], around: Surroundings
) -> Iterator[Stored]:
    """The secrets of the project, each once, with what they hold where it is known."""
    found: dict[str, Stored] = {}
    for inspect in containers:
        for mount in _files(inspect, around):
            name = _name(mount)
            if name not in found:
                content = around.look(inspect, mount.text("Target"))
                whole = content is not None and content.complete and content.files
                data = content.files[0].data if content and whole else None
                docker_name = f"{around.project}_{name}" if around.project else name
                found[name] = Stored(name=name, docker_name=docker_name, data=data)
    yield from found.values()


def as_granted(
    settings: Iterable[Setting], inspect: Document, around: Surroundings
) -> Iterator[Setting]:
    """The settings; mounts that are all secrets go by that word."""
    mounts = inspect.document("HostConfig").get("Mounts")
    secrets = len(tuple(_files(inspect, around)))
    whole = isinstance(mounts, tuple) and 0 < secrets == len(mounts)
    for setting in settings:
        word = "secrets" if whole and setting.attribute == "mounts" else ""
        yield setting._replace(attribute=word) if word else setting
