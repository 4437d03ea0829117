"""A host's contact with the registry: its lease, what it hears, and whether it answers.

```
open    ──▶ a lease, the host's entry, what stands
news    ──▶ what others did since                facts, to be learned by the World
refresh ──▶ what no watch has told yet           two round trips and more
beat    ──▶ the lease is renewed; the store is tried again after a failure
```

Whether the store answered last is news, too. Once it did not, it is left alone for a
second, and everything that had to wait is caught up once it answers again.

Invariants: whatever is seen in the registry is told, once; no method raises but
``open``, and that only refusals.
"""

from collections.abc import Callable
from threading import RLock

from minidock.errors import Conflict, Refusal
from minidock.model.cluster import Node
from minidock.model.network import Network
from minidock.model.world import World
from minidock.overlay import keys
from minidock.overlay.entries import Entries
from minidock.overlay.facts import JOINED, LEFT, REACHABLE, UNREACHABLE, Fact
from minidock.overlay.following import Following
from minidock.overlay.networks import Networks
from minidock.overlay.records import load_node
from minidock.overlay.tenure import Tenure
from minidock.registry.errors import NotFound, Unavailable
from minidock.registry.store import Store

__all__ = ["TTL", "Contact", "never_waits", "stands_still"]

TTL = 20.0
"""How long a host that is silent keeps what it has, seconds."""
_RETRY = 1.0
"""How long a store that did not answer is left alone, seconds."""
_EVERYBODY = ""
_EVERYBODYS = (
    keys.NETWORKS,
    keys.OVERLAYS,
    keys.NODES,
    keys.SUBNETS.rpartition("/")[0],
    keys.VNIS.rpartition("/")[0],
)
"""What every host follows; endpoints and addresses only where it has a container."""


def never_waits(number: int) -> None:
    """Try again at once."""
    del number


def stands_still() -> float:
    """A clock that does not move: leases never seem to run out."""
    return 0.0


class Contact:
    """One host's contact with the registry; any thread may call it.

    Args:
        store: the registry.
        node: this host: what it advertises, its name, its VTEP.
        identity: who it is, over restarts; a second host that advertises the same
            address has another one.
        ttl: how long its lease lasts without being renewed, seconds.
        clock: seconds that never go back.
        pause: called before the n-th new try, which may wait for a moment.
        alone: somebody calls ``beat`` in time, so ``news`` need not ask a store again
            that did not answer.
    """

    def __init__(
        self,
        store: Store,
        node: Node,
        *,
        identity: str,
        ttl: float = TTL,
        clock: Callable[[], float] = stands_still,
        pause: Callable[[int], None] = never_waits,
        alone: bool = False,
    ) -> None:
        self._store = store
        self._tenure = Tenure(store, node, identity, ttl, clock)
        self._ttl = ttl
        self._clock = clock
        self._alone = alone
        self._entries = Entries(store, pause)
        self._pause = pause
        self._networks = Networks(self._entries, node.advertise, self._alive)
        self._following = Following(store, self._entries)
        self._lock = RLock()
        self._next_try = 0.0
        self._trouble = ""
        self._told: str | None = None
        self._rejoining = False
        self._repaired = False
        self._repair_again = float("inf")
        """When all that a last life asked for has arrived, or never will."""
        self._beginning = True

    @property
    def retries(self) -> int:
        """How often another host was faster, so far."""
        return self._entries.retries

    @property
    def valid(self) -> bool:
        """Whether what this host has is surely still its own: its lease runs."""
        return self._tenure.valid

    def open(self, *, resumed: bool = False) -> None:
        """Enter the cluster; a store that cannot be reached is tried again later.

        Args:
            resumed: this host was here before (its state was kept), so an entry of its
                own identity is not another host's.

        Raises:
            Conflict: another host advertises this address.
        """
        with self._lock:
            try:
                self._enter(resumed=resumed)
            except Unavailable as error:
                self._lose_touch(error)

    def _enter(self, *, resumed: bool) -> None:
        if not self._tenure.runs:
            self._tenure.enter(resumed=resumed)
            self._networks.token = self._tenure.token
            self._repair_again = self._clock() + self._ttl
            self._rejoining |= resumed  # what it had may have gone with its last life
        self._catch_up()

    def _catch_up(self) -> None:
        """Follow, repair and give what could not be while the store did not answer."""
        if _EVERYBODY not in self._following:
            self._following.begin(_EVERYBODY, _EVERYBODYS)
        due = self._clock() >= self._repair_again
        if self._trouble or not self._repaired or due:
            self._repair()
        self._pay()
        self._trouble = ""

    def _repair(self) -> None:
        """Finish what hosts left half done that have died."""
        self._repaired = False
        now = self._clock()
        self._networks.repair()
        self._repaired = True
        if now >= self._repair_again:
            self._repair_again = float("inf")

    def close(self, *, leave: bool = True) -> None:
        """End the session.

        Args:
            leave: what is this host's own goes now; else it stays until the lease runs
                out, for a daemon that starts again.
        """
        with self._lock:
            self._following.end_all()
            if leave:
                self._tenure.leave()
            self._tenure.forget()

    def beat(self) -> None:
        """Renew the lease, or try a store again that did not answer.

        Call it at least three times in each ``ttl``.
        """
        with self._lock:
            try:
                self._renew()
            except Unavailable as error:
                self._lose_touch(error)

    def _renew(self) -> None:
        try:
            self._renew_or_enter()
        except Conflict as error:  # another host has taken this one's place
            raise Unavailable(
                error.text, asked=error.asked, rule=error.rule, remedy=error.remedy
            ) from error

    def _renew_or_enter(self) -> None:
        if self._tenure.runs and self._tenure.renew():
            self._catch_up()
            return
        # Everything under the lease is gone, or will be at once: begin a new life.
        self._entries.disown()
        self._enter(resumed=True)

    def _lose_touch(self, error: Refusal) -> None:
        self._trouble = error.text or "it does not answer"
        if self._clock is not stands_still:
            self._next_try = self._clock() + _RETRY

    def _alive(self, node: str, token: str) -> bool:
        """Whether the session that wrote something is still there."""
        try:
            entry = self._store.get(keys.node(node))
        except NotFound:
            return False
        return load_node("", node, entry.value)[1] == token

    def _join(self, network: Network) -> None:
        """Follow a network's endpoints and addresses, as this host gets one there."""
        self._entries.unlearned.append(Fact(JOINED, network.id))
        try:
            self._following.begin(network.id, _places(network))
        except Unavailable:
            self._entries.unlearned.append(Fact(LEFT, network.id))
            raise

    def _leave(self, network: Network) -> None:
        self._following.end(network.id)
        self._entries.unlearned.append(Fact(LEFT, network.id))

    def news(self, world: World) -> tuple[Fact, ...]:
        """What others did since the last call; does not wait for the store.

        Only if the store did not answer before, and a second has passed, it is asked
        again. While another thread waits for the store there are no news.
        """
        if not self._lock.acquire(blocking=False):
            return ()
        try:
            asks = self._trouble and not self._alone
            if asks and self._clock() >= self._next_try:
                self.beat()
            if not self._trouble:
                try:
                    self._hear(world)
                except Unavailable as error:
                    self._lose_touch(error)
            return self._drain()
        finally:
            self._lock.release()

    def follows(self, network_id: str) -> bool:
        """Whether it hears of a network's endpoints."""
        return network_id in self._following

    def refresh(self, network: Network | None = None) -> tuple[Fact, ...]:
        """Read what this host follows now; what a watch has not told yet.

        Whoever is told something by another host may act on it before the watch does.
        Cost: five round trips, and two for each network that this host is on.

        Args:
            network: follow this one from now on, and read nothing else: two round
                trips.
        """
        with self._lock:
            if self._trouble or self._beginning or not self._tenure.runs:
                return ()
            try:
                if network is None:
                    self._following.read_again()
                elif network.id not in self._following:
                    self._join(network)
            except Unavailable as error:
                self._lose_touch(error)
            return self._drain()

    def reset(self) -> None:
        """Begin anew, since this host has forgotten what it did last."""
        with self._lock:
            self._following.end_all()
            self._tenure.forget()
            self._beginning = True
            self._entries.clear()
            self.open(resumed=True)

    def _hear(self, world: World) -> None:
        self._begin_with(world)
        if self._tenure.runs and not self._tenure.valid:
            self._renew()
        self._make_good(world)
        for network_id in world.members:
            network = world.networks.get(network_id)
            if network is None or network.overlay is None:
                continue
            if world.members[network_id] and network_id not in self._following:
                self._join(network)
        if self._following.hear():
            self._repair()

    def _begin_with(self, world: World) -> None:
        """Before anything else is told, tell what is there no more."""
        if self._beginning and _EVERYBODY in self._following:
            self._entries.unlearned += self._gone(world)
            self._beginning = False

    def _gone(self, world: World) -> list[Fact]:
        """What the World knows from an earlier life and the registry has no more."""
        cluster = world.cluster
        if cluster is None:
            return []
        spanning = [n for n in world.networks.values() if n.overlay is not None]
        known = [keys.node(name) for name in cluster.nodes]
        known += [keys.network(network.id) for network in spanning]
        known += [keys.network(network_id) for network_id in cluster.closing]
        known += [keys.overlay(network_id) for network_id in cluster.overlays]
        facts = [Fact(LEFT, network_id) for network_id in cluster.joined]
        facts += [Fact(keys.container(name), None) for name in cluster.names]
        return facts + [
            Fact(key, None) for key in known if self._entries.text(key) is None
        ]

    def _drain(self) -> tuple[Fact, ...]:
        entries = self._entries
        facts, entries.unlearned = entries.unlearned, []
        if self._trouble != self._told:
            self._told = self._trouble
            told = (UNREACHABLE, self._trouble) if self._trouble else (REACHABLE, "")
            facts.append(Fact(*told))
        return tuple(facts)

    # --- what is still to be done in the registry -------------------------------------

    def _pay(self) -> None:
        """Give back what could not be given before."""

    def _make_good(self, world: World) -> None:
        """Take again what went with the last lease, and clear up what came late."""
        del world


def _places(network: Network) -> tuple[str, ...]:
    """Where a network's endpoints and held addresses stand."""
    pools = (*network.pools_of(4), *network.pools_of(6))
    return keys.endpoints(network.id), *(keys.addresses(pool.key) for pool in pools)
