"""SortedMap: an ordered map that never changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from minidock.ipam import sortedmap as module
from minidock.ipam.sortedmap import SortedMap

keys = st.integers(0, 24)


def filled(pairs):
    made = SortedMap()
    for key, value in pairs:
        made = made.set(key, value)
    return made


def test_setting_a_key_again_replaces_its_value():
    assert list(filled([(3, "a"), (3, "b")])) == [(3, "b")]


def test_deleting_a_missing_key_is_refused():
    with pytest.raises(KeyError):
        filled([(3, "a")]).delete(4)


def test_a_map_that_was_changed_is_still_there_unchanged():
    first = filled([(3, "a")])
    first.set(4, "b")
    assert list(first) == [(3, "a")]


def test_the_lower_neighbour_may_lie_in_the_chunk_before():
    made = filled((key, str(key)) for key in range(0, 80, 10))
    for key in (30, 40):
        made = made.delete(key)
    assert [made.at_or_below(key) for key in (35, 45, 49)] == [(20, "20")] * 3


@pytest.mark.parametrize("low", [0, 30, 60])
def test_chunks_that_become_empty_go(low):
    made = filled((key, str(key)) for key in range(0, 80, 10))
    for key in range(low, 80, 10)[:3]:
        made = made.delete(key)
    left = [key for key in range(0, 80, 10) if key not in range(low, low + 30)]
    assert [key for key, _ in made] == left
    assert made.invariants() == []
    assert made.set(5, "five").get(5) == "five"


@given(st.dictionaries(keys, st.text(max_size=1)), st.randoms())
def test_the_order_in_which_keys_were_set_does_not_matter(entries, random):
    shuffled = list(entries.items())
    random.shuffle(shuffled)
    assert filled(shuffled) == filled(sorted(entries.items()))
    assert hash(filled(shuffled)) == hash(filled(sorted(entries.items())))


def test_a_broken_map_names_what_is_broken():
    made = filled([(1, "a"), (2, "b")])
    made._chunks = (((2, 1), ("a",)),)
    assert made.invariants() == ["ascending", "paired"]
    made._chunks, made._separators = (((1,), ("a",)), ((2,), ("b",))), (-1, 3)
    assert made.invariants() == ["separated"]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 3)


class AgainstADict(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(module, "_CHUNK", 3)
        self.made, self.model = SortedMap(), {}

    def teardown(self):
        self.patch.undo()

    @rule(key=keys, value=st.integers())
    def set(self, key, value):
        self.made = self.made.set(key, value)
        self.model[key] = value

    @rule(key=keys)
    def delete(self, key):
        if key in self.model:
            self.made = self.made.delete(key)
            del self.model[key]
        else:
            with pytest.raises(KeyError):
                self.made.delete(key)

    @rule(n=st.integers(0, 24), count=st.integers(1, 4))
    def delete_neighbours(self, n, count):
        for key in sorted(self.model)[n : n + count]:
            self.made = self.made.delete(key)
            del self.model[key]

    @rule(key=keys)
    def ask(self, key):
        ordered = sorted(self.model.items())
        assert self.made.get(key) == self.model.get(key)
        assert list(self.made.at_or_above(key)) == [p for p in ordered if p[0] >= key]
        below = [pair for pair in ordered if pair[0] <= key]
        assert self.made.at_or_below(key) == (below[-1] if below else None)

    @invariant()
    def a_sorted_map_has_the_entries_of_a_dictionary_in_order(self):
        assert self.made.invariants() == []
        assert list(self.made) == sorted(self.model.items())
        assert len(self.made) == len(self.model)


TestAgainstADict = AgainstADict.TestCase
