"""What NetworkPolicies allow: an evaluator that knows nothing of Docker.

```
 may source reach target on port/protocol?

        egress policies that select the source ─┐  none, or one rule admits target
                                               AND
        ingress policies that select the target ┘  none, or one rule admits source
```

Policies only add permissions; a pod that no policy selects for a direction is open in
that direction. A pod on its node's network is outside of policies altogether, and what
a pod says to itself never leaves it.

Invariant: :func:`allows` is the API's definition, one question at a time; ``matrix.py``
answers all of them at once, and the two agree. Whether ``ipBlock`` means pods, too,
differs between network plugins: some match pods by identity and never by address (the
default here), others by address (``by_address``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from k8s_bridge.application import Port
from k8s_bridge.netpol import (
    DEFAULT_NAMESPACE,
    EGRESS,
    INGRESS,
    Block,
    Pods,
    Policy,
    Ports,
    Rule,
    policies_of,
)
from minidock.model.document import Document, freeze
from minidock.net.address import Address

__all__ = ["DNS", "Outside", "Pod", "Policies", "allows", "explain", "pods_of"]

_NAME = "kubernetes.io/metadata.name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod as policies see it.

    ``ports`` are the names that its containers have for their ports; ``addresses`` are
    its own, where they are known.
    """

    name: str
    namespace: str = DEFAULT_NAMESPACE
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[tuple[Port, str], ...] = ()
    addresses: tuple[Address, ...] = ()
    on_host: bool = False

    def called(self, port: Port) -> str:
        """The name of one of its ports, "" without one."""
        return dict(self.ports).get(port, "")


@dataclass(frozen=True, slots=True)
class Outside:
    """An address outside of the cluster, such as 203.0.113.7."""

    address: str


DNS = Pod(name="kube-dns", namespace="kube-system", labels={"k8s-app": "kube-dns"})
End: TypeAlias = Pod | Outside


class Policies:
    """The NetworkPolicies of a cluster, and the labels of its namespaces.

    A namespace always has the label ``kubernetes.io/metadata.name``, as the API server
    sees to it.

    >>> len(Policies.of([{"kind": "NetworkPolicy"}, {"kind": "Pod"}]).policies)
    1
    """

    def __init__(
        self,
        policies: Iterable[Policy] = (),
        namespaces: Mapping[str, Mapping[str, str]] | None = None,
        *,
        by_address: bool = False,
    ) -> None:
        self.policies = tuple(policies)
        self.by_address = by_address
        self._namespaces = dict(namespaces or {})

    @classmethod
    def of(
        cls, manifests: Iterable[Mapping[str, object]], *, by_address: bool = False
    ) -> "Policies":
        """Those among manifests, with the labels of the Namespaces among them."""
        objects = tuple(manifests)
        namespaces = {}
        for manifest in objects:
            if manifest.get("kind") == "Namespace":
                metadata = _frozen(manifest).document("metadata")
                labels = _texts(metadata.document("labels"))
                namespaces[metadata.text("name")] = labels
        return cls(policies_of(objects), namespaces, by_address=by_address)

    def namespace_labels(self, namespace: str) -> dict[str, str]:
        """The labels of a namespace."""
        return {**self._namespaces.get(namespace, {}), _NAME: namespace}

    def selecting(self, pod: Pod, direction: str) -> tuple[Policy, ...]:
        """The policies that isolate a pod in a direction; O(policies)."""
        return tuple(
            policy
            for policy in self.policies
            if direction in policy.directions
            and policy.namespace == pod.namespace
            and policy.selector.selects(pod.labels)
        )

    def is_peer(self, peer: Pods | Block, policy: Policy, end: End) -> bool:
        """Whether a peer of a policy's rule means somebody."""
        if isinstance(peer, Block):
            return any(address in peer for address in self.addresses(end))
        if isinstance(end, Outside) or end.on_host:
            return False
        if peer.namespaces is None:
            if end.namespace != policy.namespace:
                return False
        elif not peer.namespaces.selects(self.namespace_labels(end.namespace)):
            return False
        return peer.labels.selects(end.labels)

    def addresses(self, end: End) -> tuple[Address, ...]:
        """The addresses by which blocks know an end."""
        if isinstance(end, Outside):
            return (Address.parse(end.address),)
        return end.addresses if self.by_address or end.on_host else ()


def allows(policies: Policies, source: End, target: End, port: Port) -> bool:
    """Whether a connection is possible; O(policies).

    >>> web, db = Pod(name="web"), Pod(name="db", labels={"app": "db"})
    >>> allows(Policies(), web, db, Port(80))
    True
    >>> selector = {"matchLabels": {"app": "db"}}
    >>> spec = {"podSelector": selector, "policyTypes": ["Ingress"]}
    >>> deny = Policies.of([{"kind": "NetworkPolicy", "spec": spec}])
    >>> allows(deny, web, db, Port(80)), allows(deny, db, web, Port(80))
    (False, True)
    """
    if source == target:
        return True
    return all(
        admitted is not False
        for admitted in (
            _admitted(policies, EGRESS, source, target, port),
            _admitted(policies, INGRESS, source, target, port),
        )
    )


def _admitted(
    policies: Policies, direction: str, source: End, target: End, port: Port
) -> bool | None:
    """Whether a direction lets a connection through; None if nothing isolates."""
    subject, other = (source, target) if direction == EGRESS else (target, source)
    if isinstance(subject, Outside) or subject.on_host:
        return None
    selecting = policies.selecting(subject, direction)
    if not selecting:
        return None
    return any(
        (not rule.ports or any(_holds(p, target, port) for p in rule.ports))
        and _is_any(policies, policy, rule, other)
        for policy in selecting
        for rule in policy.rules(direction)
    )


def _is_any(policies: Policies, policy: Policy, rule: Rule, end: End) -> bool:
    return not rule.peers or any(policies.is_peer(p, policy, end) for p in rule.peers)


def _holds(ports: Ports, target: End, port: Port) -> bool:
    """A name means what the containers of the target call so, in both directions."""
    name = target.called(port) if isinstance(target, Pod) else ""
    return ports.holds(port, name)


def explain(policies: Policies, source: End, target: End, port: Port) -> str:
    """Why a connection is possible or not, in words that name the policies.

    >>> explain(Policies(), Pod(name="web"), Pod(name="db"), Port(80))
    'no policy isolates either of them'
    """
    parts = []
    for direction, subject in ((EGRESS, source), (INGRESS, target)):
        admitted = _admitted(policies, direction, source, target, port)
        if admitted is None or isinstance(subject, Outside):
            continue
        names = ", ".join(p.name for p in policies.selecting(subject, direction))
        verb = "let it through" if admitted else "do not let it through"
        parts.append(f"{direction.lower()} policies of {subject.name} {verb}: {names}")
    return "; ".join(parts) or "no policy isolates either of them"


def pods_of(manifests: Iterable[Mapping[str, object]]) -> dict[str, Pod]:
    """The pods that manifests make, one for each object, by the object's name."""
    pods = {}
    for manifest in manifests:
        document = _frozen(manifest)
        pod = _template(document)
        if not pod.document("spec"):
            continue
        metadata = document.document("metadata")
        pods[metadata.text("name")] = Pod(
            name=metadata.text("name"),
            namespace=metadata.text("namespace") or DEFAULT_NAMESPACE,
            labels=_texts(pod.document("metadata").document("labels")),
            ports=tuple(_named_ports(pod.document("spec"))),
            on_host=pod.document("spec").flag("hostNetwork"),
        )
    return pods


def _template(document: Document) -> Document:
    """What has the pod's labels and spec in an object of any workload kind."""
    if document.text("kind") == "Pod":
        return document
    spec = document.document("spec")
    return (spec.document("jobTemplate").document("spec") or spec).document("template")


def _named_ports(spec: Document) -> Iterable[tuple[Port, str]]:
    containers = spec.get("containers")
    for container in containers if isinstance(containers, tuple) else ():
        ports = container.get("ports") if isinstance(container, Document) else ()
        for port in ports if isinstance(ports, tuple) else ():
            if isinstance(port, Document) and port.text("name"):
                protocol = (port.text("protocol") or "TCP").lower()
                number = port.number("containerPort")
                yield Port(number, protocol), port.text("name")


def _frozen(manifest: Mapping[str, object]) -> Document:
    frozen = freeze(manifest)
    return frozen if isinstance(frozen, Document) else Document()


def _texts(document: Document) -> dict[str, str]:
    return {k: v for k, v in document.items() if isinstance(v, str)}
