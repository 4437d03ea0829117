"""Prefixes: what they hold, how they lie to each other, how they are cut."""

import ipaddress  # noqa: TID251  # the oracle
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidock.errors import AddressOutOfRange, InvalidParameter, NotationError
from minidock.net.address import BITS, V4, V6, Address
from minidock.net.prefix import Prefix
from tests.strategies import addresses, families, prefixes, prefixes_within


def oracle(prefix):
    kinds = {V4: ipaddress.IPv4Network, V6: ipaddress.IPv6Network}
    return kinds[prefix.family]((prefix.network, prefix.length))


def two_prefixes():
    """Two of one family; often the second lies in the first."""
    apart = families.flatmap(lambda one: st.tuples(prefixes(one), prefixes(one)))
    within = prefixes().flatmap(
        lambda one: st.tuples(st.just(one), prefixes_within(one))
    )
    return apart | within


def test_a_prefix_is_a_range_of_numbers():
    prefix = Prefix.parse("172.17.0.0/16")
    assert (prefix.network, prefix.length, prefix.family) == (0xAC110000, 16, V4)
    assert (str(prefix.first), str(prefix.last)) == ("172.17.0.0", "172.17.255.255")
    assert (prefix.size, prefix.bits, str(prefix.netmask)) == (65536, 32, "255.255.0.0")
    assert prefix == Prefix(0xAC110000, 16)
    assert repr(prefix) == "Prefix.parse('172.17.0.0/16')"


def test_host_bits_are_refused_with_the_prefix_that_was_meant():
    with pytest.raises(NotationError) as caught:
        Prefix.parse("192.168.5.1/24")
    assert caught.value.explain() == (
        "asked:  read '192.168.5.1/24'\n"
        "rule:   a /24 fixes the first 24 bits; the bits after them are zero\n"
        "try:    192.168.5.0/24, or a greater length"
    )
    masked = Prefix.parse("192.168.5.1/24", host_bits=True)
    assert masked == Prefix.parse("192.168.5.0/24")


def test_all_addresses_and_one_address_are_prefixes_too():
    assert Prefix.parse("0.0.0.0/0").size == 2**32
    assert Prefix.parse("::/0").size == 2**128
    assert Prefix.parse("10.0.0.1/32").first == Prefix.parse("10.0.0.1/32").last


@pytest.mark.parametrize("length", [-1, 33])
def test_a_length_that_the_family_lacks_is_refused(length):
    for build in (
        lambda: Prefix(0, length),
        lambda: Prefix.of(Address(0), length),
    ):
        with pytest.raises(NotationError, match=f"IPv4 prefix has no length {length}"):
            build()


def test_a_prefix_cannot_be_changed():
    prefix = Prefix.parse("10.0.0.0/8")
    for name in ("network", "length", "family", "first", "zone"):
        with pytest.raises(AttributeError):
            setattr(prefix, name, 9)


def test_an_address_of_the_other_family_is_in_no_prefix():
    assert Address(1, V6) not in Prefix(0, 0)
    assert not Prefix(0, 0).overlaps(Prefix(0, 0, V6))
    assert not Prefix(0, 0, V6).covers(Prefix(0, 0))


def test_a_negative_place_is_refused():
    with pytest.raises(AddressOutOfRange):
        Prefix.parse("10.0.0.0/8").address(-1)


def test_a_prefix_is_not_cut_into_larger_ones_at_once():
    # The refusal comes from the call, not from the first use of its result.
    with pytest.raises(InvalidParameter, match="cannot be cut into /129"):
        Prefix.parse("fd00::/64").subnets(129)


def test_prefixes_of_different_lengths_or_families_differ():
    assert Prefix.parse("10.0.0.0/8") != Prefix.parse("10.0.0.0/9")
    assert Prefix.parse("0.0.0.0/0") != Prefix.parse("::/0")


def test_a_prefix_equals_no_text_and_no_address():
    assert Prefix.parse("10.0.0.1/32") != "10.0.0.1/32"
    assert Prefix.parse("10.0.0.1/32") != Address.parse("10.0.0.1")


@given(addresses(), st.data())
def test_the_host_bits_of_a_prefix_are_masked_if_asked_and_else_refused(address, data):
    length = data.draw(st.integers(0, address.bits))
    text = f"{address}/{length}"
    masked = Prefix.parse(text, host_bits=True)
    assert masked == Prefix.of(address, length)
    assert address in masked
    if masked.first == address:
        assert Prefix.parse(text) == masked
    else:
        with pytest.raises(NotationError, match="has host bits set"):
            Prefix.parse(text)
        with pytest.raises(NotationError, match="has host bits set"):
            Prefix(address.value, length, address.family)


@given(prefixes())
def test_the_ends_of_a_prefix_and_its_mask_and_size_are_those_of_python_s_ipaddress(
    prefix,
):
    peer = oracle(prefix)
    assert prefix.first.value == int(peer.network_address)
    assert prefix.last.value == int(peer.broadcast_address)
    assert prefix.netmask.value == int(peer.netmask)
    assert prefix.size == peer.num_addresses


@given(families.flatmap(lambda one: st.tuples(prefixes(one), addresses(one))))
def test_an_address_is_in_a_prefix_exactly_if_it_lies_between_its_ends(pair):
    prefix, address = pair
    inside = prefix.first <= address <= prefix.last
    assert (address in prefix) == inside
    assert (address in prefix) == (Prefix.of(address, prefix.length) == prefix)


@given(two_prefixes())
def test_covering_and_overlapping_are_as_in_python_s_ipaddress(pair):
    one, other = pair
    assert one.covers(other) == oracle(other).subnet_of(oracle(one))
    assert one.overlaps(other) == oracle(one).overlaps(oracle(other))


@given(two_prefixes())
def test_two_prefixes_are_apart_or_one_covers_the_other(pair):
    one, other = pair
    assert one.overlaps(other) == (one.covers(other) or other.covers(one))


@given(two_prefixes())
def test_a_prefix_comes_before_what_it_covers(pair):
    one, other = pair
    assert (one < other) == (oracle(one) < oracle(other))
    assert (one >= other) == (oracle(one) >= oracle(other))
    if one.covers(other):
        assert one <= other


@given(prefixes(), st.integers(0, 6))
def test_the_subnets_of_a_prefix_make_it_up_without_a_gap(prefix, extra):
    length = min(prefix.length + extra, prefix.bits)
    parts = list(prefix.subnets(length))
    assert [str(part.first) for part in parts] == [
        str(Address(int(part.network_address), prefix.family))
        for part in oracle(prefix).subnets(new_prefix=length)
    ]
    assert sum(part.size for part in parts) == prefix.size
    assert all(part.supernet(prefix.length) == prefix for part in parts)
    assert all(Prefix.parse(str(part)) == part for part in parts)


@given(prefixes())
def test_the_first_subnet_comes_without_making_the_others(prefix):
    first = next(prefix.subnets(BITS[prefix.family]))
    assert first == Prefix.of(prefix.first, prefix.bits)


@given(prefixes(), st.integers(0, 128))
def test_a_supernet_covers_what_it_was_made_from(prefix, length):
    if length > prefix.length:
        with pytest.raises(InvalidParameter):
            prefix.supernet(length)
    else:
        parent = prefix.supernet(length)
        assert parent.covers(prefix)
        assert oracle(parent) == oracle(prefix).supernet(new_prefix=length)


@given(prefixes(), st.data())
def test_the_nth_address_of_a_prefix_is_n_after_the_first(prefix, data):
    n = data.draw(st.integers(0, prefix.size - 1))
    assert prefix.address(n) - prefix.first == n
    assert prefix.address(n) in prefix
    with pytest.raises(AddressOutOfRange):
        prefix.address(prefix.size + n)


@given(prefixes())
def test_the_addresses_of_a_prefix_are_listed_in_order_without_a_gap(prefix):
    some = list(islice(prefix.addresses(), 70))
    assert some == [prefix.address(n) for n in range(min(70, prefix.size))]


@given(prefixes())
def test_equal_prefixes_are_one_key_of_a_dictionary(prefix):
    twin = Prefix.parse(str(prefix))
    assert twin == prefix
    assert hash(twin) == hash(prefix)
    assert eval(repr(twin), {"Prefix": Prefix}) == prefix
