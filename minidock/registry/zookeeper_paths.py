"""Where a key stands in ZooKeeper's tree.

```
key   docker/network/v1.0/network/4f5e
node /docker/network/v1.0/network/4f5e=        the value; a leaf, always
     /docker/network/v1.0/network              a directory; it has no value, ever
     /=guards/a7                               see zookeeper.py
```

A node with a value has ``=`` at its end, where libnetwork's keys have a slash, which no
node may have. So a key may have keys below it and be under a lease all the same, though
ZooKeeper's ephemeral nodes have no children; and no key is mistaken for a directory.

What a node's name may not hold is percent-encoded (``%``, ``=``, control characters,
``.`` and ``..``, characters beyond 16 bits, and ``zookeeper``, which is the server's).

Invariants: ``key_of`` undoes ``leaf``; names that ``encode`` does not make are not of
the registry, and no key is found there.
"""

import re
from urllib.parse import quote, unquote
from zlib import crc32

__all__ = ["GUARDS", "Paths", "decode", "encode"]

GUARDS = 256
"""How many guards there are."""

_REFUSED = re.compile("[%=\x00-\x1f]|[^\x20-\x7e\xa0-\ud7ff]")
_WHOLE = {".": "%2E", "..": "%2E.", "zookeeper": "%7Aookeeper"}


def encode(part: str) -> str:
    """The node's name for one part of a key.

    >>> encode("plus+equals="), encode(".."), encode("10.0.0.0")
    ('plus+equals%3D', '%2E.', '10.0.0.0')
    """
    if part in _WHOLE:
        return _WHOLE[part]
    return _REFUSED.sub(lambda found: quote(found[0], safe=""), part)


def decode(name: str) -> str | None:
    """The part of a key that a node's name stands for; None if it is none.

    >>> decode("plus+equals%3D"), decode("zookeeper"), decode("=guards")
    ('plus+equals=', None, None)
    """
    if "%" not in name and not _REFUSED.search(name) and name not in _WHOLE:
        return name
    try:
        part = unquote(name, errors="strict")
    except UnicodeDecodeError:
        return None
    return part if encode(part) == name else None


class Paths:
    """The nodes of a registry below a path of its own.

    >>> paths = Paths("site")
    >>> paths.leaf("a/b"), paths.directory("a"), paths.directory("")
    ('/site/a/b=', '/site/a', '/site')
    >>> paths.key_of("/site/a/b=")
    'a/b'
    """

    def __init__(self, prefix: str) -> None:
        parts = [part for part in prefix.split("/") if part]
        self.root = "".join(f"/{encode(part)}" for part in parts)

    def directory(self, prefix: str) -> str:
        """The node below which everything of a path is."""
        parts = prefix.split("/") if prefix else []
        return self.root + "".join(f"/{encode(part)}" for part in parts) or "/"

    def leaf(self, key: str) -> str:
        """The node of a key's value."""
        return f"{self.directory(key)}="

    def key_of(self, leaf: str) -> str | None:
        """The key whose value a node has; None if it is not of the registry."""
        parts = [decode(name) for name in leaf[len(self.root) + 1 : -1].split("/")]
        return None if None in parts else "/".join(str(part) for part in parts)

    def guard(self, key: str) -> str:
        """The node that counts how often keys such as this one were made."""
        return f"{self.root}/=guards/{crc32(key.encode()) % GUARDS:02x}"

    @staticmethod
    def parents(path: str) -> list[str]:
        """Every node above one, from the top on, without ``/``."""
        places = [place for place, sign in enumerate(path) if sign == "/" and place]
        return [path[:place] for place in places]
