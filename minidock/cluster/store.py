"""One host's end of the simulated network: a store like any other, but for its luck.

```
Session ── get, create, ... ──▶ SimulatedStore(host, network) ── call ──▶ Network
        ── keep_alive ────────▶ its lease                     ── call ──▶
        ── changes ───────────▶ its watch     what the store has told, a part of it
```

A watch keeps its promise (every change below its path, in order, none lost), but a look
at it may show only some of that, and other watches of the same host other parts: so two
hosts, and two watches, hear of changes in different orders.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from minidock.cluster.network import Network, unreachable
from minidock.registry.handle import LeaseHandle
from minidock.registry.store import Change, Entry, Lease, Listing, Store, Watch

__all__ = ["SimulatedStore"]

T = TypeVar("T")


class SimulatedStore:
    """The :class:`~minidock.registry.store.Store` of one host.

    Args:
        host: the host's number.
        network: the wires that it uses.

    >>> network = Network()
    >>> here, there = SimulatedStore(0, network), SimulatedStore(1, network)
    >>> here.put("a", "1"), there.get("a")
    (1, Entry(value='1', version=1))
    >>> network.down = True
    >>> there.get("a")
    Traceback (most recent call last):
    minidock.registry.errors.Unavailable: the cluster store does not answer: connection refused
    """  # noqa: E501 - the text of a refusal

    def __init__(self, host: int, network: Network) -> None:
        self._host = host
        self._network = network

    def _call(self, ask: Callable[[Store], T]) -> T:
        return self._network.call(self._host, ask)

    def get(self, key: str) -> Entry:
        """The entry under a key."""
        return self._call(lambda store: store.get(key))

    def put(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key whatever it holds; the new version."""
        return self._call(lambda store: store.put(key, value, lease))

    def create(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key that is not there; its version."""
        return self._call(lambda store: store.create(key, value, lease))

    def compare_and_swap(
        self, key: str, value: str, version: int, lease: Lease | None = None
    ) -> int:
        """Set a key that still has this version; the new version."""
        return self._call(
            lambda store: store.compare_and_swap(key, value, version, lease)
        )

    def delete(self, key: str) -> None:
        """Remove a key."""
        self._call(lambda store: store.delete(key))

    def compare_and_delete(self, key: str, version: int) -> None:
        """Remove a key that still has this version."""
        self._call(lambda store: store.compare_and_delete(key, version))

    def list(self, prefix: str, after: str = "") -> Listing:
        """The entries below a path that come after a key."""
        return self._call(lambda store: store.list(prefix, after))

    def watch(self, prefix: str, revision: int) -> "SimulatedWatch":
        """Watch everything below a path, from a listing's revision on.

        It costs no time, as with real clients, which connect when somebody looks.
        """
        watch = self._network.store.watch(prefix, revision)
        return SimulatedWatch(watch, self._host, self._network)

    def lease(self, ttl: float) -> Lease:
        """A new lease; the grant, its renewals and its end are messages, too."""
        return self._held(self._call(lambda store: store.lease(ttl)))

    def resume_lease(self, lease_id: str) -> Lease:
        """The lease of an owner that was restarted, renewed."""
        return self._held(self._call(lambda store: store.resume_lease(lease_id)))

    def _held(self, lease: Lease) -> Lease:
        return LeaseHandle(
            lease.id,
            lease.ttl,
            lambda _: self._call(lambda _: lease.keep_alive()),
            lambda _: self._call(lambda _: lease.revoke()),
        )

    def close(self) -> None:
        """Nothing is held open."""


class SimulatedWatch:
    """A watch whose owner hears of things when the network lets it."""

    def __init__(self, watch: Watch, host: int, network: Network) -> None:
        self._watch = watch
        self._host = host
        self._network = network
        self._held: list[Change] = []

    def changes(self, timeout: float) -> Sequence[Change]:
        """What has come through since the last call, in order; never waits.

        Raises:
            Unavailable: the host is cut off, or the store is down.
        """
        del timeout  # simulated time passes when somebody lets it
        network = self._network
        if not network.reaches(self._host):
            raise unreachable()
        self._held += self._watch.changes(0)
        count = len(self._held)
        if count and network.dice.chance(network.weather.slow_news):
            count = network.dice.below(count + 1)
        told, self._held = self._held[:count], self._held[count:]
        network.traffic.news += count
        return told

    def close(self) -> None:
        """Stop watching."""
        self._watch.close()
