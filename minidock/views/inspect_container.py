"""`docker inspect CONTAINER` and the lines of `docker ps`, as the API's JSON.

```
World + Container ──▶ {"Id": ..., "State": ..., "HostConfig": ..., "NetworkSettings":
...}
```

Docker's sources: moby, ``daemon/inspect.go`` and ``daemon/list.go``. The address fields
at the top of NetworkSettings are filled only from the default bridge.
"""

from hashlib import sha256

from minidock.commands.endpoints import default_way
from minidock.commands.images import find_image
from minidock.errors import Refusal
from minidock.model.container import Container, Endpoint
from minidock.model.document import Json, thaw
from minidock.model.health import Health
from minidock.model.world import World
from minidock.net.address import Address
from minidock.ports.listing import ports_field, ports_json
from minidock.views.api_versions import (
    DNS_NAMES,
    GATEWAY_PRIORITY,
    SHORT_ID_GONE,
    ApiVersion,
)
from minidock.views.config_fields import CONFIG, OMITTED_WHEN_EMPTY
from minidock.views.durations import human_duration, status_text, timestamp
from minidock.views.host_config import host_config, shown_mode
from minidock.views.inspect_image import layer_folder
from minidock.views.inspect_legacy import as_before

__all__ = [
    "container_json",
    "container_size",
    "container_status",
    "container_summary",
    "endpoint_json",
    "network_settings",
    "ports_shown",
]


def container_json(
    world: World, container: Container, api: ApiVersion
) -> dict[str, Json]:
    """What GET /containers/{id}/json answers."""
    root = f"/var/lib/docker/containers/{container.id}"
    files = f"/var/lib/docker/containers/{container.files_of or container.id}"
    ran = bool(container.sandbox or container.state.started or container.files_of)
    shown: dict[str, Json] = {
        "Id": container.id,
        "Created": timestamp(container.created),
        "Path": container.path,
        "Args": list(container.arguments),
        "State": _state(container),
        "Image": container.image_id,
        "ResolvConfPath": f"{files}/resolv.conf" if ran else "",
        "HostnamePath": f"{files}/hostname" if ran else "",
        "HostsPath": f"{files}/hosts" if ran else "",
        "LogPath": f"{root}/{container.id}-json.log" if ran else "",
        "Name": f"/{container.name}",
        "RestartCount": container.restart_count,
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "",
        "ExecIDs": list(container.execs) or None,
        "HostConfig": host_config(world, container),
        "GraphDriver": _graph_driver(world, container),
        "Mounts": [thaw(mount) for mount in container.mounts],
        "Config": _config(container),
        "NetworkSettings": network_settings(world, container, api),
    }
    return as_before(shown, container, api)


_NEVER = "0001-01-01T00:00:00Z"
"""Go's zero time."""


def _state(container: Container) -> dict[str, Json]:
    state = container.state
    return {
        "Status": state.status,
        "Running": state.active,
        "Paused": state.paused,
        "Restarting": state.status == "restarting",
        "OOMKilled": False,
        "Dead": state.status == "dead",
        "Pid": state.pid,
        "ExitCode": state.exit_code,
        "Error": state.error,
        "StartedAt": timestamp(state.started) if state.started else _NEVER,
        "FinishedAt": timestamp(state.finished) if state.finished else _NEVER,
        **_health(container.health),
    }


def _health(health: Health | None) -> dict[str, Json]:
    """`State.Health`: only a container that is, or was, checked has it."""
    if health is None:
        return {}
    log: list[Json] = [
        {
            "Start": timestamp(result.start),
            "End": timestamp(result.end),
            "ExitCode": result.exit_code,
            "Output": result.output,
        }
        for result in health.log
    ]
    shown: Json = {
        "Status": health.status,
        "FailingStreak": health.failing_streak,
        "Log": log,
    }
    return {"Health": shown}


def _directory(kind: str, identifier: str) -> str:
    """The storage driver names its directories by digests of its own."""
    return sha256(f"{kind}:{identifier}".encode()).hexdigest()


def _graph_driver(world: World, container: Container) -> dict[str, Json]:
    layer = f"/var/lib/docker/overlay2/{_directory('layer', container.id)}"
    image = world.images.get(container.image_id)
    chains = image.chain_ids if image is not None else ()
    below = [
        f"/var/lib/docker/overlay2/{layer_folder(chain)}/diff"
        for chain in reversed(chains)
    ]
    return {
        "Data": {
            "LowerDir": ":".join([f"{layer}-init/diff", *below]),
            "MergedDir": f"{layer}/merged",
            "UpperDir": f"{layer}/diff",
            "WorkDir": f"{layer}/work",
        },
        "Name": "overlay2",
    }


def _config(container: Container) -> dict[str, Json]:
    asked = {key: thaw(value) for key, value in container.config.items()}
    shown: dict[str, Json] = {}
    for key, default in CONFIG:
        value = asked.get(key)
        if key in OMITTED_WHEN_EMPTY and not value:
            continue
        empty = value is None or (value in ([], {}) and key in {"Env", "Volumes"})
        shown[key] = default if empty else value
    shown["Labels"] = shown["Labels"] or {}
    exposed = shown.get("ExposedPorts")
    if isinstance(exposed, dict):
        shown["ExposedPorts"] = {key: {} for key in sorted(exposed)}
    shown["Hostname"] = container.hostname
    shown["Domainname"] = container.domain
    return shown


def _text(address: Address | None) -> str:
    return "" if address is None else str(address)


def _address_fields(endpoint: Endpoint | None) -> dict[str, Json]:
    """The fields that stand both at the top and under each network."""
    if endpoint is None or not endpoint.attached:
        endpoint = Endpoint(network="")
    internal_gateway = endpoint.gateway
    return {
        "EndpointID": endpoint.id,
        "Gateway": _text(internal_gateway),
        "GlobalIPv6Address": _text(endpoint.address6),
        "GlobalIPv6PrefixLen": endpoint.length6 if endpoint.address6 else 0,
        "IPAddress": _text(endpoint.address),
        "IPPrefixLen": endpoint.length if endpoint.address else 0,
        "IPv6Gateway": _text(endpoint.gateway6),
        "MacAddress": str(endpoint.mac) if endpoint.mac else "",
    }


def network_settings(
    world: World, container: Container, api: ApiVersion
) -> dict[str, Json]:
    """The NetworkSettings object of inspect."""
    sandbox = container.sandbox
    key = sandbox[:12] if container.network_mode != "host" else "default"
    head: dict[str, Json] = {
        "Bridge": "",
        "SandboxID": sandbox,
        "HairpinMode": False,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "Ports": _ports(world, container),
        "SandboxKey": f"/var/run/docker/netns/{key}" if sandbox else "",
        "SecondaryIPAddresses": None,
        "SecondaryIPv6Addresses": None,
    }
    head |= _address_fields(container.endpoint_on("bridge"))
    networks = sorted(container.connections, key=lambda e: e.network)
    head["Networks"] = {
        e.network: endpoint_json(world, container, e, api) for e in networks
    }
    if DNS_NAMES.reached(api):
        order = ("Bridge", "SandboxID", "SandboxKey", "Ports")
        return {**{name: head[name] for name in order}, **head}
    return head


def _ports(world: World, container: Container) -> dict[str, Json]:
    """Empty unless the default route leads over a network that has ports at all."""
    way = default_way(world, container)
    network = world.networks.get(way.network_id) if way else None
    if network is None or network.internal or network.bridge is None:
        return {}
    joined = [e for e in container.endpoints if e.attached]
    mappings = next((e.mappings for e in joined if e.mappings), ())
    shown = ports_json(mappings, tuple(container.config.document("ExposedPorts")))
    return {
        key: None if bindings is None else [dict(binding) for binding in bindings]
        for key, bindings in shown.items()
    }


def _ipam_config(world: World, endpoint: Endpoint) -> Json:
    """What was asked for; in a swarm what its managers then chose."""
    settings = endpoint.settings
    network = world.networks.get(endpoint.network_id)
    if network is not None and network.scope == "swarm" and endpoint.address:
        return {"IPv4Address": str(endpoint.address)}
    return None if settings.ipam_config is None else thaw(settings.ipam_config)


def endpoint_json(
    world: World, container: Container, endpoint: Endpoint, api: ApiVersion
) -> dict[str, Json]:
    """One entry of NetworkSettings.Networks."""
    settings = endpoint.settings
    asked: dict[str, Json] = {
        "IPAMConfig": _ipam_config(world, endpoint),
        "Links": None if settings.links is None else list(settings.links),
        "Aliases": _aliases(world, container, endpoint, api),
    }
    options = None if settings.driver_opts is None else thaw(settings.driver_opts)
    fields = _address_fields(endpoint)
    if not (endpoint.attached or container.state.started):
        fields["MacAddress"] = settings.mac  # what was asked for, until it is there
    given: dict[str, Json] = {
        "NetworkID": endpoint.network_id,
        "EndpointID": fields["EndpointID"],
        "Gateway": fields["Gateway"],
        "IPAddress": fields["IPAddress"],
        "IPPrefixLen": fields["IPPrefixLen"],
        "IPv6Gateway": fields["IPv6Gateway"],
        "GlobalIPv6Address": fields["GlobalIPv6Address"],
        "GlobalIPv6PrefixLen": fields["GlobalIPv6PrefixLen"],
    }
    if not DNS_NAMES.reached(api):
        mac: dict[str, Json] = {"MacAddress": fields["MacAddress"]}
        return {**asked, **given, **mac, "DriverOpts": options}
    shown: dict[str, Json] = {**asked, "MacAddress": fields["MacAddress"]}
    shown["DriverOpts"] = options
    if GATEWAY_PRIORITY.reached(api):
        shown["GwPriority"] = settings.gateway_priority
    shown |= given
    shown["DNSNames"] = dns_names(world, container, endpoint)
    return shown


def _aliases(
    world: World, container: Container, endpoint: Endpoint, api: ApiVersion
) -> Json:
    """The aliases; older clients of newer engines see short id and hostname, too."""
    given = endpoint.settings.aliases
    user = endpoint.network not in {"bridge", "host", "none"}
    if SHORT_ID_GONE.reached(api) or world.era.short_id_alias or not user:
        return None if given is None else list(given)
    names = (*(given or ()), container.short_id, container.hostname)
    return list(dict.fromkeys(names))


def dns_names(world: World, container: Container, endpoint: Endpoint) -> Json:
    """Under which names the network's name server knows the container, in order."""
    network = world.networks.get(endpoint.network_id)
    if network is None or network.predefined or not endpoint.attached:
        return None
    names = [container.name, *(endpoint.settings.aliases or ()), container.short_id]
    names.append(container.hostname)
    return list(dict.fromkeys(names))


def _image_name(world: World, container: Container) -> str:
    """What it was run as, or the image's id if that name means another one now."""
    name = container.image
    owner = world.references.get(name) or world.references.get(f"{name}:latest")
    if owner is None and container.image_id in world.images:
        try:
            owner = find_image(world, name).id
        except Refusal:
            owner = None
    return name if owner == container.image_id else container.image_id


def container_summary(
    world: World, container: Container, api: ApiVersion, now: int
) -> dict[str, Json]:
    """One entry of GET /containers/json."""
    networks: dict[str, Json] = {}
    for endpoint in sorted(container.connections, key=lambda e: e.network):
        shown = endpoint_json(world, container, endpoint, api)
        if not DNS_NAMES.reached(api):
            shown |= {"Links": None, "Aliases": None}
        networks[endpoint.network] = shown
    command = " ".join([container.path, *map(_quoted, container.arguments)])
    return {
        "Id": container.id,
        "Names": _names(world, container),
        "Image": _image_name(world, container),
        "ImageID": container.image_id,
        "Command": command,
        "Created": container.created // 1_000_000_000,
        "Ports": list(ports_shown(world, container)),
        "Labels": thaw(container.config.document("Labels")),
        "State": container.state.status,
        "Status": container_status(container, now),
        "HostConfig": {"NetworkMode": shown_mode(world, container)},
        "NetworkSettings": {"Networks": networks},
        "Mounts": [thaw(mount) for mount in container.mounts],
    }


def container_status(container: Container, now: int) -> str:
    """The STATUS of a container at a moment: ``Up 3 seconds``.

    What nearly all containers are is said without their ``State``.
    """
    state = container.state
    if state.status == "created" and not state.started:
        return "Created"
    if state.status == "running" and state.started and container.health is None:
        return f"Up {human_duration(now - state.started)}"
    return status_text(_state(container), now)


def ports_shown(world: World, container: Container) -> list[dict[str, Json]]:
    """The ports of a line of `docker ps`: those of a running container."""
    return [dict(entry) for entry in ports_field(_ports(world, container))]


def container_size(world: World, container: Container) -> dict[str, Json]:
    """The octets that its programs wrote, and those together with its image's."""
    image = world.images.get(container.image_id)
    written = sum(len(text.encode()) for _, text in container.files if text)
    below = image.size if image is not None else 0
    return {"SizeRw": written, "SizeRootFs": below + written}


def _quoted(word: str) -> str:
    return f"'{word}'" if " " in word else word


def _names(world: World, container: Container) -> list[Json]:
    names: list[Json] = [f"/{container.name}"]
    linked = []
    for parent_id in dict.fromkeys(world.linkers.get(container.id, ())):
        parent = world.containers.get(parent_id)
        for link in parent.links if parent else ():
            if link.child == container.id and parent:
                linked.append(f"/{parent.name}/{link.alias}")
    return sorted([*names, *linked], key=str)
