"""Who listens in the namespaces of a machine that was built for real, and what it does.

```
 sandbox  web :80/tcp            answers  "web saw 172.17.0.1"
 host     0.0.0.0:8080/tcp       relays   to 172.17.0.2:80     (docker-proxy)
 host     0.0.0.0:8080/tcp       holds    the port             (dockerd, without proxy)
 outside  :80/tcp, :53/udp ...   answers  "outside saw 192.0.2.2"
```

Containers' programs, docker-proxy and what is beyond the host are all played by small
servers that say who called them, so that one can see what a connection went through.

Invariants: no two servers of a namespace have one protocol, address and port; only the
host relays or holds.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from minidock.model.world import World
from minidock.topology.machine import Machine
from minidock.topology.namespace import Namespace, Socket
from minidock.views.linux import PREFIX, netns_name, netns_names, outside_name

__all__ = ["OUTSIDE_PORTS", "Server", "Task", "servers"]

OUTSIDE_PORTS = (
    ("tcp", 80),
    ("tcp", 443),
    ("tcp", 8000),
    ("udp", 53),
    ("udp", 8000),
)
"""Where somebody listens beyond the host's cards."""

_PROXY = "docker-proxy"
_DAEMON = "dockerd"


class Task(StrEnum):
    """What a server does with whoever calls."""

    ANSWER = "answer"
    RELAY = "relay"
    HOLD = "hold"


class Server(NamedTuple):
    """One listening socket; address "" means every address of both families."""

    netns: str
    protocol: str
    address: str
    port: int
    task: Task
    name: str = ""
    """Who answers."""
    target: str = ""
    target_port: int = 0
    """Where a relay leads."""
    same_source: bool = False
    """Whether a relay answers from the address that was asked, over UDP."""

    @property
    def place(self) -> tuple[str, str, str, int]:
        """What no two servers share."""
        return self.netns, self.protocol, self.address, self.port


def servers(world: World, machine: Machine, prefix: str = PREFIX) -> list[Server]:
    """Every server of a machine, the host's first; O(its sockets)."""
    found: dict[tuple[str, str, str, int], Server] = {}
    for space in machine.namespaces:
        for socket in space.sockets:
            server = _server(world, space, socket, prefix)
            found.setdefault(server.place, server)
    for server in _outside(machine, prefix):
        found[server.place] = server
    return list(found.values())


def _server(world: World, space: Namespace, socket: Socket, prefix: str) -> Server:
    address = "" if socket.address is None else str(socket.address)
    plain = Server(
        netns=netns_name(space, prefix),
        protocol=socket.protocol,
        address=address,
        port=socket.port,
        task=Task.ANSWER,
        name=space.owner or world.host.hostname,
    )
    if socket.owner not in {_PROXY, _DAEMON}:
        frozen = _is_paused(world, plain.name)
        return plain._replace(task=Task.HOLD) if frozen else plain
    if socket.leads_to is None:
        return plain._replace(task=Task.HOLD)
    target, port = socket.leads_to
    return plain._replace(
        task=Task.RELAY,
        target=str(target),
        target_port=port,
        same_source=world.era.proxy_answers_where_asked,
    )


def _is_paused(world: World, name: str) -> bool:
    """Whether the name is a container whose programs are frozen."""
    container = world.containers.get(world.names.get(name, ""))
    return container is not None and container.state.paused


def _outside(machine: Machine, prefix: str) -> Iterator[Server]:
    netns = outside_name(prefix)
    if netns in netns_names(machine, prefix):
        for protocol, port in OUTSIDE_PORTS:
            yield Server(netns, protocol, "", port, Task.ANSWER, "outside")
