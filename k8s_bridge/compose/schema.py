"""Refuse what no Compose file may say: unknown keys, wrong types, missing keys.

```
 Tree(value, places) ──▶ DOCUMENT.check ──▶ nothing
                              └─ Misfit ──▶ InvalidParameter: file, line, path, remedy
```

Invariant: a document that passes here has only keys of the vocabulary, each with a
value of one of the types that Compose lets stand there. Docker calls it *schema
validation*; what the parts mean together is for
:mod:`~k8s_bridge.compose.consistency`.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from k8s_bridge.compose.shapes import Misfit, Step
from k8s_bridge.compose.vocabulary import DOCUMENT
from minidock.errors import InvalidParameter

__all__ = ["dotted", "place_of", "validate"]


class Located(Protocol):
    """A document, and where each part of it stands in its file."""

    @property
    def value(self) -> object:
        """The document as plain dicts, lists and scalars."""
        ...

    @property
    def places(self) -> Mapping[tuple[Step, ...], str]:
        """Steps to a part, and ``compose.yaml:12``."""
        ...


def validate(tree: Located, file: str) -> None:
    """Refuse a document that says what Compose has no word for.

    Cost: linear in the document; about 20 microseconds a service.

    >>> from types import SimpleNamespace as Document
    >>> good = {"services": {"web": {"image": "nginx", "x-note": "mine"}}}
    >>> validate(Document(value=good, places={}), "compose.yaml")
    >>> bad = {"services": {"web": {"image": "nginx", "port": ["80"]}}}
    >>> place = {("services", "web", "port"): "compose.yaml:4"}
    >>> try:
    ...     validate(Document(value=bad, places=place), "compose.yaml")
    ... except InvalidParameter as refusal:
    ...     print(refusal)
    ...     print(refusal.explain())
    validating compose.yaml: services.web.port false schema
    asked:  services.web.port (compose.yaml:4)
    rule:   there is no key port here
    try:    ports, or x-port for a note of your own
    """
    try:
        DOCUMENT.check(tree.value)
    except Misfit as misfit:
        raise _refusal(misfit, tree, file) from None


def _refusal(misfit: Misfit, tree: Located, file: str) -> InvalidParameter:
    steps = tuple(reversed(misfit.steps))
    whole = steps
    if misfit.key and steps[-1:] != (misfit.key,):
        whole = (*steps, misfit.key)
    place = place_of(tree.places, whole) or file
    return InvalidParameter(
        f"validating {file}: {dotted(steps)} {misfit.wrong}",
        asked=f"{dotted(whole) or 'the document'} ({place})",
        rule=misfit.rule,
        remedy=misfit.remedy,
    )


def dotted(steps: Sequence[Step]) -> str:
    """Steps as Compose writes them.

    >>> dotted(("services", "web", "ports", 0))
    'services.web.ports.0'
    """
    return ".".join(str(step) for step in steps)


def place_of(places: Mapping[tuple[Step, ...], str], steps: Sequence[Step]) -> str:
    """Where a part stands, or the nearest one around it; "" if nobody knows.

    >>> place_of({("services", "web"): "compose.yaml:2"}, ("services", "web", "image"))
    'compose.yaml:2'
    >>> place_of({}, ("name",))
    ''
    """
    for length in range(len(steps), 0, -1):
        found = places.get(tuple(steps[:length]))
        if found:
            return found
    return ""
