"""What is wrong in a document, and the refusal that says so.

```
 (path, text, rule, remedy) ──▶ refuse ──▶ InvalidParameter: docker compose's own text,
  what was found, in order                 where it stands, what would work
```

Invariant: the first fault found is the one refused; the rest is not looked for.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from k8s_bridge.compose.places import Path, nearest
from k8s_bridge.compose.scalars import Value
from minidock.errors import InvalidParameter

__all__ = ["Fault", "entries", "mount_faults", "one_of", "refuse", "table"]


class Fault(NamedTuple):
    """What is wrong, where, and what would work; the text is Docker's."""

    path: Path
    text: str
    rule: str
    remedy: str


def refuse(faults: Iterator[Fault], places: Mapping[Path, str]) -> None:
    """Raise the first fault, if there is one, with the place of its path.

    >>> refuse(iter(()), {})
    >>> fault = Fault(("services", "web"), "no image", "made of one", "image: nginx")
    >>> refuse(iter([fault]), {("services",): "compose.yaml:1"})
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: no image
    """
    fault = next(faults, None)
    if fault is None:
        return
    dotted = ".".join(str(step) for step in fault.path)
    place = nearest(places, fault.path)
    raise InvalidParameter(
        fault.text,
        asked=f"{dotted} ({place})" if place else dotted,
        rule=fault.rule,
        remedy=fault.remedy,
    )


def table(value: Value, key: str) -> dict[str, Value]:
    """The mapping under a key, empty where there is none.

    >>> table({"a": {"b": 1}}, "a"), table({"a": 1}, "a")
    ({'b': 1}, {})
    """
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def entries(value: Value, key: str) -> list[dict[str, Value]]:
    """The mappings in the list under a key.

    >>> entries({"a": [{"b": 1}, 2]}, "a")
    [{'b': 1}]
    """
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, list):
        return []
    return [entry for entry in found if isinstance(entry, dict)]


def one_of(name: str, known: Collection[str]) -> str:
    """The known name that is most like this one, or what to do without it.

    >>> one_of("dbb", ["web", "db"])
    'db'
    """
    from difflib import get_close_matches  # noqa: PLC0415  # only a refusal needs it

    near = get_close_matches(name, known, 1)
    return near[0] if near else f"a service {name}, or leave it out"


def mount_faults(path: Path, value: Value) -> Iterator[Fault]:
    """Bind mounts of nothing."""
    for number, mount in enumerate(entries(value, "volumes")):
        if mount.get("type") == "bind" and not mount.get("source"):
            yield Fault(
                (*path, "volumes", number),
                'invalid mount config for type "bind": field Source must not be empty',
                "a bind mount shows a path of the host",
                "add source: ./data",
            )
