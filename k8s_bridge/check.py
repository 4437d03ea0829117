"""Rules that only an API server enforces, so that nothing invalid leaves the house.

Schemas know types and field names; they let five of six bad manifests through. The
rest (names, ranges, references, contradictions) is checked here:

```
 manifest ──▶ problems: "Service web: spec.ports[1].name: duplicate '80-tcp'"
```

Invariant: a manifest without problems is accepted by kube-apiserver 1.36, as far as
the kinds that this package emits are concerned. Kubernetes calls this *validation*.
"""

from collections.abc import Callable, Iterable, Iterator

from k8s_bridge.check_pods import pod_spec
from k8s_bridge.check_rules import (
    different,
    items,
    labels,
    protocol,
    quantity,
    readable,
)
from k8s_bridge.manifests import Manifest
from k8s_bridge.mapping.names import is_dns_label, is_dns_subdomain, is_qualified_name
from minidock.model.document import Document, freeze
from minidock.net.prefix import Prefix

__all__ = ["problems"]

_ANNOTATIONS = 256 * 1024
_Check = Callable[[Document], Iterator[str]]


def problems(manifests: Iterable[Manifest]) -> list[str]:
    """What an API server would refuse, one line each; empty if nothing.

    >>> problems([{"kind": "Service", "metadata": {"name": "My_App"}, "spec": {}}])[0]
    "Service My_App: metadata.name: 'My_App' is no DNS label"
    """
    found: list[str] = []
    seen: set[tuple[str, str, str]] = set()
    for manifest in manifests:
        document = freeze(manifest)
        if not isinstance(document, Document):
            continue
        metadata = document.document("metadata")
        kind, name = document.text("kind"), metadata.text("name")
        key = (kind, metadata.text("namespace"), name)
        if key in seen:
            found.append(f"{kind} {name}: there are two of this name")
        seen.add(key)
        found += [f"{kind} {name}: {text}" for text in _object(kind, document)]
    return found


def _object(kind: str, document: Document) -> Iterator[str]:
    yield from _metadata(kind, document.document("metadata"))
    yield from _SPECS.get(kind, _nothing)(document)


def _nothing(_: Document) -> Iterator[str]:
    yield "kind is not known"


def _metadata(kind: str, metadata: Document) -> Iterator[str]:
    name = metadata.text("name")
    # Dots are allowed in most names, but pods and their controllers make host names.
    if not (is_dns_subdomain(name) if kind == "NetworkPolicy" else is_dns_label(name)):
        yield f"metadata.name: {name!r} is no DNS label"
    yield from labels("metadata.labels", metadata.document("labels"))
    size = 0
    for key, value in metadata.document("annotations").items():
        if not is_qualified_name(key):
            yield f"metadata.annotations: bad key {key!r}"
        if not isinstance(value, str):
            yield f"metadata.annotations: {key} is no text"
        size += len(key.encode()) + len(str(value).encode())
    if size > _ANNOTATIONS:
        yield f"metadata.annotations: {size} bytes, {_ANNOTATIONS} are allowed"


def _pod(document: Document) -> Iterator[str]:
    yield from pod_spec("spec", document.document("spec"))


def _deployment(document: Document) -> Iterator[str]:
    spec = document.document("spec")
    yield from _template(spec)
    selector = spec.document("selector").document("matchLabels")
    labels = spec.document("template").document("metadata").document("labels")
    if not selector or not selector.items() <= labels.items():
        yield "spec.selector: does not match the labels of the template"
    policy = spec.document("template").document("spec").text("restartPolicy")
    if policy not in ("", "Always"):
        yield f"spec.template.spec.restartPolicy: {policy} in a Deployment"
    if spec.number("replicas") < 0:
        yield "spec.replicas: negative"


def _job(document: Document) -> Iterator[str]:
    spec = document.document("spec")
    yield from _template(spec)
    policy = spec.document("template").document("spec").text("restartPolicy")
    if policy not in ("Never", "OnFailure"):
        yield f"spec.template.spec.restartPolicy: {policy!r} in a Job"
    if not 0 <= spec.number("backoffLimit") < 2**31:
        yield "spec.backoffLimit: out of range"


def _template(spec: Document) -> Iterator[str]:
    template = spec.document("template")
    yield from labels(
        "template.labels", template.document("metadata").document("labels")
    )
    yield from pod_spec("spec.template.spec", template.document("spec"))


def _service(document: Document) -> Iterator[str]:
    spec = document.document("spec")
    ports = items(spec, "ports")
    if not ports and spec.text("clusterIP") != "None":
        yield "spec.ports: empty, and the Service is not headless"
    yield from labels("spec.selector", spec.document("selector"))
    yield from different("spec.ports: name", [port.text("name") for port in ports])
    numbers = [f"{p.number('port')}/{p.text('protocol') or 'TCP'}" for p in ports]
    yield from different("spec.ports", numbers)
    for port in ports:
        if len(ports) > 1 and not port.text("name"):
            yield "spec.ports: one of several has no name"
        if port.text("name") and not is_dns_label(port.text("name")):
            yield f"spec.ports: bad name {port.text('name')!r}"
        for key in ("port", "targetPort"):
            if not 0 < port.number(key) < 65536:
                yield f"spec.ports: {key} {port.get(key)!r}"
        if "nodePort" in port and not 30000 <= port.number("nodePort") <= 32767:
            yield f"spec.ports: nodePort {port.number('nodePort')}"
        yield from protocol("spec.ports", port)


def _policy(document: Document) -> Iterator[str]:
    spec = document.document("spec")
    yield from _selector("spec.podSelector", spec.document("podSelector"))
    types = spec.texts("policyTypes")
    if not types or not set(types) <= {"Ingress", "Egress"}:
        yield f"spec.policyTypes: {types!r}"
    for rules, peers, needed in (
        ("ingress", "from", "Ingress"),
        ("egress", "to", "Egress"),
    ):
        if rules in spec and needed not in types:
            yield f"spec.{rules}: without {needed} in policyTypes"
        for rule in items(spec, rules):
            for port in items(rule, "ports"):
                yield from protocol(f"spec.{rules}", port)
                if "port" in port and not 0 < port.number("port") < 65536:
                    yield f"spec.{rules}: port {port.get('port')!r}"
            for peer in items(rule, peers):
                yield from _peer(f"spec.{rules}", peer)


def _selector(where: str, selector: Document) -> Iterator[str]:
    yield from labels(where, selector.document("matchLabels"))


def _peer(where: str, peer: Document) -> Iterator[str]:
    if not peer:
        yield f"{where}: an empty peer"
    if "ipBlock" in peer and len(peer) > 1:
        yield f"{where}: ipBlock beside a selector"
    yield from _selector(where, peer.document("podSelector"))
    yield from _selector(where, peer.document("namespaceSelector"))
    block = peer.document("ipBlock")
    if "ipBlock" not in peer:
        return
    if not readable(Prefix.parse, block.text("cidr")):
        yield f"{where}: bad range {block.text('cidr')!r}"
        return
    whole = Prefix.parse(block.text("cidr"))
    for text in block.texts("except"):
        if not readable(Prefix.parse, text) or not whole.covers(Prefix.parse(text)):
            yield f"{where}: {text!r} is no part of {whole}"


def _claim(document: Document) -> Iterator[str]:
    spec = document.document("spec")
    modes = spec.texts("accessModes")
    if not modes or not set(modes) <= {
        "ReadWriteOnce",
        "ReadOnlyMany",
        "ReadWriteMany",
        "ReadWriteOncePod",
    }:
        yield f"spec.accessModes: {modes!r}"
    storage = spec.document("resources").document("requests").text("storage")
    yield from quantity("spec.resources.requests.storage", storage)


_SPECS: dict[str, _Check] = {
    "Deployment": _deployment,
    "Job": _job,
    "NetworkPolicy": _policy,
    "PersistentVolumeClaim": _claim,
    "Pod": _pod,
    "Service": _service,
}
