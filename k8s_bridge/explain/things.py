"""The two sides of a comparison, and the manifests that it takes apart.

Invariant: an object that was taken is not found again, so that each is shown once.
"""

from collections.abc import Sequence
from typing import NamedTuple

from k8s_bridge.manifests import Manifest
from minidock.model.document import Document, freeze

__all__ = [
    "CONTROLLERS",
    "Objects",
    "Pair",
    "Thing",
    "Topic",
    "kind_of",
    "name_of",
    "pod_spec",
]

CONTROLLERS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod")


class Thing(NamedTuple):
    """One side of a pair: what it is called, and what it says."""

    title: str
    lines: tuple[str, ...] = ()


class Pair(NamedTuple):
    """Docker's thing, None where it has none, and what stands for it."""

    docker: Thing | None
    kubernetes: tuple[Thing, ...]


class Topic(NamedTuple):
    """The pairs of one kind, and in a sentence what they have in common."""

    title: str
    sentence: str
    pairs: tuple[Pair, ...]


class Objects:
    """The manifests, each of which is taken once."""

    def __init__(self, manifests: Sequence[Manifest]) -> None:
        found = [d for d in map(freeze, manifests) if isinstance(d, Document)]
        self._rest = {(kind_of(d), name_of(d)): d for d in found}

    def of(self, *kinds: str) -> list[Document]:
        """Those of these kinds that are left."""
        return [d for (kind, _), d in self._rest.items() if kind in kinds]

    def take(self, document: Document) -> Document:
        """Takes one away."""
        self._rest.pop((kind_of(document), name_of(document)), None)
        return document

    def find(self, kind: str, name: str) -> Document | None:
        """Takes the one of this kind and name, if there is one."""
        return self._rest.pop((kind, name), None)

    def rest(self) -> list[Document]:
        """What nobody took."""
        return list(self._rest.values())


def kind_of(document: Document) -> str:
    """The kind of an object."""
    return document.text("kind")


def name_of(document: Document) -> str:
    """The name of an object."""
    return document.document("metadata").text("name")


def pod_spec(workload: Document) -> Document:
    """The spec of the pods that a workload keeps, whatever its kind."""
    spec = workload.document("spec")
    spec = spec.document("jobTemplate").document("spec") or spec
    return spec.document("template").document("spec") or spec
