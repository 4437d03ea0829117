"""What is kept and what is mounted: volumes, configs, secrets, files of the host.

```
 Volume, Stored     what is kept apart from any service
 Mount, Grant       where a service sees it: a path, whose it is
 Content            what lay at a bind mount's source when somebody looked
```

Invariant: bytes of a file or a secret are in no ``repr``. Docker's words: *mount*,
*volume*, *config*, *secret*.
"""

from enum import StrEnum
from typing import NamedTuple

from k8s_bridge.setting import Setting
from k8s_bridge.showing import shown_without

__all__ = [
    "Content",
    "Grant",
    "HostFile",
    "Mount",
    "MountKind",
    "Stored",
    "Volume",
]


class MountKind(StrEnum):
    """Where the content of a mount lives."""

    VOLUME = "volume"
    ANONYMOUS = "anonymous"
    BIND = "bind"
    TMPFS = "tmpfs"
    IMAGE = "image"
    OTHER = "other"


class HostFile(NamedTuple):
    """A file of the host: its path below what is mounted ("" for itself), its bytes."""

    path: str
    data: bytes
    mode: int = 0o644


class Content(NamedTuple):
    """What lay at a bind mount's source when it was read.

    ``missing`` says that nothing lay there. ``complete`` is False where more lay there
    than was read: too large, too many, or no plain files; the files are then not all.
    """

    files: tuple[HostFile, ...] = ()
    directory: bool = False
    missing: bool = False
    complete: bool = True

    @property
    def size(self) -> int:
        """All bytes of all files."""
        return sum(len(file.data) for file in self.files)

    def __repr__(self) -> str:
        return shown_without(self, ("files",))


class Mount(NamedTuple):
    """Something put at a path; ``origin`` is the attribute it was asked with.

    The source of a volume is the :class:`Volume`'s name. ``content`` is what lies at
    the source of a bind mount, None if nobody looked.
    """

    kind: MountKind
    target: str
    origin: str
    source: str = ""
    read_only: bool = False
    size: int = 0
    subpath: str = ""
    propagation: str = ""
    options: tuple[str, ...] = ()
    content: Content | None = None


class Volume(NamedTuple):
    """A named volume; ``docker_name`` is what it is called on the host.

    ``external`` marks one that others made and keep. ``size`` is in bytes, 0 unset.
    """

    name: str
    docker_name: str = ""
    driver: str = "local"
    options: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    external: bool = False
    size: int = 0
    settings: tuple[Setting, ...] = ()


class Stored(NamedTuple):
    """A config or a secret: bytes kept apart and put into containers as a file.

    ``data`` is None where it is not known here: then somebody else must make it, as
    always for an ``external`` one. It never reaches a report: ``repr`` hides it.
    """

    name: str
    docker_name: str = ""
    data: bytes | None = None
    external: bool = False
    labels: tuple[tuple[str, str], ...] = ()
    settings: tuple[Setting, ...] = ()

    def __repr__(self) -> str:
        return shown_without(self, ("data",))


class Grant(NamedTuple):
    """A config or a secret given to a service: where its file lies, and whose it is.

    ``target`` is an absolute path; ``mode`` is None where nobody said one.
    """

    source: str
    target: str
    uid: str = ""
    gid: str = ""
    mode: int | None = None
