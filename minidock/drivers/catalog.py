"""Which driver a word means: the factory, alone in its file."""

from minidock.drivers.base import Driver
from minidock.drivers.bridge import BridgeDriver
from minidock.drivers.host import HostDriver
from minidock.drivers.ipvlan import IpvlanDriver
from minidock.drivers.macvlan import MacvlanDriver
from minidock.drivers.null import NullDriver
from minidock.drivers.overlay import OverlayDriver
from minidock.errors import NotFound, Unclassified

__all__ = ["driver_named", "is_built_in", "not_a_manager"]

_DRIVERS: dict[str, Driver] = {
    driver.name: driver
    for driver in (
        BridgeDriver(),
        HostDriver(),
        IpvlanDriver(),
        MacvlanDriver(),
        NullDriver(),
        OverlayDriver(),
    )
}


def not_a_manager() -> Unclassified:
    """The refusal of what only a swarm manager can do."""
    return Unclassified(
        'This node is not a swarm manager. Use "docker swarm init" or '
        '"docker swarm join" to connect this node to swarm and try again.',
        asked="create a network that spans hosts",
        rule="an overlay network spans hosts, which a swarm or a store coordinates",
        remedy="docker network create --driver bridge NAME",
    )


def is_built_in(name: str) -> bool:
    """Whether there is a driver of that name without any plugin; none means bridge."""
    return (name or "bridge") in _DRIVERS


def driver_named(name: str) -> Driver:
    """The driver of that name; none given means bridge.

    >>> driver_named("").name
    'bridge'
    >>> driver_named("nosuch")
    Traceback (most recent call last):
    ...
    minidock.errors.NotFound: plugin "nosuch" not found
    """
    driver = _DRIVERS.get(name or "bridge")
    if driver is not None:
        return driver
    known = ", ".join(sorted(_DRIVERS))
    raise NotFound(
        f'plugin "{name}" not found',
        asked=f"use the network driver {name}",
        rule="a driver is built in or comes from a plugin; there is none of that name",
        remedy=f"one of the built-in drivers: {known}",
    )
