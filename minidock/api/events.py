"""`docker events`: what happened since a moment, and what happens from now on.

```
          since            now             until
 ──●──●────┼──●───●──●──●───┼───●────●───────┼────▶
              └─ at once ───┘   └─ live ─────┘ over
```

Without ``since`` it begins with now; without ``until`` it never ends. Values of one
filter are alternatives, all filters must fit; a filter that nobody knows is ignored.

Docker's source: moby, ``daemon/events/filter.go`` and ``api/server/router/system``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from minidock.api.call import Answer, Call
from minidock.api.filters import Filters, asked_filters, has_labels
from minidock.api.http import Response
from minidock.api.moments import moment_of
from minidock.api.streams import STDOUT, Chunk, Moment, Reading
from minidock.errors import InvalidParameter
from minidock.model.document import Json
from minidock.model.event import Event
from minidock.views.gojson import dumps

__all__ = ["EventStream", "event_json", "events", "fits"]

_SECOND = 1_000_000_000
_STATUSED = ("container", "image")
"""The types that were there before events had types; they keep their old fields."""


def event_json(event: Event) -> dict[str, Json]:
    """An event as the API writes it.

    >>> shown = event_json(Event(type="network", action="create", actor="abc", time=7))
    >>> shown["Actor"], shown["timeNano"], "status" in shown
    ({'ID': 'abc', 'Attributes': {}}, 7, False)
    """
    texts = event.attributes
    attributes: dict[str, Json] = {key: texts.text(key) for key in sorted(texts)}
    shown: dict[str, Json] = {}
    if event.type in _STATUSED:
        shown = {"status": event.action, "id": event.actor}
        if event.type == "container" and texts.text("image"):
            shown["from"] = texts.text("image")
    return {
        **shown,
        "Type": event.type,
        "Action": event.action,
        "Actor": {"ID": event.actor, "Attributes": attributes},
        "scope": "local",
        "time": event.time // _SECOND,
        "timeNano": event.time,
    }


# --- filters --------------------------------------------------------------------------

_NAMED = ("container", "daemon", "network", "plugin", "volume")
"""Filters that an id or a name may begin with; odd on purpose: of any type."""
_WITH_WORDS = {"health_status", "exec_create", "exec_start"}
"""Actions that have words after a colon, and may be asked for without them."""


def fits(event: Event, filters: Filters) -> bool:
    """Whether an event passes the filters.

    >>> died = Event(type="container", action="die", actor="abc", time=0)
    >>> fits(died, {"event": ("die", "stop")}), fits(died, {"type": ("network",)})
    (True, False)
    """
    name = event.attributes.text("name")
    return (
        _fits_action(event.action, filters.get("event", ()))
        and _exactly(filters.get("type", ()), event.type)
        and _exactly(filters.get("scope", ()), "local")
        and all(_begins(filters.get(key, ()), event.actor, name) for key in _NAMED)
        and _fits_image(event, filters.get("image", ()))
        and has_labels({"label": filters.get("label", ())}, event.attributes)
    )


def _exactly(wanted: Sequence[str], *texts: str) -> bool:
    return not wanted or any(text in wanted for text in texts)


def _begins(wanted: Sequence[str], *texts: str) -> bool:
    return not wanted or any(text.startswith(tuple(wanted)) for text in texts)


def _fits_action(action: str, wanted: Sequence[str]) -> bool:
    # Odd on purpose: one such word among the values makes all of them beginnings.
    if _WITH_WORDS.intersection(wanted):
        return _begins(wanted, action)
    return _exactly(wanted, action)


def _fits_image(event: Event, wanted: Sequence[str]) -> bool:
    key = "name" if event.type == "image" else "image"
    names = (event.actor, event.attributes.text(key))
    return _exactly(wanted, *names, *(_without_tag(name) for name in names))


def _without_tag(name: str) -> str:
    """``busybox`` of ``busybox:1.36``; a colon before a slash is a port's."""
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name


# --- the stream -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStream:
    """The events that somebody asked for, as a stream of JSON lines."""

    since: int
    until: int | None = None
    filters: Filters = field(default_factory=dict)
    place: int = -1
    """How many events happened before the next one to look at; -1: find it out."""

    def read(self, moment: Moment) -> Reading:
        """What is new; O(what is new), the first time O(the events there are)."""
        place = self.place
        fresh = moment.events[max(place - moment.first, 0) :]
        lines = [
            dumps(event_json(event)) + "\n"
            for event in fresh
            if event.type != "step"
            and (place >= 0 or event.time >= self.since)
            and (self.until is None or event.time <= self.until)
            and fits(event, self.filters)
        ]
        chunks = (Chunk(STDOUT, "".join(lines).encode()),) if lines else ()
        if self.until is not None and moment.now >= self.until:
            return Reading(chunks)
        rest = replace(self, place=moment.first + len(moment.events))
        return Reading(chunks, rest, self.until)


def events(call: Call) -> Answer:
    """GET /events?since=T&until=T&filters=F; moments are seconds since 1970."""
    since = moment_of(call.query.get("since", ""))
    until = moment_of(call.query.get("until", ""))
    if until is not None and until < (since or 0):
        texts = call.query.get("since", ""), call.query.get("until", "")
        raise InvalidParameter(
            f"`since` time ({texts[0]}) cannot be after `until` time ({texts[1]})",
            asked="the events of a time that ends before it begins",
            rule="until is not before since",
            remedy="?since=EARLIER&until=LATER",
        )
    stream = EventStream(
        since=call.now if since is None else since,
        until=until,
        filters=asked_filters(call, None),
    )
    response = Response(headers={"Content-Type": "application/json"}, stream=stream)
    return Answer(world=call.world, response=response)
