"""Entries and journeys as plain data for a page.

```
 Entry   ─▶ {"line": ..., "text": ..., "ok": true, "why": ""}
 Journey ─▶ {"svg": ..., "outcome": "delivered", "hops": [{"number": 1, ...}]}
```

Invariant: texts, numbers, true, false, null, and lists and objects of them.
"""

from minidock.model.document import Json
from minidock.packet.packet import Packet
from minidock.packet.trace import Hop
from minidock.playground.session import Entry
from minidock.views.changes import changes, words
from minidock.views.journey import Journey
from minidock.views.trail import decisive, heading, seen_by, where

__all__ = ["entry_json", "journey_json"]


def entry_json(entry: Entry) -> Json:
    """A line, and what it printed."""
    return {
        "line": entry.line,
        "kind": entry.kind.value,
        "text": entry.text,
        "ok": entry.ok,
        "why": entry.why,
        "picture": entry.picture,
        "journey": entry.journey is not None,
    }


def journey_json(journey: Journey) -> Json:
    """A journey's picture, how it ended, and each hop for the slider.

    >>> from minidock.engine import Engine
    >>> docker = Engine()
    >>> ok = docker("run -d --name web nginx").ok
    >>> told = journey_json(docker.trace("host", "web:80"))
    >>> told["outcome"], [hop["number"] for hop in told["hops"]][:3]
    ('delivered', [1, 2, 3])
    """
    last = decisive(journey.trace)
    return {
        "title": heading(journey.trace),
        "svg": journey.svg,
        "outcome": str(journey.outcome),
        "delivered": journey.delivered,
        "why": journey.why,
        "remedy": journey.remedy,
        "seen": seen_by(journey.trace),
        "hops": [_hop(hop, decides=hop is last) for hop in journey.hops],
    }


def _hop(hop: Hop, *, decides: bool) -> Json:
    changed = changes(hop.before, hop.after)
    return {
        "number": hop.number,
        "where": where(hop),
        "layer": str(hop.layer),
        "decision": hop.decision,
        "rule": hop.entry,
        "reply": hop.reply,
        "decides": decides,
        "packet": _packet(hop.after or hop.before),
        "changed": [list(change) for change in changed],
    }


def _packet(packet: Packet | None) -> str:
    return "" if packet is None else " ".join(word.text for word in words(packet))
