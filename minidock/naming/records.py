"""The names on a network: what Docker's name server knows of its containers.

```
network app   web  172.18.0.2   web, w, 3f0c2a9d41be, host1     name, aliases, short id,
              db   172.18.0.3   db, 90d1b5c5e0aa                hostname; no name twice
asker         networks in order: priority, way out, name
              "db"       db on app, db on back, ...         the first that knows it
              "db.app"   db on the network app                dots in both, if you like
              "x"        what --link db:x means, before any real x on that network
```

On an overlay network the containers of other hosts have their names, too: their hosts
tell them, with their addresses.

Invariants: only attached endpoints have names, so a stopped container has none and a
paused one keeps its own; the networks bridge, host and none have no names at all; names
are compared without case, but networks and link aliases as written.

Docker's sources: moby, ``libnetwork/network.go`` and ``libnetwork/sandbox.go``
(``ResolveName``); Docker's word for a network's names is *service records*.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from minidock.model.cluster import Peer
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


class _Named(NamedTuple):
    """Somebody on a network: a container of this host, or of another one."""

    name: str
    aliases: tuple[str, ...]
    short_id: str
    hostname: str
    address: Address | None
    address6: Address | None

    def is_called(self, wanted: str) -> bool:
        """Whether a word in lower case is among the names."""
        return (
            wanted in {self.name.lower(), self.short_id}
            or any(alias.lower() == wanted for alias in self.aliases)
            or (bool(self.hostname) and wanted == self.hostname.lower())
        )

    @property
    def rank(self) -> tuple[int, int]:
        """In which order several of one name answer: by address."""
        address, address6 = self.address, self.address6
        return (address.value if address else 0, address6.value if address6 else 0)


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
        for other in _members(world, network):
            if address in {other.address, other.address6}:
                return f"{other.name}.{network.name}"
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


def _members(world: World, network: Network) -> Iterator[_Named]:
    for container_id in world.members.get(network.id, {}):
        container = world.containers.get(container_id)
        endpoint = container.endpoint_on(network.id) if container else None
        if container is None or endpoint is None or not endpoint.attached:
            continue
        if not endpoint.leads_out_as:  # Docker's own endpoints have no name
            yield _local(world, container, endpoint)
    if world.cluster is not None and network.overlay is not None:
        for peer in world.cluster.peers.get(network.id, {}).values():
            yield _remote(peer)


def _local(world: World, container: Container, endpoint: Endpoint) -> _Named:
    return _Named(
        name=container.name,
        aliases=endpoint.settings.aliases or (),
        short_id=container.id[:12],
        hostname=container.hostname if world.era.hostname_in_dns else "",
        address=endpoint.address,
        address6=endpoint.address6,
    )


def _remote(peer: Peer) -> _Named:
    return _Named(
        name=peer.name,
        aliases=peer.aliases,
        short_id=peer.container_id[:12],
        hostname="",  # its host tells it among the aliases
        address=peer.address,
        address6=None,
    )


def _holders(world: World, network: Network, name: str) -> list[_Named]:
    """Who has that name on the network, by address.

    Docker shuffles them for each answer; here the order is always the same, so that a
    lesson prints the same lines everywhere.
    """
    wanted = name.lower()
    found = [one for one in _members(world, network) if one.is_called(wanted)]
    return sorted(found, key=lambda one: one.rank)


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
    of_family = (one.address6 if family == V6 else one.address for one in holders)
    return Found(
        addresses=tuple(address for address in of_family if address is not None),
        network=network.name,
        owner=holders[0].name,
        entry=_entry(network, holders, name, aliases.get(name, "")),
    )


def _entry(network: Network, holders: list[_Named], name: str, linked: str) -> str:
    if linked:
        return f"link alias {name} for {linked} on network {network.name}"
    if len(holders) > 1:
        shared = ", ".join(one.name for one in holders)
        return f"alias {name} of {shared} on network {network.name}"
    [only] = holders
    kind = _kind(only, name.lower())
    of = "" if kind == "endpoint name" else f" of {only.name}"
    return f"{kind} {name}{of} on network {network.name}"


def _kind(one: _Named, name: str) -> str:
    if name == one.name.lower():
        return "endpoint name"
    if name == one.short_id:
        return "short id"
    if one.hostname and name == one.hostname.lower():
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
