"""A store in Consul's KV, spoken to by the HTTP layer of py-consul.

```
get                       GET kv/a/b/
put                       txn  delete                            then set or lock
create                    txn  cas 0                             then (lock)
compare_and_swap          txn  check-index, delete               then set or lock
delete                    txn  get (it must be there)            then delete
compare_and_delete        txn  check-index                       then delete
list                      GET kv/a/?recurse
watch                     GET kv/a/?recurse&index=...            and the difference
lease                     a session: Behavior delete, LockDelay 0, no health checks
```

The key ``a/b`` is stored as ``a/b/``, with the prefix of the store's URL in front: so
libnetwork wrote its keys. A key's version is its ModifyIndex.

**Why transactions.** A plain ``PUT`` leaves a key locked by the session that holds it;
a ``PUT ?acquire=`` cannot have a condition; neither tells the new index, and ``DELETE
?cas=`` says ``true`` for what is not there. In one transaction, which is one step for
everybody else, a key is deleted and set again (so it has left its lease), or locked by
a session (so it dies with it).

**Lost replies.** Each write carries a random number in the key's Flags, which Consul
keeps and does not read. So a write is never the same as what is there (Consul passes
over such ones and the version would stay), and who lost a reply looks whether the
number is its own. Writes with a condition are sent again; a put and a plain delete are
not, for that could undo what somebody else did in between.

**Leases.** TTLs are from 10 s to 24 h, and a session lives up to twice its TTL.
It ends by itself only, not with an agent that falls ill: others may be asked.

**Sizes.** A value over about 380 kB is ``Unavailable``: Consul takes 512 kB.

Source: Consul's HTTP API documentation (KV, Txn, Session, blocking queries); libkv for
the slash at the end.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from math import ceil
from random import SystemRandom
from typing import Any

from minidock.registry.address import StoreAddress
from minidock.registry.consul_agents import Agents, Lost, Reply
from minidock.registry.consul_keys import key_of, stored
from minidock.registry.consul_past import Past
from minidock.registry.consul_watch import ConsulWatch
from minidock.registry.errors import (
    forgotten,
    key_exists,
    no_key,
    no_lease,
    other_version,
)
from minidock.registry.handle import LeaseHandle
from minidock.registry.store import Entry, Lease, Listing

__all__ = ["ConsulStore", "open_url"]

_SHORTEST, _LONGEST = 10, 86_400
"""What TTLs Consul grants, seconds."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Operation = dict[str, object]
_Items = dict[str, dict[str, Any]]
_own_number = SystemRandom().getrandbits


def open_url(address: StoreAddress) -> "ConsulStore":
    """The store at an address; no agent is asked yet."""
    return ConsulStore(address)


class ConsulStore:
    """Keys in Consul; threads may share it.

    Each verb ends within the address's time-out. Cost: one round trip a verb; two for
    ``Modified`` and ``NotFound`` of a change.

    A watch starts at a listing of this store: what the last listings held is kept here,
    for Consul remembers no past. From another store's listing it starts only if nothing
    has changed below the path since.

    Args:
        address: with the options ``token``, ``dc``, ``tls``, ``ca``, ``cert`` and
            ``key``. A user and a password are for a proxy before Consul.
    """

    def __init__(self, address: StoreAddress) -> None:
        self._agents = Agents(address)
        self._root = stored(address.path) if address.path else ""
        self._past = Past()

    def get(self, key: str) -> Entry:
        """The entry under a key."""
        reply = self._agents.ask("GET", f"/v1/kv/{self._stored(key)}")
        if reply.status == 404:
            raise no_key(key)
        return self._entry(key, reply.body[0])

    def put(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key whatever it holds; the new version."""
        own = _own_number(52)
        change = self._set(key, value, own, lease)
        operations = [self._operation("delete", key), change]
        try:
            reply = self._agents.ask_once("PUT", "/v1/txn", body=_body(operations))
        except Lost as lost:
            found = self._read(key)
            if found is None or found["Flags"] != own:
                raise self._agents.unavailable(lost) from lost
            return int(found["ModifyIndex"])
        if reply.status == 409:
            raise self._refused(reply, lease)
        return _version(reply)

    def create(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key that is not there; its version."""
        own = _own_number(52)
        first = self._operation("cas", key, Index=0, Value="", Flags=own)
        operations = [first]
        if lease is None:
            first["Value"] = _coded(value)
        else:
            operations.append(self._set(key, value, own, lease))
        reply = self._transact(operations)
        if reply.status != 409:
            return _version(reply)
        found = self._read(key)
        if found is not None and reply.again and found["Flags"] == own:
            return int(found["ModifyIndex"])
        if self._has_no_lease(reply, lease) or not _failed(reply, 0):
            raise self._refused(reply, lease)
        raise key_exists(key)

    def compare_and_swap(
        self, key: str, value: str, version: int, lease: Lease | None = None
    ) -> int:
        """Set a key that still has this version; the new version."""
        own = _own_number(52)
        operations = [
            self._operation("check-index", key, Index=version),
            self._operation("delete", key),
            self._set(key, value, own, lease),
        ]
        reply = self._transact(operations)
        if reply.status != 409:
            return _version(reply)
        found = self._read(key)
        if found is not None and reply.again and found["Flags"] == own:
            return int(found["ModifyIndex"])
        if self._has_no_lease(reply, lease) or not _failed(reply, 0):
            raise self._refused(reply, lease)
        raise no_key(key) if found is None else other_version(key, version)

    def delete(self, key: str) -> None:
        """Remove a key."""
        operations = [self._operation("get", key), self._operation("delete", key)]
        try:
            reply = self._agents.ask_once("PUT", "/v1/txn", body=_body(operations))
        except Lost as lost:
            if self._read(key) is not None:
                raise self._agents.unavailable(lost) from lost
            return
        if reply.status == 409:
            raise no_key(key) if _failed(reply, 0) else self._refused(reply)

    def compare_and_delete(self, key: str, version: int) -> None:
        """Remove a key that still has this version."""
        operations = [
            self._operation("check-index", key, Index=version),
            self._operation("delete", key),
        ]
        reply = self._transact(operations)
        if reply.status != 409:
            return
        if not _failed(reply, 0):
            raise self._refused(reply)
        if self._read(key) is not None:
            raise other_version(key, version)
        if not reply.again:
            raise no_key(key)

    def list(self, prefix: str, after: str = "") -> Listing:
        """The entries below a path that come after a key.

        Cost: the whole path is read, whatever ``after`` is.
        """
        index, items = self._below(prefix)
        entries = {
            key: self._entry(key, item) for key, item in items.items() if key > after
        }
        self._past.remember(prefix, index, _versions(items))
        return Listing(tuple(sorted(entries.items())), index)

    def watch(self, prefix: str, revision: int) -> ConsulWatch:
        """Watch everything below a path, from a listing's revision on."""
        known = self._past.at(prefix, revision)
        start = revision
        if known is None:
            index, items = self._below(prefix)
            if index > revision:
                raise forgotten(prefix, revision)
            start, known = index, _versions(items)
        path, query = self._request(prefix)
        return ConsulWatch(
            self._agents,
            path=path,
            query=query,
            index=start,
            known=known,
            items_of=lambda reply: self._items(reply, prefix),
            entry_of=self._entry,
        )

    def lease(self, ttl: float) -> LeaseHandle:
        """A new lease: of whole seconds, from 10 to 86,400.

        If a reply is lost, a session may stay that nobody has; without keys, it ends.
        """
        seconds = min(max(ceil(ttl), _SHORTEST), _LONGEST)
        wanted = {
            "Name": "minidock",
            "TTL": f"{seconds}s",
            "Behavior": "delete",
            "LockDelay": "0s",
            "Checks": [],
            "NodeChecks": [],
        }
        body = json.dumps(wanted).encode()
        reply = self._agents.ask("PUT", "/v1/session/create", body=body)
        return self._handle(reply.body["ID"], float(seconds))

    def resume_lease(self, lease_id: str) -> LeaseHandle:
        """The lease of an owner that was restarted, renewed."""
        return self._handle(lease_id, self._renew(lease_id))

    def close(self) -> None:
        """Close the connections."""
        self._agents.close()

    def _handle(self, lease_id: str, ttl: float) -> LeaseHandle:
        return LeaseHandle(lease_id, ttl, self._renew, self._revoke)

    def _renew(self, lease_id: str) -> float:
        if not _UUID.fullmatch(lease_id):
            raise no_lease(lease_id)
        reply = self._agents.ask("PUT", f"/v1/session/renew/{lease_id}")
        if reply.status == 404:
            raise no_lease(lease_id)
        text = str(reply.body[0].get("TTL", "")).removesuffix("s")
        return float(text) if text.isdecimal() else float(_LONGEST)

    def _revoke(self, lease_id: str) -> None:
        self._agents.ask("PUT", f"/v1/session/destroy/{lease_id}")

    def _stored(self, key: str) -> str:
        return self._root + stored(key)

    def _entry(self, key: str, item: Mapping[str, Any]) -> Entry:
        try:
            value = b64decode(item["Value"] or "").decode()
        except UnicodeDecodeError as error:
            raise self._agents.unavailable(
                f"the value of {key} is no text, so another program wrote it"
            ) from error
        return Entry(value, int(item["ModifyIndex"]))

    def _read(self, key: str) -> dict[str, Any] | None:
        """What is under a key, asked of a leader that is sure to be one."""
        path = f"/v1/kv/{self._stored(key)}"
        reply = self._agents.ask("GET", path, (("consistent", ""),))
        return None if reply.status == 404 else reply.body[0]

    def _request(self, prefix: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        below = self._stored(prefix) if prefix else self._root
        return f"/v1/kv/{below}", (("recurse", ""),)

    def _below(self, prefix: str) -> tuple[int, _Items]:
        path, query = self._request(prefix)
        reply = self._agents.ask("GET", path, query)
        return reply.index, self._items(reply, prefix)

    def _items(self, reply: Reply, prefix: str) -> _Items:
        """What a recursive read holds, but for the path itself and for strange keys."""
        cut = len(self._root)
        found = {key_of(item["Key"][cut:]): item for item in reply.body or ()}
        return {key: item for key, item in found.items() if key and key != prefix}

    def _operation(self, verb: str, key: str, **more: object) -> Operation:
        return {"Verb": verb, "Key": self._stored(key), **more}

    def _set(self, key: str, value: str, own: int, lease: Lease | None) -> Operation:
        more: Operation = {"Value": _coded(value), "Flags": own}
        if lease is None:
            return self._operation("set", key, **more)
        return self._operation("lock", key, Session=lease.id, **more)

    def _transact(self, operations: Sequence[Operation]) -> Reply:
        return self._agents.ask("PUT", "/v1/txn", body=_body(operations))

    def _has_no_lease(self, reply: Reply, lease: Lease | None) -> bool:
        if lease is None:
            return False
        texts = [error["What"] for error in reply.body["Errors"]]
        return any(
            "invalid session" in text or "session lookup" in text for text in texts
        )

    def _refused(self, reply: Reply, lease: Lease | None = None) -> Exception:
        """Why a transaction failed whose condition held."""
        if lease is not None and self._has_no_lease(reply, lease):
            return no_lease(lease.id)
        texts = [error["What"] for error in reply.body["Errors"]]
        return self._agents.unavailable("; ".join(texts))


def _coded(value: str) -> str:
    return b64encode(value.encode()).decode()


def _body(operations: Sequence[Operation]) -> bytes:
    return json.dumps([{"KV": operation} for operation in operations]).encode()


def _version(reply: Reply) -> int:
    """The index of the change that a transaction made last."""
    return int(reply.body["Results"][-1]["KV"]["ModifyIndex"])


def _versions(items: _Items) -> dict[str, int]:
    return {key: int(item["ModifyIndex"]) for key, item in items.items()}


def _failed(reply: Reply, number: int) -> bool:
    """Whether that operation of a transaction failed."""
    return any(error.get("OpIndex") == number for error in reply.body["Errors"])
