"""The claims of one host: how an act becomes entries, and how it is taken back.

```
TakeEndpoint ──▶ ipam/.../10.0.0.2  endpoint/NID/EID   then: is the network open?
GiveEndpoint ──▶ the same entries go, if they are this host's
Undo(act)    ──▶ whatever was made of an act for a command that came to nothing
```

What a host's own earlier endpoint held goes over to the next one: in a restart, the
new endpoint takes the address before the old one gives it.

Each is safe to do twice: an entry that is there already and names the same owner is
taken, one that is gone is given. So a lost reply is answered by doing it once more.

Invariant: nothing is removed whose owner is another one.
"""

from collections.abc import Callable
from typing import NamedTuple

from minidock.overlay import keys
from minidock.overlay.acts import (
    Act,
    GiveEndpoint,
    GiveName,
    GiveNetwork,
    TakeEndpoint,
    TakeName,
    TakeNetwork,
    TakeVni,
)
from minidock.overlay.entries import Entries, Raced
from minidock.overlay.facts import Fact
from minidock.overlay.networks import Networks
from minidock.overlay.records import (
    Unreadable,
    dump_holder,
    dump_peer,
    load_holder,
    load_peer,
)
from minidock.registry.store import Lease

__all__ = ["Claims", "Undo", "is_given"]


class Undo(NamedTuple):
    """Something that was done for a command that came to nothing."""

    act: Act


def is_given(act: Act) -> bool:
    """Whether an act gives something back."""
    return isinstance(act, GiveNetwork | GiveEndpoint | GiveName)


class Claims:
    """What one host takes and gives.

    Args:
        entries: the registry, as it was seen.
        networks: the networks of the cluster there.
        advertise: what this host advertises.
        fleeting: where it is put what holds for this command only: names are looked at
            once, and not followed.
    """

    def __init__(
        self,
        entries: Entries,
        networks: Networks,
        advertise: str,
        fleeting: list[Fact],
    ) -> None:
        self._entries = entries
        self._networks = networks
        self._advertise = advertise
        self.lives: Callable[[str], bool] = _everybody_lives
        """Whether an owner is one of this host's that stays."""
        self.fleeting = fleeting

    def take(self, act: Act, lease: Lease) -> None:
        """Make the entries of an act.

        Raises:
            Raced: somebody was faster.
            Unavailable: nobody knows what was made.
        """
        if isinstance(act, TakeNetwork):
            self._networks.open(act.network, act.last_vni)
        elif isinstance(act, TakeVni):
            self._networks.number(act.network, act.overlay, act.last_vni)
        elif isinstance(act, TakeEndpoint):
            self._take_endpoint(act, lease)
        elif isinstance(act, TakeName):
            key = keys.container(act.name)
            holder = dump_holder(act.container_id, self._advertise)
            try:
                self._entries.take(key, holder, lease, self._ours(act.container_id))
            except Raced:
                # Nobody follows names: what was learned of one holds for this command.
                self.fleeting.append(Fact(key, None))
                raise

    def _take_endpoint(self, act: TakeEndpoint, lease: Lease) -> None:
        peer = act.peer
        mine = self._ours(peer.endpoint_id)
        for place, (pool, address) in enumerate(act.holdings):
            holder = dump_holder(peer.endpoint_id, self._advertise)
            try:
                self._entries.take(keys.address(pool, address), holder, lease, mine)
            except Raced as raced:
                raise Raced(clean=place == 0) from raced
        key = keys.endpoint(peer.network_id, peer.endpoint_id)
        mine = _is_endpoint(key, peer.endpoint_id)
        try:
            self._entries.take(key, dump_peer(peer), lease, mine)
        except Raced as raced:
            raise Raced from raced
        # Whoever removes a network closes it first and then looks who is there; who
        # joins enters first and then looks whether it is open. One of them sees the
        # other.
        self._networks.check_open(peer.network_id)

    def _ours(self, owner: str) -> Callable[[str], bool]:
        """Whether a holding is this owner's, or of one here that is no more."""

        def ours(text: str) -> bool:
            try:
                holder, node = load_holder("", text)
            except Unreadable:
                return False
            gone = node == self._advertise and not self.lives(holder)
            return holder == owner or gone

        return ours

    def give(self, act: "Act | Undo") -> None:
        """Remove the entries of an act.

        Raises:
            Unavailable: it is not done; to do it again is safe.
        """
        if isinstance(act, Undo):
            self._untake(act.act)
        elif isinstance(act, GiveNetwork):
            self._networks.finish(act.network.id)
        else:
            self._give_own(act)

    def _give_own(self, act: Act) -> None:
        if isinstance(act, GiveEndpoint):
            key = keys.endpoint(act.network_id, act.endpoint_id)
            self._entries.give(key, _is_endpoint(key, act.endpoint_id))
            for pool, address in act.holdings:
                mine = _held_by(act.endpoint_id)
                self._entries.give(keys.address(pool, address), mine)
        elif isinstance(act, GiveName):
            mine = _held_by(act.container_id)
            self._entries.give(keys.container(act.name), mine)

    def _untake(self, act: Act) -> None:
        """Give back what was taken for a command that came to nothing."""
        if isinstance(act, TakeNetwork):
            self._networks.cancel(act.network.id)
        elif isinstance(act, GiveNetwork):
            self._networks.reopen(act.network.id)
        elif isinstance(act, TakeVni):
            self._networks.unnumber(act.network.id)
        elif isinstance(act, TakeEndpoint):
            peer = act.peer
            self._give_own(
                GiveEndpoint(peer.network_id, peer.endpoint_id, act.holdings)
            )
        elif isinstance(act, TakeName):
            self._give_own(GiveName(act.name, act.container_id))


def _everybody_lives(owner: str) -> bool:
    del owner
    return True


def _held_by(owner: str) -> Callable[[str], bool]:
    def mine(text: str) -> bool:
        try:
            return load_holder("", text)[0] == owner
        except Unreadable:
            return False

    return mine


def _is_endpoint(key: str, endpoint_id: str) -> Callable[[str], bool]:
    def mine(text: str) -> bool:
        try:
            return load_peer(key, "", text).endpoint_id == endpoint_id
        except Unreadable:
            return False

    return mine
