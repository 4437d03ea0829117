"""Entries of lists that mean the same thing, of which the last one counts.

```
 volumes   by the path in the container        environment, labels ...  by the name
 ports     by all four parts                   secrets, configs         by the target
 devices   by the path in the container        env_file                 by the path
```

Invariants: the entry that counts stands where the first one stood; what is in the lists
that are not named here is left as it is.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeAlias

from k8s_bridge.compose.document import Tree
from k8s_bridge.compose.places import NOWHERE, Mark, Path, Places, nearest
from k8s_bridge.compose.refusing import refusal
from k8s_bridge.compose.scalars import Value

__all__ = ["unique"]

_Key: TypeAlias = Callable[[Value], Hashable]
_Rules: TypeAlias = "dict[str, Any]"  # steps of a path; "" holds the key of entries


class _Unknown(ValueError):
    """An entry that has no key: what is wrong with it, and what would be right."""


def unique(tree: Tree) -> Tree:
    """A tree in which each of these lists says a thing once; O(size).

    Raises:
        InvalidParameter: an entry does not say what it is about.

    >>> unique(Tree({"services": {"a": {"environment": ["A=1", "B", "A=2"]}}})).value
    {'services': {'a': {'environment': ['A=2', 'B']}}}
    """
    mark = tree.places.mark if isinstance(tree.places, Places) else NOWHERE
    value, mark = _unique(tree.value, mark, _RULES, (), tree)
    return Tree(value, Places(mark))


def _unique(
    value: Value, mark: Mark, rules: _Rules, path: Path, tree: Tree
) -> tuple[Value, Mark]:
    if isinstance(value, list):
        key = rules.get("")
        return (value, mark) if key is None else _once(value, mark, key, path, tree)
    if not isinstance(value, dict):
        return value, mark
    changed: dict[str, Value] = {}
    marks: dict[str | int, Mark] = {}
    for name, item in value.items():
        below = rules.get(name) or rules.get("*")
        if below is None or not isinstance(item, (dict, list)):
            continue
        old = mark[1].get(name, NOWHERE)
        new, moved = _unique(item, old, below, (*path, name), tree)
        if new is not item:
            changed[name], marks[name] = new, moved
    if not changed:
        return value, mark
    return {**value, **changed}, (mark[0], {**mark[1], **marks})


def _once(
    value: list[Value], mark: Mark, key: _Key, path: Path, tree: Tree
) -> tuple[Value, Mark]:
    kept: dict[Hashable, int] = {}
    for number, entry in enumerate(value):
        try:
            name = key(entry)
        except _Unknown as unknown:
            text, remedy = unknown.args
            raise refusal(
                nearest(tree.places, (*path, number)),
                f"{'.'.join(map(str, path))}.[{number}]: {text}",
                rule="each entry of this list is about one thing",
                remedy=remedy,
            ) from None
        kept[name] = number
    if len(kept) == len(value):
        return value, mark
    inside: dict[str | int, Mark] = {
        step: part for step, part in mark[1].items() if isinstance(step, str)
    }
    for at, number in enumerate(kept.values()):
        inside[at] = mark[1].get(number, (mark[0], {}))
    return [value[number] for number in kept.values()], (mark[0], inside)


def _name(entry: Value) -> Hashable:
    if not isinstance(entry, str):
        raise _Unknown(
            f"unexpected type {type(entry).__name__}", "put the entry in quotes"
        )
    return entry.partition("=")[0]


def _volume(entry: Value) -> Hashable:
    if isinstance(entry, dict):
        return _target(entry, "volume")
    return _container_path(entry) if isinstance(entry, str) else ""


def _target(entry: dict[str, Value], kind: str) -> str:
    target = entry.get("target")
    if not isinstance(target, str):
        raise _Unknown(
            f"service {kind} is missing a mount target", "add target: /path to it"
        )
    return target


def _container_path(text: str) -> str:
    """The second part of ``source:target``; a letter before a colon is a drive."""
    parts: list[str] = []
    for part in text.split(":"):
        if parts and len(parts[-1]) == 1 and parts[-1].isalpha():
            parts[-1] += ":" + part
        else:
            parts.append(part)
    return parts[0] if len(parts) == 1 or len(text) <= 2 else parts[1]


def _device(entry: Value) -> Hashable:
    if isinstance(entry, dict):
        return _target(entry, "device")
    parts = entry.split(":") if isinstance(entry, str) else [""]
    return parts[0] if len(parts) == 1 else parts[1]


def _exposed(entry: Value) -> Hashable:
    if isinstance(entry, bool) or not isinstance(entry, (str, int)):
        raise _Unknown("unsupported expose value", "write a port, such as 80/tcp")
    return str(entry)


def _mounted(folder: str) -> _Key:
    def key(entry: Value) -> Hashable:
        if isinstance(entry, str):
            return f"{folder}/{entry}"
        if not isinstance(entry, dict):
            raise _Unknown("unsupported value", "write a name, or source: and target:")
        target = entry.get("target")
        return str(target) if "target" in entry else f"{folder}/{entry.get('source')}"

    return key


def _port(entry: Value) -> Hashable:
    if not isinstance(entry, dict):
        return str(entry) if isinstance(entry, (str, int)) else ""
    if "target" not in entry:
        raise _Unknown("service ports is missing a target port", "add target: 80 to it")
    return (
        str(entry.get("host_ip", "0.0.0.0")),  # noqa: S104  # compares
        repr(entry.get("published")),
        str(entry["target"]),
        str(entry.get("protocol", "tcp")),
    )


def _env_file(entry: Value) -> Hashable:
    if isinstance(entry, dict):
        path = entry.get("path")
        if not isinstance(path, str):
            raise _Unknown("environment path attribute is missing", "add path: to it")
        return path
    return entry if isinstance(entry, str) else ""


def _rules() -> _Rules:
    """The lists whose entries have a key, as a tree of paths."""
    tree: _Rules = {}

    def enter(key: _Key, paths: str) -> None:
        for path in paths.split():
            node = tree
            for step in path.split("."):
                node = node.setdefault(step, {})
            node[""] = key

    enter(_name, "networks.*.labels networks.*.ipam.options services.*.deploy.labels")
    for of in ("services.*.", "jobs.*."):
        for attribute in (
            "annotations build.args build.additional_contexts build.platform "
            "build.tags build.labels cap_add cap_drop dns dns_opt dns_search "
            "environment labels links networks.*.aliases networks.*.link_local_ips "
            "profiles sysctls tmpfs"
        ).split():
            enter(_name, of + attribute)
        enter(_volume, of + "volumes")
        enter(_device, of + "devices")
        enter(_exposed, of + "expose")
        enter(_port, of + "ports")
        enter(_env_file, of + "env_file")
        enter(_mounted("/run/secrets"), of + "secrets")
        enter(_mounted(""), of + "configs")
    return tree


_RULES = _rules()
