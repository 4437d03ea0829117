"""Who shares a pod, what everything is called, and which ports are opened.

```
 services  web, db, probe (--network container:web)
             │    │     │
 pods      ┌─┴────│─────┘        one pod for each network namespace
           ▼      ▼
        web{web,probe}  db{db}
 names   "db" on front ─▶ {db}   who answers to a name, by where it is asked
 keys    front ─▶ front          the label of each network
```

Invariants: each service is in exactly one pod; pod, claim and network names are valid
and different. Docker's word for what a pod shares is *sandbox*.
"""

from dataclasses import dataclass
from enum import StrEnum

from k8s_bridge.application import (
    Application,
    MountKind,
    Network,
    NetworkMode,
    Port,
    Publication,
    Restart,
    Service,
)
from k8s_bridge.mapping.names import assign, is_label_name
from k8s_bridge.options import Options, Policies, Publish

__all__ = ["NAME_LABEL", "NONE_KEY", "Kind", "Plan", "PlannedPod", "plan_of"]

NAME_LABEL = "app.kubernetes.io/name"
NONE_KEY = "none"


class Kind(StrEnum):
    """The Kubernetes object that keeps a pod."""

    POD = "Pod"
    DEPLOYMENT = "Deployment"
    JOB = "Job"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPod:
    """A pod to be: the service that owns its network namespace comes first."""

    name: str
    services: tuple[Service, ...]
    containers: tuple[str, ...]
    networks: tuple[Network, ...]

    @property
    def base(self) -> Service:
        """The service whose network namespace it is."""
        return self.services[0]

    @property
    def kind(self) -> Kind:
        """Deployment to keep running, Job to run to an end, Pod for the rest."""
        lifecycle = self.base.lifecycle
        if lifecycle.restart in (Restart.ALWAYS, Restart.UNLESS_STOPPED):
            return Kind.DEPLOYMENT
        limited = lifecycle.restart is Restart.ON_FAILURE and lifecycle.retries > 0
        return Kind.JOB if lifecycle.removed_when_done or limited else Kind.POD

    @property
    def on_host(self) -> bool:
        """Whether it uses the network namespace of its node."""
        return self.base.networking.mode is NetworkMode.HOST

    @property
    def isolated(self) -> bool:
        """Whether it has no network at all."""
        return not self.on_host and not self.networks

    @property
    def only_internal(self) -> bool:
        """Whether all of its networks are internal: no way out, no published port."""
        return bool(self.networks) and all(n.internal for n in self.networks)

    @property
    def published(self) -> tuple[Publication, ...]:
        """What Docker really publishes for it."""
        open_networks = self.networks and not self.only_internal
        return self.base.networking.published if open_networks else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The application with its pods and all names decided."""

    application: Application
    options: Options
    pods: tuple[PlannedPod, ...]
    network_keys: dict[str, str]
    claims: dict[str, str]

    def pod_of(self, service: str) -> PlannedPod | None:
        """The pod that a service is in; O(services)."""
        for pod in self.pods:
            if any(member.name == service for member in pod.services):
                return pod
        return None

    def members(self, network: Network) -> tuple[PlannedPod, ...]:
        """The pods on a network."""
        return tuple(pod for pod in self.pods if network in pod.networks)

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks that have a member."""
        networks = self.application.networks
        return tuple(n for n in networks if self.members(n))

    def opened(self, pod: PlannedPod) -> tuple[Publication, ...]:
        """What is opened to the outside: a loopback port of the host is not."""
        return tuple(p for p in pod.published if not p.on_loopback)

    def host_ports(self, pod: PlannedPod) -> dict[Port, list[dict[str, object]]]:
        """The places on a node where the ports of a pod are opened, if they are."""
        places: dict[Port, list[dict[str, object]]] = {}
        if self.options.publish is not Publish.HOSTPORT:
            return places
        for publication in pod.published:
            if publication.host_port:
                place: dict[str, object] = {"hostPort": publication.host_port}
                if not publication.on_every_address:
                    place["hostIP"] = publication.host_address
                known = places.setdefault(publication.port, [])
                known += [place] if place not in known else []
        return places

    @property
    def enforces(self) -> bool:
        """Whether NetworkPolicies are wanted: asked for, or needed to tell apart."""
        if self.options.policies is not Policies.AUTO:
            return self.options.policies is Policies.ALWAYS
        separating = (not n.default or n.internal or not n.icc for n in self.networks)
        return any(pod.isolated for pod in self.pods) or any(separating)


def plan_of(application: Application, options: Options) -> Plan:
    """Decides pods and names.

    >>> app = Application(services=(Service(name="web"), Service(name="My_App")))
    >>> [pod.name[:6] for pod in plan_of(app, Options()).pods]
    ['web', 'my-app']
    """
    names = assign(service.name for service in application.services)
    volumes = (
        mount.source
        for service in application.services
        for mount in service.mounts
        if mount.kind is MountKind.VOLUME
    )
    networks = (network.name for network in application.networks)
    return Plan(
        application=application,
        options=options,
        pods=_pods(application, names),
        network_keys=assign(networks, taken={NONE_KEY}, valid=is_label_name),
        claims=assign(volumes),
    )


def _pods(application: Application, names: dict[str, str]) -> tuple[PlannedPod, ...]:
    by_name = {service.name: service for service in application.services}
    groups: dict[str, list[Service]] = {}
    for service in application.services:
        groups.setdefault(_owner(service, by_name).name, []).append(service)
    return tuple(
        _pod(by_name[owner], members, application, names)
        for owner, members in groups.items()
    )


def _owner(service: Service, by_name: dict[str, Service]) -> Service:
    """Follows --network container:X to the one that has a namespace of its own."""
    seen = {service.name}
    while service.networking.mode is NetworkMode.SHARED:
        target = by_name.get(service.networking.shares)
        if target is None or target.name in seen:
            return service
        seen.add(target.name)
        service = target
    return service


def _pod(
    owner: Service,
    members: list[Service],
    application: Application,
    names: dict[str, str],
) -> PlannedPod:
    services = (owner, *(member for member in members if member is not owner))
    attached = {a.network for a in owner.networking.attachments}
    return PlannedPod(
        name=names[owner.name],
        services=services,
        containers=tuple(names[service.name] for service in services),
        networks=tuple(n for n in application.networks if n.name in attached),
    )
