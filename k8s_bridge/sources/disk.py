"""The file system of this machine, as far as a project's files need it.

```
 Disk().read("/srv/shop/compose.yaml") ─▶ bytes, or a refusal with the system's words
      .is_file  .is_folder  .names  .real  .mode
 load_compose("compose.yaml")          ─▶ the Application of the project
```

This file touches the disk and the environment: a named shell. It only reads.
Invariants: nothing that is no plain file is opened for long (a pipe would never end),
and nothing above the limit is read to its end.
"""

import os
import stat
from collections.abc import Collection, Mapping, Sequence
from errno import EINVAL, EISDIR
from typing import NoReturn

from k8s_bridge.application import Application
from k8s_bridge.compose.load import load
from k8s_bridge.compose.reader import LIMIT
from k8s_bridge.sources.compose import application_from_compose
from minidock.errors import Exhausted, InvalidParameter, NotFound

__all__ = ["Disk", "load_compose"]


class Disk:
    """Files below the root of this machine; see ``k8s_bridge.compose.reader``.

    >>> Disk().is_folder("/")
    True
    >>> Disk().read("/no/such/file")
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: open /no/such/file: no such file or directory
    """

    def read(self, path: str) -> bytes:
        """The content of a plain file of at most 16 MiB."""
        try:
            _plain(os.stat(path).st_mode)  # noqa: PTH116  # opening a device acts on it
            # Without waiting: by now a pipe may be there that nobody writes to.
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(handle, "rb") as file:
                _plain(os.fstat(handle).st_mode)
                data = file.read(LIMIT + 1)
        except (OSError, ValueError) as error:
            _refuse(path, error)
        if len(data) > LIMIT:
            raise Exhausted(
                f"open {path}: file too large",
                asked=f"read {path}",
                rule=f"files of at most {LIMIT:,} bytes are read",
                remedy="split it into several files",
            )
        return data

    def is_file(self, path: str) -> bool:
        """Whether something that is no folder lies there; links are followed."""
        mode = _status(path)
        return mode is not None and not stat.S_ISDIR(mode)

    def is_folder(self, path: str) -> bool:
        """Whether a folder lies there; links are followed."""
        mode = _status(path)
        return mode is not None and stat.S_ISDIR(mode)

    def names(self, path: str) -> tuple[str, ...]:
        """The names in a folder, sorted; empty where there is none to be read."""
        try:
            return tuple(sorted(os.listdir(path)))  # noqa: PTH208  # names, no paths
        except (OSError, ValueError):
            return ()

    def real(self, path: str) -> str:
        """The path with every link followed."""
        try:
            return os.path.realpath(path)
        except (OSError, ValueError):
            return path

    def mode(self, path: str) -> int:
        """The permission bits of a file; those of a usual one where it is gone."""
        found = _status(path)
        return 0o644 if found is None else stat.S_IMODE(found)


def load_compose(
    *paths: str | os.PathLike[str],
    environment: Mapping[str, str] | None = None,
    folder: str | os.PathLike[str] = ".",
    project_name: str = "",
    project_folder: str = "",
    profiles: Collection[str] = (),
    env_files: Sequence[str] = (),
) -> Application:
    """The Application of a Compose project on this machine.

    Args:
        paths: its files, later ones laid over earlier ones; none are looked for in
            ``folder`` and above, as docker compose does.
        environment: variables; those of the process unless given.
        folder: what paths are seen from.
        project_name: the project's name, instead of its own.
        project_folder: what paths inside the files are seen from.
        profiles: those that are on; ``*`` is all.
        env_files: files of variables, instead of ``.env``.

    Raises:
        minidock.errors.Refusal: docker compose refuses it as well.

    >>> load_compose("/no/such/compose.yaml")
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: open /no/such/compose.yaml: no such file or directory
    """
    disk = Disk()
    project = load(
        [os.fspath(path) for path in paths],
        reader=disk,
        environment=dict(os.environ) if environment is None else environment,
        folder=os.path.abspath(folder),  # noqa: PTH100  # links stay as they are
        project_name=project_name,
        project_folder=project_folder,
        profiles=profiles,
        env_files=env_files,
    )
    return application_from_compose(project, disk)


def _plain(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(EINVAL, "not a plain file")


def _status(path: str) -> int | None:
    try:
        return os.stat(path).st_mode  # noqa: PTH116  # a text stays a text
    except (OSError, ValueError):
        return None


def _refuse(path: str, error: OSError | ValueError) -> NoReturn:
    reason = getattr(error, "strerror", None) or "invalid argument"
    missing = isinstance(error, (FileNotFoundError, NotADirectoryError))
    raise (NotFound if missing else InvalidParameter)(
        f"open {path}: {reason[:1].lower()}{reason[1:]}",
        asked=f"read {path}",
        rule="only plain files that may be read are read",
        remedy="name a file that exists",
    ) from error
