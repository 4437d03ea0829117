"""Build a topology, ask the kernel and the model the same, and list what differs."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from time import perf_counter

from minidock.cli.compare import Expected, Row, compared, expected
from minidock.cli.probe import PATIENCE
from minidock.cli.standing import standing
from minidock.errors import Refusal
from minidock.host.machine import machine
from minidock.model.world import World
from minidock.net.address import Address
from minidock.packet import site
from minidock.packet.fabric import fabric
from minidock.packet.journey import journey
from minidock.packet.trace import Outcome
from minidock.topology.namespace import Route
from minidock.views.linux_plan import plan
from minidock.views.questions import Question
from tests.oracle.kernel.topologies import Topology

__all__ = ["Comparison", "compare", "missing"]

_numbers = count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A topology with both answers to every question."""

    topology: Topology
    world: World
    rows: list[Row]
    notes: list[str]
    seconds: float

    @property
    def disagreements(self) -> list[Row]:
        """What the kernel and the model answer differently."""
        return [row for row in self.rows if not row.agrees]

    def report(self, most: int = 10) -> Iterator[str]:
        """The commands that lead there, and the first disagreements with their hops."""
        wrong = self.disagreements
        yield str(self.topology)
        yield from (f"  note: {note}" for note in self.notes)
        for row in wrong[:most]:
            asked = row.question
            yield f"  {asked.source} asks {asked.owner} at {asked.target}"
            yield f"    kernel  {row.kernel}"
            yield f"    model   {' '.join(map(str, row.model or ()))}"
            try:
                trace = journey(self.world, asked.source, asked.target)
            except Refusal as refusal:
                yield f"      {refusal}"
                continue
            for hop in trace.hops:
                back = "<" if hop.reply else ">"
                yield (
                    f"      {back} {hop.place} {hop.device} {hop.layer}: "
                    f"{hop.decision} [{hop.entry}] {hop.after or ''}"
                )
            yield f"      {trace.why}"
        if len(wrong) > most:
            yield f"  ... and {len(wrong) - most} more"


def missing() -> str:
    """Why no kernel can be asked here; "" if one can."""
    from minidock.cli.standing import check_computer
    from minidock.errors import Forbidden

    try:
        check_computer("compare with the kernel")
    except Forbidden as refusal:
        return refusal.text
    return ""


def compare(topology: Topology, *, patience: float = PATIENCE) -> Comparison:
    """Build it under a name of its own, ask, compare, remove it."""
    world = topology.engine().world
    started = perf_counter()
    built = machine(world)
    prefix = f"mdk{os.getpid()}x{next(_numbers)}"
    back = _ways_back(world) if topology.ways_back else ()
    beneath = replace(site.site_of(world), ways_back=back)
    site._last[:] = [((world,), fabric([beneath]))]  # what the model is asked about
    made = plan(world, built, prefix, probed=True, more_ways_back=back)
    with standing(made) as notes:
        rows = compared(world, built, prefix, patience, answer)
    return Comparison(
        topology=topology,
        world=world,
        rows=rows,
        notes=notes,
        seconds=perf_counter() - started,
    )


def answer(world: World, question: Question) -> Expected | None:
    """What the model says; a refusal is no answer to a question about what stands."""
    try:
        return expected(world, question)
    except Refusal as refusal:
        return Expected(Outcome.UNREACHABLE, "refused", refusal.text)


def _ways_back(world: World) -> tuple[Route, ...]:
    """Routes to the networks of bridges, over the host's card."""
    card = Address.parse("192.0.2.2")
    return tuple(
        Route(destination=network.pool.subnet, device="eth0", gateway=card)
        for network in world.networks.values()
        if network.bridge is not None and network.pool is not None
    )
