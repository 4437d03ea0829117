"""The container calls: list, inspect, create, and all that changes a container's state.

```
GET  /containers/json           POST /containers/create        POST .../start  .../stop
GET  /containers/{id}/json      POST /containers/{id}/rename   POST .../kill   .../pause
GET  /containers/{id}/top       DELETE /containers/{id}        POST .../wait   ...
```

A program that ends at once (``docker run busybox true``) has ended when the start is
answered: the runtime says so, and the end is applied as a command of its own.
"""

from minidock.api.call import Answer, Call, answered, document_of
from minidock.api.decode import Shape, decode
from minidock.api.filters import has_labels, parse_filters, until
from minidock.api.http import Response
from minidock.api.networks import endpoint_settings, known_settings
from minidock.commands import containers, lifecycle
from minidock.commands.images import find_image
from minidock.commands.lookup import find_container
from minidock.commands.outcome import Outcome
from minidock.errors import (
    Conflict,
    InvalidParameter,
    NotModified,
    Refusal,
    Unclassified,
)
from minidock.model.container import Container, EndpointSettings
from minidock.model.document import Document, Json, thaw
from minidock.model.event import Event
from minidock.ports.spec import check_bindings
from minidock.runtime import signals
from minidock.views.inspect_container import container_json

__all__ = [
    "create",
    "inspect",
    "kill",
    "logs",
    "pause",
    "prune",
    "remove",
    "rename",
    "restart",
    "start",
    "stop",
    "top",
    "unpause",
    "wait",
]

_CONFIG: Shape = {
    "Hostname": "string",
    "Domainname": "string",
    "User": "string",
    "AttachStdin": "bool",
    "AttachStdout": "bool",
    "AttachStderr": "bool",
    "ExposedPorts": "map",
    "Tty": "bool",
    "OpenStdin": "bool",
    "StdinOnce": "bool",
    "Env": "list",
    "Healthcheck": "map",
    "Image": "string",
    "Volumes": "map",
    "WorkingDir": "string",
    "NetworkDisabled": "bool",
    "MacAddress": "string",
    "OnBuild": "list",
    "Labels": "map",
    "StopSignal": "string",
    "StopTimeout": "int",
    "HostConfig": {
        "": "container.HostConfig",
        "NetworkMode": "string",
        "Links": "[]string",
        "Dns": "[]string",
        "DnsSearch": "[]string",
        "DnsOptions": "[]string",
        "ExtraHosts": "[]string",
        "Binds": "[]string",
        "PublishAllPorts": "bool",
        "AutoRemove": "bool",
        "Privileged": "bool",
    },
    "NetworkingConfig": "map",
}


def inspect(call: Call) -> Answer:
    """GET /containers/{id}/json."""
    container = find_container(call.world, call.words["id"])
    body = container_json(call.world, container, call.api)
    return Answer(world=call.world, response=Response(body=body))


def create(call: Call) -> Answer:
    """POST /containers/create?name=NAME."""
    refusal = Unclassified if call.world.era.short_id_alias else InvalidParameter
    body = decode(call, _CONFIG, "ContainerConfigWrapper", refusal=refusal)
    host = body.pop("HostConfig", None)
    networking = body.pop("NetworkingConfig", None)
    if not body and not host:
        raise InvalidParameter(
            "Config cannot be empty in order to create a container",
            asked="create a container from an empty request",
            rule="a container needs an image",
            remedy='send {"Image": "nginx"}',
        )
    config = document_of(_with_lists(body))
    host_config = document_of(host)
    check_bindings(host_config.document("PortBindings"))
    request = containers.ContainerRequest(
        name=call.query.get("name", ""),
        config=config,
        host_config=host_config,
        endpoints=_endpoints(call, networking),
        platform=call.query.get("platform", ""),
    )
    if not any(config.get(key) for key in ("Image", "Cmd", "Entrypoint")):
        raise containers.no_command("")
    image = find_image(call.world, config.text("Image"))
    outcome = containers.create(call.world, request, image, call.now)
    warnings: list[Json] = list(outcome.warnings)
    return answered(outcome, 201, {"Id": outcome.made, "Warnings": warnings})


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


def _found(call: Call) -> Container:
    return find_container(call.world, call.words["id"])


def start(call: Call) -> Answer:
    """POST /containers/{id}/start.

    Where the program has ended when this is answered, the answer carries what it wrote
    and its exit code: what a client that had attached would have seen.
    """
    container = _found(call)
    outcome = lifecycle.start(call.world, container, call.now)
    return _settled(outcome, container.id, call.now)


def _settled(outcome: Outcome, container_id: str, now: int) -> Answer:
    """After a start: what the program has written, and its end if it has ended."""
    answer = answered(outcome)
    container = outcome.world.containers.get(container_id)
    if container is None:
        return answer
    # Late, since the programs and the packets that they send take half of an import.
    from minidock.runtime import turning  # noqa: PLC0415

    begun = turning.start_main(outcome.world, container, now)
    text = {"stdout": "", "stderr": ""}
    for _, stream, piece in begun.output:
        text[stream] += piece
    return Answer(
        world=begun.outcome.world,
        response=Response(
            status=204,
            text=text["stdout"],
            stderr=text["stderr"],
            headers={} if begun.code is None else {"Exit-Code": str(begun.code)},
        ),
        events=answer.events + begun.outcome.events,
    )


def stop(call: Call) -> Answer:
    """POST /containers/{id}/stop?t=SECONDS."""
    container = _found(call)
    if not container.state.running:
        raise NotModified(f"container {container.name} is already stopped")
    code = signals.stop_code(call.world, container, _timeout(call, container))
    return answered(lifecycle.stop(call.world, container, code, call.now))


def _timeout(call: Call, container: Container) -> int:
    text = call.query.get("t", "")
    if text.lstrip("-").isdigit():
        return int(text)
    return container.config.number("StopTimeout") or 10


def restart(call: Call) -> Answer:
    """POST /containers/{id}/restart?t=SECONDS."""
    container = _found(call)
    code = signals.stop_code(call.world, container, _timeout(call, container))
    outcome = lifecycle.restart(call.world, container, code, call.now)
    return _settled(outcome, container.id, call.now)


def kill(call: Call) -> Answer:
    """POST /containers/{id}/kill?signal=NAME."""
    text = call.words["id"]
    number = signals.signal_number(call.query.get("signal") or "KILL")
    try:
        container = find_container(call.world, text)
    except Refusal as error:
        raise type(error)(
            f"Cannot kill container: {text}: {error.text}",
            asked=error.asked,
            rule=error.rule,
            remedy=error.remedy,
        ) from error
    code = signals.death_by(call.world, container, number)
    return answered(lifecycle.kill(call.world, container, code, call.now))


def pause(call: Call) -> Answer:
    """POST /containers/{id}/pause."""
    return answered(lifecycle.pause(call.world, _found(call), call.now))


def unpause(call: Call) -> Answer:
    """POST /containers/{id}/unpause."""
    return answered(lifecycle.unpause(call.world, _found(call), call.now))


def rename(call: Call) -> Answer:
    """POST /containers/{id}/rename?name=NEW."""
    name = call.query.get("name", "")
    return answered(containers.rename(call.world, _found(call), name, call.now))


def remove(call: Call) -> Answer:
    """DELETE /containers/{id}?force=1&link=1&v=1."""
    text = call.words["id"]
    if call.flag("link"):
        return answered(containers.remove_link(call.world, text))
    container = _found(call)
    world = call.world
    events: tuple[Event, ...] = ()
    if container.state.running and call.flag("force"):
        killed = lifecycle.kill(world, container, 137, call.now)
        world, events = killed.world, killed.events
        if container.id not in world.containers:  # it was run with --rm
            return Answer(world=world, response=Response(status=204), events=events)
        container = world.containers[container.id]
    outcome = containers.remove(world, container, call.now, volumes=call.flag("v"))
    answer = answered(outcome)
    return Answer(
        world=answer.world, response=answer.response, events=events + answer.events
    )


def prune(call: Call) -> Answer:
    """POST /containers/prune: remove what does not run."""
    filters = parse_filters(call.query.get("filters", ""), ("label", "label!", "until"))
    before = until(filters, call.now)
    world = call.world
    events: tuple[Event, ...] = ()
    removed: list[Json] = []
    for container in list(world.containers_in_order()):
        labels = container.config.document("Labels")
        recent = before is not None and container.created >= before
        if container.state.running or recent or not has_labels(filters, labels):
            continue
        outcome = containers.remove(world, container, call.now)
        world, events = outcome.world, events + outcome.events
        removed.append(container.id)
    body: Json = {"ContainersDeleted": removed or None, "SpaceReclaimed": 0}
    return Answer(world=world, response=Response(body=body), events=events)


def wait(call: Call) -> Answer:
    """POST /containers/{id}/wait: the exit code of a program that has ended.

    The model does not wait: a program that runs on has no answer yet, which is the
    status code that its state shows.
    """
    container = _found(call)
    body: Json = {"Error": None, "StatusCode": container.state.exit_code}
    return Answer(world=call.world, response=Response(body=body))


def top(call: Call) -> Answer:
    """GET /containers/{id}/top: the processes, as `ps -ef` prints them."""
    container = _found(call)
    if not container.state.running:
        raise Conflict(
            f"Container {container.id} is not running",
            asked=f"list the processes of {container.name}",
            rule="only a running container has processes",
            remedy=f"docker start {container.name}",
        )
    command = " ".join([container.path, *container.arguments])
    pid = str(container.state.pid)
    parent = str(container.state.pid - 20)
    titles: list[Json] = "UID PID PPID C STIME TTY TIME CMD".split()  # type: ignore[assignment]  # texts are JSON
    row: list[Json] = ["root", pid, parent, "0", "00:00", "?", "00:00:00", command]
    return Answer(
        world=call.world, response=Response(body={"Titles": titles, "Processes": [row]})
    )


def logs(call: Call) -> Answer:
    """GET /containers/{id}/logs: what the program has written."""
    container = _found(call)
    wanted = [name for name in ("stdout", "stderr") if call.flag(name)]
    if not wanted:
        raise InvalidParameter(
            "Bad parameters: you must choose at least one stream",
            asked=f"read the logs of {container.name}",
            rule="logs have two streams",
            remedy="?stdout=1&stderr=1",
        )
    streams = {
        name: "".join(text for _, stream, text in container.logs if stream == name)
        for name in wanted
    }
    response = Response(
        text=streams.get("stdout", ""), stderr=streams.get("stderr", "")
    )
    return Answer(world=call.world, response=response)
