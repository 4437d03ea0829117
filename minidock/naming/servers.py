"""The DNS servers that are not Docker's: who can be asked, from where, what they know.

```
a program, or 127.0.0.11 ──from a container──▶ 192.0.2.1    the router outside
127.0.0.11 ──────────────────from the host───▶ 127.0.0.53   a resolver on the host
                    │
                    ├─ answers      a DNS server is there, and the way is open
                    ├─ closed       a machine is there, but nobody listens on port 53
                    ├─ silent       nobody answers, or the network is internal
                    └─ no route     the sandbox knows no way there
```

The world outside is not modelled. It has the servers and the names of
:class:`~minidock.model.host.HostFacts`, no others; a resolver on the host (a listener
on 53/udp) knows the same names. They answer by UDP alone.

Where a firewall's rules or a network without masquerading would lose the packet, the
walk in ``packet`` says so; names are resolved below it, from the networks alone.
"""

from enum import StrEnum
from typing import NamedTuple

from minidock.errors import NotationError
from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.sandbox import endpoints_in_order
from minidock.net.address import V6, Address

__all__ = ["Contact", "Record", "Status", "contact", "contact_from_host", "outside"]

_DNS = 53
_OUTSIDE_TTL = 60


class Status(StrEnum):
    """How a question to a DNS server ended."""

    NOERROR = "NOERROR"  # the name exists; perhaps without such a record
    NXDOMAIN = "NXDOMAIN"  # no such name
    SERVFAIL = "SERVFAIL"  # the server could not find out
    REFUSED = "REFUSED"  # nobody listens there, or the server will not answer
    TIMEOUT = "TIMEOUT"  # silence


class Contact(StrEnum):
    """What becomes of a question that is sent to an address."""

    ANSWERS = "answers"
    CLOSED = "connection refused"
    SILENT = "timed out"
    NO_ROUTE = "network unreachable"


class Record(NamedTuple):
    """One line of an answer; ``ttl`` in seconds, ``value`` as dig prints it."""

    name: str
    ttl: int
    type: str
    value: str


def contact_from_host(world: World, server: str) -> Contact:
    """What becomes of a question that the Docker host sends."""
    address = _parsed(server)
    if address is None:
        return Contact.NO_ROUTE
    if address.is_loopback or address in _host_addresses(world):
        return _at_host(world, address)
    return Contact.ANSWERS if _serves(world, address) else Contact.SILENT


def contact(world: World, container: Container, server: str) -> Contact:
    """What becomes of a question from a sandbox to any server but 127.0.0.11.

    Args:
        world: the host.
        container: the owner of the sandbox.
        server: the server's address, as text.
    """
    if container.network_mode == "host":
        return contact_from_host(world, server)
    address = _parsed(server)
    if address is None:
        return Contact.NO_ROUTE
    if address.is_loopback:
        return Contact.CLOSED
    near = _in_own_networks(world, container, address)
    gateways = _gateways(world, container, address.family)
    if not near and not gateways:
        return Contact.NO_ROUTE
    if address in _host_addresses(world):
        return _at_host(world, address)
    if near:
        held = _is_container(world, container, address)
        return Contact.CLOSED if held else Contact.SILENT
    # The default route is that of the first network.
    if not gateways or not gateways[0] or not _serves(world, address):
        return Contact.SILENT
    return Contact.ANSWERS


def outside(world: World, name: str, kind: str) -> tuple[Status, tuple[Record, ...]]:
    """What the DNS servers outside know of a name; ``kind`` is A, AAAA, MX ..."""
    wanted = name.removesuffix(".").lower()
    known = [text for one, text in world.host.outside_names if one.lower() == wanted]
    if not known:
        return Status.NXDOMAIN, ()
    family = {"A": False, "AAAA": True}.get(kind)
    records = (
        Record(name, _OUTSIDE_TTL, kind, text)
        for text in known
        if family is not None and (":" in text) == family
    )
    return Status.NOERROR, tuple(records)


def _parsed(text: str) -> Address | None:
    try:
        return Address.parse(text.partition("%")[0])
    except NotationError:
        return None


def _serves(world: World, address: Address) -> bool:
    return any(_parsed(server) == address for server in world.host.outside_servers)


def _at_host(world: World, address: Address) -> Contact:
    """A resolver on the host: a process that listens on 53/udp at that address."""
    for listener in world.host.listeners:
        everywhere = listener.address is None or listener.address.is_unspecified
        here = everywhere or listener.address == address
        if here and (listener.protocol, listener.port) == ("udp", _DNS):
            return Contact.ANSWERS
    return Contact.CLOSED


def _host_addresses(world: World) -> set[Address]:
    """The host's own addresses: its cards', and those of the bridges."""
    found = {address for card in world.host.interfaces for address, _ in card.addresses}
    for network in world.networks.values():
        for pool in (network.pool, network.pool6):
            if network.bridge and pool and pool.gateway:
                found.add(pool.gateway)
    return found


def _gateways(world: World, container: Container, family: int) -> list[bool]:
    """Whether each network that could give a default route leads outside."""
    found = []
    for endpoint in endpoints_in_order(world, container):
        network = world.networks.get(endpoint.network_id)
        gateway = endpoint.gateway6 if family == V6 else endpoint.gateway
        if network is not None and gateway is not None:
            found.append(not network.internal)
    return found


def _in_own_networks(world: World, container: Container, address: Address) -> bool:
    for endpoint in endpoints_in_order(world, container):
        network = world.networks.get(endpoint.network_id)
        for pool in (network.pool, network.pool6) if network else ():
            if pool and pool.subnet.family == address.family and address in pool.subnet:
                return True
    return False


def _is_container(world: World, container: Container, address: Address) -> bool:
    for endpoint in endpoints_in_order(world, container):
        for other_id in world.members.get(endpoint.network_id, {}):
            other = world.containers.get(other_id)
            place = other.endpoint_on(endpoint.network_id) if other else None
            if place is not None and address in {place.address, place.address6}:
                return True
    return False
