"""What a set of manifests means to whoever runs in it: names, ports, files, probes.

```
 manifests ─▶ Cluster ─┬─ container("web")       the container of a service, its pod
                       ├─ answers("db")          the pods that a name resolves to
                       ├─ doors(pod)             the ports that are open to the outside
                       └─ file(container, path)  the bytes that lie at a path
```

Nothing here asks the translator what it meant: it looks at the objects, as a kubelet, a
DNS server or a load balancer would.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Port(NamedTuple):
    """A port and a protocol in upper case."""

    number: int
    protocol: str


@dataclass(frozen=True)
class Pod:
    """The pods of one workload."""

    kind: str
    name: str
    labels: Mapping[str, str]
    spec: Mapping
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def containers(self) -> tuple[Mapping, ...]:
        return tuple(self.spec.get("containers", ()))

    @property
    def before(self) -> tuple[Mapping, ...]:
        return tuple(self.spec.get("initContainers", ()))

    def volume(self, name: str) -> Mapping:
        return next(v for v in self.spec.get("volumes", ()) if v["name"] == name)


class Place(NamedTuple):
    """A container and the pod it is in."""

    pod: Pod
    container: Mapping


class Cluster:
    """The objects, found by what they are asked for."""

    def __init__(self, manifests: list[Mapping]) -> None:
        self.manifests = manifests
        self.pods = [pod for m in manifests for pod in _pods(m)]
        self.services = [m for m in manifests if m["kind"] == "Service"]

    def kind(self, kind: str) -> dict[str, Mapping]:
        """The objects of a kind by their names."""
        return {m["metadata"]["name"]: m for m in self.manifests if m["kind"] == kind}

    def container(self, service: str, pod_name: str) -> Place | None:
        """The container of a Compose service; its original name is an annotation."""
        for pod in self.pods:
            originals = pod.annotations.get("minidock/docker-name", "").split(",")
            for index, container in enumerate(pod.containers):
                original = (*originals, *[""] * 99)[index]
                if pod.name == pod_name and service in (container["name"], original):
                    return Place(pod, container)
            if pod.name == pod_name and len(pod.containers) == 1:
                return Place(pod, pod.containers[0])
        return None

    def selected(self, service: Mapping) -> list[Pod]:
        """The pods that a Service stands for."""
        wanted = service["spec"].get("selector", {}).items()
        return [pod for pod in self.pods if wanted and wanted <= pod.labels.items()]

    def answers(self, name: str) -> list[Pod]:
        """The pods that a name resolves to inside the namespace."""
        for service in self.services:
            if service["metadata"]["name"] == name:
                return self.selected(service)
        return []

    def peer_ports(self, name: str) -> set[Port] | None:
        """The ports that a name leads to; None for all of them."""
        for service in self.services:
            if service["metadata"]["name"] == name:
                spec = service["spec"]
                if spec.get("clusterIP") == "None":
                    return None
                return {Port(*_port(port)) for port in spec.get("ports", ())}
        return set()

    def doors(self, pod: Pod) -> set[tuple[int, Port]]:
        """The outer numbers and the ports behind them that the outside can use."""
        if pod.spec.get("hostNetwork"):
            return set()
        found = set()
        for service in self.services:
            outer = service["spec"].get("type") in ("LoadBalancer", "NodePort")
            if outer and pod in self.selected(service):
                for port in service["spec"]["ports"]:
                    target = port.get("targetPort", port["port"])
                    inner = Port(self._number(pod, target), port.get("protocol", "TCP"))
                    found.add((port["port"], inner))
        for container in pod.containers:
            for port in container.get("ports", ()):
                if "hostPort" in port and not port.get("hostIP", "").startswith("127."):
                    inner = Port(port["containerPort"], port.get("protocol", "TCP"))
                    found.add((port["hostPort"], inner))
        return {door for door in found if self._let_in(pod, door[1])}

    def _number(self, pod: Pod, target: int | str) -> int:
        if isinstance(target, int):
            return target
        for container in pod.containers:
            for port in container.get("ports", ()):
                if port.get("name") == target:
                    return port["containerPort"]
        return 0

    def _let_in(self, pod: Pod, port: Port) -> bool:
        """Whether the policies let the whole outside in to a port of a pod."""
        policies = [p for p in self.manifests if p["kind"] == "NetworkPolicy"]
        about = [p["spec"] for p in policies if _selects(p["spec"], pod)]
        about = [spec for spec in about if "Ingress" in spec["policyTypes"]]
        if not about:
            return True
        rules = [rule for spec in about for rule in spec.get("ingress", ())]
        return any(_admits(rule, port) for rule in rules)

    def mount(self, place: Place, path: str) -> tuple[Mapping, Mapping, str] | None:
        """The mount over a path, its volume, and what is left of the path below it."""
        best = None
        for mount in place.container.get("volumeMounts", ()):
            at = mount["mountPath"].rstrip("/")
            if (path == at or path.startswith(f"{at}/")) and (
                best is None or len(at) > len(best["mountPath"].rstrip("/"))
            ):
                best = mount
        if best is None:
            return None
        rest = path[len(best["mountPath"].rstrip("/")) :].strip("/")
        return best, place.pod.volume(best["name"]), rest

    def file(self, place: Place, path: str) -> bytes | str | None:
        """The bytes at a path; a text names what holds them where that is elsewhere."""
        found = self.mount(place, path)
        if found is None:
            return None
        mount, volume, rest = found
        inside = "/".join(filter(None, (mount.get("subPath", ""), rest)))
        if "hostPath" in volume:
            return "/".join(filter(None, (volume["hostPath"]["path"], inside)))
        for source in _sources(volume):
            held = self._held(source, inside)
            if held is not None:
                return held
        return None

    def _held(self, source: Mapping, inside: str) -> bytes | str | None:
        for kind, key in (("ConfigMap", "configMap"), ("Secret", "secret")):
            if key not in source:
                continue
            wanted = source[key]
            name = wanted.get("secretName") or wanted.get("name")
            items = {i["path"]: i["key"] for i in wanted.get("items", ())}
            key_of_file = items.get(inside) if items else inside
            if key_of_file is None:
                return None
            made = self.kind(kind).get(name)
            if made is None:
                return f"{kind} {name}"
            return _data(made).get(key_of_file)
        return None


def _pods(manifest: Mapping) -> Iterator[Pod]:
    spec = manifest.get("spec", {})
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    if kind == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    template = manifest if kind == "Pod" else spec.get("template")
    if isinstance(template, Mapping) and "spec" in template:
        metadata = template.get("metadata", {})
        above = manifest["metadata"].get("annotations", {})
        below = metadata.get("annotations", {})
        labels = metadata.get("labels", {})
        yield Pod(kind, name, labels, template["spec"], {**above, **below})


def _port(port: Mapping) -> tuple[int, str]:
    return port["port"], port.get("protocol", "TCP")


def _selects(spec: Mapping, pod: Pod) -> bool:
    selector = spec.get("podSelector", {})
    assert "matchExpressions" not in selector
    return selector.get("matchLabels", {}).items() <= pod.labels.items()


def _admits(rule: Mapping, port: Port) -> bool:
    peers = rule.get("from", ())
    outside = any(p.get("ipBlock", {}).get("cidr") == "0.0.0.0/0" for p in peers)
    ports = rule.get("ports", ())
    numbers = {(p.get("port"), p.get("protocol", "TCP")) for p in ports}
    return (not peers or outside) and (not ports or tuple(port) in numbers)


def _sources(volume: Mapping) -> list[Mapping]:
    return volume["projected"]["sources"] if "projected" in volume else [volume]


def _data(made: Mapping) -> dict[str, bytes]:
    found = {k: str(v).encode() for k, v in made.get("stringData", {}).items()}
    if made["kind"] == "Secret":
        coded = made.get("data", {})
    else:
        found |= {k: v.encode() for k, v in made.get("data", {}).items()}
        coded = made.get("binaryData", {})
    return found | {k: base64.b64decode(v) for k, v in coded.items()}
