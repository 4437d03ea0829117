"""The tunnels between the hosts of a fabric: who answers for whom, and who is behind.

```
 eth0 ── br0's segment ── vxlan0 ── neighbours   10.0.0.3 is 02:42:0a:00:00:03
                                 ── FDB          02:42:0a:00:00:03 behind 192.0.2.3
 (UDP 4789, VNI 256) at 192.0.2.3 ──▶ the vxlan of that number there, and its segment
```

Whom a frame is for is known by its MAC alone: a host's entries may be wrong, and then
nobody is there. Engines on one computer may share a VTEP (127.0.0.1); a kernel has one
network of a number and so could not run them. Here the MAC tells which of them is
meant, so that a cluster of several engines on one computer can be tried.

Invariant: nothing changes after all sites were added.
"""

from dataclasses import dataclass, field

from minidock.net.address import Address
from minidock.net.mac import MAC
from minidock.packet.parts import End
from minidock.packet.stack import Stack
from minidock.topology.interface import Interface, InterfaceAddress, InterfaceKind
from minidock.topology.namespace import Namespace

__all__ = ["Overlays"]

_Number = tuple[int, int, int]
"""What tells networks apart at a host: its VTEP, the UDP port, and the VNI."""


@dataclass(slots=True)
class Overlays:
    """See the module's picture; made by a fabric while it adds its sites."""

    homes: dict[str, Stack] = field(default_factory=dict)
    """The host of an overlay network's namespace, by the namespace's key."""
    bridges: dict[tuple[str, str], End] = field(default_factory=dict)
    """The tunnel of a bridge, by the stack's key and the bridge's name."""
    _addresses: set[Address] = field(default_factory=set)
    _near: dict[tuple[str, str], End] = field(default_factory=dict)
    _arp: dict[tuple[str, str], dict[Address, MAC]] = field(default_factory=dict)
    _vteps: dict[tuple[str, str], dict[MAC, Address]] = field(default_factory=dict)
    _ends: dict[_Number, list[End]] = field(default_factory=dict)
    _members: dict[tuple[str, str], dict[MAC, End]] = field(default_factory=dict)

    def add(self, home: Stack, stack: Stack) -> None:
        """Note the tunnels of an overlay network's namespace on a host."""
        self.homes[stack.key] = home
        for device in stack.devices.values():
            if device.kind is not InterfaceKind.VXLAN or device.vtep is None:
                continue
            key, tunnel = (stack.key, device.name), End(stack, device)
            self.bridges[stack.key, device.master] = tunnel
            self._arp[key] = {}
            self._vteps[key] = {}
            number = (device.vtep.value, device.data_port, device.vni)
            self._ends.setdefault(number, []).append(tunnel)
        for near in stack.space.neighbours:
            self._arp.get((stack.key, near.device), {})[near.address] = near.mac
        for entry in stack.space.fdb:
            if entry.remote is not None:
                table = self._vteps.get((stack.key, entry.device), {})
                table[entry.mac] = entry.remote

    def plug(self, stack: Stack, bridge: str, members: tuple[End, ...]) -> None:
        """Note who is on the segment of a bridge that has a tunnel."""
        tunnel = self.bridges.get((stack.key, bridge))
        if tunnel is None:
            return
        own = {end.device.mac: end for end in members}
        self._members[stack.key, tunnel.device.name] = own
        for end in members:
            self._addresses |= {own.address for own in end.device.addresses}
            self._near[end.stack.key, end.device.name] = tunnel

    def has(self, address: Address) -> bool:
        """Whether somebody on an overlay network has an address."""
        return address in self._addresses

    def near(self, stack: Stack, device: str) -> End | None:
        """The tunnel on the segment of a device."""
        return self._near.get((stack.key, device))

    def mac_of(self, tunnel: End, address: Address) -> MAC | None:
        """The MAC that a tunnel answers with for an address of another host."""
        return self._arp[tunnel.stack.key, tunnel.device.name].get(address)

    def vtep_of(self, tunnel: End, mac: MAC) -> Address | None:
        """Behind which VTEP a MAC is, by the tunnel's forwarding database."""
        return self._vteps[tunnel.stack.key, tunnel.device.name].get(mac)

    def owner_of(self, tunnel: End, mac: MAC, address: Address) -> End:
        """Who has a MAC at the other ends of a tunnel, or somebody who is not there."""
        remote = self.vtep_of(tunnel, mac)
        for far in self._candidates(tunnel, remote):
            found = self._members[far.stack.key, far.device.name].get(mac)
            if found is not None:
                return found
        return _nobody(mac, address)

    def _candidates(self, tunnel: End, remote: Address | None) -> list[End]:
        if remote is None:
            return []
        number = (remote.value, tunnel.device.data_port, tunnel.device.vni)
        found = self._ends.get(number, [])
        return [far for far in found if far.stack is not tunnel.stack]

    def tunnel_at(
        self, host: Stack, vxlan: Interface, mac: MAC, sender: Stack, vtep: Address
    ) -> End | None:
        """Where a frame comes out at a host: the vxlan of its number, if there is one.

        Among engines that share the VTEP it is the one that has the MAC.
        """
        number = (vtep.value, vxlan.data_port, vxlan.vni)
        found = self._ends.get(number, [])
        others = [far for far in found if far.stack is not sender]
        here = [far for far in others if self.homes[far.stack.key] is host]
        for far in (*here, *others):
            if mac in self._members[far.stack.key, far.device.name]:
                return far
        return here[0] if here else None


def _nobody(mac: MAC, address: Address) -> End:
    """Somebody who was known to be there, and is not."""
    eth0 = Interface(
        name="eth0",
        index=2,
        kind=InterfaceKind.VETH,
        mac=mac,
        addresses=(InterfaceAddress(address=address, length=address.bits),),
    )
    space = Namespace(name=f"nobody at {address}", owner=str(address))
    return End(Stack(space, str(address), {}), eth0)
