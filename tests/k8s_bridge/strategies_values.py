"""Named tuples of which some fields are drawn; the others keep their defaults.

Hypothesis' own ``builds`` would draw each field of a named tuple.
"""

from collections.abc import Callable
from typing import TypeVar

from hypothesis import strategies as st

__all__ = ["made_of"]

_Made = TypeVar("_Made")


def made_of(
    kind: Callable[..., _Made], /, **parts: st.SearchStrategy[object]
) -> st.SearchStrategy[_Made]:
    """Values of a kind, with these fields drawn."""
    return st.fixed_dictionaries(parts).map(lambda drawn: kind(**drawn))
