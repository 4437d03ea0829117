"""One document in its long forms, so that two documents can be merged key by key.

```
 build: .                     ─▶ build: {context: .}
 ports: ["8080:80"]           ─▶ ports: [{target: 80, published: "8080", ...}]
 environment: [A=1, B]        ─▶ environment: {A: "1", B: null}
 depends_on: [db]             ─▶ depends_on: {db: {condition: service_started, ...}}
 networks: [front]            ─▶ networks: {front: null}
 external: {name: shared}     ─▶ external: true, name: shared
```

Invariants: the value that comes in is not changed; what has its long form already comes
out equal, so that doing it twice is doing it once. Units stay as they are written. The
document is one that :func:`~k8s_bridge.compose.schema.validate` lets pass; of one that
it would not, what does not fit is left alone.
"""

from collections.abc import Callable
from typing import TypeAlias

from k8s_bridge.compose import shortforms
from k8s_bridge.compose.scalars import Value
from minidock.errors import InvalidParameter

__all__ = ["canonical", "canonical_service"]

_Change: TypeAlias = Callable[[Value], Value]
_STARTED: Value = "service_started"


def canonical(value: Value) -> Value:
    """A document with every short form written out; linear in the document.

    Raises:
        InvalidParameter: a short form that cannot be read.

    >>> canonical({"services": {"web": {"image": "nginx", "dns": "::1"}}})
    {'services': {'web': {'image': 'nginx', 'dns': ['::1']}}}
    >>> canonical({"services": {"web": {"ports": ["80:"]}}})
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: no port specified: 80:<empty>
    """
    return _keyed(value, _DOCUMENT)


def canonical_service(value: Value) -> Value:
    """One service, or what runs before it, with every short form written out.

    >>> canonical_service({"environment": ["A=1", "B"]})
    {'environment': {'A': '1', 'B': None}}
    """
    return _keyed(value, _SERVICE)


def _keyed(value: Value, changes: dict[str, _Change]) -> Value:
    if not isinstance(value, dict):
        return value
    return {
        key: changes[key](item) if key in changes else item
        for key, item in value.items()
    }


def _within(changes: dict[str, _Change]) -> _Change:
    return lambda value: _keyed(value, changes)


def _each(change: _Change) -> _Change:
    def changed(value: Value) -> Value:
        if isinstance(value, dict):
            return {key: change(item) for key, item in value.items()}
        if isinstance(value, list):
            return [change(item) for item in value]
        return value

    return changed


def _texts(value: Value) -> Value:
    return [value] if isinstance(value, str) else value


def _pairs(value: Value) -> Value:
    """``KEY=value`` entries as a mapping; an entry without a value is None."""
    if not isinstance(value, list):
        return value
    pairs: dict[str, Value] = {}
    for entry in value:
        if type(entry) is not str:
            return value
        key, equals, text = entry.partition("=")
        pairs[key] = text if equals else None
    return pairs


def _names(value: Value) -> Value:
    return {str(name): None for name in value} if isinstance(value, list) else value


def _dependencies(value: Value) -> Value:
    if isinstance(value, list):
        return {str(name): {"condition": _STARTED, "required": True} for name in value}
    return _each(_with_required)(value)


def _with_required(value: Value) -> Value:
    if isinstance(value, dict) and "required" not in value:
        return {**value, "required": True}
    return value


def _env_files(value: Value) -> Value:
    files = _texts(value)
    if not isinstance(files, list):
        return files
    return [
        {"path": file, "required": True}
        if isinstance(file, str)
        else _with_required(file)
        for file in files
    ]


def _named(key: str) -> _Change:
    return lambda value: {key: value} if isinstance(value, str) else value


def _build(value: Value) -> Value:
    return _keyed(_named("context")(value), _BUILD)


def _ports(value: Value) -> Value:
    if not isinstance(value, list):
        return value
    ports: list[Value] = []
    for port in value:
        if isinstance(port, str):
            ports += shortforms.ports(port)
        elif isinstance(port, int) and not isinstance(port, bool):
            ports += shortforms.ports(str(port)) if port > 0 else _no_port(port)
        elif isinstance(port, float):
            raise InvalidParameter(
                "invalid type float64 for port",
                asked=f"the port {port}",
                rule="a port is a whole number",
                remedy='in quotes if it is a short form: "8080:80"',
            )
        else:
            ports.append(port)
    return ports


def _no_port(port: int) -> list[Value]:
    raise InvalidParameter(
        f"invalid containerPort: {port}",
        asked=f"the port {port}",
        rule="a container's port is a number from 1 to 65535",
        remedy="80",
    )


def _from_text(read: Callable[[str], Value]) -> _Change:
    return lambda value: read(value) if isinstance(value, str) else value


def _mount(value: Value) -> Value:
    return shortforms.volume(value) if isinstance(value, str) else value


def _hosts(value: Value) -> Value:
    """Each host with the list of its addresses, in the order they were written."""
    hosts: dict[str, list[Value]] = {}
    if isinstance(value, list):
        for entry in value:
            if not isinstance(entry, str):
                return value
            host, addresses = _host(entry)
            hosts.setdefault(host, []).extend(addresses)
    elif isinstance(value, dict):
        for host, written in value.items():
            addresses = written if isinstance(written, list) else [written]
            hosts[host] = [_unbracketed(address) for address in addresses]
    else:
        return value
    return dict[str, Value](hosts)


def _host(entry: str) -> tuple[str, list[Value]]:
    for separator in ("=", ":"):
        host, found, addresses = entry.partition(separator)
        if found:
            parts = addresses.split(",")
            return host, [_unbracketed(part) for part in parts]
    raise InvalidParameter(
        f"invalid additional host, missing IP: {entry}",
        asked=f"the host {entry}",
        rule="an additional host is a name and an address",
        remedy=f"{entry}=192.0.2.1",
    )


def _unbracketed(address: Value) -> Value:
    if isinstance(address, str) and address[:1] == "[" and address[-1:] == "]":
        return address[1:-1]
    return address


def _all_gpus(value: Value) -> Value:
    return [{"count": "all"}] if value == "all" else value


def _external(value: Value) -> Value:
    """The old form, in which the name stood below ``external``."""
    external = value.get("external") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(external, dict):
        return value
    old, new = external.get("name"), value.get("name")
    if old and new not in (None, "", old):
        raise InvalidParameter(
            "name and external.name conflict; only use name",
            asked=f"external: {{name: {old}}} beside name: {new}",
            rule="a thing that others made has one name",
            remedy=f"name: {old} and external: true",
        )
    return {**value, "external": True, **({"name": old} if old else {})}


_HOOKS = _each(_within({"environment": _pairs}))
_GRANTS = _each(_from_text(shortforms.grant))
_REQUESTS = _each(_within({"options": _pairs}))

_MOUNT: dict[str, _Change] = {"volume": _within({"labels": _pairs})}

_BUILD: dict[str, _Change] = {
    "additional_contexts": _pairs,
    "args": _pairs,
    "extra_hosts": _hosts,
    "labels": _pairs,
    "no_cache_filter": _texts,
    "secrets": _GRANTS,
    "ssh": _pairs,
}
_SERVICE: dict[str, _Change] = {
    "annotations": _pairs,
    "build": _build,
    "configs": _GRANTS,
    "depends_on": _dependencies,
    "deploy": _within(
        {
            "labels": _pairs,
            "resources": _within({"reservations": _within({"devices": _REQUESTS})}),
        }
    ),
    "develop": _within(
        {
            "watch": _each(
                _within(
                    {
                        "ignore": _texts,
                        "include": _texts,
                        "exec": _within({"environment": _pairs}),
                    }
                )
            )
        }
    ),
    "devices": _each(_from_text(shortforms.device)),
    "dns": _texts,
    "dns_search": _texts,
    "env_file": _env_files,
    "environment": _pairs,
    "extends": _named("service"),
    "extra_hosts": _hosts,
    "gpus": lambda value: _REQUESTS(_all_gpus(value)),
    "label_file": _texts,
    "labels": _pairs,
    "models": _names,
    "networks": _names,
    "ports": _ports,
    "post_start": _HOOKS,
    "pre_stop": _HOOKS,
    "secrets": _GRANTS,
    "sysctls": _pairs,
    "tmpfs": _texts,
    "volumes": _each(lambda value: _keyed(_mount(value), _MOUNT)),
}
_SERVICE["pre_start"] = _each(_within(_SERVICE))
_JOB: dict[str, _Change] = {
    **_SERVICE,
    "triggers": _within({"schedule": _each(_named("cron"))}),
}
_LABELLED = _each(lambda value: _keyed(_external(value), {"labels": _pairs}))

_DOCUMENT: dict[str, _Change] = {
    "configs": _LABELLED,
    "include": _each(_named("path")),
    "jobs": _each(_within(_JOB)),
    "networks": _LABELLED,
    "secrets": _LABELLED,
    "services": _each(_within(_SERVICE)),
    "volumes": _LABELLED,
}
