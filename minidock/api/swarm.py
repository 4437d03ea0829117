"""The calls of a swarm, and of plugins, as an engine without either answers them.

```
/swarm /services /nodes /tasks ... ──▶ 503 This node is not a swarm manager
/swarm/leave                       ──▶ 503 This node is not part of a swarm
/plugins                           ──▶ [], and 404 for each by its name
```

One table, one handler for each line. Docker's source: moby, ``daemon/cluster``.
"""

from collections.abc import Callable

from minidock.api.call import Answer, Call
from minidock.api.http import Response
from minidock.errors import Exhausted, NotFound, Refusal

__all__ = ["SWARM_ROUTES"]

_KINDS = ("services", "nodes", "tasks", "secrets", "configs")


def _refusal(text: str, call: str) -> Refusal:
    return Exhausted(
        text,
        asked=call,
        rule="this engine stands alone: it is no part of a swarm",
        remedy="docker run and docker network create, which need no swarm",
    )


def _no_manager(call: Call) -> Answer:
    """Whatever only a manager can answer."""
    del call
    raise _refusal(
        'This node is not a swarm manager. Use "docker swarm init" or "docker swarm '
        'join" to connect this node to swarm and try again.',
        "something of a swarm manager",
    )


def _cannot_join(call: Call) -> Answer:
    """POST /swarm/init and /swarm/join: no swarm can be made here."""
    del call
    raise _refusal(
        "swarm mode is no part of this engine: networks over hosts need a real one",
        "a swarm",
    )


def _leave(call: Call) -> Answer:
    """POST /swarm/leave, also with force."""
    del call
    raise _refusal("This node is not part of a swarm", "leave the swarm")


def _plugins(call: Call) -> Answer:
    """GET /plugins: none."""
    return Answer(world=call.world, response=Response(body=[]))


def _no_plugin(call: Call) -> Answer:
    """Any call about one plugin."""
    name = call.words.get("id", "") or call.query.get("remote", "")
    raise NotFound(
        f'plugin "{name}" not found',
        asked=f"the plugin {name}",
        rule="this engine has no plugins",
        remedy="the drivers that are built in: docker info lists them",
    )


Handler = Callable[[Call], Answer]

SWARM_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/swarm", _no_manager),
    ("POST", "/swarm/init", _cannot_join),
    ("POST", "/swarm/join", _cannot_join),
    ("POST", "/swarm/leave", _leave),
    ("POST", "/swarm/update", _no_manager),
    ("GET", "/swarm/unlockkey", _no_manager),
    ("POST", "/swarm/unlock", _no_manager),
    *(("GET", f"/{kind}", _no_manager) for kind in _KINDS),
    *(
        ("POST", f"/{kind}/create", _no_manager)
        for kind in ("services", "secrets", "configs")
    ),
    *(
        ("POST", f"/{kind}/{{id}}/update", _no_manager)
        for kind in ("services", "nodes", "secrets", "configs")
    ),
    *(("GET", f"/{kind}/{{id}}/logs", _no_manager) for kind in ("services", "tasks")),
    *(("GET", f"/{kind}/{{id}}", _no_manager) for kind in _KINDS),
    *(
        ("DELETE", f"/{kind}/{{id}}", _no_manager)
        for kind in ("services", "nodes", "secrets", "configs")
    ),
    ("GET", "/plugins", _plugins),
    ("GET", "/plugins/privileges", _no_plugin),
    ("POST", "/plugins/pull", _no_plugin),
    ("POST", "/plugins/create", _no_plugin),
    ("GET", "/plugins/{id}/json", _no_plugin),
    *(
        ("POST", f"/plugins/{{id}}/{verb}", _no_plugin)
        for verb in ("enable", "disable", "upgrade", "push", "set")
    ),
    ("DELETE", "/plugins/{id}", _no_plugin),
)
