"""What an engine answers to questions about swarms and plugins.

```
/swarm ...                         ──▶ a swarm of one node (minidock.api.swarm_calls)
/nodes                             ──▶ that node; 503 without a swarm
/services /tasks /secrets ...      ──▶ none of them; 503 without a swarm
create one                         ──▶ 503 there are no services here
/plugins                           ──▶ [], and 404 for each by its name
```

One table, one handler for each line. Docker's source: moby, ``daemon/cluster``.
"""

from collections.abc import Callable

from minidock.api import swarm_calls
from minidock.api.call import Answer, Call
from minidock.api.http import Response
from minidock.commands.swarm import manager_of
from minidock.errors import Exhausted, NotFound

__all__ = ["SWARM_ROUTES"]

_KINDS = ("services", "tasks", "secrets", "configs")
_MADE = ("services", "secrets", "configs")


def _none(call: Call) -> Answer:
    """A list of services or the like: there are none."""
    manager_of(call.world, "something of a swarm manager")
    return Answer(world=call.world, response=Response(body=[]))


def _not_found(call: Call) -> Answer:
    """Any call about one of them."""
    manager_of(call.world, "something of a swarm manager")
    name = call.words["id"]
    raise NotFound(
        f"{name} not found",
        asked=f"the service, task, secret or config {name}",
        rule="a swarm has no services here, only networks",
        remedy="docker run --network NAME, on an attachable network",
    )


def _cannot_create(call: Call) -> Answer:
    """A service, secret or config."""
    manager_of(call.world, "something of a swarm manager")
    raise Exhausted(
        "services, secrets and configs are no part of this engine: of swarm mode it "
        "has the networks",
        asked="a service, secret or config",
        rule="a swarm has no services here, only networks",
        remedy="docker run --network NAME, on an attachable network",
    )


def _locked(call: Call) -> Answer:
    """POST /swarm/unlock."""
    manager_of(call.world, "unlock the swarm")
    raise Exhausted(
        "swarm is not locked",
        asked="unlock the swarm",
        rule="a swarm's keys are not locked here",
        remedy="nothing: it is open",
    )


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
    ("GET", "/swarm", swarm_calls.inspect),
    ("POST", "/swarm/init", swarm_calls.init),
    ("POST", "/swarm/join", swarm_calls.join),
    ("POST", "/swarm/leave", swarm_calls.leave),
    ("POST", "/swarm/update", swarm_calls.update),
    ("GET", "/swarm/unlockkey", swarm_calls.unlock_key),
    ("POST", "/swarm/unlock", _locked),
    ("GET", "/nodes", swarm_calls.list_nodes),
    ("GET", "/nodes/{id}", swarm_calls.inspect_node),
    ("DELETE", "/nodes/{id}", swarm_calls.delete_node),
    ("POST", "/nodes/{id}/update", swarm_calls.update_node),
    *(("GET", f"/{kind}", _none) for kind in _KINDS),
    *(("POST", f"/{kind}/create", _cannot_create) for kind in _MADE),
    *(("POST", f"/{kind}/{{id}}/update", _not_found) for kind in _MADE),
    *(("GET", f"/{kind}/{{id}}/logs", _not_found) for kind in ("services", "tasks")),
    *(("GET", f"/{kind}/{{id}}", _not_found) for kind in _KINDS),
    *(("DELETE", f"/{kind}/{{id}}", _not_found) for kind in _MADE),
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
