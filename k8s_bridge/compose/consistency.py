"""Refuse a normal form whose parts make no sense together.

```
 image: "", no build                        nothing to make a container of
 network_mode: host, networks: [front]      two answers to one question
 scale: 2, container_name: web              one name for two containers
 a depends on b, b depends on a             nobody can start
```

Invariant: after this, the services can be started one after the other. What each names
was looked for before (:mod:`~k8s_bridge.compose.references`), what contradicts itself
too (:mod:`~k8s_bridge.compose.contradictions`). The texts are docker compose's.
"""

from collections.abc import Iterator, Mapping

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

__all__ = ["check"]


def check(model: dict[str, Value], places: Mapping[Path, str]) -> None:
    """Refuse a normal form whose parts contradict each other; linear in it.

    >>> check({"services": {"web": {"image": "nginx"}}}, {})
    >>> check({"services": {"web": {"labels": {"a": "b"}}}}, {})
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: service "web" has neither an image nor a build \
context specified: invalid compose project
    """
    refuse(_faults(model), places)


def _faults(model: dict[str, Value]) -> Iterator[Fault]:
    services = table(model, "services")
    names: dict[str, str] = {}
    for service, value in services.items():
        if isinstance(value, dict):
            yield from _service_faults(service, value, services)
            yield from _name_faults(service, value, names)
    yield from _cycle_faults(services)


def _service_faults(
    service: str, value: dict[str, Value], services: dict[str, Value]
) -> Iterator[Fault]:
    path: Path = ("services", service)
    if not (value.get("image") or "build" in value or "provider" in value):
        yield Fault(
            path,
            f'service "{service}" has neither an image nor a build context specified'
            ": invalid compose project",
            "a container is made of an image",
            "image: nginx, or build: .",
        )
    if value.get("network_mode") and "networks" in value:
        yield Fault(
            (*path, "network_mode"),
            f"service {service} declares mutually exclusive `network_mode` and"
            " `networks`: invalid compose project",
            "a service has networks of its own, or takes the mode instead",
            "leave one of the two out",
        )
    yield from _build_faults(service, value, services)
    yield from _twice_faults(service, value)
    yield from _program_faults(service, value)
    yield from mount_faults(path, value)
    yield from _place_faults(service, value)


def _place_faults(service: str, value: dict[str, Value]) -> Iterator[Fault]:
    """What is mounted where a tmpfs is, whose path counts as it is written."""
    taken: dict[str, str] = {}
    wanted = value.get("tmpfs")
    texts = wanted if isinstance(wanted, list) else []
    places = [("tmpfs", str(text).partition(":")[0]) for text in texts]
    volumes = entries(value, "volumes")
    places += [("volumes", str(volume.get("target", ""))) for volume in volumes]
    number = {"tmpfs": 0, "volumes": 0}
    for key, target in places:
        where = f"services.{service}.{key}[{number[key]}]"
        if target in taken:
            yield Fault(
                ("services", service, key, number[key]),
                f"{where}: target {target} already mounted as {taken[target]}",
                "at a path of the container lies one thing",
                f"leave one of the two out, or take another path than {target}",
            )
        taken[target] = where
        number[key] += 1


def _program_faults(service: str, value: dict[str, Value]) -> Iterator[Fault]:
    path: Path = ("services", service)
    test = table(value, "healthcheck").get("test")
    if isinstance(test, list) and test and test[0] not in _TESTS:
        yield Fault(
            (*path, "healthcheck", "test"),
            'healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"',
            "the first word says how the rest is started",
            'test: ["CMD", ...], or one text',
        )
    for number, watch in enumerate(entries(table(value, "develop"), "watch")):
        if watch.get("action") not in ("rebuild", "restart") and not watch.get(
            "target"
        ):
            yield Fault(
                (*path, "develop", "watch", number),
                f"services.{service}.develop.watch: target is required for non-rebuild"
                " actions: invalid compose project",
                "files are copied to a path of the container",
                "add target: /app",
            )


_TESTS = ("CMD", "CMD-SHELL", "NONE")


def _build_faults(
    service: str, value: dict[str, Value], services: dict[str, Value]
) -> Iterator[Fault]:
    build = table(value, "build")
    path: Path = ("services", service, "build")
    if build.get("dockerfile") and build.get("dockerfile_inline"):
        yield Fault(
            (*path, "dockerfile_inline"),
            f'service "{service}" declares mutualy exclusive dockerfile and'
            " dockerfile_inline: invalid compose project",
            "the Dockerfile is a file, or stands here",
            "leave one of the two out",
        )
    platforms, platform = build.get("platforms"), value.get("platform")
    if platform and isinstance(platforms, list) and platform not in platforms:
        yield Fault(
            (*path, "platforms"),
            f'service.build.platforms MUST include service.platform "{platform}"'
            ": invalid compose project",
            "what runs has to be built",
            f"platforms: [{platform}, ...]",
        )
    for key, context in table(build, "additional_contexts").items():
        if isinstance(context, str) and context.startswith("service:"):
            other = context.removeprefix("service:")
            kind = "unknown" if other not in services else "non-buildable"
            if "build" not in table(services, other):
                yield Fault(
                    (*path, "additional_contexts", key),
                    f'service "{service}" declares {kind} service "{other}"'
                    f" as additional contexts {key}",
                    "the image of a service that is built can be a context",
                    one_of(other, services),
                )


def _twice_faults(service: str, value: dict[str, Value]) -> Iterator[Fault]:
    """What can be said in two places has to be the same in both."""
    deploy = table(value, "deploy")
    resources = table(deploy, "resources")
    scale, replicas = value.get("scale"), deploy.get("replicas")
    if scale is not None and replicas is not None and scale != replicas:
        yield _distinct(service, "scale", ("deploy", "replicas"))
    for key, group, other in _TWICE:
        limits = resources.get(group)
        said = value.get(key)
        if said and isinstance(limits, dict) and limits.get(other) != said:
            yield _distinct(service, key, ("deploy", "resources", group, other))
    copies = replicas if scale is None else scale
    if value.get("container_name") and isinstance(copies, int) and copies > 1:
        where = "services.deploy.replicas" if scale is None else "services.scale"
        yield Fault(
            ("services", service, "container_name"),
            f"{where}: can't set container_name and {service} as container name must"
            " be unique: invalid compose project",
            "two containers cannot have one name",
            "leave container_name out",
        )


_TWICE = (
    ("cpus", "limits", "cpus"),
    ("mem_limit", "limits", "memory"),
    ("mem_reservation", "reservations", "memory"),
    ("pids_limit", "limits", "pids"),
)


def _distinct(service: str, key: str, other: tuple[str, ...]) -> Fault:
    dotted = ".".join(other)
    return Fault(
        ("services", service, key),
        f"services.{service}: can't set distinct values on '{key}' and '{dotted}'"
        ": invalid compose project",
        f"{key} and {dotted} are two ways to say one thing",
        f"leave {key} out",
    )


def _name_faults(
    service: str, value: dict[str, Value], names: dict[str, str]
) -> Iterator[Fault]:
    name = value.get("container_name")
    if not isinstance(name, str) or not name:
        return
    if name in names:
        yield Fault(
            ("services", service, "container_name"),
            f'services.{service}: container name "{name}" is already in use by'
            f" service {names[name]}",
            "two containers cannot have one name",
            "leave container_name out, or choose another",
        )
    names[name] = service


def _cycle_faults(services: dict[str, Value]) -> Iterator[Fault]:
    """The first circle of services that wait for each other; linear."""
    done: set[str] = set()
    for start in sorted(services):
        circle = _circle_from(start, services, done)
        if circle:
            listed = " -> ".join(circle)
            yield Fault(
                ("services", circle[0], "depends_on"),
                f"dependency cycle detected: {listed}",
                "a service cannot wait for one that waits for it",
                f"leave {circle[1]} out of what {circle[0]} depends on",
            )
            return


def _circle_from(start: str, services: dict[str, Value], done: set[str]) -> list[str]:
    way: dict[str, Iterator[str]] = {}
    names = [start]
    while names:
        name = names[-1]
        if name not in way:
            if name in done:
                names.pop()
                continue
            way[name] = iter(sorted(table(table(services, name), "depends_on")))
        following = next(way[name], None)
        if following is None:
            done.add(name)
            del way[name]
            names.pop()
        elif following in way:
            return [*names[names.index(following) :], following]
        elif following not in done and following in services:
            names.append(following)
    return []
