"""The logbook of a walk: which decisions are worth a note, and what each is about.

```
 Walk ── decides ──▶ Logbook ── picks the facts ──▶ Notes ── later, in words ──▶ Hop
```

Invariants: writing changes nothing about the way; in a silent logbook nothing is
written; who was asked for once in a conversation is known from then on, on both sides.
"""

from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.packet import phrases
from minidock.packet.fabric import End, Fabric
from minidock.packet.notes import Notes, Words
from minidock.packet.packet import Packet
from minidock.packet.stack import Stack
from minidock.packet.trace import Layer
from minidock.topology.interface import Interface
from minidock.topology.namespace import Route

__all__ = ["Logbook"]


class Logbook:
    """Writes the decisions of one conversation into its notes."""

    __slots__ = ("_fabric", "_met", "_notes")

    def __init__(self, fabric: Fabric, notes: Notes) -> None:
        self._fabric = fabric
        self._notes = notes
        self._met: set[tuple[str, int]] = set()

    def route(self, stack: Stack, route: Route, before: Packet, after: Packet) -> None:
        """Which way a packet goes; a router takes one from its ttl."""
        if not self._notes.silent:
            self._notes.note(
                stack, route.device, Layer.ROUTE,
                phrases.say_route, route, before.target, before=before, after=after,
            )  # fmt: skip

    def local(self, stack: Stack, device: str, packet: Packet) -> None:
        """The packet is for this stack."""
        if not self._notes.silent:
            self._notes.note(
                stack, device, Layer.ROUTE, phrases.say_local, stack, packet.target,
                before=packet, after=packet,
            )  # fmt: skip

    def cut(self, stack: Stack, device: Interface, packet: Packet) -> None:
        """The packet leaves in pieces."""
        if not self._notes.silent:
            self._notes.note(
                stack, device.name, Layer.LINK, phrases.say_cut, packet.size,
                device.mtu, before=packet, after=packet,
            )  # fmt: skip

    def neighbour(
        self,
        stack: Stack,
        device: Interface,
        next_hop: Address,
        found: End,
        packet: Packet,
    ) -> None:
        """Who has the next hop's address: asked for, or known from before."""
        if self._notes.silent:
            return
        met = self._met
        asked = (stack.key, next_hop.value) not in met
        met.add((stack.key, next_hop.value))
        met.add((found.stack.key, packet.source.value))
        self._notes.note(
            stack, device.name, Layer.NEIGHBOUR, self._say_neighbour,
            stack, device, next_hop, found, asked,
            before=packet, after=packet, macs=(device.mac, found.device.mac),
        )  # fmt: skip

    def link(self, start: End, end: End, packet: Packet) -> None:
        """Over a cable, or over the wire outside."""
        if not self._notes.silent:
            self._notes.note(
                start.stack, start.device.name, Layer.LINK, self._say_link,
                start, end, before=packet, after=packet,
            )  # fmt: skip

    def port(self, port: End, target: End, packet: Packet) -> None:
        """Out of which port a bridge sends a frame."""
        if not self._notes.silent:
            self._notes.note(
                port.stack, port.device.master, Layer.BRIDGE, phrases.say_port,
                port.device, target.device.mac, before=packet, after=packet,
            )  # fmt: skip

    def up(self, stack: Stack, bridge: str, packet: Packet) -> None:
        """A bridge hands a frame to its own host."""
        if not self._notes.silent:
            self._notes.note(
                stack, bridge, Layer.BRIDGE, phrases.say_up, stack.devices[bridge],
                before=packet, after=packet,
            )  # fmt: skip

    def wrapped(
        self, tunnel: End, mac: MAC, remote: Address, packet: Packet, outer: Packet
    ) -> None:
        """A frame goes into a tunnel."""
        if not self._notes.silent:
            self._notes.note(
                tunnel.stack, tunnel.device.name, Layer.TUNNEL, phrases.say_wrapped,
                tunnel.device, mac, remote, outer, before=packet, after=outer,
            )  # fmt: skip

    def unwrapped(self, far: End, host: Stack, outer: Packet, packet: Packet) -> None:
        """A frame comes out of a tunnel, as it went in."""
        if not self._notes.silent:
            home = self._fabric.home_of(far.stack)
            place = home.place if home is not None and home is not host else ""
            self._notes.note(
                far.stack, far.device.name, Layer.TUNNEL, phrases.say_unwrapped,
                far.device, place, before=outer, after=packet,
            )  # fmt: skip

    # --- facts that only the words need -----------------------------------------------

    def _say_neighbour(
        self,
        stack: Stack,
        device: Interface,
        next_hop: Address,
        found: End,
        asked: bool,
    ) -> Words:
        answering = self._fabric.answering(stack, device.name, next_hop)
        if answering is not None:
            return phrases.say_answered(answering, next_hop, found)
        heard = len(self._fabric.segment(stack, device.name)) - 1
        return phrases.say_neighbour(device, next_hop, found, heard if asked else 0)

    def _say_link(self, start: End, end: End) -> Words:
        cable = self._fabric.other_end(start.stack, start.device.name) is not None
        return phrases.say_link(start, end, cable)
