"""Through a VXLAN tunnel: a frame is wrapped in UDP, sent to a VTEP, and unwrapped.

```
 br0 ─▶ vxlan0   whose MAC? behind which VTEP?          the FDB of the vxlan
          │      tcp 10.0.0.2:40000 > 10.0.0.3:80 SYN
          ▼ wrap    + 50 octets: IP 20, UDP 8, VXLAN 8, Ethernet 14
        udp 192.0.2.2:51234 > 192.0.2.3:4789, VNI 256    through the host's own stack,
          │                                              its rules, and the wire
          ▼ unwrap  which vxlan here has this VNI?
        vxlan0 ─▶ br0 of the other host
```

The frame inside stays whole, so containers of two hosts are neighbours. The packet
outside is one like any other: it has a route, meets the rules of both hosts, and may be
cut up on its way.

Invariants: a frame never leaves by a tunnel for a MAC that the FDB does not know; what
is lost outside is silence for whoever sent the frame.

Sources: RFC 7348; the kernel's ``drivers/net/vxlan`` (``vxlan_xmit``, ``vxlan_rcv``).
"""

from collections.abc import Callable
from zlib import crc32

from minidock.net.address import Address
from minidock.packet.fabric import End, Fabric
from minidock.packet.logbook import Logbook
from minidock.packet.loss import Arrival, Cause, Loss
from minidock.packet.packet import Packet
from minidock.packet.stack import Stack

__all__ = ["OVERHEAD", "cross", "wrapped"]

OVERHEAD = 50
"""Octets that an IP packet grows by: IP 20, UDP 8, VXLAN 8 and the frame's own 14."""

_FIRST_PORT = 32768
_PORTS = 28232

Send = Callable[[Stack, Packet], Arrival | Loss]


def cross(  # noqa: PLR0917 - where it goes in, for whom, what, and how it is sent
    fabric: Fabric, log: Logbook, send: Send, tunnel: End, target: End, packet: Packet
) -> End | Loss:
    """The tunnel's end on the other host, where the frame comes out; or its loss.

    Args:
        fabric: the stacks and cables.
        log: where the decisions are written down.
        send: what sends the packet outside from a host's stack.
        tunnel: the vxlan that the frame leaves by.
        target: who has the MAC that the frame is for.
        packet: what is in the frame.
    """
    vxlan, mac = tunnel.device, target.device.mac
    remote = fabric.vtep_of(tunnel, mac)
    home = fabric.home_of(tunnel.stack)
    if remote is None or vxlan.vtep is None or home is None:
        detail = str(mac)
        return Loss(Cause.NO_VTEP, tunnel.stack, vxlan.name, packet, detail=detail)
    outer = wrapped(packet, tunnel, remote)
    log.wrapped(tunnel, mac, remote, packet, outer)
    end = send(home, outer)
    if isinstance(end, Loss):
        return end._replace(told=None, carried=packet)
    far = fabric.tunnel_at(end.stack, vxlan, mac, tunnel.stack, remote)
    if far is None:
        return Loss(
            Cause.NO_VNI, end.stack, end.device, end.packet,
            detail=str(vxlan.vni), carried=packet,
        )  # fmt: skip
    log.unwrapped(far, end.stack, end.packet, packet)
    return far


def wrapped(packet: Packet, tunnel: End, remote: Address) -> Packet:
    """The packet outside: UDP between two VTEPs, which may be cut up on its way.

    The port that it comes from is made of what is inside, so that all packets of a
    conversation take the same way (RFC 7348, 5).
    """
    vxlan = tunnel.device
    inside = f"{packet.protocol}{packet.source}{packet.source_port}"
    inside += f"{packet.target}{packet.target_port}"
    return Packet(
        protocol="udp",
        source=vxlan.vtep or remote,
        target=remote,
        source_port=_FIRST_PORT + crc32(inside.encode()) % _PORTS,
        target_port=vxlan.data_port,
        size=packet.size + OVERHEAD,
        may_fragment=True,
        kind="VXLAN",
        vni=vxlan.vni,
    )
