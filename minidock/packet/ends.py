"""Who sends a packet: a container, the Docker host, or somebody outside.

```
 web, 3f2a    a container by name or id, with its own stack or the one that it shares
 db           a container of another host that this one knows: a peer
 host         the Docker host itself
 outside      the router beyond its card;  203.0.113.7: somebody farther out
```

Invariants: a sender has a stack; a container's name goes before the words ``host`` and
``outside``; what does not run does not send.
"""

from dataclasses import dataclass

from minidock.commands.lookup import find_container
from minidock.errors import Conflict, NotationError, NotFound
from minidock.host.attachments import sandbox_name
from minidock.host.peers import peer_named
from minidock.model.cluster import Peer
from minidock.model.container import Container
from minidock.model.world import World
from minidock.naming.hosts import sandbox_owner
from minidock.net.address import Address
from minidock.packet.fabric import Fabric
from minidock.packet.stack import Stack
from minidock.packet.trace import OUTSIDE

__all__ = ["HOST", "Sender", "container_named", "sender_of", "stack_of"]

HOST = "host"
"""What the Docker host itself is called as a source or a target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Where a journey starts."""

    name: str
    stack: Stack
    container: Container | None = None
    address: Address | None = None
    """The address to send from, where the route does not decide."""


def sender_of(world: World, fabric: Fabric, text: str) -> Sender:
    """The sender that a text names.

    Raises:
        NotFound: nobody is called so.
        Conflict: the container does not run.
    """
    container = container_named(world, text)
    if container is not None:
        return _from_container(world, fabric, container)
    peers = peer_named(world, text)
    if peers:
        return Sender(name=peers[0].name, stack=_stack_of_peer(fabric, peers[0]))
    if text in {HOST, fabric.host.place}:
        return Sender(name=text, stack=fabric.host)
    if text == OUTSIDE:
        router = fabric.outside.any_address()
        return Sender(name=text, stack=fabric.outside, address=router)
    try:
        address = Address.parse(text)
    except NotationError:
        return _from_container(world, fabric, find_container(world, text))
    if fabric.is_outside(address):
        return Sender(name=text, stack=fabric.outside, address=address)
    if fabric.host.is_local(address):
        return Sender(name=text, stack=fabric.host, address=address)
    raise NotFound(
        f"nobody outside has the address {text}",
        asked=f"send from {text}",
        rule="an address of a network on this host belongs to a container",
        remedy="the container's name",
    )


def container_named(world: World, text: str) -> Container | None:
    """The container that a name or an id means, or None."""
    try:
        return find_container(world, text) if text else None
    except NotFound:
        return None


def _from_container(world: World, fabric: Fabric, container: Container) -> Sender:
    if not container.state.running:
        raise Conflict(
            f"Container {container.name} is not running",
            asked=f"send a packet from {container.name}",
            rule="only a running container has a network stack",
            remedy=f"docker start {container.name}",
        )
    stack = stack_of(world, fabric, container)
    if stack is None:
        shared = container.network_mode.partition(":")[2]
        raise Conflict(
            f"Container {container.name} shares the network stack of {shared}, "
            "which does not run",
            asked=f"send a packet from {container.name}",
            rule="a shared network stack goes with the container that it belongs to",
            remedy=f"docker start {shared}",
        )
    return Sender(name=container.name, stack=stack, container=container)


def _stack_of_peer(fabric: Fabric, peer: Peer) -> Stack:
    return next(s for s in fabric.stacks.values() if s.space.owner == peer.name)


def stack_of(world: World, fabric: Fabric, container: Container) -> Stack | None:
    """The stack that a container uses; None if it was that of one that is gone."""
    owner = sandbox_owner(world, container)
    if owner.network_mode == "host":
        return fabric.host
    return fabric.stacks.get(sandbox_name(owner))
