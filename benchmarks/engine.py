"""What a whole engine costs: to import, to show, and with ten thousand containers.

Run ``python -m benchmarks.engine``. Each row is a ratio within this run: against a bare
interpreter, against a second of patience, or against the same command in a small World.
"""

import subprocess
import sys
from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import NamedTuple

from minidock.engine import Engine

RUNS = 9
CONTAINERS = 10_000
WINDOW = 50


class Row(NamedTuple):
    name: str
    ours: float
    """Seconds."""
    yardstick: float
    goal: float
    """The ratio that is not to be exceeded."""

    @property
    def ratio(self) -> float:
        return self.ours / self.yardstick


def process(*arguments: str) -> float:
    started = perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - started


def alternated(ours: tuple[str, ...], other: tuple[str, ...]) -> tuple[float, float]:
    """Medians of both commands, run in turn."""
    pairs = [(process(*ours), process(*other)) for _ in range(RUNS)]
    return median(p[0] for p in pairs), median(p[1] for p in pairs)


def grown() -> tuple[float, float]:
    """A create and a start as the 100th and as the last container of one network."""
    docker = Engine("28")
    docker("pull nginx")
    docker("network create big --subnet 10.0.0.0/16")
    body = {"Image": "nginx", "HostConfig": {"NetworkMode": "big"}}
    times = []
    for number in range(CONTAINERS + WINDOW):
        started = perf_counter()
        docker.api("POST", f"/containers/create?name=c{number}", body)
        docker.api("POST", f"/containers/c{number}/start")
        times.append(perf_counter() - started)
    hundredth = median(times[100 - WINDOW : 100 + WINDOW])
    return median(times[CONTAINERS - WINDOW :]), hundredth


def rows() -> Iterator[Row]:
    ours, bare = alternated(("-c", "import minidock"), ("-c", "pass"))
    yield Row("import minidock, to a bare interpreter", ours, bare, 3)
    ours, _ = alternated(("-m", "minidock", "demo"), ("-c", "pass"))
    yield Row("minidock demo, to one second", ours, 1.0, 1)
    last, hundredth = grown()
    yield Row("create and start, 10,000th to 100th", last, hundredth, 3)


def main() -> int:
    """Print the table; the number of goals that were missed."""
    print(f"{'':40} {'ours ms':>9} {'other ms':>9}   ratio  goal")
    missed = 0
    for row in rows():
        met = row.ratio <= row.goal
        missed += not met
        print(
            f"{row.name:40} {row.ours * 1e3:9.2f} {row.yardstick * 1e3:9.2f} "
            f"{row.ratio:7.2f} {row.goal:5g}  {'met' if met else 'MISSED'}",
            flush=True,
        )
    return missed


if __name__ == "__main__":
    raise SystemExit(1 if main() else 0)
