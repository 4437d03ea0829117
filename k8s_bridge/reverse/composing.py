"""An Application as a Compose file.

```
 Service web          ─▶ services.web      only what somebody asked for
 Network, Volume      ─▶ networks, volumes
 Stored               ─▶ configs with their content; secrets as files beside it
```

Invariants: read again, the file means the Application; a dollar sign is written twice,
since Compose would take it for a variable; no secret is in it. The bundle of a live
engine has a writer of its own, which starts from what the engine says.
"""

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from k8s_bridge.application import (
    Application,
    Grant,
    Healthcheck,
    Hook,
    Mode,
    Mount,
    MountKind,
    Network,
    NetworkMode,
    Publication,
    Restart,
    Service,
    Stored,
    Volume,
)
from k8s_bridge.mapping.part import fields
from k8s_bridge.reverse.wiring import DEFAULT
from k8s_bridge.yamltext import document

__all__ = ["compose_text", "secret_files", "service_key"]

Keys: TypeAlias = dict[str, object]
_ICC = "com.docker.network.bridge.enable_icc"


def compose_text(application: Application) -> str:
    """The Compose file; O(size).

    >>> from k8s_bridge.application import Program
    >>> web = Service(name="web", program=Program(image="nginx"))
    >>> print(compose_text(Application(services=(web,))), end="")
    name: application
    services:
      web:
        image: nginx
    """
    return document(_escaped(_model(application)))


def secret_files(application: Application) -> dict[str, bytes]:
    """The files that the Compose file names, by their path beside it."""
    return {
        _secret_path(secret): secret.data
        for secret in application.secrets
        if secret.data is not None
    }


def _secret_path(secret: Stored) -> str:
    return f"secrets/{service_key(secret.name)}"


def _model(application: Application) -> Keys:
    name = re.sub(r"[^a-z0-9_-]+", "-", application.name.lower()).strip("-_")
    known = {network.name: network for network in application.networks}
    return fields(
        name=name or "application",
        services={
            service_key(s.name): _service(s, known) for s in application.services
        },
        networks=dict(_networks(application)),
        volumes={service_key(v.name): _volume(v) for v in application.volumes},
        configs={service_key(c.name): _config(c) for c in application.configs},
        secrets={service_key(s.name): _secret(s) for s in application.secrets},
    )


def service_key(name: str) -> str:
    """A name as Compose takes it for a key."""
    return re.sub(r"[^a-zA-Z0-9._-]", "-", name)


def _escaped(value: object) -> object:
    """Texts with each dollar sign twice; keys are never interpolated."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return value


# --- what is shared -------------------------------------------------------------------


def _networks(application: Application) -> Iterator[tuple[str, Keys]]:
    for network in application.networks:
        if network.default or network.implicit:
            continue
        options = {} if network.icc else {_ICC: "false"}
        yield (
            service_key(network.name),
            # Its label has the real name, which else would have the project's before.
            fields(name=network.name, internal=network.internal, driver_opts=options),
        )


def _volume(volume: Volume) -> Keys:
    if volume.external:
        return {"name": volume.docker_name or volume.name, "external": True}
    return fields(name=volume.docker_name, labels=dict(volume.labels))


def _config(config: Stored) -> Keys:
    if config.data is None:
        return {"name": config.docker_name or config.name, "external": True}
    text = config.data.decode("utf-8", "replace")
    return {"content": text, **fields(labels=dict(config.labels))}


def _secret(secret: Stored) -> Keys:
    if secret.data is None:
        return {"name": secret.docker_name or secret.name, "external": True}
    return {"file": f"./{_secret_path(secret)}", **fields(labels=dict(secret.labels))}


# --- a service ------------------------------------------------------------------------


def _service(service: Service, known: Mapping[str, Network]) -> Keys:
    program, lifecycle = service.program, service.lifecycle
    security, limits = service.security, service.resources
    return {
        **_program(service),
        **fields(
            labels=dict(service.labels),
            annotations=dict(service.annotations),
            healthcheck=_healthcheck(lifecycle.healthcheck),
            depends_on={
                service_key(d.service): {"condition": str(d.condition)}
                for d in service.dependencies
            },
        ),
        **_networking(service, known),
        **fields(
            volumes=[_mount(m) for m in service.mounts if m.kind is not _TMPFS],
            tmpfs=[_tmpfs(m) for m in service.mounts if m.kind is _TMPFS],
            configs=[_grant(grant) for grant in service.configs],
            secrets=[_grant(grant) for grant in service.secrets],
            mem_limit=str(limits.memory) if limits.memory else "",
            mem_reservation=str(limits.memory_reservation or ""),
            cpus=limits.cpus / 1000 if limits.cpus else "",
            shm_size=str(limits.shm_size) if limits.shm_size else "",
            gpus=[{"count": limits.gpus}] if limits.gpus else [],
            privileged=security.privileged,
            read_only=security.read_only,
            cap_add=list(security.cap_add),
            cap_drop=list(security.cap_drop),
            security_opt=list(security.options),
            sysctls=dict(security.sysctls),
            devices=list(security.devices),
            group_add=list(program.groups),
            pid=security.pid_mode,
            ipc=security.ipc_mode,
            runtime=security.runtime,
            init=lifecycle.init,
            post_start=[_hook(hook) for hook in lifecycle.post_start],
            pre_stop=[_hook(hook) for hook in lifecycle.pre_stop],
            stop_grace_period=_grace(lifecycle.stop_timeout),
            restart=_restart(service),
            deploy=_deploy(service),
        ),
    }


_TMPFS = MountKind.TMPFS


def _program(service: Service) -> Keys:
    program = service.program
    return fields(
        image=program.image,
        platform=program.platform,
        pull_policy=program.pull,
        entrypoint=None if program.command is None else list(program.command),
        command=None if program.args is None else list(program.args),
        environment={v.name: v.value for v in program.env},
        working_dir=program.working_dir,
        user=program.user,
        tty=program.tty,
        stdin_open=program.stdin,
    )


def _grace(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds}s"


def _hook(hook: Hook) -> Keys:
    return {"command": list(hook.command)}


def _healthcheck(check: Healthcheck | None) -> Keys:
    if check is None or not check.command:
        return {}
    shell = check.command[:2] == ("/bin/sh", "-c") and len(check.command) == 3
    test = ["CMD-SHELL", check.command[2]] if shell else ["CMD", *check.command]
    times = {
        "interval": check.interval,
        "timeout": check.timeout,
        "start_period": check.start_period,
        "start_interval": check.start_interval,
    }
    found = {key: f"{time // 10**9}s" for key, time in times.items() if time}
    return {"test": test, **found, **fields(retries=check.retries or "")}


def _restart(service: Service) -> str:
    lifecycle = service.lifecycle
    if service.scheduling.mode is not Mode.REPLICATED:
        return ""  # deploy.restart_policy has it: Compose reads one of the two
    if lifecycle.restart is Restart.ON_FAILURE and lifecycle.retries:
        return f"on-failure:{lifecycle.retries}"
    return str(lifecycle.restart)


def _deploy(service: Service) -> Keys:
    wanted, update = service.scheduling, service.scheduling.update
    mode = "" if wanted.mode is Mode.REPLICATED else str(wanted.mode)
    replicas = wanted.replicas if wanted.replicas != 1 else None
    if wanted.mode is Mode.GLOBAL:
        replicas = None
    labels = dict(wanted.labels)
    if wanted.cron:
        labels["k8s-bridge.cron"] = wanted.cron
    if wanted.identity:
        labels["k8s-bridge.controller"] = "statefulset"
    cpus = service.resources.cpu_reservation
    reserved = fields(cpus=f"{cpus / 1000:g}" if cpus else "")
    if reserved and service.resources.memory_reservation:
        reserved["memory"] = str(service.resources.memory_reservation)
    again = _policy(service) if mode else {}
    rolling: Keys = {}
    if update is not None:
        rolling = {"parallelism": update.parallelism}
        rolling |= fields(
            monitor=f"{update.monitor // 10**9}s" if update.monitor else "",
            order="start-first" if update.start_first else "",
        )
    return fields(
        mode=mode,
        replicas="" if replicas is None else replicas,
        labels=labels,
        endpoint_mode=wanted.endpoint_mode,
        update_config=rolling,
        restart_policy=again,
        resources=fields(reservations=reserved),
    )


def _policy(service: Service) -> Keys:
    lifecycle = service.lifecycle
    word = {Restart.NO: "none", Restart.ON_FAILURE: "on-failure"}
    condition = word.get(lifecycle.restart, "any")
    return {"condition": condition, **fields(max_attempts=lifecycle.retries or "")}


def _networking(service: Service, known: Mapping[str, Network]) -> Keys:
    networking = service.networking
    mode, networks = "", {}
    if networking.mode is NetworkMode.SHARED:
        mode = f"service:{service_key(networking.shares)}"
    elif networking.mode is not NetworkMode.NETWORKS:
        mode = str(networking.mode)
    elif {a.network for a in networking.attachments} == {"bridge"}:
        mode = "bridge"
    else:
        networks = {
            service_key(a.network): fields(aliases=list(a.aliases)) or None
            for a in networking.attachments
            # Compose cannot put a service on Docker's own network and on others.
            if not known[a.network].default
        }
    only_default = networks == {DEFAULT: None} and known[DEFAULT].implicit
    return fields(
        network_mode=mode,
        networks={} if only_default else networks,
        hostname=networking.hostname,
        expose=[str(p).removesuffix("/tcp") for p in networking.exposed],
        ports=[_port(p) for p in networking.published],
        extra_hosts=[f"{name}={address}" for name, address in networking.extra_hosts],
        dns=list(networking.dns),
        dns_search=list(networking.dns_search),
        dns_opt=list(networking.dns_options),
    )


def _port(publication: Publication) -> str | Keys:
    text = str(publication).removesuffix("/tcp")
    if not (publication.name or publication.app_protocol or publication.mode):
        return text
    return fields(
        name=publication.name,
        target=publication.port.number,
        published=str(publication.host_port or ""),
        host_ip=publication.host_address,
        protocol=publication.port.protocol,
        app_protocol=publication.app_protocol,
        mode=publication.mode,
    )


# --- mounts ---------------------------------------------------------------------------


def _mount(mount: Mount) -> Keys:
    kind = MountKind.VOLUME if mount.kind is MountKind.ANONYMOUS else mount.kind
    source = mount.source
    more: Keys = {}
    if mount.kind is MountKind.BIND:
        more = {"bind": fields(propagation=mount.propagation, create_host_path=True)}
    elif mount.kind is MountKind.VOLUME:
        source = service_key(source)
        more = fields(volume=fields(subpath=mount.subpath))
    elif mount.kind is MountKind.IMAGE:
        more = fields(image=fields(subpath=mount.subpath))
    return {
        "type": str(kind),
        **fields(source=source),
        "target": mount.target,
        **fields(read_only=mount.read_only),
        **more,
    }


def _tmpfs(mount: Mount) -> str:
    options = [*mount.options, *(["ro"] if mount.read_only else [])]
    options += [f"size={mount.size}"] if mount.size else []
    return f"{mount.target}:{','.join(options)}" if options else mount.target


def _grant(grant: Grant) -> Keys:
    mode = "" if grant.mode is None else f"0{grant.mode:o}"
    return {
        "source": service_key(grant.source),
        "target": grant.target,
        **fields(uid=grant.uid, gid=grant.gid, mode=mode),
    }
