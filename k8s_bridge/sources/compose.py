"""A Compose project in its normal form, read as an Application.

```
 Project.model ──┬─ networks, volumes, configs, secrets ─▶ what services share
 (normal form)   ├─ services ─▶ Program, Networking, mounts ... of each
 Project.places ─┘  jobs     ─▶ the same, with a time table
        + files of the host (bind mounts, configs, secrets), through a reader
```

Invariants: each key that says something is a setting of the Application, of a service,
a network, a volume, a config or a secret; a service that something else than a
container provides is in the settings of the Application; the same project gives the
same Application. Docker's word for the input is *project*.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from k8s_bridge.application import Application, Mode, Scheduling, Service, Setting
from k8s_bridge.compose.reader import Reader
from k8s_bridge.cron import TimeTable
from k8s_bridge.sources.compose_networking import (
    Names,
    names_of,
    networking,
    networks,
)
from k8s_bridge.sources.compose_places import Path, Places
from k8s_bridge.sources.compose_program import lifecycle, program
from k8s_bridge.sources.compose_scheduling import dependencies, scheduling
from k8s_bridge.sources.compose_security import resources, security
from k8s_bridge.sources.compose_settings import project_settings, service_settings
from k8s_bridge.sources.compose_storage import Stores, grants, stored, volumes
from k8s_bridge.sources.compose_values import (
    Node,
    items,
    mapping,
    mappings,
    pairs,
    text,
)
from k8s_bridge.sources.host_files import HostFiles
from k8s_bridge.sources.steering import steered

__all__ = ["Project", "application_from_compose"]

# A run that waits for the last one is the latest of those that Kubernetes put off.
_OVERLAP = {"forbid": "Forbid", "queue": "Forbid"}


class Project(Protocol):
    """What is needed of a loaded project."""

    @property
    def model(self) -> Mapping[str, object]:
        """The normal form: what ``docker compose config --format json`` prints."""
        ...

    @property
    def places(self) -> Mapping[Path, str]:
        """Where keys stand, as ``compose.yaml:12``."""
        ...

    @property
    def folder(self) -> str:
        """What its paths were seen from."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that it was read with."""
        ...


def application_from_compose(project: Project, reader: Reader) -> Application:
    """The Application that a Compose project describes; O(project + files read).

    ``reader`` gives what lies on the host: what bind mounts, configs and secrets hold.

    >>> from k8s_bridge.compose.load import load
    >>> from k8s_bridge.compose.reader import InMemory
    >>> files = InMemory({"/srv/shop/compose.yaml": b"services: {web: {image: nginx}}"})
    >>> project = load([], reader=files, environment={}, folder="/srv/shop")
    >>> application_from_compose(project, files).networks[0].name
    'shop_default'
    """
    model, places = project.model, Places(project.places)
    variables = project.environment
    names = names_of(model)
    files = HostFiles(reader, project.folder)
    stores = Stores.of(model, names, files)
    reading = _Reading(
        model=model,
        places=places,
        names=names,
        stores=stores,
        provided=frozenset(n for n, s in items(model, "services") if s.get("provider")),
    )
    return Application(
        name=text(model, "name"),
        services=(*reading.services(), *reading.jobs()),
        networks=tuple(networks(model, places)),
        volumes=tuple(volumes(model, stores, places)),
        configs=tuple(stored("configs", model, files, variables, places)),
        secrets=tuple(stored("secrets", model, files, variables, places)),
        settings=(*project_settings(model, places), *reading.left_out()),
    )


class _Reading(NamedTuple):
    """A project while its services are read; ``provided`` run in no container."""

    model: Node
    places: Places
    names: Names
    stores: Stores
    provided: frozenset[str]

    def services(self) -> Iterator[Service]:
        for name, node in items(self.model, "services"):
            if name not in self.provided:
                yield self._service(("services", name), name, node)

    def left_out(self) -> Iterator[Setting]:
        """The settings of services that no container provides."""
        for name, node in items(self.model, "services"):
            if name in self.provided:
                for setting in self._settings(("services", name), node):
                    yield setting._replace(attribute="provider")

    def jobs(self) -> Iterator[Service]:
        """A service for each time table of a job; one at rest for a job without."""
        for name, node in items(self.model, "jobs"):
            job = self._service(("jobs", name), name, node)
            tables = mappings(mapping(node, "triggers"), "schedule")
            resting = job.lifecycle._replace(status="created")
            once = job.scheduling._replace(mode=Mode.REPLICATED_JOB)
            if not tables:
                yield job._replace(lifecycle=resting, scheduling=once)
            for number, table in enumerate(tables, 1):
                yield job._replace(
                    name=name if number == 1 else f"{name}-{number}",
                    scheduling=_timed(once, table),
                    settings=job.settings if number == 1 else (),
                )

    def _service(self, path: Path, name: str, node: Node) -> Service:
        wanted = dependencies(node)
        return Service(
            name=name,
            program=program(text(self.model, "name"), name, node),
            lifecycle=lifecycle(node),
            networking=networking(name, node, self.names),
            resources=resources(node),
            security=security(node, self.names),
            scheduling=steered(scheduling(node), pairs(node, "labels")),
            dependencies=tuple(d for d in wanted if d.service not in self.provided),
            mounts=self.stores.mounts(name),
            configs=tuple(grants("configs", node)),
            secrets=tuple(grants("secrets", node)),
            labels=pairs(node, "labels"),
            annotations=pairs(node, "annotations"),
            settings=tuple(self._settings(path, node)),
        )

    def _settings(self, path: Path, node: Node) -> Iterator[Setting]:
        return service_settings(path, node, self.places, self.names.network)


def _timed(once: Scheduling, table: Node) -> Scheduling:
    return once._replace(
        cron=TimeTable(text(table, "cron")),
        timezone=text(table, "timezone"),
        overlap=_OVERLAP.get(text(table, "concurrency"), ""),
    )
