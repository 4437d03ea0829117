"""One container's inspect JSON as a Service.

```
 Config      what is executed      ─▶ Program     (minus what the image says anyway)
 HostConfig  how it is confined    ─▶ Lifecycle, Resources, Security, mounts
 NetworkSettings.Networks          ─▶ Networking  (attachments, aliases, links)
```

Invariant: nothing here fails on odd values; what cannot be read stays unset, and its
setting is reported all the same. Docker calls the input *ContainerInspectResponse*.
"""

from collections.abc import Iterable, Iterator

from k8s_bridge.application import (
    Attachment,
    Healthcheck,
    Lifecycle,
    Link,
    Mount,
    MountKind,
    Networking,
    NetworkMode,
    Port,
    Program,
    Publication,
    Resources,
    Restart,
    Scheduling,
    Security,
    Service,
    Setting,
    Variable,
)
from k8s_bridge.sources.fields import endpoint_settings, service_settings
from k8s_bridge.sources.granted import as_granted, granted
from k8s_bridge.sources.mounts import mounts_of
from k8s_bridge.sources.projects import dependencies_of, is_own_label
from k8s_bridge.sources.steering import steered
from k8s_bridge.sources.surroundings import Surroundings, labels_of, name_of
from minidock.model.document import Document

__all__ = ["service_of"]


def service_of(inspect: Document, around: Surroundings) -> Service:
    """The service that a container's inspect JSON describes."""
    config, host = inspect.document("Config"), inspect.document("HostConfig")
    image = around.image(inspect)
    return Service(
        name=around.service(inspect),
        program=_program(config, host, image)._replace(
            container_name=_chosen_name(inspect, around),
        ),
        lifecycle=_lifecycle(inspect, image or Document(), around),
        networking=_networking(inspect, around),
        resources=_resources(host),
        security=_security(host, around),
        scheduling=steered(Scheduling(), _pairs(labels_of(inspect))),
        dependencies=dependencies_of(labels_of(inspect)),
        mounts=tuple(_mounts(inspect, image, around)),
        secrets=tuple(granted(inspect, around)),
        labels=_labels(config, image or Document()),
        annotations=_pairs(host.document("Annotations")),
        settings=(
            *as_granted(service_settings(inspect, image), inspect, around),
            *_endpoint_settings(inspect, around),
        ),
    )


def _endpoint_settings(inspect: Document, around: Surroundings) -> Iterator[Setting]:
    automatic = around.automatic(inspect) | {
        inspect.document("Config").text("Hostname")
    }
    endpoints = inspect.document("NetworkSettings").document("Networks")
    for name, endpoint in endpoints.items():
        if isinstance(endpoint, Document):
            yield from endpoint_settings(around.network(name), endpoint, automatic)


def _chosen_name(inspect: Document, around: Surroundings) -> str:
    """The container's name, if it is neither the service's nor made by Compose."""
    member, name = around.member(inspect), name_of(inspect)
    chosen = member is not None and name not in member.automatic_names()
    return name if chosen else ""


def _mounts(
    inspect: Document, image: Document | None, around: Surroundings
) -> Iterator[Mount]:
    apart = {grant.target for grant in granted(inspect, around)}
    for mount in mounts_of(inspect, image, around.container, around.sharer):
        if mount.target in apart:
            continue
        if mount.kind is MountKind.VOLUME:
            yield mount._replace(source=around.volume(mount.source))
        elif mount.kind is MountKind.BIND:
            yield mount._replace(content=around.look(inspect, mount.target))
        else:
            yield mount


def _program(config: Document, host: Document, known: Document | None) -> Program:
    image = known or Document()
    command, args = _command(config, image)
    inherited = image.texts("Env")
    added = [item for item in config.texts("Env") if item not in inherited]
    variables = dict(item.split("=", 1) for item in added if "=" in item)
    return Program(
        image=config.text("Image"),
        image_known=known is not None,
        command=command,
        args=args,
        env=tuple(Variable(name, value) for name, value in variables.items()),
        unset=tuple(item for item in added if "=" not in item),
        working_dir=_own(config, image, "WorkingDir"),
        user=_own(config, image, "User"),
        groups=host.texts("GroupAdd"),
        tty=config.flag("Tty"),
        stdin=config.flag("OpenStdin"),
        stdin_once=config.flag("StdinOnce"),
    )


def _own(config: Document, image: Document, key: str) -> str:
    value = config.text(key)
    return "" if value == image.text(key) else value


def _words(document: Document, key: str) -> tuple[str, ...]:
    """Words of a command; [""] is how the CLI says that there are none."""
    words = document.texts(key)
    return () if words == ("",) else words


def _command(
    config: Document, image: Document
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """What replaces the image's ENTRYPOINT and CMD.

    An entrypoint of one's own switches off the image's CMD, in Docker and in
    Kubernetes alike. To switch off an ENTRYPOINT, Kubernetes needs a command.
    """
    entrypoint, cmd = _words(config, "Entrypoint"), _words(config, "Cmd")
    image_entrypoint, image_cmd = _words(image, "Entrypoint"), _words(image, "Cmd")
    if (entrypoint, cmd) == (image_entrypoint, image_cmd):
        return None, None
    if entrypoint == image_entrypoint and cmd:
        return None, cmd
    if entrypoint:
        return entrypoint, cmd or None
    return cmd or None, None


def _labels(config: Document, image: Document) -> tuple[tuple[str, str], ...]:
    inherited = image.document("Labels")
    labels = _pairs(config.document("Labels"))
    return tuple(
        (k, v) for k, v in labels if inherited.get(k) != v and not is_own_label(k)
    )


def _pairs(document: Document) -> tuple[tuple[str, str], ...]:
    return tuple((k, v) for k, v in document.items() if isinstance(v, str))


def _lifecycle(inspect: Document, image: Document, around: Surroundings) -> Lifecycle:
    config, host = inspect.document("Config"), inspect.document("HostConfig")
    policy = host.document("RestartPolicy")
    timeout = config.get("StopTimeout")
    return Lifecycle(
        status=inspect.document("State").text("Status") or "running",
        restart=_restart(policy.text("Name"), around.member(inspect) is not None),
        retries=policy.number("MaximumRetryCount"),
        removed_when_done=host.flag("AutoRemove"),
        stop_timeout=timeout if isinstance(timeout, int) else None,
        stop_signal=_own(config, image, "StopSignal"),
        init=host.flag("Init"),
        healthcheck=_healthcheck(config, image),
    )


def _restart(name: str, by_compose: bool) -> Restart:
    """A policy; "no" is what docker writes where nobody said anything, too.

    Compose then writes nothing, so that its "no" was asked for.
    """
    said = set(Restart) if by_compose else set(Restart) - {Restart.NO}
    return Restart(name) if name in said else Restart.UNSET


def _healthcheck(config: Document, image: Document) -> Healthcheck | None:
    check = config.document("Healthcheck")
    test = check.texts("Test") or image.document("Healthcheck").texts("Test")
    if not test or test[0] == "NONE":
        return None
    shell = config.texts("Shell") or image.texts("Shell") or ("/bin/sh", "-c")
    return Healthcheck(
        command=(*shell, *test[1:]) if test[0] == "CMD-SHELL" else test[1:],
        interval=check.number("Interval"),
        timeout=check.number("Timeout"),
        retries=check.number("Retries"),
        start_period=check.number("StartPeriod"),
        start_interval=check.number("StartInterval"),
    )


def _networking(inspect: Document, around: Surroundings) -> Networking:
    config, host = inspect.document("Config"), inspect.document("HostConfig")
    mode, shares = _mode(host.text("NetworkMode"), around)
    attachments: tuple[Attachment, ...] = ()
    if mode is NetworkMode.NETWORKS:
        attachments = tuple(_attachments(inspect, around))
        # Disconnected from everything, a container has only its loopback left.
        mode = mode if attachments else NetworkMode.NONE
    hostname = config.text("Hostname")
    return Networking(
        mode=mode,
        shares=shares,
        attachments=attachments,
        exposed=tuple(_exposed(config, around.image(inspect) or Document())),
        published=tuple(_published(inspect)),
        hostname=_chosen_hostname(hostname, inspect, mode),
        domainname=config.text("Domainname"),
        dns=host.texts("Dns"),
        dns_search=host.texts("DnsSearch"),
        dns_options=host.texts("DnsOptions"),
        extra_hosts=tuple(map(_extra_host, host.texts("ExtraHosts"))),
    )


def _exposed(config: Document, image: Document) -> Iterator[Port]:
    """The ports declared for the container, and not by its image already."""
    declared = image.document("ExposedPorts")
    ports = (_port(t) for t in config.document("ExposedPorts") if t not in declared)
    return filter(None, ports)


def _chosen_hostname(hostname: str, inspect: Document, mode: NetworkMode) -> str:
    automatic = hostname == inspect.text("Id")[:12] or mode is NetworkMode.HOST
    return "" if automatic else hostname


def _mode(mode: str, around: Surroundings) -> tuple[NetworkMode, str]:
    kind, _, reference = mode.partition(":")
    if kind == "container":
        found = around.container(reference)
        return NetworkMode.SHARED, around.service(found) if found else reference
    modes = {"host": NetworkMode.HOST, "none": NetworkMode.NONE}
    return modes.get(mode, NetworkMode.NETWORKS), ""


def _attachments(inspect: Document, around: Surroundings) -> Iterator[Attachment]:
    settings = inspect.document("NetworkSettings")
    host = inspect.document("HostConfig")
    endpoints = settings.document("Networks")
    if "Networks" not in settings:  # a request: the mode names the network
        endpoints = Document({host.text("NetworkMode") or "bridge": None})
    # On a user-defined network Docker's resolver knows the hostname too.
    hostname = inspect.document("Config").text("Hostname")
    automatic = around.automatic(inspect) | {""}
    for reference in endpoints:
        network = around.network(reference)
        endpoint = endpoints.document(reference)
        aliases = dict.fromkeys((*endpoint.texts("Aliases"), hostname))
        links = host.texts("Links") if network == "bridge" else ()
        links = (*links, *endpoint.texts("Links"))
        yield Attachment(
            network=network,
            aliases=tuple(alias for alias in aliases if alias not in automatic),
            links=tuple(dict.fromkeys(_links(inspect, links, around))),
        )


def _links(
    inspect: Document, texts: Iterable[str], around: Surroundings
) -> Iterator[Link]:
    """The links, without the two that Compose adds to each one."""
    by_compose = around.member(inspect) is not None
    for text in texts:
        link = _link(text, around)
        found = around.container(text.partition(":")[0])
        member = around.member(found) if found else None
        if not (by_compose and found and member and link.alias != member.service):
            yield link
            continue
        numbered = (f"{member.service}{c}{member.number}" for c in "-_")
        if link.alias not in (name_of(found), *numbered):
            yield link


def _link(text: str, around: Surroundings) -> Link:
    """Reads "db:alias", "db" and the stored "/db:/web/alias"."""
    target, _, alias = text.partition(":")
    found = around.container(target)
    name = name_of(found) if found else target.lstrip("/")
    return Link(around.named_service(target), alias.rpartition("/")[2] or name)


def _port(text: str) -> Port | None:
    number, _, protocol = text.partition("/")
    if not number.isdecimal() or not 0 < int(number) < 65536:
        return None
    return Port(int(number), protocol.lower() or "tcp")


def _published(inspect: Document) -> Iterator[Publication]:
    host = inspect.document("HostConfig")
    bindings = host.document("PortBindings")
    actual = inspect.document("NetworkSettings").document("Ports")
    for text, asked in bindings.items():
        port = _port(text)
        for binding in asked if port and isinstance(asked, tuple) else ():
            if port and isinstance(binding, Document):
                yield _publication(port, binding, actual.get(text))
    if host.flag("PublishAllPorts"):
        for text in inspect.document("Config").document("ExposedPorts"):
            port = _port(text)
            if port and text not in bindings:
                yield Publication(port)


def _publication(port: Port, binding: Document, actual: object) -> Publication:
    asked = binding.text("HostPort")
    first, dash, last = asked.partition("-")
    if dash:  # of a range, the port that it got, else the first
        got = [
            item.text("HostPort")
            for item in (actual if isinstance(actual, tuple) else ())
            if isinstance(item, Document)
        ]
        inside = [p for p in got if p.isdecimal() and int(first) <= int(p) <= int(last)]
        asked = inside[0] if inside else first
    return Publication(
        port,
        host_port=int(asked) if asked.isdecimal() else 0,
        host_address=binding.text("HostIp"),
    )


def _extra_host(text: str) -> tuple[str, str]:
    """Reads "name:address", where an IPv6 address has colons of its own."""
    name, _, address = text.replace("=", ":", 1).partition(":")
    return name, address.strip("[]")


def _resources(host: Document) -> Resources:
    quota, period = host.number("CpuQuota"), host.number("CpuPeriod") or 100_000
    cpus = -(-host.number("NanoCpus") // 1_000_000)
    return Resources(
        memory=host.number("Memory"),
        memory_reservation=host.number("MemoryReservation"),
        cpus=cpus or max(0, -(-quota * 1000 // period)),
        cpu_shares=host.number("CpuShares"),
        gpus=sum(_gpus(host)),
        shm_size=host.number("ShmSize") if host.number("ShmSize") != 67108864 else 0,
    )


def _gpus(host: Document) -> Iterator[int]:
    requests = host.get("DeviceRequests")
    for request in requests if isinstance(requests, tuple) else ():
        if isinstance(request, Document) and "gpu" in str(request.get("Capabilities")):
            yield max(0, request.number("Count"))


def _joined(mode: str, around: Surroundings) -> str:
    """The mode with the name of the container that it joins: engines store ids."""
    kind, _, reference = mode.partition(":")
    found = around.container(reference) if kind == "container" else None
    return mode if found is None else f"container:{around.service(found)}"


def _security(host: Document, around: Surroundings) -> Security:
    return Security(
        privileged=host.flag("Privileged"),
        read_only=host.flag("ReadonlyRootfs"),
        cap_add=host.texts("CapAdd"),
        cap_drop=host.texts("CapDrop"),
        options=host.texts("SecurityOpt"),
        sysctls=_pairs(host.document("Sysctls")),
        pid_mode=_joined(host.text("PidMode"), around),
        ipc_mode=_joined(host.text("IpcMode"), around),
        uts_mode=host.text("UTSMode"),
        userns_mode=host.text("UsernsMode"),
        runtime=host.text("Runtime"),
        devices=tuple(_devices(host)),
    )


def _devices(host: Document) -> Iterator[str]:
    """Device files as the command line has them: /dev/a:/dev/b:rw."""
    devices = host.get("Devices")
    for device in devices if isinstance(devices, tuple) else ():
        if isinstance(device, Document) and device.text("PathOnHost"):
            outside = device.text("PathOnHost")
            inside = device.text("PathInContainer") or outside
            rights = device.text("CgroupPermissions") or "rwm"
            plain = rights == "rwm"
            words = (outside, inside) if plain else (outside, inside, rights)
            yield ":".join(words)
