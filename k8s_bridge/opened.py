"""What the manifests open to the outside: ports of Services and of nodes.

```
 Service LoadBalancer, NodePort   selector ─▶ pods, targetPort ─▶ port
 Ingress                          ─▶ the ports of the Services that it names
 hostPort                         ─▶ the container's port, unless on the node's loopback
```

Policies may still keep a port closed that is opened here: both are needed. Invariant: a
Service of type ClusterIP and a headless one open nothing.
"""

from collections.abc import Iterator, Mapping, Sequence

from k8s_bridge.application import Port
from k8s_bridge.matrix import bits
from k8s_bridge.reachability import Pod
from k8s_bridge.selectors import Index, Requirement, Selector, documents_in
from minidock.model.document import Document, Frozen, freeze

__all__ = ["opened"]


def opened(
    manifests: Sequence[Mapping[str, object]], pods: Mapping[str, Pod]
) -> frozenset[tuple[str, Port]]:
    """The pod ports that the outside has a way to; O(manifests + ports)."""
    documents = [d for d in map(freeze, manifests) if isinstance(d, Document)]
    by_ingress = frozenset(_backends(documents))
    everyone = tuple(pods.values())
    index = Index(pod.labels for pod in everyone)
    found: set[tuple[str, Port]] = set()
    for document in documents:
        if document.text("kind") == "Service":
            for pod, port in _service(document, everyone, index, by_ingress):
                found.add((pod, port))
        else:
            found.update(_host_ports(document))
    return frozenset(found)


def _backends(documents: Sequence[Document]) -> Iterator[tuple[str, Frozen]]:
    """The Services that Ingresses name, with the number or name of the port."""
    for document in documents:
        if document.text("kind") != "Ingress":
            continue
        spec = document.document("spec")
        paths = [
            path.document("backend")
            for rule in documents_in(spec, "rules")
            for path in documents_in(rule.document("http"), "paths")
        ]
        for backend in (*paths, spec.document("defaultBackend")):
            service = backend.document("service")
            port = service.document("port")
            yield service.text("name"), port.get("number") or port.get("name")


def _service(
    document: Document,
    pods: Sequence[Pod],
    index: Index,
    by_ingress: frozenset[tuple[str, Frozen]],
) -> Iterator[tuple[str, Port]]:
    name, spec = document.document("metadata").text("name"), document.document("spec")
    selector = Selector(
        tuple(
            Requirement(key, "In", frozenset({value}))
            for key, value in spec.document("selector").items()
            if isinstance(value, str)
        )
    )
    outer = spec.text("type") in ("LoadBalancer", "NodePort")
    chosen = [pods[number] for number in bits(index.selected(selector))]
    for port in documents_in(spec, "ports"):
        named = {(name, port.get("port")), (name, port.get("name"))}
        if outer or named & by_ingress:
            for pod in chosen:
                yield pod.name, _target(port, pod)


def _target(port: Document, pod: Pod) -> Port:
    """The pod's port behind a Service's: a number, or what the pod calls so."""
    wanted = port.get("targetPort") or port.get("port")
    protocol = (port.text("protocol") or "TCP").lower()
    for own, name in pod.ports:
        if name == wanted and own.protocol == protocol:
            return own
    return Port(wanted if isinstance(wanted, int) else 0, protocol)


def _host_ports(document: Document) -> Iterator[tuple[str, Port]]:
    name, spec = document.document("metadata").text("name"), document.document("spec")
    spec = spec.document("jobTemplate").document("spec") or spec
    spec = spec.document("jobTemplate").document("spec") or spec
    spec = spec.document("template").document("spec") or spec
    for container in documents_in(spec, "containers"):
        for port in documents_in(container, "ports"):
            address = port.text("hostIP")
            loopback = address.startswith("127.") or address == "::1"
            if "hostPort" in port and not loopback:
                protocol = (port.text("protocol") or "TCP").lower()
                yield name, Port(port.number("containerPort"), protocol)
