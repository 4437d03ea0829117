"""What there is to draw of a World, in words and in order; no coordinates yet.

```
Outline docker-host ── cards            eth0 192.0.2.2/24, and the router outside
└─ Net app            172.18.0.0/16     bridge device, gateway, way out
   └─ Guest web       nginx, running    drawn once, at its home network
      ├─ Plug eth0    172.18.0.2/16     one per network: the cable and its veth
      ├─ Port 80/tcp  0.0.0.0:8080      published on the host
      └─ Guest side                     uses web's namespace (container:web)
```

The tree is what a terminal shows; the picture gives its parts places
(:mod:`minidock.views.layout`), Mermaid lets a browser do so.

Invariants: every container is one guest; its home is the network that its ports are
published through, else its first one; keys are unique in an outline, and the same for
the same thing in the next World, so that two pictures can be compared.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from minidock.model.container import Container, Endpoint
from minidock.model.host import HostFacts
from minidock.model.network import Network, NetworkPool, ParentLink
from minidock.model.world import World
from minidock.naming.hosts import sandbox_owner
from minidock.net.address import V4, V6
from minidock.views.measure import plain
from minidock.views.published import Port, published

__all__ = ["Card", "Guest", "Net", "Outline", "Plug", "outline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One of the host's own interfaces, and the routers behind it."""

    name: str
    addresses: tuple[str, ...] = ()
    routers: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name in a scene."""
        return f"card:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plug:
    """A container's place on one network; ``veth`` is the host's end of its cable."""

    key: str
    net: str
    network: str
    interface: str = ""
    addresses: tuple[str, ...] = ()
    veth: str = ""
    attached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A container, where it is at home; ``guests`` share its network namespace."""

    key: str
    name: str
    image: str
    status: str
    running: bool
    plugs: tuple[Plug, ...] = ()
    ports: tuple[Port, ...] = ()
    guests: tuple["Guest", ...] = ()
    shares: str = ""
    """The name of the container whose namespace it uses, if not its own."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is unusual about it, in a few words."""
        waiting = [plug.network for plug in self.plugs if not plug.attached]
        shares = f"shares {self.shares}'s stack" if self.shares else ""
        status = "" if self.status == "running" else self.status
        waits = f"starts on {', '.join(waiting)}" if waiting else ""
        return tuple(filter(None, (shares, status, waits)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """A network and the containers that are at home there.

    ``way_out`` says how packets leave: by "masquerade", "routed", "direct" (the host's
    own stack, or its card's wire), or "" where they do not.
    """

    key: str
    name: str
    driver: str
    subnets: tuple[str, ...] = ()
    device: str = ""
    parent: str = ""
    """The interface of the host whose wire its containers use, if not a bridge."""
    card: str = ""
    """The key of the card that the parent is, or is a VLAN on."""
    gateways: tuple[str, ...] = ()
    internal: bool = False
    way_out: str = ""
    notes: tuple[str, ...] = ()
    guests: tuple[Guest, ...] = ()

    def everyone(self) -> Iterator[Guest]:
        """Its guests, each followed by those that share its namespace."""
        for guest in self.guests:
            yield guest
            yield from guest.guests


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One Docker host as a tree; see the module's picture."""

    host: str
    era: str
    cards: tuple[Card, ...]
    nets: tuple[Net, ...]

    def guests(self) -> Iterator[Guest]:
        """Every container, in the order in which it is drawn."""
        for net in self.nets:
            yield from net.everyone()


_BARE = frozenset({"host", "null"})
"""Drivers without interfaces: their networks are drawn where a container uses them."""

NOWHERE = Net(
    key="network~nowhere",
    name="no network",
    driver="",
    notes=("connected to nothing",),
)


def outline(world: World, *, stopped: bool = True) -> Outline:
    """What there is to draw of a World; O(n log n).

    Args:
        world: the World to draw.
        stopped: whether containers that do not run are shown.
    """
    keys = _keys(world)
    shown = [c for c in world.containers_in_order() if stopped or c.state.running]
    there = {container.id for container in shown}
    sharing: defaultdict[str, list[Guest]] = defaultdict(list)
    homes: defaultdict[str, list[Guest]] = defaultdict(list)
    # Guests of guests first: whoever shares a namespace is drawn with its owner.
    for container in shown:
        owner = sandbox_owner(world, container).id
        if owner != container.id and owner in there:
            sharing[owner].append(_guest(world, container, keys))
    for container in shown:
        owner = sandbox_owner(world, container).id
        if owner == container.id or owner not in there:
            guest = _guest(world, container, keys)
            within = tuple(sharing[container.id])
            homes[_home(container, keys)].append(replace(guest, guests=within))
    return Outline(
        host=plain(world.host.hostname),
        era=world.era.name,
        cards=tuple(_cards(world.host)),
        nets=tuple(_nets(world, keys, homes)),
    )


# --- networks -------------------------------------------------------------------------


class _Keys(NamedTuple):
    """How networks are called in an outline, by id and by name."""

    by_id: dict[str, str]
    by_name: dict[str, str]

    def of(self, endpoint: Endpoint) -> str:
        """The endpoint's network; one that was never attached knows only its name."""
        named = self.by_name.get(endpoint.network, "")
        return self.by_id.get(endpoint.network_id, named)


def _keys(world: World) -> _Keys:
    """By name, and by id too where an older era lets two networks share a name."""
    times = Counter(network.name for network in world.networks.values())
    by_id = {
        network.id: f"network:{network.name}"
        if times[network.name] == 1
        else f"network:{network.name}~{network.id[:12]}"
        for network in world.networks.values()
    }
    oldest = reversed(list(world.networks_in_order()))
    return _Keys(by_id, {network.name: by_id[network.id] for network in oldest})


def _nets(world: World, keys: _Keys, homes: Mapping[str, list[Guest]]) -> Iterator[Net]:
    for network in sorted(world.networks_in_order(), key=_last):
        key = keys.by_id[network.id]
        net = _net(network, key, tuple(homes.get(key, ())))
        # Every host has the networks host and none: without a container they only fill.
        if network.driver not in _BARE or net.guests:
            yield net
    if homes.get(NOWHERE.key):
        yield replace(NOWHERE, guests=tuple(homes[NOWHERE.key]))


def _last(network: Network) -> int:
    return {"host": 1, "null": 2}.get(network.driver, 0)


def _net(network: Network, key: str, guests: tuple[Guest, ...]) -> Net:
    pools = [*network.pools_of(V4), *network.pools_of(V6)]
    bridge, parent = network.bridge, network.parent
    return Net(
        key=key,
        name=plain(network.name),
        driver=plain(network.driver),
        subnets=tuple(str(pool.subnet) for pool in pools),
        device=bridge.name if bridge else "",
        parent=parent.name if parent else "",
        card=_card_of(parent) if parent else "",
        gateways=tuple(str(pool.gateway) for pool in pools if _standing(network, pool)),
        internal=network.internal,
        way_out=_way_out(network),
        notes=tuple(_notes(network)),
        guests=guests,
    )


def _standing(network: Network, pool: NetworkPool) -> bool:
    """Whether the bridge holds the gateway's address."""
    bridge = network.bridge
    if network.parent is not None:
        return False  # it is the address of a router on the wire
    if bridge is None or pool.gateway is None:
        return pool.gateway is not None
    if pool.subnet.family == V6:
        return bridge.gateway_mode_ipv6 != "isolated"
    return not bridge.inhibit_ipv4 and bridge.gateway_mode_ipv4 != "isolated"


def _way_out(network: Network) -> str:
    bridge = network.bridge
    if network.driver == "host" or (network.parent and _card_of(network.parent)):
        return "direct"
    if bridge is None or network.internal or bridge.gateway_mode_ipv4 == "isolated":
        return ""
    nat = bridge.masquerade and bridge.gateway_mode_ipv4 in {"nat", "nat-unprotected"}
    return "masquerade" if nat else "routed"


def _card_of(parent: ParentLink) -> str:
    """The key of the card behind a parent; a dummy has none."""
    made = parent.made
    name = parent.name if made is None else made.below
    return f"card:{name}" if name else ""


def _notes(network: Network) -> Iterator[str]:
    if network.parent is not None:
        yield f"on {network.parent.name}, mode {network.parent.mode}"
        if not _card_of(network.parent):
            yield "a dummy: no way out"
    if network.driver == "host":
        yield "the host's own stack"
    if network.driver == "null":
        yield "only lo inside"
    if network.internal:
        yield "internal: no way out"
    if network.bridge and not network.bridge.icc:
        yield "icc off: no talk inside"


# --- containers -----------------------------------------------------------------------


def _guest(world: World, container: Container, keys: _Keys) -> Guest:
    owner = sandbox_owner(world, container)
    own = owner.id == container.id
    key = f"container:{container.name}"
    return Guest(
        key=key,
        name=plain(container.name),
        image=plain(container.image),
        status=container.state.status,
        running=container.state.running,
        plugs=tuple(_plugs(world, container, keys)) if own else (),
        ports=tuple(published(container)),
        shares="" if own else plain(owner.name),
    )


def _home(container: Container, keys: _Keys) -> str:
    ranked = sorted(
        (item for item in container.endpoints if keys.of(item)),
        key=lambda item: (not item.mappings, not item.attached),
    )
    return keys.of(ranked[0]) if ranked else NOWHERE.key


def _plugs(world: World, container: Container, keys: _Keys) -> Iterator[Plug]:
    for endpoint in container.endpoints:
        network = world.networks.get(endpoint.network_id)
        net = keys.of(endpoint)
        # The networks host and none have endpoints but no interfaces.
        if not net or (network is not None and network.driver in _BARE):
            continue
        yield Plug(
            key=f"interface:{container.name}/{endpoint.interface or endpoint.network}",
            net=net,
            network=plain(endpoint.network),
            interface=endpoint.interface,
            addresses=tuple(_addresses(endpoint)),
            veth=endpoint.host_interface if endpoint.attached else "",
            attached=endpoint.attached,
        )


def _addresses(endpoint: Endpoint) -> Iterator[str]:
    if endpoint.address is not None:
        yield f"{endpoint.address}/{endpoint.length}"
    if endpoint.address6 is not None:
        yield f"{endpoint.address6}/{endpoint.length6}"


# --- the host -------------------------------------------------------------------------


def _cards(host: HostFacts) -> Iterator[Card]:
    for item in host.interfaces:
        routers = (r.gateway for r in host.routes if r.device == item.name)
        yield Card(
            name=item.name,
            addresses=tuple(
                f"{address}/{length}" for address, length in item.addresses
            ),
            routers=tuple(dict.fromkeys(str(r) for r in routers if r is not None)),
        )
