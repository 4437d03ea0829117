"""What an address and a subnet cost: full, fragmented, scattered, crowded.

Run ``python -m benchmarks.ipam``. Two peers: moby's Go, whose figures were measured
once on a machine of this kind and are constants here, and what everybody writes with
the standard library, measured in this run. Ours goes through the public, immutable
values: every step of every row makes a new pool or space and keeps it.
"""

import gc
import ipaddress  # noqa: TID251  # the peer
import random
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import NamedTuple

from minidock.ipam.defaults import GLOBAL_POOLS
from minidock.ipam.pool import Pool
from minidock.ipam.space import Space
from minidock.net.address import Address
from minidock.net.prefix import Prefix

__all__ = ["Row", "churn", "held_at_random", "main", "pins", "requests", "rows"]

ROUNDS = 25
PAIRS = 1_000  # in short rounds, that some of them are undisturbed
STDLIB_HOSTS = 300


class Row(NamedTuple):
    """One metric: microseconds for each address, pair or subnet."""

    metric: str
    ours: float
    peer: float
    goal: float  # how many times faster than the peer ours should be, at least

    @property
    def ratio(self) -> float:
        """How many times faster than the peer ours is."""
        return self.peer / self.ours

    @property
    def met(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio >= self.goal


def seconds(run: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The quickest of some runs: what it costs while nobody else has the core."""
    spent = []
    gc.collect()
    gc.disable()  # a collection would hit whoever happens to run
    try:
        for _ in range(rounds):
            start = perf_counter()
            run()
            spent.append(perf_counter() - start)
    finally:
        gc.enable()
    return min(spent)


def held_at_random(subnet: str, count: int) -> tuple[Pool, list[Address]]:
    """A pool in which this many addresses are pinned at random, and these."""
    dice = random.Random(5)  # the same holes on every run
    prefix = Prefix.parse(subnet)
    pool = Pool.open(prefix)
    numbers: set[int] = set()
    while len(numbers) < count:
        numbers.add(dice.randrange(1, prefix.size - 1))
    held = [prefix.address(number) for number in sorted(numbers)]
    dice.shuffle(held)
    for address in held:
        pool, _ = pool.allocate(address)
    return pool, held


def churn(
    pool: Pool, held: list[Address], pairs: int = PAIRS, *, serial: bool = False
) -> Callable[[], None]:
    """Release one at random, request any: a busy network with holes everywhere."""
    picks = random.Random(7).choices(range(len(held)), k=pairs)

    def run() -> None:
        now, owned = pool, held.copy()
        for pick in picks:
            now = now.release(owned[pick])
            now, owned[pick] = now.allocate(serial=serial)

    return run


def pins(pool: Pool, held: list[Address], pairs: int = PAIRS) -> Callable[[], None]:
    """Release one at random, pin the same one again: static addresses come and go."""
    picks = random.Random(7).choices(held, k=pairs)

    def run() -> None:
        now = pool
        for address in picks:
            now, _ = now.release(address).allocate(address)

    return run


def requests(pool: Pool, pairs: int = PAIRS) -> Callable[[], None]:
    """Request any, release it: what a short-lived container does."""

    def run() -> None:
        now = pool
        for _ in range(pairs):
            now, address = now.allocate()
            now = now.release(address)

    return run


def fill(pool: Pool, *, serial: bool = False) -> Callable[[], None]:
    """Every address, one at a time."""

    def run() -> None:
        now = pool
        for _ in range(pool.free):
            now, _ = now.allocate(serial=serial)

    return run


def fill_space(count: int) -> Callable[[], None]:
    """This many automatic subnets, one at a time."""

    def run() -> None:
        space = Space.create(GLOBAL_POOLS)
        for _ in range(count):
            space, _ = space.allocate()

    return run


def stdlib_fill() -> None:
    """What is written everywhere: the first host that is not yet used."""
    net = ipaddress.ip_network("10.1.0.0/16")
    used: set[object] = set()
    for _ in range(STDLIB_HOSTS):
        used.add(next(host for host in net.hosts() if host not in used))


def rows() -> Iterator[Row]:
    """Every metric, measured now."""
    yield from _fills()
    yield from _fragments()
    yield from _spaces()
    yield from _against_stdlib()


def _fills() -> Iterator[Row]:
    pool = Pool.open(Prefix.parse("10.1.0.0/16"))
    each = 1e6 / pool.free
    first_free = seconds(fill(pool), 5) * each
    serial = seconds(fill(pool, serial=True), 5) * each
    bulk = seconds(lambda: pool.allocate_many(pool.free)) * each
    yield Row("fill a /16, lowest free, one by one", first_free, 0.6, 1 / 3)
    yield Row("fill a /16, serial, one by one", serial, 0.6, 1 / 3)
    yield Row("fill a /16, allocate_many", bulk, 0.6, 1 / 3)


def _fragments() -> Iterator[Row]:
    each = 1e6 / PAIRS
    half = held_at_random("10.1.0.0/16", 32_767)
    scattered = held_at_random("10.0.0.0/8", 16_384)
    sparse = held_at_random("fd00::/64", 10_000)
    serial = churn(*half, serial=True)
    yield Row("pair, half-full /16", seconds(churn(*half)) * each, 16, 5)
    yield Row("pair, half-full /16, serial", seconds(serial) * each, 20, 5)
    yield Row(
        "pair, /8 with 16,384 pins", seconds(requests(scattered[0])) * each, 112, 30
    )
    yield Row(
        "pin pair, /8 with 16,384 pins", seconds(pins(*scattered)) * each, 112, 30
    )
    yield Row("pin pair, /64 with 10,000 pins", seconds(pins(*sparse)) * each, 148, 30)


def _spaces() -> Iterator[Row]:
    all_subnets = 65_536
    each = 1e6 / all_subnets
    bulk = Space.create(GLOBAL_POOLS)
    one_by_one = seconds(fill_space(all_subnets), 5) * each
    at_once = seconds(lambda: bulk.allocate_many(all_subnets), 5) * each
    yield Row("65,536 automatic /24, one by one", one_by_one, 97 * each, 97)
    yield Row("65,536 automatic /24, allocate_many", at_once, 97 * each, 97)


def _against_stdlib() -> Iterator[Row]:
    pool = Pool.open(Prefix.parse("10.1.0.0/16"))

    def ours() -> None:
        now = pool
        for _ in range(STDLIB_HOSTS):
            now, _ = now.allocate()

    each = 1e6 / STDLIB_HOSTS
    peer = seconds(stdlib_fill) * each
    yield Row(f"the first {STDLIB_HOSTS} (stdlib)", seconds(ours) * each, peer, 5)


def main() -> None:
    """The table."""
    print(f"{'us each':38}{'ours':>9}{'peer':>9}{'times':>8}{'goal':>8}")
    for row in rows():
        verdict = "" if row.met else "  missed"
        print(
            f"{row.metric:38}{row.ours:9.2f}{row.peer:9.2f}"
            f"{row.ratio:8.1f}{row.goal:8.1f}{verdict}"
        )
    print("peer: moby's Go, measured once; the last row: the standard library, now")


if __name__ == "__main__":
    main()
