"""The files of a bundle as values: a name, the bytes, and who may read them.

```
 shop/compose.yaml       0644
 shop/docker.sh          0755
 shop/secrets/db.env     0600      in a folder that only its owner may enter
```

Invariant: no part of a name can lead out of the folder that the bundle is written to.
"""

import json
import re
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["File", "as_json", "safe_names", "script", "secret", "text"]


class File(NamedTuple):
    """What a file holds, and its mode."""

    data: bytes
    mode: int = 0o644


def text(content: str) -> File:
    """A file for everybody to read."""
    return File(content.encode("utf-8", "surrogateescape"))


def script(content: str) -> File:
    """A file to be run."""
    return File(content.encode("utf-8", "surrogateescape"), 0o755)


def secret(content: str) -> File:
    """A file for nobody else."""
    return File(content.encode("utf-8", "surrogateescape"), 0o600)


def as_json(value: object) -> File:
    """Plain data as a file, in the order that it has."""
    return text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def safe_names(wanted: Iterable[str]) -> dict[str, str]:
    """A file's name for each text, different for different texts.

    >>> safe_names(["shop", "../etc"])
    {'shop': 'shop', '../etc': 'etc'}
    >>> safe_names(["a/b", "a:b"])
    {'a/b': 'a-b', 'a:b': 'a-b-2'}
    """
    names: dict[str, str] = {}
    used: set[str] = set()
    for item in dict.fromkeys(wanted):
        plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", item).strip("-.") or "unnamed"
        name, turn = plain[:200], 1
        while name.lower() in used:
            turn += 1
            name = f"{plain[:190]}-{turn}"
        used.add(name.lower())
        names[item] = name
    return names
