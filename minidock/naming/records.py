"""The names on a network: what Docker's name server knows of its containers.

```
network app   web  172.18.0.2   web, w, 3f0c2a9d41be, host1     name, aliases, short id,
              db   172.18.0.3   db, 90d1b5c5e0aa                hostname; no name twice
asker         networks in order: priority, way out, name
              "db"       db on app, db on back, ...         the first that knows it
              "db.app"   db on the network app                dots in both, if you like
              "x"        what --link db:x means, before any real x on that network
```

Invariants: only attached endpoints have names, so a stopped container has none and a
paused one keeps its own; the networks bridge, host and none have no names at all; names
are compared without case, but networks and link aliases as written.

Docker's sources: moby, ``libnetwork/network.go`` and ``libnetwork/sandbox.go``
(``ResolveName``); Docker's word for a network's names is *service records*.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from minidock.model.container import Container, Endpoint
from minidock.model.network import Network
from minidock.model.world import World
from minidock.naming.sandbox import endpoints_in_order
from minidock.net.address import V6, Address

__all__ = ["Found", "dns_names", "find_address", "find_name", "link_aliases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A name that a network knows; without addresses if it has none of that family."""

    addresses: tuple[Address, ...]
    network: str
    """The network whose names answered."""
    owner: str
    """The container whose name it is; the first one where several share it."""
    entry: str
    """The entry that decided, in words."""
    also: tuple[str, ...] = ()
    """Other networks of the asker that know the name, with other addresses."""


def dns_names(
    world: World, container: Container, endpoint: Endpoint
) -> tuple[str, ...]:
    """The names that a container has on a network, the first one for reverse lookups.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> _ = docker("network create app")
    >>> _ = docker("run -d --name web --network app --network-alias w nginx")
    >>> container = docker.world.containers_in_order().__next__()
    >>> dns_names(docker.world, container, container.endpoints[0])[:2]
    ('web', 'w')
    """
    network = world.networks.get(endpoint.network_id)
    if network is None or network.predefined or not endpoint.attached:
        return ()
    hostname = container.hostname if world.era.hostname_in_dns else ""
    names = [
        container.name,
        *(endpoint.settings.aliases or ()),
        container.short_id,
        hostname,
    ]
    return tuple(dict.fromkeys(name for name in names if name))


def link_aliases(endpoint: Endpoint) -> dict[str, str]:
    """What the ``--link`` of a user network renames: alias to the name it stands for.

    Of two links with one alias the later one counts, as in a table that is filled.

    >>> from minidock.model.container import EndpointSettings
    >>> asked = EndpointSettings(links=("db:database", "cache"))
    >>> link_aliases(Endpoint(network="app", settings=asked))
    {'database': 'db', 'cache': 'cache'}
    """
    aliases = {}
    for link in endpoint.settings.links or ():
        name, _, alias = link.partition(":")
        aliases[alias or name] = name
    return aliases


def find_name(
    world: World, container: Container, name: str, family: int
) -> Found | None:
    """What a sandbox's name server knows of a name, or None: then it asks outside.

    Args:
        world: the host.
        container: the owner of the sandbox that asks.
        name: as it was asked, with or without a dot at the end.
        family: V4 or V6.

    Cost: O(containers on the asker's networks) for each dot in the name.
    """
    name = name.removesuffix(".")
    places = _places(world, container)
    for wanted, scope in _splits(name):
        for through_links in (True, False):
            known: Found | None = None
            for endpoint, network in places:
                if scope and scope != network.name:
                    continue
                found = _on(world, endpoint, network, wanted, family, through_links)
                if found is not None and found.addresses:
                    others = () if scope else _also(world, places, wanted, found)
                    return _with_others(found, others)
                known = known or found
            if known is not None:
                return known
    return None


def find_address(world: World, container: Container, address: Address) -> str:
    """The name for a reverse lookup, first name and network, or "".

    Cost: O(containers on the asker's networks).
    """
    for _, network in _places(world, container):
        for other, endpoint in _members(world, network):
            if address in {endpoint.address, endpoint.address6}:
                return f"{dns_names(world, other, endpoint)[0]}.{network.name}"
    return ""


def _places(world: World, container: Container) -> list[tuple[Endpoint, Network]]:
    """The asker's endpoints and their networks, in order, without nameless ones."""
    found = []
    for endpoint in endpoints_in_order(world, container):
        network = world.networks.get(endpoint.network_id)
        if network is not None and not network.predefined:
            found.append((endpoint, network))
    return found


def _splits(name: str) -> Iterator[tuple[str, str]]:
    """(name, network): the whole, then a.b in network c, then a in network b.c.

    >>> list(_splits("a.b.c"))
    [('a.b.c', ''), ('a.b', 'c'), ('a', 'b.c')]
    """
    yield name, ""
    at = name.rfind(".")
    while at >= 0:
        yield name[:at], name[at + 1 :]
        at = name.rfind(".", 0, at)


def _members(world: World, network: Network) -> Iterator[tuple[Container, Endpoint]]:
    for container_id in world.members.get(network.id, {}):
        container = world.containers.get(container_id)
        endpoint = container.endpoint_on(network.id) if container else None
        if container is not None and endpoint is not None and endpoint.attached:
            yield container, endpoint


def _holders(
    world: World, network: Network, name: str
) -> list[tuple[Container, Endpoint]]:
    """Who has that name on the network, by address.

    Docker shuffles them for each answer; here the order is always the same, so that a
    lesson prints the same lines everywhere.
    """
    wanted = name.lower()
    found = [
        (container, endpoint)
        for container, endpoint in _members(world, network)
        if _is_called(world, container, endpoint, wanted)
    ]
    return sorted(found, key=lambda pair: _rank(pair[1]))


def _is_called(
    world: World, container: Container, endpoint: Endpoint, wanted: str
) -> bool:
    """Whether a word in lower case is among its :func:`dns_names`, without a list."""
    return (
        wanted in {container.name.lower(), container.id[:12]}
        or any(alias.lower() == wanted for alias in endpoint.settings.aliases or ())
        or (world.era.hostname_in_dns and wanted == container.hostname.lower())
    )


def _rank(endpoint: Endpoint) -> tuple[int, int]:
    address, address6 = endpoint.address, endpoint.address6
    return (address.value if address else 0, address6.value if address6 else 0)


def _on(  # noqa: PLR0917 - the question's six parts, each of another kind
    world: World,
    endpoint: Endpoint,
    network: Network,
    name: str,
    family: int,
    through_links: bool,
) -> Found | None:
    """What one network knows, in one of the two passes."""
    aliases = link_aliases(endpoint)
    if through_links != (name in aliases):
        # In the second pass too: an alias hides a real container of that name.
        return None
    holders = _holders(world, network, aliases.get(name, name))
    if not holders:
        return None
    of_family = (e.address6 if family == V6 else e.address for _, e in holders)
    return Found(
        addresses=tuple(address for address in of_family if address is not None),
        network=network.name,
        owner=holders[0][0].name,
        entry=_entry(world, network, holders, name, aliases.get(name, "")),
    )


def _entry(
    world: World,
    network: Network,
    holders: list[tuple[Container, Endpoint]],
    name: str,
    linked: str,
) -> str:
    if linked:
        return f"link alias {name} for {linked} on network {network.name}"
    if len(holders) > 1:
        shared = ", ".join(container.name for container, _ in holders)
        return f"alias {name} of {shared} on network {network.name}"
    container, _ = holders[0]
    kind = _kind(world, container, name.lower())
    of = "" if kind == "endpoint name" else f" of {container.name}"
    return f"{kind} {name}{of} on network {network.name}"


def _kind(world: World, container: Container, name: str) -> str:
    if name == container.name.lower():
        return "endpoint name"
    if name == container.short_id:
        return "short id"
    if name == container.hostname.lower() and world.era.hostname_in_dns:
        return "hostname"
    return "alias"


def _also(
    world: World, places: list[tuple[Endpoint, Network]], name: str, found: Found
) -> tuple[str, ...]:
    """The other networks that know the plain name, with other addresses."""
    family = found.addresses[0].family
    others = []
    for endpoint, network in places:
        if network.name == found.network:
            continue
        for through_links in (True, False):
            other = _on(world, endpoint, network, name, family, through_links)
            if other is not None and set(other.addresses) - set(found.addresses):
                others.append(network.name)
    return tuple(others)


def _with_others(found: Found, others: tuple[str, ...]) -> Found:
    return Found(
        addresses=found.addresses,
        network=found.network,
        owner=found.owner,
        entry=found.entry,
        also=others,
    )
