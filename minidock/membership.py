"""How an engine becomes a host of a cluster: what it advertises, and to which registry.

```
--cluster-store etcd://127.0.0.1:2379      which registry                  open_store
--cluster-advertise 192.0.2.11:2376        where others find this host     advertised
                    eth0:2376              the same, by its card
                                           its VTEP is that address        host_at
```

The flags are dockerd's, of the time when hosts shared a key-value store (to 22.06).
Nobody connects to what a simulated host advertises; it only has to differ from those of
the others. So a host may advertise an address that its card does not have yet: then the
card gets it.

Invariant: two hosts of a cluster never advertise the same.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from minidock.errors import Conflict, InvalidParameter, NotationError
from minidock.host.listening import listening
from minidock.model.cluster import Node
from minidock.model.container import Container
from minidock.model.daemon import DaemonOptions
from minidock.model.host import HostFacts, HostInterface, HostRoute
from minidock.model.world import World
from minidock.net.address import V4, Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.overlay.session import TTL, Session, never_waits, stands_still
from minidock.registry.heartbeat import Heartbeat, monotonic, wait_a_little
from minidock.registry.store import Store
from minidock.registry.urls import open_store

__all__ = [
    "Advertised",
    "Membership",
    "advertised",
    "cannot_fork",
    "cannot_go_back",
    "daemon_words",
    "host_at",
    "node_of",
]

_PORT = 2376
_BEAT = 1.0
"""Seconds between two renewals, or two tries to reach a store that did not answer."""


class Advertised(NamedTuple):
    """What a host advertises: ``host:port``, and the address that is its VTEP."""

    text: str
    vtep: Address


def daemon_words(registry: str, advertise: str) -> tuple[str, ...]:
    """The flags that say the same."""
    words = (f"--cluster-store={registry}",) if registry else ()
    return (*words, f"--cluster-advertise={advertise}") if advertise else words


def advertised(options: DaemonOptions, host: HostFacts) -> Advertised | None:
    """What the flags say that this host advertises; None: it is in no cluster.

    Raises:
        InvalidParameter: only one of the two flags is there, or it cannot be read.

    >>> from minidock.model.daemon import daemon_options
    >>> from minidock.model.host import sample_host
    >>> flags = ["--cluster-store=etcd://h:2379", "--cluster-advertise=eth0:2376"]
    >>> advertised(daemon_options(flags), sample_host()).text
    '192.0.2.2:2376'
    >>> advertised(daemon_options(flags[1:]), sample_host())
    Traceback (most recent call last):
    ...
    minidock.errors.InvalidParameter: invalid cluster configuration. \
--cluster-advertise must be accompanied by --cluster-store configuration
    """
    store, text = options.cluster_store, options.cluster_advertise
    if not store and not text:
        return None
    if not store:
        raise InvalidParameter(
            "invalid cluster configuration. --cluster-advertise must be accompanied "
            "by --cluster-store configuration",
            asked=f"--cluster-advertise={text}",
            rule="hosts advertise themselves in the registry that they share",
            remedy=f"--cluster-store=etcd://127.0.0.1:2379 --cluster-advertise={text}",
        )
    if not text:
        text = f"{_first_card(host)}:{_PORT}"
    name, colon, port = text.rpartition(":")
    if not colon:
        name, port = text, str(_PORT)
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise _unreadable(text, f"{port!r} is no port from 1 to 65535")
    address = _address(name.strip("[]"), text, host)
    shown = f"[{address}]" if address.family != V4 else str(address)
    return Advertised(f"{shown}:{int(port)}", address)


def _first_card(host: HostFacts) -> str:
    return host.interfaces[0].name if host.interfaces else "lo"


def _address(name: str, text: str, host: HostFacts) -> Address:
    try:
        return Address.parse(name)
    except NotationError:
        pass
    for card in host.interfaces:
        if card.name == name and card.addresses:
            return card.addresses[0][0]
    cards = ", ".join(card.name for card in host.interfaces)
    raise _unreadable(text, f"{name!r} is no address and no interface ({cards})")


def _unreadable(text: str, rule: str) -> InvalidParameter:
    return InvalidParameter(
        f"discovery advertise parsing failed ({text!r}): {rule}",
        asked=f"--cluster-advertise={text}",
        rule=rule,
        remedy="--cluster-advertise=192.0.2.11:2376, or eth0:2376",
    )


def host_at(host: HostFacts, vtep: Address) -> HostFacts:
    """The host, with a card that has this address: its first one, if none has."""
    if vtep.is_loopback or vtep.family != V4 or not host.interfaces:
        return host
    if any(
        address == vtep for card in host.interfaces for address, _ in card.addresses
    ):
        return host
    first, *others = host.interfaces
    length = next((n for a, n in first.addresses if a.family == V4), 24)
    kept = tuple(item for item in first.addresses if item[0].family != V4)
    mac = MAC(first.mac.value & ~0xFF | vtep.value & 0xFF)  # no two on one wire
    card = replace(first, addresses=((vtep, length), *kept), mac=mac)
    subnet = Prefix.of(vtep, length)
    routes = tuple(_moved(route, first, vtep, subnet) for route in host.routes)
    return replace(
        host,
        hostname=f"{host.hostname}-{vtep.value & 0xFF}",
        interfaces=(card, *others),
        routes=routes,
    )


def _moved(
    route: HostRoute, card: HostInterface, vtep: Address, subnet: Prefix
) -> HostRoute:
    """A route of the card whose address has changed."""
    if route.device != card.name:
        return route
    if route.destination is None or route.gateway is not None:
        gateway = route.gateway
        if gateway is not None and gateway not in subnet:
            gateway = subnet.address(1)
        return replace(route, gateway=gateway)
    if route.kernel and route.destination.family == V4:
        return replace(route, destination=subnet, source=vtep)
    return route


def node_of(host: HostFacts, place: Advertised) -> Node:
    """The host as others are told of it."""
    return Node(advertise=place.text, hostname=host.hostname, vtep=place.vtep)


class Membership:
    """A host's session, and what it needs of the world outside.

    With a URL the store is opened here, time is real, and the lease is renewed in a
    thread. With a store nothing happens by itself: whoever has the store has the clock.

    Args:
        registry: the store or its URL.
        node: this host.
        identity: who it is, over restarts.
        ttl: how long its lease lasts, seconds.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        registry: Store | str,
        node: Node,
        *,
        identity: str,
        ttl: float = TTL,
        clock: Callable[[], float] | None = None,
    ) -> None:
        named = isinstance(registry, str)
        self.store = open_store(registry) if isinstance(registry, str) else registry
        self._opened = named
        self.session = Session(
            self.store,
            node,
            identity=identity,
            ttl=ttl,
            listening=_told_listening,
            alone=named,
            clock=clock or (monotonic if named else stands_still),
            pause=wait_a_little if named else never_waits,
        )
        self._heart = Heartbeat(self.session.beat, _BEAT) if named else None

    def close(self, *, leave: bool = True) -> None:
        """End the session; see :meth:`minidock.overlay.session.Session.close`."""
        if self._heart is not None:
            self._heart.stop()
        self.session.close(leave=leave)
        if self._opened:
            self.store.close()


def _told_listening(world: World, container: Container) -> tuple[tuple[str, int], ...]:
    """What other hosts are told that a container listens on."""
    found = listening(world, container)
    ports = {
        (item.protocol, item.port) for item in found if not _is_private(item.address)
    }
    return tuple(sorted(ports))


def _is_private(address: Address | None) -> bool:
    return address is not None and address.is_loopback


def cannot_go_back() -> Conflict:
    """Why a host of a cluster has no undo."""
    return Conflict(
        "a host of a cluster cannot go back",
        asked="undo the last change",
        rule="other hosts have acted on what this one did",
        remedy="docker rm, docker network rm: the opposite of what was done",
    )


def cannot_fork() -> Conflict:
    """Why a host of a cluster is there once."""
    return Conflict(
        "a host of a cluster cannot be forked",
        asked="another engine that begins where this one stands",
        rule="the others know of one host at this address, not of two",
        remedy="fork an engine that has no registry",
    )
