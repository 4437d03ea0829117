"""The named volumes of a host, and which of them containers use.

```
 volume inspect JSON ─┐
                      ├─▶ Volume(name: the project's word, docker_name: the host's)
 mounts of services ──┘
```

Invariant: each volume that a service mounts is there, whether its JSON is known or not;
anonymous ones (their name is 64 digits) are mounts, not volumes.
"""

from collections.abc import Iterable, Iterator

from k8s_bridge.application import MountKind, Service, Setting, Volume
from k8s_bridge.sources.fields import text_of
from k8s_bridge.sources.projects import is_own_label, project_of
from k8s_bridge.sources.surroundings import Surroundings
from minidock.model.document import Document

__all__ = ["volumes_of"]


def volumes_of(
    services: Iterable[Service], known: Iterable[Document], around: Surroundings
) -> Iterator[Volume]:
    """The volumes that services mount, in the order of the host's list, then others."""
    used = dict.fromkeys(
        mount.source
        for service in services
        for mount in service.mounts
        if mount.kind is MountKind.VOLUME
    )
    for document in known:
        name = around.volume(document.text("Name"))
        if name in used:
            del used[name]
            yield _volume(name, document, around.project)
    for name in used:
        yield Volume(name=name, docker_name=name)


def _volume(name: str, document: Document, project: str) -> Volume:
    labels = document.document("Labels")
    own = bool(project) and project_of(labels) == project
    return Volume(
        name=name,
        docker_name=document.text("Name"),
        driver=document.text("Driver") or "local",
        options=_pairs(document.document("Options")),
        labels=tuple(pair for pair in _pairs(labels) if not is_own_label(pair[0])),
        external=bool(project) and not own,
        settings=tuple(_settings(document)),
    )


def _pairs(document: Document) -> tuple[tuple[str, str], ...]:
    return tuple((k, v) for k, v in document.items() if isinstance(v, str))


def _settings(document: Document) -> Iterator[Setting]:
    if document.text("Driver") not in ("", "local"):
        yield Setting("Driver", "driver", document.text("Driver"))
    for key, value in document.document("Options").items():
        yield Setting(f"Options.{key}", "driver_opts", text_of(value))
    labels = [k for k in document.document("Labels") if not is_own_label(k)]
    for key in labels:
        value = document.document("Labels")[key]
        yield Setting(f"Labels.{key}", "labels", text_of(value))
