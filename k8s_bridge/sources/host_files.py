"""What lies at the source of a bind mount, read within bounds.

```
 ./conf/            ─▶ Content(directory=True, files=(
   nginx.conf            HostFile("nginx.conf", b"..."),
   sites/a.conf          HostFile("sites/a.conf", b"...")))
 ./nosuch           ─▶ Content(missing=True)
 /var/run/docker.sock, 2 MiB of data, a link to /etc ─▶ complete=False
```

Invariants: at most 1 MiB (what a ConfigMap may hold) and 500 files are kept of one
mount; files come sorted by path; a link that leads out of the folder is not followed,
nor one in the project's folder that leads out of that: who wrote the project may not be
who translates it.
"""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from k8s_bridge.application import Content, HostFile
from k8s_bridge.compose.reader import Reader
from minidock.errors import Refusal

__all__ = ["HostFiles", "Linked"]

_MOST_BYTES = 1 << 20
_MOST_FILES = 500
_MOST_DEPTH = 16
_MOST_IN_ALL = 32 << 20  # of one application


@runtime_checkable
class Linked(Protocol):
    """A reader whose files may be links, and have permission bits."""

    def real(self, path: str) -> str:
        """The path with every link followed."""
        ...

    def mode(self, path: str) -> int:
        """The permission bits of a file."""
        ...


class HostFiles:
    """The contents of bind mounts, each path read once.

    ``home`` is the project's folder.

    >>> from k8s_bridge.compose.reader import InMemory
    >>> files = HostFiles(InMemory({"/srv/a/x": b"1", "/srv/a/b/y": b"2"}))
    >>> [file.path for file in files.at("/srv/a").files]
    ['b/y', 'x']
    >>> files.at("/srv/none").missing
    True
    """

    def __init__(self, reader: Reader, home: str = "") -> None:
        self._reader = reader
        self._home = home
        self._linked = reader if isinstance(reader, Linked) else None
        self._known: dict[str, Content] = {}
        self._left = _MOST_IN_ALL

    def at(self, path: str) -> Content:
        """What lies at a path; O(what is read) the first time, then O(1)."""
        if path not in self._known:
            self._known[path] = content = self._content(path)
            self._left -= content.size
        return self._known[path]

    def file(self, path: str) -> bytes | None:
        """The bytes of a file, None where it cannot or should not be read."""
        return None if self._leads_out(path) else self._data(path)

    def _leads_out(self, path: str) -> bool:
        """Whether a path in the project's folder means something outside of it."""
        if not self._home or not _is_in(path, self._home):
            return False
        return not _is_in(self._real(path), self._real(self._home))

    def _content(self, path: str) -> Content:
        if self._leads_out(path):
            return Content(complete=False)
        if self._reader.is_folder(path):
            return self._folder(path)
        if not self._reader.is_file(path):
            return Content(missing=True)
        data = self._data(path)
        if data is None or len(data) > min(_MOST_BYTES, self._left):
            return Content(complete=False)
        return Content(files=(HostFile("", data, self._mode(path)),))

    def _folder(self, path: str) -> Content:
        files: list[HostFile] = []
        room = min(_MOST_BYTES, self._left)
        root = self._real(path)
        complete = True
        for inside in self._below(path, root, "", 0):
            data = self._data(f"{path}/{inside}") if inside else None
            if len(files) == _MOST_FILES or (data is not None and len(data) > room):
                complete = False
                break
            if data is None:
                complete = False
                continue
            room -= len(data)
            files.append(HostFile(inside, data, self._mode(f"{path}/{inside}")))
        files.sort()
        return Content(files=tuple(files), directory=True, complete=complete)

    def _below(self, path: str, root: str, inside: str, depth: int) -> Iterator[str]:
        """The paths of files below a folder; "" for what cannot be one of them."""
        for name in self._reader.names(f"{path}/{inside}".rstrip("/")):
            here = f"{inside}/{name}".lstrip("/")
            whole = f"{path}/{here}"
            if depth == _MOST_DEPTH or not _is_in(self._real(whole), root):
                yield ""
            elif self._reader.is_folder(whole):
                yield from self._below(path, root, here, depth + 1)
            else:
                yield here

    def _data(self, path: str) -> bytes | None:
        try:
            return self._reader.read(path)
        except Refusal:  # a socket, a pipe, too large, not ours to read
            return None

    def _real(self, path: str) -> str:
        return self._linked.real(path) if self._linked else path

    def _mode(self, path: str) -> int:
        return self._linked.mode(path) if self._linked else 0o644


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")
