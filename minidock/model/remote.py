"""What an engine asked its plugins, and what they answered, as facts of a World.

```
command ──▶ ask: is the answer among the facts?  yes ──▶ go on with it
                                                 no  ──▶ Needs(call), all over again
                                                         once somebody has asked
```

A World is changed by pure functions, and a plugin is asked over a socket. So what it
answered is put into the World before the request is answered, and is used up there.

Invariant: between two requests no fact is left over; what a request used is in the
journal beside it, so it is read back without the plugin.

Docker's name for the protocol: plugin API (moby, ``pkg/plugins``).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from minidock.model.maps import Map

__all__ = ["Call", "Heard", "Needs", "Remote"]


class Call(NamedTuple):
    """One call of a plugin; the body is JSON with its keys in order."""

    plugin: str
    method: str
    body: str = "{}"


class Heard(NamedTuple):
    """What became of a call."""

    call: Call
    reply: str = ""
    """The body of an answer with status 200."""
    failure: str = ""
    """Why there is none, in Docker's words; "" if there is."""
    missing: bool = False
    """Whether no plugin of that name was found."""
    unknown: bool = False
    """Whether the plugin has no such method: it answered with status 404."""


class Needs(Exception):
    """An answer of a plugin is needed before a request can be answered."""

    def __init__(self, call: Call) -> None:
        super().__init__(call.method)
        self.call = call


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """The plugins as a World knows them."""

    heard: tuple[Heard, ...] = ()
    """Answers that the request under way may use, each once."""
    active: Map[frozenset[str]] = field(default_factory=Map)
    """The plugins that were activated, and the kinds that each one is of."""
    spaces: Map[str] = field(default_factory=Map)
    """The IPAM plugins that were activated, and their local address spaces."""
    drivers: Map[str] = field(default_factory=Map)
    """The network plugins that were activated, and the scope of their networks."""
    pending: tuple[Call, ...] = ()
    """What plugins are to be told of what has happened; no answer is waited for."""
