"""What an API server refuses in Services, Ingresses and NetworkPolicies.

```
 Service        ports with different names and numbers, or headless
 Ingress        hosts are names, paths are absolute, backends have a port
 NetworkPolicy  directions spelled out, ranges that are ranges, peers of one kind
```

Invariant: yields nothing for what kube-apiserver 1.36 accepts without a warning.
"""

from collections.abc import Iterator

from k8s_bridge.check_rules import (
    different,
    is_port_name,
    items,
    labels,
    one_of,
    protocol,
    readable,
    selector,
)
from k8s_bridge.names import is_dns_label, is_dns_subdomain
from minidock.model.document import Document
from minidock.net.address import Address
from minidock.net.prefix import Prefix

__all__ = ["ingress", "network_policy", "service"]

_TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
_PORTS = range(1, 65536)


def service(document: Document) -> Iterator[str]:
    """What is refused in a Service."""
    spec = document.document("spec")
    ports = items(spec, "ports")
    external = spec.text("type") == "ExternalName"
    if not ports and spec.text("clusterIP") != "None" and not external:
        yield "spec.ports: empty, and the Service is not headless"
    if external and not is_dns_subdomain(spec.text("externalName").rstrip(".")):
        yield f"spec.externalName: {spec.text('externalName')!r}"
    yield from one_of("spec", spec, "type", _TYPES)
    yield from one_of("spec", spec, "sessionAffinity", ("None", "ClientIP"))
    yield from one_of("spec", spec, "externalTrafficPolicy", ("Cluster", "Local"))
    yield from labels("spec.selector", spec.document("selector"))
    address = spec.text("clusterIP")
    if address not in ("", "None") and not readable(Address.parse, address):
        yield f"spec.clusterIP: {address!r}"
    if address == "None" and spec.text("type") not in ("", "ClusterIP"):
        yield f"spec.clusterIP: None in a Service of type {spec.text('type')}"
    yield from different("spec.ports: name", [port.text("name") for port in ports])
    numbers = [f"{p.number('port')}/{p.text('protocol') or 'TCP'}" for p in ports]
    yield from different("spec.ports", numbers)
    for port in ports:
        yield from _service_port(spec, port, alone=len(ports) == 1)


def _service_port(spec: Document, port: Document, *, alone: bool) -> Iterator[str]:
    if not alone and not port.text("name"):
        yield "spec.ports: one of several has no name"
    if port.text("name") and not is_dns_label(port.text("name")):
        yield f"spec.ports: bad name {port.text('name')!r}"
    if port.get("port") not in _PORTS:
        yield f"spec.ports: port {port.get('port')!r}"
    target = port.get("targetPort", port.get("port"))
    good = is_port_name(target) if isinstance(target, str) else target in _PORTS
    if not good:
        yield f"spec.ports: targetPort {target!r}"
    if "nodePort" in port:
        if not 30000 <= port.number("nodePort") <= 32767:
            yield f"spec.ports: nodePort {port.get('nodePort')!r}"
        if spec.text("type") not in ("NodePort", "LoadBalancer"):
            yield "spec.ports: nodePort in a Service that no node opens"
    yield from protocol("spec.ports", port)


def ingress(document: Document) -> Iterator[str]:
    """What is refused in an Ingress."""
    spec = document.document("spec")
    rules = items(spec, "rules")
    if not rules and "defaultBackend" not in spec:
        yield "spec: neither rules nor defaultBackend"
    if "defaultBackend" in spec:
        yield from _backend("spec.defaultBackend", spec.document("defaultBackend"))
    name = spec.text("ingressClassName")
    if name and not is_dns_subdomain(name):
        yield f"spec.ingressClassName: {name!r}"
    for rule in rules:
        host = rule.text("host")
        number = readable(Address.parse, host)
        if host and (number or not is_dns_subdomain(host.removeprefix("*."))):
            yield f"spec.rules: host {host!r}"
        for path in items(rule.document("http"), "paths"):
            where = f"spec.rules[{host}]"
            kinds = ("Exact", "Prefix", "ImplementationSpecific")
            if path.get("pathType") not in kinds:
                yield f"{where}: pathType {path.get('pathType')!r}"
            if not path.text("path").startswith("/"):
                yield f"{where}: path {path.text('path')!r} is not absolute"
            yield from _backend(where, path.document("backend"))


def _backend(where: str, backend: Document) -> Iterator[str]:
    target = backend.document("service")
    port = target.document("port")
    if not is_dns_label(target.text("name")):
        yield f"{where}: backend {target.text('name')!r}"
    if port.get("number") not in _PORTS and not port.text("name"):
        yield f"{where}: the backend has no port"
    if "number" in port and "name" in port:
        yield f"{where}: the backend's port has a number and a name"


def network_policy(document: Document) -> Iterator[str]:
    """What is refused in a NetworkPolicy, and a rule that could never count."""
    spec = document.document("spec")
    yield from selector("spec.podSelector", spec.document("podSelector"))
    types = spec.texts("policyTypes")
    if not types or not set(types) <= {"Ingress", "Egress"}:
        yield f"spec.policyTypes: {types!r}"
    for rules, peers in (("ingress", "from"), ("egress", "to")):
        if rules in spec and rules.title() not in types:
            yield f"spec.{rules}: without {rules.title()} in policyTypes"
        for rule in items(spec, rules):
            for port in items(rule, "ports"):
                yield from _policy_port(f"spec.{rules}", port)
            for peer in items(rule, peers):
                yield from _peer(f"spec.{rules}", peer)


def _policy_port(where: str, port: Document) -> Iterator[str]:
    yield from protocol(where, port)
    number = port.get("port")
    good = is_port_name(number) if isinstance(number, str) else number in _PORTS
    if number is not None and not good:
        yield f"{where}: port {number!r}"
    if "endPort" not in port:
        return
    if not isinstance(number, int):
        yield f"{where}: endPort without a number to begin with"
    elif not number <= port.number("endPort") < 65536:
        yield f"{where}: endPort {port.get('endPort')!r} before port {number}"


def _peer(where: str, peer: Document) -> Iterator[str]:
    if not peer:
        yield f"{where}: an empty peer"
    if "ipBlock" in peer and len(peer) > 1:
        yield f"{where}: ipBlock beside a selector"
    yield from selector(where, peer.document("podSelector"))
    yield from selector(where, peer.document("namespaceSelector"))
    block = peer.document("ipBlock")
    if "ipBlock" not in peer:
        return
    if not readable(Prefix.parse, block.text("cidr")):
        yield f"{where}: bad range {block.text('cidr')!r}"
        return
    everything = Prefix.parse(block.text("cidr"))
    for text in block.texts("except"):
        inside = readable(Prefix.parse, text) and everything.covers(Prefix.parse(text))
        if not inside or Prefix.parse(text) == everything:
            yield f"{where}: {text!r} is no part of {everything}"
