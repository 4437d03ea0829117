"""A group of containers as a Compose file, as somebody would have written it.

```
 containers of one service ─▶ services.web      what differs from the image only
 networks, volumes         ─▶ networks, volumes with their real names
 variables that look secret ─▶ env_file: secrets/web.env
```

Invariants: read back, the file means what stands on the host; a dollar sign is written
twice, since Compose would take it for a variable; no secret value is in it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from k8s_bridge.application import Application, Attachment, Link, Service
from k8s_bridge.bundle.asked import Asked, documents
from k8s_bridge.bundle.composing_host import host_keys
from k8s_bridge.bundle.composing_mounts import mount_keys, secret_files
from k8s_bridge.sources.projects import (
    dependencies_of,
    is_own_label,
    key_of,
    member_of,
    project_of,
)
from k8s_bridge.sources.surroundings import Surroundings
from minidock.model.document import Document
from minidock.moving.host import HostState, is_anonymous, labels_of
from minidock.moving.wish import network_body

__all__ = ["compose_model", "project_name"]

Node: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Project:
    """Names: of the project, and the keys of networks and volumes by real name."""

    name: str
    networks: Mapping[str, str]
    around: Surroundings
    services: Mapping[str, Service]


def project_name(text: str) -> str:
    """A name that Compose takes for a project, for any text.

    >>> project_name("Shop.Front"), project_name("shop")
    ('shop-front', 'shop')
    """
    name = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).lstrip("_-").rstrip("-")
    return name or "application"


def compose_model(
    application: Application,
    state: HostState,
    containers: Iterable[Asked],
    secrets: Mapping[str, str],
) -> Node:
    """The file as plain data; ``secrets`` has the file of a container's secrets."""
    around = Surroundings(state.containers, state.networks, state.volumes)
    project = _Project(
        project_name(application.name),
        _keys(state, application.name),
        around,
        {service.name: service for service in application.services},
    )
    services: dict[str, Node] = {}
    replicas: dict[str, int] = {}
    ranked = sorted(containers, key=_number)
    for asked in ranked:
        service = around.service(asked.container)
        replicas[service] = replicas.get(service, 0) + 1
        if service not in services:
            services[service] = _service(asked, project, secrets.get(asked.name, ""))
    for service, count in replicas.items():
        if count > 1:
            services[service]["scale"] = count
    model: Node = {"name": project.name, "services": services}
    networks = dict(_networks(state, project, tuple(ranked)))
    if networks:
        model["networks"] = networks
    volumes = dict(_volumes(state, project))
    if volumes:
        model["volumes"] = volumes
    files = dict(pair for item in ranked for pair in secret_files(item, around))
    if files:
        model["secrets"] = {name: {"file": path} for name, path in files.items()}
    return _escaped_node(model)


def _number(asked: Asked) -> tuple[int, str]:
    member = member_of(labels_of(asked.container))
    return (member.number if member else 1, asked.name)


def _escaped_node(node: Mapping[str, object]) -> Node:
    return {key: _escaped(value) for key, value in node.items()}


def _escaped(value: object) -> object:
    """Texts with each dollar sign twice; keys are never interpolated."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return value


def _keys(state: HostState, project: str) -> dict[str, str]:
    """A key for each network, by its real name: the project's own word, if any."""
    keys: dict[str, str] = {}
    for network in state.networks:
        labels, real = network.document("Labels"), network.text("Name")
        own = key_of(labels, "network") if project_of(labels) == project else ""
        keys[real] = own if own and own not in keys.values() else real
    return keys


def _service(asked: Asked, project: _Project, secrets: str) -> Node:
    config, around = asked.config, project.around
    member = around.member(asked.container)
    node: Node = {"image": asked.image}
    if member is None or asked.name not in member.automatic_names():
        node["container_name"] = asked.name
    if asked.entrypoint is not None:
        node["entrypoint"] = list(asked.entrypoint)
    if asked.command is not None:
        node["command"] = list(asked.command)
    node |= dict(_texts(config))
    if secrets:
        node["env_file"] = [secrets]
    plain = dict(asked.plain() if secrets else asked.variables)
    if plain:
        node["environment"] = plain
    if asked.labels:
        node["labels"] = dict(asked.labels)
    expose = [p for p in config.document("ExposedPorts") if p not in _published(asked)]
    if expose:
        node["expose"] = [port.removesuffix("/tcp") for port in expose]
    check = _healthcheck(config.document("Healthcheck"))
    if check:
        node["healthcheck"] = check
    node |= dict(_networking(asked, project))
    node |= dict(mount_keys(asked, around))
    node |= dict(host_keys(asked.host, around))
    restart = _restart(asked.host, written=member is not None)
    if restart:
        node["restart"] = restart
    depends = dict(_depends(asked))
    if depends:
        node["depends_on"] = depends
    return node


def _published(asked: Asked) -> Document:
    return asked.host.document("PortBindings")


_TEXTS = {
    "Hostname": "hostname",
    "Domainname": "domainname",
    "User": "user",
    "WorkingDir": "working_dir",
    "StopSignal": "stop_signal",
    "MacAddress": "mac_address",
}


def _texts(config: Document) -> Iterator[tuple[str, object]]:
    for key, word in _TEXTS.items():
        if config.text(key):
            yield word, config.text(key)
    if config.flag("Tty"):
        yield "tty", True
    if config.flag("OpenStdin"):
        yield "stdin_open", True
    if config.number("StopTimeout"):
        yield "stop_grace_period", f"{config.number('StopTimeout')}s"


def duration(nanoseconds: int) -> str:
    """A time in Compose's notation, in the largest unit that divides it.

    >>> duration(1_500_000_000), duration(60_000_000_000)
    ('1500ms', '60s')
    """
    for unit, size in (("s", 10**9), ("ms", 10**6), ("us", 10**3)):
        if nanoseconds % size == 0:
            return f"{nanoseconds // size}{unit}"
    return f"{nanoseconds}ns"


_TIMES = {
    "Interval": "interval",
    "Timeout": "timeout",
    "StartPeriod": "start_period",
    "StartInterval": "start_interval",
}


def _healthcheck(check: Document) -> Node:
    test = check.texts("Test")
    if test[:1] == ("NONE",):
        return {"disable": True}
    node: Node = {"test": list(test)} if test else {}
    for key, word in _TIMES.items():
        if check.number(key):
            node[word] = duration(check.number(key))
    if check.number("Retries"):
        node["retries"] = check.number("Retries")
    return node


def _restart(host: Document, *, written: bool) -> str:
    """The policy; Compose writes "no" only where it was asked for, docker always."""
    policy = host.document("RestartPolicy")
    name, count = policy.text("Name"), policy.number("MaximumRetryCount")
    if name == "no":
        return "no" if written else ""
    return f"{name}:{count}" if count and name else name


def _depends(asked: Asked) -> Iterator[tuple[str, Node]]:
    """What Compose wrote down; links and joined namespaces say it by themselves."""
    for found in dependencies_of(labels_of(asked.container)):
        node: Node = {"condition": str(found.condition)}
        if found.restart:
            node["restart"] = True
        yield found.service, node


def _networking(asked: Asked, project: _Project) -> Iterator[tuple[str, object]]:
    wish, around = asked.wish, project.around
    service = project.services[around.service(asked.container)]
    attachments = service.networking.attachments
    kind, _, reference = wish.network.partition(":")
    if kind == "container":
        yield "network_mode", f"service:{around.named_service(reference)}"
    elif wish.joined:
        yield "network_mode", wish.network
    elif not wish.endpoints:
        yield "network_mode", "none"
    elif set(wish.endpoints) == {"bridge"}:
        yield "network_mode", "bridge"
    else:
        nodes = {
            project.networks.get(a.network, a.network): _endpoint(asked, a)
            for a in attachments
            if a.network != "bridge"  # Compose cannot add Docker's own to others
        }
        if set(nodes) != {"default"} or any(nodes.values()):
            yield "networks", nodes
    links = dict.fromkeys(link for a in attachments for link in a.links)
    for key, known in (("links", True), ("external_links", False)):
        found = [_link(x) for x in links if (x.target in project.services) is known]
        if found:
            yield key, found
    ports = list(_ports(asked.host.document("PortBindings")))
    if ports:
        yield "ports", ports


def _link(link: Link) -> str:
    return link.target if link.alias == link.target else f"{link.target}:{link.alias}"


def _endpoint(asked: Asked, attachment: Attachment) -> Node:
    """A place on a network; an address only where somebody asked for one."""
    endpoints = asked.container.document("NetworkSettings").document("Networks")
    endpoint = endpoints.document(attachment.network)
    fixed = endpoint.document("IPAMConfig")
    hostname = asked.config.text("Hostname")
    node: Node = {}
    aliases = [alias for alias in attachment.aliases if alias != hostname]
    if aliases:
        node["aliases"] = aliases
    for key, word in (("IPv4Address", "ipv4_address"), ("IPv6Address", "ipv6_address")):
        if fixed.text(key):
            node[word] = fixed.text(key)
    if fixed.texts("LinkLocalIPs"):
        node["link_local_ips"] = list(fixed.texts("LinkLocalIPs"))
    if endpoint.document("DriverOpts"):
        node["driver_opts"] = dict(endpoint.document("DriverOpts"))
    if endpoint.number("GwPriority"):
        node["gw_priority"] = endpoint.number("GwPriority")
    return node


def _ports(bindings: Document) -> Iterator[str | Node]:
    """Published ports in the short form, which says all that Docker knows of one."""
    for port in bindings:
        number, _, protocol = port.partition("/")
        suffix = "" if protocol in ("", "tcp") else f"/{protocol}"
        for binding in documents(bindings[port]):
            address, outside = binding.text("HostIp"), binding.text("HostPort")
            if address in ("0.0.0.0", "::"):  # noqa: S104  # a value to compare with
                yield _long_port(number, protocol or "tcp", address, outside)
                continue
            address = f"[{address}]" if ":" in address else address
            parts = (address, outside) if address else (outside,)
            yield ":".join([*(part for part in parts if part), number]) + suffix


def _long_port(number: str, protocol: str, address: str, outside: str) -> Node:
    node: Node = {"target": int(number), "host_ip": address, "protocol": protocol}
    if outside:
        node["published"] = outside
    return node


def _networks(
    state: HostState, project: _Project, asked: tuple[Asked, ...]
) -> Iterator[tuple[str, Node | None]]:
    for network in state.networks:
        real = network.text("Name")
        if real in ("bridge", "host", "none"):
            continue
        key = project.networks[real]
        labels = network.document("Labels")
        owner = project_of(labels)
        if owner and project_name(owner) != project.name:
            yield key, {"name": real, "external": True}
            continue
        fixed = any(_is_fixed(a, real) for a in asked)
        node = dict(_network(network, subnets=key != "default" or fixed))
        if real != f"{project.name}_{key}":
            node = {"name": real, **node}
        if node or key != "default":
            yield key, node


def _is_fixed(asked: Asked, network: str) -> bool:
    endpoints = asked.container.document("NetworkSettings").document("Networks")
    return bool(endpoints.document(network).document("IPAMConfig"))


_NETWORK_FLAGS = {
    "Internal": "internal",
    "Attachable": "attachable",
    "EnableIPv6": "enable_ipv6",
}
_IPAM = {"Subnet": "subnet", "IPRange": "ip_range", "Gateway": "gateway"}


def _network(network: Document, *, subnets: bool) -> Iterator[tuple[str, object]]:
    body = network_body(network, subnets=subnets)
    if body.text("Driver") not in ("", "bridge"):
        yield "driver", body.text("Driver")
    if body.document("Options"):
        yield "driver_opts", dict(body.document("Options"))
    for key, word in _NETWORK_FLAGS.items():
        if body.flag(key):
            yield word, True
    ipam = _ipam(body.document("IPAM"))
    if ipam:
        yield "ipam", ipam
    labels = {k: v for k, v in body.document("Labels").items() if not is_own_label(k)}
    if labels:
        yield "labels", labels


def _ipam(ipam: Document) -> Node:
    configs = []
    for config in documents(ipam.get("Config")):
        node: Node = {w: config[k] for k, w in _IPAM.items() if config.get(k)}
        if config.document("AuxiliaryAddresses"):
            node["aux_addresses"] = dict(config.document("AuxiliaryAddresses"))
        configs.append(node)
    node = {"config": configs} if configs else {}
    if ipam.text("Driver") not in ("", "default"):
        node["driver"] = ipam.text("Driver")
    if ipam.document("Options"):
        node["options"] = dict(ipam.document("Options"))
    return node


def _volumes(state: HostState, project: _Project) -> Iterator[tuple[str, Node]]:
    for volume in state.volumes:
        real = volume.text("Name")
        if is_anonymous(real) and project.around.volume(real) == real:
            continue
        key = project.around.volume(real)
        labels = volume.document("Labels")
        owner = project_of(labels)
        if owner and project_name(owner) != project.name:
            yield key, {"name": real, "external": True}
            continue
        own = {k: v for k, v in labels.items() if not is_own_label(k)}
        node: Node = {} if real == f"{project.name}_{key}" else {"name": real}
        if volume.text("Driver") not in ("", "local"):
            node["driver"] = volume.text("Driver")
        if volume.document("Options"):
            node["driver_opts"] = dict(volume.document("Options"))
        if own:
            node["labels"] = own
        yield key, node
