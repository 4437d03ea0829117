"""Several Docker hosts in one process, on one registry, with a clock turned by hand.

```
cluster[0]("network create -d overlay ov")          one host, one command
cluster.schedule([(0, "..."), (1, "...")])           several at the same time
cluster.partition([0, 1], [2])   cluster.heal()      the store is with the larger side
cluster.crash(2)   cluster.restart(2)                kill -9; its disk stays
cluster.jump(1, 3600)                                one host's own clock
cluster.advance(30)                                  leases run out, news arrives
cluster.check()                                      promise 4
```

Every host is a whole :class:`minidock.engine.Engine` with a disk of its own (a store in
memory that outlives a crash), and an end of the simulated network for its registry.
What a real host does by itself (renew its lease, look at its watches) it does here when
time passes and between the commands of a schedule.

Invariant: the same seed and the same calls give the same Worlds, byte for byte.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from minidock.client.session import Output
from minidock.cluster.checks import (
    Registry,
    at_any_moment,
    at_rest,
    left_over,
    together,
    told,
)
from minidock.cluster.network import Network
from minidock.cluster.store import SimulatedStore
from minidock.cluster.turns import Killed, Wait
from minidock.cluster.weather import CALM, Weather
from minidock.engine import Engine
from minidock.model.host import HostFacts, sample_host
from minidock.model.world import World
from minidock.net.address import Address
from minidock.registry.memory import MemoryStore
from minidock.registry.store import Store

__all__ = ["Host", "SimulatedCluster", "Violated"]

_START = 1_700_000_000
"""2023-11-14: the moment at which every lesson starts, seconds since 1970."""
_BEAT = 5.0
"""How often a host renews its lease and looks at its watches, seconds."""


class Violated(AssertionError):
    """A cluster is not in order; the text says which promises are broken."""


@dataclass(slots=True, kw_only=True)
class Host:
    """One host: what it advertises, its disk, and its engine while that runs."""

    number: int
    advertise: str
    engine: Engine | None
    disk: MemoryStore = field(default_factory=MemoryStore)
    skew: float = 0.0
    """How far its own clock is ahead of true time, seconds."""
    lives: int = 1

    @property
    def name(self) -> str:
        """Its hostname."""
        return f"host{self.number}"


class SimulatedCluster:
    """Hosts 0 to ``hosts - 1`` on one registry.

    Args:
        hosts: how many, up to 65,000.
        seed: where identifiers and all chance come from.
        weather: how bad the network is; see :mod:`minidock.cluster.weather`.
        era: whose rules; those before 23.0 know a cluster store.
        store: makes the store that all share, from a clock.
        end: makes a host's end of the network, for a test that wants a faulty one.

    >>> cluster = SimulatedCluster(hosts=2)
    >>> cluster[0]("network create -d overlay ov").ok
    True
    >>> cluster[1]("run -d --name web --net ov nginx").ok
    True
    >>> cluster.check()
    """

    def __init__(
        self,
        hosts: int = 3,
        *,
        seed: str = "minidock",
        weather: Weather = CALM,
        era: str = "20.10",
        store: Callable[[Callable[[], float]], MemoryStore] = MemoryStore,
        end: Callable[[int, Network], Store] = SimulatedStore,
    ) -> None:
        self.seed = seed
        self.era = era
        self.network = Network(seed=seed, weather=weather, store=store)
        self._end = end
        self.hosts = [self._host(number) for number in range(hosts)]
        for host in self.hosts:
            host.engine = self._start(host)

    def _host(self, number: int) -> Host:
        address = Address.parse("192.0.2.2") if number < 250 else _FIRST_OF_MANY
        at = Address(address.value + number)
        return Host(number=number, advertise=f"{at}:2376", engine=None)

    def _start(self, host: Host) -> Engine:
        return Engine(
            self.era,
            host=_facts(host),
            seed=f"{self.seed}/{host.number}",
            now=_START * 1_000_000_000,
            store=host.disk,
            registry=self._end(host.number, self.network),
            advertise=host.advertise,
            clock=lambda: self.network.turns.now,  # monotonic: it does not jump
            keep=1,
        )

    def __getitem__(self, number: int) -> Engine:
        """The engine of a running host, with its clock turned to now.

        Raises:
            LookupError: there is no such host, or it is down.
        """
        host = self.hosts[number]
        if host.engine is None:
            raise LookupError(f"{host.name} is down; restart({number}) starts it")
        host.engine.turn(self._time(host))
        return host.engine

    def __len__(self) -> int:
        return len(self.hosts)

    def _time(self, host: Host) -> int:
        return int((_START + self.network.turns.now + host.skew) * 1_000_000_000)

    @property
    def running(self) -> tuple[int, ...]:
        """The numbers of the hosts that are up."""
        return tuple(host.number for host in self.hosts if host.engine is not None)

    # --- what can go wrong ------------------------------------------------------------

    def partition(self, *sides: Sequence[int]) -> None:
        """Cut the hosts into sides; the store is with the largest, or the first such.

        A real store has several servers and answers where most of them are.
        """
        best = max(sides, key=len)
        self.network.mend()
        self.network.cut(*(host for side in sides if side is not best for host in side))

    def heal(self) -> None:
        """Every host reaches the store again."""
        self.network.mend()
        self.network.down = False

    def crash(self, number: int) -> Wait | None:
        """Kill a host, in the middle of a command or not; what its disk has stays."""
        host = self.hosts[number]
        host.engine = None
        return self.network.kill(number)

    def restart(self, number: int) -> None:
        """Start a host that has crashed; running, nothing happens."""
        host = self.hosts[number]
        if host.engine is None:
            host.lives += 1
            with suppress(Killed):
                host.engine = self._start(host)
                host.engine.start_daemon(self._time(host))

    def jump(self, number: int, seconds: float) -> None:
        """Set one host's own clock forward or back."""
        self.hosts[number].skew += seconds

    # --- time -------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Let time pass; hosts that are up renew their leases and hear the news."""
        end = self.network.turns.now + seconds
        while (left := end - self.network.turns.now) > 0:
            self.network.pass_time(min(left, _BEAT))
            self.beat()

    def beat(self) -> None:
        """Every host that is up does what it does by itself."""
        for number in self.running:
            if self.hosts[number].engine is not None:  # it may have crashed meanwhile
                with suppress(Killed):
                    self._beat(number)

    def _beat(self, number: int) -> None:
        docker = self[number]
        if docker.membership is not None:
            docker.membership.session.beat()
        docker.hear()

    @property
    def retries(self) -> int:
        """How often a host that is up found another one faster, in its present life."""
        engines = (host.engine for host in self.hosts)
        members = (e.membership for e in engines if e is not None)
        return sum(m.session.retries for m in members if m is not None)

    def settle(self) -> None:
        """Let everything arrive: calm weather, no cuts, and time for every lease.

        What is planned to go wrong does so before.
        """
        self.advance(self.network.planned)
        weather, self.network.weather = self.network.weather, CALM
        self.heal()
        self.advance(60)
        self.beat()
        self.network.weather = weather

    # --- commands at the same time ----------------------------------------------------

    def schedule(self, commands: Iterable[tuple[int, str]]) -> list[Output | None]:
        """Run commands at the same time; of one host, one after the other.

        Returns:
            What each printed; None where its host was down or crashed meanwhile.
        """
        lines = list(commands)
        outputs: list[Output | None] = [None] * len(lines)

        def work(number: int) -> None:
            for place, (host, line) in enumerate(lines):
                if host == number and self.hosts[number].engine is not None:
                    outputs[place] = self[number](line)
                    self._beat(number)

        hosts = sorted({host for host, _ in lines})
        self.network.turns.together([lambda n=n: work(n) for n in hosts])  # type: ignore[misc]
        return outputs

    # --- promise 4 --------------------------------------------------------------------

    def registry(self) -> Registry:
        """What the store says now."""
        return Registry.read(self.network.store.list(""))

    def worlds(self) -> dict[str, World]:
        """The World of each host that is up, by the host's name."""
        return {
            host.name: host.engine.world
            for host in self.hosts
            if host.engine is not None
        }

    def violations(self, *, settled: bool = False) -> list[str]:
        """What is broken now; with ``settled`` everything must have been told.

        Hosts whose lease has run out do not count: they may not yet know it.
        """
        registry = self.registry()
        found = list(at_any_moment(registry))
        by_advertise = {host.advertise: host.name for host in self.hosts}
        alive = {by_advertise.get(advertise) for advertise in registry.nodes}
        worlds = {n: world for n, world in self.worlds().items() if n in alive}
        found += together(worlds)
        if settled:
            found += at_rest(registry)
            for name, world in self.worlds().items():
                found += told(name, world, registry)
        return found

    def check(self) -> None:
        """Settle, and see that the cluster is in order.

        Raises:
            Violated: it is not.
        """
        self.settle()
        _raise(self.violations(settled=True))

    def check_empty(self) -> None:
        """See that nothing is left in the registry once all was removed.

        Raises:
            Violated: something is.
        """
        self.check()
        _raise(list(left_over(self.registry())))


_FIRST_OF_MANY = Address.parse("198.18.0.0")
"""RFC 2544's addresses for benchmarks, where TEST-NET-1 has no room."""


def _raise(found: list[str]) -> None:
    if found:
        raise Violated("\n".join(found))


def _facts(host: Host) -> HostFacts:
    """A machine like the sample one, with the address that the host advertises."""
    sample = sample_host()
    address = Address.parse(host.advertise.partition(":")[0])
    card = replace(sample.interfaces[0], addresses=((address, 24),))
    routes = tuple(
        replace(route, source=address) if route.source else route
        for route in sample.routes
    )
    return replace(sample, hostname=host.name, interfaces=(card,), routes=routes)
