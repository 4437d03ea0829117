"""Files laid over each other: the order in which docker compose does things.

```
 for each file, for each document in it:
   YAML ─▶ variables ─▶ include ─▶ (earlier files lose what it resets) ─▶ extends
        ─▶ merged over earlier files ─▶ once each ─▶ schema ─▶ long forms ─▶ once each
```

The schema sees what the files say together up to there, so that a service may get its
image from a later file.

Invariant: the result is in canonical form, and has neither ``include`` nor ``extends``.
"""

from collections.abc import Sequence

from k8s_bridge.compose import canonical, schema
from k8s_bridge.compose.document import Document, Tree
from k8s_bridge.compose.extending import extended
from k8s_bridge.compose.including import included, resolved_lists
from k8s_bridge.compose.interpolation import interpolated
from k8s_bridge.compose.merging import dropped, merged
from k8s_bridge.compose.places import NOWHERE, Mark, Places
from k8s_bridge.compose.refusing import refusal
from k8s_bridge.compose.scalars import Value
from k8s_bridge.compose.session import Layers, Session
from k8s_bridge.compose.unicity import unique

__all__ = ["finished", "layered"]


def layered(paths: Sequence[str], session: Session, place: str = "") -> Layers:
    """Several files as one document in canonical form; ``place`` names them.

    Raises:
        Refusal: a file is not there, or says what docker compose refuses.
    """
    layers = Layers(Tree({}))
    for path in paths:
        for document in session.documents(path, place):
            layers = _over(layers, document, path, session)
    return layers


def _over(layers: Layers, document: Document, path: str, session: Session) -> Layers:
    """One more document over those before it."""
    label = session.label(path)
    own = Layers(_understood(document, label, session), document.resets)
    own = Layers(included(own, path, session, layered), own.resets)
    base = dropped(layers.tree, own.resets)

    def load(file: str, place: str) -> Layers:
        return _extendable(file, session, place)

    tree = extended(own, label, session, load)
    if session.chain:
        tree = resolved_lists(tree, session.environment)
    tree = unique(merged(base, tree))
    schema.validate(tree, label)
    tree = _without_version(tree, label, session)
    return Layers(unique(_canonical(tree)), own.resets)


def _extendable(path: str, session: Session, place: str) -> Layers:
    """A file whose services may be extended: its own ``extends`` are still there."""
    key = ("extends", path, session.folder, id(session.environment))
    if key not in session.log.loaded:
        layers = Layers(Tree({}))
        label = session.label(path)
        for document in session.documents(path, place):
            own = _understood(document, label, session)
            base = dropped(layers.tree, document.resets)
            tree = _canonical(unique(merged(base, own)))
            layers = Layers(unique(tree), document.resets)
        session.log.loaded[key] = layers
    return session.log.loaded[key]


def _understood(document: Document, label: str, session: Session) -> Tree:
    """A document with its variables replaced."""
    tree = document.tree
    if not isinstance(tree.value, dict):
        raise refusal(
            tree.places.get((), label),
            "top-level object must be a mapping",
            rule="a Compose file has keys such as services: at its left margin",
            remedy="begin with services:",
        )
    tree, warnings = interpolated(tree, session.environment)
    session.log.warnings += warnings
    return _promoted(tree)


def _promoted(tree: Tree) -> Tree:
    """Attributes under the names they had before Compose took them up."""
    services = tree.value.get("services") if isinstance(tree.value, dict) else None
    if not isinstance(services, dict) or not isinstance(tree.value, dict):
        return tree
    changed: dict[str, Value] = {}
    for name, service in services.items():
        if isinstance(service, dict) and (
            "x-develop" in service or "develop" in service
        ):
            changed[name] = _developed(service)
    if not changed:
        return tree
    return Tree({**tree.value, "services": {**services, **changed}}, tree.places)


def _developed(service: dict[str, Value]) -> Value:
    service = _renamed(service, "x-develop", "develop")
    develop = service.get("develop")
    watch = develop.get("watch") if isinstance(develop, dict) else None
    if not isinstance(watch, list) or not isinstance(develop, dict):
        return service
    renamed: list[Value] = [
        _renamed(entry, "x-initialSync", "initial_sync")
        if isinstance(entry, dict)
        else entry
        for entry in watch
    ]
    return {**service, "develop": {**develop, "watch": renamed}}


def _renamed(value: dict[str, Value], before: str, now: str) -> dict[str, Value]:
    if before not in value or value.get(now) is not None:
        return value
    return {
        now if key == before else key: item for key, item in value.items() if key != now
    }


def _without_version(tree: Tree, label: str, session: Session) -> Tree:
    if not isinstance(tree.value, dict) or "version" not in tree.value:
        return tree
    session.log.warnings.append(
        f"{label}: the attribute `version` is obsolete, it will be ignored, "
        "please remove it to avoid potential confusion"
    )
    value = {key: item for key, item in tree.value.items() if key != "version"}
    return Tree(value, tree.places)


def finished(tree: Tree) -> Tree:
    """Layers in canonical form altogether, after the last file."""
    services = _services(tree.value)
    changed = {
        name: canonical.canonical({"services": {name: service}})
        for name, service in services.items()
        if any(isinstance(hosts, list) for hosts in _host_lists(service))
    }
    if not changed or not isinstance(tree.value, dict):
        return tree
    found = {name: _services(value)[name] for name, value in changed.items()}
    return Tree({**tree.value, "services": {**services, **found}}, tree.places)


def _services(value: Value) -> dict[str, Value]:
    services = value.get("services") if isinstance(value, dict) else None
    return services if isinstance(services, dict) else {}


def _host_lists(service: Value) -> list[Value]:
    """What a service says of other hosts, and what its build says."""
    if not isinstance(service, dict):
        return []
    build = service.get("build")
    inner = build.get("extra_hosts") if isinstance(build, dict) else None
    return [service.get("extra_hosts"), inner]


def _canonical(tree: Tree) -> Tree:
    """The long forms, for the next file to be merged over."""
    value = canonical.canonical(tree.value)
    services, before = _services(value), _services(tree.value)
    changed: dict[str, Value] = {}
    moved: dict[str | int, Mark] = {}
    marks = _marks(tree)
    for name, service in services.items():
        old = before.get(name)
        if not isinstance(service, dict) or not isinstance(old, dict):
            continue
        kept = _kept(old, service)
        if kept is not service:
            changed[name] = kept
        ports, now = old.get("ports"), service.get("ports")
        if isinstance(ports, list) and isinstance(now, list) and len(ports) != len(now):
            moved[name] = _with_ports(marks.get(name, NOWHERE), ports)
    if changed and isinstance(value, dict):
        value = {**value, "services": {**services, **changed}}
    if moved and isinstance(tree.places, Places):
        place, inside = tree.places.mark
        top = inside.get("services", NOWHERE)
        inside = {**inside, "services": (top[0], {**top[1], **moved})}
        return Tree(value, Places((place, inside)))
    return Tree(value, tree.places)


def _kept(old: dict[str, Value], service: dict[str, Value]) -> Value:
    """Without name servers that are empty, and with lists of hosts as they were.

    Docker compares entries of such lists by how they are written; a variable may leave
    a name server empty.
    """
    servers = service.get("dns")
    if isinstance(servers, list) and "" in servers:
        service = {**service, "dns": [one for one in servers if one != ""]}
    hosts, inner = _host_lists(old) or (None, None)
    if isinstance(hosts, list):
        service = {**service, "extra_hosts": hosts}
    build = service.get("build")
    if isinstance(inner, list) and isinstance(build, dict):
        service = {**service, "build": {**build, "extra_hosts": inner}}
    return service


def _marks(tree: Tree) -> dict[str | int, Mark]:
    if not isinstance(tree.places, Places):
        return {}
    return tree.places.mark[1].get("services", NOWHERE)[1]


def _with_ports(mark: Mark, ports: list[Value]) -> Mark:
    place, inside = mark[1].get("ports", NOWHERE)
    numbered: dict[str | int, Mark] = {}
    for number, port in enumerate(ports):
        long = canonical.canonical({"services": {"a": {"ports": [port]}}})
        for step in ("services", "a", "ports"):
            long = long.get(step) if isinstance(long, dict) else None
        for _ in long if isinstance(long, list) else ():
            numbered[len(numbered)] = inside.get(number, (place, {}))
    return mark[0], {**mark[1], "ports": (place, numbered)}
