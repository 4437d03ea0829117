"""A YAML file as plain values, with the line of each, and within bounds.

```
                      ┌─ value   {"services": {"web": {"image": "nginx"}}}
 compose.yaml ─▶ Tree ┤
                      └─ places  ("services", "web", "image") ─▶ "compose.yaml:3"
```

The YAML is that of docker compose: :mod:`~k8s_bridge.compose.scalars` says what a word
means, a key that stands twice is refused, ``<<`` merges, and ``!reset`` and
``!override`` mark a path whose value in earlier files is dropped.

Invariants: a tree holds dicts with text as keys, lists, text, numbers, truth values and
None; it may share parts with itself where the file has aliases, and so is never
changed. Aliases count as often as they are used: a small file cannot become a huge
value.
"""

from collections.abc import Mapping
from typing import NamedTuple

from k8s_bridge.compose.building import Builder
from k8s_bridge.compose.places import Path, Places
from k8s_bridge.compose.refusing import refusal
from k8s_bridge.compose.scalars import Value
from minidock.errors import Refusal

__all__ = ["Document", "Tree", "documents"]


class Tree(NamedTuple):
    """A value and where its parts were written."""

    value: Value
    places: Mapping[Path, str] = Places()


class Document(NamedTuple):
    """One YAML document; ``resets`` are the paths that ``!reset`` or ``!override``."""

    tree: Tree
    resets: tuple[Path, ...] = ()


def documents(data: bytes, file: str) -> tuple[Document, ...]:
    r"""The YAML documents of a file; O(size). ``file`` is its name in places.

    Raises:
        InvalidParameter: it is no YAML, or YAML that means nothing here.
        Exhausted: it is too deep, or becomes too large.

    >>> (document,) = documents(b"services: {web: {image: nginx, init: yes}}", "c.yaml")
    >>> document.tree.value
    {'services': {'web': {'image': 'nginx', 'init': 'yes'}}}
    >>> document.tree.places["services", "web"]
    'c.yaml:1'
    >>> documents(b"a: 1\na: 2", "c")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: c:2: mapping key "a" already defined at line 1
    """
    import yaml  # noqa: PLC0415  # one in four processes here never reads YAML

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(data)
    try:
        return tuple(
            Document(Tree(built.value, Places(built.mark)), built.resets)
            for built in Builder(file).documents(loader.get_event)
        )
    except yaml.YAMLError as error:
        raise _not_yaml(error, data, file) from None
    finally:
        loader.dispose()


def _not_yaml(error: Exception, data: bytes, file: str) -> Refusal:
    mark = getattr(error, "problem_mark", None)
    at = getattr(error, "position", None)
    line = 1
    if mark is not None:
        line = mark.line + 1
    elif isinstance(at, int):
        line = data.count(b"\n", 0, at) + 1
    problem = getattr(error, "problem", None) or getattr(error, "reason", None)
    return refusal(
        f"{file}:{line}",
        str(problem or error),
        rule="a Compose file is YAML",
        remedy="mind indentation (blanks, no tabs), closed quotes and brackets, UTF-8",
    )
