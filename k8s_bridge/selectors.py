"""Label selectors: which labels an object must have to be meant.

```
 matchLabels:       {app: web}                          app is web
 matchExpressions:  {key: tier, operator: In, ...}      AND tier is one of these
 {}                                                     everything
```

Invariant: a selector is a conjunction, and the empty one selects all. Kubernetes calls
it *LabelSelector*; a Service's ``selector`` is its ``matchLabels`` alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from minidock.errors import InvalidParameter
from minidock.model.document import Document

__all__ = ["Index", "Requirement", "Selector", "documents_in", "selector_of"]

_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


class Requirement(NamedTuple):
    """One condition: a key, an operator of the API, and the values it speaks of."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether labels fulfil it; NotIn holds where the key is missing, too."""
        value = labels.get(self.key)
        if self.operator == "In":
            return value is not None and value in self.values
        if self.operator == "NotIn":
            return value is None or value not in self.values
        return (value is not None) is (self.operator == "Exists")


@dataclass(frozen=True, slots=True)
class Selector:
    """All of its requirements must hold.

    >>> web = Selector((Requirement("app", "In", frozenset({"web"})),))
    >>> web.selects({"app": "web", "tier": "front"}), web.selects({})
    (True, False)
    """

    requirements: tuple[Requirement, ...] = ()

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether an object with these labels is meant; O(requirements)."""
        return all(requirement.holds(labels) for requirement in self.requirements)


def selector_of(document: Document) -> Selector:
    """Reads a LabelSelector.

    Raises:
        InvalidParameter: an operator that the API does not have.

    >>> selector_of(Document()).selects({"any": "thing"})
    True
    >>> broken = Document({"key": "a", "operator": "Like"})
    >>> selector_of(Document({"matchExpressions": (broken,)}))
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: 'Like' is no operator of a selector
    """
    exact = tuple(
        Requirement(key, "In", frozenset({value}))
        for key, value in document.document("matchLabels").items()
        if isinstance(value, str)
    )
    further = tuple(map(_requirement, documents_in(document, "matchExpressions")))
    return Selector(exact + further)


def _requirement(document: Document) -> Requirement:
    operator = document.text("operator")
    if operator not in _OPERATORS:
        raise InvalidParameter(
            f"{operator!r} is no operator of a selector",
            asked=f"select by {document.text('key')!r} {operator}",
            rule="the operators are " + ", ".join(_OPERATORS),
            remedy=f"{document.text('key')} In [...]",
        )
    values = frozenset(document.texts("values"))
    return Requirement(document.text("key"), operator, values)


def documents_in(document: Document, key: str) -> tuple[Document, ...]:
    """The objects in the list that a key has, none if it has none."""
    value = document.get(key)
    items = value if isinstance(value, tuple) else ()
    return tuple(item for item in items if isinstance(item, Document))


class Index:
    """Which of many objects a selector means, as the bits of one number.

    Object ``i`` is bit ``1 << i``. Built in O(labels); a selector then costs
    O(requirements), whatever the number of objects, but for the width of a number.

    >>> index = Index([{"app": "web"}, {"app": "db"}, {}])
    >>> bin(index.selected(Selector((Requirement("app", "Exists"),))))
    '0b11'
    """

    def __init__(self, objects: Iterable[Mapping[str, str]]) -> None:
        self._with_value: dict[tuple[str, str], int] = {}
        self._with_key: dict[str, int] = {}
        self.everything = 0
        for number, labels in enumerate(objects):
            bit = 1 << number
            self.everything |= bit
            for key, value in labels.items():
                pair = (key, value)
                self._with_value[pair] = self._with_value.get(pair, 0) | bit
                self._with_key[key] = self._with_key.get(key, 0) | bit

    def selected(self, selector: Selector) -> int:
        """The objects that a selector means."""
        found = self.everything
        for requirement in selector.requirements:
            found &= self._fulfilling(requirement)
        return found

    def _fulfilling(self, requirement: Requirement) -> int:
        if requirement.operator in ("Exists", "DoesNotExist"):
            matching = self._with_key.get(requirement.key, 0)
            positive = requirement.operator == "Exists"
        else:
            matching = 0
            for value in requirement.values:
                matching |= self._with_value.get((requirement.key, value), 0)
            positive = requirement.operator == "In"
        return matching if positive else self.everything & ~matching
