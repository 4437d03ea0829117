"""`docker attach`: what a container's program writes, live.

```
attach ─────────── start ── output ── output ── end
  │ created, exited  │           │                │
  └── waits ─────────┴─ chunks ──┴── chunks ──────┴─ over
```

`docker run` attaches before it starts the container, so a stream that finds no program
waits for one. It is over when that run of the program is: a later one is not its
business.

Docker calls it: ``container/stream/attach.go`` in moby; ``docker attach``.
"""

from dataclasses import dataclass, replace

from minidock.api.call import Answer, Call
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
from minidock.api.streams import Chunk, Moment, Reading, Stream
from minidock.commands.containers import container_event
from minidock.commands.lookup import find_container
from minidock.errors import (
    Conflict,
    InvalidParameter,
    NotationError,
    NotFound,
    Refusal,
)
from minidock.model.container import Container

__all__ = ["ContainerOutput", "attach", "attach_over_websocket", "output_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerOutput:
    """The output of one run of a container's program, as a stream."""

    container: str
    place: int
    """How many pieces of its output were read."""
    started: int
    """When the run began; of a run that is awaited, when the last one did."""
    waiting: bool = False
    wanted: frozenset[str] = OUTPUTS
    terminal: bool = False
    before: tuple[Chunk, ...] = ()
    """Chunks to send first."""
    attachment: str = ""
    """Who reads, where that client may leave while the program goes on."""

    def read(self, moment: Moment) -> Reading:
        """What is new; O(what is new)."""
        container = moment.world.last_seen(self.container)
        if container is None:
            return Reading(self.before)
        state = container.state
        begun = replace(self, before=(), place=len(container.logs))
        if self.waiting and state.started != self.started:
            begun = replace(begun, waiting=False, started=state.started)
        fresh = container.logs[self.place :]
        if not begun.waiting and state.started != begun.started:
            # It runs again: what the new run wrote is not ours.
            fresh = tuple(piece for piece in fresh if piece[0] < state.started)
        chunks = self.before + chunks_of(fresh, self.wanted, terminal=self.terminal)
        gone = container.id not in moment.world.containers
        going = state.status in {"running", "paused"} and state.started == begun.started
        attachment = moment.world.attachments.get(self.attachment)
        left = attachment is not None and attachment.left
        if gone or left or not (begun.waiting or going):
            return Reading(chunks)
        return Reading(chunks, begun)


def output_of(container: Container, wanted: frozenset[str]) -> ContainerOutput:
    """The stream of what the container's program writes from now on."""
    return ContainerOutput(
        container=container.id,
        place=len(container.logs),
        started=container.state.started,
        waiting=not container.state.running,
        wanted=wanted,
        terminal=container.config.flag("Tty"),
    )


def attach(call: Call) -> Answer:
    """POST /containers/{id}/attach?stream=1&stdin=1&stdout=1&stderr=1&logs=1.

    Odd on purpose: a refusal is plain text, since the connection has been taken over
    when it is found.
    """
    try:
        container = find_container(call.world, call.words["id"])
        _check_attachable(container)
        keys = _keys(call)
    except Refusal as refusal:
        return Answer(world=call.world, response=_refused(refusal))
    wanted = frozenset(name for name in ("stdout", "stderr") if call.flag(name))
    terminal = container.config.flag("Tty")
    before: tuple[Chunk, ...] = ()
    if call.flag("logs"):
        before = chunks_of(container.logs, wanted, terminal=terminal)
    stream: Stream = Chunks(before)
    world, where = call.world, ""
    if call.flag("stream"):
        output = replace(output_of(container, wanted), before=before)
        if call.flag("stdin") and container.config.flag("OpenStdin"):
            number = world.next_attachment
            key = f"{container.id}/{number}"
            world = replace(seated(world, key, keys), next_attachment=number + 1)
            output = replace(output, attachment=key)
            where = f"/containers/{container.id}/attach/{number}"
        stream = output
    upgrade = "upgrade" in call.headers
    types = type_of(call.api, framed=not terminal) if upgrade else RAW
    response = replace(
        texts_of(before),
        headers={"Content-Type": types},
        stream=stream,
        framed=not terminal,
        upgrade=True,
        bare=True,
        input=where,
    )
    event = container_event("attach", container, call.now)
    return Answer(world=world, response=response, events=(event,))


def _keys(call: Call) -> bytes:
    text = call.query.get("detachKeys", "")
    try:
        return keys_of(text)
    except NotationError as error:
        raise InvalidParameter(
            f"Invalid detach keys ({text}) provided",
            asked=f"leave with {text}",
            rule=error.rule,
            remedy=error.remedy,
        ) from error


def _check_attachable(container: Container) -> None:
    if container.state.paused:
        raise Conflict(
            f"container {container.id} is paused, unpause the container before attach",
            asked=f"attach to {container.name}",
            rule="its processes are frozen",
            remedy=f"docker unpause {container.name}",
        )
    if container.state.status == "restarting":
        raise Conflict(
            f"container {container.id} is restarting, wait until the container is "
            "running",
            asked=f"attach to {container.name}",
            rule="there is no process between two runs",
            remedy=f"docker wait {container.name}",
        )


def _refused(refusal: Refusal) -> Response:
    statuses = {NotFound: 404, Conflict: 409, InvalidParameter: 400}
    return Response(
        status=statuses.get(type(refusal), 500),
        text=f"{refusal.text}\r\n",
        headers={"Content-Type": RAW},
        bare=True,
        refusal=refusal,
    )


def attach_over_websocket(call: Call) -> Answer:
    """GET /containers/{id}/attach/ws: refused; this engine speaks no WebSocket."""
    find_container(call.world, call.words["id"])
    refusal = NotFound(
        "attaching over a WebSocket is not supported",
        asked="attach over a WebSocket",
        rule="this engine takes a connection over with Upgrade: tcp only",
        remedy="POST /containers/{id}/attach?stream=1&stdout=1",
    )
    return Answer(
        world=call.world,
        response=Response(status=501, body={"message": refusal.text}, refusal=refusal),
    )
