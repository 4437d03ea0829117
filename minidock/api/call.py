"""One API call on its way through a handler, and the answer that comes back.

```
Request ──▶ route ──▶ Call(world, path words, query, body, api, now) ──▶ Answer
                                                                   (world, response,
                                                                    events)
```

A handler is a pure function of its call. It raises a refusal, which the router turns
into a status and a message, or gives an answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from minidock.api.http import Response
from minidock.commands.outcome import Outcome
from minidock.model.document import Document, Json, freeze
from minidock.model.event import Event
from minidock.model.world import World

__all__ = ["Answer", "Call", "answered", "document_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request after routing; ``api`` is the version asked for, such as (1, 41)."""

    world: World
    words: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    raw: str | None = None
    content_type: str = "application/json"
    api: tuple[int, int] = (1, 51)
    now: int = 0
    data: bytes = b""
    pairs: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a name in the query."""
        if self.pairs:
            return tuple(value for key, value in self.pairs if key == name)
        return (self.query[name],) if name in self.query else ()

    def flag(self, name: str) -> bool:
        """A boolean of the query, as Docker reads it: "", 0, no, false, none are no."""
        value = self.query.get(name, "").strip().lower()
        return value not in {"", "0", "no", "false", "none"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The next World, what to send, and what happened."""

    world: World
    response: Response
    events: tuple[Event, ...] = ()


def answered(outcome: Outcome, status: int = 204, body: Json = None) -> Answer:
    """The answer to a command that went through.

    Raises:
        Refusal: the outcome carries one; see :class:`RefusedOutcome`.
    """
    if outcome.refusal is not None:
        raise RefusedOutcome(outcome)
    return Answer(
        world=outcome.world,
        response=Response(status=status, body=body),
        events=outcome.events,
    )


class RefusedOutcome(Exception):
    """A refusal that left a changed World; the router keeps both."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(str(outcome.refusal))
        self.outcome = outcome


def document_of(value: Json) -> Document:
    """A JSON object as a document; anything else as an empty one."""
    frozen = freeze(value)
    return frozen if isinstance(frozen, Document) else Document()
