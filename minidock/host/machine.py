"""World -> Machine: the interfaces, routes and namespaces that the decisions imply.

```
 World                                    Machine
 network: name, MAC, index, pools    ─▶   a bridge with the gateway's address
 network: parent, mode               ─▶   nothing, or a dummy or VLAN as the parent
 endpoint: names, MACs, indices      ─▶   a veth pair: a port of the bridge, and eth0;
                                          or eth0 alone, as a child of the parent
 overlay network with a container    ─▶   a namespace: see :mod:`minidock.host.overlays`
 endpoint: address, gateway          ─▶   eth0's address and the default route
 host: cards and routes              ─▶   the host's own interfaces and routes
```

Invariants: nothing here is decided: indices, names, MACs and addresses are in the
World. Every running container with a network stack of its own has one sandbox; every
attached endpoint has its interface in exactly one; a container in host mode uses the
host's namespace, one in container mode that of the other container.

Some things depend on how soon one looks. The reading is that of somebody who looks
right after a command, which is also what recordings of an engine show:

* IPv6 addresses of a bridge in use, and of its ports, are still ``tentative``, since
  the check for duplicates takes a second or two (RFC 4862). Where the last container
  left, they are settled; on a bridge that never had one the check never began.
* A host card's link-local address is tentative until the first container: a fresh host.
* A bridge without ports has lost its carrier (the kernel takes up to a second to tell).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from minidock.host.attachments import (
    DEFAULT_MTU,
    Attachment,
    attachments,
    loopback,
    made_from,
    mtu_of,
    sandbox_name,
)
from minidock.host.fdb import forwarding_database
from minidock.host.hostside import OUTSIDE, host_devices, host_interfaces
from minidock.host.listening import listeners, listeners_in
from minidock.host.overlays import far_index, overlay_name, overlay_namespaces
from minidock.host.routes import host_routes, sandbox_routes
from minidock.host.rules import container_steps, resolver_ports
from minidock.host.sysctls import host_sysctls, sandbox_sysctls, uses_ipv6
from minidock.model.container import Container, Endpoint
from minidock.model.network import ParentLink
from minidock.model.world import World
from minidock.naming.hosts import sandbox_owner
from minidock.net.address import V4, Address
from minidock.net.mac import MAC
from minidock.topology.interface import Interface, InterfaceAddress, InterfaceKind
from minidock.topology.machine import Machine
from minidock.topology.namespace import Namespace, NetnsId, Socket

__all__ = ["host_namespace", "machine", "namespace_of", "sandbox"]

_RESOLVER = Address.parse("127.0.0.11")


def machine(world: World) -> Machine:
    """What stands on the host; O(n log n) in networks and containers."""
    devices = _parents(world)
    open_sockets = listeners(world)
    return Machine(
        host=host_namespace(world),
        sandboxes=tuple(
            _sandbox(world, container, devices, open_sockets.get(container.id, ()))
            for container in world.containers_in_order()
            if _has_sandbox(container)
        ),
        overlays=overlay_namespaces(
            world, attachments(world, world.containers.values())
        ),
    )


def namespace_of(world: World, container: Container) -> Namespace | None:
    """The namespace that a container's processes see; None if it is not running."""
    if not container.state.running:
        return None
    owner = sandbox_owner(world, container)
    if owner.network_mode == "host":
        return host_namespace(world)
    shares = owner.network_mode.startswith("container:")  # with one that is gone
    return None if shares else sandbox(world, owner)


def _has_sandbox(container: Container) -> bool:
    shared = container.network_mode.startswith("container:")
    return container.state.running and container.network_mode != "host" and not shared


# --- the container's side -------------------------------------------------------------


def sandbox(world: World, container: Container) -> Namespace:
    """The namespace of one container: lo, an interface per network, its routes."""
    programs = listeners_in(world, container)
    return _sandbox(world, container, _parents(world), programs)


def _parents(world: World) -> dict[str, Interface]:
    """The interfaces of the host that children can hang on, if anything does."""
    any_parent = any(network.parent for network in world.networks.values())
    return host_devices(world) if any_parent else {}


def _sandbox(
    world: World,
    container: Container,
    parents: Mapping[str, Interface],
    programs: tuple[Socket, ...],
) -> Namespace:
    """As :func:`sandbox`, with what was looked up before.

    Args:
        world: the World.
        container: whose namespace it is.
        parents: the interfaces of the host, by name.
        programs: what its programs listen on.
    """
    attached = attachments(world, [container])
    interfaces = (
        loopback(ipv6=any(item.endpoint.address6 for item in attached)),
        *(_container_end(world, item, parents) for item in attached),
    )
    return Namespace(
        name=sandbox_name(container),
        owner=container.name,
        interfaces=interfaces,
        routes=sandbox_routes(attached, interfaces),
        sysctls=sandbox_sysctls(container, interfaces),
        sockets=(*_resolver(world, container), *programs),
        netnsids=tuple(_seen_from(world, interfaces)),
    )


def _seen_from(world: World, interfaces: tuple[Interface, ...]) -> Iterator[NetnsId]:
    """What the other ends' namespaces are called here: numbers, by first interface."""
    seen = dict.fromkeys(
        item.link_namespace for item in interfaces if item.link_namespace is not None
    )
    for number, name in enumerate(seen or {"": None}):
        yield NetnsId(name, number, world.host.netns if not name else "")


def _resolver(world: World, container: Container) -> Iterator[Socket]:
    """Docker's DNS server, which listens inside the sandboxes of user networks."""
    if any(container_steps(world, container)):
        protocols = zip(("udp", "tcp"), resolver_ports(container), strict=True)
        for protocol, port in protocols:
            yield Socket(protocol, port, _RESOLVER, "dockerd")


def _container_end(
    world: World, item: Attachment, parents: Mapping[str, Interface]
) -> Interface:
    """The end of a veth pair, or the child of an interface of the host."""
    parent, bridge, overlay = item.network.parent, item.bridge, item.network.overlay
    if parent is not None:
        return _child(item, parent, parents[parent.name])
    endpoint = item.endpoint
    return Interface(
        name=endpoint.interface,
        index=endpoint.index,
        kind=InterfaceKind.VETH,
        mac=item.mac,
        mtu=mtu_of(world, bridge)
        if bridge
        else overlay.link_mtu
        if overlay
        else DEFAULT_MTU,
        addresses=tuple(_own_addresses(endpoint, item.mac)),
        peer_index=far_index(item),
        peer_namespace=_other_side(item),
    )


def _other_side(item: Attachment) -> str:
    """The namespace of the other end; what a plugin has made is with the plugin."""
    if item.endpoint.plugged is not None:
        return f"plugin {item.endpoint.plugged.plugin}"
    return overlay_name(item.network) if item.network.overlay else ""


def _child(item: Attachment, parent: ParentLink, device: Interface) -> Interface:
    """A macvlan has a MAC of its own; an ipvlan its parent's, as both have its mtu."""
    mac = item.endpoint.mac or device.mac
    return Interface(
        name=item.endpoint.interface,
        index=item.endpoint.index,
        kind=parent.kind,
        mac=mac,
        mtu=device.mtu,
        carrier=device.carrier,
        addresses=tuple(_own_addresses(item.endpoint, mac)),
        parent=device.name,
        parent_index=device.index,
        parent_namespace="",
        mode=parent.mode,
        flag=parent.flag,
    )


def _own_addresses(endpoint: Endpoint, mac: MAC) -> Iterator[InterfaceAddress]:
    yield from _given_addresses(endpoint)
    if endpoint.address6:
        yield made_from(mac, tentative=True)


def _given_addresses(endpoint: Endpoint) -> Iterator[InterfaceAddress]:
    """What Docker puts on eth0, in its order."""
    if endpoint.address is not None:
        yield InterfaceAddress.with_broadcast(endpoint.address, endpoint.length)
    for text in endpoint.settings.link_local:
        address = Address.parse(text)
        if address.family == V4:
            yield InterfaceAddress.with_broadcast(address, _classful_length(address))
    if endpoint.address6 is not None:
        yield InterfaceAddress(
            address=endpoint.address6, length=endpoint.length6, nodad=True
        )


def _classful_length(address: Address) -> int:
    """The length that Go gives an address without one: class A, B or C (RFC 791)."""
    top = address.value >> 24
    return 8 if top < 128 else 16 if top < 192 else 24


# --- the host's side ------------------------------------------------------------------


def host_namespace(world: World) -> Namespace:
    """The namespace of the Docker host: its cards, the bridges, the bridges' ports."""
    attached = attachments(world, world.containers.values())
    interfaces = host_interfaces(world, attached)
    bridges = tuple(n.bridge for n in world.networks_in_order() if n.bridge)
    learned = {
        item.endpoint.host_interface: item.mac
        for item in attached
        if item.endpoint.address6 and item.bridge
    }
    publishing = sorted(attached, key=lambda item: item.endpoint.mapped)
    return Namespace(
        name="",
        interfaces=interfaces,
        routes=host_routes(world, interfaces),
        fdb=forwarding_database(
            interfaces,
            router6=uses_ipv6(world),
            learned=learned,
            children=_children_macs(attached),
        ),
        sysctls=host_sysctls(world, bridges),
        sockets=(*_sockets(world, publishing), *listeners_in(world, None)),
        netnsids=tuple(_netnsids(world, attached)),
        processes=("dockerd", *_proxies(world, publishing), *_programs(world)),
    )


def _children_macs(attached: list[Attachment]) -> dict[str, list[MAC]]:
    """For which MACs beside its own a parent takes frames, by its name."""
    found: defaultdict[str, list[MAC]] = defaultdict(list)
    for item in attached:
        parent, mac = item.network.parent, item.endpoint.mac
        if parent is not None and mac is not None and parent.mode != "passthru":
            found[parent.name].append(mac)
    return found


def _netnsids(world: World, attached: list[Attachment]) -> Iterator[NetnsId]:
    """The numbers count from 0; a card whose cable leaves the host took the first."""
    outside = next((card for card in world.host.interfaces if card.peer), None)
    if outside is not None:
        yield NetnsId(OUTSIDE, 0, outside.netns)
    first = 1 if outside is not None else 0
    for container in {item.container.id: item.container for item in attached}.values():
        number = max(container.sandbox_index, 1) - 1 + first
        yield NetnsId(sandbox_name(container), number)


def _sockets(world: World, publishing: list[Attachment]) -> Iterator[Socket]:
    """What listens on the host: its own processes, and one socket per mapping."""
    for listener in world.host.listeners:
        yield Socket(listener.protocol, listener.port, listener.address)
    owner = "docker-proxy" if world.daemon.userland_proxy else "dockerd"
    for item in publishing:
        for mapping in item.endpoint.mappings:
            there = (mapping.container_address, mapping.container_port)
            yield Socket(
                mapping.protocol,
                mapping.host_port,
                mapping.host_ip,
                owner,
                there if world.daemon.userland_proxy else None,
            )


def _proxies(world: World, publishing: list[Attachment]) -> Iterator[str]:
    """The userland proxies: one process per mapping, in the order of publishing."""
    if not world.daemon.userland_proxy:
        return
    for item in publishing:
        for mapping in item.endpoint.mappings:
            yield (
                f"/usr/sbin/docker-proxy -proto {mapping.protocol}"
                f" -host-ip {mapping.host_ip} -host-port {mapping.host_port}"
                f" -container-ip {mapping.container_address}"
                f" -container-port {mapping.container_port}"
            )


def _programs(world: World) -> list[str]:
    """What the containers run: a container's processes are the host's, too."""
    running = [item for item in world.containers.values() if item.state.running]
    running.sort(key=lambda item: item.state.pid)
    return [" ".join((item.path, *item.arguments)) for item in running]
