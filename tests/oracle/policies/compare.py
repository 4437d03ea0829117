"""One host: what its packets do, and what the manifests' policies allow.

```
 lines ─▶ Engine ─┬─▶ reachability()   minidock's packets, rule by rule
                  └─▶ translate() ─▶ matrix.py, opened.py
                           │
                           └─▶ manifests for another judge
```

The policies' side is asked with the manifests alone, the Docker side with the engine
alone: neither proof.py nor meeting.py has a say here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from k8s_bridge.application import Port
from k8s_bridge.manifests import Manifest
from k8s_bridge.matrix import Matrix
from k8s_bridge.opened import opened
from k8s_bridge.options import Options
from k8s_bridge.reachability import Outside, Policies, pods_of
from k8s_bridge.translate import translate
from minidock import Engine
from minidock.packet.trace import Outcome

__all__ = ["ADDRESS", "Question", "Verdict", "compare"]

ADDRESS = "203.0.113.7"
_THERE = (Outcome.DELIVERED, Outcome.REFUSED)  # it got there, listening or not
_UNDECLARED = Port(9)


@dataclass(frozen=True)
class Question:
    """May one pod (or the outside, "") reach another one's port?"""

    source: str
    target: str
    port: Port
    docker: bool
    policies: bool


@dataclass
class Verdict:
    """All questions about one host, and the manifests that answered them."""

    questions: list[Question] = field(default_factory=list)
    manifests: list[Manifest] = field(default_factory=list)

    @property
    def wrong(self) -> list[Question]:
        """Where the two do not agree."""
        return [q for q in self.questions if q.docker != q.policies]


def compare(lines: list[str], policies: str = "always") -> Verdict:
    """Builds a host from lines and asks both sides everything."""
    engine = Engine()
    for line in lines:
        answer = engine(line)
        assert answer.ok, f"{line}: {answer.stderr}"
    result = translate(engine, Options(policies=policies))
    cluster = _Cluster(result.manifests, result.placement)
    verdict = Verdict(manifests=result.manifests)
    verdict.questions.extend(_questions(engine, cluster))
    return verdict


class _Cluster:
    def __init__(self, manifests: list[Manifest], placement: dict[str, str]) -> None:
        self.pods = pods_of(manifests)
        self.placement = placement
        self._open = opened(manifests, self.pods)
        names = list(self.pods)
        self._number = {name: number for number, name in enumerate(names)}
        self._number[""] = len(names)
        ends = [*self.pods.values(), Outside(ADDRESS)]
        self._matrix = Matrix(ends, Policies.of(manifests))

    def allows(self, source: str, target: str, port: Port) -> bool:
        if not source and (target, port) not in self._open:
            return False
        number = self._number
        return self._matrix.allows(number[source], number[target], port)


def _questions(engine: Engine, cluster: _Cluster) -> Iterator[Question]:
    matrix = engine.reachability()
    pods, placement = cluster.pods, cluster.placement
    on_host = {name for name, pod in placement.items() if pods[pod].on_host}
    for source, target, outcome in matrix.reach.pairs():
        there = outcome in _THERE
        name, _, port_text = target.partition(":")
        if source == "outside" and target.startswith("host:"):
            found = _behind(engine, port_text)
            if found is not None:
                pod, port = placement[found[0]], found[1]
                yield Question("", pod, port, there, cluster.allows("", pod, port))
        elif source in placement and target == "outside" and source not in on_host:
            pod, port = placement[source], Port(443)
            yield Question(pod, "", port, there, cluster.allows(pod, "", port))
        elif {source, name} <= placement.keys() - on_host:
            one, two = placement[source], placement[name]
            port = _port(port_text) if port_text else _UNDECLARED
            if one != two:
                there = there or _elsewhere(engine, source, name, port_text)
                allowed = cluster.allows(one, two, port)
                yield Question(one, two, port, there, allowed)


def _elsewhere(engine: Engine, source: str, target: str, port: str) -> bool:
    """Whether one of the target's other addresses answers: the matrix asks the first."""
    attrs = engine.containers.get(target).attrs
    endpoints = attrs["NetworkSettings"]["Networks"].values()
    addresses = [e["IPAddress"] for e in endpoints if e["IPAddress"]]
    texts = [f"{a}:{port}" if port else a for a in addresses if len(addresses) > 1]
    return any(engine.trace(source, text).outcome in _THERE for text in texts)


def _port(text: str) -> Port:
    number, _, protocol = text.partition("/")
    return Port(int(number), protocol)


def _behind(engine: Engine, text: str) -> tuple[str, Port] | None:
    """The container port behind a port of the host, None if no container's."""
    wanted = _port(text)
    for container in engine.containers.list():
        ports = container.attrs["NetworkSettings"]["Ports"] or {}
        for inner, bindings in ports.items():
            for binding in bindings or ():
                outer = Port(int(binding["HostPort"]), inner.partition("/")[2])
                if outer == wanted and not binding["HostIp"].startswith("127."):
                    return container.name, _port(inner)
    return None
