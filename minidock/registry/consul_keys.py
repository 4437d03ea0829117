"""How a key is written in Consul: as libnetwork wrote it, and odd characters safely.

```
docker/network/v1.0/network/4f5e  ──▶  docker/network/v1.0/network/4f5e/
a b/..                            ──▶  a,20b/,2E,2E/
```

A key stands in the path of a request. There a ``..`` climbs, and a space or a ``?`` is
not for every proxy; Consul 1.21.5 took letters, digits and ``,-_./?&=`` only, and later
ones refuse keys that climb. So every other character is written as a comma and two hex
digits for each byte, and so is a comma itself, and a dot before another one or at the
end of a part. Keys of Docker's have none of these.

Invariants: the two functions are inverse; a key below another one is written below it.
"""

import re

__all__ = ["key_of", "stored"]

_SAFE = re.compile(r"[A-Za-z0-9_/.-]*")
_ODD = re.compile(r"[^A-Za-z0-9_/.-]+|\.(?=\.|/|$)")
_WRITTEN = re.compile(r"(?:,[0-9A-F]{2})+")


def stored(key: str) -> str:
    """A key as Consul has it.

    >>> stored("docker/network/v1.0/network/4f5e")
    'docker/network/v1.0/network/4f5e/'
    >>> stored("a b/..")
    'a,20b/,2E,2E/'
    """
    if "." not in key and _SAFE.fullmatch(key):
        return f"{key}/"
    return _ODD.sub(_escape, key) + "/"


def key_of(text: str) -> str | None:
    """The key that was stored as this; None if it is none of the registry's.

    >>> key_of("a,20b/,2E,2E/"), key_of("no-slash"), key_of("a b/")
    ('a b/..', None, None)
    """
    if not text.endswith("/"):
        return None
    key = text[:-1]
    if "," in key:
        try:
            key = _WRITTEN.sub(_plain, key)
        except UnicodeDecodeError:
            return None
    elif "." not in key and _SAFE.fullmatch(key):
        return key
    return key if stored(key) == text else None


def _escape(found: re.Match[str]) -> str:
    return "".join(f",{byte:02X}" for byte in found[0].encode())


def _plain(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace(",", "")).decode()
