"""What a named volume is kept on, as its driver and options say.

```
 local                                         ─▶ a claim of the cluster's storage
 local, type=nfs  o=addr=10.0.0.9 device=:/x   ─▶ a claim, bound to that NFS export
 local, type=none o=bind          device=/srv  ─▶ hostPath /srv
 local, type=tmpfs                o=size=64m   ─▶ emptyDir in memory
 any other driver                              ─▶ a claim; a class has to make it
 external                                      ─▶ the claim that somebody made
```

Invariant: every volume has exactly one. Docker's words are those of ``mount(8)``.
"""

from enum import StrEnum
from typing import NamedTuple

from k8s_bridge.application import Volume

__all__ = ["Backing", "Export", "backing_of", "bytes_of", "export_of"]

_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


class Backing(StrEnum):
    """Where the bytes of a volume are."""

    CLUSTER = "cluster"
    OTHERS = "others"
    NFS = "nfs"
    NODE = "node"
    MEMORY = "memory"


class Export(NamedTuple):
    """A folder of an NFS server, and how it is mounted."""

    server: str
    path: str
    options: tuple[str, ...]
    read_only: bool


def backing_of(volume: Volume) -> Backing:
    """What a volume is kept on.

    >>> backing_of(Volume(name="data"))
    <Backing.CLUSTER: 'cluster'>
    >>> options = (("type", "tmpfs"), ("device", "tmpfs"))
    >>> backing_of(Volume(name="fast", options=options))
    <Backing.MEMORY: 'memory'>
    """
    if volume.external:
        return Backing.OTHERS
    options = dict(volume.options)
    if volume.driver not in ("", "local"):
        return Backing.CLUSTER
    kind, device = options.get("type", ""), options.get("device", "")
    if export_of(volume) is not None:
        return Backing.NFS
    if kind == "tmpfs":
        return Backing.MEMORY
    words = options.get("o", "").split(",")
    if device.startswith("/") and ({"bind", "rbind"} & set(words)):
        return Backing.NODE
    return Backing.CLUSTER


def export_of(volume: Volume) -> Export | None:
    """The NFS export that a volume of the local driver is, None if it is none.

    >>> pairs = (("type", "nfs"), ("o", "addr=10.0.0.9,ro"), ("device", ":/srv"))
    >>> export_of(Volume(name="data", options=pairs))
    Export(server='10.0.0.9', path='/srv', options=(), read_only=True)
    >>> export_of(Volume(name="data"))
    """
    options = dict(volume.options)
    kind = options.get("type", "")
    server, _, path = options.get("device", "").rpartition(":")
    words = [word for word in options.get("o", "").split(",") if word]
    addresses = [w.removeprefix("addr=") for w in words if w.startswith("addr=")]
    server = (addresses or [server])[-1].strip("[]")
    if kind not in ("nfs", "nfs4") or not server or not path.startswith("/"):
        return None
    rest = [w for w in words if not w.startswith("addr=") and w not in ("rw", "ro")]
    if kind == "nfs4" and not any(w.startswith(("nfsvers=", "vers=")) for w in rest):
        rest.append("nfsvers=4")
    return Export(server, path, tuple(rest), "ro" in words)


def bytes_of(volume: Volume) -> int:
    """The size that its options or labels give it, 0 if none does.

    >>> bytes_of(Volume(name="fast", options=(("o", "size=64m,uid=1"),)))
    67108864
    """
    words = dict(volume.options).get("o", "").split(",")
    texts = [word.removeprefix("size=") for word in words if word.startswith("size=")]
    texts += [dict(volume.options).get("size", "")]
    return volume.size or next(filter(None, map(_bytes, texts)), 0)


def _bytes(text: str) -> int:
    digits = text.rstrip("bBkKmMgGtTiI")
    unit = text[len(digits) :].lower()[:1]
    return int(digits) * _UNITS.get(unit, 1) if digits.isdecimal() else 0
