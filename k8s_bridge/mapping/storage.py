"""What is mounted where: the volumes of a pod, and the mounts of its containers.

```
 -v data:/var/lib        ─▶ volume {persistentVolumeClaim: data}
 -v ./web.conf:/etc/web  ─▶ volume {configMap: web-web-conf}, mounted with subPath
 -v /srv:/srv:ro         ─▶ volume {hostPath: /srv}, mount readOnly
 -v /cache               ─▶ volume {emptyDir: {}}
 --tmpfs /run            ─▶ volume {emptyDir: {medium: Memory}}
 --shm-size 1g           ─▶ the same at /dev/shm
 secret password         ─▶ volume {secret: password} at /run/secrets
```

Invariants: one mount per path and container; every mount has its volume, and one volume
is there once, however often it is mounted. Docker calls all of them *mounts*.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from posixpath import normpath

from k8s_bridge.application import Mount, MountKind, Service
from k8s_bridge.mapping.backing import Backing, bytes_of
from k8s_bridge.mapping.binds import SOCKETS, Bind, Way, last_word
from k8s_bridge.mapping.confinement import quantity
from k8s_bridge.mapping.contents import Item
from k8s_bridge.mapping.grants import Placed, grant_notes, granted
from k8s_bridge.mapping.mount_notes import mount_notes
from k8s_bridge.mapping.mount_paths import SHM, mountable, subpath
from k8s_bridge.mapping.part import Fields, Part, fields
from k8s_bridge.mapping.plan import Plan, PlannedPod
from k8s_bridge.names import assign

__all__ = ["mounts", "volume_names", "volumes"]


def mounts(pod: PlannedPod, service: Service, plan: Plan) -> Part:
    """The ``volumeMounts`` of a container, with a note for each mount."""
    places = _places(pod, plan)
    names = _names(places)
    own = places[pod.services.index(service)]
    entries = [{"name": names[placed.key], **placed.mount} for placed in own]
    notes = (*mount_notes(service, plan), *grant_notes(service, plan.store))
    return Part(fields(volumeMounts=entries), notes)


def volumes(pod: PlannedPod, plan: Plan) -> list[Fields]:
    """The ``volumes`` of a pod, each once, in the order of their first mount.

    Those of which each copy of the pod has one of its own come from the template of
    their claim instead.
    """
    places = _places(pod, plan)
    names = _names(places)
    own = {("volume", name) for name in pod.own_volumes}
    made: dict[tuple[str, ...], Fields] = {}
    for placed in chain.from_iterable(places):
        if placed.key not in own:
            made.setdefault(placed.key, {"name": names[placed.key], **placed.source})
    return list(made.values())


def volume_names(pod: PlannedPod, plan: Plan) -> dict[tuple[str, ...], str]:
    """The name in the pod for each of its volumes; ("volume", NAME) for a named one."""
    return _names(_places(pod, plan))


def _places(pod: PlannedPod, plan: Plan) -> list[list[Placed]]:
    """The mounts of each container of a pod."""
    return [_placed(service, plan) for service in pod.services]


def _names(places: list[list[Placed]]) -> dict[tuple[str, ...], str]:
    wishes: dict[tuple[str, ...], str] = {}
    for placed in chain.from_iterable(places):
        wishes.setdefault(placed.key, placed.wish)
    different = list(_different(wishes))
    names = assign(different)
    return {key: names[wish] for key, wish in zip(wishes, different, strict=True)}


def _different(wishes: dict[tuple[str, ...], str]) -> Iterator[str]:
    """The wishes, with a number where two volumes wish for the same name."""
    seen: set[str] = set()
    wanted = set(wishes.values())
    for wish in wishes.values():
        text, turn = wish, 1
        while text in seen or (turn > 1 and text in wanted):
            turn += 1
            text = f"{wish}-{turn}"
        seen.add(text)
        yield text


def _placed(service: Service, plan: Plan) -> list[Placed]:
    """The mounts of a container; of two at one path the later, as in Docker."""
    wanted = {m.target.rstrip("/"): m for m in _effective(service)}
    made = {path: _place(mount, service, plan) for path, mount in wanted.items()}
    for placed in granted(service, plan.store, wanted):
        made[str(placed.mount["mountPath"]).rstrip("/")] = placed
    return list(made.values())


def _effective(service: Service) -> Iterator[Mount]:
    """The mounts that become volumes; --shm-size is one more."""
    wanted = [mount for mount in service.mounts if mountable(mount)]
    yield from wanted
    size = service.resources.shm_size
    own = service.security.ipc_mode in ("", "private", "shareable")
    if size and own and not any(m.target.rstrip("/") == SHM for m in wanted):
        yield Mount(kind=MountKind.TMPFS, target=SHM, origin="shm_size", size=size)


def _place(mount: Mount, service: Service, plan: Plan) -> Placed:
    if mount.kind is MountKind.BIND:
        return _bound(mount, plan.store.binds[mount.source], service, plan)
    key: tuple[str, ...] = (str(mount.kind), mount.source)
    wish = mount.source
    if mount.kind is MountKind.VOLUME:
        source = _volume_source(mount.source, plan)
        if plan.store.backings[mount.source] is Backing.MEMORY:
            key = (*key, "memory")
    elif mount.kind is MountKind.IMAGE:
        source = {"image": {"reference": mount.source}}
        wish = _simple(last_word(mount.target))
    else:
        key = (str(mount.kind), service.name, mount.target)
        source = {"emptyDir": _empty(mount)}
        wish = _simple(last_word(mount.target))
    return Placed(key, wish, source, _mount(mount, service))


def _empty(mount: Mount) -> Fields:
    if mount.kind is not MountKind.TMPFS:
        return {}
    size = quantity(mount.size) if mount.size > 0 else ""
    return fields(medium="Memory", sizeLimit=size)


def _volume_source(name: str, plan: Plan) -> Fields:
    volume, claim = plan.store.volumes[name], plan.store.claims[name]
    backing = plan.store.backings[name]
    if backing is Backing.NODE:
        return {"hostPath": {"path": normpath(dict(volume.options)["device"])}}
    if backing is Backing.MEMORY:
        size = bytes_of(volume)
        limit = quantity(size) if size else ""
        return {"emptyDir": fields(medium="Memory", sizeLimit=limit)}
    return {"persistentVolumeClaim": {"claimName": claim}}


def _mount(mount: Mount, service: Service, inside: str = "") -> Fields:
    return fields(
        mountPath=mount.target,
        subPath=inside or subpath(mount),
        readOnly=mount.read_only,
        mountPropagation=_propagation(mount, service),
    )


def _propagation(mount: Mount, service: Service) -> str:
    if mount.propagation in ("rslave", "slave"):
        return "HostToContainer"
    shared = mount.propagation in ("rshared", "shared")
    # Only a privileged container may pass its mounts on to the host.
    return "Bidirectional" if shared and service.security.privileged else ""


def _bound(mount: Mount, bind: Bind, service: Service, plan: Plan) -> Placed:
    """A bind mount, by what takes its place."""
    if bind.way is Way.NODE:
        path = normpath(bind.source)
        source: Fields = {"hostPath": fields(path=path, type=_node_type(bind))}
        wish = _simple(last_word(path))
        return Placed(("bind", bind.source), wish, source, _mount(mount, service))
    place = plan.store.places[bind.source]
    key = (str(bind.way), place)
    if bind.way is Way.CLAIM:
        inside = bind.name if bind.is_file else ""
        source = {"persistentVolumeClaim": {"claimName": place}}
        return Placed(key, place, source, _mount(mount, service, inside))
    items = bind.items
    name = "secretName" if bind.way is Way.SECRET else "name"
    kind = "secret" if bind.way is Way.SECRET else "configMap"
    source = {kind: {name: place, **_modes(items, listed=not bind.is_file)}}
    inside = items[0].key if bind.is_file else ""
    at = fields(mountPath=mount.target, subPath=inside, readOnly=True)
    return Placed(key, place, source, at)


def _node_type(bind: Bind) -> str:
    """What must lie on the node, or is made there, as Docker makes it."""
    if bind.source in SOCKETS:
        return "Socket"
    if bind.content is None:
        return ""
    if bind.is_file:
        return "File"
    return "DirectoryOrCreate" if bind.empty else "Directory"


def _modes(items: Iterable[Item], *, listed: bool) -> Fields:
    """The modes of files, and their paths where a key cannot be one."""
    known = tuple(items)
    modes = {item.mode for item in known}
    common = modes.pop() if len(modes) == 1 else 0o644
    entries = [
        fields(key=i.key, path=i.path, mode=i.mode if i.mode != common else "")
        for i in known
    ]
    plain = all(i.plain and i.mode == common for i in known)
    shown = common if common != 0o644 else ""
    return fields(defaultMode=shown, items=entries if listed and not plain else [])


def _simple(word: str) -> str:
    """A word of a path as a name that needs no hash."""
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in word.lower())
    return letters.strip("-") or "files"
