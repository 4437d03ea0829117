"""Reading the JSON that the other end sent: nothing is believed before it is looked at.

```
bytes ──▶ an object, or Malformed ──▶ a field of the right type, or Malformed
```

Docker's programs are written in Go: a field that is missing or ``null`` there means the
zero of its type, and one that nobody knows is passed over. So it is here.

Invariant: whatever the bytes, either a value of the asked type comes out or
:class:`Malformed`.
"""

import json
from collections.abc import Mapping

from minidock.errors import InvalidParameter
from minidock.model.document import Json

__all__ = ["Malformed", "Object", "flag", "listing", "mapping", "read", "text", "texts"]

Object = Mapping[str, Json]

_MOST = 1 << 20
"""As much is read of one message, octets; a real one has some hundred."""


class Malformed(InvalidParameter):
    """A message that is no JSON object, or has a field of another type."""


def read(data: bytes) -> Object:
    """The object that a message is; an empty message is an empty one.

    >>> read(b'{"Pool": "10.9.0.0/16"}')
    {'Pool': '10.9.0.0/16'}
    >>> read(b"[]")
    Traceback (most recent call last):
    minidock.plugin.fields.Malformed: the message is no JSON object
    """
    if len(data) > _MOST:
        raise _malformed(f"the message has more than {_MOST} octets")
    try:
        value = json.loads(data) if data.strip() else {}
    except (ValueError, RecursionError) as error:
        raise _malformed("the message is no JSON object") from error
    if not isinstance(value, dict):
        raise _malformed("the message is no JSON object")
    return value


def text(value: Object, name: str) -> str:
    """A text; "" if it is not there."""
    found = value.get(name)
    if found is None:
        return ""
    if isinstance(found, str) and found.isprintable():
        return found
    raise _malformed(f"{name} is no text")


def flag(value: Object, name: str) -> bool:
    """True or false; false if it is not there."""
    found = value.get(name)
    if found is None:
        return False
    if isinstance(found, bool):
        return found
    raise _malformed(f"{name} is neither true nor false")


def mapping(value: Object, name: str) -> Object:
    """An object; an empty one if it is not there."""
    found = value.get(name)
    if found is None:
        return {}
    if isinstance(found, dict):
        return found
    raise _malformed(f"{name} is no object")


def texts(value: Object, name: str) -> dict[str, str]:
    """An object whose values are all texts."""
    inner = mapping(value, name)
    return {key: text(inner, key) for key in inner}


def listing(value: Object, name: str) -> tuple[Object, ...]:
    """A list of objects; an empty one if it is not there."""
    found = value.get(name)
    if found is None:
        return ()
    if not isinstance(found, list):
        raise _malformed(f"{name} is no list")
    items = []
    for item in found:
        if not isinstance(item, dict):
            raise _malformed(f"{name} holds something that is no object")
        items.append(item)
    return tuple(items)


def _malformed(what: str) -> Malformed:
    return Malformed(
        what,
        asked="read a message of Docker's plugin protocol",
        rule="a message is a JSON object whose fields have the types of the protocol",
        remedy="the fields as Docker's documents on plugins name them",
    )
