"""`docker network connect` and `disconnect`, on running and on stopped containers.

```
stopped: only what was asked is noted; it takes effect at the next start
running: attach ──▶ next interface name ──▶ ports move if the default route moved
```

The refusals are those of moby's ``daemon/container_operations.go``.
"""

from dataclasses import dataclass, field, replace

from minidock.commands.endpoints import (
    Attached,
    attach,
    check_settings,
    detach,
    name_interface,
    with_endpoint,
)
from minidock.commands.outcome import Outcome
from minidock.commands.publishing import republish, withdraw_ports
from minidock.errors import (
    Forbidden,
    InvalidParameter,
    NotationError,
    Refusal,
    Unclassified,
)
from minidock.model.container import Container, Endpoint, EndpointSettings
from minidock.model.event import Event
from minidock.model.network import Network
from minidock.model.world import World
from minidock.net.address import Address

__all__ = ["ConnectRequest", "connect", "disconnect", "hot_conflict", "with_short_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectRequest:
    """What `docker network connect` asks for."""

    settings: EndpointSettings = field(default_factory=EndpointSettings)


def with_short_id(
    world: World, container: Container, network: Network, settings: EndpointSettings
) -> EndpointSettings:
    """The settings as inspect lists them: user networks gain the short id as alias.

    So does a host name that was given; a list that names one twice names it once.
    """
    if network.predefined or not world.era.short_id_alias:
        return settings
    names = [*(settings.aliases or ()), container.short_id]
    if container.config.text("Hostname"):
        names.append(container.hostname)
    return replace(settings, aliases=tuple(dict.fromkeys(names)))


def hot_conflict(world: World, container: Container, network: Network) -> Refusal | None:
    """Why this container cannot join this network as well, or None."""
    mode = container.network_mode
    if mode == "host" or mode.startswith("container:"):
        return InvalidParameter(
            "container sharing network namespace with another container or host "
            "cannot be connected to any other network",
            asked=f"connect {container.name} to {network.name}",
            rule="it has no network namespace of its own",
            remedy="run it with --network bridge",
        )
    kinds = {world.networks[e.network_id].driver for e in _known(world, container)}
    if network.driver == "host" or "host" in kinds:
        return InvalidParameter(
            "container cannot be disconnected from host network or connected to "
            "host network",
            asked=f"connect {container.name} to {network.name}",
            rule="the host's namespace is chosen when a container is created",
            remedy="docker run --network host",
        )
    others = [e for e in container.endpoints if e.network != network.name]
    if (network.driver == "null" and others) or "null" in kinds:
        return InvalidParameter(
            "container cannot be connected to multiple networks with one of the "
            "networks in private (none) mode",
            asked=f"connect {container.name} to {network.name}",
            rule="none stands for no network at all",
            remedy="docker network disconnect none first",
        )
    return None


def _known(world: World, container: Container) -> list[Endpoint]:
    return [e for e in container.endpoints if e.network_id in world.networks]


def _check_texts(settings: EndpointSettings) -> None:
    for text, family in ((settings.ipv4, "IPv4"), (settings.ipv6, "IPv6")):
        if not text:
            continue
        try:
            Address.parse(text)
        except NotationError as error:
            # Odd on purpose: the bracket that closes nothing is Docker's.
            raise InvalidParameter(
                f"Invalid {family} address: {text})",
                asked=f"connect with the address {text}",
                rule="it is no address",
                remedy="an address such as 10.9.0.5",
            ) from error


def connect(
    world: World,
    container: Container,
    network: Network,
    request: ConnectRequest,
    now: int,
) -> Outcome:
    """Connect a container to a network; a stopped one joins at its next start.

    Raises:
        InvalidParameter: host, none or container mode stand in the way, a fixed
            address or alias that the network cannot give.
        Forbidden: it is connected already, or the address is taken.
    """
    _check_texts(request.settings)
    settings = with_short_id(world, container, network, request.settings)
    refusal = hot_conflict(world, container, network)
    if refusal is not None and (container.state.running or network.driver == "host"):
        raise refusal
    check_settings(network, request.settings)
    endpoint = Endpoint(network=network.name, settings=settings)
    if not container.state.running:
        kept = with_endpoint(container, endpoint)
        return Outcome(
            world=replace(world, containers=world.containers.set(kept.id, kept))
        )
    if container.endpoint_on(network.name) is not None:
        raise Forbidden(
            f"endpoint with name {container.name} already exists in network "
            f"{network.name}",
            asked=f"connect {container.name} to {network.name}",
            rule="a container has one endpoint on a network",
            remedy=f"docker network disconnect {network.name} {container.name}",
        )
    joined = attach(world, container, endpoint, network, now)
    joined = _named(joined, network)
    world, container = republish(joined.world, joined.container)
    return Outcome(
        world=replace(world, containers=world.containers.set(container.id, container)),
        events=joined.events,
    )


def _named(joined: Attached, network: Network) -> Attached:
    endpoint = joined.container.endpoint_on(network.name)
    if endpoint is None or network.bridge is None:
        return joined
    prefix = network.bridge.interface_prefix
    return replace(
        joined, container=name_interface(joined.container, endpoint, prefix)
    )


def disconnect(
    world: World, container: Container, network: Network, now: int
) -> Outcome:
    """Disconnect a container from a network.

    Odd on purpose: every line of /etc/hosts with the container's own name goes, those of
    the networks that it stays on too (20.10).

    Raises:
        Unclassified: it is not connected.
        InvalidParameter: it runs in the host's namespace.
    """
    endpoint = container.endpoint_on(network.name)
    running = container.state.running
    if running and container.network_mode == "host" and network.driver == "host":
        raise InvalidParameter(
            "container cannot be disconnected from host network or connected to "
            "host network",
            asked=f"disconnect {container.name} from {network.name}",
            rule="the host's namespace is chosen when a container is created",
            remedy="remove the container",
        )
    if endpoint is None:
        the = "" if running else "the "
        raise Unclassified(
            f"container {container.id} is not connected to {the}network "
            f"{network.name}",
            asked=f"disconnect {container.name} from {network.name}",
            rule="it has no endpoint there",
            remedy="docker inspect " + container.name + " shows its networks",
        )
    events: tuple[Event, ...] = ()
    if running:
        world, container = withdraw_ports(world, container, endpoint)
        left = detach(world, container, endpoint, now)
        world, container, events = left.world, left.container, left.events
        container = replace(
            container, hosts=tuple(line for line in container.hosts if not line.own)
        )
    container = replace(
        container,
        endpoints=tuple(e for e in container.endpoints if e.network != network.name),
    )
    if running:
        world, container = republish(world, container)
    return Outcome(
        world=replace(world, containers=world.containers.set(container.id, container)),
        events=events,
    )
