"""What every store must do: a class of laws, for any implementation.

A store is certified by a subclass with a fixture that opens it, empty::

    class TestMyStore(StoreContract):
        @pytest.fixture
        def open_another(self, tmp_path):
            return lambda: MyStore(tmp_path / "file")

Who has a server says how to stop and start it with the fixture ``server``; without it,
the laws about servers are skipped. The file needs pytest, Hypothesis and minidock only,
so it can be copied: see docs/how-to/certify-a-store.md.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from minidock.registry.errors import Modified, NotFound, Unavailable
from minidock.registry.store import Change, Entry, Store, Watch, find

ODD_KEYS = [
    "with space",
    "per%20cent%",
    "a.b/..c/d..",
    "ключ/鍵/é",
    "plus+and&equals=",
    "question?hash#",
    "quote'\"`",
    "10.0.0.0/24",
    "back\\slash",
    "tilde~star*[x]{y}",
    "UPPER/lower",
    "x" * 200,
]
ODD_VALUES = ["", " ", "\n", "ключ 鍵 \U0001f433", '{"a": "\\u0000"}', "x" * 100_000]


class Server(Protocol):
    """What a law does to the server of a store."""

    def start(self) -> None:
        """Start it and wait until it answers; with what it had kept."""

    def stop(self) -> None:
        """End it and wait until it is gone."""


def eventually(what: Callable[[], bool], patience: float) -> bool:
    """Wait until something holds; whether it did in time."""
    end = time.monotonic() + patience
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def is_down(watch: Watch) -> bool:
    """Whether a watch says that its store cannot be reached."""
    try:
        watch.changes(0.2)
    except Unavailable:
        return True
    return False


def replay(known: dict[str, Entry], changes: list[Change]) -> None:
    """What somebody knows who hears of changes."""
    for change in changes:
        if change.entry is None:
            known.pop(change.key, None)
        else:
            known[change.key] = change.entry


class StoreContract:
    """The laws. Subclasses are named ``Test...`` and have the fixture ``open_another``.

    Cost: some hundred round trips, and a few times ``ttl``.
    """

    ttl = 1.0
    """The shortest lease that the store has, seconds."""
    patience = 10.0
    """How long to wait for what must happen, seconds."""
    examples, steps = 30, 30
    """How often the machine begins anew, and how many verbs it then uses."""
    key_of_a_lease_dies_with_it = True

    @pytest.fixture
    def open_another(self) -> Callable[[], Store]:
        """A function that opens the store once more: another client, the same data.

        The first one that it opens finds no key.
        """
        raise NotImplementedError

    @pytest.fixture
    def server(self) -> Server:
        pytest.skip("this store has no server")

    @pytest.fixture
    def store(self, open_another) -> Iterator[Store]:
        opened = open_another()
        yield opened
        opened.close()

    def wait(self, store: Store, seconds: float) -> None:
        """Let the store's time pass; a store with a clock of its own turns that."""
        assert store
        time.sleep(seconds)

    # one key

    @pytest.mark.parametrize("value", ODD_VALUES, ids=lambda v: ascii(v[:12]))
    def test_what_is_put_is_got(self, store, value):
        version = store.put("a/b", value)
        assert store.get("a/b") == Entry(value, version)
        assert store.list("a").entries == (("a/b", Entry(value, version)),)

    @pytest.mark.parametrize("key", ODD_KEYS, ids=lambda v: ascii(v[:12]))
    def test_a_key_may_be_any_path(self, store, key):
        version = store.create(f"root/{key}", "1")
        assert store.list("root").entries == ((f"root/{key}", Entry("1", version)),)
        version = store.compare_and_swap(f"root/{key}", "2", version)
        assert store.get(f"root/{key}") == Entry("2", version)
        store.compare_and_delete(f"root/{key}", version)
        assert store.list("").entries == ()

    def test_a_key_that_is_not_there_is_not_found_by_any_verb(self, store):
        store.put("a/b/c", "")
        store.put("a/bc", "")
        for key in ("a/b", "a", "x/y"):
            for verb in (
                lambda key=key: store.get(key),
                lambda key=key: store.delete(key),
                lambda key=key: store.compare_and_swap(key, "1", 0),
                lambda key=key: store.compare_and_delete(key, 0),
            ):
                with pytest.raises(NotFound) as refused:
                    verb()
                assert refused.value.explain().count("\n") == 2
        assert len(store.list("").entries) == 2

    def test_a_version_grows_with_each_change(self, store):
        versions = [store.create("a", "0"), store.put("a", "1")]
        versions.append(store.compare_and_swap("a", "2", versions[-1]))
        versions.append(store.put("a", "2"))
        assert versions == sorted(set(versions))
        assert store.get("a") == Entry("2", versions[-1])

    def test_what_is_there_is_not_created_again(self, store):
        version = store.create("a", "1")
        with pytest.raises(Modified) as refused:
            store.create("a", "2")
        assert refused.value.explain().count("\n") == 2
        assert store.get("a") == Entry("1", version)

    def test_an_older_version_is_neither_swapped_nor_deleted(self, store):
        first = store.put("a", "1")
        second = store.put("a", "2")
        for version in (first, second + 1, 0):
            with pytest.raises(Modified):
                store.compare_and_swap("a", "3", version)
            with pytest.raises(Modified):
                store.compare_and_delete("a", version)
        assert store.get("a") == Entry("2", second)

    def test_what_is_deleted_and_made_again_has_no_earlier_version(self, store):
        earlier = [store.create("a", "1"), store.put("a", "1")]
        store.delete("a")
        again = store.create("a", "1")
        assert again not in earlier
        for version in earlier:
            with pytest.raises(Modified):
                store.compare_and_swap("a", "2", version)
            with pytest.raises(Modified):
                store.compare_and_delete("a", version)
        store.compare_and_delete("a", again)
        with pytest.raises(NotFound):
            store.get("a")

    def test_what_one_client_did_the_next_one_sees(self, store, open_another):
        other = open_another()
        try:
            version = store.create("a", "1")
            assert other.get("a") == Entry("1", version)
            other.delete("a")
            assert find(store, "a") is None
        finally:
            other.close()

    # listings

    def test_a_listing_has_what_is_below_a_path_and_nothing_beside_it(self, store):
        keys = ["a", "a/b", "a/b!", "a/b-c/d", "a/b/c", "a/b/c/d", "a/b/é", "a/bc", "b"]
        versions = {key: store.put(key, key) for key in reversed(keys)}

        def listed(*where: str) -> list[str]:
            entries = store.list(*where).entries
            assert all(entry == (k, versions[k]) for k, entry in entries)
            return [key for key, _ in entries]

        assert listed("a/b") == ["a/b/c", "a/b/c/d", "a/b/é"]
        assert listed("a") == keys[1:-1]
        assert listed("") == keys
        assert listed("a", "a/b/c") == ["a/b/c/d", "a/b/é", "a/bc"]
        assert listed("a", "a/b") == keys[2:-1]
        assert listed("a", "b") == listed("b") == listed("x") == listed("a/b/c/d") == []
        assert listed("", "a/b/é") == ["a/bc", "b"]

    # races

    def test_of_those_who_create_one_key_exactly_one_does(self, store, open_another):
        def work(number: int, mine: Store) -> list[tuple[int, int]]:
            made = []
            for key in range(10):
                with contextlib.suppress(Modified):
                    mine.create(f"race/{key}", f"{number}")
                    made.append((key, number))
            return made

        made = self.in_threads(open_another, work, 4)
        assert sorted(key for items in made for key, _ in items) == list(range(10))
        for key, number in (item for items in made for item in items):
            assert store.get(f"race/{key}").value == f"{number}"

    def test_counting_by_compare_and_swap_loses_nothing(self, store, open_another):
        store.put("count", "0")

        def add_one(mine: Store) -> bool:
            value, version = mine.get("count")
            try:
                mine.compare_and_swap("count", str(int(value) + 1), version)
            except Modified:
                return False
            return True

        def work(_: int, mine: Store) -> None:
            for _ in range(10):
                while not add_one(mine):
                    pass

        self.in_threads(open_another, work, 4)
        assert store.get("count").value == "40"

    def test_one_client_may_be_used_by_several_threads(self, store):
        def work(number: int, mine: Store) -> None:
            for count in range(5):
                mine.create(f"{number}/{count}", "1")
                mine.get(f"{number}/{count}")

        self.in_threads(lambda: store, work, 4)
        assert len(store.list("").entries) == 20

    def in_threads(self, open_another, work, count: int) -> list:
        """What a function gives in each of some threads, each with a client."""
        clients = [open_another() for _ in range(count)]
        try:
            with ThreadPoolExecutor(count) as pool:
                return list(pool.map(work, range(count), clients))
        finally:
            for client in clients:
                if clients.count(client) == 1:  # not the one that all share
                    client.close()

    # watches

    @pytest.fixture
    def watched(self, store) -> Iterator[Callable[[str, int], Watch]]:
        opened: list[Watch] = []

        def watch(prefix: str, revision: int) -> Watch:
            opened.append(store.watch(prefix, revision))
            return opened[-1]

        yield watch
        for item in opened:
            item.close()

    def heard(self, watch: Watch, until: Callable[[list[Change]], bool]):
        """What a watch tells until it has told what is wanted; all, if it never does."""
        told: list[Change] = []
        end = time.monotonic() + self.patience
        while not until(told) and time.monotonic() < end:
            told += watch.changes(0.2)
        return told

    def test_a_watch_misses_nothing_since_the_listing(self, store, watched):
        store.put("w/old", "0")
        store.put("w/gone", "0")
        listing = store.list("w")
        one = store.put("w/a", "1")
        store.delete("w/gone")
        watch = watched("w", listing.revision)
        two = store.create("w/b", "2")
        told = self.heard(watch, lambda told: len(told) >= 3)
        assert sorted(told, key=lambda change: change.key) == [
            Change("w/a", Entry("1", one)),
            Change("w/b", Entry("2", two)),
            Change("w/gone", None),
        ]
        assert list(watch.changes(0)) == []

    def test_a_watch_tells_of_its_path_only(self, store, watched):
        watch = watched("w/b", store.list("w/b").revision)
        for key in ("w/b", "w/bc", "w/bc/d", "w/b0", "w", "w/b/c", "x/w/b/c", "w/b/d"):
            store.put(key, "1")
        told = self.heard(watch, lambda told: any(c.key == "w/b/d" for c in told))
        assert sorted(change.key for change in told) == ["w/b/c", "w/b/d"]

    def test_a_watch_of_everything_tells_everything(self, store, watched):
        watch = watched("", store.list("").revision)
        store.put("a", "1")
        store.put("b/c", "2")
        told = self.heard(watch, lambda told: len(told) >= 2)
        assert sorted(change.key for change in told) == ["a", "b/c"]

    def test_the_changes_of_a_key_come_in_order_and_end_as_it_is(self, store, watched):
        listing = store.list("w")
        first, second = (watched("w", listing.revision) for _ in range(2))

        def work() -> None:
            for number in range(30):
                store.put(f"w/{number % 3}", str(number))
                if number % 5 == 0:
                    store.delete(f"w/{number % 3}")
            store.put("w/end", "")

        thread = threading.Thread(target=work)
        thread.start()
        told = self.heard(first, lambda told: any(c.key == "w/end" for c in told))
        thread.join()
        known: dict[str, Entry] = {}
        replay(known, told)
        assert known == dict(store.list("w").entries)
        for key in known:
            versions = [c.entry.version for c in told if c.key == key and c.entry]
            assert versions == sorted(versions)
        replay(
            heard := {},
            self.heard(second, lambda told: any(c.key == "w/end" for c in told)),
        )
        assert heard == known

    def test_a_watch_that_is_closed_lets_go_of_who_waits(self, store):
        watch = store.watch("w", store.list("w").revision)
        told: list[object] = []
        thread = threading.Thread(target=lambda: told.append(watch.changes(60)))
        thread.start()
        watch.close()
        thread.join(self.patience)
        assert [list(item) for item in told] == [[]]

    # leases

    def test_a_lease_that_runs_out_takes_its_keys_with_it(self, store, watched):
        lease = store.lease(self.ttl)
        store.create("l/mine", "1", lease)
        store.put("l/mine/too", "1", lease)
        store.put("l/taken", "1", lease)
        store.put("l/taken", "1")
        store.put("l/others", "1")
        watch = watched("l", store.list("l").revision)
        self.wait(store, lease.ttl)
        gone = {Change("l/mine", None), Change("l/mine/too", None)}
        told = self.heard(watch, lambda told: gone <= set(told))
        assert set(told) == gone
        assert [k for k, _ in store.list("l").entries] == ["l/others", "l/taken"]
        for verb in (
            lease.keep_alive,
            lambda: store.resume_lease(lease.id),
            lambda: store.put("l/late", "1", lease),
            lambda: store.create("l/late", "1", lease),
        ):
            with pytest.raises(NotFound):
                verb()
        assert find(store, "l/late") is None
        lease.revoke()

    def test_a_lease_that_is_renewed_stays(self, store, open_another):
        lease = store.lease(self.ttl)
        store.create("l/mine", "1", lease)
        for round_ in range(4):
            self.wait(store, lease.ttl / 2)
            lease.keep_alive()
            if round_ == 1:  # as an owner does that was restarted
                lease = open_another().resume_lease(lease.id)
        assert store.get("l/mine").value == "1"
        lease.revoke()
        assert eventually(lambda: find(store, "l/mine") is None, self.patience)

    def test_a_lease_that_is_revoked_ends_at_once(self, store, watched):
        lease, other = store.lease(self.ttl * 60), store.lease(self.ttl * 60)
        store.put("l/a", "1", lease)
        store.put("l/b", "1", other)
        watch = watched("l", store.list("l").revision)
        lease.revoke()
        assert self.heard(watch, lambda told: len(told) > 0) == [Change("l/a", None)]
        assert [k for k, _ in store.list("l").entries] == ["l/b"]
        lease.revoke()
        with pytest.raises(NotFound):
            lease.keep_alive()
        with pytest.raises(NotFound):
            store.resume_lease(lease.id)
        other.revoke()

    def test_a_key_leaves_its_lease_with_a_change_without_it(self, store):
        lease, other = store.lease(self.ttl * 60), store.lease(self.ttl * 60)
        versions = {key: store.put(f"l/{key}", "1", lease) for key in "abcde"}
        store.put("l/a", "2")
        store.compare_and_swap("l/b", "2", versions["b"])
        store.compare_and_swap("l/c", "2", versions["c"], other)
        store.delete("l/d")
        store.create("l/d", "2")
        lease.revoke()
        assert [k for k, _ in store.list("l").entries] == ["l/a", "l/b", "l/c", "l/d"]
        other.revoke()
        assert [k for k, _ in store.list("l").entries] == ["l/a", "l/b", "l/d"]

    def test_a_lease_that_nobody_granted_is_not_found(self, store):
        for lease_id in ("", "nosuch", "12345", "01234567-89ab-cdef-0123-456789abcdef"):
            with pytest.raises(NotFound):
                store.resume_lease(lease_id)

    def test_a_lease_outlives_the_client_that_took_it(self, store, open_another):
        other = open_another()
        lease = other.lease(self.ttl * 60)
        other.put("l/a", "1", lease)
        if other is not store:
            other.close()
        assert store.get("l/a").value == "1"
        store.resume_lease(lease.id).revoke()
        assert find(store, "l/a") is None

    # servers

    def test_a_restart_of_the_server_loses_nothing(self, store, server):
        lease = store.lease(self.ttl * 60)
        versions = {key: store.put(key, "1", lease) for key in ("a", "b/c")}
        server.stop()
        server.start()
        assert {k: e.version for k, e in store.list("").entries} == versions
        store.compare_and_swap("a", "2", versions["a"])
        lease.keep_alive()
        lease.revoke()

    def test_a_watch_survives_a_restart_of_the_server(self, store, server, watched):
        watch = watched("w", store.list("w").revision)
        store.put("w/a", "1")
        told = self.heard(watch, lambda told: len(told) >= 1)
        server.stop()
        server.start()
        store.put("w/b", "1")
        store.delete("w/a")
        end = time.monotonic() + self.patience
        while len(told) < 3 and time.monotonic() < end:
            try:
                told += watch.changes(0.2)
            except Unavailable:
                continue
        replay(known := {}, told)
        assert known == dict(store.list("w").entries)
        assert list(known) == ["w/b"]

    def test_a_store_that_is_down_says_so_and_goes_on_when_it_is_up(
        self, store, server, watched
    ):
        version = store.put("a", "1")
        lease = store.lease(self.ttl * 60)
        watch = watched("", store.list("").revision)
        server.stop()
        try:
            for verb in (
                lambda: store.get("a"),
                lambda: store.put("a", "2"),
                lambda: store.create("b", "2"),
                lambda: store.compare_and_swap("a", "2", version),
                lambda: store.compare_and_delete("a", version),
                lambda: store.delete("a"),
                lambda: store.list(""),
                lambda: store.lease(self.ttl),
                lease.keep_alive,
            ):
                with pytest.raises(Unavailable) as refused:
                    verb()
                assert refused.value.explain().count("\n") == 2
            assert eventually(lambda: is_down(watch), self.patience)
        finally:
            server.start()
        assert store.get("a") == Entry("1", version)
        lease.keep_alive()
        store.compare_and_delete("a", version)
        assert store.list("").entries == ()
        lease.revoke()

    # everything together

    def test_it_does_what_a_dictionary_does(self, store):
        numbers = iter(range(1_000_000))
        machine = type(
            "StoreMachine",
            (_Machine,),
            {
                "store": store,
                "numbers": numbers,
                "patience": self.patience,
                "ttl": self.ttl * 60,
            },
        )
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=self.examples,
                stateful_step_count=self.steps,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


KEYS = st.sampled_from(["a", "a/1", "a/2", "a/2/x", "ab", "b/1"])
VALUES = st.text(max_size=6)
LEASES = st.sampled_from([None, None, 0, 1])


class _Machine(RuleBasedStateMachine):
    """Random verbs below a path of its own, beside a dictionary; a watch looks on."""

    store: Store
    numbers: Iterator[int]
    patience: float
    ttl: float

    def __init__(self):
        super().__init__()
        self.root = f"machine{next(self.numbers)}"
        self.model: dict[str, Entry] = {}
        self.highest: dict[str, int] = {}
        self.leases = [None, None]
        self.leased = {}

    @initialize()
    def begin(self):
        self.watch = self.store.watch(self.root, self.store.list(self.root).revision)

    def key(self, key: str) -> str:
        return f"{self.root}/{key}"

    def lease(self, number):
        if number is None:
            return None
        if self.leases[number] is None:
            self.leases[number] = self.store.lease(self.ttl)
        return self.leases[number]

    def set(self, key, value, version, lease):
        assert version > self.highest.get(key, -1)
        self.highest[key] = version
        self.model[key] = Entry(value, version)
        self.leased[key] = lease

    @rule(key=KEYS, value=VALUES, lease=LEASES)
    def put(self, key, value, lease):
        version = self.store.put(self.key(key), value, self.lease(lease))
        self.set(key, value, version, lease)

    @rule(key=KEYS, value=VALUES, lease=LEASES)
    def create(self, key, value, lease):
        def verb():
            return self.store.create(self.key(key), value, self.lease(lease))

        if key in self.model:
            with pytest.raises(Modified):
                verb()
        else:
            self.set(key, value, verb(), lease)

    def version(self, key, back):
        return self.model.get(key, Entry("", 7)).version - back

    @rule(key=KEYS, value=VALUES, back=st.sampled_from([0, 0, 1]), lease=LEASES)
    def compare_and_swap(self, key, value, back, lease):
        def verb():
            version = self.version(key, back)
            where = self.key(key)
            return self.store.compare_and_swap(where, value, version, self.lease(lease))

        if key not in self.model or back:
            with pytest.raises(Modified if key in self.model else NotFound):
                verb()
        else:
            self.set(key, value, verb(), lease)

    @rule(key=KEYS)
    def delete(self, key):
        if key in self.model:
            self.store.delete(self.key(key))
            del self.model[key]
        else:
            with pytest.raises(NotFound):
                self.store.delete(self.key(key))

    @rule(key=KEYS, back=st.sampled_from([0, 0, 1]))
    def compare_and_delete(self, key, back):
        version = self.version(key, back)
        if key not in self.model or back:
            with pytest.raises(Modified if key in self.model else NotFound):
                self.store.compare_and_delete(self.key(key), version)
        else:
            self.store.compare_and_delete(self.key(key), version)
            del self.model[key]

    @precondition(lambda self: any(self.leases))
    @rule(number=st.sampled_from([0, 1]))
    def revoke(self, number):
        if self.leases[number] is None:
            return
        self.leases[number].revoke()
        self.leases[number] = None
        self.model = {
            key: entry
            for key, entry in self.model.items()
            if self.leased[key] != number
        }

    @rule(path=st.sampled_from(["a", "a/2", "b", "c"]), after=st.just("") | KEYS)
    def list(self, path, after):
        later = {
            self.key(key): entry
            for key, entry in self.model.items()
            if key.startswith(path + "/") and key > after
        }
        entries = self.store.list(self.key(path), self.key(after)).entries
        assert entries == tuple(sorted(later.items()))

    @invariant()
    def every_key_has_the_value_that_was_set_last(self):
        found = dict(self.store.list(self.root).entries)
        assert found == {self.key(key): entry for key, entry in self.model.items()}

    def teardown(self):
        """Who has only watched knows the same."""
        wanted = {self.key(key): entry for key, entry in self.model.items()}
        known: dict[str, Entry] = {}

        def knows() -> bool:
            replay(known, list(self.watch.changes(0.01)))
            return known == wanted

        try:
            assert eventually(knows, self.patience), (known, wanted)
        finally:
            self.watch.close()
            for lease in self.leases:
                if lease is not None:
                    lease.revoke()
