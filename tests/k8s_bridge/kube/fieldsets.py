"""Server-side apply for the double: which manager has set which field.

After the API's own rules: maps are merged key by key, some lists by the keys of their
items, all else is one value. A path is a tuple of ``f:name`` and ``k:{...}``.
"""

import copy
import json
from collections.abc import Iterator

Path = tuple[str, ...]

# The end of the path of field names, and the keys of its items.
_KEYS = (
    (("containers", "ports"), ("containerPort", "protocol")),
    (("initContainers", "ports"), ("containerPort", "protocol")),
    (("containers",), ("name",)),
    (("initContainers",), ("name",)),
    (("env",), ("name",)),
    (("volumes",), ("name",)),
    (("imagePullSecrets",), ("name",)),
    (("volumeMounts",), ("mountPath",)),
    (("volumeDevices",), ("devicePath",)),
    (("hostAliases",), ("ip",)),
    (("conditions",), ("type",)),
    (("ownerReferences",), ("uid",)),
    (("topologySpreadConstraints",), ("topologyKey", "whenUnsatisfiable")),
)
_ONE_VALUE = {
    "configMapKeyRef",
    "fieldRef",
    "labelSelector",
    "namespaceSelector",
    "nodeSelector",
    "podSelector",
    "resourceFieldRef",
    "secretKeyRef",
    "selector",
}
_NAMES = ({"apiVersion", "kind"}, {"name", "namespace", "managedFields", "uid"})


def _keys(kind: str, names: Path) -> tuple[str, ...] | None:
    if kind == "Service" and names == ("spec", "ports"):
        return ("port", "protocol")
    return next((k for end, k in _KEYS if names[-len(end) :] == end), None)


def _is_map(value: object, names: Path) -> bool:
    return isinstance(value, dict) and (not names or names[-1] not in _ONE_VALUE)


def _item(item: dict, keys: tuple[str, ...]) -> str:
    known = {"protocol": "TCP"} | item
    chosen = {key: known[key] for key in keys if key in known}
    return "k:" + json.dumps(chosen, separators=(",", ":"), sort_keys=True)


def _parts(
    kind: str, value: object, names: Path
) -> list[tuple[str, Path, object]] | None:
    """The step, the names below, and the value of each part; None for one value."""
    if _is_map(value, names):
        return [(f"f:{key}", (*names, key), part) for key, part in value.items()]
    keys = _keys(kind, names)
    if keys and isinstance(value, list):
        return [(_item(part, keys), names, part) for part in value]
    return None


def leaves(manifest: dict) -> dict[Path, object]:
    """Each field that a manifest sets, and its value."""
    kind = manifest["kind"]
    shown = {k: v for k, v in manifest.items() if k not in _NAMES[0]}
    metadata = {k: v for k, v in manifest["metadata"].items() if k not in _NAMES[1]}
    return dict(_leaves(kind, {**shown, "metadata": metadata}, (), ()))


def _leaves(
    kind: str, value: object, names: Path, path: Path
) -> Iterator[tuple[Path, object]]:
    parts = _parts(kind, value, names)
    if not parts:
        if path and path != ("f:metadata",):
            yield path, value
        return
    for step, below, part in parts:
        yield from _leaves(kind, part, below, (*path, step))


def merged(live: dict, applied: dict) -> dict:
    """The live object with all that is applied."""
    return _merged(applied["kind"], live, applied, ())


def _merged(kind: str, live: object, applied: object, names: Path) -> object:
    if _is_map(applied, names) and isinstance(live, dict):
        result = dict(live)
        for key, part in applied.items():
            below = (*names, key)
            result[key] = _merged(kind, live.get(key), part, below)
        return result
    keys = _keys(kind, names)
    if keys and isinstance(applied, list) and isinstance(live, list):
        known = {_item(part, keys): part for part in live}
        for part in applied:
            step = _item(part, keys)
            known[step] = _merged(kind, known.get(step), part, names)
        return list(known.values())
    return copy.deepcopy(applied)


def without(
    kind: str,
    live: object,
    path: Path,
    names: Path = (),
    keys: frozenset[str] = frozenset(),
) -> object:
    """The live object without the field at that path, and what it leaves empty.

    What an item is known by goes only when nothing else of it is left.
    """
    parts = _parts(kind, live, names)
    if parts is None:
        return live
    kept = []
    for step, below, part in parts:
        if step != path[0] or (len(path) == 1 and step[2:] in keys):
            kept.append((step, part))
        elif len(path) > 1:
            known = frozenset(json.loads(step[2:])) if step[0] == "k" else frozenset()
            rest = without(kind, part, path[1:], below, known)
            if rest not in (None, {}, []) and not _only_keys(step, rest):
                kept.append((step, rest))
    if isinstance(live, dict):
        return {step[2:]: part for step, part in kept}
    return [part for _, part in kept]


def _only_keys(step: str, rest: object) -> bool:
    if step[0] != "k":
        return False
    return isinstance(rest, dict) and set(rest) <= set(json.loads(step[2:]))


def as_fields(paths: set[Path]) -> dict:
    """The nested form in managedFields."""
    result: dict = {}
    for path in sorted(paths):
        place = result
        for step in path:
            place = place.setdefault(step, {})
    return result


def from_fields(fields: dict, path: Path = ()) -> set[Path]:
    """The paths of the nested form."""
    found = set()
    for step, below in fields.items():
        found |= from_fields(below, (*path, step)) if below else {(*path, step)}
    return found


def dotted(path: Path) -> str:
    """The path as the API's texts have it: ``.spec.containers[name="web"].image``."""
    text = ""
    for step in path:
        if step[0] == "f":
            text += f".{step[2:]}"
        else:
            keys = json.loads(step[2:])
            text += (
                "[" + ",".join(f"{k}={json.dumps(v)}" for k, v in keys.items()) + "]"
            )
    return text
