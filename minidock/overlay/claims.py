"""The claims of one host: how an act becomes entries, and how it is taken back.

```
TakeEndpoint ──▶ ipam/.../10.0.0.2  endpoint/NID/EID   then: is the network open?
GiveEndpoint ──▶ the same entries go, if they are this host's
Rename...    ──▶ endpoint/NID/EID says another name
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

from minidock.model.cluster import Peer
from minidock.overlay import keys
from minidock.overlay.acts import (
    Act,
    GiveEndpoint,
    GiveName,
    GiveNetwork,
    RenameEndpoint,
    TakeEndpoint,
    TakeName,
    TakeNetwork,
    TakeVni,
)
from minidock.overlay.entries import Entries, Raced
from minidock.overlay.networks import Networks
from minidock.overlay.records import (
    Unreadable,
    dump_holder,
    dump_peer,
    load_holder,
    load_peer,
)
from minidock.overlay.tenure import Tenure

__all__ = ["Claims", "Undo", "is_given"]


class Undo(NamedTuple):
    """Something that was done for a command that came to nothing."""

    act: Act
    doubtful: bool = False
    """Nobody answered, so what was asked may still be done."""


def is_given(act: Act) -> bool:
    """Whether an act gives something back."""
    return isinstance(act, GiveNetwork | GiveEndpoint | GiveName)


class Claims:
    """What one host takes and gives.

    Args:
        entries: the registry, as it was seen.
        networks: the networks of the cluster there.
        advertise: what this host advertises.
        tenure: its lease, under which it takes what is its own.
    """

    def __init__(
        self,
        entries: Entries,
        networks: Networks,
        advertise: str,
        tenure: Tenure,
    ) -> None:
        self._entries = entries
        self._networks = networks
        self._advertise = advertise
        self._tenure = tenure
        self.lives: Callable[[str], bool] = _everybody_lives
        """Whether an owner is one of this host's that stays."""

    def take(self, act: Act) -> None:
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
            self._take_endpoint(act)
        elif isinstance(act, RenameEndpoint):
            self._tell(act.peer)
        elif isinstance(act, TakeName):
            key = keys.container(act.name)
            holder = dump_holder(act.container_id, self._advertise)
            ours = self._ours(act.container_id)
            self._entries.take(key, holder, self._tenure.lease, ours)

    def _take_endpoint(self, act: TakeEndpoint) -> None:
        peer, lease = act.peer, self._tenure.lease
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

    def _tell(self, peer: Peer) -> None:
        """Say something else of an endpoint that is there.

        One that is not there went with its lease, and is taken again as it is then.
        """
        if self._tenure.runs:
            key = keys.endpoint(peer.network_id, peer.endpoint_id)
            mine = _is_endpoint(key, peer.endpoint_id)
            self._entries.rewrite(key, dump_peer(peer), self._tenure.lease, mine)

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

    def give(self, act: "Act | Undo", spared: frozenset[str] = frozenset()) -> None:
        """Remove the entries of an act.

        Args:
            act: what is given back, or undone.
            spared: keys of a host's own that are left alone.

        Raises:
            Unavailable: it is not done; to do it again is safe.
        """
        if isinstance(act, Undo):
            self._untake(act.act, spared, doubtful=act.doubtful)
        elif isinstance(act, GiveNetwork):
            self._networks.finish(act.network.id)
        else:
            self._give_own(act, spared)

    def _give_own(self, act: Act, spared: frozenset[str]) -> None:
        if isinstance(act, GiveEndpoint):
            key = keys.endpoint(act.network_id, act.endpoint_id)
            mine = _is_endpoint(key, act.endpoint_id)
            self._give_unless(spared, key, mine)
            for pool, address in act.holdings:
                mine = _held_by(act.endpoint_id)
                self._give_unless(spared, keys.address(pool, address), mine)
        elif isinstance(act, GiveName):
            mine = _held_by(act.container_id)
            self._give_unless(spared, keys.container(act.name), mine)

    def _give_unless(
        self, spared: frozenset[str], key: str, mine: Callable[[str], bool]
    ) -> None:
        if key not in spared:
            self._entries.give(key, mine)

    def _untake(self, act: Act, spared: frozenset[str], *, doubtful: bool) -> None:
        """Give back what was taken for a command that came to nothing."""
        if isinstance(act, TakeNetwork):
            self._networks.cancel(act.network.id, doubtful=doubtful)
        elif isinstance(act, GiveNetwork):
            self._networks.reopen(act.network.id, doubtful=doubtful)
        elif isinstance(act, TakeVni):
            self._networks.unnumber(act.network.id, doubtful=doubtful)
        elif isinstance(act, TakeEndpoint):
            of = act.peer
            given = GiveEndpoint(
                of.network_id, of.endpoint_id, act.holdings, of.container_id
            )
            self._give_own(given, spared)
        elif isinstance(act, RenameEndpoint):
            self._tell(act.before)
        elif isinstance(act, TakeName):
            self._give_own(GiveName(act.name, act.container_id), spared)


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
