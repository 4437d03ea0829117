"""`docker wait`: the exit code of a program, once it has ended.

```
condition      over when                                    asked before a start
not-running    it does not run, or has just ended           at once
next-exit      it has ended once more than when asked       with that run's end
removed        it is gone                                   with --rm: after its end
```

The answer's head goes out at once, its body when the condition holds: `docker run`
waits before it starts, and would never start otherwise.

Docker calls it: the *wait condition* (moby, ``container/state.go``).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from minidock.api.call import Answer, Call
from minidock.api.http import Response
from minidock.api.lingering import find_lingering
from minidock.api.streams import STDOUT, Chunk, Moment, Reading
from minidock.errors import InvalidParameter
from minidock.model.document import Json
from minidock.model.event import Event
from minidock.model.world import World
from minidock.views.api_versions import WAIT_CONDITIONS
from minidock.views.gojson import dumps

__all__ = ["Awaited", "wait"]

_CONDITIONS = ("not-running", "next-exit", "removed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """A container's end, as a stream of one line of JSON."""

    container: str
    condition: str
    finished: int
    """When it had ended last when this was asked."""
    names_error: bool = False
    """Whether the answer has an ``Error`` where there is none, as to API 1.41."""

    def read(self, moment: Moment) -> Reading:
        """The exit code, where the condition holds."""
        if not self.holds(moment.world):
            return Reading((), self)
        line = dumps(self.body(moment.world, moment.events)) + "\n"
        return Reading((Chunk(STDOUT, line.encode()),))

    def holds(self, world: World) -> bool:
        """Whether it is as was waited for."""
        container = world.containers.get(self.container)
        if container is None:
            return True
        if self.condition == "not-running":
            ended = container.state.finished != self.finished
            return ended or not container.state.active
        if self.condition == "next-exit":
            return container.state.finished != self.finished
        return False

    def body(self, world: World, events: Sequence[Event] = ()) -> Json:
        """The answer: the code with which it ended last.

        One that runs again already shows it no more; O(events) then.
        """
        container = world.last_seen(self.container)
        code = 0 if container is None else container.state.exit_code
        if container is not None and container.state.running:
            code = _code_of_last_end(self.container, events)
        error: dict[str, Json] = {"Error": None} if self.names_error else {}
        return {**error, "StatusCode": code}


def _code_of_last_end(container: str, events: Sequence[Event]) -> int:
    for event in reversed(events):
        if event.actor == container and event.action == "die":
            return int(event.attributes.text("exitCode") or 0)
    return 0


def wait(call: Call) -> Answer:
    """POST /containers/{id}/wait?condition=not-running|next-exit|removed.

    A caller in process sees the code so far in the answer's body.
    """
    condition = call.query.get("condition", "") or _CONDITIONS[0]
    if condition not in _CONDITIONS:
        if WAIT_CONDITIONS.reached(call.api):
            raise InvalidParameter(
                f'invalid condition: "{condition}"',
                asked=f"wait until a container is {condition}",
                rule="there are three conditions",
                remedy="one of " + ", ".join(_CONDITIONS),
            )
        condition = _CONDITIONS[0]  # odd on purpose: older engines waited all the same
    container = find_lingering(call)
    awaited = Awaited(
        container=container.id,
        condition=condition,
        finished=container.state.finished,
        names_error=not WAIT_CONDITIONS.reached(call.api),
    )
    response = Response(
        body=awaited.body(call.world),
        headers={"Content-Type": "application/json"},
        stream=awaited,
    )
    return Answer(world=call.world, response=response)
