"""Legacy links at start time: lines of /etc/hosts, and openings in the firewall.

```
web --link db:database
        ├── /etc/hosts of web:   172.17.0.2 <TAB> database 5f3c... db
        └── icc off:             web ◀──▶ db on db's exposed ports only
```

Links act only on the default bridge. On user networks they are aliases of the name
server and need nothing here. Docker's source: moby, ``daemon/links`` and
``daemon/container_operations_unix.go``.
"""

from dataclasses import replace

from minidock.errors import Unclassified
from minidock.model.container import Container, Endpoint, HostsLine, LinkOpening
from minidock.model.world import World
from minidock.ports.wanted import port_of

__all__ = [
    "check_children",
    "hosts_lines",
    "linker_updates",
    "openings",
]


def _bridge_endpoint(container: Container) -> Endpoint | None:
    endpoint = container.endpoint_on("bridge")
    return endpoint if endpoint is not None and endpoint.attached else None


def check_children(
    world: World, container: Container, *, starting: bool = True
) -> None:
    """Refuse to go on while a linked container does not run on the default bridge.

    Raises:
        Unclassified: with Docker's text.
    """
    if container.endpoint_on("bridge") is None:
        return
    for link in container.links:
        child = world.containers.get(link.child)
        if child is None or not child.state.running:
            raise Unclassified(
                f"Cannot link to a non running container: /{link.child_name} AS "
                f"/{container.name}/{link.alias}",
                asked=f"use the link {link.alias} of {container.name}",
                rule="a link is an address, which only a running container has",
                remedy=f"docker start {link.child_name}",
            )
        if child.endpoint_on("bridge") is None:
            raise Unclassified(
                f"Cannot link to /{child.name}, as it does not belong to the default "
                "network"
                if starting
                else f"container {child.id} not attached to default bridge network",
                asked=f"use the link {link.alias} of {container.name}",
                rule="a link of this kind works on the default bridge only",
                remedy=f"docker network connect bridge {child.name}",
            )


def _lines(child: Container, alias: str) -> tuple[HostsLine, ...]:
    """One line per address; of an alias with slashes only the last part counts."""
    endpoint = _bridge_endpoint(child)
    if endpoint is None:
        return ()
    last = alias.rpartition("/")[2]
    names = [last, child.hostname]
    if child.name != last:
        names.append(child.name)
    return tuple(
        HostsLine(address=address, names=tuple(names), own=False, child=child.id)
        for address in (endpoint.address, endpoint.address6)
        if address is not None
    )


def hosts_lines(world: World, container: Container) -> tuple[HostsLine, ...]:
    """The lines that a container's links add, in the order of the links."""
    if container.endpoint_on("bridge") is None:
        return ()
    lines: tuple[HostsLine, ...] = ()
    for link in container.links:
        child = world.containers.get(link.child)
        if child is not None:
            lines += _lines(child, link.alias)
    return lines


def openings(
    world: World, container: Container, endpoint: Endpoint
) -> tuple[LinkOpening, ...]:
    """What a container's links open on its default bridge when icc is off."""
    network = world.networks.get(endpoint.network_id)
    if network is None or not network.is_default_bridge or network.bridge is None:
        return ()
    if network.bridge.icc or endpoint.address is None:
        return ()
    opened: tuple[LinkOpening, ...] = ()
    for link in container.links:
        child = world.containers.get(link.child)
        place = _bridge_endpoint(child) if child else None
        if child is None or place is None or place.address is None:
            continue
        opened += tuple(
            LinkOpening(
                bridge=network.bridge.name,
                parent=endpoint.address,
                child=place.address,
                port=port,
                protocol=protocol,
            )
            for port, protocol in _exposed(child)
        )
    return opened


def _exposed(child: Container) -> list[tuple[int, str]]:
    ports = (port_of(key) for key in child.config.document("ExposedPorts"))
    return sorted(ports, key=lambda port: (port[1], port[0]))


def linker_updates(world: World, child: Container) -> World:
    """Write a container's new address into the hosts files of those that link to it.

    Odd on purpose: its IPv6 line gets the IPv4 address too.
    """
    endpoint = _bridge_endpoint(child)
    if endpoint is None or endpoint.address is None:
        return world
    containers = world.containers
    for parent_id in world.linkers.get(child.id, ()):
        parent = containers.get(parent_id)
        if parent is None or not parent.state.running:
            continue
        lines = tuple(
            replace(line, address=endpoint.address) if line.child == child.id else line
            for line in parent.hosts
        )
        containers = containers.set(parent_id, replace(parent, hosts=lines))
    return replace(world, containers=containers)
