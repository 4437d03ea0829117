"""What is fixed while the files of one project are read.

```
 Session ─┬─ reader        where files come from
          ├─ folder        what paths are seen from   ┐ another one
          ├─ environment   what variables are         ├ for each file
          ├─ chain         the files that led here    ┘ that is included
          └─ log           warnings, and what was loaded already
```

Invariant: only the log changes, and only by what any later reading of the same file
would add as well.
"""

import posixpath
from collections.abc import Mapping
from typing import NamedTuple

from k8s_bridge.compose.document import Document, Tree, documents
from k8s_bridge.compose.places import Path
from k8s_bridge.compose.reader import Reader
from k8s_bridge.compose.refusing import refusal
from k8s_bridge.showing import shown_without
from minidock.errors import Refusal

__all__ = ["Layers", "Log", "Session"]


class Layers(NamedTuple):
    """Files laid over each other, and what the last of them resets."""

    tree: Tree
    resets: tuple[Path, ...] = ()


class Log:
    """Warnings in the order they came up, and files that were loaded already.

    ``variables`` are those that secrets of included files are made of, and that only
    these files know.
    """

    __slots__ = ("loaded", "parsed", "variables", "warnings")

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.variables: dict[str, str] = {}
        self.loaded: dict[object, Layers] = {}
        self.parsed: dict[str, tuple[Document, ...]] = {}


class Session(NamedTuple):
    """Where files are read from, and what holds for them."""

    reader: Reader
    root: str
    folder: str
    environment: Mapping[str, str]
    log: Log
    chain: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return shown_without(self, ("environment",))

    def path(self, name: str) -> str:
        """A path as seen from the folder of this session."""
        return posixpath.normpath(posixpath.join(self.folder, name))

    def label(self, path: str) -> str:
        """How places call a file: below the project's folder by its relative path."""
        return path.removeprefix(self.root.rstrip("/") + "/")

    def inside(
        self, folder: str, environment: Mapping[str, str], file: str
    ) -> "Session":
        """The session of the files that a file includes."""
        return self._replace(
            folder=folder,
            environment=environment,
            chain=(*self.chain, file),
        )

    def read(self, path: str, place: str = "") -> bytes:
        """The content of a file that is named at a place."""
        if is_remote(path):
            raise refusal(
                place,
                f"{path} is not on this machine",
                rule="only files are read, nothing is fetched",
                remedy="fetch it yourself, and name the file",
            )
        try:
            return self.reader.read(path)
        except Refusal as refused:
            raise refusal(
                place,
                refused.text,
                rule=refused.rule,
                remedy=refused.remedy,
                category=type(refused),
            ) from None

    def documents(self, path: str, place: str = "") -> tuple[Document, ...]:
        """The YAML documents of a file; it is read once."""
        if path not in self.log.parsed:
            data = self.read(path, place)
            self.log.parsed[path] = documents(data, self.label(path))
        return self.log.parsed[path]


def is_remote(path: str) -> bool:
    """Whether a resource lies elsewhere: a repository or a registry.

    >>> is_remote("oci://registry/app"), is_remote("common.yaml")
    (True, False)
    """
    return "://" in path or path.startswith(("git@", "github.com/"))
