"""What a service has mounted, and what a project keeps apart.

```
 volumes: data:/d, /cache, ./conf:/etc/x   ─▶ Mount VOLUME, ANONYMOUS, BIND with content
 tmpfs: /run:size=64m                      ─▶ Mount TMPFS
 volumes_from: db:ro                       ─▶ the mounts of db, resolved here
 volumes:, configs:, secrets: at the top   ─▶ Volume, Stored
```

An anonymous volume that another service takes over gets a name, or the two would not
share it. Invariants: one mount per path, the more explicit place wins; what a config or
a secret holds is in ``Stored.data`` only.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from k8s_bridge.application import Grant, Mount, MountKind, Stored, Volume
from k8s_bridge.sources.compose_grants import grant_target
from k8s_bridge.sources.compose_networking import Names
from k8s_bridge.sources.compose_places import Places
from k8s_bridge.sources.compose_settings import stored_settings, volume_settings
from k8s_bridge.sources.compose_values import (
    Node,
    items,
    mapping,
    mappings,
    pairs,
    size,
    text,
    texts,
)
from k8s_bridge.sources.host_files import HostFiles
from k8s_bridge.sources.mounts import given_name, size_of

__all__ = ["Stores", "grants", "stored", "volumes"]

_SOCKET = "/var/run/docker.sock"


class Stores(NamedTuple):
    """What mounts refer to: the other services, names, the files of the host.

    ``shared`` are the services whose mounts others take over.
    """

    services: Mapping[str, Node]
    names: Names
    files: HostFiles
    shared: frozenset[str]

    @classmethod
    def of(cls, model: Node, names: Names, files: HostFiles) -> "Stores":
        """Those of a project; O(services)."""
        services = {**dict(items(model, "services")), **dict(items(model, "jobs"))}
        lines = (line for n in services.values() for line in texts(n, "volumes_from"))
        shared = frozenset(_taken_from(line, names)[0] for line in lines)
        return cls(services, names, files, shared)

    def mounts(self, name: str) -> tuple[Mount, ...]:
        """All mounts of a service; the ones that it takes over included."""
        return tuple(self._by_path(name, frozenset()).values())

    def _by_path(self, name: str, seen: frozenset[str]) -> dict[str, Mount]:
        node = self.services[name]
        found = dict(self._taken_over(node, seen | {name}))
        for mount in self._own(name, node):
            found[mount.target] = mount
        return found

    def _taken_over(
        self, node: Node, seen: frozenset[str]
    ) -> Iterator[tuple[str, Mount]]:
        for line in texts(node, "volumes_from"):
            other, mode = _taken_from(line, self.names)
            if other not in self.services or other in seen:
                continue
            for target, mount in self._by_path(other, seen).items():
                only = mount.read_only or mode == "ro"
                yield target, mount._replace(origin="volumes_from", read_only=only)

    def _own(self, name: str, node: Node) -> Iterator[Mount]:
        for entry in mappings(node, "volumes"):
            mount = _mount(entry)
            if mount.kind is MountKind.BIND:
                mount = mount._replace(content=self.files.at(mount.source))
            elif mount.kind is MountKind.ANONYMOUS and name in self.shared:
                source = given_name(name, mount.target)
                mount = mount._replace(kind=MountKind.VOLUME, source=source)
            yield mount
        yield from map(_tmpfs, texts(node, "tmpfs"))
        if node.get("use_api_socket"):
            yield Mount(
                kind=MountKind.BIND,
                source=_SOCKET,
                target=_SOCKET,
                origin="use_api_socket",
            )

    def named(self) -> Iterator[Volume]:
        """A volume for each anonymous one that services share."""
        for name in sorted(self.shared & self.services.keys()):
            for entry in mappings(self.services[name], "volumes"):
                if _mount(entry).kind is MountKind.ANONYMOUS:
                    yield Volume(name=given_name(name, text(entry, "target")))


def _taken_from(line: str, names: Names) -> tuple[str, str]:
    """The service and the mode of "db", "db:ro" and "container:some-db:ro"."""
    kind, _, rest = line.partition(":")
    if kind == "container":
        name, _, mode = rest.partition(":")
        return names.service(f"container:{name}"), mode
    return kind, rest


_KINDS = {
    "volume": MountKind.VOLUME,
    "bind": MountKind.BIND,
    "tmpfs": MountKind.TMPFS,
    "image": MountKind.IMAGE,
}


def _mount(entry: Node) -> Mount:
    kind = _KINDS.get(text(entry, "type"), MountKind.OTHER)
    source, target = text(entry, "source"), text(entry, "target")
    if kind is MountKind.VOLUME and not source:
        kind = MountKind.ANONYMOUS
    volume, image = mapping(entry, "volume"), mapping(entry, "image")
    return Mount(
        kind=kind,
        source=source,
        target=target,
        origin=f"mounts@{target}",
        read_only=bool(entry.get("read_only")),
        size=size(mapping(entry, "tmpfs"), "size"),
        subpath=text(volume, "subpath") or text(image, "subpath"),
        propagation=text(mapping(entry, "bind"), "propagation"),
        options=tuple(_options(entry)),
    )


# What has a field of its own, or asks for nothing.
_READ = frozenset({"nocopy", "propagation", "size", "subpath"})


def _options(entry: Node) -> Iterator[str]:
    for group in ("bind", "volume", "tmpfs", "image"):
        for key, value in mapping(entry, group).items():
            if key == "create_host_path":
                if value is False:
                    yield "create_host_path=false"
            elif key == "selinux":
                yield text(mapping(entry, group), key)
            elif key == "mode":
                yield f"mode={int(value):o}" if isinstance(value, int) else "mode"
            elif key not in _READ and value:
                yield key
    if text(entry, "consistency") not in ("", "default", "consistent"):
        yield "consistency"


def _tmpfs(line: str) -> Mount:
    target, _, rest = line.partition(":")
    options = [option for option in rest.split(",") if option not in ("", "rw")]
    sizes = [option for option in options if option.startswith("size=")]
    return Mount(
        kind=MountKind.TMPFS,
        target=target,
        origin=f"tmpfs@{target}",
        read_only="ro" in options,
        size=size_of(sizes[-1].removeprefix("size=")) if sizes else 0,
        options=tuple(o for o in options if o not in (*sizes, "ro")),
    )


def grants(kind: str, node: Node) -> Iterator[Grant]:
    """The configs or secrets given to a service."""
    for grant in mappings(node, kind):
        mode = text(grant, "mode")
        yield Grant(
            source=text(grant, "source"),
            target=grant_target(kind, grant),
            uid=text(grant, "uid"),
            gid=text(grant, "gid"),
            mode=int(mode, 8) if mode and set(mode) <= set("01234567") else None,
        )


def volumes(model: Node, stores: Stores, places: Places) -> Iterator[Volume]:
    """The volumes of a project, then those that only got a name here."""
    project = text(model, "name")
    for key, node in items(model, "volumes"):
        automatic = f"{project}_{key}"
        yield Volume(
            name=key,
            docker_name=text(node, "name"),
            driver=text(node, "driver") or "local",
            options=pairs(node, "driver_opts"),
            labels=pairs(node, "labels"),
            external=bool(node.get("external")),
            settings=tuple(volume_settings(("volumes", key), node, places, automatic)),
        )
    yield from stores.named()


def stored(
    kind: str,
    model: Node,
    files: HostFiles,
    environment: Mapping[str, str],
    places: Places,
) -> Iterator[Stored]:
    """The configs or secrets of a project, with what they hold where it is known."""
    project = text(model, "name")
    for key, node in items(model, kind):
        automatic = f"{project}_{key}"
        yield Stored(
            name=key,
            docker_name=text(node, "name"),
            data=_held(node, files, environment),
            external=bool(node.get("external")),
            labels=pairs(node, "labels"),
            settings=tuple(stored_settings((kind, key), node, places, automatic)),
        )


def _held(node: Node, files: HostFiles, environment: Mapping[str, str]) -> bytes | None:
    if node.get("external"):
        return None
    if text(node, "environment"):
        value = environment.get(text(node, "environment"))
        return None if value is None else value.encode()
    if node.get("content") is not None:
        return text(node, "content").encode()
    return files.file(text(node, "file"))  # Docker looks for it when it starts
