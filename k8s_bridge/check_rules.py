"""The small rules that every object of Kubernetes is checked with.

Each yields a line for what it finds wrong, beginning with where it stands; nothing is
yielded for what is right. Kubernetes keeps the same rules in its *validation* packages.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from k8s_bridge.names import is_label_value, is_qualified_name
from minidock.errors import NotationError
from minidock.model.document import Document

__all__ = [
    "amount",
    "different",
    "is_data_key",
    "is_port_name",
    "items",
    "labels",
    "one_of",
    "protocol",
    "quantity",
    "readable",
    "selector",
    "whole",
]

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([munkMGTPE]|[KMGTPE]i)?")
_UNITS = {
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 10**3),
    "": Fraction(1),
    **{unit: Fraction(1000 ** (i + 1)) for i, unit in enumerate("kMGTPE")},
    **{f"{unit}i": Fraction(1024 ** (i + 1)) for i, unit in enumerate("KMGTPE")},
}
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*")


def labels(where: str, labels: Document) -> Iterator[str]:
    """Keys and values of labels that are refused."""
    for key, value in labels.items():
        if not is_qualified_name(key):
            yield f"{where}: bad key {key!r}"
        if not isinstance(value, str) or not is_label_value(value):
            yield f"{where}: bad value {value!r} of {key}"


def selector(where: str, document: Document) -> Iterator[str]:
    """A label selector that is refused."""
    yield from labels(where, document.document("matchLabels"))
    for expression in items(document, "matchExpressions"):
        operator, values = expression.text("operator"), expression.texts("values")
        if not is_qualified_name(expression.text("key")):
            yield f"{where}: bad key {expression.text('key')!r}"
        if operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
            yield f"{where}: operator {operator!r}"
        if bool(values) is operator.endswith(("Exists", "NotExist")):
            yield f"{where}: {operator} with {len(values)} values"


def quantity(where: str, text: str) -> Iterator[str]:
    """An amount that is refused."""
    if not _QUANTITY.fullmatch(text):
        yield f"{where}: bad quantity {text!r}"


def amount(text: str) -> Fraction:
    """What a quantity is worth, exactly; 0 for what is no quantity.

    >>> amount("1.5Ki"), amount("250m") * 4
    (Fraction(1536, 1), Fraction(1, 1))
    """
    found = _QUANTITY.fullmatch(text)
    if found is None:
        return Fraction(0)
    return Fraction(found[1].rstrip(".") or "0") * _UNITS[found[2] or ""]


def protocol(where: str, port: Document) -> Iterator[str]:
    """A protocol that is refused."""
    yield from one_of(where, port, "protocol", ("TCP", "UDP", "SCTP"))


def one_of(
    where: str, document: Document, key: str, words: Iterable[str]
) -> Iterator[str]:
    """A word that is none of those there are, if there is one."""
    word = document.get(key)
    if word is not None and word not in tuple(words):
        yield f"{where}: {key} {word!r}"


def whole(
    where: str, document: Document, key: str, low: int = 0, high: int = 2**31 - 1
) -> Iterator[str]:
    """A value that is no whole number of a range, if there is one."""
    value = document.get(key)
    good = isinstance(value, int) and not isinstance(value, bool)
    if value is not None and not (good and low <= document.number(key) <= high):
        yield f"{where}.{key}: {value!r}"


def is_port_name(text: str) -> bool:
    """Whether a container's port may be called so: at most 15 characters, a letter.

    >>> is_port_name("http-2"), is_port_name("8080"), is_port_name("prometheus-metrics")
    (True, False, False)
    """
    return len(text) <= 15 and _PORT_NAME.fullmatch(text) is not None


def is_data_key(text: str) -> bool:
    """Whether it may be a key of a ConfigMap or a Secret.

    >>> is_data_key("nginx.conf"), is_data_key("a/b"), is_data_key("..")
    (True, False, False)
    """
    return _DATA_KEY.fullmatch(text) is not None and not (
        text == "." or text.startswith("..")
    )


def items(document: Document, key: str) -> tuple[Document, ...]:
    """The objects of an array."""
    value = document.get(key)
    items = value if isinstance(value, tuple) else ()
    return tuple(item for item in items if isinstance(item, Document))


def different(where: str, texts: Iterable[str]) -> Iterator[str]:
    """Texts that must differ and do not."""
    seen = set()
    for text in texts:
        if text and text in seen:
            yield f"{where}: duplicate {text!r}"
        seen.add(text)


def readable(parse: Callable[[str], object], text: str) -> bool:
    """Whether a parser takes a text."""
    try:
        parse(text)
    except NotationError:
        return False
    return True
