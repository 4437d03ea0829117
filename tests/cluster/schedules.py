"""Random schedules on a simulated cluster, against a naive model of what must be true.

```
seed ──▶ plan (data: rounds of commands and faults) ──▶ run ──▶ figures, violations
                     ▲                                   │
                     └── shrink: leave out what is not needed for the violation
```

`python -m tests.cluster.schedules --count 10000 --hosts 5` runs many and prints the
figures and the seed of each failure; `--seed N` runs one, and shrinks it if it fails.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import perf_counter

from minidock.cluster.simulated import SimulatedCluster, Violated
from minidock.cluster.weather import CALM, STORMY, WINDY, Dice
from minidock.errors import Conflict

WEATHERS = {"calm": CALM, "windy": WINDY, "stormy": STORMY}
NETWORKS = ("red", "green", "blue")
NAMES = ("aa", "bb", "cc", "dd", "ee")


@dataclass(frozen=True)
class Round:
    """What happens at the same time, and what before the next round."""

    commands: tuple[tuple[int, str], ...]
    faults: tuple[tuple[float, tuple[object, ...]], ...] = ()
    """(seconds after the start, what goes wrong)."""
    pause: float = 1.0
    """Seconds until the next round."""
    after: tuple[tuple[object, ...], ...] = ()


@dataclass(frozen=True)
class Plan:
    """One schedule."""

    seed: int
    hosts: int
    weather: str
    rounds: tuple[Round, ...]

    def __str__(self) -> str:
        lines = [f"seed {self.seed}, {self.hosts} hosts, {self.weather}"]
        for number, part in enumerate(self.rounds):
            lines.append(f"round {number}:")
            lines += [f"  host{host}$ docker {line}" for host, line in part.commands]
            lines += [f"  after {at:.3f} s: {fault}" for at, fault in part.faults]
            lines += [f"  then {fault}" for fault in part.after]
            lines.append(f"  then {part.pause:.1f} s pass")
        return "\n".join(lines)


# --- a plan from a seed ---------------------------------------------------------------


def _command(dice: Dice) -> str:
    network, name = dice.pick(NETWORKS), dice.pick(NAMES)
    subnet = f"10.{dice.below(2)}.{dice.below(3)}.0/{dice.pick((16, 23, 24))}"
    return dice.pick(
        (
            f"network create -d overlay {network}",
            f"network create -d overlay {network}",
            f"network create -d overlay --subnet {subnet} {network}",
            f"network rm {network}",
            f"run -d --name {name} --net {network} nginx",
            f"run -d --name {name} --net {network} nginx",
            f"run -d --name {name} --net {network} nginx",
            f"run -d --name {name} --net {network} --ip 10.0.0.{2 + dice.below(3)} nginx",
            f"rm -f {name}",
            f"rm -f {name}",
            f"stop -t 0 {name}",
            f"start {name}",
            f"network connect {network} {name}",
            f"network disconnect {network} {name}",
            f"rename {name} {dice.pick(NAMES)}",
        )
    )


def _fault(dice: Dice, hosts: int) -> tuple[object, ...]:
    host = dice.below(hosts)
    return dice.pick(
        (
            ("cut", host),
            ("cut", host, (host + 1) % hosts),
            ("mend",),
            ("crash", host),
            ("down",),
            ("up",),
            ("jump", host, dice.pick((-3600.0, -30.0, 5.0, 30.0, 3600.0))),
        )
    )


def plan(seed: int, hosts: int = 5) -> Plan:
    """The schedule of a seed."""
    dice = Dice(f"plan {seed}")
    rounds = []
    for _ in range(2 + dice.below(3)):
        commands = tuple(
            (host, _command(dice))
            for host in range(hosts)
            for _ in range(dice.below(3))
        )
        faults = tuple(
            (dice.time(0.05), _fault(dice, hosts)) for _ in range(dice.below(3))
        )
        after = tuple(
            dice.pick((("mend",), ("up",), ("restart", dice.below(hosts))))
            for _ in range(dice.below(3))
        )
        pause = dice.pick((0.1, 1.0, 8.0, 30.0))
        rounds.append(Round(commands, faults, pause, after))
    weather = dice.pick(tuple(WEATHERS))
    return Plan(seed, hosts, weather, tuple(rounds))


# --- a run ----------------------------------------------------------------------------


@dataclass
class Result:
    figures: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)


@dataclass
class Model:
    """What must be true of networks' names, knowing only what was answered.

    Of a name, each creation that was acknowledged needs a removal before the next one.
    A command whose host crashed meanwhile, or whose store gave no answer, may or may
    not have been done.
    """

    made: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    maybe_made: Counter[str] = field(default_factory=Counter)
    maybe_gone: Counter[str] = field(default_factory=Counter)

    def heard(self, line: str, ok: bool | None) -> None:
        words = line.split()
        verb, name = words[:2], words[-1]
        if ok is False or verb[0] != "network":
            return
        if verb[1] == "create":
            (self.made if ok else self.maybe_made)[name] += 1
        elif verb[1] == "rm":
            (self.gone if ok else self.maybe_gone)[name] += 1

    def wrong(self, there: set[str]) -> Iterator[str]:
        for name in NETWORKS:
            balance = self.made[name] - self.gone[name]
            least = balance - self.maybe_gone[name]
            most = balance + self.maybe_made[name]
            if not least <= (name in there) <= most:
                yield (
                    f"network {name}: created {self.made[name]} times, removed "
                    f"{self.gone[name]} times, and {name in there = }"
                )


def _apply(cluster: SimulatedCluster, fault: tuple[object, ...]):
    match fault:
        case ("cut", *hosts):
            cluster.network.cut(*hosts)
        case ("mend",):
            cluster.network.mend()
        case ("crash", int(host)):
            return cluster.crash(host)
        case ("restart", int(host)):
            # One that had kept nothing is refused while its last lease runs.
            with suppress(Conflict):
                cluster.restart(host)
        case ("down",):
            cluster.network.down = True
        case ("up",):
            cluster.network.down = False
        case ("jump", int(host), float(seconds)):
            cluster.jump(host, seconds)
    return None


def run(plan: Plan, make=SimulatedCluster) -> Result:
    """Carry a plan out and look for violations after each round and at the end."""
    result, model = Result(), Model()
    cluster = make(plan.hosts, seed=str(plan.seed), weather=WEATHERS[plan.weather])
    figures = result.figures
    figures["schedules"] = 1
    try:
        for part in plan.rounds:
            for at, fault in part.faults:
                cluster.network.at(at, lambda fault=fault: _apply(cluster, fault))
                figures[str(fault[0])] += 1
            outputs = cluster.schedule(part.commands)
            for (_, line), output in zip(part.commands, outputs, strict=True):
                ok = None if output is None else output.ok
                if output is not None and "does not answer" in output.stderr:
                    model.heard(line, None)
                model.heard(line, ok)
                figures["commands"] += 1
                figures[
                    {True: "acknowledged", False: "refused", None: "crashed"}[ok]
                ] += 1
            _demand(cluster.violations())
            for fault in part.after:
                _apply(cluster, fault)
            cluster.advance(part.pause)
            _demand(cluster.violations())
        cluster.check()
        there = {network.name for network in cluster.registry().networks.values()}
        _demand(list(model.wrong(there)))
        _remove_all(cluster)
        cluster.check_empty()
    except Violated as violated:
        result.violations = str(violated).splitlines()
    traffic = cluster.network.traffic
    figures["requests"] += traffic.requests
    figures["lost"] += traffic.lost
    figures["late"] += traffic.late
    figures["twice"] += traffic.twice
    figures["news"] += traffic.news
    figures["retries"] += cluster.retries
    return result


def _demand(found: list[str]) -> None:
    if found:
        raise Violated("\n".join(found))


def _remove_all(cluster: SimulatedCluster) -> None:
    """Everything goes; hosts that are down have lost their leases already."""
    cluster.network.weather = CALM
    for number in cluster.running:
        docker = cluster[number]
        names = [c.name for c in docker.world.containers.values()]
        for name in names:
            _must(docker(f"rm -f {name}"), f"rm -f {name}")
    cluster.settle()
    if not cluster.running:
        cluster.restart(0)  # every lease has run out by now
        cluster.settle()
    docker = cluster[cluster.running[0]]
    for network in cluster.registry().networks.values():
        _must(docker(f"network rm {network.name}"), f"network rm {network.name}")


def _must(output, line: str) -> None:
    if not output.ok:
        raise Violated(f"at rest, {line} is refused: {output.stderr}")


# --- shrinking ------------------------------------------------------------------------


def _smaller(plan: Plan) -> Iterator[Plan]:
    """Plans with one thing less."""
    for place, part in enumerate(plan.rounds):
        rest = plan.rounds[:place], plan.rounds[place + 1 :]
        yield replace(plan, rounds=rest[0] + rest[1])
        for name in ("commands", "faults", "after"):
            things = getattr(part, name)
            for index in range(len(things)):
                less = things[:index] + things[index + 1 :]
                part_less = replace(part, **{name: less})
                yield replace(plan, rounds=(*rest[0], part_less, *rest[1]))
    if plan.weather != "calm":
        yield replace(plan, weather="calm")


def shrink(plan: Plan, make=SimulatedCluster) -> Plan:
    """A smaller plan that still violates something."""
    smaller = True
    while smaller:
        smaller = False
        for less in _smaller(plan):
            if run(less, make).violations:
                plan, smaller = less, True
                break
    return plan


# --- many -----------------------------------------------------------------------------


def _some(args: tuple[range, int]) -> tuple[Counter[str], dict[int, list[str]]]:
    seeds, hosts = args
    figures: Counter[str] = Counter()
    failed: dict[int, list[str]] = {}
    for seed in seeds:
        try:
            result = run(plan(seed, hosts))
        except Exception as error:  # noqa: BLE001 - a failure of the program is one, too
            failed[seed] = [f"{type(error).__name__}: {error}"]
            continue
        figures += result.figures
        if result.violations:
            failed[seed] = result.violations
    return figures, failed


def many(first: int, count: int, hosts: int, jobs: int):
    """The figures and the failures of many seeds."""
    step = 25
    chunks = [
        (range(start, min(start + step, first + count)), hosts)
        for start in range(first, first + count, step)
    ]
    figures: Counter[str] = Counter()
    failed: dict[int, list[str]] = {}
    if jobs == 1:
        done = map(_some, chunks)
        for some, bad in done:
            figures += some
            failed |= bad
        return figures, failed
    with ProcessPoolExecutor(jobs) as pool:
        for some, bad in pool.map(_some, chunks):
            figures += some
            failed |= bad
    return figures, failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--hosts", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, help="run this one, and shrink a failure")
    args = parser.parse_args()
    if args.seed is not None:
        chosen = plan(args.seed, args.hosts)
        print(chosen)
        result = run(chosen)
        print(dict(result.figures))
        if result.violations:
            print("\n".join(["", "violated:", *result.violations]))
            small = shrink(chosen)
            print(f"\na smaller one:\n{small}")
            print("\n".join(["violated:", *run(small).violations]))
        return bool(result.violations)
    start = perf_counter()
    figures, failed = many(args.first, args.count, args.hosts, args.jobs)
    for name, number in figures.items():
        print(f"{name:>14} {number:>10,}")
    print(f"{'violations':>14} {len(failed):>10,}")
    print(f"{'seconds':>14} {perf_counter() - start:>10.1f}")
    for seed, found in sorted(failed.items())[:20]:
        print(
            f"seed {seed}: {found[0]}" + (f" (+{len(found) - 1})" if found[1:] else "")
        )
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
