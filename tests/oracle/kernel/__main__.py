"""Compare random topologies with the kernel:

    python -m tests.oracle.kernel --topologies 2000 --seed 1
    python -m tests.oracle.kernel --hosts --topologies 100       2-3 hosts with overlays

Prints every disagreement with the commands that lead there. The last line counts. Needs
root; the exit code is 1 if anything differs.
"""

import argparse
import collections
import functools
import os
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

from minidock.cli.compare import Row
from tests.oracle.kernel.clusters import cluster, compare_cluster, report
from tests.oracle.kernel.compare import compare, missing
from tests.oracle.kernel.topologies import topology


def drawn(seed: int, number: int):
    """The topology with a number in the series of a seed."""
    return topology(random.Random(f"{seed}/{number}"))


def kind(row: Row) -> str:
    """What a disagreement is about, without names and numbers."""
    asked, said = row.question, row.model
    family = "v6" if ":" in str(asked.address) else "v4"
    ends = [
        name if name in {"outside", "docker-host"} else "container"
        for name in (asked.source, asked.owner)
    ]
    own = ", itself" if asked.source == asked.owner else ""
    model = said.outcome if said else "-"
    same = " (who or whom)" if said and said.outcome is row.kernel.outcome else ""
    return (
        f"{asked.protocol} {family} from {ends[0]} to {ends[1]}{own}: "
        f"kernel {row.kernel.outcome}, model {model}{same}"
    )


class Summary(NamedTuple):
    """What is told of one topology."""

    questions: int
    seconds: float
    outcomes: dict[str, int]
    kinds: dict[str, int]
    report: str


def summary(seed: int, number: int, most: int) -> Summary:
    """Compare one topology; made by a process of its own."""
    found = compare(drawn(seed, number))
    wrong = found.disagreements
    return Summary(
        questions=len(found.rows),
        seconds=found.seconds,
        outcomes=collections.Counter(row.kernel.outcome.value for row in found.rows),
        kinds=collections.Counter(kind(row) for row in wrong),
        report="\n".join(found.report(most)) if wrong else "",
    )


def summary_of_hosts(seed: int, number: int, most: int) -> Summary:
    """The same for a few hosts with overlay networks."""
    started = time.monotonic()
    found = cluster(random.Random(f"{seed}/{number}"))
    rows = compare_cluster(found)
    wrong = [row for row in rows if not row.agrees]
    return Summary(
        questions=len(rows),
        seconds=time.monotonic() - started,
        outcomes=collections.Counter(row.kernel.outcome.value for row in rows),
        kinds=collections.Counter(kind(row) for row in wrong),
        report="\n".join(report(found, rows, most)) if wrong else "",
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.kernel")
    parser.add_argument("--topologies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--most", type=int, default=3, help="disagreements told of one")
    parser.add_argument("--hosts", action="store_true", help="several hosts each")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each")
    return parser.parse_args()


def main() -> int:
    given = arguments()
    reason = missing()
    if reason:
        print(f"skipped: {reason}")
        return 0
    started = time.monotonic()
    questions = 0
    kinds: collections.Counter[str] = collections.Counter()
    outcomes: collections.Counter[str] = collections.Counter()
    numbers = range(given.first, given.first + given.topologies)
    with ProcessPoolExecutor(given.jobs) as pool:
        one = summary_of_hosts if given.hosts else summary
        work = functools.partial(one, given.seed, most=given.most)
        for number, found in zip(numbers, pool.map(work, numbers), strict=True):
            questions += found.questions
            kinds.update(found.kinds)
            outcomes.update(found.outcomes)
            if given.verbose:
                line = f"{number}: {found.questions} questions, {found.seconds:.2f} s"
                print(line, flush=True)
            if found.report:
                print(f"--- topology {given.seed}/{number}\n{found.report}", flush=True)
    for text, times in kinds.most_common():
        print(f"{times:6}  {text}")
    print(", ".join(f"{count} {name}" for name, count in outcomes.most_common()))
    print(f"{time.monotonic() - started:.0f} s")
    wrong = kinds.total()
    print(
        f"{given.topologies} topologies, {questions} questions, {wrong} disagreements"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
