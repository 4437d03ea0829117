"""How a program asks the packet model, and what it learns: an address, and a failure.

```
 ask(process, "db", "80/tcp") ──▶ journey ──▶ Trace ──▶ Asked(address, failure)
                                                           │
          bad name │ no route │ no neighbour │ refused │ silence │ too big │ ""
```

The failures are those between which programs can tell, as the kernel tells them: a
refusal at once, "Network is unreachable" at once, "No route to host" after three
seconds without an answer to ARP, and silence.
"""

from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32

from minidock.errors import NotationError, Refusal
from minidock.net.address import V6, Address
from minidock.packet.packet import Packet
from minidock.packet.trace import Hop, Layer, Outcome, Trace
from minidock.runtime.process import Process

__all__ = ["Asked", "Failure", "ask", "milliseconds"]


class Failure(StrEnum):
    """Why a program got no answer, as far as it can tell; the values are errno's."""

    NONE = ""
    NAME = "bad address"
    NETWORK = "Network is unreachable"
    HOST = "No route to host"
    REFUSED = "Connection refused"
    SILENCE = "Connection timed out"
    TOO_BIG = "Message too long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of one packet: the trace, and what its sender sees of it."""

    trace: Trace
    address: Address | None
    """What the name stands for; None where it does not resolve."""
    failure: Failure

    @property
    def seconds(self) -> float:
        """How long the sender waits before it knows (127 s of SYNs, or 3 of ARP)."""
        if self.failure is Failure.SILENCE:
            return 127.0
        return 3.0 if self.failure is Failure.HOST else 0.0

    @property
    def strangers(self) -> int:
        """How many machines on the way there had to ask for the MAC of the next one."""
        return sum(
            hop.layer is Layer.NEIGHBOUR and not hop.reply for hop in self.trace.hops
        )

    @property
    def answer(self) -> Packet | None:
        """The last packet of the answer, as it came back; None without one."""
        packets = [hop.after or hop.before for hop in self.trace.hops if hop.reply]
        return next((packet for packet in reversed(packets) if packet), None)


def ask(
    process: Process,
    host: str,
    port: str = "",
    *,
    size: int = 0,
    ttl: int = 64,
    family: int = 0,
) -> Asked:
    """Send one packet to a host's port such as ``80/tcp``, or an echo request."""
    literal = _literal(host)
    target = host
    if port:
        shown = f"[{host}]" if literal and literal.family == V6 else host
        target = f"{shown}:{port}"
    try:
        trace = process.journey(
            process.world,
            process.container.name,
            target,
            size=size,
            ttl=ttl,
            family=family,
        )
    except Refusal as refusal:  # no name that anybody could have
        trace = _nowhere(process, target, refusal)
        return Asked(trace=trace, address=None, failure=Failure.NAME)
    address = literal or _resolved(trace)
    return Asked(trace=trace, address=address, failure=_failure(trace, address))


def _nowhere(process: Process, target: str, refusal: Refusal) -> Trace:
    return Trace(
        source=process.container.name,
        target=target,
        protocol="",
        outcome=Outcome.UNREACHABLE,
        why=refusal.text,
    )


def _literal(host: str) -> Address | None:
    try:
        return Address.parse(host)
    except NotationError:
        return None


def _resolved(trace: Trace) -> Address | None:
    """The address that the name became: the target of the first packet."""
    named = [hop for hop in trace.hops if hop.layer is Layer.NAME and not hop.reply]
    for hop in named or trace.hops[:1]:
        if hop.after is not None:
            return hop.after.target
    return trace.final.target if trace.final is not None and not named else None


def _failure(trace: Trace, address: Address | None) -> Failure:
    match trace.outcome:
        case Outcome.DELIVERED:
            return Failure.NONE
        case _ if address is None:
            return Failure.NAME
        case Outcome.REFUSED:
            return Failure.REFUSED
        case Outcome.TOO_BIG:
            return Failure.TOO_BIG
        case Outcome.UNREACHABLE:
            return _unreachable(trace.hops)
        case _:
            return Failure.SILENCE


def _unreachable(hops: tuple[Hop, ...]) -> Failure:
    """Who said it: the sender's own routes, or a missing neighbour, or a router."""
    forward = [hop for hop in hops if not hop.reply and hop.layer is not Layer.NAME]
    own = {hop.space for hop in forward[:1]}
    last = forward[-1] if forward else None
    if last is not None and last.space in own and last.layer is Layer.ROUTE:
        return Failure.NETWORK
    return Failure.HOST


def milliseconds(*facts: object) -> float:
    """A round trip's time, 0.050 to 0.149 ms: made up, but always the same.

    >>> milliseconds("web", "db", 1) == milliseconds("web", "db", 1)
    True
    """
    text = " ".join(map(str, facts))
    return 0.05 + crc32(text.encode()) % 100 / 1000
