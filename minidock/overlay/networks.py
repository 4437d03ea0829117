"""The networks of the cluster in the registry: opened, numbered, closed and repaired.

```
open    SUBNETS ▶ VNIS ▶ overlay/network/NID ▶ network/NID ▶ SUBNETS once more
        each by a version that the decision was made from; the last look tells
        whether somebody took this host for dead meanwhile
close   network/NID says inDelete ▶ is anybody on it? ▶ finish, or say it is open again
finish  its subnets, its VNIs, overlay/network/NID, network/NID
repair  what a session left half done that is not there any more
```

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
            raise Raced(clean=True) from raced
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
            raise Raced(clean=True) from raced
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
        session = str(json.loads(text)["token"]).partition("#")[0]
        return repairing or session == self.token

    def reopen(self, network_id: str, *, repairing: bool = False) -> None:
        """Take back that this host, or a dead one, is removing a network."""

        def opened(text: str | None) -> str | None:
            if text is None or not _closed(text) or not self._wrote(text, repairing):
                return None
            return self._with_flag(text, closed=False)

        self._entries.amend(keys.network(network_id), opened)

    def finish(self, network_id: str) -> None:
        """Remove a network that is closed; its own entry, which says so, goes last.

        So if this host dies on the way, others see that it was being removed.
        """
        self._drop(keys.SUBNETS, owned_by(network_id))
        self._drop(keys.VNIS, owned_by(network_id))
        self._entries.remove(keys.overlay(network_id))
        self._entries.remove(keys.network(network_id))

    def cancel(self, network_id: str) -> None:
        """Remove what was made of a network that came to nothing, last things first.

        So if this host dies on the way, others see for what a dead session took it.
        """
        self._entries.remove(keys.network(network_id))
        self._entries.remove(keys.overlay(network_id))
        self._drop(keys.VNIS, owned_by(network_id))
        self._drop(keys.SUBNETS, owned_by(network_id))

    def unnumber(self, network_id: str) -> None:
        """Give back the VNIs that a network's entry does not have."""
        key = keys.overlay(network_id)
        text = self._entries.look(key)
        numbers = set()
        if text is not None:
            overlay = load_overlay(key, text)
            numbers = {str(item.vni) for item in overlay.subnets}
        owns = owned_by(network_id)

        def unused(what: str, holding: Holding) -> bool:
            return owns(what, holding) and what not in numbers

        self._drop(keys.VNIS, unused)

    def _drop(self, key: str, gone: Callable[[str, Holding], bool]) -> None:
        def change(text: str | None) -> str | None:
            held = _read(key, text)
            left = without(held, gone)
            if left == held:
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
        for network_id, text in entries.below(keys.NETWORKS):
            try:
                value = json.loads(text)
                if value.get("inDelete") and dead(value["node"], value["token"]):
                    self._settle(network_id)
            except (ValueError, KeyError, AttributeError, TypeError):
                continue  # not ours to repair
        for owner in sorted({*self._dead_owners(dead)}):
            self._sweep(owner)

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

    def _sweep(self, owner: str) -> None:
        """Take away what was taken for a network that is not there.

        It is taken first, and put back if the network is there: whoever enters a
        network looks once more whether it holds what it took.
        """
        network = keys.network(owner)
        if self._entries.look(network) is not None:
            self.unnumber(owner)
            return
        lost = {key: self._held_by(key, owner) for key in _BOTH}
        for key in reversed(_BOTH):
            self._drop(key, owned_by(owner))
        if self._entries.look(network) is None:
            self._entries.remove(keys.overlay(owner))
            return
        for key, held in lost.items():
            self._put_back(key, held)

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
