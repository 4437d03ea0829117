"""A host's lease and its entry among the nodes: that it is there, and for how long.

```
enter ──▶ a lease ──▶ docker/nodes/HOST:PORT under it      Conflict: another host's
renew ──▶ it runs on, or it has run out: enter anew
leave ──▶ everything under it goes
```

A host that was restarted finds its own entry. It takes a new lease and keeps the old
one until all that stands is under the new one: so nothing comes free meanwhile, and
what was left over goes with the old lease.

Invariant: at no time do two hosts have an entry for one address.
"""

from collections.abc import Callable
from contextlib import suppress

from minidock.errors import Conflict, Refusal
from minidock.model.cluster import Node
from minidock.overlay import keys
from minidock.overlay.records import dump_node, load_node
from minidock.registry.errors import Modified, NotFound, Unavailable
from minidock.registry.store import Lease, Store

__all__ = ["Tenure"]

_TRIES = 64


class Tenure:
    """One host's lease.

    Args:
        store: the registry.
        node: this host.
        identity: who it is, over restarts.
        ttl: how long the lease lasts without being renewed, seconds.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        store: Store,
        node: Node,
        identity: str,
        ttl: float,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._node = node
        self._identity = identity
        self._ttl = ttl
        self._clock = clock
        self._lease: Lease | None = None
        self._old: Lease | None = None
        self._valid_until = 0.0
        self.token = ""
        """The session's name: who it is, and the lease's id."""

    @property
    def runs(self) -> bool:
        """Whether there is a lease, as far as this host knows."""
        return self._lease is not None

    @property
    def valid(self) -> bool:
        """Whether it has surely not run out, by this host's own clock."""
        return self._lease is not None and self._clock() < self._valid_until

    @property
    def half_over(self) -> bool:
        """Whether half of its time has passed since it was renewed."""
        lease = self._lease
        return lease is None or self._clock() > self._valid_until - lease.ttl / 2

    @property
    def lease(self) -> Lease:
        """The lease.

        Raises:
            Unavailable: there is none now.
        """
        if self._lease is None:
            raise Unavailable("the host has no lease in the cluster store")
        return self._lease

    def enter(self, *, resumed: bool) -> None:
        """Take a lease and the node's entry, unless there is one.

        Args:
            resumed: the host was here before, so an entry of its own identity is no
                other host's.

        Raises:
            Conflict: another host advertises this address.
            Unavailable: the store does not answer.
        """
        if self._lease is not None:
            return
        asked = self._clock()
        lease = self._store.lease(self._ttl)
        try:
            self._claim(lease, resumed=resumed)
        except BaseException:
            with suppress(Refusal):
                lease.revoke()
            raise
        self._lease = lease
        self.token = f"{self._identity}:{lease.id}"
        self._valid_until = asked + lease.ttl

    def _claim(self, lease: Lease, *, resumed: bool) -> None:
        key = keys.node(self._node.advertise)
        text = dump_node(self._node, f"{self._identity}:{lease.id}")
        for _ in range(_TRIES):
            try:
                self._store.create(key, text, lease)
            except Modified:
                pass
            else:
                return
            with suppress(NotFound, Modified):
                entry = self._store.get(key)
                _, other = load_node(key, self._node.advertise, entry.value)
                identity, _, lease_id = other.partition(":")
                if (identity, lease_id) == (self._identity, lease.id):
                    return  # made by a request whose answer was lost
                if identity != self._identity or not resumed:
                    raise self._taken(other)
                with suppress(NotFound):
                    self._old = self._store.resume_lease(lease_id)
                self._store.compare_and_swap(key, text, entry.version, lease)
                return
        raise Unavailable(f"the entry {key} of the cluster store changes all the time")

    def _taken(self, other: str) -> Conflict:
        return Conflict(
            f"another host of the cluster advertises {self._node.advertise}",
            asked=f"--cluster-advertise {self._node.advertise}",
            rule="hosts find each other by the address that each one advertises "
            f"(its session is {other})",
            remedy="another address or port; if that host has died, wait "
            f"{self._ttl:.0f} seconds until its lease runs out",
        )

    def renew(self) -> bool:
        """Let it run on; False if it has run out, and everything under it is gone.

        Raises:
            Unavailable: the store does not answer; it goes on running out.
        """
        asked = self._clock()
        try:
            self.lease.keep_alive()
        except NotFound:
            self._lease = None
            return False
        self._valid_until = asked + self.lease.ttl
        return True

    def end_old(self) -> None:
        """Let go what is still under the lease of this host's last life."""
        if self._old is not None:
            self._old.revoke()
            self._old = None

    def forget(self) -> None:
        """Have no lease any more; in the store it runs on."""
        self._lease = None

    def leave(self) -> None:
        """End it; a store that does not answer lets it run out by itself."""
        if self._lease is not None:
            with suppress(Refusal):
                self._lease.revoke()
        self._lease = None
