"""One Compose file over another: what each attribute does with two values.

```
 attribute                             base         override       result
 command, entrypoint, healthcheck.test replace      ["a"]  ["b"]   ["b"]
 environment, labels, args, sysctls    by name      A=1    A=2 B   A=2, B
 dns, env_file, tmpfs, extra_hosts     append       x      y       x, y
 networks, depends_on, models          as mappings  [x]    {y: }   {x: , y: }
 logging                               by driver    same: mapping; other: replace
 ports, volumes, any other list        append       [x]    [x, y]  [x, y]
 any other mapping                     key by key
 anything else                         replace; an override that is null changes nothing
```

The base is in its canonical form already, the override as it was written; that is also
docker compose's order, and why both forms are understood here. Entries that mean the
same thing, such as two mounts on one path, are settled by
:mod:`~k8s_bridge.compose.unicity` afterwards.

Invariants: neither side is changed; every part of the result keeps its own place.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeAlias

from k8s_bridge.compose.document import Tree
from k8s_bridge.compose.places import NOWHERE, Mark, Path, Places
from k8s_bridge.compose.refusing import refusal
from k8s_bridge.compose.scalars import Value, printed
from minidock.errors import Exhausted, Refusal

__all__ = ["dropped", "merged"]

Node: TypeAlias = tuple[Value, Mark]  # a value, and where it was written
_Rule: TypeAlias = Callable[[Node, Node, "_Where"], Node]
_Rules: TypeAlias = "dict[str, Any]"  # steps of a path; "" holds the rule of a node
_Steps: TypeAlias = "dict[str | int, _Steps]"  # paths, as a tree; "" ends one
_NONE: _Rules = {}
_POOLS = 10_000  # comparisons of address pools, of which each pair is compared
_LISTS = frozenset("environment labels annotations sysctls args extra_hosts".split())


class _Where:
    """A path on the way down: its names, and the rules that hold below it."""

    __slots__ = ("names", "rules")

    def __init__(self, names: tuple[str, ...], rules: _Rules) -> None:
        self.names = names
        self.rules = rules

    def next(self, name: str) -> "_Where":
        rules: _Rules = self.rules.get(name) or self.rules.get("*") or _NONE
        return _Where((*self.names, name), rules)

    def __str__(self) -> str:
        return ".".join(self.names)


def merged(base: Tree, override: Tree, path: tuple[str, ...] = ()) -> Tree:
    """What two files say together; O(size). ``path`` is where both trees belong.

    Raises:
        InvalidParameter: one says a mapping or a list, the other something else.

    >>> base = Tree({"services": {"web": {"image": "a", "dns": "1.1.1.1"}}})
    >>> override = Tree({"services": {"web": {"image": "b", "dns": ["9.9.9.9"]}}})
    >>> merged(base, override).value
    {'services': {'web': {'image': 'b', 'dns': ['1.1.1.1', '9.9.9.9']}}}
    >>> merged(base, Tree({"services": {"web": "no"}}))
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: cannot override services.web
    """
    where = _Where((), _RULES)
    for name in path:
        where = where.next(name)
    value, mark = _merge(_node(base), _node(override), where)
    return Tree(value, Places(mark))


def dropped(tree: Tree, resets: Iterable[Path]) -> Tree:
    """A tree without what ``!reset`` and ``!override`` of a later file take away.

    >>> tree = Tree({"services": {"web": {"image": "a", "ports": ["80"]}}})
    >>> dropped(tree, [("services", "web", "ports")]).value
    {'services': {'web': {'image': 'a'}}}
    """
    value, mark = _node(tree)
    tree_of_paths: _Steps = {}
    for path in resets:
        steps = tree_of_paths
        for step in path:
            steps = steps.setdefault(step, {})
        steps[""] = {}
    return Tree(_without((value, mark), tree_of_paths), Places(mark))


def _without(node: Node, paths: _Steps, attribute: str = "") -> Value:
    value, mark = node
    if not isinstance(value, dict) or (attribute in _LISTS and 0 in mark[1]):
        return value  # what was written as a list stays one for Docker until later
    left: dict[str, Value] = {}
    for key, item in value.items():
        below = paths.get(key) if key else None
        if below is None:
            left[key] = item
        elif "" not in below:
            left[key] = _without((item, _within(node, key)), below, key)
    return left if paths.keys() & value.keys() else value


def _node(tree: Tree) -> Node:
    return tree.value, tree.places.mark if isinstance(tree.places, Places) else NOWHERE


def _within(node: Node, key: str | int) -> Mark:
    """The mark of a part, or of the whole where the part has none."""
    place, inside = node[1]
    return inside.get(key, (place, {}))


def _merge(base: Node, override: Node, where: _Where) -> Node:
    rule: _Rule | None = where.rules.get("")
    if rule is not None:
        return rule(base, override, where)
    if override[0] is None:
        return base
    if isinstance(base[0], dict):
        if not isinstance(override[0], dict):
            raise _clash(override, where)
        return _mappings(base, override, where)
    if isinstance(base[0], list):
        if not isinstance(override[0], list):
            raise _clash(override, where)
        return _appended(base, override, where)
    return override


def _clash(override: Node, where: _Where) -> Refusal:
    return refusal(
        override[1][0],
        f"cannot override {where}",
        rule="a mapping is merged with a mapping, and a list with a list",
        remedy=f"write {where} in the same form in both files, or put !override "
        "before the later one",
    )


def _mappings(base: Node, override: Node, where: _Where) -> Node:
    """Key by key."""
    ours, theirs = base[0], override[0]
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        raise _clash(override, where)
    value = dict(ours)
    inside = dict(base[1][1])
    for key, item in theirs.items():
        mark = _within(override, key)
        if key not in value:
            value[key], inside[key] = item, mark
        else:
            value[key], inside[key] = _merge(
                (value[key], _within(base, key)), (item, mark), where.next(key)
            )
    return value, (base[1][0] or override[1][0], inside)


def _listed(entries: Iterable[Node], base: Node, override: Node) -> Node:
    """A list of entries, each with its mark under its number and its name."""
    values: list[Value] = []
    inside: dict[str | int, Mark] = {}
    for value, mark in entries:
        if isinstance(value, str):
            inside[value.partition("=")[0]] = mark
        inside[len(values)] = mark
        values.append(value)
    return values, (base[1][0] or override[1][0], inside)


def _entries(node: Node) -> list[Node]:
    """A value as a list: mappings become ``KEY=value`` in the order of the alphabet."""
    value = node[0]
    if isinstance(value, list):
        return [(item, _within(node, at)) for at, item in enumerate(value)]
    if isinstance(value, str):
        return [(value, node[1])]
    if not isinstance(value, dict):
        return []
    found: list[tuple[str, Mark]] = []
    for key, item in value.items():
        mark = _within(node, key)
        if item is None:
            found.append((key, mark))
        elif isinstance(item, list):
            found += [(f"{key}={_shown(part)}", mark) for part in item]
        else:
            found.append((f"{key}={_shown(item)}", mark))
    return [(text, mark) for text, mark in sorted(found, key=lambda pair: pair[0])]


def _shown(value: Value) -> str:
    return str(value) if isinstance(value, (dict, list)) else printed(value)


def _identity(value: Value) -> Hashable:
    """What two values have in common that are equal and of the same types."""
    if isinstance(value, dict):
        return frozenset((key, _identity(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(map(_identity, value))
    return type(value).__name__, value


def _unrepeated(entries: Iterable[Node], known: list[Node]) -> list[Node]:
    """Known entries, then those that are not among them; O(1) each."""
    found = list(known)
    seen = {_identity(entry[0]) for entry in known}
    for entry in entries:
        identity = _identity(entry[0])
        if identity not in seen:
            seen.add(identity)
            found.append(entry)
    return found


def _appended(base: Node, override: Node, _where: _Where) -> Node:
    """Both lists, without entries that the base has already."""
    entries = _unrepeated(_entries(override), _entries(base))
    return _listed(entries, base, override)


def _by_name(base: Node, override: Node, where: _Where) -> Node:
    """``KEY=value`` lists, each key once: in its first place, with its last value."""
    found: dict[str, Node] = {}
    for value, mark in (*_entries(base), *_entries(override)):
        if not isinstance(value, str):
            raise refusal(
                mark[0],
                f"{where}: unexpected type {type(value).__name__}",
                rule="the entries of this list are KEY=value, or KEY alone",
                remedy="put the entry in quotes",
            )
        found[value.partition("=")[0]] = (value, mark)
    return _listed(found.values(), base, override)


def _replaced(_base: Node, override: Node, _where: _Where) -> Node:
    """The override alone."""
    return override


def _logging(base: Node, override: Node, where: _Where) -> Node:
    """Options are merged only while both speak of the same driver."""
    ours, theirs = base[0], override[0]
    if not isinstance(ours, dict) or not isinstance(theirs, dict):
        raise _clash(override, where)
    if "driver" in ours and "driver" in theirs and ours["driver"] != theirs["driver"]:
        return override
    return _mappings(base, override, where)


def _build(base: Node, override: Node, where: _Where) -> Node:
    """A text is the context."""
    return _mappings(_long_build(base), _long_build(override), where)


def _long_build(node: Node) -> Node:
    value = node[0]
    if isinstance(value, dict):
        return node
    if isinstance(value, str):
        return {"context": value}, (node[1][0], {"context": node[1]})
    return {}, node[1]


def _as_mappings(default: Value) -> _Rule:
    """Lists of names are mappings from these names to a default."""

    def rule(base: Node, override: Node, where: _Where) -> Node:
        return _mappings(
            _mapping(base, default, where), _mapping(override, default, where), where
        )

    return rule


def _mapping(node: Node, default: Value, where: _Where) -> Node:
    value = node[0]
    if value is None:
        return {}, node[1]
    if isinstance(value, dict):
        return node
    names = value if isinstance(value, list) else [value]
    found: dict[str, Value] = {}
    inside: dict[str | int, Mark] = {}
    for at, name in enumerate(names):
        if not isinstance(name, str):
            raise refusal(
                node[1][0],
                f"{where}: cannot use {type(name).__name__} as a mapping key",
                rule="this is a mapping, or a list of names",
                remedy="write names only, or a mapping",
            )
        found[name] = dict(default) if isinstance(default, dict) else default
        inside[name] = _within(node, at) if isinstance(value, list) else node[1]
    return found, (node[1][0], inside)


def _ulimit(base: Node, override: Node, where: _Where) -> Node:
    """Soft and hard limits are merged; a number replaces both."""
    if isinstance(base[0], dict) and isinstance(override[0], dict):
        return _mappings(base, override, where)
    return override


def _pools(base: Node, override: Node, where: _Where) -> Node:
    """Address pools belong together by their subnet.

    Docker compares each override with each base in turn, so that what it keeps
    depends on their order; that is reproduced here.
    """
    if not isinstance(base[0], list) or not isinstance(override[0], list):
        raise _clash(override, where)
    if len(base[0]) * len(override[0]) > _POOLS:
        raise refusal(
            override[1][0],
            f"too many address pools in {where}",
            rule=f"at most {_POOLS:,} pairs of pools of two files are compared",
            remedy="write the pools of a network into one file",
            category=Exhausted,
        )
    found: list[Node] = []
    for original in _entries(base):
        right = _mapping(original, None, where)
        for entry in _entries(override):
            left = _mapping(entry, None, where)
            if _subnet(left) != _subnet(right) and not any(
                _subnet(pool) == _subnet(left) for pool in found
            ):
                found.append(left)
                continue
            right = _mappings(right, left, where)
            same = [
                at for at, pool in enumerate(found) if _subnet(pool) == _subnet(right)
            ]
            if same:
                found[same[0]] = right
            else:
                found.append(right)
    return _listed(found, base, override)


def _subnet(node: Node) -> Value:
    return node[0].get("subnet") if isinstance(node[0], dict) else None


def _rules() -> _Rules:
    """The attributes that merge in a way of their own, as a tree of paths."""
    tree: _Rules = {}

    def enter(rule: _Rule, paths: str) -> None:
        for path in paths.split():
            node = tree
            for step in path.split("."):
                node = node.setdefault(step, {})
            node[""] = rule

    for kind in ("services", "jobs"):
        of = f"{kind}.*."

        def within(rule: _Rule, attributes: str, of: str = of) -> None:
            enter(rule, " ".join(of + attribute for attribute in attributes.split()))

        within(_replaced, "command entrypoint healthcheck.test")
        within(_by_name, "annotations environment labels sysctls")
        within(_by_name, "build.args build.additional_contexts build.labels")
        within(_by_name, "volumes.*.volume.labels")
        within(_appended, "build.extra_hosts dns dns_opt dns_search env_file")
        within(_appended, "extra_hosts label_file tmpfs")
        within(_as_mappings(None), "networks models")
        started: Value = {"condition": "service_started", "required": True}
        within(_as_mappings(started), "depends_on")
        within(_build, "build")
        within(_logging, "logging")
        within(_ulimit, "ulimits.*")
    enter(_by_name, "services.*.deploy.labels networks.*.labels volumes.*.labels")
    enter(_by_name, "secrets.*.labels configs.*.labels")
    enter(_pools, "networks.*.ipam.config")
    return tree


_RULES = _rules()
