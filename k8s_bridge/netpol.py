"""NetworkPolicies as values: who is selected, and what each rule lets through.

```
 Policy    namespace, selector, directions
   └─ Rule   peers: Pods | Block, none = everybody     ports, none = all
               │                                          │
               ├─ Pods   pod selector, namespace selector └─ Ports 80, 8000-8100, "http"
               └─ Block  CIDR without exceptions
```

Invariants: what the API defaults is written down (``policyTypes``, TCP, the own
namespace); a rule without peers admits everybody, one without ports every port.
Kubernetes: networking.k8s.io/v1 NetworkPolicy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from k8s_bridge.application import Port
from k8s_bridge.selectors import Selector, documents_in, selector_of
from minidock.errors import InvalidParameter
from minidock.model.document import Document, freeze
from minidock.net.address import Address
from minidock.net.prefix import Prefix

__all__ = [
    "DEFAULT_NAMESPACE",
    "EGRESS",
    "INGRESS",
    "Block",
    "Peer",
    "Pods",
    "Policy",
    "Ports",
    "Rule",
    "policies_of",
    "policy_of",
]

DEFAULT_NAMESPACE = "default"
INGRESS = "Ingress"
EGRESS = "Egress"


class Ports(NamedTuple):
    """Ports of one protocol: a range, one name, or all of them (0 to 65535)."""

    protocol: str = "tcp"
    first: int = 0
    last: int = 65535
    name: str = ""

    def holds(self, port: Port, name: str = "") -> bool:
        """Whether it means a port that its pod calls by this name."""
        if port.protocol != self.protocol:
            return False
        if self.name:
            return name == self.name
        return self.first <= port.number <= self.last


class Pods(NamedTuple):
    """Pods by their labels, in namespaces by theirs; None is the policy's own."""

    labels: Selector = Selector()
    namespaces: Selector | None = None


class Block(NamedTuple):
    """Addresses: a range, without others."""

    whole: Prefix
    exceptions: tuple[Prefix, ...] = ()

    def __contains__(self, address: object) -> bool:
        if not isinstance(address, Address) or address not in self.whole:
            return False
        return not any(address in prefix for prefix in self.exceptions)


Peer: TypeAlias = Pods | Block


class Rule(NamedTuple):
    """What one rule admits: any of the peers on any of the ports; empty is all."""

    peers: tuple[Peer, ...] = ()
    ports: tuple[Ports, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One NetworkPolicy."""

    name: str = ""
    namespace: str = DEFAULT_NAMESPACE
    selector: Selector = field(default_factory=Selector)
    directions: frozenset[str] = frozenset({INGRESS})
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()

    def rules(self, direction: str) -> tuple[Rule, ...]:
        """What it admits in a direction that it isolates."""
        return self.ingress if direction == INGRESS else self.egress


def policies_of(manifests: Iterable[Mapping[str, object]]) -> tuple[Policy, ...]:
    """The NetworkPolicies among manifests, in their order."""
    found = []
    for manifest in manifests:
        if manifest.get("kind") == "NetworkPolicy":
            document = freeze(manifest)
            if isinstance(document, Document):
                found.append(policy_of(document))
    return tuple(found)


def policy_of(manifest: Document) -> Policy:
    """Reads one manifest.

    Raises:
        InvalidParameter: what the API server would refuse too: a peer that is both a
            block of addresses and pods, a port range without a number, no range of
            addresses, an unknown operator.

    >>> policy_of(Document({"metadata": Document({"name": "deny"})})).directions
    frozenset({'Ingress'})
    >>> peer = Document({"ipBlock": Document({"cidr": "everything"})})
    >>> rule = Document({"from": (peer,)})
    >>> policy_of(Document({"spec": Document({"ingress": (rule,)})}))
    Traceback (most recent call last):
    ...
    minidock.errors.NotationError: netip.ParsePrefix("everything"): no '/'
    """
    metadata, spec = manifest.document("metadata"), manifest.document("spec")
    said = spec.texts("policyTypes")
    # Unsaid, Ingress always counts and Egress only where there are rules for it.
    implied = (INGRESS, EGRESS) if "egress" in spec else (INGRESS,)
    return Policy(
        name=metadata.text("name"),
        namespace=metadata.text("namespace") or DEFAULT_NAMESPACE,
        selector=selector_of(spec.document("podSelector")),
        directions=frozenset(said or implied),
        ingress=tuple(_rule(r, "from") for r in documents_in(spec, "ingress")),
        egress=tuple(_rule(r, "to") for r in documents_in(spec, "egress")),
    )


def _rule(document: Document, peers: str) -> Rule:
    return Rule(
        peers=tuple(map(_peer, documents_in(document, peers))),
        ports=tuple(map(_ports, documents_in(document, "ports"))),
    )


def _peer(document: Document) -> Peer:
    pods = "podSelector" in document or "namespaceSelector" in document
    if ("ipBlock" in document) == pods:
        raise InvalidParameter(
            "a peer is either a block of addresses or pods",
            asked=f"a peer with {', '.join(document) or 'nothing'}",
            rule="ipBlock stands alone; podSelector and namespaceSelector go together",
            remedy="one peer for each of them",
        )
    if "ipBlock" in document:
        block = document.document("ipBlock")
        exceptions = tuple(map(Prefix.parse, block.texts("except")))
        return Block(Prefix.parse(block.text("cidr")), exceptions)
    namespaces = None
    if "namespaceSelector" in document:
        namespaces = selector_of(document.document("namespaceSelector"))
    return Pods(selector_of(document.document("podSelector")), namespaces)


def _ports(document: Document) -> Ports:
    protocol = (document.text("protocol") or "TCP").lower()
    port, last = document.get("port"), document.get("endPort")
    if last is not None and not isinstance(port, int):
        raise InvalidParameter(
            "a range of ports needs a number to begin with",
            asked=f"ports {port} to {last}",
            rule="endPort goes with a numeric port",
            remedy="port: 8000, endPort: 8100",
        )
    if isinstance(port, str):
        return Ports(protocol, name=port)
    if isinstance(port, int):
        return Ports(protocol, port, last if isinstance(last, int) else port)
    return Ports(protocol)
