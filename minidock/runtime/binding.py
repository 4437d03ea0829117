"""A port that another program has already: what who comes second hears.

```
 a namespace of its own     nobody else is there, every port is free
 --network host             programs of the host, docker-proxy, other guests
 --network container:web    what runs in web, and its other guests
```

One socket has an address and a port; one that listens on every address has the port on
all of them. Who wants a port that somebody has gets EADDRINUSE from the kernel
(``bind(2)``), says so and ends.
"""

from dataclasses import replace

from minidock.host.listening import listening, main_words
from minidock.host.machine import host_namespace, sandbox
from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.sandbox import sandbox_owner
from minidock.runtime.finished import Finished
from minidock.topology.namespace import Socket

__all__ = ["collision", "taken"]


def taken(world: World, container: Container) -> Socket | None:
    """The socket that a container's own program wants and another one has; or None.

    Cost: O(1) in a namespace of its own, else O(containers).

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> docker("run -d --name web --network host nginx").ok
    True
    >>> web = next(docker.world.containers_in_order())
    >>> taken(docker.world, web) is None
    True
    """
    owner = sandbox_owner(world, container)
    if owner.id == container.id and owner.network_mode != "host":
        return None
    wanted = listening(world, container)
    if not wanted:
        return None
    idle = replace(container, state=replace(container.state, status="created"))
    others = replace(world, containers=world.containers.set(container.id, idle))
    if owner.network_mode == "host":
        there = host_namespace(others).sockets
    else:
        there = sandbox(others, owner).sockets
    return next((mine for mine in wanted if any(_meet(mine, a) for a in there)), None)


def _meet(one: Socket, other: Socket) -> bool:
    if (one.protocol, one.port) != (other.protocol, other.port):
        return False
    addresses = {one.address, other.address}
    everywhere = any(a is None or a.is_unspecified for a in addresses)
    return everywhere or len(addresses) == 1


def collision(world: World, container: Container) -> Finished | None:
    """How the container's own program ends if its port is taken; else None."""
    socket = taken(world, container)
    if socket is None:
        return None
    name = main_words(world, container)[0].rpartition("/")[2]
    at = f"{socket.address or '*'}:{socket.port}"
    if name == "nginx":
        said = f"nginx: [emerg] bind() to {at} failed (98: Address already in use)"
        return Finished(
            stderr=f"{said}\nnginx: [emerg] still could not bind()\n", code=1
        )
    return Finished(stderr=f"{name}: bind to {at}: Address already in use\n", code=1)
