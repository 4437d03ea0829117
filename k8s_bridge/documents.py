"""Manifests out of text: YAML of many documents, JSON, lists; within bounds.

```
 b"apiVersion: v1 ..." ─▶ documents ─▶ a List's items ─▶ [manifest, manifest, ...]
```

YAML is read as kubectl reads it: that of version 1.1 (``yes`` is a truth value), but
dates and ``53:53`` stay text, and ``1e3`` is a number. Invariants: a manifest is JSON
and has apiVersion, kind and a name; a key that stands twice is refused, and so is what
is nested too deeply or grows too large by its aliases.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import ClassVar

from k8s_bridge.manifests import Manifest
from minidock.errors import Exhausted, InvalidParameter, Refusal, Unclassified

__all__ = ["is_compose", "manifests_of", "values_of"]

_DEPTH = 100  # nesting; a CustomResourceDefinition needs some thirty
_VALUES = 1_000_000  # values of one file, each use of an alias counted
_INT = re.compile(r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
# A key of the outermost map stands at the beginning of its line.
_SERVICES = re.compile(
    rb"^(?:\xef\xbb\xbf)?[\"']?(?:services|include)[\"']?\s*:", re.MULTILINE
)
_KIND = re.compile(rb"^(?:\xef\xbb\xbf)?[\"']?kind[\"']?\s*:", re.MULTILINE)
_INT_TAG, _FLOAT_TAG = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
_BOOL = re.compile("[yYnN]")  # PyYAML leaves out what version 1.1 has
_BOOL_TAG = "tag:yaml.org,2002:bool"
_REPLACED = (_INT_TAG, _FLOAT_TAG, "tag:yaml.org,2002:timestamp")


def manifests_of(values: list[object], file: str) -> Iterator[Manifest]:
    """The manifests among the values of a file; what a List holds counts singly.

    >>> pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}}
    >>> list(manifests_of([None, {"kind": "List", "items": [pod]}], "x")) == [pod]
    True
    >>> list(manifests_of([{"kind": "Pod"}], "web.yaml"))
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: web.yaml: document 1 has no apiVersion
    """
    for number, value in enumerate(values, 1):
        if value is not None:
            yield from _manifests(value, f"{file}: document {number}")


def is_compose(data: bytes) -> bool:
    """Whether this text is a Compose file rather than manifests; O(size).

    >>> is_compose(b"services: {}"), is_compose(b"kind: Pod"), is_compose(b"{}")
    (True, False, False)
    """
    if data.lstrip().startswith(b"{"):
        value = (_json(data) or [None])[0]
        keys = set(value) if isinstance(value, dict) else set()
        return "kind" not in keys and bool(keys & {"services", "include"})
    return bool(_SERVICES.search(data)) and not _KIND.search(data)


def _manifests(value: object, place: str) -> Iterator[Manifest]:
    if not isinstance(value, dict):
        raise _no_manifest(f"{place} is no object", "a manifest is a map of fields")
    kind, items = value.get("kind"), value.get("items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
        for number, item in enumerate(items, 1):
            yield from _manifests(item, f"{place}, item {number}")
        return
    for key in ("apiVersion", "kind"):
        if not isinstance(value.get(key), str) or not value[key]:
            raise _no_manifest(f"{place} has no {key}", "apiVersion and kind say what")
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    if not isinstance(name, str) or not name:
        raise _no_manifest(f"{place} has no name", "metadata.name says which one")
    yield value


def values_of(data: bytes, file: str) -> list[object]:
    r"""The values of a file's documents; needs PyYAML for what is no JSON; O(size).

    Raises:
        InvalidParameter: it is neither YAML nor JSON, or not such as manifests are.
        Exhausted: it is too deep, or becomes too large.

    >>> values_of(b'{"a": [1]}', "x"), values_of(b"a: yes\n---\nb: 1:30", "x")
    ([{'a': [1]}], [{'a': True}, {'b': '1:30'}])
    >>> values_of(b"a: 1\na: 2", "web.yaml")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: web.yaml:2: the key 'a' stands twice
    """
    try:
        values = _json(data)
        if values is None:
            values = _yaml(data, file)
        _Bounds(file).look(values, 0)
    except RecursionError:
        raise _too_much(file, f"more than {_DEPTH} levels deep") from None
    return values


def _json(data: bytes) -> list[object] | None:
    """None where it is no JSON: then YAML, of which JSON is a part, has the word."""
    if not data.lstrip().startswith((b"{", b"[")):
        return None
    try:
        return [json.loads(data)]
    except ValueError:
        return None


def _yaml(data: bytes, file: str) -> list[object]:
    yaml, loader = _reader()
    try:
        depth = 0
        for event in yaml.parse(data, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEPTH:
                raise _too_much(file, f"more than {_DEPTH} levels deep")
        return list(yaml.load_all(data, Loader=loader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", error)
        raise InvalidParameter(
            f"{file}{line}: {problem}",
            asked=f"read {file}",
            rule="manifests are YAML or JSON",
            remedy="mind indentation (blanks, no tabs), closed quotes and brackets",
        ) from None


@cache
def _reader():  # type: ignore[no-untyped-def]  # noqa: ANN202  # PyYAML's types would be an import
    try:
        import yaml  # noqa: PLC0415  # optional, and JSON does without
    except ImportError as error:
        raise Unclassified(
            "PyYAML is not installed",
            asked="read manifests that are YAML",
            rule="YAML is read by the package 'PyYAML'",
            remedy="pip install 'minidock[k8s]', or give JSON",
        ) from error
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc, valid-type]  # the base is chosen above
        yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, object]]]] = {
            first: [(tag, rule) for tag, rule in rules if tag not in _REPLACED]
            for first, rules in base.yaml_implicit_resolvers.items()
        }

        bool_values: ClassVar[dict[str, bool]] = {
            **base.bool_values,
            "y": True,
            "n": False,
        }

        def construct_mapping(self, node: object, deep: bool = False) -> object:
            keys: set[object] = set()
            for key, _ in getattr(node, "value", ()):
                if key.tag == "tag:yaml.org,2002:merge":
                    continue
                if key.value in keys and isinstance(key.value, str):
                    problem = f"the key {key.value!r} stands twice"
                    raise yaml.constructor.ConstructorError(
                        None, None, problem, key.start_mark
                    )
                keys.add(key.value if isinstance(key.value, str) else id(key))
            return super().construct_mapping(node, deep=deep)

    for tag, rule, first in (
        (_INT_TAG, _INT, "-+0123456789"),
        (_FLOAT_TAG, _FLOAT, "-+0123456789."),
        (_BOOL_TAG, _BOOL, "yYnN"),
    ):
        whole = re.compile(f"^(?:{rule.pattern})$")
        Loader.add_implicit_resolver(tag, whole, list(first))
    return yaml, Loader


class _Bounds:
    """Refuses what is no JSON, and what is too deep or too large, aliases counted."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._sizes: dict[int, int] = {}

    def look(self, value: object, depth: int) -> int:
        """How many values this one has, itself counted."""
        if depth > _DEPTH + 1:
            raise _too_much(self._file, f"more than {_DEPTH} levels deep")
        if value is None or isinstance(value, (str, int, float)):
            return 1
        known = self._sizes.get(id(value))
        if known is not None:
            return known
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    raise self._no_json(f"the key {key!r} is no text")
            parts = list(value.values())
        elif isinstance(value, list):
            parts = value
        else:
            raise self._no_json(f"{type(value).__name__} is no JSON")
        size = 1 + sum(self.look(part, depth + 1) for part in parts)
        if size > _VALUES:
            raise _too_much(self._file, f"more than {_VALUES:,} values")
        self._sizes[id(value)] = size
        return size

    def _no_json(self, text: str) -> Refusal:
        return _no_manifest(
            f"{self._file}: {text}", "manifests hold what JSON can hold"
        )


def _no_manifest(text: str, rule: str) -> Refusal:
    return InvalidParameter(
        text,
        asked="read manifests",
        rule=rule,
        remedy="k8s-bridge convert and k8s-bridge run write such manifests",
    )


def _too_much(file: str, rule: str) -> Refusal:
    return Exhausted(
        f"{file} is too large",
        asked=f"read {file}",
        rule=f"it has {rule}",
        remedy="split it, and write aliases out",
    )
