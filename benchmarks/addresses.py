"""Addresses against the standard library's ``ipaddress`` and against ``netaddr``.

Each metric runs ours and the peers in turn, a number of times, in one process; what
counts is the ratio of the medians. Run it with ``python -m benchmarks.addresses``.
"""

import gc
import ipaddress  # noqa: TID251  # the peer
import random
from collections.abc import Callable, Iterator
from copy import copy
from statistics import median
from time import perf_counter_ns
from typing import NamedTuple

from minidock.net.address import V6, Address
from minidock.net.mac import MAC
from minidock.net.prefix import Prefix
from minidock.net.ranges import collapse, exclude, gaps, summarize

try:
    import netaddr
except ImportError:  # the second peer is optional
    netaddr = None

__all__ = ["Metric", "Row", "main", "metrics", "rows"]

ITEMS = 4_000
ROUNDS = 15

# Where the goal is "not slower", a tie is met: comparing two numbers is comparing two
# numbers, and the medians of equal work differ by a few percent.
TIE = 0.93

Work = Callable[[], object]


class Metric(NamedTuple):
    """What is compared: three ways to do one thing to ``items`` items."""

    name: str
    goal: float  # how many times faster than ipaddress; 1: nothing may be slower
    items: int
    ours: Work
    peer: Work
    second: Work | None = None  # netaddr, where it has the operation


class Row(NamedTuple):
    """Medians in ns per item."""

    name: str
    ours: float
    peer: float
    second: float | None
    goal: float

    @property
    def ratio(self) -> float:
        """How many times faster than ``ipaddress``."""
        return self.peer / self.ours

    @property
    def met(self) -> bool:
        """Whether the goal is reached, and ``netaddr`` is not faster."""
        least = TIE if self.goal == 1 else self.goal
        behind = self.second is not None and self.second < self.ours * TIE
        return self.ratio >= least and not behind


def rows(rounds: int = ROUNDS) -> Iterator[Row]:
    """Every metric, measured now."""
    for metric in metrics():
        yield _measure(metric, rounds)


def _measure(metric: Metric, rounds: int) -> Row:
    contenders = [metric.ours, metric.peer]
    if metric.second:
        contenders.append(metric.second)
    times: list[list[int]] = [[] for _ in contenders]
    for work in contenders:  # warm up
        work()
    gc.collect()
    gc.disable()  # a collection would hit whoever happens to run
    try:
        for _ in range(rounds):
            for work, spent in zip(contenders, times, strict=True):
                start = perf_counter_ns()
                work()
                spent.append(perf_counter_ns() - start)
    finally:
        gc.enable()
    each = [median(spent) / metric.items for spent in times]
    return Row(
        metric.name, each[0], each[1], each[2] if metric.second else None, metric.goal
    )


def metrics() -> Iterator[Metric]:
    """What is measured, with the same random input on every run."""
    dice = random.Random(3)  # the same input on every run
    yield from _addresses(dice)
    yield from _addresses6(dice)
    yield from _prefixes(dice)
    yield from _sets(dice)
    yield from _macs(dice)


def _addresses(dice: random.Random) -> Iterator[Metric]:
    numbers = [dice.getrandbits(32) for _ in range(ITEMS)]
    ours = [Address(number) for number in numbers]
    peers = [ipaddress.IPv4Address(number) for number in numbers]
    texts = [str(address) for address in ours]
    seconds = [netaddr.IPAddress(text) for text in texts] if netaddr else []
    yield Metric(
        "v4 parse",
        3,
        ITEMS,
        lambda: [Address.parse(text) for text in texts],
        lambda: [ipaddress.IPv4Address(text) for text in texts],
        netaddr and (lambda: [netaddr.IPAddress(text) for text in texts]),
    )
    yield Metric(
        "v4 format",
        2,
        ITEMS,
        lambda: [str(address) for address in ours],
        lambda: [str(address) for address in peers],
        netaddr and (lambda: [str(address) for address in seconds]),
    )
    yield Metric(
        "v4 from a number",
        1,
        ITEMS,
        lambda: [Address(number) for number in numbers],
        lambda: [ipaddress.IPv4Address(number) for number in numbers],
        netaddr and (lambda: [netaddr.IPAddress(number, 4) for number in numbers]),
    )
    yield from _values("v4", ours, peers, seconds)


def _pairs(items: list) -> list[tuple]:
    """Each item beside an equal copy or, every other time, beside another item."""
    others = items[::-1]
    others[::2] = map(copy, items[::2])
    return list(zip(items, others, strict=True))


def _addresses6(dice: random.Random) -> Iterator[Metric]:
    # Three in ten are random; the others look like what a network hands out.
    numbers = [
        dice.getrandbits(128)
        if dice.random() < 0.3
        else 0xFD00 << 112 | dice.getrandbits(16)
        for _ in range(ITEMS)
    ]
    ours = [Address(number, V6) for number in numbers]
    peers = [ipaddress.IPv6Address(number) for number in numbers]
    texts = [str(address) for address in ours]
    seconds = [netaddr.IPAddress(text) for text in texts] if netaddr else []
    mapped = [f"::ffff:{Address(number & 0xFFFFFFFF)}" for number in numbers]
    yield Metric(
        "v6 parse",
        1.4,
        ITEMS,
        lambda: [Address.parse(text) for text in texts],
        lambda: [ipaddress.IPv6Address(text) for text in texts],
        netaddr and (lambda: [netaddr.IPAddress(text) for text in texts]),
    )
    yield Metric(
        "v6 parse, dotted end",
        1,
        ITEMS,
        lambda: [Address.parse(text) for text in mapped],
        lambda: [ipaddress.IPv6Address(text) for text in mapped],
        netaddr and (lambda: [netaddr.IPAddress(text) for text in mapped]),
    )
    yield Metric(
        "v6 format",
        3,
        ITEMS,
        lambda: [str(address) for address in ours],
        lambda: [str(address) for address in peers],
        netaddr and (lambda: [str(address) for address in seconds]),
    )
    yield from _values("v6", ours, peers, seconds)


def _values(
    family: str, ours: list[Address], peers: list, seconds: list
) -> Iterator[Metric]:
    yield Metric(
        f"{family} put into a set",
        1,
        ITEMS,
        lambda: set(ours),
        lambda: set(peers),
        netaddr and (lambda: set(seconds)),
    )
    yield Metric(
        f"{family} sort",
        1,
        ITEMS,
        lambda: sorted(ours),
        lambda: sorted(peers),
        netaddr and (lambda: sorted(seconds)),
    )
    pairs = _pairs(ours)
    pairs_peer = _pairs(peers)
    pairs_second = _pairs(seconds)
    yield Metric(
        f"{family} equal",
        1,
        ITEMS,
        lambda: [one == other for one, other in pairs],
        lambda: [one == other for one, other in pairs_peer],
        netaddr and (lambda: [one == other for one, other in pairs_second]),
    )
    yield Metric(
        f"{family} add one",
        1,
        ITEMS,
        lambda: [address + 1 for address in ours],
        lambda: [address + 1 for address in peers],
        netaddr and (lambda: [address + 1 for address in seconds]),
    )


def _prefixes(dice: random.Random) -> Iterator[Metric]:
    ours = [
        Prefix.of(Address(dice.getrandbits(32)), dice.randint(9, 30))
        for _ in range(ITEMS)
    ]
    texts = [str(prefix) for prefix in ours]
    peers = [ipaddress.IPv4Network(text) for text in texts]
    seconds = [netaddr.IPNetwork(text) for text in texts] if netaddr else []
    yield Metric(
        "network parse",
        3,
        ITEMS,
        lambda: [Prefix.parse(text) for text in texts],
        lambda: [ipaddress.IPv4Network(text) for text in texts],
        netaddr and (lambda: [netaddr.IPNetwork(text) for text in texts]),
    )
    yield Metric(
        "network format",
        1,
        ITEMS,
        lambda: [str(prefix) for prefix in ours],
        lambda: [str(prefix) for prefix in peers],
        netaddr and (lambda: [str(prefix) for prefix in seconds]),
    )
    texts6 = [f"fd00:{dice.getrandbits(16):x}::/64" for _ in range(ITEMS)]
    yield Metric(
        "v6 network parse",
        1,
        ITEMS,
        lambda: [Prefix.parse(text) for text in texts6],
        lambda: [ipaddress.IPv6Network(text) for text in texts6],
        netaddr and (lambda: [netaddr.IPNetwork(text) for text in texts6]),
    )
    yield from _relations(ours, peers, seconds)
    yield from _parts()


def _relations(ours: list[Prefix], peers: list, seconds: list) -> Iterator[Metric]:
    pool, pool_peer = Prefix.parse("10.0.0.0/8"), ipaddress.IPv4Network("10.0.0.0/8")
    pool_second = netaddr.IPNetwork("10.0.0.0/8") if netaddr else None
    hosts = [prefix.first for prefix in ours]
    hosts_peer = [prefix.network_address for prefix in peers]
    hosts_second = [prefix.network for prefix in seconds]
    pairs = list(zip(ours, ours[::-1], strict=True))
    pairs_peer = list(zip(peers, peers[::-1], strict=True))
    pairs_second = list(zip(seconds, seconds[::-1], strict=True))
    yield Metric(
        "address in network",
        1,
        ITEMS,
        lambda: [host in pool for host in hosts],
        lambda: [host in pool_peer for host in hosts_peer],
        netaddr and (lambda: [host in pool_second for host in hosts_second]),
    )
    yield Metric(
        "networks overlap",
        5,
        ITEMS,
        lambda: [one.overlaps(other) for one, other in pairs],
        lambda: [one.overlaps(other) for one, other in pairs_peer],
        netaddr
        and (lambda: [one in other or other in one for one, other in pairs_second]),
    )
    yield Metric(
        "network covers network",
        1,
        ITEMS,
        lambda: [one.covers(other) for one, other in pairs],
        lambda: [other.subnet_of(one) for one, other in pairs_peer],
        netaddr and (lambda: [other in one for one, other in pairs_second]),
    )
    yield Metric(
        "supernet",
        1,
        ITEMS,
        lambda: [prefix.supernet(8) for prefix in ours],
        lambda: [prefix.supernet(new_prefix=8) for prefix in peers],
        netaddr and (lambda: [prefix.supernet(8)[0] for prefix in seconds]),
    )
    yield Metric(
        "network sort",
        1,
        ITEMS,
        lambda: sorted(ours),
        lambda: sorted(peers),
        netaddr and (lambda: sorted(seconds)),
    )
    yield Metric(
        "network put into a set",
        1,
        ITEMS,
        lambda: set(ours),
        lambda: set(peers),
        netaddr and (lambda: set(seconds)),
    )


def _parts() -> Iterator[Metric]:
    wide, wide_peer = Prefix.parse("10.0.0.0/8"), ipaddress.IPv4Network("10.0.0.0/8")
    wide_second = netaddr.IPNetwork("10.0.0.0/12") if netaddr else None
    link = Prefix.parse("10.0.0.0/20")
    link_peer = ipaddress.IPv4Network("10.0.0.0/20")
    link_second = netaddr.IPNetwork("10.0.0.0/20") if netaddr else None
    yield Metric(
        "subnets",
        4,
        4096,
        lambda: list(wide.subnets(20)),
        lambda: list(wide_peer.subnets(new_prefix=20)),
        netaddr and (lambda: list(wide_second.subnet(24))),
    )
    yield Metric(
        "list addresses",
        1,
        4096,
        lambda: list(link.addresses()),
        lambda: list(link_peer),
        netaddr and (lambda: list(link_second)),
    )


def _sets(dice: random.Random) -> Iterator[Metric]:
    hosts = [10 << 24 | dice.getrandbits(24) for _ in range(ITEMS * 5)]
    yield _collapse("collapse hosts", hosts, 32)
    nets = [10 << 24 | dice.getrandbits(16) << 8 for _ in range(ITEMS * 5)]
    yield _collapse("collapse /24", nets, 24)
    first, last = Address.parse("10.0.0.1"), Address.parse("10.255.255.254")
    ends = ipaddress.IPv4Address("10.0.0.1"), ipaddress.IPv4Address("10.255.255.254")
    yield Metric(
        "summarize a range",
        1,
        1,
        lambda: summarize(first, last),
        lambda: list(ipaddress.summarize_address_range(*ends)),
        netaddr and (lambda: netaddr.iprange_to_cidrs("10.0.0.1", "10.255.255.254")),
    )
    pool, hole = Prefix.parse("10.0.0.0/8"), Prefix.parse("10.77.13.9/32")
    pool_peer = ipaddress.IPv4Network("10.0.0.0/8")
    hole_peer = ipaddress.IPv4Network("10.77.13.9/32")
    yield Metric(
        "exclude",
        1,
        1,
        lambda: exclude(pool, hole),
        lambda: list(pool_peer.address_exclude(hole_peer)),
        netaddr and (lambda: netaddr.cidr_exclude("10.0.0.0/8", "10.77.13.9/32")),
    )
    yield _gaps(nets[:200])


def _collapse(name: str, numbers: list[int], length: int) -> Metric:
    ours = [Prefix(number, length) for number in numbers]
    peers = [ipaddress.IPv4Network((number, length)) for number in numbers]
    seconds = [str(prefix) for prefix in ours]
    return Metric(
        name,
        10,
        len(numbers),
        lambda: collapse(ours),
        lambda: list(ipaddress.collapse_addresses(peers)),
        netaddr and (lambda: netaddr.cidr_merge(seconds)),
    )


def _gaps(numbers: list[int]) -> Metric:
    """The peers have no gaps: they exclude one network after another."""
    pool, pool_peer = Prefix.parse("10.0.0.0/8"), ipaddress.IPv4Network("10.0.0.0/8")
    ours = [Prefix(number, 24) for number in set(numbers)]
    peers = [ipaddress.IPv4Network((number, 24)) for number in set(numbers)]
    texts = [str(prefix) for prefix in ours]

    def by_excluding() -> list:
        free = [pool_peer]
        for taken in peers:
            around = next(part for part in free if taken.subnet_of(part))
            free.remove(around)
            free.extend(around.address_exclude(taken))
        return sorted(free)

    def by_sets() -> list:
        return list((netaddr.IPSet(["10.0.0.0/8"]) - netaddr.IPSet(texts)).iter_cidrs())

    return Metric(
        "gaps",
        1,
        len(ours),
        lambda: gaps(pool, ours),
        by_excluding,
        netaddr and by_sets,
    )


def _macs(dice: random.Random) -> Iterator[Metric]:
    ours = [MAC.local(dice.getrandbits(48)) for _ in range(ITEMS)]
    texts = [str(mac) for mac in ours]
    if netaddr:  # ipaddress knows no MAC
        seconds = [netaddr.EUI(text) for text in texts]
        yield Metric(
            "MAC parse (netaddr)",
            1,
            ITEMS,
            lambda: [MAC.parse(text) for text in texts],
            lambda: [netaddr.EUI(text) for text in texts],
        )
        yield Metric(
            "MAC format (netaddr)",
            1,
            ITEMS,
            lambda: [str(mac) for mac in ours],
            lambda: [str(mac) for mac in seconds],
        )


def main() -> int:
    """Print the table; the number of goals that were missed."""
    print(f"{'':24} {'ours':>9} {'ipaddress':>10} {'netaddr':>10}   ratio  goal")
    missed = 0
    for row in rows():
        second = f"{row.second:10.0f}" if row.second is not None else f"{'-':>10}"
        verdict = "met" if row.met else "MISSED"
        missed += not row.met
        print(
            f"{row.name:24} {row.ours:9.0f} {row.peer:10.0f} {second} "
            f"{row.ratio:7.1f} {row.goal:5g}  {verdict}",
            flush=True,
        )
    print("ns per item, medians of alternating runs; a ratio is ipaddress by ours")
    return missed


if __name__ == "__main__":
    raise SystemExit(1 if main() else 0)
