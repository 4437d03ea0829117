"""A Compose project of this machine: its files, its environment, standard input.

```
 -f a.yaml -f -  ─▶ Disk, where "-" in the working folder is what was typed
                      │ load
                      ▼
                   Project ─▶ Application
```

What docker compose warns of, such as variables that are not set, goes to standard
error.
"""

import os
import posixpath
import sys
from collections.abc import Sequence

from k8s_bridge.application import Application
from k8s_bridge.compose.load import load
from k8s_bridge.compose.reader import LIMIT
from k8s_bridge.sources.compose import application_from_compose
from k8s_bridge.sources.disk import Disk
from minidock.errors import Exhausted, InvalidParameter

__all__ = ["composed", "standard_input"]


def composed(
    files: Sequence[str],
    typed: bytes | None = None,
    *,
    folder: str = "",
    project_name: str = "",
    project_folder: str = "",
    profiles: Sequence[str] = (),
    env_files: Sequence[str] = (),
) -> Application:
    """The application of a project, as docker compose would start it.

    Without files they are looked for in the folder, or here; ``typed`` is what stands
    for the file ``-``. The rest is as in :func:`k8s_bridge.compose.load.load`.
    """
    here = os.path.abspath(folder)  # noqa: PTH100  # pathlib is slow to load
    reader = Disk() if typed is None else _Input(posixpath.join(here, "-"), typed)
    project = load(
        files,
        reader=reader,
        environment=dict(os.environ),
        folder=here,
        project_name=project_name,
        project_folder=project_folder,
        profiles=profiles,
        env_files=env_files,
    )
    for warning in project.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    application = application_from_compose(project, reader)
    if not application.services:
        raise InvalidParameter(
            "no service selected",
            asked="translate a Compose project",
            rule="manifests are made of services, those of active profiles",
            remedy="--profile NAME, or --profile '*' for all of them",
        )
    return application


def standard_input() -> bytes:
    """What was typed, within the bounds of a file."""
    data = sys.stdin.buffer.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise Exhausted(
            "standard input is too large",
            asked="read standard input",
            rule=f"at most {LIMIT:,} bytes are read",
            remedy="split it into several files",
        )
    return data


class _Input(Disk):
    """The disk, where standard input lies at one more path."""

    def __init__(self, path: str, data: bytes) -> None:
        self._path = path
        self._data = data

    def read(self, path: str) -> bytes:
        """The content of a file, or what was typed."""
        return self._data if path == self._path else super().read(path)

    def is_file(self, path: str) -> bool:
        """Whether something that is no folder lies there."""
        return path == self._path or super().is_file(path)
