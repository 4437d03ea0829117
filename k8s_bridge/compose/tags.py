"""Words of YAML that have their type written before them.

```
 !!str 12  ─▶ "12"        !!int "12" ─▶ 12        !!binary aGk= ─▶ "hi"
 !mine 12  ─▶ "12"        !!int many ─▶ refused
```

Invariant: a tag that YAML does not define says nothing: the word stays the text it is.
"""

import base64
import binascii

from k8s_bridge.compose.refusing import refusal
from k8s_bridge.compose.scalars import Value, resolved
from minidock.errors import Refusal

__all__ = ["STRING", "tagged"]

STRING = "tag:yaml.org,2002:str"
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
}


def tagged(tag: str, text: str, place: str) -> Value:
    """A scalar whose type the file says itself; unknown tags mean nothing.

    >>> tagged("tag:yaml.org,2002:int", "0x1F", "c.yaml:1"), tagged("!mine", "1", "")
    (31, '1')
    >>> tagged("tag:yaml.org,2002:int", "many", "c.yaml:1")
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: c.yaml:1: cannot decode this text as a !!int
    """
    short = tag.removeprefix("tag:yaml.org,2002:")
    if short == "binary":
        try:
            return base64.b64decode(text, validate=False).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise _mistyped(short, place) from None
    if short not in _TYPES:
        return text
    value = resolved(text)
    if short == "float" and type(value) is int:
        return float(value)
    if not isinstance(value, _TYPES[short]) or (
        short != "bool" and isinstance(value, bool)
    ):
        raise _mistyped(short, place)
    return value


def _mistyped(tag: str, place: str) -> Refusal:
    """The refusal of a text that is not what its tag says."""
    return refusal(
        place,
        f"cannot decode this text as a !!{tag}",
        rule=f"what !!{tag} stands before has to be one",
        remedy=f"remove !!{tag}",
    )
