"""The small rules that every object of Kubernetes is checked with.

Each yields a line for what it finds wrong, beginning with where it stands; nothing is
yielded for what is right. Kubernetes keeps the same rules in its *validation* packages.
"""

import re
from collections.abc import Callable, Iterable, Iterator

from k8s_bridge.mapping.names import is_label_value, is_qualified_name
from minidock.errors import NotationError
from minidock.model.document import Document

__all__ = ["different", "items", "labels", "protocol", "quantity", "readable"]

_QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|k|[KMGTPE]i|[MGTPE])?")
_PROTOCOLS = ("TCP", "UDP", "SCTP")


def labels(where: str, labels: Document) -> Iterator[str]:
    """Keys and values of labels that are refused."""
    for key, value in labels.items():
        if not is_qualified_name(key):
            yield f"{where}: bad key {key!r}"
        if not isinstance(value, str) or not is_label_value(value):
            yield f"{where}: bad value {value!r} of {key}"


def quantity(where: str, text: str) -> Iterator[str]:
    """An amount that is refused."""
    if not _QUANTITY.fullmatch(text):
        yield f"{where}: bad quantity {text!r}"


def protocol(where: str, port: Document) -> Iterator[str]:
    """A protocol that is refused."""
    if port.text("protocol") not in ("", *_PROTOCOLS):
        yield f"{where}: protocol {port.text('protocol')!r}"


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
