"""Files into and out of a container: `docker cp`, `docker diff`, `docker export`.

```
stat_of(files, "/etc/x")  ──▶ name, size, folder?
packed(files, "/etc")     ──▶ a tar of the folder and all below it
unpack(files, "/etc", tar) ──▶ the files after that
changes(files, image's)   ──▶ C /etc, A /etc/x, D /etc/group      as `docker diff` lists
```

Links in a tar become copies of what they lead to within it, and those that lead nowhere
are left out; a device node is refused. Docker's source: moby, ``daemon/archive.go`` and
``pkg/archive``.

Invariants: what was unpacked is read back as it was sent; nothing is written outside
the folder that was named.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from minidock.commands.leaving import mount_at
from minidock.errors import Forbidden, InvalidParameter, NotFound, Refusal
from minidock.model.archive import (
    LARGEST,
    Entry,
    Kind,
    Member,
    Node,
    bytes_of,
    content,
    members,
    merged,
    resolved,
    text_of,
    unpacked,
    write,
)
from minidock.runtime.files import Files, is_kept

__all__ = ["Change", "Stat", "changes", "exported", "packed", "stat_of", "unpack"]

_FOLDER_SIZE = 4096
_FOLDER_MODE = 0x80000000 | 0o755
"""Go's mode bit of a folder, and who may do what."""
_FILE_MODE = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """What `docker cp` asks of a path first."""

    name: str
    size: int
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of `docker diff`; ``kind`` is 0 for changed, 1 added, 2 deleted."""

    path: str
    kind: int


def _missing(files: Files, path: str, name: str) -> NotFound:
    return NotFound(
        f"Could not find the file {path} in container {name}",
        asked=f"the file {path} of {name}",
        rule="it must be a file or folder that the container has",
        remedy=f"docker exec {files.container.name} ls "
        + (posixpath.dirname(path.rstrip("/")) or "/"),
    )


def _absolute(path: str) -> str:
    return posixpath.normpath("/" + path.lstrip("/"))


def stat_of(files: Files, path: str, name: str) -> Stat:
    """What there is at a path; O(files).

    Raises:
        NotFound: there is nothing.
    """
    place = _absolute(path)
    base = posixpath.basename(place) or "/"
    if files.is_folder(place):
        return Stat(name=base, size=_FOLDER_SIZE, mode=_FOLDER_MODE)
    text = files.read(place)
    if text is None or path.endswith(("/", "/.")):
        raise _missing(files, path, name)
    return Stat(name=base, size=len(bytes_of(text)), mode=_FILE_MODE)


def packed(files: Files, path: str, name: str, moment: int = 0) -> bytes:
    """A tar of what is at a path, named by the path's last part; O(files, bytes).

    A path that ends in ``/.`` means what is in a folder, without the folder's name.

    Raises:
        NotFound: there is nothing.
    """
    found = stat_of(files, path, name)
    place = _absolute(path)
    top = "." if path.endswith("/.") or place == "/" else found.name
    if found.mode == _FILE_MODE:
        data = bytes_of(files.read(place) or "")
        return write([Entry(path=top, data=data)], moment)
    entries = [Entry(path=f"{top}/"), *_below(files, place, f"{top}/")]
    return write(entries, moment)


def _below(files: Files, folder: str, name: str) -> Iterator[Entry]:
    """What is in a folder, each path with the name that the folder has in the tar."""
    within = folder.rstrip("/") + "/"
    folders, plain = _places(files)
    inside = (path for path in folders | plain if path.startswith(within))
    for path in sorted(inside):
        if path in {folder, "/"}:
            continue
        shown = name + path[len(within) :]
        node = files.node(path)
        mode = node.member.mode if node is not None else 0
        if node is not None and node.member.kind is Kind.LINK:
            yield Entry(path=shown, target=node.member.target)
        elif path in folders:
            yield Entry(path=f"{shown}/", mode=mode)
        else:
            data = bytes_of(files.read(path) or "")
            yield Entry(path=shown, data=data, mode=mode)


def _places(files: Files) -> tuple[set[str], set[str]]:
    """The paths of all folders, and of all files; O(files)."""
    folders = {"/"}
    plain: set[str] = set()
    for path in files.names():
        place = path.rstrip("/")
        (folders if path.endswith("/") else plain).add(place or "/")
        while place := posixpath.dirname(place).rstrip("/"):
            folders.add(place)
    return folders, plain - folders


def _writable(files: Files, folder: str) -> None:
    if files.is_read_only(f"{folder.rstrip('/')}/x"):
        rootfs = files.container.host_config.flag("ReadonlyRootfs")
        what = "container rootfs" if rootfs else "mounted volume"
        raise Forbidden(
            f"{what} is marked read-only",
            asked=f"copy files to {folder}",
            rule="what is mounted for reading only is not written",
            remedy="leave :ro or --read-only out",
        )


def unpack(
    files: Files, path: str, data: bytes, name: str, *, keep_kinds: bool = False
) -> Files:
    """The files after a tar was unpacked in a folder; O(files and bytes).

    Args:
        files: the container's files.
        path: the folder, which must be there.
        data: the tar, perhaps packed by gzip, bzip2 or xz.
        name: the container as it was called, for refusals.
        keep_kinds: refuse that a folder takes a file's place, or a file a folder's.

    Raises:
        NotFound: there is no such folder.
        InvalidParameter: it is a file, or the archive is broken or not allowed.
        Forbidden: it is mounted for reading only.
    """
    folder = _absolute(path)
    if not files.is_folder(folder):
        if files.read(folder) is None:
            raise _missing(files, path, name)
        raise _refused("extraction point is not a directory", path)
    _writable(files, folder)
    try:
        tar = unpacked(data)
        sent = members(tar)
        tree = merged([tar])
    except Refusal as refusal:
        raise _refused(refusal.text, path) from refusal
    target = _Target(files, keep_kinds=keep_kinds)
    for member in sent:
        place = posixpath.normpath(folder.rstrip("/") + member.path)
        if member.path == "/":
            continue
        if member.kind is Kind.OTHER:
            raise _refused(f"{member.path} is a device: there are none here", path)
        if is_kept(place):
            raise _refused(f"{place} is kept by the engine here: --add-host", path)
        if member.kind is Kind.FOLDER:
            target.make_folder(place)
        elif member.kind is Kind.FILE:
            target.write(place, text_of(content(tar, member)))
        else:
            text = _linked(files, tree, member, place)
            if text is not None:
                target.write(place, text)
    if sum(len(text) for text in target.written.values() if text) > LARGEST:
        raise _refused("no space left on device", path)
    return replace(files, written=target.written)


def _linked(
    files: Files, tree: Mapping[str, Node], member: Member, place: str
) -> str | None:
    """What a link leads to, in the archive or else in the container."""
    goal = resolved(tree, member.path)
    node = tree.get(goal)
    if node is not None and node.member.kind is Kind.FILE:
        return text_of(node.data)
    beside = posixpath.join(posixpath.dirname(place), member.target)
    return files.read(posixpath.normpath(beside))


class _Target:
    """Files under change: what is written, and what stands where."""

    def __init__(self, files: Files, *, keep_kinds: bool) -> None:
        self.written = dict(files.written)
        self._files = files
        self._keep_kinds = keep_kinds
        self._folders, self._plain = _places(files)

    def make_folder(self, place: str) -> None:
        if place in self._plain:
            self._check(f'non-directory "{place}" with directory "{place}"')
            self._plain.discard(place)
            self.written[place] = None
        if place not in self._folders and not self._files.is_folder(place):
            self.written[f"{place}/"] = ""
        self._folders.add(place)

    def write(self, place: str, text: str) -> None:
        if place in self._folders or self._files.is_folder(place):
            self._check(f'directory "{place}" with non-directory "{place}"')
            self._remove(place)
        self.written[place] = text
        self._plain.add(place)

    def _check(self, what: str) -> None:
        if self._keep_kinds:
            raise _refused(f"cannot overwrite {what}", what)

    def _remove(self, folder: str) -> None:
        within = f"{folder}/"
        for path in [p for p in self._plain if p.startswith(within)]:
            self.written[path] = None
            self._plain.discard(path)
        for path in [p for p in self._folders if f"{p}/".startswith(within)]:
            self.written[f"{path}/"] = None
            self._folders.discard(path)


def _refused(text: str, path: str) -> InvalidParameter:
    return InvalidParameter(
        text,
        asked=f"copy files to {path}",
        rule="a whole tar of files and folders is unpacked in a folder",
        remedy="docker cp FILE CONTAINER:FOLDER",
    )


def changes(files: Files, before: Files) -> tuple[Change, ...]:
    """What differs from the image, by path; O(files).

    The folders above a change are listed as changed themselves, as Docker lists them;
    what lies in volumes is not the container's.
    """
    found: dict[str, int] = {}
    for path, text in sorted(files.container.files):
        place = path.rstrip("/")
        if mount_at(files.container, place) is not None:
            continue
        there = before.exists(place)
        if text is not None:
            found[place] = 0 if there else 1
        elif there and not files.exists(place) and not _in_gone(found, place):
            found[place] = 2
        else:
            continue
        for above in _above(place):
            found.setdefault(above, 0 if before.exists(above) else 1)
    return tuple(Change(path=path, kind=found[path]) for path in sorted(found))


def _in_gone(found: dict[str, int], place: str) -> bool:
    return any(found.get(above) == 2 for above in _above(place))


def _above(place: str) -> list[str]:
    parts = place.strip("/").split("/")[:-1]
    return ["/" + "/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def exported(files: Files, moment: int = 0, programs: Iterable[str] = ()) -> bytes:
    """A tar of all files of a container; O(files and bytes).

    What lies in volumes is left out, and what the engine keeps is empty, as it is
    where Docker mounts its own files. ``programs`` are those that the container has
    though none of its files says so: each gets a file in /bin.
    """
    own = replace(files, written=dict(files.container.files))
    entries = []
    for entry in _below(own, "/", ""):
        path = "/" + entry.path.rstrip("/")
        mount = mount_at(files.container, path)
        if mount is not None and path != mount.text("Destination").rstrip("/"):
            continue
        entries.append(replace(entry, data=b"") if is_kept(path) else entry)
    given = {entry.path for entry in entries}
    entries += [
        Entry(path=f"bin/{name}", data=f"#!{name}\n".encode(), mode=0o755)
        for name in sorted(programs)
        if f"bin/{name}" not in given
    ]
    return write(entries, moment)
