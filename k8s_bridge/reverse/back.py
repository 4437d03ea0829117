"""Manifests as an Application: the way back from Kubernetes.

```
 ConfigMaps, Secrets, claims ─┐
 workloads ───────────────────┼─▶ Application ─▶ Compose file, docker lines
 Services, NetworkPolicies ───┘   report: kept, changed, lost
```

Invariants: every field of every manifest is in the report, unless a cluster wrote it by
itself; what Docker cannot have is lost and says why. Docker has no word for this;
podman calls it *kube play*.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from k8s_bridge.application import Application, NetworkMode, Service
from k8s_bridge.manifests import Manifest
from k8s_bridge.report import Entry, Report
from k8s_bridge.reverse.labels import docker_name, labels_of
from k8s_bridge.reverse.node import Node, entries_of, node_of
from k8s_bridge.reverse.stores import Stores, claim, data_of
from k8s_bridge.reverse.wiring import Wiring, wiring_of
from k8s_bridge.reverse.workloads import KINDS, Workload, workload_of
from minidock.errors import NotFound

__all__ = ["Reversal", "reverse"]

_INSTANCE = "app.kubernetes.io/instance"
_STORED = ("ConfigMap", "Secret")
_READ = (*KINDS, *_STORED, "Service", "NetworkPolicy", "PersistentVolumeClaim")
_OURS = ("ServiceAccount", "Role", "RoleBinding")


@dataclass(frozen=True, slots=True)
class Reversal:
    """What came back: the Application, and what became of each field.

    ``services_of`` has, by kind and name of a workload, the names of its services.
    """

    application: Application
    report: Report
    services_of: dict[tuple[str, str], tuple[str, ...]]


def reverse(manifests: Iterable[Manifest]) -> Reversal:
    """The Application that manifests describe, in the order of their workloads.

    Cost: O(size of the manifests + whom Services select).

    >>> pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
    ...        "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
    >>> reverse([pod]).application.service("web").program.image
    'nginx'
    >>> reverse([])
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: there is no pod among the manifests
    """
    roots = [node_of(manifest) for manifest in manifests]
    stores = _stores(roots)
    workloads = tuple(workload_of(r, stores) for r in roots if _kind(r) in KINDS)
    if not workloads:
        raise NotFound(
            "there is no pod among the manifests",
            asked="turn manifests into containers",
            rule="containers are made of pods, and of what keeps pods: "
            + ", ".join(KINDS[1:]),
            remedy="give all manifests of an application at once",
        )
    wiring = wiring_of(
        (r for r in roots if _kind(r) == "Service"),
        (r for r in roots if _kind(r) == "NetworkPolicy"),
        workloads,
    )
    services = tuple(s for w in workloads for s in _services(w, wiring))
    application = Application(
        name=_project(roots),
        services=_known_only(services),
        networks=wiring.networks,
        volumes=tuple(stores.volumes.values()),
        configs=tuple(stores.configs.values()),
        secrets=tuple(stores.secrets.values()),
    )
    names = {
        (_kind(w.root), _name(w.root)): tuple(s.name for s in w.services)
        for w in workloads
    }
    return Reversal(application, Report(tuple(_entries(roots))), names)


def _kind(root: Node) -> str:
    return root("kind").text


def _name(root: Node) -> str:
    return root("metadata")("name").text


def _stores(roots: Sequence[Node]) -> Stores:
    stores = Stores({(_kind(r), _name(r)): data_of(r) for r in roots if _is_stored(r)})
    for root in roots:
        if _is_stored(root):
            key = (_kind(root), _name(root))
            stores.names[key] = docker_name(root)
            stores.labels[key] = labels_of(root)
        elif _kind(root) == "PersistentVolumeClaim":
            stores.volumes[_name(root)] = claim(root)
    return stores


def _is_stored(root: Node) -> bool:
    return _kind(root) in _STORED


def _project(roots: Sequence[Node]) -> str:
    """The application's name, if all that is named belongs to one."""
    labels = {root("metadata")("labels")(_INSTANCE).text for root in roots} - {""}
    return labels.pop() if len(labels) == 1 else ""


def _services(workload: Workload, wiring: Wiring) -> Iterator[Service]:
    base = workload.base
    networking = base.networking._replace(
        attachments=wiring.attachments(workload),
        published=(
            *base.networking.published,
            *wiring.published.get(base.name, ()),
        ),
    )
    if workload.isolated:
        networking = networking._replace(mode=NetworkMode.NONE)
    opened = {publication.port for publication in networking.published}
    networking = networking._replace(
        exposed=tuple(p for p in networking.exposed if p not in opened)
    )
    scheduling = base.scheduling
    if base.name in wiring.virtual:
        scheduling = scheduling._replace(endpoint_mode="vip")
    yield base._replace(networking=networking, scheduling=scheduling)
    yield from workload.services[1:]


def _known_only(services: tuple[Service, ...]) -> tuple[Service, ...]:
    """The services, waiting only for those that there are."""
    names = {service.name for service in services}
    return tuple(
        s._replace(dependencies=tuple(d for d in s.dependencies if d.service in names))
        for s in services
    )


def _entries(roots: Sequence[Node]) -> Iterator[Entry]:
    for root in roots:
        kind = _kind(root)
        if kind not in _READ:
            if kind in _OURS and _name(root).endswith("wait-for-jobs"):
                root.changed("depends_on, condition service_completed_successfully")
            else:
                root.lost(f"Docker has no {kind}")
        yield from entries_of(root)
