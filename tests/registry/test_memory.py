"""The store in memory keeps the contract, and its clock is turned by hand."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.registry import memory, ordered
from minidock.registry.errors import Modified, NotFound
from minidock.registry.memory import MemoryStore
from minidock.registry.ordered import SortedKeys
from minidock.registry.store import Change, find
from tests.contracts.store import StoreContract, replay


class TestMemoryStore(StoreContract):
    name = "memory"
    examples = 100

    @pytest.fixture
    def open_another(self):
        store = MemoryStore()
        return lambda: store

    def wait(self, store, seconds):
        store.advance(seconds)


def test_a_lease_runs_out_by_the_clock_that_is_given():
    now = [100.0]
    store = MemoryStore(lambda: now[0])
    lease = store.lease(5)
    store.put("a", "1", lease)
    now[0] = 104.9
    lease.keep_alive()
    now[0] = 109.8
    assert store.get("a").value == "1"
    now[0] = 109.9
    with pytest.raises(NotFound):
        store.get("a")


def test_a_clock_that_jumps_back_keeps_leases_longer_and_breaks_nothing():
    now = [100.0]
    store = MemoryStore(lambda: now[0])
    store.put("a", "1", store.lease(5))
    now[0] = 50.0
    assert store.get("a").value == "1"
    now[0] = 105.0
    assert find(store, "a") is None


def test_who_waits_hears_of_a_lease_that_runs_out_meanwhile():
    ticks = itertools.count(0.0, 0.01)
    store = MemoryStore(lambda: next(ticks))
    watch = store.watch("", store.list("").revision)
    store.put("a", "1", store.lease(0.2))
    watch.changes(0)
    assert watch.changes(10) == [Change("a", None)]


def test_a_moment_that_is_forgotten_cannot_be_watched_from(monkeypatch):
    monkeypatch.setattr(memory, "_REMEMBERED", 5)
    store = MemoryStore()
    listing = store.list("")
    for number in range(6):
        store.put("a", str(number))
    with pytest.raises(Modified, match="has forgotten") as refused:
        store.watch("", listing.revision)
    assert refused.value.explain().count("\n") == 2
    assert store.watch("", listing.revision + 1).changes(0)[0].entry.value == "5"
    with pytest.raises(Modified):
        store.watch("", 99)


@given(
    steps=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans()), max_size=60),
    reads=st.sets(st.integers(0, 60)),
)
def test_a_watch_that_sleeps_keeps_little_and_tells_the_truth(steps, reads):
    store = MemoryStore()
    watch = store.watch("", 0)
    watch._bound = 4
    known = {}
    memory_bound = memory._REMEMBERED
    try:
        memory._REMEMBERED = 4
        for number, (key, there) in enumerate(steps):
            if there:
                store.put(key, "1")
            elif find(store, key):
                store.delete(key)
            if number in reads:
                replay(known, list(watch.changes(0)))
                assert known == dict(store.list("").entries)
    finally:
        memory._REMEMBERED = memory_bound
    replay(known, list(watch.changes(0)))
    assert known == dict(store.list("").entries)


def test_a_watch_that_sleeps_forgets_what_came_and_went(monkeypatch):
    monkeypatch.setattr(memory, "_REMEMBERED", 10)
    store = MemoryStore()
    store.put("stays", "1")
    watch = store.watch("", store.list("").revision)
    for number in range(1000):
        store.create(f"{number}", "1")
        store.delete(f"{number}")
    store.delete("stays")
    assert len(watch._pending) <= 11
    assert watch.changes(0)[-1] == Change("stays", None)


def test_a_key_that_divides_the_last_chunk_is_found():
    keys = SortedKeys()
    names = [f"{number:06}" for number in range(2 * ordered._CHUNK + 1)]
    for name in names:
        keys.add(name)
    assert list(keys.between(names[-2], None)) == names[-1:]
    keys.remove(names[-1])
    assert list(keys.between("", None)) == names[:-1]


KEYS = st.text("ab/", max_size=4)


@given(steps=st.lists(st.tuples(KEYS, st.booleans()), max_size=80), low=KEYS, high=KEYS)
def test_keys_stay_sorted_whatever_comes_and_goes(steps, low, high):
    chunk, ordered._CHUNK = ordered._CHUNK, 2
    keys, model = SortedKeys(), set()
    try:
        for key, add in steps:
            if add and key not in model:
                keys.add(key)
                model.add(key)
            elif not add and key in model:
                keys.remove(key)
                model.discard(key)
            assert list(keys.between("", None)) == sorted(model - {""})
            between = sorted(key for key in model if low < key < high)
            assert list(keys.between(low, high)) == between
    finally:
        ordered._CHUNK = chunk
