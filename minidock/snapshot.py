"""A World as text, to begin from: reading it takes less time than living it again.

```
World ──▶ objects in the order of their making, each with the places of its parts
          {"types": [["minidock.net.mac:MAC", ["value"]], ...],
           "objects": [[0, 2485377892354], [4, [0], "eth0"], ...]}
                        │  a value           │ [place]: an object before this one
                        └ which type
```

A snapshot is a convenience and never the only truth: what is kept are the records. One
that this minidock cannot read is passed over, and the records are read instead.

Nothing in a text is executed. Reading makes values of minidock's own frozen types, part
by part, without calling them; a type or function from elsewhere is refused. Parts that
were shared are shared again.

Cost: O(World), some 100,000 objects a second.

Invariant: ``read(write(world)) == world``, but for functions under way, which equal
only themselves; in any case it writes the same text again.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from enum import Enum
from functools import partial
from importlib import import_module
from sys import intern
from types import FunctionType

from minidock.errors import InvalidParameter
from minidock.model.world import World

__all__ = ["read", "write"]

_FORMAT = 1
"""Another one once the same parts mean something else; other parts show themselves."""
_PURE = ("minidock.runtime.", "minidock.packet.")
"""Where the functions come from with which a program goes on: none has an effect."""
_HOMES = (
    *("minidock.model.", "minidock.ipam.", "minidock.net.", "minidock.ports."),
    *("minidock.eras:", "minidock.topology.interface:"),
    *_PURE,
)
"""Where the types come from of which a World is made."""
_SHORT = 64
_PLAIN = (str, int, float, bool, type(None))


def write(world: World) -> str:
    """The text of a World.

    Raises:
        InvalidParameter: it holds something that no text can say.
    """
    writer = _Writer()
    try:
        writer.place(world)
    except RecursionError as error:
        raise _refused("a script in it is too deep") from error
    types = [[name, list(slots)] for name, slots in writer.types]
    return json.dumps({"format": _FORMAT, "types": types, "objects": writer.objects})


def read(text: str) -> World:
    """The World of a text.

    Raises:
        InvalidParameter: another minidock wrote it, or nobody.
    """
    try:
        value = json.loads(text)
        if value["format"] != _FORMAT:
            raise _refused(f"format {value['format']}")
        world = _read(value["types"], value["objects"])
    except (LookupError, TypeError, ValueError, AttributeError, ImportError) as error:
        raise _refused(str(error)) from error
    if not isinstance(world, World):
        raise _refused("it is no World")
    return world


def _refused(why: str) -> InvalidParameter:
    return InvalidParameter(
        f"the snapshot cannot be used: {why}",
        asked="begin from a snapshot",
        rule="a snapshot holds values of the types of this version of minidock",
        remedy="read the records instead",
    )


def _slots(kind: type) -> tuple[str, ...]:
    """The parts of a type's values, those of its bases first."""
    found: list[str] = []
    for base in reversed(kind.__mro__):
        own = base.__dict__.get("__slots__", ())
        found += (own,) if isinstance(own, str) else own
    return tuple(name for name in found if not name.startswith("__"))


def _name(thing: type | FunctionType) -> str:
    name = f"{thing.__module__}:{thing.__qualname__}"
    if "<" in name or not name.startswith(_HOMES):
        raise _refused(f"{name} is not of minidock's model")
    return name


class _Writer:
    """Takes values apart, parts first."""

    def __init__(self) -> None:
        self.types: list[tuple[str, tuple[str, ...]]] = []
        self.objects: list[list[object]] = []
        self._kinds: dict[str, int] = {}
        self._places: dict[int, int] = {}
        self._alive: list[object] = []  # so that no id is given twice

    def place(self, value: object) -> object:
        """The value itself where JSON has it, else the place of its object."""
        if type(value) in _PLAIN:
            return value
        known = self._places.get(id(value))
        if known is None:
            made = self._object(value)
            known = len(self.objects)
            self.objects.append(made)
            self._places[id(value)] = known
            self._alive.append(value)
        return [known]

    def _kind(self, name: str, slots: tuple[str, ...] = ()) -> int:
        if name not in self._kinds:
            self._kinds[name] = len(self.types)
            self.types.append((name, slots))
        return self._kinds[name]

    def _object(self, value: object) -> list[object]:
        kind = type(value)
        if isinstance(value, Enum):
            return [self._kind(_name(kind)), value.name]
        if isinstance(value, tuple):
            name = "tuple" if kind is tuple else _name(kind)
            return [self._kind(name), *map(self.place, value)]
        if kind is dict and isinstance(value, dict):
            flat = [self.place(part) for pair in value.items() for part in pair]
            return [self._kind("dict"), *flat]
        if isinstance(value, frozenset):
            return [self._kind("frozenset"), *map(self.place, sorted(value, key=repr))]
        if isinstance(value, bytes):
            return [self._kind("bytes"), b64encode(value).decode()]
        if isinstance(value, FunctionType):
            return [self._kind("function"), _name(value)]
        if isinstance(value, partial):
            parts = (value.func, value.args, dict(value.keywords))
            return [self._kind("partial"), *map(self.place, parts)]
        slots = _slots(kind)
        if hasattr(value, "__dict__"):
            raise _refused(f"{kind.__qualname__} has no fixed parts")
        number = self._kind(_name(kind), slots)
        return [number, *[self.place(getattr(value, slot)) for slot in slots]]


Maker = Callable[[list[object]], object]


def _read(types: list[list[object]], objects: list[list[object]]) -> object:
    makers = [_maker(str(name), slots) for name, slots in types]
    made: list[object] = []
    for number, *parts in objects:
        values = [
            made[part[0]]
            if type(part) is list
            else intern(part)
            if type(part) is str and len(part) < _SHORT
            else part
            for part in parts
        ]
        made.append(makers[number](values))  # type: ignore[call-overload]  # an int, or a TypeError that is caught
    return made[-1]


def _pairs(values: list[object]) -> object:
    return dict(zip(values[::2], values[1::2], strict=True))


def _partial(values: list[object]) -> object:
    function, args, keywords = values
    if not (callable(function) and isinstance(args, tuple)):
        raise _refused("a program goes on with no function")
    if not isinstance(keywords, dict):
        raise _refused("a program goes on with no keywords")
    return partial(function, *args, **keywords)


def _function(values: list[object]) -> object:
    function = _found(str(values[0]))
    if not isinstance(function, FunctionType) or (
        not function.__module__.startswith(_PURE)
    ):
        raise _refused(f"{values[0]} is nothing to go on with")
    return function


_BUILT_IN: dict[str, Maker] = {
    "tuple": tuple,
    "dict": _pairs,
    "frozenset": frozenset,
    "bytes": lambda values: b64decode(str(values[0])),
    "function": _function,
    "partial": _partial,
}


def _found(name: str) -> object:
    """What minidock's own modules call by this name."""
    home, _, path = name.partition(":")
    if not name.startswith(_HOMES):
        raise _refused(f"{name} is not of minidock's model")
    found: object = import_module(home)
    for part in path.split("."):
        found = vars(found)[part]
    if getattr(found, "__module__", "") != home:
        raise _refused(f"{name} comes from elsewhere")
    return found


def _maker(name: str, slots: object) -> Maker:
    if name in _BUILT_IN:
        return _BUILT_IN[name]
    kind = _found(name)
    if not isinstance(kind, type) or issubclass(kind, BaseException):
        raise _refused(f"{name} is no type of values")
    if issubclass(kind, Enum):
        return lambda values: kind[str(values[0])]
    if issubclass(kind, tuple):
        return lambda values: tuple.__new__(kind, values)
    own = _slots(kind)
    if list(own) != slots:
        raise _refused(f"{name} has other parts now")
    new, put = object.__new__, object.__setattr__

    def make(values: list[object]) -> object:
        value = new(kind)
        for slot, part in zip(own, values, strict=True):
            put(value, slot, part)
        return value

    return make
