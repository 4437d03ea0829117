"""What a hop changed about its packet, field by field.

```
tcp 172.17.0.2:40000 > 203.0.113.9:443 SYN     before
    ─────────┬──────
tcp 192.0.2.2:40000 > 203.0.113.9:443 SYN      after: the source is another one
```

An address and its port are shown as one field, since one rule changes both; the names
of the packet's own fields (:func:`changed_fields`) keep them apart, for programs.

Invariants: a packet does not differ from itself; every field that differs is in exactly
one change; nothing differs from a packet that is not there.
"""

from collections.abc import Callable
from dataclasses import fields
from types import MappingProxyType
from typing import NamedTuple

from minidock.net.address import V4, Address
from minidock.packet.packet import ICMP, Packet

__all__ = ["NOTHING", "Change", "Word", "changed_fields", "changes", "words"]


NOTHING = "-"
"""What a field says that is not there yet, such as a MAC that nobody knows."""


class Change(NamedTuple):
    """One field of a packet, what it said, and what it says now."""

    field: str
    before: str
    after: str


class Word(NamedTuple):
    """A piece of a text; ``marked`` if it is what changed."""

    text: str
    marked: bool = False


def _end(address: Address, port: int) -> str:
    if not port:
        return str(address)
    return f"{address}:{port}" if address.family == V4 else f"[{address}]:{port}"


def _kind(packet: Packet) -> str:
    return f"{packet.kind} {packet.vni}" if packet.vni else packet.kind


_SHOWN: MappingProxyType[str, Callable[[Packet], str]] = MappingProxyType(
    {
        "protocol": lambda packet: packet.protocol,
        "source": lambda packet: _end(packet.source, packet.source_port),
        "target": lambda packet: _end(packet.target, packet.target_port),
        "kind": lambda packet: _kind(packet) or NOTHING,
        "icmp type": lambda packet: str(packet.icmp_type),
        "ttl": lambda packet: str(packet.ttl),
        "size": lambda packet: str(packet.size),
        "may fragment": lambda packet: "yes" if packet.may_fragment else "no",
        "source MAC": lambda packet: str(packet.source_mac or NOTHING),
        "target MAC": lambda packet: str(packet.target_mac or NOTHING),
    }
)
_IN_WORDS = ("protocol", "source", "target", "kind")
"""The fields that a packet's own text shows, in its order."""


def changes(before: Packet | None, after: Packet | None) -> tuple[Change, ...]:
    """What differs, in words; () unless both packets are there.

    >>> from dataclasses import replace
    >>> one = Packet(protocol="tcp", source=Address.parse("172.17.0.2"),
    ...              target=Address.parse("203.0.113.9"), source_port=40000,
    ...              target_port=443)
    >>> other = replace(one, source=Address.parse("192.0.2.2"), ttl=63)
    >>> for change in changes(one, other):
    ...     print(*change)
    source 172.17.0.2:40000 192.0.2.2:40000
    ttl 64 63
    >>> changes(None, one)
    ()
    """
    if before is None or after is None:
        return ()
    found = (Change(name, say(before), say(after)) for name, say in _SHOWN.items())
    return tuple(item for item in found if item.before != item.after)


def changed_fields(before: Packet | None, after: Packet | None) -> tuple[str, ...]:
    """The names of :class:`Packet`'s fields that differ, in their order."""
    if before is None or after is None:
        return ()
    names = (field.name for field in fields(Packet))
    return tuple(n for n in names if getattr(before, n) != getattr(after, n))


def words(packet: Packet, changed: tuple[Change, ...] = ()) -> tuple[Word, ...]:
    """The packet's own text in words; those that changed are marked.

    >>> one = Packet(protocol="icmp", source=Address.parse("172.17.0.2"),
    ...              target=Address.parse("172.17.0.3"), kind="echo request")
    >>> [word.text for word in words(one)]
    ['icmp', '172.17.0.2', '>', '172.17.0.3', 'echo request']
    """
    names = {change.field for change in changed}
    name = "icmp" if packet.protocol in ICMP.values() else packet.protocol
    texts = (name, *(_SHOWN[field](packet) for field in ("source", "target")))
    said = [
        Word(text, field in names)
        for field, text in zip(_IN_WORDS, (*texts, _kind(packet)), strict=True)
    ]
    said.insert(2, Word(">"))
    return tuple(word for word in said if word.text)
