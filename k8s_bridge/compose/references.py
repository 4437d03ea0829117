"""Refuse services and jobs that name what is not there.

```
 services.web ─┬─ networks, volumes, configs, secrets, models ─▶ declared at the top
               └─ depends_on ─▶ services of profiles that are on
```

Invariant: after this, each name that a service refers to stands for something. The
texts are docker compose's.
"""

from collections.abc import Collection, Iterator, Mapping

from k8s_bridge.compose.faults import (
    Fault,
    entries,
    mount_faults,
    one_of,
    refuse,
    table,
)
from k8s_bridge.compose.places import Path
from k8s_bridge.compose.scalars import Value

__all__ = ["check_jobs", "check_references"]


def check_references(
    services: Mapping[str, Value],
    declared: Mapping[str, Collection[str]],
    places: Mapping[Path, str],
) -> None:
    """Refuse services that name what is not declared.

    ``declared`` are the names of all services, networks, volumes, configs, secrets and
    models, also of those that no profile turns on; linear in the services.

    >>> check_references({"web": {"networks": {"front": None}}}, {"networks": []}, {})
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: service "web" refers to undefined network \
front: invalid compose project
    """
    refuse(_reference_faults(services, declared), places)


def _reference_faults(
    services: Mapping[str, Value], declared: Mapping[str, Collection[str]]
) -> Iterator[Fault]:
    for service, value in services.items():
        for part, what, name, path in _references(value):
            if name not in declared.get(part, ()):
                yield _undefined(service, part, what, name, path)
        for name, dependency in table(value, "depends_on").items():
            known = services
            if isinstance(dependency, dict) and dependency.get("required") is False:
                known = dict.fromkeys(declared.get("services", ()))
            if name not in known:
                yield Fault(
                    ("services", service, "depends_on", name),
                    f'service "{service}" depends on undefined service "{name}"'
                    ": invalid compose project",
                    "a service can wait for one that is there, in a profile that is on",
                    one_of(name, services),
                )


def check_jobs(
    jobs: Mapping[str, Value], services: Mapping[str, Value], places: Mapping[Path, str]
) -> None:
    """Refuse jobs with the name of a service, or that wait for what is not there.

    >>> check_jobs({"web": {}}, {"web": {}}, {})
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: "web" is declared both as a service and a job: \
service and job names must be unique: invalid compose project
    """
    refuse(_job_faults(jobs, services), places)


def _job_faults(
    jobs: Mapping[str, Value], services: Mapping[str, Value]
) -> Iterator[Fault]:
    for job, value in jobs.items():
        if job in services:
            yield Fault(
                ("jobs", job),
                f'"{job}" is declared both as a service and a job: service and job'
                " names must be unique: invalid compose project",
                "a name stands for one thing",
                f"{job}-job",
            )
        for name in table(value, "depends_on"):
            if name not in services and name not in jobs:
                yield Fault(
                    ("jobs", job, "depends_on", name),
                    f'job "{job}" depends on undefined service or job "{name}"'
                    ": invalid compose project",
                    "a job can wait for what is there, in a profile that is on",
                    one_of(name, services),
                )
        yield from mount_faults(("jobs", job), value)


def _references(
    service: Value,
) -> Iterator[tuple[str, str, str, Path]]:
    for network in table(service, "networks"):
        yield "networks", "network", network, ("networks", network)
    for number, mount in enumerate(entries(service, "volumes")):
        source = str(mount.get("source", ""))
        if mount.get("type") == "volume" and source:
            yield "volumes", "volume", source, ("volumes", number)
    build = table(service, "build")
    for number, grant in enumerate(entries(build, "secrets")):
        name = str(grant.get("source", ""))
        yield "secrets", "build secret", name, ("build", "secrets", number)
    for part in ("configs", "secrets"):
        for number, grant in enumerate(entries(service, part)):
            yield part, part[:-1], str(grant.get("source", "")), (part, number)
    for model in table(service, "models"):
        yield "models", "model", model, ("models", model)


def _undefined(service: str, part: str, what: str, name: str, path: Path) -> Fault:
    return Fault(
        ("services", service, *path),
        f'service "{service}" refers to undefined {what} {name}'
        ": invalid compose project",
        f"a {what} that a service uses is declared at the top of the file",
        f"{part}: {{{name}: ...}} at the top",
    )
