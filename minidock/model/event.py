"""What happened, as values: the lines of `docker events`, and the steps beneath them.

A command returns the events it caused. Those of type ``container``, ``network``,
``image`` and ``volume`` are Docker's own; those of type ``step`` name what Docker did
to
the host on the way (create a veth pair, attach it, move and rename it, ...), in order.
"""

from dataclasses import dataclass, field

from minidock.model.document import Document

__all__ = ["Event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened; ``time`` is nanoseconds since 1970.

    >>> str(Event(type="network", action="create", actor="abc", time=0))
    'network create abc'
    """

    type: str
    action: str
    actor: str
    time: int
    attributes: Document = field(default_factory=Document)

    def __str__(self) -> str:
        return f"{self.type} {self.action} {self.actor}"
