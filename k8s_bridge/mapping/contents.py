"""Bytes as the data of ConfigMaps and Secrets.

```
 conf.d/default.conf   ─▶ key conf.d_default.conf, path conf.d/default.conf   data
 logo.png              ─▶ key logo.png                                        binaryData
 tls/server.key        ─▶ all of it in a Secret                               base64
```

Invariants: keys are valid and different, and each keeps its path beside it; what goes
in comes out byte by byte; the sizes obey the API server's limit. Docker has no word
for this: its files lie on the host.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from typing import NamedTuple

from k8s_bridge.application import HostFile
from k8s_bridge.mapping.part import Fields, fields
from k8s_bridge.names import assign

__all__ = [
    "LARGEST",
    "Item",
    "data_of",
    "fits",
    "is_key",
    "is_secret",
    "items_of",
    "key_of",
]

LARGEST = 1 << 20  # bytes of all keys and values of one ConfigMap or Secret
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\ufeff\ufffe\uffff]"
_CONFIDENTIAL = r"""(?ix)
    .* \. (pem|key|p12|pfx|jks|keystore|kdbx|ppk)
    | id_(rsa|dsa|ecdsa|ed25519) | \.(htpasswd|pgpass|netrc|my\.cnf|env|npmrc)
    | .* (passw(or)?d|passphrase|secret|credential|token) .*
    """
_PRIVATE_KEY = rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----"


class Item(NamedTuple):
    """A file of a volume: the key of its data, and the path where it lies."""

    key: str
    path: str
    data: bytes
    mode: int

    @property
    def plain(self) -> bool:
        """Whether a volume without a list of items would put it there, too."""
        return self.key == self.path


def is_key(text: str) -> bool:
    """Whether a ConfigMap or a Secret may have data under it.

    >>> is_key("nginx.conf"), is_key("conf.d/x"), is_key("..")
    (True, False, False)
    """
    return (
        _KEY.fullmatch(text) is not None and not text.startswith("..") and text != "."
    )


def key_of(path: str) -> str:
    """The key for a path alone.

    >>> key_of("nginx.conf"), key_of("conf.d/default.conf")
    ('nginx.conf', 'conf.d_default.conf')
    """
    return _keys([path])[path]


def items_of(files: Iterable[HostFile], name: str = "") -> tuple[Item, ...]:
    """Each file with a key of its own; a file without a path gets the name.

    >>> [item.key for item in items_of([HostFile("a/b", b""), HostFile("a_b", b"")])][1]
    'a_b'
    """
    known = tuple(files)
    paths = [file.path or name for file in known]
    keys = _keys(paths)
    return tuple(
        Item(keys[path], path, file.data, _mode(file.mode))
        for path, file in zip(paths, known, strict=True)
    )


def _keys(paths: Iterable[str]) -> dict[str, str]:
    """Valid paths are their own key; others change, and differ from all the rest."""
    wanted = list(dict.fromkeys(paths))
    keys = {path: path for path in wanted if is_key(path)}
    used = set(keys)
    for path in wanted:
        simple = re.sub(r"[^-._a-zA-Z0-9]", "_", path)
        if path in keys:
            continue
        if simple in used or not is_key(simple):
            simple = assign([path], taken=used, hashed=True)[path]
        keys[path] = simple
        used.add(simple)
    return keys


def _mode(mode: int) -> int:
    """What matters of it: a program, a secret, or neither (which umasks decide)."""
    if mode & 0o111:
        return 0o755
    return mode & 0o700 if not mode & 0o077 else 0o644


def is_secret(path: str, data: bytes) -> bool:
    """Whether a file should lie in a Secret, by its name or by what it begins with.

    >>> is_secret("tls/server.key", b""), is_secret("nginx.conf", b"")
    (True, False)
    """
    name = path.rpartition("/")[2]
    return bool(
        re.fullmatch(_CONFIDENTIAL, name) or re.search(_PRIVATE_KEY, data[:4096])
    )


def fits(items: Iterable[Item]) -> bool:
    """Whether one object can hold them."""
    return sum(len(item.key.encode()) + len(item.data) for item in items) <= LARGEST


def data_of(items: Iterable[Item], *, secret: bool = False) -> Fields:
    r"""The ``data`` and ``binaryData`` of a ConfigMap, or the ``data`` of a Secret.

    >>> data_of([Item("a", "a", b"text", 0o644), Item("b", "b", b"\xff", 0o644)])
    {'data': {'a': 'text'}, 'binaryData': {'b': '/w=='}}
    """
    text: dict[str, str] = {}
    binary: dict[str, str] = {}
    for item in sorted(items):
        readable = None if secret else _text(item.data)
        if readable is None:
            binary[item.key] = b64encode(item.data).decode()
        else:
            text[item.key] = readable
    return fields(data=binary) if secret else fields(data=text, binaryData=binary)


def _text(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if re.search(_CONTROL, text.replace("\r\n", "\n")) else text
