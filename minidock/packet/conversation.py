"""A request and its answer: what the sender learns in the end.

```
 sender ─ request ─▶ arrives ─ who listens? ─▶ a program    ─ answer ─▶ sender
              │                       │        docker-proxy ─ a second request ─▶ ...
              ▼ lost                  ▼ nobody
        silence, or an error     "refused" goes back
        that may be lost too     and may be lost, too
```

Invariants: a request is *delivered* only if its answer comes back to the socket that
asked, from the address that was asked; a loss of the answer is silence for the sender.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from minidock.net.address import V4, Address
from minidock.packet.fabric import Fabric
from minidock.packet.loss import Arrival, Cause, Loss
from minidock.packet.notes import Notes, Words
from minidock.packet.packet import ICMP, Packet, answer_to
from minidock.packet.phrases import lost_in, say_lost
from minidock.packet.stack import Stack
from minidock.packet.trace import Layer, Outcome
from minidock.packet.walk import Walk
from minidock.topology.namespace import Socket

__all__ = ["Ending", "Remark", "converse", "request", "source_for"]

EPHEMERAL = 40000
"""The port that a program gets which asks for none: the kernel would pick any."""

_FIRST = {"tcp": "SYN", "udp": "request", "sctp": "INIT"}
_SIZES = {"tcp": 60, "udp": 60, "sctp": 60, "icmp": 84, "ipv6-icmp": 104}
_REFUSALS = {"tcp": "RST", "udp": "port unreachable", "sctp": "ABORT"}


class Remark(StrEnum):
    """What else there is to say of an ending."""

    NONE = ""
    NOBODY_LISTENS = "nobody listens"
    PAUSED = "paused"  # the kernel answers, the program is frozen
    HELD = "held"  # dockerd only keeps others from using the port
    PROXY_FAILED = "proxy failed"  # docker-proxy took it, but could not pass it on
    OTHER_ADDRESS = "other address"  # the answer came from an address nobody asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a conversation ended."""

    outcome: Outcome
    final: Packet
    """The request as it arrived, or as it was when it was lost."""
    loss: Loss | None = None
    answer_lost: bool = False
    """Whether it was the answer that was lost."""
    server: Stack | None = None
    socket: Socket | None = None
    seen: Address | None = None
    remark: Remark = Remark.NONE
    inner: "Ending | None" = None
    """What became of docker-proxy's second connection."""
    told: Address | None = None
    """The address from which an error came, if one arrived."""


def request(
    protocol: str,
    source: Address,
    target: Address,
    port: int = 0,
    *,
    source_port: int = 0,
    size: int = 0,
    ttl: int = 64,
    may_fragment: bool | None = None,
) -> Packet:
    """The first packet of a conversation.

    >>> here, there = Address.parse("10.0.0.1"), Address.parse("10.0.0.2")
    >>> print(request("tcp", here, there, 80))
    tcp 10.0.0.1:40000 > 10.0.0.2:80 SYN
    >>> request("tcp", here, there, 80).may_fragment
    False
    """
    if protocol == "icmp":
        protocol = ICMP[target.family]
    ports = protocol in _FIRST
    return Packet(
        protocol=protocol,
        source=source,
        target=target,
        source_port=(source_port or EPHEMERAL) if ports else 0,
        target_port=port if ports else 0,
        icmp_type=0 if ports else (8 if target.family == V4 else 128),
        ttl=ttl,
        size=size or _SIZES[protocol],
        may_fragment=protocol != "tcp" if may_fragment is None else may_fragment,
        kind=_FIRST.get(protocol, "echo request"),
    )


def source_for(stack: Stack, target: Address) -> Address | None:
    """The address from which a program sends to a target; None without a way."""
    if stack.is_local(target):
        return stack.primary_of(target)
    route = stack.route(target)
    return None if route is None else stack.source_towards(route, target)


def converse(
    fabric: Fabric,
    stack: Stack,
    packet: Packet,
    notes: Notes,
    *,
    paused: frozenset[str] = frozenset(),
) -> Ending:
    """Send a request from a stack, and follow it and its answer to the end.

    Args:
        fabric: the stacks and cables.
        stack: where the packet starts; its source is one of the stack's addresses.
        packet: the first packet.
        notes: where the hops are written down.
        paused: the namespaces whose programs are frozen.
    """
    walk = Walk(fabric, notes)
    if not notes.silent:
        notes.note(
            stack, "", Layer.SOCKET, _say_sends, packet, before=packet, after=packet
        )
    end = _sent(walk, stack, packet, notes)
    if isinstance(end, Loss):
        return _lost(walk, stack, packet, end, notes)
    return _Server(fabric, walk, stack, packet, end, notes, paused).serve()


def _sent(
    walk: Walk, stack: Stack, packet: Packet, notes: Notes, *, related: bool = False
) -> Arrival | Loss:
    """Where a packet ends; how it was lost is a hop, too."""
    end = walk.send(stack, packet, related=related)
    if isinstance(end, Loss) and not notes.silent:
        layer = lost_in(end)
        if layer is not None:
            notes.note(end.stack, end.device, layer, say_lost, end)
    return end


# --- a request that was lost ----------------------------------------------------------

_TELLING = {
    Cause.NO_ROUTE,
    Cause.NO_NEIGHBOUR,
    Cause.NO_PEER,
    Cause.PARENT,
    Cause.DEAF,
    Cause.TTL,
    Cause.TOO_BIG,
    Cause.REJECTED,
}
_LIKE_A_CLOSED_PORT = {"tcp-reset", "icmp-port-unreachable", "icmp6-port-unreachable"}
_TOLD_AT_HOME = {
    Cause.NO_ROUTE,
    Cause.NO_WAY_BACK,
    Cause.NO_NEIGHBOUR,
    Cause.NO_PEER,
    Cause.PARENT,
    Cause.DEAF,
    Cause.TOO_BIG,
    Cause.UNSPECIFIED,
    Cause.REJECTED,
}
"""Losses on the way out, of which a sender's own kernel tells it at once."""


def _lost(walk: Walk, origin: Stack, asked: Packet, loss: Loss, notes: Notes) -> Ending:
    outcome = Outcome.DROPPED
    told: Address | None = None
    if loss.carried is not None:
        pass  # lost within a tunnel, of which nobody tells the sender
    elif loss.stack is origin and loss.cause in _TOLD_AT_HOME:
        outcome = _known(loss)
        told = asked.source
    elif loss.cause in _TELLING and loss.told is not None:
        error = answer_to(loss.packet, kind=f"error: {loss.cause}")
        error = replace(
            error,
            protocol=ICMP[error.family],
            source=loss.told,
            source_port=0,
            target_port=0,
            icmp_type=11 if loss.cause is Cause.TTL else 3,
        )
        notes.reply = True
        back = _sent(walk, loss.stack, error, notes, related=True)
        if isinstance(back, Arrival) and back.stack is origin:
            outcome, told = _known(loss), loss.told
    elif loss.cause is Cause.SOLICITATION:
        outcome = Outcome.UNREACHABLE  # the sender's own kernel gives up asking
    return Ending(outcome=outcome, final=loss.packet, loss=loss, told=told)


def _known(loss: Loss) -> Outcome:
    """What a sender learns that is told of a loss."""
    if loss.cause is Cause.TOO_BIG:
        return Outcome.TOO_BIG
    if loss.detail in _LIKE_A_CLOSED_PORT and loss.packet.has_ports:
        return Outcome.REFUSED
    return Outcome.UNREACHABLE


# --- a request that arrived -----------------------------------------------------------


class _Server:
    """The end of a request that arrived: who answers, and does the answer come back?"""

    __slots__ = (
        "_arrival",
        "_asked",
        "_fabric",
        "_notes",
        "_origin",
        "_paused",
        "_walk",
    )

    def __init__(  # noqa: PLR0917 - all that the two ends of a conversation share
        self,
        fabric: Fabric,
        walk: Walk,
        origin: Stack,
        asked: Packet,
        arrival: Arrival,
        notes: Notes,
        paused: frozenset[str],
    ) -> None:
        self._fabric = fabric
        self._walk = walk
        self._origin = origin
        self._asked = asked
        self._arrival = arrival
        self._notes = notes
        self._paused = paused

    def serve(self) -> Ending:
        stack, _, packet = self._arrival
        if stack is self._fabric.outside:
            return self._answered(None, "somebody out there answers")
        if not packet.has_ports:
            return self._answered(None, f"the kernel of {stack.place} answers")
        socket = stack.listener(packet.protocol, packet.target, packet.target_port)
        if socket is None:
            return self._refused()
        if socket.leads_to is not None:
            return self._proxied(socket)
        if socket.owner == "dockerd" and not stack.space.name:
            return self._silent(socket, Remark.HELD)
        if stack.key in self._paused:
            return self._silent(socket, Remark.PAUSED)
        return self._answered(socket, f"{socket.owner or 'a program'} listens here")

    def _note(self, layer: Layer, decision: str, socket: Socket | None) -> None:
        if self._notes.silent:
            return
        stack, device, packet = self._arrival
        self._notes.note(
            stack, device, layer, _say_served, decision, socket,
            before=packet, after=packet,
        )  # fmt: skip

    def _answered(
        self, socket: Socket | None, decision: str, source: Address | None = None
    ) -> Ending:
        """The program's answer on its way back; ``source`` if not the address asked."""
        stack, _, packet = self._arrival
        self._note(Layer.SOCKET, decision, socket)
        answer = answer_to(packet)
        if source is not None:
            answer = replace(answer, source=source)
        back = self._back(answer)
        found = Ending(
            outcome=Outcome.DELIVERED,
            final=packet,
            server=stack,
            socket=socket,
            seen=packet.source,
        )
        if isinstance(back, Loss):
            return replace(found, outcome=Outcome.DROPPED, loss=back, answer_lost=True)
        if not self._expected(back):
            return replace(
                found,
                outcome=Outcome.DROPPED,
                answer_lost=True,
                remark=Remark.OTHER_ADDRESS,
            )
        return found

    def _back(self, answer: Packet) -> Arrival | Loss:
        self._notes.reply = True
        return _sent(self._walk, self._arrival.stack, answer, self._notes)

    def _expected(self, back: Arrival) -> bool:
        """Whether the answer fits the socket that asked."""
        got, asked = back.packet, self._asked
        return (
            back.stack is self._origin
            and (got.source, got.source_port) == (asked.target, asked.target_port)
            and (got.target, got.target_port) == (asked.source, asked.source_port)
        )

    def _refused(self) -> Ending:
        stack, _, packet = self._arrival
        kind = _REFUSALS[packet.protocol]
        text = f"nobody listens on {packet.target_port}/{packet.protocol}: {kind}"
        self._note(Layer.SOCKET, text, None)
        back = self._back(answer_to(packet, kind=kind))
        lost = isinstance(back, Loss) or not self._expected(back)
        return Ending(
            outcome=Outcome.DROPPED if lost else Outcome.REFUSED,
            final=packet,
            loss=back if isinstance(back, Loss) else None,
            answer_lost=lost,
            server=stack,
            remark=Remark.NOBODY_LISTENS,
        )

    def _silent(self, socket: Socket, remark: Remark) -> Ending:
        stack, _, packet = self._arrival
        text = f"{socket.owner or 'the program'} has the port, but does not answer"
        self._note(Layer.SOCKET, text, socket)
        return Ending(
            outcome=Outcome.DROPPED,
            final=packet,
            server=stack,
            socket=socket,
            remark=remark,
        )

    def _proxied(self, socket: Socket) -> Ending:
        """docker-proxy connects to the container, and passes on what both say."""
        stack, _, packet = self._arrival
        if socket.leads_to is None:
            return self._refused()
        address, port = socket.leads_to
        self._note(
            Layer.PROXY, f"docker-proxy takes it and connects to {address}", socket
        )
        source = source_for(stack, address)
        inner: Ending | None = None
        if source is not None:
            second = request(packet.protocol, source, address, port)
            inner = converse(
                self._fabric, stack, second, self._notes, paused=self._paused
            )
        if inner is None or inner.outcome is not Outcome.DELIVERED:
            return self._proxy_failed(socket, inner)
        answering = None
        anywhere = socket.address is None or socket.address.is_unspecified
        careful = self._fabric.has_careful_proxy(stack)
        if packet.protocol == "udp" and anywhere and not careful:
            # Odd on purpose: it answers from whatever address its kernel picks.
            answering = source_for(stack, packet.source)
        found = self._answered(socket, "docker-proxy passes the answer on", answering)
        return replace(found, server=inner.server, seen=inner.seen, inner=inner)

    def _hears_back(self) -> bool:
        """Whether the sender learns that its connection was taken, and cut off.

        Its address may be one that this host has for a container of its own.
        """
        silent, self._notes.silent = self._notes.silent, True
        back = self._back(answer_to(self._arrival.packet))
        self._notes.silent = silent
        return not isinstance(back, Loss) and self._expected(back)

    def _proxy_failed(self, socket: Socket, inner: Ending | None) -> Ending:
        stack, _, packet = self._arrival
        refused = inner is not None and inner.outcome is Outcome.REFUSED
        at_once = inner is None or inner.outcome is Outcome.UNREACHABLE
        closed = (refused or at_once) and packet.protocol == "tcp"
        return Ending(
            # Odd: the connection is taken first and cut off then, for want of a server.
            outcome=Outcome.REFUSED
            if closed and self._hears_back()
            else Outcome.DROPPED,
            final=inner.final if inner else packet,
            loss=inner.loss if inner else None,
            server=stack,
            socket=socket,
            remark=Remark.PROXY_FAILED,
            inner=inner,
        )


def _say_sends(packet: Packet) -> Words:
    article = "an" if packet.kind[0] in "eI" else "a"  # an echo request, an INIT
    return Words(f"a program sends {article} {packet.kind}")


def _say_served(decision: str, socket: Socket | None) -> Words:
    return Words(decision, _socket_text(socket) if socket else "")


def _socket_text(socket: Socket) -> str:
    """A socket as `ss` shows it."""
    if socket.address is None:
        address = "*"
    else:
        text = str(socket.address)
        address = f"[{text}]" if ":" in text else text
    owner = f" {socket.owner}" if socket.owner else ""
    return f"{socket.protocol} {address}:{socket.port}{owner}"
