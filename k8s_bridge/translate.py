"""From a Docker host to manifests, with a report and a proof.

```
 Engine ─▶ Application ─▶ Plan ─┬─▶ claims, policies, services, workloads ─▶ manifests
                                ├─▶ notes ⋈ settings                       ─▶ report
                                └─▶ Docker's reachability = the policies'? ─▶ proof
```

Invariants: the same input gives the same manifests; the report has an entry for every
setting of the input. Docker has no word for this; Kompose calls it *convert*.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from k8s_bridge.application import Application, Service
from k8s_bridge.manifests import Manifest, in_namespace, ordered
from k8s_bridge.mapping.claims import claims, volume_notes
from k8s_bridge.mapping.configs import (
    config_maps,
    secrets,
    stored_notes,
    variable_notes,
)
from k8s_bridge.mapping.directory import Directory, directory_of
from k8s_bridge.mapping.gates import gate_objects
from k8s_bridge.mapping.labels import stamped
from k8s_bridge.mapping.limits import LIMITS
from k8s_bridge.mapping.origins import origins
from k8s_bridge.mapping.part import Part
from k8s_bridge.mapping.plan import Plan, PlannedPod, plan_of
from k8s_bridge.mapping.pods import containers_of, pod_notes
from k8s_bridge.mapping.policies import network_notes, policies
from k8s_bridge.mapping.publishing import publishing_notes
from k8s_bridge.mapping.remarks import remarks
from k8s_bridge.mapping.services import name_notes, peer_services, published_services
from k8s_bridge.mapping.waiting import Waits, waits_of
from k8s_bridge.mapping.workloads import workload, workload_notes
from k8s_bridge.options import Options
from k8s_bridge.outputs import to_json, to_yaml
from k8s_bridge.report import Entry, Note, Report, join

if TYPE_CHECKING:
    from k8s_bridge.proof import Proof
    from k8s_bridge.sources.world import DockerHost

__all__ = ["Translation", "translate"]

_DEFAULT = Options()


class _Translated(NamedTuple):
    application: Application
    options: Options
    objects: tuple[Manifest, ...]
    placement: dict[str, str]
    entries: Callable[[], Iterator[Entry]]


class Translation(_Translated):  # without slots: cached_property keeps what was made
    """What a translation gives. Report, proof and texts are made when asked for."""

    @property
    def manifests(self) -> list[Manifest]:
        """The manifests as plain dicts, in the order to apply them."""
        return list(self.objects)

    @property
    def yaml(self) -> str:
        """The manifests as one YAML text."""
        return to_yaml(self.objects)

    @property
    def json(self) -> str:
        """The manifests as one JSON list object."""
        return to_json(self.objects)

    @cached_property
    def report(self) -> Report:
        """What became of every setting; as much work as the manifests."""
        return Report(tuple(self.entries()))

    @cached_property
    def proof(self) -> "Proof":
        """Docker's reachability beside that of the manifests."""
        from k8s_bridge.proof import prove  # noqa: PLC0415  # slow to load

        return prove(self.application, self.objects, self.placement)

    @property
    def same_reachability(self) -> bool:
        """Whether exactly the same connections are possible."""
        return self.proof.holds


def translate(
    source: "Application | DockerHost", options: Options = _DEFAULT
) -> Translation:
    """Translates an Application, a minidock Engine or a docker-py client's host.

    >>> from k8s_bridge.application import Application, Program, Service
    >>> web = Service(name="web", program=Program(image="nginx"))
    >>> result = translate(Application(services=(web,)))
    >>> [manifest["kind"] for manifest in result.manifests]
    ['NetworkPolicy', 'Deployment']
    """
    if not isinstance(source, Application):
        from k8s_bridge.sources.world import (  # noqa: PLC0415  # only for an engine
            application_from_engine,
        )

        source = application_from_engine(source)
    plan = plan_of(source, options)
    directory = directory_of(plan)
    waits = waits_of(plan, directory.names)
    made = {pod.name: _made(pod, plan, directory, waits) for pod in plan.pods}
    objects = (*_around(plan, directory, waits), *_in_order(made, waits))
    places = origins(plan)
    return Translation(
        application=source,
        options=options,
        objects=ordered(
            in_namespace(_stamped(o, plan, places), options.namespace) for o in objects
        ),
        placement={s.name: pod.name for pod in plan.pods for s in pod.services},
        entries=lambda: _entries(plan, directory, waits, made),
    )


def _stamped(
    manifest: Manifest, plan: Plan, places: dict[tuple[str, str], str]
) -> Manifest:
    metadata = manifest.get("metadata")
    name = metadata["name"] if isinstance(metadata, dict) else ""
    origin = places.get((str(manifest.get("kind")), str(name)), "")
    return stamped(manifest, plan.application.name, origin)


class _Made(NamedTuple):
    """What a pod became: the object that keeps it, and its containers with notes."""

    manifest: Manifest
    containers: tuple[Part, ...]


def _made(pod: PlannedPod, plan: Plan, directory: Directory, waits: Waits) -> _Made:
    containers = containers_of(pod, plan)
    return _Made(workload(pod, plan, directory, waits, containers), containers)


def _around(plan: Plan, directory: Directory, waits: Waits) -> Iterator[Manifest]:
    """The objects that belong to no pod alone."""
    yield from config_maps(plan)
    yield from secrets(plan)
    yield from claims(plan)
    yield from policies(plan)
    yield from peer_services(plan, directory)
    yield from published_services(plan, directory)
    yield from gate_objects(plan, waits)


def _in_order(made: dict[str, _Made], waits: Waits) -> list[Manifest]:
    """What is waited for stands before what waits: it may try only once."""
    names = sorted(made, key=lambda pod: waits.rounds.get(pod, 0))
    return [made[name].manifest for name in names]


def _entries(
    plan: Plan, directory: Directory, waits: Waits, made: dict[str, _Made]
) -> Iterator[Entry]:
    for service in plan.application.services:
        notes = _notes(service, plan, directory, waits, made)
        yield from join(service.name, service.settings, notes, LIMITS)
    for network in plan.application.networks:
        notes = network_notes(network, plan)
        yield from join(f"network {network.name}", network.settings, notes, LIMITS)
    yield from _stored_entries(plan)
    yield from join("application", plan.application.settings, (), LIMITS)
    yield from remarks(plan)


def _stored_entries(plan: Plan) -> Iterator[Entry]:
    application, store = plan.application, plan.store
    for volume in application.volumes:
        notes = volume_notes(volume, plan)
        yield from join(f"volume {volume.name}", volume.settings, notes, LIMITS)
    for config in application.configs:
        notes = stored_notes("ConfigMap", config, store.configs[config.name])
        yield from join(f"config {config.name}", config.settings, notes, LIMITS)
    for secret in application.secrets:
        notes = stored_notes("Secret", secret, store.secrets[secret.name])
        yield from join(f"secret {secret.name}", secret.settings, notes, LIMITS)


def _notes(
    service: Service,
    plan: Plan,
    directory: Directory,
    waits: Waits,
    made: dict[str, _Made],
) -> Iterator[Note]:
    pod = plan.pod_of(service.name)
    if pod is None:
        return
    manifest, containers = made[pod.name]
    yield from pod_notes(pod, plan, waits, containers, service)
    yield from variable_notes(service, plan)
    yield from workload_notes(service, pod, plan, manifest)
    yield from publishing_notes(service, pod, plan, directory.doors.get(pod.name))
    yield from name_notes(service, plan, directory)
