"""A switch: a box with ports that learns by listening who lives behind which port.

```
              frame from A, for B, comes in at veth1
                                │
   hear ──▶  learn: A is behind veth1          (what the sender tells about itself)
             look up B:  known    ─▶ out of that one port
                         unknown  ─▶ out of all other ports: flood
                         a group  ─▶ out of all other ports, and up to the host
                         its own  ─▶ up to the host
```

A Linux bridge is such a switch with one port more: the host's own end, which is called
like the bridge itself. The table is what `bridge fdb` shows; entries that nobody
confirmed for 300 seconds are forgotten.

Invariants, held by laws: a frame never leaves by the port that it came in by (unless
that is in hairpin mode); the table has one port for a MAC, and it is the one where it
was heard last; hearing changes nothing but the table.

Docker calls this a bridge, as Linux does. Left out: multicast snooping, VLANs and the
spanning tree. Linux source: ``net/bridge/br_input.c``, ``br_forward.c``.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from minidock.errors import NotFound
from minidock.net.mac import MAC
from minidock.topology.interface import InterfaceKind
from minidock.topology.namespace import Namespace

__all__ = ["AGEING", "BROADCAST", "Frame", "Learned", "Switch"]

AGEING = 300
"""After how many seconds without a frame a MAC is forgotten (IEEE 802.1D, 7.9.2)."""

BROADCAST = MAC(0xFFFF_FFFF_FFFF)
"""Everybody on the wire; who asks for a MAC (ARP) has no other way to say "you"."""


class Frame(NamedTuple):
    """What a switch reads of a frame: who sends it, and for whom it is."""

    source: MAC
    target: MAC


class Learned(NamedTuple):
    """A line of the table: behind which port a MAC was heard, and when (seconds)."""

    mac: MAC
    port: str
    heard: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One switch, and what it knows; a frozen value.

    >>> anna, bert = MAC(0x020000000001), MAC(0x020000000002)
    >>> switch = Switch(name="br0", ports=("veth1", "veth2", "veth3"))
    >>> switch, out = switch.hear(Frame(anna, bert), "veth1")
    >>> out
    ('veth2', 'veth3')
    >>> switch, out = switch.hear(Frame(bert, anna), "veth2")
    >>> out
    ('veth1',)
    >>> print(switch)
    02:00:00:00:00:01 dev veth1 master br0
    02:00:00:00:00:02 dev veth2 master br0
    """

    name: str
    ports: tuple[str, ...]
    own: frozenset[MAC] = frozenset()
    """The MACs of the bridge and of its ports: frames for them go up to the host."""
    hairpins: frozenset[str] = frozenset()
    """Ports by which a frame may leave again that came in there."""
    table: tuple[Learned, ...] = ()
    """By port and MAC, one entry for each MAC."""

    @classmethod
    def of(cls, space: Namespace, bridge: str) -> "Switch":
        """A bridge of a namespace, with what its forwarding database knows; O(n).

        Raises:
            NotFound: there is no such bridge.

        >>> Switch.of(Namespace(name=""), "br0")
        Traceback (most recent call last):
        ...
        minidock.errors.NotFound: no bridge br0
        """
        found = space.interface(bridge)
        if found is None or found.kind is not InterfaceKind.BRIDGE:
            raise NotFound(
                f"no bridge {bridge}",
                asked=f"the bridge {bridge}",
                rule="a switch is made from an interface of the kind bridge",
                remedy="a name that `ip link show type bridge` lists",
            )
        ports = tuple(space.ports(bridge))
        known = [entry for entry in space.fdb if entry.master == bridge]
        learned = [Learned(e.mac, e.device) for e in known if not e.permanent]
        return cls(
            name=bridge,
            ports=tuple(port.name for port in ports),
            own=frozenset(entry.mac for entry in known if entry.permanent),
            hairpins=frozenset(port.name for port in ports if port.hairpin),
            table=_ordered(learned),
        )

    def hear(
        self, frame: Frame, port: str, *, now: float = 0
    ) -> tuple["Switch", tuple[str, ...]]:
        """The switch after a frame came in, and by which ports it leaves; O(table).

        Args:
            frame: who sends, and for whom it is.
            port: where it came in; the bridge's own name if its host sends.
            now: the time in seconds; it never runs backwards.

        Raises:
            NotFound: the switch has no such port.

        >>> Switch(name="br0", ports=("veth1",)).hear(Frame(MAC(2), BROADCAST), "veth7")
        Traceback (most recent call last):
        ...
        minidock.errors.NotFound: br0 has no port veth7
        """
        if port not in {*self.ports, self.name}:
            raise NotFound(
                f"{self.name} has no port {port}",
                asked=f"a frame comes in at {port}",
                rule="frames come in by a port, or from the bridge's own host",
                remedy=f"one of {', '.join((*self.ports, self.name))}",
            )
        if frame.source.is_multicast or not frame.source.value:
            return self, ()  # nobody has such a MAC, so somebody lies: Linux drops it
        after = self._learning(frame.source, port, now)
        known = None
        if not frame.target.is_multicast:
            known = after.behind(frame.target, now=now)
        return after, self._leaving(frame.target, known, port)

    def behind(self, mac: MAC, *, now: float = 0) -> str | None:
        """The port behind which a MAC lives, as far as is known; O(table).

        >>> Switch(name="br0", ports=("veth1",)).behind(MAC(2)) is None
        True
        """
        if mac in self.own:
            return self.name
        for entry in self.table:
            if entry.mac == mac and now - entry.heard < AGEING:
                return entry.port
        return None

    def __str__(self) -> str:
        lines = [f"{e.mac} dev {e.port} master {self.name}" for e in self.table]
        return "\n".join(lines) or f"{self.name} has learned nothing yet"

    def _learning(self, mac: MAC, port: str, now: float) -> "Switch":
        if port == self.name or mac in self.own:
            return self  # its own MACs are known, whoever claims to have one
        others = [e for e in self.table if e.mac != mac and now - e.heard < AGEING]
        return replace(self, table=_ordered([*others, Learned(mac, port, now)]))

    def _leaving(self, mac: MAC, known: str | None, came_in: str) -> tuple[str, ...]:
        leaves = self.ports  # of a stranger; the host knows its own MACs, so not there
        if known is not None:
            leaves = (known,)
        elif mac.is_multicast:
            leaves = (*self.ports, self.name)
        return tuple(p for p in leaves if p != came_in or p in self.hairpins)


def _ordered(entries: list[Learned]) -> tuple[Learned, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.port, entry.mac)))
