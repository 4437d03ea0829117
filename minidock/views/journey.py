"""A packet's journey to hold: shows itself as text, and as SVG in a notebook.

```
print(journey)      journey.text      hop by hop, for the terminal
journey             journey.svg       in a notebook, by _repr_svg_
json.dumps(...)     journey.json      plain data, for programs
if journey: ...     journey.why       what it says, without looking
```

Invariant: all forms are made from one trace, and only when somebody asks.
"""

from dataclasses import dataclass
from functools import cached_property

from minidock.model.document import Json
from minidock.model.world import World
from minidock.net.address import V4, Address
from minidock.packet.trace import Hop, Outcome, Trace
from minidock.views.trace_json import trace_json
from minidock.views.trace_motion import animated_svg
from minidock.views.trace_page import trace_page
from minidock.views.trace_svg import trace_svg
from minidock.views.trace_text import trace_text
from minidock.views.trail import heading

__all__ = ["Journey"]


@dataclass(frozen=True)  # without slots: cached_property keeps what was drawn
class Journey:
    """A trace and the World in which it was walked.

    >>> from minidock.engine import Engine
    >>> lost = Trace(source="web", target="db", protocol="icmp", why="No such name.",
    ...              outcome=Outcome.UNREACHABLE)
    >>> journey = Journey(Engine().world, lost)
    >>> journey
    <Journey web to db (icmp): unreachable, 0 hops>
    >>> bool(journey), journey.why
    (False, 'No such name.')
    >>> print(journey)
    web to db (icmp)
    <BLANKLINE>
    UNREACHABLE: No such name.
    """

    world: World
    trace: Trace
    others: tuple[World, ...] = ()
    """Other hosts of the journey, in full."""

    # -- what it says --

    @property
    def source(self) -> str:
        """Who asked, as it was written."""
        return self.trace.source

    @property
    def target(self) -> str:
        """Whom, as it was written."""
        return self.trace.target

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        return self.trace.outcome

    @property
    def delivered(self) -> bool:
        """Whether the sender got an answer from a program."""
        return self.trace.delivered

    @property
    def why(self) -> str:
        """Why it ended so, in one sentence."""
        return self.trace.why

    @property
    def remedy(self) -> str:
        """What would work, if it was not delivered."""
        return self.trace.remedy

    @property
    def hops(self) -> tuple[Hop, ...]:
        """Every decision on the way, there and back."""
        return self.trace.hops

    @property
    def server(self) -> str:
        """Whose program got the request."""
        return self.trace.server

    @property
    def seen(self) -> Address | None:
        """The address that the server saw the request come from."""
        return self.trace.seen

    @property
    def family(self) -> int:
        """4 or 6: which packets the asking host saw first."""
        packets = (hop.before or hop.after for hop in self.trace.hops if not hop.space)
        found = next((packet for packet in packets if packet), self.trace.final)
        return V4 if found is None else found.family

    def __bool__(self) -> bool:
        return self.trace.delivered

    # -- how it shows itself --

    def as_text(
        self,
        width: int = 80,
        *,
        ascii_only: bool = False,
        colour: bool = False,
        brief: bool = False,
        predict: bool = False,
    ) -> str:
        """The text for a terminal; see :func:`minidock.views.trace_text.trace_text`."""
        return trace_text(
            self.trace,
            width,
            ascii_only=ascii_only,
            colour=colour,
            brief=brief,
            predict=predict,
        )

    @cached_property
    def text(self) -> str:
        """For a terminal of 80 columns."""
        return trace_text(self.trace)

    @cached_property
    def brief(self) -> str:
        """Only routes, rules and proxies, and how it ended."""
        return trace_text(self.trace, brief=True)

    @cached_property
    def riddle(self) -> str:
        """The places alone: what is decided there, and how does it end?"""
        return trace_text(self.trace, predict=True)

    @cached_property
    def svg(self) -> str:
        """A self-contained picture."""
        return trace_svg(self.world, self.trace, self.others)

    @cached_property
    def animated_svg(self) -> str:
        """The picture with the packet moving through it, without a script."""
        return animated_svg(self.world, self.trace, self.others)

    @cached_property
    def html(self) -> str:
        """A page of its own, with a slider from hop to hop."""
        return trace_page(self.trace, self.svg)

    @property
    def json(self) -> dict[str, Json]:
        """Plain data, made anew for whoever asks, who may change it."""
        return trace_json(self.trace)

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        count = len(self.hops)
        hops = f"{count} hop" if count == 1 else f"{count} hops"
        return f"<Journey {heading(self.trace)}: {self.outcome}, {hops}>"
