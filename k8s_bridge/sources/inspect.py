"""A live engine or saved inspect JSON, read as one Application for each project.

```
 unix:///var/run/docker.sock ─┐
                              ├─▶ HostState ─▶ groups ─▶ Application, Application, ...
 docker inspect ... > FILE ───┘                  │
                                                 └─ what lies at bind mounts, if asked
```

This is a shell: it opens sockets and files. An engine is only read. Docker's words:
``docker inspect``, ``GET /containers/{id}/json``.
"""

import json
import tarfile
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader
from pathlib import Path

from k8s_bridge.application import Content, HostFile
from k8s_bridge.sources.surroundings import Look
from minidock.client.dialing import Dialed, Parts
from minidock.errors import InvalidParameter, NotFound, Refusal
from minidock.model.document import Document
from minidock.moving.host import HostState, host_of, read_host

__all__ = ["look_through", "read_engine", "read_files"]

_LARGEST_FILE = 256 << 20
_LARGEST_CONTENT = 1 << 20
"""More than this fits into no ConfigMap: the rest is not read."""
_MOST_FILES = 500


def read_engine(url: str) -> HostState:
    """What stands on the engine at an address.

    Raises:
        Refusal: no engine answers there.
    """
    return read_host(Dialed(url))


def read_files(
    names: Iterable[str], read: Callable[[str], str] | None = None
) -> HostState:
    """What files of inspect JSON describe; several values may stand in one file.

    Raises:
        NotFound: a file cannot be read.
        InvalidParameter: it holds no inspect JSON.
    """
    take = read or _text
    return host_of([value for name in names for value in _values(take(name), name)])


def _text(name: str) -> str:
    try:
        with Path(name).open("rb") as file:
            data = file.read(_LARGEST_FILE + 1)
        if len(data) <= _LARGEST_FILE:
            return data.decode("utf-8")
        why = f"it has more than {_LARGEST_FILE} bytes"
    except OSError as error:
        why = error.strerror or str(error)
    except UnicodeDecodeError:
        why = "it is no UTF-8 text"
    raise NotFound(
        f"cannot read {name}: {why}",
        asked=f"read inspect JSON from {name}",
        rule=why,
        remedy="docker inspect $(docker ps -aq) > containers.json",
    )


def _values(text: str, name: str) -> Iterator[object]:
    """The JSON values of a text, one after the other."""
    decoder, place = json.JSONDecoder(), 0
    text = text.strip()
    try:
        while place < len(text):
            value, place = decoder.raw_decode(text, place)
            yield value
            while place < len(text) and text[place].isspace():
                place += 1
    except (ValueError, RecursionError) as error:
        raise InvalidParameter(
            f"{name} is no JSON: {error}",
            asked=f"read inspect JSON from {name}",
            rule="it must be what docker inspect prints",
            remedy="docker inspect $(docker ps -aq) > containers.json",
        ) from error


def look_through(url: str) -> Look:
    """Looks at what lies at a path of a container, through the engine.

    What cannot be read, or is larger than a ConfigMap can be, is left incomplete.
    """
    engine = Dialed(url)

    def look(container: Document, path: str) -> Content | None:
        where = f"/containers/{container.text('Id')}/archive"
        try:
            return _content(engine.download(where, {"path": path}), path)
        except (Refusal, tarfile.TarError, EOFError):
            return None

    return look


def _content(parts: Iterator[bytes], path: str) -> Content:
    base = path.rstrip("/").rpartition("/")[2]
    files: list[HostFile] = []
    directory, complete, size = False, True, 0
    opened = BufferedReader(Parts(parts))
    with tarfile.open(fileobj=opened, mode="r|") as tar:
        for member in tar:
            inside = member.name.removeprefix("./").rstrip("/")
            name = inside.removeprefix(base).lstrip("/")
            if not name:
                directory = member.isdir()
            if member.isdir():
                continue
            size += member.size
            inner = tar.extractfile(member) if member.isreg() else None
            if inner is None or size > _LARGEST_CONTENT or len(files) >= _MOST_FILES:
                complete = False
                if size > _LARGEST_CONTENT:
                    break
                continue
            files.append(HostFile(name, inner.read(), member.mode & 0o777))
    return Content(files=tuple(files), directory=directory, complete=complete)
