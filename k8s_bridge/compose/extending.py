"""``extends``: a service that begins as another one.

```
 web: {extends: base, ports: ["80:80"]}          same file
 web: {extends: {file: common.yaml, service: base}}     another file

 base ─▶ without what web resets ─▶ web merged over it ─▶ web, without extends
```

Paths in the other file are seen from its own folder, its variables from this project.
A chain of any length is followed; one that comes back to where it was is refused.

Invariants: what is extended is not changed, and each service is worked out once.
"""

import posixpath
from collections.abc import Callable

from k8s_bridge.compose.document import Tree
from k8s_bridge.compose.merging import dropped, merged
from k8s_bridge.compose.paths import absolute_paths
from k8s_bridge.compose.places import Mark, Path, Places, nearest
from k8s_bridge.compose.refusing import refusal
from k8s_bridge.compose.scalars import Value
from k8s_bridge.compose.session import Layers, Session, is_remote
from minidock.errors import NotFound

__all__ = ["extended"]


class _Scope:
    """The services of one file."""

    __slots__ = ("done", "file", "mark", "resets", "services")

    def __init__(
        self,
        file: str,
        services: dict[str, Value],
        mark: Mark,
        resets: tuple[Path, ...],
    ) -> None:
        self.file = file
        self.services = services
        self.mark = mark
        self.resets = resets
        self.done: dict[str, Tree] = {}

    def service(self, name: str) -> Tree:
        """A service as it is written."""
        place, inside = self.mark
        return Tree(self.services[name], Places(inside.get(name, (place, {}))))


def extended(
    layers: Layers, file: str, session: Session, load: Callable[[str, str], Layers]
) -> Tree:
    """A file in which no service extends another any more; O(size).

    ``load`` reads a file, named at a place, without following its ``extends``.

    Raises:
        NotFound: what is extended is not there.
        InvalidParameter: a service extends itself, or something that is no service.
    """
    tree = layers.tree
    if not isinstance(tree.value, dict) or not isinstance(tree.places, Places):
        return tree
    changed: dict[str, Value] = {}
    marks: dict[str | int, Mark] = {}
    for section in ("services", "jobs"):
        if section not in tree.value:
            continue
        entries = tree.value[section]
        mark = tree.places.mark[1].get(section, ("", {}))
        if not isinstance(entries, dict):
            raise refusal(
                mark[0],
                f"{section} must be a mapping",
                rule="services are written under their names",
                remedy=f"{section}: {{web: {{image: nginx}}}}",
            )
        if not any(isinstance(e, dict) and "extends" in e for e in entries.values()):
            continue
        scope = _Scope(file, entries, mark, layers.resets)
        family = _Family(session, load)
        found = {name: family.service(scope, name) for name in entries}
        changed[section] = {name: service.value for name, service in found.items()}
        inside: dict[str | int, Mark] = {
            name: service.places.mark
            for name, service in found.items()
            if isinstance(service.places, Places)
        }
        marks[section] = (mark[0], inside)
    if not changed:
        return tree
    place, inside = tree.places.mark
    return Tree({**tree.value, **changed}, Places((place, {**inside, **marks})))


class _Family:
    """The scopes that belong together, because services of one extend another's."""

    __slots__ = ("load", "scopes", "session")

    def __init__(self, session: Session, load: Callable[[str, str], Layers]) -> None:
        self.session = session
        self.load = load
        self.scopes: dict[str, _Scope] = {}

    def service(self, scope: _Scope, name: str) -> Tree:
        """A service with all that it extends."""
        chain: list[tuple[_Scope, str]] = []
        seen: set[tuple[str, str]] = set()
        while name not in scope.done:
            service = scope.service(name)
            if not isinstance(service.value, dict) or "extends" not in service.value:
                scope.done[name] = service
                break
            if (scope.file, name) in seen:
                raise self.circular(chain, scope, name)
            seen.add((scope.file, name))
            chain.append((scope, name))
            scope, name = self.extended_by(scope, name, service)
        base = scope.done[name]
        for child, own in reversed(chain):
            base = _over(base, child, own)
            child.done[own] = base
        return base

    def extended_by(
        self, scope: _Scope, name: str, service: Tree
    ) -> tuple[_Scope, str]:
        """Which service of which file a service extends."""
        place = nearest(service.places, ("extends",))
        said = service.value["extends"] if isinstance(service.value, dict) else None
        file: Value = None
        if isinstance(said, dict):
            file, said = said.get("file"), said.get("service")
        if not isinstance(said, str) or not isinstance(file, str | None):
            raise refusal(
                place,
                f"services.{name}.extends.service is required",
                rule="extends names a service, and may name the file it is in",
                remedy="extends: {file: common.yaml, service: base}",
            )
        base = scope if file is None else self.scope(name, file, place)
        if said not in base.services:
            raise refusal(
                place,
                f'cannot extend service "{name}" in {scope.file}: service "{said}" '
                "not found" + ("" if base is scope else f" in {base.file}"),
                rule="what is extended has to be a service of that file",
                remedy="one of these: " + ", ".join(sorted(base.services)[:20]),
                category=NotFound,
            )
        return base, said

    def scope(self, name: str, file: str, place: str) -> _Scope:
        """The services of another file, its paths seen from its own folder."""
        path = file if is_remote(file) else self.session.path(file)
        if path not in self.scopes:
            layers = self.load(path, place)
            folder = posixpath.dirname(path)
            home = self.session.environment.get("HOME", "")
            value = _extends_absolute(
                absolute_paths(layers.tree.value, folder, home), folder
            )
            services = value.get("services") if isinstance(value, dict) else None
            if not isinstance(services, dict):
                raise refusal(
                    place,
                    f'cannot extend service "{name}" in {file}: no services section',
                    rule="what is extended has to be a service of that file",
                    remedy="name a Compose file with services: in it",
                    category=NotFound,
                )
            places = layers.tree.places
            marks = places.mark[1] if isinstance(places, Places) else {}
            mark = marks.get("services", ("", {}))
            label = self.session.label(path)
            self.scopes[path] = _Scope(label, services, mark, layers.resets)
        return self.scopes[path]

    def circular(
        self, chain: list[tuple[_Scope, str]], scope: _Scope, name: str
    ) -> Exception:
        """The refusal of a chain that comes back to where it was."""
        steps = [f"{known} in {at.file}" for at, known in (*chain, (scope, name))]
        return refusal(
            nearest(scope.service(name).places, ("extends",)),
            "Circular reference: " + " extends ".join(steps),
            rule="a service cannot extend itself, directly or through others",
            remedy="move what they share into a service that extends none of them",
        )


def _over(base: Tree, scope: _Scope, name: str) -> Tree:
    """A service merged over what it extends."""
    own = scope.service(name)
    if isinstance(base.value, dict) and isinstance(base.places, Places):
        wrapped = Tree({"services": {name: base.value}})
        left = dropped(wrapped, scope.resets).value
        source: Value = left
        for step in ("services", name):
            source = source.get(step) if isinstance(source, dict) else None
        own = merged(Tree(source or {}, base.places), own, ("services", "x"))
    value = own.value
    if isinstance(value, dict):
        value = {key: item for key, item in value.items() if key != "extends"}
    return Tree(value, own.places)


def _extends_absolute(value: Value, folder: str) -> Value:
    """The files that services of another file extend, seen from there."""
    services = value.get("services") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(services, dict):
        return value
    found: dict[str, Value] = {}
    for name, service in services.items():
        said = service.get("extends") if isinstance(service, dict) else None
        file = said.get("file") if isinstance(said, dict) else None
        if (
            isinstance(service, dict)
            and isinstance(said, dict)
            and isinstance(file, str)
            and not is_remote(file)
        ):
            path = posixpath.normpath(posixpath.join(folder, file))
            found[name] = {**service, "extends": {**said, "file": path}}
    return {**value, "services": {**services, **found}} if found else value
