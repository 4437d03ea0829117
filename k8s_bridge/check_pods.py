"""What an API server refuses in a pod, whoever keeps it.

```
 spec ─┬─ volumes      names differ, one source each
       ├─ containers   names, env, ports, mounts with a volume, requests below limits
       └─ the pod      host name, aliases, DNS, sysctls, namespaces
```

Invariant: yields nothing for a pod that kube-apiserver 1.36 accepts without a warning.
"""

from collections.abc import Iterator

from k8s_bridge.check_rules import different, items, protocol, quantity, readable
from k8s_bridge.mapping.names import is_dns_label, is_dns_subdomain, is_sysctl
from minidock.model.document import Document
from minidock.net.address import Address

__all__ = ["pod_spec"]

_IPC = ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")


def pod_spec(where: str, spec: Document) -> Iterator[str]:
    """What is refused in the spec of a pod."""
    containers = items(spec, "containers")
    volumes = [volume.text("name") for volume in items(spec, "volumes")]
    yield from different(f"{where}.volumes", volumes)
    yield from different(f"{where}.containers", [c.text("name") for c in containers])
    for volume in items(spec, "volumes"):
        yield from _volume(f"{where}.volumes", volume)
    if not containers:
        yield f"{where}.containers: empty"
    for container in containers:
        yield from _container(f"{where}.containers", container, volumes)
    places = [p for c in containers for p in _host_places(c)]
    yield from different(f"{where}: hostPort", places)
    yield from _naming(where, spec)
    yield from _pod_security(where, spec)


def _host_places(container: Document) -> list[str]:
    return [
        f"{p.text('protocol')} {p.text('hostIP')} {p.number('hostPort')}"
        for p in items(container, "ports")
        if "hostPort" in p
    ]


def _volume(where: str, volume: Document) -> Iterator[str]:
    if not is_dns_label(volume.text("name")):
        yield f"{where}: bad name {volume.text('name')!r}"
    sources = [key for key in volume if key != "name"]
    if len(sources) != 1:
        yield f"{where}: {volume.text('name')} has {len(sources)} sources"
    path = volume.document("hostPath").text("path")
    if "hostPath" in volume and (not path.startswith("/") or ".." in path.split("/")):
        yield f"{where}: hostPath {path!r} is not absolute, or goes upwards"
    empty = volume.document("emptyDir")
    if empty.text("medium") not in ("", "Memory"):
        yield f"{where}: emptyDir.medium {empty.text('medium')!r}"
    yield from quantity(f"{where}.emptyDir.sizeLimit", empty.text("sizeLimit") or "0")


def _container(where: str, container: Document, volumes: list[str]) -> Iterator[str]:
    name = container.text("name")
    where = f"{where}[{name}]"
    if not is_dns_label(name):
        yield f"{where}: bad name"
    image = container.text("image")
    if not image or image != image.strip():
        yield f"{where}.image: missing or with spaces around it"
    yield from _environment(where, container)
    yield from _container_ports(where, container)
    yield from _mounts(where, container, volumes)
    yield from _resources(where, container.document("resources"))
    yield from _probe(where, container)
    yield from _container_security(where, container.document("securityContext"))


def _environment(where: str, container: Document) -> Iterator[str]:
    names = [variable.text("name") for variable in items(container, "env")]
    yield from different(f"{where}.env", names)
    for name in names:
        if not name or "=" in name or not all(" " <= c <= "~" for c in name):
            yield f"{where}.env: bad name {name!r}"


def _container_ports(where: str, container: Document) -> Iterator[str]:
    for port in items(container, "ports"):
        for key in ("containerPort", "hostPort"):
            if key in port and not 0 < port.number(key) < 65536:
                yield f"{where}.ports: {key} {port.number(key)}"
        yield from protocol(where, port)
        if port.text("hostIP") and not readable(Address.parse, port.text("hostIP")):
            yield f"{where}.ports: hostIP {port.text('hostIP')!r}"


def _mounts(where: str, container: Document, volumes: list[str]) -> Iterator[str]:
    mounts = items(container, "volumeMounts")
    yield from different(f"{where}.volumeMounts", [m.text("mountPath") for m in mounts])
    privileged = container.document("securityContext").flag("privileged")
    for mount in mounts:
        path, sub = mount.text("mountPath"), mount.text("subPath")
        if not path.startswith("/") or ":" in path:
            yield f"{where}.volumeMounts: mountPath {path!r}"
        if sub.startswith("/") or ".." in sub.split("/"):
            yield f"{where}.volumeMounts: subPath {sub!r}"
        if mount.text("name") not in volumes:
            yield f"{where}.volumeMounts: no volume {mount.text('name')!r}"
        if mount.text("mountPropagation") == "Bidirectional" and not privileged:
            yield f"{where}.volumeMounts: Bidirectional needs a privileged container"


def _resources(where: str, resources: Document) -> Iterator[str]:
    limits, requests = resources.document("limits"), resources.document("requests")
    for kind, amounts in (("limits", limits), ("requests", requests)):
        for key in amounts:
            yield from quantity(f"{where}.resources.{kind}.{key}", amounts.text(key))
    for key in requests:
        if key in limits and _amount(requests.text(key)) > _amount(limits.text(key)):
            yield f"{where}.resources: request of {key} is above its limit"


_FACTORS = {"m": 0.001, "": 1, "k": 1000, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}


def _amount(text: str) -> float:
    digits = text.rstrip("mkKMGTPEi")
    return float(digits) * _FACTORS.get(text[len(digits) :], 1 << 40)


def _probe(where: str, container: Document) -> Iterator[str]:
    probe = container.document("readinessProbe")
    if not probe:
        return
    if not probe.document("exec").texts("command"):
        yield f"{where}.readinessProbe: no command"
    for key in ("periodSeconds", "timeoutSeconds", "failureThreshold"):
        if not 1 <= probe.number(key) < 2**31:
            yield f"{where}.readinessProbe.{key}: {probe.get(key)!r}"


def _container_security(where: str, context: Document) -> Iterator[str]:
    capabilities = context.document("capabilities")
    names = (*capabilities.texts("add"), *capabilities.texts("drop"))
    for name in names:
        if name.startswith("CAP_"):
            yield f"{where}.securityContext: capability {name} is never found"
    refused = context.flag("privileged") or "SYS_ADMIN" in capabilities.texts("add")
    if context.get("allowPrivilegeEscalation") is False and refused:
        yield f"{where}.securityContext: allowPrivilegeEscalation contradicts it"
    for key in ("runAsUser", "runAsGroup"):
        if key in context and not 0 <= context.number(key) < 2**31:
            yield f"{where}.securityContext.{key}: out of range"


def _naming(where: str, spec: Document) -> Iterator[str]:
    if spec.text("hostname") and not is_dns_label(spec.text("hostname")):
        yield f"{where}.hostname: {spec.text('hostname')!r}"
    for alias in items(spec, "hostAliases"):
        if not readable(Address.parse, alias.text("ip")):
            yield f"{where}.hostAliases: {alias.text('ip')!r} is no address"
        for name in alias.texts("hostnames"):
            if not is_dns_subdomain(name):
                yield f"{where}.hostAliases: bad name {name!r}"
    dns = spec.document("dnsConfig")
    if len(dns.texts("nameservers")) > 3:
        yield f"{where}.dnsConfig: more than three servers"
    for server in dns.texts("nameservers"):
        if not readable(Address.parse, server):
            yield f"{where}.dnsConfig: {server!r} is no address"
    searches = dns.texts("searches")
    if len(searches) > 32 or len(" ".join(searches)) > 2048:
        yield f"{where}.dnsConfig: too many searches"
    for search in searches:
        if not is_dns_subdomain(search.removesuffix(".")):
            yield f"{where}.dnsConfig: bad search {search!r}"


def _pod_security(where: str, spec: Document) -> Iterator[str]:
    context = spec.document("securityContext")
    names = [entry.text("name") for entry in items(context, "sysctls")]
    yield from different(f"{where}.sysctls", names)
    for name in names:
        if not is_sysctl(name):
            yield f"{where}.sysctls: bad name {name!r}"
        if name.startswith("net.") and spec.flag("hostNetwork"):
            yield f"{where}.sysctls: {name} with hostNetwork"
        if name.startswith(_IPC) and spec.flag("hostIPC"):
            yield f"{where}.sysctls: {name} with hostIPC"
    if spec.flag("hostPID") and spec.flag("shareProcessNamespace"):
        yield f"{where}: hostPID and shareProcessNamespace"
    if spec.number("terminationGracePeriodSeconds") < 0:
        yield f"{where}.terminationGracePeriodSeconds: negative"
    runtime = spec.text("runtimeClassName")
    if runtime and not is_dns_subdomain(runtime):
        yield f"{where}.runtimeClassName: {runtime!r}"
