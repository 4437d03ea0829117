"""A trace as plain JSON, for programs; people read :mod:`minidock.views.trace_text`.

```
{"source": "web", "target": "db:6379", "outcome": "delivered", ...,
 "hops": [{"number": 1, "place": "web", "layer": "name", "decision": ...,
           "before": null, "after": {"protocol": "tcp", ...}, "changed": []}]}
```

Invariants: every object of a kind has the same keys in the same order, and null where
there is nothing; every field of a packet, hop and trace is there.
"""

from minidock.model.document import Json
from minidock.packet.packet import Packet
from minidock.packet.trace import Hop, Trace
from minidock.views.changes import changed_fields

__all__ = ["packet_json", "trace_json"]


def trace_json(trace: Trace) -> dict[str, Json]:
    """The trace as plain JSON; O(its size).

    >>> from minidock.packet.trace import Outcome
    >>> lost = Trace(source="web", target="bd", protocol="icmp", why="No such name.",
    ...              outcome=Outcome.UNREACHABLE)
    >>> trace_json(lost)["outcome"], trace_json(lost)["hops"]
    ('unreachable', [])
    """
    return {
        "source": trace.source,
        "target": trace.target,
        "protocol": trace.protocol,
        "outcome": str(trace.outcome),
        "delivered": trace.delivered,
        "why": trace.why,
        "remedy": trace.remedy or None,
        "server": trace.server or None,
        "seen": str(trace.seen) if trace.seen is not None else None,
        "final": packet_json(trace.final),
        "hops": [_hop(hop) for hop in trace.hops],
    }


def _hop(hop: Hop) -> Json:
    return {
        "number": hop.number,
        "space": hop.space,
        "place": hop.place,
        "device": hop.device or None,
        "layer": str(hop.layer),
        "decision": hop.decision,
        "entry": hop.entry or None,
        "path": list(hop.path),
        "before": packet_json(hop.before),
        "after": packet_json(hop.after),
        "changed": list(changed_fields(hop.before, hop.after)),
        "reply": hop.reply,
    }


def packet_json(packet: Packet | None) -> Json:
    """A packet as an object; ports and the ICMP type only where it has them."""
    if packet is None:
        return None
    ports = packet.has_ports
    return {
        "protocol": packet.protocol,
        "family": packet.family,
        "source": str(packet.source),
        "target": str(packet.target),
        "source_port": packet.source_port if ports else None,
        "target_port": packet.target_port if ports else None,
        "icmp_type": None if ports else packet.icmp_type,
        "ttl": packet.ttl,
        "size": packet.size,
        "may_fragment": packet.may_fragment,
        "kind": packet.kind or None,
        "vni": packet.vni or None,
        "source_mac": str(packet.source_mac) if packet.source_mac else None,
        "target_mac": str(packet.target_mac) if packet.target_mac else None,
    }
