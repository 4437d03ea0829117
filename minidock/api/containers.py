"""The container calls: list, inspect, create, and all that changes a container's state.

```
GET  /containers/json           POST /containers/create        POST .../start  .../stop
GET  /containers/{id}/json      POST /containers/{id}/rename   POST .../kill   .../pause
GET  /containers/{id}/top       DELETE /containers/{id}        POST .../wait   ...
```

A program that ends at once (``docker run busybox true``) has ended when the start is
answered: the runtime says so, and the end is applied as a command of its own.
"""

import json

from minidock.api.call import Answer, Call, answered
from minidock.api.filters import asked_filters, has_labels, until, whole_number
from minidock.api.http import Response
from minidock.api.killing import number_of
from minidock.api.lingering import find_lingering
from minidock.api.usage import written_size
from minidock.commands import containers, lifecycle, pausing
from minidock.commands.lookup import find_container
from minidock.commands.outcome import Outcome, event
from minidock.errors import (
    InvalidParameter,
    NotModified,
    Refusal,
)
from minidock.model.container import Container
from minidock.model.document import Json
from minidock.model.event import Event
from minidock.runtime import signals
from minidock.views.api_versions import (
    START_WITHOUT_BODY,
    STOP_SIGNAL,
)
from minidock.views.inspect_container import container_json, container_size

__all__ = [
    "inspect",
    "kill",
    "pause",
    "prune",
    "remove",
    "rename",
    "restart",
    "start",
    "stop",
    "unpause",
]


def inspect(call: Call) -> Answer:
    """GET /containers/{id}/json."""
    container = find_lingering(call)
    body = container_json(call.world, container, call.api)
    if call.flag("size"):
        body |= container_size(call.world, container)
    return Answer(world=call.world, response=Response(body=body))


def _found(call: Call) -> Container:
    return find_container(call.world, call.words["id"])


def start(call: Call) -> Answer:
    """POST /containers/{id}/start.

    Where the program has ended when this is answered, the answer carries what it wrote
    and its exit code: what a client that had attached would have seen.
    """
    _check_bodiless(call)
    container = _found(call)
    outcome = lifecycle.start(
        call.world, container, call.now, missing=_missing(call, container)
    )
    return _settled(outcome, container.id, call.now)


def _check_bodiless(call: Call) -> None:
    """Before 1.24 a start could bring a HostConfig; it was ignored in the end."""
    if START_WITHOUT_BODY.reached(call.api) and _length(call) > _NOTHING:
        raise InvalidParameter(
            "starting container with non-empty request body was deprecated since API "
            "v1.22 and removed in v1.24",
            asked="start a container with a body",
            rule="its settings were given when it was created",
            remedy="send no body",
        )


_NOTHING = 7
"""Docker's rule: what is no longer than this is no body ("null", "{}")."""


def _length(call: Call) -> int:
    body = "" if call.body is None else json.dumps(call.body)
    return len(call.raw or body) or len(call.data)


def _missing(call: Call, container: Container) -> bool:
    # Late, since the programs and the packets that they send take half of an import.
    from minidock.runtime.programs import is_missing  # noqa: PLC0415

    return is_missing(call.world, container)


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
    """POST /containers/{id}/stop?t=SECONDS&signal=NAME."""
    timeout, signal = _timeout(call), _signal(call)
    container = _found(call)
    if not container.state.active:
        raise NotModified(f"container {container.name} is already stopped")
    code = _stop_code(call, container, timeout, signal)
    sent = signals.sent(container, code, signal)
    return answered(lifecycle.stop(call.world, container, code, call.now, signals=sent))


def _timeout(call: Call) -> int | None:
    """The seconds of grace that were asked for, None for the container's own."""
    text = call.query.get("t", "")
    return whole_number(text) if text else None


def _signal(call: Call) -> int:
    """The signal that was asked for in the container's own one's place, or 0."""
    text = call.query.get("signal", "")
    if not STOP_SIGNAL.reached(call.api) or not text:
        return 0
    return number_of(call, text)


def _stop_code(
    call: Call, container: Container, timeout: int | None, signal: int
) -> int:
    if timeout is None:
        timeout = container.config.number("StopTimeout") or 10
    return signals.stop_code(call.world, container, timeout, signal)


def restart(call: Call) -> Answer:
    """POST /containers/{id}/restart?t=SECONDS&signal=NAME."""
    timeout, signal = _timeout(call), _signal(call)
    container = _found(call)
    code = _stop_code(call, container, timeout, signal)
    outcome = lifecycle.restart(
        call.world,
        container,
        code,
        call.now,
        signals=signals.sent(container, code, signal),
        missing=_missing(call, container),
    )
    return _settled(outcome, container.id, call.now)


def kill(call: Call) -> Answer:
    """POST /containers/{id}/kill?signal=NAME."""
    text = call.words["id"]
    number = number_of(call, call.query.get("signal") or "KILL")
    try:
        container = find_container(call.world, text)
        signals.check_known(call.world, number)
        code = signals.death_by(call.world, container, number)
        outcome = lifecycle.kill(call.world, container, code, call.now, signal=number)
    except Refusal as error:
        word = "cannot" if call.world.era.lower_case_errors else "Cannot"
        raise type(error)(
            f"{word} kill container: {text}: {error.text}",
            asked=error.asked,
            rule=error.rule,
            remedy=error.remedy,
        ) from error
    return answered(outcome)


def pause(call: Call) -> Answer:
    """POST /containers/{id}/pause."""
    return answered(pausing.pause(call.world, _found(call), call.now))


def unpause(call: Call) -> Answer:
    """POST /containers/{id}/unpause."""
    return answered(pausing.unpause(call.world, _found(call), call.now))


def rename(call: Call) -> Answer:
    """POST /containers/{id}/rename?name=NEW."""
    name = call.query.get("name", "")
    if not name:  # odd on purpose: this is seen before the container is looked for
        raise containers.no_name(call.words["id"])
    return answered(containers.rename(call.world, _found(call), name, call.now))


def remove(call: Call) -> Answer:
    """DELETE /containers/{id}?force=1&link=1&v=1."""
    text = call.words["id"]
    if call.flag("link"):
        return answered(containers.remove_link(call.world, text))
    container = _found(call)
    world = call.world
    events: tuple[Event, ...] = ()
    if container.state.active and call.flag("force"):
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
    filters = asked_filters(call, ("label", "label!", "until"))
    before = until(filters, call.now)
    world = call.world
    events: tuple[Event, ...] = ()
    removed: list[Json] = []
    freed = 0
    for container in list(world.containers_in_order()):
        labels = container.config.document("Labels")
        recent = before is not None and container.created >= before
        if container.state.active or recent or not has_labels(filters, labels):
            continue
        outcome = containers.remove(world, container, call.now)
        world, events = outcome.world, events + outcome.events
        removed.append(container.id)
        freed += written_size(container)
    reclaimed = [("reclaimed", str(freed))]
    pruned = event("container", "prune", "", call.now, reclaimed)
    body: Json = {"ContainersDeleted": removed or None, "SpaceReclaimed": freed}
    return Answer(world=world, response=Response(body=body), events=(*events, pruned))
