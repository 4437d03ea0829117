r"""Paths in a document, made absolute from the folder of the document.

```
 ./src      ─▶ /srv/shop/src       in build.context, a bind mount's source, env_file,
 ~/.ssh     ─▶ /home/me/.ssh       label_file, configs.*.file, secrets.*.file, ...
 /etc/x/    ─▶ /etc/x/             as it is written
 c:\\src    ─▶ c:\\src             a path of Windows is absolute
 https://…  ─▶ https://…           no path at all
```

Invariants: the value that comes in is not changed, and a path that is absolute stays as
it is, so that a document that comes from another folder may be made absolute first.
"""

import posixpath
from collections.abc import Callable

from k8s_bridge.compose.scalars import Value
from k8s_bridge.compose.trees import changed_at, each

__all__ = ["absolute", "absolute_paths"]

_REMOTE = ("https://", "http://", "git://", "ssh://", "github.com/", "git@")


def absolute_paths(model: Value, folder: str, home: str = "") -> Value:
    """A document in canonical form with every path in it made absolute.

    Linear in the document. ``home`` is what ``~`` stands for.

    >>> model = {"secrets": {"key": {"file": "./key.pem"}}}
    >>> absolute_paths(model, "/srv/shop")
    {'secrets': {'key': {'file': '/srv/shop/key.pem'}}}
    """
    return _Anchor(folder, home).document(model)


def absolute(path: str, folder: str, home: str = "") -> str:
    """One path, seen from a folder.

    >>> absolute("../a", "/srv/shop"), absolute("~/a", "/srv", "/home/me")
    ('/srv/a', '/home/me/a')
    """
    if path.startswith("~") and home:
        return posixpath.join(home, path[1:].lstrip("/")).rstrip("/")
    if path.startswith("/"):
        return path
    return posixpath.normpath(posixpath.join(folder, path))


def _is_remote(text: str) -> bool:
    return "://" in text or text.startswith(_REMOTE)


def _on_windows(path: str) -> bool:
    drive = path[:1].isalpha() and path[1:3] in (":\\", ":/")
    return drive or path.startswith("\\\\")


class _Anchor:
    """The folder that paths are seen from."""

    def __init__(self, folder: str, home: str) -> None:
        self.folder = folder
        self.home = home

    def document(self, model: Value) -> Value:
        """Every part of a document that has paths."""
        return changed_at(
            model,
            {
                "services": each(self.service),
                "jobs": each(self.service),
                "configs": each(self.stored),
                "secrets": each(self.stored),
                "volumes": each(self.volume),
            },
        )

    def path(self, value: Value) -> Value:
        """A path."""
        if not isinstance(value, str):
            return value
        return absolute(value, self.folder, self.home)

    def given(self, value: Value) -> Value:
        """A path, if it is not empty."""
        return self.path(value) if value else value

    def anywhere(self, value: Value) -> Value:
        """A path, which may be one of Windows."""
        return (
            value if isinstance(value, str) and _on_windows(value) else self.path(value)
        )

    def anywhere_given(self, value: Value) -> Value:
        """The same, if it is not empty."""
        return self.anywhere(value) if value else value

    def local(self, value: Value) -> Value:
        """A path, or the address of something elsewhere."""
        if not isinstance(value, str) or not value or _is_remote(value):
            return value
        return self.path(value)

    def context(self, value: Value) -> Value:
        """A path, the address of something elsewhere, or another service's image."""
        if isinstance(value, str) and value.startswith("service:"):
            return value
        return self.local(value)

    def service(self, value: Value) -> Value:
        """The paths of a service."""
        changes: dict[str, Callable[[Value], Value]] = {
            "build": self.build,
            "env_file": each(self.env_file),
            "label_file": each(self.path),
            "volumes": each(self.mount),
            "develop": self.develop,
            "pre_start": each(self.service),
        }
        return changed_at(value, changes)

    def build(self, value: Value) -> Value:
        """The contexts of a build, and the keys it may use."""
        return changed_at(
            value,
            {
                "context": self.context,
                "additional_contexts": each(self.context),
                "ssh": each(self.given),
            },
        )

    def env_file(self, value: Value) -> Value:
        """A file of variables."""
        return changed_at(value, {"path": self.given})

    def develop(self, value: Value) -> Value:
        """The paths that are watched."""
        return changed_at(value, {"watch": each(self.watched)})

    def watched(self, value: Value) -> Value:
        """A path that is watched."""
        return changed_at(value, {"path": self.given})

    def mount(self, value: Value) -> Value:
        """The source of a bind mount."""
        if not isinstance(value, dict) or value.get("type") != "bind":
            return value
        return changed_at(value, {"source": self.anywhere})

    def stored(self, value: Value) -> Value:
        """The file of a config or a secret."""
        return changed_at(value, {"file": self.anywhere_given})

    def volume(self, value: Value) -> Value:
        """The device of a named volume that is a bind mount in truth."""
        if not isinstance(value, dict) or value.get("driver") != "local":
            return value
        options = value.get("driver_opts")
        if not isinstance(options, dict) or options.get("o") != "bind":
            return value
        return {**value, "driver_opts": changed_at(options, {"device": self.anywhere})}
