"""The networks of the cluster in the registry: opened, numbered, closed and repaired.

```
open    SUBNETS ▶ VNIS ▶ overlay/network/NID ▶ network/NID ▶ SUBNETS once more
        each by a version that the decision was made from; the last look tells
        whether somebody took this host for dead meanwhile
close   network/NID says inDelete ▶ is anybody on it? ▶ finish, or say it is open again
finish  its subnets, its VNIs, overlay/network/NID, network/NID
repair  what a session left half done that is not there any more
```

A request may arrive after its sender has given up, or once more. So what is taken back
*in doubt* is changed whatever it says: what arrives then asks for an older version.

A network is there once its entry is, and gone once that says ``inDelete``. What stands
without it, of a session that has ended, was left by a host that died between two steps.

Invariants: two networks of the cluster hold no address and no VNI in common; a network
that is closed has no endpoint, whatever the order in which hosts join and close.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial

from minidock.model.network import Network, OverlaySettings
from minidock.overlay import keys
from minidock.overlay.entries import Entries, Raced
from minidock.overlay.facts import Fact
from minidock.overlay.held import owned_by, with_subnets, with_vnis, without
from minidock.overlay.records import (
    Holding,
    Holdings,
    Unreadable,
    dump_holdings,
    dump_network,
    dump_overlay,
    load_holdings,
    load_overlay,
)

__all__ = ["Networks"]

_BOTH = (keys.SUBNETS, keys.VNIS)


class Networks:
    """One host's changes of the cluster's networks.

    Args:
        entries: the registry, as it was seen.
        node: what this host advertises.
        alive: whether the session of a node and a token is still there.
    """

    def __init__(
        self, entries: Entries, node: str, alive: Callable[[str, str], bool]
    ) -> None:
        self._entries = entries
        self._node = node
        self._alive = alive
        self._writes = 0
        self.token = ""
        """That of this host's session."""

    def _mark(self) -> str:
        """A text that no other write has, so that a lost reply can be told."""
        self._writes += 1
        return f"{self.token}#{self._writes}"

    # --- taking -----------------------------------------------------------------------

    def open(self, network: Network, last_vni: int) -> None:
        """Enter a new network.

        Raises:
            Raced: a subnet, VNI or name may be another network's now.
        """
        overlay = network.overlay or OverlaySettings()
        change = partial(with_subnets, network=network, node=self._node)
        try:
            self._take(keys.SUBNETS, change)
        except Raced as raced:
            raise Raced(clean=not self._holds(keys.SUBNETS, network.id)) from raced
        if any(item.vni for item in overlay.subnets):
            self._number(network.id, overlay, last_vni)
        entries = self._entries
        entries.swap(keys.overlay(network.id), dump_overlay(overlay, self._mark()))
        entries.swap(keys.network(network.id), dump_network(network, self._mark()))
        if not _has(entries.look(keys.SUBNETS), network.id):
            raise Raced

    def _take(self, key: str, change: Callable[..., Holdings]) -> None:
        held = _read(key, self._entries.text(key))
        changed = change(held, token=self.token)
        text = dump_holdings(changed, self._mark())
        self._entries.swap(key, text)
        # Should the command come to nothing, the World must know of it, too.
        self._entries.unlearned.append(Fact(key, text))

    def _holds(self, key: str, network_id: str) -> bool:
        """Whether this host has something for a network, as it was seen last.

        It may be there although it was refused: the refusal was that of a request
        which arrived twice, and another host has gone on from what the first one made.
        """
        held = _read(key, self._entries.text(key)).held
        return any(self._took(network_id)(what, item) for what, item in held.items())

    def _took(self, network_id: str) -> Callable[[str, Holding], bool]:
        """Whether this host took something for a network."""
        owns = owned_by(network_id)
        return lambda what, holding: holding.node == self._node and owns(what, holding)

    def _number(self, network_id: str, overlay: OverlaySettings, last_vni: int) -> None:
        change = partial(
            with_vnis,
            network_id=network_id,
            overlay=overlay,
            last=last_vni,
            node=self._node,
        )
        self._take(keys.VNIS, change)

    def number(self, network: Network, overlay: OverlaySettings, last_vni: int) -> None:
        """Give a network's subnets their VNIs.

        Raises:
            Raced: another host was faster, for this network or another one.
        """
        key = keys.overlay(network.id)
        if self._entries.text(key) is None:  # gone: not to be numbered into being
            self._entries.look(keys.network(network.id))
            raise Raced
        try:
            self._number(network.id, overlay, last_vni)
        except Raced as raced:
            raise Raced(clean=not self._holds(keys.VNIS, network.id)) from raced
        self._entries.swap(key, dump_overlay(overlay, self._mark()))

    def check_open(self, network_id: str) -> None:
        """Look whether a network is there and nobody is removing it.

        Raises:
            Raced: it is not.
        """
        text = self._entries.look(keys.network(network_id))
        if text is None or _closed(text):
            raise Raced

    # --- giving -----------------------------------------------------------------------

    def close(self, network: Network) -> bool:
        """Say that a network is being removed; whether nobody is on it.

        Raises:
            Raced: somebody else removes it.
        """
        key = keys.network(network.id)
        text = self._entries.look(key)
        if text is None or _closed(text):
            raise Raced
        self._entries.swap(key, self._with_flag(text, closed=True))
        return not self._entries.store.list(keys.endpoints(network.id)).entries

    def _with_flag(self, text: str, *, closed: bool) -> str:
        value = json.loads(text)
        value |= {"inDelete": closed, "node": self._node, "token": self._mark()}
        return json.dumps(value, separators=(",", ":"), sort_keys=True)

    def _wrote(self, text: str, repairing: bool) -> bool:
        return repairing or _session_of(text) == self.token

    def reopen(
        self, network_id: str, *, repairing: bool = False, doubtful: bool = False
    ) -> None:
        """Take back that this host, or a dead one, is removing a network.

        Args:
            network_id: which one.
            repairing: it may be a dead host that is removing it.
            doubtful: it may still arrive that this host is, so the entry is changed in
                any case: then what arrives late asks for a version that is gone.
        """

        def opened(text: str | None) -> str | None:
            if text is None:
                return None
            closed = _closed(text)
            if (closed and self._wrote(text, repairing)) or (doubtful and not closed):
                return self._with_flag(text, closed=False)
            return None

        self._entries.amend(keys.network(network_id), opened)

    def finish(self, network_id: str) -> None:
        """Remove a network that is closed; its own entry, which says so, goes last.

        So if this host dies on the way, others see that it was being removed.
        """
        self._drop(keys.SUBNETS, owned_by(network_id))
        self._drop(keys.VNIS, owned_by(network_id))
        self._entries.remove(keys.overlay(network_id))
        self._entries.remove(keys.network(network_id))

    def cancel(self, network_id: str, *, doubtful: bool = False) -> None:
        """Remove what was made of a network that came to nothing, last things first.

        So if this host dies on the way, others see for what a dead session took it.

        Args:
            network_id: which one.
            doubtful: some of it may still arrive, so what is held is changed in any
                case: then what arrives late asks for a version that is gone.
        """
        self._entries.remove(keys.network(network_id))
        self._entries.remove(keys.overlay(network_id))
        self._drop(keys.VNIS, owned_by(network_id), doubtful=doubtful)
        self._drop(keys.SUBNETS, owned_by(network_id), doubtful=doubtful)

    def unnumber(self, network_id: str, *, doubtful: bool = False) -> None:
        """Give back the VNIs that this host took and the network's entry does not have.

        Args:
            network_id: which one.
            doubtful: as in :meth:`cancel`.
        """
        self._unnumber(network_id, self._took(network_id), doubtful=doubtful)

    def _unnumber(
        self,
        network_id: str,
        taken: Callable[[str, Holding], bool],
        *,
        doubtful: bool,
    ) -> None:
        if doubtful:
            self._entries.amend(keys.overlay(network_id), self._marked)
        numbers = self._numbers(network_id)

        def unused(what: str, holding: Holding) -> bool:
            return taken(what, holding) and what not in numbers

        self._drop(keys.VNIS, unused, doubtful=doubtful)

    def _numbers(self, network_id: str) -> set[str]:
        """The VNIs that a network's entry has now."""
        key = keys.overlay(network_id)
        text = self._entries.look(key)
        settings = OverlaySettings() if text is None else load_overlay(key, text)
        return {str(item.vni) for item in settings.subnets}

    def _marked(self, text: str | None) -> str | None:
        """The same entry of an overlay, of another version."""
        if text is None:
            return None
        return dump_overlay(load_overlay("", text), self._mark())

    def _drop(
        self,
        key: str,
        gone: Callable[[str, Holding], bool],
        *,
        doubtful: bool = False,
    ) -> None:
        def change(text: str | None) -> str | None:
            held = _read(key, text)
            left = without(held, gone)
            if left == held and not doubtful:
                return None
            return dump_holdings(left, self._mark())

        self._entries.amend(key, change)

    # --- repairing --------------------------------------------------------------------

    def repair(self) -> None:
        """Finish what sessions left half done that are not there any more.

        Cost: O(entries), and a round trip for each session and network in doubt.

        Raises:
            Unavailable: not all is repaired.
        """
        living: dict[tuple[str, str], bool] = {}

        def dead(node: str, token: str) -> bool:
            session = token.partition("#")[0]
            known = (node, session)
            if session == self.token:
                return False
            if known not in living:
                living[known] = self._alive(node, session)
            return not living[known]

        entries = self._entries
        entries.note_listing(keys.NETWORKS, entries.store.list(keys.NETWORKS))
        seen = entries.below(keys.OVERLAYS) + entries.below(keys.NETWORKS)
        for network_id, text in entries.below(keys.NETWORKS):
            try:
                value = json.loads(text)
                if value.get("inDelete") and dead(value["node"], value["token"]):
                    self._settle(network_id)
            except (ValueError, KeyError, AttributeError, TypeError):
                continue  # not ours to repair
        for owner in sorted({*self._dead_owners(dead)}):
            self._sweep(owner, dead)
        self._clear_late(seen)

    def _settle(self, network_id: str) -> None:
        """A removal that nobody goes on with: it is finished, unless somebody is on."""
        if self._entries.store.list(keys.endpoints(network_id)).entries:
            self.reopen(network_id, repairing=True)
        else:
            self.finish(network_id)

    def _dead_owners(self, dead: Callable[[str, str], bool]) -> Iterator[str]:
        """The networks for which a dead session took something."""
        for key in _BOTH:
            for holding in _read(key, self._entries.look(key)).held.values():
                if dead(holding.node, holding.token):
                    yield holding.owner.partition("/")[0]

    def _sweep(self, owner: str, dead: Callable[[str, str], bool]) -> None:
        """Take away what was taken for a network that is not there.

        Of one that is there, the VNIs that a dead session took and did not enter;
        another one may just be about to enter its own.

        It is taken first, and put back if the network is there: whoever enters a
        network looks once more whether it holds what it took.
        """
        network = keys.network(owner)
        if self._entries.look(network) is not None:
            taken = {
                vni
                for vni, item in self._held_by(keys.VNIS, owner).items()
                if dead(item.node, item.token)
            }
            if taken - self._numbers(owner):
                left = partial(_one_of, taken)
                self._unnumber(owner, left, doubtful=True)
            return
        lost = {key: self._held_by(key, owner) for key in _BOTH}
        for key in reversed(_BOTH):
            self._drop(key, owned_by(owner))
        if self._entries.look(network) is None:
            self._entries.remove(keys.overlay(owner))
            return
        for key, held in lost.items():
            self._put_back(key, held)

    def _clear_late(self, seen: list[tuple[str, str]]) -> None:
        """Remove what a dead session asked for and what arrived behind its sweeping.

        Whoever enters a network takes its subnets first. So one that was seen before
        the subnets were, and holds none, is not being entered by anybody.
        """
        held = _read(keys.SUBNETS, self._entries.text(keys.SUBNETS)).held.values()
        owners = {holding.owner for holding in held}
        bare = [(owner, text) for owner, text in seen if owner not in owners]
        if not bare:
            return
        nodes = self._entries.store.list(keys.NODES).entries
        living = {_session_of(entry.value) for _, entry in nodes}
        for owner, text in bare:
            if _session_of(text) not in {"", *living}:
                self.cancel(owner)

    def _held_by(self, key: str, owner: str) -> dict[str, Holding]:
        held = _read(key, self._entries.text(key)).held
        return {what: h for what, h in held.items() if owned_by(owner)(what, h)}

    def _put_back(self, key: str, lost: dict[str, Holding]) -> None:
        def change(text: str | None) -> str | None:
            held = _read(key, text)
            return dump_holdings(
                Holdings({**lost, **held.held}, held.last), self._mark()
            )

        self._entries.amend(key, change)


def _one_of(taken: set[str], what: str, holding: Holding) -> bool:
    del holding
    return what in taken


def _session_of(text: str) -> str:
    """The session that wrote an entry, or "" if it does not say so."""
    try:
        return str(json.loads(text)["token"]).partition("#")[0]
    except (ValueError, KeyError, TypeError):
        return ""


def _read(key: str, text: str | None) -> Holdings:
    return Holdings({}) if text is None else load_holdings(key, text)


def _has(text: str | None, network_id: str) -> bool:
    held = _read(keys.SUBNETS, text).held
    return any(owned_by(network_id)(what, item) for what, item in held.items())


def _closed(text: str) -> bool:
    try:
        return bool(json.loads(text).get("inDelete"))
    except (ValueError, AttributeError) as error:
        raise Unreadable(f"a network's entry cannot be read: {error}") from error
