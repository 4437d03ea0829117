"""What an API server refuses in a container of a pod.

```
 env, envFrom      a name, and either a value or where it comes from
 ports             names of at most 15 characters, each number once
 volumeMounts      one for each path, of a volume that is there
 probes            one way to ask, at least once a second
```

Invariant: yields nothing for what kube-apiserver 1.36 accepts without a warning.
"""

import re
from collections.abc import Iterator, Sequence

from k8s_bridge.check_rules import (
    amount,
    different,
    is_data_key,
    is_port_name,
    items,
    one_of,
    protocol,
    quantity,
    readable,
    whole,
)
from k8s_bridge.names import is_dns_label
from minidock.model.document import Document
from minidock.net.address import Address

__all__ = ["container"]

_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_FIELD_PATH = re.compile(
    r"metadata\.(name|namespace|uid|labels|annotations)"
    r"|metadata\.(labels|annotations)\[.+\]"
    r"|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?)"
)
_PULL = ("Always", "IfNotPresent", "Never")


def container(where: str, container: Document, volumes: Sequence[str]) -> Iterator[str]:
    """What is refused in a container; ``volumes`` are the names in its pod."""
    name = container.text("name")
    where = f"{where}[{name}]"
    if not is_dns_label(name):
        yield f"{where}: bad name"
    yield from _image(where, container)
    for key in ("command", "args"):
        words = container.get(key)
        if words is not None and not _are_texts(words):
            yield f"{where}.{key}: not a list of texts"
    yield from _environment(where, container)
    yield from _ports(where, container)
    yield from _mounts(where, container, volumes)
    yield from _resources(where, container.document("resources"))
    for key in _PROBES:
        if key in container:
            yield from _probe(f"{where}.{key}", key, container.document(key))
    lifecycle = container.document("lifecycle")
    for key in ("postStart", "preStop"):
        if key in lifecycle:
            yield from _handler(f"{where}.lifecycle.{key}", lifecycle.document(key))
    yield from _security(where, container.document("securityContext"))


def _are_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


def _image(where: str, container: Document) -> Iterator[str]:
    image = container.text("image")
    if not image or image != image.strip():
        yield f"{where}.image: missing or with spaces around it"
    repository = image.partition("@")[0].rpartition("/")
    path = repository[2].partition(":")[0]
    if path != path.lower():
        yield f"{where}.image: {image!r} has capitals, which no registry has"
    yield from one_of(where, container, "imagePullPolicy", _PULL)


def _environment(where: str, container: Document) -> Iterator[str]:
    variables = items(container, "env")
    yield from different(f"{where}.env", [v.text("name") for v in variables])
    for variable in variables:
        name = variable.text("name")
        if not name or "=" in name or not all(" " <= c <= "~" for c in name):
            yield f"{where}.env: bad name {name!r}"
        if "value" in variable and not isinstance(variable.get("value"), str):
            yield f"{where}.env: {name} is no text"
        if "valueFrom" in variable:
            if variable.text("value"):
                yield f"{where}.env: {name} has a value and a source"
            yield from _source(f"{where}.env: {name}", variable.document("valueFrom"))


def _source(where: str, source: Document) -> Iterator[str]:
    if len(source) != 1:
        yield f"{where} has {len(source)} sources"
    path = source.document("fieldRef").text("fieldPath")
    if "fieldRef" in source and not _FIELD_PATH.fullmatch(path):
        yield f"{where}: fieldPath {path!r}"
    for key in ("secretKeyRef", "configMapKeyRef"):
        if key in source and not is_data_key(source.document(key).text("key")):
            yield f"{where}: bad key {source.document(key).text('key')!r}"


def _ports(where: str, container: Document) -> Iterator[str]:
    ports = items(container, "ports")
    yield from different(f"{where}.ports: name", [p.text("name") for p in ports])
    inner = [
        f"{p.number('containerPort')}/{p.text('protocol') or 'TCP'}"
        for p in ports
        if "hostPort" not in p
    ]
    yield from different(f"{where}.ports", inner)
    for port in ports:
        for key in ("containerPort", "hostPort"):
            yield from whole(f"{where}.ports", port, key, 1, 65535)
        if "containerPort" not in port:
            yield f"{where}.ports: no containerPort"
        if port.text("name") and not is_port_name(port.text("name")):
            yield f"{where}.ports: bad name {port.text('name')!r}"
        yield from protocol(where, port)
        if port.text("hostIP") and not readable(Address.parse, port.text("hostIP")):
            yield f"{where}.ports: hostIP {port.text('hostIP')!r}"


def _mounts(where: str, container: Document, volumes: Sequence[str]) -> Iterator[str]:
    mounts = items(container, "volumeMounts")
    yield from different(f"{where}.volumeMounts", [m.text("mountPath") for m in mounts])
    privileged = container.document("securityContext").flag("privileged")
    for mount in mounts:
        path, sub = mount.text("mountPath"), mount.text("subPath")
        if not path.startswith("/") or ":" in path:
            yield f"{where}.volumeMounts: mountPath {path!r}"
        if sub.startswith("/") or ".." in sub.split("/"):
            yield f"{where}.volumeMounts: subPath {sub!r}"
        if mount.text("name") not in volumes:
            yield f"{where}.volumeMounts: no volume {mount.text('name')!r}"
        if mount.text("mountPropagation") == "Bidirectional" and not privileged:
            yield f"{where}.volumeMounts: Bidirectional needs a privileged container"


def _resources(where: str, resources: Document) -> Iterator[str]:
    limits, requests = resources.document("limits"), resources.document("requests")
    for kind, amounts in (("limits", limits), ("requests", requests)):
        for key in amounts:
            text = amounts.text(key)
            yield from quantity(f"{where}.resources.{kind}.{key}", text)
            if "/" in key and amount(text).denominator != 1:
                yield f"{where}.resources.{kind}.{key}: {text!r} is no whole number"
            if key == "memory" and text.endswith("m"):
                yield f"{where}.resources.{kind}.memory: {text!r} is less than a byte"
    for key in requests:
        if key in limits and amount(requests.text(key)) > amount(limits.text(key)):
            yield f"{where}.resources: request of {key} is above its limit"


def _probe(where: str, kind: str, probe: Document) -> Iterator[str]:
    yield from _handler(where, probe)
    for key in ("periodSeconds", "timeoutSeconds", "failureThreshold"):
        yield from whole(where, probe, key, 1)
    yield from whole(where, probe, "initialDelaySeconds")
    high = 2**31 - 1 if kind == "readinessProbe" else 1
    yield from whole(where, probe, "successThreshold", 1, high)


def _handler(where: str, handler: Document) -> Iterator[str]:
    """One way to ask or to act, and that one complete."""
    ways = [key for key in (*_HANDLERS, "sleep") if key in handler]
    if len(ways) != 1:
        yield f"{where}: {len(ways)} handlers"
    words = handler.document("exec").get("command")
    if "exec" in handler and (not words or not _are_texts(words)):
        yield f"{where}: no command"
    for key in ("httpGet", "tcpSocket", "grpc"):
        port = handler.document(key).get("port")
        good = is_port_name(port) if isinstance(port, str) else port in range(1, 65536)
        if key in handler and not good:
            yield f"{where}.{key}: port {port!r}"


def _security(where: str, context: Document) -> Iterator[str]:
    capabilities = context.document("capabilities")
    names = (*capabilities.texts("add"), *capabilities.texts("drop"))
    for name in names:
        if name.startswith("CAP_"):
            yield f"{where}.securityContext: capability {name} is never found"
    refused = context.flag("privileged") or "SYS_ADMIN" in capabilities.texts("add")
    if context.get("allowPrivilegeEscalation") is False and refused:
        yield f"{where}.securityContext: allowPrivilegeEscalation contradicts it"
    for key in ("runAsUser", "runAsGroup"):
        yield from whole(f"{where}.securityContext", context, key)
    types = ("RuntimeDefault", "Unconfined", "Localhost")
    for key in ("seccompProfile", "appArmorProfile"):
        profile = context.document(key)
        yield from one_of(f"{where}.securityContext.{key}", profile, "type", types)
        local = profile.text("type") == "Localhost"
        if local is not bool(profile.text("localhostProfile")):
            yield f"{where}.securityContext.{key}: localhostProfile goes with Localhost"
