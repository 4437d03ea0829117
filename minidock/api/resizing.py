"""The size of a terminal: a client tells it when its own window changes.

```
POST /containers/{id}/resize?h=24&w=80      POST /exec/{id}/resize?h=24&w=80
```

Nothing that is simulated draws on a terminal, so a size is checked and told as an
event, and that is all.
"""

from minidock.api.call import Answer, Call
from minidock.api.http import Response
from minidock.commandline.gotext import quote, whole
from minidock.commands.containers import container_event
from minidock.commands.lookup import find_container
from minidock.commands.refusals import not_running
from minidock.errors import InvalidParameter, NotFound

__all__ = ["resize_container", "resize_exec"]


_WHOLE = {
    "asked": "resize a terminal",
    "rule": "a terminal has whole numbers of rows and columns",
    "remedy": "?h=24&w=80",
}


def _size(call: Call) -> tuple[int, int]:
    """Height and width; since 28 a number that is none is the client's fault."""
    height, width = (_number(call, name) for name in ("h", "w"))
    return height, width


def _number(call: Call, name: str) -> int:
    text = call.query.get(name, "")
    try:
        return whole(text, bits=32, signed=False, base=10)
    except ValueError as error:
        why = str(error).rpartition(": ")[2]
        if call.world.era.strict_json:
            side = "height" if name == "h" else "width"
            raise InvalidParameter(
                f"invalid resize {side} {quote(text)}: {why}", **_WHOLE
            ) from error
        raise InvalidParameter(
            f"strconv.Atoi: parsing {quote(text)}: {why}", **_WHOLE
        ) from error


def resize_container(call: Call) -> Answer:
    """POST /containers/{id}/resize?h=ROWS&w=COLUMNS."""
    height, width = _size(call)
    container = find_container(call.world, call.words["id"])
    if not container.state.running:
        asked = f"resize the terminal of {container.name}"
        raise not_running(call.world, container, asked)
    size = {"height": str(height), "width": str(width)}
    return Answer(
        world=call.world,
        response=Response(status=200),
        events=(container_event("resize", container, call.now, **size),),
    )


def resize_exec(call: Call) -> Answer:
    """POST /exec/{id}/resize?h=ROWS&w=COLUMNS."""
    _size(call)
    text = call.words["id"]
    instance = call.world.execs.get(text)
    if instance is None:
        raise NotFound(
            f"No such exec instance: {text}",
            asked=f"the exec {text}",
            rule="an exec has the id that its creation answered",
            remedy="POST /containers/{id}/exec first",
        )
    if not instance.running and instance.exit_code is None:
        raise InvalidParameter(
            "exec process is not started",
            asked=f"resize the terminal of the exec {text}",
            rule="a terminal is there once its program has been started",
            remedy=f"POST /exec/{text}/start first",
        )
    return Answer(world=call.world, response=Response(status=200))
