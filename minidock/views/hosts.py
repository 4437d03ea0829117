"""Several hosts side by side, and the overlay networks that join them.

```
 ┌ host1 ───────────┐   ┌ host2 ───────────┐
 │ ov ── c2         │   │ ov ── c3         │      a scene each
 └───┬──────────────┘   └───┬──────────────┘
     └── ov: VXLAN, VNI 256 ┘                     a line for each overlay network
```

Hosts whose Worlds are at hand are drawn in full; those that a World knows by its peers
alone are drawn as far as they are known.

Invariants: scenes stand in the order of the hosts and do not overlap; a network has one
line, which touches every host that has a container on it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from minidock.host.peers import OtherHost, other_hosts
from minidock.model.cluster import Peer
from minidock.model.network import Network
from minidock.model.world import World
from minidock.views import pen
from minidock.views.canvas import Scene
from minidock.views.geometry import Label, Point, Role
from minidock.views.layout import place
from minidock.views.measure import plain
from minidock.views.outline import Card, Guest, Net, Outline, Plug
from minidock.views.palette import TUNNEL
from minidock.views.scene import scene
from minidock.views.svg import svg
from minidock.views.text import text

__all__ = [
    "Side",
    "Tunnel",
    "hosts_svg",
    "hosts_text",
    "known_outline",
    "sides",
    "tunnels",
]

_GAP = 24
_LANE = 40
_BOTTOM = 20


class Side(NamedTuple):
    """A host in the drawing."""

    scene: Scene
    vtep: str
    networks: frozenset[str]
    """The ids of the overlay networks that its containers are on."""


class Tunnel(NamedTuple):
    """An overlay network, in words."""

    id: str
    label: str


def sides(worlds: Sequence[World]) -> tuple[Side, ...]:
    """The hosts of some Worlds, and those that the first one knows; O(their sizes)."""
    found = [_side(world) for world in worlds]
    known = {world.cluster.advertise for world in worlds if world.cluster}
    for host in other_hosts(worlds[0]) if worlds else ():
        if host.advertise not in known:
            found.append(_known(worlds[0], host))
    return tuple(found)


def _side(world: World) -> Side:
    networks = {
        endpoint.network_id
        for container in world.containers.values()
        for endpoint in container.endpoints
        if endpoint.attached
    }
    overlays = {n.id for n in world.networks.values() if n.overlay is not None}
    vtep = str(world.cluster.vtep) if world.cluster else ""
    return Side(scene(world), vtep, frozenset(networks & overlays))


def _known(world: World, host: OtherHost) -> Side:
    networks = frozenset(peer.network_id for peer in host.peers)
    return Side(place(known_outline(world, host)), str(host.vtep), networks)


def known_outline(world: World, host: OtherHost) -> Outline:
    """What there is to draw of a host of which only the peers are known."""
    homes: defaultdict[str, list[Peer]] = defaultdict(list)
    containers: defaultdict[str, list[Peer]] = defaultdict(list)
    for peer in host.peers:
        containers[peer.container_id].append(peer)
    for own in containers.values():
        homes[own[0].network_id].append(own[0])
    networks = {peer.network_id for peer in host.peers}
    return Outline(
        host=plain(host.name),
        era=world.era.name,
        cards=(Card(name="eth0", addresses=(str(host.vtep),)),),
        nets=tuple(
            _net(
                network,
                [_guest(world, containers[p.container_id]) for p in homes[network.id]],
            )
            for network in world.networks_in_order()
            if network.id in networks
        ),
    )


def _net(network: Network, guests: Sequence[Guest]) -> Net:
    return Net(
        key=f"network:{network.name}",
        name=plain(network.name),
        driver=plain(network.driver),
        subnets=tuple(str(s.subnet) for s in network.overlay.subnets)
        if network.overlay
        else (),
        internal=network.internal,
        guests=tuple(guests),
    )


def _guest(world: World, peers: Sequence[Peer]) -> Guest:
    first = peers[0]
    return Guest(
        key=f"container:{first.name}",
        name=plain(first.name),
        image=plain(first.image),
        status="running",
        running=True,
        plugs=tuple(
            Plug(
                key=f"interface:{first.name}/eth{number}",
                net=f"network:{world.networks[peer.network_id].name}",
                network=plain(world.networks[peer.network_id].name),
                interface=f"eth{number}",
                addresses=(f"{peer.address}/{peer.length}",),
                attached=True,
            )
            for number, peer in enumerate(peers)
        ),
    )


def tunnels(worlds: Sequence[World]) -> tuple[Tunnel, ...]:
    """The overlay networks of some Worlds, in the order in which they are known."""
    found: dict[str, Network] = {}
    for world in worlds:
        for network in world.networks_in_order():
            if network.overlay is not None:
                found.setdefault(network.id, network)
    return tuple(Tunnel(key, _label(network)) for key, network in found.items())


def _label(network: Network) -> str:
    overlay = network.overlay
    if overlay is None:
        return network.name
    numbers = ", ".join(
        f"{item.subnet} VNI {item.vni}" if item.vni else f"{item.subnet}"
        for item in overlay.subnets
    )
    ends = f"UDP {overlay.data_port}, mtu {overlay.link_mtu}"
    secret = ", encrypted" if overlay.encrypted else ""
    return f"{network.name}: VXLAN, {numbers}, {ends}{secret}"


# --- forms ----------------------------------------------------------------------------


def hosts_text(worlds: Sequence[World], width: int = 80) -> str:
    """The hosts below one another, and the networks that join them, for a terminal."""
    found = sides(worlds)
    parts = [text(side.scene, width) for side in found]
    for tunnel in tunnels(worlds):
        ends = [side.vtep for side in found if tunnel.id in side.networks]
        if len(ends) > 1:
            parts.append(f"{plain(tunnel.label)}\n   {' ══ '.join(ends)}")
    return "\n\n".join(parts)


def hosts_svg(worlds: Sequence[World]) -> str:
    """The hosts side by side, as one self-contained picture; O(its size)."""
    found, networks = sides(worlds), tunnels(worlds)
    joined = [
        tunnel
        for tunnel in networks
        if sum(tunnel.id in side.networks for side in found) > 1
    ]
    lefts = [0]
    for side in found:
        lefts.append(lefts[-1] + side.scene.width + _GAP)
    top = max((side.scene.height for side in found), default=0)
    plural = "" if len(found) == 1 else "s"
    return pen.document(
        (max(lefts[-1] - _GAP, 0), top + _LANE * len(joined) + _BOTTOM),
        _lines(found, joined, lefts, top),
        title=f"{len(found)} Docker host{plural}",
        description=_spoken(found, joined),
        kind="minidock hosts",
    )


def _spoken(found: Sequence[Side], joined: Sequence[Tunnel]) -> str:
    """What a screen reader says: each host, and who is on which tunnel."""
    said = [f"{side.scene.title}. {side.scene.description}" for side in found]
    for tunnel in joined:
        ends = [side.vtep for side in found if tunnel.id in side.networks]
        said.append(f"{tunnel.label} joins {' and '.join(ends)}.")
    return " ".join(said)


def _lines(
    found: Sequence[Side], joined: Sequence[Tunnel], lefts: Sequence[int], top: int
) -> Iterator[str]:
    for left, side in zip(lefts, found, strict=False):
        yield pen.moved(svg(side.scene), Point(left, 0))
    for number, tunnel in enumerate(joined):
        ends = [
            (left + _end(side.scene, number), side)
            for left, side in zip(lefts, found, strict=False)
            if tunnel.id in side.networks
        ]
        yield _tunnel(tunnel, ends, top + _LANE * number + 24)


def _end(scene: Scene, number: int) -> int:
    """Where a tunnel comes out of a host's lower wall: beside the legend below it."""
    host = scene.node("host")
    said = max((s.label.left + s.label.width for s in scene.legend), default=host.x)
    return max(said + 20, host.x + host.width // 2) + 14 * number


def _tunnel(tunnel: Tunnel, ends: Sequence[tuple[int, Side]], bottom: int) -> str:
    first, last = ends[0][0], ends[-1][0]
    parts = [pen.polyline((Point(first, bottom), Point(last, bottom)), TUNNEL, 4)]
    for x, side in ends:
        down = (Point(x, side.scene.node("host").bottom), Point(x, bottom))
        parts.append(pen.polyline(down, TUNNEL, 4))
        parts.append(pen.words(Label(side.vtep, Point(x + 8, bottom - 8), Role.CHIP)))
    middle = Point((first + last) // 2, bottom - 8)
    parts.append(pen.words(Label(tunnel.label, middle, Role.NAME, middle=True)))
    return pen.group(*parts, class_="tunnel", data_network=tunnel.id)
