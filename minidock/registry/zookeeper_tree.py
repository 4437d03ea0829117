"""Reading what is below a node: a level at a time, and a level in one go.

```
/site            children ──▶ a  b=  c          asked all at once, answered in order
/site/a  /site/c children ──▶ d=
b=  d=           values                         in pages, so that nothing piles up
```

Cost: a round trip for each level and for each page of values, not for each node.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from minidock.registry.store import Entry
from minidock.registry.zookeeper_client import Keeper
from minidock.registry.zookeeper_paths import decode

if TYPE_CHECKING:
    from kazoo.client import KazooClient

__all__ = ["Tree", "read_entry", "read_tree", "read_values"]

_PAGE = 1000
"""How many values are asked for before the first of them is taken."""

Told = Callable[[Any], None]
"""Hears of one change of a node, from kazoo."""


@dataclass(slots=True)
class Tree:
    """What stands below some directories.

    Invariant: a directory that is not there is not in it.
    """

    directories: dict[str, int] = field(default_factory=dict)
    """Each with the moment at which something in it was last made or removed."""
    leaves: dict[str, str] = field(default_factory=dict)
    """The nodes with values, and their keys."""
    empty: list[str] = field(default_factory=list)
    """Directories with nothing in them."""


def read_tree(
    keeper: Keeper,
    client: "KazooClient",
    tops: Iterable[tuple[str, str]],
    told: Told | None = None,
    known: Iterable[str] = (),
) -> Tree:
    """The directories and leaves below some directories, which are read as well.

    Args:
        keeper: gives the answers.
        client: is asked.
        tops: nodes, each with the path that it stands for.
        told: hears of the next change of each directory.
        known: directories that need not be read but for themselves.

    Raises:
        Lost: the connection broke.
        Unavailable: no answer in time.
    """
    from kazoo.exceptions import NoNodeError  # noqa: PLC0415 - an extra

    tree = Tree()
    passed = set(known)
    level = list(tops)
    while level:
        asked = [
            (path, key, client.get_children_async(path, told, include_data=True))
            for path, key in level
        ]
        level = []
        for path, key, reply in asked:
            try:
                names, stat = keeper.answer(reply, monotonic() + keeper.timeout)
            except NoNodeError:
                continue
            tree.directories[path] = stat.pzxid
            if not names:
                tree.empty.append(path)
            below = "" if path == "/" else path
            above = f"{key}/" if key else ""
            for name in names:
                value = name.endswith("=")
                part = decode(name[:-1] if value else name)
                if part is None:
                    continue
                if value:
                    tree.leaves[f"{below}/{name}"] = above + part
                elif (place := f"{below}/{name}") not in passed:
                    level.append((place, above + part))
    return tree


def read_values(
    keeper: Keeper, client: "KazooClient", leaves: Sequence[str], told: Told | None
) -> dict[str, tuple[bytes, Any]]:
    """The values of nodes, each with kazoo's ``ZnodeStat``; those that are there.

    Raises:
        Lost: the connection broke.
        Unavailable: no answer in time.
    """
    from kazoo.exceptions import NoNodeError  # noqa: PLC0415 - an extra

    found: dict[str, tuple[bytes, Any]] = {}
    for start in range(0, len(leaves), _PAGE):
        asked = [
            (path, client.get_async(path, told))
            for path in leaves[start : start + _PAGE]
        ]
        for path, reply in asked:
            try:
                found[path] = keeper.answer(reply, monotonic() + keeper.timeout)
            except NoNodeError:
                continue
    return found


def read_entry(keeper: Keeper, key: str, data: bytes | None, version: int) -> Entry:
    """The entry that a node holds.

    Raises:
        Unavailable: it is no text.
    """
    try:
        return Entry((data or b"").decode(), version)
    except UnicodeDecodeError as error:
        raise keeper.unavailable(
            f"the value of {key} is no text, so another program wrote it"
        ) from error
