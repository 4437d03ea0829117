"""Where a key of a Compose file stands: its path, its file and its line.

```
 ("services", "web", "ports", 0)  ─▶ path  services.web.ports[0]
                                  ─▶ place compose.yaml:12   of the nearest key known
```

Invariant: every setting made here has a path; its place is "" only where the loader
knows no place of any key around it.
"""

import json
from collections.abc import Mapping
from typing import TypeAlias

from k8s_bridge.application import Setting
from k8s_bridge.sources.compose_values import plain

__all__ = ["Path", "Places", "path_text", "shown"]

Path: TypeAlias = tuple[str | int, ...]


def path_text(path: Path) -> str:
    """A path as people write it.

    >>> path_text(("services", "web", "ports", 0))
    'services.web.ports[0]'
    """
    whole = ""
    for key in path:
        whole += f"[{key}]" if isinstance(key, int) else f".{key}"
    return whole.removeprefix(".")


def shown(value: object) -> str:
    """A value as one short line: scalars as they are, the rest as JSON.

    >>> shown(["a", 1]), shown(True), shown("x")
    ('["a",1]', 'true', 'x')
    """
    if value is None or isinstance(value, (str, int, float)):
        return plain(value)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)


class Places:
    """The places of keys, as the loader found them."""

    def __init__(self, known: Mapping[Path, str]) -> None:
        self._known = known

    def at(self, path: Path) -> str:
        """The place of a key, or of the nearest one around it; O(depth)."""
        for length in range(len(path), 0, -1):
            found = self._known.get(path[:length])
            if found is not None:
                return found
        return ""

    def setting(self, path: Path, attribute: str, value: str = "") -> Setting:
        """A setting with its path as text and its place."""
        return Setting(path_text(path), attribute, value, self.at(path))
