"""ConfigMaps, Secrets, claims, and the volumes of a pod, as Docker's mounts.

```
 claim            ─▶ a volume           hostPath  ─▶ a bind mount
 emptyDir         ─▶ an anonymous volume, tmpfs if it is in memory
 ConfigMap, key   ─▶ a config           Secret, key ─▶ a secret
```

Invariants: a file of a ConfigMap is one config; the data of a Secret is in no report.
"""

import base64
import binascii
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from k8s_bridge.application import Content, Grant, Mount, MountKind, Stored, Volume
from k8s_bridge.mapping.plan import NAME_LABEL
from k8s_bridge.names import assign
from k8s_bridge.reverse.amounts import quantity_of
from k8s_bridge.reverse.labels import docker_name, labels_of
from k8s_bridge.reverse.node import Node

__all__ = ["Mounted", "Stores", "claim", "data_of", "mounted"]

_USUAL_SIZE = 1 << 30
# What must lie at a path of the node, as what lies there.
_CONTENTS = {
    "DirectoryOrCreate": Content(missing=True),
    "Directory": Content(directory=True, complete=False),
    "File": Content(complete=False),
}


@dataclass
class Stores:
    """What pods mount, by name; filled while they are read."""

    texts: dict[tuple[str, str], dict[str, bytes]]
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    labels: dict[tuple[str, str], tuple[tuple[str, str], ...]] = field(
        default_factory=dict
    )
    configs: dict[str, Stored] = field(default_factory=dict)
    secrets: dict[str, Stored] = field(default_factory=dict)
    volumes: dict[str, Volume] = field(default_factory=dict)


@dataclass(frozen=True)
class Mounted:
    """What one container sees."""

    mounts: tuple[Mount, ...]
    configs: tuple[Grant, ...]
    secrets: tuple[Grant, ...]
    shm_size: int
    devices: tuple[str, ...]


def data_of(root: Node) -> dict[str, bytes]:
    """The files of a ConfigMap or a Secret."""
    secret = root("kind").text == "Secret"
    what = "secrets" if secret else "configs"
    root("type").passed()
    root("immutable").passed()
    encoded = "data" if secret else "binaryData"
    plain = "stringData" if secret else "data"
    found = {k: _decoded(v) for k, v in root(encoded).kept(what).pairs.items()}
    for key, value in root(plain).kept(what).pairs.items():
        found[key] = value.encode()
    return found


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return b""


def claim(root: Node) -> Volume:
    """A claim of storage, as a volume."""
    name = root("metadata")("name").text
    size = quantity_of(root("spec")("resources")("requests")("storage").value)
    root("spec")("resources").changed("volumes: Docker's volumes have no size")
    if size == _USUAL_SIZE:
        root("spec")("resources").passed()
    root("spec")("accessModes").passed()
    owner = root("metadata")("labels")(NAME_LABEL)
    owner.passed()
    return Volume(
        name=name,
        docker_name=docker_name(root) or name,
        labels=labels_of(root),
        size=0 if size == _USUAL_SIZE else size,
    )


def mounted(
    container: Node, pod: Node, stores: Stores, shared: Mapping[str, int]
) -> Mounted:
    """The mounts of a container; ``shared`` counts who mounts each volume of a pod."""
    volumes = {v("name").text: v for v in pod("volumes").nodes()}
    mounts: list[Mount] = []
    grants: dict[str, list[Grant]] = {"ConfigMap": [], "Secret": []}
    devices: list[str] = []
    shm = 0
    for place in container("volumeMounts").nodes():
        name = place("name").text
        volume = volumes.get(name)
        if volume is None:
            if name in stores.volumes:
                mounts.append(_mount(place, MountKind.VOLUME, name))
                place.kept("volumes")
            continue
        if _is_device(volume):
            devices.append(_device(volume, place))
            continue
        files = list(_files(volume, place, stores))
        if files:
            for kind, grant in files:
                grants[kind].append(grant)
            place.kept("configs" if files[0][0] == "ConfigMap" else "secrets")
            volume.passed()
            continue
        found = _volume(volume, place, stores, several=shared.get(name, 0) > 1)
        if found is not None and found.target == "/dev/shm" and found.size:  # noqa: S108  # Docker's own place
            shm = found.size
            place.kept("shm_size")
        elif found is not None:
            mounts.append(found)
            place.kept("volumes")
    return Mounted(
        mounts=tuple(mounts),
        configs=tuple(grants["ConfigMap"]),
        secrets=tuple(grants["Secret"]),
        shm_size=shm,
        devices=tuple(devices),
    )


def _is_device(volume: Node) -> bool:
    """Whether it is a device file: under /dev, under the name that we give it."""
    path = volume("hostPath")("path").text
    named = volume("name").text == path.strip("/").replace("/", "-")
    kind = volume("hostPath")("type").text
    return kind in ("CharDevice", "BlockDevice") or (
        path.startswith("/dev/") and named and not kind
    )


def _device(volume: Node, place: Node) -> str:
    volume.kept("devices")
    place.kept("devices")
    rights = "r" if place("readOnly").value is True else "rwm"
    path = volume("hostPath")("path").text
    return f"{path}:{place('mountPath').text}:{rights}"


def _mount(place: Node, kind: MountKind, source: str, size: int = 0) -> Mount:
    propagation = {"HostToContainer": "rslave", "Bidirectional": "rshared"}
    return Mount(
        kind=kind,
        target=place("mountPath").text,
        origin="volumes",
        source=source,
        read_only=place("readOnly").value is True,
        subpath=place("subPath").text,
        propagation=propagation.get(place("mountPropagation").text, ""),
        size=size,
    )


def _volume(
    volume: Node, place: Node, stores: Stores, *, several: bool
) -> Mount | None:
    claimed = volume("persistentVolumeClaim")("claimName").text
    if claimed:
        volume.kept("volumes")
        known = Volume(name=claimed, docker_name=claimed, external=True)
        stores.volumes.setdefault(claimed, known)
        return _mount(place, MountKind.VOLUME, claimed)
    if volume("hostPath"):
        volume.kept("volumes, a bind mount")
        bind = _mount(place, MountKind.BIND, volume("hostPath")("path").text)
        content = _CONTENTS.get(volume("hostPath")("type").text)
        return bind._replace(content=content)
    if volume("image"):
        volume.kept("volumes, an image mount")
        return _mount(place, MountKind.IMAGE, volume("image")("reference").text)
    if volume("emptyDir").value is None:
        return None
    size = quantity_of(volume("emptyDir")("sizeLimit").value)
    if volume("emptyDir")("medium").text == "Memory":
        volume.kept("tmpfs")
        return _mount(place, MountKind.TMPFS, "", size)
    if several:
        name = volume("name").text
        volume.changed("a volume that several containers mount: it outlives them")
        stores.volumes.setdefault(name, Volume(name=name, docker_name=name))
        return _mount(place, MountKind.VOLUME, name)
    volume.kept("volumes, an anonymous one")
    return _mount(place, MountKind.ANONYMOUS, "")


def _files(volume: Node, place: Node, stores: Stores) -> Iterator[tuple[str, Grant]]:
    """The files of ConfigMaps and Secrets that a volume puts at a place."""
    sources = [volume, *volume("projected")("sources").nodes()]
    base, inside = place("mountPath").text, place("subPath").text
    for source in sources:
        for word, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            found = source(word)
            name = found("name").text or found("secretName").text
            if not name:
                continue
            data = stores.texts.get((kind, name))
            items = list(found("items").nodes())
            paths = {i("key").text: i("path").text for i in items}
            keys = list(paths) if items else list(data or ([inside] if inside else []))
            modes = {i("key").text: i("mode").value for i in items}
            for key in keys:
                path = paths.get(key, key)
                if inside and path != inside:
                    continue
                target = base if inside else posixpath.join(base, path)
                mode = modes.get(key) or found("defaultMode").value
                stored = _stored(kind, name, key, stores)
                number = mode if isinstance(mode, int) else None
                yield kind, Grant(source=stored, target=target, mode=number)


def _stored(kind: str, name: str, key: str, stores: Stores) -> str:
    """The config or secret of one file; its name is the object's if it is the only."""
    data = stores.texts.get((kind, name))
    alone = data is None or len(data) == 1
    parts = "".join(c if c.isalnum() else "-" for c in key)
    called = name if alone else f"{name}-{parts}"
    if alone and assign([key])[key] == name:
        called = key  # the object has this name because a config is called so
    known = stores.configs if kind == "ConfigMap" else stores.secrets
    known.setdefault(
        called,
        Stored(
            name=called,
            docker_name=stores.names.get((kind, name), "") if alone else "",
            data=None if data is None else data.get(key),
            external=data is None,
            labels=stores.labels.get((kind, name), ()) if alone else (),
        ),
    )
    return called
