"""One packet's way through a fabric, decision by decision, until it ends.

```
 send ─▶ route ─▶ OUTPUT ─▶ POSTROUTING ─▶ neighbour ─▶ transmit
                                              ▲            │ cable, bridge, wire
                           FORWARD ─▶ POSTROUTING          ▼
                              ▲                         receive ─▶ PREROUTING ─▶ route
                              └───────────── not mine ─────────────────────────────┤
                                             mine ─▶ INPUT ─▶ Arrival ◀────────────┘
```

A bridge whose frames meet iptables (``bridge-nf-call-iptables``, which Docker switches
on) asks PREROUTING, FORWARD and POSTROUTING with the bridge as both interfaces, so a
rule can part two containers of one bridge although nothing is routed between them.

Invariants: a way ends, since every router takes one from the ttl; the order of
decisions is the kernel's (``ip_input.c``, ``ip_forward.c``, ``br_netfilter_hooks.c``).

Cost: O(decisions), some ten a routed hop; the number of rules does not matter (see
:mod:`minidock.firewall.evaluate`).
"""

from dataclasses import replace

from minidock.net.address import V4, V6, Address
from minidock.packet.fabric import End, Fabric
from minidock.packet.hooks import Hook, Hooks
from minidock.packet.logbook import Logbook
from minidock.packet.loss import Arrival, Cause, Loss
from minidock.packet.notes import Notes
from minidock.packet.packet import Packet
from minidock.packet.stack import Stack
from minidock.packet.tunnels import cross
from minidock.topology.interface import Interface, InterfaceKind
from minidock.topology.namespace import Route

__all__ = ["Walk"]

_LOOPBACK = 127
_SOLICITATION = 135
_ALL_SOLICITED = (0xFF02 << 112) | 0x1_FF00_0000


class Walk:
    """Sends packets through a fabric; one object is one conversation.

    What kernels remember of a flow lasts as long as the object, so an answer that is
    sent through the same one finds its way back through NAT.
    """

    __slots__ = ("_fabric", "_hooks", "_log")

    def __init__(self, fabric: Fabric, notes: Notes | None = None) -> None:
        self._fabric = fabric
        notebook = notes or Notes(silent=True)
        self._hooks = Hooks(notebook)
        self._log = Logbook(fabric, notebook)

    def send(
        self, stack: Stack, packet: Packet, *, related: bool = False
    ) -> Arrival | Loss:
        """A program of a stack sends a packet (or its kernel an error about another).

        The packet's source must be one of the stack's addresses.
        """
        self._hooks.leave()
        self._hooks.related = related
        if stack is self._fabric.outside:
            return self._send_from_outside(packet)
        if stack.is_local(packet.target):
            return self._send_to_itself(stack, packet)
        route = self._route(stack, packet)
        if route is None:
            return Loss(Cause.NO_ROUTE, stack, "", packet)
        too_big = self._unfit(stack, route, packet, forwarded=False)
        if too_big is not None:
            return too_big
        changed = self._hooks.run(stack, Hook.OUTPUT, packet, "", route.device)
        if isinstance(changed, Loss):
            return changed
        if changed.target is not packet.target:
            if stack.is_local(changed.target):
                return self._through_loopback(stack, changed)
            route = self._route(stack, changed)
            if route is None:
                return Loss(Cause.NO_ROUTE, stack, "", changed)
        return self._leave(stack, "", route, changed)

    # --- a packet that starts here ----------------------------------------------------

    def _send_to_itself(self, stack: Stack, packet: Packet) -> Arrival | Loss:
        self._log.local(stack, "lo", packet)
        changed = self._hooks.run(stack, Hook.OUTPUT, packet, "", "lo")
        if isinstance(changed, Loss):
            return changed
        if stack.is_local(changed.target):
            return self._through_loopback(stack, changed)
        route = self._route(stack, changed)
        if route is None:
            return Loss(Cause.NO_ROUTE, stack, "", changed)
        if changed.source.is_loopback and not stack.takes_localnet(route.device):
            return Loss(Cause.MARTIAN, stack, route.device, changed)
        return self._leave(stack, "", route, changed)

    def _through_loopback(self, stack: Stack, packet: Packet) -> Arrival | Loss:
        for hook, came_in, goes_out in (
            (Hook.POSTROUTING, "", "lo"),
            (Hook.PREROUTING, "lo", ""),
            (Hook.INPUT, "lo", ""),
        ):
            after = self._hooks.run(stack, hook, packet, came_in, goes_out)
            if isinstance(after, Loss):
                return after
            packet = after
        return Arrival(stack, "lo", packet)

    def _send_from_outside(self, packet: Packet) -> Arrival | Loss:
        stack = self._fabric.outside
        if self._fabric.is_outside(packet.target):
            return Arrival(stack, "", packet)
        route = self._route(stack, packet)
        if route is None:
            return Loss(Cause.NO_WAY_BACK, stack, "", packet)
        return self._leave(stack, "", route, packet)

    # --- a packet that arrives --------------------------------------------------------

    def _receive(self, end: End, packet: Packet) -> Arrival | Loss:
        """A frame for this stack comes in by a device that is no port of a bridge."""
        stack, device = end.stack, end.device.name
        self._hooks.leave()
        after = self._hooks.run(stack, Hook.PREROUTING, packet, device, "")
        if isinstance(after, Loss):
            return after
        return self._input(stack, device, after)

    def _input(self, stack: Stack, device: str, packet: Packet) -> Arrival | Loss:
        """PREROUTING is over: is it for this stack, or to be forwarded?"""
        if stack is self._fabric.outside:
            return self._arrive_outside(device, packet)
        strange = self._strange(stack, device, packet)
        if strange is not None:
            return Loss(strange, stack, device, packet)
        if stack.is_local(packet.target):
            self._log.local(stack, device, packet)
            after = self._hooks.run(stack, Hook.INPUT, packet, device, "")
            if isinstance(after, Loss):
                return after
            return Arrival(stack, device, after)
        return self._forward(stack, device, packet)

    def _arrive_outside(self, device: str, packet: Packet) -> Arrival | Loss:
        stack = self._fabric.outside
        if self._fabric.is_outside(packet.target):
            return Arrival(stack, device, packet)
        route = stack.route(packet.target)
        if len(self._fabric.hosts) > 1 and route and route.device != device:
            # Hosts on different wires: the routers out there lead from one to another.
            self._log.route(stack, route, packet, packet.hopped())
            return self._leave(stack, device, route, packet.hopped())
        return Loss(Cause.NO_WAY_BACK, stack, device, packet)

    def _strange(self, stack: Stack, device: str, packet: Packet) -> Cause | None:
        """Why a packet is not even looked at: addresses that cannot come from there."""
        source, target = packet.source, packet.target
        if source.family == V6:
            return None  # the kernel checks IPv4 only
        loopback = _LOOPBACK in (source.value >> 24, target.value >> 24)
        if loopback and not stack.takes_localnet(device):
            return Cause.MARTIAN
        if stack.has(source):
            return Cause.OWN_ADDRESS
        check = stack.reverse_path(device) if stack.checks_reverse_path else 0
        if check:
            back = stack.route(packet.source)
            if back is None or (check == 1 and back.device != device):
                return Cause.REVERSE_PATH
        return None

    def _forward(self, stack: Stack, device: str, packet: Packet) -> Arrival | Loss:
        if not stack.forwards[packet.source.family]:
            return Loss(Cause.NOT_A_ROUTER, stack, device, packet)
        if packet.ttl <= 1:
            return self._told(Loss(Cause.TTL, stack, device, packet), device)
        fewer = packet.hopped()
        route = self._route(stack, packet, fewer)
        if route is None:
            return self._told(Loss(Cause.NO_ROUTE, stack, device, packet), device)
        too_big = self._unfit(stack, route, packet, forwarded=True)
        if too_big is not None:
            return self._told(too_big, device)
        passed = self._hooks.run(stack, Hook.FORWARD, fewer, device, route.device)
        if isinstance(passed, Loss):
            return passed
        return self._leave(stack, device, route, passed)

    def _told(self, loss: Loss, device: str) -> Loss:
        """The loss at a router, which tells the sender under an address of its own."""
        first = loss.stack.devices[device].first(loss.packet.family)
        return loss._replace(told=first.address if first else None)

    # --- leaving a stack --------------------------------------------------------------

    def _leave(
        self, stack: Stack, came_in: str, route: Route, packet: Packet
    ) -> Arrival | Loss:
        """Through POSTROUTING to the next hop's MAC."""
        device = stack.devices[route.device]
        after = self._hooks.run(stack, Hook.POSTROUTING, packet, "", device.name)
        if isinstance(after, Loss):
            return after
        next_hop = route.gateway or after.target
        found = self._neighbour(stack, device, next_hop, after)
        if isinstance(found, Loss):
            # Errors name the packet as its sender knows it, before NAT.
            lost = found._replace(packet=packet)
            return self._told(lost, came_in) if came_in else lost
        self._log.neighbour(stack, device, next_hop, found, after)
        return self._transmit(End(stack, device), found, after)

    def _unfit(
        self, stack: Stack, route: Route, packet: Packet, *, forwarded: bool
    ) -> Loss | None:
        """The loss of a packet that does not fit through a link; it may be cut up.

        Routers cut IPv4 only, senders cut both (RFC 8200, 4.5).
        """
        mtu = stack.devices[route.device].mtu
        if packet.size <= mtu:
            return None
        if packet.may_fragment and not (forwarded and packet.family == V6):
            self._log.cut(stack, stack.devices[route.device], packet)
            return None
        return Loss(Cause.TOO_BIG, stack, route.device, packet, detail=str(mtu))

    def _neighbour(
        self, stack: Stack, device: Interface, address: Address, packet: Packet
    ) -> End | Loss:
        found = self._fabric.neighbour(stack, device.name, address)
        if found is None:
            cause = Cause.NO_NEIGHBOUR
            if self._fabric.has_tunnel(stack, device.name):
                cause = Cause.NO_PEER
            elif self._fabric.is_relative(stack, device.name, address):
                cause = Cause.PARENT
            elif self._fabric.is_deaf(stack, device.name):
                cause = Cause.DEAF
            return Loss(cause, stack, device.name, packet, detail=str(address))
        if address.family == V6:
            lost = self._solicited(stack, device, address, packet, found)
            if lost is not None:
                return lost
        return found

    def _solicited(
        self,
        stack: Stack,
        device: Interface,
        address: Address,
        packet: Packet,
        found: End,
    ) -> Loss | None:
        """Neighbour discovery is a packet itself, and bridges show it to ip6tables."""
        for host in self._fabric.hosts:
            if host in {stack, found.stack} or not host.bridged_through_iptables[V6]:
                continue
            bridge = self._bridge_between(host, stack, device)
            if not bridge:
                continue
            group = Address(_ALL_SOLICITED | (address.value & 0xFFFFFF), V6)
            question = replace(
                packet,
                protocol="ipv6-icmp",
                target=group,
                source_port=0,
                target_port=0,
                icmp_type=_SOLICITATION,
                kind="neighbour solicitation",
            )
            dropped = self._hooks.passes(host, question, bridge)
            if dropped is not None:
                return Loss(
                    Cause.SOLICITATION, host, bridge, question,
                    rule=dropped.rule, chain="filter FORWARD", detail=str(address),
                )  # fmt: skip
        return None

    def _bridge_between(self, host: Stack, stack: Stack, device: Interface) -> str:
        port = self._fabric.other_end(stack, device.name)
        return port.device.master if port and port.stack is host else ""

    # --- over a link ------------------------------------------------------------------

    def _transmit(self, start: End, target: End, packet: Packet) -> Arrival | Loss:
        """A frame leaves by a device; ``target`` has the MAC that it is for."""
        stack, device = start
        if device.kind is InterfaceKind.BRIDGE:
            return self._out_of_port(stack, device, target, packet)
        other = self._fabric.other_end(stack, device.name)
        if other is None:
            self._log.link(start, target, packet)
            return self._receive(self._fabric.heard_by(target, packet.target), packet)
        self._log.link(start, other, packet)
        if other.device.master:
            return self._bridge(other.stack, other.device, target, packet)
        return self._receive(other, packet)

    def _out_of_port(
        self, stack: Stack, bridge: Interface, target: End, packet: Packet
    ) -> Arrival | Loss:
        """The host itself sends through its bridge."""
        port = self._fabric.other_end(target.stack, target.device.name)
        if port is None or port.stack is not stack:
            return self._tunnel(stack, bridge.name, target, packet)
        self._log.port(port, target, packet)
        self._log.link(port, target, packet)
        return self._receive(target, packet)

    def _bridge(
        self, stack: Stack, port: Interface, target: End, packet: Packet
    ) -> Arrival | Loss:
        """A frame comes in by a port: up to the host, or out of another port."""
        bridge = port.master
        asked = stack.bridged_through_iptables[packet.source.family]
        self._hooks.leave()
        if asked:
            after = self._hooks.run(stack, Hook.PREROUTING, packet, bridge, "")
            if isinstance(after, Loss):
                return after
            if after.target != packet.target:
                return self._led_elsewhere(stack, port, after)
            packet = after
        if target.stack is stack:
            if asked:
                return self._up(stack, bridge, packet)
            self._log.up(stack, bridge, packet)
            return self._receive(End(stack, stack.devices[bridge]), packet)
        return self._switch(stack, port, target, packet)

    def _led_elsewhere(
        self, stack: Stack, port: Interface, packet: Packet
    ) -> Arrival | Loss:
        """DNAT on a bridge: to another port of it, or up to be routed."""
        bridge = port.master
        local = stack.is_local(packet.target)
        route = None if local else stack.route(packet.target)
        if route is None or route.device != bridge:
            return self._up(stack, bridge, packet)
        if packet.target.family == V4 and not stack.forwards[V4]:
            # Odd: nothing is routed here, but newer kernels (seen on 6.18) ask the
            # routing table as if it were, and IPv4 answers routers only.
            return Loss(Cause.NOT_A_ROUTER, stack, bridge, packet)
        found = self._neighbour(stack, stack.devices[bridge], packet.target, packet)
        if isinstance(found, Loss):
            return found
        return self._switch(stack, port, found, packet)

    def _up(self, stack: Stack, bridge: str, packet: Packet) -> Arrival | Loss:
        """PREROUTING is over, and the bridge hands the frame to its own host.

        Odd: only now IPv6 looks whether a loopback address came over a wire, and so it
        meets ::1 where NAT has just put it back (RFC 4291, 2.5.3).
        """
        self._log.up(stack, bridge, packet)
        if packet.target.family == V6 and packet.target.is_loopback:
            return Loss(Cause.MARTIAN, stack, bridge, packet)
        return self._input(stack, bridge, packet)

    def _switch(
        self, stack: Stack, port: Interface, target: End, packet: Packet
    ) -> Arrival | Loss:
        """From one port of a bridge to another."""
        bridge = port.master
        out = self._fabric.other_end(target.stack, target.device.name)
        if out is None or out.stack is not stack:
            if port.kind is InterfaceKind.VXLAN:
                mac = str(target.device.mac)
                return Loss(Cause.NOBODY_THERE, stack, bridge, packet, detail=mac)
            return self._tunnel(stack, bridge, target, packet)
        if out.device.name == port.name and not port.hairpin:
            return Loss(Cause.HAIRPIN, stack, bridge, packet, detail=port.name)
        if packet.size > out.device.mtu and not packet.may_fragment:
            return Loss(
                Cause.TOO_BIG, stack, bridge, packet, detail=str(out.device.mtu)
            )
        if stack.bridged_through_iptables[packet.source.family]:
            for hook in (Hook.FORWARD, Hook.POSTROUTING):
                came_in = bridge if hook is Hook.FORWARD else ""
                after = self._hooks.run(stack, hook, packet, came_in, bridge)
                if isinstance(after, Loss):
                    return after
                packet = after
        self._log.port(out, target, packet)
        self._log.link(out, target, packet)
        return self._receive(target, packet)

    def _tunnel(
        self, stack: Stack, bridge: str, target: End, packet: Packet
    ) -> Arrival | Loss:
        """Out of the port that leads to other hosts, and in at one of them."""
        tunnel = self._fabric.tunnel_of(stack, bridge)
        if tunnel is None:
            return Loss(Cause.NO_NEIGHBOUR, stack, bridge, packet)
        mtu = tunnel.device.mtu
        if packet.size > mtu and not packet.may_fragment:
            return Loss(Cause.TOO_BIG, stack, bridge, packet, detail=str(mtu))
        self._log.port(tunnel, target, packet)
        related = self._hooks.related
        far = cross(self._fabric, self._log, self.send, tunnel, target, packet)
        self._hooks.related = related
        if isinstance(far, Loss):
            return far
        return self._bridge(far.stack, far.device, target, packet)

    def _route(
        self, stack: Stack, packet: Packet, after: Packet | None = None
    ) -> Route | None:
        route = stack.route(packet.target)
        if route is not None:
            self._log.route(stack, route, packet, after or packet)
        return route
