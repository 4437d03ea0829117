"""How a value shows itself where some of its fields are secret, or too long to read.

Docker has no word for this.
"""

from collections.abc import Collection
from typing import Any, Protocol

__all__ = ["shown_without"]


class _Named(Protocol):
    """What a named tuple has."""

    def _asdict(self) -> dict[str, Any]: ...


def shown_without(value: _Named, hidden: Collection[str]) -> str:
    """The ``repr`` of a named tuple, without these fields.

    >>> from typing import NamedTuple
    >>> class Key(NamedTuple):
    ...     name: str
    ...     data: bytes
    >>> shown_without(Key("db", b"secret"), ("data",))
    "Key(name='db')"
    """
    fields = value._asdict().items()
    shown = ", ".join(f"{name}={item!r}" for name, item in fields if name not in hidden)
    return f"{type(value).__name__}({shown})"
