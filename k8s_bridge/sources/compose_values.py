"""Small values of Compose's normal form: texts, numbers, durations, sizes, mappings.

```
 "1m30s"     ─▶ 90_000_000_000 ns      "67108864" ─▶ 67_108_864 bytes
 0.5         ─▶ 500 thousandths        ["a", 1]   ─▶ ("a", "1")
 "8000-8010" ─▶ (8000, 8010)           {"x": null} ─▶ ("x", {})
```

The loader has checked the file, so nothing here refuses: what is of another kind reads
as if it were not there. Invariant: no function raises.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from k8s_bridge.sources.mounts import size_of
from minidock.commandline.gotext import duration

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = [
    "Node",
    "bounds",
    "items",
    "mapping",
    "mappings",
    "nanoseconds",
    "pairs",
    "seconds",
    "size",
    "text",
    "texts",
    "thousandths",
    "whole",
    "words",
]

Node: TypeAlias = Mapping[str, object]
_EMPTY: dict[str, object] = {}


def text(node: Node, key: str) -> str:
    """A text or a number as text; "" where there is none.

    >>> text({"published": 80}, "published"), text({}, "published")
    ('80', '')
    """
    value = node.get(key)
    return "" if value is None else plain(value)


def plain(value: object) -> str:
    """A scalar as Docker would get it; "" for what is none."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else ""


def mapping(node: Node, key: str) -> Node:
    """The mapping under a key; an empty one where there is none."""
    value = node.get(key)
    if value is None:
        return _EMPTY
    return value if isinstance(value, (dict, Mapping)) else _EMPTY


def items(node: Node, key: str) -> Iterator[tuple[str, Node]]:
    """The named mappings under a key; one that says nothing is empty.

    >>> list(items({"networks": {"front": None}}, "networks"))
    [('front', {})]
    """
    for name, value in mapping(node, key).items():
        yield str(name), value if isinstance(value, (dict, Mapping)) else _EMPTY


def mappings(node: Node, key: str) -> tuple[Node, ...]:
    """The mappings of a list."""
    value = node.get(key)
    if not isinstance(value, (list, tuple)):
        return ()
    return tuple(item for item in value if isinstance(item, (dict, Mapping)))


def texts(node: Node, key: str) -> tuple[str, ...]:
    """The texts of a list; a single text is a list of one."""
    return words(node, key) or ()


def words(node: Node, key: str) -> tuple[str, ...] | None:
    """The texts of a list; None where the key is missing or null.

    >>> words({"command": []}, "command"), words({"command": None}, "command")
    ((), None)
    """
    value = node.get(key)
    if isinstance(value, (list, tuple)):
        return tuple(map(plain, value))
    return None if value is None else (plain(value),)


def pairs(node: Node, key: str) -> tuple[tuple[str, str], ...]:
    """The entries of a mapping of scalars; null reads as ""."""
    return tuple((str(k), plain(v)) for k, v in mapping(node, key).items())


def whole(node: Node, key: str) -> int:
    """A whole number, also one written as a text; 0 where there is none.

    >>> whole({"target": "80"}, "target"), whole({"target": "many"}, "target")
    (80, 0)
    """
    value = node.get(key)
    if type(value) is int:
        return value
    number = _number(value)
    return int(number) if number is not None else 0


def _number(value: object) -> "Fraction | None":
    if value is None or isinstance(value, bool):
        return None
    if not isinstance(value, (str, int, float)):
        return None
    from fractions import Fraction  # noqa: PLC0415  # slow to load, seldom needed

    try:
        return Fraction(str(value).strip())
    except (ValueError, ZeroDivisionError):
        return None


def thousandths(node: Node, key: str) -> int:
    """Thousandths of a CPU, rounded up.

    >>> thousandths({"cpus": 0.5}, "cpus"), thousandths({"cpus": "1.0001"}, "cpus")
    (500, 1001)
    """
    number = _number(node.get(key))
    if number is None:
        return 0
    return -(-number.numerator * 1000 // number.denominator)


def size(node: Node, key: str) -> int:
    """Bytes: the normal form has digits, an extension may have units.

    >>> size({"shm_size": "67108864"}, "shm_size"), size({"size": "64m"}, "size")
    (67108864, 67108864)
    """
    written = text(node, key)
    return size_of(written) if written else 0


def nanoseconds(node: Node, key: str) -> int:
    """Nanoseconds of a duration in Go's notation; 0 where there is none.

    >>> nanoseconds({"interval": "1m30s"}, "interval")
    90000000000
    """
    written = text(node, key)
    try:
        return duration(written) if written else 0
    except ValueError:
        return 0


def seconds(node: Node, key: str) -> int | None:
    """A duration in whole seconds, rounded up; None where there is none."""
    if not text(node, key):
        return None
    return -(-nanoseconds(node, key) // 1_000_000_000)


def bounds(written: str) -> tuple[int, int]:
    """The first and last port of a range; both the same for one port, 0 for none.

    >>> bounds("8000-8010"), bounds("80"), bounds("")
    ((8000, 8010), (80, 80), (0, 0))
    """
    first, _, last = written.partition("-")
    if not first.isdecimal() or (last and not last.isdecimal()):
        return 0, 0
    low = int(first)
    return (low, max(low, int(last or low))) if low < 65536 else (0, 0)
