"""Changes inside a document: some keys of a mapping, or each value there is.

Invariant: what is neither mapping nor list, and every key not named, stays as it is.
"""

from collections.abc import Callable, Mapping

from k8s_bridge.compose.scalars import Value

__all__ = ["changed_at", "each"]


def changed_at(value: Value, changes: Mapping[str, Callable[[Value], Value]]) -> Value:
    """A mapping with the values of some keys changed; anything else as it is."""
    if not isinstance(value, dict):
        return value
    return {
        key: changes[key](item) if key in changes else item
        for key, item in value.items()
    }


def each(change: Callable[[Value], Value]) -> Callable[[Value], Value]:
    """The change that changes every value of a mapping or a list."""

    def changed(value: Value) -> Value:
        if isinstance(value, dict):
            return {key: change(item) for key, item in value.items()}
        if isinstance(value, list):
            return [change(item) for item in value]
        return value

    return changed
