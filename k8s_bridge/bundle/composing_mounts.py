"""What is mounted, in Compose's words.

```
 Binds  shop_data:/data:ro       ─▶ volumes: ["data:/data:ro"]
 Mounts {Type: tmpfs, ...}       ─▶ volumes: [{type: tmpfs, target: ...}]
 Tmpfs  {/run: size=64m}         ─▶ tmpfs: ["/run:size=64m"]
 VolumesFrom db:ro               ─▶ volumes_from: ["db:ro"]
```

Invariant: a volume goes by the project's word for it.
"""

from collections.abc import Iterator

from k8s_bridge.bundle.asked import Asked, documents
from k8s_bridge.sources.granted import granted
from k8s_bridge.sources.surroundings import Surroundings
from minidock.model.document import Document

__all__ = ["mount_keys", "secret_files"]


def mount_keys(asked: Asked, around: Surroundings) -> Iterator[tuple[str, object]]:
    """The keys of a service that say what it has mounted."""
    host = asked.host
    volumes: list[object] = [_bind(text, around) for text in host.texts("Binds")]
    volumes += list(asked.config.document("Volumes"))
    apart = {grant.target: grant.source for grant in granted(asked.container, around)}
    for mount in documents(host.get("Mounts")):
        if mount.text("Target") not in apart:
            volumes.append(_mount(mount, around))
    if apart:
        yield "secrets", list(apart.values())
    if volumes:
        yield "volumes", volumes
    tmpfs = [
        f"{path}:{options}" if options else path
        for path, options in host.document("Tmpfs").items()
    ]
    if tmpfs:
        yield "tmpfs", tmpfs
    taken = [_taken(text, around) for text in host.texts("VolumesFrom")]
    if taken:
        yield "volumes_from", taken


def _bind(text: str, around: Surroundings) -> object:
    source, colon, rest = text.partition(":")
    if not colon:
        return text
    if not source.startswith("/"):
        return f"{around.volume(source)}:{rest.removesuffix(':rw')}"
    return text.removesuffix(":rw")


_OPTIONS: dict[str, tuple[str, dict[str, str]]] = {
    "BindOptions": ("bind", {"Propagation": "propagation"}),
    "VolumeOptions": ("volume", {"NoCopy": "nocopy", "Subpath": "subpath"}),
    "TmpfsOptions": ("tmpfs", {"SizeBytes": "size", "Mode": "mode"}),
    "ImageOptions": ("image", {"Subpath": "subpath"}),
}


def _mount(mount: Document, around: Surroundings) -> dict[str, object]:
    kind = mount.text("Type") or "volume"
    node: dict[str, object] = {"type": kind}
    source = mount.text("Source")
    if source:
        node["source"] = around.volume(source) if kind == "volume" else source
    node["target"] = mount.text("Target")
    if mount.flag("ReadOnly"):
        node["read_only"] = True
    for key, (word, names) in _OPTIONS.items():
        options = mount.document(key)
        found = {names[k]: options[k] for k in names if options.get(k)}
        if kind == word and found:
            node[word] = found
    return node


def _taken(text: str, around: Surroundings) -> str:
    reference, colon, mode = text.partition(":")
    found = around.container(reference)
    name = around.service(found) if found else f"container:{reference}"
    return name + (colon + mode if mode == "ro" else "")


def secret_files(asked: Asked, around: Surroundings) -> Iterator[tuple[str, str]]:
    """The secrets of a container, and the files of the host that they lie in."""
    names = {grant.target: grant.source for grant in granted(asked.container, around)}
    for mount in documents(asked.host.get("Mounts")):
        if mount.text("Target") in names:
            yield names[mount.text("Target")], mount.text("Source")
