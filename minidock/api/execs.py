"""`docker exec` as API calls: create an exec, start it, ask how it ended.

```
POST /containers/{id}/exec ──▶ id      POST /exec/{id}/start ──▶ its output
GET  /exec/{id}/json       ──▶ how it ended
```

What a program writes to files stays in its container. A program that would run on for
ever goes on only if nobody waits for it (Detach); its container ends it when it stops.
"""

from dataclasses import dataclass, replace

from minidock.api.call import Answer, Call, document_of
from minidock.api.decode import Shape, decode
from minidock.api.detaching import keys_of, seated
from minidock.api.http import Response
from minidock.api.outputs import (
    OUTPUTS,
    RAW,
    Chunks,
    chunks_of,
    texts_of,
    type_of,
)
from minidock.api.streams import STDOUT, Chunk, Moment, Reading, Stream
from minidock.commands.execs import exec_event
from minidock.commands.linking import check_children
from minidock.commands.lookup import find_container
from minidock.commands.refusals import not_running
from minidock.errors import (
    Conflict,
    InvalidParameter,
    NotationError,
    NotFound,
)
from minidock.model.container import Container
from minidock.model.document import Document, Json
from minidock.model.event import Event
from minidock.model.world import ExecInstance, World

__all__ = ["ExecOutput", "create", "inspect", "start"]

_CREATE: Shape = {
    "User": "string",
    "Privileged": "bool",
    "Tty": "bool",
    "AttachStdin": "bool",
    "AttachStdout": "bool",
    "AttachStderr": "bool",
    "Detach": "bool",
    "DetachKeys": "string",
    "Env": "[]string",
    "WorkingDir": "string",
    "Cmd": "[]string",
}


def _check_running(world: World, container: Container) -> None:
    if container.state.status == "restarting":
        raise Conflict(
            f"Container {container.id} is restarting, wait until the container is "
            "running",
            asked=f"run a program in {container.name}",
            rule="its own program has ended and begins again soon",
            remedy=f"docker wait {container.name}",
        )
    if not container.state.running:
        raise not_running(world, container, f"run a program in {container.name}")
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
    config = document_of(body)
    if not config.texts("Cmd"):  # odd on purpose: before the container is looked for
        raise InvalidParameter("No exec command specified")
    container = find_container(call.world, call.words["id"])
    _keys(config)
    _check_running(call.world, container)
    ids, exec_id = call.world.ids.hex_id()
    instance = ExecInstance(id=exec_id, container=container.id, config=config)
    world = replace(call.world, ids=ids, execs=call.world.execs.set(exec_id, instance))
    return Answer(
        world=world,
        response=Response(status=201, body={"Id": exec_id}),
        events=(
            exec_event(
                f"exec_create: {_words(instance)}", container, instance, call.now
            ),
        ),
    )


def _keys(config: Document) -> bytes:
    text = config.text("DetachKeys")
    try:
        return keys_of(text)
    except NotationError as error:
        raise InvalidParameter(
            f"Invalid escape keys ({text}) provided",
            asked=f"leave with {text}",
            rule=error.rule,
            remedy=error.remedy,
        ) from error


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


def _check_unused(instance: ExecInstance) -> None:
    if instance.exit_code is None and not instance.running:
        return
    done = "is already running" if instance.running else "has already run"
    raise Conflict(
        f"Error: Exec command {instance.id} {done}",
        asked=f"start the exec {instance.id}",
        rule="an exec runs once",
        remedy="POST /containers/{id}/exec for another one",
    )


def start(call: Call) -> Answer:
    """POST /exec/{id}/start: run the program and answer what it prints.

    Odd on purpose: a container that links to a stopped one cannot run an exec, since
    the link's variables cannot be made (20.10). Once the connection has been taken over
    a refusal is a line of output.
    """
    instance = _found(call)
    container = find_container(call.world, instance.container)
    _check_running(call.world, container)
    check_children(call.world, container, starting=False)
    body = document_of(call.body)
    detached, terminal = body.flag("Detach"), body.flag("Tty")
    try:
        _check_unused(instance)
    except Conflict as refusal:
        if detached:
            raise
        text = Chunk(STDOUT, f"{refusal.text}\r\n".encode())
        stream: Stream = Chunks((text,))
        return Answer(
            world=call.world, response=_streamed(call, stream, (text,), terminal)
        )
    # Late, since the programs and the packets that they send take half of an import.
    from minidock.runtime import turning  # noqa: PLC0415

    begun = turning.start_exec(call.world, instance, call.now, detached=detached)
    after = begun.world.execs[instance.id]
    events = _events(container, after, begun.events, call.now)
    if detached:
        return Answer(world=begun.world, response=Response(), events=events)
    # Odd on purpose: a terminal of the exec ends its lines with \r\n, but it is the
    # start that says whether there are frames.
    wanted = _attached(instance.config)
    stream = ExecOutput(
        exec=instance.id, terminal=instance.config.flag("Tty"), wanted=wanted
    )
    chunks = chunks_of(after.output, wanted, terminal=False)
    response = _streamed(call, stream, chunks, terminal)
    world = begun.world
    if instance.config.flag("AttachStdin"):
        response = replace(response, input=f"/exec/{instance.id}")
        if after.running:
            world = seated(world, instance.id, _keys(instance.config))
    return Answer(world=world, response=response, events=events)


def _attached(config: Document) -> frozenset[str]:
    """The outputs that the exec was made with; all that a terminal shows is one."""
    names = {"stdout": "AttachStdout", "stderr": "AttachStderr"}
    asked = frozenset(name for name, key in names.items() if config.flag(key))
    return OUTPUTS if config.flag("Tty") and "stdout" in asked else asked


def _streamed(
    call: Call, stream: Stream, chunks: tuple[Chunk, ...], terminal: bool
) -> Response:
    upgrade = "upgrade" in call.headers
    types = type_of(call.api, framed=not terminal) if upgrade else RAW
    return replace(
        texts_of(chunks),
        headers={"Content-Type": types},
        stream=stream,
        framed=not terminal,
        upgrade=True,
    )


def _words(instance: ExecInstance) -> str:
    """Odd on purpose: a blank follows the program, be there arguments or not."""
    name, *arguments = instance.config.texts("Cmd")
    return f"{name} {' '.join(arguments)}"


def _events(
    container: Container, after: ExecInstance, others: tuple[Event, ...], now: int
) -> tuple[Event, ...]:
    """It was started and, where it has ended already, it died."""
    begun = replace(after, exit_code=None)  # it had none yet when it started
    started = exec_event(f"exec_start: {_words(after)}", container, begun, now)
    if after.running or any(event.action == "exec_die" for event in others):
        return (started, *others)
    return (started, *others, exec_event("exec_die", container, after, now))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecOutput:
    """What the program of an exec writes, as a stream."""

    exec: str
    terminal: bool = False
    place: int = 0
    """How many pieces of its output were read."""
    wanted: frozenset[str] = OUTPUTS

    def read(self, moment: Moment) -> Reading:
        """What is new; O(what is new)."""
        instance = moment.world.execs.get(self.exec)
        if instance is None:
            return Reading()
        attachment = moment.world.attachments.get(self.exec)
        left = attachment is not None and attachment.left
        fresh = instance.output[self.place :]
        chunks = chunks_of(fresh, self.wanted, terminal=self.terminal)
        if left or not instance.running:
            return Reading(chunks)
        return Reading(chunks, replace(self, place=len(instance.output)))


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
            **({"user": user} if (user := instance.config.text("User")) else {}),
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
