"""What the page at /ui lists: one JSON object, read off a Moment.

```
{"version": "1f2e...", "host": "docker-host", "era": "28",
 "networks":   [{"name": "app", "driver": "bridge", "subnets": [...], ...}],
 "containers": [{"name": "web", "status": "running", "listens": ["80/tcp"], ...}],
 "ports":      [{"sockets": ["0.0.0.0:8080"], "container": "web", ...}],
 "events":     [{"number": 7, "type": "container", "action": "start", ...}]}
```

Invariants: objects of a kind have the same keys; texts are as they were given, and it
is the page's work that none of them becomes HTML; the version is the same exactly as
long as nothing on the page is another, the firewall and the routes included.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice

from minidock.api.streams import Moment
from minidock.commands import health
from minidock.host.attachments import sandbox_name
from minidock.host.machine import machine
from minidock.model.container import Container, Endpoint
from minidock.model.document import Json, thaw
from minidock.model.event import Event
from minidock.model.network import Network
from minidock.model.world import World
from minidock.naming.sandbox import sandbox_owner
from minidock.net.address import V4, V6
from minidock.topology.namespace import Socket
from minidock.views.published import published

__all__ = ["overview"]

_LATEST = 40
"""How many events the page shows."""


def overview(moment: Moment) -> dict[str, Json]:
    """All that the page lists; O(n log n) in containers and networks.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> docker("run -d --name web -p 8080:80 nginx").ok
    True
    >>> seen = overview(docker.moment())
    >>> [(item["name"], item["listens"]) for item in seen["containers"]]
    [('web', ['80/tcp'])]
    >>> seen["ports"][0]["sockets"]
    ['0.0.0.0:8080', '[::]:8080']
    """
    world = moment.world
    shown: dict[str, Json] = {
        "host": world.host.hostname,
        "era": world.era.name,
        "networks": [_network(world, item) for item in world.networks_in_order()],
        "containers": list(_containers(world)),
        "ports": list(_ports(world)),
        "events": list(islice(_events(moment), _LATEST)),
    }
    # What people changed on the host shows in rules and routes alone.
    known = json.dumps(shown) + repr(world.host)
    return {"version": sha256(known.encode()).hexdigest()[:16], **shown}


def _network(world: World, network: Network) -> dict[str, Json]:
    pools = (*network.pools_of(V4), *network.pools_of(V6))
    device = network.bridge or network.parent
    return {
        "id": network.id,
        "name": network.name,
        "driver": network.driver,
        "internal": network.internal,
        "subnets": [
            {
                "subnet": str(pool.subnet),
                "gateway": str(pool.gateway) if pool.gateway else None,
            }
            for pool in pools
        ],
        "device": device.name if device else None,
        "options": thaw(network.options),
        "labels": thaw(network.labels),
        "containers": len(world.members.get(network.id, {})),
    }


# --- containers -----------------------------------------------------------------------


def _containers(world: World) -> Iterator[Json]:
    sockets = {space.name: space.sockets for space in machine(world).sandboxes}
    for container in world.containers_in_order():
        owner = sandbox_owner(world, container)
        yield _container(container, owner, sockets.get(sandbox_name(owner), ()))


def _container(
    container: Container, owner: Container, sockets: tuple[Socket, ...]
) -> dict[str, Json]:
    state = container.state
    listening = {
        (item.port, item.protocol) for item in sockets if item.owner != "dockerd"
    }
    return {
        "id": container.id,
        "name": container.name,
        "image": container.image,
        "status": state.status,
        "running": state.running,
        "health": container.health.status if container.health else None,
        "exit_code": None if state.running or not state.started else state.exit_code,
        "shares": owner.name if owner.id != container.id else None,
        "endpoints": [_endpoint(item) for item in container.endpoints],
        "exposed": list(container.config.document("ExposedPorts")),
        "listens": [f"{port}/{protocol}" for port, protocol in sorted(listening)],
        "labels": thaw(container.config.document("Labels")),
    }


def _endpoint(endpoint: Endpoint) -> dict[str, Json]:
    pairs = (
        (endpoint.address, endpoint.length),
        (endpoint.address6, endpoint.length6),
    )
    return {
        "network": endpoint.network,
        "attached": endpoint.attached,
        "interface": endpoint.interface or None,
        "addresses": [f"{one}/{size}" for one, size in pairs if one is not None],
        "gateway": str(endpoint.gateway) if endpoint.gateway else None,
        "mac": str(endpoint.mac) if endpoint.mac else None,
        "aliases": list(endpoint.settings.aliases or ()),
    }


def _ports(world: World) -> Iterator[Json]:
    for container in world.containers_in_order():
        for port in published(container):
            yield {
                "sockets": list(port.sockets),
                "target": port.target,
                "container": container.name,
                "local": port.local,
            }


# --- what happened --------------------------------------------------------------------


def _events(moment: Moment) -> Iterator[Json]:
    """Newest first: what somebody did, not what follows from it or comes by itself."""
    for at in range(len(moment.events) - 1, -1, -1):
        event = moment.events[at]
        if event.type != "step" and not _routine(moment.world, event):
            yield _event(moment.world, event, moment.first + at)


def _routine(world: World, event: Event) -> bool:
    """Whether it only goes on with an exec, or is a health check's next probe.

    A check of every second would leave no room for anything else.
    """
    word, _, line = event.action.partition(": ")
    if word != "exec_create":
        return word in {"exec_start", "exec_die"}
    container = world.containers.get(event.actor)
    return container is not None and line == " ".join(health.command(container))


def _event(world: World, event: Event, number: int) -> dict[str, Json]:
    given = event.attributes
    inside = world.containers.get(given.text("container"))
    return {
        "number": number,
        "seconds": event.time / 1_000_000_000,
        "type": event.type,
        "action": event.action,
        "name": given.text("name") or event.actor[:12],
        "container": inside.name if inside else given.text("container")[:12] or None,
    }
