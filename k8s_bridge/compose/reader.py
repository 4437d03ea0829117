"""How the loader reaches files: a protocol, and a double for tests.

```
 load ─▶ Reader.read("/srv/shop/compose.yaml") ─▶ bytes, or a refusal
            │
            ├─ a disk (in a shell that may touch files)
            └─ InMemory({"/srv/shop/compose.yaml": b"..."})
```

Invariant: ``read`` gives the bytes of a plain file of at most ``LIMIT`` bytes; folders,
devices, pipes, loops of links and larger files are refused, and never waited for.
"""

from collections.abc import Mapping
from posixpath import dirname, normpath
from typing import Protocol

from minidock.errors import Exhausted, InvalidParameter, NotFound

__all__ = ["LIMIT", "InMemory", "Reader"]

LIMIT = 16 * 1024 * 1024  # bytes; 5,000 services have two million


class Reader(Protocol):
    """What a project needs of the file system; paths are absolute."""

    def read(self, path: str) -> bytes:
        """The content of a file.

        Raises:
            NotFound: nothing is there.
            InvalidParameter: something else than a plain file is there.
            Exhausted: it is larger than ``LIMIT``.
        """
        ...

    def is_file(self, path: str) -> bool:
        """Whether something that is no folder lies there; links are followed."""
        ...

    def is_folder(self, path: str) -> bool:
        """Whether a folder lies there; links are followed."""
        ...

    def names(self, path: str) -> tuple[str, ...]:
        """The names in a folder, sorted; empty where there is no folder."""
        ...


class InMemory:
    """Files that exist as a mapping only; folders are what their paths imply.

    >>> reader = InMemory({"/srv/compose.yaml": b"services: {}"})
    >>> reader.read("/srv/./compose.yaml"), reader.names("/srv")
    (b'services: {}', ('compose.yaml',))
    >>> reader.read("/srv/nosuch")
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: open /srv/nosuch: no such file or directory
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = {normpath(path): data for path, data in files.items()}
        self._folders: dict[str, set[str]] = {"/": set()}
        for path in self._files:
            self._enter(path)

    def _enter(self, path: str) -> None:
        folder = dirname(path)
        if folder != path:
            self._folders.setdefault(folder, set()).add(path[len(folder) :].strip("/"))
            self._enter(folder)

    def read(self, path: str) -> bytes:
        """The content; see :class:`Reader`."""
        data = self._files.get(normpath(path))
        if data is None:
            folder = self.is_folder(path)
            text = "is a directory" if folder else "no such file or directory"
            raise (InvalidParameter if folder else NotFound)(
                f"open {path}: {text}",
                asked=f"read {path}",
                rule="only plain files are read",
                remedy="name a file that exists",
            )
        if len(data) > LIMIT:
            raise Exhausted(
                f"open {path}: file too large",
                asked=f"read {path}",
                rule=f"files of at most {LIMIT:,} bytes are read",
                remedy="split it into several files",
            )
        return data

    def is_file(self, path: str) -> bool:
        """Whether a file lies there."""
        return normpath(path) in self._files

    def is_folder(self, path: str) -> bool:
        """Whether a file lies below it."""
        return normpath(path) in self._folders

    def names(self, path: str) -> tuple[str, ...]:
        """The names in a folder."""
        return tuple(sorted(self._folders.get(normpath(path), ())))
