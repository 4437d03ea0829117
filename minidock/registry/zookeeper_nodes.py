"""Changing one node of ZooKeeper under a condition that nothing can fool.

```
what is known of the node, or a look ─▶ decide ─▶ transaction ─▶ done
            ▲                              │          │
            │                              ▼          ├─▶ overtaken ─┐
            │                          a refusal      └─▶ lost ──────┤
            └────────────────────────────────────────────────────────┘
```

The transactions, and why they are right: see :mod:`minidock.registry.zookeeper`. What
is known of a node is only a guess that saves a look: if it is wrong, the condition
does not hold, and nothing is done.

Invariant: a node is remembered with a guard that was read before it, never after.
"""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from minidock.registry.errors import key_exists, no_key, no_lease, other_version
from minidock.registry.zookeeper_client import Keeper, Lost
from minidock.registry.zookeeper_paths import Paths
from minidock.registry.zookeeper_session import Session

if TYPE_CHECKING:
    from kazoo.client import KazooClient

__all__ = ["ANYTHING", "NOTHING", "Node", "Nodes"]

_T = TypeVar("_T")
_REMEMBERED = 10_000
_NO_GUARD, _NO_DIRECTORY = "there is no guard", "there is no directory"
_CHANGED = "others change it faster than it can be read"
ANYTHING, NOTHING = -1, -2
"""What a change wants to find, if not a version."""


class Node(NamedTuple):
    """A value's node as it was seen last."""

    made: int
    """The transaction that made it."""
    version: int
    """The transaction that changed it last."""
    sets: int
    """How often it was set."""
    owner: int
    """The session that it goes with, or 0."""
    guard: int = -1
    """The guard before the node was seen; -1 if nobody looked."""
    data: bytes = b""


class _Change(NamedTuple):
    """What is to become of a key, and until when."""

    key: str
    value: bytes | None
    session: Session | None
    deadline: float

    @property
    def owner(self) -> int:
        """What the node's owner is to be."""
        return self.session.number if self.session else 0

    def sets(self, node: Node | None) -> bool:
        """Whether the node need not be made anew."""
        return bool(node and self.value is not None and node.owner == self.owner)


class _Overtaken(Exception):
    """A condition of a transaction did not hold: nothing was done."""


class Nodes:
    """The nodes of one registry.

    Args:
        keeper: the connection.
        paths: where they are.
    """

    def __init__(self, keeper: Keeper, paths: Paths) -> None:
        self._keeper = keeper
        self._paths = paths
        self._known: OrderedDict[str, Node] = OrderedDict()
        self._guards: dict[str, int] = {}
        self._behind = len(keeper.hosts) > 1

    def read(self, key: str) -> Node | None:
        """The node of a key as it is; None if there is none. One round trip."""
        from kazoo.exceptions import NoNodeError  # noqa: PLC0415 - an extra

        guard = self._guards.get(self._paths.guard(key), -1)  # before the node

        def ask(client: "KazooClient", deadline: float) -> Node | None:
            try:
                found = self._keeper.answer(
                    client.get_async(self._paths.leaf(key)), deadline
                )
            except NoNodeError:
                self._known.pop(key, None)
                return None
            return self._remember(key, _node(found, guard))

        return self.again(ask)

    def again(self, ask: "Callable[[KazooClient, float], _T]") -> _T:
        """Ask for something that changes nothing, until it is answered."""
        deadline = monotonic() + self._keeper.timeout
        while True:
            client = self._keeper.client(deadline)
            try:
                return ask(client, deadline)
            except Lost as lost:
                if monotonic() >= deadline:
                    raise self._keeper.unavailable(lost) from lost

    def change(
        self, key: str, value: bytes | None, wanted: int, session: Session | None = None
    ) -> int:
        """Set a node, or remove it with None; the version.

        Raises:
            Modified, NotFound: it is not as wanted, or the session has run out.
            Unavailable: nobody knows what happened.
        """
        deadline = monotonic() + self._keeper.timeout
        change = _Change(key, value, session, deadline)
        node = self._guess(key, wanted)
        lost: tuple[Lost, Node | None] | None = None
        if node is None and wanted != NOTHING:
            node = self._look(key, deadline)
        while True:
            self._check(key, node, value, wanted)
            try:
                return self._commit(change, node)
            except _Overtaken as overtaken:
                if monotonic() >= deadline:
                    raise self._keeper.unavailable(overtaken) from overtaken
            except Lost as error:
                lost = lost or (error, node)
            node = self._look(key, deadline, catch_up=lost is not None)
            if lost:
                if node and node.data == value and change.sets(node):
                    return node.version
                if node is None and value is None:
                    return 0
                if not _is_plain(lost[1], node, value, wanted):
                    raise self._keeper.unavailable(lost[0]) from lost[0]

    def remove(self, key: str) -> None:
        """Remove a node whatever it holds. One round trip.

        Raises:
            NotFound: there is none.
            Unavailable: nobody knows what happened.
        """
        from kazoo.exceptions import NoNodeError  # noqa: PLC0415 - an extra

        deadline = monotonic() + self._keeper.timeout
        lost: Lost | None = None
        while True:
            client = self._keeper.client(deadline)
            moment = client.last_zxid
            try:
                self._keeper.answer(
                    client.delete_async(self._paths.leaf(key)), deadline
                )
            except NoNodeError:
                if lost is None:
                    raise no_key(key) from None
            except Lost as error:
                lost = lost or error
                node = self._look(key, deadline, catch_up=True)
                if node is not None and node.made > moment:
                    raise self._keeper.unavailable(error) from error
                if node is not None:
                    continue
            self._known.pop(key, None)
            self.sweep(client, self._paths.leaf(key).rpartition("/")[0])
            return

    def sweep(self, client: "KazooClient", directory: str) -> None:
        """Remove a directory if it is empty, and then what held it; nobody waits."""

        def seen(reply: Any) -> None:  # noqa: ANN401 - kazoo's
            stat = reply.get() if reply.successful() else None
            if stat is not None and stat.numChildren == 0:
                client.delete_async(directory).rawlink(gone)

        def gone(reply: Any) -> None:  # noqa: ANN401 - kazoo's
            if reply.successful():
                self.sweep(client, directory.rpartition("/")[0])

        if len(directory) > len(self._paths.root):
            client.exists_async(directory).rawlink(seen)

    def _guess(self, key: str, wanted: int) -> Node | None:
        node = self._known.get(key)
        fits = node and node.guard >= 0 and wanted in {ANYTHING, node.version}
        return node if fits and wanted != NOTHING else None

    def _check(
        self, key: str, node: Node | None, value: bytes | None, wanted: int
    ) -> None:
        if wanted == NOTHING:
            if node is not None:
                raise key_exists(key)
        elif node is None:
            if wanted != ANYTHING or value is None:
                raise no_key(key)
        elif wanted not in {ANYTHING, node.version}:
            raise other_version(key, wanted)

    def _look(
        self, key: str, deadline: float, *, catch_up: bool = False
    ) -> Node | None:
        """The guard of a key and then its node, in one round trip."""
        from kazoo.exceptions import NoNodeError  # noqa: PLC0415 - an extra

        path = self._paths.guard(key)
        while True:
            client = self._keeper.client(deadline)
            asked = client.sync_async(path) if catch_up or self._behind else None
            guarded, found = (
                client.get_async(path),
                client.get_async(self._paths.leaf(key)),
            )
            try:
                if asked is not None:
                    self._keeper.answer(asked, deadline)
                try:
                    guard = self._keeper.answer(guarded, deadline)[1].version
                except NoNodeError:
                    self._make_guard(client, path, deadline)
                    continue
                self._guards[path] = guard
                answer = self._keeper.answer(found, deadline)
            except NoNodeError:
                self._known.pop(key, None)
                return None
            except Lost as lost:
                if monotonic() >= deadline:
                    raise self._keeper.unavailable(lost) from lost
            else:
                return self._remember(key, _node(answer, guard))

    def _remember(self, key: str, node: Node) -> Node:
        self._known[key] = node._replace(data=b"")
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return node

    def _make_guard(self, client: "KazooClient", path: str, deadline: float) -> None:
        from kazoo.exceptions import NodeExistsError  # noqa: PLC0415 - an extra

        for place in [*self._paths.parents(path), path]:
            if self._keeper.answer(client.exists_async(place), deadline) is None:
                try:
                    self._keeper.answer(client.create_async(place), deadline)
                except NodeExistsError:
                    continue

    def _commit(
        self, change: "_Change", node: Node | None, missing: tuple[str, ...] = ()
    ) -> int:
        """Change a node that is as it was seen; the version."""
        client = self._keeper.client(change.deadline)
        transaction = client.transaction()
        leaf, guard = self._paths.leaf(change.key), self._paths.guard(change.key)
        self._fill(transaction, change, node, missing)
        if change.session:
            results = change.session.commit(transaction.operations, change.deadline)
        else:
            results = self._keeper.answer(transaction.commit_async(), change.deadline)
        why = self._refusal(results, change.session)
        if why == _NO_GUARD:
            self._make_guard(client, guard, change.deadline)
        if why == _NO_DIRECTORY and not missing:
            above = self._missing(client, leaf, change.deadline)
            return self._commit(change, node, above)
        if why:
            raise _Overtaken(why)
        if change.value is None:
            self._known.pop(change.key, None)
            self.sweep(client, leaf.rpartition("/")[0])
            return 0
        if node is not None and change.sets(node):
            seen = _node((b"", results[1]), node.guard)
        else:
            self._guards[guard] = results[0].version
            moment = results[0].mzxid
            seen = Node(moment, moment, 0, change.owner, results[0].version)
        return self._remember(change.key, seen).version

    def _fill(
        self,
        transaction: Any,  # noqa: ANN401 - kazoo's TransactionRequest
        change: "_Change",
        node: Node | None,
        missing: tuple[str, ...],
    ) -> None:
        """The operations of a change; the guard is always the first one."""
        leaf, guard = self._paths.leaf(change.key), self._paths.guard(change.key)
        if node is not None and (change.value is None or change.sets(node)):
            transaction.check(guard, node.guard)
        else:
            transaction.set_data(guard, b"", node.guard if node else -1)
        if node is not None and change.sets(node):
            transaction.set_data(leaf, change.value, node.sets)
            return
        if node is not None:
            transaction.delete(leaf, node.sets)
        for path in missing:
            transaction.create(path)
        if change.value is not None:
            transaction.create(leaf, change.value, ephemeral=bool(change.session))

    def _missing(
        self, client: "KazooClient", leaf: str, deadline: float
    ) -> tuple[str, ...]:
        """The directories above a node that are not there."""
        asked = [
            (path, client.exists_async(path)) for path in self._paths.parents(leaf)
        ]
        return tuple(
            path
            for path, reply in asked
            if self._keeper.answer(reply, deadline) is None
        )

    def _refusal(self, results: list[Any], session: Session | None) -> str:
        """Why a transaction was not made; nothing if it was."""
        from kazoo import exceptions as no  # noqa: PLC0415 - an extra

        others = (no.RolledBackError, no.RuntimeInconsistency)
        for place, result in enumerate(results):
            if not isinstance(result, Exception) or isinstance(result, others):
                continue
            if isinstance(result, no.NoNodeError):
                if place == 0:
                    return _NO_GUARD
                return _NO_DIRECTORY if place == len(results) - 1 else _CHANGED
            if isinstance(result, (no.BadVersionError, no.NodeExistsError)):
                return _CHANGED
            if isinstance(result, (no.NoAuthError, no.AuthFailedError)):
                raise self._keeper.forbidden()
            if session and isinstance(result, no.SessionExpiredError):
                raise no_lease(session.id)
            raise self._keeper.unavailable(type(result).__name__)
        return ""


def _node(answer: tuple[bytes, Any], guard: int) -> Node:
    data, stat = answer
    made, version, sets = stat.czxid, stat.mzxid, stat.version
    return Node(made, version, sets, stat.ephemeralOwner, guard, data or b"")


def _is_plain(
    before: Node | None, node: Node | None, value: bytes | None, wanted: int
) -> bool:
    """Whether what is there shows that a change whose reply was lost was not made."""
    if wanted == NOTHING or (before is None and node is None):
        return True
    if before is None or node is None or before.made != node.made:
        return False
    return value is None or node.sets - before.sets <= 1
