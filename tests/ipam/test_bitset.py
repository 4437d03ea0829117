"""BitSet: which numbers are taken, in pools small and large."""

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from minidock.ipam.bitset import BitSet

SIZES = [1, 2, 256, 4096, 65536, 65537, 1 << 24, 1 << 64, 1 << 128]


def holding(size, numbers):
    bits = BitSet(size)
    for number in numbers:
        bits = bits.including(number)
    return bits


def test_including_a_member_is_refused():
    with pytest.raises(KeyError):
        BitSet(256).including(3).including(3)


def test_excluding_a_stranger_is_refused():
    with pytest.raises(KeyError):
        BitSet(1 << 64).excluding(1 << 40)


@pytest.mark.parametrize("size", [65536, 1 << 24])
def test_the_search_jumps_over_full_leaves_and_places(size):
    bits, numbers = BitSet(size).including_lowest(65536, 0, size - 1)
    assert numbers == list(range(65536))
    assert bits.next_absent(5) == 65536
    assert bits.excluding(40_000).next_absent(5) == 40_000
    assert bits.excluding(40_000).including(40_000) == bits
    assert bits.invariants() == []
    assert bits.excluding(40_000).invariants() == []


@pytest.mark.parametrize("size", [65536, 1 << 24])
@pytest.mark.parametrize("leaves", range(1, 33))
def test_the_search_finds_the_first_leaf_that_is_not_full(size, leaves):
    bits, _ = BitSet(size).including_lowest(leaves * 2048, 0, size - 1)
    assert bits.next_absent(7) == leaves * 2048


def test_a_full_place_in_the_middle_of_nowhere_is_jumped_over():
    start = 5 << 40
    bits, _ = BitSet(1 << 64).including_lowest(70_000, start, start + (1 << 20))
    assert bits.next_absent(start + 3) == start + 70_000
    assert bits.next_absent(0) == 0
    assert bits.invariants() == []


def test_a_set_survives_pickling():
    bits = holding(1 << 24, [0, 5, 70_000])
    assert pickle.loads(pickle.dumps(bits)) == bits


def test_a_broken_set_names_what_is_broken():
    bits = holding(256, [1])
    bits._shard = {0: 2, 1: 0}
    assert bits.invariants() == ["no-empty-leaf"]
    bits._shard = {0: 2, ~0: 1}
    assert bits.invariants() == ["marks"]
    large = holding(1 << 24, [1])
    large._full = large._full.including(3, 4)
    assert large.invariants() == ["full-places"]
    large = holding(1 << 24, [1])
    large._shard = {7 << 5: 1}
    assert large.invariants() == ["at-home"]


@settings(max_examples=50)
@given(st.sampled_from(SIZES), st.data())
def test_a_bitset_holds_just_the_numbers_that_were_included(size, data):
    numbers = data.draw(st.sets(st.integers(0, size - 1), max_size=20))
    bits = holding(size, numbers)
    assert list(bits) == sorted(numbers)
    assert len(bits) == len(numbers)
    assert bits.invariants() == []
    for number in numbers:
        assert number in bits
        bits = bits.excluding(number)
    assert bits == BitSet(size)


@settings(max_examples=50)
@given(
    st.sets(st.integers(0, 5000), max_size=60),
    st.integers(0, 300),
    st.integers(0, 5000),
    st.integers(0, 5000),
)
def test_including_many_of_the_lowest_numbers_is_including_them_one_by_one(
    taken, count, low, high
):
    bits = holding(5001, taken)
    many, numbers = bits.including_lowest(count, low, high)
    free = [n for n in range(low, high + 1) if n not in taken][:count]
    assert numbers == free
    assert many == holding(5001, taken | set(free))


class AgainstASet(RuleBasedStateMachine):
    """Bits beside a plain set. The numbers lie around the seams of leaves and places."""

    @initialize(size=st.sampled_from([4096, 65536, 1 << 24, 1 << 64]))
    def start(self, size):
        self.size = size
        self.bits, self.model = BitSet(size), set()
        self.before, self.before_model = self.bits, set()

    @rule(
        at=st.sampled_from([0, 2048, 63488, 65536, 1 << 20, 1 << 40]),
        offset=st.integers(-5, 5),
    )
    def flip(self, at, offset):
        number = (at + offset) % self.size
        self.before, self.before_model = self.bits, set(self.model)
        if number in self.model:
            with pytest.raises(KeyError):
                self.bits.including(number)
            self.bits = self.bits.excluding(number)
        else:
            with pytest.raises(KeyError):
                self.bits.excluding(number)
            self.bits = self.bits.including(number)
        self.model ^= {number}

    @rule(start=st.integers(0, 70_000), count=st.integers(1, 5000))
    def fill(self, start, count):
        start %= self.size
        self.bits, numbers = self.bits.including_lowest(count, start, self.size - 1)
        assert not self.model & set(numbers)
        self.model |= set(numbers)

    @precondition(lambda self: len(self.model) > 100)
    @rule(step=st.integers(1, 3))
    def thin_out(self, step):
        for number in sorted(self.model)[:: 50 * step]:
            self.bits = self.bits.excluding(number)
            self.model.discard(number)

    @rule(number=st.integers(0, 70_000))
    def ask(self, number):
        number %= self.size
        absent = number
        while absent in self.model:
            absent += 1
        assert self.bits.next_absent(number) == absent
        assert (number in self.bits) == (number in self.model)

    @invariant()
    def a_bitset_has_the_numbers_of_a_plain_set_in_order(self):
        if hasattr(self, "bits"):
            assert self.bits.invariants() == []
            assert list(self.bits) == sorted(self.model)
            assert list(self.before) == sorted(self.before_model)


AgainstASet.TestCase.settings = settings(max_examples=25, stateful_step_count=25)
TestAgainstASet = AgainstASet.TestCase
