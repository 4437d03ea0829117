"""Connection tracking: what a kernel remembers of a flow, and how replies are undone.

```
 request  172.17.0.2:40000 > 203.0.113.9:80  ─ MASQUERADE ─▶  192.0.2.2:40000 > ...
                                                  │ remembered
 answer   172.17.0.2:40000 ◀─ undone ─  203.0.113.9:80 > 192.0.2.2:40000
```

The table ``nat`` is asked for the first packet of a flow only. What it said is kept
with the flow and applied to every later packet, the other way round to the answers:
what DNAT changed on the way in is changed back on the way out (POSTROUTING), what SNAT
changed on the way out is changed back on the way in (PREROUTING).

Invariants: a flow is found by its packets of both directions; a packet that was dropped
on its way leaves no memory, since a flow is kept only when it leaves the machine or
reaches a program.

Linux calls it *conntrack*; every namespace has its own.
"""

from dataclasses import dataclass
from typing import NamedTuple

from minidock.net.address import Address
from minidock.packet.packet import Packet

__all__ = ["Connections", "Flow", "Tracked", "flow_of"]


class Flow(NamedTuple):
    """What packets of one direction of a flow have in common; addresses as numbers."""

    protocol: str
    source: int
    source_port: int
    target: int
    target_port: int

    def reversed(self) -> "Flow":
        """The flow of the answers."""
        protocol, source, source_port, target, target_port = self
        return Flow(protocol, target, target_port, source, source_port)


def flow_of(packet: Packet) -> Flow:
    """The flow of a packet; all echo requests between two hosts are one."""
    return Flow(
        packet.protocol,
        packet.source.value,
        packet.source_port,
        packet.target.value,
        packet.target_port,
    )


@dataclass(slots=True)
class Tracked:
    """A flow in the memory of one kernel, from its first packet on."""

    first: Packet
    """The flow's first packet, as it came."""
    destination: tuple[Address, int] | None = None
    """Where DNAT led it, or None."""
    source: tuple[Address, int] | None = None
    """Under which source SNAT sent it on, or None."""
    asked_destination: bool = False
    asked_source: bool = False
    answered: bool = False

    def answers(self) -> Flow:
        """The flow of the answers, as they come to this kernel."""
        first = self.first
        source, port = self.source or (first.source, first.source_port)
        target, target_port = self.destination or (first.target, first.target_port)
        return Flow(first.protocol, target.value, target_port, source.value, port)

    def states(self, *, reply: bool) -> tuple[str, ...]:
        """What rules may ask of it (``--ctstate``)."""
        state = "ESTABLISHED" if reply or self.answered else "NEW"
        if self.destination is None and self.source is None:
            return _PLAIN[state]
        nat = (("SNAT",) if self.source else ()) + (
            ("DNAT",) if self.destination else ()
        )
        return (state, *nat)

    def arriving(self, packet: Packet, *, reply: bool) -> Packet:
        """The packet after PREROUTING or OUTPUT: where it goes is put right."""
        if reply:
            if self.source is None:
                return packet
            return packet.sent_to(self.first.source, self.first.source_port)
        if self.destination is None:
            return packet
        return packet.sent_to(*self.destination)

    def leaving(self, packet: Packet, *, reply: bool) -> Packet:
        """The packet after POSTROUTING or INPUT: whom it comes from is put right."""
        if reply:
            if self.destination is None:
                return packet
            return packet.sent_by(self.first.target, self.first.target_port)
        if self.source is None:
            return packet
        return packet.sent_by(*self.source)


_PLAIN = {"NEW": ("NEW",), "ESTABLISHED": ("ESTABLISHED",)}


class Connections:
    """What one kernel remembers.

    >>> web, db = Address.parse("172.17.0.2"), Address.parse("172.17.0.3")
    >>> asked = Packet(protocol="tcp", source=web, target=db, target_port=80)
    >>> memory = Connections()
    >>> memory.keep(Tracked(asked))
    >>> flow = flow_of(asked)
    >>> memory.find(flow)[1], memory.find(flow.reversed())[1]
    (False, True)
    >>> memory.find(flow._replace(protocol="udp")) is None
    True
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Flow, tuple[Tracked, bool]] = {}

    def find(self, flow: Flow) -> tuple[Tracked, bool] | None:
        """The flow that a packet belongs to, and whether it is an answer; or None."""
        return self._known.get(flow)

    def keep(self, tracked: Tracked) -> None:
        """Remember a flow in both directions; what is known stays."""
        self._known.setdefault(flow_of(tracked.first), (tracked, False))
        self._known.setdefault(tracked.answers(), (tracked, True))
