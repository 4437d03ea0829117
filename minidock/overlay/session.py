"""A host's place in the cluster: it makes its commands true there, and hears of others.

```
open ──▶ a lease, the host's entry, what stands
news ──▶ facts: what others did since                     learn ──▶ World
commit(World, World') ──▶ acts ──▶ create, compare_and_swap ──▶ ()  acknowledged
                                       │ somebody was faster
                                       └──▶ facts: learn them, and answer again
beat ──▶ the lease is renewed; the store is tried again after a failure
```

What is taken for a command is given back if not all of it can be had, so a refused
command leaves nothing. What cannot be given back at once (the store is down) is a
*debt*: it is paid before the next command. If the host dies before, its lease takes
what is the host's; what is the cluster's names the session that took it, and others
take it away after that session's end.

Invariants: a command is acknowledged only if every entry it needs is in the registry,
made from what this host had learned; an entry of this host's own stands under its
lease; no method raises but ``open``, and that only refusals.

The session does nothing by itself: the store, the clock and the pause between two tries
are given, so a simulation can turn each of them.
"""

from collections.abc import Callable, Iterable
from functools import partial

from minidock.model.cluster import Node
from minidock.model.network import Network
from minidock.model.world import World
from minidock.overlay import keys
from minidock.overlay.acts import (
    Act,
    GiveEndpoint,
    GiveName,
    GiveNetwork,
    Listening,
    TakeEndpoint,
    TakeName,
    TakeNetwork,
    acts,
    listens_on_nothing,
    standing,
)
from minidock.overlay.claims import Claims, Undo, is_given
from minidock.overlay.contact import TTL, Contact, never_waits, stands_still
from minidock.overlay.entries import LeaseEnded, Raced
from minidock.overlay.facts import Fact, spent
from minidock.overlay.late import Late
from minidock.registry.errors import Unavailable
from minidock.registry.store import Store

__all__ = ["TTL", "Session", "never_waits", "stands_still"]

_ASIDE = 2
"""How much longer a lost command waits than a lost swap, in doublings: it is longer."""


class Session(Contact):
    """One host's session with the registry; any thread may call it.

    Args:
        store: the registry.
        node: this host: what it advertises, its name, its VTEP.
        identity: who it is, over restarts; a second host that advertises the same
            address has another one.
        ttl: how long its lease lasts without being renewed, seconds.
        clock: seconds that never go back.
        pause: called before the n-th new try, which may wait for a moment.
        listening: what a container listens on, to be told to others.
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
        listening: Listening | None = None,
        alone: bool = False,
    ) -> None:
        super().__init__(
            store,
            node,
            identity=identity,
            ttl=ttl,
            clock=clock,
            pause=pause,
            alone=alone,
        )
        self._listening = listening or listens_on_nothing
        self._claims = Claims(
            self._entries, self._networks, node.advertise, self._tenure
        )
        self._debts: list[Act | Undo] = []
        self._late = Late(self._claims.give, self._clock, self._ttl)
        self._lost = 0

    def _pay(self) -> None:
        """Give back what could not be given before."""
        while self._debts:
            self._give(self._debts[0])
            self._debts.pop(0)

    def _give(self, act: Act | Undo) -> None:
        self._claims.give(act)
        self._late.given(act)

    def _make_good(self, world: World) -> None:
        """Take again what went with the last lease, and clear up what came late."""
        if self._rejoining:
            self._rejoin(world)
        if world.cluster is not None and world.cluster.names:
            self._ask_again(world, world.cluster.names)
        self._claims.lives = partial(_lives, world, frozenset())
        self._late.clear(world)

    def commit(self, before: World, after: World) -> tuple[Fact, ...] | None:
        """Make true what a command decided; None if it is.

        Else the command must be answered again on a World that has learned the facts
        that this returns: somebody was faster, or the store does not answer.

        Cost: three round trips for each endpoint, four for a network, one for a name,
        two for each network on which a container was renamed; four more for a
        network's first endpoint, and nine to remove a network.
        """
        wanted = acts(before, after, self._listening)
        if not wanted:
            return None
        with self._lock:
            takes = [act for act in wanted if not is_given(act)]
            self._claims.lives = partial(_lives, before, _leaving(wanted))
            done: list[Act] = []
            retries = self._entries.retries
            try:
                self._ready(before, wanted)
                for act in takes:  # before anything is taken that would be undone
                    self._joined(act, after)
                for act in takes:
                    done.append(act)
                    self._claims.take(act)
                for act in wanted:
                    if isinstance(act, GiveNetwork):
                        done.append(act)
                        self._close_network(act.network)
            except Raced as raced:
                undone = done[:-1] if raced.clean else done
                self._undo(undone)
                if any(isinstance(act, TakeNetwork) for act in undone):
                    self._came_to_nothing()
                moved = any(isinstance(act, GiveEndpoint) for act in wanted)
                self._rejoining |= moved and bool(undone)
                if self._entries.retries > retries:
                    self._step_aside()
                return self._drain()
            except LeaseEnded:  # earlier than this host's clock says
                self._tenure.forget()
                self._undo(done)
                self._rejoining = True
                return self._drain()
            except Unavailable as error:
                if not takes and not any(isinstance(a, GiveNetwork) for a in wanted):
                    self._debts += wanted  # leaving needs nobody's consent
                    self._lose_touch(error)
                    return None
                self._debts += [Undo(act, doubtful=True) for act in reversed(done)]
                if done:
                    self._late.doubt(done)
                    self._came_to_nothing()
                self._rejoining = True  # what went over to a new endpoint goes back
                self._lose_touch(error)
                return self._drain()
            self._lost = 0
            self._give_all([act for act in wanted if is_given(act)], after)
            return None

    def _ready(self, before: World, wanted: list[Act]) -> None:
        """The lease runs, no debts are left, and the World knows all that was seen.

        Who only leaves need know nothing, and have nothing.
        """
        if self._trouble:
            raise Unavailable(self._trouble)
        takes = not all(map(is_given, wanted))
        if takes and not self.valid:
            self._renew()
        self._begin_with(before)
        closes = any(isinstance(act, GiveNetwork) for act in wanted)
        if self._rejoining and (takes or closes):
            self._rejoin(before)
        self._pay()
        if self._entries.unlearned and (takes or closes):
            raise Raced

    def _close_network(self, network: Network) -> None:
        if not self._networks.close(network):
            # Others are on it: with them in sight the command will be refused.
            self._join(network)
            raise Raced

    def _joined(self, act: Act, after: World) -> None:
        if not isinstance(act, TakeEndpoint):
            return
        network = after.networks[act.peer.network_id]
        if network.id not in self._following:
            self._join(network)
            raise Raced

    def _give_all(self, gives: list[Act], after: World) -> None:
        """What is given back; what cannot be given now is a debt."""
        for place, act in enumerate(gives):
            try:
                self._give(act)
            except Unavailable as error:
                self._debts += gives[place:]
                self._lose_touch(error)
                break
        for act in gives:
            if isinstance(act, GiveEndpoint):
                network = after.networks.get(act.network_id)
                if network is not None and not after.members.get(network.id):
                    self._leave(network)
            elif isinstance(act, GiveNetwork):
                self._following.end(act.network.id)

    def _undo(self, done: list[Act]) -> None:
        undoing = [Undo(act) for act in reversed(done)]
        for place, undo in enumerate(undoing):
            try:
                self._give(undo)
            except Unavailable as error:
                self._debts += undoing[place:]
                self._lose_touch(error)
                return

    def _step_aside(self) -> None:
        """After a lost race: wait for a moment, then learn all that others did.

        Who learns one entry at a time loses against each of them once; and hosts that
        try again at once meet again, and each makes the others' work void.
        """
        self._pause(self._lost + _ASIDE)
        self._lost += 1
        if self._trouble:
            return
        try:
            if self._following.hear():
                self._repair()
        except Unavailable as error:
            self._lose_touch(error)

    def lost(self, before: World, after: World) -> None:
        """Give back what is left of endpoints whose address or name is another host's.

        Args:
            before: the World before it learned that.
            after: the World that has detached them.
        """
        gives = [
            act
            for act in acts(before, after, self._listening)
            if isinstance(act, GiveEndpoint)
        ]
        if gives:
            with self._lock:
                self._claims.lives = partial(_lives, after, frozenset())
                self._give_all(list(gives), after)

    def _rejoin(self, world: World) -> None:
        """Take everything again that went with the last lease."""
        self._claims.lives = partial(_lives, world, frozenset())
        again, lacking = False, set[str]()
        for act in standing(world, self._listening):
            if self._tenure.half_over and not self._tenure.renew():  # it takes long
                raise LeaseEnded("the lease ran out while the host came back")
            if isinstance(act, TakeName):
                if not self._named(act, world):
                    lacking.add(act.name)
            elif isinstance(act, TakeEndpoint) and act.peer.name not in lacking:
                again |= not self._placed(act, world)
        self._tenure.end_old()
        self._rejoining = again

    def _ask_again(self, world: World, names: Iterable[str]) -> None:
        """See to the names that are other hosts': nobody tells when one comes free.

        That of a container here is asked for again; of any other one the World knew
        for the command that wanted it.
        """
        self._claims.lives = partial(_lives, world, frozenset())
        for name in sorted(names):
            owner = world.names.get(name)
            if owner is not None:
                self._named(TakeName(name, owner), world)
            else:
                self._entries.note(keys.container(name), None)

    def _named(self, act: TakeName, world: World) -> bool:
        """Whether a name could be had again; else the World hears who has it now."""
        try:
            self._claims.take(act)
        except Raced:
            return False
        if world.cluster and act.name in world.cluster.names:
            # The other host that had it meanwhile has it no more.
            self._entries.note(keys.container(act.name), None)
        return True

    def _placed(self, act: TakeEndpoint, world: World) -> bool:
        """Whether an endpoint is there again, or nobody will ever want it to be."""
        if world.cluster and act.peer.network_id in world.cluster.closing:
            return False  # a watch tells what becomes of the network
        try:
            self._claims.take(act)
        except Raced:
            if self._entries.text(keys.network(act.peer.network_id)) is not None:
                return False  # somebody is removing it, or has the address
            self._give(Undo(act))
        return True

    def _came_to_nothing(self) -> None:
        """Use other identifiers: what still arrives is told by those of now."""
        self._entries.unlearned += spent("a command came to nothing")


def _leaving(wanted: list[Act]) -> frozenset[str]:
    """Whose places are given back."""
    endpoints = {act.endpoint_id for act in wanted if isinstance(act, GiveEndpoint)}
    containers = {act.container_id for act in wanted if isinstance(act, GiveName)}
    return frozenset(endpoints | containers)


def _lives(world: World, leaving: frozenset[str], owner: str) -> bool:
    """Whether an endpoint or container of this host stays; O(endpoints)."""
    if owner in leaving:
        return False
    if owner in world.containers:
        return True
    return any(owner in members.values() for members in world.members.values())
