"""From a Docker host to manifests, with a report and a proof.

```
 Engine ─▶ Application ─▶ Plan ─┬─▶ claims, policies, services, workloads ─▶ manifests
                                ├─▶ notes ⋈ settings                       ─▶ report
                                └─▶ Docker's reachability = the policies'? ─▶ proof
```

Invariants: the same input gives the same manifests; the report has an entry for every
setting of the input. Docker has no word for this; Kompose calls it *convert*.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from k8s_bridge.application import Application, Service
from k8s_bridge.manifests import Manifest, in_namespace, ordered
from k8s_bridge.mapping.limits import LIMITS
from k8s_bridge.mapping.plan import Plan, plan_of
from k8s_bridge.mapping.pods import pod_notes
from k8s_bridge.mapping.policies import network_notes, policies
from k8s_bridge.mapping.publishing import publishing_notes
from k8s_bridge.mapping.remarks import remarks
from k8s_bridge.mapping.services import (
    Directory,
    directory_of,
    name_notes,
    peer_services,
    published_services,
)
from k8s_bridge.mapping.storage import claims
from k8s_bridge.mapping.workloads import workload, workload_notes
from k8s_bridge.options import Options
from k8s_bridge.outputs import to_json, to_yaml
from k8s_bridge.proof import Proof, prove
from k8s_bridge.report import Entry, Note, Report, join
from k8s_bridge.sources.world import DockerHost, application_from_engine

__all__ = ["Translation", "translate"]

_DEFAULT = Options()


@dataclass(frozen=True)
class Translation:
    """What a translation gives. The proof and the texts are made when asked for."""

    application: Application
    options: Options
    objects: tuple[Manifest, ...]
    report: Report
    placement: dict[str, str]

    @property
    def manifests(self) -> list[Manifest]:
        """The manifests as plain dicts, in the order to apply them."""
        return list(self.objects)

    @property
    def yaml(self) -> str:
        """The manifests as one YAML text; needs PyYAML."""
        return to_yaml(self.objects)

    @property
    def json(self) -> str:
        """The manifests as one JSON list object."""
        return to_json(self.objects)

    @cached_property
    def proof(self) -> Proof:
        """Docker's reachability beside that of the manifests."""
        return prove(self.application, self.objects, self.placement)

    @property
    def same_reachability(self) -> bool:
        """Whether exactly the same connections are possible."""
        return self.proof.holds


def translate(
    source: Application | DockerHost, options: Options = _DEFAULT
) -> Translation:
    """Translates an Application, a minidock Engine or a docker-py client's host.

    >>> from k8s_bridge.application import Application, Program, Service
    >>> web = Service(name="web", program=Program(image="nginx"))
    >>> result = translate(Application(services=(web,)))
    >>> [manifest["kind"] for manifest in result.manifests]
    ['NetworkPolicy', 'Pod']
    """
    if not isinstance(source, Application):
        source = application_from_engine(source)
    plan = plan_of(source, options)
    directory = directory_of(plan)
    placed = (in_namespace(o, options.namespace) for o in _objects(plan, directory))
    return Translation(
        application=source,
        options=options,
        objects=ordered(placed),
        report=Report(tuple(_entries(plan, directory))),
        placement={s.name: pod.name for pod in plan.pods for s in pod.services},
    )


def _objects(plan: Plan, directory: Directory) -> Iterator[Manifest]:
    yield from claims(plan)
    yield from policies(plan)
    yield from peer_services(directory)
    yield from published_services(plan, directory)
    for pod in plan.pods:
        yield workload(pod, plan, directory)


def _entries(plan: Plan, directory: Directory) -> Iterator[Entry]:
    for service in plan.application.services:
        notes = _notes(service, plan, directory)
        yield from join(service.name, service.settings, notes, LIMITS)
    for network in plan.application.networks:
        notes = network_notes(network, plan)
        yield from join(f"network {network.name}", network.settings, notes, LIMITS)
    yield from remarks(plan)


def _notes(service: Service, plan: Plan, directory: Directory) -> Iterator[Note]:
    pod = plan.pod_of(service.name)
    if pod is None:
        return
    yield from pod_notes(pod, plan, service)
    yield from workload_notes(service, pod)
    yield from publishing_notes(service, pod, plan)
    yield from name_notes(service, plan, directory)
