"""Sets of addresses as prefixes: exact, in order, and as few as possible."""

import ipaddress  # noqa: TID251  # the oracle
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import InvalidParameter
from minidock.net.address import V4, V6, Address
from minidock.net.prefix import Prefix
from minidock.net.ranges import collapse, exclude, gaps, summarize
from tests.strategies import addresses, families, prefixes, prefixes_within

KINDS = {V4: ipaddress.IPv4Network, V6: ipaddress.IPv6Network}

# Small enough to list all its addresses, at places where numbers carry.
SMALL = st.builds(Prefix.of, addresses(), st.sampled_from([26, 28, 30, 31, 32])).map(
    lambda one: one if one.family == V4 else Prefix.of(one.first, 96 + one.length)
)


def parsed(*texts):
    return tuple(Prefix.parse(text) for text in texts)


def numbers_of(some):
    return {(a.family, a.value) for prefix in some for a in prefix.addresses()}


def oracle_collapse(some):
    """The oracle takes one family at a time."""
    found = []
    for family, kind in KINDS.items():
        nets = [kind((p.network, p.length)) for p in some if p.family == family]
        found += [
            Prefix(int(net.network_address), net.prefixlen, family)
            for net in ipaddress.collapse_addresses(nets)
        ]
    return tuple(found)


def assert_sorted_and_apart(some):
    for one, other in pairwise(some):
        assert one < other
        assert not one.overlaps(other)


def families_of_prefixes():
    """Some prefixes that overlap and touch, of both families."""
    near = prefixes().flatmap(lambda one: st.lists(prefixes_within(one), max_size=8))
    return st.builds(lambda a, b: [*a, *b], near, st.lists(prefixes(), max_size=4))


def parent_and_taken():
    return SMALL.flatmap(
        lambda parent: st.tuples(
            st.just(parent),
            st.lists(prefixes_within(parent) | prefixes(), max_size=5),
        )
    )


def test_a_range_is_cut_where_its_numbers_are_aligned():
    found = summarize(Address.parse("10.0.0.5"), Address.parse("10.0.0.16"))
    assert found == parsed("10.0.0.5/32", "10.0.0.6/31", "10.0.0.8/29", "10.0.0.16/32")


def test_the_whole_of_a_family_is_one_prefix():
    for whole in parsed("0.0.0.0/0", "::/0"):
        assert summarize(whole.first, whole.last) == (whole,)


def test_the_longest_summary_has_two_prefixes_a_bit():
    found = summarize(Address(1, V6), Address(2**128 - 2, V6))
    assert len(found) == 2 * 127


def test_a_range_of_two_families_is_refused():
    with pytest.raises(InvalidParameter, match="is no range of addresses"):
        summarize(Address(1), Address(2, V6))


def test_halves_are_joined_and_what_is_covered_disappears():
    some = parsed("10.0.1.0/24", "10.0.0.0/24", "10.0.0.7/32", "10.0.0.0/24", "::/1")
    assert collapse(some) == parsed("10.0.0.0/23", "::/1")


def test_neighbours_that_are_no_halves_stay_two():
    some = parsed("10.0.1.0/24", "10.0.2.0/24")
    assert collapse(some) == some


def test_nothing_collapses_to_nothing():
    assert collapse([]) == ()


def test_an_empty_pool_is_one_gap_and_a_full_pool_has_none():
    (pool,) = parsed("172.17.0.0/16")
    assert gaps(pool, []) == (pool,)
    assert gaps(pool, [pool]) == ()
    assert gaps(pool, pool.subnets(24)) == ()


def test_what_lies_outside_leaves_no_mark():
    pool, outside, six = parsed("172.17.0.0/16", "172.18.0.0/16", "::/0")
    assert gaps(pool, [outside, six]) == (pool,)
    assert exclude(pool, outside) == (pool,)


def test_excluding_what_covers_leaves_nothing():
    assert exclude(*parsed("10.1.0.0/16", "10.0.0.0/8")) == ()


@given(families.flatmap(lambda one: st.tuples(addresses(one), addresses(one))))
def test_a_summary_of_a_range_is_that_of_python_s_ipaddress(pair):
    first, last = sorted(pair)
    ends = [
        ipaddress.ip_address(KINDS[a.family](a.value).network_address)
        for a in (first, last)
    ]
    expected = [
        Prefix(int(net.network_address), net.prefixlen, first.family)
        for net in ipaddress.summarize_address_range(*ends)
    ]
    assert list(summarize(first, last)) == expected


@given(families.flatmap(lambda one: st.tuples(addresses(one), addresses(one))))
def test_a_summary_covers_its_range_without_a_gap(pair):
    first, last = sorted(pair)
    found = summarize(first, last)
    assert found[0].first == first
    assert found[-1].last == last
    for one, other in pairwise(found):
        assert one.last + 1 == other.first
    assert collapse(found) == found


@given(families_of_prefixes())
def test_collapsing_prefixes_gives_the_same_whatever_their_order(some):
    found = collapse(some)
    assert found == oracle_collapse(some)
    assert found == collapse(reversed(some))
    assert_sorted_and_apart(found)


@given(families_of_prefixes())
def test_collapsing_prefixes_twice_is_collapsing_them_once(some):
    assert collapse(collapse(some)) == collapse(some)


@given(parent_and_taken())
def test_every_address_of_a_prefix_is_in_a_gap_or_is_taken_and_never_both(pair):
    parent, taken = pair
    free = gaps(parent, taken)
    everything = numbers_of([parent])
    held = {
        (a.family, a.value)
        for a in parent.addresses()
        if any(a in prefix for prefix in taken)
    }
    assert numbers_of(free) == everything - held
    assert_sorted_and_apart(free)
    assert free == collapse(free)  # no smaller set would do


@given(
    prefixes().flatmap(
        lambda one: st.tuples(st.just(one), st.lists(prefixes_within(one)))
    )
)
def test_the_gaps_and_what_is_taken_make_up_the_prefix_again(pair):
    parent, taken = pair
    free = gaps(parent, taken)
    assert not any(one.overlaps(other) for one in free for other in taken)
    assert collapse([*free, *taken]) == (parent,)


@given(prefixes().flatmap(lambda one: st.tuples(st.just(one), prefixes_within(one))))
def test_excluding_a_prefix_is_done_as_in_python_s_ipaddress(pair):
    parent, removed = pair
    kind = KINDS[parent.family]
    expected = kind((parent.network, parent.length)).address_exclude(
        kind((removed.network, removed.length))
    )
    assert exclude(parent, removed) == tuple(
        sorted(
            Prefix(int(net.network_address), net.prefixlen, parent.family)
            for net in expected
        )
    )


@given(prefixes().flatmap(lambda one: st.tuples(st.just(one), prefixes_within(one))))
def test_excluding_a_prefix_leaves_one_for_each_bit_between(pair):
    parent, removed = pair
    assert len(exclude(parent, removed)) == removed.length - parent.length
