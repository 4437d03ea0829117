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

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from k8s_bridge.application import (
    Application,
    Condition,
    MountKind,
    Network,
    NetworkMode,
    Port,
    Publication,
    Service,
)
from k8s_bridge.mapping.backing import Backing, backing_of
from k8s_bridge.mapping.kinds import Kind, copies_of, kind_of
from k8s_bridge.mapping.store import Store, store_of
from k8s_bridge.names import assign, is_label_name
from k8s_bridge.options import Options, Policies, Publish

__all__ = ["NAME_LABEL", "NONE_KEY", "Kind", "Plan", "PlannedPod", "plan_of"]

NAME_LABEL = "app.kubernetes.io/name"
NONE_KEY = "none"
# Their controllers put as much behind the name: a time, or a revision's hash.
_LONGEST = {Kind.CRON_JOB: 52, Kind.STATEFUL_SET: 52}


class PlannedPod(NamedTuple):
    """A pod to be: the service that owns its network namespace comes first.

    ``own_volumes`` are the named volumes of which each copy gets one of its own.
    """

    name: str
    kind: Kind
    services: tuple[Service, ...]
    containers: tuple[str, ...]
    networks: tuple[Network, ...]
    own_volumes: frozenset[str] = frozenset()

    @property
    def base(self) -> Service:
        """The service whose network namespace it is."""
        return self.services[0]

    @property
    def copies(self) -> int:
        """How many there are at first; a DaemonSet has one for each node."""
        return copies_of(self.base)

    @property
    def several(self) -> bool:
        """Whether there may be more than one at a time, as nobody changes a number."""
        return self.copies > 1 or self.kind is Kind.DAEMON_SET

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


class Plan(NamedTuple):
    """The application with its pods and all names decided.

    ``networks`` are those that have a member. ``enforces`` says whether
    NetworkPolicies are wanted: asked for, or needed to tell networks apart.
    ``awaited`` are the services that others wait for until they have completed.
    """

    application: Application
    options: Options
    pods: tuple[PlannedPod, ...]
    networks: tuple[Network, ...]
    network_keys: dict[str, str]
    enforces: bool
    awaited: frozenset[str]
    by_service: dict[str, PlannedPod]
    by_network: dict[str, tuple[PlannedPod, ...]]
    by_name: dict[str, Network]
    store: Store

    def pod_of(self, service: str) -> PlannedPod | None:
        """The pod that a service is in."""
        return self.by_service.get(service)

    def members(self, network: Network) -> tuple[PlannedPod, ...]:
        """The pods on a network."""
        return self.by_network.get(network.name, ())

    def network(self, name: str) -> Network:
        """The network of this name."""
        return self.by_name[name]

    def opened(self, pod: PlannedPod) -> tuple[Publication, ...]:
        """What is opened to the outside: a loopback port of the host is not."""
        return tuple(p for p in pod.published if not p.on_loopback)

    def on_node(self, publication: Publication) -> bool:
        """Whether a port is opened on the node of its pod: chosen so, or asked so.

        A node opens only a port that has a number.
        """
        asked = publication.mode == "host" or self.options.publish is Publish.HOSTPORT
        return asked and publication.host_port > 0

    @property
    def outer_type(self) -> str:
        """The type of Services that are open to the outside."""
        nodes = self.options.publish in (Publish.NODEPORT, Publish.HOSTPORT)
        return "NodePort" if nodes else "LoadBalancer"

    def host_ports(self, pod: PlannedPod) -> dict[Port, list[dict[str, object]]]:
        """The places on a node where the ports of a pod are opened, if they are."""
        places: dict[Port, list[dict[str, object]]] = {}
        for publication in pod.published:
            if self.on_node(publication):
                place: dict[str, object] = {"hostPort": publication.host_port}
                if not publication.on_every_address:
                    place["hostIP"] = publication.host_address
                known = places.setdefault(publication.port, [])
                known += [place] if place not in known else []
        return places


def _separates(network: Network) -> bool:
    """Whether somebody asked for a border; nobody asked for an implicit network."""
    unasked = network.default or network.implicit
    return not unasked or network.internal or not network.icc


def plan_of(application: Application, options: Options) -> Plan:
    """Decides pods and names.

    >>> app = Application(services=(Service(name="web"), Service(name="My_App")))
    >>> [pod.name[:6] for pod in plan_of(app, Options()).pods]
    ['web', 'my-app']
    """
    awaited = _awaited(application)
    kinds = {
        service.name: kind_of(service, awaited=service.name in awaited)
        for service in application.services
    }
    pods = _pods(application, kinds)
    by_network = _members(pods)
    networks = tuple(n for n in application.networks if n.name in by_network)
    return Plan(
        application=application,
        options=options,
        pods=pods,
        networks=networks,
        network_keys=assign(
            (network.name for network in application.networks),
            taken={NONE_KEY},
            valid=is_label_name,
            hashed=True,  # two projects meet on a network by its key
        ),
        enforces=_enforces(pods, networks, options),
        awaited=awaited,
        by_service={s.name: pod for pod in pods for s in pod.services},
        by_network=by_network,
        by_name={network.name: network for network in application.networks},
        store=store_of(application, options),
    )


def _awaited(application: Application) -> frozenset[str]:
    """The services that others wait for until they have completed."""
    return frozenset(
        dependency.service
        for service in application.services
        for dependency in service.dependencies
        if dependency.condition is Condition.COMPLETED
    )


def _names(kinds: dict[str, Kind]) -> dict[str, str]:
    """A name for each service; shorter ones where something is put behind them."""
    plain = assign(name for name, kind in kinds.items() if kind not in _LONGEST)
    short = assign(
        (name for name, kind in kinds.items() if kind in _LONGEST),
        taken=set(plain.values()),
        longest=min(_LONGEST.values()),
    )
    return plain | short


def _members(pods: Iterable[PlannedPod]) -> dict[str, tuple[PlannedPod, ...]]:
    members: dict[str, list[PlannedPod]] = {}
    for pod in pods:
        for network in pod.networks:
            members.setdefault(network.name, []).append(pod)
    return {name: tuple(found) for name, found in members.items()}


def _enforces(
    pods: tuple[PlannedPod, ...], networks: tuple[Network, ...], options: Options
) -> bool:
    if options.policies is not Policies.AUTO:
        return options.policies is Policies.ALWAYS
    separating = len(networks) > 1 or any(map(_separates, networks))
    return separating or any(pod.isolated for pod in pods)


def _volumes(services: Iterable[Service]) -> list[str]:
    return [
        mount.source
        for service in services
        for mount in service.mounts
        if mount.kind is MountKind.VOLUME
    ]


def _pods(application: Application, kinds: dict[str, Kind]) -> tuple[PlannedPod, ...]:
    by_name = {service.name: service for service in application.services}
    groups: dict[str, list[Service]] = {}
    for service in application.services:
        groups.setdefault(_owner(service, by_name).name, []).append(service)
    names = _names(kinds)
    networks = {n.name: i for i, n in enumerate(application.networks)}
    users = Counter(
        volume for group in groups.values() for volume in set(_volumes(group))
    )
    kept = {v.name for v in application.volumes if backing_of(v) is not Backing.CLUSTER}
    shared = kept | {volume for volume, count in users.items() if count > 1}
    return tuple(
        _pod(
            (by_name[owner], *(m for m in members if m.name != owner)),
            kinds[owner],
            names,
            tuple(
                application.networks[index]
                for index in _places(by_name[owner], networks)
            ),
            frozenset(shared),
        )
        for owner, members in groups.items()
    )


def _places(owner: Service, networks: dict[str, int]) -> list[int]:
    names = {a.network for a in owner.networking.attachments}
    return sorted(networks[name] for name in names if name in networks)


def _owner(service: Service, by_name: dict[str, Service]) -> Service:
    """Follows --network container:X to the one that has a namespace of its own.

    Those that only refer to each other have one each.
    """
    start, seen = service, {service.name}
    while service.networking.mode is NetworkMode.SHARED:
        target = by_name.get(service.networking.shares)
        if target is None:
            return service
        if target.name in seen:
            return start
        seen.add(target.name)
        service = target
    return service


def _pod(
    services: tuple[Service, ...],
    kind: Kind,
    names: dict[str, str],
    networks: tuple[Network, ...],
    shared: frozenset[str],
) -> PlannedPod:
    own = frozenset(_volumes(services)) - shared if kind is Kind.STATEFUL_SET else ()
    return PlannedPod(
        name=names[services[0].name],
        kind=kind,
        services=services,
        containers=tuple(names[service.name] for service in services),
        networks=networks,
        own_volumes=frozenset(own),
    )
