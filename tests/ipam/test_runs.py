"""Runs: a set of numbers kept as boundaries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from minidock.ipam import runs as module
from minidock.ipam.runs import Runs

TOP = 200
stretches = st.tuples(st.integers(0, TOP), st.integers(1, 30)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)


def numbers(runs):
    return {number for run in runs for number in range(*run)}


def test_neighbours_melt_into_one_run():
    assert tuple(Runs([(0, 3)]).including(5, 7).including(3, 5)) == ((0, 7),)


def test_a_hole_cuts_a_run_in_two():
    assert tuple(Runs([(0, 7)]).excluding(3, 5)) == ((0, 3), (5, 7))


def test_a_full_slash_eight_is_one_run():
    runs = Runs()
    for begin in range(0, 1 << 24, 1 << 16):
        runs = runs.including(begin, begin + (1 << 16))
    assert tuple(runs) == ((0, 1 << 24),)


def test_nothing_is_present_above_the_last_run():
    assert Runs([(5, 7)]).next_present(7) is None


@pytest.mark.parametrize("low", [0, 30, 60])
def test_chunks_that_become_empty_go(low):
    runs = Runs((begin, begin + 5) for begin in range(0, 90, 10))
    left = runs.excluding(low, low + 15).excluding(low + 15, low + 30)
    kept = [b for b in range(0, 90, 10) if b not in range(low, low + 30)]
    assert [begin for begin, _ in left] == kept
    assert left.invariants() == []
    assert 3 in left.including(3, 4)


@given(st.lists(stretches))
def test_a_set_of_runs_holds_just_the_numbers_of_its_stretches(given_runs):
    runs = Runs(given_runs)
    assert numbers(runs) == numbers(given_runs)
    assert runs.invariants() == []


@given(st.lists(stretches), stretches)
def test_excluding_numbers_undoes_including_them_where_they_were_absent(
    given_runs, stretch
):
    runs = Runs(given_runs)
    if not runs.touches(*stretch):
        assert runs.including(*stretch).excluding(*stretch) == runs


@given(st.lists(stretches))
def test_equal_sets_are_equal_however_they_came_about(given_runs):
    one_by_one = Runs()
    for number in sorted(numbers(given_runs), reverse=True):
        one_by_one = one_by_one.including(number, number + 1)
    assert one_by_one == Runs(given_runs)
    assert hash(one_by_one) == hash(Runs(given_runs))


def test_a_broken_set_names_what_is_broken():
    runs = Runs([(0, 3), (5, 7)])
    runs._chunks = ((5, 7, 0),)
    assert runs.invariants() == ["ascending", "whole-runs"]
    runs._chunks, runs._separators = ((0, 3), (5, 7)), (-1, 6)
    assert runs.invariants() == ["separated"]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Chunks so small that every test cuts and joins them."""
    monkeypatch.setattr(module, "_CHUNK", 4)


class AgainstASet(RuleBasedStateMachine):
    """Runs beside a plain set; every older value must stay as it was."""

    def __init__(self):
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(module, "_CHUNK", 4)
        self.runs, self.model = Runs(), set()
        self.before, self.before_model = self.runs, set()

    def teardown(self):
        self.patch.undo()

    def remember(self):
        self.before, self.before_model = self.runs, set(self.model)

    @rule(stretch=stretches)
    def include(self, stretch):
        self.remember()
        self.runs = self.runs.including(*stretch)
        self.model |= set(range(*stretch))

    @rule(stretch=stretches)
    def exclude(self, stretch):
        self.remember()
        self.runs = self.runs.excluding(*stretch)
        self.model -= set(range(*stretch))

    @rule(stretch=stretches)
    def ask(self, stretch):
        begin, end = stretch
        model = self.model
        assert (begin in self.runs) == (begin in model)
        assert self.runs.touches(begin, end) == any(n in model for n in range(*stretch))
        absent = next(n for n in range(begin, 2 * TOP) if n not in model)
        assert self.runs.next_absent(begin) == absent
        present = next((n for n in range(begin, 2 * TOP) if n in model), None)
        assert self.runs.next_present(begin) == present

    @invariant()
    def a_set_of_runs_has_the_numbers_of_a_plain_set_and_no_older_value_changes(self):
        assert self.runs.invariants() == []
        assert numbers(self.runs) == self.model
        assert numbers(self.before) == self.before_model


TestAgainstASet = AgainstASet.TestCase
