"""The kernel's answers beside the model's: the table of `minidock linux --probe`.

```
FROM   TO                    KERNEL      ANSWERED BY   SEEN AS       MODEL
web    db 10.9.0.2:6379/tcp  delivered   db            10.9.0.3      the same
web    db 10.9.0.2:9/tcp     refused                                 the same
```

Invariant: a row that disagrees was asked a second time, with more patience, since a
busy computer may be late.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from minidock.cli.probe import Finding, Probe, probe
from minidock.model.document import Json
from minidock.model.world import World
from minidock.packet.journey import journey
from minidock.packet.trace import OUTSIDE, Outcome
from minidock.topology.machine import Machine
from minidock.views.linux import netns_name, outside_name
from minidock.views.questions import PING, Question, questions
from minidock.views.tables import align

__all__ = ["Expected", "Row", "compared", "expected", "table", "table_json"]

_SECOND_LOOK = 3.0  # seconds


class Expected(NamedTuple):
    """What the model says: how it ends, who answers, and whom that one sees."""

    outcome: Outcome
    server: str = ""
    seen: str = ""


Model = Callable[[World, Question], Expected | None]


def expected(world: World, question: Question) -> Expected | None:
    """What the model answers, or None where it has no answer."""
    trace = journey(world, question.source, question.target)
    if trace.server == OUTSIDE != question.owner:
        return None  # a stranger in the world may have the address, or nobody
    if not trace.delivered:
        return Expected(trace.outcome)
    seen = "" if trace.seen is None else str(trace.seen)
    return Expected(trace.outcome, trace.server, seen)


class Row(NamedTuple):
    """One question with both answers; None where the model has none."""

    question: Question
    kernel: Finding
    model: Expected | None

    @property
    def agrees(self) -> bool:
        """Whether nothing contradicts the model."""
        if self.model is None:
            return True
        if self.kernel.outcome is not self.model.outcome:
            return False
        # A ping is answered by a kernel, which does not say whom it saw.
        if self.kernel.outcome is Outcome.DELIVERED and not self.kernel.server:
            return True
        return self.model[1:] == (self.kernel.server, self.kernel.seen)


def compared(
    world: World,
    machine: Machine,
    prefix: str,
    patience: float,
    model: Model = expected,
) -> list[Row]:
    """Ask a machine that stands under a prefix everything, and the model the same."""
    asked = questions(world, machine)
    names = {space.name: netns_name(space, prefix) for space in machine.namespaces}
    names[OUTSIDE] = outside_name(prefix)
    probes = [_probe_of(question, names[question.space]) for question in asked]
    answers = [model(world, question) for question in asked]
    rows = list(map(Row, asked, probe(probes, patience=patience), answers))
    doubtful = [place for place, row in enumerate(rows) if not row.agrees]
    if doubtful:
        again = probe([probes[place] for place in doubtful], patience=_SECOND_LOOK)
        for place, finding in zip(doubtful, again, strict=True):
            rows[place] = rows[place]._replace(kernel=finding)
    return rows


def _probe_of(question: Question, netns: str) -> Probe:
    protocol = "ping" if question.protocol == PING else question.protocol
    return Probe(netns, protocol, str(question.address), question.port)


# --- show -----------------------------------------------------------------------------


def table(rows: Sequence[Row]) -> str:
    """The rows as a table, and a line that counts them."""
    head = ["FROM", "TO", "KERNEL", "ANSWERED BY", "SEEN AS", "MODEL"]
    lines = [head, *(_cells(row) for row in rows)]
    wrong = sum(not row.agrees for row in rows)
    text = align("".join("\t".join(cells) + "\n" for cells in lines))
    return f"{text}{len(rows)} questions, {wrong} disagreements\n"


def _cells(row: Row) -> list[str]:
    question, found = row.question, row.kernel
    asked = f"ping {question.target}" if question.protocol == PING else question.target
    there = f"{question.owner} {asked}"
    return [question.source, there, found.outcome, found.server, found.seen, _said(row)]


def _said(row: Row) -> str:
    if row.model is None:
        return "-"
    return "the same" if row.agrees else " ".join(filter(None, row.model))


def table_json(rows: Sequence[Row]) -> Json:
    """The rows as JSON."""
    return [
        {
            "source": row.question.source,
            "owner": row.question.owner,
            "target": row.question.target,
            "protocol": row.question.protocol,
            "outcome": row.kernel.outcome.value,
            "server": row.kernel.server,
            "seen": row.kernel.seen,
            "detail": row.kernel.detail,
            "model": None if row.model is None else list(map(str, row.model)),
            "agrees": row.agrees,
        }
        for row in rows
    ]
