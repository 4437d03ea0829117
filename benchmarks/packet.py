"""Packets: walks a second, what many rules cost, the matrix, and rules rendered.

A walk is one new flow through every chain on its way from a container to the world
outside, or from there to a published port, with every decision noted. ``of`` is what it
is measured against: the goal, or the same walk in a smaller world.

Machines differ, and one machine differs from hour to hour. The goal of walks a second
was set on a machine that calls an empty function in 15 ns; it is stretched here by as
much as that call takes longer in the same run.
"""

import time
import timeit
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from minidock.engine import Engine
from minidock.firewall.render import save
from minidock.host.rules import rules
from minidock.net.address import Address
from minidock.packet.conversation import request
from minidock.packet.fabric import Fabric
from minidock.packet.notes import Notes
from minidock.packet.packet import Packet
from minidock.packet.reach import reachability
from minidock.packet.site import fabric_of
from minidock.packet.stack import Stack
from minidock.packet.walk import Walk

WALKS = 2000
ROUTER, HOST = Address.parse("192.0.2.1"), Address.parse("192.0.2.2")


class Row(NamedTuple):
    what: str
    ours: float
    other: float
    goal: float
    more_is_better: bool = False

    @property
    def ratio(self) -> float:
        return self.ours / self.other

    @property
    def met(self) -> bool:
        better = self.ratio >= self.goal if self.more_is_better else None
        return self.ratio <= self.goal if better is None else better


def _nothing() -> None:
    pass


def stretch() -> float:
    """How many times slower than the machine of the goals this one is just now."""
    return min(timeit.repeat(_nothing, number=200_000, repeat=5)) / 200_000 / 15e-9


def published(ports: int) -> Fabric:
    """A host with one web server and as many published ports."""
    docker = Engine("20.10")
    last = 10_000 + ports - 1
    span = f"10000-{last}:10000-{last}"
    assert docker(f"run -d --name web -p {span} nginx").ok
    return fabric_of(docker.world)


def walks(fabric: Fabric, stack: Stack, packet: Packet, silent: bool) -> float:
    """Seconds for a walk."""
    start = time.perf_counter()
    for _ in range(WALKS):
        Walk(fabric, Notes(silent=silent)).send(stack, packet)
    return (time.perf_counter() - start) / WALKS


def ways(fabric: Fabric) -> tuple[tuple[Stack, Packet], ...]:
    """Out of the first container, and in by the first published port."""
    web = next(s for s in fabric.stacks.values() if s.place == "web")
    out = request("tcp", Address.parse("172.17.0.2"), ROUTER, 80)
    into = request("tcp", ROUTER, HOST, 10_000)
    return (web, out), (fabric.outside, into)


def rates() -> Iterator[Row]:
    small, large = published(10), published(10_000)
    usual = published(60)
    for name, place in (("out", 0), ("in", 1)):
        traced = median(walks(usual, *ways(usual)[place], False) for _ in range(5))
        goal = 20_000 / stretch()
        yield Row(f"walks {name} a second, all noted", 1 / traced, goal, 1, True)
        pairs = [
            (walks(large, *ways(large)[place], True),
             walks(small, *ways(small)[place], True))
            for _ in range(5)
        ]  # fmt: skip
        ours, other = (median(side) * 1e6 for side in zip(*pairs, strict=True))
        yield Row(f"walk {name}, 10,000 ports to 10 (us)", ours, other, 1.5)


def matrix() -> Row:
    docker = Engine("28")
    for number in range(10):
        docker(f"network create net{number}")
    for number in range(200):
        line = f"run -d --name c{number:03} --network net{number % 10} busybox sleep 9"
        assert docker(line).ok
    start = time.perf_counter()
    found = reachability(docker.world)
    took = time.perf_counter() - start
    return Row(f"matrix of {len(found)} pairs, to 5 seconds", took, 5.0, 1)


def rendered() -> Row:
    docker = Engine("28")
    for number in range(1000):
        assert docker(f"run -d --name c{number:04} -p 80 busybox sleep 9").ok
    start = time.perf_counter()
    text = save(rules(docker.world))
    took = time.perf_counter() - start
    assert text.count("DNAT") == 1000
    return Row("rules of 1,000 endpoints rendered, to 1 second", took, 1.0, 1)


def rows() -> Iterator[Row]:
    yield from rates()
    yield matrix()
    yield rendered()


def main() -> int:
    met = True
    print(f"{'what':<48}{'ours':>10}{'of':>10}{'ratio':>8}  goal")
    for row in rows():
        met = met and row.met
        sign = ">=" if row.more_is_better else "<="
        verdict = "" if row.met else "  MISSED"
        print(
            f"{row.what:<48}{row.ours:>10.4g}{row.other:>10.4g}{row.ratio:>8.2f}"
            f"  {sign} {row.goal:g}{verdict}"
        )
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
