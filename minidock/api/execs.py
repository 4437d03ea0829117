"""`docker exec` as API calls: create an exec, start it, ask how it ended.

```
POST /containers/{id}/exec ──▶ id      POST /exec/{id}/start ──▶ its output
GET  /exec/{id}/json       ──▶ how it ended
```

What a program writes to files stays in its container. A program that would run on for
ever goes on only if nobody waits for it (Detach); its container ends it when it stops.
"""

from dataclasses import replace

from minidock.api.call import Answer, Call, document_of
from minidock.api.decode import Shape, decode
from minidock.api.http import Response
from minidock.commands.linking import check_children
from minidock.commands.lookup import find_container
from minidock.errors import Conflict, InvalidParameter, NotFound
from minidock.model.container import Container
from minidock.model.document import Json
from minidock.model.world import ExecInstance

__all__ = ["create", "inspect", "start"]

_CREATE: Shape = {
    "User": "string",
    "Privileged": "bool",
    "Tty": "bool",
    "AttachStdin": "bool",
    "AttachStdout": "bool",
    "AttachStderr": "bool",
    "Detach": "bool",
    "DetachKeys": "string",
    "Env": "list",
    "WorkingDir": "string",
    "Cmd": "list",
}


def _check_running(container: Container) -> None:
    if not container.state.running:
        raise Conflict(
            f"Container {container.id} is not running",
            asked=f"run a program in {container.name}",
            rule="a program runs in a running container",
            remedy=f"docker start {container.name}",
        )
    if container.state.paused:
        raise Conflict(
            f"Container {container.name} is paused, unpause the container before exec",
            asked=f"run a program in {container.name}",
            rule="its processes are frozen",
            remedy=f"docker unpause {container.name}",
        )


def create(call: Call) -> Answer:
    """POST /containers/{id}/exec."""
    body = decode(call, _CREATE, "ExecConfig")
    container = find_container(call.world, call.words["id"])
    config = document_of(body)
    if not config.texts("Cmd"):
        raise InvalidParameter("No exec command specified")
    _check_running(container)
    ids, exec_id = call.world.ids.hex_id()
    instance = ExecInstance(id=exec_id, container=container.id, config=config)
    world = replace(call.world, ids=ids, execs=call.world.execs.set(exec_id, instance))
    return Answer(world=world, response=Response(status=201, body={"Id": exec_id}))


def _found(call: Call) -> ExecInstance:
    text = call.words["id"]
    instance = call.world.execs.get(text)
    if instance is None:
        raise NotFound(
            f"No such exec instance: {text}",
            asked=f"the exec {text}",
            rule="an exec has the id that its creation answered",
            remedy="POST /containers/{id}/exec first",
        )
    return instance


def start(call: Call) -> Answer:
    """POST /exec/{id}/start: run the program and answer what it printed.

    Odd on purpose: a container that links to a stopped one cannot run an exec, since
    the link's variables cannot be made (20.10).
    """
    instance = _found(call)
    container = find_container(call.world, instance.container)
    _check_running(container)
    check_children(call.world, container, starting=False)
    # Late, since the programs and the packets that they send take half of an import.
    from minidock.runtime import turning  # noqa: PLC0415

    detached = document_of(call.body).flag("Detach")
    begun = turning.start_exec(call.world, instance, call.now, detached=detached)
    after = begun.world.execs[instance.id]
    response = Response(
        text="".join(text for _, stream, text in after.output if stream == "stdout"),
        stderr="".join(text for _, stream, text in after.output if stream == "stderr"),
    )
    return Answer(world=begun.world, response=response, events=begun.events)


def inspect(call: Call) -> Answer:
    """GET /exec/{id}/json."""
    instance = _found(call)
    words = instance.config.texts("Cmd")
    arguments: list[Json] = list(words[1:])
    body: dict[str, Json] = {
        "ID": instance.id,
        "Running": instance.running,
        "ExitCode": instance.exit_code,
        "ProcessConfig": {
            "tty": instance.config.flag("Tty"),
            "entrypoint": words[0],
            "arguments": arguments,
            "privileged": instance.config.flag("Privileged"),
        },
        "OpenStdin": instance.config.flag("AttachStdin"),
        "OpenStderr": instance.config.flag("AttachStderr"),
        "OpenStdout": instance.config.flag("AttachStdout"),
        "CanRemove": False,
        "ContainerID": instance.container,
        "DetachKeys": "",
        "Pid": instance.pid,
    }
    return Answer(world=call.world, response=Response(body=body))
