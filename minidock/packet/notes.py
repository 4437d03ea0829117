"""Taking notes on the way: each decision becomes a hop, unless nobody wants to read it.

A packet meets some ten decisions a router, so a note must be cheap: it keeps what was
decided and by what, and the words are made when somebody reads them.

Invariants: hops are numbered in the order of noting; the packet before a hop is the
packet after the one before it; a silent notebook changes nothing about the way.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from minidock.net.mac import MAC
from minidock.packet.packet import Packet
from minidock.packet.stack import Stack
from minidock.packet.trace import Hop, Layer

__all__ = ["Notes", "Words"]


class Words(NamedTuple):
    """What was decided, in a few words, the entry that decided, and the way to it."""

    decision: str
    entry: str = ""
    path: tuple[str, ...] = ()


_Macs: TypeAlias = tuple[MAC | None, MAC | None]


_Note: TypeAlias = tuple[
    Stack,
    str,
    Layer,
    Callable[..., Words],
    tuple[Any, ...],  # whatever the function takes: each decision has its own
    Packet | None,
    Packet | None,
    "_Macs | None",
    bool,
]
"""One decision, not yet in words: the arguments of :meth:`Notes.note`, in order."""


class Notes:
    """A notebook of hops.

    >>> Notes(silent=True).hops
    ()
    """

    __slots__ = ("_notes", "reply", "silent")

    def __init__(self, *, silent: bool = False) -> None:
        self._notes: list[_Note] = []
        self.silent = silent
        self.reply = False
        """Whether what is noted now happens to an answer."""

    def note(
        self,
        stack: Stack,
        device: str,
        layer: Layer,
        say: Callable[..., Words],
        *about: object,
        before: Packet | None = None,
        after: Packet | None = None,
        macs: _Macs | None = None,
    ) -> None:
        """Write one decision down; ``say(*about)`` will put it into words.

        ``macs`` are the two MAC addresses that the packet has from here on.
        """
        self._notes.append(
            (stack, device, layer, say, about, before, after, macs, self.reply)
        )

    @property
    def hops(self) -> tuple[Hop, ...]:
        """What was noted so far, in words; O(hops)."""
        return tuple(self._hops())

    def _hops(self) -> Iterator[Hop]:
        macs: _Macs = (None, None)
        inside: list[_Macs] = []
        for number, note in enumerate(self._notes, 1):
            stack, device, layer, say, about, before, after, new_macs, reply = note
            words = say(*about)
            framed = _framed(before, macs)
            if layer is Layer.TUNNEL and after is not None:
                # The frame inside keeps its MACs; the packet outside has none yet.
                if after.vni:
                    inside.append(macs)
                macs = (None, None) if after.vni else inside.pop()
            macs = new_macs or macs
            yield Hop(
                number=number,
                space=stack.key,
                place=stack.place,
                device=device,
                layer=layer,
                decision=words.decision,
                entry=words.entry,
                path=words.path,
                before=framed,
                after=_framed(after, macs),
                reply=reply,
            )


def _framed(packet: Packet | None, macs: _Macs) -> Packet | None:
    """The packet within the frame that carries it."""
    if packet is None or macs == (None, None):
        return packet
    return replace(packet, source_mac=macs[0], target_mac=macs[1])
