"""What an API server refuses in a pod, whoever keeps it.

```
 spec ─┬─ volumes      names differ, one source each
       ├─ containers   names, env, ports, mounts with a volume, requests below limits
       └─ the pod      host name, aliases, DNS, sysctls, namespaces
```

Invariant: yields nothing for a pod that kube-apiserver 1.36 accepts without a warning.
"""

from collections.abc import Iterator, Sequence

from k8s_bridge.check_containers import container
from k8s_bridge.check_rules import (
    different,
    is_data_key,
    items,
    one_of,
    quantity,
    readable,
    whole,
)
from k8s_bridge.names import is_dns_label, is_dns_subdomain, is_sysctl
from minidock.model.document import Document
from minidock.net.address import Address

__all__ = ["pod_spec"]

_IPC = ("kernel.shm", "kernel.msg", "kernel.sem", "fs.mqueue.")
_DNS = ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")


def pod_spec(where: str, spec: Document, claims: Sequence[str] = ()) -> Iterator[str]:
    """What is refused in the spec of a pod; ``claims`` are volumes made elsewhere."""
    containers = items(spec, "containers")
    first = items(spec, "initContainers")
    volumes = [volume.text("name") for volume in items(spec, "volumes")]
    yield from different(f"{where}.volumes", volumes)
    names = [c.text("name") for c in (*first, *containers)]
    yield from different(f"{where}.containers", names)
    for volume in items(spec, "volumes"):
        yield from _volume(f"{where}.volumes", volume)
    if not containers:
        yield f"{where}.containers: empty"
    known = [*volumes, *claims]
    for one in first:
        yield from container(f"{where}.initContainers", one, known)
        yield from _only_running(f"{where}.initContainers", one)
    for one in containers:
        yield from container(f"{where}.containers", one, known)
    places = [p for c in containers for p in _host_places(c)]
    yield from different(f"{where}: hostPort", places)
    policies = ("Always", "OnFailure", "Never")
    yield from one_of(where, spec, "restartPolicy", policies)
    yield from _naming(where, spec)
    yield from _pod_security(where, spec)


def _only_running(where: str, container: Document) -> Iterator[str]:
    """A container that ends has nothing that only one that goes on can have."""
    if container.text("restartPolicy") == "Always":
        return
    for key in ("livenessProbe", "readinessProbe", "startupProbe", "lifecycle"):
        if key in container:
            yield f"{where}[{container.text('name')}]: {key} of a container that ends"


def _host_places(container: Document) -> list[str]:
    return [
        f"{p.text('protocol') or 'TCP'} {p.text('hostIP')} {p.number('hostPort')}"
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
    for kind in ("configMap", "secret"):
        yield from _files(f"{where}.{kind}", volume.document(kind))
    for source in items(volume.document("projected"), "sources"):
        for kind in ("configMap", "secret"):
            yield from _files(f"{where}.projected.{kind}", source.document(kind))


def _files(where: str, source: Document) -> Iterator[str]:
    """The files that keys become."""
    paths = [item.text("path") for item in items(source, "items")]
    yield from different(f"{where}.items", paths)
    for path in paths:
        if not path or path.startswith("/") or ".." in path.split("/"):
            yield f"{where}.items: path {path!r}"
    for item in items(source, "items"):
        if not is_data_key(item.text("key")):
            yield f"{where}.items: bad key {item.text('key')!r}"
        yield from whole(f"{where}.items", item, "mode", high=0o777)
    yield from whole(where, source, "defaultMode", high=0o777)


def _naming(where: str, spec: Document) -> Iterator[str]:
    yield from one_of(where, spec, "dnsPolicy", _DNS)
    servers = spec.document("dnsConfig").texts("nameservers")
    if spec.text("dnsPolicy") == "None" and not servers:
        yield f"{where}.dnsPolicy: None without a server"
    if spec.text("subdomain") and not is_dns_label(spec.text("subdomain")):
        yield f"{where}.subdomain: {spec.text('subdomain')!r}"
    if spec.text("hostname") and not is_dns_label(spec.text("hostname")):
        yield f"{where}.hostname: {spec.text('hostname')!r}"
    whole = spec.text("hostnameOverride")
    if whole and (len(whole) > 64 or not is_dns_subdomain(whole)):
        yield f"{where}.hostnameOverride: {whole!r}"
    if whole and spec.flag("hostNetwork"):
        yield f"{where}.hostnameOverride: with hostNetwork"
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
    yield from whole(where, spec, "terminationGracePeriodSeconds")
    groups = context.get("supplementalGroups")
    for group in groups if isinstance(groups, tuple) else ():
        if not isinstance(group, int) or not 0 <= group < 2**31:
            yield f"{where}.supplementalGroups: {group!r}"
    runtime = spec.text("runtimeClassName")
    if runtime and not is_dns_subdomain(runtime):
        yield f"{where}.runtimeClassName: {runtime!r}"
