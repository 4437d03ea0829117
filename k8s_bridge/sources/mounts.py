"""What a container has mounted, from the five places where Docker lets one ask.

```
 Config.Volumes        {"/data": {}}                  anonymous, unless named below
 HostConfig.Binds      "name:/path:ro" "/host:/path"  -v
 HostConfig.Mounts     {"Type": "volume", ...}        --mount
 HostConfig.Tmpfs      {"/run": "size=64m"}           --tmpfs
 HostConfig.VolumesFrom "other:ro"                    what the other one has
```

Invariant: one mount per path; the more explicit place wins, as in Docker.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from k8s_bridge.application import Mount, MountKind
from minidock.model.document import Document

__all__ = ["given_name", "mounts_of", "size_of"]

_PROPAGATIONS = ("rprivate", "private", "rshared", "shared", "rslave", "slave")
_UNITS = {"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def size_of(text: str) -> int:
    """Bytes from Docker's size notation; 0 for what is no size.

    >>> size_of("64m"), size_of("1024"), size_of("50%")
    (67108864, 1024, 0)
    """
    digits = text.rstrip("bBkKmMgGtTiI")
    unit = text[len(digits) :].lower()
    if not digits.isdecimal():
        return 0
    return int(digits) * _UNITS.get(unit[:1], 1)


def given_name(service: str, target: str) -> str:
    """The name of an anonymous volume that others take over from a service.

    >>> given_name("db", "/var/lib/x")
    'db-var-lib-x'
    """
    return "-".join((service, *filter(None, target.split("/"))))


def mounts_of(
    inspect: Document,
    image: Document | None,
    container: Callable[[str], Document | None],
    sharer: Callable[[Document], str] = lambda _: "",
) -> tuple[Mount, ...]:
    """All mounts of a container; the ones it takes over from others included.

    ``sharer`` gives the service that a container is if others take over its volumes:
    its anonymous ones get a name then, or they would not be shared.
    """
    around = _Around(container, sharer)
    return tuple(_by_path(inspect, image, around, seen=frozenset()).values())


class _Around(NamedTuple):
    """How other containers are found, and whether one's volumes are shared."""

    container: Callable[[str], Document | None]
    sharer: Callable[[Document], str]


def _by_path(
    inspect: Document,
    image: Document | None,
    around: _Around,
    seen: frozenset[str],
) -> dict[str, Mount]:
    host = inspect.document("HostConfig")
    sharer = around.sharer(inspect)
    found: dict[str, Mount] = {}
    for mount in (
        # An image's volume is shared like any other.
        *_volumes(inspect, None if sharer else image),
        *_taken_over(inspect, around, seen),
        *map(_bind, host.texts("Binds")),
        *_explicit(host),
        *_tmpfs(host),
    ):
        if mount.kind is MountKind.ANONYMOUS and sharer:
            source = given_name(sharer, mount.target)
            mount = mount._replace(kind=MountKind.VOLUME, source=source)  # noqa: PLW2901  # the same one, named
        found[mount.target] = mount
    return found


def _volumes(inspect: Document, image: Document | None) -> Iterator[Mount]:
    declared = image.document("Volumes") if image else Document()
    for path in inspect.document("Config").document("Volumes"):
        if path not in declared:
            yield Mount(kind=MountKind.ANONYMOUS, target=path, origin="volumes")


def _taken_over(
    inspect: Document, around: _Around, seen: frozenset[str]
) -> Iterator[Mount]:
    for text in inspect.document("HostConfig").texts("VolumesFrom"):
        name, _, mode = text.partition(":")
        other = around.container(name)
        if other is None or name in seen:
            continue
        for mount in _by_path(other, None, around, seen | {name}).values():
            read_only = mount.read_only or mode == "ro"
            yield mount._replace(origin="volumes_from", read_only=read_only)


def _bind(text: str) -> Mount:
    """Reads -v: one part is a path in the container, two have a source first."""
    source, colon, rest = text.partition(":")
    target, _, mode = rest.partition(":")
    if not colon:
        return Mount(kind=MountKind.ANONYMOUS, target=source, origin="binds")
    options = tuple(filter(None, mode.split(",")))
    known = {"ro", "rw", "nocopy", *_PROPAGATIONS}
    return Mount(
        kind=MountKind.BIND if source.startswith("/") else MountKind.VOLUME,
        source=source,
        target=target,
        origin="binds",
        read_only="ro" in options,
        propagation=next((o for o in options if o in _PROPAGATIONS), ""),
        options=tuple(option for option in options if option not in known),
    )


_KINDS = {
    "volume": MountKind.VOLUME,
    "bind": MountKind.BIND,
    "tmpfs": MountKind.TMPFS,
    "image": MountKind.IMAGE,
}


def _explicit(host: Document) -> Iterator[Mount]:
    mounts = host.get("Mounts")
    for mount in mounts if isinstance(mounts, tuple) else ():
        if isinstance(mount, Document) and mount.text("Target"):
            yield _mount(mount)


def _mount(mount: Document) -> Mount:
    kind = _KINDS.get(mount.text("Type") or "volume", MountKind.OTHER)
    if kind is MountKind.VOLUME and not mount.text("Source"):
        kind = MountKind.ANONYMOUS
    volume, bind = mount.document("VolumeOptions"), mount.document("BindOptions")
    image = mount.document("ImageOptions")
    return Mount(
        kind=kind,
        source=mount.text("Source"),
        target=mount.text("Target"),
        origin="mounts",
        read_only=mount.flag("ReadOnly"),
        size=mount.document("TmpfsOptions").number("SizeBytes"),
        subpath=volume.text("Subpath") or image.text("Subpath"),
        propagation=bind.text("Propagation"),
        options=tuple(_further_options(mount)),
    )


def _further_options(mount: Document) -> Iterator[str]:
    known = {"NoCopy", "Subpath", "Propagation", "SizeBytes"}
    for group in ("VolumeOptions", "BindOptions", "TmpfsOptions", "ImageOptions"):
        for key, value in mount.document(group).items():
            if key not in known and value:
                yield key
    if mount.text("Consistency") not in ("", "default", "consistent"):
        yield "Consistency"


def _tmpfs(host: Document) -> Iterator[Mount]:
    for path, value in host.document("Tmpfs").items():
        options = value.split(",") if isinstance(value, str) else []
        sizes = [o for o in options if o.startswith("size=")]
        others = (o for o in options if o not in (*sizes, "", "rw", "ro"))
        yield Mount(
            kind=MountKind.TMPFS,
            target=path,
            origin="tmpfs",
            read_only="ro" in options,
            size=size_of(sizes[-1].removeprefix("size=")) if sizes else 0,
            options=tuple(others),
        )
