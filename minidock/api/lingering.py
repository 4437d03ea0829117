"""A container that removes itself takes a moment to go.

```
program ends ──▶ 0.3 s: inspect, logs and wait still find it by its id ──▶ gone
```

docker-py starts a container, then inspects it, reads its log and waits for it; a real
engine is slow enough to answer all of that about a program that ended at once. Here the
removal is done with the end, and the one who has the id may ask on for a while.

Invariant: where no time passes, such as in a lesson, what is removed is gone.
"""

from minidock.api.call import Call
from minidock.commands.lookup import find_container
from minidock.errors import NotFound
from minidock.model.container import Container

__all__ = ["find_lingering"]

_MOMENT = 300_000_000


def find_lingering(call: Call) -> Container:
    """The container that the path names, be it about to go.

    Raises:
        NotFound: there is none, and there was none a moment ago.
    """
    name = call.words["id"]
    try:
        return find_container(call.world, name)
    except NotFound:
        gone = call.world.last_seen(name)
        if gone is None or not gone.host_config.flag("AutoRemove"):
            raise
        if not 0 < call.now - gone.state.finished < _MOMENT:
            raise
        return gone
