"""What an API server refuses in claims, volumes, ConfigMaps and Secrets.

```
 PersistentVolumeClaim   access modes, an amount above 0
 ConfigMap               keys, texts, base64, at most 1 MiB in all
 Secret                  the same, and the keys that its type needs
```

Invariant: yields nothing for what kube-apiserver 1.36 accepts without a warning.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterator

from k8s_bridge.check_rules import amount, is_data_key, quantity
from minidock.model.document import Document

__all__ = ["claim", "config_map", "persistent_volume", "secret"]

_MODES = {"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"}
_MOST = 1 << 20
_TYPED = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/basic-auth": (),
}


def claim(document: Document) -> Iterator[str]:
    """What is refused in a PersistentVolumeClaim."""
    spec = document.document("spec")
    yield from _access(spec)
    storage = spec.document("resources").document("requests").text("storage")
    yield from _size("spec.resources.requests.storage", storage)


def persistent_volume(document: Document) -> Iterator[str]:
    """What is refused in a PersistentVolume."""
    spec = document.document("spec")
    yield from _access(spec)
    yield from _size("spec.capacity.storage", spec.document("capacity").text("storage"))


def _access(spec: Document) -> Iterator[str]:
    modes = spec.texts("accessModes")
    if not modes or not set(modes) <= _MODES:
        yield f"spec.accessModes: {modes!r}"
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        yield "spec.accessModes: ReadWriteOncePod beside another one"


def _size(where: str, text: str) -> Iterator[str]:
    yield from quantity(where, text)
    if not amount(text):
        yield f"{where}: {text!r} is nothing"


def config_map(document: Document) -> Iterator[str]:
    """What is refused in a ConfigMap."""
    texts, binary = document.document("data"), document.document("binaryData")
    yield from _data("data", texts)
    yield from _encoded("binaryData", binary)
    for key in texts:
        if key in binary:
            yield f"data: {key!r} is in binaryData, too"
    size = sum(len(str(value).encode()) for value in texts.values())
    size += sum(len(_decoded(value) or b"") for value in binary.values())
    yield from _bounded(size)


def secret(document: Document) -> Iterator[str]:
    """What is refused in a Secret."""
    encoded, texts = document.document("data"), document.document("stringData")
    yield from _encoded("data", encoded)
    yield from _data("stringData", texts)
    size = sum(len(_decoded(value) or b"") for value in encoded.values())
    size += sum(len(str(value).encode()) for value in texts.values())
    yield from _bounded(size)
    for key in _TYPED.get(document.text("type"), ()):
        if key not in encoded and key not in texts:
            yield f"data: type {document.text('type')} needs {key!r}"


def _bounded(size: int) -> Iterator[str]:
    if size > _MOST:
        yield f"data: {size} bytes, {_MOST} are allowed"


def _data(where: str, data: Document) -> Iterator[str]:
    for key, value in data.items():
        if not is_data_key(key):
            yield f"{where}: bad key {key!r}"
        if not isinstance(value, str):
            yield f"{where}: {key} is no text"


def _encoded(where: str, data: Document) -> Iterator[str]:
    for key, value in data.items():
        if not is_data_key(key):
            yield f"{where}: bad key {key!r}"
        if _decoded(value) is None:
            yield f"{where}: {key} is not base64"


def _decoded(value: object) -> bytes | None:
    try:
        return b64decode(value, validate=True) if isinstance(value, str) else None
    except (binascii.Error, ValueError):
        return None
