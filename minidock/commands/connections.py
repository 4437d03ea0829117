"""`docker network connect` and `disconnect`, on running and on stopped containers.

```
stopped: only what was asked is noted; it takes effect at the next start
running: attach ──▶ next interface name ──▶ ports move if the default route moved
```

The refusals are those of moby's ``daemon/container_operations.go``.
"""

from dataclasses import dataclass, field, replace

from minidock.commands.endpoint_rules import check_settings
from minidock.commands.endpoints import (
    Attached,
    already_connected,
    attach,
    detach,
    name_interface,
    with_endpoint,
)
from minidock.commands.leading_out import led_out, shut_in
from minidock.commands.lookup import networks_named
from minidock.commands.outcome import Outcome
from minidock.commands.overlays import check_attachable
from minidock.commands.publishing import republish, withdraw_ports
from minidock.errors import InvalidParameter, Refusal, Unclassified
from minidock.model.container import Container, Endpoint, EndpointSettings
from minidock.model.event import Event
from minidock.model.network import Network
from minidock.model.world import World

__all__ = [
    "ConnectRequest",
    "connect",
    "disconnect",
    "forget",
    "hot_conflict",
    "promise",
    "with_short_id",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectRequest:
    """What `docker network connect` asks for."""

    settings: EndpointSettings = field(default_factory=EndpointSettings)


def with_short_id(
    world: World, container: Container, network: Network, settings: EndpointSettings
) -> EndpointSettings:
    """The settings as inspect lists them: on user networks with more aliases.

    These are the short id and the host name, each unless it is among them already.
    """
    if network.predefined or not world.era.short_id_alias:
        return settings
    names = list(settings.aliases or ())
    hostname = (container.hostname,) if world.era.hostname_in_dns else ()
    for name in (container.short_id, *hostname):
        if name not in names:
            names.append(name)
    return replace(settings, aliases=tuple(names))


def hot_conflict(
    world: World, container: Container, network: Network
) -> Refusal | None:
    """Why this container cannot be on this network as well, or None.

    Networks that are gone, or are not there yet, do not count; the network itself does
    not stand in its own way.
    """
    if network.driver == "host" and container.network_mode != "host":
        return _touches_host(container, network)
    others = [
        world.networks[endpoint.network_id or _id_of(world, endpoint.network)]
        for endpoint in container.endpoints
        if _known(world, endpoint)
    ]
    if network.name in {other.name for other in others}:
        return None
    drivers = {other.driver for other in others}
    if "host" in drivers:
        return _shares_namespace(container, network)
    if "null" in drivers or (network.driver == "null" and others):
        return InvalidParameter(
            "container cannot be connected to multiple networks with one of the "
            "networks in private (none) mode",
            asked=f"connect {container.name} to {network.name}",
            rule="none stands for no network at all",
            remedy="docker network disconnect none first",
        )
    return None


def _id_of(world: World, name: str) -> str:
    named = networks_named(world, name)
    return named[0].id if named else ""


def _known(world: World, endpoint: Endpoint) -> bool:
    known = endpoint.network_id or _id_of(world, endpoint.network)
    return known in world.networks


def _shares_namespace(container: Container, network: Network) -> Refusal:
    return InvalidParameter(
        "container sharing network namespace with another container or host "
        "cannot be connected to any other network",
        asked=f"connect {container.name} to {network.name}",
        rule="it has no network namespace of its own",
        remedy="run it with --network bridge",
    )


def _touches_host(container: Container, network: Network) -> Refusal:
    return InvalidParameter(
        "container cannot be disconnected from host network or connected to "
        "host network",
        asked=f"connect {container.name} to {network.name}, or disconnect it",
        rule="the host's namespace is chosen when a container is created",
        remedy="docker run --network host",
    )


def connect(
    world: World,
    container: Container,
    network: Network,
    request: ConnectRequest,
    now: int,
) -> Outcome:
    """Connect a container to a network; a stopped one joins at its next start.

    A network that the container is connected to already keeps its settings. Odd on
    purpose: a running container whose connecting fails lists the network from then on,
    without an address (to 28).

    Raises:
        InvalidParameter: host, none or container mode stand in the way, a fixed
            address or alias that the network cannot give.

    The outcome carries a refusal when a running container cannot be attached.
    """
    running = container.state.running
    if running and container.network_mode.startswith("container:"):
        raise _shares_namespace(container, network)
    if running:
        check_attachable(world, network, container.name)
    check_settings(network, request.settings)
    refusal = hot_conflict(world, container, network)
    if refusal is not None:
        raise refusal
    settings = with_short_id(world, container, network, request.settings)
    endpoint = Endpoint(network=network.name, settings=settings)
    listed = container
    if container.endpoint_on(network.name) is None:
        listed = with_endpoint(container, endpoint)
    kept = replace(world, containers=world.containers.set(listed.id, listed))
    if not running:
        return Outcome(world=kept)
    try:
        joined = _joined(world, listed, endpoint, network, now)
    except Refusal as refused:
        return Outcome(world=kept, refusal=refused)
    world, container = republish(joined.world, joined.container)
    return Outcome(
        world=replace(world, containers=world.containers.set(container.id, container)),
        events=joined.events,
    )


def promise(world: World, container: Container, name: str) -> Outcome:
    """Note a network that does not exist, for the next start of a stopped container.

    Odd on purpose: only that start asks whether there is such a network.
    """
    if container.endpoint_on(name) is not None:
        return Outcome(world=world)
    kept = with_endpoint(container, Endpoint(network=name))
    return Outcome(world=replace(world, containers=world.containers.set(kept.id, kept)))


def _joined(
    world: World, container: Container, endpoint: Endpoint, network: Network, now: int
) -> Attached:
    """Attach, and name the interface.

    Raises:
        Forbidden: it is connected already, or the address is taken.
        Unclassified: what was asked is no address, or lies outside the subnet.
    """
    place = container.endpoint_on(network.name)
    if place is not None and place.leads_out_as:
        # What somebody connects takes the place of the way out.
        left = shut_in(world, container, now)
        world, container = left.world, left.container
    elif place is not None and place.attached:
        raise already_connected(container, network)
    joined = _named(attach(world, container, endpoint, network, now), network)
    led = led_out(joined.world, joined.container, now)
    return replace(led, events=joined.events + led.events)


def _named(joined: Attached, network: Network) -> Attached:
    endpoint = joined.container.endpoint_on(network.name)
    prefix = network.interface_prefix
    if endpoint is None or not prefix:
        return joined
    return replace(joined, container=name_interface(joined.container, endpoint, prefix))


def disconnect(
    world: World, container: Container, network: Network, now: int
) -> Outcome:
    """Disconnect a container from a network.

    Odd on purpose: every line of /etc/hosts with the container's own name goes, those
    of the networks that it stays on too (20.10); and it is told twice, by the leaving
    of the sandbox and by the call.

    Raises:
        Unclassified: it is not connected.
        InvalidParameter: it runs in the host's namespace.
    """
    endpoint = container.endpoint_on(network.name)
    if endpoint is not None and endpoint.leads_out_as:
        endpoint = None
    running = container.state.running
    if running and container.network_mode == "host" and network.driver == "host":
        raise _touches_host(container, network)
    if endpoint is None or (running and not endpoint.attached):
        raise _not_connected(container, network.name)
    events: tuple[Event, ...] = ()
    if running:
        world, container = withdraw_ports(world, container, endpoint)
        left = detach(world, container, endpoint, now)
        world, container = left.world, left.container
        events = (*left.events, *(e for e in left.events if e.type == "network"))
        container = replace(
            container, hosts=tuple(line for line in container.hosts if not line.own)
        )
    container = replace(
        container,
        endpoints=tuple(e for e in container.endpoints if e.network != network.name),
    )
    if running:
        led = led_out(world, container, now)
        world, container = republish(led.world, led.container)
        events += led.events
    return Outcome(
        world=replace(world, containers=world.containers.set(container.id, container)),
        events=events,
    )


def forget(world: World, container: Container, name: str) -> Outcome:
    """Disconnect a stopped container from a network that does not exist (any more).

    Raises:
        Unclassified: it is not connected.
    """
    if container.endpoint_on(name) is None:
        raise _not_connected(container, name)
    left = tuple(e for e in container.endpoints if e.network != name)
    kept = replace(container, endpoints=left)
    return Outcome(world=replace(world, containers=world.containers.set(kept.id, kept)))


def _not_connected(container: Container, name: str) -> Unclassified:
    """The refusal to disconnect what is not connected."""
    the = "" if container.state.running else "the "
    return Unclassified(
        f"container {container.id} is not connected to {the}network {name}",
        asked=f"disconnect {container.name} from {name}",
        rule="it has no endpoint there",
        remedy="docker inspect " + container.name + " shows its networks",
    )
