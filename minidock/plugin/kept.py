"""A plugin's state in a store: what is acknowledged is there.

```
plugin/pool/MinidockLocal,10.9.0.0_16      {"space", "subnet", "range"}
plugin/address/<the same>/10.9.0.2         one key per address: a change writes one key
plugin/network/ID  plugin/endpoint/ID      what the network driver was told
```

:func:`difference` says which keys a change makes and removes; they are written at once
and before the answer is given, so a ``kill -9`` at any moment loses nothing that was
acknowledged.

Invariant: ``read(store)`` after writing ``difference(State(), state)`` is ``state``.
Cost: O(addresses held in the pools that changed).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict

from minidock.model.maps import Map
from minidock.plugin.holdings import Holdings, Lease
from minidock.plugin.links import LinkedEndpoint, LinkedNetwork, Links
from minidock.plugin.service import State
from minidock.registry.store import Store

__all__ = ["difference", "read"]

_POOL, _ADDRESS = "plugin/pool", "plugin/address"
_NETWORK, _ENDPOINT = "plugin/network", "plugin/endpoint"


def _name(lease: Lease) -> str:
    """A pool id without slashes."""
    return lease.id.replace("/", "_")


def difference(before: State, after: State) -> dict[str, str | None]:
    """The keys that lead from one state to the next; None for those that go."""
    changes: dict[str, str | None] = {}
    _leases(before.held.leases, after.held.leases, changes)
    for kind, old, new in (
        (_NETWORK, before.links.networks, after.links.networks),
        (_ENDPOINT, before.links.endpoints, after.links.endpoints),
    ):
        _told(kind, old, new, changes)
    return changes


def _leases(old: Map[Lease], new: Map[Lease], changes: dict[str, str | None]) -> None:
    if old is new:
        return
    for name in {*old, *new}:
        was, now = old.get(name), new.get(name)
        if was is now:
            continue
        lease = now or was
        assert lease is not None  # noqa: S101 - one of the two holds the name
        held = set(was.ledger) if was else set()
        holds = set(now.ledger) if now else set()
        key = _name(lease)
        if was is None or now is None:
            changes[f"{_POOL}/{key}"] = None if now is None else _pool_text(now)
        for address in held ^ holds:
            value = "held" if address in holds else None
            changes[f"{_ADDRESS}/{key}/{address}"] = value


def _pool_text(lease: Lease) -> str:
    return json.dumps(
        {
            "space": lease.space,
            "subnet": str(lease.subnet),
            "range": str(lease.ip_range or ""),
        }
    )


def _told(
    kind: str,
    old: Mapping[str, LinkedNetwork] | Mapping[str, LinkedEndpoint],
    new: Mapping[str, LinkedNetwork] | Mapping[str, LinkedEndpoint],
    changes: dict[str, str | None],
) -> None:
    if old is new:
        return
    for name in {*old, *new}:
        now = new.get(name)
        if old.get(name) != now:
            key = f"{kind}/{name.replace('/', '_')}"
            changes[key] = None if now is None else json.dumps(asdict(now))


def read(store: Store, *, replays: bool = False) -> State:
    """The state in a store; an empty store has an empty one.

    Raises:
        InvalidParameter: it holds something that was never written by this.
    """
    addresses: dict[str, list[str]] = {}
    for key, _ in store.list(_ADDRESS).entries:
        _, _, rest = key.partition(f"{_ADDRESS}/")
        pool, _, address = rest.partition("/")
        addresses.setdefault(pool, []).append(address)
    leases = []
    for key, entry in store.list(_POOL).entries:
        pool = json.loads(entry.value)
        named = addresses.get(key.rpartition("/")[2], [])
        leases.append((pool["space"], pool["subnet"], pool["range"], named))
    networks = [json.loads(e.value) for _, e in store.list(_NETWORK).entries]
    endpoints = [json.loads(e.value) for _, e in store.list(_ENDPOINT).entries]
    links = Links(
        networks=Map({item["id"]: LinkedNetwork(**item) for item in networks}),
        endpoints=Map({item["id"]: LinkedEndpoint(**item) for item in endpoints}),
    )
    return State(held=Holdings.restore(leases), links=links, replays=replays)
