"""Decisions on the way in words, and the table entries that made them.

Invariant: a phrase is made from what decided, so it can be made long after the packet
has passed; entries read as the tool prints them that shows the table (`ip route`,
`ip neigh`, `bridge fdb`).
"""

from minidock.net.address import V4, Address
from minidock.net.mac import MAC
from minidock.packet.fabric import End
from minidock.packet.loss import Cause, Loss
from minidock.packet.notes import Words
from minidock.packet.packet import Packet
from minidock.packet.stack import Stack
from minidock.packet.trace import Layer
from minidock.topology.interface import Interface
from minidock.topology.namespace import Route

__all__ = [
    "lost_in",
    "route_text",
    "say_answered",
    "say_cut",
    "say_link",
    "say_local",
    "say_lost",
    "say_neighbour",
    "say_port",
    "say_route",
    "say_unwrapped",
    "say_up",
    "say_wrapped",
]

_IP_HEADER = 20


def say_route(route: Route, target: Address) -> Words:
    """The way to a target."""
    if route.gateway:
        way = f"to the router {route.gateway} by {route.device}"
    else:
        way = f"{target} is on the link {route.device}"
    return Words(way, route_text(route))


def say_local(stack: Stack, target: Address) -> Words:
    """The target is this stack's own."""
    return Words(
        f"{target} is an address of {stack.place} itself",
        f"local {target} dev {stack.device_of(target)}",
    )


def say_neighbour(
    device: Interface, next_hop: Address, found: End, heard: int
) -> Words:
    """Who answers for the next hop; ``heard`` by how many, 0 for known before."""
    asks = _asking(next_hop)
    if heard > 1:
        text = f"{asks} asks all {heard} on the link for {next_hop}: "
        text += f"{found.stack.place} answers"
    elif heard:
        text = f"{asks} asks for {next_hop}: {found.stack.place} answers"
    else:
        text = f"{next_hop} is {found.stack.place}: known from before"
    return Words(text, f"{next_hop} dev {device.name} lladdr {found.device.mac}")


def _asking(address: Address) -> str:
    return "ARP" if address.family == V4 else "neighbour discovery"


def say_link(start: End, end: End, cable: bool) -> Words:
    """Over a cable, or over the wire outside."""
    there = f"{end.stack.place} {end.device.name}".strip()
    if cable:
        entry = f"{start.device.name}@{end.device.name}"
        return Words(f"over the cable to {there}", entry)
    return Words(f"over the wire to {there}")


def say_port(port: Interface, mac: MAC) -> Words:
    """Out of which port of a bridge."""
    return Words(
        f"{port.master} has learned {mac} behind {port.name}",
        f"{mac} dev {port.name} master {port.master}",
    )


def say_up(bridge: Interface) -> Words:
    """A frame that is for the bridge itself."""
    return Words(
        f"{bridge.name} is the host's own end: the frame goes up to it",
        f"{bridge.mac} dev {bridge.name} master {bridge.name} permanent",
    )


def say_answered(vxlan: End, next_hop: Address, found: End) -> Words:
    """A vxlan answers for an endpoint of another host (``proxy``)."""
    device = vxlan.device
    text = f"{_asking(next_hop)} asks for {next_hop}: {device.name} answers for "
    return Words(
        text + found.stack.place,
        f"{next_hop} dev {device.name} lladdr {found.device.mac} PERMANENT",
    )


def say_wrapped(vxlan: Interface, mac: MAC, remote: Address, outer: Packet) -> Words:
    """A frame becomes the payload of a packet between two VTEPs."""
    return Words(
        f"wrapped for VTEP {remote}: UDP {outer.target_port}, VNI {outer.vni}, "
        f"50 octets more make {outer.size}",
        f"{mac} dev {vxlan.name} dst {remote} self permanent",
    )


def say_unwrapped(vxlan: Interface, place: str) -> Words:
    """A frame comes out at the vxlan with its VNI; of another engine's, at ``place``.

    Engines that share a VTEP could not be told apart by a kernel.
    """
    text = f"unwrapped: VNI {vxlan.vni} is {vxlan.name}"
    if place:
        text += f" of {place}, another engine at this VTEP"
    return Words(f"{text}, 50 octets less", f"{vxlan.name} id {vxlan.vni}")


def say_cut(size: int, mtu: int) -> Words:
    """Into how many fragments (RFC 791, 3.2): each has a header and whole octets of 8.

    >>> say_cut(1400, 1200).decision
    'cut into 2 pieces: 1400 octets do not fit the mtu of 1200'
    """
    room = (mtu - _IP_HEADER) // 8 * 8
    pieces = -(-(size - _IP_HEADER) // room)
    return Words(f"cut into {pieces} pieces: {size} octets do not fit the mtu of {mtu}")


_LOST = {
    Cause.NO_ROUTE: (Layer.ROUTE, "no route to {0.packet.target}"),
    Cause.NO_WAY_BACK: (Layer.ROUTE, "no route to {0.packet.target} out there"),
    Cause.NOT_A_ROUTER: (Layer.ROUTE, "not for {0.stack.place}: it does not forward"),
    Cause.TTL: (Layer.ROUTE, "not forwarded: the ttl of {0.packet.ttl} is used up"),
    Cause.MARTIAN: (Layer.ROUTE, "dropped: a loopback address on a wire"),
    Cause.REVERSE_PATH: (
        Layer.ROUTE,
        "dropped: the way back to {0.packet.source} is not by {0.device}",
    ),
    Cause.OWN_ADDRESS: (
        Layer.ROUTE,
        "dropped: {0.packet.source} is an address of {0.stack.place} itself",
    ),
    Cause.NO_NEIGHBOUR: (Layer.NEIGHBOUR, "{1} asks for {2}: nobody answers"),
    Cause.PARENT: (
        Layer.NEIGHBOUR,
        "{1} asks for {2}: a child of a card and its parent do not hear each other",
    ),
    Cause.DEAF: (
        Layer.NEIGHBOUR,
        "{1} asks for {2}: the answer goes to the child that has this card",
    ),
    Cause.SOLICITATION: (Layer.FIREWALL, "drops even the question who has {2}"),
    Cause.NO_PEER: (Layer.NEIGHBOUR, "{1} asks for {2}: no host is known to have it"),
    Cause.NO_VTEP: (Layer.TUNNEL, "no VTEP for {2}: {0.device} drops the frame"),
    Cause.NO_VNI: (Layer.TUNNEL, "no network here has the VNI {2}"),
    Cause.NOBODY_THERE: (Layer.BRIDGE, "nobody here has the MAC {2}"),
    Cause.TOO_BIG: (
        Layer.LINK,
        "{0.packet.size} octets do not fit the mtu of {2}, and may not be cut",
    ),
    Cause.HAIRPIN: (Layer.BRIDGE, "not back through {2}, the port that it came from"),
}


def lost_in(loss: Loss) -> Layer | None:
    """The layer that lost a packet; None if its hop is written already.

    Rules write their own hops when they decide.
    """
    return _LOST[loss.cause][0] if loss.cause in _LOST else None


def say_lost(loss: Loss) -> Words:
    """How a packet was lost, where no rule decided that."""
    about = loss.detail or loss.packet.target
    text = _LOST[loss.cause][1].format(loss, _asking(loss.packet.target), about)
    return Words(text, loss.stack.text_of(loss.rule) if loss.rule else "")


def route_text(route: Route) -> str:
    """A route as `ip route` shows it, without what the kernel adds for itself.

    >>> from minidock.net.prefix import Prefix
    >>> router = Address.parse("172.17.0.1")
    >>> everything = Prefix.parse("0.0.0.0/0")
    >>> route_text(Route(destination=everything, device="eth0", gateway=router))
    'default via 172.17.0.1 dev eth0'
    """
    target = "default" if route.is_default else str(route.destination)
    via = f" via {route.gateway}" if route.gateway else ""
    source = f" src {route.source}" if route.source else ""
    return f"{target}{via} dev {route.device}{source}"
