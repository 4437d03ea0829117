"""POST /containers/create: what a client asks for, as its version of the API means it.

```
body ──▶ Config, HostConfig, NetworkingConfig ──▶ for the version ──▶ commands.create
            │                                          │
       no JSON: 500 (20.10), 400 (28)     fields that the version does not know go,
                                          defaults that it expects come
```

Docker's source: moby, ``api/server/router/container/container_routes.go``,
``postContainersCreate``.
"""

from minidock.api.call import Answer, Call, answered, document_of
from minidock.api.create_shape import CONFIG, HOST_CONFIG
from minidock.api.decode import decode, fold
from minidock.api.killing import number_of
from minidock.api.networks import endpoint_settings, known_settings
from minidock.commands import containers
from minidock.commands.health import check_settings
from minidock.commands.images import find_image
from minidock.commands.limits import check_wishes
from minidock.commands.restarting import check_known, check_policy
from minidock.errors import InvalidParameter, Refusal, Unclassified
from minidock.model.container import EndpointSettings
from minidock.model.document import Document, Frozen, Json, thaw
from minidock.ports.spec import check_bindings
from minidock.views.api_versions import (
    ANNOTATIONS,
    AUTO_REMOVE,
    CGROUP_NAMESPACES,
    CONSOLE_SIZE,
    KERNEL_MEMORY_GONE,
    PLATFORM,
    PRIVATE_IPC,
    SEVERAL_ENDPOINTS,
)

__all__ = ["create"]


def create(call: Call) -> Answer:
    """POST /containers/create?name=NAME."""
    strict = call.world.era.strict_json
    refusal = InvalidParameter if strict else Unclassified
    body = decode(call, CONFIG, "ContainerConfigWrapper", refusal=refusal, needed=True)
    host = body.pop("HostConfig", None)
    above = None if strict else _above(body, refusal)
    networking = body.pop("NetworkingConfig", None)
    if not body and not host:
        raise InvalidParameter(
            f"{'config' if strict else 'Config'} cannot be empty in order to create a "
            "container",
            asked="create a container from an empty request",
            rule="a container needs an image",
            remedy='send {"Image": "nginx"}',
        )
    config = document_of(_with_lists(body))
    host_config = _for_version(document_of(host or above), call)
    if host is None and not strict and not host_config.text("Runtime"):
        # Odd on purpose: without any HostConfig the runtime is chosen by the start.
        host_config = host_config.with_entry("Runtime", "")
    elif not host_config.text("Runtime"):
        host_config = host_config.without("Runtime")
    policy = host_config.document("RestartPolicy")
    check_known(policy, call.world.era, "create a container")
    check_bindings(host_config.document("PortBindings"))
    check_settings(config)
    check_policy(host_config)
    request = containers.ContainerRequest(
        name=call.query.get("name", ""),
        config=config,
        host_config=host_config,
        endpoints=_endpoints(call, networking),
        platform=call.query.get("platform", "") if PLATFORM.reached(call.api) else "",
    )
    if not any(config.get(key) for key in ("Image", "Cmd", "Entrypoint")):
        raise containers.no_command("", world=call.world)
    check_wishes(call.world, config, host_config)
    _check_stop_signal(call, config)
    image = find_image(call.world, config.text("Image"))
    outcome = containers.create(call.world, request, image, call.now)
    warnings: list[Json] = list(outcome.warnings)
    return answered(outcome, 201, {"Id": outcome.made, "Warnings": warnings})


def _check_stop_signal(call: Call, config: Document) -> None:
    if config.text("StopSignal"):
        number_of(call, config.text("StopSignal"))


def _above(body: dict[str, Json], refusal: type[Refusal]) -> dict[str, Json]:
    """What belongs to HostConfig and stands beside it, as clients once wrote it.

    Odd on purpose: older engines read it there where there is no HostConfig, and
    docker-py writes the runtime so.
    """
    names = {name.lower() for name in HOST_CONFIG} - {name.lower() for name in CONFIG}
    moved = {key: body[key] for key in body if key.lower() in names}
    return fold(moved, HOST_CONFIG, "ContainerConfigWrapper", refusal)


def _with_lists(body: dict[str, Json]) -> dict[str, Json]:
    """Cmd and Entrypoint may be one text; Docker reads it as a list of one."""
    for key in ("Cmd", "Entrypoint"):
        if isinstance(body.get(key), str):
            body[key] = [body[key]]
    return body


def _endpoints(call: Call, networking: Json) -> dict[str, EndpointSettings]:
    config = document_of(networking).get("EndpointsConfig")
    if not isinstance(config, Document):
        return {}
    several = call.world.era.several_endpoints_at_create
    if len(config) > 1 and several and not SEVERAL_ENDPOINTS.reached(call.api):
        raise InvalidParameter(
            "Container cannot be created with multiple network endpoints: "
            + ", ".join(config),
            asked="create a container on several networks",
            rule="calls before API 1.44 create a container on one network",
            remedy="docker network connect after docker create",
        )
    for key, value in config.items():
        if value is None and len(config) == 1:
            raise InvalidParameter(
                f"no EndpointSettings for {key}",
                asked=f"create a container on {key} with null as its settings",
                rule="the settings of a network are an object, if an empty one",
                remedy=f'send {{"EndpointsConfig": {{"{key}": {{}}}}}}',
            )
    return {
        key: known_settings(endpoint_settings(thaw(value)), call)
        for key, value in config.items()
    }


def _for_version(host: Document, call: Call) -> Document:
    """HostConfig without what the version does not know, with what it expects."""
    kept: dict[str, Frozen] = dict(host)
    if not AUTO_REMOVE.reached(call.api):
        kept.pop("AutoRemove", None)
    if not PRIVATE_IPC.reached(call.api) and not host.text("IpcMode"):
        kept["IpcMode"] = "shareable"
    if not CGROUP_NAMESPACES.reached(call.api) and not host.text("CgroupnsMode"):
        kept["CgroupnsMode"] = "host"
    if not CONSOLE_SIZE.reached(call.api):
        kept.pop("ConsoleSize", None)
    if KERNEL_MEMORY_GONE.reached(call.api):
        kept.pop("KernelMemory", None)
    if not ANNOTATIONS.reached(call.api):
        kept.pop("Annotations", None)
    return Document(kept)
