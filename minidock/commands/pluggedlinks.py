"""What a network plugin says of an endpoint's link, believed as far as a kernel would.

```
CreateEndpoint ──▶ only what was left open: address, MAC     else: "driver modified ..."
Join           ──▶ an interface that is nobody's, a name     else: the kernel's errors
                   gateway and next hops that are on the link
```

Invariants: no two endpoints have one interface, or one address on a network; each next
hop is in a subnet that is on the endpoint's link.

Docker's sources: moby, ``libnetwork/drivers/remote``, ``libnetwork/osl``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from minidock.errors import Forbidden, NotationError, Refusal, Unclassified
from minidock.model.container import Container, Endpoint
from minidock.model.network import Network
from minidock.model.plugged import PluggedRoute
from minidock.model.world import World
from minidock.net.address import V4, V6, Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.plugin.fields import Object, mapping
from minidock.plugin.messages import Interface, JoinReply

__all__ = ["Link", "read_interface", "read_join"]

_LONGEST_PREFIX = 12
"""A name has 15 octets, with a number of up to three digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The answer to Join, read and checked."""

    source: str = ""
    prefix: str = ""
    gateway: Address | None = None
    gateway6: Address | None = None
    routes: tuple[PluggedRoute, ...] = ()
    closed: bool = False


def _wrong(text: str, rule: str) -> Unclassified:
    return Unclassified(
        text,
        asked="use what a network plugin says of an endpoint",
        rule=rule,
        remedy="look what the plugin says, or use another driver",
    )


def read_interface(
    world: World, endpoint: Endpoint, network: Network, reply: Object
) -> Endpoint:
    """The endpoint with what the plugin has added to it; O(endpoints of the network).

    Raises:
        Unclassified: it changes what was given, or says what is no address.
        Forbidden: somebody on the network has the address.
    """
    said = Interface.read(mapping(reply, "Interface"))
    mac, four, six = _mac(said.mac), _cidr(said.address, V4), _cidr(said.address6, V6)
    if mac is not None:
        if endpoint.mac is not None:
            raise _modified("MAC address", f"MAC address present ({endpoint.mac}). "
                            f"Cannot be modified with {mac}")  # fmt: skip
        endpoint = replace(endpoint, mac=mac)
    if four is not None:
        if endpoint.address is not None:
            raise _address_modified(endpoint.address, endpoint.length, said.address)
        _check_free(world, network, four[0])
        endpoint = replace(endpoint, address=four[0], length=four[1])
    if six is not None:
        if endpoint.address6 is not None:
            raise _address_modified(endpoint.address6, endpoint.length6, said.address6)
        _check_free(world, network, six[0])
        endpoint = replace(endpoint, address6=six[0], length6=six[1])
    return endpoint


def _modified(what: str, why: str) -> Unclassified:
    # The endpoint is deleted at once, so Docker says that it took it back.
    return _wrong(
        f"driver modified interface {what}: endpoint interface {why}.; rolled back",
        "a plugin chooses only what it was not given",
    )


def _address_modified(had: Address, length: int, said: str) -> Unclassified:
    why = f"IP present ({had}/{length}). Cannot be modified with ({said})"
    return _modified("address", why)


def _mac(text: str) -> MAC | None:
    if not text:
        return None
    try:
        mac = MAC.parse(text)
    except NotationError as error:
        why = f"address {text}: invalid MAC address"
        raise _wrong(why, "a MAC is six octets in hexadecimal") from error
    if mac.is_multicast or not mac.value:
        raise _wrong(
            f"address {text}: cannot assign requested address",
            "an interface has a MAC of its own, which is no group's",
        )
    return mac


def _cidr(text: str, family: int) -> tuple[Address, int] | None:
    if not text:
        return None
    rule = f"an IPv{family} address is followed by a slash and a length"
    try:
        address = Address.parse(text.partition("/")[0])
        length = Prefix.parse(text, host_bits=True).length
    except NotationError as error:
        raise _wrong(f"invalid CIDR address: {text}", rule) from error
    unusable = address.is_loopback or not address.value
    if "/" not in text or address.family != family or unusable:
        raise _wrong(f"invalid CIDR address: {text}", rule)
    return address, length


def _check_free(world: World, network: Network, address: Address) -> None:
    for container_id in world.members.get(network.id, {}):
        other = world.containers[container_id].endpoint_on(network.id)
        if other is not None and address in {other.address, other.address6}:
            raise Forbidden(
                "Address already in use",
                asked=f"the address {address} on {network.name}",
                rule="the plugin gave it to another container",
                remedy="look what the plugin says",
            )


def read_join(
    world: World, container: Container, endpoint: Endpoint, reply: Object
) -> Link:
    """The link that a plugin has joined an endpoint with.

    Cost: O(endpoints on plugins' networks).

    Raises:
        Refusal: the interface is not there, or a name, gateway or route is wrong.
    """
    said = JoinReply.read(reply)
    routes = tuple(_routes(said))
    gateway = _ip("Gateway", said.gateway, V4)
    gateway6 = _ip("GatewayIPv6", said.gateway6, V6)
    if said.source:
        _check_interface(world, container, said)
    elif gateway or gateway6 or routes:
        raise _no_way(gateway or gateway6 or routes[0].destination.first)
    on_link = list(_on_link(endpoint, routes))
    for hop in (gateway, gateway6, *(route.next_hop for route in routes)):
        if hop is not None and not any(hop in subnet for subnet in on_link):
            raise _no_way(hop)
    targets = [route.destination for route in routes]
    targets += [Prefix(0, 0)] if gateway else []
    targets += [Prefix(0, 0, V6)] if gateway6 else []
    targets += _subnets(endpoint)
    if len(set(targets)) < len(targets):
        raise _wrong(
            "failed to set static route: file exists",
            "a sandbox has one route to a destination",
        )
    return Link(
        source=said.source,
        prefix=said.prefix,
        gateway=gateway,
        gateway6=gateway6,
        routes=routes,
        closed=said.no_gateway_service,
    )


def _subnets(endpoint: Endpoint) -> list[Prefix]:
    four, six = endpoint.address, endpoint.address6
    found = [Prefix.of(four, endpoint.length)] if four else []
    return found + ([Prefix.of(six, endpoint.length6)] if six else [])


def _on_link(endpoint: Endpoint, routes: tuple[PluggedRoute, ...]) -> Iterator[Prefix]:
    yield from _subnets(endpoint)
    yield from (route.destination for route in routes if route.next_hop is None)


def _no_way(hop: Address) -> Unclassified:
    return _wrong(
        "failed to set gateway while updating gateway: route for the gateway "
        f"{hop} could not be found: network is unreachable",
        "a gateway is in a subnet of the interface, or a route says that it is there",
    )


def _ip(name: str, text: str, family: int) -> Address | None:
    if not text:
        return None
    rule = f"a gateway is an IPv{family} address"
    try:
        address = Address.parse(text)
    except NotationError as error:
        raise _wrong(f"unable to parse {name} IP {text}; rolled back", rule) from error
    if address.family != family:
        raise _wrong(f"unable to parse {name} IP {text}; rolled back", rule)
    return address


def _routes(said: JoinReply) -> Iterator[PluggedRoute]:
    for route in said.routes:
        try:
            destination = Prefix.parse(route.destination, host_bits=True)
        except NotationError as error:
            text = f"invalid CIDR address: {route.destination}"
            raise _wrong(text, "a route leads to a subnet") from error
        if not route.next_hop:
            yield PluggedRoute(destination)
            continue
        try:
            hop = Address.parse(route.next_hop)
        except NotationError as error:
            text = f"failed to parse nexthop IP {route.next_hop}"
            raise _wrong(text, "a next hop is an address") from error
        if hop.family != destination.family:
            raise _no_way(hop)
        yield PluggedRoute(destination, hop)


def _check_interface(world: World, container: Container, said: JoinReply) -> None:
    """What is moved in is there, is nobody's, and can be called so."""
    name = said.source
    if not _is_name(said.prefix) or len(said.prefix) > _LONGEST_PREFIX:
        raise _wrong(
            f"failed to add interface {name} to sandbox: error renaming interface "
            f'"{name}" to "{said.prefix}0": invalid argument',
            "an interface's name has up to 15 octets, without blanks and slashes",
        )
    if world.has_device(name) or not _is_name(name) or name in _moved(world, container):
        raise _not_there(name)


def _is_name(text: str) -> bool:
    odd = text in {"", ".", ".."} or any(c in "/:" or c.isspace() for c in text)
    return not odd and text.isascii() and len(text) <= 15


def _moved(world: World, container: Container) -> Iterator[str]:
    """The interfaces that sit in sandboxes already, or on the host for them."""
    yield from _ends(container.endpoints)
    for network in world.networks.values():
        for container_id in world.members.get(network.id, {}):
            place = world.containers[container_id].endpoint_on(network.id)
            yield from _ends([place] if place else [])


def _ends(endpoints: Iterable[Endpoint]) -> Iterator[str]:
    for endpoint in endpoints:
        yield endpoint.plugged.source if endpoint.plugged else endpoint.host_interface


def _not_there(name: str) -> Refusal:
    return _wrong(
        f"failed to add interface {name} to sandbox: failed to get link by name "
        f'"{name}": Link not found',
        "a plugin makes an interface of its own for each endpoint",
    )
