"""What a trace tells apart from its hops: which one decided, and how one is named.

```
 hops of the request          hops of the answer
 1  2  3  4  5  6  7          8  9  10
                   └ the decisive hop, unless the answer itself got lost
```

Invariant: a delivered trace has no decisive hop; every other one with hops has one.
"""

from types import MappingProxyType

from minidock.packet.trace import Hop, Outcome, Trace

__all__ = [
    "PLAIN_WORDS",
    "brief_hops",
    "decisive",
    "heading",
    "hop_line",
    "seen_by",
    "where",
]

PLAIN_WORDS = MappingProxyType(
    {
        Outcome.DELIVERED: "the program at the other end answered",
        Outcome.REFUSED: "the other end is there, but nobody listens",
        Outcome.DROPPED: "silence: the sender waits until it gives up",
        Outcome.UNREACHABLE: "somebody said that there is no way, or no such name",
        Outcome.TOO_BIG: "it does not fit through a link and may not be cut",
    }
)
"""What each outcome means, for a legend."""

_TELLING = frozenset({"route", "firewall", "nat", "tunnel", "proxy"})


def decisive(trace: Trace) -> Hop | None:
    """The hop at which the journey failed; None if it did not, or has no hops.

    A refusal and an error are decided where the request ends, and then travel back;
    silence begins at the last hop of all.
    """
    if trace.delivered or not trace.hops:
        return None
    request = [hop for hop in trace.hops if not hop.reply]
    if trace.outcome is Outcome.DROPPED or not request:
        return trace.hops[-1]
    return request[-1]


def brief_hops(trace: Trace) -> tuple[Hop, ...]:
    """The hops of routes, rules, tunnels and proxies, and the decisive one; O(n)."""
    last = decisive(trace)
    return tuple(hop for hop in trace.hops if hop is last or hop.layer in _TELLING)


def heading(trace: Trace) -> str:
    """Who asks whom, and by which protocol, if the target does not say so."""
    said = trace.target.endswith(f"/{trace.protocol}")
    way = "" if said or not trace.protocol else f" ({trace.protocol})"
    return f"{trace.source} to {trace.target}{way}"


def where(hop: Hop) -> str:
    """The place, and the interface if there is one."""
    return f"{hop.place} [{hop.device}]" if hop.device else hop.place


def hop_line(hop: Hop) -> str:
    """A hop in one line, without its packet.

    >>> from minidock.packet.trace import Layer
    >>> hop_line(Hop(number=2, space="1a2b", place="web", device="eth0",
    ...              layer=Layer.LINK, decision="over the cable to veth1a2b3c4"))
    '2 web [eth0] link: over the cable to veth1a2b3c4'
    """
    return f"{hop.number} {where(hop)} {hop.layer}: {hop.decision}"


def seen_by(trace: Trace) -> str:
    """Whom the server saw, as a sentence; "" if nobody, or where ``why`` says it."""
    if trace.seen is None or f"sees {trace.seen}" in trace.why:
        return ""
    server = trace.server or "the server"
    return f"{server} saw the request come from {trace.seen}"
