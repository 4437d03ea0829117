"""The link of an endpoint: a veth pair into a bridge, or a child of a host's interface.

```
bridge            pair ──▶ attach one end to the bridge ──▶ move the other ──▶ address
macvlan, ipvlan   child of the parent ────────────────────▶ move it ─────────▶ address
```

The steps that Docker takes on the host appear as events of type ``step``.

Invariants: an endpoint has an end on the host only if it has a veth pair; a kernel
gives an interface children of one kind, and only one child in mode passthru.

Docker's sources: moby, ``libnetwork/drivers/*/*_joinleave.go``; for what the kernel
refuses, ``drivers/net/macvlan.c`` and ``drivers/net/ipvlan``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from minidock.commands.outcome import event
from minidock.errors import Unclassified
from minidock.model.container import Container, Endpoint
from minidock.model.event import Event
from minidock.model.network import Network, ParentLink
from minidock.model.world import World

__all__ = ["plug", "steps"]


def plug(world: World, endpoint: Endpoint, network: Network) -> tuple[World, Endpoint]:
    """The endpoint with its link; O(networks).

    Raises:
        Unclassified: the parent is gone, or the kernel cannot give it this child.
    """
    if network.parent is None:
        return _pair(world, endpoint)
    _check_child(world, network, network.parent)
    # Docker draws a name for it, which nobody sees: it is renamed at once.
    ids, _ = world.ids.veth()
    index = world.next_index
    world = replace(world, ids=ids, next_index=index + 1)
    return world, replace(endpoint, index=index)


def _pair(world: World, endpoint: Endpoint) -> tuple[World, Endpoint]:
    ids, _inside = world.ids.veth()
    ids, host_name = ids.veth()
    ids, host_mac = ids.mac()
    index = world.next_index
    world = replace(world, ids=ids, next_index=index + 2)
    return world, replace(
        endpoint,
        index=index,
        host_index=index + 1,
        host_interface=host_name,
        host_mac=host_mac,
    )


def _check_child(world: World, network: Network, parent: ParentLink) -> None:
    asked = f"a {parent.kind} interface on {parent.name}"
    if not world.has_device(parent.name):
        raise Unclassified(
            f"the requested parent interface {parent.name} was not found on the "
            "Docker host",
            asked=asked,
            rule="it went with the network that it was made for",
            remedy=f"docker network rm {network.name}, and create it anew",
        )
    if parent.kind not in world.host.link_kinds:
        raise _kernel_refuses(
            parent,
            "operation not supported",
            asked=asked,
            rule=f"the host's kernel has no {parent.kind} links",
            remedy="docker network create --driver bridge NAME",
        )
    others = list(_children(world, parent.name))
    if any(other.kind is not parent.kind for other in others):
        raise _kernel_refuses(
            parent,
            "device or resource busy",
            asked=asked,
            rule="an interface hands its frames to macvlan or to ipvlan children",
            remedy="stop the containers of the other network on that interface",
        )
    if others and "passthru" in {parent.mode, *(other.mode for other in others)}:
        raise _kernel_refuses(
            parent,
            "invalid argument",
            asked=asked,
            rule="in mode passthru the parent has one child alone",
            remedy="stop the container that has it, or use --opt macvlan_mode=bridge",
        )


def _children(world: World, name: str) -> Iterator[ParentLink]:
    """The links of a parent's children, one per network that has any."""
    for network in world.networks.values():
        parent = network.parent
        if parent and parent.name == name and world.members.get(network.id):
            yield parent


def _kernel_refuses(
    parent: ParentLink, errno: str, *, asked: str, rule: str, remedy: str
) -> Unclassified:
    text = f"failed to create the {parent.kind} port: {errno}"
    return Unclassified(text, asked=asked, rule=rule, remedy=remedy)


def steps(
    container: Container, endpoint: Endpoint, network: Network, now: int
) -> tuple[Event, ...]:
    """The steps of giving a container its network, as events in order."""
    if endpoint.plugged is not None and not endpoint.plugged.source:
        return ()
    address = f"{endpoint.address}/{endpoint.length}" if endpoint.address else ""
    taken = _links(container, endpoint, network)
    link = taken[0][1]
    gateway = str(endpoint.gateway)
    taken += [
        ("move", [*link, ("sandbox", container.sandbox[:12])]),
        ("address", [*link, ("address", address), ("gateway", gateway)]),
    ]
    return tuple(
        event("step", name, endpoint.id, now, attributes) for name, attributes in taken
    )


def _links(
    container: Container, endpoint: Endpoint, network: Network
) -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """How the link comes about: the parts that differ."""
    if endpoint.plugged is not None:
        moved = endpoint.plugged.source
        return [("plugin", [("host", moved), ("container", container.name)])]
    if network.parent is not None:
        parent = network.parent
        made = [("host", parent.name), ("container", container.name)]
        return [(str(parent.kind), [*made, ("mode", parent.mode)])]
    bridge = network.bridge.name if network.bridge else ""
    pair = [("host", endpoint.host_interface), ("container", container.name)]
    return [("pair", pair), ("attach", [*pair, ("bridge", bridge)])]
