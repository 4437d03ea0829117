"""`docker events`: a line for everything that happened.

```
2026-11-24T19:00:00.832282652Z container create 645a… (image=busybox, name=e1)
└ when, nine digits always     └ type    └ action └ id  └ attributes, sorted
```

The model does not wait: without ``--until`` it shows what there is by now. Docker's
source: docker/cli, ``cli/command/system/events.go``.
"""

import json
from collections.abc import Iterator

from minidock.api.filters import until
from minidock.client.session import Session, filters_query
from minidock.commandline.grammar import Parsed
from minidock.model.document import Document, freeze
from minidock.views.durations import clock_text
from minidock.views.gotemplate import TemplateError, render

__all__ = ["engine_moment", "events"]

_SECOND = 1_000_000_000


def events(session: Session, parsed: Parsed) -> None:
    """`docker events --since T --until T --filter F --format TEMPLATE`."""
    query = filters_query(parsed)
    for key in ("since", "until"):
        if parsed.text(key):
            query[key] = engine_moment(session, parsed.text(key))
    template = parsed.text("format")
    if template == "json":
        template = "{{json .}}"
    for event in _read(session, query):
        try:
            line = render(template, event) if template else _line(event)
        except TemplateError as error:
            session.complain(str(error), 64)
            return
        session.print(line)


def engine_moment(session: Session, text: str) -> str:
    """A moment as the engine reads it; durations count back from now."""
    moment = until({"until": (text,)}, session.terminal.now) or 0
    return f"{moment // _SECOND}.{moment % _SECOND:09}"


def _read(session: Session, query: dict[str, str]) -> Iterator[Document]:
    response = session.call("GET", "/events", query=query)
    moment = session.terminal.moment
    if response.stream is None or moment is None:
        return
    reading = response.stream.read(moment())
    text = b"".join(chunk.data for chunk in reading.chunks).decode()
    for line in text.splitlines():
        document = freeze(json.loads(line))
        if isinstance(document, Document):
            yield document


def _line(event: Document) -> str:
    nanoseconds = event.number("timeNano")
    actor = event.document("Actor")
    attributes = actor.document("Attributes")
    day, clock = clock_text(nanoseconds - nanoseconds % _SECOND).split()[:2]
    line = (
        f"{day}T{clock}.{nanoseconds % _SECOND:09}Z {event.text('Type')} "
        f"{event.text('Action')} {actor.text('ID')}"
    )
    if attributes:
        pairs = [f"{key}={attributes.text(key)}" for key in sorted(attributes)]
        line += f" ({', '.join(pairs)})"
    return line
