"""Where packets go next: the routes that addresses imply, in the order of `ip route`.

```
default via 172.17.0.1 dev eth0                         Docker added it
default dev eth0 scope link                             so it is in ipvlan's l3 modes
172.17.0.0/16 dev eth0 proto kernel ... src 172.17.0.2  came with eth0's address
10.0.1.0/24 via 10.0.0.1 dev eth0                       an overlay's other subnet
```

Invariants: every subnet of an interface has one route; at most one default route per
family leaves a sandbox.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from minidock.host.attachments import Attachment
from minidock.host.overlays import subnet_routes
from minidock.model.network import DefaultRoute
from minidock.model.world import World
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix
from minidock.topology.interface import Interface, InterfaceKind
from minidock.topology.namespace import Route

__all__ = ["host_routes", "sandbox_routes", "ways_back"]

_ANY = Prefix(0, 0)
_ANY6 = Prefix(0, 0, V6)


def sandbox_routes(
    attached: Iterable[Attachment], interfaces: Iterable[Interface]
) -> tuple[Route, ...]:
    """The routes of a sandbox."""
    attached = tuple(attached)
    others = tuple(_other_subnets(attached))
    known = {route.family for route in others if route.is_default}
    first = (r for r in _default_routes(attached) if r.family not in known)
    return _in_order((*first, *others, *_connected(interfaces)))


def host_routes(world: World, interfaces: Iterable[Interface]) -> tuple[Route, ...]:
    """The routes of the host: its own, and those of the bridges."""
    return _in_order((*_own(world), *_connected(_without_own(world, interfaces))))


def ways_back(world: World) -> tuple[Route, ...]:
    """The routes that machines outside have to what lies behind the host."""
    return tuple(
        Route(
            destination=route.destination or _ANY,
            device=route.device,
            gateway=route.gateway,
        )
        for route in world.host.outside_routes
    )


def _default_routes(attached: Iterable[Attachment]) -> Iterator[Route]:
    """One default route per family: through the network that comes first.

    Docker's order: gateway priority, then networks that are not internal, then names.
    """
    ranked = sorted(
        attached,
        key=lambda item: (
            -item.endpoint.settings.gateway_priority,
            item.network.internal,
            item.network.name,
        ),
    )
    for destination in (_ANY, _ANY6):
        v4 = destination.family == V4
        for item in ranked:
            gateway = item.endpoint.gateway if v4 else item.endpoint.gateway6
            address = item.endpoint.address if v4 else item.endpoint.address6
            if gateway is not None or (address is not None and _all_on_link(item)):
                yield Route(
                    destination=destination,
                    device=item.endpoint.interface,
                    gateway=gateway,
                )
                break


def _other_subnets(attached: Iterable[Attachment]) -> Iterator[Route]:
    for item in attached:
        endpoint = item.endpoint
        if endpoint.plugged is not None:
            for route in endpoint.plugged.routes:
                yield Route(
                    destination=route.destination,
                    device=endpoint.interface,
                    gateway=route.next_hop,
                )
        if item.network.overlay is not None and endpoint.address is not None:
            yield from subnet_routes(item.network, endpoint.address, endpoint.interface)


def _all_on_link(item: Attachment) -> bool:
    parent = item.network.parent
    return parent is not None and parent.default_route is DefaultRoute.LINK


def _own(world: World) -> Iterator[Route]:
    """The routes among the host's facts."""
    for route in world.host.routes:
        v6 = route.gateway is not None and route.gateway.family == V6
        yield Route(
            destination=route.destination or (_ANY6 if v6 else _ANY),
            device=route.device,
            gateway=route.gateway,
            source=route.source,
            kernel=route.kernel,
        )


def _without_own(world: World, interfaces: Iterable[Interface]) -> Iterator[Interface]:
    """Interfaces without the addresses whose routes are among the host's facts."""
    known = {
        (route.device, route.destination)
        for route in world.host.routes
        if route.destination
    }
    for item in interfaces:
        new = tuple(
            address
            for address in item.addresses
            if (item.name, Prefix.of(address.address, address.length)) not in known
        )
        yield replace(item, addresses=new)


def _connected(interfaces: Iterable[Interface]) -> Iterator[Route]:
    """The route that the kernel adds with an address: its subnet is on the link."""
    found = tuple(interfaces)
    first_port: dict[str, int] = {}
    for item in found:
        first_port.setdefault(item.master, item.index)

    def came_up(item: Interface) -> float:
        # Indices tell the order in time. A bridge comes up right after its first port,
        # unless it has an IPv6 address of its own.
        fixed = any(a.scope == "global" for a in item.of_family(V6))
        return (
            item.index if fixed else first_port.get(item.name, item.index - 0.5) + 0.5
        )

    for item in sorted(found, key=came_up):
        if item.kind is not InterfaceKind.LOOPBACK:
            for subnet, source in _subnets(item).items():
                yield Route(
                    destination=subnet, device=item.name, source=source, kernel=True
                )


def _subnets(item: Interface) -> dict[Prefix, Address | None]:
    """The subnets of an interface; only IPv4 routes name the address to send from."""
    return {
        Prefix.of(a.address, a.length): a.address if a.address.family == V4 else None
        for a in reversed(item.addresses)
        if a.length < a.address.bits
    }


def _in_order(routes: Iterable[Route]) -> tuple[Route, ...]:
    """By destination, longer prefixes first; IPv6 shows its default route last."""
    return tuple(
        sorted(
            routes,
            key=lambda route: (
                route.family,
                route.family == V6 and route.is_default,
                route.destination.network,
                -route.destination.length,
            ),
        )
    )
