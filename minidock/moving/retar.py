"""A tar whose topmost folder gets another name, while it passes by.

```
 pgdata/          ─▶ data/
 pgdata/base/1    ─▶ data/base/1          links inside of the archive follow
```

Invariant: all else of each member stays: content, owner, mode, times, attributes.
"""

import io
import tarfile
from collections.abc import Iterator
from typing import IO

from minidock.client.dialing import Parts

__all__ = ["renamed"]

_PART = 1 << 20


def renamed(parts: Iterator[bytes], old: str, new: str) -> Iterator[bytes]:
    """The parts of the same tar with another name for the folder; O(bytes).

    >>> list(renamed(iter([b"as it is"]), "data", "data"))
    [b'as it is']
    """
    if old == new:
        yield from parts
        return
    with (
        io.BufferedReader(Parts(parts)) as file,
        tarfile.open(fileobj=file, mode="r|") as source,
    ):
        for member in source:
            member.name = _moved(member.name, old, new)
            if member.islnk():
                member.linkname = _moved(member.linkname, old, new)
            member.pax_headers = {
                key: value
                for key, value in member.pax_headers.items()
                if key not in ("path", "linkpath")
            }
            yield member.tobuf(tarfile.PAX_FORMAT)
            content = source.extractfile(member) if member.isreg() else None
            if content is not None:
                yield from _copied(content, member.size)
            source.members = []  # type: ignore[attr-defined]  # or it keeps each one
    yield b"\0" * (2 * tarfile.BLOCKSIZE)


def _copied(content: IO[bytes], size: int) -> Iterator[bytes]:
    """A file's content, filled up to whole blocks."""
    while part := content.read(_PART):
        yield part
    yield b"\0" * (-size % tarfile.BLOCKSIZE)


def _moved(name: str, old: str, new: str) -> str:
    bare = name.removeprefix("./")
    if bare == old or bare.startswith(f"{old}/"):
        return new + bare[len(old) :]
    return name
