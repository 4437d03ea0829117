"""What ``-v`` says: ``[SOURCE:]DESTINATION[:MODE]``.

```
 /cache              an anonymous volume        data:/var/lib:ro    a volume, by name
 /srv:/in:ro,z       a folder of the host       data:lib            refused: no path
```

Invariants: a destination is absolute and is not the root; a mode says each thing once.

Docker's source: moby, ``volume/mounts/linux_parser.go``.
"""

from typing import NamedTuple

from minidock.errors import InvalidParameter

__all__ = ["BindSpec", "parse_bind"]

_KINDS = (
    frozenset({"rw", "ro"}),
    frozenset({"z", "Z"}),
    frozenset({"nocopy"}),
    frozenset("shared slave private rshared rslave rprivate".split()),
    frozenset({"consistent", "cached", "delegated", "default"}),
)
"""The things that a mode can say, each once."""


class BindSpec(NamedTuple):
    """The parts of one ``-v``; ``source`` and ``mode`` may be empty."""

    source: str
    destination: str
    mode: str

    @property
    def of_host(self) -> bool:
        """Whether it is a folder of the host, and no volume."""
        return self.source.startswith("/")


def parse_bind(text: str) -> BindSpec:
    """Take one ``-v`` apart.

    >>> parse_bind("/srv:/in:ro")
    BindSpec(source='/srv', destination='/in', mode='ro')
    >>> parse_bind("/cache")
    BindSpec(source='', destination='/cache', mode='')
    >>> parse_bind("data:/lib:maybe")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: invalid mode: maybe
    >>> parse_bind("data:lib")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: invalid volume specification: 'data:lib': \
invalid mount config for type "volume": invalid mount path: 'lib' mount path must be \
absolute
    """
    parts = text.split(":")
    if not parts[0] or len(parts) > 3 or (len(parts) == 2 and _is_mode(parts[1])):
        raise _refused(text, f"invalid volume specification: '{text}'")
    source = parts[0] if len(parts) > 1 else ""
    destination = parts[1] if len(parts) > 1 else parts[0]
    mode = parts[2] if len(parts) == 3 else ""
    if mode and not _is_mode(mode):
        raise _refused(text, f"invalid mode: {mode}")
    spec = BindSpec(source, destination, mode)
    fault = ""
    if destination in {"", "/"}:
        fault = "invalid specification: destination can't be '/'"
    elif not destination.startswith("/"):
        fault = f"invalid mount path: '{destination}' mount path must be absolute"
    if fault:
        kind = "bind" if spec.of_host else "volume"
        raise _refused(
            text,
            f"invalid volume specification: '{text}': invalid mount config for type "
            f'"{kind}": {fault}',
        )
    return spec


def _is_mode(text: str) -> bool:
    words = text.split(",")
    found = [next((k for k in _KINDS if word in k), None) for word in words]
    return None not in found and len(set(found)) == len(found)


def _refused(text: str, why: str) -> InvalidParameter:
    return InvalidParameter(
        why,
        asked=f"-v {text}",
        rule="a mount is [SOURCE:]DESTINATION[:MODE], with an absolute DESTINATION",
        remedy="-v data:/var/lib/data, -v /srv:/in:ro",
    )
