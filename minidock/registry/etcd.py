"""A store in etcd, version 3.4 or later, spoken to by its JSON gateway.

```
get                       range
put                       put
create                    txn  if made at revision 0       then put      else range
compare_and_swap          txn  if changed at this version  then put      else range
compare_and_delete        txn  if changed at this version  then delete   else range
list                      range [path/ , path0)   in pages, all of one revision
lease                     grant, with an id of our own
```

The key ``a/b`` is stored as ``a/b/``, with the prefix of the store's URL in front: so
libnetwork wrote its keys. What does not end in a slash is not of the registry and is
left out of listings. A key's version is the revision at which it changed last.

**Lost replies.** The transactions are asked again until the time-out: one that was made
the first time fails the second time, and the value that it then reads is its own. A put
and a plain delete are not sent twice, for that could undo what somebody else did in
between; they look. What still cannot be told is ``Unavailable``.

Source: etcd's ``rpc.proto``; libkv for the slash at the end.
"""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from math import ceil
from time import monotonic, sleep
from typing import Any

from minidock.registry.address import StoreAddress
from minidock.registry.errors import (
    forgotten,
    key_exists,
    no_key,
    no_lease,
    other_version,
)
from minidock.registry.etcd_gateway import Answer, EtcdRefusal, Gateway, Lost
from minidock.registry.etcd_watch import EtcdWatch
from minidock.registry.handle import LeaseHandle
from minidock.registry.store import Entry, Lease, Listing

__all__ = ["EtcdStore", "open_url"]

_PAGE = 1000
"""Entries in one reply."""
_ATTEMPTS = 3
"""To read all pages of a listing before their revision is compacted."""
_PAUSE = 0.05
"""Before a request is sent again, seconds."""


def open_url(address: StoreAddress) -> "EtcdStore":
    """The store at an address; no host is asked yet."""
    return EtcdStore(address)


class EtcdStore:
    """Keys in etcd; threads may share it.

    Each verb ends within the address's time-out, a listing within one for each 1,000
    entries. Cost: one round trip a verb, also for ``Modified`` and ``NotFound``.

    Args:
        address: with the options ``tls``, ``ca``, ``cert`` and ``key``.
    """

    def __init__(self, address: StoreAddress) -> None:
        self._gateway = Gateway(address)
        self._root = f"{address.path}/" if address.path else ""

    def get(self, key: str) -> Entry:
        """The entry under a key."""
        entry = self._read(key)
        if entry is None:
            raise no_key(key)
        return entry

    def put(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key whatever it holds; the new version."""
        try:
            reply = self._once("/kv/put", self._put_body(key, value, lease), lease)
        except Lost as lost:
            found = self._read(key)
            if found is None or found.value != value:
                raise self._gateway.unavailable(lost) from lost
            return found.version
        return int(reply["header"]["revision"])

    def create(self, key: str, value: str, lease: Lease | None = None) -> int:
        """Set a key that is not there; its version."""
        put = {"request_put": self._put_body(key, value, lease)}
        made, found, again = self._transact(key, "CREATE", 0, put, lease)
        if made:
            return made
        if found is not None and again and found.value == value:
            return found.version
        raise key_exists(key)

    def compare_and_swap(
        self, key: str, value: str, version: int, lease: Lease | None = None
    ) -> int:
        """Set a key that still has this version; the new version."""
        put = {"request_put": self._put_body(key, value, lease)}
        made, found, again = self._transact(key, "MOD", version, put, lease)
        if made:
            return made
        if found is None:
            raise no_key(key)
        if again and found.value == value:
            return found.version
        raise other_version(key, version)

    def delete(self, key: str) -> None:
        """Remove a key."""
        try:
            reply = self._once("/kv/deleterange", {"key": self._stored(key)})
        except Lost as lost:
            if self._read(key) is not None:
                raise self._gateway.unavailable(lost) from lost
            return
        if "deleted" not in reply:
            raise no_key(key)

    def compare_and_delete(self, key: str, version: int) -> None:
        """Remove a key that still has this version."""
        delete = {"request_delete_range": {"key": self._stored(key)}}
        made, found, again = self._transact(key, "MOD", version, delete)
        if made or (found is None and again):
            return
        raise no_key(key) if found is None else other_version(key, version)

    def list(self, prefix: str, after: str = "") -> Listing:
        """The entries below a path that come after a key."""
        revision, found = self._now(prefix, after)
        entries = {
            key: self._entry(key, item) for key, item in found.items() if key > after
        }
        return Listing(tuple(sorted(entries.items())), revision)

    def watch(self, prefix: str, revision: int) -> EtcdWatch:
        """Watch everything below a path, from a listing's revision on.

        Cost: one listing of the keys, which a watch needs after a compaction.
        """
        try:
            _, found = self._range(prefix, revision=revision, keys_only=True)
        except EtcdRefusal as refusal:
            if "required revision" not in str(refusal):
                raise self._gateway.unavailable(refusal) from refusal
            raise forgotten(prefix, revision) from refusal
        return EtcdWatch(
            self._gateway,
            span=self._span(prefix),
            at=revision,
            known={key: int(item["mod_revision"]) for key, item in found.items()},
            key_of=self._key,
            entry_of=self._entry,
            read=lambda: self._now(prefix),
        )

    def lease(self, ttl: float) -> LeaseHandle:
        """A new lease; etcd counts whole seconds, and no fewer than 2 by default."""
        number = secrets.randbits(62) + 1
        wanted = {"TTL": max(ceil(ttl), 1), "ID": number}
        try:
            reply, _ = self._ask("/lease/grant", wanted)
        except EtcdRefusal as refusal:
            if "already exists" not in str(refusal):
                raise self._gateway.unavailable(refusal) from refusal
            return self.resume_lease(str(number))  # the first reply was lost
        return self._handle(str(number), float(reply["TTL"]))

    def resume_lease(self, lease_id: str) -> LeaseHandle:
        """The lease of an owner that was restarted, renewed."""
        return self._handle(lease_id, self._renew(lease_id))

    def close(self) -> None:
        """Close the connections."""
        self._gateway.close()

    def _handle(self, lease_id: str, ttl: float) -> LeaseHandle:
        return LeaseHandle(lease_id, ttl, self._renew, self._revoke)

    def _renew(self, lease_id: str) -> float:
        if not lease_id.isdecimal():
            raise no_lease(lease_id)
        reply = self._told("/lease/keepalive", {"ID": int(lease_id)})
        ttl = reply.get("result", {}).get("TTL")
        if not ttl:
            raise no_lease(lease_id)
        return float(ttl)

    def _revoke(self, lease_id: str) -> None:
        try:
            self._ask("/lease/revoke", {"ID": int(lease_id)})
        except EtcdRefusal as refusal:
            if "lease not found" not in str(refusal):
                raise self._gateway.unavailable(refusal) from refusal

    def _stored(self, key: str) -> str:
        return b64encode(f"{self._root}{key}/".encode()).decode()

    def _key(self, stored: str) -> str | None:
        """The key that was stored under a name; None if it is not of the registry."""
        try:
            text = b64decode(stored).decode()
        except UnicodeDecodeError:
            return None
        return text[len(self._root) : -1] if text.endswith("/") else None

    def _entry(self, key: str, item: Mapping[str, Any]) -> Entry:
        try:
            value = b64decode(item.get("value", "")).decode()
        except UnicodeDecodeError as error:
            raise self._gateway.unavailable(
                f"the value of {key} is no text, so another program wrote it"
            ) from error
        return Entry(value, int(item["mod_revision"]))

    def _span(self, prefix: str, after: str = "") -> dict[str, str]:
        """The range of the stored keys below a path; "0" follows "/" in ASCII."""
        if path := self._root + (f"{prefix}/" if prefix else ""):
            start = max(f"{path}\0", self._root + after)
            end = f"{path[:-1]}0"
        else:
            start, end = after or "\0", "\0"  # to the last of all
        return {
            "key": b64encode(start.encode()).decode(),
            "range_end": b64encode(end.encode()).decode(),
        }

    def _put_body(self, key: str, value: str, lease: Lease | None) -> dict[str, object]:
        body: dict[str, object] = {
            "key": self._stored(key),
            "value": b64encode(value.encode()).decode(),
        }
        if lease is not None:
            body["lease"] = int(lease.id)
        return body

    def _read(self, key: str) -> Entry | None:
        reply = self._told("/kv/range", {"key": self._stored(key)})
        items = reply.get("kvs")
        return self._entry(key, items[0]) if items else None

    def _now(
        self, prefix: str, after: str = ""
    ) -> tuple[int, dict[str, dict[str, Any]]]:
        """All that is stored below a path, at the revision that is the last one now."""
        for _ in range(_ATTEMPTS):
            try:
                return self._range(prefix, after=after)
            except EtcdRefusal as refusal:  # compacted between two pages
                last = refusal
        raise self._gateway.unavailable(last)

    def _range(
        self,
        prefix: str,
        *,
        after: str = "",
        revision: int = 0,
        keys_only: bool = False,
    ) -> tuple[int, dict[str, dict[str, Any]]]:
        """All that is stored below a path, at one revision.

        Raises:
            EtcdRefusal: that revision is forgotten, or has not come yet.
        """
        found: dict[str, dict[str, Any]] = {}
        body = {**self._span(prefix, after), "limit": _PAGE, "keys_only": keys_only}
        while True:
            if revision:
                body["revision"] = revision
                reply, _ = self._ask("/kv/range", body)
            else:
                reply = self._told("/kv/range", body)
                revision = int(reply["header"]["revision"])
            items = reply.get("kvs", ())
            for item in items:
                if (key := self._key(item["key"])) is not None:
                    found[key] = item
            if not reply.get("more"):
                return revision, found
            last = b64decode(items[-1]["key"]) + b"\0"
            body["key"] = b64encode(last).decode()

    def _transact(
        self,
        key: str,
        target: str,
        version: int,
        change: Mapping[str, object],
        lease: Lease | None = None,
    ) -> tuple[int, Entry | None, bool]:
        """Change a key if it is as thought.

        Returns:
            The revision of the change or 0; if 0, the entry that is there; and whether
            an earlier reply was lost.
        """
        stored = self._stored(key)
        field = "create_revision" if target == "CREATE" else "mod_revision"
        compare = {"key": stored, "target": target, "result": "EQUAL", field: version}
        body = {
            "compare": [compare],
            "success": [change],
            "failure": [{"request_range": {"key": stored}}],
        }
        if target == "MOD":  # what is not there was changed at revision 0
            exists = {"key": stored, "target": "CREATE", "result": "GREATER"}
            body["compare"] = [compare, {**exists, "create_revision": 0}]
        try:
            reply, again = self._ask("/kv/txn", body)
        except EtcdRefusal as refusal:
            raise self._refused(refusal, lease) from refusal
        if reply.get("succeeded"):
            return int(reply["header"]["revision"]), None, again
        items = reply["responses"][0]["response_range"].get("kvs")
        return 0, self._entry(key, items[0]) if items else None, again

    def _refused(self, refusal: EtcdRefusal, lease: Lease | None) -> Exception:
        if lease is not None and "lease not found" in str(refusal):
            return no_lease(lease.id)
        return self._gateway.unavailable(refusal)

    def _once(
        self, path: str, body: Mapping[str, object], lease: Lease | None = None
    ) -> Answer:
        """One request; ``Lost`` only if it may have been made."""
        try:
            return self._gateway.ask(path, body, monotonic() + self._gateway.timeout)
        except Lost as lost:
            if lost.unsent:
                raise self._gateway.unavailable(lost) from lost
            raise
        except EtcdRefusal as refusal:
            raise self._refused(refusal, lease) from refusal

    def _told(self, path: str, body: Mapping[str, object]) -> Answer:
        """A request that etcd never refuses, but for the whole of it."""
        try:
            return self._ask(path, body)[0]
        except EtcdRefusal as refusal:
            raise self._gateway.unavailable(refusal) from refusal

    def _ask(self, path: str, body: Mapping[str, object]) -> tuple[Answer, bool]:
        """A request that may be sent again; and whether it was, after a lost reply."""
        deadline = monotonic() + self._gateway.timeout
        again = False
        while True:
            try:
                return self._gateway.ask(path, body, deadline), again
            except Lost as lost:
                if (lost.unsent and not again) or monotonic() + _PAUSE > deadline:
                    raise self._gateway.unavailable(lost) from lost
            again = True
            sleep(_PAUSE)
