"""What a host port costs: empty, crowded, exhausted, behind many addresses.

Run ``python -m benchmarks.ports``. Every row is measured in this run, alternated with
its yardstick, and given as a ratio, so the machine's speed drops out. moby's figures
are Go's, measured once on another machine: they show how its cost grows, nothing more.
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import NamedTuple

from minidock.eras import PortConflicts
from minidock.errors import PortsExhausted
from minidock.net.address import Address
from minidock.ports.portset import PortSet
from minidock.ports.table import ANY_V4, PortTable

ROUNDS = 15
LOOPS = 200
FIRST, LAST = 32768, 60999


class Row(NamedTuple):
    name: str
    microseconds: float
    ratio: float
    """To an ephemeral claim in an empty table."""
    moby_microseconds: float


def filled(
    *, but: int = 0, conflicts: PortConflicts = PortConflicts.OVERLAPPING
) -> PortTable:
    """A table whose ephemeral ports on 0.0.0.0 are taken, but this many at the end."""
    table = PortTable(conflicts=conflicts)
    for _ in range(LAST - FIRST + 1 - but):
        table, _ = table.claim(ANY_V4, "tcp")
    return table


def behind_addresses(count: int) -> PortTable:
    """A table that knows this many host addresses, each holding one port."""
    table = PortTable()
    for n in range(count):
        table, _ = table.claim(Address(0x7F000001 + n), "tcp", 9000 + n, 9000 + n)
    return table


def ephemeral(table: PortTable) -> Callable[[], object]:
    return lambda: table.claim(ANY_V4, "tcp")


def refused(table: PortTable) -> Callable[[], object]:
    def claim() -> bool:
        try:
            table.claim(ANY_V4, "tcp")
        except PortsExhausted:
            return True
        raise AssertionError("a port was free")

    return claim


def cost(run: Callable[[], object]) -> float:
    """Seconds a call takes, over one round of LOOPS calls."""
    start = perf_counter()
    for _ in range(LOOPS):
        run()
    return (perf_counter() - start) / LOOPS


def compare(
    run: Callable[[], object], yardstick: Callable[[], object]
) -> tuple[float, float]:
    """Median cost of a call, and its ratio to the yardstick, alternated."""
    pairs = [(cost(run), cost(yardstick)) for _ in range(ROUNDS)]
    ours = median(mine for mine, _ in pairs)
    return ours, ours / median(theirs for _, theirs in pairs)


def cases() -> dict[str, tuple[Callable[[], object], float]]:
    """Each case, with what moby's allocator took for it, in microseconds."""
    one_free = filled(but=1)
    scattered = behind_addresses(4096)
    return {
        "empty table": (ephemeral(PortTable()), 0.41),
        "one port free": (ephemeral(one_free), 510.0),
        "all ports taken (refused)": (refused(filled()), 1030.0),
        "4,096 host addresses": (ephemeral(scattered), 1431.0),
        "exact port": (lambda: PortTable().claim(ANY_V4, "tcp", 8080, 8080), 0.29),
    }


def rows() -> list[Row]:
    """All cases against a claim in an empty table."""
    empty = ephemeral(PortTable())
    table = []
    for name, (run, moby) in cases().items():
        seconds, ratio = compare(run, empty)
        table.append(Row(name, seconds * 1e6, ratio, moby))
    return table


def main() -> None:
    print(f"{'one claim':28}{'us':>8}{'ratio':>8}{'moby us':>10}")
    for row in rows():
        print(
            f"{row.name:28}{row.microseconds:8.2f}{row.ratio:8.2f}{row.moby_microseconds:10.2f}"
        )
    print(f"held on one address at most: {len(PortSet.of(range(FIRST, LAST + 1)))}")


if __name__ == "__main__":
    main()
