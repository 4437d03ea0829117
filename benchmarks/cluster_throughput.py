"""How fast several hosts allocate at the same time through one real registry.

Run ``python -m benchmarks.cluster_throughput --writers 1,2,4,8 --seconds 5 --stores
etcd,zk,consul,sqlite``. Each writer is a process of its own
(:mod:`benchmarks.cluster_writers`); all of them take addresses of one network, then
networks, each with a subnet and a VNI, always the lowest free one: as much contention
as there can be.

```
addresses/s   endpoints with their address, joined and left again      one network
networks/s    networks with subnet and VNI, created and removed again  one cluster
retries       how often another host was faster, for each success
dup           two hosts held the same thing at the same moment
leaked        entries that nobody holds, after each run
ratio         the total, to that of one writer; the goal is 0.5 or more
CPU           how much of a core each writer used: near 1 / writers x cores, Python is
              what is measured, not the store
```
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.cluster_writers import SHARED, SUBNET
from benchmarks.registry import double_of_consul, real_etcd
from minidock.engine import Engine
from minidock.overlay import keys
from minidock.overlay.records import load_holdings
from minidock.registry.store import Store
from minidock.registry.urls import open_store

GOAL = 0.5
WORKS = (
    "registry addresses",
    "registry networks",
    "engine addresses",
    "engine networks",
)


class Row(NamedTuple):
    """What one number of writers came to."""

    store: str
    work: str
    writers: int
    rate: float
    """Successes in a second, of all writers."""
    retries: float
    """For each success."""
    duplicates: int
    leaked: int
    busy: float
    """Seconds of CPU in a second, of each writer."""


# --- the stores -----------------------------------------------------------------------


@contextmanager
def etcd() -> Iterator[str]:
    """An etcd of our own."""
    with real_etcd() as (url, _):
        yield url


@contextmanager
def zookeeper() -> Iterator[str]:
    """A ZooKeeper of our own."""
    from tests.registry.zookeeper_server import ZooKeeperServer

    with tempfile.TemporaryDirectory(prefix="bench-zookeeper-") as folder:
        server = ZooKeeperServer(Path(folder))
        server.start()
        try:
            yield server.url
        finally:
            server.kill()


@contextmanager
def consul() -> Iterator[str]:
    """Consul's double, in a process of its own."""
    with double_of_consul() as port:
        yield f"consul://127.0.0.1:{port}"


@contextmanager
def sqlite() -> Iterator[str]:
    """A file."""
    with tempfile.TemporaryDirectory(prefix="bench-sqlite-") as folder:
        yield f"sqlite://{folder}/registry"


def _has_zookeeper() -> bool:
    jar = Path("/usr/share/java/zookeeper.jar").exists()
    return jar and bool(shutil.which("java") and find_spec("kazoo"))


STORES: dict[str, tuple[Callable[[], Any], Callable[[], bool]]] = {
    "etcd": (etcd, lambda: bool(shutil.which("etcd") and find_spec("etcd3gw"))),
    "zk": (zookeeper, _has_zookeeper),
    "consul": (consul, lambda: find_spec("consul") is not None),
    "sqlite": (sqlite, lambda: True),
}


# --- the writers ----------------------------------------------------------------------


class Process:
    """A writer, seen from outside."""

    def __init__(self, url: str, number: int, level: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.cluster_writers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.tell(url=url, number=number, level=level)

    def tell(self, **order: object) -> None:
        """Give it an order; does not wait."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Wait until it has done what it was told."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError("a writer has died")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def end(self) -> None:
        """Let it leave the cluster."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(30)


def together(processes: Sequence[Process], **order: object) -> list[dict[str, Any]]:
    """Give all of them one order, and wait for all."""
    for process in processes:
        process.tell(**order)
    return [process.answer() for process in processes]


# --- what must hold -------------------------------------------------------------------


def duplicates(reports: Sequence[dict[str, Any]]) -> int:
    """How often two hosts held the same thing at once; the clock is the machine's."""
    spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for report in reports:
        given = [*report["past"], *((n, s, float("inf")) for n, s in report["now"])]
        for names, start, end in given:
            for name in names.split():  # a network's subnet and VNI
                spans[name].append((start, end))
    found = 0
    for every in spans.values():
        every.sort()
        found += sum(later[0] < earlier[1] for earlier, later in pairwise(every))
    return found


def strays(store: Store, shared: str, reports: Sequence[dict[str, Any]]) -> int:
    """Entries that no writer holds, and things held without an entry."""
    held = {n for r in reports for names, _ in r["now"] for n in names.split()}
    addresses = {
        key.rpartition("/")[2]
        for key, _ in store.list(keys.addresses(f"GlobalDefault/{SUBNET}")).entries
    }
    subnets, vnis = (
        {what for what, h in _holdings(store, key) if not h.owner.startswith(shared)}
        for key in (keys.SUBNETS, keys.VNIS)
    )
    wanted_addresses = {name for name in held if "/" not in name and "." in name}
    wanted_subnets = {name for name in held if "/" in name}
    wanted_vnis = held - wanted_addresses - wanted_subnets
    wrong = addresses ^ wanted_addresses
    wrong |= (subnets ^ wanted_subnets) | (vnis ^ wanted_vnis)
    networks = 1 + len(wanted_subnets)
    found = len(wrong)
    for place in (keys.NETWORKS, keys.OVERLAYS):
        found += abs(len(store.list(place).entries) - networks)
    if not held:
        found += len(store.list(keys.endpoints("").rstrip("/")).entries)
        found += len(store.list(keys.CONTAINERS).entries)
    return found


def _holdings(store: Store, key: str) -> list[tuple[str, Any]]:
    return list(load_holdings(key, store.get(key).value).held.items())


# --- the runs -------------------------------------------------------------------------


def shared_network(url: str) -> str:
    """Create the network that all of them are on, with its VNI; its id."""
    engine = Engine("20.10", registry=url, advertise="192.0.2.250:2376")
    for line in (
        f"network create -d overlay --subnet {SUBNET} {SHARED}",
        "pull busybox",
        f"run -d --name first --network {SHARED} busybox sleep 9d",
        "rm -f first",
    ):
        result = engine(line)
        assert result.ok, result
    found = next(n.id for n in engine.world.networks.values() if n.name == SHARED)
    engine.close()
    return found


def measured(
    name: str, writers: int, seconds: float, works: Sequence[str]
) -> Iterator[Row]:
    """One store, fresh, with so many writers."""
    with STORES[name][0]() as url:
        shared = shared_network(url)
        for work in works:
            with ExitStack() as stack:
                store = open_store(url)
                stack.callback(store.close)
                processes = []
                level, what = work.split()
                for number in range(writers):
                    processes.append(Process(url, number + 1, level))
                    stack.callback(processes[-1].end)
                for process in processes:
                    process.answer()
                together(processes, work="warm", what=what)
                reports = together(processes, work=what, seconds=seconds)
                leaked = strays(store, shared, reports)
                together(processes, work="release")
                leaked += strays(store, shared, [])
                row = row_of(name, work, reports, leaked)
                print(f"{name} {writers} {work}: {row.rate:.1f}/s", flush=True)
                yield row


def row_of(name: str, work: str, reports: Sequence[dict[str, Any]], leaked: int) -> Row:
    """The sum of what all writers tell."""
    done = sum(report["done"] for report in reports)
    return Row(
        store=name,
        work=work,
        writers=len(reports),
        rate=sum(report["done"] / report["seconds"] for report in reports),
        retries=sum(report["retries"] for report in reports) / max(done, 1),
        duplicates=duplicates(reports),
        leaked=leaked,
        busy=sum(r["busy"] / r["seconds"] for r in reports) / len(reports),
    )


_HEAD = (
    f"{'store':8}{'writers':>8}{'per second':>12}{'retries':>9}{'dup':>5}"
    f"{'leaked':>8}{'ratio':>7}{'CPU':>6}"
)


def show(rows: Sequence[Row]) -> int:
    """Print a table for each kind of work; how many goals were missed."""
    missed = 0
    for work in dict.fromkeys(row.work for row in rows):
        print(f"\n{work}\n{_HEAD}")
        single: dict[str, float] = {}
        for row in (row for row in rows if row.work == work):
            base = single.setdefault(row.store, row.rate)
            ratio = row.rate / base
            met = ratio >= GOAL and not row.duplicates and not row.leaked
            missed += not met
            print(
                f"{row.store:8}{row.writers:8}{row.rate:12.1f}{row.retries:9.2f}"
                f"{row.duplicates:5}{row.leaked:8}{ratio:7.2f}{row.busy:6.2f}"
                f"{'' if met else '  MISSED'}"
            )
    return missed


def main(arguments: Sequence[str] = ()) -> int:
    """Measure and print; how many goals were missed."""
    parser = argparse.ArgumentParser(prog="benchmarks.cluster_throughput")
    parser.add_argument("--writers", default="1,8")
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--stores", default=",".join(STORES))
    parser.add_argument("--works", default=",".join(WORKS))
    chosen = parser.parse_args(arguments)
    writers = [int(number) for number in chosen.writers.split(",")]
    print(f"{os.cpu_count()} cores; the first number of writers has the ratio 1")
    rows: list[Row] = []
    for name in chosen.stores.split(","):
        if not STORES[name][1]():
            print(f"{name} is not installed")
            continue
        for number in writers:
            rows += measured(name, number, chosen.seconds, chosen.works.split(","))
    return show(rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
