"""The five places at which Linux asks its rules about a packet, and in which order.

```
 in ─▶ PREROUTING ─▶ route ─┬─▶ FORWARD ─────────────▶ POSTROUTING ─▶ out
       raw, track,          │   filter                 nat (source)
       nat (destination)    ▼                            ▲
                          INPUT ─▶ program ─▶ OUTPUT ────┘
                          filter              raw, track, nat (destination), filter
```

Invariants: the table nat is asked once per flow and direction of change; raw is asked
before the flow is known; what a packet meets depends on the hook and its two interfaces
only. Source: the kernel's netfilter hooks and their priorities (``netfilter_ipv4.h``).
"""

from enum import StrEnum

from minidock.firewall.evaluate import Decision, Firewall
from minidock.firewall.extensions import Reject
from minidock.firewall.matching import Facts
from minidock.firewall.rule import Dnat, Masquerade, Snat, Verdict
from minidock.net.address import Address
from minidock.packet.loss import Cause, Loss
from minidock.packet.notes import Notes, Words
from minidock.packet.packet import Packet
from minidock.packet.stack import Stack
from minidock.packet.trace import Layer
from minidock.packet.tracking import Connections, Tracked, flow_of

__all__ = ["Hook", "Hooks"]


class Hook(StrEnum):
    """A place where rules are asked; also the name of the chains that stand there."""

    PREROUTING = "PREROUTING"
    INPUT = "INPUT"
    FORWARD = "FORWARD"
    OUTPUT = "OUTPUT"
    POSTROUTING = "POSTROUTING"


_BEGINS = {Hook.PREROUTING, Hook.OUTPUT}
_ENDS = {Hook.INPUT, Hook.POSTROUTING}
_FILTERS = {
    Hook.PREROUTING: ("mangle",),
    Hook.INPUT: ("mangle", "filter"),
    Hook.FORWARD: ("mangle", "filter"),
    Hook.OUTPUT: ("mangle", "filter"),
    Hook.POSTROUTING: ("mangle",),
}
_UNTRACKED = ("UNTRACKED",)
_new = tuple.__new__
_FLAGS = {"SYN": ("SYN",), "SYN-ACK": ("SYN", "ACK"), "RST": ("RST", "ACK")}


class Hooks:
    """The hooks of all stacks, for one conversation; it remembers its flows."""

    __slots__ = ("_memories", "_notes", "_reply", "_tracked", "related")

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._memories: dict[str, Connections] = {}
        self._tracked: Tracked | None = None
        self._reply = False
        self.related = False
        """Whether the packet under way is an error about a known flow (ICMP)."""

    def leave(self) -> None:
        """The packet goes to another kernel, which does not know what this one knew."""
        self._tracked = None

    def run(
        self, stack: Stack, hook: Hook, packet: Packet, came_in: str, goes_out: str
    ) -> Packet | Loss:
        """The packet after a hook, or how it was lost there."""
        wall = stack.walls.get(packet.source.family)
        if wall is None:
            return packet
        at = _Place(stack, wall, hook, came_in, goes_out)
        asked = wall.tables_at(hook)
        if hook in _BEGINS:
            if "raw" in asked:
                lost = self._decide("raw", at, packet, self._facts(at, packet))
                if lost is not None:
                    return lost
            if self._tracked is None:
                self._track(stack, packet)
            packet = self._destination(at, packet)
        for table in _FILTERS[hook]:
            if table in asked:
                lost = self._decide(table, at, packet, self._facts(at, packet))
                if lost is not None:
                    return lost
        if hook in _ENDS:
            packet = self._source(at, packet)
            if self._tracked is not None and not self.related:
                self._memory(stack).keep(self._tracked)
        return packet

    def passes(self, stack: Stack, packet: Packet, bridge: str) -> Decision | None:
        """What drops a bridged packet that is not tracked; None if it may pass.

        Neighbour discovery is such a packet: the kernel does not track it.
        """
        wall = stack.walls.get(packet.family)
        if wall is None:
            return None
        at = _Place(stack, wall, Hook.FORWARD, bridge, bridge)
        facts = self._facts(at, packet)._replace(states=_UNTRACKED)
        for table, hook in (("raw", "PREROUTING"), ("filter", "FORWARD")):
            decision = wall.decide(table, hook, facts)
            if decision.target is not Verdict.ACCEPT:
                return decision
        return None

    # --- tables -----------------------------------------------------------------------

    def _facts(self, at: "_Place", packet: Packet) -> Facts:
        source, target = packet.source.value, packet.target.value
        port = packet.target_port
        original = (source, target, port)
        if self._tracked is not None and self._tracked.first is not packet:
            first = self._tracked.first
            original = (first.source.value, first.target.value, first.target_port)
        # Made once for each table that is asked; the plain way costs double.
        return _new(
            Facts,
            (
                packet.protocol,
                source,
                target,
                packet.source_port,
                port,
                packet.icmp_type,
                at.came_in,
                at.goes_out,
                self._states(),
                at.stack.local(packet.target.family),
                original,
                self._reply,
                _FLAGS.get(packet.kind, ()),
            ),
        )

    def _decide(
        self, table: str, at: "_Place", packet: Packet, facts: Facts
    ) -> Loss | None:
        decision = at.wall.decide(table, at.hook, facts)
        passes = decision.target is Verdict.ACCEPT
        if not self._notes.silent and (table == "filter" or not passes):
            self._notes.note(
                at.stack,
                at.device,
                Layer.FIREWALL,
                _say_decided,
                at.stack,
                table,
                at.hook,
                decision,
                before=packet,
                after=packet if passes else None,
            )
        if passes:
            return None
        cause = Cause.POLICY if decision.rule is None else Cause.RULE
        rejection = decision.target.kind if isinstance(decision.target, Reject) else ""
        return Loss(
            Cause.REJECTED if rejection else cause,
            at.stack,
            at.device,
            packet,
            rule=decision.rule,
            chain=f"{table} {at.hook}",
            told=at.told(packet) if rejection else None,
            detail=rejection,
        )

    def _destination(self, at: "_Place", packet: Packet) -> Packet:
        tracked = self._tracked
        if tracked is None or self.related:
            return packet
        decision: Decision | None = None
        if not (self._reply or tracked.asked_destination):
            tracked.asked_destination = True
            decision = self._nat(at, packet)
            if decision is not None and isinstance(decision.target, Dnat):
                wanted = decision.target
                tracked.destination = (
                    wanted.address or packet.target,
                    wanted.port or packet.target_port,
                )
        after = tracked.arriving(packet, reply=self._reply)
        return self._changed(at, packet, after, decision)

    def _source(self, at: "_Place", packet: Packet) -> Packet:
        tracked = self._tracked
        if tracked is None or self.related:
            return packet
        decision: Decision | None = None
        if not (self._reply or tracked.asked_source):
            tracked.asked_source = True
            decision = self._nat(at, packet)
            if decision is not None:
                tracked.source = _new_source(decision, at, packet)
        after = tracked.leaving(packet, reply=self._reply)
        return self._changed(at, packet, after, decision)

    def _nat(self, at: "_Place", packet: Packet) -> Decision | None:
        if not at.wall.has("nat", at.hook):
            return None
        return at.wall.decide("nat", at.hook, self._facts(at, packet))

    # --- memory -----------------------------------------------------------------------

    def _memory(self, stack: Stack) -> Connections:
        memory = self._memories.get(stack.key)
        if memory is None:
            memory = self._memories[stack.key] = Connections()
        return memory

    def _track(self, stack: Stack, packet: Packet) -> None:
        flow = flow_of(packet)
        found = self._memory(stack).find(flow)
        if found is None:
            self._tracked, self._reply = Tracked(packet), False
            return
        self._tracked, self._reply = found
        if self._reply:
            self._tracked.answered = True

    def _states(self) -> tuple[str, ...]:
        if self.related:
            return ("RELATED",)
        return self._tracked.states(reply=self._reply) if self._tracked else ()

    def _changed(
        self, at: "_Place", before: Packet, after: Packet, decision: Decision | None
    ) -> Packet:
        if after is not before and not self._notes.silent:
            self._notes.note(
                at.stack,
                at.device,
                Layer.NAT,
                _say_changed,
                at.stack,
                before,
                after,
                decision,
                before=before,
                after=after,
            )
        return after


def _say_decided(stack: Stack, table: str, hook: Hook, decision: Decision) -> Words:
    target, rule = decision.target, decision.rule
    verb = "accepts" if target is Verdict.ACCEPT else "drops"
    if isinstance(target, Reject):
        verb = "rejects"
    if rule is None:
        decided = f"{table} {hook} {verb}: no rule decides, its policy does"
        entry = f":{hook} {target}"
    else:
        inside = "" if rule.chain == hook else f", in {rule.chain}"
        decided = f"{table} {hook} {verb}{inside}"
        entry = stack.text_of(rule)
    way = _way(stack, table, decision)
    return Words(decided, _in_table(table, entry), way)


def _say_changed(
    stack: Stack, before: Packet, after: Packet, decision: Decision | None
) -> Words:
    rule = decision.rule if decision else None
    entry = f"-t nat {stack.text_of(rule)}" if rule else "connection tracking"
    way = _way(stack, "nat", decision) if decision else ()
    return Words(_change(before, after), entry, way)


def _way(stack: Stack, table: str, decision: Decision) -> tuple[str, ...]:
    """The jumps that led to a decision."""
    return tuple(_in_table(table, stack.text_of(rule)) for rule in decision.path)


def _in_table(table: str, entry: str) -> str:
    """A rule or a policy as it is written: filter is the table that is not named."""
    return entry if table == "filter" else f"-t {table} {entry}"


class _Place:
    """A hook of a stack, and the interfaces between which a packet stands there."""

    __slots__ = ("came_in", "goes_out", "hook", "stack", "wall")

    def __init__(
        self, stack: Stack, wall: Firewall, hook: Hook, came_in: str, goes_out: str
    ) -> None:
        self.stack = stack
        self.wall = wall
        self.hook = hook
        self.came_in = came_in
        self.goes_out = goes_out

    @property
    def device(self) -> str:
        return self.came_in or self.goes_out

    def told(self, packet: Packet) -> Address:
        """Under which address the sender is told of a refusal."""
        if self.stack.is_local(packet.target) or not self.came_in:
            return packet.target
        first = self.stack.devices[self.came_in].first(packet.family)
        return first.address if first else packet.target


def _new_source(
    decision: Decision, at: _Place, packet: Packet
) -> tuple[Address, int] | None:
    target = decision.target
    if isinstance(target, Masquerade):
        address = at.stack.masquerade(at.goes_out, packet.target)
        return None if address is None else (address, packet.source_port)
    if isinstance(target, Snat):
        return target.address or packet.source, target.port or packet.source_port
    return None


def _change(before: Packet, after: Packet) -> str:
    """What a translation changed, in words."""
    if (before.target, before.target_port) != (after.target, after.target_port):
        old, new = (
            (before.target, before.target_port),
            (after.target, after.target_port),
        )
        return f"destination {_end(*old)} becomes {_end(*new)}"
    old, new = (before.source, before.source_port), (after.source, after.source_port)
    return f"source {_end(*old)} becomes {_end(*new)}"


def _end(address: Address, port: int) -> str:
    if not port:
        return str(address)
    return f"[{address}]:{port}" if address.family == 6 else f"{address}:{port}"
