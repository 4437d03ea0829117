"""Networks and endpoints of a network plugin: what it is asked, and what it means.

```
network create -d NAME   Activate, GetCapabilities ──▶ CreateNetwork: subnets, options
run, connect             CreateEndpoint: address ──▶ Join: interface, gateway, routes
                         ──▶ EndpointOperInfo
rm, stop, disconnect     Leave ──▶ DeleteEndpoint      (told afterwards)
network rm               DeleteNetwork                 (told afterwards)
```

Which links a plugin makes nobody here sees. Its answers are believed as far as a kernel
would: see :mod:`minidock.commands.pluggedlinks`.

Docker's sources: moby, ``libnetwork/drivers/remote/driver.go``,
``libnetwork/controller.go`` and ``libnetwork/endpoint.go``.
"""

from collections.abc import Sequence
from dataclasses import replace

from minidock.commands.asking import activate, ask, call_of, failed, knows, telling
from minidock.commands.pluggedlinks import Link, read_interface, read_join
from minidock.drivers.catalog import not_a_manager
from minidock.drivers.plugged import PluggedDriver
from minidock.errors import NotationError, Refusal, Unclassified
from minidock.model.container import Container, Endpoint
from minidock.model.document import Json
from minidock.model.network import Network, NetworkPool
from minidock.model.plugged import Plugged
from minidock.model.remote import Call, Remote
from minidock.model.world import World
from minidock.net.address import V4, V6
from minidock.net.mac import MAC
from minidock.plugin.fields import Malformed, Object, mapping, text
from minidock.plugin.messages import (
    EndpointRequest,
    Interface,
    NetworkCreation,
    SubnetData,
)
from minidock.ports.wanted import Wanted, wanted_ports

__all__ = [
    "driver_from",
    "left",
    "made",
    "plugged_in",
    "tell_ports",
    "unmade",
    "untell_ports",
]

_DRIVER = "NetworkDriver."
_ENDPOINT = "com.docker.network.endpoint."
_PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132}
_SCOPES = frozenset({"local", "global"})
_LOCAL = "LocalDefault"
"""What Docker calls its own address space of a host."""


def driver_from(world: World, name: str) -> tuple[World, PluggedDriver]:
    """The driver that a plugin is; the plugin is activated if it was not.

    Raises:
        Needs: the plugin has to be asked. NotFound: there is none of that name.
        Unclassified: it is no network plugin, or does not say how far it reaches.
    """
    known = world.remote.drivers.get(name) if world.remote else None
    if known is not None:
        return world, PluggedDriver(name, known)
    world = activate(world, name, "NetworkDriver")
    call = call_of(name, _DRIVER + "GetCapabilities")
    scope = ""
    try:
        world, reply = ask(world, call)
        scope = text(reply, "Scope")
        reach = text(reply, "ConnectivityScope")
    except (Unclassified, Malformed):
        reach = ""
    if scope not in _SCOPES or reach not in {"", *_SCOPES}:
        # Odd on purpose: what was wrong stands in the daemon's log alone.
        raise failed(call, f"could not resolve driver {name} in registry")
    remote = world.remote or Remote()
    remote = replace(remote, drivers=remote.drivers.set(name, scope))
    return replace(world, remote=remote), PluggedDriver(name, scope)


def made(world: World, network: Network) -> World:
    """The World in which the plugin has made the network.

    Raises:
        Needs: the plugin has to be asked.
        Unclassified: it refuses, or its networks reach over several hosts.
    """
    driver = network.driver
    if network.plugged is not None and network.plugged.scope == "global":
        raise _reaches_too_far(network)
    options: dict[str, Json] = {
        "com.docker.network.enable_ipv6": network.enable_ipv6,
        "com.docker.network.generic": {
            name: network.options.text(name) for name in network.options
        },
    }
    if network.internal:
        options["com.docker.network.internal"] = True
    request = NetworkCreation(
        network=network.id,
        options=options,
        v4=tuple(_told(world, pool) for pool in network.pools_of(V4)),
        v6=tuple(_told(world, pool) for pool in network.pools_of(V6)),
    )
    world, _ = ask(world, call_of(driver, _DRIVER + "CreateNetwork", request.body()))
    return world


def _reaches_too_far(network: Network) -> Refusal:
    if network.ipam_driver not in {"", "default"}:
        return not_a_manager()
    return Unclassified(
        "cannot find address space GlobalDefault (most likely the backing datastore "
        "is not configured)",
        asked=f"a network of the plugin {network.driver}, whose scope is global",
        rule="only overlay networks are shared with other hosts here",
        remedy="the driver overlay, or a plugin of scope local",
    )


def _told(world: World, pool: NetworkPool) -> SubnetData:
    """A subnet as the plugin hears of it."""
    length = pool.subnet.length
    spaces = world.remote.spaces if world.remote else {}
    return SubnetData(
        space=spaces.get(pool.plugin) or _LOCAL,
        pool=str(pool.subnet),
        gateway=f"{pool.gateway}/{length}" if pool.gateway else "",
        aux=tuple((name, f"{address}/{length}") for name, address in pool.aux),
    )


def unmade(world: World, network: Network) -> World:
    """The World whose plugin will be told that the network is gone."""
    body: dict[str, Json] = {"NetworkID": network.id}
    return telling(world, call_of(network.driver, _DRIVER + "DeleteNetwork", body))


def _port_labels(container: Container, wanted: Sequence[Wanted] = ()) -> Object:
    """What a plugin is told of a container's ports, in the words of the protocol."""
    exposed: list[Json] = []
    for name in container.config.document("ExposedPorts"):
        port, _, protocol = name.partition("/")
        number = int(port) if port.isdecimal() else 0
        exposed.append({"Proto": _PROTOCOLS.get(protocol or "tcp", 0), "Port": number})
    bindings: list[Json] = [
        {
            "Proto": _PROTOCOLS.get(item.protocol, 0),
            "IP": "",
            "Port": item.container_port,
            "HostIP": str(item.host_ip or ""),
            "HostPort": item.first,
            "HostPortEnd": item.last,
        }
        for item in wanted
    ]
    return {_ENDPOINT + "exposedports": exposed, "com.docker.network.portmap": bindings}


def _wanted_of(container: Container) -> tuple[Wanted, ...]:
    """The ports that a container wants to have published."""
    return wanted_ports(
        container.config.document("ExposedPorts"),
        container.host_config.document("PortBindings"),
        publish_all=container.host_config.flag("PublishAllPorts"),
    )


def plugged_in(
    world: World, container: Container, endpoint: Endpoint, network: Network, asked: str
) -> tuple[World, Endpoint]:
    """The endpoint as the plugin has made it and joined it to the sandbox.

    Args:
        world: the host, in which the endpoint's addresses are held.
        container: whose endpoint it is.
        endpoint: with its id and addresses.
        network: the plugin's.
        asked: the MAC that the user wants; "" for none.

    Cost: O(endpoints on plugins' networks).

    Raises:
        Needs: the plugin has to be asked.
        Unclassified: it refuses, or what it says makes no sense.
    """
    mac = _mac_asked(asked)
    labels = dict(_port_labels(container, _wanted_of(container)))
    opts = endpoint.settings.driver_opts
    labels |= {name: opts.text(name) for name in opts} if opts else {}
    wanted = Interface(
        address=f"{endpoint.address}/{endpoint.length}" if endpoint.address else "",
        address6=f"{endpoint.address6}/{endpoint.length6}" if endpoint.address6 else "",
        mac=str(mac) if mac else "",
    )
    request = EndpointRequest(
        network=network.id, endpoint=endpoint.id, interface=wanted, options=labels
    )
    call = _call(network, "CreateEndpoint", request.body())
    try:
        world, reply = ask(world, call)
        endpoint = read_interface(world, replace(endpoint, mac=mac), network, reply)
    except Refusal as error:
        text = f"failed to create endpoint {container.name} on network {network.name}"
        raise failed(call, f"{text}: {error.text}") from error
    return _joined(world, container, endpoint, network, labels)


def _joined(
    world: World,
    container: Container,
    endpoint: Endpoint,
    network: Network,
    labels: Object,
) -> tuple[World, Endpoint]:
    request = EndpointRequest(
        network=network.id,
        endpoint=endpoint.id,
        sandbox=f"/var/run/docker/netns/{container.sandbox[:12]}",
        options=labels,
    )
    call = _call(network, "Join", request.body())
    world, reply = ask(world, call)
    try:
        link = read_join(world, container, endpoint, reply)
    except Refusal as error:
        raise failed(call, error.text) from error
    known = EndpointRequest(network=network.id, endpoint=endpoint.id)
    call = _call(network, "EndpointOperInfo", known.body())
    world, reply = ask(world, call)
    try:
        mapping(reply, "Value")
    except Malformed as error:
        raise failed(call, error.text) from error
    return _linked(world, endpoint, network, link)


def _linked(
    world: World, endpoint: Endpoint, network: Network, link: Link
) -> tuple[World, Endpoint]:
    """The endpoint with the interface that it was given: indices for both ends."""
    mac = endpoint.mac
    if mac is None:
        ids, mac = world.ids.mac()
        world = replace(world, ids=ids)
    plugged = Plugged(
        plugin=network.driver,
        source=link.source,
        prefix=link.prefix,
        mac=mac,
        routes=link.routes,
        closed=link.closed,
    )
    joined = replace(
        endpoint, gateway=link.gateway, gateway6=link.gateway6, plugged=plugged
    )
    if not link.source:
        return world, joined
    index = world.next_index
    return replace(world, next_index=index + 2), replace(
        joined, index=index, host_index=index + 1
    )


def _mac_asked(asked: str) -> MAC | None:
    try:
        return MAC.parse(asked) if asked else None
    except NotationError as error:
        raise Unclassified(
            f"address {asked}: invalid MAC address",
            asked=f"--mac-address {asked}",
            rule="a MAC is six octets in hexadecimal",
            remedy="--mac-address 02:42:ac:11:00:02",
        ) from error


def _call(network: Network, verb: str, body: dict[str, Json]) -> Call:
    return call_of(network.driver, _DRIVER + verb, body)


def tell_ports(
    world: World, container: Container, endpoint: Endpoint, network: Network
) -> tuple[World, Endpoint]:
    """The endpoint whose plugin was told of the ports to publish; it may not care.

    Raises:
        Needs: the plugin has to be asked. Unclassified: it refuses.
    """
    plugged = endpoint.plugged
    if plugged is None or plugged.told_ports:
        return world, endpoint
    request = EndpointRequest(
        network=network.id,
        endpoint=endpoint.id,
        options=_port_labels(container, _wanted_of(container)),
    )
    call = _call(network, "ProgramExternalConnectivity", request.body())
    try:
        world, done = knows(world, call)
    except Unclassified as error:
        text = "driver failed programming external connectivity on endpoint"
        where = f"{text} {container.name} ({endpoint.id})"
        raise failed(call, f"{where}: {error.text}") from error
    return world, replace(endpoint, plugged=replace(plugged, told_ports=done))


def untell_ports(
    world: World, endpoint: Endpoint, network: Network
) -> tuple[World, Endpoint]:
    """The endpoint whose plugin will be told to publish its ports no more."""
    plugged = endpoint.plugged
    if plugged is None or not plugged.told_ports:
        return world, endpoint
    body = EndpointRequest(network=network.id, endpoint=endpoint.id).body()
    world = telling(world, _call(network, "RevokeExternalConnectivity", body))
    return world, replace(endpoint, plugged=replace(plugged, told_ports=False))


def left(world: World, endpoint: Endpoint, network: Network) -> World:
    """The World whose plugin will be told that an endpoint has left and is gone."""
    if endpoint.plugged is None:
        return world
    verbs = ["Leave", "DeleteEndpoint"]
    if endpoint.plugged.told_ports:
        verbs.insert(0, "RevokeExternalConnectivity")
    body = EndpointRequest(network=network.id, endpoint=endpoint.id).body()
    return telling(world, *(_call(network, verb, body) for verb in verbs))
