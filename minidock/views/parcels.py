"""What crosses from host to host: a frame in a UDP packet, part by part.

```
 (7) request  ┌ IP 20 ────────────────┬ UDP 8 ────────┬ VXLAN 8 ┬ Ethernet 14 ┬ 60 ──┐
  60 + 50     │ 192.0.2.2 > 192.0.2.3 │ 51234 > 4789  │ VNI 256 │ the frame   │ tcp  │
              └───────────────────────┴───────────────┴─────────┴─────────────┴──────┘
```

Invariants: a parcel for each trip at most, the first one that was wrapped; its parts
stand beside one another in the order in which they are on the wire.
"""

from collections.abc import Iterator
from typing import NamedTuple

from minidock.packet.packet import Packet
from minidock.packet.trace import Hop, Layer, Trace
from minidock.views.bubbles import Bubble
from minidock.views.canvas import Label, Point, Role
from minidock.views.furniture import Frame
from minidock.views.stops import Stop

__all__ = ["Parcel", "Part", "parcels"]

_HEIGHT = 42
_PITCH = 54
_PAD = 8
_UDP, _VXLAN, _ETHERNET = 8, 8, 14


class Part(NamedTuple):
    """A header, or what is within all of them."""

    frame: Frame
    labels: tuple[Label, ...]
    inside: bool
    """Whether it is the container's own packet."""


class Parcel(NamedTuple):
    """A packet of a container with all that was put around it."""

    number: Bubble
    labels: tuple[Label, ...]
    parts: tuple[Part, ...]

    @property
    def right(self) -> int:
        """The x of its right end."""
        last = self.parts[-1].frame
        return last.x + last.width

    @property
    def bottom(self) -> int:
        """The y of its lower edge."""
        last = self.parts[-1].frame
        return last.y + last.height


def parcels(trace: Trace, at: Point) -> tuple[Parcel, ...]:
    """The parcels of a trace below one another, from a point; O(trace)."""
    found = [
        next((hop for hop in trace.hops if hop.reply is reply and _wraps(hop)), None)
        for reply in (False, True)
    ]
    shown = [hop for hop in found if hop is not None]
    heads = [
        _head(hop, Point(at.x, at.y + _PITCH * row)) for row, hop in enumerate(shown)
    ]
    ends = [label.left + label.width for _, labels in heads for label in labels]
    start = max(ends, default=at.x) + 12
    return tuple(
        Parcel(*head, tuple(_parts(hop, Point(start, at.y + _PITCH * row))))
        for row, (hop, head) in enumerate(zip(shown, heads, strict=True))
    )


def _wraps(hop: Hop) -> bool:
    if hop.before is None or hop.after is None:
        return False
    return hop.layer is Layer.TUNNEL and hop.after.kind == "VXLAN"


def _ends(hop: Hop) -> tuple[Packet, Packet]:
    """The packet within, and the one outside, of a hop that wraps."""
    if hop.before is None or hop.after is None:
        raise AssertionError(hop)
    return hop.before, hop.after


def _head(hop: Hop, at: Point) -> tuple[Bubble, tuple[Label, ...]]:
    inner, outer = _ends(hop)
    stop = Stop(spot="", first=hop.number, last=hop.number, reply=hop.reply)
    number = Bubble(stop, Point(at.x, at.y + _HEIGHT // 2))
    x = number.right + 10
    more = outer.size - inner.size
    return number, (
        Label("answer" if hop.reply else "request", Point(x, at.y + 18), Role.NAME),
        Label(f"{inner.size} + {more}", Point(x, at.y + 34), Role.CHIP),
    )


def _parts(hop: Hop, at: Point) -> Iterator[Part]:
    inner, outer = _ends(hop)
    ip = outer.size - inner.size - _UDP - _VXLAN - _ETHERNET
    texts = (
        (f"IP {ip}", f"{outer.source} > {outer.target}"),
        (f"UDP {_UDP}", f"{outer.source_port} > {outer.target_port}"),
        (f"VXLAN {_VXLAN}", f"VNI {outer.vni}"),
        (f"Ethernet {_ETHERNET}", "the frame"),
        (f"{inner.protocol} within {inner.size}", str(inner).partition(" ")[2]),
    )
    x = at.x
    for number, (title, detail) in enumerate(texts):
        labels = (
            Label(title, Point(x + _PAD, at.y + 17), Role.NOTE),
            Label(detail, Point(x + _PAD, at.y + 33), Role.CHIP),
        )
        width = max(label.width for label in labels) + 2 * _PAD
        frame = Frame(x, at.y, width, _HEIGHT)
        yield Part(frame, labels, number == len(texts) - 1)
        x += width
