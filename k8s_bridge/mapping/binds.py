"""Bind mounts: what takes the place of a host's file or folder.

```
 what lies there               read only     written
 a file, up to 1 MiB           ConfigMap     ConfigMap, read only from now on
 a folder below /etc           ConfigMap     ConfigMap, as programs only read there
 another one, up to 1 MiB      ConfigMap     claim, to be filled
 nothing, or an empty folder   hostPath      claim, empty as the folder was
 more than that                claim, to be filled
 nobody looked; the node's own hostPath
 a key, a password             Secret where it says ConfigMap
```

That is ``auto``; the other words of :class:`Binds` choose one way for all. Invariants:
one source has one place, however often it is mounted; nothing that had content becomes
an empty claim without a line in the report. Kubernetes calls a node's path *hostPath*.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from k8s_bridge.application import Application, Content, Mount, MountKind
from k8s_bridge.mapping.contents import Item, fits, is_secret, items_of
from k8s_bridge.options import Binds

__all__ = ["SOCKETS", "Bind", "Way", "binds_of", "last_word"]

SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")
# What a container that mounts it wants of the very node that it runs on.
_OF_THE_NODE = """
/dev /proc /sys /run /var/run /var/log /var/lib/docker /var/lib/containerd /boot
/lib/modules /usr/src /etc/localtime /etc/timezone /etc/machine-id
""".split()


class Way(StrEnum):
    """What stands for a bind mount."""

    NODE = "hostPath"
    MAP = "ConfigMap"
    SECRET = "Secret"  # noqa: S105  # the name of a kind
    CLAIM = "claim"


class Bind(NamedTuple):
    """A source of bind mounts: its files, the way, and the service that is first."""

    source: str
    way: Way
    service: str
    content: Content | None
    written: bool
    items: tuple[Item, ...] = ()

    @property
    def name(self) -> str:
        """The last word of its path."""
        return last_word(self.source)

    @property
    def is_file(self) -> bool:
        """Whether it is known to be a file, not a folder."""
        content = self.content
        return content is not None and not (content.directory or content.missing)

    @property
    def empty(self) -> bool:
        """Whether nothing is lost when it begins empty."""
        content = self.content
        if content is None or not content.complete:
            return False
        return content.missing or (content.directory and not content.files)


def last_word(path: str) -> str:
    """The last part of a path.

    >>> last_word("/srv/www/"), last_word("/")
    ('www', 'root')
    """
    return path.rstrip("/").rpartition("/")[2] or "root"


def binds_of(application: Application, choice: Binds) -> dict[str, Bind]:
    """The bind mounts by their source; O(mounts)."""
    found: dict[str, list[tuple[str, Mount]]] = {}
    for service in application.services:
        for mount in service.mounts:
            if mount.kind is MountKind.BIND:
                found.setdefault(mount.source, []).append((service.name, mount))
    return {
        source: _bind(source, uses[0][0], [mount for _, mount in uses], choice)
        for source, uses in found.items()
    }


def _bind(source: str, service: str, mounts: list[Mount], choice: Binds) -> Bind:
    contents = (mount.content for mount in mounts if mount.content is not None)
    written = not all(m.read_only or _only_read(m.target) for m in mounts)
    content = next(contents, None)
    items = items_of(content.files if content else (), last_word(source))
    bind = Bind(source, Way.NODE, service, content, written, items)
    return bind._replace(way=_way(bind, choice))


def _only_read(target: str) -> bool:
    """Whether settings lie there, which programs read and people write."""
    return _below(target, ["/etc", "/docker-entrypoint-initdb.d"])


def _way(bind: Bind, choice: Binds) -> Way:
    if _of_the_node(bind.source) or choice is Binds.HOSTPATH:
        return Way.NODE
    if choice is Binds.CLAIM:
        return Way.CLAIM
    if bind.content is None:
        return Way.NODE
    if _copied(bind) and (
        choice is Binds.CONFIGMAP or bind.is_file or not bind.written
    ):
        secret = any(is_secret(item.path, item.data) for item in bind.items)
        return Way.SECRET if secret else Way.MAP
    return Way.NODE if bind.empty and not bind.written else Way.CLAIM


def _copied(bind: Bind) -> bool:
    """Whether one object can hold all that lies there."""
    content = bind.content
    return bool(content and content.complete and content.files) and fits(bind.items)


def _of_the_node(source: str) -> bool:
    path = source.rstrip("/")
    return path in ("", *SOCKETS) or _below(path, _OF_THE_NODE)


def _below(path: str, folders: Iterable[str]) -> bool:
    return any(path == f or path.startswith(f"{f}/") for f in folders)
