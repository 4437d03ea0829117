"""What one mapping contributes: fields of an object, and notes about them.

```
 memory(service)  ─▶ Part({"limits": {...}}, (kept("memory", ...),))  ─┐
 security(service) ▶ Part({"securityContext": {...}}, (...))          ─┴▶ merged(...)
```

Invariant: a field that would be empty is left out, as a person would write it.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

from k8s_bridge.application import Port
from k8s_bridge.report import Note

__all__ = ["Fields", "Part", "fields", "merged", "protocol"]

Fields: TypeAlias = dict[str, object]


class Part(NamedTuple):
    """Fields of an object and the notes that belong to them."""

    fields: Fields
    notes: tuple[Note, ...] = ()


def fields(**values: object) -> Fields:
    """The fields that say something: not None, not "", not False, not empty.

    >>> fields(name="web", tty=False, args=[], replicas=0)
    {'name': 'web', 'replicas': 0}
    """
    return {
        key: value
        for key, value in values.items()
        if value or (value == 0 and type(value) is int)
    }


def protocol(port: Port) -> Fields:
    """The protocol of a port where it has to be said: TCP goes without saying.

    >>> protocol(Port(53, "udp")), protocol(Port(80))
    ({'protocol': 'UDP'}, {})
    """
    return {} if port.protocol == "tcp" else {"protocol": port.protocol.upper()}


def merged(parts: Iterable[Part]) -> Part:
    """One part with all fields and all notes; later fields win."""
    together: Fields = {}
    notes: list[Note] = []
    for part in parts:
        together |= part.fields
        notes += part.notes
    return Part(together, tuple(notes))
