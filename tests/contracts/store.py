"""What every store must do, as functions over any implementation.

A new implementation is certified by :func:`check_store`, given a function that opens an
empty one; the machine compares it with a dictionary under random verbs.
"""

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from minidock.registry.store import Entry, Store

KEYS = st.sampled_from(["a", "a/1", "a/2", "a/2/x", "ab", "b/1"])
VALUES = st.text(max_size=6)


class _Machine(RuleBasedStateMachine):
    make: Callable[[], Store]

    def __init__(self):
        super().__init__()
        self.store = type(self).make()
        self.model: dict[str, Entry] = {}

    @rule(key=KEYS, value=VALUES)
    def put(self, key, value):
        version = self.model[key].version + 1 if key in self.model else 1
        assert self.store.put(key, value) == version
        self.model[key] = Entry(value, version)

    @rule(key=KEYS, value=VALUES)
    def create(self, key, value):
        assert self.store.create(key, value) == (key not in self.model)
        self.model.setdefault(key, Entry(value, 1))

    @rule(key=KEYS, value=VALUES, version=st.integers(0, 3))
    def compare_and_swap(self, key, value, version):
        fits = key in self.model and self.model[key].version == version
        assert self.store.compare_and_swap(key, value, version) == fits
        if fits:
            self.model[key] = Entry(value, version + 1)

    @rule(key=KEYS, version=st.one_of(st.none(), st.integers(0, 3)))
    def delete(self, key, version):
        fits = key in self.model and version in {None, self.model[key].version}
        assert self.store.delete(key, version) == fits
        if fits:
            del self.model[key]

    @rule(entries=st.dictionaries(KEYS, st.none() | VALUES, max_size=4))
    def write(self, entries):
        self.store.write(entries)
        for key, value in entries.items():
            if value is None:
                self.model.pop(key, None)
            else:
                version = self.model[key].version + 1 if key in self.model else 1
                self.model[key] = Entry(value, version)

    @rule(prefix=st.sampled_from(["a", "a/2", "b", "c"]), after=st.just("") | KEYS)
    def list(self, prefix, after):
        below = {k: v for k, v in self.model.items() if k.startswith(prefix + "/")}
        assert self.store.list(prefix) == sorted(below.items())
        later = {k: v for k, v in below.items() if k > after}
        assert self.store.list(prefix, after) == sorted(later.items())

    @invariant()
    def every_key_has_the_value_that_was_set_last(self):
        for key in ["a", "a/1", "a/2", "a/2/x", "ab", "b/1"]:
            assert self.store.get(key) == self.model.get(key)

    def teardown(self):
        self.store.close()


def check_store(make: Callable[[], Store]) -> None:
    """Certify an implementation; ``make`` opens an empty store."""
    machine = type("StoreMachine", (_Machine,), {"make": staticmethod(make)})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=40, deadline=None)
    )
