"""Manifests as a Helm chart: templates, and the values that people change.

```
 manifests ─┬─▶ templates/web-deployment.yaml    replicas: {{ .Values.web.replicas }}
            ├─▶ values.yaml                      web: {replicas: 1, image: {...}, ...}
            └─▶ Chart.yaml
```

Values are images, replicas, environment, published ports and sizes of volumes.
Invariant: what ``helm template`` makes of the chart as it is are the manifests; text
that looks like a template is text there, too.
"""

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from k8s_bridge.containers import containers_of
from k8s_bridge.images import image_name
from k8s_bridge.manifests import Manifest
from k8s_bridge.outputs import to_document, to_files

__all__ = ["to_chart"]

_SCALED = ("Deployment", "StatefulSet")
_OBJECT_WORDS = ("env", "image", "ports", "replicas", "size")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MARK = "HELMVALUE{}X"
_FIND = re.compile(r"['\"]?HELMVALUE([0-9]+)X['\"]?")
_OPENING = re.compile(r"\{\{")


def to_chart(
    manifests: Iterable[Manifest], name: str = "app", version: str = "0.1.0"
) -> dict[str, str]:
    """A text for each file of the chart, by its path.

    >>> chart = to_chart([{"kind": "Pod", "metadata": {"name": "web"}}])
    >>> sorted(chart)
    ['Chart.yaml', 'templates/web-pod.yaml', 'values.yaml']
    """
    objects = [copy.deepcopy(manifest) for manifest in manifests]
    values = _Values(_keys(objects))
    for manifest in objects:
        _take_out(manifest, values)
    chart = {
        "apiVersion": "v2",
        "name": name,
        "description": f"{name}, translated from Docker",
        "type": "application",
        "version": version,
        "appVersion": "1.0",
    }
    files = {f"templates/{n}": t for n, t in to_files(objects).items()}
    return {
        "Chart.yaml": to_document(chart),
        "values.yaml": to_document(values.tree) if values.tree else "{}\n",
        **{path: values.put_in(text) for path, text in files.items()},
    }


@dataclass
class _Values:
    """The values that were taken out, and the expressions that stand for them."""

    keys: dict[str, str]
    tree: Manifest = field(default_factory=dict)
    expressions: list[str] = field(default_factory=list)

    def take(self, path: tuple[str, ...], value: object, how: str = "") -> str:
        """Notes a value; gives the mark to write in its place."""
        here: dict[str, object] = self.tree
        for key in path[:-1]:
            inner = here.setdefault(key, {})
            assert isinstance(inner, dict)  # noqa: S101  # nothing else is put there
            here = inner
        here[path[-1]] = value
        return self.mark("{{ " + _reference(path) + how + " }}")

    def mark(self, expression: str) -> str:
        """A mark that an expression takes the place of."""
        self.expressions.append(expression)
        return _MARK.format(len(self.expressions) - 1)

    def put_in(self, text: str) -> str:
        """The text with its marks replaced, and what looks like a template kept."""
        literal = _OPENING.sub('{{ "{{" }}', text)
        return _FIND.sub(lambda found: self.expressions[int(found[1])], literal)


def _reference(path: tuple[str, ...]) -> str:
    """How a template names a value; a key that is no word needs ``index``."""
    plain = [key for key in path if _PLAIN.fullmatch(key)]
    if len(plain) == len(path):
        return ".Values." + ".".join(path)
    words = " ".join(f'"{key}"' for key in path)
    return f"index .Values {words}"


def _keys(manifests: Iterable[Manifest]) -> dict[str, str]:
    """A word for each name: ``my-app`` is ``myApp`` in the values."""
    names = dict.fromkeys(_name(manifest) for manifest in manifests)
    wanted = {name: _camel(name) for name in names}
    taken: set[str] = set()
    keys = {}
    for name, word in wanted.items():
        keys[name] = word if word not in taken else name
        taken.add(keys[name])
    return keys


def _camel(name: str) -> str:
    first, *rest = re.split(r"[-.]", name)
    word = first + "".join(part.capitalize() for part in rest)
    return word if _PLAIN.fullmatch(word) else name


def _name(manifest: Manifest) -> str:
    metadata = manifest.get("metadata")
    return str(metadata["name"]) if isinstance(metadata, dict) else "object"


def _take_out(manifest: Manifest, values: _Values) -> None:
    key = values.keys[_name(manifest)]
    spec = manifest.get("spec")
    if not isinstance(spec, dict):
        return
    if manifest.get("kind") in _SCALED and isinstance(spec.get("replicas"), int):
        spec["replicas"] = values.take((key, "replicas"), spec["replicas"])
    if manifest.get("kind") == "PersistentVolumeClaim":
        _claim(spec, key, values)
    if manifest.get("kind") == "Service" and spec.get("type"):
        _ports(spec, key, values)
    containers = list(containers_of(manifest))
    for container in containers:
        own = len(containers) == 1 or container["name"] == _name(manifest)
        path = (key,) if own else (key, _inner_key(str(container["name"])))
        _container(container, path, values)


def _claim(spec: dict[str, object], key: str, values: _Values) -> None:
    resources = spec.get("resources")
    requests = resources.get("requests") if isinstance(resources, dict) else None
    if isinstance(requests, dict) and "storage" in requests:
        size = requests["storage"]
        requests["storage"] = values.take((key, "size"), size, " | quote")


def _ports(spec: dict[str, object], key: str, values: _Values) -> None:
    ports = spec.get("ports")
    for port in ports if isinstance(ports, list) else ():
        name = str(port.get("name") or f"port{port['port']}")
        port["port"] = values.take((key, "ports", name), port["port"])


def _inner_key(name: str) -> str:
    """A container's word among those of its object."""
    word = _camel(name)
    return f"{word}Container" if word in _OBJECT_WORDS else word


def _container(
    container: dict[str, object], path: tuple[str, ...], values: _Values
) -> None:
    if container.get("image"):
        container["image"] = _image(str(container["image"]), path, values)
    env = container.get("env")
    for variable in env if isinstance(env, list) else ():
        if isinstance(variable.get("value"), str):
            name, value = str(variable["name"]), variable["value"]
            if not set(name) & set('"\\'):
                where = (*path, "env", name)
                variable["value"] = values.take(where, value, " | quote")


def _image(text: str, path: tuple[str, ...], values: _Values) -> str:
    """``"{{ repository }}:{{ tag }}"``, as people are used to."""
    name = image_name(text)
    parts = list(_image_parts(name._asdict(), (*path, "image"), values))
    return values.mark('"' + "".join(parts) + '"')


def _image_parts(
    name: dict[str, str], path: tuple[str, ...], values: _Values
) -> Iterator[str]:
    before = {"repository": "", "tag": ":", "digest": "@"}
    for part, text in name.items():
        if text:
            values.take((*path, part), text)
            yield before[part] + values.expressions.pop()
