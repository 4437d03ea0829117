"""Docker's reachability beside that of the manifests, connection by connection.

```
              web   db   outside                      web   db   outside
 Docker  web   -    yes    yes           policies web  -    yes    yes
         db   yes    -     yes                    db  yes    -     yes
    outside   80    no      -                 outside  80    no      -
                     └────────── equal, port by port? ──────────┘
```

Docker's side is ``meeting.py``, the other one ``matrix.py`` with ``opened.py``. Pods on
their node's network are ruled by neither policies nor Services: they are named as
*beyond*.

Invariant: every ordered pair of services, and each service with the outside, is judged
on its declared ports and on ports that nobody declared.

Cost: O(services times their ports and rules): a column of the matrix is one number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from k8s_bridge.application import Application, Port, Service
from k8s_bridge.manifests import Manifest
from k8s_bridge.matrix import Matrix, bits
from k8s_bridge.meeting import (
    OUTSIDE,
    Flow,
    Meeting,
    docker_allows,
    namespace_owner,
)
from k8s_bridge.opened import opened
from k8s_bridge.reachability import Outside, Pod, Policies, explain, pods_of
from minidock.model.document import Document, freeze

__all__ = ["OUTSIDE", "Flow", "Proof", "docker_allows", "prove"]

_ADDRESS = "203.0.113.7"  # documentation range: in nobody's cluster
_UNDECLARED = (Port(9), Port(9, "udp"))
_SHOWN = 20


class _Column(NamedTuple):
    """A target on one port, and who reaches it in each of the systems."""

    target: int
    port: Port
    docker: int
    kubernetes: int


@dataclass(frozen=True, slots=True)
class _Sides:
    """The two systems, able to say why."""

    meeting: Meeting
    cluster: "_Cluster"


@dataclass(frozen=True, slots=True)
class Proof:
    """What was compared: ``agreed`` counts, the rest names connections.

    ``beyond`` are services on their node's network.
    """

    ends: tuple[str, ...]
    agreed: int
    differing: tuple[_Column, ...]
    beyond: tuple[str, ...]
    _sides: _Sides

    @property
    def holds(self) -> bool:
        """Whether both systems allow the same connections."""
        return not self.differing

    @property
    def only_docker(self) -> tuple[Flow, ...]:
        """What only Docker allows; O(differences)."""
        return tuple(self._flows((c, c.docker & ~c.kubernetes) for c in self.differing))

    @property
    def only_kubernetes(self) -> tuple[Flow, ...]:
        """What only Kubernetes allows; O(differences)."""
        return tuple(self._flows((c, c.kubernetes & ~c.docker) for c in self.differing))

    def _flows(self, columns: Iterable[tuple[_Column, int]]) -> Iterator[Flow]:
        for column, sources in columns:
            for source in bits(sources):
                yield Flow(self.ends[source], self.ends[column.target], column.port)

    @property
    def differences(self) -> int:
        """How many connections differ; O(columns that differ)."""
        return sum((c.docker ^ c.kubernetes).bit_count() for c in self.differing)

    def why(self, flow: Flow) -> str:
        """Why each of the systems lets a connection be or not."""
        source, target = self.ends.index(flow.source), self.ends.index(flow.target)
        docker = self._sides.meeting.why(source, target, flow.port)
        cluster = self._sides.cluster.why(source, target, flow.port)
        return f"Docker: {docker}. Kubernetes: {cluster}."

    def __str__(self) -> str:
        verdict = "the same" if self.holds else "not the same"
        lines = [f"reachability is {verdict}: {self.agreed} connections agree"]
        lines += self._shown(
            "Docker", ((c, c.docker & ~c.kubernetes) for c in self.differing)
        )
        lines += self._shown(
            "Kubernetes", ((c, c.kubernetes & ~c.docker) for c in self.differing)
        )
        if self.differences > 2 * _SHOWN:
            lines.append(f"{self.differences} connections differ in all")
        if self.beyond:
            names = ", ".join(self.beyond)
            lines.append(f"on the network of their node, ruled by nobody: {names}")
        return "\n".join(lines)

    def _shown(
        self, system: str, columns: Iterable[tuple[_Column, int]]
    ) -> Iterator[str]:
        for flow in islice(self._flows(columns), _SHOWN):
            yield f"only {system} allows  {flow}"
            yield f"  {self.why(flow)}"


def prove(
    application: Application,
    manifests: Iterable[Manifest],
    placement: Mapping[str, str],
) -> Proof:
    """Compares every connection; ``placement`` names the pod of each service."""
    owners = _owners(application, placement)
    ends = (*(owner.name for owner in owners), OUTSIDE)
    frozen = [d for d in map(freeze, manifests) if isinstance(d, Document)]
    cluster = _Cluster(frozen, [placement[name] for name in ends[:-1]])
    meeting = Meeting(application, ends)
    ruled = cluster.ruled
    agreed, differing = 0, []
    for target, port in _questions(owners):
        if not ruled >> target & 1:
            continue
        asked = ruled & ~(1 << target)
        docker = meeting.sources(target, port) & asked
        kubernetes = cluster.sources(target, port) & asked
        agreed += asked.bit_count() - (docker ^ kubernetes).bit_count()
        if docker != kubernetes:
            differing.append(_Column(target, port, docker, kubernetes))
    return Proof(
        ends=ends,
        agreed=agreed,
        differing=tuple(differing),
        beyond=tuple(ends[number] for number in bits(cluster.everybody & ~ruled)),
        _sides=_Sides(meeting, cluster),
    )


def _owners(
    application: Application, placement: Mapping[str, str]
) -> tuple[Service, ...]:
    """A service for each pod, the one whose network namespace the pod has."""
    by_name = {service.name: service for service in application.services}
    pods = {placement[s.name]: s for s in reversed(application.services)}
    return tuple(namespace_owner(service, by_name) for service in pods.values())


def _questions(owners: Sequence[Service]) -> Iterator[tuple[int, Port]]:
    for target, owner in enumerate(owners):
        for port in dict.fromkeys((*owner.networking.ports, *_UNDECLARED)):
            yield target, port
    yield len(owners), Port(443)


class _Cluster:
    """The manifests, asked like a cluster that has them applied."""

    def __init__(self, manifests: Sequence[Document], pods: Sequence[str]) -> None:
        known = pods_of(manifests)
        self._pods: list[Pod] = [known[name] for name in pods]
        self._outside = Outside(_ADDRESS)
        self._policies = Policies.of(manifests)
        self._matrix = Matrix([*self._pods, self._outside], self._policies)
        self._open = opened(manifests, known)
        self.everybody = (1 << len(pods) + 1) - 1
        on_host = (pod.on_host << number for number, pod in enumerate(self._pods))
        self.ruled = self.everybody & ~sum(on_host)

    def sources(self, target: int, port: Port) -> int:
        """The ends that policies let in; from outside there must be a way, too."""
        found = self._matrix.sources(target, port)
        inside = target < len(self._pods)
        if inside and (self._pods[target].name, port) not in self._open:
            found &= ~(1 << len(self._pods))
        return found

    def why(self, source: int, target: int, port: Port) -> str:
        """Why a connection is possible or not."""
        ends = self._matrix.ends
        if source == len(self._pods):
            name = self._pods[target].name
            if (name, port) not in self._open:
                return f"no Service and no node opens {port} of {name}"
        return explain(self._policies, ends[source], ends[target], port)
