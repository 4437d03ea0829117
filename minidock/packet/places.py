"""Which address a target's name stands for, seen from a sender, and who said so.

```
 from a container   as its programs would: hosts file, DNS, search list
 from elsewhere     a container's name means its first address, as inspect shows it
 host, outside      the host as the sender would write it; the router outside
```

Invariant: a place has addresses or a reason why not, never both.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from minidock.host.peers import peer_named
from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.hosts import sandbox_owner
from minidock.naming.resolver import Resolution, resolve, resolve_on_host
from minidock.net.address import V4, Address
from minidock.packet.ends import HOST, Sender, container_named
from minidock.packet.fabric import Fabric
from minidock.packet.target import Target
from minidock.packet.trace import OUTSIDE

__all__ = ["Place", "addresses_of", "place_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which address a name stands for, and who said so."""

    addresses: tuple[Address, ...] = ()
    said: str = ""
    entry: str = ""
    why: str = ""
    remedy: str = ""


def place_of(  # noqa: PLR0917 - all that decides what a name means
    world: World,
    fabric: Fabric,
    sender: Sender,
    target: Target,
    family: int,
    as_programs_do: bool,
) -> Place:
    """Where a target is, for this sender; the words are those of ``journey``."""
    literal = target.literal
    if literal is not None:
        return Place(addresses=(literal,))
    if as_programs_do and sender.container is None:
        found = _told(world, resolve_on_host(world, target.name, family), target.name)
    elif as_programs_do and sender.container is not None:
        found = _resolved(world, sender.container, target.name, family)
    else:
        found = _found(world, fabric, sender, target.name, family)
    fitting = tuple(a for a in found.addresses if family in {0, a.family})
    return replace(found, addresses=fitting)


def _found(
    world: World, fabric: Fabric, sender: Sender, name: str, family: int
) -> Place:
    if name == HOST and container_named(world, name) is None:
        return _host_place(fabric, sender)
    if name == OUTSIDE and container_named(world, name) is None:
        router = fabric.outside.any_address()
        said = f"the world outside begins at {router}"
        return Place(addresses=(router,) if router else (), said=said)
    if sender.container is not None:
        return _resolved(world, sender.container, name, family)
    return _by_inspection(world, name)


def _host_place(fabric: Fabric, sender: Sender) -> Place:
    """The host's address as this sender would write it."""
    if sender.stack is fabric.host:
        here = Address.parse("127.0.0.1")
        return Place(addresses=(here,), said=f"the host itself is {here}")
    # A macvlan's gateway is a router on the wire, and not the host.
    its = {a.address for d in fabric.host.space.interfaces for a in d.addresses}
    routers = [r.gateway for r in sender.stack.space.routes]
    gateways = [router for router in routers if router in its]
    if sender.stack is not fabric.outside:
        for device in sender.stack.space.interfaces:
            for end in fabric.segment(sender.stack, device.name):
                if end.stack is fabric.host:
                    gateways += [a.address for a in end.device.of_family(V4)]
    own = fabric.host.any_address()
    first = gateways[0] if gateways else own
    if sender.stack is fabric.outside:
        first = _card_address(fabric) or own
    if first is None:
        why = "the host has no address"
        return Place(said=why, why=why, remedy="an address on its card")
    return Place(addresses=(first,), said=f"the host is {first} from here")


def _card_address(fabric: Fabric) -> Address | None:
    """The host's address on the first wire."""
    for device in fabric.outside.space.interfaces:
        for end in fabric.segment(fabric.outside, device.name):
            first = end.device.first(V4) if end.stack is fabric.host else None
            if first is not None:
                return first.address
    return None


def _resolved(world: World, container: Container, name: str, family: int) -> Place:
    return _told(world, resolve(world, container, name, family), name)


def _others(networks: tuple[str, ...]) -> str:
    """Whether the word means something else on another network of the asker."""
    if not networks:
        return ""
    know = "knows" if len(networks) == 1 else "know"
    return f"; {' and '.join(networks)} {know} other addresses"


def _told(world: World, found: Resolution, name: str) -> Place:
    why, _, remedy = found.why.partition(": ")
    said = f"{name} is not known: {why}"
    if found.addresses:
        texts = ", ".join(str(address) for address in found.addresses)
        said = f"{name} is {texts}, says {found.source}{_others(found.also)}"
        why, remedy = found.why, ""
    else:
        remedy = remedy or _address_hint(world, name)
    return Place(
        addresses=found.addresses, said=said, entry=found.entry, why=why, remedy=remedy
    )


def _address_hint(world: World, name: str) -> str:
    other = container_named(world, name)
    found = [str(a) for a in addresses_of(other)] if other else []
    if found:
        return f"its address works where a way leads there: {', '.join(found)}"
    return "docker ps and docker network inspect list the names"


def addresses_of(container: Container) -> Iterator[Address]:
    """The addresses that a container has, network by network."""
    for endpoint in container.endpoints:
        for address in (endpoint.address, endpoint.address6):
            if endpoint.attached and address is not None:
                yield address


def _by_inspection(world: World, name: str) -> Place:
    """A container's name at a place that has no names for containers."""
    container = container_named(world, name)
    peers = () if container is not None else peer_named(world, name)
    if peers:
        there = tuple(peer.address for peer in peers)
        said = f"{name} is {there[0]}, says the registry; no name service here does"
        return Place(addresses=there, said=said)
    if container is None:
        return _told(world, resolve_on_host(world, name), name)
    owner = sandbox_owner(world, container)
    found = tuple(addresses_of(owner))
    if found:
        said = f"{name} is {found[0]}, says docker inspect; no name service here does"
        return Place(addresses=found, said=said)
    if not container.state.running:
        return Place(
            said=f"{name} has no address",
            why=f"{name} is not running, so it has no address",
            remedy=f"docker start {name}",
        )
    said = f"{name} has no address of its own"
    if owner.network_mode == "host":
        why = f"{said}: it uses the host's (--network host)"
        return Place(said=said, why=why, remedy="host, with its program's port")
    remedy = f"docker network connect NETWORK {name}"
    if owner.network_mode == "none":
        remedy = f"docker network disconnect none {name}, then {remedy}"
    return Place(said=said, why=f"{name} is on no network", remedy=remedy)
