"""What Consul's servers keep: keys, tombstones, sessions, and one index.

```
put, cas, lock, unlock ──▶ set ──▶ keys[key] = Pair(..., modify_index=index)
delete ──▶ tombstones[key] = index       so that the index below a path never falls
end_session ──▶ its keys are deleted, or let go of
```

Plain data and rules, with neither a thread nor a clock: see ``consul_double.py``.
"""

import base64
import re
from dataclasses import dataclass, field, replace
from typing import Any

__all__ = ["EVERYTHING", "UUID", "Answer", "Pair", "Policy", "Session", "State"]

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Policy:
    """What a token may: prefixes of keys, and sessions."""

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    session: bool = False

    def may_read(self, key: str) -> bool:
        return key.startswith((*self.read, *self.write))

    def may_write(self, key: str) -> bool:
        return key.startswith(self.write) if self.write else False


EVERYTHING = Policy(read=("",), write=("",), session=True)


@dataclass(frozen=True)
class Pair:
    """A key as it is stored."""

    key: str
    value: bytes
    flags: int = 0
    session: str = ""
    lock_index: int = 0
    create_index: int = 0
    modify_index: int = 0

    def shown(self, *, value: bool = True) -> dict[str, Any]:
        text = base64.b64encode(self.value).decode() if value and self.value else None
        shown = {
            "LockIndex": self.lock_index,
            "Key": self.key,
            "Flags": self.flags,
            "Value": text,
            "CreateIndex": self.create_index,
            "ModifyIndex": self.modify_index,
        }
        return {**shown, "Session": self.session} if self.session else shown


@dataclass
class Session:
    """A session, and when it ends if nobody renews it."""

    id: str
    name: str
    node: str
    checks: list[str]
    behavior: str
    ttl: str
    lock_delay: float
    index: int
    ends: float | None

    def shown(self) -> dict[str, Any]:
        return {
            "ID": self.id,
            "Name": self.name,
            "Node": self.node,
            "LockDelay": int(self.lock_delay * 1e9),
            "Behavior": self.behavior,
            "TTL": self.ttl,
            "NodeChecks": self.checks,
            "ServiceChecks": None,
            "CreateIndex": self.index,
            "ModifyIndex": self.index,
        }


class Answer(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass
class State:
    """What Consul's servers agree on. The caller holds the lock."""

    index: int = 10
    keys: dict[str, Pair] = field(default_factory=dict)
    keys_index: int = 0
    tombstones: dict[str, int] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    sessions_index: int = 0
    delays: dict[str, float] = field(default_factory=dict)

    def copy(self) -> "State":
        return replace(
            self,
            keys=dict(self.keys),
            tombstones=dict(self.tombstones),
            sessions=dict(self.sessions),
            delays=dict(self.delays),
        )

    def next(self) -> int:
        self.index += 1
        return self.index

    def set(self, pair: Pair, index: int) -> Pair:
        """Store a pair, whose session and lock index are as they shall be."""
        old = self.keys.get(pair.key)
        pair = replace(pair, create_index=old.create_index if old else index)
        if old is not None and replace(pair, modify_index=old.modify_index) == old:
            return old
        pair = replace(pair, modify_index=index)
        self.keys[pair.key] = pair
        self.keys_index = index
        return pair

    def put(self, pair: Pair, index: int) -> Pair:
        old = self.keys.get(pair.key)
        return self.set(replace(pair, session=old.session if old else ""), index)

    def cas(self, pair: Pair, wanted: int, index: int) -> Pair | None:
        old = self.keys.get(pair.key)
        if (old.modify_index if old else 0) != wanted:
            return None
        return self.put(pair, index)

    def delete(self, key: str, index: int) -> None:
        if key in self.keys:
            del self.keys[key]
            self.tombstones[key] = self.keys_index = index

    def delete_cas(self, key: str, wanted: int, index: int) -> bool:
        old = self.keys.get(key)
        if old is None or old.modify_index != wanted:
            return old is None
        self.delete(key, index)
        return True

    def lock(self, pair: Pair, index: int) -> Pair | None:
        if not pair.session:
            raise Answer(500, "missing session")
        if not UUID.fullmatch(pair.session):
            raise Answer(500, "failed session lookup: index error: invalid UUID")
        if pair.session not in self.sessions:
            raise Answer(500, f'invalid session "{pair.session}"')
        old = self.keys.get(pair.key)
        if old is not None and old.session not in {"", pair.session}:
            return None
        held = old.lock_index if old else 0
        again = old is not None and old.session == pair.session
        return self.set(replace(pair, lock_index=held + (not again)), index)

    def unlock(self, pair: Pair, index: int) -> Pair | None:
        if not pair.session:
            raise Answer(500, "missing session")
        old = self.keys.get(pair.key)
        if old is None or old.session != pair.session:
            return None
        return self.set(replace(pair, session="", lock_index=old.lock_index), index)

    def below(self, prefix: str) -> list[Pair]:
        found = [pair for key, pair in self.keys.items() if key.startswith(prefix)]
        return sorted(found, key=lambda pair: pair.key.encode())

    def index_of(self, prefix: str, pairs: list[Pair]) -> int:
        if prefix:
            found = [pair.modify_index for pair in pairs]
            found += [i for key, i in self.tombstones.items() if key.startswith(prefix)]
            if found:
                return max(found)
        return self.keys_index or 1

    def end_session(self, session: Session, now: float) -> None:
        index = self.next()
        del self.sessions[session.id]
        self.sessions_index = index
        for pair in list(self.keys.values()):
            if pair.session != session.id:
                continue
            if session.behavior == "delete":
                self.delete(pair.key, index)
            else:
                self.set(replace(pair, session=""), index)
            if session.lock_delay:
                self.delays[pair.key] = now + session.lock_delay
