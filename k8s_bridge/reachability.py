"""What NetworkPolicies allow: an evaluator that knows nothing of Docker.

```
 may source reach target on port/protocol?

        egress policies that select the source ─┐  none, or one rule admits target
                                               AND
        ingress policies that select the target ┘  none, or one rule admits source
```

Policies only add permissions; a pod that no policy selects for a direction is open in
that direction. A pod on its node's network is outside of policies altogether.

Invariant: :func:`allows` agrees with the API's definition for one namespace of pods,
the DNS pods of kube-system and addresses outside of the cluster. ``ipBlock`` matches
only outside addresses, as on plugins that know pods by identity; plugins that match by
address need the pod range cut out (``Options.outside_except``).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from k8s_bridge.application import Port
from k8s_bridge.manifests import Manifest
from minidock.model.document import Document, Frozen, freeze
from minidock.net.address import Address
from minidock.net.prefix import Prefix

__all__ = ["DNS", "Outside", "Pod", "Policies", "allows", "pods_of", "policies_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pod:
    """A pod as policies see it: its labels, and those of its namespace."""

    name: str
    labels: dict[str, str] = field(default_factory=dict)
    namespace: dict[str, str] = field(default_factory=dict)
    on_host: bool = False


@dataclass(frozen=True, slots=True)
class Outside:
    """An address outside of the cluster."""

    address: str


DNS = Pod(
    name="kube-dns",
    labels={"k8s-app": "kube-dns"},
    namespace={"kubernetes.io/metadata.name": "kube-system"},
)
Peer: TypeAlias = Pod | Outside


class Policies:
    """NetworkPolicies, each spec read once, and what they say about each pod."""

    def __init__(self, specs: Iterable[Document]) -> None:
        self._specs = tuple(specs)
        self._rules: dict[object, tuple[Document, ...] | None] = {}

    def rules(self, pod: Pod, direction: str) -> tuple[Document, ...] | None:
        """The rules that hold for a pod, None if it is open in that direction.

        O(policies) the first time, O(labels) then.
        """
        key = (pod.name, frozenset(pod.labels.items()), direction)
        if key not in self._rules:
            self._rules[key] = self._found(pod, direction)
        return self._rules[key]

    def _found(self, pod: Pod, direction: str) -> tuple[Document, ...] | None:
        selecting = [
            spec
            for spec in self._specs
            if direction in _types(spec)
            and not pod.namespace  # the policies of one namespace, which is ""
            and _selects(spec.document("podSelector"), pod.labels)
        ]
        if not selecting:
            return None
        return tuple(
            rule for spec in selecting for rule in _documents(spec, direction.lower())
        )


def policies_of(manifests: Iterable[Manifest]) -> Policies:
    """The NetworkPolicies among manifests."""
    return Policies(
        _frozen(manifest).document("spec")
        for manifest in manifests
        if manifest.get("kind") == "NetworkPolicy"
    )


def pods_of(manifests: Iterable[Manifest]) -> dict[str, Pod]:
    """The pods that manifests make, by the name of what keeps them."""
    pods = {}
    for manifest in manifests:
        document = _frozen(manifest)
        template = document.document("spec").document("template")
        pod = document if document.text("kind") == "Pod" else template
        if not pod.document("spec"):
            continue
        name = document.document("metadata").text("name")
        pods[name] = Pod(
            name=name,
            labels=_texts(pod.document("metadata").document("labels")),
            on_host=pod.document("spec").flag("hostNetwork"),
        )
    return pods


def _frozen(manifest: Manifest) -> Document:
    frozen = freeze(manifest)
    return frozen if isinstance(frozen, Document) else Document()


def _texts(document: Document) -> dict[str, str]:
    return {k: v for k, v in document.items() if isinstance(v, str)}


def allows(policies: Policies, source: Peer, target: Peer, port: Port) -> bool:
    """Whether a connection is possible; O(rules that select its ends).

    >>> web, db = Pod(name="web"), Pod(name="db", labels={"app": "db"})
    >>> allows(policies_of([]), web, db, Port(80))
    True
    >>> selector = {"matchLabels": {"app": "db"}}
    >>> spec = {"podSelector": selector, "policyTypes": ["Ingress"]}
    >>> deny = policies_of([{"kind": "NetworkPolicy", "spec": spec}])
    >>> allows(deny, web, db, Port(80)), allows(deny, db, web, Port(80))
    (False, True)
    """
    return _admits(policies, "Egress", source, target, port) and _admits(
        policies, "Ingress", target, source, port
    )


def _admits(
    policies: Policies, direction: str, subject: Peer, other: Peer, port: Port
) -> bool:
    """Whether the policies of one direction of one side let the other side through."""
    if isinstance(subject, Outside) or subject.on_host:
        return True
    rules = policies.rules(subject, direction)
    peers = "from" if direction == "Ingress" else "to"
    return rules is None or any(_rule_admits(r, peers, other, port) for r in rules)


def _types(policy: Document) -> tuple[str, ...]:
    """The directions of a policy; unsaid, Egress is only implied by its rules."""
    said = policy.texts("policyTypes")
    return said or (("Ingress", "Egress") if "egress" in policy else ("Ingress",))


def _documents(document: Document, key: str) -> tuple[Document, ...]:
    value = document.get(key)
    items = value if isinstance(value, tuple) else ()
    return tuple(item for item in items if isinstance(item, Document))


def _rule_admits(rule: Document, peers: str, other: Peer, port: Port) -> bool:
    ports = _documents(rule, "ports")
    others = _documents(rule, peers)
    right_port = not ports or any(_is_port(entry, port) for entry in ports)
    return right_port and (
        not others or any(_is_peer(entry, other) for entry in others)
    )


def _is_port(entry: Document, port: Port) -> bool:
    if (entry.text("protocol") or "TCP") != port.protocol.upper():
        return False
    if "port" not in entry:
        return True
    first = entry.number("port")
    return first <= port.number <= (entry.number("endPort") or first)


def _is_peer(entry: Document, other: Peer) -> bool:
    if "ipBlock" in entry:
        block = entry.document("ipBlock")
        return isinstance(other, Outside) and _in_block(block, other.address)
    if isinstance(other, Outside) or other.on_host:
        return False
    if "namespaceSelector" in entry:
        if not _selects(entry.document("namespaceSelector"), other.namespace):
            return False
    elif other.namespace:  # a pod selector alone means the policy's own namespace
        return False
    return "podSelector" not in entry or _selects(
        entry.document("podSelector"), other.labels
    )


def _in_block(block: Document, address: str) -> bool:
    wanted = Address.parse(address)
    exceptions = (Prefix.parse(text) for text in block.texts("except"))
    return wanted in Prefix.parse(block.text("cidr")) and not any(
        wanted in prefix for prefix in exceptions
    )


def _selects(selector: Document, labels: dict[str, str]) -> bool:
    wanted = selector.document("matchLabels")
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _holds(expression, labels)
        for expression in _documents(selector, "matchExpressions")
    )


def _holds(expression: Document, labels: dict[str, str]) -> bool:
    value: Frozen = labels.get(expression.text("key"))
    values = expression.texts("values")
    return {
        "In": value is not None and value in values,
        "NotIn": value is None or value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }.get(expression.text("operator"), False)
