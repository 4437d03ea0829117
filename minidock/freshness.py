"""Which answers may be out of date in a cluster, until the registry is asked.

```
refused: "network ov has active endpoints"     another host may have left just now
refused: "network ov not found"                another host may have made it just now
inspect of a network without a container here  this host does not follow who is on it
```

All other answers are read off the World, which watches keep fresh within milliseconds.

Invariant: an answer that is asked for again is the same, unless something was learned.
"""

import re

from minidock.api.http import Request, Response
from minidock.commands.lookup import find_container, networks_named
from minidock.errors import Refusal, Unclassified
from minidock.model.network import Network
from minidock.model.world import World
from minidock.overlay.session import Session

__all__ = ["may_be_stale", "network_shown", "started_by", "to_follow", "too_fast"]

_START = re.compile(r"/containers/([^/]+)/(?:start|restart)$")
_READS = frozenset({"GET", "HEAD"})
_SPANNING = frozenset({"global", "swarm"})


def may_be_stale(
    world: World, session: Session | None, request: Request, response: Response
) -> bool:
    """Whether an answer may change once the registry is asked; O(1)."""
    if session is None:
        return False
    if response.status >= 400:
        return request.method not in _READS or response.status == 404
    network = network_shown(world, response)
    return network is not None and not session.follows(network.id)


def started_by(request: Request) -> str:
    """The name or id of the container that a request starts, or ""."""
    start = _START.search(request.path)
    return start[1] if start is not None and request.method == "POST" else ""


def to_follow(world: World, session: Session | None, starting: str) -> list[Network]:
    """The networks that a container is about to join, and nobody here follows yet.

    A program may ask for another host's container and end before its own start has
    been answered: so whom it can meet must be known before it begins.
    """
    if session is None or not starting:
        return []
    try:
        container = find_container(world, starting)
    except Refusal:
        return []
    found = (world.networks.get(e.network_id) for e in container.endpoints)
    named = [
        network
        for endpoint in container.endpoints
        if not endpoint.network_id
        for network in networks_named(world, endpoint.network)
    ]
    return [
        network
        for network in (*found, *named)
        if network is not None
        and network.overlay is not None
        and not session.follows(network.id)
    ]


def network_shown(world: World, response: Response) -> Network | None:
    """The network that spans hosts and whose inspection this is, or None."""
    body = response.body
    if not isinstance(body, dict) or body.get("Scope") not in _SPANNING:
        return None
    return world.networks.get(str(body.get("Id")))


def too_fast(request: Request) -> Refusal:
    """The refusal of a request that was answered again too often."""
    return Unclassified(
        "the cluster store changes faster than this host can follow",
        asked=f"{request.method} {request.path}",
        rule="a change is made on what all hosts agree on at that moment",
        remedy="the same request again",
    )
