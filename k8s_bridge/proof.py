"""Docker's reachability beside that of the manifests, connection by connection.

```
              web   db   outside                      web   db   outside
 Docker  web   -    yes    yes           policies web  -    yes    yes
         db   yes    -     yes                    db  yes    -     yes
    outside   80    no      -                 outside  80    no      -
                     └────────── equal, port by port? ──────────┘
```

Docker's rule is written down a second time here, from the Application alone, so that
the mapping cannot agree with itself by mistake. Connections that neither policies nor
Services can rule (to and from ``--network host``) are listed apart as *beyond*.

Invariant: every ordered pair of services, and each service with the outside, is judged
on its declared ports and on ports that nobody declared.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from k8s_bridge.application import (
    Application,
    Network,
    NetworkMode,
    Port,
    Service,
)
from k8s_bridge.manifests import Manifest
from k8s_bridge.reachability import Outside, Peer, allows, pods_of, policies_of
from minidock.model.document import Document, freeze

__all__ = ["OUTSIDE", "Flow", "Proof", "docker_allows", "prove"]

OUTSIDE = "outside"
_ADDRESS = "203.0.113.7"  # documentation range: in nobody's cluster
_UNDECLARED = (Port(9), Port(9, "udp"))


class Flow(NamedTuple):
    """A connection that may or may not be possible."""

    source: str
    target: str
    port: Port

    def __str__(self) -> str:
        return f"{self.source} -> {self.target} {self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was compared; the two middle ones are the differences."""

    agreed: tuple[Flow, ...] = ()
    only_docker: tuple[Flow, ...] = ()
    only_kubernetes: tuple[Flow, ...] = ()
    beyond: tuple[Flow, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether both systems allow the same connections."""
        return not self.only_docker and not self.only_kubernetes

    def __str__(self) -> str:
        verdict = "the same" if self.holds else "not the same"
        lines = [f"reachability is {verdict}: {len(self.agreed)} connections agree"]
        lines += [f"only Docker allows      {flow}" for flow in self.only_docker]
        lines += [f"only Kubernetes allows  {flow}" for flow in self.only_kubernetes]
        if self.beyond:
            lines.append(f"{len(self.beyond)} to or from hostNetwork are not ruled")
        return "\n".join(lines)


def prove(
    application: Application,
    manifests: Iterable[Manifest],
    placement: Mapping[str, str],
) -> Proof:
    """Compares every flow; O(services squared times their rules and ports).

    ``placement`` names the pod of each service.
    """
    objects = tuple(manifests)
    docker, cluster = _Docker(application), _Cluster(objects, placement)
    sorted_flows: dict[str, list[Flow]] = {
        "agreed": [],
        "only_docker": [],
        "only_kubernetes": [],
        "beyond": [],
    }
    for flow in _flows(application, placement):
        sorted_flows[_verdict(flow, docker, cluster)].append(flow)
    return Proof(**{name: tuple(flows) for name, flows in sorted_flows.items()})


def _verdict(flow: Flow, host: "_Docker", cluster: "_Cluster") -> str:
    if cluster.on_host(flow.source) or cluster.on_host(flow.target):
        return "beyond"
    docker, kubernetes = host.allows(flow), cluster.allows(flow)
    if docker == kubernetes:
        return "agreed"
    return "only_docker" if docker else "only_kubernetes"


def _flows(application: Application, placement: Mapping[str, str]) -> Iterator[Flow]:
    """Every pair, each pod standing for its services (they share one namespace)."""
    pods = {placement[s.name]: s for s in reversed(application.services)}
    owners = [_owner(service, application) for service in pods.values()]
    for target in owners:
        ports = (*target.networking.ports, *_UNDECLARED)
        sources = [owner.name for owner in owners if owner is not target]
        for source in (*sources, OUTSIDE):
            for port in dict.fromkeys(ports):
                yield Flow(source, target.name, port)
    for owner in owners:
        yield Flow(owner.name, OUTSIDE, Port(443))


def _owner(service: Service, application: Application) -> Service:
    """The service whose network namespace this one lives in."""
    by_name = {s.name: s for s in application.services}
    seen = {service.name}
    while service.networking.mode is NetworkMode.SHARED:
        target = by_name.get(service.networking.shares)
        if target is None or target.name in seen:
            return service
        seen.add(target.name)
        service = target
    return service


def docker_allows(application: Application, flow: Flow) -> bool:
    """Docker's rule, for services with a network namespace of their own.

    Two of them meet on a network that they share, on every port. Where a network says
    icc=false they do not, except along a link of the default bridge, on the ports that
    the target declares. The outside reaches published ports, unless all networks are
    internal or the port is published on the host's loopback; a container reaches the
    outside over any network that is not internal.
    """
    return _Docker(application).allows(flow)


class _Docker:
    """The application, asked like the Docker host that it stands on."""

    def __init__(self, application: Application) -> None:
        self._named = {network.name: network for network in application.networks}
        self._services = {service.name: service for service in application.services}
        self._networks = {
            service.name: frozenset(
                attachment.network
                for attachment in service.networking.attachments
                if attachment.network in self._named
            )
            for service in application.services
        }

    def allows(self, flow: Flow) -> bool:
        if flow.target == OUTSIDE:
            return self._has_a_way_out(flow.source)
        target = self._services[flow.target]
        if flow.source == OUTSIDE:
            opened = _published(target, flow.port)
            return opened and self._has_a_way_out(flow.target)
        source = self._services[flow.source]
        shared = self._networks[flow.source] & self._networks[flow.target]
        networks = map(self._named.__getitem__, shared)
        return any(n.icc or _linked(source, target, n, flow.port) for n in networks)

    def _has_a_way_out(self, name: str) -> bool:
        return any(
            not self._named[network].internal for network in self._networks[name]
        )


def _published(target: Service, port: Port) -> bool:
    published = target.networking.published
    return any(p.port == port and not p.on_loopback for p in published)


def _linked(source: Service, target: Service, network: Network, port: Port) -> bool:
    return network.default and any(
        link.target == target.name and port in target.networking.ports
        for attachment in source.networking.attachments
        if attachment.network == network.name
        for link in attachment.links
    )


class _Cluster:
    """The manifests, asked like a cluster that has them applied."""

    def __init__(
        self, manifests: tuple[Manifest, ...], placement: Mapping[str, str]
    ) -> None:
        self._pods = pods_of(manifests)
        self._policies = policies_of(manifests)
        self._placement = placement
        self._open = frozenset(_opened(manifests, self._pods))

    def _peer(self, name: str) -> Peer:
        if name == OUTSIDE:
            return Outside(_ADDRESS)
        return self._pods[self._placement[name]]

    def on_host(self, name: str) -> bool:
        """Whether policies do not hold for it."""
        peer = self._peer(name)
        return not isinstance(peer, Outside) and peer.on_host

    def allows(self, flow: Flow) -> bool:
        """Whether policies admit it; from outside there must be a way in, too."""
        source, target = self._peer(flow.source), self._peer(flow.target)
        inwards = isinstance(source, Outside) and not isinstance(target, Outside)
        if inwards and (self._placement[flow.target], flow.port) not in self._open:
            return False
        return allows(self._policies, source, target, flow.port)


def _opened(
    manifests: tuple[Manifest, ...], pods: Mapping[str, object]
) -> Iterator[tuple[str, Port]]:
    """The pod ports that Services and nodes open to the outside."""
    all_pods = pods_of(manifests)
    for manifest in manifests:
        document = freeze(manifest)
        if not isinstance(document, Document):
            continue
        name, spec = (
            document.document("metadata").text("name"),
            document.document("spec"),
        )
        if document.text("kind") == "Service" and "type" in spec:
            wanted = spec.document("selector").items()
            chosen = (p.name for p in all_pods.values() if wanted <= p.labels.items())
            for pod in chosen:
                for port in _items(spec, "ports"):
                    yield pod, _port(port, "targetPort")
        elif name in pods:
            yield from _host_ports(name, document)


def _host_ports(name: str, document: Document) -> Iterator[tuple[str, Port]]:
    spec = document.document("spec")
    spec = spec.document("template").document("spec") or spec
    for container in _items(spec, "containers"):
        for port in _items(container, "ports"):
            loopback = (
                port.text("hostIP").startswith("127.") or port.text("hostIP") == "::1"
            )
            if "hostPort" in port and not loopback:
                yield name, _port(port, "containerPort")


def _items(document: Document, key: str) -> Iterator[Document]:
    value = document.get(key)
    for item in value if isinstance(value, tuple) else ():
        if isinstance(item, Document):
            yield item


def _port(port: Document, key: str) -> Port:
    return Port(port.number(key), (port.text("protocol") or "TCP").lower())
