"""Tar archives as values: what `docker cp`, `import`, `load` and `save` carry.

```
bytes ──▶ members: path, kind, where its content lies      write ◀── Entry, Entry, ...
 tar  ──▶ merged over lower tars: a Tree, path ──▶ Node      │
          .wh.name takes a name away (a layer's whiteout)   bytes, the same every time
```

A file's content is a text everywhere in a World. Bytes that are no UTF-8 are carried in
it as Python's *surrogateescape* does, so that :func:`text_of` and :func:`bytes_of` give
back exactly what was put in; this is the one place where that is decided.

Invariants: a member's path is absolute and canonical; a name that climbs out of the
archive (``../x``) is refused; nothing is ever unpacked to a disk, and an archive of
more than ``LARGEST`` bytes is refused before it is read.
"""

import bz2
import io
import lzma
import posixpath
import tarfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from minidock.errors import Refusal, Unclassified

__all__ = [
    "LARGEST",
    "Entry",
    "Kind",
    "Member",
    "Node",
    "bytes_of",
    "content",
    "members",
    "merged",
    "resolved",
    "text_of",
    "tree_of",
    "unpacked",
    "whiteouts",
    "write",
]

LARGEST = 128 * 1024 * 1024
"""The most bytes of an archive, packed or not."""
_MEMBERS = 200_000
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_LINKS_FOLLOWED = 40
"""As many as Linux follows before it says ELOOP."""


def text_of(data: bytes) -> str:
    r"""Bytes as the text of a file.

    >>> bytes_of(text_of(b"\xff\x00")) == b"\xff\x00"
    True
    """
    return data.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """The bytes of a file's text."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a surrogate pair, which only JSON can bring
        return text.encode("utf-8", "surrogatepass")


class Kind(StrEnum):
    """What a member of an archive is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    """A symbolic link."""
    HARD = "hard link"
    OTHER = "device"
    """A device node, a pipe: there are none here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member: its content are ``size`` bytes of the archive from ``start``."""

    path: str
    kind: Kind
    start: int = 0
    size: int = 0
    target: str = ""
    mode: int = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing to write: a file, or a folder where ``data`` is None."""

    path: str
    data: bytes | None = None
    mode: int = 0
    target: str = ""
    """Where a symbolic link leads; "" for what is none."""


def _fault(text: str, remedy: str) -> Refusal:
    return Unclassified(
        text,
        asked="read a tar archive",
        rule="it must be a whole tar archive, plain or packed by gzip, bzip2 or xz",
        remedy=remedy,
    )


def _too_large() -> Refusal:
    return _fault(
        f"the archive is larger than {LARGEST} bytes", "a smaller archive, or image"
    )


def unpacked(data: bytes) -> bytes:
    """The plain tar in an archive that may be packed by gzip, bzip2 or xz; O(bytes).

    >>> import gzip
    >>> unpacked(gzip.compress(b"x" * 9)) == unpacked(b"x" * 9)
    True
    >>> unpacked(gzip.compress(b"x" * 9)[:-12])
    Traceback (most recent call last):
    ...
    minidock.errors.Unclassified: unexpected EOF
    """
    if len(data) > LARGEST:
        raise _too_large()
    try:
        if data.startswith(b"\x1f\x8b"):
            gzip = zlib.decompressobj(wbits=31)
            plain, ended = gzip.decompress(data, LARGEST + 1), gzip.eof
        elif data.startswith(b"BZh"):
            bzip = bz2.BZ2Decompressor()
            plain, ended = bzip.decompress(data, LARGEST + 1), bzip.eof
        elif data.startswith(b"\xfd7zXZ\x00"):
            xz = lzma.LZMADecompressor()
            plain, ended = xz.decompress(data, LARGEST + 1), xz.eof
        else:
            return data
    except (zlib.error, OSError, lzma.LZMAError) as error:
        raise _fault(str(error), "pack it again") from error
    if len(plain) > LARGEST:
        raise _too_large()
    if not ended:
        raise _fault("unexpected EOF", "send the whole archive")
    return plain


def _canonical(name: str) -> str:
    path = posixpath.normpath(name.lstrip("/") or ".")
    if path == ".." or path.startswith("../"):
        raise _fault(
            f"invalid path {name!r}: it leads out of the archive",
            "names that stay below the archive's top",
        )
    return "/" if path == "." else f"/{path}"


_KINDS = {
    tarfile.DIRTYPE: Kind.FOLDER,
    tarfile.SYMTYPE: Kind.LINK,
    tarfile.LNKTYPE: Kind.HARD,
    tarfile.CHRTYPE: Kind.OTHER,
    tarfile.BLKTYPE: Kind.OTHER,
    tarfile.FIFOTYPE: Kind.OTHER,
}


def members(tar: bytes) -> tuple[Member, ...]:
    """The members of a plain tar, in its order; O(bytes).

    No bytes at all are an archive without members, as for Docker.

    >>> [item.path for item in members(write([Entry(path="/a/b", data=b"hi")]))]
    ['/a/b']
    >>> members(b"x" * 1024)
    Traceback (most recent call last):
    ...
    minidock.errors.Unclassified: archive/tar: invalid tar header
    """
    if not tar:
        return ()
    found: list[Member] = []
    try:
        with tarfile.open(fileobj=io.BytesIO(tar), mode="r:", errors=_ERRORS) as opened:
            for info in opened:
                if len(found) >= _MEMBERS:
                    raise _fault(f"more than {_MEMBERS} files", "a smaller archive")
                found.append(_member(info))
    except (tarfile.ReadError, EOFError) as error:
        short = len(tar) < tarfile.BLOCKSIZE or "unexpected end" in str(error)
        text = "unexpected EOF" if short else "archive/tar: invalid tar header"
        raise _fault(text, "send the whole archive") from error
    except (tarfile.TarError, ValueError, OverflowError) as error:
        raise _fault(f"archive/tar: {error}", "write the archive again") from error
    if any(item.start + item.size > len(tar) for item in found):
        raise _fault("unexpected EOF", "send the whole archive")
    return tuple(found)


_ERRORS = "surrogateescape"


def _member(info: tarfile.TarInfo) -> Member:
    kind = _KINDS.get(info.type, Kind.FILE)
    if info.issparse():
        raise _fault(f"{info.name} is sparse", "write it without holes")
    return Member(
        path=_canonical(info.name),
        kind=kind,
        start=info.offset_data,
        size=info.size if kind is Kind.FILE else 0,
        target=info.linkname,
        mode=info.mode & 0o7777,
    )


def content(tar: bytes, member: Member) -> bytes:
    """A member's bytes; O(their number)."""
    return tar[member.start : member.start + member.size]


def write(entries: Iterable[Entry], moment: int = 0) -> bytes:
    """A plain tar of these entries, in their order; O(bytes).

    The same entries always give the same bytes. ``moment`` is when they were last
    changed, in seconds since 1970. A path that starts with a slash loses it.

    >>> tar = write([Entry(path="/d"), Entry(path="d/f", data=b"hi")])
    >>> [(item.path, str(item.kind), item.size) for item in members(tar)]
    [('/d', 'folder', 0), ('/d/f', 'file', 2)]
    """
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, errors=_ERRORS
    ) as opened:
        for entry in entries:
            # A slash at the end stays where a caller wants it, as `docker cp` does.
            info = tarfile.TarInfo(entry.path.lstrip("/"))
            info.mtime = moment
            info.mode = entry.mode or (0o755 if entry.data is None else 0o644)
            if entry.target:
                info.type, info.linkname = tarfile.SYMTYPE, entry.target
                info.mode = 0o777
            elif entry.data is None:
                info.type = tarfile.DIRTYPE
            else:
                info.size = len(entry.data)
            opened.addfile(info, io.BytesIO(entry.data or b""))
    return buffer.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One file, folder or link of a merged tree, and the archive that it lies in."""

    member: Member
    tar: bytes

    @property
    def data(self) -> bytes:
        """The bytes of a file."""
        return content(self.tar, self.member)


@lru_cache(maxsize=8)
def tree_of(tars: tuple[bytes, ...]) -> Mapping[str, Node]:
    """As :func:`merged`; O(members) once, then cached: for the layers of an image."""
    return merged(tars)


def merged(tars: Iterable[bytes]) -> Mapping[str, Node]:
    """The files of tars, lowest first, each laid over those below it.

    Cost: O(members). A ``.wh.name`` hides a name of the layers below,
    a ``.wh..wh..opq`` all that is in its folder.

    >>> low = write([Entry(path="a", data=b"1"), Entry(path="b", data=b"2")])
    >>> high = write([Entry(path=".wh.a", data=b"")])
    >>> list(merged([low, high]))
    ['/b']
    """
    tree: dict[str, Node] = {}
    for tar in tars:
        for item in members(tar):
            folder, name = posixpath.split(item.path)
            if name == _OPAQUE:
                _drop_below(tree, folder, tar)
            elif name.startswith(_WHITEOUT):
                gone = posixpath.join(folder, name.removeprefix(_WHITEOUT))
                tree.pop(gone, None)
                _drop_below(tree, gone, tar)
            elif item.path != "/" and item.kind is not Kind.OTHER:
                tree[item.path] = _node(tree, item, tar)
    return MappingProxyType(tree)


@lru_cache(maxsize=8)
def whiteouts(tars: tuple[bytes, ...]) -> frozenset[str]:
    """The names that tars take away from what lies below all of them; O(members).

    >>> sorted(whiteouts((write([Entry(path="etc/.wh.group", data=b"")]),)))
    ['/etc/group']
    """
    gone = set()
    for tar in tars:
        for item in members(tar):
            folder, name = posixpath.split(item.path)
            if name == _OPAQUE:
                gone.add(folder)
            elif name.startswith(_WHITEOUT):
                gone.add(posixpath.join(folder, name.removeprefix(_WHITEOUT)))
    return frozenset(gone)


def _node(tree: Mapping[str, Node], item: Member, tar: bytes) -> Node:
    if item.kind is Kind.HARD:
        return tree.get(_canonical(item.target), Node(member=item, tar=tar))
    return Node(member=item, tar=tar)


def _drop_below(tree: dict[str, Node], folder: str, upper: bytes) -> None:
    within = folder.rstrip("/") + "/"
    for path in [p for p in tree if p.startswith(within)]:
        if tree[path].tar is not upper:
            del tree[path]


def resolved(tree: Mapping[str, Node], path: str) -> str:
    """The path after its symbolic links, within the tree; O(length of the path).

    A link that leads to itself, or through more than 40 others, stays as it is.
    """
    for _ in range(_LINKS_FOLLOWED):
        place = _first_link(tree, path)
        if not place:
            return path
        target = posixpath.join(posixpath.dirname(place), tree[place].member.target)
        rest = path[len(place) :].lstrip("/")
        path = posixpath.normpath("/" + posixpath.join(target, rest).lstrip("/"))
    return path


def _first_link(tree: Mapping[str, Node], path: str) -> str:
    parts = path.strip("/").split("/")
    for count in range(1, len(parts) + 1):
        place = "/" + "/".join(parts[:count])
        node = tree.get(place)
        if node is not None and node.member.kind is Kind.LINK:
            return place
    return ""
