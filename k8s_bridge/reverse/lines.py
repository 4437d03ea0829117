"""An Application as docker command lines.

```
 Network front ─▶ docker network create front
 Volume data   ─▶ docker volume create data
 Service web   ─▶ docker run -d --name web --network front -p 8080:80 nginx
```

Invariants: a line comes after those that it needs; secrets and configs are mounted from
files beside, whose names the Compose file has, too.
"""

import shlex
from collections.abc import Iterator, Mapping

from k8s_bridge.application import (
    Application,
    Mount,
    MountKind,
    Network,
    NetworkMode,
    Publication,
    Restart,
    Service,
    Stored,
)
from k8s_bridge.reverse.composing import service_key
from k8s_bridge.reverse.wiring import DEFAULT

__all__ = ["docker_lines", "mounted_files"]


def docker_lines(application: Application) -> tuple[str, ...]:
    """The lines, in an order in which they can be run; O(size).

    >>> from k8s_bridge.application import Program
    >>> web = Service(name="web", program=Program(image="nginx"))
    >>> docker_lines(Application(services=(web,)))
    ('docker run -d --name web nginx',)
    """
    known = {network.name: network for network in application.networks}
    project = application.name or "application"
    made = [*_networks(application, project), *_volumes(application)]
    runs = [_run(s, application, known, project) for s in _ordered(application)]
    return tuple(shlex.join(words) for words in (*made, *(w for r in runs for w in r)))


def mounted_files(application: Application) -> dict[str, bytes]:
    """The files that the lines mount, by their path beside."""
    return {
        f"{folder}/{service_key(item.name)}": item.data
        for folder, stored in (
            ("configs", application.configs),
            ("secrets", application.secrets),
        )
        for item in stored
        if item.data is not None
    }


def _networks(application: Application, project: str) -> Iterator[list[str]]:
    for network in application.networks:
        if network.default:
            continue
        words = ["docker", "network", "create"]
        words += ["--internal"] if network.internal else []
        if not network.icc:
            words += ["-o", "com.docker.network.bridge.enable_icc=false"]
        yield [*words, _network(network, project)]


def _network(network: Network, project: str) -> str:
    """Its real name; the one that nobody named is called as Compose calls it."""
    return f"{project}_{DEFAULT}" if network.implicit else network.name


def _volumes(application: Application) -> Iterator[list[str]]:
    for volume in application.volumes:
        if not volume.external:
            yield ["docker", "volume", "create", volume.docker_name or volume.name]


def _ordered(application: Application) -> Iterator[Service]:
    """Who is waited for, or whose network is joined, comes first."""
    waiting = {service.name: service for service in application.services}
    while waiting:
        ready = [s for s in waiting.values() if not _needs(s) & waiting.keys()]
        for service in ready or list(waiting.values())[:1]:
            del waiting[service.name]
            yield service


def _needs(service: Service) -> set[str]:
    names = {dependency.service for dependency in service.dependencies}
    return (names | {service.networking.shares}) - {"", service.name}


def _run(
    service: Service,
    application: Application,
    known: Mapping[str, Network],
    project: str,
) -> Iterator[list[str]]:
    networks = [
        (_network(known[a.network], project), a.aliases)
        for a in service.networking.attachments
    ]
    first, rest = networks[:1], networks[1:]
    words = ["docker", "run", "-d", "--name", service_key(service.name)]
    words += [w for name, aliases in first for w in _place(name, aliases)]
    words += _mode(service)
    words += [word for pair in _flags(service) for word in pair]
    words += [w for mount in service.mounts for w in _mount(mount, application)]
    words += _files(service, application)
    program = service.program
    if program.command is not None:
        words += ["--entrypoint", next(iter(program.command), "")]
    words.append(program.image)
    words += [*(program.command or ())[1:], *(program.args or ())]
    yield words
    for name, aliases in rest:
        flags = [word for alias in aliases for word in ("--alias", alias)]
        connect = ["docker", "network", "connect", *flags]
        yield [*connect, name, service_key(service.name)]


def _place(network: str, aliases: tuple[str, ...]) -> list[str]:
    flags = [word for alias in aliases for word in ("--network-alias", alias)]
    return ["--network", network, *flags] if network != "bridge" else []


def _mode(service: Service) -> list[str]:
    networking = service.networking
    if networking.mode is NetworkMode.SHARED:
        return ["--network", f"container:{service_key(networking.shares)}"]
    if networking.mode is not NetworkMode.NETWORKS:
        return ["--network", str(networking.mode)]
    return []


_Flags = Iterator[tuple[str, ...]]


def _flags(service: Service) -> _Flags:
    yield from _of_networking(service)
    yield from _of_program(service)
    yield from _of_limits(service)
    yield from _of_life(service)


def _of_networking(service: Service) -> _Flags:
    networking = service.networking
    for publication in networking.published:
        yield "-p", _port(publication)
    for port in networking.exposed:
        yield "--expose", str(port).removesuffix("/tcp")
    if networking.hostname:
        yield "--hostname", networking.hostname
    for name, address in networking.extra_hosts:
        yield "--add-host", f"{name}={address}"
    for flag, values in (
        ("--dns", networking.dns),
        ("--dns-search", networking.dns_search),
        ("--dns-option", networking.dns_options),
    ):
        yield from ((flag, value) for value in values)


def _port(publication: Publication) -> str:
    return str(publication).removesuffix("/tcp")


def _of_program(service: Service) -> _Flags:
    program = service.program
    for variable in program.env:
        yield "-e", f"{variable.name}={variable.value}"
    for key, value in service.labels:
        yield "--label", f"{key}={value}"
    for key, value in service.annotations:
        yield "--annotation", f"{key}={value}"
    for flag, value in (
        ("--workdir", program.working_dir),
        ("--user", program.user),
        ("--platform", program.platform),
        ("--pull", program.pull),
    ):
        if value:
            yield flag, value
    yield from (("--group-add", group) for group in program.groups)
    if program.tty:
        yield ("-t",)
    if program.stdin:
        yield ("-i",)


def _of_limits(service: Service) -> _Flags:
    limits, security = service.resources, service.security
    for flag, number in (
        ("--memory", limits.memory),
        ("--memory-reservation", limits.memory_reservation),
        ("--shm-size", limits.shm_size),
        ("--gpus", limits.gpus),
    ):
        if number:
            yield flag, str(number)
    if limits.cpus:
        yield "--cpus", f"{limits.cpus / 1000:g}"
    if limits.cpu_reservation:
        yield "--cpu-shares", str(max(2, limits.cpu_reservation * 1024 // 1000))
    for flag, wanted in (
        ("--privileged", security.privileged),
        ("--read-only", security.read_only),
        ("--init", service.lifecycle.init),
    ):
        if wanted:
            yield (flag,)
    for flag, values in (
        ("--cap-add", security.cap_add),
        ("--cap-drop", security.cap_drop),
        ("--security-opt", security.options),
        ("--sysctl", tuple(f"{k}={v}" for k, v in security.sysctls)),
        ("--device", security.devices),
        ("--pid", (security.pid_mode,)),
        ("--ipc", (security.ipc_mode,)),
        ("--runtime", (security.runtime,)),
    ):
        yield from ((flag, value) for value in values if value)


def _of_life(service: Service) -> _Flags:
    lifecycle = service.lifecycle
    if lifecycle.restart not in (Restart.UNSET, Restart.NO):
        count = f":{lifecycle.retries}" if lifecycle.retries else ""
        on_failure = lifecycle.restart is Restart.ON_FAILURE
        yield "--restart", f"{lifecycle.restart}{count if on_failure else ''}"
    elif lifecycle.removed_when_done:
        yield ("--rm",)
    if lifecycle.stop_timeout is not None:
        yield "--stop-timeout", str(lifecycle.stop_timeout)
    check = lifecycle.healthcheck
    if check is None or not check.command:
        return
    shell = check.command[:2] == ("/bin/sh", "-c") and len(check.command) == 3
    yield "--health-cmd", check.command[2] if shell else shlex.join(check.command)
    for flag, time in (
        ("--health-interval", check.interval),
        ("--health-timeout", check.timeout),
        ("--health-start-period", check.start_period),
        ("--health-start-interval", check.start_interval),
    ):
        if time:
            yield flag, f"{time // 10**9}s"
    if check.retries:
        yield "--health-retries", str(check.retries)


def _mount(mount: Mount, application: Application) -> list[str]:
    if mount.kind is MountKind.TMPFS:
        size = f":size={mount.size}" if mount.size else ""
        return ["--tmpfs", f"{mount.target}{size}"]
    parts = ["type=image" if mount.kind is MountKind.IMAGE else ""]
    if mount.kind in (MountKind.VOLUME, MountKind.ANONYMOUS):
        parts = ["type=volume"]
    elif mount.kind is MountKind.BIND:
        parts = ["type=bind"]
    source = mount.source
    if mount.kind is MountKind.VOLUME:
        names = {v.name: v.docker_name or v.name for v in application.volumes}
        source = names.get(source, source)
    parts += [f"source={source}"] if source else []
    parts.append(f"target={mount.target}")
    parts += ["readonly"] if mount.read_only else []
    if mount.subpath and mount.kind in (MountKind.VOLUME, MountKind.IMAGE):
        parts.append(f"{mount.kind}-subpath={mount.subpath}")
    return ["--mount", ",".join(_csv(part) for part in parts)]


def _csv(field: str) -> str:
    if "," in field or '"' in field:
        return '"' + field.replace('"', '""') + '"'
    return field


def _files(service: Service, application: Application) -> list[str]:
    """Configs and secrets: files beside, since one engine alone keeps neither."""
    words: list[str] = []
    for folder, grants, stored in (
        ("configs", service.configs, application.configs),
        ("secrets", service.secrets, application.secrets),
    ):
        known: Mapping[str, Stored] = {item.name: item for item in stored}
        for grant in grants:
            if grant.source in known:
                path = f"./{folder}/{service_key(grant.source)}"
                words += ["-v", f"{path}:{grant.target}:ro"]
    return words
